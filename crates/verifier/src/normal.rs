//! Normal forms of scalar expressions: quotients of sums of rational multiples of power products of atoms.
//!
//! Every rewrite is an identity (symbols stand for real numbers), so that two expressions whose difference
//! has the normal form zero are equal. The converse holds for rational functions and radicals of integers,
//! and not in general.

mod atom;
mod build;
mod circular;
mod evaluate;
mod exponential;
mod form;
mod poly;
mod power;
mod render;
mod separation;

pub(crate) use atom::{Atom, Monomial};
pub(crate) use evaluate::Sampling;
pub(crate) use form::Form;
pub(crate) use poly::Poly;

use crate::fuel::Fuel;

/// Computes normal forms within a bound of work.
#[derive(Debug)]
pub(crate) struct Normalizer {
    pub(crate) fuel: Fuel,
}

impl Normalizer {
    /// With this much work allowed.
    pub(crate) fn new(fuel: u64) -> Self {
        Self { fuel: Fuel::new(fuel) }
    }
}
