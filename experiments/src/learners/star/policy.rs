//! The network as a policy: text in, text out, so that samples, first pits and pairs are made as everywhere.

use super::net::StarNet;
use super::rows::{Row, Rows};
use burn::tensor::activation::softmax;
use eightfold_task::stargraph::{Label, StarGraph};
use eightfold_task::{Completion, Draw, Key, Policy, PolicyError};
use std::collections::HashMap;

/// A network that continues paths at temperature 1. A completion has as many nodes as are missing from the
/// path; the world has no end of text. What is drawn beside a completion can change the last bits of its
/// probabilities, as burn's matrix products depend on the number of rows, and so a draw in some ten million.
pub(super) struct StarPolicy<'a> {
    net: &'a StarNet,
}

/// Rows read together.
const SLICE: usize = 256;

impl<'a> StarPolicy<'a> {
    /// A policy of this network's weights.
    pub(super) fn new(net: &'a StarNet) -> Self {
        Self { net }
    }

    /// The distribution over the next node after each of these prefixes.
    fn next(&self, states: &[(&StarGraph, &[Label])]) -> Vec<Vec<f32>> {
        let labels = self.net.labels();
        let mut out = Vec::with_capacity(states.len());
        // Prefixes of one length at a time, in order: rows of equal length need no padding.
        let longest = states.iter().map(|(_, nodes)| nodes.len()).max().unwrap_or(0);
        debug_assert!(states.iter().all(|(_, nodes)| nodes.len() == longest));
        for states in states.chunks(SLICE) {
            let rows: Vec<Row> = states.iter().map(|(graph, nodes)| Row::new(graph, nodes)).collect();
            let logits = self.net.logits(&Rows::new(&rows, labels));
            let last = logits.slice([0..states.len(), longest..longest + 1, 0..labels]);
            let floats: Vec<f32> = softmax(last, 2).into_data().iter::<f32>().collect();
            out.extend(floats.chunks_exact(labels).map(<[f32]>::to_vec));
        }
        out
    }
}

/// A graph and the nodes that a prompt holds.
pub(super) fn read(prompt: &str) -> Result<(StarGraph, Vec<Label>), PolicyError> {
    let (question, nodes) = prompt.split_once('\n').unwrap_or((prompt, ""));
    let graph = StarGraph::parse(question).map_err(|e| PolicyError { message: e.to_string() })?;
    let nodes = labels(nodes).ok_or_else(|| PolicyError { message: format!("{nodes:?} holds no nodes") })?;
    Ok((graph, nodes))
}

/// The nodes of a solution or a part of one; `None` if it holds other words.
pub(super) fn labels(text: &str) -> Option<Vec<Label>> {
    text.split_whitespace().filter(|word| *word != ".").map(|word| word.parse().ok()).collect()
}

/// A completion being drawn.
struct Walk {
    prompt: usize,
    nodes: Vec<Label>,
    key: Key,
}

impl Policy for StarPolicy<'_> {
    fn complete(&self, draws: &[Draw]) -> Result<Vec<Completion>, PolicyError> {
        let mut places = HashMap::new();
        let mut prompts = Vec::new();
        let mut walks = Vec::with_capacity(draws.len());
        for draw in draws {
            let prompt = *places.entry(draw.prompt.as_str()).or_insert(prompts.len());
            if prompt == prompts.len() {
                prompts.push(read(&draw.prompt)?);
            }
            walks.push(Walk { prompt, nodes: prompts[prompt].1.clone(), key: draw.key });
        }
        let longest = prompts.iter().map(|(graph, _)| graph.path().len()).max().unwrap_or(0);
        for length in 0..longest {
            let open =
                |walk: &&mut Walk| walk.nodes.len() == length && length < prompts[walk.prompt].0.path().len();
            let mut open: Vec<&mut Walk> = walks.iter_mut().filter(open).collect();
            let mut states: Vec<(usize, Vec<Label>)> =
                open.iter().map(|walk| (walk.prompt, walk.nodes.clone())).collect();
            states.sort_unstable();
            states.dedup();
            let read: Vec<_> = states.iter().map(|(p, nodes)| (&prompts[*p].0, &nodes[..])).collect();
            let next = self.next(&read);
            for walk in &mut open {
                let state = (walk.prompt, walk.nodes.clone());
                let at = states.binary_search(&state).expect("every open walk has its state");
                walk.nodes.push(choose(&next[at], walk.key.with(length as u64)));
            }
        }
        let completion = |walk: &Walk| {
            let nodes: Vec<String> =
                walk.nodes[prompts[walk.prompt].1.len()..].iter().map(Label::to_string).collect();
            Completion { tokens: nodes.len(), text: nodes.join(" .\n"), finished: true }
        };
        Ok(walks.iter().map(completion).collect())
    }
}

