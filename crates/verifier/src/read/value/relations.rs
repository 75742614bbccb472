//! Equations, assignments, inequalities and memberships.

use super::{Read, Relation, Value, enclosed, split, value};
use crate::expr::Expr;
use crate::fuel::Stop;
use crate::read::scalar::Scalar;
use crate::read::token::{Spelled, Token};

fn relation_of(token: &Token) -> Option<Relation> {
    match token.spelled {
        Spelled::Sign('=') => Some(Relation::Equal),
        Spelled::Sign('≠') => Some(Relation::Unequal),
        Spelled::Sign('<') => Some(Relation::Less),
        Spelled::Sign('≤') => Some(Relation::AtMost),
        Spelled::Sign('>') => Some(Relation::Greater),
        Spelled::Sign('≥') => Some(Relation::AtLeast),
        _ => None,
    }
}

/// Equations, assignments, inequalities and approximations.
pub(super) fn relations(all: &[Token], depth: usize) -> Option<Read> {
    let nearly = split(all, |t| t.is('≈'));
    if nearly.len() > 1 {
        let named = nearly.iter().filter(|part| !part.is_empty());
        return Some(named.map(|part| value(part, depth + 1)).collect::<Result<_, _>>().map(Value::Nearly));
    }
    let sides = split(all, |t| relation_of(t).is_some());
    if sides.len() < 2 {
        return None;
    }
    let mut nesting = 0;
    let top = all.iter().filter(|token| {
        nesting += token.nesting();
        nesting == 0
    });
    let signs: Vec<Relation> = top.filter_map(relation_of).collect();
    if signs[0] == Relation::Equal
        && let Some(name) = name_of(sides[0])
    {
        let rest = &all[sides[0].len() + 1..];
        let said = value(rest, depth + 1);
        return Some(said.map(|value| Value::Assignment { name, value: Box::new(value) }));
    }
    let sides: Result<Vec<Expr>, Stop> = sides.iter().map(|side| Scalar::whole(side)).collect();
    Some(sides.map(|sides| match (&sides[..], &signs[..]) {
        // "5 = x" says what x is.
        ([said, Expr::Symbol(name)], [Relation::Equal]) if !said.has_symbol() => Value::Assignment {
            name: name.clone(),
            value: Box::new(Value::Number { expr: said.clone(), unit: None }),
        },
        _ => Value::Relations { sides, signs },
    }))
}

/// The name that a left side is: an unknown, a function of unknowns, a tuple of them, a measure, a quantity that is
/// not computed here, or words.
fn name_of(side: &[Token]) -> Option<String> {
    let source = || side.iter().map(|token| token.source).collect::<String>();
    match Scalar::whole(side) {
        Ok(Expr::Symbol(name)) => Some(name),
        Ok(Expr::Call(crate::expr::Function::Named(_), _)) => Some(source()),
        // P(A), n(S), |AB|: a capital or a measure of named things, with nothing computed.
        Ok(Expr::Product(factors)) if factors.len() == 2 && side.len() == 4 && side[1].is('(') => {
            factors.iter().all(|f| matches!(f, Expr::Symbol(_))).then(source)
        }
        Ok(Expr::Call(crate::expr::Function::Abs, inside)) if matches!(inside[..], [Expr::Symbol(_)]) => {
            Some(source())
        }
        // The inverse of a function: f^{-1}(x).
        Ok(_)
            if side.len() > 4 && side[0].spelled == Spelled::Word("f") && source().starts_with("f^{-1}(") =>
        {
            Some(source())
        }
        // A quotient of lengths: AB/CD.
        Ok(Expr::Quotient(a, b)) if is_length(&a) && is_length(&b) => Some(source()),
        Ok(_) => None,
        Err(_) => {
            // "Solving gives x" names x.
            if let [first, .., last] = side
                && matches!(first.spelled, Spelled::Word(word) | Spelled::Text(word) if word.len() > 1)
                && matches!(last.spelled, Spelled::Word(word) if word.len() == 1)
                && (last.spaced || matches!(first.spelled, Spelled::Text(_)))
                && side.iter().all(|token| matches!(token.spelled, Spelled::Word(word) | Spelled::Text(word) if !word.split_whitespace().any(is_hedge)))
            {
                return Some(last.source.to_owned());
            }
            let ratio = split(side, |t| t.is(':'));
            if ratio.len() > 1 && ratio.iter().all(|part| matches!(Scalar::whole(part), Ok(Expr::Symbol(_))))
            {
                return Some(source());
            }
            let words = side.iter().all(|t| {
                matches!(
                    t.spelled,
                    Spelled::Word(_) | Spelled::Text(_) | Spelled::Command("angle" | "triangle")
                ) || t.is('{')
                    || t.is('}')
                    || t.is('°')
            });
            let tuple = enclosed(side, '(', ')').is_some_and(|inside| {
                split(inside, |t| t.is(','))
                    .iter()
                    .all(|item| matches!(Scalar::whole(item), Ok(Expr::Symbol(_))))
            });
            let hedged = side.iter().any(|token| match token.spelled {
                Spelled::Word(word) | Spelled::Text(word) => word.split_whitespace().any(is_hedge),
                _ => false,
            });
            (!side.is_empty() && !hedged && (words || tuple || is_quantity(side))).then(source)
        }
    }
}

