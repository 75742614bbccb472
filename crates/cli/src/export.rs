//! `eightfold export`: rows of the pipeline in the formats of other tools.

use crate::jsonl::{Input, Row};
use crate::status::Status;
use anyhow::Context;
use clap::{Args, ValueEnum};
use eightfold_exchange::{Form, Format, FormatOptions, Labels};
use serde_json::{Map, Value};
use std::path::PathBuf;

/// Write pairs, solutions, examples or problems for other tools.
///
/// Pairs become trl-preference, step-dpo, self-explore or sharegpt-preference; solutions stepwise,
/// math-shepherd or prm800k (with the labels that `value` or `import` gave their steps) or trl-unpaired (with
/// verdicts); examples trl-sft, screl or sharegpt; and problems gsm8k. Only the keys of the format are written, and those named by
/// `--keep`.
///
/// The exit status is 0 if every line was written, and 2 if any was malformed.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold export --to trl-preference pairs.jsonl > trl.jsonl
  eightfold export --to stepwise --threshold 0.5 valued.jsonl > prm.jsonl
  eightfold export --to stepwise --labels soft valued.jsonl > soft.jsonl
  eightfold pairs --rule shared-prefix-step valued.jsonl | eightfold export --to step-dpo --keep id,step > step_dpo.jsonl
  eightfold pairs --rule rft verified.jsonl | eightfold export --to trl-sft --form messages > sft.jsonl")]
pub(crate) struct Export {
    /// Rows of the kind that the format is made of; standard input if absent or `-`.
    file: Option<PathBuf>,
    /// The format.
    #[arg(long, value_enum)]
    to: FormatName,
    /// Prompts and completions as texts or as chat messages; as the rows have them by default
    /// (trl-preference, trl-unpaired, trl-sft).
    #[arg(long, value_enum)]
    form: Option<FormName>,
    /// What stands between two steps: it is taken off their ends where a format lists them.
    #[arg(long, default_value = "\n")]
    separator: String,
    /// A step counts as right if the value after it lies above this.
    #[arg(long, default_value_t = 0.0, value_parser = threshold)]
    threshold: f64,
    /// How the labels of steps are written (stepwise): `hard` is whether the value lies above the threshold,
    /// `soft` the value itself, `interval` the value with [low, high] beside it, under `intervals`.
    #[arg(long, value_enum, default_value = "hard")]
    labels: LabelsName,
    /// Further keys to write, with commas between them.
    #[arg(long, value_delimiter = ',', value_name = "KEYS")]
    keep: Vec<String>,
    /// Stop at the first malformed line.
    #[arg(long)]
    strict: bool,
}

/// The formats by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatName {
    /// TRL: prompt, chosen, rejected.
    TrlPreference,
    /// Stepwise supervision, once TRL's: prompt, completions, labels.
    #[value(alias = "trl-stepwise")]
    Stepwise,
    /// TRL: prompt, completion, label.
    TrlUnpaired,
    /// TRL: prompt, completion.
    TrlSft,
    /// Step-DPO: prompt, initial_reason_steps, chosen, rejected.
    StepDpo,
    /// Self-Explore: prompt, chosen, rejected.
    SelfExplore,
    /// Math-Shepherd: input, label.
    MathShepherd,
    /// PRM800K: question, label.
    Prm800k,
    /// ScRel: query, response.
    Screl,
    /// GSM8K: question, answer.
    Gsm8k,
    /// ShareGPT and LLaMA-Factory: conversations, system.
    Sharegpt,
    /// The same with two answers: conversations, chosen, rejected, system.
    SharegptPreference,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::TrlPreference => Self::TrlPreference,
            FormatName::Stepwise => Self::Stepwise,
            FormatName::TrlUnpaired => Self::TrlUnpaired,
            FormatName::TrlSft => Self::TrlSft,
            FormatName::StepDpo => Self::StepDpo,
            FormatName::SelfExplore => Self::SelfExplore,
            FormatName::MathShepherd => Self::MathShepherd,
            FormatName::Prm800k => Self::Prm800k,
            FormatName::Screl => Self::ScRel,
            FormatName::Gsm8k => Self::Gsm8k,
            FormatName::Sharegpt => Self::ShareGpt,
            FormatName::SharegptPreference => Self::ShareGptPreference,
        }
    }
}

/// The forms by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormName {
    /// Texts.
    Text,
    /// Lists of messages, each with a role and its content.
    Messages,
}

/// The labels by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LabelsName {
    Hard,
    Soft,
    Interval,
}

impl From<LabelsName> for Labels {
    fn from(name: LabelsName) -> Self {
        match name {
            LabelsName::Hard => Self::Hard,
            LabelsName::Soft => Self::Soft,
            LabelsName::Interval => Self::Interval,
        }
    }
}

fn threshold(text: &str) -> Result<f64, String> {
    let threshold = text.parse().ok().filter(|threshold| (0.0..1.0).contains(threshold));
    threshold.ok_or_else(|| "it is at least 0 and below 1".to_owned())
}

impl Export {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let options = FormatOptions {
            form: self.form.map(|form| match form {
                FormName::Text => Form::Text,
                FormName::Messages => Form::Messages,
            }),
            separator: self.separator.clone(),
            threshold: self.threshold,
            labels: self.labels.into(),
        };
        anyhow::ensure!(
            options.labels == Labels::Hard || Format::from(self.to).has_soft_labels(),
            "--labels: this format has room for right and wrong alone; `--to stepwise` has more"
        );
        let input = Input { file: self.file.clone(), strict: self.strict };
        let (mut written, mut silent) = (0, 0);
        let work = |row: Row| {
            let line = self.line(row, &options)?;
            let said = line.is_some();
            Ok((line, said))
        };
        let status = input.sift(work, |said| {
            *(if said { &mut written } else { &mut silent }) += 1;
            Ok(())
        })?;
        eprintln!("{written} rows written");
        if silent > 0 {
            eprintln!("{silent} rows left out: none of their steps has a value or a label");
        }
        Ok(status)
    }

    fn line(&self, row: Row, options: &FormatOptions) -> anyhow::Result<Option<String>> {
        let fields = row.into_fields().rest();
        let kept: Map<String, Value> =
            self.keep.iter().filter_map(|key| Some((key.clone(), fields.get(key)?.clone()))).collect();
        let Some(line) = Format::from(self.to).export(fields, options)? else { return Ok(None) };
        if kept.is_empty() {
            return Ok(Some(line));
        }
        let theirs: Map<String, Value> = serde_json::from_str(&line)?;
        let clash = kept.keys().find(|key| theirs.contains_key(*key));
        clash
            .map_or(Ok(()), |key| Err(anyhow::anyhow!("`{key}` is a key of the format")))
            .context("--keep")?;
        let more = Value::Object(kept).to_string();
        Ok(Some(format!("{},{}", &line[..line.len() - 1], &more[1..])))
    }
}
