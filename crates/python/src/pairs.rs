//! Pairs and examples from the valued samples of one problem, as the program makes them.

use crate::numbers::count;
use crate::rows::{at, objects, samples};
use crate::steps::segmenter;
use crate::text::text;
use eightfold_exchange::{Form, Format, FormatOptions, RowError};
use eightfold_pairs::{Rule, Settings, UnknownRule};
use eightfold_synth::Keep;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::collections::BTreeMap;

/// The pairs, or examples, of one problem as JSON texts, and what became of its samples. `eightfold.pairs.make` says how.
#[pyfunction]
#[pyo3(signature = (rows, *, rule, known, by, cap, as_drawn, seed, first))]
#[expect(clippy::too_many_arguments, reason = "the arguments of `make` in Python, each read by its name")]
pub(crate) fn pair_rows(
    rows: &Bound<'_, PyAny>,
    rule: &Bound<'_, PyAny>,
    known: Option<&Bound<'_, PyAny>>,
    by: Option<&Bound<'_, PyAny>>,
    cap: Option<&Bound<'_, PyAny>>,
    as_drawn: bool,
    seed: u64,
    first: usize,
) -> PyResult<(Vec<String>, BTreeMap<&'static str, usize>)> {
    let named = text("rule", rule)?.parse();
    let rule: Rule = named.map_err(|error: UnknownRule| PyValueError::new_err(format!("rule: {error}")))?;
    let (by, cap) = (segmenter(by)?, cap.map(|value| count("cap", value, 0)).transpose()?);
    let known = known.map(|value| text("known", value)).transpose()?;
    let samples = samples("valued", rows, first)?;
    for (i, row) in samples.iter().enumerate() {
        rule.check(row).map_err(|error| at("valued", first + i, error))?;
    }
    let keep = if as_drawn { Keep::AsDrawn } else { Keep::Distinct };
    let settings = Settings { rule, cap, keep, by: &by, seed };
    let made = settings.make(&samples, known).map_err(|error| at("valued", first, error))?;
    let unwritten = |error: serde_json::Error| RowError::value("row", error.to_string());
    let lines = made.rows.iter().map(serde_json::to_string).collect::<Result<_, _>>().map_err(unwritten);
    Ok((lines.map_err(|error| at("valued", first, error))?, made.counts))
}

/// Pairs in TRL's preference format, as JSON texts.
#[pyfunction]
#[pyo3(signature = (rows, *, form, first))]
pub(crate) fn trl_rows(
    rows: &Bound<'_, PyAny>,
    form: Option<&Bound<'_, PyAny>>,
    first: usize,
) -> PyResult<Vec<String>> {
    let form = match form.map(|form| text("form", form)).transpose()? {
        None => None,
        Some("text") => Some(Form::Text),
        Some("messages") => Some(Form::Messages),
        Some(other) => {
            let message = format!("form: `{other}` is neither `text` nor `messages`");
            return Err(PyValueError::new_err(message));
        }
    };
    let options = FormatOptions { form, ..FormatOptions::default() };
    let export = |(i, row)| {
        let line =
            Format::TrlPreference.export(row, &options).map_err(|error| at("pairs", first + i, error))?;
        Ok(line.unwrap_or_default())
    };
    objects("pairs", rows, first)?.into_iter().enumerate().map(export).collect()
}
