//! Claims: what a figure says of the world, measured, with an interval and a verdict.

use serde::Serialize;
use std::fmt;

/// What a claim's own interval says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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

/// A 95 % interval of a statistic. Bounds may be infinite where only the other side was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its center.
    pub center: Center,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A claim as measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The claim, as an inequality.
    pub says: &'static str,
    /// Where it comes from, and whether that is quoted or recalled.
    pub source: &'static str,
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

    /// The interval in words.
    pub fn value(&self) -> String {
        let number = |x: f64| if x.is_finite() { format!("{x:.3}") } else { "inf".into() };
        match &self.interval {
            Ok(Interval { center, low, high }) => format!("{center} [{}, {}]", number(*low), number(*high)),
            Err(why) => why.clone(),
        }
    }
}

/// The claims of a figure as a Markdown page. `command` made it, `notes` say what to know before believing it.
pub fn page(title: &str, command: &str, notes: &[String], claims: &[Measured]) -> String {
    let mut out = format!("<!-- Written by `{command}`. Do not edit. -->\n\n# {title}\n\n");
    for note in notes {
        out += &format!("{note}\n\n");
    }
    out += "| claim | source | statistic | value, 95 % interval | verdict |\n|---|---|---|---|---|\n";
    for claim in claims {
        let (value, verdict) = (claim.value(), claim.verdict());
        out += &format!(
            "| {} | {} | {} | {value} | **{verdict}** |\n",
            claim.says, claim.source, claim.statistic
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(side: Side, low: f64, high: f64) -> Verdict {
        let interval = Ok(Interval { center: Center::Unknown, low, high });
        Measured { says: "", source: "", statistic: String::new(), side, interval }.verdict()
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
}
