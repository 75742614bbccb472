//! The stages of synthesis: questions, the check, solutions that agree.

use crate::server::{BatchArgs, Next, Others, Prompter, Session};
use crate::status::Status;
use eightfold_exchange::{ProblemRow, Split};
use eightfold_server::{Answer, Ask};
use eightfold_synth::{agreement, sample_draws};
use eightfold_task::{Key, Problem, copy_text};
use eightfold_verifier::Grader;
use serde_json::{Map, json};
use std::collections::HashSet;
use std::sync::Arc;

/// What the stages share.
pub(super) struct Stages<'a> {
    pub(super) session: &'a Session,
    pub(super) batch: &'a BatchArgs,
    /// Root of the random streams.
    pub(super) seed: u64,
}

/// What every stage let go.
#[derive(Default)]
pub(super) struct Tally {
    asked: usize,
    /// Completions of any stage that the server refused or withheld.
    pub(super) withheld: usize,
    /// Whether a line of a batch's answers was malformed.
    pub(super) malformed: bool,
    cut: usize,
    copies: usize,
    unsound: usize,
    silent: usize,
    disputed: usize,
}

impl Tally {
    /// Writes the counts to standard error.
    pub(super) fn summarize(&self, kept: usize) {
        eprintln!("{:>8}  questions asked for", self.asked);
        if self.withheld > 0 {
            eprintln!("{:>8}  completions of any stage refused or withheld by the server", self.withheld);
        }
        eprintln!("{:>8}  empty or cut at the longest length", self.cut);
        eprintln!("{:>8}  the seed again, or another new question again", self.copies);
        eprintln!("{:>8}  not sound by the model's own check", self.unsound);
        eprintln!("{:>8}  without a marked answer in any solution", self.silent);
        eprintln!("{:>8}  whose solutions do not agree", self.disputed);
        eprintln!("{kept:>8}  new problems");
    }
}

