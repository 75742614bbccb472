//! Under which claim of the paper a measured claim stands, and how it is known that the paper makes it.

use eightfold_harness::ClaimRow;
use std::fmt;

/// What a row of the table is about: one of the paper's claims, or what we added to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    /// Of a claim. A control that stands beside the paper's claims is ours, whatever it controls.
    pub fn of(figure: &str, claim: &ClaimRow) -> Self {
        if Tag::of(&claim.source) == Tag::Ours {
            return Self::Ours;
        }
        let says = |words: &[&str]| words.iter().any(|word| claim.says.contains(word));
        match figure {
            "fig3" | "fig4" => Self::Own,
            "fig5" => Self::Spurious,
            "fig6" | "fig8" | "fig9" => Self::Credit,
            "fig10" => Self::Stars,
            _ if says(&["copies"]) => Self::Spurious,
            _ if says(&["per-step", "whole-response", "side branches"]) => Self::Negatives,
            _ => Self::Positives,
        }
    }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// A quotation of it was read, in the paper's abstract or in notes of others.
    Quoted,
    /// From memory, not checked.
    Recalled,
    /// Not the paper's claim.
    Ours,
    /// Nothing is said of it.
    Unknown,
}

impl Tag {
    /// Of the source that a claim names. The first word that says how it is known counts: of an abstract that
    /// is quoted for a recalled figure, the abstract is the source.
    pub fn of(source: &str) -> Self {
        let words = source.split(|c: char| !c.is_ascii_alphabetic());
        let tag = |word: &str| match word {
            "quoted" => Some(Self::Quoted),
            "recalled" => Some(Self::Recalled),
            "our" | "ours" | "derived" => Some(Self::Ours),
            _ => None,
        };
        words.filter_map(tag).next().unwrap_or(Self::Unknown)
    }

    /// The source without the word that is the tag.
    pub fn place(self, source: &str) -> String {
        let Some((before, after)) = source.split_once(&self.to_string()) else { return source.into() };
        let joint = if after.starts_with(';') { "; " } else { ", " };
        let parts = [before.trim_end_matches([',', ' ']), after.trim_start_matches([';', ' '])];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(joint)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quoted => "quoted",
            Self::Recalled => "recalled",
            Self::Ours => "ours",
            Self::Unknown => "unknown",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_that_says_how_a_source_is_known_counts() {
        let cases = [
            ("abstract, quoted; the figure recalled", Tag::Quoted),
            ("Fig. 10, recalled", Tag::Recalled),
            ("recalled; a review says that the paper compares them", Tag::Recalled),
            ("our control", Tag::Ours),
            ("the law, derived", Tag::Ours),
            ("Fig. 8", Tag::Unknown),
        ];
        assert!(cases.iter().all(|(source, tag)| Tag::of(source) == *tag));
        let places = cases.map(|(source, tag)| tag.place(source));
        let expected = [
            "abstract; the figure recalled",
            "Fig. 10",
            "a review says that the paper compares them",
            "our control",
            "the law, derived",
            "Fig. 8",
        ];
        assert_eq!(places, expected);
        assert_eq!(Tag::Quoted.place("section 5, quoted in notes"), "section 5, in notes");
    }
}
