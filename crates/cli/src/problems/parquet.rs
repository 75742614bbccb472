//! Problem sets in Parquet, row by row.

use super::{Problems, Seen};
use crate::jsonl::{Faults, Row};
use crate::status::Status;
use anyhow::Context;
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Converts every row of a file and writes it to `out`. A row is named by its number from 1, as a line
/// would be.
pub(super) fn convert(
    problems: &Problems,
    file: &Path,
    name: &str,
    seen: &mut Seen,
    out: impl Write,
) -> anyhow::Result<Status> {
    let path = file.display().to_string();
    let opened = File::open(file).with_context(|| path.clone())?;
    let reader = SerializedFileReader::new(opened).with_context(|| path.clone())?;
    let mut faults = Faults::new(path.as_str());
    let mut out = BufWriter::new(out);
    for (index, row) in reader.get_row_iter(None).with_context(|| path.clone())?.enumerate() {
        let number = index + 1;
        let row = row.with_context(|| format!("{path}: row {number}"))?;
        let Value::Object(fields) = row.to_json_value() else { continue };
        match problems.convert(name, Row::of(number, fields), seen) {
            Ok(line) => line.map_or(Ok(()), |line| writeln!(out, "{line}")).context("standard output")?,
            Err(error) => {
                faults.add(number, &error);
                if problems.strict {
                    break;
                }
            }
        }
    }
    out.flush().context("standard output")?;
    Ok(faults.close())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    use std::sync::Arc;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        problems: Problems,
    }

    #[test]
    fn rows_are_those_of_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("toy.parquet");
        let schema = "message toy { required binary task (UTF8); optional int64 result; }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let properties = Arc::new(WriterProperties::builder().build());
        let mut writer = SerializedFileWriter::new(File::create(&path).unwrap(), schema, properties).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let tasks = ["1 + 1?", "2 + 2?"].map(ByteArray::from);
        column.typed::<ByteArrayType>().write_batch(&tasks, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(&[2], Some(&[1, 0]), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();

        let keys = ["problems", "--question-key", "task", "--answer-key", "result"];
        let Command { problems } = Command::parse_from(keys);
        let mut out = Vec::new();
        let status = convert(&problems, &path, "toy", &mut Seen::default(), &mut out).unwrap();
        let expected = "{\"id\":\"toy-0\",\"question\":\"1 + 1?\",\"answer\":\"2\",\"split\":\"train\"}\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        assert_ne!(status, Status::Done, "the second row has no answer");
    }
}
