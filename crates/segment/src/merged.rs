//! Fewer, longer steps.

use crate::{Segmenter, Steps};

/// Joins the steps of another segmenter: a step shorter than `shortest` is joined to the one after it (the
/// last one to the one before), and there are never more than `most` steps.
#[derive(Clone, Copy, Debug)]
pub struct Merged<S> {
    /// Makes the steps that are joined.
    pub inner: S,
    /// Steps have at least this many Unicode scalar values, white space at their ends not counted, unless the
    /// text is shorter.
    pub shortest: usize,
    /// The largest number of steps, at least 1; 0 is read as 1.
    pub most: usize,
}

impl<S: Segmenter> Segmenter for Merged<S> {
    fn segment(&self, text: &str) -> Steps {
        let steps = self.inner.segment(text);
        let mut starts: Vec<usize> = Vec::new();
        // Length of the step that is being joined; the first one starts a step whatever came before.
        let mut length = usize::MAX;
        for span in steps.spans() {
            let piece = text[span.clone()].trim().chars().count();
            if length >= self.shortest {
                starts.push(span.start);
                length = piece;
            } else {
                length += piece;
            }
        }
        if length < self.shortest {
            starts.pop();
        }
        Steps::cut(text, fewer(&starts, text.len(), self.most.max(1)))
    }
}

/// At most `most` of the starts, so that all steps but the last have at least the mean length.
fn fewer(starts: &[usize], len: usize, most: usize) -> Vec<usize> {
    if starts.len() <= most {
        return starts.to_vec();
    }
    let target = len.div_ceil(most);
    let mut kept: Vec<usize> = Vec::with_capacity(most);
    for &start in starts {
        if kept.last().is_none_or(|last| start - last >= target) {
            kept.push(start);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lines;
    use proptest::prelude::*;

    #[test]
    fn short_steps_join_the_next() {
        let cut = |text: &str, shortest, most| {
            let steps = Merged { inner: Lines, shortest, most }.segment(text);
            steps.iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(cut("a\nbbbb\ncccc\nd", 3, 9), ["a\nbbbb\n", "cccc\nd"]);
        assert_eq!(cut("aa\nbb\ncc\ndd\n", 0, 2), ["aa\nbb\n", "cc\ndd\n"]);
        assert_eq!(cut("a\nb", 9, 9), ["a\nb"]);
    }

    proptest! {
        #[test]
        fn limits_hold(text in r"(?s)(.{0,6}\n){0,30}", shortest in 0usize..20, most in 1usize..8) {
            let steps = Merged { inner: Lines, shortest, most }.segment(&text);
            prop_assert!(steps.len() <= most);
            prop_assert_eq!(steps.iter().collect::<String>(), text);
            if steps.len() > 1 {
                prop_assert!(steps.iter().all(|step| step.chars().count() >= shortest));
            }
        }
    }
}
