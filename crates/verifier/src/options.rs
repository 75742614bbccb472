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

/// Whether numbers in different units of one dimension are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Units {
    /// Different units are different.
    #[default]
    AsWritten,
    /// 12 cm is 120 mm.
    Convert,
}

/// A place in a response where its answer may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Whether an answer at this place is guessed: nothing in the text says that it is the answer.
    pub fn is_guess(self) -> bool {
        matches!(self, Self::LastFormula | Self::LastNumber)
    }

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
    /// Whether units of one dimension are converted.
    pub units: Units,
    /// The texts that an answer may be, where it is one of a few; empty where it may be anything. An answer that is none
    /// of them is undecided.
    pub choices: Vec<String>,
    /// Most work for one comparison, in operations on machine words, roughly; the default
    /// bounds it to a few milliseconds.
    pub fuel: u64,
}

impl Options {
    /// Only what a response marks as its answer counts: for rewards, where a guess would be learned.
    pub fn marked() -> Self {
        Self { markers: Marker::EXPLICIT.to_vec(), ..Self::default() }
    }

    /// The conventions of the Python package math-verify as far as they are sound here: decimals with six places or more
    /// may be rounded to six, and thinking is text like any other.
    pub fn math_verify() -> Self {
        Self { tolerance: Tolerance::Rounded(6), thinking: Thinking::Keep, ..Self::default() }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tolerance: Tolerance::Exact,
            lists: ListOrder::Free,
            markers: Marker::ALL.to_vec(),
            thinking: Thinking::Strip,
            units: Units::AsWritten,
            choices: Vec::new(),
            fuel: 40_000,
        }
    }
}
