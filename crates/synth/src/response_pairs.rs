//! Pairs of whole solutions: what standard DPO trains on.

use crate::pick::shuffled;
use crate::{Fallback, Trace};
use eightfold_task::{Key, Pair, Target};
use serde::{Deserialize, Serialize};
use strsim::generic_levenshtein;

/// How the two sides of a response pair find each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// A positive at random for each of some negatives at random.
    Random,
    /// For each negative the positive that differs from it in most tokens, the most different pairs first
    /// (Pal et al. 2024, as the paper's ablation has it). Differences are Levenshtein distances over tokens
    /// between white space.
    HighestEditDistance,
}

/// Makes pairs of whole solutions of the same problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResponsePairs {
    /// How sides are matched.
    pub choice: Choice,
    /// Pairs of each problem, at most; each has another negative.
    pub cap: usize,
}

impl Default for ResponsePairs {
    fn default() -> Self {
        Self { choice: Choice::Random, cap: 8 }
    }
}

/// Response pairs, and how they came about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponsePairSet {
    /// The pairs, in the order of the problems.
    pub pairs: Vec<Pair>,
    /// Problems without a negative: they give no pair.
    pub without_negatives: usize,
    /// Problems whose chosen side is the known solution, since no sample was verified.
    pub from_fallback: usize,
    /// Problems with a negative but neither a verified sample nor a known solution: they give no pair.
    pub without_chosen: usize,
}

/// A pair of two whole solutions of one problem, with where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponsePair {
    /// The solution to make likelier.
    pub chosen: Target,
    /// The sample to make less likely.
    pub rejected: usize,
    /// Whether the chosen side is the known solution, since no sample was verified.
    pub from_fallback: bool,
}

/// Why a problem gives no response pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpaired {
    /// It has no negative.
    WithoutNegatives,
    /// It has neither a verified sample nor a known solution.
    WithoutChosen,
}

impl ResponsePairs {
    /// The pairs of each problem. The chosen side is a distinct positive, or the known solution where there
    /// is none; the rejected side is a distinct negative, with its end where the policy ended it.
    pub fn pairs<'a>(
        &self,
        traces: impl IntoIterator<Item = &'a Trace>,
        fallback: &Fallback<'_>,
        seed: u64,
    ) -> ResponsePairSet {
        let mut set = ResponsePairSet::default();
        for trace in traces {
            let pairs = match self.of(trace, fallback, seed) {
                Ok(pairs) => pairs,
                Err(Unpaired::WithoutNegatives) => {
                    set.without_negatives += 1;
                    continue;
                }
                Err(Unpaired::WithoutChosen) => {
                    set.without_chosen += 1;
                    continue;
                }
            };
            set.from_fallback += usize::from(pairs.iter().any(|pair| pair.from_fallback));
            set.pairs.extend(pairs.into_iter().map(|pair| Pair {
                prompt: trace.problem.prompt(),
                chosen: pair.chosen,
                rejected: Target::from(&trace.samples[pair.rejected].completion),
            }));
        }
        set
    }

    /// The pairs of one problem.
    ///
    /// # Errors
    /// If it has no rejected or no chosen side.
    pub fn of(
        &self,
        trace: &Trace,
        fallback: &Fallback<'_>,
        seed: u64,
    ) -> Result<Vec<ResponsePair>, Unpaired> {
        let negatives = trace.distinct_negatives();
        if negatives.is_empty() {
            return Err(Unpaired::WithoutNegatives);
        }
        let target = |i: usize| Target::from(&trace.samples[i].completion);
        let mut chosen: Vec<Target> = trace.distinct_positives().into_iter().map(target).collect();
        let from_fallback = chosen.is_empty();
        if from_fallback {
            chosen.push(fallback.solution(&trace.problem).ok_or(Unpaired::WithoutChosen)?.clone());
        }
        let key = Key::new(seed, "response pairs").with_text(&trace.problem.question);
        let text = |i: usize| trace.samples[i].completion.text.as_str();
        let rejected = shuffled(negatives, key).into_iter().map(|i| (i, text(i))).collect();
        let pair = |(chosen, rejected)| ResponsePair { chosen, rejected, from_fallback };
        Ok(self.matched(&chosen, rejected, key).into_iter().map(pair).collect())
    }

    /// Matches each of some rejected sides, with their texts, with a chosen one.
    fn matched(&self, chosen: &[Target], rejected: Vec<(usize, &str)>, key: Key) -> Vec<(Target, usize)> {
        match self.choice {
            Choice::Random => {
                let random = |text: &str| chosen[key.with_text(text).below(chosen.len())].clone();
                let rejected = rejected.into_iter().take(self.cap);
                rejected.map(|(rejected, text)| (random(text), rejected)).collect()
            }
            Choice::HighestEditDistance => {
                let farthest = |(rejected, text): (usize, &str)| {
                    let distances = chosen.iter().map(|c| token_distance(&c.text, text));
                    let far = distances.enumerate().max_by_key(|&(i, far)| (far, std::cmp::Reverse(i)));
                    let (pick, distance) = far.expect("there is a chosen side");
                    (distance, (chosen[pick].clone(), rejected))
                };
                let mut ranked: Vec<_> = rejected.into_iter().map(farthest).collect();
                // Stable: equal distances stay in the order drawn by the key.
                ranked.sort_by_key(|(distance, _)| std::cmp::Reverse(*distance));
                ranked.into_iter().take(self.cap).map(|(_, pair)| pair).collect()
            }
        }
    }
}

