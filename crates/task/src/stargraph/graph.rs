//! One star graph and the values of its solutions.

use super::config::StarConfig;
use crate::Key;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

/// A node's label, from 0.
pub type Label = usize;

/// A star graph with a question: which way from its start to the end of one arm?
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StarGraph {
    edges: Vec<(Label, Label)>,
    start: Label,
    path: Vec<Label>,
}

impl StarGraph {
    /// A random graph: distinct random labels, edges in random order, the end of a random arm as goal.
    ///
    /// # Panics
    /// If the configuration does not pass [`StarConfig::check`].
    pub fn draw(config: &StarConfig, rng: &mut dyn Rng) -> Self {
        config.check().unwrap_or_else(|error| panic!("{error}"));
        let mut labels: Vec<Label> = (0..config.labels).collect();
        labels.shuffle(rng);
        let start = labels[0];
        let arms: Vec<&[Label]> = labels[1..=config.edges()].chunks(config.nodes - 1).collect();
        let mut edges: Vec<(Label, Label)> = arms
            .iter()
            .flat_map(|arm| std::iter::once(&start).chain(*arm).copied().zip(arm.iter().copied()))
            .collect();
        edges.shuffle(rng);
        let path = arms[rng.random_range(0..arms.len())].to_vec();
        Self { edges, start, path }
    }

    /// `count` graphs of a purpose, such as `train`, under a seed. The first of them do not depend on `count`.
    ///
    /// # Panics
    /// As [`StarGraph::draw`].
    pub fn draw_set(config: &StarConfig, count: usize, seed: u64, purpose: &str) -> Vec<Self> {
        let key = Key::new(seed, "star graphs").with_text(purpose);
        (0..count as u64).map(|i| Self::draw(config, &mut key.with(i).rng())).collect()
    }

    /// A graph from its parts; `None` unless exactly one way leads from `start` to `goal` and it has a node
    /// between them.
    pub(super) fn new(edges: Vec<(Label, Label)>, start: Label, goal: Label) -> Option<Self> {
        let mut path = vec![goal];
        // A way longer than the number of edges goes round in a circle.
        while path.last() != Some(&start) && path.len() <= edges.len() {
            let mut sources = edges.iter().filter(|(_, to)| path.last() == Some(to));
            let (Some((from, _)), None) = (sources.next(), sources.next()) else { return None };
            path.push(*from);
        }
        let whole = path.pop() == Some(start) && path.len() >= 2;
        path.reverse();
        whole.then_some(Self { edges, start, path })
    }

    /// The edges as (source, target), in the order of the question.
    pub fn edges(&self) -> &[(Label, Label)] {
        &self.edges
    }

    /// Where all arms begin.
    pub fn start(&self) -> Label {
        self.start
    }

    /// The end of the arm that is asked for.
    pub fn goal(&self) -> Label {
        self.path[self.path.len() - 1]
    }

    /// The solution: the nodes from the one after the start, which is critical, to the goal.
    pub fn path(&self) -> &[Label] {
        &self.path
    }

    /// The first nodes of all arms, in the order of their edges: what can follow the start.
    pub fn neighbors(&self) -> impl Iterator<Item = Label> {
        self.edges.iter().filter(|(from, _)| *from == self.start).map(|(_, to)| *to)
    }

    /// The source of the edge that ends in `label`; `None` for the start and for labels of no node.
    pub fn parent(&self, label: Label) -> Option<Label> {
        self.edges.iter().find(|(_, to)| *to == label).map(|(from, _)| *from)
    }

    /// The end of the edge that leaves `label`; of several the first in the order of the question; `None` at
    /// the end of an arm.
    pub fn child(&self, label: Label) -> Option<Label> {
        self.edges.iter().find(|(from, _)| *from == label).map(|(_, to)| *to)
    }

