//! The formats of other tools, each to and from the rows of the pipeline.

mod gsm8k;
#[cfg(test)]
mod laws;
mod math_shepherd;
mod prm800k;
mod screl;
mod self_explore;
mod sharegpt;
mod sides;
mod step_dpo;
mod steps;
mod stepwise;
mod trl_preference;
mod trl_sft;
mod trl_unpaired;

use crate::fields::{RowError, besides};
use crate::{ExampleRow, Fields, PairRow, ProblemRow, SampleRow};
use serde::Serialize;
use serde_json::{Map, Value};

/// A format that other tools read and write, one JSON object a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// TRL preference: `prompt`, `chosen`, `rejected`.
    TrlPreference,
    /// Stepwise supervision, once TRL's: `prompt`, `completions`, `labels`.
    Stepwise,
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
    /// ShareGPT, as LLaMA-Factory reads it: `conversations` of `from` and `value`, and `system`.
    ShareGpt,
    /// The same with `chosen` and `rejected`.
    ShareGptPreference,
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
    /// How the labels of steps are written, where the format has room for more than right and wrong.
    pub labels: Labels,
}

/// How the labels of steps are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Labels {
    /// Whether the value lies above the threshold.
    #[default]
    Hard,
    /// The value itself.
    Soft,
    /// The value, and its interval beside it.
    Interval,
}

impl Default for FormatOptions {
    /// The form of the prompt; a line a step; right where any rollout was.
    fn default() -> Self {
        Self { form: None, separator: "\n".into(), threshold: 0.0, labels: Labels::Hard }
    }
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 12] = [
        Self::TrlPreference,
        Self::Stepwise,
        Self::TrlUnpaired,
        Self::TrlSft,
        Self::StepDpo,
        Self::SelfExplore,
        Self::MathShepherd,
        Self::Prm800k,
        Self::ScRel,
        Self::Gsm8k,
        Self::ShareGpt,
        Self::ShareGptPreference,
    ];

    /// The kind of row that the format is made of, and makes.
    pub fn kind(self) -> Kind {
        match self {
            Self::TrlPreference | Self::StepDpo | Self::SelfExplore | Self::ShareGptPreference => Kind::Pairs,
            Self::Stepwise | Self::TrlUnpaired | Self::MathShepherd | Self::Prm800k => Kind::Samples,
            Self::TrlSft | Self::ScRel | Self::ShareGpt => Kind::Examples,
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
            Self::Stepwise => stepwise::export(&SampleRow::read(row)?, options)?.as_ref().map(line),
            Self::MathShepherd => math_shepherd::export(SampleRow::read(row)?, options)?.as_ref().map(line),
            Self::Prm800k => prm800k::export(SampleRow::read(row)?, options)?.as_ref().map(line),
            Self::TrlUnpaired => Some(line(&trl_unpaired::export(SampleRow::read(row)?, options)?)),
            Self::TrlSft => Some(line(&trl_sft::export(ExampleRow::read(row)?, options)?)),
            Self::ScRel => Some(line(&screl::export(ExampleRow::read(row)?)?)),
            Self::Gsm8k => Some(line(&gsm8k::export(ProblemRow::read(row)?))),
            Self::ShareGpt => Some(line(&sharegpt::export(ExampleRow::read(row)?)?)),
            Self::ShareGptPreference => Some(line(&sharegpt::export_pair(PairRow::read(row)?)?)),
        })
    }

    /// Whether labels of steps can be more than right and wrong in this format.
    pub fn has_soft_labels(self) -> bool {
        self == Self::Stepwise
    }

    /// A row of the format as a line of the pipeline; `None` where it says nothing, as a solution none of
    /// whose steps was rated. `id` names the problem where the row has no `id` of its own; further keys are
    /// kept.
    ///
    /// # Errors
    /// If the row is not of the format; the error names the key.
    pub fn import(
        self,
        row: Map<String, Value>,
        id: String,
        options: &FormatOptions,
    ) -> Result<Option<String>, RowError> {
        let mut fields = Fields::from(row);
        let id = fields.optionally("id", crate::fields::text)?.unwrap_or(id);
        Ok(Some(match self {
            Self::TrlPreference => whole(trl_preference::import(fields, id)?),
            Self::StepDpo => whole(step_dpo::import(fields, id)?),
            Self::SelfExplore => whole(self_explore::import(fields, id)?),
            Self::Stepwise => whole(stepwise::import(fields, id, options)?),
            Self::MathShepherd => whole(math_shepherd::import(fields, id)?),
            Self::Prm800k => return Ok(prm800k::import(fields, id, options)?.map(whole)),
            Self::TrlUnpaired => whole(trl_unpaired::import(fields, id)?),
            Self::TrlSft => whole(trl_sft::import(fields, id)?),
            Self::ScRel => whole(screl::import(fields, id)?),
            Self::Gsm8k => whole(gsm8k::import(fields, id)?),
            Self::ShareGpt => whole(sharegpt::import(fields, id)?),
            Self::ShareGptPreference => whole(sharegpt::import_pair(fields, id)?),
        }))
    }
}

/// A row that keeps further keys.
trait Further: Serialize {
    /// The further keys.
    fn more(&mut self) -> &mut Map<String, Value>;
}

impl Further for ProblemRow {
    fn more(&mut self) -> &mut Map<String, Value> {
        &mut self.more
    }
}

impl Further for SampleRow {
    fn more(&mut self) -> &mut Map<String, Value> {
        &mut self.more
    }
}

impl Further for PairRow {
    fn more(&mut self) -> &mut Map<String, Value> {
        &mut self.more
    }
}

impl Further for ExampleRow {
    fn more(&mut self) -> &mut Map<String, Value> {
        &mut self.more
    }
}

/// A row as a line in which no key is twice: a further key with a name that the row has gets another.
fn whole(mut row: impl Further) -> String {
    let more = std::mem::take(row.more());
    let written = line(&row);
    let own: Map<String, Value> = serde_json::from_str(&written).expect("what was just written");
    *row.more() = besides(more, |key| own.contains_key(key));
    line(&row)
}

fn line(row: &impl Serialize) -> String {
    serde_json::to_string(row).expect("rows hold texts, numbers and lists of them")
}
