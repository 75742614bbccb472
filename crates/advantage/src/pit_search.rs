//! Shorter ways to a pit than asking every prefix in turn.
//!
//! Under the rule of the lowest value, the first pit of a wrong solution is the first step after which no draw
//! succeeds: the whole solution is worth 0, and nothing is worth less. So the search is for the border between a
//! prefix that is alive (some draw succeeded) and the next one, which is dead (none did). The bare question counts as
//! alive and the whole solution is dead, so there always is a border.

use crate::monte_carlo::Ask;
use crate::{Evidence, MonteCarlo};
use serde::{Deserialize, Serialize};

/// The order in which the prefixes of a wrong solution are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// From the first step on.
    #[default]
    Forward,
    /// The middle of what is open, again and again: about log2 of the steps in place of all of them. It finds the
    /// first border only if values fall and never rise again; where a later step repairs an earlier one it may find
    /// another, which is a border still: the pair has an alive prefix and a dead step.
    Bisection,
}

impl Order {
    pub(crate) fn is_forward(&self) -> bool {
        *self == Self::Forward
    }
}

/// What is known of one wrong solution: the prefix of `alive` steps is alive, that of `dead` steps is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Border {
    alive: usize,
    dead: usize,
}

impl Border {
    /// What the verdict alone says of a solution of `len` steps; `None` where there is nothing to search: a right
    /// solution, or no step.
    pub(crate) fn new(evidence: &Evidence) -> Option<Self> {
        let searched = !evidence.verdict.is_correct() && evidence.len > 0;
        searched.then_some(Self { alive: 0, dead: evidence.len })
    }

    /// The prefix to ask next, in steps; `None` when the border is found.
    fn next(self, order: Order) -> Option<usize> {
        let open = self.dead - self.alive > 1;
        open.then(|| match order {
            Order::Forward => self.alive + 1,
            Order::Bisection => usize::midpoint(self.alive, self.dead),
        })
    }

    /// What to draw next; draws that the evidence holds are not made again.
    pub(crate) fn ask(self, settings: &MonteCarlo, evidence: &Evidence, episode: usize) -> Option<Ask> {
        let steps = self.next(settings.order)?;
        let drawn = evidence.steps.get(steps - 1).map_or(0, |rollouts| rollouts.draws.len());
        let end = if settings.sequential { drawn + 1 } else { settings.rollouts };
        Some(Ask { episode, steps, draws: drawn..end })
    }

    /// Takes in the draws from the prefix of `steps` steps, as far as they decide.
    pub(crate) fn learn(&mut self, settings: &MonteCarlo, evidence: &Evidence, steps: usize) {
        let draws = &evidence.steps[steps - 1].draws;
        if draws.iter().any(Option::is_some) {
            self.alive = steps;
        } else if draws.len() >= settings.rollouts {
            self.dead = steps;
        }
    }
}

impl Evidence {
    /// The first prefix that a finished search found dead, as its last step: a step after which draws were made and
    /// none succeeded, or the last step of a wrong solution.
    pub(crate) fn first_dead(&self) -> Option<usize> {
        if self.verdict.is_correct() || self.len == 0 {
            return None;
        }
        let dead = self.steps.iter().position(|r| !r.draws.is_empty() && r.successes() == 0);
        Some(dead.unwrap_or(self.len - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Asks until the border is found; the prefixes asked, in order, and the pit.
    fn walk(alive: &[bool], order: Order) -> (Vec<usize>, usize) {
        let mut border = Border { alive: 0, dead: alive.len() + 1 };
        let mut asked = Vec::new();
        while let Some(steps) = border.next(order) {
            asked.push(steps);
            if alive[steps - 1] {
                border.alive = steps;
            } else {
                border.dead = steps;
            }
        }
        (asked, border.dead - 1)
    }

    proptest! {
        #[test]
        fn where_values_only_fall_both_orders_find_the_same_pit(len in 1..40usize, pit in 0..40usize) {
            let pit = pit.min(len - 1);
            let alive: Vec<bool> = (1..len).map(|steps| steps <= pit).collect();
            let (forward, found) = walk(&alive, Order::Forward);
            prop_assert_eq!((found, forward.len()), (pit, (pit + 1).min(len - 1)));
            let (halved, found) = walk(&alive, Order::Bisection);
            prop_assert_eq!(found, pit);
            prop_assert!(halved.len() <= len.next_power_of_two().ilog2() as usize, "{halved:?} of {len}");
        }

        #[test]
        fn any_order_ends_at_a_border(alive in proptest::collection::vec(any::<bool>(), 0..20)) {
            for order in [Order::Forward, Order::Bisection] {
                let (asked, pit) = walk(&alive, order);
                prop_assert!(pit == 0 || alive[pit - 1], "what is before a pit is alive");
                prop_assert!(pit == alive.len() || !alive[pit]);
                let mut once = asked.clone();
                once.sort_unstable();
                once.dedup();
                prop_assert_eq!(once.len(), asked.len(), "no prefix is asked twice");
            }
            // Nothing lies before the pit that is found from the front.
            let (_, first) = walk(&alive, Order::Forward);
            prop_assert!(alive[..first].iter().all(|alive| *alive));
        }
    }
}
