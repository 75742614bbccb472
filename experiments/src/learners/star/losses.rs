//! What the star graph's methods minimize. All of them treat the critical node (the first after the prompt)
//! apart from the nodes after it, which hold the skill of following edges in place.

use super::net::StarNet;
use super::rows::{Row, Rows};
use burn::tensor::{Int, Tensor, TensorData};
use eightfold_loss::{Dpo, Logps, NllReduction, PairLogps, PreferenceLoss, sequence_logps, weighted_nll};
use eightfold_task::stargraph::{Label, StarGraph};

/// A pair at a pit: after `prefix`, the chosen nodes rather than the rejected one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StepPair {
    /// The graph with its question.
    pub(super) graph: StarGraph,
    /// Nodes before the pit.
    pub(super) prefix: Vec<Label>,
    /// A verified continuation, to its end; at least one node.
    pub(super) chosen: Vec<Label>,
    /// The pit.
    pub(super) rejected: Label,
}

/// Logits of a batch, and where what is scored stands in them.
struct Read {
    logits: Tensor<3>,
    /// Position of the first node after the prompt, for each row.
    first: Vec<usize>,
}

/// Reads each graph after `prefix` and the continuation's nodes.
fn read<'a>(net: &StarNet, rows: impl Iterator<Item = (&'a StarGraph, &'a [Label], &'a [Label])>) -> Read {
    let parts: Vec<(&StarGraph, Vec<Label>, usize)> = rows
        .map(|(graph, prefix, next)| (graph, [prefix, &next[..next.len() - 1]].concat(), prefix.len()))
        .collect();
    let rows: Vec<Row> = parts.iter().map(|(graph, nodes, _)| Row::new(graph, nodes)).collect();
    let logits = net.logits(&Rows::new(&rows, net.labels()));
    Read { logits, first: parts.iter().map(|(.., first)| *first).collect() }
}

impl Read {
    /// Log-probabilities of the nodes in the range `from..to` of each continuation, under logits times `scale`.
    fn logps<'a>(
        &self,
        continuations: impl Iterator<Item = &'a [Label]>,
        (from, to): (usize, usize),
        scale: f64,
    ) -> Logps {
        let [rows, positions, _] = self.logits.dims();
        let (mut targets, mut mask) = (vec![0i64; rows * positions], vec![0f32; rows * positions]);
        for (row, (continuation, first)) in continuations.zip(&self.first).enumerate() {
            for (i, label) in continuation.iter().enumerate().take(to).skip(from) {
                let place = row * positions + first + i;
                (targets[place], mask[place]) = (*label as i64, 1.0);
            }
        }
        let device = self.logits.device();
        let targets: Tensor<2, Int> = Tensor::from_data(TensorData::new(targets, [rows, positions]), &device);
        let mask = Tensor::from_data(TensorData::new(mask, [rows, positions]), &device);
        sequence_logps(self.logits.clone() * scale, targets, mask)
    }
}

/// Mean negative log-likelihood of a scored node, in nats, `[1]`.
pub(super) fn mean_nll(logps: &Logps) -> Tensor<1> {
    weighted_nll(logps, logps.tokens.ones_like(), NllReduction::Token)
}

/// Supervised training on solutions: mean negative log-likelihood of a node, in nats, `[1]`.
pub(super) fn sft(net: &StarNet, graphs: &[&StarGraph]) -> Tensor<1> {
    tempered(net, graphs, 1.0, None)
}

/// Supervised training with the critical node's logits multiplied by `scale`, plus `nll` times the mean
/// negative log-likelihood of the nodes after it. Without `nll` all nodes are one mean.
pub(super) fn tempered(net: &StarNet, graphs: &[&StarGraph], scale: f64, nll: Option<f64>) -> Tensor<1> {
    let paths = || graphs.iter().map(|graph| graph.path());
    let read = read(net, graphs.iter().map(|graph| (*graph, &[][..], graph.path())));
    let Some(nll) = nll else { return mean_nll(&read.logps(paths(), (0, usize::MAX), scale)) };
    let critical = mean_nll(&read.logps(paths(), (0, 1), scale));
    critical + mean_nll(&read.logps(paths(), (1, usize::MAX), 1.0)) * nll
}

/// Log-probabilities of the two sides' first nodes, and those of the chosen nodes after it.
fn sides(net: &StarNet, pairs: &[&StepPair]) -> (PairLogps, Logps) {
    let read = read(net, pairs.iter().map(|p| (&p.graph, &p.prefix[..], &p.chosen[..])));
    let chosen = || pairs.iter().map(|pair| &pair.chosen[..]);
    let rejected = pairs.iter().map(|pair| std::slice::from_ref(&pair.rejected));
    let first =
        PairLogps { chosen: read.logps(chosen(), (0, 1), 1.0), rejected: read.logps(rejected, (0, 1), 1.0) };
    (first, read.logps(chosen(), (1, usize::MAX), 1.0))
}

