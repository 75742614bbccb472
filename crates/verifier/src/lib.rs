//! Is the final answer right? A [`Verifier`] reads a solution and says [`Verdict::Correct`],
//! [`Verdict::Incorrect`] or [`Verdict::NoAnswer`]; [`FinalAnswer`] compares final answers only, [`LexiconAnswer`] those of
//! stories, [`ExactMatch`] whole solutions. Under the first is a [`Grader`] of mathematical answers, which says [`Judgment::Equal`] only where
//! equality is shown.
//!
//! ```
//! use eightfold_task::Problem;
//! use eightfold_verifier::{FinalAnswer, Grader, Judgment, Verdict, Verifier};
//!
//! let problem = Problem::new("How many eggs?", "18");
//! assert_eq!(FinalAnswer.verify(&problem, "9 + 9 = 18\n#### 18"), Verdict::Correct);
//! assert_eq!(FinalAnswer.verify(&problem, "9 + 8 = 17\n#### 17"), Verdict::Incorrect);
//!
//! let grade = Grader::default().grade(r"\sqrt{3+2\sqrt2}", r"The answer is $1 + \sqrt{2}$.");
//! assert_eq!(grade.judgment, Judgment::Equal);
//! ```
//!
//! # How equality is shown
//! [`extract`] finds the answer of a response. It is read as a number, tuple, set, interval, relation, matrix,
//! choice or text. Numbers are compared by normal form: quotients of sums of power products over exact
//! rationals, radicals, pi, e, i, logarithms and unknowns. Where normal forms differ, enclosures of rising
//! precision prove two constants different, and a separation bound proves algebraic ones equal; rational
//! functions too large to expand are compared modulo large primes. Anything else is
//! [`Judgment::Undecided`]. No float takes part in a judgment, and all work is bounded by [`Options::fuel`].
//!
//! Notation with two readings keeps both: `2,74` is a list of two numbers or one with a decimal comma, and is equal
//! to what either is equal to. Two digits or more must follow such a comma, and `1,234` is always thousands.
//!
//! A named chain of equations says its last side, a total of letters (`m+n = 35`) its value; series with few terms are
//! summed up; congruences are compared by their modulus. DESIGN.md gives the reasons.
//!
//! # What it does not do
//! It does not convert units unless it is asked to ([`Units`]), solve equations, simplify under assumptions on the sign of unknowns (they are
//! real), or read `\log` without a base as one of its two meanings.

mod compare;
mod decimal;
mod exact_match;
mod expr;
mod extract;
mod final_answer;
mod fuel;
mod grade;
mod judgment;
#[cfg(test)]
mod laws;
mod lexicon_answer;
mod noisy;
mod normal;
mod number;
mod options;
mod read;
mod verdict;

pub use exact_match::ExactMatch;
pub use extract::{Extracted, extract, extract_from};
pub use final_answer::FinalAnswer;
pub use fuel::Stop;
pub use grade::{Grade, Grader, Side};
pub use judgment::{Judgment, Reason};
pub use lexicon_answer::LexiconAnswer;
pub use noisy::{Noise, Noisy};
pub use options::{ListOrder, Marker, Options, Thinking, Tolerance, Units};
pub use verdict::{Verdict, Verifier};
