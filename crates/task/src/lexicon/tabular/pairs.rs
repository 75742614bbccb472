//! Learning from pairs: direct preference optimization of a table of logits.

use super::{Tabular, TabularError};
use crate::Pair;
use crate::lexicon::operation::Readings;
use std::collections::BTreeMap;

/// How a tabular policy learns from pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairSettings {
    /// Strength of the pull towards the reference, positive (Rafailov et al. 2023, Eq. 7).
    pub beta: f64,
    /// Weight of the chosen sides' mean negative log-likelihood per reading, at least 0.
    pub nll: f64,
    /// Step size of Adam, in units of a logit.
    pub rate: f64,
    /// Gradient steps at most, each on all pairs.
    pub steps: usize,
    /// Learning stops early when no component of the gradient is larger than this.
    pub tolerance: f64,
}

impl Default for PairSettings {
    fn default() -> Self {
        Self { beta: 0.1, nll: 0.0, rate: 0.05, steps: 300, tolerance: 1e-6 }
    }
}

/// What learning from pairs came to.
#[derive(Clone, Debug, PartialEq)]
pub struct PairFit<'a> {
    /// The policy learned, at temperature 1.
    pub policy: Tabular<'a>,
    /// Gradient steps taken.
    pub steps: usize,
    /// Loss of that policy, in nats.
    pub loss: f64,
    /// Whether the gradient fell below the tolerance. Pairs that agree with each other have no optimum at a
    /// finite distance, so `false` is no failure.
    pub converged: bool,
}

impl<'a> Tabular<'a> {
    /// Learns from pairs by DPO with this policy, at temperature 1, as start and reference:
    /// the mean over pairs of -ln sigmoid(beta (d_chosen - d_rejected)), d being the gain in log-probability
    /// over the reference, plus the NLL term. A side's log-probability is the sum over its readings; copying,
    /// look-up and arithmetic are certain and do not count.
    ///
    /// # Errors
    /// If a prompt is not a story of the lexicon and whole steps of its solution.
    pub fn learn_pairs(&self, pairs: &[Pair], settings: &PairSettings) -> Result<PairFit<'a>, TabularError> {
        let objective = Objective::new(self, pairs, settings)?;
        // A reading that the reference excludes starts, and in effect stays, out of reach.
        let mut logits: Vec<Readings> =
            self.readings.iter().map(|row| row.map(|p| p.max(1e-12).ln())).collect();
        let (mut adam, mut steps) = (Adam::new(logits.len()), 0);
        let (mut loss, mut gradient) = objective.at(&logits);
        while steps < settings.steps && largest(&gradient) > settings.tolerance {
            adam.step(&mut logits, &gradient, settings.rate);
            steps += 1;
            (loss, gradient) = objective.at(&logits);
        }
        let converged = largest(&gradient) <= settings.tolerance;
        let readings = logits.iter().map(softmax).collect();
        let policy = Self { lexicon: self.lexicon, readings, temperature: 1.0 };
        Ok(PairFit { policy, steps, loss, converged })
    }
}

/// A pair as numbers: how often more each reading occurs in the chosen than in the rejected side.
struct Contrast {
    rows: Vec<(usize, Readings)>,
    /// The margin's value under the reference, in nats.
    reference: f64,
}

/// The loss of a table of logits.
struct Objective {
    beta: f64,
    nll: f64,
    contrasts: Vec<Contrast>,
    /// Share of each reading among all those of the chosen sides.
    chosen: Vec<Readings>,
}

