//! The formats of other tools, each to and from the rows of the pipeline.

mod gsm8k;
#[cfg(test)]
mod laws;
mod math_shepherd;
mod prm800k;
mod screl;
mod self_explore;
mod sides;
mod step_dpo;
mod steps;
mod trl_preference;
mod trl_sft;
mod trl_stepwise;
mod trl_unpaired;

use crate::fields::RowError;
use crate::{ExampleRow, Fields, PairRow, ProblemRow, SampleRow};
use serde::Serialize;
use serde_json::{Map, Value};

/// A format that other tools read and write, one JSON object a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// TRL preference: `prompt`, `chosen`, `rejected`.
    TrlPreference,
    /// TRL stepwise supervision: `prompt`, `completions`, `labels`.
    TrlStepwise,
    /// TRL unpaired preference: `prompt`, `completion`, `label`.
    TrlUnpaired,
    /// TRL prompt and completion, for supervised training: `prompt`, `completion`; `messages` is read too.
    TrlSft,
    /// Step-DPO (Lai et al. 2024): `prompt`, `initial_reason_steps`, `chosen`, `rejected`.
    StepDpo,
    /// Self-Explore (Hwang et al. 2024): `prompt` (question and steps), `chosen`, `rejected`.
    SelfExplore,
    /// Math-Shepherd (Wang et al. 2024): `input` and `label`, whose steps end in a mark.
    MathShepherd,
    /// PRM800K (Lightman et al. 2023): `question`, `label`, with ratings of -1, 0 and 1.
    Prm800k,
    /// ScRel (Yuan et al. 2023): `query`, `response`.
    ScRel,
    /// GSM8K (Cobbe et al. 2021): `question`, `answer`.
    Gsm8k,
}

/// What kind of row a format holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// [`ProblemRow`].
    Problems,
    /// [`SampleRow`].
    Samples,
    /// [`PairRow`].
    Pairs,
    /// [`ExampleRow`].
    Examples,
}

/// Whether prompts and completions are texts or chat messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Texts.
    Text,
    /// Lists of messages.
    Messages,
}

/// What a format leaves open.
#[derive(Clone, Debug, PartialEq)]
pub struct FormatOptions {
    /// The form that is written; without it, that of the row's prompt. Formats that know one form write that.
    pub form: Option<Form>,
    /// What stands between two steps where a format keeps them in a list: it is taken off the end of a step
    /// and put back when read.
    pub separator: String,
    /// A step counts as right if its value lies above this, in [0, 1).
    pub threshold: f64,
}

impl Default for FormatOptions {
    /// The form of the prompt; a line a step; right where any rollout was.
    fn default() -> Self {
        Self { form: None, separator: "\n".into(), threshold: 0.0 }
    }
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 10] = [
        Self::TrlPreference,
        Self::TrlStepwise,
        Self::TrlUnpaired,
        Self::TrlSft,
        Self::StepDpo,
        Self::SelfExplore,
        Self::MathShepherd,
        Self::Prm800k,
        Self::ScRel,
        Self::Gsm8k,
    ];

    /// The kind of row that the format is made of, and makes.
    pub fn kind(self) -> Kind {
        match self {
            Self::TrlPreference | Self::StepDpo | Self::SelfExplore => Kind::Pairs,
            Self::TrlStepwise | Self::TrlUnpaired | Self::MathShepherd | Self::Prm800k => Kind::Samples,
            Self::TrlSft | Self::ScRel => Kind::Examples,
            Self::Gsm8k => Kind::Problems,
        }
    }

    /// A row of the pipeline as a line of the format; `None` where the row has nothing to say in it, as a
    /// solution none of whose steps has a value.
    ///
    /// # Errors
    /// If the row is not of the format's kind, or cannot be said in it; the error names the key.
    pub fn export(
        self,
        row: Map<String, Value>,
        options: &FormatOptions,
    ) -> Result<Option<String>, RowError> {
        Ok(match self {
            Self::TrlPreference => Some(line(&trl_preference::export(PairRow::read(row)?, options))),
            Self::StepDpo => Some(line(&step_dpo::export(PairRow::read(row)?)?)),
            Self::SelfExplore => Some(line(&self_explore::export(PairRow::read(row)?))),
            Self::TrlStepwise => trl_stepwise::export(&SampleRow::read(row)?, options)?.as_ref().map(line),
            Self::MathShepherd => math_shepherd::export(SampleRow::read(row)?, options)?.as_ref().map(line),
            Self::Prm800k => prm800k::export(SampleRow::read(row)?, options)?.as_ref().map(line),
            Self::TrlUnpaired => Some(line(&trl_unpaired::export(SampleRow::read(row)?, options)?)),
            Self::TrlSft => Some(line(&trl_sft::export(ExampleRow::read(row)?, options)?)),
            Self::ScRel => Some(line(&screl::export(ExampleRow::read(row)?)?)),
            Self::Gsm8k => Some(line(&gsm8k::export(ProblemRow::read(row)?))),
        })
    }

    /// A row of the format as a line of the pipeline. `id` names the problem where the row has no `id` of
    /// its own; further keys are kept.
    ///
    /// # Errors
    /// If the row is not of the format; the error names the key.
    pub fn import(
        self,
        row: Map<String, Value>,
        id: String,
        options: &FormatOptions,
    ) -> Result<String, RowError> {
        let mut fields = Fields::from(row);
        let id = fields.optionally("id", crate::fields::text)?.unwrap_or(id);
        Ok(match self {
            Self::TrlPreference => line(&trl_preference::import(fields, id)?),
            Self::StepDpo => line(&step_dpo::import(fields, id)?),
            Self::SelfExplore => line(&self_explore::import(fields, id)?),
            Self::TrlStepwise => line(&trl_stepwise::import(fields, id, options)?),
            Self::MathShepherd => line(&math_shepherd::import(fields, id)?),
            Self::Prm800k => line(&prm800k::import(fields, id, options)?),
            Self::TrlUnpaired => line(&trl_unpaired::import(fields, id)?),
            Self::TrlSft => line(&trl_sft::import(fields, id)?),
            Self::ScRel => line(&screl::import(fields, id)?),
            Self::Gsm8k => line(&gsm8k::import(fields, id)?),
        })
    }
}

fn line(row: &impl Serialize) -> String {
    serde_json::to_string(row).expect("rows hold texts, numbers and lists of them")
}
