//! Worked problems in the format of GSM8K (Cobbe et al. 2021): one JSON object a line, with `question` and
//! `answer`, whose last line is `#### ` and the final answer.

use crate::Problem;
use crate::rows::{FileError, Row, rows};
use std::path::Path;

/// What comes before the final answer.
const MARK: &str = "####";

/// A problem and the solution that came with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worked {
    /// Question and final answer (the text after `#### `).
    pub problem: Problem,
    /// The whole `answer` text, calculator notes such as `<<48/2=24>>` and the `#### ` line included.
    pub solution: String,
}

/// Every worked problem of a file, in order. Empty lines are passed over; further keys are ignored.
///
/// # Errors
/// If the file cannot be read, or a line is not a worked problem.
pub fn read(path: &Path) -> Result<Vec<Worked>, FileError> {
    rows(path)?.into_iter().map(|row| worked(&row)).collect()
}

fn worked(row: &Row) -> Result<Worked, FileError> {
    let (question, solution) = (row.text("question")?, row.text("answer")?);
    let last = solution.trim_end().lines().last().unwrap_or("");
    let answer = last
        .strip_prefix(MARK)
        .ok_or_else(|| row.wrong("answer", "its last line does not start with `####`"))?;
    if answer.trim().is_empty() {
        return Err(row.wrong("answer", "nothing after `####`"));
    }
    Ok(Worked { problem: Problem::new(question, answer.trim()), solution: solution.to_owned() })
}

/// A solution without its calculator notes: `2+3=<<2+3=5>>5` is `2+3=5`.
pub fn without_notes(text: &str) -> String {
    let (mut kept, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once("<<") {
        let Some((_, after)) = after.split_once(">>") else { break };
        kept.push_str(before);
        rest = after;
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn read_text(name: &str, text: &str) -> Result<Vec<Worked>, FileError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn a_file_is_read_in_order() {
        let text = concat!(
            r#####"{"question": "Two and two?", "answer": "2+2 = <<2+2=4>>4\n#### 4", "source": "us"}"#####,
            "\n\n",
            r#####"{"question": "A grand?", "answer": "#### 1,000\n"}"#####,
        );
        let worked = read_text("toy.jsonl", text).unwrap();
        assert_eq!(worked[0].problem, Problem::new("Two and two?", "4"));
        assert_eq!(worked[0].solution, "2+2 = <<2+2=4>>4\n#### 4");
        assert_eq!(worked[1].problem, Problem::new("A grand?", "1,000"));
        assert_eq!(worked.len(), 2);
    }

    #[test]
    fn notes_are_removed_and_nothing_else() {
        assert_eq!(without_notes("2+3=<<2+3=5>>5, 1 << 2"), "2+3=5, 1 << 2");
        assert_eq!(without_notes("a<<b>>c<<d>>"), "ac");
        assert_eq!(without_notes("plain"), "plain");
    }

    #[test]
    fn errors_name_file_line_and_key() {
        let good = "{\"question\": \"q\", \"answer\": \"#### 1\"}\n";
        let cases = [
            (r#####"{"question": "q"}"#####, "key `answer`: missing"),
            (r#####"{"answer": "#### 1"}"#####, "key `question`: missing"),
            (r#####"{"question": 3, "answer": "#### 1"}"#####, "key `question`: not a string"),
            (r#####"{"question": "q", "answer": "1"}"#####, "key `answer`: its last line"),
            (r#####"{"question": "q", "answer": "####  "}"#####, "key `answer`: nothing after"),
            ("[1]", "not a JSON object"),
            (r#####"{"question": "q""#####, "not a JSON object"),
        ];
        for (bad, expected) in cases {
            let message = read_text("bad.jsonl", &format!("{good}{bad}\n")).unwrap_err().to_string();
            assert!(message.contains("bad.jsonl:2: ") && message.contains(expected), "{message}");
        }
        let message = read(Path::new("no/such/file.jsonl")).unwrap_err().to_string();
        assert!(message.starts_with("no/such/file.jsonl: "), "{message}");
    }

    #[test]
    fn the_public_files_are_read_whole() {
        let Some(data) = std::env::var_os("EIGHTFOLD_DATA").map(PathBuf::from) else {
            println!("skipped: EIGHTFOLD_DATA is not set");
            return;
        };
        for (name, rows) in [("gsm8k_train.jsonl", 7473), ("gsm8k_test.jsonl", 1319)] {
            let worked = read(&data.join(name)).unwrap();
            assert_eq!(worked.len(), rows, "{name}");
            for Worked { problem, solution } in worked {
                assert!(solution.ends_with(&problem.answer.0));
                assert!(problem.answer.0.replace([',', '-'], "").bytes().all(|b| b.is_ascii_digit()));
            }
        }
    }
}
