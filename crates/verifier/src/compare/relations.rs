//! Equality of equations, assignments and inequalities, among themselves and with plain values.

use super::Comparison;
use crate::expr::Expr;
use crate::fuel::Stop;
use crate::judgment::{Finding, Judgment, Reason};
use crate::normal::Form;
use crate::number::{Rational, magnitude};
use crate::read::{Relation, Value};
use std::borrow::Cow;

impl Comparison<'_> {
    /// Anything against anything, where one side at least is a relation or an assignment.
    pub(super) fn relations(&self, gold: &Value, pred: &Value) -> Finding {
        match (gold, pred) {
            (Value::Assignment { .. }, Value::Assignment { .. }) => self.assignments(gold, pred),
            (Value::Assignment { value, .. }, Value::Relations { signs, .. })
                if signs.iter().all(|s| *s == Relation::Equal) =>
            {
                self.equations(gold, pred).unwrap_or_else(|| self.values(value, pred))
            }
            (Value::Relations { signs, .. }, Value::Assignment { value, .. })
                if signs.iter().all(|s| *s == Relation::Equal) =>
            {
                self.equations(gold, pred).unwrap_or_else(|| self.values(gold, value))
            }
            (Value::Assignment { .. }, Value::Bracketed { items, .. })
                if let Some(all) = shared(gold, items.len()) =>
            {
                self.values(&all, pred)
            }
            (Value::Bracketed { items, .. }, Value::Assignment { .. })
                if let Some(all) = shared(pred, items.len()) =>
            {
                self.values(gold, &all)
            }
            (Value::Assignment { value, .. }, other) => self.values(&said(value), other),
            (other, Value::Assignment { value, .. }) => self.values(other, &said(value)),
            (Value::Relations { .. }, Value::Relations { .. }) => self.two_relations(gold, pred),
            (Value::Relations { .. }, other) => self.relation_and_value(gold, other, true),
            (other, relation) => self.relation_and_value(relation, other, false),
        }
    }

    /// Two named values: one name and one value, or one equation.
    fn assignments(&self, gold: &Value, pred: &Value) -> Finding {
        let (Value::Assignment { name: a, value: left }, Value::Assignment { name: b, value: right }) =
            (gold, pred)
        else {
            return Finding::different(Reason::OtherKind);
        };
        if a == b || a.replace(' ', "") == b.replace(' ', "") {
            return self.values(&said(left), &said(right));
        }
        if self.same_function((a, left), (b, right)) {
            return Finding::equal(Reason::SameValue);
        }
        match self.equations(gold, pred) {
            Some(found) if found.is_equal() => found,
            _ => Finding::different(Reason::OtherName),
        }
    }

    fn two_relations(&self, gold: &Value, pred: &Value) -> Finding {
        // What reads the same says the same, defined or not.
        if gold == pred || mirrored(gold).is_some_and(|gold| gold == *pred) {
            return Finding::equal(Reason::SameText);
        }
        if let Some(found) = self.equations(gold, pred) {
            return found;
        }
        if is_inequality(gold) != is_inequality(pred) {
            return Finding::different(Reason::OtherKind);
        }
        let sets = self.real_sets(gold, pred);
        if sets.judgment != Judgment::Undecided {
            return sets;
        }
        self.inequalities(gold, pred).unwrap_or(sets)
    }

    /// A chain of equal constants says its last side; an inequality may be an interval.
    fn relation_and_value(&self, relation: &Value, other: &Value, relation_is_gold: bool) -> Finding {
        let Value::Relations { sides, signs } = relation else {
            return Finding::different(Reason::OtherKind);
        };
        if signs.iter().any(|sign| *sign != Relation::Equal) {
            let set = matches!(
                other,
                Value::Bracketed { .. }
                    | Value::Union(_)
                    | Value::Intersection(_)
                    | Value::Difference(..)
                    | Value::Member { .. }
                    | Value::Numbers(_)
                    | Value::Set(_)
                    | Value::List { .. }
            );
            return match (set, relation_is_gold) {
                (false, _) => Finding::different(Reason::OtherKind),
                (true, true) => self.real_sets(relation, other),
                (true, false) => self.real_sets(other, relation),
            };
        }
        let chain = self.chained(sides);
        let total = sides.first().is_some_and(is_total)
            && self.chained(&sides[1..]).is_equal()
            && sides[1..].iter().all(|side| !side.has_symbol());
        let Some(last) = sides.last().filter(|_| total || chain.is_equal()) else {
            return Finding::undecided(Reason::NotUnderstood);
        };
        let last = Value::Number { expr: last.clone(), unit: None };
        if relation_is_gold { self.values(&last, other) } else { self.values(other, &last) }
    }

    /// Whether neighbours in a chain are all equal.
    fn chained(&self, sides: &[Expr]) -> Finding {
        Finding::all(sides.windows(2).map(|pair| self.expressions(&pair[0], &pair[1])))
    }

    /// Whether two named values are one function: with another letter for its unknown, or called y.
    fn same_function(&self, (a, left): (&str, &Value), (b, right): (&str, &Value)) -> bool {
        let (Value::Number { expr: left, unit: None }, Value::Number { expr: right, unit: None }) =
            (left, right)
        else {
            return false;
        };
        let renamed = match (unknown_of(a), unknown_of(b)) {
            (Some((f, x)), Some((g, t))) if f == g => {
                let (x, t) = (Expr::Symbol(x.to_owned()), Expr::Symbol(t.to_owned()));
                if left.any(&|inside| *inside == t) || right.any(&|inside| *inside == x) {
                    return false;
                }
                right.with(&t, &x)
            }
            (Some((_, "x")), None) if b == "y" => right.clone(),
            (None, Some((_, "x"))) if a == "y" => right.clone(),
            _ => return false,
        };
        self.expressions(left, &renamed).is_equal()
    }

    /// Two equations with the same solutions: their differences of sides are rational multiples of each
    /// other. `None` where one is no equation of two scalar sides.
    fn equations(&self, gold: &Value, pred: &Value) -> Option<Finding> {
        let ((a, b), (c, d)) = (equation(gold)?, equation(pred)?);
        let compared = self.difference(&a, &b).and_then(|left| {
            let right = self.difference(&c, &d)?;
            if left.num.is_zero() || right.num.is_zero() {
                return Ok(Finding::undecided(Reason::NotUnderstood));
            }
            if left.den != right.den {
                return Ok(Finding::undecided(Reason::NotSeparated));
            }
            Ok(self.forms(Ok(monic(&left)), Ok(monic(&right))))
        });
        Some(match compared {
            Ok(found) if found.judgment == Judgment::Different && !self.is_decisive(&a, &b, &c, &d) => {
                Finding::undecided(Reason::NotSeparated)
            }
            Ok(found) => found,
            Err(stop) => stop.into(),
        })
    }

    /// Whether different normal forms mean different equations: so they do where both are linear.
    fn is_decisive(&self, a: &Expr, b: &Expr, c: &Expr, d: &Expr) -> bool {
        let linear = |x: &Expr, y: &Expr| {
            self.difference(x, y).is_ok_and(|form| {
                form.den.is_one()
                    && form.num.is_canonical()
                    && form.num.0.iter().all(|(monomial, _)| monomial.0.len() <= 1)
            })
        };
        linear(a, b) && linear(c, d)
    }

    fn difference(&self, a: &Expr, b: &Expr) -> Result<Form, Stop> {
        if a.has_plus_minus() || b.has_plus_minus() {
            return Err(Stop::Unknown);
        }
        self.normalizer.sub(&self.normalizer.form(a, true)?, &self.normalizer.form(b, true)?)
    }

    /// Two inequalities between scalar sides: the same sign after scaling by a positive rational.
    fn inequalities(&self, gold: &Value, pred: &Value) -> Option<Finding> {
        let (left, strict) = self.positive_form(gold)?.ok()?;
        let (right, other) = self.positive_form(pred)?.ok()?;
        if left.den != right.den {
            return None;
        }
        // Half-planes are equal where their bounds are; of other regions a difference says less.
        let linear = |form: &Form| form.num.is_canonical() && form.num.0.iter().all(|(m, _)| m.0.len() <= 1);
        let decisive = linear(&left) && linear(&right);
        let found = self.forms(Ok(left), Ok(right));
        if !found.is_equal() {
            return (decisive && found.judgment == Judgment::Different).then_some(found);
        }
        Some(if strict == other { found } else { Finding::different(Reason::OtherValue) })
    }

    /// The form that an inequality says to be positive, scaled to coefficients of content 1, and whether
    /// zero is excluded.
    fn positive_form(&self, value: &Value) -> Option<Result<(Form, bool), Stop>> {
        let Value::Relations { sides, signs } = value else { return None };
        let ([a, b], [sign]) = (&sides[..], &signs[..]) else { return None };
        let (a, b, strict) = match sign {
            Relation::Greater => (a, b, true),
            Relation::AtLeast => (a, b, false),
            Relation::Less => (b, a, true),
            Relation::AtMost => (b, a, false),
            _ => return None,
        };
        Some(self.difference(a, b).map(|form| {
            let lead = form.num.0.first().map_or(Rational::ONE, |(_, q)| magnitude(q));
            (form.scale(&(Rational::ONE / lead)), strict)
        }))
    }
}

