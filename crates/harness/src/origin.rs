//! Where a claim comes from: under which claim of the paper it stands, and how it is known that the paper makes it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a claim is about: one of the paper's claims, or what we added to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Topic {
    /// Scaling of positives: SFT, and RFT at twice its worth.
    Positives,
    /// Solutions of one's own are easier to learn from.
    Own,
    /// Positives alone amplify spurious steps.
    Spurious,
    /// Negatives with credit for each step, at eight times the worth of SFT's data.
    Negatives,
    /// What the credit does: critical steps, and the tie to advantage-weighted RL.
    Credit,
    /// Star graphs, and no gain from an over-trained checkpoint.
    Stars,
    /// Controls, derived laws and explanations of ours.
    Ours,
}

impl Topic {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 7] =
        [Self::Positives, Self::Own, Self::Spurious, Self::Negatives, Self::Credit, Self::Stars, Self::Ours];
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Positives => {
                "1. SFT on synthetic data scales slowly, and RFT on one's own verified solutions is worth \
                 twice its data"
            }
            Self::Own => "2. Solutions of one's own are easier to learn from than the teacher's",
            Self::Spurious => "3. Positives alone amplify spurious steps: flat or inverse scaling",
            Self::Negatives => {
                "4. Negatives with credit for each step are worth eight times the data; whole-response DPO is not"
            }
            Self::Credit => {
                "5. Credit finds the critical steps, and per-step DPO is advantage-weighted RL in another form"
            }
            Self::Stars => {
                "6. Star graphs: per-step DPO from an early checkpoint finds the rule that SFT memorizes past, and \
                 from an over-trained one it does not"
            }
            Self::Ours => "Controls, derived laws and explanations of ours",
        })
    }
}

/// How it is known that the paper claims it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Known {
    /// A quotation of it was read, in the paper's abstract or in notes of others.
    Quoted,
    /// From memory, not checked.
    Recalled,
    /// Not the paper's claim.
    Ours,
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quoted => "quoted",
            Self::Recalled => "recalled",
            Self::Ours => "ours",
        })
    }
}

/// Where a claim comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    topic: Topic,
    known: Known,
    place: &'static str,
}

impl Origin {
    /// A claim of the paper of which a quotation was read, and where.
    pub const fn quoted(topic: Topic, place: &'static str) -> Self {
        Self { topic, known: Known::Quoted, place }
    }

    /// A claim of the paper from memory, and where it is thought to stand.
    pub const fn recalled(topic: Topic, place: &'static str) -> Self {
        Self { topic, known: Known::Recalled, place }
    }

    /// A claim of ours, and what kind of claim it is. A control beside the paper's claims is ours, whatever it
    /// controls.
    pub const fn ours(place: &'static str) -> Self {
        Self { topic: Topic::Ours, known: Known::Ours, place }
    }

    /// What the claim is about.
    pub fn topic(self) -> Topic {
        self.topic
    }

    /// How it is known.
    pub fn known(self) -> Known {
        self.known
    }

    /// Where it stands, or what kind of claim it is.
    pub fn place(self) -> &'static str {
        self.place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ours_stands_under_no_claim_of_the_paper() {
        let ours = Origin::ours("a control");
        assert_eq!((ours.topic(), ours.known()), (Topic::Ours, Known::Ours));
        assert_eq!(Topic::ALL.iter().filter(|topic| **topic == Topic::Ours).count(), 1);
    }
}
