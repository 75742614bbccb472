//! Who learns: anything that has a base, can be sampled, and can be trained.
//!
//! What only some learners can do is a capability of its own, behind an `Option`: [`Exact`], [`Distributions`],
//! [`Measured`], [`Kept`].

use super::error::Impossible;
use super::meter::Meter;
use super::objective::Objective;
use anyhow::Result;
use eightfold_advantage::{Episode, StepValues};
use eightfold_gpt::TrainReport;
use eightfold_harness::OnProgress;
use eightfold_task::{Key, Policy, Problem, Target};
use std::collections::BTreeMap;
use std::path::Path;

/// A learner with its states.
pub trait Learner: Sync {
    /// What training changes: weights, and whatever another round goes on from.
    type State: Clone;

    /// Its name in errors.
    fn name(&self) -> &'static str;

    /// What everything starts from.
    ///
    /// # Errors
    /// If it was not made yet, or cannot be read.
    fn base(&self) -> Result<Self::State>;

    /// A state as a policy.
    ///
    /// # Errors
    /// If the state cannot be read.
    fn policy<'a>(&'a self, state: &'a Self::State, drawing: &Drawing<'a>) -> Result<Box<dyn Policy + 'a>>;

    /// Trains a state. The result depends on `from`, the objective, the phase and the key alone.
    ///
    /// # Errors
    /// [`super::Impossible`] for an objective that this learner does not have; training that diverges.
    fn train(
        &self,
        from: &Self::State,
        objective: &Objective<'_, Self::State>,
        training: &Training<'_>,
        observer: &mut Observer<'_, Self::State>,
    ) -> Result<Trained<Self::State>>;

    /// What counts the tokens and operations of a state.
    ///
    /// # Errors
    /// If the state cannot be read.
    fn meter<'a>(&'a self, state: &'a Self::State) -> Result<Box<dyn Meter + 'a>>;

    /// Forward passes that one update costs, its backward pass included.
    fn passes(&self) -> f64 {
        3.0
    }

    /// Forgets what was kept of draws under this name, which are all used.
    fn forget_draws(&self, _name: &str) {}

    /// Exact errors, of learners whose solutions can be enumerated.
    fn exact(&self) -> Option<&dyn Exact<Self::State>> {
        None
    }

    /// Probabilities of tokens.
    fn distributions(&self) -> Option<&dyn Distributions<Self::State>> {
        None
    }

    /// Measurements along training.
    fn measured(&self) -> Option<&dyn Measured<Self::State>> {
        None
    }

    /// States as files.
    fn kept(&self) -> Option<&dyn Kept<Self::State>> {
        None
    }
}

/// How completions are drawn.
#[derive(Clone, Copy)]
pub struct Drawing<'a> {
    /// Temperature, at least 0.
    pub temperature: f64,
    /// Whether the problem is asked by the learner's chat template.
    pub chat: bool,
    /// What the draws are for, as progress says it.
    pub purpose: &'a str,
    /// Name under which a learner may keep them until they are all used, unique by content.
    pub name: &'a str,
    /// Hears how far it is.
    pub on_progress: &'a OnProgress<'a>,
}

/// Which of a learner's schedules training follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Supervised training on the given solutions, the start of the other methods.
    Sft,
    /// The same, stopped after so many updates.
    SftUntil(usize),
    /// The method's own training.
    Method,
}

impl Phase {
    /// The schedule of a learner whose rate falls over the whole of supervised training.
    ///
    /// # Errors
    /// If only a part of it is asked for, or the method's own schedule, which stands at `key`, is absent.
    pub fn schedule<'a, T>(
        self,
        (learner, key): (&'static str, &'static str),
        sft: &'a T,
        train: Option<&'a T>,
    ) -> Result<&'a T, Impossible> {
        match self {
            Self::Sft => Ok(sft),
            Self::SftUntil(_) => Err(Impossible::Objective {
                learner,
                what: "a part of supervised training: its rate falls over the whole",
            }),
            Self::Method => train.ok_or(Impossible::Key { method: "that trains", key }),
        }
    }
}

/// What training is asked for, beside what it minimizes.
#[derive(Clone, Copy)]
pub struct Training<'a> {
    /// Which schedule.
    pub phase: Phase,
    /// Seed of the cell.
    pub seed: u64,
    /// Of the random streams. A learner with streams of its own takes `seed` in its place.
    pub key: Key,
    /// Name of the method, as progress says it.
    pub name: &'a str,
    /// Hears of each update.
    pub on_progress: &'a OnProgress<'a>,
}

/// A trained state and what it took.
#[derive(Clone, Debug)]
pub struct Trained<S> {
    /// The state.
    pub state: S,
    /// How it went.
    pub report: TrainReport,
}

/// A moment of training.
pub struct Moment<'a, S> {
    /// Updates made.
    pub update: usize,
    /// Updates in all.
    pub updates: usize,
    /// Loss of the last update, before it was made; absent before the first.
    pub loss: Option<f64>,
    /// The state after it.
    pub state: &'a dyn Fn() -> S,
}

/// Hears of moments of training, of learners that are [`Measured`].
pub type Observer<'a, S> = dyn FnMut(Moment<'_, S>) + 'a;

/// Errors that are computed and not sampled.
pub trait Exact<S> {
    /// Share of problems answered wrongly: greedily, and at temperature 1.
    ///
    /// # Errors
    /// If a problem is not one of the learner's world.
    fn errors(&self, state: &S, problems: &[Problem]) -> Result<[f64; 2]>;

    /// Values of the steps of a solution under one draw at a temperature.
    ///
    /// # Errors
    /// If the solution cannot be read, or the learner knows no values of steps.
    fn values(&self, state: &S, temperature: f64, episode: &Episode) -> Result<StepValues>;
}

/// How likely texts are.
pub trait Distributions<S> {
    /// Log-probability, in nats, of each token of each target after its prompt, the end of text included where the
    /// target ends.
    ///
    /// # Errors
    /// If a text cannot be read.
    fn token_logps(&self, state: &S, texts: &[(String, Target)]) -> Result<Vec<Vec<f64>>>;

    /// Log-probability, in nats, of each of `words` as the next word after each prompt.
    ///
    /// # Errors
    /// If a text cannot be read, or a word is not one token.
    fn next_logps(&self, state: &S, prompts: &[String], words: &[&str]) -> Result<Vec<Vec<f64>>>;
}

/// Numbers of a state by name, in the order of their names.
pub type Measures = BTreeMap<String, f64>;

/// What is measured along training.
pub trait Measured<S> {
    /// Updates between two measurements, at least 1.
    fn every(&self) -> usize;

    /// Updates of the method's own training.
    fn updates(&self) -> usize;

    /// Measures a state on problems that it learns from and on held-out ones.
    ///
    /// # Errors
    /// If a problem is not one of the learner's world.
    fn measure(&self, state: &S, train: &[Problem], held_out: &[Problem]) -> Result<Measures>;
}

/// States as files.
pub trait Kept<S> {
    /// Whether every state that is trained goes through a file, or only those that cells share.
    fn everything(&self) -> bool;

    /// Writes a state to a folder, which appears whole; `made_by` says what it depends on.
    ///
    /// # Errors
    /// If it cannot be written.
    fn save(&self, state: &S, folder: &Path, made_by: serde_json::Value) -> Result<()>;

    /// Reads it.
    ///
    /// # Errors
    /// If it cannot be read.
    fn load(&self, folder: &Path) -> Result<S>;

    /// Removes a state that no other cell needs, unless it was asked to stay.
    fn release(&self, folder: &Path);
}
