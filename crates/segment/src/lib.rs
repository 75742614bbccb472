//! Where are the steps? A [`Segmenter`] cuts a text into [`Steps`], spans that tile it.
//!
//! ```
//! use eightfold_segment::{Lines, Segmenter};
//!
//! let steps = Lines.segment("Ann is Ann 7 .\nanswer Ann 7");
//! assert_eq!(steps.len(), 2);
//! assert_eq!(steps.prefix(1), "Ann is Ann 7 .\n");
//! assert_eq!(steps.step(1), "answer Ann 7");
//! ```

mod lines;
mod sentences;
mod steps;

pub use lines::Lines;
pub use sentences::Sentences;
pub use steps::{Segmenter, Steps};

#[cfg(test)]
mod laws {
    use super::*;
    use proptest::prelude::*;

    /// Every segmenter of this crate, by name.
    fn all() -> Vec<(&'static str, Box<dyn Segmenter>)> {
        vec![("lines", Box::new(Lines)), ("sentences", Box::new(Sentences))]
    }

    proptest! {
        #[test]
        fn spans_tile_any_text(text in r"(?s)(.|[ \n.!?]|\PC){0,80}") {
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
