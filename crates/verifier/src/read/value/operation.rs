//! What is left to be carried out.

use super::{Relation, Value};
use crate::expr::Expr;

impl Value {
    /// Whether something is left to be carried out: what nothing marks as an answer is then the question.
    pub(crate) fn is_operation(&self) -> bool {
        match self {
            Self::Number { expr, .. } => expr.is_operation(),
            Self::Bracketed { items, .. }
            | Self::Set(items)
            | Self::List { items, .. }
            | Self::Nearly(items) => items.iter().any(Self::is_operation),
            Self::Assignment { value, .. } => value.is_operation(),
            // "2x = 6" is to be solved.
            Self::Relations { sides, signs } => {
                let equation = signs[..] == [Relation::Equal];
                let mut unknowns: Vec<&str> = sides.iter().flat_map(Expr::symbols).collect();
                unknowns.sort_unstable();
                unknowns.dedup();
                equation && unknowns.len() == 1
            }
            Self::Union(_)
            | Self::Intersection(_)
            | Self::Difference(..)
            | Self::Numbers(_)
            | Self::Congruence { .. }
            | Self::Member { .. }
            | Self::Matrix(_)
            | Self::Ratio(_)
            | Self::Clock { .. }
            | Self::Choice { .. }
            | Self::Text(_)
            | Self::Formula(_) => false,
        }
    }
}
