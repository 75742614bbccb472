//! A client at work: what it draws, and what is tried before.

use super::{BatchArgs, Next, Others, Progress, Withheld};
use crate::status::Status;
use anyhow::Context;
use eightfold_server::{Answer, Api, Ask, Client, Finding, Outcome, ServerError};
use std::io::{self, ErrorKind};
use std::sync::Arc;

/// A client, and the counts of what it does.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) progress: Arc<Progress>,
    pub(super) command: String,
    pub(super) seed: u64,
    pub(super) check_seeds: bool,
    /// Whether no server is named, which a batch does without.
    pub(super) offline: bool,
}

impl Session {
    /// Draws a completion for each ask, with progress. `take` writes what it is given; where nobody reads any
    /// longer, the run ends without an error, and this returns false.
    pub(crate) fn draw(
        &self,
        asks: &[Ask],
        take: &mut dyn FnMut(usize, Result<Answer, Withheld>) -> io::Result<()>,
    ) -> anyhow::Result<bool> {
        let mut take = |number, drawn: Result<Answer, _>| match drawn {
            Ok(answer) if answer.filtered() => take(number, Err(Withheld::Filtered)),
            drawn => take(number, drawn.map_err(Withheld::Refused)),
        };
        match self.client.draw_each(asks, &mut take) {
            Ok(()) => Ok(true),
            Err(ServerError::Taker(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            Err(ServerError::Taker(error)) => Err(error).context("standard output"),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads and writes the files of a batch.
    pub(crate) fn batch(&self, batch: &BatchArgs, asks: &[Ask], others: Others) -> anyhow::Result<Next> {
        if batch.wanted() { batch.step(self, asks, others) } else { Ok(Next::Draw(Status::Done)) }
    }

    /// Warns where the server does not honor seeds: then a lost journal cannot be drawn again.
    pub(crate) fn check_seeds(&self, api: Api) -> anyhow::Result<()> {
        let sampling = self.client.sampling();
        if !self.check_seeds || !sampling.seeds || sampling.temperature == 0.0 {
            return Ok(());
        }
        let Finding { outcome, seen, .. } = self.client.probe_seed(api, self.seed)?;
        match outcome {
            Outcome::Yes => {}
            Outcome::No => eprintln!(
                "warning: the server ignores `seed` ({seen}): the journal alone can give these completions again"
            ),
            Outcome::Unclear => eprintln!("warning: it is not clear that the server honors `seed`: {seen}"),
        }
        Ok(())
    }

    /// Fails where the server is known to start a chat anew when it should go on from a prefix.
    pub(crate) fn check_continuation(&self) -> anyhow::Result<()> {
        let way = self.client.sampling().continuation;
        let Finding { outcome, seen, .. } = self.client.probe_continuation(way, self.seed)?;
        match outcome {
            Outcome::Yes => Ok(()),
            Outcome::Unclear => {
                eprintln!(
                    "warning: it is not clear that this server goes on from a prefix in a chat: {seen}"
                );
                Ok(())
            }
            Outcome::No => anyhow::bail!(
                "this server does not go on from a prefix in a chat in this way ({seen}); try another `--continue` (`probe` tells \
                 which works), or draw the samples by completions (`sample --api completions`)"
            ),
        }
    }
}
