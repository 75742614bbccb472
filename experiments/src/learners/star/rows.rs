//! Star graphs as the positions that the network reads.

use burn::tensor::{Device, Int, Tensor, TensorData};
use eightfold_task::stargraph::{Label, StarGraph};

/// What a row asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The path to this goal.
    Path(Label),
    /// The node before this one: a skill of the base.
    Parent(Label),
}

/// One row: a graph, a question, and the nodes written so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    /// The graph, whose own goal is not read.
    pub(super) graph: &'a StarGraph,
    /// The question.
    pub(super) asked: Asked,
    /// Nodes after the start.
    pub(super) nodes: &'a [Label],
}

impl<'a> Row<'a> {
    /// The graph's own question, answered up to these nodes.
    pub(super) fn new(graph: &'a StarGraph, nodes: &'a [Label]) -> Self {
        Self { graph, asked: Asked::Path(graph.goal()), nodes }
    }
}

/// Kinds of positions: an edge, a question for a path, a question for a parent, a node of the answer.
pub(super) const ROLES: usize = 4;

/// Rows side by side: first a position for each edge, then one for the question, then one for each node, padded
/// at the end to the longest. A position holds two labels, of which either may be blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    left: Vec<i64>,
    right: Vec<i64>,
    roles: Vec<i64>,
    shape: [usize; 2],
    edges: usize,
}

impl Rows {
    /// Packs rows. `blank` stands for no label.
    ///
    /// # Panics
    /// If there is no row, or graphs differ in their number of edges.
    pub(super) fn new(rows: &[Row], blank: usize) -> Self {
        let edges = rows.first().expect("at least one row").graph.edges().len();
        let nodes = rows.iter().map(|row| row.nodes.len()).max().unwrap_or(0);
        let shape = [rows.len(), edges + 1 + nodes];
        let room = shape[0] * shape[1];
        let mut out = Self {
            left: Vec::with_capacity(room),
            right: Vec::with_capacity(room),
            roles: Vec::with_capacity(room),
            shape,
            edges,
        };
        for row in rows {
            assert_eq!(row.graph.edges().len(), edges, "rows of one batch have equally many edges");
            row.graph.edges().iter().for_each(|&(from, to)| out.push(from, to, 0));
            match row.asked {
                Asked::Path(goal) => out.push(row.graph.start(), goal, 1),
                // Where a path's question has its goal, so that the skill is at hand there.
                Asked::Parent(node) => out.push(blank, node, 2),
            }
            (0..nodes).for_each(|i| out.push(row.nodes.get(i).copied().unwrap_or(blank), blank, 3));
        }
        out
    }

    fn push(&mut self, left: Label, right: Label, role: i64) {
        self.left.push(left as i64);
        self.right.push(right as i64);
        self.roles.push(role);
    }

    /// Rows and positions of each.
    pub(super) fn shape(&self) -> [usize; 2] {
        self.shape
    }

    /// Edges of each row.
    pub(super) fn edges(&self) -> usize {
        self.edges
    }

    /// First labels, second labels and roles, each `[rows, positions]`.
    pub(super) fn tensors(&self, device: &Device) -> [Tensor<2, Int>; 3] {
        [&self.left, &self.right, &self.roles]
            .map(|ids| Tensor::from_data(TensorData::new(ids.clone(), self.shape), device))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_holds_two_labels_and_its_role() {
        let graph = StarGraph::parse("3 1 ; 3 4 ; 1 0 ; 4 2 ? 3 2").unwrap();
        let path = [Row::new(&graph, &[4]), Row { graph: &graph, asked: Asked::Parent(0), nodes: &[] }];
        let rows = Rows::new(&path, 9);
        assert_eq!((rows.shape(), rows.edges()), ([2, 6], 4));
        assert_eq!(rows.left, [3, 3, 1, 4, 3, 4, 3, 3, 1, 4, 9, 9]);
        assert_eq!(rows.right, [1, 4, 0, 2, 2, 9, 1, 4, 0, 2, 0, 9]);
        assert_eq!(rows.roles, [0, 0, 0, 0, 1, 3, 0, 0, 0, 0, 2, 3]);
    }
}
