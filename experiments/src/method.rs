//! How the learner is improved, as data.

use eightfold_advantage::Completer;
use eightfold_gpt::TrainConfig;
use eightfold_synth::{PairRule, Rejection, ResponsePairs};
use eightfold_task::lexicon::Injection;
use serde::{Deserialize, Serialize};

/// How the learner is improved. One variant is one curve of a legend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Method {
    /// Supervised training on the teacher's verified solutions; the start of all others.
    Sft {},
    /// Training the base on the SFT policy's own verified solutions.
    Rft {
        /// Which of them.
        rejection: Rejection,
        /// How.
        train: TrainConfig,
        /// What is trained, where that is not the base (an ablation).
        #[serde(default, skip_serializing_if = "Start::is_base")]
        from: Start,
    },
    /// Control: RFT that samples as many solutions as per-step DPO calls the verifier.
    RftBudget {
        /// Which of them.
        rejection: Rejection,
        /// How.
        train: TrainConfig,
    },
    /// DPO from the SFT policy on pairs of whole solutions.
    Dpo {
        /// How solutions are paired.
        pairs: ResponsePairs,
        /// Strength of the pull towards the reference.
        beta: f64,
        /// Weight of the likelihood of the chosen side.
        nll: f64,
        /// How.
        train: TrainConfig,
    },
    /// DPO from the SFT policy on pairs at the first pit.
    StepDpo {
        /// How a pit becomes a pair.
        rule: PairRule,
        /// Strength of the pull towards the reference.
        beta: f64,
        /// Weight of the likelihood of the chosen side.
        nll: f64,
        /// How.
        train: TrainConfig,
        /// A second round, where there is one (an ablation).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        second: Option<SecondRound>,
    },
    /// Control: supervised training from the SFT policy on the chosen sides of the step pairs alone.
    ChosenOnly {
        /// How a pit becomes a pair.
        rule: PairRule,
        /// How.
        train: TrainConfig,
    },
    /// Control: the SFT policy trained on, on the teacher's solutions.
    SftContinued {
        /// How.
        train: TrainConfig,
    },
    /// Training the base on one solution of each problem that the SFT policy has a verified sample of.
    SingleSolution {
        /// Whose solution.
        by: Author,
        /// How.
        train: TrainConfig,
    },
    /// RFT on solutions with injected steps on their side branches.
    RftInjected {
        /// Which of the verified samples.
        rejection: Rejection,
        /// Which steps are replaced, and by what.
        injection: Injection,
        /// How.
        train: TrainConfig,
    },
    /// RFT whose steps of low advantage are masked: read, and not learned.
    RftFiltered {
        /// Which of the verified solutions.
        rejection: Rejection,
        /// Whose success a value is.
        completer: Completer,
        /// Steps are learned whose advantage is above this, in [-1, 1].
        threshold: f64,
        /// How.
        train: TrainConfig,
    },
    /// Advantage-weighted RL from the SFT policy on all of its samples, wrong ones included (paper Eq. 4).
    Weighted {
        /// Whose success a value is.
        completer: Completer,
        /// A step of advantage A counts exp(A / beta).
        beta: f64,
        /// And at most this.
        max: f64,
        /// How.
        train: TrainConfig,
    },
}

/// Who wrote a solution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Author {
    /// The teacher.
    Teacher,
    /// The SFT policy.
    Policy,
}

/// What RFT trains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// The base.
    #[default]
    Base,
    /// The SFT policy that drew the samples.
    Sft,
}

impl Start {
    /// Whether it is the base: a field that came later is left out of the text where it is off.
    fn is_base(&self) -> bool {
        *self == Self::Base
    }
}

/// What a second round of per-step DPO learns from. It starts at the policy of the first, which is its reference too,
/// and trains as the first did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondRound {
    /// The first round's pairs: its solutions and its estimates.
    Same,
    /// The first round's solutions, with pits and continuations by rollouts of the new policy.
    Redrawn,
    /// Solutions and rollouts of the new policy.
    Fresh,
}

impl Method {
    /// Its name in tables, files and on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sft {} => "sft",
            Self::Rft { .. } => "rft",
            Self::RftBudget { .. } => "rft-budget",
            Self::Dpo { .. } => "dpo",
            Self::StepDpo { .. } => "step-dpo",
            Self::ChosenOnly { .. } => "chosen-only",
            Self::SftContinued { .. } => "sft-continued",
            Self::SingleSolution { by: Author::Teacher, .. } => "single-teacher",
            Self::SingleSolution { by: Author::Policy, .. } => "single-policy",
            Self::RftInjected { .. } => "rft-injected",
            Self::RftFiltered { .. } => "rft-filtered",
            Self::Weighted { .. } => "weighted",
        }
    }

    /// How the method itself trains; SFT is trained as [`Cell::sft`](crate::cell::Cell::sft) says.
    pub fn train_mut(&mut self) -> Option<&mut TrainConfig> {
        match self {
            Self::Sft {} => None,
            Self::Rft { train, .. }
            | Self::RftBudget { train, .. }
            | Self::Dpo { train, .. }
            | Self::StepDpo { train, .. }
            | Self::ChosenOnly { train, .. }
            | Self::SftContinued { train }
            | Self::SingleSolution { train, .. }
            | Self::RftInjected { train, .. }
            | Self::RftFiltered { train, .. }
            | Self::Weighted { train, .. } => Some(train),
        }
    }
}
