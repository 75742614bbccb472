//! Claims about means over seeds: t intervals, each seed one number.

use eightfold_harness::{Center, Interval, Measured, Origin, Side, Student};
use eightfold_plot::{Estimate, Series};
use eightfold_scaling::paired_t;

/// A claim that a mean over seeds lies on one side of a threshold. Differences between methods are taken within
/// each seed before they come here.
pub fn mean_claim(
    says: &'static str,
    origin: Origin,
    statistic: String,
    side: Side,
    values: &[f64],
) -> Measured {
    let student = Some(Student { log: false, freedom: values.len() as f64 - 1.0 });
    let interval =
        mean(values).map(|(mean, low, high)| Interval { center: Center::At(mean), low, high, student });
    Measured { says, origin, statistic, side, interval }
}

/// Mean over seeds with its 95 % t interval.
///
/// # Errors
/// Says why there is none: fewer than two seeds, or a value that is not a number.
pub fn mean(values: &[f64]) -> Result<(f64, f64, f64), String> {
    paired_t(values, 0.95).map(|t| (t.mean, t.low, t.high)).map_err(|error| error.to_string())
}

/// Adds to a series, at `x`, the values of all seeds and, where there are two, their mean with its interval.
pub fn spread(series: &mut Series, x: f64, values: &[f64]) {
    series.samples.extend(values.iter().map(|y| (x, *y)));
    if let Ok((y, low, high)) = mean(values) {
        series.means.push(Estimate { x, y, low, high });
    }
}

/// The plain mean, 0 of nothing: for words, where an interval would be too much.
pub fn average(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = values.into_iter().fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_harness::Verdict;

    #[test]
    fn a_mean_is_claimed_with_its_interval() {
        let claim =
            |values: &[f64]| mean_claim("", Origin::ours(""), String::new(), Side::Above(0.0), values);
        assert_eq!(claim(&[1.0, 1.1, 0.9]).verdict(), Verdict::Holds);
        assert_eq!(claim(&[1.0, -1.1, 0.2]).verdict(), Verdict::Undecided);
        assert_eq!(claim(&[-1.0, -1.1, -0.9]).verdict(), Verdict::Fails);
        assert!(claim(&[1.0]).interval.is_err());
        assert_eq!((average([1.0, 2.0, 6.0]), average([])), (3.0, 0.0));
    }

    #[test]
    fn one_seed_is_a_point_without_an_interval() {
        let mut series = Series::default();
        spread(&mut series, 2.0, &[0.5]);
        assert_eq!((series.samples.as_slice(), series.means.len()), (&[(2.0, 0.5)][..], 0));
        spread(&mut series, 3.0, &[0.5, 0.7]);
        assert_eq!((series.samples.len(), series.means.len()), (3, 1));
    }
}
