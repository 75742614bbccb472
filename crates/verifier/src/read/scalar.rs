//! Scalar expressions, by recursive descent. What the parser does not understand it leaves alone: a caller
//! looks at where it stopped.

mod command;
mod mixed;
mod names;
mod series;

use super::token::{Spelled, Token};
use super::unit;
use crate::expr::{Expr, Function};
use crate::fuel::Stop;
use names::{is_expression_command, is_function, product_of_letters};

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
        let expr = parser.group()?;
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

    /// What a group holds: a sum, `n \choose k` or `a \over b`.
    fn group(&mut self) -> Read {
        let above = self.sum()?;
        match self.peek().map(|token| &token.spelled) {
            Some(Spelled::Command("choose")) => {
                self.at += 1;
                Ok(Expr::Call(Function::Binomial, vec![above, self.sum()?]))
            }
            Some(Spelled::Command("over")) => {
                self.at += 1;
                Ok(Expr::Quotient(Box::new(above), Box::new(self.sum()?)))
            }
            _ => Ok(above),
        }
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
            } else if self.starts_factor(token) || self.starts_power(factors.last(), token) {
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

    /// Whether a numeral under an exponent or before a factorial sign stands beside another such: `2^3 5^2`, `3!5!`.
    fn starts_power(&self, last: Option<&Expr>, token: &Token<'a>) -> bool {
        let sign = |token: &Token| token.is('^') || token.is('!');
        matches!(token.spelled, Spelled::Number(_))
            && matches!(last, Some(Expr::Power(..) | Expr::Call(Function::Factorial, _)))
            && self.tokens.get(self.at + 1).is_some_and(sign)
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
        let inside = if open == '{' { self.group()? } else { self.sum()? };
        self.bars = bars;
        self.expect(close)?;
        Ok(match function {
            Some(function) => Expr::Call(function, vec![inside]),
            None => inside,
        })
    }
}

fn joined(mut factors: Vec<Expr>) -> Expr {
    if factors.len() == 1 { factors.swap_remove(0) } else { Expr::Product(factors) }
}
