//! Paths in star graphs, right only as a whole.

use crate::pipeline::{Split, World};
use anyhow::Result;
use eightfold_segment::{Lines, Segmenter};
use eightfold_task::stargraph::{StarConfig, StarGraph};
use eightfold_task::{Example, Pair, Problem, Target};
use eightfold_verifier::{ExactMatch, Verifier};

/// Star graphs.
pub struct StarWorld {
    config: StarConfig,
}

impl StarWorld {
    /// The world of these dials.
    ///
    /// # Errors
    /// The first dial that is out of its range.
    pub fn new(config: &StarConfig) -> Result<Self> {
        config.check()?;
        Ok(Self { config: config.clone() })
    }
}

impl World for StarWorld {
    fn problems(&self, split: Split, count: usize, seed: u64) -> Result<Vec<Problem>> {
        let graphs = StarGraph::draw_set(&self.config, count, seed, split.name());
        Ok(graphs.iter().map(StarGraph::problem).collect())
    }

    fn given(&self, problems: &[Problem], _seed: u64) -> Result<Vec<Example>> {
        let example = |problem: &Problem| {
            let graph = StarGraph::parse(&problem.question)?;
            Ok(Example { prompt: problem.prompt(), target: Target::whole(graph.solution()), weight: 1.0 })
        };
        problems.iter().map(example).collect()
    }

    fn verifier(&self) -> &dyn Verifier {
        &ExactMatch
    }

    fn segmenter(&self) -> &dyn Segmenter {
        &Lines
    }

    fn wrong_steps(&self, problems: &[Problem]) -> Option<Vec<Pair>> {
        let graphs = problems.iter().map(|problem| StarGraph::parse(&problem.question));
        let graphs = graphs.collect::<Result<Vec<_>, _>>().ok()?;
        let pairs = problems.iter().zip(&graphs).flat_map(|(problem, graph)| {
            let wrong = graph.neighbors().filter(|node| *node != graph.path()[0]);
            wrong.map(|node| Pair {
                prompt: problem.prompt(),
                chosen: Target::whole(graph.solution()),
                rejected: Target::part(node.to_string()),
            })
        });
        Some(pairs.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_neighbor_is_listed_once() {
        let world = StarWorld::new(&StarConfig::default()).unwrap();
        let problems = world.problems(Split::Train, 7, 0).unwrap();
        let pairs = world.wrong_steps(&problems).unwrap();
        assert_eq!(pairs.len(), 7 * 4);
        for pair in pairs {
            let graph = StarGraph::parse(pair.prompt.trim_end()).unwrap();
            let rejected: usize = pair.rejected.text.parse().unwrap();
            assert_eq!(pair.chosen.text, graph.solution());
            assert!(rejected != graph.path()[0]);
            assert_eq!(graph.parent(rejected), Some(graph.start()));
        }
    }
}
