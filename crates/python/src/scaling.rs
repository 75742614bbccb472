//! Scaling laws: fits, their intervals, and data ratios. `eightfold.scaling` is what users call.

use crate::names::variant;
use eightfold_scaling::{
    At, Bootstrap, Curve, Fit, Kind, Objective, Quantity, Ratio, Reading, Resampled, Row, Run, ScalingError,
    Scheme, bootstrap, data_multiplier, data_multiplier_t, fit, law_named, laws,
};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

/// A fitted law, with its refits to resamples if there are any.
#[pyclass(frozen, module = "eightfold._core")]
pub(crate) struct LawFit {
    fit: Fit,
    resampled: Option<Resampled>,
}

/// Works on threads of its own, which are joined: in a forked process those of a shared pool would be missing.
fn apart<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    let pool = rayon::ThreadPoolBuilder::new().build();
    let pool = pool.map_err(|error| PyRuntimeError::new_err(format!("no thread can be made: {error}")))?;
    Ok(py.detach(|| pool.install(work)))
}

fn unfit(error: ScalingError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

fn law(name: &str) -> PyResult<&'static dyn eightfold_scaling::Law> {
    law_named(name).ok_or_else(|| {
        let names: Vec<&str> = laws().iter().map(|law| law.name()).collect();
        PyValueError::new_err(format!("law: `{name}` is none of {}", names.join(", ")))
    })
}

fn objective(written: &str) -> PyResult<Objective> {
    let (name, number) = written.split_once(':').unwrap_or((written, ""));
    let value = number.parse::<f64>().ok();
    let found = match (name, number, value) {
        ("huber", _, Some(delta)) => Some(Objective::Huber { delta }),
        ("binomial", _, Some(trials)) => Some(Objective::QuasiBinomial { trials }),
        ("log-squares", "", _) => Some(Objective::LogSquares),
        ("squares", "", _) => Some(Objective::Squares),
        _ => None,
    };
    found.ok_or_else(|| {
        PyValueError::new_err(format!(
            "objective: `{written}` is none of `huber:DELTA`, `log-squares`, `squares` and `binomial:TRIALS`"
        ))
    })
}

/// The names of all laws, with formula and inputs.
#[pyfunction]
pub(crate) fn law_names() -> Vec<(&'static str, &'static str, Vec<&'static str>)> {
    laws().iter().map(|law| (law.name(), law.formula(), law.inputs().to_vec())).collect()
}

/// Fits a law. `x` has a column for each input; whole `seeds` are resampled if they are given, else single points.
#[pyfunction]
#[pyo3(signature = (law, x, y, *, weights, seeds, objective, resamples, level, resampling_seed))]
#[expect(clippy::too_many_arguments, reason = "the arguments of `fit` in Python, each read by its name")]
pub(crate) fn fit_law(
    py: Python<'_>,
    law: &str,
    x: Vec<Vec<f64>>,
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
    seeds: Option<Vec<u64>>,
    objective: &str,
    resamples: usize,
    level: f64,
    resampling_seed: u64,
) -> PyResult<LawFit> {
    let (law, objective) = (self::law(law)?, self::objective(objective)?);
    let inputs = law.inputs();
    if x.len() != inputs.len() {
        let message =
            format!("x: {} columns; `{}` has the inputs {}", x.len(), law.name(), inputs.join(", "));
        return Err(PyValueError::new_err(message));
    }
    let same = |name: &str, len: usize| {
        let message = || format!("{name}: {len} values for {} of y", y.len());
        if len == y.len() { Ok(()) } else { Err(PyValueError::new_err(message())) }
    };
    x.iter().try_for_each(|column| same("x", column.len()))?;
    weights.iter().try_for_each(|column| same("weight", column.len()))?;
    seeds.iter().try_for_each(|column| same("seed", column.len()))?;
    let weight = |i: usize| weights.as_ref().map_or(1.0, |weights| weights[i]);
    let row = |i: usize| Row { x: x.iter().map(|column| column[i]).collect(), y: y[i], weight: weight(i) };
    let rows: Vec<Row> = (0..y.len()).map(row).collect();
    let scheme = seeds.map_or(Scheme::Points, Scheme::Clusters);
    let settings = Bootstrap { level, resamples, seed: resampling_seed };
    let work = || {
        let fit = fit(law, &rows, objective)?;
        let resampled = (resamples > 0).then(|| bootstrap(&fit, &rows, &scheme, &settings)).transpose()?;
        Ok(LawFit { fit, resampled })
    };
    apart(py, work)?.map_err(unfit)
}

/// How resamples become an interval, by name.
#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Way {
    Percentile,
    Bca,
    Student,
}

impl LawFit {
    fn resampled(&self) -> PyResult<&Resampled> {
        let none = || PyValueError::new_err("bootstrap: there is no interval without resamples");
        self.resampled.as_ref().ok_or_else(none)
    }

    /// Checked inputs of the law, each above 0.
    fn checked(&self, points: &[Vec<f64>]) -> PyResult<()> {
        let inputs = self.fit.law.inputs().len();
        let fits = |x: &Vec<f64>| x.len() == inputs && x.iter().all(|x| x.is_finite() && *x > 0.0);
        match points.iter().position(|x| !fits(x)) {
            None => Ok(()),
            Some(i) => {
                let message = format!("x[{i}]: expected {inputs} finite number(s) above 0");
                Err(PyValueError::new_err(message))
            }
        }
    }
}

