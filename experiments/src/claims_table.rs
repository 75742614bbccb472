//! The table of all claims of a preset: what the figures measured, under the claims of the paper, corrected
//! for there being many.

use crate::figure::Preset;
use anyhow::{Context, Result, bail};
use eightfold_harness::Verdict;
use eightfold_harness::{ClaimRow, ClaimsFile, Topic};
use eightfold_scaling::holm;
use std::io::ErrorKind;
use std::path::Path;

/// The figures, in their order.
pub const FIGURES: [&str; 10] =
    ["fig1", "fig2", "fig3", "fig4", "fig5", "fig6", "fig7", "fig8", "fig9", "fig10"];

/// The level at which a corrected claim is decided: that of the intervals.
const LEVEL: f64 = 0.05;

/// A claim in the table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// The figure that measured it.
    pub figure: String,
    /// The claim with its own verdict.
    pub claim: ClaimRow,
    /// Its p-value after Holm's correction over the whole table.
    pub adjusted: f64,
    /// Its verdict after that.
    pub corrected: Verdict,
}

/// All claims of a preset.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimsTable {
    /// What was run.
    pub preset: Preset,
    /// The figures at hand, in their order.
    pub figures: Vec<ClaimsFile>,
    /// Figures that were not drawn.
    pub missing: Vec<&'static str>,
    /// Their claims, in their order.
    pub rows: Vec<TableRow>,
}

impl ClaimsTable {
    /// Reads `claims.json` of every figure under `dir`.
    ///
    /// # Errors
    /// A file that cannot be read, does not parse or was drawn at another preset; the message names it.
    pub fn read(dir: &Path, preset: Preset) -> Result<Self> {
        let (mut figures, mut missing) = (Vec::new(), Vec::new());
        for name in FIGURES {
            match read_claims(&dir.join(name).join("claims.json"), preset)? {
                Some(file) => figures.push(file),
                None => missing.push(name),
            }
        }
        Self::new(preset, figures, missing)
    }

    fn new(preset: Preset, figures: Vec<ClaimsFile>, missing: Vec<&'static str>) -> Result<Self> {
        let all = || figures.iter().flat_map(|file| file.claims.iter().map(move |claim| (file, claim)));
        // A claim that was not measured counts among the many all the same.
        let p: Vec<f64> = all().map(|(_, claim)| claim.p.unwrap_or(1.0)).collect();
        let adjusted = holm(&p).context("a claim has a p-value outside 0 to 1")?;
        let row = |((file, claim), adjusted): ((&ClaimsFile, &ClaimRow), f64)| TableRow {
            figure: file.figure.clone(),
            claim: claim.clone(),
            adjusted,
            corrected: if adjusted < LEVEL { claim.verdict } else { Verdict::Undecided },
        };
        let rows = all().zip(adjusted).map(row).collect();
        Ok(Self { preset, figures, missing, rows })
    }

    /// How many claims hold, fail and are undecided by the verdict that `of` takes.
    pub fn count(&self, of: impl Fn(&TableRow) -> Verdict) -> [usize; 3] {
        [Verdict::Holds, Verdict::Fails, Verdict::Undecided]
            .map(|verdict| self.rows.iter().filter(|row| of(row) == verdict).count())
    }

    /// The rows of a topic.
    pub fn of(&self, topic: Topic) -> impl Iterator<Item = &TableRow> {
        self.rows.iter().filter(move |row| row.claim.topic == topic)
    }
}

