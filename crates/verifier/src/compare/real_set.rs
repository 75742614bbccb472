//! Sets of real numbers as unions of intervals.

use super::Comparison;
use super::relations::is_inequality;
use crate::expr::Expr;
use crate::fuel::Stop;
use crate::judgment::{Finding, Reason};
use crate::normal::Form;
use crate::read::{Joint, Relation, Value};
use std::cmp::Ordering;

/// An end of an interval.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum End {
    Below,
    At(Form),
    Above,
}

/// The numbers between two ends.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) lo: End,
    pub(super) lo_closed: bool,
    pub(super) hi: End,
    pub(super) hi_closed: bool,
}

/// Numbers, and the name that ranges over them, if one is given.
#[derive(Clone, Debug)]
pub(super) struct RealSet {
    pub(super) name: Option<String>,
    pub(super) pieces: Vec<Piece>,
}

/// Most pieces that a set may have.
const MAX_PIECES: usize = 40;

impl Comparison<'_> {
    /// Two sets of real numbers.
    pub(super) fn real_sets(&self, gold: &Value, pred: &Value) -> Finding {
        let sets = self.real_set(gold).and_then(|gold| Ok((gold, self.real_set(pred)?)));
        let compared = sets.and_then(|(gold, pred)| {
            if let (Some(a), Some(b)) = (&gold.name, &pred.name)
                && a != b
            {
                return Ok(Finding::different(Reason::OtherName));
            }
            self.same_pieces(&self.merged(gold.pieces)?, &self.merged(pred.pieces)?)
        });
        compared.unwrap_or_else(|stop| match stop {
            Stop::Unknown => Finding::undecided(Reason::NotUnderstood),
            other => other.into(),
        })
    }

    fn same_pieces(&self, gold: &[Piece], pred: &[Piece]) -> Result<Finding, Stop> {
        if gold.len() != pred.len() {
            return Ok(Finding::different(Reason::OtherValue));
        }
        for (a, b) in gold.iter().zip(pred) {
            let ends = self.order(&a.lo, &b.lo)?.is_eq() && self.order(&a.hi, &b.hi)?.is_eq();
            if !ends || a.lo_closed != b.lo_closed || a.hi_closed != b.hi_closed {
                return Ok(Finding::different(Reason::OtherValue));
            }
        }
        Ok(Finding::equal(Reason::SameValue))
    }

    fn order(&self, a: &End, b: &End) -> Result<Ordering, Stop> {
        Ok(match (a, b) {
            (End::Below, End::Below) | (End::Above, End::Above) => Ordering::Equal,
            (End::Below, _) | (_, End::Above) => Ordering::Less,
            (_, End::Below) | (End::Above, _) => Ordering::Greater,
            (End::At(a), End::At(b)) => self.normalizer.compare(a, b)?,
        })
    }

    fn real_set(&self, value: &Value) -> Result<RealSet, Stop> {
        let set = match value {
            Value::Numbers(name) if name == "R" => RealSet { name: None, pieces: vec![everything()] },
            Value::Bracketed { open, items, close } => {
                let [lo, hi] = &items[..] else { return Err(Stop::Unknown) };
                let (lo, hi) = (self.end(lo)?, self.end(hi)?);
                if self.order(&lo, &hi)? == Ordering::Greater || *open == '⟨' {
                    return Err(Stop::Unknown);
                }
                let closed =
                    |bracket: char, end: &End| matches!(bracket, '[' | ']') && matches!(end, End::At(_));
                let piece = Piece { lo_closed: closed(*open, &lo), hi_closed: closed(*close, &hi), lo, hi };
                RealSet { name: None, pieces: vec![piece] }
            }
            Value::Set(items) | Value::List { items, joint: Joint::Or } | Value::Union(items) => self
                .together(items, |all, more| {
                    all.extend(more);
                    Ok(())
                })?,
            // "(1,2) and (3,4)" may be two points, both intervals, or what they share.
            Value::List { items, joint: Joint::And }
                if items.iter().any(|i| matches!(i, Value::Bracketed { .. })) =>
            {
                return Err(Stop::Unknown);
            }
            Value::List { items, joint: Joint::Comma } if !excludes(items) => return Err(Stop::Unknown),
            Value::Intersection(items) | Value::List { items, joint: Joint::And | Joint::Comma } => self
                .together(items, |all, more| {
                    *all = self.intersection(all, &more)?;
                    Ok(())
                })?,
            Value::Difference(whole, taken) => {
                let (mut whole, taken) = (self.real_set(whole)?, self.real_set(taken)?);
                whole.pieces = self.intersection(&whole.pieces, &self.complement(taken.pieces)?)?;
                whole
            }
            Value::Member { name, set } => RealSet { name: Some(name.clone()), ..self.real_set(set)? },
            Value::Assignment { name, value } => {
                RealSet { name: Some(name.clone()), ..self.real_set(value)? }
            }
            Value::Number { expr, unit: None } => {
                let point = End::At(self.constant(expr)?);
                let piece = Piece { lo: point.clone(), lo_closed: true, hi: point, hi_closed: true };
                RealSet { name: None, pieces: vec![piece] }
            }
            Value::Relations { sides, signs } => self.solved(sides, signs)?,
            _ => return Err(Stop::Unknown),
        };
        if set.pieces.len() > MAX_PIECES { Err(Stop::Fuel) } else { Ok(set) }
    }

    /// Several sets joined; their names must agree.
    fn together(
        &self,
        items: &[Value],
        mut join: impl FnMut(&mut Vec<Piece>, Vec<Piece>) -> Result<(), Stop>,
    ) -> Result<RealSet, Stop> {
        let mut result: Option<RealSet> = None;
        for item in items.iter().take(MAX_PIECES + 1) {
            let set = self.real_set(item)?;
            let Some(all) = &mut result else {
                result = Some(set);
                continue;
            };
            match (&all.name, &set.name) {
                (Some(a), Some(b)) if a != b => return Err(Stop::Unknown),
                (None, Some(_)) => all.name = set.name.clone(),
                _ => {}
            }
            join(&mut all.pieces, set.pieces)?;
        }
        result.or(Some(RealSet { name: None, pieces: Vec::new() })).ok_or(Stop::Unknown)
    }

    fn end(&self, value: &Value) -> Result<End, Stop> {
        let Value::Number { expr, unit: None } = value else { return Err(Stop::Unknown) };
        match expr.infinite() {
            Some(true) => Ok(End::Below),
            Some(false) => Ok(End::Above),
            None => self.constant(expr).map(End::At),
        }
    }

    fn constant(&self, expr: &Expr) -> Result<Form, Stop> {
        let form = self.normalizer.form(expr, true)?;
        if form.has_symbol() || !form.is_real() || expr.has_plus_minus() {
            Err(Stop::Unknown)
        } else {
            Ok(form)
        }
    }

    pub(super) fn intersection(&self, a: &[Piece], b: &[Piece]) -> Result<Vec<Piece>, Stop> {
        let mut pieces = Vec::new();
        for left in a {
            for right in b {
                self.normalizer.fuel.spend(20)?;
                let (lo, lo_closed) = match self.order(&left.lo, &right.lo)? {
                    Ordering::Greater => (&left.lo, left.lo_closed),
                    Ordering::Less => (&right.lo, right.lo_closed),
                    Ordering::Equal => (&left.lo, left.lo_closed && right.lo_closed),
                };
                let (hi, hi_closed) = match self.order(&left.hi, &right.hi)? {
                    Ordering::Less => (&left.hi, left.hi_closed),
                    Ordering::Greater => (&right.hi, right.hi_closed),
                    Ordering::Equal => (&left.hi, left.hi_closed && right.hi_closed),
                };
                pieces.push(Piece { lo: lo.clone(), lo_closed, hi: hi.clone(), hi_closed });
            }
        }
        self.merged(pieces)
    }

    fn complement(&self, pieces: Vec<Piece>) -> Result<Vec<Piece>, Stop> {
        let mut gaps = Vec::new();
        let (mut from, mut from_closed) = (End::Below, false);
        for piece in self.merged(pieces)? {
            gaps.push(Piece { lo: from, lo_closed: from_closed, hi: piece.lo, hi_closed: !piece.lo_closed });
            (from, from_closed) = (piece.hi, !piece.hi_closed);
        }
        gaps.push(Piece { lo: from, lo_closed: from_closed, hi: End::Above, hi_closed: false });
        for gap in &mut gaps {
            gap.lo_closed &= matches!(gap.lo, End::At(_));
            gap.hi_closed &= matches!(gap.hi, End::At(_));
        }
        self.merged(gaps)
    }

    /// The pieces in order, empty ones dropped, those that touch joined: equal sets have equal pieces.
    fn merged(&self, pieces: Vec<Piece>) -> Result<Vec<Piece>, Stop> {
        let mut kept: Vec<Piece> = Vec::new();
        for piece in pieces {
            match self.order(&piece.lo, &piece.hi)? {
                Ordering::Greater => continue,
                Ordering::Equal if !(piece.lo_closed && piece.hi_closed) => continue,
                _ => {}
            }
            let mut at = 0;
            while let Some(other) = kept.get(at) {
                self.normalizer.fuel.spend(10)?;
                let order = self.order(&other.lo, &piece.lo)?.then(piece.lo_closed.cmp(&other.lo_closed));
                if order == Ordering::Greater {
                    break;
                }
                at += 1;
            }
            kept.insert(at, piece);
        }
        let mut joined: Vec<Piece> = Vec::new();
        for piece in kept {
            let Some(last) = joined.last_mut() else {
                joined.push(piece);
                continue;
            };
            let touches = match self.order(&last.hi, &piece.lo)? {
                Ordering::Greater => true,
                Ordering::Equal => last.hi_closed || piece.lo_closed,
                Ordering::Less => false,
            };
            if !touches {
                joined.push(piece);
                continue;
            }
            match self.order(&last.hi, &piece.hi)? {
                Ordering::Less => (last.hi, last.hi_closed) = (piece.hi, piece.hi_closed),
                Ordering::Equal => last.hi_closed |= piece.hi_closed,
                Ordering::Greater => {}
            }
        }
        Ok(joined)
    }
}

/// Whether conditions are listed of which one takes a point away: "x > 0, x ≠ 1".
pub(super) fn excludes(items: &[Value]) -> bool {
    let unequal =
        |item: &Value| matches!(item, Value::Relations { signs, .. } if signs[..] == [Relation::Unequal]);
    items.iter().all(is_inequality) && items.iter().any(unequal)
}

pub(super) fn everything() -> Piece {
    Piece { lo: End::Below, lo_closed: false, hi: End::Above, hi_closed: false }
}