#[pymethods]
impl LawFit {
    /// Names and values of the parameters.
    #[getter]
    fn params(&self) -> Vec<(&'static str, f64)> {
        self.fit
            .law
            .params()
            .iter()
            .zip(&self.fit.params)
            .map(|(param, value)| (param.name, *value))
            .collect()
    }

    /// The formula.
    #[getter]
    fn formula(&self) -> &'static str {
        self.fit.law.formula()
    }

    /// The objective at the parameters, a sum over points.
    #[getter]
    fn value(&self) -> f64 {
        self.fit.value
    }

    /// The condition number of the scaled curvature.
    #[getter]
    fn condition(&self) -> f64 {
        self.fit.condition
    }

    /// How many points count.
    #[getter]
    fn points(&self) -> usize {
        self.fit.points
    }

    /// Parameters that the points do not determine.
    #[getter]
    fn weak(&self) -> Vec<&'static str> {
        self.fit.weak()
    }

    /// The share of resamples that could not be fitted.
    #[getter]
    fn failed(&self) -> f64 {
        self.resampled.as_ref().map_or(0.0, Resampled::failed)
    }

    /// The interval of a parameter.
    fn interval(&self, name: &str, kind: &str) -> PyResult<(f64, f64)> {
        let kind = match variant("kind", kind)? {
            Way::Percentile => Kind::Percentile,
            Way::Bca => Kind::Bca,
            Way::Student => Kind::Student,
        };
        let params = self.fit.law.params();
        let unknown = || {
            let names: Vec<&str> = params.iter().map(|param| param.name).collect();
            PyValueError::new_err(format!("name: `{name}` is none of {}", names.join(", ")))
        };
        let place = params.iter().position(|param| param.name == name).ok_or_else(unknown)?;
        let found = self.resampled()?.interval(&Quantity::Param(place), kind);
        Ok((found.low, found.high))
    }

    /// The law's values.
    fn predict(&self, points: Vec<Vec<f64>>) -> PyResult<Vec<f64>> {
        self.checked(&points)?;
        Ok(points.iter().map(|x| self.fit.predict(x)).collect())
    }

    /// Percentile intervals of the law's values.
    fn band(&self, points: Vec<Vec<f64>>) -> PyResult<(Vec<f64>, Vec<f64>)> {
        self.checked(&points)?;
        let resampled = self.resampled()?;
        let one = |x: Vec<f64>| {
            let found = resampled.interval(&Quantity::Value(x), Kind::Percentile);
            (found.low, found.high)
        };
        Ok(points.into_iter().map(one).unzip())
    }
}

/// kind, value, low, high, censored, failed.
type Found = (&'static str, Option<f64>, f64, f64, f64, f64);

/// A data ratio between two lists of (size, seed, error). `reading` is a law or "isotonic"; `at` is a size, an error or a
/// range of errors, as `place` says.
#[pyfunction]
#[pyo3(signature = (baseline, method, *, reading, objective, place, at, interval, level, resamples, resampling_seed, floor))]
#[expect(
    clippy::too_many_arguments,
    reason = "the arguments of `data_multiplier` in Python, each read by its name"
)]
pub(crate) fn data_ratio(
    py: Python<'_>,
    baseline: Vec<(f64, u64, f64)>,
    method: Vec<(f64, u64, f64)>,
    reading: &str,
    objective: &str,
    place: &str,
    at: (f64, f64),
    interval: &str,
    level: f64,
    resamples: usize,
    resampling_seed: u64,
    floor: f64,
) -> PyResult<Found> {
    let curve = |name: &str, runs: &[(f64, u64, f64)]| {
        let runs: Vec<Run> = runs.iter().map(|&(n, seed, error)| Run { n, seed, error }).collect();
        Curve::new(&runs, floor).map_err(|error| PyValueError::new_err(format!("{name}: {error}")))
    };
    let (baseline, method) = (curve("baseline", &baseline)?, curve("method", &method)?);
    let reading = match reading {
        "isotonic" => Reading::Isotonic,
        name => Reading::Law { law: law(name)?, objective: self::objective(objective)? },
    };
    let at = match place {
        "size" => At::Size(at.0),
        "error" => At::Error(at.0),
        _ => At::Errors { low: at.0, high: at.1 },
    };
    let settings = Bootstrap { level, resamples, seed: resampling_seed };
    let found = match interval {
        "t" => apart(py, || data_multiplier_t(&baseline, &method, &reading, at, level))?
            .map(|ratio| (ratio, 0.0, 0.0)),
        "percentile" => apart(py, || data_multiplier(&baseline, &method, &reading, at, &settings))?
            .map(|found| (found.ratio, found.censored, found.failed)),
        other => {
            let message = format!("interval: `{other}` is neither `t` nor `percentile`");
            return Err(PyValueError::new_err(message));
        }
    };
    let (ratio, censored, failed) = found.map_err(unfit)?;
    let (kind, value) = match ratio {
        Ratio::Value { estimate, .. } => ("exact", Some(estimate)),
        Ratio::AtLeast { bound, .. } => ("at least", Some(bound)),
        Ratio::AtMost { bound, .. } => ("at most", Some(bound)),
        Ratio::Undetermined => ("not measured", None),
    };
    Ok((kind, value, ratio.low(), ratio.high(), censored, failed))
}