/// What a named chain of equations says: its last side, whatever steps lead there.
fn said(value: &Value) -> Cow<'_, Value> {
    match value {
        Value::Relations { sides, signs } if signs.iter().all(|sign| *sign == Relation::Equal) => {
            let last = sides.last().map(|expr| Value::Number { expr: expr.clone(), unit: None });
            last.map_or(Cow::Borrowed(value), Cow::Owned)
        }
        _ => Cow::Borrowed(value),
    }
}

/// The tuple of as many names as share a value: `a = b = c = 1`.
fn shared(mut named: &Value, count: usize) -> Option<Value> {
    let mut names = Vec::new();
    while let Value::Assignment { name, value } = named {
        if name.len() != 1 || names.contains(name) {
            return None;
        }
        names.push(name.clone());
        named = value;
    }
    let items = vec![named.clone(); count];
    (count > 1 && names.len() == count).then_some(Value::Bracketed { open: '(', items, close: ')' })
}

/// Whether a side is a sum of different letters, as in `m + n = 35`. Those of coordinates make an equation.
fn is_total(side: &Expr) -> bool {
    let Expr::Sum(terms) = side else { return false };
    let letter =
        |term: &Expr| matches!(term, Expr::Symbol(name) if name.len() == 1 && !"xyz".contains(name.as_str()));
    terms.iter().all(letter) && terms.iter().enumerate().all(|(at, term)| !terms[..at].contains(term))
}

