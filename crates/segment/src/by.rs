//! The ways to cut, by name.

use crate::{Lines, Numbered, Paragraphs, Segmenter, Sentences, Steps};
use std::fmt;
use std::str::FromStr;

/// What a step is: one of the segmenters without settings, chosen by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// [`Lines`].
    Lines,
    /// [`Sentences`].
    Sentences,
    /// [`Numbered`].
    Numbered,
    /// [`Paragraphs`].
    Paragraphs,
}

impl By {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Lines, Self::Sentences, Self::Numbered, Self::Paragraphs];

    /// Its name in options and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Sentences => "sentences",
            Self::Numbered => "numbered",
            Self::Paragraphs => "paragraphs",
        }
    }
}

impl Segmenter for By {
    fn segment(&self, text: &str) -> Steps {
        match self {
            Self::Lines => Lines.segment(text),
            Self::Sentences => Sentences.segment(text),
            Self::Numbered => Numbered.segment(text),
            Self::Paragraphs => Paragraphs.segment(text),
        }
    }
}

impl FromStr for By {
    type Err = UnknownSegmenter;

    fn from_str(name: &str) -> Result<Self, UnknownSegmenter> {
        let found = Self::ALL.into_iter().find(|by| by.name() == name);
        found.ok_or_else(|| UnknownSegmenter { name: name.to_owned() })
    }
}

/// A name that no segmenter has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSegmenter {
    /// The name.
    pub name: String,
}

impl fmt::Display for UnknownSegmenter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = By::ALL.map(|by| format!("`{}`", by.name())).join(", ");
        write!(f, "`{}` is none of {names}", self.name)
    }
}

impl std::error::Error for UnknownSegmenter {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segmenters_have_names_of_their_own() {
        for by in By::ALL {
            assert_eq!(by.name().parse(), Ok(by));
        }
        let error = "words".parse::<By>().unwrap_err().to_string();
        assert_eq!(error, "`words` is none of `lines`, `sentences`, `numbered`, `paragraphs`");
    }
}