/// Whether a word before a name takes back, or limits, what is said of it: "unless x = 5".
fn is_hedge(word: &str) -> bool {
    const HEDGES: &[&str] = &[
        "unless",
        "except",
        "if",
        "not",
        "when",
        "where",
        "whenever",
        "for",
        "but",
        "without",
        "excluding",
        "never",
        "cannot",
        "until",
        "before",
        "after",
        "neither",
        "nor",
        "maybe",
        "perhaps",
        "possibly",
        "suppose",
        "assume",
        "assuming",
        "let",
        "given",
        "provided",
        "only",
        "no",
        "isn't",
        "than",
        "about",
        "nearly",
        "almost",
        "solve",
        "find",
        "is",
        "least",
        "most",
        "check",
        "try",
        "exclude",
        "reject",
    ];
    HEDGES.contains(&word.to_ascii_lowercase().as_str())
}

/// Whether a side that is no expression begins as quantities do: a limit, a sum, an integral, a determinant, an
/// angle, a probability, the area `[ABC]`.
fn is_quantity(side: &[Token]) -> bool {
    const QUANTITIES: &[&str] = &[
        "lim",
        "limsup",
        "liminf",
        "sum",
        "prod",
        "int",
        "iint",
        "oint",
        "det",
        "dim",
        "deg",
        "angle",
        "measuredangle",
        "triangle",
        "overline",
        "widehat",
        "overrightarrow",
        "Pr",
        "sup",
        "inf",
    ];
    let area = || {
        enclosed(side, '[', ']')
            .is_some_and(|inside| matches!(inside, [Token { spelled: Spelled::Word(_), .. }]))
    };
    match side.first().map(|token| &token.spelled) {
        Some(Spelled::Command(name)) => QUANTITIES.contains(name),
        Some(Spelled::Word("P" | "E" | "Var")) => {
            side.get(1).is_some_and(|token| token.is('(') || token.is('['))
        }
        _ => area(),
    }
}

/// Whether an expression is the name of a length, as `AB` is.
fn is_length(expr: &Expr) -> bool {
    matches!(expr, Expr::Symbol(name) if name.len() == 2 && name.bytes().all(|b| b.is_ascii_uppercase()))
}

/// `x \in S`.
pub(super) fn member(all: &[Token], depth: usize) -> Option<Read> {
    let parts = split(all, |t| t.is('∈'));
    let [name, set] = parts[..] else { return None };
    let Ok(Expr::Symbol(name)) = Scalar::whole(name) else { return Some(Err(Stop::Unknown)) };
    Some(value(set, depth + 1).map(|set| Value::Member { name, set: Box::new(set) }))
}
