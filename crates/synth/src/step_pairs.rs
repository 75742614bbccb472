//! Pairs at the first pit: what per-step DPO trains on.

use crate::{Fallback, Record, RolloutStore, Search};
use eightfold_segment::Segmenter;
use eightfold_task::{Example, Key, Pair, Target};
use serde::{Deserialize, Serialize};

/// How much of a verified continuation is the chosen side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChosenSide {
    /// All of it, to its end. What follows the decision holds the model in place.
    Continuation,
    /// Its first step alone: the literal form of Theorem 6.1.
    Step,
}

/// How a pit becomes a pair. The sources leave it open, so it is an ablation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PairRule {
    /// The prompt is the question and the steps before the pit; the rejected side is the pit step, and the
    /// chosen side comes from the shortest verified rollout from there (Theorem 6.1; Self-Explore). At the
    /// first step it comes from the shortest verified sample of the problem, or else the known solution.
    SharedPrefix {
        /// How much of it.
        chosen: ChosenSide,
    },
    /// The prompt is the question; the rejected side is the solution up to and with its pit, and the chosen
    /// side a verified sample of the problem, drawn at random, or else the known solution (Algorithm 1 as
    /// far as its wording is known).
    FullSolutionVsPit,
}

impl Default for PairRule {
    fn default() -> Self {
        Self::SharedPrefix { chosen: ChosenSide::Continuation }
    }
}

/// Step pairs, and how they came about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepPairSet {
    /// The pairs, in the order of the problems.
    pub pairs: Vec<Pair>,
    /// What happened on the way.
    pub statistics: StepPairStatistics,
}

/// The pair of one pit, with where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepPair {
    /// The steps that both sides continue; empty where the prompt is the bare question.
    pub initial_steps: String,
    /// The continuation to make likelier.
    pub chosen: Target,
    /// The continuation to make less likely.
    pub rejected: Target,
    /// Whether the chosen side is from the known solution.
    pub from_fallback: bool,
}

impl StepPair {
    /// Whether the chosen side begins with the rejected one: the pit was called by chance, since the chosen
    /// rollout got through it.
    pub fn is_contradicted(&self) -> bool {
        self.chosen.text.starts_with(&self.rejected.text)
    }
}

/// What became of the negatives of a rollout store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepPairStatistics {
    /// Problems of the store.
    pub problems: usize,
    /// Problems without a negative: they give no pair.
    pub without_negatives: usize,
    /// Problems without a verified sample.
    pub without_positives: usize,
    /// Negatives that were searched.
    pub searched: usize,
    /// Searched negatives with their first pit at step 0, 1, ...
    pub pits: Vec<usize>,
    /// Searched negatives without a pit: they give no pair.
    pub without_pit: usize,
    /// Pits for which no chosen side is known: they give no pair.
    pub without_chosen: usize,
    /// Pairs made.
    pub pairs: usize,
    /// Pairs whose chosen side is from the known solution.
    pub from_fallback: usize,
    /// Pairs whose chosen side begins with the rejected one ([`StepPair::is_contradicted`]).
    pub contradicted: usize,
}

impl PairRule {
    /// The step pairs of a store, one for each pit. `segmenter` finds the first step of a continuation;
    /// `fallback` holds known solutions for problems without a verified sample.
    pub fn pairs(
        self,
        store: &RolloutStore,
        segmenter: &dyn Segmenter,
        fallback: &Fallback<'_>,
        seed: u64,
    ) -> StepPairSet {
        let mut set = StepPairSet::default();
        set.statistics.problems = store.records.len();
        for record in &store.records {
            set.statistics.without_negatives += usize::from(record.searches.is_empty());
            set.statistics.without_positives += usize::from(record.trace.positives().next().is_none());
            for search in &record.searches {
                set.statistics.searched += 1;
                let Some(pit) = search.pit else {
                    set.statistics.without_pit += 1;
                    continue;
                };
                let pits = &mut set.statistics.pits;
                pits.resize(pits.len().max(pit + 1), 0);
                pits[pit] += 1;
                let Some(pair) = self.pair(record, search, pit, segmenter, fallback, seed) else {
                    set.statistics.without_chosen += 1;
                    continue;
                };
                set.statistics.from_fallback += usize::from(pair.from_fallback);
                set.statistics.contradicted += usize::from(pair.is_contradicted());
                let StepPair { initial_steps, chosen, rejected, .. } = pair;
                set.pairs.push(Pair {
                    prompt: record.trace.problem.prompt() + &initial_steps,
                    chosen,
                    rejected,
                });
            }
        }
        set.statistics.pairs = set.pairs.len();
        set
    }

