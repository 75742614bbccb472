//! What a server really does: a few small requests whose answers tell.

use crate::request::Request;
use crate::{Answer, Ask, Client, Continuation, Sampling, ServerError};
use eightfold_exchange::{Message, Prompt};
use eightfold_task::Key;
use serde_json::json;
use std::sync::atomic::AtomicBool;

/// Tokens of a probe's answer, at most: enough to see where it goes.
const TOKENS: u32 = 16;

/// A text that nearly every model goes on with, and how: the next word is not said before.
const COUNT: &str = "one two three four five six seven eight";
const NEXT: &str = "nine";

/// Begins the same text in a way that no model begins it by itself, so that a prefix that is said again is told from an
/// answer that starts anew.
const MARK: &str = "[x] ";

/// Which of the two ways of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// `/completions`: text in, its continuation out.
    Completions,
    /// `/chat/completions`: turns in, the next turn out.
    Chat,
}

/// Whether a server does what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The answers do not tell.
    Unclear,
}

/// What one probe found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was tried.
    pub feature: &'static str,
    /// What came of it.
    pub outcome: Outcome,
    /// What was seen, in one line.
    pub seen: String,
}

impl Client {
    /// Tries whether the server answers at all, and whether it honors `n`, `seed`, `logprobs` and `stop`; of
    /// a chat, also the ways to go on from a prefix. `label` names the requests: with another label they are
    /// sent again.
    ///
    /// # Errors
    /// If the server cannot be reached or the journal not be written. A request that is refused is a finding.
    pub fn probe(&self, api: Api, label: u64) -> Result<Vec<Finding>, ServerError> {
        let probe = Probe { client: self, api, key: Key::new(label, "probe") };
        let mut findings = vec![probe.answers()?];
        if findings[0].outcome == Outcome::No {
            return Ok(findings);
        }
        findings.extend([probe.n()?, self.probe_seed(api, label)?, probe.logprobs()?, probe.stop()?]);
        if api == Api::Chat {
            for way in [Continuation::Flags, Continuation::LastMessage, Continuation::Repeated] {
                findings.push(self.probe_continuation(way, label)?);
            }
        }
        Ok(findings)
    }

    /// Whether the same request with the same seed gives the same text, and with another seed another one.
    ///
    /// # Errors
    /// As [`Client::probe`].
    pub fn probe_seed(&self, api: Api, label: u64) -> Result<Finding, ServerError> {
        Probe { client: self, api, key: Key::new(label, "probe") }.seed()
    }

    /// Whether a chat goes on from a prefix of the assistant's message in this way, or starts anew.
    ///
    /// # Errors
    /// As [`Client::probe`].
    pub fn probe_continuation(&self, way: Continuation, label: u64) -> Result<Finding, ServerError> {
        Probe { client: self, api: Api::Chat, key: Key::new(label, "probe") }.continuation(way)
    }
}

struct Probe<'a> {
    client: &'a Client,
    api: Api,
    key: Key,
}

