//! Batches of requests in place of a server that answers at once.

use super::Session;
use crate::jsonl::{Faults, Lines};
use crate::status::Status;
use anyhow::Context;
use clap::Args;
use eightfold_server::{Ask, BatchLine, Requests};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Lines of a file without an answer that are shown.
const SHOWN: usize = 3;

/// Files of requests and of answers.
#[derive(Args, Default)]
pub(crate) struct BatchArgs {
    /// Write the requests that have no response to this file, in the form of OpenAI's Batch API and of `vllm run-batch`,
    /// and draw nothing. The same command with --batch-in goes on from there. Needs no --server.
    #[arg(long, value_name = "FILE")]
    batch_out: Option<PathBuf>,
    /// Take the answers of a batch from this file, of its output or its errors, into the journal. May be repeated. What
    /// is missing then is asked of --server, or written to --batch-out.
    #[arg(long, value_name = "FILE")]
    batch_in: Vec<PathBuf>,
}

/// What becomes of answers to other requests than those of these asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    /// They are named: there are no other requests.
    Named,
    /// They are counted: they may be of another stage of the command.
    Counted,
}

/// What to do after the files were read.
pub(crate) enum Next {
    /// Draw, which sends what is missing, and exit with this status if nothing worse happens.
    Draw(Status),
    /// Exit: the requests are written.
    Written(Status),
}

impl BatchArgs {
    /// Whether a batch is wanted, so that no server need be named.
    pub(crate) fn wanted(&self) -> bool {
        self.batch_out.is_some() || !self.batch_in.is_empty()
    }

    /// Reads the answers that there are and writes the requests that are missing.
    pub(super) fn step(&self, session: &Session, asks: &[Ask], others: Others) -> anyhow::Result<Next> {
        let mut status = Status::Done;
        if !self.batch_in.is_empty() {
            let requests = session.client.requests(asks)?;
            for file in &self.batch_in {
                status = worse(status, take(session, &requests, file, others)?);
            }
        }
        let requests = session.client.requests(asks)?;
        let (missing, all) = (requests.missing(), requests.all());
        let command = &session.command;
        match &self.batch_out {
            Some(file) if missing > 0 => {
                write(session, asks, file)?;
                eprintln!("{command}: {missing} of {all} requests are in {}", file.display());
                eprintln!("{command}: the same command with --batch-in ANSWERS goes on from their answers");
                Ok(Next::Written(status))
            }
            None if missing > 0 && session.offline => anyhow::bail!(
                "{missing} of {all} requests have no answer; name a --server that is asked for them, or a --batch-out \
                 that they are written to (the others are kept)"
            ),
            _ => Ok(Next::Draw(status)),
        }
    }
}

/// The worse of two ways to exit.
pub(crate) fn worse(one: Status, other: Status) -> Status {
    if one == Status::Done { other } else { one }
}

/// The requests without a response, in a file that appears whole.
fn write(session: &Session, asks: &[Ask], file: &Path) -> anyhow::Result<()> {
    let named = || file.display().to_string();
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let mut out = BufWriter::new(File::create(&part).with_context(named)?);
    session.client.write_batch(asks, &mut out).with_context(named)?;
    out.flush().with_context(named)?;
    std::fs::rename(&part, file).with_context(named)
}

/// Takes the answers of a file.
fn take(session: &Session, requests: &Requests, file: &Path, others: Others) -> anyhow::Result<Status> {
    let mut lines = Lines::open(Some(file))?;
    let (name, command) = (lines.name().to_owned(), &session.command);
    let (mut faults, mut foreign) = (Faults::new(&name), 0);
    let (mut stored, mut known, mut refused, mut failed) = (0, 0, 0, 0);
    while let Some((number, row)) = lines.next_row()? {
        let fields = match row {
            Ok(row) => row.fields(),
            Err(error) => {
                faults.add(number, &error);
                continue;
            }
        };
        match session.client.take_batch(requests, &fields, &format!("{name}:{number}"))? {
            BatchLine::Stored => stored += 1,
            BatchLine::Known => known += 1,
            BatchLine::Refused => refused += 1,
            BatchLine::Failed { message } => {
                failed += 1;
                if failed <= SHOWN {
                    eprintln!("{name}:{number}: no answer: {message}");
                }
            }
            BatchLine::Foreign if others == Others::Counted => foreign += 1,
            BatchLine::Foreign => faults.add(
                number,
                &anyhow::anyhow!(
                    "its `custom_id` is no request of this command, whose input, options and seed must be those that \
                     the requests were written with"
                ),
            ),
        }
    }
    let foreign = if foreign > 0 { format!(", {foreign} of other requests") } else { String::new() };
    eprintln!(
        "{command}: {name}: {stored} answers stored, {known} already there, {refused} prompts refused, {failed} without \
         an answer{foreign}"
    );
    Ok(faults.close())
}
