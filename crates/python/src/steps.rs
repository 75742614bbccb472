//! Steps, and what they are worth.

use crate::numbers::{count, items, level, spans, truths};
use crate::text::text;
use crate::value::StepValue;
use eightfold_advantage::{Completer, Evidence, PitRule, Rollouts};
use eightfold_segment::{By, Merged, Segmenter, UnknownSegmenter};
use eightfold_verifier::Verdict;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// What a step is: lines where nothing is said.
pub(crate) fn segmenter(by: Option<&Bound<'_, PyAny>>) -> PyResult<By> {
    let Some(by) = by else { return Ok(By::Lines) };
    text("by", by)?.parse().map_err(|error: UnknownSegmenter| PyValueError::new_err(format!("by: {error}")))
}

/// Where each step starts and ends, in characters; the spans tile the text.
///
/// `by` is "lines", "sentences", "numbered" or "paragraphs". A step with fewer characters than `shortest` is joined to a
/// neighbor, and there are at most `most` steps.
#[pyfunction]
#[pyo3(signature = (text, by=None, *, shortest=None, most=None))]
pub(crate) fn segment(
    text: &Bound<'_, PyAny>,
    by: Option<&Bound<'_, PyAny>>,
    shortest: Option<&Bound<'_, PyAny>>,
    most: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<(usize, usize)>> {
    let py = text.py();
    let (text, by) = (self::text("text", text)?, segmenter(by)?);
    let shortest = shortest.map(|value| count("shortest", value, 0)).transpose()?;
    let most = most.map(|value| count("most", value, 1)).transpose()?;
    let cut = || match (shortest, most) {
        (None, None) => by.segment(text),
        (shortest, most) => {
            let (shortest, most) = (shortest.unwrap_or(0), most.unwrap_or(usize::MAX));
            Merged { inner: by, shortest, most }.segment(text)
        }
    };
    Ok(py.detach(|| cut().char_spans()).into_iter().map(|span| (span.start, span.end)).collect())
}

/// The tokens of each step, as ranges of token numbers that tile all tokens.
///
/// `spans` are those of `segment`, and `offsets` the `offset_mapping` of a fast tokenizer. A token belongs to the step in
/// which it starts; one without text, such as a special token, to the step of the token before it.
#[pyfunction]
pub(crate) fn token_spans(
    spans: &Bound<'_, PyAny>,
    offsets: &Bound<'_, PyAny>,
) -> PyResult<Vec<(usize, usize)>> {
    let (spans, offsets) = (self::spans("spans", spans)?, self::spans("offsets", offsets)?);
    let mut at = 0;
    for (i, &(start, end)) in spans.iter().enumerate() {
        if start != at || end <= start {
            let message = format!("spans[{i}]: ({start}, {end}) does not follow on {at}");
            return Err(PyValueError::new_err(message));
        }
        at = end;
    }
    let mut before = 0;
    for (i, &(start, end)) in offsets.iter().enumerate().filter(|(_, (start, end))| start != end) {
        if end < start || start < before {
            return Err(PyValueError::new_err(format!("offsets[{i}]: ({start}, {end}) is out of order")));
        }
        before = start;
    }
    let spans: Vec<_> = spans.into_iter().map(|(start, end)| start..end).collect();
    let found = eightfold_segment::token_spans(&spans, &offsets);
    Ok(found.into_iter().map(|range| (range.start, range.end)).collect())
}

/// The values of prefixes: `outcomes[i]` says which rollouts were right that go on after step i, from 0.
///
/// `question` holds the outcomes of rollouts from the bare question; without them the first step has no advantage. If
/// `correct` says whether the whole solution is right, its last step, for which no outcomes are given, is valued by that.
#[pyfunction]
#[pyo3(signature = (outcomes, *, best_of=None, level=None, question=None, correct=None))]
pub(crate) fn step_values(
    outcomes: &Bound<'_, PyAny>,
    best_of: Option<&Bound<'_, PyAny>>,
    level: Option<&Bound<'_, PyAny>>,
    question: Option<&Bound<'_, PyAny>>,
    correct: Option<bool>,
) -> PyResult<Vec<StepValue>> {
    let (completer, level) = (best_of_k(best_of)?, self::level(level)?);
    let mut evidence = evidence(outcomes, question, completer.draws())?;
    // Without a verdict, nothing is said of the whole solution.
    evidence.len = evidence.steps.len() + if correct.is_some() { 1 } else { 2 };
    if correct == Some(true) {
        evidence.verdict = Verdict::Correct;
    }
    Ok(evidence.prefix_values(completer, level).iter().map(StepValue::from).collect())
}

/// The first pit of a wrong solution, as a step from 0; None where there is none, or more outcomes could change it.
///
/// `outcomes[i]` says which rollouts were right that go on after step i, for every step but the last: a wrong solution has
/// failed there. If they stop earlier, `steps` says how many steps the solution has. The rules: "all-fail" is the first
/// step after which the first `k` rollouts all fail, "lowest-q" the first with the lowest value, and "advantage-below:T"
/// the first whose advantage lies below T.
#[pyfunction]
#[pyo3(signature = (outcomes, *, rule=None, k=None, best_of=None, question=None, steps=None))]
pub(crate) fn first_pit(
    outcomes: &Bound<'_, PyAny>,
    rule: Option<&Bound<'_, PyAny>>,
    k: Option<&Bound<'_, PyAny>>,
    best_of: Option<&Bound<'_, PyAny>>,
    question: Option<&Bound<'_, PyAny>>,
    steps: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<usize>> {
    let k = k.map_or(Ok(5), |value| count("k", value, 1))?;
    let completer = best_of_k(best_of)?;
    let rule = match rule {
        None => PitRule::AllFail { k },
        Some(rule) if text("rule", rule)? == "all-fail" => PitRule::AllFail { k },
        Some(rule) => pit("rule", rule)?,
    };
    let needed = if let PitRule::AllFail { k } = rule { k } else { 1 };
    let mut evidence = evidence(outcomes, question, needed.max(completer.draws()))?;
    let drawn = evidence.steps.len();
    let steps = steps.map(|value| count("steps", value, 1)).transpose()?.unwrap_or(drawn + 1);
    if drawn >= steps {
        let message = format!(
            "outcomes: after {drawn} steps of {steps}; the last step of a wrong solution needs none, it has failed"
        );
        return Err(PyValueError::new_err(message));
    }
    evidence.len = steps;
    Ok(rule.first_pit(&evidence, completer))
}

/// The unbiased estimate of the chance that one of `k` draws succeeds, from `successes` among `draws`.
#[pyfunction]
pub(crate) fn pass_at_k(
    draws: &Bound<'_, PyAny>,
    successes: &Bound<'_, PyAny>,
    k: &Bound<'_, PyAny>,
) -> PyResult<f64> {
    let (draws, successes) = (count("draws", draws, 1)?, count("successes", successes, 0)?);
    let k = count("k", k, 1)?;
    if k > draws {
        return Err(PyValueError::new_err(format!("k: {k}, and there are {draws} draws")));
    }
    if successes > draws {
        return Err(PyValueError::new_err(format!("successes: {successes} of {draws} draws")));
    }
    Ok(eightfold_advantage::pass_at_k(draws, successes, k))
}

/// Best of one draw where nothing is said.
pub(crate) fn best_of_k(value: Option<&Bound<'_, PyAny>>) -> PyResult<Completer> {
    Ok(Completer::BestOf { k: value.map_or(Ok(1), |value| count("best_of", value, 1))? })
}

/// `lowest-q`, `all-fail:K` or `advantage-below:T`, as the program has it.
pub(crate) fn pit(argument: &str, value: &Bound<'_, PyAny>) -> PyResult<PitRule> {
    let written = text(argument, value)?;
    let unfit = || {
        PyValueError::new_err(format!(
            "{argument}: `{written}` is none of `lowest-q`, `all-fail:K` with K from 1 and `advantage-below:T` with T \
             from -1 to 1"
        ))
    };
    match written.split_once(':') {
        None if written == "lowest-q" => Ok(PitRule::LowestQ),
        Some(("all-fail", k)) => {
            let k = k.parse().ok().filter(|k| (1..=1_000_000).contains(k));
            k.map(|k| PitRule::AllFail { k }).ok_or_else(unfit)
        }
        Some(("advantage-below", t)) => {
            let t = t.parse().ok().filter(|t| (-1.0..=1.0).contains(t));
            t.map(|t| PitRule::AdvantageBelow { t }).ok_or_else(unfit)
        }
        _ => Err(unfit()),
    }
}

/// The evidence of rollouts after the question and after steps, each with as many outcomes as needed.
fn evidence(
    outcomes: &Bound<'_, PyAny>,
    question: Option<&Bound<'_, PyAny>>,
    needed: usize,
) -> PyResult<Evidence> {
    let rollouts = |argument: &str, values: &Bound<'_, PyAny>| {
        let drawn = truths(argument, values)?;
        if drawn.len() < needed.max(1) {
            let message = format!("{argument}: {} outcomes, and {} are needed", drawn.len(), needed.max(1));
            return Err(PyValueError::new_err(message));
        }
        let draws = drawn.into_iter().map(|ok| ok.then(String::new)).collect();
        Ok(Rollouts { draws, tokens: 0 })
    };
    let after = items("outcomes", outcomes, "sequences of bool")?;
    let mut evidence = Evidence::new(0, Verdict::Incorrect);
    evidence.question = question.map(|values| rollouts("question", values)).transpose()?;
    let each = after.iter().enumerate();
    evidence.steps =
        each.map(|(i, values)| rollouts(&format!("outcomes[{i}]"), values)).collect::<PyResult<_>>()?;
    Ok(evidence)
}
