//! Where a solution goes wrong.

use crate::{Completer, Evidence};
use serde::{Deserialize, Serialize};

/// Which step counts as the first pit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PitRule {
    /// The first step with the lowest estimated value (the paper's rule).
    LowestQ,
    /// The first step after which the first `k` rollouts all fail (Self-Explore, Hwang et al. 2024, with
    /// k = 4). The last step of a wrong solution always counts.
    AllFail {
        /// Rollouts that must fail, at least 1.
        k: usize,
    },
    /// The first step whose estimated advantage lies below `t`. The first step needs the question's value.
    AdvantageBelow {
        /// The threshold, in [-1, 1].
        t: f64,
    },
}

impl PitRule {
    /// The first pit, as far as the evidence settles it: `None` if there is none, or if incomplete evidence
    /// leaves it open. More evidence for the same solution never changes a pit that was found.
    ///
    /// # Panics
    /// If a prefix has fewer draws than rule or completer need.
    pub fn first_pit(self, evidence: &Evidence, completer: Completer) -> Option<usize> {
        let values = evidence.values(completer);
        match self {
            Self::LowestQ => {
                let lowest = values.first_pit()?;
                // No value is lower than 0, so the first 0 settles it; otherwise a lower one may follow.
                (values.q(lowest) == 0.0 || evidence.is_complete()).then_some(lowest)
            }
            Self::AllFail { k } => {
                let fails = |i: usize| match evidence.steps.get(i) {
                    Some(rollouts) => rollouts.draws[..k].iter().all(Option::is_none),
                    None => !evidence.verdict.is_correct(),
                };
                (0..values.len()).find(|&i| fails(i))
            }
            Self::AdvantageBelow { t } => {
                (0..values.len()).find(|&i| values.advantage(i).is_some_and(|advantage| advantage < t))
            }
        }
    }

    /// Draws from each prefix that the rule itself needs.
    pub(crate) fn draws(self) -> usize {
        match self {
            Self::AllFail { k } => k,
            Self::LowestQ | Self::AdvantageBelow { .. } => 1,
        }
    }

    /// Whether the rule needs the question's value.
    pub(crate) fn needs_question(self) -> bool {
        matches!(self, Self::AdvantageBelow { .. })
    }
}

/// Where the first pit of a wrong solution falls under [`PitRule::AllFail`]: the probability of each step,
/// P(i) = (1 - q_i)^k prod_{j < i} (1 - (1 - q_j)^k), from the exact success probability `q_i` of one draw
/// after step i. With `q` = 0 at the last step, as in a wrong solution, the probabilities add up to 1.
pub fn pit_law(q: &[f64], k: usize) -> Vec<f64> {
    let completer = Completer::BestOf { k };
    let mut reached = 1.0;
    let at = |q: &f64| {
        let value = completer.value(*q);
        let here = reached * (1.0 - value);
        reached *= value;
        here
    };
    q.iter().map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rollouts;
    use eightfold_verifier::Verdict;
    use proptest::prelude::*;

    /// Evidence with these outcomes after each step but the last.
    fn evidence(outcomes: &[Vec<bool>], verdict: Verdict) -> Evidence {
        let rollouts = |draws: &Vec<bool>| Rollouts {
            draws: draws.iter().map(|ok| ok.then(String::new)).collect(),
            tokens: 0,
        };
        let steps: Vec<_> = outcomes.iter().map(rollouts).collect();
        Evidence { len: steps.len() + 1, steps, ..Evidence::new(0, verdict) }
    }

    proptest! {
        #[test]
        fn lowest_value_and_all_fail_agree_on_wrong_solutions(
            k in 1..6usize,
            bits in proptest::collection::vec(proptest::array::uniform5(any::<bool>()), 0..7),
        ) {
            // N = K draws: values are 0 or 1, and the last one is 0.
            let outcomes: Vec<Vec<bool>> = bits.iter().map(|row| row[..k].to_vec()).collect();
            let evidence = evidence(&outcomes, Verdict::Incorrect);
            let completer = Completer::BestOf { k };
            let all_fail = PitRule::AllFail { k }.first_pit(&evidence, completer);
            prop_assert_eq!(PitRule::LowestQ.first_pit(&evidence, completer), all_fail);
            prop_assert!(all_fail.is_some());
        }

        #[test]
        fn more_evidence_never_moves_a_pit(
            bits in proptest::collection::vec(proptest::array::uniform5(any::<bool>()), 1..7),
            correct: bool,
            t in -1.0..0.5f64,
            k in 1..6usize,
        ) {
            let verdict = if correct { Verdict::Correct } else { Verdict::Incorrect };
            let whole = evidence(&bits.iter().map(|row| row.to_vec()).collect::<Vec<_>>(), verdict);
            for rule in [PitRule::LowestQ, PitRule::AllFail { k }, PitRule::AdvantageBelow { t }] {
                let pit = rule.first_pit(&whole, Completer::BestOf { k: 2 });
                for known in 0..=whole.steps.len() {
                    let part = Evidence { steps: whole.steps[..known].to_vec(), ..whole.clone() };
                    let early = rule.first_pit(&part, Completer::BestOf { k: 2 });
                    prop_assert!(early.is_none() || early == pit);
                }
            }
        }

        #[test]
        fn the_law_is_a_distribution(mut q in proptest::collection::vec(0.0..1.0f64, 0..8), k in 1..9usize) {
            q.push(0.0);
            prop_assert!((pit_law(&q, k).iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn each_rule_finds_its_step() {
        let e = evidence(
            &[
                vec![true; 4],
                vec![true, false, false, false],
                vec![false, false, false, true],
                vec![false; 4],
            ],
            Verdict::Incorrect,
        );
        let one = Completer::BestOf { k: 1 };
        assert_eq!(PitRule::LowestQ.first_pit(&e, one), Some(3));
        assert_eq!(PitRule::AllFail { k: 4 }.first_pit(&e, one), Some(3));
        assert_eq!(PitRule::AllFail { k: 3 }.first_pit(&e, one), Some(2));
        assert_eq!(PitRule::AdvantageBelow { t: -0.5 }.first_pit(&e, one), Some(1));
        assert_eq!(PitRule::AdvantageBelow { t: -0.8 }.first_pit(&e, one), None);
        let fine = Evidence { verdict: Verdict::Correct, ..evidence(&[vec![true; 4]], Verdict::Correct) };
        assert_eq!(PitRule::AllFail { k: 4 }.first_pit(&fine, one), None);
    }
}
