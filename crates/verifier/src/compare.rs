//! Equality of answers, kind by kind.

mod collections;
mod congruences;
mod describe;
mod families;
mod inequality;
mod modular;
mod real_set;
mod relations;
mod scalars;

use crate::expr::Expr;
use crate::judgment::{Finding, Reason};
use crate::normal::Normalizer;
use crate::options::Options;
use crate::read::{Joint, Value};

/// Compares values under one set of options and one bound of work.
pub(crate) struct Comparison<'o> {
    pub(crate) options: &'o Options,
    pub(crate) normalizer: Normalizer,
    /// Digits after the point as they are written, of answers that are decimals and nothing else: gold, then the
    /// prediction.
    places: [Option<usize>; 2],
}

impl<'o> Comparison<'o> {
    /// With a full tank.
    pub(crate) fn new(options: &'o Options) -> Self {
        Self { options, normalizer: Normalizer::new(options.fuel), places: [None; 2] }
    }

    /// With the texts of both answers, whose zeros at the end count for rounding.
    pub(crate) fn written(mut self, gold: &str, pred: &str) -> Self {
        self.places = [gold, pred].map(|text| {
            crate::decimal::Decimal::whole(text).and(text.split_once('.')).map(|(_, digits)| digits.len())
        });
        self
    }

    /// Whether `pred` is shown to equal `gold`, which decides what order and brackets mean.
    pub(crate) fn values(&self, gold: &Value, pred: &Value) -> Finding {
        match (gold, pred) {
            (Value::Text(a), Value::Text(b)) if a == b => Finding::equal(Reason::SameText),
            (Value::Text(a), Value::Text(b)) if same_names(a, b) => Finding::equal(Reason::SameText),
            (Value::Text(_), Value::Text(_)) => Finding::different(Reason::OtherText),
            (Value::Choice { .. }, _) | (_, Value::Choice { .. }) => self.choices(gold, pred),
            (Value::Formula(a), Value::Formula(b)) if a == b => Finding::equal(Reason::SameText),
            (Value::Formula(_), _) | (_, Value::Formula(_)) => Finding::undecided(Reason::NotUnderstood),
            (Value::Nearly(parts), other) => self.any(parts.iter().map(|part| self.values(part, other))),
            (other, Value::Nearly(parts)) => self.any(parts.iter().map(|part| self.values(other, part))),
            _ if let (Some(left), Some(right)) = (families::family(gold), families::family(pred)) => {
                self.families(left, right)
            }
            // "3/8, or 37.5%" says one value twice.
            (Value::List { items, joint: Joint::Or }, other) if self.is_repeated(items) => {
                self.values(&items[0], other)
            }
            (other, Value::List { items, joint: Joint::Or }) if self.is_repeated(items) => {
                self.values(other, &items[0])
            }
            // Capitals in a row are read as a name where they are not set as text.
            (Value::Text(text), Value::Number { expr: Expr::Symbol(name), unit: None })
            | (Value::Number { expr: Expr::Symbol(name), unit: None }, Value::Text(text))
                if name.len() > 1 && text.eq_ignore_ascii_case(name) =>
            {
                Finding::equal(Reason::SameText)
            }
            (Value::Text(_), _) | (_, Value::Text(_)) => Finding::different(Reason::OtherKind),
            _ => self.mathematics(gold, pred),
        }
    }

    /// Two values that are understood.
    fn mathematics(&self, gold: &Value, pred: &Value) -> Finding {
        match (gold, pred) {
            (Value::Congruence { .. }, _) | (_, Value::Congruence { .. }) => self.congruences(gold, pred),
            (Value::Member { name, set }, other) if let Some(list) = listed(name, set, other) => {
                self.values(&list, other)
            }
            (other, Value::Member { name, set }) if let Some(list) = listed(name, set, other) => {
                self.values(other, &list)
            }
            (Value::List { items, .. }, Value::Number { expr: Expr::Symbol(name), unit: None })
            | (Value::Number { expr: Expr::Symbol(name), unit: None }, Value::List { items, .. })
                if letters(items).is_some_and(|letters| letters == *name) =>
            {
                Finding::equal(Reason::SameText)
            }
            (Value::Assignment { .. } | Value::Relations { .. }, _)
            | (_, Value::Assignment { .. } | Value::Relations { .. }) => self.relations(gold, pred),
            (Value::Number { .. }, Value::Number { .. }) => self.numbers(gold, pred),
            (Value::Matrix(a), Value::Matrix(b)) => self.matrices(a, b),
            (Value::Ratio(_) | Value::Clock { .. }, _) | (_, Value::Ratio(_) | Value::Clock { .. }) => {
                self.ratios(gold, pred)
            }
            (Value::Numbers(_), Value::Numbers(_)) | (Value::Member { .. }, Value::Member { .. })
                if gold == pred =>
            {
                Finding::equal(Reason::SameText)
            }
            _ if is_continuous(gold) || is_continuous(pred) => self.real_sets(gold, pred),
            _ => self.collections(gold, pred),
        }
    }