/// The label that a key draws from a distribution, by the inverse distribution function.
fn choose(probabilities: &[f32], key: Key) -> Label {
    const PLACES: usize = 1 << 53;
    let mut left = key.below(PLACES) as f64 / PLACES as f64;
    for (label, p) in probabilities.iter().enumerate() {
        left -= f64::from(*p);
        if left < 0.0 {
            return label;
        }
    }
    // Rounding left a little over: the likeliest.
    (0..probabilities.len()).max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::NetConfig;
    use burn::tensor::Device;
    use eightfold_task::stargraph::StarConfig;

    fn net() -> StarNet {
        let device = Device::flex();
        device.seed(5);
        NetConfig { width: 16, layers: 1, heads: 2, scale: 1.0 }.init(20, &device)
    }

    #[test]
    fn a_completion_depends_on_nothing_but_its_draw() {
        let (net, graphs) = (net(), StarGraph::draw_set(&StarConfig::default(), 40, 0, "policy"));
        let policy = StarPolicy::new(&net);
        let draw = |i: usize| {
            let graph = &graphs[i % 40];
            let prompt = graph.problem().prompt() + if i.is_multiple_of(3) { "7 .\n" } else { "" };
            Draw { prompt, key: Key::new(i as u64, "draw") }
        };
        let draws: Vec<Draw> = (0..300).map(draw).collect();
        let all = policy.complete(&draws).unwrap();
        for i in (0..300).step_by(29) {
            assert_eq!(policy.complete(&draws[i..=i]).unwrap()[0], all[i], "alone");
            assert_eq!(all[i].tokens, if i % 3 == 0 { 1 } else { 2 });
        }
    }

    #[test]
    fn first_nodes_are_as_frequent_as_they_are_likely() {
        let net = net();
        let graph = StarGraph::draw(&StarConfig::default(), &mut Key::new(1, "graph").rng());
        let policy = StarPolicy::new(&net);
        let likely = policy.next(&[(&graph, &[])]).remove(0);
        let prompt = graph.problem().prompt();
        let draws: Vec<Draw> =
            (0..2000).map(|i| Draw { prompt: prompt.clone(), key: Key::new(i, "first") }).collect();
        let mut counts = [0; 20];
        for completion in policy.complete(&draws).unwrap() {
            counts[labels(&completion.text).unwrap()[0]] += 1;
        }
        for (count, p) in counts.iter().zip(likely) {
            let expected = 2000.0 * f64::from(p);
            assert!(
                (f64::from(*count) - expected).abs() < 5.0 * expected.sqrt() + 1.0,
                "{count}, {expected}"
            );
        }
    }

    #[test]
    fn prompts_that_are_no_questions_are_refused() {
        let net = net();
        let error = |prompt: &str| {
            let draw = Draw { prompt: prompt.into(), key: Key::new(0, "x") };
            StarPolicy::new(&net).complete(&[draw]).unwrap_err().message
        };
        assert!(error("1 2 ; 2 3").contains("it has no `?`"));
        assert_eq!(error("1 2 ; 2 3 ? 1 3\nsoon .\n"), "\"soon .\\n\" holds no nodes");
    }
}
