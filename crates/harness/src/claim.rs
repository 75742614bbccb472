//! Claims: what a figure says of the world, measured, with an interval and a verdict.

use crate::origin::Origin;
use eightfold_scaling::{Estimate, Ratio, t_cdf, t_quantile};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a claim's own interval says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The whole interval lies where the claim says.
    Holds,
    /// The whole interval lies elsewhere.
    Fails,
    /// The interval straddles the threshold, or there is none.
    Undecided,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Holds => "holds",
            Self::Fails => "fails",
            Self::Undecided => "undecided",
        })
    }
}

/// On which side of its threshold a statistic should lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Side {
    /// Above it.
    Above(f64),
    /// Below it.
    Below(f64),
}

impl Side {
    /// The threshold.
    pub fn threshold(self) -> f64 {
        let (Self::Above(threshold) | Self::Below(threshold)) = self;
        threshold
    }
}

/// What is known of a statistic at its center.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Center {
    /// Its estimate.
    At(f64),
    /// It is above this; how far was not measured.
    Over(f64),
    /// It is below this; how far was not measured.
    Under(f64),
    /// Nothing.
    Unknown,
}

impl fmt::Display for Center {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(x) => write!(f, "{x:.3}"),
            Self::Over(x) => write!(f, "> {x:.3}"),
            Self::Under(x) => write!(f, "< {x:.3}"),
            Self::Unknown => f.write_str("not measured"),
        }
    }
}

/// A t interval's scale and degrees of freedom: what a p-value is computed from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Student {
    /// Whether the interval is symmetric in the logarithm.
    pub log: bool,
    /// Degrees of freedom: seeds less one.
    pub freedom: f64,
}

/// A 95 % interval of a statistic. Bounds may be infinite where only the other side was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its center.
    pub center: Center,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Where it comes from, if it is a t interval.
    pub student: Option<Student>,
}

impl Interval {
    /// Level of every interval.
    pub const LEVEL: f64 = 0.95;

    /// The t interval of a mean over seeds.
    pub fn of_mean(mean: &Estimate, seeds: usize) -> Self {
        let student = Some(Student { log: false, freedom: seeds as f64 - 1.0 });
        Self { center: Center::At(mean.mean), low: mean.low, high: mean.high, student }
    }

    /// The t interval of a mean log ratio over seeds, as ratios.
    pub fn of_error_ratio(ratio: &Estimate, seeds: usize) -> Self {
        let student = Some(Student { log: true, freedom: seeds as f64 - 1.0 });
        Self { center: Center::At(ratio.mean), low: ratio.low, high: ratio.high, student }
    }

    /// The t interval of a data ratio over seeds.
    pub fn of_data_ratio(ratio: &Ratio, seeds: usize) -> Self {
        let center = match *ratio {
            Ratio::Value { estimate, .. } => Center::At(estimate),
            Ratio::AtLeast { bound, .. } => Center::Over(bound),
            Ratio::AtMost { bound, .. } => Center::Under(bound),
            Ratio::Undetermined => Center::Unknown,
        };
        let student = Some(Student { log: true, freedom: seeds as f64 - 1.0 });
        Self { center, low: ratio.low(), high: ratio.high(), student }
    }

    /// The two-sided p-value of a statistic that lies at `threshold`: below 0.05 where the interval leaves it
    /// out. A bound speaks for its own side alone. `None` if the interval is no t interval.
    fn p(&self, threshold: f64) -> Option<f64> {
        let Student { log, freedom } = self.student?;
        let spread = |x: f64| if log { x.ln() } else { x };
        let (low, high, threshold) = (spread(self.low), spread(self.high), spread(threshold));
        let (away, half) = match self.center {
            Center::At(center) => ((spread(center) - threshold).abs(), 0.5 * (high - low)),
            Center::Over(bound) => (spread(bound) - threshold, spread(bound) - low),
            Center::Under(bound) => (threshold - spread(bound), high - spread(bound)),
            Center::Unknown => return Some(1.0),
        };
        if away <= 0.0 {
            return Some(1.0);
        }
        let error = half / t_quantile(0.5 + 0.5 * Self::LEVEL, freedom);
        Some(if error > 0.0 { 2.0 * t_cdf(-away / error, freedom) } else { 0.0 })
    }
}

