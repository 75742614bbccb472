//! Problems in the format of SVAMP (Patel et al. 2021): one JSON object a line, with `Body`, `Question`, `Answer` (a
//! number) and `Equation`, as `( ( 8.0 - 3.0 ) * 2.0 )`.

use crate::Problem;
use crate::gsm8k::Worked;
use crate::rows::{FileError, Row, rows};
use std::path::Path;

/// Numbers closer than this are the same.
const SAME: f64 = 1e-9;

/// A problem, with what its body is: problems of one body are variations of each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Varied {
    /// Question and final answer, and the equation as a solution in the form of GSM8K: one operation a line, as
    /// `8 - 3 = 5`, and `#### 10` at the end.
    pub worked: Worked,
    /// The text before the question.
    pub body: String,
}

/// Every problem of a file whose equation gives its answer, in order, and how many others there are. Empty lines are
/// passed over; further keys are ignored.
///
/// # Errors
/// If the file cannot be read, or a line is not such a problem.
pub fn read(path: &Path) -> Result<(Vec<Varied>, usize), FileError> {
    let (mut all, mut contradicted) = (Vec::new(), 0);
    for row in rows(path)? {
        match varied(&row)? {
            Some(varied) => all.push(varied),
            None => contradicted += 1,
        }
    }
    Ok((all, contradicted))
}

/// The problem of a row; none if its equation gives another answer.
fn varied(row: &Row) -> Result<Option<Varied>, FileError> {
    let (body, question) = (row.text("Body")?.trim(), row.text("Question")?.trim());
    let answer = row.number("Answer")?;
    let mut lines = Vec::new();
    let mut words = row.text("Equation")?.split_whitespace();
    let value = term(&mut words, &mut lines).filter(|_| words.next().is_none());
    let value = value.ok_or_else(|| row.wrong("Equation", "not like `( 8.0 - 3.0 )`"))?;
    if (value - answer).abs() > SAME {
        return Ok(None);
    }
    lines.push(format!("#### {answer}"));
    let worked = Worked {
        problem: Problem::new(joined(body, question), answer.to_string()),
        solution: lines.join("\n"),
    };
    Ok(Some(Varied { worked, body: body.to_owned() }))
}

/// Body and question as one text: some bodies are the first half of a sentence.
fn joined(body: &str, question: &str) -> String {
    let comma = if body.is_empty() || body.ends_with(['.', '!', '?', ',']) { "" } else { "," };
    format!("{body}{comma} {question}").trim().to_owned()
}

/// The value of the number or the parentheses that come next, whose operations are written to `lines`, inner ones
/// first.
fn term<'a>(words: &mut impl Iterator<Item = &'a str>, lines: &mut Vec<String>) -> Option<f64> {
    let word = words.next()?;
    if word != "(" {
        return word.parse().ok().filter(|value: &f64| value.is_finite());
    }
    let left = term(words, lines)?;
    let sign = words.next()?;
    let right = term(words, lines)?;
    let value = match sign {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / right,
        _ => return None,
    };
    lines.push(format!("{left} {sign} {right} = {value}"));
    (words.next()? == ")" && value.is_finite()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_rows(equation: &str, answer: &str) -> Result<(Vec<Varied>, usize), String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("toy.jsonl");
        let row = format!(
            r#"{{"Body": "Ada has 8 eggs and eats 3 ", "Question": "How many are left?", "Answer": {answer}, "Equation": "{equation}"}}"#
        );
        std::fs::write(&path, row).unwrap();
        read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn equations_become_solutions_of_a_line_an_operation() {
        let cases = [
            ("( 8.0 - 3.0 )", "5.0", "8 - 3 = 5\n#### 5"),
            (
                "( 8.0 / ( 1.0 + 2.0 ) )",
                "2.6666666666666665",
                "1 + 2 = 3\n8 / 3 = 2.6666666666666665\n#### 2.6666666666666665",
            ),
            ("( ( 8.0 - 3.0 ) * ( 1.0 + 1.0 ) )", "10", "8 - 3 = 5\n1 + 1 = 2\n5 * 2 = 10\n#### 10"),
            ("8.0", "8.0", "#### 8"),
        ];
        for (equation, answer, solution) in cases {
            let (all, contradicted) = read_rows(equation, answer).unwrap();
            assert_eq!((all[0].worked.solution.as_str(), contradicted), (solution, 0));
            assert_eq!(all[0].worked.problem.question, "Ada has 8 eggs and eats 3, How many are left?");
        }
        assert_eq!(read_rows("( 8.0 - 3.0 )", "4.0").unwrap(), (Vec::new(), 1));
    }

    #[test]
    fn a_bad_equation_is_one_error() {
        for bad in ["( 8.0 - )", "( 8.0 - 3.0", "( 8.0 ^ 3.0 )", "8.0 9.0", "( 8.0 / 0.0 )", ""] {
            let message = read_rows(bad, "5.0").unwrap_err();
            assert!(message.contains("toy.jsonl:1: key `Equation`: not like"), "{bad}: {message}");
        }
        assert!(read_rows("8.0", "\"8\"").unwrap_err().contains("key `Answer`: not a number"));
    }

    #[test]
    fn the_public_file_is_read_whole() {
        let Some(data) = std::env::var_os("EIGHTFOLD_DATA") else {
            println!("skipped: EIGHTFOLD_DATA is not set");
            return;
        };
        let (all, contradicted) = read(&Path::new(&data).join("svamp_1000.jsonl")).unwrap();
        assert_eq!((all.len(), contradicted), (999, 1));
    }
}
