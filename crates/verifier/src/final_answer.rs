//! The outcome verifier: reads the final answer of a solution and compares nothing else.

use crate::grade::{Grader, gold_answer};
use crate::options::{Marker, Options};
use crate::{Judgment, Verdict, Verifier, extract};
use eightfold_task::Problem;
use std::sync::LazyLock;

/// Compares final answers only, as the paper's reward does: a wrong step that does not reach the answer goes
/// unpunished.
///
/// The answer is what a box, `####`, "the answer is" or `A:` marks, compared by [`Grader`]; nothing is guessed from text
/// without a mark. The problem's answer may be such a text itself. An answer that the grader leaves undecided is
/// incorrect: it earns no reward.
#[derive(Clone, Copy, Debug, Default)]
pub struct FinalAnswer;

static GRADER: LazyLock<Grader> =
    LazyLock::new(|| Grader::new(Options { markers: Marker::EXPLICIT.to_vec(), ..Options::default() }));

impl Verifier for FinalAnswer {
    fn verify(&self, problem: &Problem, solution: &str) -> Verdict {
        let Some(found) = extract(solution, &Marker::EXPLICIT) else { return Verdict::NoAnswer };
        match GRADER.compare(&gold_answer(&problem.answer.0), &found.text).judgment {
            Judgment::Equal => Verdict::Correct,
            Judgment::Different | Judgment::Undecided => Verdict::Incorrect,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(gold: &str, solution: &str) -> Verdict {
        FinalAnswer.verify(&Problem::new("?", gold), solution)
    }

    #[test]
    fn worked_text_answers_with_a_marked_number() {
        assert_eq!(verdict("18", "So 9 + 9 = 18.\n#### 18"), Verdict::Correct);
        assert_eq!(verdict("It is 18.\n#### 18", "A: 18.0"), Verdict::Correct);
        assert_eq!(verdict("1234.5", "The answer is $1,234.50."), Verdict::Correct);
        assert_eq!(verdict("3,000", "A: 3000"), Verdict::Correct);
        assert_eq!(verdict("18", "A: 19"), Verdict::Incorrect);
        assert_eq!(verdict("18", "#### 1.8"), Verdict::Incorrect);
        assert_eq!(verdict("18", "So 9 + 9 = 18"), Verdict::NoAnswer);
        assert_eq!(verdict("18", ""), Verdict::NoAnswer);
    }

    #[test]
    fn a_line_that_begins_like_the_lexicons_answer_marks_nothing() {
        // A step of the lexicon's form beside a marked answer, and a sentence that begins with its word.
        assert_eq!(verdict("18", "answer 18\n#### 20"), Verdict::Incorrect);
        assert_eq!(verdict("18", "answer the question first\n#### 18"), Verdict::Correct);
        assert_eq!(verdict("18", "answer 18"), Verdict::NoAnswer);
    }
}
