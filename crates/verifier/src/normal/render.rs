//! Normal forms as text, for people.

use super::{Atom, Form, Monomial, Poly};
use crate::expr::Function;
use crate::number::{Rational, is_negative, magnitude};
use std::fmt;

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.den.is_one() {
            return write!(f, "{}", self.num);
        }
        write!(f, "({})/({})", self.num, self.den)
    }
}

impl fmt::Display for Poly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("0");
        }
        // Highest monomials first, constants last.
        for (i, (monomial, q)) in self.0.iter().rev().enumerate() {
            match (i, is_negative(q)) {
                (0, true) => f.write_str("-")?,
                (0, false) => {}
                (_, true) => f.write_str(" - ")?,
                (_, false) => f.write_str(" + ")?,
            }
            let size = magnitude(q);
            match (size.is_one(), monomial.is_one()) {
                (_, true) => write!(f, "{size}")?,
                (true, false) => write!(f, "{monomial}")?,
                (false, false) => write!(f, "{size} {monomial}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Monomial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (atom, power)) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            match atom {
                Atom::Exp(inside) => exponential(f, inside, power)?,
                _ if power.is_one() => write!(f, "{atom}")?,
                _ if power.is_int() => write!(f, "{atom}^{power}")?,
                _ => write!(f, "{atom}^({power})")?,
            }
        }
        Ok(())
    }
}

fn exponential(f: &mut fmt::Formatter<'_>, inside: &Monomial, power: &Rational) -> fmt::Result {
    match (inside.is_one(), power.is_one()) {
        (true, true) => f.write_str("e"),
        (true, false) => write!(f, "e^({power})"),
        (false, true) => write!(f, "e^({inside})"),
        (false, false) => write!(f, "e^({power} {inside})"),
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::I => f.write_str("i"),
            Self::Root(base) => write!(f, "{base}"),
            Self::CosPi(turn) => write!(f, "cos({turn} pi)"),
            Self::Pi => f.write_str("pi"),
            Self::Ln(base) => write!(f, "ln({base})"),
            Self::Symbol(name) => f.write_str(name),
            Self::Exp(inside) => write!(f, "e^({inside})"),
            Self::Power(form) => write!(f, "({form})"),
            Self::Call(function, inside) => {
                match function {
                    Function::Named(name) => f.write_str(name)?,
                    other => f.write_str(&format!("{other:?}").to_lowercase())?,
                }
                let inside: Vec<String> = inside.iter().map(Form::to_string).collect();
                write!(f, "({})", inside.join(", "))
            }
        }
    }
}
