//! LaTeX commands, words and functions with their arguments.

use super::names::{function_of, inverse, is_function, is_letter_command, letter, product_of_letters};
use super::{Read, Scalar, joined};
use crate::expr::{Expr, Function};
use crate::fuel::Stop;
use crate::number::{ratio, whole};
use crate::read::token::{Spelled, Token};
use crate::read::unit;

impl Scalar<'_, '_> {
    /// The argument of a command: braces, or one digit or letter.
    pub(super) fn argument(&mut self) -> Read {
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
    pub(super) fn arguments(&mut self) -> Result<(Expr, Expr), Stop> {
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

    pub(super) fn command(&mut self, name: &str) -> Read {
        match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" | "nicefrac" | "sfrac" => {
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
                    // A segment is named by its ends.
                    Expr::Symbol(ref ends)
                        if ends.len() > 1 && ends.bytes().all(|b| b.is_ascii_uppercase()) =>
                    {
                        Ok(inside)
                    }
                    Expr::Symbol(name) => Ok(Expr::Symbol(format!("conjugate {name}"))),
                    // A constant built from real numbers and i.
                    inside if inside.any(&|part| *part == Expr::I) && inside.is_arithmetic() => {
                        Ok(inside.with(&Expr::I, &Expr::Neg(Box::new(Expr::I))))
                    }
                    _ => Err(Stop::Unknown),
                }
            }
            "sum" | "prod" => self.series(name),
            "hat" | "widehat" | "tilde" | "dot" => match self.argument()? {
                Expr::Symbol(inside) => Ok(Expr::Symbol(format!("{name} {inside}"))),
                Expr::I => Ok(Expr::Symbol(format!("{name} i"))),
                _ => Err(Stop::Unknown),
            },
            "pmod" | "bmod" | "mod" | "int" | "lim" | "begin" | "end" => Err(Stop::Unknown),
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

    pub(super) fn word(&mut self, word: &str) -> Read {
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
            "e" | "i" if !self.sees('_') => letter(last),
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
