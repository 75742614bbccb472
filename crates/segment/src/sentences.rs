//! One sentence, one step.

use crate::protected::{Kind, protected};
use crate::{Segmenter, Steps};

/// A step is a sentence with the white space after it. A sentence ends at a line break, and at `.`, `!` or
/// `?` (with closing quotes or brackets) before white space; `。`, `！` and `？` end one wherever they stand, as
/// in texts without spaces. Abbreviations, initials, the number of a list
/// item, formulas, environments, code fences and tables are never cut.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sentences;

/// Words whose full stop does not end a sentence, in lower case.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "vs", "e.g", "i.e", "etc", "approx", "no", "nos",
    "fig", "eq", "eqn", "eqs", "sec", "ch", "cf", "resp", "thm", "min", "max", "ave", "inc", "ltd", "co",
    "u.s", "a.m", "p.m", "sq", "ft", "oz", "lb", "vol", "pp", "al", "dept", "est", "wlog", "w.l.o.g",
];

/// Marks that end a sentence without white space after them.
const WIDE_ENDS: [char; 4] = ['。', '！', '？', '｡'];

/// What still belongs to a sentence after such a mark.
const WIDE_CLOSERS: [char; 12] = ['”', '’', '」', '』', '）', '】', '》', '〉', '"', '\'', ')', '*'];

impl Segmenter for Sentences {
    fn segment(&self, text: &str) -> Steps {
        let whole = protected(text, Kind::Everything);
        let mut next_whole = 0;
        let mut cuts = Vec::new();
        // Where the current sentence begins, whether it has ended, and whether it holds anything yet.
        let (mut start, mut ended, mut seen) = (0, false, false);
        // Whether a mark that needs no white space was the last sign but for closing ones.
        let mut wide = false;
        let mut skip_to = 0;
        for (at, character) in text.char_indices() {
            if at < skip_to {
                continue;
            }
            let opens = whole.get(next_whole).is_some_and(|range| range.start == at);
            let closes = WIDE_ENDS.contains(&character) || WIDE_CLOSERS.contains(&character);
            ended |= wide && (opens || !closes) && !character.is_whitespace();
            wide =
                !opens && (WIDE_ENDS.contains(&character) || wide && (closes || character.is_whitespace()));
            if opens {
                skip_to = whole[next_whole].end;
                next_whole += 1;
            } else if character == '\n' {
                ended |= seen;
                continue;
            } else if character.is_whitespace() {
                ended |= seen && ends_sentence(&text[start..at]);
                continue;
            }
            if ended {
                cuts.push(at);
                start = at;
            }
            (ended, seen) = (false, true);
        }
        Steps::cut(text, cuts)
    }
}

/// Whether a sentence so far, up to a white space, is complete.
fn ends_sentence(sentence: &str) -> bool {
    let closers = ['"', '\'', ')', ']', '”', '’', '*', '_'];
    let bare = sentence.trim_end_matches(closers);
    let Some(head) = bare.strip_suffix('.') else { return bare.ends_with(['!', '?']) };
    // The last word, looked for in the last few characters only: words are short.
    let word = head.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    if word.len() > 40 {
        return true;
    }
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    let item = head.trim_start_matches(['*', '#', '(', ' ']).bytes().all(|b| b.is_ascii_digit());
    !initial && !item && !ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        Sentences.segment(text).iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_full_stop_before_white_space_ends_a_sentence() {
        assert_eq!(
            cut("One is 1. Two is 2!  Three?\nFour"),
            ["One is 1. ", "Two is 2!  ", "Three?\n", "Four"]
        );
        assert_eq!(cut("He said \"no.\" Then left."), ["He said \"no.\" ", "Then left."]);
        assert_eq!(cut("Ann is Ann 7 .\nanswer Ann 7"), ["Ann is Ann 7 .\n", "answer Ann 7"]);
        assert_eq!(cut("So it is **5.** Then $x = 2.$ Next"), ["So it is **5.** ", "Then $x = 2.$ Next"]);
        assert_eq!(cut("We get $x=2$. Then x. So"), ["We get $x=2$. ", "Then x. ", "So"]);
    }

    #[test]
    fn wide_marks_need_no_white_space() {
        assert_eq!(cut("共有3个。每个5元！总价？是15。"), ["共有3个。", "每个5元！", "总价？", "是15。"]);
        assert_eq!(cut("他说：“没有。”然后走了"), ["他说：“没有。”", "然后走了"]);
        assert_eq!(cut("真的？！是。 $x=2$"), ["真的？！", "是。 ", "$x=2$"]);
        assert_eq!(cut("公式 $a。b$ 不分"), ["公式 $a。b$ 不分"]);
        assert_eq!(cut("（注意。）\n好"), ["（注意。）\n", "好"]);
    }

    #[test]
    fn what_belongs_together_is_never_cut() {
        for text in [
            "It costs 3.50 dollars",
            "Mr. Smith met Dr. Jones.",
            "J. Doe has e.g. five",
            " \n",
            "1. First do this",
            "A formula $a. b$ inside",
            "Displayed \\[ x = 1. \\\\ y = 2. \n z \\] ends",
            "\\begin{align} x. \n y. \n\n z \\end{align}",
            "```\nprint(1). x\n\ny. z\n```",
            "| a. b | c |\n|---|---|\n| d. e | f |",
        ] {
            assert_eq!(cut(text), [text]);
        }
    }
}
