//! One paragraph, one step.

use crate::protected::{Kind, protected};
use crate::{Segmenter, Steps};

/// A step is a paragraph with the blank lines after it. Blank lines inside code fences, environments and
/// displayed formulas end nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paragraphs;

impl Segmenter for Paragraphs {
    fn segment(&self, text: &str) -> Steps {
        let whole = protected(text, Kind::Blocks);
        let mut next_whole = 0;
        let mut cuts = Vec::new();
        let (mut start, mut seen, mut blank) = (0, false, false);
        for line in text.split_inclusive('\n') {
            while whole.get(next_whole).is_some_and(|range| range.end <= start) {
                next_whole += 1;
            }
            let inside = whole.get(next_whole).is_some_and(|range| range.start < start);
            if line.trim().is_empty() {
                blank |= seen && !inside;
            } else {
                if blank && !inside {
                    cuts.push(start);
                }
                (seen, blank) = (true, false);
            }
            start += line.len();
        }
        Steps::cut(text, cuts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        Paragraphs.segment(text).iter().map(str::to_owned).collect()
    }

    #[test]
    fn blank_lines_end_paragraphs() {
        assert_eq!(cut("one\nstill one\n\ntwo\n \n\nthree"), ["one\nstill one\n\n", "two\n \n\n", "three"]);
        assert_eq!(cut("\n\none"), ["\n\none"]);
        assert_eq!(cut("```\na\n\nb\n```\n\nc"), ["```\na\n\nb\n```\n\n", "c"]);
    }

    #[test]
    fn a_displayed_formula_is_never_cut() {
        for (open, close) in [("$$", "$$"), ("\\[", "\\]")] {
            let first = format!("So\n{open}\nx = 1\n\n+ 2\n{close}\n\n");
            assert_eq!(cut(&format!("{first}two")), [first.as_str(), "two"]);
            // What stays open, as in a text that was cut, protects nothing.
            assert_eq!(cut(&format!("{open} x\n\ntwo")), [format!("{open} x\n\n"), "two".to_owned()]);
        }
        assert_eq!(cut("It is $x$$y$.\n\nThen $y$$z$."), ["It is $x$$y$.\n\n", "Then $y$$z$."]);
    }
}
