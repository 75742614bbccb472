//! What the options of `value` say.

use eightfold_advantage::PitRule;

/// A rule for the first pit.
pub(crate) fn pit(text: &str) -> Result<PitRule, String> {
    let unknown = || {
        "it is `lowest-q`, `all-fail:K` with K from 1, or `advantage-below:T` with T from -1 to 1".to_owned()
    };
    match text.split_once(':') {
        None if text == "lowest-q" => Ok(PitRule::LowestQ),
        Some(("all-fail", k)) => {
            let k = k.parse().ok().filter(|k| (1..=1_000_000).contains(k));
            k.map(|k| PitRule::AllFail { k }).ok_or_else(unknown)
        }
        Some(("advantage-below", t)) => {
            let t = t.parse().ok().filter(|t| (-1.0..=1.0).contains(t));
            t.map(|t| PitRule::AdvantageBelow { t }).ok_or_else(unknown)
        }
        _ => Err(unknown()),
    }
}

/// A level of confidence.
pub(crate) fn level(text: &str) -> Result<f64, String> {
    let level = text.parse().ok().filter(|level| 0.0 < *level && *level < 1.0);
    level.ok_or_else(|| "it lies between 0 and 1, as 0.95".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_as_they_are_written() {
        assert_eq!(pit("lowest-q"), Ok(PitRule::LowestQ));
        assert_eq!(pit("all-fail:4"), Ok(PitRule::AllFail { k: 4 }));
        assert_eq!(pit("advantage-below:-0.25"), Ok(PitRule::AdvantageBelow { t: -0.25 }));
        for wrong in ["all-fail", "all-fail:0", "advantage-below:2", "advantage-below:NaN", "lowest"] {
            assert!(pit(wrong).is_err(), "{wrong}");
        }
        assert!(level("1").is_err() && level("NaN").is_err() && level("0.9") == Ok(0.9));
    }
}
