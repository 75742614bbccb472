//! From the samples of a problem, as rows, to the rows that are trained on: preference pairs, or examples to imitate.
//!
//! [`valued`] is what a search for pits adds to a row. A [`Rule`] says which rows are made; [`Settings::make`] makes them and counts what became of the samples that gave none. The program's
//! `eightfold pairs` and Python's `eightfold.pairs.make` are both this.
//!
//! ```
//! use eightfold_exchange::SampleRow;
//! use eightfold_pairs::{Row, Rule, Settings};
//! use eightfold_verifier::Judgment;
//!
//! let sample = |sample, completion: &str, verdict| SampleRow {
//!     id: "toy".into(),
//!     sample,
//!     question: "1 + 1?".into(),
//!     completion: completion.into(),
//!     verdict: Some(verdict),
//!     ..SampleRow::default()
//! };
//! let rows = [sample(0, "#### 2", Judgment::Equal), sample(1, "#### 3", Judgment::Different)];
//! let made = Settings { rule: Rule::Response, ..Settings::default() }.make(&rows, None)?;
//! let [Row::Pair(pair)] = &made.rows[..] else { panic!("one pair") };
//! assert_eq!((pair.chosen.as_str(), pair.rejected.as_str()), ("#### 2", "#### 3"));
//! # Ok::<(), eightfold_exchange::RowError>(())
//! ```

mod maker;
mod record;
mod rule;
mod valued;

pub use maker::{Made, Row, Settings};
pub use rule::{Rule, UnknownRule};
pub use valued::valued;
