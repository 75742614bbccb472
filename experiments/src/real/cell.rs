//! A cell on a language model and a file of problems, as plain data.

use super::data::Form;
use super::metrics::RealMetrics;
use super::place::RealPlace;
use super::tuning::RealTuning;
use crate::cell::{Evaluation, Sampling, digest};
use crate::configuration::Configuration;
use crate::doing::Watch;
use anyhow::{Result, bail};
use eightfold_synth::{PairRule, Rejection, ResponsePairs};
use serde::{Deserialize, Serialize};

/// Raised by hand when the same cell would mean another computation; every record and stage is then void.
pub(crate) const RECIPE: u32 = 2;

/// How the model is improved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum RealMethod {
    /// Not at all: the model as it is, given the bare problem.
    Untrained {},
    /// Not at all: the model as it is, asked by its chat template.
    UntrainedChat {},
    /// Supervised training on the solutions of the file; the start of all others.
    Sft {},
    /// Training the model on the SFT policy's own verified solutions.
    Rft {
        /// Which of them.
        rejection: Rejection,
        /// How.
        tuning: RealTuning,
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
        tuning: RealTuning,
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
        tuning: RealTuning,
    },
    /// Control: supervised training from the SFT policy on the chosen sides of the step pairs alone.
    ChosenOnly {
        /// How a pit becomes a pair.
        rule: PairRule,
        /// How.
        tuning: RealTuning,
    },
}

impl RealMethod {
    /// Its name in tables, files and on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Untrained {} => "untrained",
            Self::UntrainedChat {} => "untrained-chat",
            Self::Sft {} => "sft",
            Self::Rft { .. } => "rft",
            Self::Dpo { .. } => "dpo",
            Self::StepDpo { .. } => "step-dpo",
            Self::ChosenOnly { .. } => "chosen-only",
        }
    }

    /// How it trains; `None` where it does not, or as [`RealCell::sft`] says.
    pub fn tuning_mut(&mut self) -> Option<&mut RealTuning> {
        match self {
            Self::Untrained {} | Self::UntrainedChat {} | Self::Sft {} => None,
            Self::Rft { tuning, .. }
            | Self::Dpo { tuning, .. }
            | Self::StepDpo { tuning, .. }
            | Self::ChosenOnly { tuning, .. } => Some(tuning),
        }
    }

    /// Whether it trains anything.
    pub fn trains(&self) -> bool {
        !matches!(self, Self::Untrained {} | Self::UntrainedChat {})
    }

    /// Whether it learns from samples of the SFT policy.
    pub fn samples(&self) -> bool {
        self.trains() && !matches!(self, Self::Sft {})
    }
}

/// Where problems come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProblemSet {
    /// The form of the files.
    pub form: Form,
    /// Name of the files' content.
    pub content: String,
    /// Only problems whose given solution has at most this many lines before the answer; all without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<usize>,
}

/// Where completions end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Length {
    /// Longest completion, in tokens.
    pub max_tokens: usize,
    /// Texts that end one.
    pub stop: Vec<String>,
}

/// One configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RealCell {
    /// Name of the content of the model's folder ([`eightfold_models::fingerprint`]).
    pub model: String,
    /// The problems.
    pub problems: ProblemSet,
    /// The method.
    pub method: RealMethod,
    /// Training problems.
    pub size: usize,
    /// Seed of the choice of problems, of samples and of training order.
    pub seed: u64,
    /// Supervised training on the file's solutions.
    pub sft: RealTuning,
    /// What the SFT policy draws; absent where nothing is drawn, as for SFT itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// Where completions end.
    pub length: Length,
    /// Evaluation.
    pub evaluation: Evaluation,
}

impl RealCell {
    /// Names all that the SFT checkpoint depends on.
    pub(crate) fn sft_name(&self) -> String {
        let Self { model, problems, size, seed, sft, .. } = self;
        digest(&("real sft", RECIPE, model, problems, size, seed, sft))
    }

    /// Names all that the samples and rollouts depend on.
    pub(crate) fn rollouts_name(&self) -> String {
        digest(&("real rollouts", RECIPE, self.sft_name(), &self.sampling, &self.length))
    }

    /// Whether it can be run.
    ///
    /// # Errors
    /// The first field that is out of its range.
    pub fn check(&self) -> Result<()> {
        let counts = [
            ("length.max_tokens", self.length.max_tokens),
            ("evaluation.problems", self.evaluation.problems),
            ("evaluation.samples", self.evaluation.samples),
        ];
        if let Some((field, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            bail!("`{field}` is 0, but must be at least 1");
        }
        if self.length.stop.iter().any(String::is_empty) {
            bail!("`length.stop` has an empty text");
        }
        if let Some(Sampling { temperature, store, .. }) = &self.sampling {
            if *temperature < 0.0 {
                bail!("`sampling.temperature` is {temperature}, but must be at least 0");
            }
            store.search.check()?;
        }
        Ok(())
    }
}

impl Configuration for RealCell {
    type Metrics = RealMetrics;
    type Place = RealPlace;
    const SET: &'static str = "sft.schedule.rate=5e-5";

    fn id(&self) -> String {
        let (form, method) = (self.problems.form.name(), self.method.name());
        let hash = digest(&("real cell", RECIPE, self));
        format!("{form}-{method}-n{}-s{}-{}", self.size, self.seed, &hash[..8])
    }

    fn label(&self) -> String {
        format!("{} n={} s={}", self.method.name(), self.size, self.seed)
    }

    fn weight(&self) -> f64 {
        let evaluation = (self.evaluation.problems * (1 + self.evaluation.samples)) as f64;
        // A token of training costs about as much as three of sampling.
        evaluation + if self.method.samples() { 12.0 } else { 3.0 } * self.size as f64
    }

    fn queue(missing: &mut [Self]) {
        missing.sort_by_key(|cell| (cell.method.samples(), cell.seed, cell.size));
    }

    fn start(&self) -> String {
        self.sft_name()
    }

    fn prepare(cells: &[Self], place: &RealPlace) -> Result<()> {
        cells.iter().try_for_each(|cell| {
            cell.check()?;
            place.check(cell)
        })
    }

    fn run(&self, place: &RealPlace, watch: &Watch) -> Result<RealMetrics> {
        super::run::run(self, place, watch)
    }

    fn outcome(metrics: &RealMetrics) -> String {
        format!("error {:.3}", metrics.error)
    }

    fn error(metrics: &RealMetrics) -> f64 {
        metrics.error
    }
}
