//! Star graph cells in the harness of all figures.

use super::base::{find_or_train, paths};
use super::cell::{StarBase, StarCell, StarMethod};
use super::metrics::StarMetrics;
use super::pretraining::skills;
use super::run::run;
use crate::configuration::Configuration;
use crate::doing::Watch;
use crate::stages::Workplace;
use anyhow::Result;
use eightfold_task::stargraph::StarConfig;

impl Configuration for StarCell {
    type Metrics = StarMetrics;
    type Place = Workplace;

    const SET: &'static str = "method.step-dpo.beta=1.0";

    fn id(&self) -> String {
        Self::id(self)
    }

    fn label(&self) -> String {
        format!("{} n={} s={}", self.method.name(), self.graphs, self.seed)
    }

    fn weight(&self) -> f64 {
        let (before, own) = match &self.method {
            StarMethod::Sft {} => (0, self.sft.updates),
            method => method.updates(),
        };
        let measurements = (own / self.watching.every + 1) as f64;
        let measured = (self.watching.graphs + self.graphs) as f64;
        ((before + own) * self.sft.batch) as f64 + 0.3 * measurements * measured
    }

    fn queue(missing: &mut [Self]) {
        missing.sort_by_key(|cell| (cell.seed, cell.method.name()));
    }

    fn prepare(cells: &[Self], place: &Workplace) -> Result<()> {
        cells.iter().try_for_each(Self::check)?;
        let mut recipes: Vec<(&StarConfig, &StarBase)> = Vec::new();
        for cell in cells {
            if !recipes.contains(&(&cell.world, &cell.base)) {
                recipes.push((&cell.world, &cell.base));
            }
        }
        for (world, base) in recipes {
            if paths(world, base, place).iter().any(|path| path.exists()) {
                continue;
            }
            eprintln!(
                "there is no base {} for this world yet: pretraining one (kept in the cache)",
                base.seed
            );
            let net = find_or_train(world, base, place, &mut |_| {})?;
            eprintln!("base {}: {}", base.seed, skills(&net, world));
        }
        Ok(())
    }

    fn run(&self, place: &Workplace, watch: &Watch) -> Result<StarMetrics> {
        run(self, place, watch)
    }

    fn outcome(metrics: &StarMetrics) -> String {
        let StarMetrics { curve, items, .. } = metrics;
        let first = curve.error.first().copied().unwrap_or(f64::NAN);
        format!("error {first:.3} to {:.3} on {items} items", curve.last_error())
    }

    fn error(metrics: &StarMetrics) -> f64 {
        metrics.curve.last_error()
    }
}
