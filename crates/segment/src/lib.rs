//! Where are the steps? A [`Segmenter`] cuts a text into [`Steps`], spans that tile it: [`Lines`],
//! [`Sentences`], [`Numbered`] steps or [`Paragraphs`], or any of them [`Merged`] into fewer, with
//! [`Thoughts`] before an answer cut at paragraphs. The spans carry
//! over to tokens ([`Steps::token_spans`]), and the step that states the answer is known
//! ([`Steps::answer_step`]).
//!
//! ```
//! use eightfold_segment::{Lines, Segmenter};
//!
//! let steps = Lines.segment("Ann is Ann 7 .\nanswer Ann 7");
//! assert_eq!(steps.len(), 2);
//! assert_eq!(steps.prefix(1), "Ann is Ann 7 .\n");
//! assert_eq!(steps.step(1), "answer Ann 7");
//! ```

mod answer;
mod by;
mod lines;
mod merged;
mod numbered;
mod paragraphs;
mod protected;
mod sentences;
mod steps;
mod thoughts;
mod tokens;

pub use by::{By, UnknownSegmenter};
pub use lines::Lines;
pub use merged::Merged;
pub use numbered::Numbered;
pub use paragraphs::Paragraphs;
pub use sentences::Sentences;
pub use steps::{Segmenter, Steps};
pub use thoughts::Thoughts;
pub use tokens::token_spans;

#[cfg(test)]
mod laws {
    use super::*;
    use proptest::prelude::*;

    /// Every segmenter of this crate, by name.
    fn all() -> Vec<(&'static str, Box<dyn Segmenter>)> {
        vec![
            ("lines", Box::new(Lines)),
            ("sentences", Box::new(Sentences)),
            ("numbered", Box::new(Numbered)),
            ("paragraphs", Box::new(Paragraphs)),
            ("thoughts", Box::new(Thoughts { inner: Numbered })),
            ("merged", Box::new(Merged { inner: Sentences, shortest: 5, most: 4 })),
        ]
    }

    /// What texts are made of, so that random rows of it open and close everything that is protected.
    const PIECES: &[&str] = &[
        "a",
        "One",
        " ",
        "  ",
        "\n",
        "\n\n",
        ". ",
        ".",
        "! ",
        "?",
        "3.5",
        "1. ",
        "2) ",
        "Step 1: ",
        "Step 2",
        "Mr. ",
        "$",
        "$$",
        r"\(",
        r"\)",
        r"\[",
        r"\]",
        r"\begin{x}",
        r"\end{x}",
        "```",
        "| ",
        "|",
        "é",
        "😀",
        "\r\n",
        "\u{2028}",
        "**",
        r"\",
        "####",
        "。",
        "！",
        "”",
        "第一步",
        "<think>",
        "</think>",
        "<|end|>",
    ];

    proptest! {
        #[test]
        fn spans_tile_any_text(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40), odd in r"(?s).{0,20}") {
            let text = pieces.concat() + &odd + &pieces.concat();
            for (name, segmenter) in all() {
                let steps = segmenter.segment(&text);
                prop_assert_eq!(steps.text(), &text);
                prop_assert_eq!(steps.iter().collect::<String>(), text.clone(), "{}", name);
                prop_assert!(steps.iter().all(|step| !step.is_empty()), "{}", name);
                prop_assert_eq!(steps.prefix(steps.len()), &text);
                for i in 0..steps.len() {
                    prop_assert_eq!(steps.prefix(i).len(), steps.spans()[i].start);
                    prop_assert_eq!(format!("{}{}", steps.prefix(i), steps.step(i)), steps.prefix(i + 1));
                }
            }
        }
    }
}
