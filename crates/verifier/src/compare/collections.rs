//! Equality of sets, lists, tuples, vectors, matrices and ratios.

use super::Comparison;
use crate::expr::Expr;
use crate::judgment::{Finding, Judgment, Reason};
use crate::options::ListOrder;
use crate::read::{Joint, Unit, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Most items that are matched without order.
const MAX_ITEMS: usize = 64;

impl Comparison<'_> {
    /// Anything with items against anything with items, or a lone value.
    pub(super) fn collections(&self, gold: &Value, pred: &Value) -> Finding {
        match (gold, pred) {
            (Value::Bracketed { .. }, Value::Bracketed { .. }) => self.tuples(gold, pred),
            (Value::Bracketed { items, .. }, Value::Matrix(rows)) => self.vectors(items, rows, false),
            (Value::Matrix(rows), Value::Bracketed { items, .. }) => self.vectors(items, rows, true),
            // Named values make the tuple of their names in order.
            (Value::Bracketed { items, open: '(', close: ')' }, Value::List { items: others, .. })
                if let Some(others) = by_name(others) =>
            {
                self.in_order(items, &others)
            }
            (Value::List { items, .. }, Value::Bracketed { items: others, open: '(', close: ')' })
                if let Some(items) = by_name(items) =>
            {
                self.in_order(&items, others)
            }
            // Brackets say order, and two items in them may be an interval.
            (Value::Bracketed { items, .. }, Value::List { items: others, .. })
            | (Value::List { items, .. }, Value::Bracketed { items: others, .. }) => {
                match self.in_order(items, others) {
                    found if found.is_equal() && items.len() < 3 => Finding::undecided(Reason::NotUnderstood),
                    found => found,
                }
            }
            (Value::Bracketed { .. } | Value::Matrix(_), _)
            | (_, Value::Bracketed { .. } | Value::Matrix(_)) => Finding::different(Reason::OtherKind),
            _ => self.unordered(gold, pred),
        }
    }

    fn tuples(&self, gold: &Value, pred: &Value) -> Finding {
        let (
            Value::Bracketed { open: a, items: left, close: b },
            Value::Bracketed { open: c, items: right, close: d },
        ) = (gold, pred)
        else {
            return Finding::different(Reason::OtherKind);
        };
        // Angle brackets are a vector's; round and square ones with two items differ as intervals do.
        let vector = |open: char| open == '⟨';
        if (a, b) != (c, d) && left.len() == 2 && !(vector(*a) && *c == '(' || vector(*c) && *a == '(') {
            return Finding::different(Reason::OtherValue);
        }
        self.in_order(left, right)
    }

    fn in_order(&self, gold: &[Value], pred: &[Value]) -> Finding {
        if gold.len() != pred.len() {
            return Finding::different(Reason::OtherLength);
        }
        Finding::all(gold.iter().zip(pred).map(|(a, b)| self.values(a, b)))
    }

    /// A tuple against a matrix of one row or one column.
    fn vectors(&self, items: &[Value], rows: &[Vec<Expr>], gold_is_matrix: bool) -> Finding {
        if let Some(other) = rows_of(items) {
            return if gold_is_matrix { self.matrices(rows, &other) } else { self.matrices(&other, rows) };
        }
        let entries: Vec<&Expr> = rows.iter().flatten().collect();
        if rows.len() != 1 && rows.iter().any(|row| row.len() != 1) {
            return Finding::different(Reason::OtherKind);
        }
        if entries.len() != items.len() {
            return Finding::different(Reason::OtherLength);
        }
        Finding::all(entries.iter().zip(items).map(|(entry, item)| {
            let entry = Value::Number { expr: (*entry).clone(), unit: None };
            if gold_is_matrix { self.values(&entry, item) } else { self.values(item, &entry) }
        }))
    }

    /// Two matrices: the same shape and the same entries.
    pub(super) fn matrices(&self, gold: &[Vec<Expr>], pred: &[Vec<Expr>]) -> Finding {
        let shape = |rows: &[Vec<Expr>]| rows.iter().map(Vec::len).collect::<Vec<_>>();
        if shape(gold) != shape(pred) {
            return Finding::different(Reason::OtherLength);
        }
        let pairs = gold.iter().flatten().zip(pred.iter().flatten());
        Finding::all(pairs.map(|(a, b)| self.expressions(a, b)))
    }

    /// Sets, bare lists, values with `±`, and single values.
    fn unordered(&self, gold: &Value, pred: &Value) -> Finding {
        let (Some(left), Some(right)) = (items(gold), items(pred)) else {
            return Finding::different(Reason::OtherKind);
        };
        let bare = |value: &Value| matches!(value, Value::List { .. });
        if self.options.lists == ListOrder::Fixed && bare(gold) && bare(pred) {
            return self.in_order(&left, &right);
        }
        // Names in gold bind its values: x = 1, y = 2 is not y = 1, x = 2 nor "2, 1".
        let (named, others) = (names(&left), names(&right));
        let indexed = others.is_empty() && is_indexed(&named) || named.is_empty() && is_indexed(&others);
        if (named.len() > 1 || others.len() > 1) && named != others && !indexed {
            let found = self.in_order(&left, &right);
            let one_sided = named.is_empty() || others.is_empty();
            return if found.is_equal() && !one_sided {
                Finding::different(Reason::OtherName)
            } else {
                found
            };
        }
        // Points are listed once, however often.
        let points = |items: &[Value]| items.iter().all(|item| matches!(item, Value::Bracketed { .. }));
        let is_set =
            matches!(gold, Value::Set(_)) || matches!(pred, Value::Set(_)) || points(&left) && points(&right);
        self.matched(&left, &right, is_set)
    }

    /// Every item of one side has its equal on the other; in a set, equal items count once.
    fn matched(&self, gold: &[Value], pred: &[Value], is_set: bool) -> Finding {
        if gold.len() > MAX_ITEMS || pred.len() > MAX_ITEMS {
            return Finding::undecided(Reason::TooMuchWork);
        }
        let (gold, pred) = match is_set {
            true => (self.distinct(gold), self.distinct(pred)),
            false => (gold.iter().collect(), pred.iter().collect::<Vec<_>>()),
        };
        if gold.len() != pred.len() {
            return Finding::different(Reason::OtherLength);
        }
        let mut left = pred;
        let mut result = Finding::equal(Reason::SameValue);
        for item in gold {
            let findings: Vec<Finding> = left.iter().map(|other| self.values(item, other)).collect();
            if let Some(at) = findings.iter().position(|found| found.is_equal()) {
                if result.is_equal() {
                    result = findings[at];
                }
                left.remove(at);
            } else if let Some(open) = findings.iter().find(|found| found.judgment == Judgment::Undecided) {
                result = *open;
            } else {
                return Finding::different(Reason::OtherValue);
            }
        }
        result
    }

    fn distinct<'v>(&self, items: &'v [Value]) -> Vec<&'v Value> {
        let mut kept: Vec<&Value> = Vec::new();
        for item in items {
            if !kept.iter().any(|other| self.values(other, item).is_equal()) {
                kept.push(item);
            }
        }
        kept
    }

    /// Ratios against ratios and quotients, times of day against times of day.
    pub(super) fn ratios(&self, gold: &Value, pred: &Value) -> Finding {
        match (gold, pred) {
            (
                Value::Clock { hours: a, minutes: b, half: left },
                Value::Clock { hours: c, minutes: d, half: right },
            ) => match (left, right) {
                _ if left.is_some() != right.is_some() && in_day(gold) == in_day(pred) && *a.max(c) > 12 => {
                    Finding::equal(Reason::UnitUnderstood)
                }
                // The same ratio at another time of day.
                _ if (a, b) != (c, d) && a * d == b * c => Finding::undecided(Reason::NotUnderstood),
                _ if (a, b) != (c, d) => Finding::different(Reason::OtherValue),
                (Some(left), Some(right)) if left != right => Finding::different(Reason::OtherUnit),
                _ => Finding::equal(Reason::SameText),
            },
            (Value::Clock { hours, minutes, .. }, other) | (other, Value::Clock { hours, minutes, .. }) => {
                let part = |n: &u32| Expr::Number(crate::number::whole(i64::from(*n)));
                match self.ratios(&Value::Ratio(vec![part(hours), part(minutes)]), other) {
                    found if found.is_equal() => Finding::undecided(Reason::NotUnderstood),
                    found => found,
                }
            }
            (Value::Ratio(left), Value::Ratio(right)) => {
                if left.len() != right.len() {
                    return Finding::different(Reason::OtherLength);
                }
                let quotient = |a: &Expr, b: &Expr| Expr::Quotient(Box::new(a.clone()), Box::new(b.clone()));
                let pairs = left.windows(2).zip(right.windows(2));
                Finding::all(
                    pairs.map(|(a, b)| self.expressions(&quotient(&a[0], &a[1]), &quotient(&b[0], &b[1]))),
                )
            }
            (Value::Ratio(parts), Value::Number { expr, unit: None }) if parts.len() == 2 => {
                let quotient = Expr::Quotient(Box::new(parts[0].clone()), Box::new(parts[1].clone()));
                self.expressions(&quotient, expr)
            }
            (Value::Number { expr, unit: None }, Value::Ratio(parts)) if parts.len() == 2 => {
                let quotient = Expr::Quotient(Box::new(parts[0].clone()), Box::new(parts[1].clone()));
                self.expressions(expr, &quotient)
            }
            _ => Finding::different(Reason::OtherKind),
        }
    }
}

