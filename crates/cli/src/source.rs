//! What completions are drawn from: servers or, with the feature `models`, a model in a folder.

#[cfg(feature = "models")]
mod local;

use crate::server::{BatchArgs, Next, Others, ServerArgs, Session, Withheld, api};
use eightfold_server::{Answer, Api, Ask, Prompts};
use eightfold_task::{Completion, Draw, Key, Policy, PolicyError};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io;

/// Where completions come from.
pub(crate) enum Source {
    /// OpenAI-compatible servers.
    Server(Box<Session>),
    /// A model in this process.
    #[cfg(feature = "models")]
    Local(Box<local::Local>),
}

impl ServerArgs {
    /// The servers or, where none is named, the folder of `--model`. No server is called; with a `batch` none need be
    /// named.
    pub(crate) fn source(&self, command: &str, batch: bool) -> anyhow::Result<Source> {
        #[cfg(feature = "models")]
        if let Some(folder) = self.folder().filter(|_| !batch) {
            return Ok(Source::Local(Box::new(local::Local::open(self, folder, command)?)));
        }
        Ok(Source::Server(Box::new(self.open(command, batch)?)))
    }
}

impl Source {
    /// The model's name, as rows give it.
    pub(crate) fn model(&self) -> &str {
        match self {
            Self::Server(session) => &session.client.sampling().model,
            #[cfg(feature = "models")]
            Self::Local(local) => local.name(),
        }
    }

    /// Reads and writes the files of a batch; a model in this process has none.
    pub(crate) fn batch(&self, batch: &BatchArgs, asks: &[Ask]) -> anyhow::Result<Next> {
        match self {
            Self::Server(session) => session.batch(batch, asks, Others::Named),
            #[cfg(feature = "models")]
            Self::Local(_) => Ok(Next::Draw(crate::status::Status::Done)),
        }
    }

    /// Warns of a server that does not honor seeds, and fails where one cannot go on with what is asked: prompts whose
    /// solutions have begun. Where the journal has every answer, nothing is asked.
    pub(crate) fn check(&self, asks: &[Ask]) -> anyhow::Result<()> {
        let complete = match self {
            Self::Server(session) => session.client.is_complete(asks)?,
            #[cfg(feature = "models")]
            Self::Local(_) => true,
        };
        if complete {
            return Ok(());
        }
        let begun = asks.iter().any(|ask| api(ask) == Api::Chat && !ask.prefix.is_empty());
        match asks.first() {
            Some(ask) => self.check_for(api(ask), begun),
            None => Ok(()),
        }
    }

    /// [`Source::check`] for prompts of this form; `begun` says whether chats go on from a prefix.
    pub(crate) fn check_for(&self, api: Api, begun: bool) -> anyhow::Result<()> {
        match self {
            Self::Server(session) => {
                session.check_seeds(api)?;
                if begun { session.check_continuation() } else { Ok(()) }
            }
            #[cfg(feature = "models")]
            Self::Local(_) => Ok(()),
        }
    }

    /// Draws a completion for each ask, in order, with progress. `take` writes what it is given; where nobody reads any
    /// longer, the run ends without an error, and this returns false.
    pub(crate) fn draw(
        &self,
        asks: &[Ask],
        take: &mut dyn FnMut(usize, Result<Answer, Withheld>) -> io::Result<()>,
    ) -> anyhow::Result<bool> {
        match self {
            Self::Server(session) => session.draw(asks, take),
            #[cfg(feature = "models")]
            Self::Local(local) => local.draw(asks, &mut |number, answer| take(number, Ok(answer))),
        }
    }

    /// Counts of the run, on standard error.
    pub(crate) fn summarize(&self) {
        match self {
            Self::Server(session) => session.progress.summarize(),
            #[cfg(feature = "models")]
            Self::Local(local) => local.summarize(),
        }
    }
}

/// A source over problems with these prompts, as a policy. A draw that the server withholds is answered by an empty text,
/// so that the others go on, and is noted: what was found with it is to be thrown away.
pub(crate) struct Sourced<'a> {
    source: &'a Source,
    prompts: &'a Prompts,
    withheld: RefCell<HashMap<Key, Withheld>>,
}

impl<'a> Sourced<'a> {
    pub(crate) fn new(source: &'a Source, prompts: &'a Prompts) -> Self {
        Self { source, prompts, withheld: RefCell::default() }
    }

    /// The draws that were withheld, by their keys.
    pub(crate) fn withheld(self) -> HashMap<Key, Withheld> {
        self.withheld.into_inner()
    }
}

impl Policy for Sourced<'_> {
    fn complete(&self, draws: &[Draw]) -> Result<Vec<Completion>, PolicyError> {
        let asks = draws.iter().map(|draw| self.prompts.ask(draw)).collect::<Result<Vec<_>, _>>()?;
        let mut completions = Vec::with_capacity(asks.len());
        let all = self.source.draw(&asks, &mut |number, drawn| {
            completions.push(drawn.map(Completion::from).unwrap_or_else(|reason| {
                self.withheld.borrow_mut().insert(draws[number].key, reason);
                Completion { text: String::new(), finished: false, tokens: 0 }
            }));
            Ok(())
        });
        all.map_err(|error| PolicyError { message: format!("{error:#}") })?;
        Ok(completions)
    }
}