    /// The pair of the pit of one search; `None` where no chosen side is known. The arguments are those of
    /// [`PairRule::pairs`], and the pit is a step of the sample.
    ///
    /// # Panics
    /// If the search belongs to another record, or the pit lies beyond the steps that it has rollouts for.
    pub fn pair(
        self,
        record: &Record,
        search: &Search,
        pit: usize,
        segmenter: &dyn Segmenter,
        fallback: &Fallback<'_>,
        seed: u64,
    ) -> Option<StepPair> {
        let (chosen, from_fallback) = self.chosen(record, search, pit, segmenter, fallback, seed)?;
        let steps = record.steps(search);
        let (initial_steps, rejected) = match self {
            Self::SharedPrefix { .. } => (steps.prefix(pit), steps.step(pit)),
            Self::FullSolutionVsPit => ("", steps.prefix(pit + 1)),
        };
        let (initial_steps, rejected) = (initial_steps.to_owned(), Target::part(rejected));
        Some(StepPair { initial_steps, chosen, rejected, from_fallback })
    }

    /// The chosen side, and whether it is from the known solution.
    fn chosen(
        self,
        record: &Record,
        search: &Search,
        pit: usize,
        segmenter: &dyn Segmenter,
        fallback: &Fallback<'_>,
        seed: u64,
    ) -> Option<(Target, bool)> {
        let positives = || record.trace.positives().map(|sample| sample.completion.text.as_str());
        let own = match self {
            Self::SharedPrefix { .. } if pit > 0 => {
                // No known solution shares the prefix: without a verified rollout there is no pair.
                return Some((
                    self.cut(shortest(search.evidence.steps[pit - 1].verified())?, segmenter),
                    false,
                ));
            }
            Self::SharedPrefix { .. } => shortest(positives()),
            Self::FullSolutionVsPit => {
                let texts: Vec<&str> = positives().collect();
                let key = Key::new(seed, "step pairs").with_text(&record.trace.problem.question);
                (!texts.is_empty()).then(|| texts[key.with(search.sample as u64).below(texts.len())])
            }
        };
        match own {
            Some(text) => Some((self.cut(text, segmenter), false)),
            None => Some((self.cut(&fallback.solution(&record.trace.problem)?.text, segmenter), true)),
        }
    }

    /// The part of a verified text that is chosen.
    fn cut(self, text: &str, segmenter: &dyn Segmenter) -> Target {
        if self != (Self::SharedPrefix { chosen: ChosenSide::Step }) {
            return Target::whole(text);
        }
        let steps = segmenter.segment(text);
        if steps.len() > 1 { Target::part(steps.step(0)) } else { Target::whole(text) }
    }
}

/// The text with the fewest tokens between white space; the first of equals.
fn shortest<'a>(texts: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    texts.min_by_key(|text| text.split_whitespace().count())
}

