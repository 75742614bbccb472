//! The settings of a grader, as keyword arguments: the one place that knows them all.

use crate::names::{name, variant};
use crate::text::{strings, text, utf8};
use eightfold_verifier::{ListOrder, Marker, Options, Thinking, Tolerance, Units};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyTuple};

/// What a prediction is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// A response, to extract the answer from.
    #[default]
    Response,
    /// A bare answer.
    Answer,
}

impl Form {
    pub(crate) fn read(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        match text("form", value)? {
            "response" => Ok(Self::Response),
            "answer" => Ok(Self::Answer),
            other => Err(unfit("form", other, "neither `response` nor `answer`")),
        }
    }
}

fn unfit(argument: &str, found: &str, what: &str) -> PyErr {
    PyValueError::new_err(format!("{argument}: `{found}` is {what}"))
}

/// The settings that these keywords name; the others are those of the preset, if one is named. None means not named.
pub(crate) fn options(keywords: Option<&Bound<'_, PyDict>>) -> PyResult<Options> {
    let Some(keywords) = keywords else { return Ok(Options::default()) };
    let given = |key: &str| Ok::<_, PyErr>(keywords.get_item(key)?.filter(|value| !value.is_none()));
    let mut options = match given("preset")? {
        None => Options::default(),
        Some(preset) => match text("preset", &preset)? {
            "math-verify" => Options::math_verify(),
            other => return Err(unfit("preset", other, "not `math-verify`")),
        },
    };
    if given("markers")?.is_some() && given("extract")?.is_some() {
        return Err(PyTypeError::new_err("markers: they say what `extract` says; give one of the two"));
    }
    for (key, value) in keywords {
        let key = text("keyword", &key)?;
        if !KEYWORDS.contains(&key) {
            let known = KEYWORDS.join(", ");
            return Err(PyTypeError::new_err(format!(
                "unexpected keyword argument `{key}`; there are {known}"
            )));
        }
        if !value.is_none() {
            set(&mut options, key, &value)?;
        }
    }
    Ok(options)
}

/// The names of all keywords.
const KEYWORDS: [&str; 9] =
    ["preset", "tolerance", "ordered", "extract", "markers", "thinking", "units", "choices", "fuel"];

fn set(options: &mut Options, key: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    match key {
        "tolerance" => options.tolerance = tolerance(value)?,
        "ordered" => options.lists = if flag(key, value)? { ListOrder::Fixed } else { ListOrder::Free },
        "extract" => {
            options.markers = match text(key, value)? {
                "marked" => Marker::EXPLICIT.to_vec(),
                "flexible" => Marker::ALL.to_vec(),
                other => return Err(unfit(key, other, "neither `marked` nor `flexible`")),
            }
        }
        "markers" => options.markers = markers(value)?,
        "thinking" => options.thinking = variant::<Thinking>(key, text(key, value)?)?,
        "units" => {
            options.units = match text(key, value)? {
                "as-written" => Units::AsWritten,
                "convert" => Units::Convert,
                other => return Err(unfit(key, other, "neither `as-written` nor `convert`")),
            }
        }
        "choices" => {
            let choices = strings(key, value)?;
            options.choices = utf8(key, &choices)?.into_iter().map(str::to_owned).collect();
        }
        "fuel" => {
            let unfit = |_| PyValueError::new_err("fuel: expected an int from 0 to 2**64 - 1");
            options.fuel = value.extract::<u64>().map_err(unfit)?;
        }
        // The preset was read before.
        _ => {}
    }
    Ok(())
}

fn flag(key: &str, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let unfit = |_| PyTypeError::new_err(format!("{key}: expected bool"));
    value.cast::<PyBool>().map(|flag| flag.is_true()).map_err(unfit)
}

/// Places in the order given.
pub(crate) fn markers(value: &Bound<'_, PyAny>) -> PyResult<Vec<Marker>> {
    let names = strings("markers", value)?;
    utf8("markers", &names)?.into_iter().map(|name| variant("markers", name)).collect()
}

/// `"exact"`, `("rounded", places)` or `("relative", part)`; as on the command line, `"rounded:2"` too.
fn tolerance(value: &Bound<'_, PyAny>) -> PyResult<Tolerance> {
    let unfit = || {
        PyValueError::new_err(
            "tolerance: expected \"exact\", (\"rounded\", places) or (\"relative\", part) with a part from 0 to 1",
        )
    };
    let (kind, amount) = if let Ok(pair) = value.cast::<PyTuple>() {
        let (kind, amount): (String, Bound<'_, PyAny>) = pair.extract().map_err(|_| unfit())?;
        if amount.is_instance_of::<PyBool>() {
            return Err(unfit());
        }
        (kind, amount.str()?.to_string())
    } else {
        let written = text("tolerance", value)?;
        let (kind, amount) = written.split_once(':').unwrap_or((written, ""));
        (kind.to_owned(), amount.to_owned())
    };
    match (kind.as_str(), amount.as_str()) {
        ("exact", "") => Ok(Tolerance::Exact),
        ("rounded", places) => places.parse().map(Tolerance::Rounded).map_err(|_| unfit()),
        ("relative", part) => {
            let part = part.parse().ok().filter(|part| (0.0..1.0).contains(part));
            part.map(Tolerance::Relative).ok_or_else(unfit)
        }
        _ => Err(unfit()),
    }
}

/// The keywords that make these settings.
pub(crate) fn keywords<'py>(py: Python<'py>, options: &Options) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    match options.tolerance {
        Tolerance::Exact => dict.set_item("tolerance", "exact")?,
        Tolerance::Rounded(places) => dict.set_item("tolerance", ("rounded", places))?,
        Tolerance::Relative(part) => dict.set_item("tolerance", ("relative", part))?,
    }
    let units = match options.units {
        Units::AsWritten => "as-written",
        Units::Convert => "convert",
    };
    dict.set_item("ordered", options.lists == ListOrder::Fixed)?;
    dict.set_item("markers", options.markers.iter().map(name).collect::<Vec<_>>())?;
    dict.set_item("thinking", name(options.thinking))?;
    dict.set_item("units", units)?;
    dict.set_item("choices", &options.choices)?;
    dict.set_item("fuel", options.fuel)?;
    Ok(dict)
}
