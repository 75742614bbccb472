//! A verifier that errs at given rates: how much does a method need a right one?

use crate::{Verdict, Verifier};
use eightfold_task::{Key, Problem};
use serde::{Deserialize, Serialize};

/// How often a verifier errs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// Share of wrong solutions that are called correct, in [0, 1]. A solution without an answer stays one.
    pub false_accepts: f64,
    /// Share of right solutions that are called incorrect, in [0, 1].
    pub false_rejects: f64,
}

/// A verifier whose verdicts are turned at random. The verdict on a solution is drawn once, by its own text: the same
/// solution of the same problem is judged alike wherever it occurs, as by a grader with a blind spot.
#[derive(Clone, Copy, Debug)]
pub struct Noisy<V> {
    /// Whose verdicts are turned.
    pub verifier: V,
    /// How often.
    pub noise: Noise,
    /// Root of the random streams.
    pub seed: u64,
}

/// Resolution of the rates.
const GRAINS: usize = 1 << 30;

impl<V: Verifier> Verifier for Noisy<V> {
    fn verify(&self, problem: &Problem, solution: &str) -> Verdict {
        let verdict = self.verifier.verify(problem, solution);
        let (rate, turned) = match verdict {
            Verdict::Correct => (self.noise.false_rejects, Verdict::Incorrect),
            Verdict::Incorrect => (self.noise.false_accepts, Verdict::Correct),
            Verdict::NoAnswer => return verdict,
        };
        let key = Key::new(self.seed, "verifier noise").with_text(&problem.question).with_text(solution);
        if (key.below(GRAINS) as f64) < rate * GRAINS as f64 { turned } else { verdict }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FinalAnswer;
    use proptest::prelude::*;

    fn noisy(false_accepts: f64, false_rejects: f64, seed: u64) -> Noisy<FinalAnswer> {
        Noisy { verifier: FinalAnswer, noise: Noise { false_accepts, false_rejects }, seed }
    }

    fn solutions(answer: usize) -> impl Iterator<Item = String> {
        (0..4000).map(move |i| format!("note {i}\n#### {answer}"))
    }

    #[test]
    fn it_errs_as_often_as_it_says() {
        let problem = Problem::new("?", "3");
        let accepted = |verifier: &Noisy<FinalAnswer>, answer| {
            solutions(answer).filter(|text| verifier.verify(&problem, text).is_correct()).count() as f64
                / 4000.0
        };
        let verifier = noisy(0.05, 0.2, 1);
        // Four standard errors of a share of 4,000.
        assert!((accepted(&verifier, 4) - 0.05).abs() < 4.0 * (0.05f64 * 0.95 / 4000.0).sqrt());
        assert!((accepted(&verifier, 3) - 0.8).abs() < 4.0 * (0.2f64 * 0.8 / 4000.0).sqrt());
        assert_eq!(verifier.verify(&problem, "no answer here"), Verdict::NoAnswer);
    }

    proptest! {
        #[test]
        fn a_verdict_depends_on_seed_question_and_text_alone(
            question in "[a-z]{1,8}", text in "[a-z ]{0,12}", seed in 0..9u64, low in 0.0..0.5f64, more in 0.0..0.5f64,
        ) {
            let problem = Problem::new(&question, "3");
            for answer in [3, 4] {
                let solution = format!("{text}\n#### {answer}");
                let verdict = |a, r| noisy(a, r, seed).verify(&problem, &solution);
                prop_assert_eq!(verdict(low, more), verdict(low, more));
                // Without noise the verifier itself; with more noise at least the same errors.
                let truth = FinalAnswer.verify(&problem, &solution);
                prop_assert_eq!(verdict(0.0, 0.0), truth);
                prop_assert_ne!(verdict(1.0, 1.0), truth);
                let (few, many) = (verdict(low, low), verdict(low + more, low + more));
                prop_assert!(few == truth || many == few);
            }
        }
    }
}
