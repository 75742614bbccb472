//! A law: a statement that is tried on many cases and reports how far it was off.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use std::cell::Cell;

/// What the measured number of every case must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// An identity: the deviation is at most this.
    AtMost(f64),
    /// A law that does *not* hold: the gap is at least this.
    AtLeast(f64),
}

/// How a law fared.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// How many cases were tried.
    pub cases: u32,
    /// The largest deviation, or the smallest gap.
    pub worst: f64,
    /// What was allowed.
    pub bound: Bound,
}

impl Bound {
    /// Whether a measured number is allowed. Not-a-number never is.
    pub fn allows(self, measured: f64) -> bool {
        match self {
            Self::AtMost(bound) => measured <= bound,
            Self::AtLeast(bound) => measured >= bound,
        }
    }

    fn worse(self, a: f64, b: f64) -> f64 {
        match self {
            Self::AtMost(_) => a.max(b),
            Self::AtLeast(_) => a.min(b),
        }
    }

    /// The number from which the worst is sought.
    fn best(self) -> f64 {
        match self {
            Self::AtMost(_) => 0.0,
            Self::AtLeast(_) => f64::INFINITY,
        }
    }
}

/// Tries a law on `cases` draws of `strategy`; `measure` gives the deviation, or the gap, of one. Draws depend
/// on `PROPTEST_RNG_SEED`, which cargo sets to the same in every run; `just test-anew` draws others.
///
/// # Panics
/// If a case breaks the bound: with the smallest such case that was found.
pub fn law<S: Strategy>(cases: u32, bound: Bound, strategy: S, measure: impl Fn(S::Value) -> f64) -> Report {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let worst = Cell::new(bound.best());
    let result = TestRunner::new(config).run(&strategy, |case| {
        let measured = measure(case);
        if !bound.allows(measured) {
            return Err(TestCaseError::fail(format!("measured {measured:e}, {bound:?}")));
        }
        worst.set(bound.worse(worst.get(), measured));
        Ok(())
    });
    match result {
        Ok(()) => Report { cases, worst: worst.get(), bound },
        Err(TestError::Fail(reason, case)) => panic!("{reason}\non {case:#?}"),
        Err(TestError::Abort(reason)) => panic!("gave up: {reason}"),
    }
}

/// The report of a law that is a single case, or a list of them.
///
/// # Panics
/// If one breaks the bound.
pub fn cases(bound: Bound, measured: &[f64]) -> Report {
    let worst = measured.iter().fold(bound.best(), |worst, &m| bound.worse(worst, m));
    assert!(measured.iter().all(|&m| bound.allows(m)), "measured {measured:?}, {bound:?}");
    Report { cases: measured.len() as u32, worst, bound }
}

/// A table of laws: name, cases, worst, bound; one line each.
pub fn table(rows: &[(&str, Report)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let head = format!("{:width$}  {:>6}  {:>9}  allowed\n", "law", "cases", "worst");
    let line = |(name, report): &(&str, Report)| {
        let allowed = match report.bound {
            Bound::AtMost(bound) => format!("at most {bound:.1e}"),
            Bound::AtLeast(bound) => format!("at least {bound:.1e}"),
        };
        format!("{name:width$}  {:>6}  {:>9.1e}  {allowed}\n", report.cases, report.worst)
    };
    head + &rows.iter().map(line).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_reports_its_worst_case() {
        let report = law(50, Bound::AtMost(1.0), 0.0..1.0f64, |x| x);
        assert!(report.worst > 0.8 && report.worst < 1.0);
        let report = cases(Bound::AtLeast(0.1), &[0.5, 0.2, 0.9]);
        assert_eq!((report.cases, report.worst), (3, 0.2));
    }

    #[test]
    #[should_panic(expected = "measured")]
    fn a_broken_law_panics() {
        law(50, Bound::AtMost(0.5), 0.0..1.0f64, |x| x);
    }

    #[test]
    #[should_panic(expected = "measured")]
    fn not_a_number_breaks_every_law() {
        cases(Bound::AtLeast(0.0), &[f64::NAN]);
    }
}
