//! Pretraining: the base follows edges forward from the start along a random arm, and finds the node before a
//! node when asked in another role. Path finding is the combination that it has not seen.

use super::losses::mean_nll;
use super::net::StarNet;
use super::rows::{Asked, Row, Rows};
use super::training::train;
use crate::pipeline::StarBase;
use anyhow::Result;
use burn::tensor::{Device, Int, Tensor, TensorData};
use eightfold_loss::sequence_logps;
use eightfold_task::Key;
use eightfold_task::stargraph::{Label, StarConfig, StarGraph, look_up, walk};

/// Trains a base on fresh graphs. Each update has a walk and a look-up on every graph of its batch.
///
/// # Errors
/// If training diverges.
pub fn pretrain(
    world: &StarConfig,
    base: &StarBase,
    device: &Device,
    watch: &mut dyn FnMut(f64),
) -> Result<StarNet> {
    device.seed(base.seed);
    let net = base.net.init(world.labels, device);
    let key = Key::new(base.seed, "star base");
    let updates = base.training.updates as f64;
    let mut tell = |update: usize, _: Option<f64>, _: &StarNet| {
        watch(update as f64 / updates);
        Ok(())
    };
    train(&net, &base.training, &mut tell, &mut |net, update| {
        let stories = Stories::draw(world, base.training.batch, key.with(update as u64));
        stories.walks(net) + stories.look_ups(net)
    })
}

/// What a base is trained on in one update, or tried on.
struct Stories(Vec<Story>);

struct Story {
    graph: StarGraph,
    goal: Label,
    path: Vec<Label>,
    node: Label,
    parent: Label,
}

impl Stories {
    fn draw(world: &StarConfig, count: usize, key: Key) -> Self {
        let story = |i: u64| {
            let rng = &mut key.with(i).rng();
            let graph = StarGraph::draw(world, rng);
            let (goal, path) = walk(&graph, world.labels, rng);
            let (node, parent) = look_up(&graph, rng);
            Story { graph, goal, path, node, parent }
        };
        Self((0..count as u64).map(story).collect())
    }

    fn walk_logits(&self, net: &StarNet) -> Tensor<3> {
        let row = |s: &'_ Story| (Asked::Path(s.goal), s.path.len() - 1);
        self.logits(net, row)
    }

    fn look_up_logits(&self, net: &StarNet) -> Tensor<3> {
        self.logits(net, |s| (Asked::Parent(s.node), 0))
    }

    fn logits(&self, net: &StarNet, row: impl Fn(&Story) -> (Asked, usize)) -> Tensor<3> {
        let rows: Vec<Row> = self
            .0
            .iter()
            .map(|s| {
                let (asked, nodes) = row(s);
                Row { graph: &s.graph, asked, nodes: &s.path[..nodes] }
            })
            .collect();
        net.logits(&Rows::new(&rows, net.labels()))
    }

    fn walks(&self, net: &StarNet) -> Tensor<1> {
        nll(self.walk_logits(net), self.0.iter().flat_map(|s| &s.path))
    }

    fn look_ups(&self, net: &StarNet) -> Tensor<1> {
        nll(self.look_up_logits(net), self.0.iter().map(|s| &s.parent))
    }
}

/// Mean negative log-likelihood of targets at all positions.
fn nll<'a>(logits: Tensor<3>, targets: impl Iterator<Item = &'a Label>) -> Tensor<1> {
    let [rows, positions, _] = logits.dims();
    let targets: Vec<i64> = targets.map(|label| *label as i64).collect();
    let device = logits.device();
    let targets = Tensor::<2, Int>::from_data(TensorData::new(targets, [rows, positions]), &device);
    mean_nll(&sequence_logps(logits, targets, Tensor::ones([rows, positions], &device)))
}

/// What a base can do, as shares of 500 fresh graphs.
#[derive(Clone, Copy, Debug)]
pub struct Skills {
    /// Look-ups that are right.
    pub look_ups: f64,
    /// Walks whose likeliest first node is a neighbor of the start.
    pub neighbors: f64,
    /// Walks whose later nodes are all likeliest.
    pub steps: f64,
}

impl std::fmt::Display for Skills {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { look_ups, neighbors, steps } = self;
        write!(
            f,
            "of fresh graphs, look-ups {look_ups:.3}, first nodes on an arm {neighbors:.3}, later steps {steps:.3}"
        )
    }
}

/// Tries a base on fresh graphs.
pub fn skills(net: &StarNet, world: &StarConfig) -> Skills {
    let stories = Stories::draw(world, 500, Key::new(0, "star base skills"));
    let argmax = |logits: Tensor<3>| -> Vec<Label> {
        logits.argmax(2).into_data().iter::<i64>().map(|label| label as Label).collect()
    };
    let share = |right: usize| right as f64 / 500.0;
    let looked = argmax(stories.look_up_logits(net));
    let walked = argmax(stories.walk_logits(net));
    let walked: Vec<&[Label]> = walked.chunks_exact(stories.0[0].path.len()).collect();
    let both = || stories.0.iter().zip(&walked);
    Skills {
        look_ups: share(stories.0.iter().zip(&looked).filter(|(s, found)| s.parent == **found).count()),
        neighbors: share(both().filter(|(s, nodes)| s.graph.neighbors().any(|n| n == nodes[0])).count()),
        steps: share(both().filter(|(s, nodes)| s.path[1..] == nodes[1..]).count()),
    }
}
