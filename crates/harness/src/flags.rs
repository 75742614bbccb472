//! The command line that all figures share.

use crate::collection::Collection;
use crate::configuration::Configuration;
use crate::figure::Figure;
use crate::preset::Preset;
use crate::share::Share;
use clap::{CommandFactory, FromArgMatches, Parser};
use std::ffi::OsString;
use std::path::PathBuf;

/// Flags of every figure, and those of its configurations.
#[derive(Parser)]
pub(crate) struct Flags<O: clap::Args> {
    /// How much to run: smoke (seconds), quick (a few minutes), standard (about twice that) or full (hours).
    #[arg(long, value_enum, default_value = "quick")]
    pub(crate) preset: Preset,
    /// Draw the records at hand; run nothing.
    #[arg(long)]
    pub(crate) no_run: bool,
    /// Run nothing, and draw the records at hand anew as they land, until all are there.
    #[arg(long, conflicts_with_all = ["no_run", "list", "cell", "cells"])]
    pub(crate) watch: bool,
    /// List the cells and whether they are done.
    #[arg(long)]
    pub(crate) list: bool,
    /// With --list: each cell whole, as one line of JSON.
    #[arg(long, requires = "list")]
    pub(crate) json: bool,
    /// Run one cell, named by its id or the beginning of it, and print its record.
    #[arg(long, value_name = "ID")]
    pub(crate) cell: Option<String>,
    /// Seeds, from 0.
    #[arg(long)]
    pub(crate) seeds: Option<u64>,
    /// Run one part of the cells, as in 2/4, and draw nothing: several machines or array tasks that share the
    /// folders (--cache, or for full the work tree) do all of them together.
    #[arg(long, value_name = "I/N", conflicts_with_all = ["no_run", "cell"])]
    pub(crate) cells: Option<Share>,
    /// Cells at a time, one thread each; the number of cores without it.
    #[arg(long)]
    pub(crate) jobs: Option<usize>,
    /// Device: flex, or tch and tch-cuda in builds with feature tch.
    #[arg(long, default_value = "flex")]
    pub(crate) device: String,
    /// Change one field of every cell that has it, as in learner.sft.batch=64, or of one method's cells alone, as in
    /// step-dpo:method.loss.beta=0.3; may be repeated. The result is marked as changed and drawn into a folder of its
    /// own.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Folder of checkpoints, rollouts and quick records.
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
    /// Folder to draw into, in place of paper-figures.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Run the full preset although the work tree differs from the commit; records say so.
    #[arg(long)]
    pub(crate) allow_dirty: bool,
    /// This program is a copy that a full run made of itself.
    #[arg(long, hide = true)]
    pub(crate) copied: bool,
    /// Flags of the configurations.
    #[command(flatten)]
    pub(crate) options: O,
}

impl<O: clap::Args> Flags<O> {
    /// The flags of a command line, the program's name first. Ends the program, with help or an error, where there
    /// are none.
    pub(crate) fn of<C: Configuration<Options = O>>(
        figure: &Figure<C>,
        collection: Collection,
        args: impl IntoIterator<Item = OsString>,
    ) -> Self {
        let examples = format!(
            "Examples:\n  just {0}                                 the quick preset\n  just {0} --preset full --jobs 2          the evidence\n  just {0} --set {1}   one field changed\n  just {0} --preset full --no-run          redraw from committed records",
            collection.recipe(figure.name),
            C::SET
        );
        let command = Self::command().name(figure.name).about(figure.title).after_help(examples);
        Self::from_arg_matches(&command.get_matches_from(args)).unwrap_or_else(|error| error.exit())
    }
}
