//! How well a network finds paths: exact, because it has few ways to go on.

use super::net::StarNet;
use super::rows::{Row, Rows};
use burn::tensor::activation::log_softmax;
use eightfold_task::stargraph::StarGraph;
use serde::{Deserialize, Serialize};

/// What a network does with a set of graphs. Values are exact: a solution is right only node by node, so the
/// value of a prefix of the path is the product of the probabilities of the nodes left
/// ([`StarGraph::value`]), and that of any other prefix is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PathScores {
    /// Share of graphs whose greedy solution is wrong.
    pub(super) error: f64,
    /// Share of graphs whose likeliest first node is the critical one.
    pub(super) critical: f64,
    /// Mean value of the first node that the network draws: the Q-value of the critical token.
    pub(super) value: f64,
    /// Mean value of the right first node.
    pub(super) right_value: f64,
    /// Mean negative log-likelihood of a node of the path, in nats.
    pub(super) nll: f64,
}

/// Rows read together.
const SLICE: usize = 250;

/// Scores of a network on graphs.
pub(super) fn scores(net: &StarNet, graphs: &[StarGraph]) -> PathScores {
    let mut sum = PathScores::default();
    for graphs in graphs.chunks(SLICE) {
        let rows: Vec<Row> = graphs.iter().map(|g| Row::new(g, &g.path()[..g.path().len() - 1])).collect();
        let labels = net.labels();
        let logps = log_softmax(net.logits(&Rows::new(&rows, labels)), 2);
        let logps: Vec<f32> = logps.into_data().iter::<f32>().collect();
        for (graph, row) in graphs.iter().zip(logps.chunks_exact(labels * graphs[0].path().len())) {
            add(&mut sum, graph, row);
        }
    }
    let mean = |total: f64| round(total / graphs.len() as f64);
    PathScores {
        error: mean(sum.error),
        critical: mean(sum.critical),
        value: mean(sum.value),
        right_value: mean(sum.right_value),
        nll: mean(sum.nll),
    }
}

/// Adds one graph, whose log-probabilities after each prefix of its path stand behind one another.
fn add(sum: &mut PathScores, graph: &StarGraph, logps: &[f32]) {
    let path = graph.path();
    let after = |prefix: usize| &logps[prefix * (logps.len() / path.len())..][..logps.len() / path.len()];
    let p = |prefix: &[usize], next: usize| f64::from(after(prefix.len())[next]).exp();
    // Equal logits do not count as a decision.
    let likeliest = |i: usize| (0..after(i).len()).all(|l| l == path[i] || after(i)[l] < after(i)[path[i]]);
    // Teacher forcing finds the greedy error: a greedy solution is the path if every node of it is likeliest.
    sum.error += f64::from(u8::from(!(0..path.len()).all(likeliest)));
    sum.critical += f64::from(u8::from(likeliest(0)));
    sum.value += graph.value(&[], &p);
    sum.right_value += graph.value(&path[..1], &p);
    let nll = |i: usize| -f64::from(after(i)[path[i]]);
    sum.nll += (0..path.len()).map(nll).sum::<f64>() / path.len() as f64;
}

/// Five decimals: what a record keeps.
fn round(x: f64) -> f64 {
    (1e5 * x).round() / 1e5
}

#[cfg(test)]
mod tests {
    use super::super::policy::StarPolicy;
    use super::*;
    use crate::pipeline::NetConfig;
    use burn::tensor::Device;
    use eightfold_synth::draw_samples;
    use eightfold_task::stargraph::StarConfig;
    use eightfold_verifier::ExactMatch;

    #[test]
    fn the_value_is_the_share_of_samples_that_the_verifier_accepts() {
        // Few labels and a peaked network, so that samples are often right.
        let config = StarConfig { arms: 2, nodes: 3, labels: 5 };
        let device = Device::flex();
        device.seed(2);
        let net = NetConfig { width: 8, layers: 1, heads: 2, scale: 1.0 }.init(5, &device);
        let graphs = StarGraph::draw_set(&config, 60, 0, "scores");
        let problems: Vec<_> = graphs.iter().map(StarGraph::problem).collect();
        let traces = draw_samples(&StarPolicy::new(&net), &ExactMatch, &problems, 200, 0).unwrap();
        let right: usize = traces.iter().map(|trace| trace.positives().count()).sum();
        let (found, share) = (scores(&net, &graphs).value, right as f64 / 12_000.0);
        assert!(share > 0.01, "{share}");
        assert!((found - share).abs() < 5.0 * (found / 12_000.0).sqrt(), "{found} exact, {share} sampled");
    }

    #[test]
    fn a_certain_network_is_right_or_wrong() {
        let graph = StarGraph::parse("3 1 ; 3 4 ; 1 0 ; 4 2 ? 3 2").unwrap();
        let at = |nodes: [usize; 2]| {
            let mut logps = vec![-1e9f32; 10];
            nodes.iter().enumerate().for_each(|(i, node)| logps[5 * i + node] = 0.0);
            let mut sum = PathScores::default();
            add(&mut sum, &graph, &logps);
            (sum.error, sum.critical, sum.value, sum.right_value)
        };
        assert_eq!(at([4, 2]), (0.0, 1.0, 1.0, 1.0));
        assert_eq!(at([4, 0]), (1.0, 1.0, 0.0, 0.0));
        assert_eq!(at([1, 2]), (1.0, 0.0, 0.0, 1.0));
    }
}
