//! What a run is doing, for those who watch it.

/// A moment of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress<'a> {
    /// The stage.
    pub stage: &'a str,
    /// How much of the stage is done, in [0, 1].
    pub share: f64,
    /// Loss of the last batch, where the stage is training.
    pub loss: Option<f64>,
}

/// Is told what a run is doing.
pub type OnProgress<'a> = dyn Fn(Progress) + 'a;

impl<'a> Progress<'a> {
    /// A stage that has just begun.
    pub fn stage(stage: &'a str) -> Self {
        Self { stage, share: 0.0, loss: None }
    }

    /// A stage so far.
    pub fn part(stage: &'a str, share: f64) -> Self {
        Self { stage, share, loss: None }
    }

    /// A stage of training after an update of so many, with its loss.
    pub fn training(stage: &'a str, update: usize, updates: usize, loss: f64) -> Self {
        Self { stage, share: update as f64 / updates.max(1) as f64, loss: Some(loss) }
    }
}
