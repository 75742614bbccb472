//! The star graph's network as a learner.
//!
//! The ordinary decoder on text does not show the panels of figure 10 (LOG.md), so this world has a network of its own,
//! [`net::StarNet`]: attention alone, one position an edge, no order of edges. It treats the critical node, the first
//! after the prompt, apart from the nodes after it.

pub mod base;
mod losses;
pub mod net;
mod policy;
pub mod pretraining;
mod rows;
mod scores;
mod training;

use crate::pipeline::{
    Anchor, Drawing, Exact, Impossible, Learner, Likelihood, Measured, Measures, Meter, Moment, Objective,
    Observer, Operations, Phase, Reference, Schedule, Spans, StarLearner, Tempered, Trained, Training,
};
use anyhow::{Context, Result, bail};
use base::{Folders, find_or_train};
use burn::module::Module;
use burn::tensor::Tensor;
use eightfold_advantage::{Episode, StepValues};
use eightfold_gpt::{Order, TrainReport};
use eightfold_harness::Progress;
use eightfold_loss::DpoNll;
use eightfold_task::stargraph::{StarConfig, StarGraph};
use eightfold_task::{Example, Key, Pair, Policy, Problem, Target};
use losses::StepPair;
use net::StarNet;
use policy::StarPolicy;
use scores::scores;
use training::train;

/// The star graph's network.
pub struct StarNetLearner<'a> {
    world: StarConfig,
    config: StarLearner,
    folders: Folders<'a>,
}

impl<'a> StarNetLearner<'a> {
    /// The learner of this world.
    ///
    /// # Errors
    /// The first field that is out of its range.
    pub fn new(world: &StarConfig, config: &StarLearner, folders: Folders<'a>) -> Result<Self> {
        let crate::pipeline::NetConfig { width, heads, .. } = config.base.net;
        if heads == 0 || width == 0 || !width.is_multiple_of(2) || !width.is_multiple_of(heads) {
            bail!(
                "`learner.star.base.net.width` is {width}, but must be even and a multiple of the {heads} heads"
            );
        }
        let counts = [
            ("base.training.batch", config.base.training.batch),
            ("sft.batch", config.sft.batch),
            ("train.batch", config.train.as_ref().map_or(1, |train| train.batch)),
            ("every", config.every),
        ];
        if let Some((field, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            bail!("`learner.star.{field}` is 0, but must be at least 1");
        }
        Ok(Self { world: world.clone(), config: config.clone(), folders })
    }

    fn schedule(&self, phase: Phase) -> Result<Schedule> {
        match phase {
            Phase::Sft => Ok(self.config.sft.clone()),
            Phase::SftUntil(updates) => Ok(Schedule { updates, ..self.config.sft.clone() }),
            Phase::Method => Ok(self
                .config
                .train
                .clone()
                .ok_or(Impossible::Key { method: "that trains", key: "learner.star.train" })?),
        }
    }

    /// The loop, which tells of every update as progress and to the observer.
    fn follow(
        &self,
        from: &StarNet,
        schedule: &Schedule,
        training: &Training<'_>,
        observer: &mut Observer<'_, StarNet>,
        loss: &mut dyn FnMut(&StarNet, usize) -> Tensor<1>,
    ) -> Result<Trained<StarNet>> {
        let mut losses = Vec::with_capacity(schedule.updates);
        let mut hear = |update: usize, loss: Option<f64>, net: &StarNet| {
            losses.extend(loss);
            let share = update as f64 / schedule.updates.max(1) as f64;
            (training.on_progress)(Progress { loss, ..Progress::part(training.name, share) });
            let state = || net.clone().valid();
            observer(Moment { update, updates: schedule.updates, loss, state: &state });
            Ok(())
        };
        let state = train(from, schedule, &mut hear, loss)?;
        let mut report = TrainReport { updates: schedule.updates, ..TrainReport::default() };
        report.summarize(&losses, &[]);
        Ok(Trained { state, report })
    }
}

impl Learner for StarNetLearner<'_> {
    type State = StarNet;

