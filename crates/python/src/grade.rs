//! Grades, one and many.

use crate::names::{name, variant};
use eightfold_verifier::{Judgment, Marker, Reason, Side};
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyList, PySlice};
use std::ops::Range;

/// The grade of one response. True exactly where the answers are shown to be equal.
#[pyclass(frozen, eq, hash, module = "eightfold")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Grade {
    judgment: Judgment,
    reason: Reason,
    /// The gold answer, without the text around it.
    #[pyo3(get)]
    gold: String,
    /// The answer of the response; None if it has none.
    #[pyo3(get)]
    extracted: Option<String>,
    /// Where the answer stands in the response, in characters.
    #[pyo3(get)]
    spans: Vec<(usize, usize)>,
    marker: Option<Marker>,
    unread: Option<Side>,
}

impl Grade {
    /// A grade of this response.
    pub(crate) fn new(grade: eightfold_verifier::Grade, response: &str) -> Self {
        let (marker, spans) = match &grade.extracted {
            Some(found) => (Some(found.marker), in_characters(&found.spans, response)),
            None => (None, Vec::new()),
        };
        Self {
            judgment: grade.judgment,
            reason: grade.reason,
            gold: grade.gold,
            extracted: grade.extracted.map(|found| found.text),
            spans,
            marker,
            unread: grade.unread,
        }
    }
}

/// Byte ranges of a text as characters, which index a Python str.
pub(crate) fn in_characters(spans: &[Range<usize>], text: &str) -> Vec<(usize, usize)> {
    let ascii = text.is_ascii();
    let at = |byte: usize| if ascii { byte } else { text[..byte].chars().count() };
    spans.iter().map(|span| (at(span.start), at(span.end))).collect()
}

#[pymethods]
impl Grade {
    #[new]
    #[pyo3(signature = (verdict, reason, gold, extracted=None, spans=Vec::new(), marker=None, unread=None))]
    fn make(
        verdict: &str,
        reason: &str,
        gold: String,
        extracted: Option<String>,
        spans: Vec<(usize, usize)>,
        marker: Option<&str>,
        unread: Option<&str>,
    ) -> PyResult<Self> {
        Ok(Self {
            judgment: variant("verdict", verdict)?,
            reason: variant("reason", reason)?,
            gold,
            extracted,
            spans,
            marker: marker.map(|name| variant("marker", name)).transpose()?,
            unread: unread.map(|name| variant("unread", name)).transpose()?,
        })
    }

    /// "equal", "different" or "undecided".
    #[getter]
    fn verdict(&self) -> String {
        name(self.judgment)
    }

    /// Why, by the name that files give it.
    #[getter]
    fn reason(&self) -> String {
        name(self.reason)
    }

    /// Why, in words for people.
    #[getter]
    fn explanation(&self) -> String {
        self.reason.to_string()
    }

    /// What shows where the answer stands; None if there is no answer.
    #[getter]
    fn marker(&self) -> Option<String> {
        self.marker.map(name)
    }

    /// The side that could not be read: "gold", "prediction", "both" or None.
    #[getter]
    fn unread(&self) -> Option<String> {
        self.unread.map(name)
    }

    /// Whether there is a gold answer and it was understood: where it is not, the fault is the data's.
    #[getter]
    fn gold_understood(&self) -> bool {
        let unread = matches!(self.unread, Some(Side::Gold | Side::Both));
        self.reason != Reason::NoGold && !unread
    }

    /// Whether nothing in the response marks the answer.
    #[getter]
    fn guessed(&self) -> bool {
        self.marker.is_some_and(Marker::is_guess)
    }

    fn __bool__(&self) -> bool {
        self.judgment == Judgment::Equal
    }

    fn __repr__(&self) -> String {
        let quoted = |text: &String| serde_json::Value::from(text.as_str()).to_string();
        let extracted = self.extracted.as_ref().map_or_else(|| "None".to_owned(), quoted);
        let (verdict, reason) = (self.verdict(), self.reason());
        format!("Grade({verdict}, {reason}, gold={}, extracted={extracted})", quoted(&self.gold))
    }

    #[expect(clippy::type_complexity, reason = "the arguments of `Grade`, which pickle asks for as a tuple")]
    fn __getnewargs__(
        &self,
    ) -> (String, String, &str, Option<&str>, Vec<(usize, usize)>, Option<String>, Option<String>) {
        let (verdict, reason) = (self.verdict(), self.reason());
        let extracted = self.extracted.as_deref();
        (verdict, reason, &self.gold, extracted, self.spans.clone(), self.marker(), self.unread())
    }
}

/// The grades of many responses, in their order.
#[pyclass(frozen, eq, module = "eightfold", sequence)]
#[derive(PartialEq, Eq)]
pub(crate) struct Grades(pub(crate) Vec<Grade>);

impl Grades {
    fn column<T>(&self, of: impl Fn(&Grade) -> T) -> Vec<T> {
        self.0.iter().map(of).collect()
    }
}

#[pymethods]
impl Grades {
    #[new]
    fn make(grades: Vec<PyRef<'_, Grade>>) -> Self {
        Self(grades.iter().map(|grade| (**grade).clone()).collect())
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyList::new(py, self.0.iter().cloned())?.try_iter()
    }

    fn __getitem__(&self, py: Python<'_>, index: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let len = self.0.len() as isize;
        if let Ok(slice) = index.cast::<PySlice>() {
            let at = slice.indices(len)?;
            let pick = |i: usize| self.0[(at.start + i as isize * at.step) as usize].clone();
            let picked = Self((0..at.slicelength).map(pick).collect());
            return Ok(picked.into_pyobject(py)?.into_any().unbind());
        }
        let at: isize = index.extract().map_err(|_| PyTypeError::new_err("index: expected int or slice"))?;
        let at = if at < 0 { at + len } else { at };
        let grade = usize::try_from(at).ok().and_then(|at| self.0.get(at));
        let grade =
            grade.ok_or_else(|| PyIndexError::new_err(format!("index out of range of {len} grades")))?;
        Ok(grade.clone().into_pyobject(py)?.into_any().unbind())
    }

    /// 1.0 where equal, 0.0 elsewhere.
    fn scores(&self) -> Vec<f64> {
        self.column(|grade| if grade.judgment == Judgment::Equal { 1.0 } else { 0.0 })
    }

    /// How many are equal, different and undecided.
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for judgment in [Judgment::Equal, Judgment::Different, Judgment::Undecided] {
            dict.set_item(name(judgment), self.0.iter().filter(|grade| grade.judgment == judgment).count())?;
        }
        Ok(dict)
    }

    /// A list for each property, for data frames.
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("verdict", self.column(Grade::verdict))?;
        dict.set_item("score", self.scores())?;
        dict.set_item("reason", self.column(Grade::reason))?;
        dict.set_item("gold", self.column(|grade| grade.gold.clone()))?;
        dict.set_item("extracted", self.column(|grade| grade.extracted.clone()))?;
        dict.set_item("marker", self.column(Grade::marker))?;
        dict.set_item("unread", self.column(Grade::unread))?;
        Ok(dict)
    }

    fn __repr__(&self) -> String {
        let equal = self.0.iter().filter(|grade| grade.judgment == Judgment::Equal).count();
        format!("Grades({} responses, {equal} equal)", self.0.len())
    }

    fn __getnewargs__(&self) -> (Vec<Grade>,) {
        (self.0.clone(),)
    }
}
