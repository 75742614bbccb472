//! The verifier of the lexicon's stories.

use crate::{Verdict, Verifier};
use eightfold_task::Problem;
use eightfold_task::lexicon::stated_answer;

/// Compares the final answer of a story, a name and a number, word by word. How it is read is the world's affair
/// ([`stated_answer`]); no mark of worked text counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct LexiconAnswer;

impl Verifier for LexiconAnswer {
    fn verify(&self, problem: &Problem, solution: &str) -> Verdict {
        let Some(found) = stated_answer(solution) else { return Verdict::NoAnswer };
        let right = found.split_whitespace().eq(problem.answer.0.split_whitespace());
        if right { Verdict::Correct } else { Verdict::Incorrect }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(gold: &str, solution: &str) -> Verdict {
        LexiconAnswer.verify(&Problem::new("?", gold), solution)
    }

    #[test]
    fn a_story_is_answered_with_a_name_and_a_number() {
        let story = "Ann is Ann 7 .\nDan daxes Ann 7 +1 Dan 8 .\nanswer Dan 8";
        assert_eq!(verdict("Dan 8", story), Verdict::Correct);
        assert_eq!(verdict("Dan 7", story), Verdict::Incorrect);
        assert_eq!(verdict("Ann 8", story), Verdict::Incorrect);
        assert_eq!(verdict("Dan 8", "Ann is Ann 7 .\nDan daxes Ann 7 +1 Dan 8 ."), Verdict::NoAnswer);
        assert_eq!(verdict("Dan 8", "answer Dan 9\nanswer Dan  8 \n"), Verdict::Correct);
        assert_eq!(verdict("Dan 8", "#### Dan 8"), Verdict::NoAnswer);
    }
}
