//! The claims of a figure as files: a page to read and the same as JSON.

use crate::claim::{Center, Interval, Measured, Side, Verdict};
use crate::origin::{Known, Topic};
use crate::preset::Preset;
use crate::table::Table;
use serde::{Deserialize, Serialize};

/// What a figure writes beside its picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimsFile {
    /// The figure's name, as `fig7`.
    pub figure: String,
    /// What it shows, in one line.
    pub title: String,
    /// The command that wrote it.
    pub command: String,
    /// What was run.
    pub preset: Preset,
    /// Seeds of the cells.
    pub seeds: u64,
    /// Cells without a record.
    #[serde(default)]
    pub missing: usize,
    /// The caption of the picture, one paragraph each.
    pub caption: Vec<String>,
    /// What to know before believing the claims: paragraphs and tables in Markdown.
    pub notes: Vec<String>,
    /// The claims.
    pub claims: Vec<ClaimRow>,
}

/// A measured claim in numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimRow {
    /// The claim, as an inequality.
    pub says: String,
    /// What it is about.
    pub topic: Topic,
    /// How it is known that the paper claims it.
    pub known: Known,
    /// Where the paper claims it, or what kind of claim of ours it is; may be empty.
    pub place: String,
    /// What was computed.
    pub statistic: String,
    /// `above` or `below` the threshold.
    pub side: String,
    /// The threshold.
    pub threshold: f64,
    /// Value and 95 % interval in words, or why there is none.
    pub value: String,
    /// The estimate; absent where it is a bound or was not measured.
    pub estimate: Option<f64>,
    /// Lower end of the interval; absent where it is unbounded.
    pub low: Option<f64>,
    /// Upper end of the interval; absent where it is unbounded.
    pub high: Option<f64>,
    /// Two-sided p-value of a statistic on the threshold, before any correction.
    pub p: Option<f64>,
    /// What the claim's own interval says.
    pub verdict: Verdict,
}

impl From<&Measured> for ClaimRow {
    fn from(claim: &Measured) -> Self {
        let interval = claim.interval.as_ref().ok();
        let end = |of: fn(&Interval) -> f64| interval.map(of).filter(|end| end.is_finite());
        let estimate = interval.and_then(|interval| match interval.center {
            Center::At(value) => Some(value),
            Center::Over(_) | Center::Under(_) | Center::Unknown => None,
        });
        let side = match claim.side {
            Side::Above(_) => "above",
            Side::Below(_) => "below",
        };
        Self {
            says: claim.says.into(),
            topic: claim.origin.topic(),
            known: claim.origin.known(),
            place: claim.origin.place().into(),
            statistic: claim.statistic.clone(),
            side: side.into(),
            threshold: claim.side.threshold(),
            value: claim.value(),
            estimate,
            low: end(|interval| interval.low),
            high: end(|interval| interval.high),
            p: claim.p(),
            verdict: claim.verdict(),
        }
    }
}

impl ClaimRow {
    /// Where it comes from, in words.
    pub fn source(&self) -> String {
        let Self { known, place, .. } = self;
        if place.is_empty() { known.to_string() } else { format!("{known}: {place}") }
    }
}

impl ClaimsFile {
    /// The page: caption, notes and a table.
    pub fn markdown(&self) -> String {
        let mut out = format!("<!-- Written by `{}`. Do not edit. -->\n\n# {}\n\n", self.command, self.title);
        for text in self.caption.iter().chain(&self.notes) {
            out += &format!("{text}\n\n");
        }
        let table = self.claims.iter().map(|row| {
            [
                ("claim", row.says.clone()),
                ("source", row.source()),
                ("statistic", row.statistic.clone()),
                ("value, 95 % interval", row.value.clone()),
                ("verdict", format!("**{}**", row.verdict)),
            ]
        });
        out + &table.collect::<Table>().markdown()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::Origin;
    use eightfold_scaling::Ratio;

    #[test]
    fn an_unbounded_end_is_left_out_and_the_file_reads_back() {
        let ratio = Ratio::AtLeast { bound: 4.0, low: 2.0 };
        let measured = Measured {
            says: "a ratio above 1",
            origin: Origin::ours("control"),
            statistic: "data ratio".into(),
            side: Side::Above(1.0),
            interval: Ok(Interval::of_data_ratio(&ratio, 3)),
        };
        let row = ClaimRow::from(&measured);
        assert_eq!((row.estimate, row.low, row.high), (None, Some(2.0), None));
        assert_eq!(row.verdict, Verdict::Holds);
        let missing = Measured { interval: Err("cells missing".into()), ..measured };
        let file = ClaimsFile {
            figure: "fig0".into(),
            title: "Figure 0".into(),
            command: "just fig0".into(),
            preset: Preset::Quick,
            seeds: 3,
            missing: 0,
            caption: vec!["Seen.".into()],
            notes: Vec::new(),
            claims: vec![row, ClaimRow::from(&missing)],
        };
        let json = serde_json::to_string(&file).unwrap();
        assert_eq!(serde_json::from_str::<ClaimsFile>(&json).unwrap(), file);
        let page = file.markdown();
        assert!(
            page.contains(
                "| a ratio above 1 | ours: control | data ratio | > 4.000 [2.000, inf] | **holds** |"
            )
        );
        assert!(page.contains("| cells missing | **undecided** |"), "{page}");
    }
}
