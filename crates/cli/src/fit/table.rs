//! A table of runs, read as text: CSV with a header, or JSON Lines.

mod csv;
mod json_lines;

use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

/// Rows of text under named columns.
pub(crate) struct Table {
    path: PathBuf,
    header: Vec<String>,
    rows: Vec<(usize, Vec<String>)>,
}

impl Table {
    /// Reads a file: JSON Lines where it begins with an object, and CSV otherwise.
    ///
    /// # Errors
    /// If it is neither, which is named as what it is; if a row has another number of fields than the header.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
        Self::parse(path, &bytes)
    }

    fn parse(path: &Path, bytes: &[u8]) -> anyhow::Result<Self> {
        let named = || path.display().to_string();
        let text = text(bytes).with_context(named)?;
        let all = match text.trim_start().chars().next() {
            Some('{') => json_lines::read(text),
            Some('[') => bail!("{}: a JSON array; write one object a line, or CSV", path.display()),
            _ => csv::read(text),
        };
        let Columns { header, rows } = all.with_context(named)?;
        for (line, fields) in &rows {
            if fields.len() != header.len() {
                let (found, expected) = (fields.len(), header.len());
                bail!("{} line {line}: {found} fields under {expected} columns", path.display());
            }
        }
        Ok(Self { path: path.to_owned(), header, rows })
    }

    /// The line of a row in the file, from 1.
    pub(crate) fn line(&self, row: usize) -> usize {
        self.rows[row].0
    }

    fn column(&self, name: &str) -> anyhow::Result<usize> {
        self.header.iter().position(|column| column == name).with_context(|| {
            format!("{}: no column `{name}`; there are {}", self.path.display(), self.header.join(", "))
        })
    }

    /// A field as a number.
    pub(crate) fn number(&self, row: usize, column: &str) -> anyhow::Result<f64> {
        let text = self.rows[row].1[self.column(column)?].trim();
        text.parse().ok().with_context(|| {
            let comma = text.replacen(',', ".", 1).parse::<f64>().is_ok();
            let hint = if comma { "; decimals are written with a point" } else { "" };
            format!(
                "{} line {}: `{column}` is `{text}`, not a number{hint}",
                self.path.display(),
                self.line(row)
            )
        })
    }

    /// Rows that pass all filters, by the values of the grouping column in order of appearance; one group
    /// without a name if there is no such column.
    pub(crate) fn groups(
        &self,
        filters: &[String],
        group: Option<&str>,
    ) -> anyhow::Result<Vec<(String, Vec<usize>)>> {
        let mut conditions = vec![];
        for filter in filters {
            let (name, value) =
                filter.split_once('=').with_context(|| format!("--where {filter}: no `=`"))?;
            conditions.push((self.column(name.trim())?, value.trim()));
        }
        let by = group.map(|name| self.column(name)).transpose()?;
        let mut groups: Vec<(String, Vec<usize>)> = vec![];
        for (row, (_, fields)) in self.rows.iter().enumerate() {
            if !conditions.iter().all(|(column, value)| same(&fields[*column], value)) {
                continue;
            }
            let name = by.map_or(String::new(), |column| fields[column].trim().to_owned());
            match groups.iter_mut().find(|group| group.0 == name) {
                Some(group) => group.1.push(row),
                None => groups.push((name, vec![row])),
            }
        }
        if groups.is_empty() {
            bail!("{}: no row is left", self.path.display());
        }
        Ok(groups)
    }

    /// A number for each row, the same where the column's text is the same: the text itself where it is a
    /// whole number, else its place among all texts of the column.
    pub(crate) fn labels(&self, members: &[usize], column: &str) -> anyhow::Result<Vec<u64>> {
        let column = self.column(column)?;
        let mut texts: Vec<&str> = self.rows.iter().map(|row| row.1[column].trim()).collect();
        texts.sort_unstable();
        texts.dedup();
        let whole = texts.iter().all(|text| text.parse::<u64>().is_ok());
        let label = |&row: &usize| {
            let text = self.rows[row].1[column].trim();
            let place = texts.partition_point(|other| *other < text) as u64;
            if whole { text.parse().unwrap_or(place) } else { place }
        };
        Ok(members.iter().map(label).collect())
    }
}

