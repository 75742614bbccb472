//! Parts of a text that stay whole: code fences, environments, formulas and tables.

use std::ops::Range;

/// Which parts are protected.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Code fences, `\begin{..}...\end{..}`, and displayed formulas between `$$` or `\[` and `\]`: blocks that
    /// may hold blank lines.
    Blocks,
    /// Blocks, formulas between `$` or `\(`, and tables of lines that begin with `|`.
    Everything,
}

/// The protected byte ranges, in order, without overlap. What opens and never closes protects nothing. Each
/// closing mark is looked for once, so that the time is linear however many marks stay open.
pub(crate) fn protected(text: &str, kind: Kind) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    // Marks that are known to have no partner in the rest of the text.
    let mut unclosed: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let line_start = at == 0 || bytes[at - 1] == b'\n';
        let found = match bytes[at] {
            b'`' if text[at..].starts_with("```") => close(text, at, 3, "```", &mut unclosed),
            b'\\' if text[at..].starts_with(r"\begin{") => environment(text, at, &mut unclosed),
            b'|' if kind == Kind::Everything && line_start => Some(table(text, at)),
            // A formula within a line is passed over whole in either kind: its second dollar opens nothing.
            b'$' => dollars(text, at, &mut unclosed),
            b'\\' if kind == Kind::Everything && text[at..].starts_with(r"\(") => {
                close(text, at, 2, r"\)", &mut unclosed)
            }
            b'\\' if text[at..].starts_with(r"\[") => close(text, at, 2, r"\]", &mut unclosed),
            _ => None,
        };
        match found {
            Some(end) => {
                ranges.push(at..end);
                at = end;
            }
            // A backslash takes the sign after it along.
            None => at += 1 + usize::from(bytes[at] == b'\\' && bytes.get(at + 1).is_some_and(u8::is_ascii)),
        }
    }
    ranges
}

/// The end of what `mark` closes.
fn close(text: &str, at: usize, open: usize, mark: &'static str, unclosed: &mut Vec<&str>) -> Option<usize> {
    if unclosed.contains(&mark) {
        return None;
    }
    match text[at + open..].find(mark) {
        Some(end) => Some(at + open + end + mark.len()),
        None => {
            unclosed.push(mark);
            None
        }
    }
}

/// The end of an environment, those of the same name inside it counted.
fn environment<'t>(text: &'t str, at: usize, unclosed: &mut Vec<&'t str>) -> Option<usize> {
    let name_start = at + r"\begin{".len();
    let name_len = text[name_start..].bytes().take(40).position(|b| b == b'}')?;
    let name = &text[name_start..name_start + name_len];
    if unclosed.contains(&name) || unclosed.len() > 20 {
        return None;
    }
    let (begin, end) = (format!(r"\begin{{{name}}}"), format!(r"\end{{{name}}}"));
    let (mut from, mut depth) = (at + begin.len(), 1);
    loop {
        let Some(stop) = text[from..].find(&end) else {
            unclosed.push(name);
            return None;
        };
        depth += text[from..from + stop].matches(&begin).count();
        depth -= 1;
        from += stop + end.len();
        if depth == 0 {
            return Some(from);
        }
    }
}

/// The end of the lines that begin with `|`.
fn table(text: &str, at: usize) -> usize {
    let mut end = at;
    for line in text[at..].split_inclusive('\n') {
        if !line.starts_with('|') {
            break;
        }
        end += line.len();
    }
    // The last line break belongs to the text after the table.
    if text[at..end].ends_with('\n') { end - 1 } else { end }
}

/// The end of a formula between dollar signs; a price opens none.
fn dollars(text: &str, at: usize, unclosed: &mut Vec<&str>) -> Option<usize> {
    if text[at..].starts_with("$$") {
        return close(text, at, 2, "$$", unclosed);
    }
    let inside = &text[at + 1..];
    let end = inside.bytes().take(400).position(|b| matches!(b, b'$' | b'\n'))?;
    let tight =
        !inside[..end].starts_with(char::is_whitespace) && !inside[..end].ends_with(char::is_whitespace);
    (inside.as_bytes()[end] == b'$' && end > 0 && tight).then_some(at + 1 + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str, kind: Kind) -> Vec<&str> {
        protected(text, kind).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn what_closes_is_protected() {
        let text = "a $x. y$ b \\(p. q\\) c\n```\ncode. here\n\nmore\n```\n| a. | b |\n| c | d |\nend \\begin{x}. \\begin{x}.\\end{x}\\end{x}";
        assert_eq!(
            parts(text, Kind::Everything),
            [
                "$x. y$",
                "\\(p. q\\)",
                "```\ncode. here\n\nmore\n```",
                "| a. | b |\n| c | d |",
                "\\begin{x}. \\begin{x}.\\end{x}\\end{x}"
            ]
        );
        let blocks = parts(text, Kind::Blocks);
        assert_eq!((blocks.len(), &blocks[1][..3]), (3, "```"), "a formula within a line is one too");
    }

    #[test]
    fn displayed_formulas_are_blocks() {
        let shown = ["$$\na\n\nb\n$$", "\\[\nc\n\nd\n\\]"];
        let text = format!("We get $x$$y$ and\n{}\nso\n{}\nend", shown[0], shown[1]);
        assert_eq!(parts(&text, Kind::Blocks)[2..], shown);
    }

    #[test]
    fn what_stays_open_is_not() {
        for text in
            ["it costs $5. And $6 more", "``` open", r"\begin{x} open", r"\( open", "$ 5. $", r"\$5. and \$6"]
        {
            assert!(parts(text, Kind::Everything).is_empty(), "{text}");
        }
    }
}
