//! Steps that the text numbers itself.

use crate::protected::{Kind, protected};
use crate::{Segmenter, Steps};

/// A step begins at a line with its number: `Step 3:`, `**Step 3.**`, `### Step 3`, `第三步` or `步骤3`, or, in a
/// text without such lines, `3.`, `3)`, `(3)` or `3、`. Bare numbers count only in sequence, each one more than the one
/// before, so that a line that happens to begin with a number starts nothing; where all are 1, as Markdown allows, each
/// counts. One that stands further in than the first numbers a part of a step. What stands before the first is a step
/// too.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbered;

/// Columns that a number may stand further in than the first and still begin a step.
const INDENT: usize = 2;

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
                Some(Marker::Number(number)) if !inside => {
                    bare.push(Bare { number, at: start, indent: indent(line) });
                }
                Some(_) | None => {}
            }
            start += line.len();
        }
        if named.is_empty() { Steps::cut(text, begins(&bare)) } else { Steps::cut(text, named) }
    }
}

/// A line that begins with a bare number: the number, its first byte, and how many columns it stands in.
struct Bare {
    number: u32,
    at: usize,
    indent: usize,
}

/// Which lines with bare numbers begin steps, by their first bytes.
fn begins(bare: &[Bare]) -> Vec<usize> {
    let Some(first) = bare.first() else { return Vec::new() };
    let outer: Vec<&Bare> = bare.iter().filter(|line| line.indent < first.indent + INDENT).collect();
    if outer.len() > 1 && outer.iter().all(|line| line.number == 1) {
        return outer.iter().map(|line| line.at).collect();
    }
    let mut expected = first.number;
    let mut in_sequence = |line: &&Bare| {
        let next = line.number == expected;
        expected += u32::from(next);
        next
    };
    outer.into_iter().filter(|line| in_sequence(line)).map(|line| line.at).collect()
}

/// Columns of white space before the text of a line; a tab is four.
fn indent(line: &str) -> usize {
    let space = line.chars().take_while(|c| matches!(c, ' ' | '\t'));
    space.map(|c| if c == '\t' { 4 } else { 1 }).sum()
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
        let ends = rest[digits..].starts_with([':', '：', '.', ')', '-', ' ', '*', '\n', '\r'])
            || rest.len() == digits;
        return (digits > 0 && ends).then_some(Marker::Step);
    }
    if is_chinese_step(bare) {
        return Some(Marker::Step);
    }
    let (open, inside) = match bare.strip_prefix(['(', '（']) {
        Some(inside) => (true, inside),
        None => (false, bare),
    };
    let digits = inside.bytes().take_while(u8::is_ascii_digit).count();
    let number = inside[..digits].parse().ok().filter(|n| *n < 1000)?;
    let mut rest = inside[digits..].chars();
    let (mark, next) = (rest.next()?, rest.next());
    // Marks of Chinese text need no space after them.
    let ends = match mark {
        ')' => next.is_some_and(is_space),
        '）' => true,
        '.' if !open => next.is_some_and(|c| is_space(c) || c as u32 >= 0x2E80),
        '、' if !open => true,
        _ => false,
    };
    ends.then_some(Marker::Number(number))
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '*')
}

/// Whether a line begins with `第三步`, `第3步`, `步骤三` or `步骤 3`.
fn is_chinese_step(line: &str) -> bool {
    let digit =
        |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c) || "一二三四五六七八九十百".contains(c);
    if let Some(rest) = line.strip_prefix('第') {
        let after = rest.trim_start_matches(digit);
        return after.len() < rest.len() && after.starts_with('步');
    }
    let rest = line.strip_prefix("步骤").or_else(|| line.strip_prefix("步驟"));
    rest.is_some_and(|rest| rest.trim_start_matches([' ', '*']).starts_with(digit))
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
        assert_eq!(cut("第一步：a\n1. b\n**第二步** c"), ["第一步：a\n1. b\n", "**第二步** c"]);
        assert_eq!(cut("步骤1：a\n步骤 2：b"), ["步骤1：a\n", "步骤 2：b"]);
        assert_eq!(cut("1、a\n2、b\n（3）c\n4.丁"), ["1、a\n", "2、b\n", "（3）c\n", "4.丁"]);
        assert_eq!(cut("第一次\n第步"), ["第一次\n第步"]);
        assert_eq!(cut("3.5 is a number\nsteps matter"), ["3.5 is a number\nsteps matter"]);
    }

    #[test]
    fn a_list_may_be_numbered_by_ones() {
        assert_eq!(cut("1. a\n1. b\n\n1. c"), ["1. a\n", "1. b\n\n", "1. c"]);
        assert_eq!(cut("1. a\n   1. x\n   2. y\n2. b"), ["1. a\n   1. x\n   2. y\n", "2. b"]);
        assert_eq!(cut("1. a\n   1. x\n1. b\n   1. y"), ["1. a\n   1. x\n", "1. b\n   1. y"]);
        assert_eq!(cut("1. a\n1. x\n2. b"), ["1. a\n1. x\n", "2. b"]);
    }
}
