//! A language model as a policy whose completions are kept.

use crate::pipeline::{Drawing, Length};
use anyhow::Result;
use eightfold_harness::{OnProgress, Progress};
use eightfold_journal::{ContentId, Journal};
use eightfold_models::{Kept, Model, Prompt, Remote, Sampler, Sampling, TextError, Turn, fingerprint};
use eightfold_task::{Completion, Draw, Policy, PolicyError};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

/// What is asked of a model that chats.
const INSTRUCTION: &str = "Solve the problem step by step. End with \"The answer is\" and the final number.";

/// Makes a prompt into tokens.
type Encode<'a> = dyn Fn(&str) -> Result<Vec<u32>, TextError> + 'a;

/// A policy with a journal, which tells how far it is.
pub struct KeptPolicy<'a> {
    model: &'a Model,
    encode: Box<Encode<'a>>,
    kept: Kept<'a>,
    stage: &'a str,
    on_progress: &'a OnProgress<'a>,
}

impl<'a> KeptPolicy<'a> {
    /// A policy of a model of this name, read on another device if there is one, at a temperature; `stage` is what it
    /// tells that it does.
    pub fn new(
        (model, id, remote): (&'a Model, ContentId, Option<&'a Remote>),
        temperature: f64,
        length: &Length,
        journal: &'a Journal,
        (stage, on_progress): (&'a str, &'a OnProgress<'a>),
    ) -> Self {
        let Length { max_tokens, stop } = length.clone();
        let sampler = Sampler::new(model, Sampling { temperature, top_p: 1.0, max_tokens, stop }).on(remote);
        let encode = Box::new(|prompt: &str| model.text().encode(prompt, true));
        Self { model, encode, kept: Kept::new(sampler, id, journal), stage, on_progress }
    }

    /// The same policy, but prompts become tokens in this way.
    pub fn asked(mut self, encode: impl Fn(&str) -> Result<Vec<u32>, TextError> + 'a) -> Self {
        self.encode = Box::new(encode);
        self
    }

    /// The prompts of some draws as tokens, each with the number of its draw; a text that stands there often is read once.
    /// Those that fill the context are not there: nothing can be added to them.
    fn prompts(&self, draws: &[Draw]) -> Result<(Vec<Prompt>, Vec<usize>), PolicyError> {
        let mut known: HashMap<&str, Vec<u32>> = HashMap::new();
        let (mut prompts, mut numbers) = (Vec::with_capacity(draws.len()), Vec::with_capacity(draws.len()));
        for (number, Draw { prompt, key }) in draws.iter().enumerate() {
            if !known.contains_key(prompt.as_str()) {
                let tokens = (self.encode)(prompt);
                let start = || prompt.chars().take(40).collect::<String>();
                let tokens =
                    tokens.map_err(|e| PolicyError { message: format!("{e}: {:?} ...", start()) })?;
                known.insert(prompt, tokens);
            }
            let tokens = &known[prompt.as_str()];
            if tokens.len() < self.model.config().context {
                prompts.push(Prompt { tokens: tokens.clone(), key: *key });
                numbers.push(number);
            }
        }
        Ok((prompts, numbers))
    }
}

impl Policy for KeptPolicy<'_> {
    fn complete(&self, draws: &[Draw]) -> Result<Vec<Completion>, PolicyError> {
        let (prompts, numbers) = self.prompts(draws)?;
        let nothing = Completion { text: String::new(), finished: false, tokens: 0 };
        let mut completions = vec![nothing; draws.len()];
        let (start, mut done, mut tokens) = (Instant::now(), 0, 0);
        let drawn = self.kept.draw(&prompts, &mut |number, sample, now| {
            done += 1;
            tokens += if now { sample.tokens.len() } else { 0 };
            let rate = tokens as f64 / start.elapsed().as_secs_f64().max(1e-9);
            let stage = format!("{}, {rate:.0} tokens a second,", self.stage);
            (self.on_progress)(Progress::part(&stage, done as f64 / prompts.len() as f64));
            let count = sample.tokens.len();
            completions[numbers[number]] =
                Completion { text: sample.text, finished: sample.finished, tokens: count };
            ControlFlow::Continue(())
        });
        drawn.map_err(|error| PolicyError { message: error.to_string() })?;
        Ok(completions)
    }
}

/// A model with all that its policy needs, opened once.
pub(super) struct FolderPolicy<'a> {
    model: Model,
    id: ContentId,
    remote: Option<Remote>,
    journal: Journal,
    length: Length,
    temperature: f64,
    chat: bool,
    purpose: &'a str,
    on_progress: &'a OnProgress<'a>,
}

impl<'a> FolderPolicy<'a> {
    /// Opens the model of a folder, whose draws are kept in a journal.
    pub(super) fn open(
        folder: &Path,
        device: &str,
        length: &Length,
        journal: &Path,
        drawing: &Drawing<'a>,
    ) -> Result<Self> {
        let (model, id) = (Model::open(folder)?, fingerprint(folder)?);
        let remote = Remote::new(&model, device)?;
        let Drawing { temperature, chat, purpose, on_progress, .. } = *drawing;
        let (journal, length) = (Journal::open(journal)?, length.clone());
        Ok(Self { model, id, remote, journal, length, temperature, chat, purpose, on_progress })
    }
}

impl Policy for FolderPolicy<'_> {
    fn complete(&self, draws: &[Draw]) -> Result<Vec<Completion>, PolicyError> {
        let model = (&self.model, self.id, self.remote.as_ref());
        let told = (self.purpose, self.on_progress);
        let policy = KeptPolicy::new(model, self.temperature, &self.length, &self.journal, told);
        if self.chat {
            return policy.asked(|prompt| ask(&self.model, prompt, prompt)).complete(draws);
        }
        policy.complete(draws)
    }
}

/// A question and the steps so far as tokens: by the model's chat, or as a text where it has none.
pub fn ask(model: &Model, question: &str, prompt: &str) -> Result<Vec<u32>, TextError> {
    if model.chat().is_none() {
        return model.text().encode(prompt, true);
    }
    let begun = prompt.strip_prefix(question).unwrap_or_default();
    let turn = |role: &str, content: String| Turn { role: role.to_owned(), content };
    let mut turns = vec![turn("user", format!("{}\n\n{INSTRUCTION}", question.trim_end()))];
    if !begun.is_empty() {
        turns.push(turn("assistant", begun.to_owned()));
    }
    model.encode_chat(&turns, None)
}
