//! Measurements along training, of learners that are measured.

use super::learner::{Learner, Moment};
use super::metrics::TrainingCurve;
use anyhow::Result;
use eightfold_task::Problem;

/// A curve being measured.
pub(super) struct Measuring<'a, L: Learner> {
    pub(super) learner: &'a L,
    pub(super) train: &'a [Problem],
    pub(super) held_out: Vec<Problem>,
    pub(super) curve: TrainingCurve,
    pub(super) since: Vec<f64>,
}

impl<L: Learner> Measuring<'_, L> {
    pub(super) fn hear(&mut self, moment: Moment<'_, L::State>) -> Result<()> {
        let Moment { update, updates, loss, state } = moment;
        self.since.extend(loss);
        if update == 1 {
            self.curve.loss.extend(loss);
        }
        let every = self.learner.measured().map_or(1, |measured| measured.every());
        if update.is_multiple_of(every) || update == updates {
            self.push(update, &state())?;
            if update > 0 {
                let since = std::mem::take(&mut self.since);
                self.curve.loss.push(since.iter().sum::<f64>() / since.len().max(1) as f64);
            }
        }
        Ok(())
    }

    pub(super) fn push(&mut self, update: usize, state: &L::State) -> Result<()> {
        let Some(measured) = self.learner.measured() else { return Ok(()) };
        self.curve.updates.push(update);
        for (name, value) in measured.measure(state, self.train, &self.held_out)? {
            self.curve.measures.entry(name).or_default().push(value);
        }
        Ok(())
    }
}
