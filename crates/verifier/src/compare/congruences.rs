//! Equality of residues by a modulus.

use super::Comparison;
use crate::expr::Expr;
use crate::judgment::{Finding, Judgment, Reason};
use crate::number::{Rational, is_negative};
use crate::read::Value;

/// Whether the sides before the residue are nothing, or one unknown by its name.
fn names_residue(sides: &[Expr]) -> bool {
    let Some((_, before)) = sides.split_last() else { return false };
    matches!(before, [] | [Expr::Symbol(_)])
}

impl Comparison<'_> {
    /// Congruences by one modulus say the same where they differ by a multiple of it. A bare number is the
    /// residue that is written.
    pub(super) fn congruences(&self, gold: &Value, pred: &Value) -> Finding {
        let open = Finding::undecided(Reason::NotUnderstood);
        let (left, right) = match (gold, pred) {
            (Value::Congruence { sides: a, modulus: m }, Value::Congruence { sides: b, modulus: n }) => {
                ((a, m), (b, n))
            }
            (Value::Congruence { sides, modulus }, Value::Number { expr, unit: None })
            | (Value::Number { expr, unit: None }, Value::Congruence { sides, modulus }) => {
                // Without a name it may be an operation: `4 \bmod 3` is 1.
                let bare = sides.len() == 1;
                if !names_residue(sides) || bare && !self.is_reduced(sides.last(), modulus) {
                    return open;
                }
                let found = sides.last().map_or(open, |last| self.expressions(last, expr));
                return if found.is_equal() { found } else { open };
            }
            _ => return open,
        };
        let (Some((a, before)), Some((b, earlier))) = (left.0.split_last(), right.0.split_last()) else {
            return open;
        };
        // The residue alone leaves out what has it.
        let one_sided = before.is_empty() || earlier.is_empty();
        let same = before.len() == earlier.len()
            && before.iter().zip(earlier).all(|(x, y)| self.expressions(x, y).is_equal());
        let comparable = if one_sided { names_residue(left.0) && names_residue(right.0) } else { same };
        if !comparable {
            return open;
        }
        match self.expressions(left.1, right.1).judgment {
            Judgment::Equal => self.residues(a, b, left.1),
            Judgment::Different if self.modulus(left.1).and(self.modulus(right.1)).is_some() => {
                Finding::different(Reason::OtherValue)
            }
            _ => open,
        }
    }

    /// Whether a residue is smaller than its modulus, where both are numbers: `4 \bmod 3` is not 4.
    fn is_reduced(&self, residue: Option<&Expr>, modulus: &Expr) -> bool {
        let residue = residue.and_then(|residue| self.normalizer.form(residue, true).ok()?.as_rational());
        match (residue, self.modulus(modulus)) {
            (Some(residue), Some(modulus)) => residue < modulus,
            _ => true,
        }
    }

    fn residues(&self, a: &Expr, b: &Expr, modulus: &Expr) -> Finding {
        let difference = || {
            let forms = self
                .normalizer
                .sub(&self.normalizer.form(a, true).ok()?, &self.normalizer.form(b, true).ok()?);
            forms.ok()?.as_rational().filter(Rational::is_int)
        };
        match (difference(), self.modulus(modulus)) {
            (Some(difference), Some(modulus)) if (&difference / &modulus).is_int() => {
                Finding::equal(Reason::SameValue)
            }
            (Some(_), Some(_)) => Finding::different(Reason::OtherValue),
            _ => match self.expressions(a, b) {
                found if found.is_equal() => found,
                _ => Finding::undecided(Reason::NotUnderstood),
            },
        }
    }

    /// A modulus that is a positive integer.
    fn modulus(&self, modulus: &Expr) -> Option<Rational> {
        let value = self.normalizer.form(modulus, true).ok()?.as_rational()?;
        (value.is_int() && !value.is_zero() && !is_negative(&value)).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Grader, Judgment};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn residues_are_equal_where_the_modulus_divides_their_difference(
            r in -40i64..40, step in -40i64..40, m in 2i64..12,
        ) {
            let judge = |gold: &str, pred: &str| Grader::default().compare(gold, pred).judgment;
            let (gold, other) = (format!(r"n \equiv {r} \pmod{{{m}}}"), r + step);
            let expected = if step % m == 0 { Judgment::Equal } else { Judgment::Different };
            prop_assert_eq!(judge(&gold, &format!(r"n \equiv {other} \pmod {m}")), expected);
            prop_assert_eq!(judge(&gold, &format!("{other} (mod {m})")), expected);
            // A bare number is what is written, and no other residue.
            prop_assert_eq!(judge(&gold, &other.to_string()) == Judgment::Equal, step == 0);
            prop_assert_ne!(judge(&gold, &format!(r"n \equiv {r} \pmod{{{}}}", m + 1)), Judgment::Equal);
        }
    }
}
