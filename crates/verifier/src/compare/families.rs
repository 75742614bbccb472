//! Equality of families with an integer in them: `x = 1 + 2k, k \\in \\mathbb{Z}`.

use super::Comparison;
use crate::expr::Expr;
use crate::judgment::{Finding, Reason};
use crate::read::Value;

/// Values with one integer parameter.
pub(super) struct Family<'v> {
    /// What is said to have these values, where that is said.
    name: Option<&'v str>,
    expr: &'v Expr,
    parameter: &'v str,
}

/// A list of one value and the membership of its parameter in the integers.
pub(super) fn family(value: &Value) -> Option<Family<'_>> {
    let Value::List { items, .. } = value else { return None };
    let [said, Value::Member { name: parameter, set }] = &items[..] else { return None };
    if !matches!(&**set, Value::Numbers(letter) if letter == "Z") {
        return None;
    }
    let (name, said) = match said {
        Value::Assignment { name, value } => (Some(name.as_str()), &**value),
        other => (None, other),
    };
    let Value::Number { expr, unit: None } = said else { return None };
    expr.symbols().contains(&parameter.as_str()).then_some(Family { name, expr, parameter })
}

impl Comparison<'_> {
    /// Two families are equal where they are by one name of the parameter, counted up or down. Others may still be the
    /// same set.
    pub(super) fn families(&self, gold: Family, pred: Family) -> Finding {
        if gold.name.zip(pred.name).is_some_and(|(a, b)| a != b) {
            return Finding::undecided(Reason::NotUnderstood);
        }
        let symbol = |name: &str| Expr::Symbol(name.to_owned());
        let fresh = symbol("integer parameter");
        let left = gold.expr.with(&symbol(gold.parameter), &fresh);
        let downwards = Expr::Neg(Box::new(fresh.clone()));
        let same = [fresh, downwards].iter().any(|parameter| {
            self.expressions(&left, &pred.expr.with(&symbol(pred.parameter), parameter)).is_equal()
        });
        if same { Finding::equal(Reason::SameValue) } else { Finding::undecided(Reason::NotUnderstood) }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Grader, Judgment};

    #[test]
    fn the_name_of_a_parameter_says_nothing() {
        let judge = |gold: &str, pred: &str| Grader::default().compare(gold, pred).judgment;
        let gold = r"x=\frac{\pi}{4}+k\pi, k\in\mathbb{Z}";
        assert_eq!(judge(gold, r"\frac{\pi}{4}+n\pi, n\in\mathbb{Z}"), Judgment::Equal);
        assert_eq!(judge(gold, r"\frac{\pi}{4}-n\pi, n\in\mathbb{Z}"), Judgment::Equal);
        assert_eq!(
            judge(gold, r"\frac{\pi}{4}+k\pi \text{ where } k \text{ is an integer}"),
            Judgment::Equal
        );
        for other in [
            r"\frac{\pi}{4}+2n\pi, n\in\mathbb{Z}",
            r"\frac{\pi}{3}+n\pi, n\in\mathbb{Z}",
            r"\frac{\pi}{4}+n\pi, n\in\mathbb{N}",
            r"y=\frac{\pi}{4}+k\pi, k\in\mathbb{Z}",
        ] {
            assert_ne!(judge(gold, other), Judgment::Equal, "{other}");
        }
    }
}
