//! Solutions as they are valued: verified and cut. What `verify` and `segment` have not done is done here.

use crate::jsonl::Row;
use crate::verify;
use eightfold_advantage::Episode;
use eightfold_exchange::{RowError, SampleRow};
use eightfold_segment::{By, Segmenter};
use eightfold_task::Problem;
use eightfold_verifier::{Grader, Verdict};
use serde_json::{Map, Value, json};

/// A solution that is to be valued.
pub(crate) struct Solution {
    /// Its row.
    pub(crate) row: SampleRow,
    /// Its problem and steps.
    pub(crate) episode: Episode,
    /// Whether its answer is right.
    pub(crate) verdict: Verdict,
    /// What the row did not say: `verdict`, `reason` and `extracted`, or `steps`.
    pub(crate) added: Map<String, Value>,
}

/// How solutions are verified and cut that are not.
pub(crate) struct Preparation {
    pub(crate) grader: Grader,
    pub(crate) by: By,
}

impl Preparation {
    /// The solution of a row.
    pub(crate) fn solution(&self, row: &Row) -> anyhow::Result<Solution> {
        let (mut row, mut added) = (SampleRow::read(row.fields())?, Map::new());
        let answer = row.answer.clone().ok_or_else(|| RowError::missing("answer"))?;
        if row.verdict.is_none() {
            let grade = self.grader.grade(&answer, &row.completion);
            row.verdict = Some(grade.judgment);
            added.extend(verify::fields(&grade, &row.completion));
        }
        if row.steps.is_none() {
            let spans = self.by.segment(&row.completion).char_spans();
            let spans: Vec<[u64; 2]> =
                spans.iter().map(|span| [span.start as u64, span.end as u64]).collect();
            added.insert("steps".to_owned(), json!(spans));
            row.steps = Some(spans);
        }
        let verdict = if row.is_correct()? { Verdict::Correct } else { Verdict::Incorrect };
        let problem = Problem::new(row.question.as_str(), answer);
        let episode = Episode { problem, steps: row.cut()? };
        Ok(Solution { row, episode, verdict, added })
    }
}
