//! What files hold: the rows of the pipeline, one JSON object a line, and the formats of other tools.
//!
//! ```text
//! problems.jsonl ─► samples.jsonl ─► (verify, segment) ─► valued.jsonl ─► pairs.jsonl, examples.jsonl
//! ProblemRow        SampleRow        SampleRow     ▲      SampleRow       PairRow      ExampleRow
//!                                    rollouts.jsonl, RolloutRow
//! ```
//!
//! [`Format`] turns these rows into lines of other tools and back.
//!
//! Rows are joined by `id` (the problem), `sample` (the solution) and `step` (how many steps of it are
//! written). Every row keeps the further keys that it came with.
//!
//! ```
//! use eightfold_exchange::SampleRow;
//! use serde_json::{Value, json};
//!
//! let row = json!({"id": "toy-0", "sample": 0, "question": "1 + 1?", "completion": "1 + 1 = 2\n#### 2"});
//! let Value::Object(fields) = row else { unreachable!() };
//! assert!(SampleRow::read(fields.clone()).is_ok());
//!
//! let mut broken = fields;
//! broken.remove("completion");
//! assert_eq!(SampleRow::read(broken).unwrap_err().to_string(), "no key `completion`");
//! ```

mod fields;
mod formats;
mod pair;
mod path;
mod problem;
mod prompt;
mod rollout;
mod sample;

pub use fields::{Fields, RowError, besides};
pub use formats::{Form, Format, FormatOptions, Kind, Labels};
pub use pair::{ExampleRow, PairRow};
pub use path::{Spoken, look_up, spoken};
pub use problem::{ProblemRow, Split};
pub use prompt::{Message, Prompt};
pub use rollout::{RolloutRow, StepValue, VerifiedRollouts};
pub use sample::SampleRow;
