//! Equality of numbers, expressions and their units.

use super::Comparison;
use super::modular::agree_modulo_primes;
use crate::expr::Expr;
use crate::fuel::Stop;
use crate::judgment::{Finding, Judgment, Reason};
use crate::normal::Form;
use crate::number::{Rational, magnitude, ratio, whole};
use crate::options::{Tolerance, Units};
use crate::read::{Unit, Value, in_base_unit};
use std::borrow::Cow;

impl Comparison<'_> {
    /// Two numbers with their units.
    pub(super) fn numbers(&self, gold: &Value, pred: &Value) -> Finding {
        let (Value::Number { expr: a, unit: left }, Value::Number { expr: b, unit: right }) = (gold, pred)
        else {
            return Finding::different(Reason::OtherKind);
        };
        match (left, right) {
            (Some(left), Some(right)) if left == right => self.expressions(a, b),
            (Some(Unit::Percent), None) => self.with_or_without(a, b, &percent(a), b, true),
            (None, Some(Unit::Percent)) => self.with_or_without(a, b, a, &percent(b), true),
            (Some(Unit::Degrees), None) => self.with_or_without(a, b, &degrees(a), b, false),
            (None, Some(Unit::Degrees)) => self.with_or_without(a, b, a, &degrees(b), false),
            (Some(unit), None) if let Some(number) = measured(b, unit) => self.expressions(a, &number),
            (None, Some(unit)) if let Some(number) = measured(a, unit) => self.expressions(&number, b),
            (Some(Unit::Percent | Unit::Degrees), Some(unit))
            | (Some(unit), Some(Unit::Percent | Unit::Degrees))
                if unit.is_described() =>
            {
                match self.expressions(a, b) {
                    found if found.is_equal() && unit.is_known() => Finding::equal(Reason::UnitUnderstood),
                    found if found.is_equal() => Finding::undecided(Reason::NotUnderstood),
                    found => found,
                }
            }
            (Some(left), Some(right))
                if self.options.units == Units::Convert
                    && let (Some((dimension, of)), Some((other, to))) =
                        (in_base_unit(left), in_base_unit(right))
                    && dimension == other =>
            {
                let scaled = |x: &Expr, by: Rational| Expr::Product(vec![x.clone(), Expr::Number(by)]);
                self.expressions(&scaled(a, of), &scaled(b, to))
            }
            (Some(_), Some(_)) => match self.expressions(a, b) {
                found if found.judgment == Judgment::Different => found,
                _ => Finding::different(Reason::OtherUnit),
            },
            (Some(unit), None) | (None, Some(unit)) if !unit.is_known() => match self.expressions(a, b) {
                found if found.is_equal() => Finding::undecided(Reason::NotUnderstood),
                found => found,
            },
            (None, None) => self.expressions(&with_constant(a, b), &with_constant(b, a)),
            _ => self.expressions(a, b),
        }
    }

    /// A number with a unit sign against one without: equal with the sign counted in, or as bare numbers
    /// where the sign is understood. A bare number of at most 1 beside a percent sign is a share, not a
    /// percentage.
    fn with_or_without(&self, a: &Expr, b: &Expr, counted: &Expr, other: &Expr, is_percent: bool) -> Finding {
        let exact = self.expressions(counted, other);
        if exact.is_equal() {
            return exact;
        }
        let bare = self.expressions(a, b);
        if !bare.is_equal() {
            return exact;
        }
        let above_one = || {
            let form = self.normalizer.form(a, true).ok()?;
            let order = self.normalizer.compare(&form.scale(&whole(1)), &Rational::ONE.into()).ok()?;
            Some(order == std::cmp::Ordering::Greater)
        };
        match is_percent && above_one() != Some(true) {
            true => Finding::undecided(Reason::NotUnderstood),
            false => Finding::equal(Reason::UnitUnderstood),
        }
    }

    /// Two scalar expressions; `±` makes a pair of values.
    pub(crate) fn expressions(&self, gold: &Expr, pred: &Expr) -> Finding {
        match (gold.infinite(), pred.infinite()) {
            (Some(a), Some(b)) if a == b => return Finding::equal(Reason::SameValue),
            (Some(_), Some(_)) => return Finding::different(Reason::OtherValue),
            (Some(_), None) | (None, Some(_)) => return Finding::different(Reason::OtherKind),
            (None, None) => {}
        }
        if gold.has_plus_minus() || pred.has_plus_minus() {
            let pair = |x: &Expr, upper| self.normalizer.form(x, upper);
            let same = |a: bool, b: bool| self.forms(pair(gold, a), pair(pred, b));
            let straight = Finding::all([same(true, true), same(false, false)]);
            let crossed = Finding::all([same(true, false), same(false, true)]);
            return if straight.is_equal() { straight } else { self.any([straight, crossed]) };
        }
        // Equal powers of equal bases need not be expanded.
        if let (Expr::Power(a, n), Expr::Power(b, m)) = (gold, pred)
            && n == m
            && matches!(&**n, Expr::Number(n) if n.is_int() && *n > whole(6))
            && self.expressions(a, b).is_equal()
        {
            return Finding::equal(Reason::SameValue);
        }
        let (left, right) = (self.normalizer.form(gold, true), self.normalizer.form(pred, true));
        if left == Err(Stop::Fuel) || right == Err(Stop::Fuel) {
            return self.modulo_primes(gold, pred);
        }
        let found = self.forms(left, right);
        if found.reason == Reason::TooMuchWork { self.modulo_primes(gold, pred) } else { found }
    }

    fn modulo_primes(&self, gold: &Expr, pred: &Expr) -> Finding {
        match agree_modulo_primes(gold, pred) {
            Some(true) => Finding::equal(Reason::SameModuloPrimes),
            Some(false) => Finding::different(Reason::OtherValue),
            None => Finding::undecided(Reason::TooMuchWork),
        }
    }

    /// Two normal forms.
    pub(super) fn forms(&self, gold: Result<Form, Stop>, pred: Result<Form, Stop>) -> Finding {
        match (gold, pred) {
            (Ok(gold), Ok(pred)) => self.both_forms(&gold, &pred).unwrap_or_else(Finding::from),
            (Err(stop), _) | (_, Err(stop)) => stop.into(),
        }
    }

    fn both_forms(&self, gold: &Form, pred: &Form) -> Result<Finding, Stop> {
        let n = &self.normalizer;
        if let (Some(a), Some(b)) = (gold.as_rational(), pred.as_rational()) {
            return Ok(match a == b {
                true => Finding::equal(Reason::SameValue),
                false => self.within(gold, pred).unwrap_or(Finding::different(Reason::OtherValue)),
            });
        }
        let defined = |reason| match n.is_shown_defined(gold) && n.is_shown_defined(pred) {
            true => Finding::equal(reason),
            false => Finding::undecided(Reason::Undefined),
        };
        if gold == pred {
            return Ok(defined(Reason::SameValue));
        }
        let difference = if gold.den == pred.den {
            gold.num.sub(&pred.num)
        } else {
            n.mul(&gold.num, &pred.den)?.sub(&n.mul(&pred.num, &gold.den)?)
        };
        if n.vanishes(&difference)? {
            return Ok(defined(Reason::SameValue));
        }
        if let Some(found) = self.within(gold, pred) {
            return Ok(found);
        }
        if difference.is_canonical() {
            return Ok(Finding::different(Reason::OtherValue));
        }
        if difference.has_unknown_base() {
            return Ok(Finding::undecided(Reason::NotUnderstood));
        }
        if n.is_shown_nonzero(&difference) {
            return Ok(Finding::different(Reason::Separated));
        }
        if !difference.has_symbol() && n.is_separated_zero(&difference) {
            return Ok(defined(Reason::SameByBound));
        }
        Ok(Finding::undecided(Reason::NotSeparated))
    }

    /// Equality under the tolerance asked for, between real constants.
    fn within(&self, gold: &Form, pred: &Form) -> Option<Finding> {
        let bound = match self.options.tolerance {
            Tolerance::Exact => return None,
            Tolerance::Rounded(_) if gold.has_symbol() || pred.has_symbol() => return None,
            Tolerance::Rounded(digits) => {
                let places = |form: &Form| form.as_rational().and_then(|q| decimal_places(&q));
                let [left, right] = self.places;
                let places = [left.or_else(|| places(gold)), right.or_else(|| places(pred))]
                    .into_iter()
                    .flatten()
                    .filter(|&n| n >= digits)
                    .min()?;
                ratio(1, 2) * whole(10).pow(-isize::try_from(places).ok()?)
            }
            Tolerance::Relative(part) => {
                if gold.has_symbol() || pred.has_symbol() {
                    return None;
                }
                let part = Rational::try_from(part).ok()?;
                let scale = match gold.as_rational() {
                    Some(q) => magnitude(&q),
                    // The floor of the magnitude of an irrational: a bound that is never too wide.
                    None => self.normalizer.floor(gold).ok().map(|q| magnitude(&q))?,
                };
                scale * part
            }
        };
        let difference = self.normalizer.sub(gold, pred).ok()?;
        self.normalizer.is_within(&difference, &bound).then(|| Finding::equal(Reason::WithinTolerance))
    }
}

