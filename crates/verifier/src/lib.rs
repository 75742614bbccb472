//! Is the final answer right? A [`Verifier`] reads a solution and says [`Verdict::Correct`],
//! [`Verdict::Incorrect`] or [`Verdict::NoAnswer`]; [`FinalAnswer`] compares final answers only.
//!
//! ```
//! use eightfold_task::Problem;
//! use eightfold_verifier::{FinalAnswer, Verdict, Verifier};
//!
//! let problem = Problem::new("How many eggs?", "18");
//! assert_eq!(FinalAnswer.verify(&problem, "9 + 9 = 18\n#### 18"), Verdict::Correct);
//! assert_eq!(FinalAnswer.verify(&problem, "9 + 8 = 17\n#### 17"), Verdict::Incorrect);
//! ```

mod decimal;
mod expr;
mod final_answer;
mod fuel;
mod normal;
mod number;
mod verdict;

pub use final_answer::FinalAnswer;
pub use verdict::{Verdict, Verifier};