impl Probe<'_> {
    /// The client's own fields, short and without chance.
    fn sampling(&self) -> Sampling {
        let own = &self.client.sampling;
        Sampling { temperature: 0.0, max_tokens: TOKENS, logprobs: false, stop: Vec::new(), ..own.clone() }
    }

    fn prompt(&self, text: &str) -> Prompt {
        match self.api {
            Api::Completions => Prompt::Text(text.to_owned()),
            Api::Chat => Prompt::Messages(vec![Message::user(text)]),
        }
    }

    /// The choices of one request, or what the server said when it refused.
    fn ask(
        &self,
        sampling: &Sampling,
        prompt: Prompt,
        prefix: &str,
        keys: &[Key],
    ) -> Result<Result<Vec<Answer>, String>, ServerError> {
        let ask = Ask { prompt: prompt.into(), prefix: prefix.to_owned(), key: self.key };
        match self.client.respond(&Request::new(sampling, &ask, keys), &AtomicBool::new(false)) {
            Ok(answers) => Ok(Ok(answers)),
            Err(ServerError::Refused { status, message, .. }) => {
                Ok(Err(format!("status {status}: {message}")))
            }
            Err(error) => Err(error),
        }
    }

    fn answers(&self) -> Result<Finding, ServerError> {
        let answers = self.ask(&self.sampling(), self.prompt(COUNT), "", &[self.key])?;
        Ok(match answers {
            Ok(answers) => finding("answers", Outcome::Yes, format!("{:?}", answers[0].text)),
            Err(refusal) => finding("answers", Outcome::No, refusal),
        })
    }

    fn n(&self) -> Result<Finding, ServerError> {
        let keys = [self.key.with(1), self.key.with(2)];
        Ok(match self.ask(&self.sampling(), self.prompt(COUNT), "", &keys)? {
            Ok(answers) => {
                let outcome = if answers.len() == 2 { Outcome::Yes } else { Outcome::No };
                finding("n", outcome, format!("2 choices asked for, {} given", answers.len()))
            }
            Err(refusal) => finding("n", Outcome::No, refusal),
        })
    }

    fn seed(&self) -> Result<Finding, ServerError> {
        let mut texts = Vec::new();
        // Two requests with one seed, which the keys tell apart, and one with another.
        for (number, seed) in [(3, 7), (4, 7), (5, 8)] {
            let mut extra = self.client.sampling.extra.clone();
            extra.insert("seed".to_owned(), json!(seed));
            let sampling = Sampling { temperature: 1.0, extra, ..self.sampling() };
            let prompt = self.prompt("Once upon a time");
            match self.ask(&sampling, prompt, "", &[self.key.with(number)])? {
                Ok(mut answers) => texts.push(answers.swap_remove(0).text),
                // Nothing was drawn, so nothing is known of seeds.
                Err(refusal) => return Ok(finding("seed", Outcome::Unclear, format!("refused: {refusal}"))),
            }
        }
        let (same, other) = (texts[0] == texts[1], texts[0] != texts[2]);
        Ok(match (same, other) {
            (true, true) => finding("seed", Outcome::Yes, "one seed, one text; another seed, another".into()),
            (false, _) => finding("seed", Outcome::No, "one seed, two texts".into()),
            (true, false) => finding("seed", Outcome::Unclear, "two seeds, one text at temperature 1".into()),
        })
    }

    fn logprobs(&self) -> Result<Finding, ServerError> {
        let sampling = Sampling { logprobs: true, ..self.sampling() };
        Ok(match self.ask(&sampling, self.prompt(COUNT), "", &[self.key])? {
            Ok(answers) => match answers[0].logprob {
                Some(sum) => finding("logprobs", Outcome::Yes, format!("sum {sum:.3} nats")),
                None => finding("logprobs", Outcome::No, "asked for, not given".into()),
            },
            Err(refusal) => finding("logprobs", Outcome::No, refusal),
        })
    }

    /// The likeliest answer again, with a word from its middle as the end.
    fn stop(&self) -> Result<Finding, ServerError> {
        let whole = match self.ask(&self.sampling(), self.prompt(COUNT), "", &[self.key])? {
            Ok(mut answers) => answers.swap_remove(0).text,
            Err(refusal) => return Ok(finding("stop", Outcome::Unclear, refusal)),
        };
        let words: Vec<&str> = whole.split_whitespace().collect();
        let Some(word) = words.get(words.len() / 2).filter(|_| words.len() > 1) else {
            return Ok(finding("stop", Outcome::Unclear, format!("too short an answer: {whole:?}")));
        };
        let sampling = Sampling { stop: vec![(*word).to_owned()], ..self.sampling() };
        Ok(match self.ask(&sampling, self.prompt(COUNT), "", &[self.key])? {
            Ok(answers) => {
                let text = &answers[0].text;
                let outcome = match text {
                    text if !text.contains(word) => Outcome::Yes,
                    // Ends there, but leaves the word in the text.
                    text if text.len() < whole.len() && text.trim_end().ends_with(word) => Outcome::Unclear,
                    _ => Outcome::No,
                };
                finding("stop", outcome, format!("to end before {word:?}: {text:?}"))
            }
            Err(refusal) => finding("stop", Outcome::No, refusal),
        })
    }

    fn continuation(&self, way: Continuation) -> Result<Finding, ServerError> {
        let (feature, sent) = match way {
            Continuation::Flags => ("goes on from a prefix, by flags", way),
            Continuation::LastMessage => ("goes on from a prefix, by the last message", way),
            // The same request, whose answer is read as it came.
            Continuation::Repeated => {
                ("goes on from a prefix, which it says again", Continuation::LastMessage)
            }
        };
        let sampling = Sampling { continuation: sent, ..self.sampling() };
        let prompt = self.prompt("Count from one to twelve in words, with nothing but spaces between them.");
        let prefix = format!("{MARK}{COUNT}");
        Ok(match self.ask(&sampling, prompt, &prefix, &[self.key])? {
            Ok(answers) => {
                let text = &answers[0].text;
                let (rest, repeats) =
                    text.strip_prefix(&prefix).map_or((text.as_str(), false), |rest| (rest, true));
                let rest = rest.trim_start().to_lowercase();
                let outcome = match (rest.starts_with(NEXT), repeats == (way == Continuation::Repeated)) {
                    (true, true) => Outcome::Yes,
                    (true, false) => Outcome::No,
                    (false, _) if rest.starts_with("one") => Outcome::No,
                    (false, _) => Outcome::Unclear,
                };
                finding(feature, outcome, format!("after {prefix:?}: {text:?}"))
            }
            Err(refusal) => finding(feature, Outcome::No, refusal),
        })
    }
}

fn finding(feature: &'static str, outcome: Outcome, seen: String) -> Finding {
    Finding { feature, outcome, seen }
}
