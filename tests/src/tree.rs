//! Step trees: finite worlds of solutions with exact values.

use proptest::prelude::*;
use rand::RngExt;

/// All solutions of one problem. Each inner node is a prefix; its children are the steps that may follow, as
/// many at every prefix; each leaf is a solution, verified or not.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Nodes; the root comes first, and children after their parents.
    pub nodes: Vec<Node>,
    /// Steps of every solution.
    pub depth: usize,
    /// Steps that may follow a prefix.
    pub branching: usize,
}

/// A prefix, or a whole solution.
#[derive(Clone, Debug)]
pub struct Node {
    /// The prefix one step shorter and which of its steps leads here; `None` at the root.
    pub parent: Option<(usize, usize)>,
    /// Node of each step that may follow; empty at a leaf.
    pub children: Vec<usize>,
    /// Probability of each under the policy, all positive.
    pub policy: Vec<f64>,
    /// Probability that the policy, continuing from here, ends in a verified solution; at a leaf the verdict.
    pub q: f64,
}

impl Tree {
    /// The tree in which all numbers come from a seed: policies with no step below 0.03 / branching, and each
    /// leaf verified with a chance that is itself drawn for the tree.
    pub fn random(depth: usize, branching: usize, seed: u64) -> Self {
        let mut rng = eightfold_task::stream(seed, "step tree");
        let rate = rng.random_range(0.2..0.8);
        let mut nodes = vec![Node { parent: None, children: vec![], policy: vec![], q: 0.0 }];
        let mut level = 0..1;
        for _ in 0..depth {
            let start = nodes.len();
            for parent in level {
                let raw: Vec<f64> = (0..branching).map(|_| rng.random_range(0.03..1.0)).collect();
                nodes[parent].policy = crate::tabular::normalize(&raw);
                nodes[parent].children = (nodes.len()..nodes.len() + branching).collect();
                for step in 0..branching {
                    nodes.push(Node {
                        parent: Some((parent, step)),
                        children: vec![],
                        policy: vec![],
                        q: 0.0,
                    });
                }
            }
            level = start..nodes.len();
        }
        for leaf in level {
            nodes[leaf].q = f64::from(u8::from(rng.random_range(0.0..1.0) < rate));
        }
        let mut tree = Self { nodes, depth, branching };
        tree.revalue();
        tree
    }

    /// Trees of 1 to 3 steps with 2 to 4 branches each.
    pub fn any() -> impl Strategy<Value = Self> {
        (1..=3usize, 2..=4usize, any::<u64>()).prop_map(|(d, b, seed)| Self::random(d, b, seed))
    }

    /// Fills in q from the leaves up, after a change to leaves or policies.
    pub fn revalue(&mut self) {
        for i in (0..self.nodes.len()).rev() {
            if !self.nodes[i].children.is_empty() {
                let node = &self.nodes[i];
                self.nodes[i].q =
                    node.children.iter().zip(&node.policy).map(|(&c, p)| p * self.nodes[c].q).sum();
            }
        }
    }

    /// Inner nodes, where a step is chosen.
    pub fn states(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.nodes.len()).filter(|&i| !self.nodes[i].children.is_empty())
    }

    /// Leaves, with the states passed on the way and the step taken at each.
    pub fn solutions(&self) -> Vec<(usize, Vec<(usize, usize)>)> {
        let leaves = (0..self.nodes.len()).filter(|&i| self.nodes[i].children.is_empty());
        leaves.map(|leaf| (leaf, self.path(leaf))).collect()
    }

    /// The states passed on the way to a node, and the step taken at each.
    pub fn path(&self, node: usize) -> Vec<(usize, usize)> {
        let mut path: Vec<_> =
            std::iter::successors(self.nodes[node].parent, |&(i, _)| self.nodes[i].parent).collect();
        path.reverse();
        path
    }

    /// Probability that the policy passes through a node.
    pub fn reach(&self, node: usize) -> f64 {
        self.path(node).iter().map(|&(state, step)| self.nodes[state].policy[step]).product()
    }

    /// Value of each node under the best of `k` draws of the policy: the chance that one of them is verified.
    pub fn best_of(&self, k: u32) -> Vec<f64> {
        self.nodes.iter().map(|node| best_of(node.q, k)).collect()
    }

    /// Advantage of each step at a state, under the best of `k` draws.
    pub fn advantages(&self, state: usize, k: u32) -> Vec<f64> {
        let base = best_of(self.nodes[state].q, k);
        self.nodes[state].children.iter().map(|&child| best_of(self.nodes[child].q, k) - base).collect()
    }
}

/// Chance that one of `k` independent draws is verified, each with chance q: `1 - (1 - q)^k`.
pub fn best_of(q: f64, k: u32) -> f64 {
    1.0 - (1.0 - q).powi(k as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reach_and_value_are_consistent() {
        let tree = Tree::random(3, 3, 7);
        let solutions = tree.solutions();
        assert_eq!(solutions.len(), 27);
        let total: f64 = solutions.iter().map(|(leaf, _)| tree.reach(*leaf)).sum();
        assert!((total - 1.0).abs() < 1e-12);
        let value: f64 = solutions.iter().map(|(leaf, _)| tree.reach(*leaf) * tree.nodes[*leaf].q).sum();
        assert!((value - tree.nodes[0].q).abs() < 1e-12);
    }
}
