//! What a base model is pretrained on: the skills that path finding is made of, and not their combination.

use super::graph::{Label, StarGraph};
use rand::{Rng, RngExt};

/// A walk along a random arm, whatever the question asks for: the goal's place holds a random label. It teaches
/// to follow edges and to ignore the goal.
pub fn walk(graph: &StarGraph, labels: usize, rng: &mut dyn Rng) -> (Label, Vec<Label>) {
    let neighbors: Vec<Label> = graph.neighbors().collect();
    let first = neighbors[rng.random_range(0..neighbors.len())];
    let path: Vec<Label> = std::iter::successors(Some(first), |node| graph.child(*node)).collect();
    (rng.random_range(0..labels), path)
}

/// A look-up backwards: a random node other than the start, and the node before it.
pub fn look_up(graph: &StarGraph, rng: &mut dyn Rng) -> (Label, Label) {
    let (parent, node) = graph.edges()[rng.random_range(0..graph.edges().len())];
    (node, parent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stargraph::StarConfig;
    use crate::stream;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn walks_follow_edges_and_look_ups_turn_them(seed: u64) {
            let config = StarConfig { arms: 3, nodes: 5, labels: 20 };
            let rng = &mut stream(seed, "story");
            let graph = StarGraph::draw(&config, rng);
            let (goal, path) = walk(&graph, 20, rng);
            prop_assert!(goal < 20 && path.len() == 4);
            let mut last = graph.start();
            for node in path {
                prop_assert!(graph.edges().contains(&(last, node)));
                last = node;
            }
            let (node, parent) = look_up(&graph, rng);
            prop_assert_eq!(graph.parent(node), Some(parent));
        }
    }

    #[test]
    fn the_walk_ignores_the_goal() {
        let config = StarConfig::default();
        let rng = &mut stream(0, "walks");
        let (mut asked, mut taken) = (0, 0);
        for graph in StarGraph::draw_set(&config, 5000, 0, "walks") {
            let (goal, path) = walk(&graph, config.labels, rng);
            asked += usize::from(path.last() == Some(&goal));
            taken += usize::from(path == graph.path());
        }
        // One label in twenty, one arm in five.
        assert!(
            (asked as f64 - 250.0).abs() < 80.0 && (taken as f64 - 1000.0).abs() < 150.0,
            "{asked} {taken}"
        );
    }
}
