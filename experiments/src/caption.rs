//! Captions: what is seen, what the paper claims and how that is known, what differs.

use crate::figure::{Preset, Results};
use crate::settings::PAIRS;

/// How what the paper says is known to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperSource {
    /// A quotation was read; where.
    Quoted(&'static str),
    /// From memory; nothing was at hand to check it.
    Recalled,
    /// Not known: the figure is our reading of what the paper needs to show.
    Unknown,
}

/// The small print of a figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Caption {
    /// What the picture shows, in plain words, with the numbers of this run.
    pub seen: String,
    /// What the paper claims.
    pub paper: &'static str,
    /// How that is known.
    pub source: PaperSource,
    /// What differs from the paper.
    pub differs: &'static str,
}

/// What holds for every figure of the lexicon world.
pub const WORLD: &str = "A closed world of our own making and a network of 170 thousand weights in place of 7B models \
                         on GSM8K and MATH: it isolates the mechanism and is no evidence about those models.";

/// Over what the seeds of a preset are spread, in words.
pub(crate) fn seeds(results: &Results) -> String {
    match results.preset {
        Preset::Full => format!("{} seeds over {PAIRS} lexicons and their bases", results.seeds),
        Preset::Smoke | Preset::Quick | Preset::Standard => format!("{} seeds of one lexicon", results.seeds),
    }
}

impl Caption {
    /// The paragraphs under a picture.
    pub fn paragraphs(&self) -> Vec<String> {
        let source = match self.source {
            PaperSource::Quoted(place) => format!("quoted: {place}"),
            PaperSource::Recalled => "recalled, not checked".into(),
            PaperSource::Unknown => "unknown; our reading".into(),
        };
        vec![
            format!("Seen: {}", self.seen),
            format!("The paper ({source}): {}", self.paper),
            format!("Differs: {} {WORLD}", self.differs).replace("  ", " "),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_said() {
        let caption = Caption {
            seen: "error falls.".into(),
            paper: "it falls.",
            source: PaperSource::Quoted("abstract"),
            differs: "",
        };
        let paragraphs = caption.paragraphs();
        assert_eq!(paragraphs[..2], ["Seen: error falls.", "The paper (quoted: abstract): it falls."]);
        assert_eq!(paragraphs[2], format!("Differs: {WORLD}"));
    }
}