/// The claims of a figure; `None` if it was not drawn.
///
/// # Errors
/// A file that cannot be read, does not parse or was drawn at another preset; the message names it.
pub fn read_claims(path: &Path, preset: Preset) -> Result<Option<ClaimsFile>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let file: ClaimsFile =
        serde_json::from_str(&text).with_context(|| format!("{} holds no claims", path.display()))?;
    if file.preset != preset {
        bail!("{}: `preset` is `{}`, not `{}`", path.display(), file.preset.name(), preset.name());
    }
    Ok(Some(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_harness::Origin;

    fn claim(says: &str, origin: Origin, p: Option<f64>, verdict: Verdict) -> ClaimRow {
        ClaimRow {
            says: says.into(),
            topic: origin.topic(),
            known: origin.known(),
            place: origin.place().into(),
            statistic: "data ratio to SFT | n = 256".into(),
            side: "above".into(),
            threshold: 1.0,
            value: "2.000 [1.500, 2.500]".into(),
            estimate: None,
            low: None,
            high: None,
            p,
            verdict,
        }
    }

    fn figure(name: &str, claims: Vec<ClaimRow>) -> ClaimsFile {
        ClaimsFile {
            figure: name.into(),
            title: name.into(),
            command: format!("just {name} --preset quick"),
            preset: Preset::Quick,
            seeds: 3,
            missing: usize::from(name == "fig7"),
            caption: Vec::new(),
            notes: Vec::new(),
            claims,
        }
    }

    fn table() -> ClaimsTable {
        let rft = claim(
            "RFT is worth more data",
            Origin::quoted(Topic::Positives, "abstract"),
            Some(0.01),
            Verdict::Holds,
        );
        let step = claim(
            "per-step DPO is worth 8x",
            Origin::quoted(Topic::Negatives, "abstract"),
            Some(0.02),
            Verdict::Fails,
        );
        let control = claim("per-step DPO < RFT", Origin::ours("control"), Some(0.04), Verdict::Holds);
        let lost = claim("(c) no gain", Origin::recalled(Topic::Stars, "Fig. 10"), None, Verdict::Undecided);
        let figures = vec![figure("fig7", vec![rft, step, control]), figure("fig10", vec![lost])];
        ClaimsTable::new(Preset::Quick, figures, vec!["fig9"]).unwrap()
    }

    #[test]
    fn every_claim_counts_among_the_many() {
        let table = table();
        // 4 x .01 and 3 x .02: of four claims one survives.
        let adjusted: Vec<f64> = table.rows.iter().map(|row| row.adjusted).collect();
        assert!(adjusted.iter().zip([0.04, 0.06, 0.08, 1.0]).all(|(a, e)| (a - e).abs() < 1e-12));
        assert_eq!(table.count(|row| row.claim.verdict), [2, 1, 1]);
        assert_eq!(table.count(|row| row.corrected), [1, 0, 3]);
        let topics: Vec<Topic> = table.rows.iter().map(|row| row.claim.topic).collect();
        assert_eq!(topics, [Topic::Positives, Topic::Negatives, Topic::Ours, Topic::Stars]);
    }

    #[test]
    fn the_page_says_what_is_missing_and_keeps_its_columns() {
        let page = table().markdown();
        for part in [
            "**Not drawn yet: fig9.**",
            "**fig7: 1 cells have no record yet.**",
            "2 hold, 1 fail, 1 are undecided; after Holm",
            "Seeds: 3 (fig7, fig10).",
            "## 5. Credit finds",
            "Not measured yet.",
            "| quoted: abstract | data ratio to SFT \\| n = 256 > 1 |",
            "per-step DPO &lt; RFT",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        let rows = page.lines().filter(|line| line.starts_with("| "));
        assert!(rows.clone().all(|line| line.replace("\\|", "").matches('|').count() == 10), "{page}");
        assert_eq!(rows.filter(|line| !line.starts_with("| claim ")).count(), 4);
    }

    #[test]
    fn a_file_of_another_preset_is_an_error_that_names_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("fig7/claims.json");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, serde_json::to_string(&figure("fig7", Vec::new())).unwrap()).unwrap();
        assert_eq!(ClaimsTable::read(dir.path(), Preset::Quick).unwrap().missing.len(), 9);
        let error = ClaimsTable::read(dir.path(), Preset::Full).unwrap_err().to_string();
        assert!(error.contains("fig7/claims.json") && error.contains("not `full`"), "{error}");
        std::fs::write(&path, "{}").unwrap();
        let error = format!("{:#}", ClaimsTable::read(dir.path(), Preset::Quick).unwrap_err());
        assert!(error.contains("fig7/claims.json") && error.contains("figure"), "{error}");
    }
}
