//! Star graphs as texts of words between white space.

use super::config::StarConfig;
use super::graph::{Label, StarGraph};
use crate::Problem;

/// Words of the world that are no labels: between two edges, before a question for the path, before a question
/// for a parent, after a node.
const MARKS: [&str; 4] = [";", "?", "!", "."];

/// Every token of the world, each once, in an order that more labels only add to.
pub fn vocabulary(config: &StarConfig) -> Vec<String> {
    MARKS.into_iter().map(str::to_owned).chain((0..config.labels).map(|label| label.to_string())).collect()
}

/// A text that is no question of the world.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a star graph question: {what}")]
pub struct StarGraphError {
    /// What is wrong with it, in one line.
    pub what: String,
}

impl StarGraph {
    /// The edges as text: `9 2 ; 4 9`.
    pub(super) fn edges_text(&self) -> String {
        let edges: Vec<String> = self.edges().iter().map(|(from, to)| format!("{from} {to}")).collect();
        edges.join(" ; ")
    }

    /// The question: the edges, then start and goal.
    pub fn question(&self) -> String {
        format!("{} ? {} {}", self.edges_text(), self.start(), self.goal())
    }

    /// The solution as text: a step for each node, on a line of its own.
    pub fn solution(&self) -> String {
        steps(self.path())
    }

    /// Question and solution as a problem whose answer is the whole path.
    pub fn problem(&self) -> Problem {
        Problem::new(self.question(), self.solution())
    }

    /// The graph of a question.
    ///
    /// # Errors
    /// If the text is not of the form of [`StarGraph::question`], or not exactly one way leads to the goal.
    pub fn parse(question: &str) -> Result<Self, StarGraphError> {
        let fail = |what: String| StarGraphError { what };
        let (edges, asked) = question.split_once('?').ok_or_else(|| fail("it has no `?`".into()))?;
        let edges = edges.split(';').map(pair).collect::<Result<Vec<_>, _>>()?;
        let (start, goal) = pair(asked)?;
        Self::new(edges, start, goal)
            .ok_or_else(|| fail(format!("not exactly one way from {start} to {goal}")))
    }
}

/// Nodes as steps.
pub(super) fn steps(path: &[Label]) -> String {
    let nodes: Vec<String> = path.iter().map(Label::to_string).collect();
    nodes.join(" .\n")
}

/// Two labels.
fn pair(text: &str) -> Result<(Label, Label), StarGraphError> {
    let labels: Option<Vec<Label>> = text.split_whitespace().map(|word| word.parse().ok()).collect();
    match labels.as_deref() {
        Some([a, b]) => Ok((*a, *b)),
        _ => Err(StarGraphError { what: format!("{:?} should be two labels", text.trim()) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_question_is_read_back_and_every_word_is_known(seed: u64) {
            let config = StarConfig::default();
            let graph = StarGraph::draw(&config, &mut stream(seed, "graph"));
            prop_assert_eq!(StarGraph::parse(&graph.question()), Ok(graph.clone()));
            let known = vocabulary(&config);
            let text = graph.problem().prompt() + &graph.solution();
            prop_assert!(text.split_whitespace().all(|word| known.iter().any(|k| k == word)));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9 ;?!x]{0,40}") {
            if let Ok(graph) = StarGraph::parse(&text) {
                prop_assert_eq!(StarGraph::parse(&graph.question()), Ok(graph));
            }
        }
    }

    #[test]
    fn errors_say_what_is_missing() {
        let error = |text| StarGraph::parse(text).unwrap_err().to_string();
        assert_eq!(error("1 2"), "not a star graph question: it has no `?`");
        assert_eq!(error("1 2 ; 3 ? 1 2"), "not a star graph question: \"3\" should be two labels");
        assert_eq!(error("1 2 ; 2 3 ? 1 4"), "not a star graph question: not exactly one way from 1 to 4");
    }
}
