//! Rejection sampling: imitate one's own verified solutions (RFT).

use crate::Trace;
use crate::pick::shuffled;
use eightfold_task::{Example, Key, Target};
use serde::{Deserialize, Serialize};

/// Which verified samples are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// Each text once (Yuan et al. 2023). It evens out the readings of steps that do not matter.
    Distinct,
    /// As often as it was drawn.
    AsDrawn,
}

/// Turns samples into examples of the policy's own positives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rejection {
    /// Which positives are kept.
    pub keep: Keep,
    /// Examples of each problem, at most, chosen at random; no limit without it.
    pub cap: Option<usize>,
}

impl Default for Rejection {
    /// Up to four distinct solutions of each problem.
    fn default() -> Self {
        Self { keep: Keep::Distinct, cap: Some(4) }
    }
}

impl Rejection {
    /// The examples of each problem, in the order of the traces; a problem without a positive has none. The
    /// choice for a problem is a function of its samples and the seed, and a smaller cap keeps the beginning
    /// of what a larger one keeps.
    pub fn examples<'a>(&self, traces: impl IntoIterator<Item = &'a Trace>, seed: u64) -> Vec<Example> {
        let mut examples = Vec::new();
        for trace in traces {
            examples.extend(self.kept(trace, seed).into_iter().map(|i| Example {
                prompt: trace.problem.prompt(),
                target: Target::whole(trace.samples[i].completion.text.clone()),
                weight: 1.0,
            }));
        }
        examples
    }

    /// Which samples of one problem are kept, in the order drawn by the seed.
    pub fn kept(&self, trace: &Trace, seed: u64) -> Vec<usize> {
        let kept = match self.keep {
            Keep::Distinct => trace.distinct_positives(),
            Keep::AsDrawn => (0..trace.samples.len()).filter(|&i| trace.samples[i].is_positive()).collect(),
        };
        let key = Key::new(seed, "rejection").with_text(&trace.problem.question);
        shuffled(kept, key).into_iter().take(self.cap.unwrap_or(usize::MAX)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw_samples;
    use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
    use eightfold_verifier::{LexiconAnswer, Verifier};
    use std::collections::{HashMap, HashSet};

    fn traces() -> Vec<Trace> {
        let lexicon = Lexicon::new(LexiconConfig { relations: 4, ..Default::default() }).unwrap();
        let problems = lexicon.problems(30, 0, "train");
        draw_samples(&Tabular::crowd(&lexicon), &LexiconAnswer, &problems, 20, 0).unwrap()
    }

    #[test]
    fn kept_samples_are_verified_and_capped() {
        let traces = traces();
        let rejection = |keep, cap| Rejection { keep, cap }.examples(&traces, 5);
        let problem: HashMap<String, _> = traces.iter().map(|t| (t.problem.prompt(), &t.problem)).collect();
        let all = rejection(Keep::AsDrawn, None);
        assert_eq!(all.len(), traces.iter().map(|t| t.positives().count()).sum::<usize>());
        for example in &all {
            assert!(LexiconAnswer.verify(problem[&example.prompt], &example.target.text).is_correct());
            assert!(example.target.ends && example.weight == 1.0);
        }
        let distinct = rejection(Keep::Distinct, None);
        let texts: HashSet<_> = distinct.iter().map(|e| (&e.prompt, &e.target.text)).collect();
        assert_eq!(texts.len(), distinct.len());
        assert!(distinct.len() < all.len());
        for cap in [1, 3] {
            let mut counts: HashMap<&str, usize> = HashMap::new();
            let capped = rejection(Keep::Distinct, Some(cap));
            capped.iter().for_each(|e| *counts.entry(&e.prompt).or_default() += 1);
            for trace in &traces {
                let expected = trace.distinct_positives().len().min(cap);
                assert_eq!(counts.get(trace.problem.prompt().as_str()).copied().unwrap_or(0), expected);
            }
            assert!(capped.iter().all(|e| distinct.contains(e)));
        }
        assert_ne!(
            rejection(Keep::Distinct, Some(1)),
            Rejection { cap: Some(1), ..Default::default() }.examples(&traces, 6)
        );
    }
}