/// The rows of a matrix that is written `[[1,2],[3,4]]`.
fn rows_of(items: &[Value]) -> Option<Vec<Vec<Expr>>> {
    let number = |value: &Value| match value {
        Value::Number { expr, unit: None } => Some(expr.clone()),
        _ => None,
    };
    let row = |value: &Value| match value {
        Value::Bracketed { open: '[', items, close: ']' } => {
            items.iter().map(number).collect::<Option<Vec<_>>>()
        }
        _ => None,
    };
    items.iter().map(row).collect()
}

/// Hours and minutes since midnight of a time of day.
fn in_day(clock: &Value) -> Option<(u32, u32)> {
    let Value::Clock { hours, minutes, half } = clock else { return None };
    let hours = match half {
        Some(Unit::Named(half)) if half == "pm" => hours % 12 + 12,
        Some(Unit::Named(half)) if half == "am" => hours % 12,
        _ => *hours,
    };
    Some((hours, *minutes))
}

/// The items of a set, a list, or a single value; `±` makes two.
fn items(value: &Value) -> Option<Cow<'_, [Value]>> {
    match value {
        Value::Set(items) | Value::List { items, joint: Joint::Comma | Joint::Or | Joint::And } => {
            let several =
                items.iter().any(|item| matches!(item, Value::Number { expr, .. } if expr.has_plus_minus()));
            if !several {
                return Some(Cow::Borrowed(items));
            }
            let spread = items.iter().flat_map(|item| signs(item).unwrap_or_else(|| vec![item.clone()]));
            Some(Cow::Owned(spread.collect()))
        }
        Value::Number { .. } => Some(Cow::Owned(signs(value).unwrap_or_else(|| vec![value.clone()]))),
        _ => None,
    }
}