    /// A letter of a choice, or what stands beside it.
    fn choices(&self, gold: &Value, pred: &Value) -> Finding {
        match (gold, pred) {
            (Value::Choice { letter: a, rest: left }, Value::Choice { letter: b, rest: right }) => {
                match (left, right) {
                    _ if a != b => Finding::different(Reason::OtherText),
                    (Some(left), Some(right)) if !self.values(left, right).is_equal() => {
                        Finding::undecided(Reason::NotUnderstood)
                    }
                    _ => Finding::equal(Reason::SameText),
                }
            }
            (Value::Choice { rest: Some(rest), .. }, other) => self.values(rest, other),
            (other, Value::Choice { rest: Some(rest), .. }) => self.values(other, rest),
            _ => Finding::different(Reason::OtherKind),
        }
    }

    /// Whether two numbers are one.
    fn is_repeated(&self, items: &[Value]) -> bool {
        matches!(items, [a @ Value::Number { .. }, b @ Value::Number { .. }] if self.values(a, b).is_equal())
    }

    /// One of several readings is equal.
    fn any(&self, findings: impl IntoIterator<Item = Finding>) -> Finding {
        let mut result = Finding::different(Reason::OtherKind);
        for finding in findings {
            if finding.is_equal() {
                return finding;
            }
            if result.reason == Reason::OtherKind || finding.judgment == crate::Judgment::Undecided {
                result = finding;
            }
        }
        result
    }
}

/// Whether two texts join the same parts by "and".
fn same_names(a: &str, b: &str) -> bool {
    if !a.contains(" and ") || a.len() != b.len() {
        return false;
    }
    let parts = |text: &str| {
        let mut parts: Vec<String> = text.split(" and ").map(str::to_owned).collect();
        parts.sort_unstable();
        parts
    };
    parts(a) == parts(b)
}

/// What a member of a finite set may be, as a list of named values; `None` beside another member.
fn listed(name: &str, set: &Value, other: &Value) -> Option<Value> {
    let Value::Set(items) = set else { return None };
    if matches!(other, Value::Member { .. }) {
        return None;
    }
    let named = |item: &Value| Value::Assignment { name: name.to_owned(), value: Box::new(item.clone()) };
    Some(Value::List { items: items.iter().map(named).collect(), joint: Joint::Or })
}

/// The letters of several choices, in order: "A, C, D" is "ACD".
fn letters(items: &[Value]) -> Option<String> {
    let letter = |item: &Value| match item {
        Value::Choice { letter, rest: None } => Some(*letter),
        _ => None,
    };
    items.iter().map(letter).collect()
}

/// Whether a pair in brackets has an infinite end, as intervals have.
fn is_unbounded(value: &Value) -> bool {
    let infinite = |item: &Value| matches!(item, Value::Number { expr, .. } if expr.infinite().is_some());
    matches!(value, Value::Bracketed { items, .. } if items.len() == 2 && items.iter().any(infinite))
}

/// Whether a value can only be a set of real numbers with intervals in it.
fn is_continuous(value: &Value) -> bool {
    match value {
        Value::Union(_) | Value::Intersection(_) | Value::Difference(..) | Value::Member { .. } => true,
        Value::Numbers(name) => name == "R",
        Value::Bracketed { open, close, .. } => matches!((open, close), ('(', ']') | ('[', ')')),
        Value::List { items, joint: Joint::Comma } => real_set::excludes(items),
        Value::List { items, joint: Joint::Or | Joint::And } => items
            .iter()
            .any(|item| is_continuous(item) || is_unbounded(item) || relations::is_inequality(item)),
        _ => false,
    }
}
