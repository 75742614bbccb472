//! What a comparison finds, and why.

use crate::fuel::Stop;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whether two answers are equal, as far as it can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgment {
    /// Shown to be equal.
    Equal,
    /// Different, or no answer was found.
    Different,
    /// Neither is shown. It earns no reward.
    Undecided,
}

impl fmt::Display for Judgment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "equal",
            Self::Different => "different",
            Self::Undecided => "undecided",
        })
    }
}

/// Why a judgment was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The two are written alike.
    SameText,
    /// Both have the same normal form.
    SameValue,
    /// Their difference is smaller than any nonzero number of its kind can be.
    SameByBound,
    /// They agree at many points modulo several large primes.
    SameModuloPrimes,
    /// They differ by no more than the tolerance asked for.
    WithinTolerance,
    /// The numbers are the same and the unit of one is understood on the other.
    UnitUnderstood,
    /// They are equal, and the answer was guessed: nothing in the response marks it.
    Guessed,
    /// Their normal forms differ, and such forms are unique.
    OtherValue,
    /// Their enclosures do not meet.
    Separated,
    /// They are texts that differ.
    OtherText,
    /// They are different kinds of things.
    OtherKind,
    /// They have different numbers of items.
    OtherLength,
    /// They are measured in different units.
    OtherUnit,
    /// They speak of different unknowns.
    OtherName,
    /// The response has no answer.
    NoAnswer,
    /// The problem has no answer to compare with.
    NoGold,
    /// Too close to tell apart, or equal in a way that is not shown.
    NotSeparated,
    /// The comparison would take too much work.
    TooMuchWork,
    /// A side has no value.
    Undefined,
    /// A side has several readings in use, or none that is known here.
    NotUnderstood,
    /// The answer is none of the choices.
    NoChoice,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SameText => "the two are written alike",
            Self::SameValue => "both have the same normal form",
            Self::SameByBound => "their difference is smaller than any nonzero number of its kind",
            Self::SameModuloPrimes => "they agree at many points modulo several large primes",
            Self::WithinTolerance => "they differ by no more than the tolerance",
            Self::UnitUnderstood => "the numbers are the same, and one leaves out the unit",
            Self::Guessed => "the two are equal, and the answer is a guess: nothing marks it",
            Self::OtherValue => "their normal forms differ",
            Self::Separated => "their enclosures do not meet",
            Self::OtherText => "the texts differ",
            Self::OtherKind => "they are different kinds of things",
            Self::OtherLength => "they have different numbers of items",
            Self::OtherUnit => "the units differ",
            Self::OtherName => "they speak of different unknowns",
            Self::NoAnswer => "the response has no answer",
            Self::NoGold => "there is no answer to compare with",
            Self::NotSeparated => "neither equality nor difference is shown",
            Self::TooMuchWork => "the comparison would take too much work",
            Self::Undefined => "a side has no value",
            Self::NotUnderstood => "a side is not understood",
            Self::NoChoice => "the answer is none of the choices",
        })
    }
}

/// A judgment and its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) judgment: Judgment,
    pub(crate) reason: Reason,
}

impl Finding {
    pub(crate) fn equal(reason: Reason) -> Self {
        Self { judgment: Judgment::Equal, reason }
    }

    pub(crate) fn different(reason: Reason) -> Self {
        Self { judgment: Judgment::Different, reason }
    }

    pub(crate) fn undecided(reason: Reason) -> Self {
        Self { judgment: Judgment::Undecided, reason }
    }

    pub(crate) fn is_equal(self) -> bool {
        self.judgment == Judgment::Equal
    }

    /// All of several things are equal; a difference in one decides.
    pub(crate) fn all(findings: impl IntoIterator<Item = Finding>) -> Self {
        let mut result = Self::equal(Reason::SameValue);
        for finding in findings {
            match finding.judgment {
                Judgment::Different => return finding,
                Judgment::Undecided => result = finding,
                Judgment::Equal if result.is_equal() && finding.reason != Reason::SameText => {
                    result = finding
                }
                Judgment::Equal => {}
            }
        }
        result
    }
}

impl From<Stop> for Finding {
    fn from(stop: Stop) -> Self {
        Self::undecided(match stop {
            Stop::Fuel => Reason::TooMuchWork,
            Stop::Undefined => Reason::Undefined,
            Stop::Unknown => Reason::NotUnderstood,
        })
    }
}
