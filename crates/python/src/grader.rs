//! The grader, and what can be asked without one.

use crate::grade::{Grade, Grades, in_characters};
use crate::names::{name, variant};
use crate::options::{Form, keywords, markers, options};
use crate::text::{strings, text, utf8};
use eightfold_verifier::{Marker, Thinking};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Pairs that each thread grades before a signal, such as Ctrl-C, is looked for.
const SLICE: usize = 4096;
/// Pairs that a thread takes at a time.
const CHUNK: usize = 64;

/// Grades responses against gold answers. Threads may share one; the same texts and options get the same grade.
#[pyclass(frozen, eq, module = "eightfold")]
#[derive(Clone)]
pub(crate) struct Grader(eightfold_verifier::Grader);

impl PartialEq for Grader {
    fn eq(&self, other: &Self) -> bool {
        self.0.options() == other.0.options()
    }
}

impl Grader {
    pub(crate) fn inner(&self) -> &eightfold_verifier::Grader {
        &self.0
    }

    fn grade(&self, form: Form, gold: &str, pred: &str) -> Grade {
        let grade = match form {
            Form::Response => self.0.grade(gold, pred),
            Form::Answer => self.0.compare(gold, pred),
        };
        Grade::new(grade, pred)
    }

    fn many(&self, py: Python<'_>, golds: &[&str], preds: &[&str], batch: Batch) -> PyResult<Grades> {
        let mut grades = Vec::with_capacity(golds.len());
        let width = SLICE * batch.threads;
        for (golds, preds) in golds.chunks(width).zip(preds.chunks(width)) {
            py.check_signals()?;
            grades.extend(py.detach(|| self.slice(golds, preds, batch)));
        }
        Ok(Grades(grades))
    }

    /// Grades in order. Threads are made anew and joined, so that none is missing in a forked process.
    fn slice(&self, golds: &[&str], preds: &[&str], batch: Batch) -> Vec<Grade> {
        let one = |i: usize| self.grade(batch.form, golds[i], preds[i]);
        let threads = batch.threads.min(golds.len().div_ceil(CHUNK));
        if threads <= 1 {
            return (0..golds.len()).map(one).collect();
        }
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done: Vec<(usize, Vec<Grade>)> = Vec::new();
            loop {
                let start = next.fetch_add(CHUNK, Ordering::Relaxed);
                if start >= golds.len() {
                    return done;
                }
                done.push((start, (start..golds.len().min(start + CHUNK)).map(one).collect()));
            }
        };
        let mut chunks: Vec<(usize, Vec<Grade>)> = std::thread::scope(|scope| {
            let spawned: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut chunks = work();
            for thread in spawned {
                match thread.join() {
                    Ok(done) => chunks.extend(done),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            chunks
        });
        chunks.sort_unstable_by_key(|(start, _)| *start);
        chunks.into_iter().flat_map(|(_, grades)| grades).collect()
    }
}

/// How a batch is graded.
#[derive(Clone, Copy)]
struct Batch {
    form: Form,
    threads: usize,
}

impl Batch {
    fn read(form: Option<&Bound<'_, PyAny>>, threads: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let form = form.map(Form::read).transpose()?.unwrap_or_default();
        let unfit = || PyValueError::new_err("threads: expected an int of at least 1, or None");
        let threads: usize = match threads {
            None => std::thread::available_parallelism().map_or(1, usize::from),
            Some(count) => count.extract().ok().filter(|count| *count >= 1).ok_or_else(unfit)?,
        };
        Ok(Self { form, threads: threads.min(1024) })
    }
}

#[pymethods]
impl Grader {
    #[new]
    #[pyo3(signature = (**options), text_signature = "(*, tolerance=None, ordered=None, extract=None, markers=None, thinking=None, units=None, choices=None, preset=None, fuel=None)")]
    fn make(options: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Ok(Self(eightfold_verifier::Grader::new(self::options(options)?)))
    }