/// Equal as text, or as numbers: 1 and 1.0.
fn same(field: &str, value: &str) -> bool {
    let field = field.trim();
    field == value || matches!((field.parse::<f64>(), value.parse::<f64>()), (Ok(a), Ok(b)) if a == b)
}

/// What a file holds: the names of its columns, and rows of text with the line that each starts on.
struct Columns {
    header: Vec<String>,
    rows: Vec<(usize, Vec<String>)>,
}

/// The bytes as text, without a byte order mark; packed and binary files are named as what they are.
fn text(bytes: &[u8]) -> anyhow::Result<&str> {
    let magic: [(&[u8], &str); 5] = [
        (b"\x1f\x8b", "packed by gzip; unpack it first"),
        (b"\x28\xb5\x2f\xfd", "packed by zstd; unpack it first"),
        (b"PAR1", "Parquet; write it as CSV or JSON Lines"),
        (b"PK\x03\x04", "a zip archive or a spreadsheet; write the table as CSV"),
        (b"\xff\xfe", "text in UTF-16; write it in UTF-8"),
    ];
    if let Some((_, what)) = magic.iter().find(|(start, _)| bytes.starts_with(start)) {
        bail!("{what}");
    }
    let text = std::str::from_utf8(bytes).context("not text in UTF-8")?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> anyhow::Result<Table> {
        Table::parse(Path::new("t.csv"), text.as_bytes())
    }

    #[test]
    fn quotes_hold_commas_breaks_and_quotes() {
        let table = table("\u{feff}a, b\r\n\"x, \"\"y\"\"\n\",2\r\n\n3,4e1\n").unwrap();
        assert_eq!(table.header, ["a", "b"]);
        assert_eq!(table.rows[0].1, ["x, \"y\"\n", "2"]);
        assert_eq!((table.line(0), table.line(1)), (2, 5));
        assert_eq!(table.number(1, "b").unwrap(), 40.0);
    }

    #[test]
    fn errors_name_line_and_column() {
        let message = |text: &str| format!("{:#}", table(text).err().unwrap());
        assert_eq!(message("a,b\n1,2\n3\n"), "t.csv line 3: 1 fields under 2 columns");
        assert!(message("").contains("no header"));
        let table = table("a,b\n1,x\n").unwrap();
        assert_eq!(table.number(0, "b").unwrap_err().to_string(), "t.csv line 2: `b` is `x`, not a number");
        assert!(table.number(0, "c").unwrap_err().to_string().contains("there are a, b"));
    }

    #[test]
    fn a_file_of_another_form_is_named_as_what_it_is() {
        let message = |bytes: &[u8]| format!("{:#}", Table::parse(Path::new("t"), bytes).err().unwrap());
        let cases: [(&[u8], &str); 6] = [
            (b"\x1f\x8b\x08", "gzip"),
            (b"\x28\xb5\x2f\xfd", "zstd"),
            (b"PAR1", "Parquet"),
            (b"PK\x03\x04", "zip"),
            (b" [{\"n\": 1}]", "a JSON array"),
            (b"n,error\n1,\xff", "UTF-8"),
        ];
        for (bytes, what) in cases {
            assert!(message(bytes).contains(what), "{}", message(bytes));
        }
        let table = table("n;error\n1;0,5\n").unwrap();
        assert!(table.number(0, "error").unwrap_err().to_string().contains("written with a point"));
    }

    #[test]
    fn rows_are_filtered_and_grouped() {
        let table = table("m,n,kept\nsft,1,1\nrft,2,1.0\nsft,3,0\nsft,4,1\n").unwrap();
        let groups = table.groups(&["kept=1".into()], Some("m")).unwrap();
        assert_eq!(groups, [("sft".into(), vec![0, 3]), ("rft".into(), vec![1])]);
        assert!(table.groups(&["kept=7".into()], None).is_err());
        assert!(table.groups(&["kept".into()], None).is_err());
        assert_eq!(table.labels(&[0, 1, 2], "m").unwrap(), [1, 0, 1]);
        assert_eq!(table.labels(&[3], "n").unwrap(), [4]);
    }
}
