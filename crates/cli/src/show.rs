//! `eightfold show`: solutions with their steps, values and pits, to look at.

mod html;
mod terminal;
mod view;

use crate::jsonl::{Faults, Lines, Row};
use crate::status::Status;
use anyhow::Context;
use clap::{Args, ValueEnum};
use eightfold_exchange::SampleRow;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use view::View;

/// Show solutions with their steps, values, advantages and first pits.
///
/// Reads solutions at any stage: what `segment` and `value` did not add yet is left out. Writes text, in
/// color on a terminal unless NO_COLOR is set, or with `--html` one page that needs no other file.
///
/// The exit status is 0 if every line was read, and 2 if any was malformed.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold show valued.jsonl | less -R
  eightfold show valued.jsonl --id gsm8k_train-17
  eightfold show valued.jsonl --only pits --first 20
  eightfold show valued.jsonl --first 200 --html > steps.html")]
pub(crate) struct Show {
    /// Solutions; standard input if absent or `-`.
    file: Option<PathBuf>,
    /// Solutions of this problem alone.
    #[arg(long)]
    id: Option<String>,
    /// Which solutions.
    #[arg(long, value_enum, default_value = "all")]
    only: Only,
    /// At most this many.
    #[arg(long, value_name = "N")]
    first: Option<usize>,
    /// Write a page of HTML.
    #[arg(long)]
    html: bool,
    /// When to use color.
    #[arg(long, value_enum, default_value = "auto")]
    color: Color,
    /// Stop at the first malformed line.
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Only {
    /// All of them.
    All,
    /// Right ones.
    Right,
    /// Wrong ones.
    Wrong,
    /// Those with a first pit.
    Pits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Show {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let mut lines = Lines::open(self.file.as_deref())?;
        let mut faults = Faults::new(lines.name());
        match self.write(&mut lines, &mut faults, io::BufWriter::new(io::stdout().lock())) {
            Err(error) if error.downcast_ref().map(io::Error::kind) == Some(ErrorKind::BrokenPipe) => {
                Ok(Status::Done)
            }
            other => other.map(|()| faults.close()),
        }
    }

    fn write(&self, lines: &mut Lines, faults: &mut Faults, mut out: impl Write) -> anyhow::Result<()> {
        let page = self.html.then(html::Page::new).transpose()?;
        let color = self.color();
        let mut say = |text: &str| out.write_all(text.as_bytes()).context("standard output");
        if let Some(page) = &page {
            say(&page.head(&self.title())?)?;
        }
        let mut shown = 0;
        while self.first.is_none_or(|first| shown < first) {
            let Some((number, row)) = lines.next_row()? else { break };
            match row.and_then(|row| self.view(row)) {
                Ok(None) => {}
                Ok(Some(view)) => {
                    shown += 1;
                    say(&match &page {
                        Some(page) => page.solution(&view)?,
                        None => terminal::render(&view, color),
                    })?;
                }
                Err(error) => {
                    faults.add(number, &error);
                    if self.strict {
                        break;
                    }
                }
            }
        }
        if page.is_some() {
            say(html::FOOT)?;
        }
        out.flush().context("standard output")
    }

    /// What is shown of a row, if it is to be shown.
    fn view(&self, row: Row) -> anyhow::Result<Option<View>> {
        let row = SampleRow::read(row.into_fields().rest())?;
        let wanted = match self.only {
            Only::All => true,
            Only::Right => row.is_correct()?,
            Only::Wrong => !row.is_correct()?,
            Only::Pits => row.first_pit.is_some(),
        };
        let named = self.id.as_ref().is_none_or(|id| *id == row.id);
        if wanted && named { Ok(Some(View::of(&row)?)) } else { Ok(None) }
    }

    fn color(&self) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                io::stdout().is_terminal() && !refused
            }
        }
    }

    fn title(&self) -> String {
        let file = self.file.as_deref().filter(|path| *path != Path::new("-"));
        let name = file.and_then(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| "solutions".to_owned())
    }
}
