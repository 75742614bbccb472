//! The outcome verifier: reads the final answer of a solution and compares nothing else.

use crate::decimal::Decimal;
use crate::{Verdict, Verifier};
use eightfold_task::Problem;

/// Compares final answers only, as the paper's reward does: a wrong step that does not reach the answer goes
/// unpunished.
///
/// Two kinds of solution are read. In the lexicon world the answer is the last line that begins with
/// `answer `, compared token by token. In worked text it is what stands after the last `####`, `A:` or
/// `The answer is`, compared as an exact number; the problem's answer may be such a text itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct FinalAnswer;

impl Verifier for FinalAnswer {
    fn verify(&self, problem: &Problem, solution: &str) -> Verdict {
        let gold = &problem.answer.0;
        if let Some(found) = answer_line(solution) {
            let gold = answer_line(gold).unwrap_or(gold);
            if found.split_whitespace().eq(gold.split_whitespace()) {
                return Verdict::Correct;
            }
        }
        let found = answer_line(solution).or_else(|| marked(solution));
        match (Decimal::leading(marked(gold).unwrap_or(gold)), found) {
            (_, None) => Verdict::NoAnswer,
            (Some(gold), Some(found)) if Decimal::leading(found) == Some(gold.clone()) => Verdict::Correct,
            _ => Verdict::Incorrect,
        }
    }
}

/// What the last line beginning with `answer ` says.
fn answer_line(text: &str) -> Option<&str> {
    text.lines().rev().find_map(|line| line.strip_prefix("answer "))
}

/// What stands after the last marker of a final answer in worked text.
fn marked(text: &str) -> Option<&str> {
    let after = |marker: &str| text.rfind(marker).map(|at| at + marker.len());
    let line = text.lines().rev().find_map(|line| line.trim_start().strip_prefix("A:"));
    let line = line.map(|rest| rest.as_ptr() as usize - text.as_ptr() as usize);
    let start = [after("####"), after("he answer is"), line].into_iter().flatten().max()?;
    Some(text[start..].trim_start_matches([':', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(gold: &str, solution: &str) -> Verdict {
        FinalAnswer.verify(&Problem::new("?", gold), solution)
    }

    #[test]
    fn the_lexicon_world_answers_with_a_name_and_a_number() {
        let story = "Ann is Ann 7 .\nDan daxes Ann 7 +1 Dan 8 .\nanswer Dan 8";
        assert_eq!(verdict("Dan 8", story), Verdict::Correct);
        assert_eq!(verdict("Dan 7", story), Verdict::Incorrect);
        assert_eq!(verdict("Ann 8", story), Verdict::Incorrect);
        assert_eq!(verdict("Dan 8", "Ann is Ann 7 .\nDan daxes Ann 7 +1 Dan 8 ."), Verdict::NoAnswer);
        assert_eq!(verdict("Dan 8", "answer Dan 9\nanswer Dan  8 \n"), Verdict::Correct);
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
}
