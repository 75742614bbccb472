//! What a star graph cell measures.

use super::net::StarNet;
use super::scores::scores;
use eightfold_synth::StepPairStatistics;
use eightfold_task::stargraph::StarGraph;
use serde::{Deserialize, Serialize};

/// The result of a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StarMetrics {
    /// Measurements along the method's own updates.
    pub curve: StarCurve,
    /// Pairs, or graphs, that the method was trained on.
    pub items: usize,
    /// How sampled pairs came about, before a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pits: Option<StepPairStatistics>,
    /// Completions that the verifier judged, rollouts included.
    pub verifier_calls: u64,
    /// Seconds of SFT, sampling, training and measuring.
    pub seconds: f64,
}

/// Measurements along a run, one place in every list for each of them: held-out graphs unless said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StarCurve {
    /// Updates of the method made.
    pub updates: Vec<usize>,
    /// Mean loss of the method over the updates since the last measurement; that of the first update at 0.
    pub loss: Vec<f64>,
    /// Share of graphs whose greedy solution is wrong.
    pub error: Vec<f64>,
    /// Share of graphs whose likeliest first node is right.
    pub critical: Vec<f64>,
    /// Q-value of the critical token: the mean value of the first node that the network draws.
    pub value: Vec<f64>,
    /// Mean value of the right first node.
    pub right_value: Vec<f64>,
    /// Negative log-likelihood of a node, in nats, on the training graphs.
    pub train_nll: Vec<f64>,
    /// Q-value of the critical token on the training graphs.
    pub train_value: Vec<f64>,
}

impl StarCurve {
    /// Measures a network after this many updates. Its loss is pushed by who trains it.
    pub(super) fn push(&mut self, update: usize, net: &StarNet, graphs: &Graphs) {
        let (held, trained) = (scores(net, &graphs.held), scores(net, &graphs.train));
        self.updates.push(update);
        self.error.push(held.error);
        self.critical.push(held.critical);
        self.value.push(held.value);
        self.right_value.push(held.right_value);
        self.train_nll.push(trained.nll);
        self.train_value.push(trained.value);
    }

    /// The error after the last update.
    pub fn last_error(&self) -> f64 {
        self.error.last().copied().unwrap_or(f64::NAN)
    }
}

/// Training and held-out graphs.
pub(super) struct Graphs {
    pub(super) train: Vec<StarGraph>,
    pub(super) held: Vec<StarGraph>,
}