/// Log-probabilities [chosen, rejected] of the first nodes of each pair under a frozen network.
pub(super) fn reference(net: &StarNet, pairs: &[StepPair]) -> Vec<[f32; 2]> {
    let mut out = Vec::with_capacity(pairs.len());
    for chunk in pairs.chunks(256) {
        let (PairLogps { chosen, rejected }, _) = sides(net, &chunk.iter().collect::<Vec<_>>());
        let floats = |logps: Logps| logps.sums.into_data().iter::<f32>().collect::<Vec<_>>();
        out.extend(floats(chosen).into_iter().zip(floats(rejected)).map(|(c, r)| [c, r]));
    }
    out
}

/// Per-step DPO on the first nodes of both sides, plus `nll` times the mean negative log-likelihood of the
/// chosen nodes after it, `[1]`.
pub(super) fn step_dpo(
    net: &StarNet,
    pairs: &[&StepPair],
    reference: &[[f32; 2]],
    beta: f64,
    nll: f64,
) -> Tensor<1> {
    let (policy, rest) = sides(net, pairs);
    let stored = |side: usize, logps: &Logps| {
        let sums: Vec<f32> = reference.iter().map(|both| both[side]).collect();
        Logps { sums: Tensor::from_data(TensorData::from(&sums[..]), &logps.sums.device()), ..logps.clone() }
    };
    let reference = PairLogps { chosen: stored(0, &policy.chosen), rejected: stored(1, &policy.rejected) };
    Dpo { beta }.forward(&policy, &reference).losses.mean() + mean_nll(&rest) * nll
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::NetConfig;
    use burn::tensor::Device;
    use eightfold_task::stargraph::StarConfig;

    fn net() -> StarNet {
        let device = Device::flex();
        device.seed(3);
        NetConfig { width: 16, layers: 1, heads: 2, scale: 1.0 }.init(20, &device)
    }

    fn graphs(count: usize) -> Vec<StarGraph> {
        StarGraph::draw_set(&StarConfig { nodes: 4, ..StarConfig::default() }, count, 0, "losses")
    }

    fn number(loss: Tensor<1>) -> f64 {
        f64::from(loss.into_scalar::<f32>())
    }

    /// Natural log of the probability of a node after a prefix, by a row of its own.
    fn logp(net: &StarNet, graph: &StarGraph, prefix: &[Label], next: Label) -> f64 {
        let logits = net.logits(&Rows::new(&[Row::new(graph, prefix)], 20));
        let all: Vec<f64> = logits.into_data().iter::<f32>().map(f64::from).collect();
        let last = &all[20 * prefix.len()..];
        last[next] - last.iter().map(|x| x.exp()).sum::<f64>().ln()
    }

    #[test]
    fn supervised_training_scores_every_node_of_the_path() {
        let (net, graphs) = (net(), graphs(4));
        let all: f64 = graphs
            .iter()
            .map(|g| (0..3).map(|i| logp(&net, g, &g.path()[..i], g.path()[i])).sum::<f64>())
            .sum();
        let found = number(sft(&net, &graphs.iter().collect::<Vec<_>>()));
        assert!((found + all / 12.0).abs() < 1e-5, "{found} against {}", -all / 12.0);
        // At scale 1 and with one critical node for two others, the tempered form is another mean of the same.
        let two = number(tempered(&net, &graphs.iter().collect::<Vec<_>>(), 1.0, Some(2.0)));
        assert!((two / 3.0 - found).abs() < 1e-5);
    }

    #[test]
    fn a_pair_compares_first_nodes_and_holds_the_rest() {
        let net = net();
        let pairs: Vec<StepPair> = graphs(5)
            .into_iter()
            .enumerate()
            .map(|(i, graph)| {
                let (prefix, chosen) = graph.path().split_at(i % 3);
                let rejected = (graph.path()[i % 3] + 1) % 20;
                StepPair { prefix: prefix.to_vec(), chosen: chosen.to_vec(), rejected, graph }
            })
            .collect();
        let own = reference(&net, &pairs);
        for (pair, found) in pairs.iter().zip(&own) {
            for (node, found) in [(pair.chosen[0], found[0]), (pair.rejected, found[1])] {
                assert!((logp(&net, &pair.graph, &pair.prefix, node) - f64::from(found)).abs() < 1e-4);
            }
        }
        // A reference half a nat lower for chosen sides: every margin is beta / 2.
        let lower: Vec<[f32; 2]> = own.iter().map(|[c, r]| [c - 0.5, *r]).collect();
        let (mut rest, mut nodes) = (0.0, 0.0);
        for pair in &pairs {
            for i in pair.prefix.len() + 1..3 {
                rest -= logp(&net, &pair.graph, &pair.graph.path()[..i], pair.graph.path()[i]);
                nodes += 1.0;
            }
        }
        let expected = (-0.1f64).exp().ln_1p() + 0.7 * rest / nodes;
        let found = number(step_dpo(&net, &pairs.iter().collect::<Vec<_>>(), &lower, 0.2, 0.7));
        assert!((found - expected).abs() < 1e-4, "{found} against {expected}");
    }
}
