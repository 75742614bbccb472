//! Scalar expressions, by recursive descent. What the parser does not understand it leaves alone: a caller
//! looks at where it stopped.

use super::token::{Spelled, Token};
use super::unit;
use crate::expr::{Expr, Function};
use crate::fuel::Stop;
use crate::number::{Rational, ratio, whole};

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 60;

/// Most signs in a row that each nest an expression in another.
const MAX_CHAIN: usize = 20;

/// A parser over tokens.
pub(crate) struct Scalar<'t, 'a> {
    tokens: &'t [Token<'a>],
    /// Index of the next token.
    pub(crate) at: usize,
    depth: usize,
    /// Depth of open `|`, where another `|` closes.
    bars: usize,
}

type Read = Result<Expr, Stop>;

impl<'t, 'a> Scalar<'t, 'a> {
    /// At the first of these tokens.
    pub(crate) fn new(tokens: &'t [Token<'a>]) -> Self {
        Self { tokens, at: 0, depth: 0, bars: 0 }
    }

    /// The expression that all tokens make together.
    pub(crate) fn whole(tokens: &'t [Token<'a>]) -> Read {
        let mut parser = Self::new(tokens);
        let expr = parser.sum()?;
        if parser.at == tokens.len() { Ok(expr) } else { Err(Stop::Unknown) }
    }

    fn peek(&self) -> Option<&'t Token<'a>> {
        self.tokens.get(self.at)
    }

    fn sees(&self, sign: char) -> bool {
        self.peek().is_some_and(|token| token.is(sign))
    }

    fn take(&mut self, sign: char) -> bool {
        let found = self.sees(sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: char) -> Result<(), Stop> {
        if self.take(sign) { Ok(()) } else { Err(Stop::Unknown) }
    }

    /// Terms joined by plus, minus and plus-or-minus.
    pub(crate) fn sum(&mut self) -> Read {
        let mut terms = Vec::new();
        loop {
            let sign = self.peek().and_then(|token| match token.spelled {
                Spelled::Sign(c @ ('+' | '-' | '±' | '∓')) => Some(c),
                _ => None,
            });
            if sign.is_none() && !terms.is_empty() {
                break;
            }
            self.at += usize::from(sign.is_some());
            let term = self.product()?;
            terms.push(match sign {
                Some('-') => Expr::Neg(Box::new(term)),
                Some('±') => Expr::PlusMinus(true, Box::new(term)),
                Some('∓') => Expr::PlusMinus(false, Box::new(term)),
                _ => term,
            });
        }
        Ok(if terms.len() == 1 { terms.swap_remove(0) } else { Expr::Sum(terms) })
    }

    /// Factors joined by signs, or standing side by side.
    fn product(&mut self) -> Read {
        let mut factors = vec![self.signed()?];
        let mut quotients = 0;
        while let Some(token) = self.peek() {
            if token.is('*') || (token.is_word("x") && self.is_times_between_numbers()) {
                self.at += 1;
                let factor = self.signed()?;
                factors.push(factor);
            } else if token.is('/') {
                self.at += 1;
                quotients += 1;
                if quotients > MAX_CHAIN {
                    return Err(Stop::Fuel);
                }
                let divisor = self.signed()?;
                let dividend = joined(std::mem::take(&mut factors));
                factors.push(Expr::Quotient(Box::new(dividend), Box::new(divisor)));
            } else if self.starts_factor(token) {
                let factor = self.factor()?;
                factors.push(factor);
            } else {
                break;
            }
        }
        Ok(joined(factors))
    }

    /// `3 x 10^4`: an x between a digit and a digit, with spaces, is a multiplication sign.
    fn is_times_between_numbers(&self) -> bool {
        let number = |at: Option<usize>| {
            at.and_then(|at| self.tokens.get(at)).is_some_and(|t| matches!(t.spelled, Spelled::Number(_)))
        };
        number(self.at.checked_sub(1)) && number(Some(self.at + 1)) && self.tokens[self.at + 1].spaced
    }

    /// A factor after an explicit sign may carry its own signs.
    fn signed(&mut self) -> Read {
        let mut negative = false;
        while self.sees('-') || self.sees('+') {
            negative ^= self.sees('-');
            self.at += 1;
        }
        let factor = self.factor()?;
        Ok(if negative { Expr::Neg(Box::new(factor)) } else { factor })
    }

    /// Whether a token may begin a factor that stands beside another without a sign.
    fn starts_factor(&self, token: &Token<'a>) -> bool {
        match &token.spelled {
            Spelled::Number(_) => {
                // "2 3" is no product; "x 3" and ")3" are not either.
                false
            }
            Spelled::Word(word) => {
                !unit::is_known(word) && product_of_letters(word).is_some() || is_function(word)
            }
            Spelled::Command(name) => is_expression_command(name),
            Spelled::Sign('(' | '[' | '{' | '⌊' | '⌈' | '∞') => true,
            Spelled::Sign('|') => self.bars == 0,
            _ => false,
        }
    }

    /// A primary with its exponents, factorials and postfix signs.
    fn factor(&mut self) -> Read {
        let mut base = self.primary()?;
        for _ in 0..MAX_CHAIN {
            if self.take('!') {
                base = Expr::Call(Function::Factorial, vec![base]);
            } else if self.take('%') {
                base = Expr::Percent(Box::new(base));
            } else if self.take('°') {
                base = Expr::Degrees(Box::new(base));
            } else if self.sees('^') {
                base = self.raised(base)?;
            } else {
                return Ok(base);
            }
        }
        Err(Stop::Fuel)
    }

    /// `base ^ ...`: an exponent, a degree sign, or the ending of an ordinal.
    fn raised(&mut self, base: Expr) -> Read {
        self.expect('^')?;
        let braced = self.sees('{');
        let mark = self.tokens.get(self.at + usize::from(braced));
        let degree = mark.is_some_and(|token| token.is('°'));
        let ordinal = mark.is_some_and(|t| ["th", "st", "nd", "rd"].iter().any(|ending| t.is_word(ending)));
        if degree || ordinal {
            self.at += 1 + usize::from(braced);
            if braced {
                self.expect('}')?;
            }
            return Ok(if degree { Expr::Degrees(Box::new(base)) } else { base });
        }
        let exponent = self.exponent()?;
        Ok(Expr::Power(Box::new(base), Box::new(exponent)))
    }

    /// One exponent: a braced expression, or a signed primary with its own exponent.
    fn exponent(&mut self) -> Read {
        let negative = self.take('-');
        let base = self.primary()?;
        let exponent = if self.sees('^') {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(Stop::Fuel);
            }
            let raised = self.raised(base)?;
            self.depth -= 1;
            raised
        } else if self.take('!') {
            Expr::Call(Function::Factorial, vec![base])
        } else {
            base
        };
        Ok(if negative { Expr::Neg(Box::new(exponent)) } else { exponent })
    }

    /// Every nesting passes through here, and is counted here.
    fn primary(&mut self) -> Read {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Stop::Fuel);
        }
        let primary = self.bare_primary();
        self.depth -= 1;
        primary
    }

    fn bare_primary(&mut self) -> Read {
        let Some(token) = self.peek() else { return Err(Stop::Unknown) };
        self.at += 1;
        match &token.spelled {
            Spelled::Number(numeral) => self.mixed(numeral.value.clone(), numeral.is_whole),
            Spelled::Word(word) => self.word(word),
            Spelled::Command(name) => self.command(name),
            Spelled::Sign(open @ ('(' | '[' | '{' | '⌊' | '⌈')) => self.bracketed(*open),
            Spelled::Sign('|') => {
                self.bars += 1;
                let inside = self.sum()?;
                self.expect('|')?;
                self.bars -= 1;
                Ok(Expr::Call(Function::Abs, vec![inside]))
            }
            Spelled::Sign('∞') => Ok(Expr::Infinity),
            Spelled::Sign(_) | Spelled::Text(_) => {
                self.at -= 1;
                Err(Stop::Unknown)
            }
        }
    }

    fn bracketed(&mut self, open: char) -> Read {
        let (close, function) = match open {
            '(' => (')', None),
            '[' => (']', None),
            '{' => ('}', None),
            '⌊' => ('⌋', Some(Function::Floor)),
            _ => ('⌉', Some(Function::Ceil)),
        };
        // Inside brackets a bar opens again.
        let bars = std::mem::take(&mut self.bars);
        let inside = self.sum()?;
        self.bars = bars;
        self.expect(close)?;
        Ok(match function {
            Some(function) => Expr::Call(function, vec![inside]),
            None => inside,
        })
    }

    /// A numeral, and the proper fraction that makes it a mixed number: `7 3/4` or `7\frac34`.
    fn mixed(&mut self, value: Rational, is_whole: bool) -> Read {
        let plain = Expr::Number(value.clone());
        let Some(next) = self.peek().filter(|_| is_whole) else { return Ok(plain) };
        let start = self.at;
        let fraction = match &next.spelled {
            Spelled::Number(top) if next.spaced && top.is_whole => {
                let below = self.tokens.get(self.at + 2).map(|t| &t.spelled);
                match (self.tokens.get(self.at + 1), below) {
                    (Some(slash), Some(Spelled::Number(below))) if slash.is('/') && below.is_whole => {
                        self.at += 3;
                        Some((top.value.clone(), below.value.clone()))
                    }
                    _ => None,
                }
            }
            Spelled::Command("frac" | "dfrac" | "tfrac") => {
                self.at += 1;
                match self.arguments() {
                    Ok((Expr::Number(top), Expr::Number(below))) if top.is_int() && below.is_int() => {
                        Some((top, below))
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        match fraction {
            // An improper fraction beside a number may be a product or a slip of the pen.
            Some((top, below)) if top >= below || below.is_zero() => Err(Stop::Unknown),
            Some((top, below)) => Ok(Expr::Number(value + top / below)),
            None => {
                self.at = start;
                Ok(plain)
            }
        }
    }

    /// The argument of a command: braces, or one digit or letter.
    fn argument(&mut self) -> Read {
        match self.peek().map(|token| &token.spelled) {
            Some(Spelled::Sign('{')) => {
                self.at += 1;
                self.bracketed('{')
            }
            // `\frac12` and `\sqrt2`: a numeral of several digits is split where LaTeX would split it.
            Some(Spelled::Number(_)) => Err(Stop::Unknown),
            Some(Spelled::Word(word)) if word.len() > 1 => Err(Stop::Unknown),
            _ => self.primary(),
        }
    }

    /// Two arguments of a fraction, where `\frac12` writes both in one numeral.
    fn arguments(&mut self) -> Result<(Expr, Expr), Stop> {
        if let Some(Token { spelled: Spelled::Number(numeral), source, .. }) = self.peek() {
            let digit = |c: char| c.to_digit(10).map(|d| Expr::Number(whole(i64::from(d))));
            let mut digits = source.chars();
            let first = digits.next().and_then(digit).ok_or(Stop::Unknown)?;
            if !numeral.is_whole || source.len() > 2 {
                return Err(Stop::Unknown);
            }
            self.at += 1;
            let second = match digits.next() {
                Some(second) => digit(second).ok_or(Stop::Unknown)?,
                None => self.last_argument()?,
            };
            return Ok((first, second));
        }
        let first = self.argument()?;
        Ok((first, self.last_argument()?))
    }

    /// An argument after which nothing belongs to the command: a numeral of one digit, or several in the
    /// common spelling `\sqrt 10`.
    fn last_argument(&mut self) -> Read {
        match self.peek().map(|token| &token.spelled) {
            Some(Spelled::Number(numeral)) => {
                self.at += 1;
                Ok(Expr::Number(numeral.value.clone()))
            }
            _ => self.argument(),
        }
    }

    fn command(&mut self, name: &str) -> Read {
        match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" => {
                let (top, below) = self.arguments()?;
                Ok(Expr::Quotient(Box::new(top), Box::new(below)))
            }
            "binom" | "dbinom" | "tbinom" => {
                let (n, k) = self.arguments()?;
                Ok(Expr::Call(Function::Binomial, vec![n, k]))
            }
            "sqrt" => self.square_root(),
            "pi" => Ok(Expr::Pi),
            "overline" | "bar" => {
                let inside = self.argument()?;
                match inside {
                    Expr::Symbol(name) => Ok(Expr::Symbol(format!("conjugate {name}"))),
                    _ => Err(Stop::Unknown),
                }
            }
            "pmod" | "bmod" | "mod" | "sum" | "int" | "prod" | "lim" | "begin" | "end" => Err(Stop::Unknown),
            _ if is_function(name) => self.function(name),
            _ if is_letter_command(name) => self.subscripted(format!("\\{name}")),
            _ => Err(Stop::Unknown),
        }
    }

    fn square_root(&mut self) -> Read {
        let mut index = 2;
        if self.take('[') {
            let Expr::Number(n) = self.sum()? else { return Err(Stop::Unknown) };
            self.expect(']')?;
            index = u32::try_from(n.numerator()).ok().filter(|_| n.is_int()).ok_or(Stop::Unknown)?;
            if !(2..=100).contains(&index) {
                return Err(Stop::Unknown);
            }
        }
        Ok(Expr::Root(index, Box::new(self.last_argument()?)))
    }

    fn word(&mut self, word: &str) -> Read {
        match word {
            "pi" => return Ok(Expr::Pi),
            "inf" | "infinity" | "Infinity" | "oo" | "infty" => return Ok(Expr::Infinity),
            "sqrt" => return self.square_root(),
            "e" => return Ok(Expr::E),
            "i" => return Ok(Expr::I),
            "f" | "g" | "h" if self.sees('(') => {
                self.at += 1;
                let inside = self.bracketed('(')?;
                return Ok(Expr::Call(Function::Named(word.to_owned()), vec![inside]));
            }
            _ if is_function(word) => return self.function(word),
            _ if unit::is_known(word) => {
                self.at -= 1;
                return Err(Stop::Unknown);
            }
            _ => {}
        }
        let Some(letters) = product_of_letters(word) else {
            self.at -= 1;
            return Err(Stop::Unknown);
        };
        let Some((last, first)) = letters.split_last() else { return Err(Stop::Unknown) };
        let mut factors: Vec<Expr> = first.iter().map(|name| letter(name)).collect();
        // An exponent or index belongs to the last letter alone.
        let mut last = match *last {
            "e" if letters.len() == 1 => Expr::E,
            "i" if letters.len() == 1 => Expr::I,
            name => self.subscripted(name.to_owned())?,
        };
        if factors.is_empty() {
            return Ok(last);
        }
        if self.sees('^') {
            last = self.raised(last)?;
        }
        factors.push(last);
        Ok(Expr::Product(factors))
    }

    /// A name with its index: `x_1`, `x_{max}`, and primes.
    fn subscripted(&mut self, mut name: String) -> Read {
        if self.take('_') {
            let start = self.at;
            if self.take('{') {
                while !self.take('}') {
                    if self.at >= self.tokens.len() || self.tokens[self.at].nesting() > 0 {
                        return Err(Stop::Unknown);
                    }
                    self.at += 1;
                }
            } else {
                self.at += 1;
            }
            let index = self.tokens.get(start..self.at).ok_or(Stop::Unknown)?;
            name.push('_');
            index.iter().filter(|t| !t.is('{') && !t.is('}')).for_each(|t| name.push_str(t.source));
        }
        while self.take('\'') {
            name.push('\'');
        }
        Ok(Expr::Symbol(name))
    }

    /// A function with its power, base and argument.
    fn function(&mut self, name: &str) -> Read {
        let (mut function, fixed_base) = function_of(name).ok_or(Stop::Unknown)?;
        let mut base = fixed_base.map(|base| Expr::Number(whole(base)));
        let mut power = None;
        loop {
            if function == Function::Log && self.take('_') {
                base = Some(self.exponent()?);
            } else if power.is_none() && self.take('^') {
                power = Some(self.exponent()?);
            } else {
                break;
            }
        }
        let inside = self.function_arguments(&function)?;
        if let Some(Expr::Neg(one)) = &power
            && **one == Expr::Number(ratio(1, 1))
        {
            function = inverse(&function).ok_or(Stop::Unknown)?;
            power = None;
        }
        let call = match (function, base, inside) {
            (Function::Log, Some(base), inside) => {
                Expr::Call(Function::LogBase, std::iter::once(base).chain(inside).collect())
            }
            (function, _, inside) => Expr::Call(function, inside),
        };
        Ok(match power {
            Some(power) => Expr::Power(Box::new(call), Box::new(power)),
            None => call,
        })
    }

    /// Bracketed arguments, or the factors that follow up to the next sign or function.
    fn function_arguments(&mut self, function: &Function) -> Result<Vec<Expr>, Stop> {
        if self.sees('(') || self.sees('{') {
            let close = if self.sees('(') { ')' } else { '}' };
            self.at += 1;
            let bars = std::mem::take(&mut self.bars);
            let mut inside = vec![self.sum()?];
            while self.take(',') {
                inside.push(self.sum()?);
            }
            self.bars = bars;
            self.expect(close)?;
            return Ok(inside);
        }
        if matches!(function, Function::Max | Function::Min | Function::Gcd | Function::Lcm) {
            return Err(Stop::Unknown);
        }
        let mut factors = vec![self.signed()?];
        while let Some(token) = self.peek() {
            let another = match &token.spelled {
                Spelled::Word(word) => is_function(word),
                Spelled::Command(name) => is_function(name),
                Spelled::Sign('(') => true,
                _ => false,
            };
            if another || !self.starts_factor(token) {
                break;
            }
            factors.push(self.factor()?);
        }
        Ok(vec![joined(factors)])
    }
}

fn joined(mut factors: Vec<Expr>) -> Expr {
    if factors.len() == 1 { factors.swap_remove(0) } else { Expr::Product(factors) }
}

fn letter(name: &str) -> Expr {
    match name {
        "e" => Expr::E,
        "i" => Expr::I,
        _ => Expr::Symbol(name.to_owned()),
    }
}

/// English words of two letters, which are no products.
const SHORT_WORDS: &[&str] = &[
    "an", "as", "at", "be", "by", "do", "go", "he", "if", "in", "is", "it", "me", "my", "no", "of", "on",
    "or", "so", "to", "up", "us", "we", "am", "pm", "No", "Is", "It", "On", "Or", "If", "In", "At", "To",
];

/// The letters of a run that is a product of unknowns. Capitals in a row are one name, and what looks like a
/// word is none.
fn product_of_letters(word: &str) -> Option<Vec<&str>> {
    let count = word.chars().count();
    let letters = || word.char_indices().map(|(at, c)| &word[at..at + c.len_utf8()]).collect();
    match count {
        1 => Some(letters()),
        _ if word.chars().all(char::is_uppercase) && count <= 4 => Some(vec![word]),
        2 if word.chars().all(char::is_lowercase) && !SHORT_WORDS.contains(&word) => Some(letters()),
        3..=6 if word.chars().all(|c| "abcdxyznmk".contains(c)) => Some(letters()),
        _ => None,
    }
}

fn is_letter_command(name: &str) -> bool {
    const LETTERS: &[&str] = &[
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "varepsilon",
        "zeta",
        "eta",
        "theta",
        "vartheta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "rho",
        "sigma",
        "tau",
        "phi",
        "varphi",
        "chi",
        "psi",
        "omega",
        "Gamma",
        "Delta",
        "Theta",
        "Lambda",
        "Sigma",
        "Phi",
        "Psi",
        "Omega",
        "ell",
    ];
    LETTERS.contains(&name)
}

fn is_expression_command(name: &str) -> bool {
    const OTHER: &[&str] =
        &["frac", "dfrac", "tfrac", "cfrac", "sqrt", "pi", "binom", "dbinom", "tbinom", "overline", "bar"];
    OTHER.contains(&name) || is_letter_command(name) || is_function(name)
}

fn is_function(name: &str) -> bool {
    function_of(name).is_some()
}

/// The function of a name, and the base that a name such as `log2` holds.
fn function_of(name: &str) -> Option<(Function, Option<i64>)> {
    let function = match name {
        "sin" => Function::Sin,
        "cos" => Function::Cos,
        "tan" => Function::Tan,
        "cot" => Function::Cot,
        "sec" => Function::Sec,
        "csc" => Function::Csc,
        "arcsin" | "asin" => Function::Asin,
        "arccos" | "acos" => Function::Acos,
        "arctan" | "atan" => Function::Atan,
        "sinh" => Function::Sinh,
        "cosh" => Function::Cosh,
        "tanh" => Function::Tanh,
        "cis" => Function::Cis,
        "exp" => Function::Exp,
        "ln" => Function::Ln,
        "log" => Function::Log,
        "lg" => return Some((Function::Log, Some(10))),
        "abs" => Function::Abs,
        "floor" => Function::Floor,
        "ceil" => Function::Ceil,
        "gcd" => Function::Gcd,
        "lcm" => Function::Lcm,
        "max" => Function::Max,
        "min" => Function::Min,
        _ => return None,
    };
    Some((function, None))
}

fn inverse(function: &Function) -> Option<Function> {
    match function {
        Function::Sin => Some(Function::Asin),
        Function::Cos => Some(Function::Acos),
        Function::Tan => Some(Function::Atan),
        _ => None,
    }
}
