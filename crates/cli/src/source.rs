//! What completions are drawn from: servers or, with the feature `models`, a model in a folder.

#[cfg(feature = "models")]
mod local;

use crate::server::{ServerArgs, Session, api};
use eightfold_server::{Answer, Api, Ask, Prompts, Refusal, ServerPolicy};
use eightfold_task::Policy;
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
    /// The servers or, where none is named, the folder of `--model`. No server is called.
    pub(crate) fn source(&self, command: &str) -> anyhow::Result<Source> {
        #[cfg(feature = "models")]
        if let Some(folder) = self.folder() {
            return Ok(Source::Local(Box::new(local::Local::open(self, folder, command)?)));
        }
        Ok(Source::Server(Box::new(self.open(command)?)))
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

    /// Warns of a server that does not honor seeds, and fails where one cannot go on with what is asked: prompts whose
    /// solutions have begun.
    pub(crate) fn check(&self, asks: &[Ask]) -> anyhow::Result<()> {
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
        take: &mut dyn FnMut(usize, Result<Answer, Refusal>) -> io::Result<()>,
    ) -> anyhow::Result<bool> {
        match self {
            Self::Server(session) => session.draw(asks, take),
            #[cfg(feature = "models")]
            Self::Local(local) => local.draw(asks, &mut |number, answer| take(number, Ok(answer))),
        }
    }

    /// A policy over problems with these prompts.
    pub(crate) fn policy<'a>(&'a self, prompts: &'a Prompts) -> Box<dyn Policy + 'a> {
        match self {
            Self::Server(session) => Box::new(ServerPolicy::new(&session.client, prompts)),
            #[cfg(feature = "models")]
            Self::Local(local) => Box::new(local.policy(prompts)),
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
