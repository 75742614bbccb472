//! Solutions of linear inequalities in one unknown.

use super::Comparison;
use super::real_set::{End, Piece, RealSet, everything};
use crate::expr::{Expr, Function};
use crate::fuel::Stop;
use crate::normal::{Atom, Form, Monomial, Poly};
use crate::read::Relation;
use std::cmp::Ordering;

impl Comparison<'_> {
    /// The solutions of a chain of linear inequalities in one unknown.
    pub(super) fn solved(&self, sides: &[Expr], signs: &[Relation]) -> Result<RealSet, Stop> {
        let mut result: Option<RealSet> = None;
        for (pair, sign) in sides.windows(2).zip(signs) {
            let set = self.solved_pair(&pair[0], *sign, &pair[1])?;
            result = Some(match result {
                None => set,
                Some(before) if before.name == set.name => {
                    RealSet { pieces: self.intersection(&before.pieces, &set.pieces)?, name: before.name }
                }
                Some(_) => return Err(Stop::Unknown),
            });
        }
        result.ok_or(Stop::Unknown)
    }

    fn solved_pair(&self, left: &Expr, sign: Relation, right: &Expr) -> Result<RealSet, Stop> {
        // An infinite side only says that there is no bound.
        if let Some((other, _)) =
            [(left, right), (right, left)].into_iter().find(|(x, _)| x.infinite().is_some())
        {
            let unknown = if std::ptr::eq(other, left) { right } else { left };
            let Expr::Symbol(name) = unknown else { return Err(Stop::Unknown) };
            let upper = std::ptr::eq(other, right);
            let holds = match sign {
                Relation::Less | Relation::AtMost => upper != other.infinite().unwrap_or(false),
                Relation::Greater | Relation::AtLeast => upper == other.infinite().unwrap_or(false),
                _ => false,
            };
            let pieces = if holds { vec![everything()] } else { return Err(Stop::Unknown) };
            return Ok(RealSet { name: Some(name.clone()), pieces });
        }
        for (size, bound, sign) in [(left, right, sign), (right, left, sign.mirrored())] {
            if let Expr::Call(Function::Abs, inside) = size
                && let [inside] = &inside[..]
                && inside.has_symbol()
                && !bound.has_symbol()
            {
                return self.solved_size(inside, sign, bound);
            }
        }
        let n = &self.normalizer;
        let difference = n.sub(&n.form(left, true)?, &n.form(right, true)?)?;
        let (name, slope, rest) = linear(&difference).ok_or(Stop::Unknown)?;
        let point = n.divide(&rest.neg(), &slope)?;
        let rising = match n.sign(&slope)? {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal => return Err(Stop::Unknown),
        };
        let at = |closed| (End::At(point.clone()), closed);
        let piece = |(lo, lo_closed): (End, bool), (hi, hi_closed): (End, bool)| Piece {
            lo,
            lo_closed,
            hi,
            hi_closed,
        };
        let above = |closed| piece(at(closed), (End::Above, false));
        let below = |closed| piece((End::Below, false), at(closed));
        let pieces = match (sign, rising) {
            (Relation::Greater, true) | (Relation::Less, false) => vec![above(false)],
            (Relation::AtLeast, true) | (Relation::AtMost, false) => vec![above(true)],
            (Relation::Less, true) | (Relation::Greater, false) => vec![below(false)],
            (Relation::AtMost, true) | (Relation::AtLeast, false) => vec![below(true)],
            (Relation::Unequal, _) => vec![below(false), above(false)],
            (Relation::Equal, _) => vec![piece(at(true), at(true))],
        };
        Ok(RealSet { name: Some(name), pieces })
    }

    /// The solutions of |inside| < bound and its kin: `inside` between the bounds, or beyond one of them.
    fn solved_size(&self, inside: &Expr, sign: Relation, bound: &Expr) -> Result<RealSet, Stop> {
        let below = Expr::Neg(Box::new(bound.clone()));
        let right = self.solved_pair(inside, sign, bound)?;
        let left = self.solved_pair(&below, sign, inside)?;
        let pieces = match sign {
            Relation::Less | Relation::AtMost => self.intersection(&right.pieces, &left.pieces)?,
            Relation::Greater | Relation::AtLeast => right.pieces.into_iter().chain(left.pieces).collect(),
            Relation::Equal | Relation::Unequal => return Err(Stop::Unknown),
        };
        Ok(RealSet { name: right.name, pieces })
    }
}

/// The unknown, the slope and the rest of a form that is linear in its one unknown.
fn linear(form: &Form) -> Option<(String, Form, Form)> {
    if !form.den.is_one() {
        return None;
    }
    let (mut name, mut slope, mut rest) = (None, Vec::new(), Vec::new());
    for (monomial, q) in &form.num.0 {
        let symbols = monomial.0.iter().filter(|(atom, _)| atom.has_symbol()).collect::<Vec<_>>();
        match symbols[..] {
            [] => rest.push((monomial.clone(), q.clone())),
            [(atom, power)] if power.is_one() => {
                let found = unknown(atom).filter(|found| name.as_ref().is_none_or(|name| name == found))?;
                name = Some(found);
                let others = monomial.0.iter().filter(|(atom, _)| !atom.has_symbol()).cloned();
                slope.push((Monomial(others.collect()), q.clone()));
            }
            _ => return None,
        }
    }
    Some((name?, Poly::collected(slope).into(), Poly::collected(rest).into()))
}

/// The name of an unknown, or of a function of one: the values of f(x) in `0 < f(x) < 1`.
fn unknown(atom: &Atom) -> Option<String> {
    match atom {
        Atom::Symbol(name) => Some(name.clone()),
        Atom::Call(Function::Named(_), _) => Some(atom.to_string()),
        _ => None,
    }
}
