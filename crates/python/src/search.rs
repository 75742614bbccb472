//! The search for pits and values, on any generator of the caller's.

use crate::grader::Grader;
use crate::numbers::{count, level};
use crate::policy::{Generator, Judge, Raised};
use crate::rows::{at, samples};
use crate::steps::{best_of_k, pit, segmenter};
use crate::text::text;
use eightfold_advantage::{Completer, Episode, Evidence, MonteCarlo, PitRule};
use eightfold_exchange::{Prompt, RowError, SampleRow};
use eightfold_pairs::valued;
use eightfold_segment::{By, Segmenter};
use eightfold_task::Problem;
use eightfold_verifier::{Judgment, Verdict, Verifier};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// How a search is made.
#[derive(Clone, Copy)]
struct Settings {
    search: MonteCarlo,
    completer: Completer,
    pit: PitRule,
    level: f64,
    by: By,
    seed: u64,
}

/// How whole solutions are judged.
enum Judging {
    Grader(Box<eightfold_verifier::Grader>),
    Callable(Py<PyAny>),
}

/// A solution that is to be valued.
struct Solution {
    row: SampleRow,
    episode: Episode,
    verdict: Verdict,
    added: Map<String, Value>,
}

/// Values samples; `eightfold.values.search` says how. Rows are JSON texts, and so is what is added to each.
#[pyfunction]
#[pyo3(signature = (rows, generate, *, verify, by, draws, best_of, until_pit, question, pit, level, seed, render, first))]
#[expect(clippy::too_many_arguments, reason = "the arguments of `search` in Python, each read by its name")]
pub(crate) fn value_rows(
    rows: &Bound<'_, PyAny>,
    generate: &Bound<'_, PyAny>,
    verify: Option<&Bound<'_, PyAny>>,
    by: Option<&Bound<'_, PyAny>>,
    draws: &Bound<'_, PyAny>,
    best_of: Option<&Bound<'_, PyAny>>,
    until_pit: bool,
    question: bool,
    pit: &Bound<'_, PyAny>,
    level: Option<&Bound<'_, PyAny>>,
    seed: u64,
    render: Option<&Bound<'_, PyAny>>,
    first: usize,
) -> PyResult<Vec<String>> {
    let (completer, pit) = (best_of_k(best_of)?, self::pit("pit", pit)?);
    let own = MonteCarlo { rollouts: count("draws", draws, 1)?, completer, pit, ..MonteCarlo::default() };
    let search = MonteCarlo { early_stop: until_pit, question, ..own };
    search.check().map_err(|error| PyValueError::new_err(format!("draws: {error}")))?;
    let settings = Settings { search, completer, pit, level: self::level(level)?, by: segmenter(by)?, seed };
    let judging = judging(verify)?;
    if !generate.is_callable() {
        return Err(PyTypeError::new_err("generate: expected a callable of prompts and seeds"));
    }
    let raised = Raised::default();
    let found = run(rows, generate, render, first, settings, &judging, &raised);
    match raised.take() {
        Some(error) => Err(error),
        None => found,
    }
}

fn judging(verify: Option<&Bound<'_, PyAny>>) -> PyResult<Judging> {
    let Some(verify) = verify else {
        return Ok(Judging::Grader(eightfold_verifier::Grader::marked().into()));
    };
    if let Ok(grader) = verify.cast::<Grader>() {
        return Ok(Judging::Grader(grader.get().inner().clone().into()));
    }
    if verify.is_callable() {
        return Ok(Judging::Callable(verify.clone().unbind()));
    }
    Err(PyTypeError::new_err("verify: expected a Grader, or a callable of answer and text"))
}

fn run(
    rows: &Bound<'_, PyAny>,
    generate: &Bound<'_, PyAny>,
    render: Option<&Bound<'_, PyAny>>,
    first: usize,
    settings: Settings,
    judging: &Judging,
    raised: &Raised,
) -> PyResult<Vec<String>> {
    let py = rows.py();
    let prepare = |(i, row)| {
        solution(row, settings.by, judging, raised).map_err(|error| at("samples", first + i, error))
    };
    let solutions: Vec<Solution> =
        samples("samples", rows, first)?.into_iter().enumerate().map(prepare).collect::<PyResult<_>>()?;
    let prompts = prompts(&solutions, render, first)?;
    let generator = Generator { generate: generate.clone().unbind(), prompts, raised };
    let episodes: Vec<Episode> = solutions.iter().map(|solution| solution.episode.clone()).collect();
    let judge;
    let verifier: &dyn Verifier = match judging {
        Judging::Grader(grader) => &**grader,
        Judging::Callable(verify) => {
            judge = Judge { verify: verify.clone_ref(py), raised };
            &judge
        }
    };
    let found = py.detach(|| settings.search.search(&generator, verifier, &episodes, settings.seed));
    let found = found.map_err(|error| PyValueError::new_err(error.to_string()))?;
    let line = |(solution, mut evidence): (&Solution, Evidence)| {
        // What the row says of its verdict stands.
        evidence.verdict = solution.verdict;
        let mut added = solution.added.clone();
        let Settings { completer, level, pit, .. } = settings;
        let wrong = !evidence.verdict.is_correct();
        let pit = wrong.then(|| pit.first_pit(&evidence, completer)).flatten();
        added.extend(valued(&evidence, pit, completer, level));
        Value::Object(added).to_string()
    };
    Ok(solutions.iter().zip(found).map(line).collect())
}

