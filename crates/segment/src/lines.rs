//! One line, one step.

use crate::{Segmenter, Steps};

/// A step is a line with its line break. White space alone is no step: blank lines end the step before them,
/// and blank lines at the start of the text begin the first step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lines;

impl Segmenter for Lines {
    fn segment(&self, text: &str) -> Steps {
        let mut cuts = Vec::new();
        let (mut start, mut seen) = (0, false);
        for line in text.split_inclusive('\n') {
            if !line.trim().is_empty() {
                if seen {
                    cuts.push(start);
                }
                seen = true;
            }
            start += line.len();
        }
        Steps::cut(text, cuts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_break_and_the_blank_lines_after_it() {
        let steps = Lines.segment("\none\r\ntwo\n\n \nthree");
        assert_eq!(steps.iter().collect::<Vec<_>>(), ["\none\r\n", "two\n\n \n", "three"]);
        assert_eq!(Lines.segment("\n \n").len(), 1);
        assert_eq!(Lines.segment("").len(), 0);
    }
}
