//! Whether a cell's pit search finds the pits of the full one.

use super::Subject;
use crate::pipeline::{Learner, PitAgreement, Point, Sampling};
use anyhow::Result;
use eightfold_advantage::{MonteCarlo, Order};
use eightfold_synth::{RolloutStore, StoreSettings};

impl PitAgreement {
    /// Compares two stores of the same samples.
    fn of(own: &RolloutStore, full: &RolloutStore) -> Self {
        let mut agreement = Self::default();
        for (own, full) in own.records.iter().zip(&full.records) {
            for (own, full) in own.searches.iter().zip(&full.searches) {
                agreement.searched += 1;
                // A search without a pit went on to the end.
                let place = |pit: Option<usize>| pit.unwrap_or(usize::MAX);
                match place(own.pit).cmp(&place(full.pit)) {
                    std::cmp::Ordering::Less => agreement.earlier += 1,
                    std::cmp::Ordering::Equal => agreement.same += 1,
                    std::cmp::Ordering::Greater => agreement.later += 1,
                }
            }
        }
        agreement
    }
}

pub(super) fn measure<L: Learner>(subject: &Subject<'_, L>) -> Result<PitAgreement> {
    let (trial, sampling) = (subject.trial, subject.trial.sampling()?);
    let own = trial.rollouts(Point::Sft)?;
    // An early stop changes no pit, and its stage is the one that other cells have already.
    let search =
        MonteCarlo { order: Order::Forward, sequential: false, early_stop: true, ..sampling.store.search };
    let full = Sampling { store: StoreSettings { search, ..sampling.store }, ..sampling.clone() };
    let full = trial.rollouts_of(Point::Sft, &full)?;
    Ok(PitAgreement::of(&own.store, &full.store))
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_segment::Lines;
    use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
    use eightfold_verifier::LexiconAnswer;

    #[test]
    fn a_search_agrees_with_itself_and_bisection_misses_the_first_pit_at_times() {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let (policy, problems) = (Tabular::crowd(&lexicon), lexicon.problems(60, 0, "train"));
        let store = |search| {
            let settings = StoreSettings { search, ..StoreSettings::default() };
            RolloutStore::build(&settings, &policy, &LexiconAnswer, &Lines, &problems, 0).unwrap()
        };
        let full = store(MonteCarlo::default());
        let same = PitAgreement::of(&full, &full);
        assert!(same.searched > 50 && same.same == same.searched);
        assert_eq!(
            PitAgreement::of(&store(MonteCarlo { sequential: true, ..MonteCarlo::default() }), &full),
            same
        );
        let halved =
            PitAgreement::of(&store(MonteCarlo { order: Order::Bisection, ..MonteCarlo::default() }), &full);
        assert_eq!(halved.searched, same.searched);
        assert_eq!(halved.same + halved.later, halved.searched, "no border lies before the first pit");
        assert!(halved.same > halved.later && halved.later > 0, "{halved:?}");
    }
}