/// The solution of a row; what the row does not say, verdict and steps, is found out.
fn solution(mut row: SampleRow, by: By, judging: &Judging, raised: &Raised) -> Result<Solution, RowError> {
    let mut added = Map::new();
    let answer = row.answer.clone().ok_or_else(|| RowError::missing("answer"))?;
    let problem = Problem::new(row.question.as_str(), answer.as_str());
    if row.verdict.is_none() {
        let (judgment, said) = judge(judging, &problem, &row.completion, raised);
        row.verdict = Some(judgment);
        added.extend(said);
    }
    if row.steps.is_none() {
        let spans = by.segment(&row.completion).char_spans();
        let spans: Vec<[u64; 2]> = spans.iter().map(|span| [span.start as u64, span.end as u64]).collect();
        added.insert("steps".to_owned(), json!(spans));
        row.steps = Some(spans);
    }
    let verdict = if row.is_correct()? { Verdict::Correct } else { Verdict::Incorrect };
    let episode = Episode { problem, steps: row.cut()? };
    Ok(Solution { row, episode, verdict, added })
}

/// The judgment of a completion, and the keys that say it.
fn judge(
    judging: &Judging,
    problem: &Problem,
    completion: &str,
    raised: &Raised,
) -> (Judgment, Map<String, Value>) {
    let mut said = Map::new();
    let mut say = |key: &str, value: Value| said.insert(key.to_owned(), value);
    let judgment = match judging {
        Judging::Grader(grader) => {
            let grade = grader.grade(&problem.answer.0, completion);
            let found = grade.extracted.as_ref();
            say("reason", json!(grade.reason));
            say("extracted", json!(found.map(|found| found.text.as_str())));
            say("marker", json!(found.map(|found| found.marker)));
            if let Some(found) = found {
                say("spans", json!(crate::grade::in_characters(&found.spans, completion)));
            }
            if let Some(side) = grade.unread {
                say("unread", json!(side));
            }
            grade.judgment
        }
        Judging::Callable(verify) => {
            let verify = Python::attach(|py| verify.clone_ref(py));
            let correct = Judge { verify, raised }.verify(problem, completion).is_correct();
            if correct { Judgment::Equal } else { Judgment::Different }
        }
    };
    say("verdict", json!(judgment));
    (judgment, said)
}

/// What the model is given for each question.
fn prompts(
    solutions: &[Solution],
    render: Option<&Bound<'_, PyAny>>,
    first: usize,
) -> PyResult<HashMap<String, String>> {
    let mut prompts = HashMap::new();
    for (i, Solution { row, episode, .. }) in solutions.iter().enumerate() {
        let prompt = rendered(row, render, first + i)?;
        if let Some(before) = prompts.insert(episode.problem.prompt(), prompt.clone())
            && before != prompt
        {
            return Err(at("samples", first + i, "the same question has another prompt in another row"));
        }
    }
    Ok(prompts)
}

fn rendered(row: &SampleRow, render: Option<&Bound<'_, PyAny>>, number: usize) -> PyResult<String> {
    match (&row.prompt, render) {
        (None, _) => Ok(format!("{}\n", row.question)),
        (Some(Prompt::Text(prompt)), _) => Ok(prompt.clone()),
        (Some(Prompt::Messages(_)), None) => {
            let message = "key `prompt` is a list of messages; `render` is needed, which makes a text of one";
            Err(at("samples", number, message))
        }
        (Some(Prompt::Messages(messages)), Some(render)) => {
            let as_dict = |message: &eightfold_exchange::Message| {
                HashMap::from([("role", message.role.clone()), ("content", message.content.clone())])
            };
            let returned = render.call1((messages.iter().map(as_dict).collect::<Vec<_>>(),))?;
            Ok(text("render: what it returned", &returned)?.to_owned())
        }
    }
}
