//! Steps that the text numbers itself.

use crate::protected::{Kind, protected};
use crate::{Segmenter, Steps};

/// A step begins at a line with its number: `Step 3:`, `**Step 3.**`, `### Step 3`, or, in a text without such
/// lines, `3.`, `3)` or `(3)`. Bare numbers count only in sequence, each one more than the one before, so that
/// a line that happens to begin with a number starts nothing. What stands before the first is a step too.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbered;

impl Segmenter for Numbered {
    fn segment(&self, text: &str) -> Steps {
        let whole = protected(text, Kind::Blocks);
        let mut next_whole = 0;
        let (mut named, mut bare) = (Vec::new(), Vec::new());
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            while whole.get(next_whole).is_some_and(|range| range.end <= start) {
                next_whole += 1;
            }
            let inside = whole.get(next_whole).is_some_and(|range| range.start < start);
            match marker(line) {
                Some(Marker::Step) if !inside => named.push(start),
                Some(Marker::Number(number)) if !inside => bare.push((number, start)),
                _ => {}
            }
            start += line.len();
        }
        if !named.is_empty() {
            return Steps::cut(text, named);
        }
        let mut expected = None;
        let in_sequence = bare.into_iter().filter(|(number, _)| {
            let next = expected.is_none_or(|expected| expected == *number);
            if next {
                expected = Some(number + 1);
            }
            next
        });
        Steps::cut(text, in_sequence.map(|(_, at)| at).collect::<Vec<_>>())
    }
}

/// How a line is numbered.
enum Marker {
    Step,
    Number(u32),
}

fn marker(line: &str) -> Option<Marker> {
    let bare = line.trim_start_matches([' ', '\t', '*', '#', '>', '_']);
    if let Some(rest) = bare.get(..4).filter(|word| word.eq_ignore_ascii_case("step")).map(|_| &bare[4..]) {
        let rest = rest.trim_start_matches([' ', '*']);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let ends =
            rest[digits..].starts_with([':', '.', ')', '-', ' ', '*', '\n', '\r']) || rest.len() == digits;
        return (digits > 0 && ends).then_some(Marker::Step);
    }
    let open = bare.starts_with('(');
    let bare = bare.strip_prefix('(').unwrap_or(bare);
    let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &bare[digits..];
    let closed =
        if open { rest.strip_prefix(')') } else { rest.strip_prefix('.').or_else(|| rest.strip_prefix(')')) };
    let spaced = closed?.starts_with([' ', '\t', '\n', '*']);
    let number = bare[..digits].parse().ok().filter(|n| *n < 1000)?;
    spaced.then_some(Marker::Number(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        Numbered.segment(text).iter().map(str::to_owned).collect()
    }

    #[test]
    fn numbered_lines_begin_steps() {
        assert_eq!(
            cut("Plan:\nStep 1: a\n1. inner\nStep 2: b\nmore\n"),
            ["Plan:\n", "Step 1: a\n1. inner\n", "Step 2: b\nmore\n"]
        );
        assert_eq!(cut("1. a\n2. b\n7. no\n3. c"), ["1. a\n", "2. b\n7. no\n", "3. c"]);
        assert_eq!(cut("**Step 1.** a\n### Step 2\nb"), ["**Step 1.** a\n", "### Step 2\nb"]);
        assert_eq!(cut("(1) a\n(2) b"), ["(1) a\n", "(2) b"]);
        assert_eq!(cut("3.5 is a number\nsteps matter"), ["3.5 is a number\nsteps matter"]);
    }
}