impl Objective {
    fn new(reference: &Tabular<'_>, pairs: &[Pair], settings: &PairSettings) -> Result<Self, TabularError> {
        let (mut contrasts, mut total) = (Vec::with_capacity(pairs.len()), 0.0f64);
        let mut chosen = vec![Readings::default(); reference.readings.len()];
        let log: Vec<Readings> =
            reference.readings.iter().map(|row| row.map(|p| p.max(1e-12).ln())).collect();
        for pair in pairs {
            let mut rows: BTreeMap<usize, Readings> = BTreeMap::new();
            for (word, operation) in reference.target_readings(&pair.prompt, &pair.chosen.text)? {
                rows.entry(word).or_default()[operation] += 1.0;
                chosen[word][operation] += 1.0;
                total += 1.0;
            }
            for (word, operation) in reference.target_readings(&pair.prompt, &pair.rejected.text)? {
                rows.entry(word).or_default()[operation] -= 1.0;
            }
            let rows: Vec<_> = rows.into_iter().filter(|(_, row)| row.iter().any(|c| *c != 0.0)).collect();
            let reference = rows.iter().map(|(word, row)| dot(row, &log[*word])).sum();
            contrasts.push(Contrast { rows, reference });
        }
        chosen.iter_mut().flatten().for_each(|count| *count /= total.max(1.0));
        Ok(Self { beta: settings.beta, nll: settings.nll, contrasts, chosen })
    }

    /// Loss and its gradient.
    fn at(&self, logits: &[Readings]) -> (f64, Vec<Readings>) {
        let probabilities: Vec<Readings> = logits.iter().map(softmax).collect();
        let log: Vec<Readings> = logits.iter().map(log_softmax).collect();
        let mut gradient = vec![Readings::default(); logits.len()];
        let (mut loss, share) = (0.0, 1.0 / self.contrasts.len().max(1) as f64);
        for Contrast { rows, reference } in &self.contrasts {
            let margin: f64 = rows.iter().map(|(word, row)| dot(row, &log[*word])).sum();
            let margin = self.beta * (margin - reference);
            // ln(1 + e^-m), written so that neither branch overflows.
            loss += share * ((-margin.abs()).exp().ln_1p() + (-margin).max(0.0));
            let pull = -share * self.beta / (1.0 + margin.exp());
            for (word, row) in rows {
                push(&mut gradient[*word], row, &probabilities[*word], pull);
            }
        }
        for (word, row) in self.chosen.iter().enumerate() {
            loss -= self.nll * dot(row, &log[word]);
            push(&mut gradient[word], row, &probabilities[word], -self.nll);
        }
        (loss, gradient)
    }
}

/// Adds `scale` times the gradient of sum_k counts_k ln p_k by the logits of p.
fn push(gradient: &mut Readings, counts: &Readings, p: &Readings, scale: f64) {
    let total: f64 = counts.iter().sum();
    for k in 0..gradient.len() {
        gradient[k] += scale * (counts[k] - total * p[k]);
    }
}

fn dot(a: &Readings, b: &Readings) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn log_softmax(logits: &Readings) -> Readings {
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = logits.iter().map(|l| (l - top).exp()).sum();
    logits.map(|l| l - top - total.ln())
}

fn softmax(logits: &Readings) -> Readings {
    log_softmax(logits).map(f64::exp)
}

fn largest(gradient: &[Readings]) -> f64 {
    gradient.iter().flatten().fold(0.0, |top, g| top.max(g.abs()))
}

/// Adam (Kingma and Ba 2015) with its usual decay rates.
struct Adam {
    first: Vec<Readings>,
    second: Vec<Readings>,
    steps: i32,
}

impl Adam {
    fn new(rows: usize) -> Self {
        Self { first: vec![Readings::default(); rows], second: vec![Readings::default(); rows], steps: 0 }
    }

