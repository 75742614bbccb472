//! What a run is doing, for those who watch it.

use eightfold_gpt::Progress;

/// A moment of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Doing<'a> {
    /// The stage.
    pub stage: &'a str,
    /// How much of the stage is done, in [0, 1].
    pub share: f64,
    /// Loss of the last batch, where the stage is training.
    pub loss: Option<f64>,
}

/// Hears what a run is doing.
pub type Watch<'a> = dyn Fn(Doing) + 'a;

impl<'a> Doing<'a> {
    /// A stage that has just begun.
    pub fn stage(stage: &'a str) -> Self {
        Self { stage, share: 0.0, loss: None }
    }

    /// A stage so far.
    pub fn part(stage: &'a str, share: f64) -> Self {
        Self { stage, share, loss: None }
    }

    /// A stage of training after an update.
    pub fn training(stage: &'a str, at: Progress) -> Self {
        Self { stage, share: at.update as f64 / at.updates.max(1) as f64, loss: Some(at.loss) }
    }
}