/// The function and the unknown in a name such as `f(x)`.
fn unknown_of(name: &str) -> Option<(&str, &str)> {
    let (function, unknown) = name.strip_suffix(')')?.split_once('(')?;
    (unknown.len() == 1).then_some((function, unknown))
}

/// A chain read from right to left.
fn mirrored(value: &Value) -> Option<Value> {
    let Value::Relations { sides, signs } = value else { return None };
    let signs = signs.iter().rev().map(|sign| sign.mirrored()).collect();
    Some(Value::Relations { sides: sides.iter().rev().cloned().collect(), signs })
}

/// Whether a value is a chain with an inequality in it.
pub(super) fn is_inequality(value: &Value) -> bool {
    matches!(value, Value::Relations { signs, .. } if signs.iter().any(|sign| *sign != Relation::Equal))
}

/// The two sides of an equation or assignment.
fn equation(value: &Value) -> Option<(Expr, Expr)> {
    match value {
        Value::Relations { sides, signs } => match (&sides[..], &signs[..]) {
            ([a, b], [Relation::Equal]) => Some((a.clone(), b.clone())),
            _ => None,
        },
        // The name of a ratio is no unknown of its own.
        Value::Assignment { name, value } if !name.contains(['/', ':']) && !name.contains("frac") => {
            match &**value {
                Value::Number { expr, unit: None } => Some((Expr::Symbol(name.clone()), expr.clone())),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The form scaled so that its first coefficient is 1.
fn monic(form: &Form) -> Form {
    let lead = form.num.0.first().map_or(Rational::ONE, |(_, q)| q.clone());
    form.scale(&(Rational::ONE / lead))
}