    fn step(&mut self, logits: &mut [Readings], gradient: &[Readings], rate: f64) {
        self.steps += 1;
        let (bias1, bias2) = (1.0 - 0.9f64.powi(self.steps), 1.0 - 0.999f64.powi(self.steps));
        for word in 0..logits.len() {
            for (k, g) in gradient[word].into_iter().enumerate() {
                let (m, v) = (&mut self.first[word][k], &mut self.second[word][k]);
                *m = 0.9 * *m + 0.1 * g;
                *v = 0.999 * *v + 0.001 * g * g;
                logits[word][k] -= rate * (*m / bias1) / ((*v / bias2).sqrt() + 1e-12);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::{Lexicon, LexiconConfig, Operation};
    use crate::{Problem, Target};
    use proptest::prelude::*;

    fn world() -> Lexicon {
        Lexicon::new(LexiconConfig { relations: 4, ..Default::default() }).unwrap()
    }

    /// Bob's step with this word and reading, as the side of a pair.
    fn side(lexicon: &Lexicon, word: usize, operation: Operation) -> Target {
        let (word, token) = (&lexicon.relations()[word].word, operation.token());
        Target::part(format!("Bob {word} Ann 3 {token} Bob {} .\n", operation.apply(3)))
    }

    fn pair(lexicon: &Lexicon, word: usize, chosen: Operation, rejected: Operation) -> Pair {
        let name = &lexicon.relations()[word].word;
        let prompt = Problem::new(format!("Ann is 3 ; Bob {name} Ann ; ? Bob :"), "Bob 0").prompt();
        let prompt = prompt + "Ann is Ann 3 .\n";
        Pair { prompt, chosen: side(lexicon, word, chosen), rejected: side(lexicon, word, rejected) }
    }

    #[test]
    fn the_optimum_is_the_log_odds_of_the_preferences() {
        // a beats b in 3 of 4 pairs: beta (d_a - d_b) = ln 3, whatever the reference.
        let lexicon = world();
        let reference = Tabular::crowd(&lexicon);
        let (a, b) = (Operation::Add1, Operation::Double);
        let mut pairs = vec![pair(&lexicon, 2, a, b); 3];
        pairs.push(pair(&lexicon, 2, b, a));
        let settings = PairSettings { beta: 0.5, rate: 0.05, steps: 20_000, tolerance: 1e-10, nll: 0.0 };
        let fit = reference.learn_pairs(&pairs, &settings).unwrap();
        assert!(fit.converged, "{fit:?}");
        let odds = |policy: &Tabular<'_>| {
            let row = policy.readings(2);
            (row[a.index()] / row[b.index()]).ln()
        };
        let gain = odds(&fit.policy) - odds(&reference);
        assert!((0.5 * gain - 3f64.ln()).abs() < 1e-6, "{gain}");
        assert_eq!(fit.policy.readings(1), reference.learn_pairs(&[], &settings).unwrap().policy.readings(1));
    }

    #[test]
    fn nothing_is_learned_from_pairs_of_equals() {
        let lexicon = world();
        let pairs = [pair(&lexicon, 0, Operation::Add3, Operation::Add3)];
        let fit = Tabular::crowd(&lexicon).learn_pairs(&pairs, &PairSettings::default()).unwrap();
        assert!(fit.converged && fit.steps == 0);
        assert!((fit.loss - 2f64.ln()).abs() < 1e-15, "a pair of equals costs ln 2: {}", fit.loss);
    }

    proptest! {
        #[test]
        fn gradients_are_those_of_finite_differences(
            logits in proptest::collection::vec(proptest::array::uniform6(-2.0..2.0f64), 4),
            sides in proptest::collection::vec((0..4usize, 0..6usize, 0..6usize), 1..6),
            nll in 0.0..1.0f64,
        ) {
            let lexicon = world();
            let pairs: Vec<Pair> = sides
                .iter()
                .map(|&(word, a, b)| pair(&lexicon, word, Operation::ALL[a], Operation::ALL[b]))
                .collect();
            let settings = PairSettings { beta: 0.7, nll, ..Default::default() };
            let objective = Objective::new(&Tabular::crowd(&lexicon), &pairs, &settings).unwrap();
            let (_, gradient) = objective.at(&logits);
            for word in 0..4 {
                for k in 0..6 {
                    let at = |shift: f64| {
                        let mut moved = logits.clone();
                        moved[word][k] += shift;
                        objective.at(&moved).0
                    };
                    let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
                    prop_assert!((slope - gradient[word][k]).abs() < 1e-8, "{slope} {}", gradient[word][k]);
                }
            }
        }
    }
}
