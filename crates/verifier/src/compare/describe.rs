//! Values in words, for people.

use super::Comparison;
use crate::expr::Expr;
use crate::read::{Relation, Unit, Value};

impl Comparison<'_> {
    /// What a value was read as, scalars in normal form.
    pub(crate) fn describe(&self, value: &Value) -> String {
        let all =
            |items: &[Value]| items.iter().map(|item| self.describe(item)).collect::<Vec<_>>().join(", ");
        let joined = |items: &[Value], word: &str| {
            items.iter().map(|item| self.describe(item)).collect::<Vec<_>>().join(word)
        };
        match value {
            Value::Number { expr, unit } => match unit {
                None => self.scalar(expr),
                Some(Unit::Degrees) => format!("{} degrees", self.scalar(expr)),
                Some(Unit::Percent) => format!("{} percent", self.scalar(expr)),
                Some(Unit::Named(name) | Unit::Unknown(name)) => format!("{} {name}", self.scalar(expr)),
            },
            Value::Bracketed { open, items, close } => format!("{open}{}{close}", all(items)),
            Value::Set(items) => format!("the set {{{}}}", all(items)),
            Value::List { items, .. } => format!("the list {}", all(items)),
            Value::Union(items) => joined(items, " union "),
            Value::Intersection(items) => joined(items, " intersected with "),
            Value::Difference(a, b) => format!("{} without {}", self.describe(a), self.describe(b)),
            Value::Numbers(name) => format!("all of {name}"),
            Value::Assignment { name, value } => format!("{name} = {}", self.describe(value)),
            Value::Relations { sides, signs } => {
                let mut out = sides.first().map(|side| self.scalar(side)).unwrap_or_default();
                for (side, sign) in sides.iter().skip(1).zip(signs) {
                    out.push_str(match sign {
                        Relation::Equal => " = ",
                        Relation::Unequal => " != ",
                        Relation::Less => " < ",
                        Relation::AtMost => " <= ",
                        Relation::Greater => " > ",
                        Relation::AtLeast => " >= ",
                    });
                    out.push_str(&self.scalar(side));
                }
                out
            }
            Value::Congruence { sides, modulus } => {
                let sides: Vec<String> = sides.iter().map(|side| self.scalar(side)).collect();
                format!("{} modulo {}", sides.join(" congruent to "), self.scalar(modulus))
            }
            Value::Nearly(items) => joined(items, ", about "),
            Value::Member { name, set } => format!("{name} in {}", self.describe(set)),
            Value::Matrix(rows) => {
                let row =
                    |row: &Vec<Expr>| row.iter().map(|cell| self.scalar(cell)).collect::<Vec<_>>().join(", ");
                format!("the matrix [{}]", rows.iter().map(row).collect::<Vec<_>>().join("; "))
            }
            Value::Ratio(parts) => parts.iter().map(|part| self.scalar(part)).collect::<Vec<_>>().join(" : "),
            Value::Clock { hours, minutes, .. } => format!("{hours}:{minutes:02}"),
            Value::Choice { letter, rest: None } => format!("choice {letter}"),
            Value::Choice { letter, rest: Some(rest) } => format!("choice {letter}, {}", self.describe(rest)),
            Value::Formula(text) => format!("the formula {text}, which is not understood"),
            Value::Text(text) => format!("the text \"{text}\""),
        }
    }

    fn scalar(&self, expr: &Expr) -> String {
        match expr.infinite() {
            Some(true) => return "-infinity".into(),
            Some(false) => return "infinity".into(),
            None => {}
        }
        let form = |upper| match self.normalizer.form(expr, upper) {
            Ok(form) => form.to_string(),
            Err(stop) => stop.to_string(),
        };
        if expr.has_plus_minus() { format!("{} and {}", form(true), form(false)) } else { form(true) }
    }
}
