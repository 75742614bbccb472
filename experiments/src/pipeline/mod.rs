//! The method of the paper, once: any world, any learner, any method, run by one function.
//!
//! A [`Cell`] is world x learner x method x size x seed as plain data; [`run()`] turns it into [`Metrics`]. It knows
//! worlds and learners by the traits [`World`] and [`Learner`] alone, and is the only place in which the data side and the
//! network side meet.

mod advantage;
mod cell;
mod configs;
mod drawing;
mod error;
mod evaluate;
mod injected;
mod learner;
pub mod ledger;
mod measuring;
mod meter;
mod method;
mod metrics;
mod objective;
mod one_each;
mod online;
mod pairs;
mod probing;
mod run;
mod stages;
mod texts;
mod trial;
mod world;

pub use cell::{Cell, Evaluation, RECIPE, Sampling, digest};
#[cfg(feature = "models")]
pub use configs::FolderConfig;
pub use configs::{
    BaseConfig, Form, LearnerConfig, Length, NetConfig, NetworkConfig, ProblemSet, Schedule, StarBase,
    StarLearner, WorldConfig,
};
pub use drawing::accepted;
pub use error::Impossible;
pub use evaluate::{Scores, evaluate};
pub use learner::{
    Distributions, Drawing, Exact, Kept, Learner, Measured, Measures, Moment, Observer, Phase, Trained,
    Training,
};
pub use ledger::{Ledger, StageCost};
pub use meter::{Meter, Operations};
pub use method::{
    Anchor, Author, Credit, Imitation, Method, Online, PairLoss, PairSide, PairState, Point, Preferring,
    SecondRound, Sides, Sign, Source, Weights,
};
pub use metrics::{Answers, Data, Faults, Metrics, TrainingCurve};
pub use objective::{Clip, Likelihood, Objective, Plain, Preference, Reference, Spans, Tempered};
pub use probing::{
    BaseLikelihood, Gain, GainSettings, Gains, PassAtK, PitAgreement, Pits, Places, Probe, Probed,
    SourceLikelihood, Worked, WorkedStep,
};
pub use run::run;
pub use stages::{Rollouts, Stages, read_json};
pub use trial::{Learned, Trial};
pub use world::{Split, World};