/// A constant of integration by its usual name: `+ c` where the other side has `+ C`.
fn with_constant<'e>(expr: &'e Expr, other: &Expr) -> Cow<'e, Expr> {
    let has = |expr: &Expr, name: &str| matches!(expr, Expr::Sum(terms) if terms.iter().any(|term| matches!(term, Expr::Symbol(symbol) if symbol == name)));
    let mentions = |expr: &Expr, name: &str| expr.symbols().contains(&name);
    if has(expr, "c")
        && has(other, "C")
        && !mentions(expr, "C")
        && !mentions(other, "c")
        && expr.symbols().len() > 1
    {
        return Cow::Owned(expr.with(&Expr::Symbol("c".to_owned()), &Expr::Symbol("C".to_owned())));
    }
    Cow::Borrowed(expr)
}

/// The number that a product with a letter says where the letter spells a unit: `3 m` for "3 meters".
fn measured(expr: &Expr, unit: &Unit) -> Option<Expr> {
    let Expr::Product(factors) = expr else { return None };
    let (Expr::Symbol(letter), number) = factors.split_last()? else { return None };
    let spelled = crate::read::unit(letter)?;
    (spelled == *unit && !number.iter().any(Expr::has_symbol)).then(|| Expr::Product(number.to_vec()))
}

fn percent(x: &Expr) -> Expr {
    Expr::Percent(Box::new(x.clone()))
}

fn degrees(x: &Expr) -> Expr {
    Expr::Degrees(Box::new(x.clone()))
}

/// Digits after the point of the shortest decimal of a number, at least 1; `None` where it has no end or
/// no point.
fn decimal_places(q: &Rational) -> Option<usize> {
    (1..=30).find(|&n| (q * whole(10).pow(n as isize)).is_int()).filter(|_| !q.is_int())
}