    /// The grade of one response, or of a bare answer.
    #[pyo3(signature = (gold, pred, *, form=None))]
    fn verify(
        &self,
        gold: &Bound<'_, PyAny>,
        pred: &Bound<'_, PyAny>,
        form: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Grade> {
        let form = form.map(Form::read).transpose()?.unwrap_or_default();
        let py = gold.py();
        let (gold, pred) = (text("gold", gold)?, text("pred", pred)?);
        Ok(py.detach(|| self.grade(form, gold, pred)))
    }

    /// The grades of pairs, in their order, on as many threads (every core where None). Other Python threads run on.
    #[pyo3(signature = (golds, preds, *, form=None, threads=None))]
    fn verify_batch(
        &self,
        golds: &Bound<'_, PyAny>,
        preds: &Bound<'_, PyAny>,
        form: Option<&Bound<'_, PyAny>>,
        threads: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Grades> {
        let batch = Batch::read(form, threads)?;
        let (gold_texts, pred_texts) = (strings("golds", golds)?, strings("preds", preds)?);
        if gold_texts.len() != pred_texts.len() {
            let message = format!("preds: {} for {} golds", pred_texts.len(), gold_texts.len());
            return Err(PyValueError::new_err(message));
        }
        self.many(golds.py(), &utf8("golds", &gold_texts)?, &utf8("preds", &pred_texts)?, batch)
    }

    /// The settings, as keyword arguments.
    #[getter]
    fn options<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        keywords(py, self.0.options())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("Grader(**{})", keywords(py, self.0.options())?.repr()?))
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<((), Bound<'py, PyDict>)> {
        Ok(((), keywords(py, self.0.options())?))
    }
}

/// The grade of one response, or of a bare answer.
#[pyfunction]
#[pyo3(signature = (gold, pred, *, form=None, **options), text_signature = "(gold, pred, *, form=None, tolerance=None, ordered=None, extract=None, markers=None, thinking=None, units=None, choices=None, preset=None, fuel=None)")]
pub(crate) fn verify(
    gold: &Bound<'_, PyAny>,
    pred: &Bound<'_, PyAny>,
    form: Option<&Bound<'_, PyAny>>,
    options: Option<&Bound<'_, PyDict>>,
) -> PyResult<Grade> {
    Grader::make(options)?.verify(gold, pred, form)
}

/// The grades of pairs, in their order.
#[pyfunction]
#[pyo3(signature = (golds, preds, *, form=None, threads=None, **options), text_signature = "(golds, preds, *, form=None, threads=None, tolerance=None, ordered=None, extract=None, markers=None, thinking=None, units=None, choices=None, preset=None, fuel=None)")]
pub(crate) fn verify_batch(
    golds: &Bound<'_, PyAny>,
    preds: &Bound<'_, PyAny>,
    form: Option<&Bound<'_, PyAny>>,
    threads: Option<&Bound<'_, PyAny>>,
    options: Option<&Bound<'_, PyDict>>,
) -> PyResult<Grades> {
    Grader::make(options)?.verify_batch(golds, preds, form, threads)
}

/// The answer of a response.
#[pyclass(frozen, eq, hash, get_all, module = "eightfold")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Extracted {
    /// The answer.
    text: String,
    /// What shows where it stands.
    marker: String,
    /// Where it stands, in characters.
    spans: Vec<(usize, usize)>,
    /// Whether nothing in the response marks it.
    guessed: bool,
}

#[pymethods]
impl Extracted {
    fn __repr__(&self) -> String {
        format!("Extracted({}, marker={})", serde_json::Value::from(self.text.as_str()), self.marker)
    }
}

/// The answer of a response, from the first of these places that holds one; None if none does.
#[pyfunction]
#[pyo3(signature = (response, markers=None, *, thinking=None))]
pub(crate) fn extract(
    response: &Bound<'_, PyAny>,
    markers: Option<&Bound<'_, PyAny>>,
    thinking: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<Extracted>> {
    let response = text("response", response)?;
    let places = markers.map(self::markers).transpose()?.unwrap_or_else(|| Marker::ALL.to_vec());
    let thinking = match thinking {
        None => Thinking::default(),
        Some(name) => variant("thinking", text("thinking", name)?)?,
    };
    let found = eightfold_verifier::extract_from(response, &places, thinking);
    Ok(found.map(|found| Extracted {
        spans: in_characters(&found.spans, response),
        marker: name(found.marker),
        guessed: found.marker.is_guess(),
        text: found.text,
    }))
}

/// The normal form of a bare answer in words, or why it has none.
#[pyfunction]
pub(crate) fn normal_form(answer: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(eightfold_verifier::Grader::default().normal_form(text("answer", answer)?))
}
