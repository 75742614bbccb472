//! How often the first pit by rollouts is the first wrong step by a person's label, against the number of rollouts.

use eightfold_advantage::success_interval;
use eightfold_harness::Table;
use serde::{Deserialize, Serialize};

/// A wrong solution with its label and the outcomes of its rollouts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Searched {
    /// Its name in the labelled set.
    pub(super) id: String,
    /// The labelled first wrong step, from 0.
    pub(super) label: usize,
    /// Outcomes of the rollouts from the bare question, then from after each step but the last: 1 is a right answer.
    pub(super) outcomes: Vec<String>,
}

impl Searched {
    /// Steps of the solution.
    pub(super) fn steps(&self) -> usize {
        self.outcomes.len()
    }

    /// Right answers among the first `k` rollouts from after `steps` steps.
    fn right(&self, steps: usize, k: usize) -> usize {
        // The whole solution is wrong.
        self.outcomes.get(steps).map_or(0, |all| all.bytes().take(k).filter(|b| *b == b'1').count())
    }

    /// The first step from after which all of the first `k` rollouts fail: the first step of the lowest Q, whether Q is
    /// of the best of k or of one.
    pub(super) fn pit(&self, k: usize) -> usize {
        (0..self.steps()).find(|step| self.right(step + 1, k) == 0).unwrap_or(self.steps() - 1)
    }

    /// The step over which the share of right answers among `k` rollouts falls most, the first of equals; none where
    /// it never falls.
    pub(super) fn fall(&self, k: usize) -> Option<usize> {
        let fall = |step: usize| self.right(step, k) as i64 - self.right(step + 1, k) as i64;
        let best = (0..self.steps()).max_by_key(|step| (fall(*step), std::cmp::Reverse(*step)))?;
        (fall(best) > 0).then_some(best)
    }
}

/// A count among some solutions as a share with its interval (Clopper and Pearson, 95 %).
fn share(count: usize, of: usize) -> String {
    if of == 0 {
        return "none".into();
    }
    let (low, high) = success_interval(count, of, 0.95);
    format!("{:.2} [{low:.2}, {high:.2}]", count as f64 / of as f64)
}

/// The share of solutions whose labelled step is the one that is labelled most: what one learns without a look.
pub(super) fn constant(all: &[Searched]) -> Option<(usize, String)> {
    let count = |step: usize| all.iter().filter(|searched| searched.label == step).count();
    let longest = all.iter().map(Searched::steps).max()?;
    let best = (0..longest).max_by_key(|step| (count(*step), std::cmp::Reverse(*step)))?;
    Some((best, share(count(best), all.len())))
}

/// The table: a line for each number of rollouts, over all solutions and over those whose bare question some rollout
/// answers.
pub(super) fn table(all: &[Searched], ks: &[usize]) -> String {
    let row = |&k: &usize| {
        let count = |of: &dyn Fn(&Searched) -> bool| all.iter().filter(|searched| of(searched)).count();
        let part = |of: &dyn Fn(&Searched) -> bool| format!("{:.2}", count(of) as f64 / all.len() as f64);
        let answered = |s: &Searched| s.right(0, k) > 0;
        let found = |s: &Searched| s.pit(k) == s.label;
        [
            ("K", k.to_string()),
            ("solutions", all.len().to_string()),
            ("first pit is the label, 95 %", share(count(&found), all.len())),
            ("within one step", part(&|s| s.pit(k).abs_diff(s.label) <= 1)),
            ("earlier", part(&|s| s.pit(k) < s.label)),
            ("later", part(&|s| s.pit(k) > s.label)),
            ("largest fall is the label, 95 %", share(count(&|s| s.fall(k) == Some(s.label)), all.len())),
            ("solutions whose question is answered", count(&answered).to_string()),
            (
                "of these, first pit is the label, 95 %",
                share(count(&|s| answered(s) && found(s)), count(&answered)),
            ),
        ]
    };
    ks.iter().map(row).collect::<Table>().markdown()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searched(label: usize, outcomes: &[&str]) -> Searched {
        Searched { id: "a".into(), label, outcomes: outcomes.iter().map(|o| (*o).to_owned()).collect() }
    }

    #[test]
    fn pits_and_falls_are_those_of_the_first_rollouts() {
        // Question, after one step, after two steps; the third step ends it.
        let one = searched(1, &["1101", "0111", "0001"]);
        assert_eq!(one.steps(), 3);
        // After one draw the first step is dead; after two it lives, and the second is.
        assert_eq!([1, 2, 4].map(|k| one.pit(k)), [0, 1, 2]);
        assert_eq!([1, 2, 4].map(|k| one.fall(k)), [Some(0), Some(0), Some(1)]);
        assert_eq!(searched(0, &["00", "00"]).fall(2), None);
        assert_eq!(searched(0, &["00", "11"]).pit(2), 1);
    }

    #[test]
    fn the_table_counts_and_the_constant_is_the_commonest_label() {
        let all = [searched(0, &["11", "00"]), searched(1, &["00", "10"]), searched(1, &["10", "00"])];
        let table = table(&all, &[2]);
        let line = table.lines().last().unwrap();
        assert!(line.starts_with("| 2 | 3 | 0.67 [0.09, 0.99] | 1.00 | 0.33 | 0.00 |"), "{line}");
        assert!(line.ends_with("| 2 | 0.50 [0.01, 0.99] |"), "{line}");
        assert_eq!(constant(&all).unwrap().0, 1);
        assert_eq!(constant(&[]), None);
    }
}