    fn name(&self) -> &'static str {
        "star"
    }

    fn base(&self) -> Result<StarNet> {
        find_or_train(&self.world, &self.config.base, &self.folders, &mut |_| {})
    }

    fn policy<'b>(&'b self, state: &'b StarNet, drawing: &Drawing<'b>) -> Result<Box<dyn Policy + 'b>> {
        if drawing.temperature != 1.0 || drawing.chat {
            bail!(Impossible::Probe {
                what: "another temperature than 1, or a chat template",
                holder: self.name()
            });
        }
        Ok(Box::new(StarPolicy::new(state)))
    }

    fn train(
        &self,
        from: &StarNet,
        objective: &Objective<'_, StarNet>,
        training: &Training<'_>,
        observer: &mut Observer<'_, StarNet>,
    ) -> Result<Trained<StarNet>> {
        let schedule = self.schedule(training.phase)?;
        let order = |items: usize, purpose: &str| {
            Order::new(items, Key::new(training.seed, "star order").with_text(purpose))
        };
        match objective {
            Objective::Likelihood(Likelihood {
                spans: Spans::Whole(examples),
                tempered,
                clip: None,
                anchor: Anchor::None {},
            }) => {
                let graphs = examples.iter().map(example_graph).collect::<Result<Vec<_>>>()?;
                let purpose = if tempered.is_some() { "tempered" } else { "sft" };
                let mut order = order(graphs.len(), purpose);
                self.follow(from, &schedule, training, observer, &mut |net, _| {
                    let batch = pick(&graphs, &order.next(schedule.batch));
                    match *tempered {
                        Some(Tempered { scale, rest }) => losses::tempered(net, &batch, scale, Some(rest)),
                        None => losses::sft(net, &batch),
                    }
                })
            }
            Objective::Likelihood(_) => bail!(Impossible::Objective {
                learner: self.name(),
                what: "weighted steps, clipped ratios or an anchor"
            }),
            Objective::Preference(preference) => {
                let DpoNll { beta, nll } = preference.dpo(self.name())?;
                let pairs = preference.pairs.iter().map(step_pair).collect::<Result<Vec<_>>>()?;
                let frozen = match preference.reference {
                    Reference::Start => losses::reference(from, &pairs),
                    Reference::Other(state) => losses::reference(state, &pairs),
                };
                let mut order = order(pairs.len(), "step dpo");
                self.follow(from, &schedule, training, observer, &mut |net, _| {
                    let items = order.next(schedule.batch);
                    let frozen: Vec<[f32; 2]> = items.iter().map(|&i| frozen[i]).collect();
                    losses::step_dpo(net, &pick(&pairs, &items), &frozen, beta, nll)
                })
            }
        }
    }

    fn meter<'b>(&'b self, _state: &'b StarNet) -> Result<Box<dyn Meter + 'b>> {
        let [width, layers] = [self.config.base.net.width, self.config.base.net.layers].map(|n| n as f64);
        let head = width * width / 2.0 + width / 2.0 * self.world.labels as f64;
        // Queries, keys, values and output; there is no feed-forward part.
        Ok(Box::new(StarMeter(Operations { block: 4.0 * width * width, queries: width, layers, head })))
    }

    fn exact(&self) -> Option<&dyn Exact<StarNet>> {
        Some(self)
    }

    fn measured(&self) -> Option<&dyn Measured<StarNet>> {
        Some(self)
    }
}

impl Exact<StarNet> for StarNetLearner<'_> {
    fn errors(&self, state: &StarNet, problems: &[Problem]) -> Result<[f64; 2]> {
        let scores = scores(state, &graphs(problems)?);
        Ok([scores.error, 1.0 - scores.value])
    }

    fn values(&self, _state: &StarNet, _temperature: f64, _episode: &Episode) -> Result<StepValues> {
        bail!(Impossible::Probe { what: "exact values of the steps of any solution", holder: self.name() })
    }
}

impl Measured<StarNet> for StarNetLearner<'_> {
    fn every(&self) -> usize {
        self.config.every
    }

    fn updates(&self) -> usize {
        self.config.train.as_ref().map_or(0, |train| train.updates)
    }

    fn measure(&self, state: &StarNet, train: &[Problem], held_out: &[Problem]) -> Result<Measures> {
        let (held_out, train) = (scores(state, &graphs(held_out)?), scores(state, &graphs(train)?));
        let measures = [
            ("error", held_out.error),
            ("critical", held_out.critical),
            ("value", held_out.value),
            ("right_value", held_out.right_value),
            ("train_nll", train.nll),
            ("train_value", train.value),
        ];
        Ok(measures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

/// Counts positions: one an edge, one for the question, one a node.
struct StarMeter(Operations);

impl Meter for StarMeter {
    fn tokens(&self, text: &str) -> Result<usize> {
        let (question, nodes) = text.split_once('\n').unwrap_or(("", text));
        let edges = if question.is_empty() { 0 } else { question.split(';').count() + 1 };
        Ok(edges + nodes.lines().count())
    }

    fn operations(&self) -> Operations {
        self.0
    }
}

fn graphs(problems: &[Problem]) -> Result<Vec<StarGraph>> {
    problems.iter().map(|problem| Ok(StarGraph::parse(&problem.question)?)).collect()
}

fn example_graph(example: &Example) -> Result<StarGraph> {
    Ok(policy::read(&example.prompt)?.0)
}

/// A pair of texts as nodes.
fn step_pair(pair: &Pair) -> Result<StepPair> {
    let (graph, prefix) = policy::read(&pair.prompt)?;
    let nodes = |target: &Target| policy::labels(&target.text).filter(|nodes| !nodes.is_empty());
    let both = nodes(&pair.chosen).zip(nodes(&pair.rejected));
    let (chosen, rejected) = both.with_context(|| format!("a side of a pair holds no nodes: {pair:?}"))?;
    Ok(StepPair { graph, prefix, chosen, rejected: rejected[0] })
}

fn pick<'a, T>(all: &'a [T], items: &[usize]) -> Vec<&'a T> {
    items.iter().map(|&i| &all[i]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_texts_are_read_as_nodes() {
        let pair = Pair {
            prompt: "3 1 ; 3 4 ; 1 0 ; 4 2 ? 3 2\n4 .\n".into(),
            chosen: Target::whole("2"),
            rejected: Target::part("0"),
        };
        let read = step_pair(&pair).unwrap();
        assert_eq!((&read.prefix[..], &read.chosen[..], read.rejected), (&[4][..], &[2][..], 0));
        assert!(step_pair(&Pair { rejected: Target::part(""), ..pair }).is_err());
    }
}
