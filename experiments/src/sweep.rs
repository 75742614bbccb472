//! Cells in the harness: how they are queued, run and spoken of.

use crate::estimate;
use crate::options::Options;
use crate::pipeline::{Cell, Method, Metrics, digest};
use crate::place::Place;
use anyhow::Result;
use eightfold_harness::{Configuration, Jobs, OnProgress, Opening, Preset};
use std::cmp::Reverse;
use std::path::PathBuf;

impl Configuration for Cell {
    type Metrics = Metrics;
    type Place = Place;
    type Options = Options;

    const SET: &'static str = "world.misread=[0.2,0.7]";

    fn root() -> PathBuf {
        crate::root()
    }

    fn sources() -> &'static str {
        env!("EIGHTFOLD_SOURCES")
    }

    fn id(&self) -> String {
        Self::id(self)
    }

    fn label(&self) -> String {
        format!("{} n={} s={}", self.method.label(), self.problems, self.seed)
    }

    /// The method.
    fn group(&self) -> &str {
        self.method.name()
    }

    /// In examples read.
    fn weight(&self) -> f64 {
        estimate::own(self)
    }

    /// SFT first, since the others start from it, and large before small; neighbors in the queue differ in
    /// seed, so that two jobs seldom wait for one shared stage.
    fn queue(missing: &mut [Self]) {
        let rank = |cell: &Self| {
            let starts = !cell.method.trains() || cell.method == (Method::Sft {});
            (!starts, Reverse(cell.problems), cell.method.name(), cell.seed)
        };
        missing.sort_by_key(rank);
    }

    fn start(&self) -> String {
        digest(&(&self.world, self.learner.start(), self.problems, self.seed))
    }

    fn open(options: &Options, opening: Opening) -> Result<Place> {
        options.open(opening)
    }

    fn is_elsewhere(options: &Options) -> bool {
        options.world.is_some()
    }

    fn elsewhere(&self, place: &Place, options: &Options, preset: Preset) -> Option<Self> {
        options.elsewhere(self, place, preset)
    }

    fn note(place: &Place) -> String {
        place.note()
    }

    /// The closed worlds' learners are small: a thread each. A language model takes all cores.
    fn jobs(options: &Options, asked: Option<usize>) -> Jobs {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        if Self::is_elsewhere(options) {
            let count = asked.unwrap_or(1);
            return Jobs { count, threads: options.threads.unwrap_or((cores / count).max(1)) };
        }
        Jobs { count: asked.unwrap_or(cores), threads: options.threads.unwrap_or(1) }
    }

    fn prepare(cells: &[Self], place: &Place) -> Result<()> {
        place.prepare(cells)
    }

    fn estimate(cells: &[Self], place: &Place, jobs: &Jobs) -> Option<f64> {
        estimate::seconds(cells, place, jobs)
    }

    fn run(&self, place: &Place, on_progress: &OnProgress) -> Result<Metrics> {
        place.run(self, on_progress)
    }

    fn outcome(metrics: &Metrics) -> String {
        format!("error {:.3}", metrics.error)
    }

    fn error(metrics: &Metrics) -> f64 {
        metrics.error
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::{self, Recipe};

    #[test]
    fn names_of_cells_are_those_of_their_records() {
        // Golden: a change here voids every committed record. New fields are left out where they are off.
        let id = |recipe| settings::cell(recipe, 256, 0).id();
        assert_eq!(id(settings::step_dpo(256)), "lexicon-step-dpo-n256-s0-2f875124");
        assert_eq!(id(settings::chosen_only(256)), "lexicon-chosen-only-n256-s0-5adfe8bb");
        assert_eq!(id(Recipe::sft()), "lexicon-sft-n256-s0-35ecec9a");
    }
}
