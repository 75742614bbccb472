//! Tokens of an answer, with one spelling for each sign.

use super::command::{Role, role};
use super::numeral::{Numeral, numeral};
use crate::fuel::Stop;

/// What a token says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Spelled<'a> {
    Number(Numeral),
    /// A run of letters, or the name of a LaTeX command that stands for a name.
    Word(&'a str),
    /// Running text inside `\text{}` and its kin.
    Text(&'a str),
    /// A LaTeX command that is neither a sign nor a letter.
    Command(&'a str),
    Sign(char),
}

/// A token, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token<'a> {
    pub(crate) spelled: Spelled<'a>,
    /// Whether white space stands before it.
    pub(crate) spaced: bool,
    /// The text it was read from.
    pub(crate) source: &'a str,
}

impl Token<'_> {
    /// Whether this is that sign.
    pub(crate) fn is(&self, sign: char) -> bool {
        self.spelled == Spelled::Sign(sign)
    }

    /// Whether this is that word, as a word or as text.
    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(&self.spelled, Spelled::Word(w) | Spelled::Text(w) if w.trim().eq_ignore_ascii_case(word))
    }

    /// +1 for an opening bracket, -1 for a closing one, else 0.
    pub(crate) fn nesting(&self) -> i32 {
        match &self.spelled {
            Spelled::Sign('(' | '[' | '{' | '⟦' | '⟨' | '⌊' | '⌈') => 1,
            Spelled::Sign(')' | ']' | '}' | '⟧' | '⟩' | '⌋' | '⌉') => -1,
            Spelled::Command("begin") => 1,
            Spelled::Command("end") => -1,
            _ => 0,
        }
    }
}

/// Most tokens that an answer may have.
const MAX_TOKENS: usize = 6_000;

