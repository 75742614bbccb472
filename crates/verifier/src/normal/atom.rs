//! What sums and products are made of.

use super::Form;
use crate::expr::Function;
use crate::number::{Rational, is_negative};
use dashu_int::UBig;
use std::cmp::Ordering;
use std::sync::Arc;

/// A number or unknown that is not taken apart further. What stands inside is shared by its copies: sums and products
/// copy atoms all the time, and atoms nest deeply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Atom {
    /// The imaginary unit; its exponent is 1.
    I,
    /// An integer above 1 under an exponent between 0 and 1. Different ones are coprime where they are prime.
    Root(UBig),
    /// cos(pi r) for r between 0 and 1/2.
    CosPi(Rational),
    Pi,
    /// The natural logarithm of an integer above 1.
    Ln(UBig),
    /// An unknown, taken to be a real number.
    Symbol(String),
    /// e to the power of this product; `Exp(1)` is e itself. An exponent multiplies the product.
    Exp(Arc<Monomial>),
    /// A sum under an exponent that is not an integer.
    Power(Arc<Form>),
    Call(Function, Arc<[Form]>),
}

impl Atom {
    /// Whether the atom is known to be a real number above zero, symbols being real.
    pub(crate) fn is_positive(&self) -> bool {
        match self {
            Self::Root(_) | Self::CosPi(_) | Self::Pi | Self::Ln(_) => true,
            Self::Exp(monomial) => monomial.is_real(),
            Self::I | Self::Symbol(_) | Self::Power(_) | Self::Call(..) => false,
        }
    }

    /// Whether the atom is known to be a real number, symbols being real.
    pub(crate) fn is_real(&self) -> bool {
        match self {
            Self::Symbol(_) => true,
            Self::Call(function, inside) => {
                matches!(function, Function::Abs | Function::Floor | Function::Ceil | Function::Atan)
                    && inside.iter().all(Form::is_real)
            }
            _ => self.is_positive(),
        }
    }

    /// Whether a symbol stands anywhere inside.
    pub(crate) fn has_symbol(&self) -> bool {
        match self {
            Self::Symbol(_) | Self::Call(Function::Named(_), _) => true,
            Self::Exp(monomial) => monomial.has_symbol(),
            Self::Power(form) => form.has_symbol(),
            Self::Call(_, inside) => inside.iter().any(Form::has_symbol),
            _ => false,
        }
    }
}

/// A product of powers of different atoms, in order, no exponent zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Monomial(pub(crate) Vec<(Atom, Rational)>);

impl Ord for Monomial {
    /// Factor by factor. Exponents are mostly equal, which is seen at once; their order takes two products.
    fn cmp(&self, other: &Self) -> Ordering {
        let exponents = |a: &Rational, b: &Rational| if a == b { Ordering::Equal } else { a.cmp(b) };
        let factors = self.0.iter().zip(&other.0);
        let first =
            factors.map(|(a, b)| a.0.cmp(&b.0).then_with(|| exponents(&a.1, &b.1))).find(|o| o.is_ne());
        first.unwrap_or_else(|| self.0.len().cmp(&other.0.len()))
    }
}

impl PartialOrd for Monomial {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Monomial {
    /// One atom to the power 1.
    pub(crate) fn of(atom: Atom) -> Self {
        Self(vec![(atom, Rational::ONE)])
    }

    /// Whether this is the empty product.
    pub(crate) fn is_one(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the product is known to be real, symbols being real.
    pub(crate) fn is_real(&self) -> bool {
        self.0.iter().all(|(atom, power)| atom.is_positive() || (atom.is_real() && power.is_int()))
    }

    /// Whether a symbol stands anywhere inside.
    pub(crate) fn has_symbol(&self) -> bool {
        self.0.iter().any(|(atom, _)| atom.has_symbol())
    }

    /// The factors of the product of two monomials, exponents added, none simplified.
    pub(super) fn merge(&self, other: &Self) -> Vec<(Atom, Rational)> {
        let mut merged = Vec::with_capacity(self.0.len() + other.0.len());
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        loop {
            let next = match (left.peek(), right.peek()) {
                (None, None) => return merged,
                (Some(_), None) => left.next().cloned(),
                (None, Some(_)) => right.next().cloned(),
                (Some(a), Some(b)) => match a.0.cmp(&b.0) {
                    Ordering::Less => left.next().cloned(),
                    Ordering::Greater => right.next().cloned(),
                    Ordering::Equal => {
                        let sum = (a.0.clone(), &a.1 + &b.1);
                        left.next();
                        right.next();
                        Some(sum)
                    }
                },
            };
            merged.extend(next.filter(|(_, power)| !power.is_zero()));
        }
    }

    /// Whether an exponent is negative.
    pub(super) fn has_negative_power(&self) -> bool {
        self.0.iter().any(|(_, power)| is_negative(power))
    }
}
