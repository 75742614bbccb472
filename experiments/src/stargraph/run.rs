//! One cell of the star graph experiment, from graphs to a curve.

use super::base::find_or_train;
use super::cell::{StarCell, StarMethod, Watching};
use super::losses::{self, StepPair};
use super::metrics::{Graphs, StarCurve, StarMetrics};
use super::net::StarNet;
use super::training::{Schedule, train};
use crate::cell::Held;
use crate::doing::{Doing, Watch};
use crate::stages::Workplace;
use anyhow::Result;
use burn::module::Module;
use burn::tensor::Tensor;
use eightfold_gpt::Order;
use eightfold_task::Key;
use eightfold_task::stargraph::{StarConfig, StarGraph};
use std::time::Instant;

/// Trains one cell and measures it along the way. Everything that can change the result is in `cell`.
///
/// # Errors
/// If the cell contradicts itself, training diverges, or the base cannot be used.
pub fn run(cell: &StarCell, place: &Workplace, tell: &Watch) -> Result<StarMetrics> {
    let start = Instant::now();
    cell.check()?;
    let graphs = Graphs {
        train: StarGraph::draw_set(&cell.world, cell.graphs, cell.seed, "train"),
        held: held_out(&cell.world, &cell.watching),
    };
    let base = find_or_train(&cell.world, &cell.base, place, &mut |share| tell(Doing::part("base", share)))?;
    let mut run = Run { cell, graphs: &graphs, tell };
    let mut metrics = run.method(&base)?;
    metrics.seconds = start.elapsed().as_secs_f64();
    Ok(metrics)
}

/// The graphs that cells are measured on: the same for all.
fn held_out(world: &StarConfig, watching: &Watching) -> Vec<StarGraph> {
    let purpose = match watching.held {
        Held::Validation => "validation",
        Held::Test => "test",
    };
    StarGraph::draw_set(world, watching.graphs, 0, purpose)
}

struct Run<'a> {
    cell: &'a StarCell,
    graphs: &'a Graphs,
    tell: &'a Watch<'a>,
}

impl Run<'_> {
    fn method(&mut self, base: &StarNet) -> Result<StarMetrics> {
        let mut metrics = StarMetrics {
            curve: StarCurve::default(),
            items: self.cell.graphs,
            pits: None,
            verifier_calls: 0,
            seconds: 0.0,
        };
        match &self.cell.method {
            StarMethod::Sft {} => {
                let loss = |net: &StarNet, graphs: &[&StarGraph]| losses::sft(net, graphs);
                metrics.curve = self.on_graphs(base, &self.cell.sft, "sft", loss)?;
            }
            StarMethod::StepDpo { from, pairs, beta, nll, train } => {
                let sft = self.checkpoint(base, *from)?;
                (self.tell)(Doing::stage("samples and rollouts"));
                let drawn = pairs.draw(&sft, &self.graphs.train, self.cell.seed)?;
                (metrics.items, metrics.pits, metrics.verifier_calls) =
                    (drawn.pairs.len(), drawn.statistics, drawn.verifier_calls);
                metrics.curve = self.prefer(&sft, &drawn.pairs, (*beta, *nll), train)?;
            }
            StarMethod::Tempered { from, scale, nll, train } => {
                let sft = self.checkpoint(base, *from)?;
                let loss =
                    |net: &StarNet, graphs: &[&StarGraph]| losses::tempered(net, graphs, *scale, Some(*nll));
                metrics.curve = self.on_graphs(&sft, train, "tempered", loss)?;
            }
        }
        Ok(metrics)
    }

    /// The base after this many updates of SFT: a point of the SFT cell's own run.
    fn checkpoint(&self, base: &StarNet, updates: usize) -> Result<StarNet> {
        let schedule = Schedule { updates, ..self.cell.sft.clone() };
        let mut order = self.order("sft", self.graphs.train.len());
        let mut watch = |update: usize, loss: Option<f64>, _: &StarNet| {
            let share = update as f64 / updates.max(1) as f64;
            (self.tell)(Doing { loss, ..Doing::part("sft", share) });
            Ok(())
        };
        train(base, &schedule, &mut watch, &mut |net, _| {
            losses::sft(net, &pick(&self.graphs.train, &order.next(schedule.batch)))
        })
    }

    /// Trains on the graphs' solutions and measures along the way.
    fn on_graphs(
        &self,
        from: &StarNet,
        schedule: &Schedule,
        name: &str,
        loss: impl Fn(&StarNet, &[&StarGraph]) -> Tensor<1>,
    ) -> Result<StarCurve> {
        let mut order = self.order(name, self.graphs.train.len());
        self.measured(from, schedule, name, &mut |net, _| {
            loss(net, &pick(&self.graphs.train, &order.next(schedule.batch)))
        })
    }

    /// Trains on pairs and measures along the way. Without pairs nothing moves.
    fn prefer(
        &self,
        from: &StarNet,
        pairs: &[StepPair],
        (beta, nll): (f64, f64),
        schedule: &Schedule,
    ) -> Result<StarCurve> {
        if pairs.is_empty() {
            // The loss of a margin of 0.
            let mut curve = StarCurve { loss: vec![std::f64::consts::LN_2; 2], ..StarCurve::default() };
            [0, schedule.updates].into_iter().for_each(|update| curve.push(update, from, self.graphs));
            return Ok(curve);
        }
        let reference = losses::reference(from, pairs);
        let mut order = self.order("step dpo", pairs.len());
        self.measured(from, schedule, "step dpo", &mut |net, _| {
            let items = order.next(schedule.batch);
            let reference: Vec<[f32; 2]> = items.iter().map(|&i| reference[i]).collect();
            losses::step_dpo(net, &pick(pairs, &items), &reference, beta, nll)
        })
    }

    fn measured(
        &self,
        from: &StarNet,
        schedule: &Schedule,
        name: &str,
        loss: &mut dyn FnMut(&StarNet, usize) -> Tensor<1>,
    ) -> Result<StarCurve> {
        let mut curve = StarCurve::default();
        let mut since = Vec::new();
        let mut watch = |update: usize, loss: Option<f64>, net: &StarNet| {
            since.extend(loss);
            if update == 1 {
                curve.loss.extend(loss);
            }
            if update.is_multiple_of(self.cell.watching.every) || update == schedule.updates {
                let share = update as f64 / schedule.updates.max(1) as f64;
                (self.tell)(Doing { loss, ..Doing::part(name, share) });
                curve.push(update, &net.clone().valid(), self.graphs);
                if update > 0 {
                    curve.loss.push(mean(&std::mem::take(&mut since)));
                }
            }
            Ok(())
        };
        train(from, schedule, &mut watch, loss)?;
        Ok(curve)
    }

    fn order(&self, purpose: &str, items: usize) -> Order {
        Order::new(items, Key::new(self.cell.seed, "star order").with_text(purpose))
    }
}

fn pick<'a, T>(all: &'a [T], items: &[usize]) -> Vec<&'a T> {
    items.iter().map(|&i| &all[i]).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
