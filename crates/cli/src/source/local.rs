//! A model in a folder, in this process.

use crate::server::{Progress, ServerArgs, warn_of_damage};
use anyhow::Context;
use eightfold_exchange::Prompt;
use eightfold_journal::{ContentId, Journal};
use eightfold_models::{Kept, Model, Sample, Sampler, Sampling, Turn, fingerprint};
use eightfold_server::{Answer, Ask, Event};
use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::path::Path;

/// Completions that are drawn before the next are looked at: those of a window are written in order.
const WINDOW: usize = 256;

/// A model, and how completions are drawn from it.
pub(crate) struct Local {
    model: Model,
    name: String,
    sampling: Sampling,
    journal: Journal,
    /// Of the folder.
    id: ContentId,
    progress: Progress,
}

impl Local {
    /// Reads the folder and opens the journal.
    pub(crate) fn open(args: &ServerArgs, folder: &Path, command: &str) -> anyhow::Result<Self> {
        let sampling = args.local_sampling()?;
        let (model, id) = (Model::open(folder)?, fingerprint(folder)?);
        let path = args.journal_path(command);
        let journal = Journal::open(&path)?;
        let name =
            folder.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into()));
        let name = name.unwrap_or_else(|| folder.display().to_string());
        eprintln!("{command}: {} blocks of width {}, {name}", model.config().layers, model.config().width);
        eprintln!("{command}: {} completions in {}", journal.stored(), path.display());
        warn_of_damage(journal.damaged(), &path, "completions are drawn");
        Ok(Self { model, name, sampling, journal, id, progress: Progress::local(command) })
    }

    /// The folder's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Counts of the run.
    pub(crate) fn summarize(&self) {
        self.progress.summarize();
    }

    /// As [`super::Source::draw`].
    pub(crate) fn draw(
        &self,
        asks: &[Ask],
        take: &mut dyn FnMut(usize, Answer) -> io::Result<()>,
    ) -> anyhow::Result<bool> {
        self.progress.note(&Event::Wanted { completions: asks.len() });
        for (window, asks) in asks.chunks(WINDOW).enumerate() {
            let answers = self.answers(asks)?;
            for (number, answer) in answers.into_iter().enumerate() {
                match take(window * WINDOW + number, answer) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(false),
                    Err(error) => return Err(error).context("standard output"),
                }
            }
        }
        Ok(true)
    }

    /// The answers to some asks, in order.
    fn answers(&self, asks: &[Ask]) -> anyhow::Result<Vec<Answer>> {
        let prompts = asks.iter().map(|ask| self.prompt(ask)).collect::<anyhow::Result<Vec<_>>>()?;
        let mut answers = vec![None; asks.len()];
        let sampler = Sampler::new(&self.model, self.sampling.clone());
        Kept::new(sampler, self.id, &self.journal).draw(&prompts, &mut |number, sample, drawn| {
            let tokens = sample.tokens.len() as u64;
            self.progress.note(&if drawn { Event::Answered { tokens } } else { Event::Replayed });
            let answer = answer(sample);
            self.progress.note(&Event::Completed { ending: answer.ending() });
            answers[number] = Some(answer);
            ControlFlow::Continue(())
        })?;
        Ok(answers.into_iter().map(|answer| answer.expect("every prompt is completed")).collect())
    }

    /// The tokens of an ask: a text as it stands; a chat by the model's template, ending with what the assistant has
    /// said so far.
    fn prompt(&self, Ask { prompt, prefix, key }: &Ask) -> anyhow::Result<eightfold_models::Prompt> {
        let tokens = match &**prompt {
            Prompt::Text(text) => self.model.text().encode(&format!("{text}{prefix}"), true),
            Prompt::Messages(messages) => {
                let said = messages.iter().map(|m| Turn { role: m.role.clone(), content: m.content.clone() });
                let begun = (!prefix.is_empty())
                    .then(|| Turn { role: "assistant".to_owned(), content: prefix.clone() });
                self.model.encode_chat(&said.chain(begun).collect::<Vec<_>>(), None)
            }
        };
        let named = || {
            let start: String = prompt.to_text().chars().take(60).collect();
            format!("{start:?} ...")
        };
        let tokens =
            tokens.and_then(|tokens| self.model.check(&tokens).map(|()| tokens)).with_context(named)?;
        Ok(eightfold_models::Prompt { tokens, key: *key })
    }
}

fn answer(Sample { text, tokens, finished }: Sample) -> Answer {
    Answer {
        reasoning: None,
        null_content: false,
        text,
        finish_reason: Some(if finished { "stop" } else { "length" }.to_owned()),
        tokens: Some(tokens.len() as u64),
        logprob: None,
        seed: None,
    }
}
