//! Rows of text with one character between their fields.

use super::Columns;
use anyhow::{Context, bail};

/// A file with a header.
///
/// # Errors
/// If it is empty, or a quote is not closed.
pub(super) fn read(text: &str) -> anyhow::Result<Columns> {
    let mut rows = records(text, between(text))?;
    let (_, header) = rows.drain(..rows.len().min(1)).next().context("no header")?;
    let header = header.iter().map(|name| name.trim().to_owned()).collect();
    Ok(Columns { header, rows })
}

/// What stands between fields: a comma, or where the header has none, a semicolon or a tab that it has. A table of runs
/// has two columns at least.
fn between(text: &str) -> char {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    [',', ';', '\t'].into_iter().find(|c| header.contains(*c)).unwrap_or(',')
}

/// Records with the line they start on. Fields in double quotes may hold what stands `between` fields,
/// line breaks and doubled quotes; empty lines are skipped.
fn records(text: &str, between: char) -> anyhow::Result<Vec<(usize, Vec<String>)>> {
    let mut all = vec![];
    let (mut fields, mut field, mut quoted) = (vec![], String::new(), false);
    let (mut line, mut start) = (1, 1);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' if quoted || field.is_empty() => quoted = !quoted,
            c if c == between && !quoted => fields.push(std::mem::take(&mut field)),
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

    #[test]
    fn fields_stand_between_commas_semicolons_or_tabs() {
        for text in ["a,b\n1,2;3\n", "a;b\n1;\"2;3\"\n", "\na\tb\n1\t2;3\n"] {
            let Columns { header, rows } = read(text).unwrap();
            assert_eq!(header, ["a", "b"]);
            assert_eq!(rows[0].1, ["1", "2;3"], "{text}");
        }
    }
}
