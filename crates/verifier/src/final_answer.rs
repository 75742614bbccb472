//! The outcome verifier: reads the final answer of a solution and compares nothing else.

use crate::grade::{Grader, gold_answer};
use crate::options::{Marker, Options};
use crate::{Judgment, Verdict, Verifier, extract};
use eightfold_task::Problem;
use std::sync::LazyLock;

/// Compares final answers only, as the paper's reward does: a wrong step that does not reach the answer goes
/// unpunished.
///
/// Two kinds of solution are read. In the lexicon world the answer is the last line that begins with
/// `answer `, compared token by token. In worked text it is what a box, `####`, "the answer is" or `A:` marks,
/// compared by [`Grader`]; nothing is guessed from text without a mark. The problem's answer may be such a
/// text itself. An answer that the grader leaves undecided is incorrect: it earns no reward.
#[derive(Clone, Copy, Debug, Default)]
pub struct FinalAnswer;

static GRADER: LazyLock<Grader> =
    LazyLock::new(|| Grader::new(Options { markers: Marker::EXPLICIT.to_vec(), ..Options::default() }));

impl Verifier for FinalAnswer {
    fn verify(&self, problem: &Problem, solution: &str) -> Verdict {
        let gold = &problem.answer.0;
        let found = match answer_line(solution) {
            Some(found) => {
                let gold = answer_line(gold).unwrap_or(gold);
                if found.split_whitespace().eq(gold.split_whitespace()) {
                    return Verdict::Correct;
                }
                if is_name_and_value(gold) {
                    return Verdict::Incorrect;
                }
                found.to_owned()
            }
            None => match extract(solution, &Marker::EXPLICIT) {
                Some(found) => found.text,
                None => return Verdict::NoAnswer,
            },
        };
        match GRADER.compare(&gold_answer(gold), &found).judgment {
            Judgment::Equal => Verdict::Correct,
            Judgment::Different | Judgment::Undecided => Verdict::Incorrect,
        }
    }
}

/// What the last line beginning with `answer ` says.
fn answer_line(text: &str) -> Option<&str> {
    text.lines().rev().find_map(|line| line.strip_prefix("answer "))
}

/// Whether this is an answer of the lexicon world, as `Dan 8`.
fn is_name_and_value(gold: &str) -> bool {
    let mut tokens = gold.split_whitespace();
    let name = tokens.next().is_some_and(|name| name.starts_with(char::is_alphabetic));
    let value = tokens.next().is_some_and(|value| value.bytes().all(|b| b.is_ascii_digit()));
    name && value && tokens.next().is_none()
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