/// The tokens of a cleaned text.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Stop> {
    let mut lexer = Lexer { text, at: 0, spaced: false, brackets: 0, tokens: Vec::new() };
    while lexer.at < text.len() {
        lexer.step()?;
        if lexer.tokens.len() > MAX_TOKENS {
            return Err(Stop::Fuel);
        }
    }
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    spaced: bool,
    /// Depth of brackets in which a comma separates.
    brackets: i32,
    tokens: Vec<Token<'a>>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn push(&mut self, spelled: Spelled<'a>, len: usize) {
        let source = &self.text[self.at..self.at + len];
        let token = Token { spelled, spaced: self.spaced, source };
        let counted = !matches!(token.spelled, Spelled::Sign('{' | '}') | Spelled::Command(_));
        self.brackets += if counted { token.nesting() } else { 0 };
        self.tokens.push(token);
        self.spaced = false;
        self.at += len;
    }

    fn skip(&mut self, len: usize) {
        self.spaced = true;
        self.at += len;
    }

    fn step(&mut self) -> Result<(), Stop> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(()) };
        if first.is_whitespace() || first == '~' {
            self.skip(first.len_utf8());
            return Ok(());
        }
        if first == '\\' {
            self.command();
            return Ok(());
        }
        if (first.is_ascii_digit() || first == '.')
            && let Some(found) = numeral(rest, self.brackets > 0)?
        {
            let len = found.len;
            self.push(Spelled::Number(found), len);
            return Ok(());
        }
        if first.is_alphabetic() {
            let mut len = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            // "1orx=2" is glued together.
            if len == 3 && rest.starts_with("or") && !self.spaced && !self.tokens.is_empty() {
                len = 2;
            }
            self.push(Spelled::Word(&rest[..len]), len);
            return Ok(());
        }
        let pairs = [
            ("+/-", '±'),
            ("...", '…'),
            ("<=", '≤'),
            (">=", '≥'),
            ("=<", '≤'),
            ("!=", '≠'),
            ("==", '='),
            ("**", '^'),
            ("->", '→'),
            ("=>", '→'),
            ("{:}", ':'),
        ];
        match pairs.iter().find(|(spelling, _)| rest.starts_with(spelling)) {
            Some((spelling, sign)) => self.push(Spelled::Sign(*sign), spelling.len()),
            None => self.push(Spelled::Sign(first), first.len_utf8()),
        }
        Ok(())
    }

    fn command(&mut self) {
        let rest = &self.rest()[1..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        if letters == 0 {
            let Some(sign) = rest.chars().next() else { return self.skip(1) };
            let len = 1 + sign.len_utf8();
            match sign {
                '{' => self.push(Spelled::Sign('⟦'), len),
                '}' => self.push(Spelled::Sign('⟧'), len),
                '|' => self.push(Spelled::Sign('‖'), len),
                '\\' => self.push(Spelled::Sign('⏎'), len),
                '%' | '$' | '&' | '#' | '_' => self.push(Spelled::Sign(sign), len),
                _ => self.skip(len),
            }
            return;
        }
        let name = &rest[..letters];
        let len = 1 + letters;
        match role(name) {
            Role::Invisible => {
                self.skip(len);
                // `\left.` draws nothing.
                if matches!(name, "left" | "right") && self.rest().starts_with('.') {
                    self.skip(1);
                }
            }
            Role::Spacing(gap) => self.skip(1 + gap),
            Role::Hidden => {
                let skipped = argument(&rest[letters..]).map_or(0, |(_, taken)| taken);
                self.skip(len + skipped);
            }
            Role::Text => self.faced(name, len, true),
            Role::Face => self.faced(name, len, false),
            Role::Sign(sign) => self.push(Spelled::Sign(sign), len),
            Role::Other => self.push(Spelled::Command(name), len),
        }
    }

    /// Text or another face: running text stays together; what holds digits or brackets, or is one letter,
    /// is read as if the command were not there.
    fn faced(&mut self, name: &str, len: usize, is_text: bool) {
        let after = &self.rest()[len..];
        let bare = after.trim_start();
        if name == "mathbb" && bare.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return self.push(Spelled::Command(&bare[..1]), len + after.len() - bare.len() + 1);
        }
        let Some((inside, taken)) = argument(after) else { return self.skip(len) };
        let word = inside
            .trim()
            .trim_start_matches(['~', ' '])
            .trim_start_matches(r"\,")
            .trim_start_matches(r"\ ")
            .trim();
        if name == "mathbb" {
            return self.push(Spelled::Command(inside), len + taken);
        }
        let letters = word.chars().take_while(|c| c.is_alphabetic()).count();
        if is_text && is_letters(word) {
            return self.skip(len);
        }
        let power = letters > 1 || word.contains('/');
        let sign = |c: char| " .,'/-".contains(c) || (power && letters > 0 && "^23".contains(c));
        let plain = word.chars().all(|c| c.is_alphabetic() || sign(c));
        if word.is_empty() {
            self.skip(len + taken);
        } else if plain && (word.chars().count() > 1 || is_text) {
            let is_name = name == "operatorname" || word == "cis";
            let spelled = if is_name { Spelled::Word(word) } else { Spelled::Text(word) };
            self.push(spelled, len + taken);
        } else {
            self.skip(len);
        }
    }
}

/// Whether a text lists single capitals, as several choices are: `\text{A, C}`.
fn is_letters(text: &str) -> bool {
    let capital = |part: &str| matches!(part.trim().as_bytes(), [b'A'..=b'J']);
    text.contains(',') && text.split(',').all(capital)
}

/// The content of a braced argument at the start of a text, and the bytes it takes.
pub(crate) fn argument(text: &str) -> Option<(&str, usize)> {
    let open = text.len() - text.trim_start().len();
    if !text[open..].starts_with('{') {
        return None;
    }
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate().skip(open).take(500) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&text[open + 1..at], at + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_spaces_are_not_there() {
        let read =
            |text| tokens(text).unwrap().into_iter().map(|t| format!("{:?}", t.spelled)).collect::<Vec<_>>();
        assert_eq!(read(r"\left( x ,\; y\right)"), read("(x,y)"));
        assert_eq!(read(r"\{1\}"), read(r"\lbrace 1\rbrace"));
        assert_eq!(read(r"\text{(B)}"), read("{(B)}"));
    }
}