/// The two values of a number with `±`.
fn signs(value: &Value) -> Option<Vec<Value>> {
    let Value::Number { expr, unit } = value else { return None };
    if !expr.has_plus_minus() {
        return None;
    }
    let with = |upper| Value::Number { expr: expr.with_sign(upper), unit: unit.clone() };
    Some(vec![with(true), with(false)])
}

/// Whether names are one name with numbers: x_1, x_2.
fn is_indexed(names: &BTreeSet<&str>) -> bool {
    let parts: Option<Vec<(&str, &str)>> = names.iter().map(|name| name.rsplit_once('_')).collect();
    parts.is_some_and(|parts| {
        parts.iter().all(|(base, index)| *base == parts[0].0 && index.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// The values of names, in the order of the names; `None` where one has no name of a letter or two share one.
fn by_name(items: &[Value]) -> Option<Vec<Value>> {
    let named = |item: &Value| match item {
        Value::Assignment { name, value } if name.len() == 1 => Some((name.clone(), (**value).clone())),
        _ => None,
    };
    let mut all: Vec<(String, Value)> = items.iter().map(named).collect::<Option<_>>()?;
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let distinct = all.windows(2).all(|pair| pair[0].0 != pair[1].0);
    distinct.then(|| all.into_iter().map(|(_, value)| value).collect())
}

fn names(items: &[Value]) -> BTreeSet<&str> {
    items
        .iter()
        .filter_map(|item| match item {
            Value::Assignment { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect()
}
