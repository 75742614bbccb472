//! `eightfold probe`: what can this server do?

use crate::server::{Form, ServerArgs};
use crate::status::Status;
use clap::Args;
use eightfold_server::{Api, Outcome};
use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

/// Try what an OpenAI-compatible server really does with n, seed, logprobs, stop and prefixes.
///
/// Sends about a dozen short requests and writes one line for each feature: yes, no or unclear, and what was
/// seen. A server that ignores a field answers all the same, so only its answers tell.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold probe --server http://127.0.0.1:8000 --model NAME
  eightfold probe --server http://127.0.0.1:8000 --model NAME --api chat")]
pub(crate) struct Probe {
    /// Try this API alone.
    #[arg(long, value_enum)]
    api: Option<Form>,
    #[command(flatten)]
    server: ServerArgs,
}

impl Probe {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let session = self.server.open("probe", false)?;
        // A server may have changed since it was last asked, so no answer is taken from the journal.
        let label = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
        let mut out = io::stdout().lock();
        for (form, api, name) in
            [(Form::Completions, Api::Completions, "completions"), (Form::Chat, Api::Chat, "chat")]
        {
            if self.api.is_some_and(|only| only != form) {
                continue;
            }
            for finding in session.client.probe(api, label)? {
                let outcome = match finding.outcome {
                    Outcome::Yes => "yes",
                    Outcome::No => "no",
                    Outcome::Unclear => "unclear",
                };
                writeln!(out, "{name:<12}{:<44}{outcome:<9}{}", finding.feature, finding.seen)?;
            }
        }
        session.progress.summarize();
        Ok(Status::Done)
    }
}
