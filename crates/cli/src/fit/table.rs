//! A CSV file with a header, read as text.

use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

/// Rows of text under named columns.
pub(crate) struct Table {
    path: PathBuf,
    header: Vec<String>,
    rows: Vec<(usize, Vec<String>)>,
}

impl Table {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> anyhow::Result<Self> {
        let mut records = records(text.strip_prefix('\u{feff}').unwrap_or(text))
            .with_context(|| path.display().to_string())?;
        if records.is_empty() {
            bail!("{}: no header", path.display());
        }
        let (_, header) = records.remove(0);
        let header: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        for (line, fields) in &records {
            if fields.len() != header.len() {
                let (found, expected) = (fields.len(), header.len());
                bail!("{} line {line}: {found} fields under {expected} columns", path.display());
            }
        }
        Ok(Self { path: path.to_owned(), header, rows: records })
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
            format!("{} line {}: `{column}` is `{text}`, not a number", self.path.display(), self.line(row))
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

/// Records with the line they start on. Fields in double quotes may hold commas, line breaks and doubled
/// quotes; empty lines are skipped.
fn records(text: &str) -> anyhow::Result<Vec<(usize, Vec<String>)>> {
    let mut all = vec![];
    let (mut fields, mut field, mut quoted) = (vec![], String::new(), false);
    let (mut line, mut start) = (1, 1);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' if quoted || field.is_empty() => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                finish(&mut all, start, &mut fields, &mut field);
                line += 1;
                start = line;
            }
            c => {
                line += usize::from(c == '\n');
                field.push(c);
            }
        }
    }
    if quoted {
        bail!("line {start}: a quote is not closed");
    }
    finish(&mut all, start, &mut fields, &mut field);
    Ok(all)
}

fn finish(all: &mut Vec<(usize, Vec<String>)>, line: usize, fields: &mut Vec<String>, field: &mut String) {
    if fields.is_empty() && field.trim().is_empty() {
        field.clear();
        return;
    }
    fields.push(std::mem::take(field));
    all.push((line, std::mem::take(fields)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> anyhow::Result<Table> {
        Table::parse(Path::new("t.csv"), text)
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
        let message = |text: &str| table(text).err().unwrap().to_string();
        assert_eq!(message("a,b\n1,2\n3\n"), "t.csv line 3: 1 fields under 2 columns");
        assert!(message("").contains("no header"));
        let table = table("a,b\n1,x\n").unwrap();
        assert_eq!(table.number(0, "b").unwrap_err().to_string(), "t.csv line 2: `b` is `x`, not a number");
        assert!(table.number(0, "c").unwrap_err().to_string().contains("there are a, b"));
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
