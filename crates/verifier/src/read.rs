//! From text to values: cleaning, tokens, expressions, and what whole answers are.

mod based;
mod clean;
mod command;
mod date;
mod noun;
mod number_words;
mod numeral;
mod remark;
mod rewrite;
mod scalar;
mod spoken;
mod strip;
mod token;
mod unit;
mod value;

pub(crate) use clean::clean;
pub(crate) use strip::{is_math, plain_text};
use token::tokens;
pub(crate) use unit::{Unit, unit};
mod measure;
pub(crate) use measure::in_base_unit;
pub(crate) use value::{Joint, Relation, Value, read};

/// Words that stand for no unit: they change what the number before them says.
pub(crate) use unit::changes_meaning;
