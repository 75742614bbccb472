//! The table of all claims as a page to read.

use crate::claims_table::{ClaimsTable, TableRow};
use crate::figure::Preset;
use eightfold_harness::{ClaimRow, Table, Topic};

impl ClaimsTable {
    /// The page, in Markdown. Equal claims give equal pages.
    pub fn markdown(&self) -> String {
        let command = match self.preset {
            Preset::Full => "just claims".to_owned(),
            preset => format!("just claims --preset {}", preset.name()),
        };
        let mut out =
            format!("<!-- Written by `{command}`. Do not edit. -->\n\n# What of the paper holds here\n\n");
        for paragraph in self.paragraphs() {
            out += &format!("{paragraph}\n\n");
        }
        for topic in Topic::ALL {
            let rows: Vec<&TableRow> = self.of(topic).collect();
            out += &format!("## {topic}\n\n");
            if rows.is_empty() {
                out += "Not measured yet.\n\n";
                continue;
            }
            out += &rows.into_iter().map(cells).collect::<Table>().markdown();
            out += "\n";
        }
        out
    }

    /// What to know before reading the table.
    pub fn paragraphs(&self) -> Vec<String> {
        let say = |[holds, fails, undecided]: [usize; 3]| {
            format!("{holds} hold, {fails} fail, {undecided} are undecided")
        };
        let mut out = vec![format!(
            "Preset {}: {} claims of {} figures. By their own intervals {}; after Holm's correction over the whole \
             table {}.",
            self.preset.name(),
            self.rows.len(),
            self.figures.len(),
            say(self.count(|row| row.claim.verdict)),
            say(self.count(|row| row.corrected)),
        )];
        out.push(self.seeds());
        out.extend(self.gaps());
        out.push(
            "A verdict is that of the claim's own 95 % interval: *holds* if all of it lies where the claim says, \
             *fails* if all of it lies elsewhere, else *undecided*. After Holm it stands if its p-value, corrected for \
             the number of claims here, is below 0.05. A claim that two figures measure counts twice; one that was \
             not measured counts with p = 1. *Quoted*: a quotation was read, in the abstract or in notes of others on \
             the paper; *recalled*: from memory, not checked; *ours*: no claim of the paper."
                .into(),
        );
        out
    }

    fn seeds(&self) -> String {
        let mut numbers: Vec<u64> = self.figures.iter().map(|file| file.seeds).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let of = |seeds: &u64| {
            let names = self.figures.iter().filter(|file| file.seeds == *seeds);
            let names: Vec<&str> = names.map(|file| file.figure.as_str()).collect();
            format!("{seeds} ({})", names.join(", "))
        };
        format!("Seeds: {}.", numbers.iter().map(of).collect::<Vec<_>>().join("; "))
    }

    /// What is not there yet.
    fn gaps(&self) -> Vec<String> {
        let mut out = Vec::new();
        if !self.missing.is_empty() {
            let missing = self.missing.join(", ");
            out.push(format!(
                "**Not drawn yet: {missing}.** With their claims the correction will be larger."
            ));
        }
        for file in self.figures.iter().filter(|file| file.missing > 0) {
            out.push(format!("**{}: {} cells have no record yet.**", file.figure, file.missing));
        }
        out
    }
}

/// A claim's statistic with what it should be.
pub fn inequality(claim: &ClaimRow) -> String {
    let side = if claim.side == "above" { '>' } else { '<' };
    format!("{} {side} {}", claim.statistic, claim.threshold)
}

/// A p-value, as far as anyone reads it.
pub fn p_value(p: Option<f64>) -> String {
    match p {
        None => "-".into(),
        Some(p) if p < 0.0005 => "< 0.001".into(),
        Some(p) => format!("{p:.3}"),
    }
}

fn cells(row: &TableRow) -> [(&'static str, String); 9] {
    let TableRow { figure, claim, adjusted, corrected, .. } = row;
    let cells = [
        ("claim", claim.says.clone()),
        ("figure", figure.clone()),
        ("paper", claim.source()),
        ("our statistic", inequality(claim)),
        ("value, 95 % interval", claim.value.clone()),
        ("p", p_value(claim.p)),
        ("p, Holm", p_value(claim.p.map(|_| *adjusted))),
        ("verdict", format!("**{}**", claim.verdict)),
        ("after Holm", format!("**{corrected}**")),
    ];
    cells.map(|(column, cell)| (column, cell.replace('<', "&lt;")))
}
