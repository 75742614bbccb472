//! A figure: its cells, its drawing, and its claims.

use crate::claim::Measured;
use crate::collection::Collection;
use crate::configuration::Configuration;
use crate::flags::Flags;
use crate::invocation::Invocation;
use crate::preset::{Preset, Seeds};
use crate::store::{Record, Records};
use anyhow::Result;
use eightfold_plot::Chart;
use std::ffi::OsString;
use std::path::PathBuf;

/// What a figure makes of its records.
pub struct Drawn {
    /// The picture.
    pub chart: Chart,
    /// The table, with a header line.
    pub csv: String,
    /// The claims.
    pub claims: Vec<Measured>,
    /// What to know before believing them: paragraphs, tables.
    pub notes: Vec<String>,
}

/// Everything that a figure may draw from.
pub struct Results<C: Configuration> {
    /// Records of the cells that were run, each once, in the order of the cells.
    pub records: Vec<Record<C>>,
    /// For each cell of the figure, in its order, where its record is among them.
    pub slots: Vec<Option<usize>>,
    /// Cells without a record.
    pub missing: usize,
    /// What was run.
    pub preset: Preset,
    /// For how many seeds.
    pub seeds: u64,
    /// Settings changed on the command line.
    pub changed: Vec<String>,
    /// Folder for what drawing itself computes (theory curves).
    pub cache: PathBuf,
    /// What a drawing from another place than the figures' own has to say of it; empty otherwise.
    pub elsewhere: String,
}

/// A figure.
pub struct Figure<C: Configuration> {
    /// Its name, as `fig7`.
    pub name: &'static str,
    /// What it shows, in one line.
    pub title: &'static str,
    /// The cells of a preset for some seeds.
    pub cells: fn(Preset, u64) -> Vec<C>,
    /// How many seeds it has.
    pub seeds: Seeds,
    /// Draws records.
    pub draw: fn(&Results<C>) -> Result<Drawn>,
    /// What takes the place of both where the flags ask for another place. Without it, the figure's own cells are run
    /// there as far as it has what they need.
    pub elsewhere: Option<Elsewhere<C>>,
}

/// Plans the cells of a preset in a place, for some seeds if the command line says so.
pub(crate) type PlanElsewhere<C> =
    fn(&<C as Configuration>::Place, &<C as Configuration>::Options, Preset, Option<u64>) -> Result<Vec<C>>;

/// Cells and drawing of a figure in a place that is not the figures' own.
pub struct Elsewhere<C: Configuration> {
    /// Plans them.
    pub cells: PlanElsewhere<C>,
    /// Draws records.
    pub draw: fn(&Results<C>) -> Result<Drawn>,
}

impl<C: Configuration> Figure<C> {
    /// The whole program: runs the missing cells, then writes table, pictures and claims.
    ///
    /// # Errors
    /// Bad flags, a file that cannot be read or written, a cell that fails. A claim that fails is a finding
    /// and no error.
    pub fn main(&self) -> Result<()> {
        self.main_in(Collection::Figures, std::env::args_os())
    }

    /// The same for a figure of a collection, with the arguments of the command line, the program's name first.
    ///
    /// # Errors
    /// As [`Figure::main`].
    pub fn main_in(&self, collection: Collection, args: impl IntoIterator<Item = OsString>) -> Result<()> {
        Invocation::new(self, collection, Flags::of(self, collection, args))?.carry_out()
    }
}

impl<C: Configuration> Results<C> {
    pub(crate) fn new(preset: Preset, seeds: u64, changed: Vec<String>, cache: PathBuf) -> Self {
        let (records, slots, elsewhere) = (Vec::new(), Vec::new(), String::new());
        Self { records, slots, missing: 0, preset, seeds, changed, cache, elsewhere }
    }

    /// Reads the records of the cells, each once. Where there is no cell, the place lacks what it needs.
    pub(crate) fn read(&mut self, cells: &[Option<C>], records: &Records) -> Result<()> {
        for (at, cell) in cells.iter().enumerate() {
            let Some(cell) = cell else {
                self.slots.push(None);
                continue;
            };
            let slot = match cells[..at].iter().position(|before| before.as_ref() == Some(cell)) {
                Some(before) => self.slots[before],
                None => match records.load(cell)? {
                    Some(record) => {
                        self.records.push(record);
                        Some(self.records.len() - 1)
                    }
                    None => {
                        self.missing += 1;
                        None
                    }
                },
            };
            self.slots.push(slot);
        }
        Ok(())
    }
}