impl Stages<'_> {
    /// What is asked for the new questions: `per_seed` for each seed, in order.
    pub(super) fn question_asks(
        &self,
        prompter: &Prompter,
        seeds: &[ProblemRow],
        per_seed: usize,
    ) -> anyhow::Result<Vec<Ask>> {
        let root = Key::new(self.seed, "question");
        let mut asks = Vec::with_capacity(seeds.len() * per_seed);
        for seed in seeds {
            let (prompt, key) = (Arc::new(prompter.prompt(seed)?), root.with_text(&seed.question));
            asks.extend((0..per_seed).map(|i| Ask {
                prompt: prompt.clone(),
                prefix: String::new(),
                key: key.with(i as u64),
            }));
        }
        Ok(asks)
    }

    /// New questions that are whole and not there already, without an answer. As every stage, `None` where its requests
    /// were written for a batch.
    pub(super) fn questions(
        &self,
        asks: &[Ask],
        seeds: &[ProblemRow],
        per_seed: usize,
        tally: &mut Tally,
    ) -> anyhow::Result<Option<Vec<ProblemRow>>> {
        tally.asked = asks.len();
        let mut known: HashSet<String> = seeds.iter().map(|seed| copy_text(&seed.question)).collect();
        let (mut drafts, model) = (Vec::new(), &self.session.client.sampling().model);
        let name =
            |number: usize| format!("seed {}, question {}", seeds[number / per_seed].id, number % per_seed);
        let Some(answers) = self.draw(asks, name, tally)? else { return Ok(None) };
        for (number, answer) in answers.into_iter().enumerate() {
            let Some(answer) = answer else { continue };
            let question = answer.text.trim();
            if question.is_empty() || !answer.finished() {
                tally.cut += 1;
            } else if !known.insert(copy_text(question)) {
                tally.copies += 1;
            } else {
                let from = &seeds[number / per_seed].id;
                let more =
                    Map::from_iter([("from".to_owned(), json!(from)), ("model".to_owned(), json!(model))]);
                drafts.push(ProblemRow {
                    id: format!("{from}-new-{}", number % per_seed),
                    question: question.to_owned(),
                    answer: String::new(),
                    solution: None,
                    split: Some(Split::Train),
                    more,
                });
            }
        }
        Ok(Some(drafts))
    }

    /// The questions that the model itself finds sound.
    pub(super) fn sound(
        &self,
        prompter: &Prompter,
        drafts: Vec<ProblemRow>,
        tally: &mut Tally,
    ) -> anyhow::Result<Option<Vec<ProblemRow>>> {
        let root = Key::new(self.seed, "check");
        let ask = |draft: &ProblemRow| {
            let key = root.with_text(&draft.question);
            Ok(Ask { prompt: Arc::new(prompter.prompt(draft)?), prefix: String::new(), key })
        };
        let asks = drafts.iter().map(ask).collect::<anyhow::Result<Vec<_>>>()?;
        let name = |number: usize| format!("{}, check", drafts[number].id);
        let Some(replies) = self.draw(&asks, name, tally)? else { return Ok(None) };
        let replied: Vec<(ProblemRow, Answer)> =
            drafts.into_iter().zip(replies).filter_map(|(draft, reply)| Some((draft, reply?))).collect();
        let before = replied.len();
        let sound = replied.into_iter().filter(|(_, reply)| says_yes(&reply.text));
        let sound: Vec<ProblemRow> = sound.map(|(draft, _)| draft).collect();
        tally.unsound = before - sound.len();
        Ok(Some(sound))
    }

    /// What is asked for the solutions: so many for each draft, in order.
    fn solution_asks(
        &self,
        prompter: &Prompter,
        drafts: &[ProblemRow],
        solutions: usize,
    ) -> anyhow::Result<Vec<Ask>> {
        let mut asks = Vec::with_capacity(drafts.len() * solutions);
        for draft in drafts {
            let prompt = Arc::new(prompter.prompt(draft)?);
            let draws = sample_draws(&Problem::new(draft.question.as_str(), ""), solutions, self.seed);
            asks.extend(draws.map(|draw| Ask {
                prompt: prompt.clone(),
                prefix: String::new(),
                key: draw.key,
            }));
        }
        Ok(asks)
    }

    /// The questions of whose `solutions` solutions at least this share agree, with their answer.
    pub(super) fn solved(
        &self,
        prompter: &Prompter,
        drafts: Vec<ProblemRow>,
        solutions: usize,
        share: f64,
        tally: &mut Tally,
    ) -> anyhow::Result<Option<Vec<ProblemRow>>> {
        let asks = self.solution_asks(prompter, &drafts, solutions)?;
        let name =
            |number: usize| format!("{}, solution {}", drafts[number / solutions].id, number % solutions);
        let Some(answers) = self.draw(&asks, name, tally)? else { return Ok(None) };
        let grader = Grader::marked();
        let mut made = Vec::new();
        for (mut draft, answers) in drafts.into_iter().zip(answers.chunks(solutions)) {
            if answers.iter().all(Option::is_none) {
                continue;
            }
            // A solution that was cut may have marked an answer on its way. It has no vote, nor has one withheld.
            let texts: Vec<&str> = answers
                .iter()
                .map(|answer| answer.as_ref().filter(|answer| answer.finished()))
                .map(|answer| answer.map_or("", |answer| answer.text.as_str()))
                .collect();
            match agreement(&grader, &texts) {
                None => tally.silent += 1,
                Some(found) if (found.votes as f64) < share * solutions as f64 => tally.disputed += 1,
                Some(found) => {
                    draft.answer = found.answer;
                    draft.solution = Some(texts[found.first].trim().to_owned());
                    let agreed = found.votes as f64 / solutions as f64;
                    draft.more.insert("agreement".to_owned(), json!(agreed));
                    made.push(draft);
                }
            }
        }
        Ok(Some(made))
    }

    /// A completion for each ask; `None` where the requests were written for a batch. Completions that the server refuses
    /// or withholds are named and counted.
    fn draw(
        &self,
        asks: &[Ask],
        name: impl Fn(usize) -> String,
        tally: &mut Tally,
    ) -> anyhow::Result<Option<Vec<Option<Answer>>>> {
        let next = self.session.batch(self.batch, asks, Others::Counted)?;
        let (Next::Draw(read) | Next::Written(read)) = next;
        tally.malformed |= read != Status::Done;
        if matches!(next, Next::Written(_)) {
            return Ok(None);
        }
        let mut answers = Vec::with_capacity(asks.len());
        self.session.draw(asks, &mut |number, drawn| {
            if let Err(reason) = &drawn {
                eprintln!("{}: {reason}", name(number));
                tally.withheld += 1;
            }
            answers.push(drawn.ok());
            Ok(())
        })?;
        Ok(Some(answers))
    }
}

/// Whether the first word of a reply is yes.
fn says_yes(reply: &str) -> bool {
    let word = reply.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty());
    word.is_some_and(|word| word.eq_ignore_ascii_case("yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_begins_with_yes_or_it_is_no() {
        assert!(says_yes("Yes, it is.") && says_yes(" **yes**"));
        assert!(!says_yes("No: yes would be wrong") && !says_yes("") && !says_yes("yesterday"));
    }
}