/// A claim as measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The claim, as an inequality.
    pub says: &'static str,
    /// Where it comes from.
    pub origin: Origin,
    /// What was computed.
    pub statistic: String,
    /// The threshold.
    pub side: Side,
    /// The interval, or why there is none.
    pub interval: Result<Interval, String>,
}

impl Measured {
    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        let Ok(Interval { low, high, .. }) = self.interval else { return Verdict::Undecided };
        let (holds, fails) = match self.side {
            Side::Above(t) => (low > t, high <= t),
            Side::Below(t) => (high < t, low >= t),
        };
        match (holds, fails) {
            (true, _) => Verdict::Holds,
            (_, true) => Verdict::Fails,
            _ => Verdict::Undecided,
        }
    }

    /// The two-sided p-value of a statistic on the threshold, for a correction over many claims
    /// ([`eightfold_scaling::holm`]); `None` where nothing was measured.
    pub fn p(&self) -> Option<f64> {
        self.interval.as_ref().ok()?.p(self.side.threshold())
    }

    /// The interval in words.
    pub fn value(&self) -> String {
        let number = |x: f64| if x.is_finite() { format!("{x:.3}") } else { "inf".into() };
        match &self.interval {
            Ok(Interval { center, low, high, .. }) => {
                format!("{center} [{}, {}]", number(*low), number(*high))
            }
            Err(why) => why.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn verdict(side: Side, low: f64, high: f64) -> Verdict {
        let interval = Ok(Interval { center: Center::Unknown, low, high, student: None });
        Measured { says: "", origin: Origin::ours(""), statistic: String::new(), side, interval }.verdict()
    }

    #[test]
    fn an_interval_decides_only_where_it_does_not_straddle() {
        assert_eq!(verdict(Side::Above(1.0), 1.1, f64::INFINITY), Verdict::Holds);
        assert_eq!(verdict(Side::Above(1.0), 0.9, 1.2), Verdict::Undecided);
        assert_eq!(verdict(Side::Above(1.0), 0.2, 0.9), Verdict::Fails);
        assert_eq!(verdict(Side::Below(1.0), 0.2, 0.9), Verdict::Holds);
        assert_eq!(verdict(Side::Below(1.0), 1.0, 1.9), Verdict::Fails);
        assert_eq!(verdict(Side::Below(1.0), 0.5, f64::INFINITY), Verdict::Undecided);
    }

    fn ratio(ratio: Ratio, threshold: f64) -> Measured {
        let interval = Ok(Interval::of_data_ratio(&ratio, 3));
        Measured {
            says: "",
            origin: Origin::ours(""),
            statistic: String::new(),
            side: Side::Above(threshold),
            interval,
        }
    }

    proptest! {
        #[test]
        fn a_p_below_five_percent_is_an_interval_that_leaves_the_threshold_out(
            logs in proptest::collection::vec(-1.0..1.0f64, 3), threshold in 0.3..3.0f64,
        ) {
            let t = eightfold_scaling::paired_t(&logs, Interval::LEVEL).unwrap();
            let value = Ratio::Value { estimate: t.mean.exp(), low: t.low.exp(), high: t.high.exp() };
            let claim = ratio(value, threshold);
            prop_assert_eq!(claim.p().unwrap() < 0.05, claim.verdict() != Verdict::Undecided);
            // The same p as the test on shifted differences.
            let shifted: Vec<f64> = logs.iter().map(|log| log - threshold.ln()).collect();
            let direct = eightfold_scaling::paired_t(&shifted, Interval::LEVEL).unwrap();
            prop_assert!((claim.p().unwrap() - direct.p).abs() < 1e-9);
            // A bound decides on its own side as a value does, and on the other not at all.
            let bound = ratio(Ratio::AtLeast { bound: t.mean.exp(), low: t.low.exp() }, threshold);
            let expected = if t.mean > threshold.ln() { direct.p } else { 1.0 };
            prop_assert!((bound.p().unwrap() - expected).abs() < 1e-9);
        }
    }
}