/// The chosen sides of pairs as examples: the control that imitates without rejecting.
pub fn chosen_only(pairs: &[Pair]) -> Vec<Example> {
    let example =
        |pair: &Pair| Example { prompt: pair.prompt.clone(), target: pair.chosen.clone(), weight: 1.0 };
    pairs.iter().map(example).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreSettings;
    use eightfold_advantage::{Completer, MonteCarlo, PitRule};
    use eightfold_segment::Lines;
    use eightfold_task::Problem;
    use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular, Teacher};
    use eightfold_verifier::{LexiconAnswer, Verifier};

    struct Fixture {
        problems: Vec<Problem>,
        known: Vec<Example>,
        store: RolloutStore,
    }

    fn fixture(search: MonteCarlo) -> Fixture {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let policy = Tabular::crowd(&lexicon);
        let problems = lexicon.problems(80, 0, "train");
        let known = Teacher::new(&lexicon).examples(&problems, 0).unwrap();
        let settings = StoreSettings { search, ..Default::default() };
        let store = RolloutStore::build(&settings, &policy, &LexiconAnswer, &Lines, &problems, 0).unwrap();
        Fixture { problems, known, store }
    }

    impl Fixture {
        fn pairs(&self, rule: PairRule, seed: u64) -> StepPairSet {
            rule.pairs(&self.store, &Lines, &Fallback::new(&self.known), seed)
        }

        /// Question and steps so far of a prompt.
        fn split<'a>(&self, prompt: &'a str) -> (&Problem, &'a str) {
            let (question, prefix) = prompt.split_once('\n').unwrap();
            (self.problems.iter().find(|p| p.question == question).unwrap(), prefix)
        }
    }

    #[test]
    fn continuations_share_the_prefix_and_are_verified() {
        let fixture = fixture(MonteCarlo::default());
        let StepPairSet { pairs, statistics } = fixture.pairs(PairRule::default(), 0);
        for pair in &pairs {
            let (problem, prefix) = fixture.split(&pair.prompt);
            let whole = format!("{prefix}{}", pair.chosen.text);
            assert!(LexiconAnswer.verify(problem, &whole).is_correct(), "{pair:?}");
            assert!(pair.chosen.ends && !pair.rejected.ends);
            let beginning = format!("{prefix}{}", pair.rejected.text);
            let is_negative = |record: &Record| {
                let mut texts = record.trace.samples.iter().filter(|s| s.is_negative());
                record.trace.problem == *problem && texts.any(|s| s.completion.text.starts_with(&beginning))
            };
            assert!(fixture.store.records.iter().any(is_negative));
            assert_eq!(Lines.segment(&pair.rejected.text).len(), 1);
        }
        assert_eq!(statistics.pairs, pairs.len());
        assert_eq!(statistics.searched, statistics.pits.iter().sum::<usize>());
        assert_eq!(statistics.searched, statistics.pairs, "every negative has a pit and a chosen side");
        assert!(statistics.from_fallback > 0 && statistics.without_positives > 0, "{statistics:?}");
        // A first line states a count that was copied: no policy without slips falls there.
        assert!(statistics.pits.len() > 3 && statistics.pits[1] > 0, "{statistics:?}");
    }

    #[test]
    fn the_chosen_side_is_the_shortest_from_before_the_pit() {
        let fixture = fixture(MonteCarlo::default());
        let set = fixture.pairs(PairRule::default(), 0);
        let mut pairs = set.pairs.iter();
        for record in &fixture.store.records {
            for search in &record.searches {
                let (pair, pit) = (pairs.next().unwrap(), search.pit.unwrap());
                if pit > 0 {
                    let rollouts = &search.evidence.steps[pit - 1];
                    assert_eq!(pair.chosen.text, shortest(rollouts.verified()).unwrap());
                }
                assert_eq!(search.evidence.steps.get(pit).map_or(0, |r| r.successes()), 0);
            }
        }
        assert_eq!(shortest(["a b c", "d  e", "f g"].into_iter()), Some("d  e"));
    }

    #[test]
    fn a_chosen_step_is_the_beginning_of_the_continuation() {
        let fixture = fixture(MonteCarlo::default());
        let whole = fixture.pairs(PairRule::default(), 0).pairs;
        let step = fixture.pairs(PairRule::SharedPrefix { chosen: ChosenSide::Step }, 0).pairs;
        assert_eq!(whole.len(), step.len());
        for (whole, step) in whole.iter().zip(&step) {
            assert_eq!((&whole.prompt, &whole.rejected), (&step.prompt, &step.rejected));
            assert!(whole.chosen.text.starts_with(&step.chosen.text));
            assert_eq!(step.chosen.ends, step.chosen.text == whole.chosen.text);
            assert_eq!(Lines.segment(&step.chosen.text).len(), 1);
        }
    }

    #[test]
    fn a_full_solution_stands_against_the_prefix_with_its_pit() {
        let fixture = fixture(MonteCarlo::default());
        let full = fixture.pairs(PairRule::FullSolutionVsPit, 0);
        let shared = fixture.pairs(PairRule::default(), 0);
        assert_eq!(full.pairs.len(), shared.pairs.len());
        for (full, shared) in full.pairs.iter().zip(&shared.pairs) {
            let (problem, prefix) = fixture.split(&full.prompt);
            assert_eq!(prefix, "");
            assert!(LexiconAnswer.verify(problem, &full.chosen.text).is_correct() && full.chosen.ends);
            assert_eq!(
                full.prompt.clone() + &full.rejected.text,
                shared.prompt.clone() + &shared.rejected.text
            );
            assert!(!full.rejected.ends);
        }
        assert_ne!(fixture.pairs(PairRule::FullSolutionVsPit, 1), full);
    }

    #[test]
    fn chosen_sides_alone_are_examples() {
        let fixture = fixture(MonteCarlo::default());
        let pairs = fixture.pairs(PairRule::default(), 0).pairs;
        let examples = chosen_only(&pairs);
        assert_eq!(examples.len(), pairs.len());
        assert!(examples.iter().zip(&pairs).all(|(e, p)| e.prompt == p.prompt && e.target == p.chosen));
    }

    #[test]
    fn pits_without_a_chosen_side_are_counted_and_left_out() {
        // A threshold above every advantage calls the first step a pit; without known solutions the problems
        // without a verified sample give no pair.
        let search = MonteCarlo {
            completer: Completer::BestOf { k: 1 },
            pit: PitRule::AdvantageBelow { t: 1.1 },
            ..Default::default()
        };
        let fixture = fixture(search);
        let set = PairRule::default().pairs(&fixture.store, &Lines, &Fallback::default(), 0);
        assert_eq!(set.statistics.pits, [set.statistics.searched]);
        assert!(set.statistics.without_chosen > 0);
        assert_eq!(set.statistics.without_chosen + set.pairs.len(), set.statistics.searched);
        // And one below every advantage calls none.
        let search = MonteCarlo { pit: PitRule::AdvantageBelow { t: -1.0 }, ..search };
        let set = self::fixture(search).pairs(PairRule::default(), 0);
        assert!(set.pairs.is_empty() && set.statistics.without_pit == set.statistics.searched);
    }
}
