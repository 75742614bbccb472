//! What a caller may ask of a grader.

use serde::{Deserialize, Serialize};

/// How close a number must be to count as equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    /// Only equal numbers are equal: 0.33 is not 1/3.
    #[default]
    Exact,
    /// A decimal with at least this many digits after the point may be the other number, rounded to them.
    Rounded(usize),
    /// |gold - pred| may be up to this part of |gold|, at least 0 and below 1.
    Relative(f64),
}

/// What the order of a list without brackets says. Brackets of gold always decide: a tuple is ordered, a set
/// is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListOrder {
    /// `1, 2` and `2, 1` are equal.
    #[default]
    Free,
    /// They are not.
    Fixed,
}

/// Whether what a response says while it thinks may be its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thinking {
    /// Only what follows the last closing tag (`</think>` and its kin) is graded, and nothing after an open one.
    #[default]
    Strip,
    /// Tags are text like any other.
    Keep,
}

/// A place in a response where its answer may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marker {
    /// `\boxed{...}` or `\fbox{...}`.
    Boxed,
    /// `<answer>...</answer>`.
    Tagged,
    /// `#### ...`, to the end of its line.
    Hashes,
    /// "final answer is ...".
    FinalAnswerIs,
    /// "the answer is ...".
    AnswerIs,
    /// A line `Answer: ...` or `A: ...`.
    AnswerColon,
    /// The whole response, where it is nothing but an answer.
    Whole,
    /// The last formula between dollar signs or their kin.
    LastFormula,
    /// The last number.
    LastNumber,
}

impl Marker {
    /// Every place, in the order in which a grader looks by default.
    pub const ALL: [Self; 9] = [
        Self::Boxed,
        Self::Tagged,
        Self::Hashes,
        Self::FinalAnswerIs,
        Self::AnswerIs,
        Self::AnswerColon,
        Self::Whole,
        Self::LastFormula,
        Self::LastNumber,
    ];

    /// The places that a response has to mark itself.
    pub const EXPLICIT: [Self; 6] =
        [Self::Boxed, Self::Tagged, Self::Hashes, Self::FinalAnswerIs, Self::AnswerIs, Self::AnswerColon];
}

/// The settings of a [`crate::Grader`].
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// How close is equal.
    pub tolerance: Tolerance,
    /// Whether the order of a bare list counts.
    pub lists: ListOrder,
    /// Where to look for the answer of a response, in order.
    pub markers: Vec<Marker>,
    /// Whether thinking is left out before the answer is looked for.
    pub thinking: Thinking,
    /// Most work for one comparison, in operations on machine words, roughly; the default
    /// bounds it to a few milliseconds.
    pub fuel: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tolerance: Tolerance::Exact,
            lists: ListOrder::Free,
            markers: Marker::ALL.to_vec(),
            thinking: Thinking::Strip,
            fuel: 40_000,
        }
    }
}