/// Tokens to insert, remove or replace to make one text of the other.
fn token_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split_whitespace().collect(), b.split_whitespace().collect());
    generic_levenshtein(&a, &b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Sample, draw_samples};
    use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular, Teacher};
    use eightfold_task::{Completion, Example, Problem};
    use eightfold_verifier::{LexiconAnswer, Verdict, Verifier};

    fn trace(samples: &[(&str, Verdict)]) -> Trace {
        let sample =
            |&(text, verdict): &(&str, Verdict)| Sample { completion: Completion::finished(text), verdict };
        Trace { problem: Problem::new("q", "1"), samples: samples.iter().map(sample).collect() }
    }

    #[test]
    fn the_farthest_sides_are_paired_first() {
        use Verdict::{Correct, Incorrect};
        let trace = trace(&[
            ("a b c d", Correct),
            ("x y z d", Correct),
            ("a b c e", Incorrect),
            ("x y e e", Incorrect),
            ("a b c e", Incorrect),
        ]);
        let pairs = |cap| {
            let rule = ResponsePairs { choice: Choice::HighestEditDistance, cap };
            let set = rule.pairs([&trace], &Fallback::default(), 0);
            let sides = set.pairs.into_iter().map(|p| (p.chosen.text, p.rejected.text));
            sides.collect::<Vec<_>>()
        };
        let sides = |c: &str, r: &str| (c.to_owned(), r.to_owned());
        // Both pairs differ in four tokens; one negative each, repeats dropped.
        let mut both = pairs(8);
        both.sort();
        assert_eq!(both, [sides("a b c d", "x y e e"), sides("x y z d", "a b c e")]);
        assert_eq!(pairs(1).len(), 1);
        assert_eq!(token_distance("a b c", "a c d"), 2);
    }

    #[test]
    fn sides_are_verified_and_the_fallback_stands_in() {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let policy = Tabular::crowd(&lexicon);
        let problems = lexicon.problems(60, 0, "train");
        let known: Vec<Example> = Teacher::new(&lexicon).examples(&problems, 0).unwrap();
        let traces = draw_samples(&policy, &LexiconAnswer, &problems, 8, 0).unwrap();
        for choice in [Choice::Random, Choice::HighestEditDistance] {
            let rule = ResponsePairs { choice, cap: 3 };
            let set = rule.pairs(&traces, &Fallback::new(&known), 1);
            assert!(set.from_fallback > 0 && set.without_chosen == 0);
            let expected: usize = traces.iter().map(|t| t.distinct_negatives().len().min(3)).sum();
            assert_eq!(set.pairs.len(), expected);
            for pair in &set.pairs {
                let problem = problems.iter().find(|p| p.prompt() == pair.prompt).unwrap();
                assert!(LexiconAnswer.verify(problem, &pair.chosen.text).is_correct());
                assert!(!LexiconAnswer.verify(problem, &pair.rejected.text).is_correct());
                assert!(pair.chosen.ends && pair.rejected.ends);
            }
            assert_eq!(rule.pairs(&traces, &Fallback::new(&known), 1), set);
            assert_ne!(rule.pairs(&traces, &Fallback::new(&known), 2), set);
            let without = rule.pairs(&traces, &Fallback::default(), 1);
            assert_eq!((without.from_fallback, without.without_chosen), (0, set.from_fallback));
        }
    }
}
