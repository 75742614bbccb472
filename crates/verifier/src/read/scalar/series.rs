//! Sums and products over an index: `\sum_{k=1}^{n} k^2`.

use super::{Read, Scalar};
use crate::expr::{Expr, Function};
use crate::fuel::Stop;
use crate::number::{small_integer, whole};
use crate::read::token::Spelled;

/// Most terms that are written out.
const MAX_TERMS: i64 = 100;

/// Largest series that is written out, in nodes.
const MAX_SIZE: usize = 2_000;

impl Scalar<'_, '_> {
    /// A series after its sign: bounds, and the product that they govern. One with few terms is their sum; any
    /// other is a function of its bounds and terms, whatever its index is called.
    pub(super) fn series(&mut self, sign: &str) -> Read {
        self.expect('_')?;
        self.expect('{')?;
        let Some(Spelled::Word(name)) = self.peek().map(|token| &token.spelled) else {
            return Err(Stop::Unknown);
        };
        if name.len() != 1 || *name == "e" {
            return Err(Stop::Unknown);
        }
        self.at += 1;
        self.expect('=')?;
        let lower = self.sum()?;
        self.expect('}')?;
        self.expect('^')?;
        let upper = self.exponent()?;
        let terms = self.product()?;
        let index = if *name == "i" { Expr::I } else { Expr::Symbol((*name).to_owned()) };
        // A name such as a_k holds the index, and is not taken apart.
        if terms.any(&|x| matches!(x, Expr::Symbol(found) if found.contains('_') && found.contains(name))) {
            return Ok(opaque(&format!("\\{sign} {name}"), lower, upper, terms));
        }
        if let (Some(from), Some(to)) = (integer(&lower), integer(&upper))
            && (0..MAX_TERMS).contains(&(to - from))
            && terms.size() * (to - from + 1) as usize <= MAX_SIZE
        {
            let all = (from..=to).map(|k| terms.with(&index, &Expr::Number(whole(k)))).collect();
            return Ok(if sign == "sum" { Expr::Sum(all) } else { Expr::Product(all) });
        }
        // An index inside another keeps a name of its own.
        let mut bound = Expr::Symbol("·".to_owned());
        while terms.any(&|x| *x == bound) {
            let Expr::Symbol(name) = &mut bound else { break };
            name.push('·');
        }
        Ok(opaque(&format!("\\{sign}"), lower, upper, terms.with(&index, &bound)))
    }
}

fn integer(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Number(q) => small_integer(q),
        Expr::Neg(x) => integer(x).map(|n| -n),
        _ => None,
    }
}

fn opaque(name: &str, lower: Expr, upper: Expr, terms: Expr) -> Expr {
    match upper.infinite() {
        Some(false) => Expr::Call(Function::Named(format!("{name} without end")), vec![lower, terms]),
        _ => Expr::Call(Function::Named(name.to_owned()), vec![lower, upper, terms]),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Grader, Judgment};
    use proptest::prelude::*;

    fn judge(gold: &str, pred: &str) -> Judgment {
        Grader::default().compare(gold, pred).judgment
    }

    proptest! {
        #[test]
        fn short_series_are_their_sums(from in -5i64..5, terms in 1i64..30, power in 1u32..4) {
            let series = format!(r"\sum_{{k={from}}}^{{{}}} k^{power}", from + terms - 1);
            let total: i64 = (from..from + terms).map(|k| k.pow(power)).sum();
            prop_assert_eq!(judge(&series, &total.to_string()), Judgment::Equal);
            prop_assert_eq!(judge(&series, &(total + 1).to_string()), Judgment::Different);
        }

        #[test]
        fn the_name_of_an_index_says_nothing(a in 1i64..9, b in 1i64..9) {
            let double = |outer: &str, inner: &str| format!(
                r"\sum_{{{outer}={a}}}^{{n}}\prod_{{{inner}={b}}}^{{m}} {outer}{inner}^2"
            );
            prop_assert_eq!(judge(&double("k", "j"), &double("j", "k")), Judgment::Equal);
            prop_assert_eq!(judge(&double("k", "j"), &double("i", "p")), Judgment::Equal);
            let crossed = format!(r"\sum_{{k={a}}}^{{n}}\prod_{{j={b}}}^{{m}} k^2j");
            prop_assert_ne!(judge(&double("k", "j"), &crossed), Judgment::Equal);
            // A letter that is no index is free.
            let free = format!(r"\sum_{{k={a}}}^{{n}}\prod_{{j={b}}}^{{m}} kn^2");
            prop_assert_ne!(judge(&double("k", "j"), &free), Judgment::Equal);
        }
    }
}
