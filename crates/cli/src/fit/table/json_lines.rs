//! JSON Lines: one object a run.

use super::Columns;
use anyhow::{Context, bail};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// A file whose columns are the keys of its objects, in order of appearance. A key inside an object is named by both,
/// with a point between. A key that a row lacks, null, and a list leave the field empty.
///
/// # Errors
/// If a line is no JSON object.
pub(super) fn read(text: &str) -> anyhow::Result<Columns> {
    let mut all = Columns { header: Vec::new(), rows: Vec::new() };
    let mut places = HashMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let named = || format!("line {}", number + 1);
        let Value::Object(object) = serde_json::from_str(line).with_context(named)? else {
            bail!("{}: no object", named());
        };
        let mut fields = Vec::new();
        flatten("", object, &mut fields);
        let mut row = vec![String::new(); all.header.len()];
        for (name, text) in fields {
            let place = *places.entry(name.clone()).or_insert(all.header.len());
            if place == all.header.len() {
                all.header.push(name);
                row.push(String::new());
            }
            row[place] = text;
        }
        all.rows.push((number + 1, row));
    }
    let width = all.header.len();
    all.rows.iter_mut().for_each(|(_, row)| row.resize(width, String::new()));
    Ok(all)
}

/// Names and texts of what an object holds.
fn flatten(before: &str, object: Map<String, Value>, fields: &mut Vec<(String, String)>) {
    for (key, value) in object {
        let name = format!("{before}{key}");
        match value {
            Value::Object(inner) => flatten(&format!("{name}."), inner, fields),
            Value::String(text) => fields.push((name, text)),
            Value::Number(_) | Value::Bool(_) => fields.push((name, value.to_string())),
            Value::Null | Value::Array(_) => fields.push((name, String::new())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_columns() {
        let text =
            "{\"n\": 64, \"cell\": {\"seed\": 1}}\n\n{\"error\": 0.5, \"n\": \"128\", \"list\": [1]}\n";
        let Columns { header, rows } = read(text).unwrap();
        let mut sorted = header.clone();
        sorted.sort();
        assert_eq!(sorted, ["cell.seed", "error", "list", "n"]);
        let field = |row: usize, name: &str| {
            rows[row].1[header.iter().position(|column| column == name).unwrap()].as_str()
        };
        assert_eq!([field(0, "n"), field(0, "cell.seed"), field(0, "error")], ["64", "1", ""]);
        assert_eq!([field(1, "n"), field(1, "cell.seed"), field(1, "error")], ["128", "", "0.5"]);
        assert_eq!([rows[0].0, rows[1].0], [1, 3]);
    }

    #[test]
    fn a_line_that_is_no_object_is_named() {
        let message = |text: &str| format!("{:#}", read(text).err().unwrap());
        assert!(message("{\"n\": 1}\n{\"n\": \n").starts_with("line 2: "));
        assert_eq!(message("{\"n\": 1}\n3\n"), "line 2: no object");
    }
}
