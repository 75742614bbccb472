//! Where the pairs of per-step DPO come from.

use super::cell::Pairs;
use super::losses::StepPair;
use super::net::StarNet;
use super::policy::{self, StarPolicy};
use anyhow::{Context, Result};
use eightfold_gpt::Order;
use eightfold_segment::Lines;
use eightfold_synth::{Fallback, PairRule, RolloutStore, StepPairStatistics, StoreSettings};
use eightfold_task::stargraph::StarGraph;
use eightfold_task::{Example, Key, Pair, Problem, Target};
use eightfold_verifier::ExactMatch;

/// Pairs and what they took.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The pairs.
    pub pairs: Vec<StepPair>,
    /// How sampled pairs came about, before a limit.
    pub statistics: Option<StepPairStatistics>,
    /// Completions that the verifier judged, rollouts included.
    pub verifier_calls: u64,
}

impl Pairs {
    /// The pairs of a checkpoint on its training graphs.
    ///
    /// # Errors
    /// If the search for pits is impossible, as with fewer rollouts than its rule needs.
    pub fn draw(&self, sft: &StarNet, graphs: &[StarGraph], seed: u64) -> Result<Drawn> {
        match self {
            Self::Enumerated {} => {
                Ok(Drawn { pairs: enumerated(graphs), statistics: None, verifier_calls: 0 })
            }
            Self::Sampled { store, limit } => sampled(sft, graphs, store, *limit, seed),
        }
    }
}

/// Pairs at the first pits of the checkpoint's own samples, by the pipeline of all figures.
fn sampled(
    sft: &StarNet,
    graphs: &[StarGraph],
    settings: &StoreSettings,
    limit: Option<usize>,
    seed: u64,
) -> Result<Drawn> {
    let problems: Vec<Problem> = graphs.iter().map(StarGraph::problem).collect();
    let policy = StarPolicy::new(sft);
    let store = RolloutStore::build(settings, &policy, &ExactMatch, &Lines, &problems, seed)?;
    let known: Vec<Example> = graphs.iter().map(example).collect();
    let set = PairRule::default().pairs(&store, &Lines, &Fallback::new(&known), seed);
    let mut pairs = set.pairs.iter().map(step_pair).collect::<Result<Vec<_>>>()?;
    if let Some(limit) = limit.filter(|limit| *limit < pairs.len()) {
        let mut order = Order::new(pairs.len(), Key::new(seed, "few pairs"));
        pairs = order.next(limit).into_iter().map(|i| pairs[i].clone()).collect();
    }
    let verifier_calls = store.sampling_cost().draws + store.search_cost().draws;
    Ok(Drawn { pairs, statistics: Some(set.statistics), verifier_calls })
}

/// A graph with its solution as a training example: what a problem without a verified sample falls back on.
fn example(graph: &StarGraph) -> Example {
    Example { prompt: graph.problem().prompt(), target: Target::whole(graph.solution()), weight: 1.0 }
}

/// Every wrong first node against the solution.
fn enumerated(graphs: &[StarGraph]) -> Vec<StepPair> {
    let pairs = |graph: &StarGraph| {
        let pair = |rejected| StepPair {
            graph: graph.clone(),
            prefix: Vec::new(),
            chosen: graph.path().to_vec(),
            rejected,
        };
        graph.neighbors().filter(|node| *node != graph.path()[0]).map(pair).collect::<Vec<_>>()
    };
    graphs.iter().flat_map(pairs).collect()
}

/// A pair of texts as nodes.
fn step_pair(pair: &Pair) -> Result<StepPair> {
    let (graph, prefix) = policy::read(&pair.prompt)?;
    let nodes = |target: &Target| policy::labels(&target.text).filter(|nodes| !nodes.is_empty());
    let both = nodes(&pair.chosen).zip(nodes(&pair.rejected));
    let (chosen, rejected) = both.with_context(|| format!("a side of a pair holds no nodes: {pair:?}"))?;
    Ok(StepPair { graph, prefix, chosen, rejected: rejected[0] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_task::stargraph::StarConfig;

    #[test]
    fn pairs_of_texts_are_read_as_nodes() {
        let pair = Pair {
            prompt: "3 1 ; 3 4 ; 1 0 ; 4 2 ? 3 2\n4 .\n".into(),
            chosen: Target::whole("2"),
            rejected: Target::part("0"),
        };
        let read = step_pair(&pair).unwrap();
        assert_eq!((&read.prefix[..], &read.chosen[..], read.rejected), (&[4][..], &[2][..], 0));
        assert!(step_pair(&Pair { rejected: Target::part(""), ..pair }).is_err());
    }

    #[test]
    fn every_wrong_neighbor_is_enumerated_once() {
        let graphs = StarGraph::draw_set(&StarConfig::default(), 7, 0, "enumerated");
        let pairs = enumerated(&graphs);
        assert_eq!(pairs.len(), 7 * 4);
        for pair in pairs {
            assert_eq!(pair.chosen, pair.graph.path());
            assert!(pair.rejected != pair.chosen[0]);
            assert_eq!(pair.graph.parent(pair.rejected), Some(pair.graph.start()));
        }
    }
}