    /// The exact value of a prefix: the probability that a policy which goes on from these nodes ends with the
    /// path. `policy` gives the probability of a node after a prefix. 0 for a prefix that has left the path.
    pub fn value(&self, prefix: &[Label], policy: &dyn Fn(&[Label], Label) -> f64) -> f64 {
        if !self.path.starts_with(prefix) {
            return 0.0;
        }
        (prefix.len()..self.path.len()).map(|i| policy(&self.path[..i], self.path[i])).product()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn configs() -> impl Strategy<Value = StarConfig> {
        (2..6usize, 3..6usize, 0..5usize).prop_map(|(arms, nodes, spare)| StarConfig {
            arms,
            nodes,
            labels: 1 + arms * (nodes - 1) + spare,
        })
    }

    proptest! {
        #[test]
        fn arms_are_chains_that_share_the_start_alone(config in configs(), seed: u64) {
            let graph = StarGraph::draw(&config, &mut stream(seed, "graph"));
            prop_assert_eq!(graph.edges.len(), config.edges());
            let ends: HashSet<Label> = graph.edges.iter().map(|(_, to)| *to).collect();
            prop_assert_eq!(ends.len(), config.edges(), "every node but the start is entered once");
            prop_assert!(!ends.contains(&graph.start) && ends.iter().all(|label| *label < config.labels));
            prop_assert_eq!(graph.neighbors().count(), config.arms);
            for mut node in graph.neighbors() {
                for _ in 2..config.nodes {
                    prop_assert_eq!(graph.edges.iter().filter(|(from, _)| *from == node).count(), 1);
                    node = graph.child(node).unwrap();
                }
                prop_assert_eq!(graph.child(node), None);
            }
        }

        #[test]
        fn the_question_determines_the_path(config in configs(), seed: u64) {
            let graph = StarGraph::draw(&config, &mut stream(seed, "graph"));
            prop_assert_eq!(graph.path.len(), config.nodes - 1);
            let mut node = graph.goal();
            for expected in graph.path.iter().rev() {
                prop_assert_eq!(node, *expected);
                node = graph.parent(node).unwrap();
            }
            prop_assert_eq!(node, graph.start);
            let again = StarGraph::new(graph.edges.clone(), graph.start, graph.goal());
            prop_assert_eq!(again, Some(graph));
        }

        #[test]
        fn the_value_is_the_sum_over_all_completions(seed: u64, weights in prop::collection::vec(0.01..1.0f64, 7 * 7)) {
            // Any policy over seven labels whose next node depends on the last one (or on none, row 0).
            let config = StarConfig { arms: 2, nodes: 4, labels: 7 };
            let graph = StarGraph::draw(&config, &mut stream(seed, "graph"));
            let policy = |prefix: &[Label], next: Label| {
                let row = &weights[7 * prefix.last().map_or(0, |l| *l)..][..7];
                row[next] / row.iter().sum::<f64>()
            };
            let enumerated = |prefix: &[Label]| {
                let mut total = 0.0;
                let mut open = vec![(prefix.to_vec(), 1.0)];
                while let Some((nodes, p)) = open.pop() {
                    if nodes.len() == 3 {
                        total += if nodes == graph.path { p } else { 0.0 };
                        continue;
                    }
                    for next in 0..7 {
                        let mut more = nodes.clone();
                        more.push(next);
                        open.push((more, p * policy(&nodes, next)));
                    }
                }
                total
            };
            for first in 0..7 {
                let value = graph.value(&[first], &policy);
                prop_assert!((value - enumerated(&[first])).abs() < 1e-12);
                prop_assert_eq!(value == 0.0, first != graph.path[0]);
            }
            prop_assert!((graph.value(&[], &policy) - enumerated(&[])).abs() < 1e-12);
        }
    }

    #[test]
    fn places_tell_nothing_of_the_answer() {
        // Position of the critical edge among all, and whether the goal is the end of the first arm listed.
        let config = StarConfig::default();
        let graphs = StarGraph::draw_set(&config, 4000, 0, "uniformity");
        let mut places = vec![0; config.edges()];
        let mut ranks = vec![0; config.arms];
        for graph in &graphs {
            places[graph.edges.iter().position(|(_, to)| *to == graph.path[0]).unwrap()] += 1;
            ranks[graph.neighbors().position(|node| node == graph.path[0]).unwrap()] += 1;
        }
        for counts in [places, ranks] {
            let expected = 4000.0 / counts.len() as f64;
            assert!(
                counts.iter().all(|c| (f64::from(*c) - expected).abs() < 5.0 * expected.sqrt()),
                "{counts:?}"
            );
        }
    }

    #[test]
    fn sets_grow_without_changing() {
        let config = StarConfig::default();
        let draw = |count, purpose| StarGraph::draw_set(&config, count, 3, purpose);
        assert_eq!(draw(5, "train"), draw(9, "train")[..5]);
        assert!(draw(50, "train").iter().all(|graph| !draw(50, "test").contains(graph)));
    }

    #[test]
    fn what_is_no_star_with_one_way_is_refused() {
        let of =
            |edges: &[(Label, Label)], start, goal| StarGraph::new(edges.to_vec(), start, goal).is_some();
        assert!(of(&[(0, 1), (1, 2)], 0, 2));
        assert!(!of(&[(0, 1), (1, 2)], 0, 1), "the goal would be the answer");
        assert!(!of(&[(0, 1), (1, 2)], 0, 3) && !of(&[(0, 1), (1, 2)], 3, 2), "no way");
        assert!(!of(&[(0, 1), (1, 2), (0, 3), (3, 2)], 0, 2), "two ways");
        assert!(!of(&[(1, 2), (2, 1)], 0, 2), "a circle");
    }
}
