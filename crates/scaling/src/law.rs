//! What a scaling law is to the fitter: a sum of positive terms, its parameters, and its grid of starts.

use crate::data::Data;

/// The most parameters that a law may have.
pub const MAX_PARAMS: usize = 8;
/// The most terms that a law may add up.
pub const MAX_TERMS: usize = 3;

/// Where a parameter lives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// A value of the same unit as the measured one that is 0 or more: an irreducible error. Searched as a
    /// logarithm; below a millionth of the smallest measured value it counts as 0 and as on its bound.
    Floor,
    /// Above 0, searched as a logarithm.
    Positive,
    /// Between two numbers, searched as it is.
    Between(f64, f64),
}

/// One parameter of a law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Param {
    /// Its name in tables and JSON.
    pub name: &'static str,
    /// What it means, in one line.
    pub meaning: &'static str,
    /// Where it lives.
    pub range: Range,
}

impl Param {
    /// The value that the search handles: a logarithm for positive parameters.
    pub fn inner(&self, natural: f64) -> f64 {
        match self.range {
            Range::Between(..) => natural,
            Range::Floor | Range::Positive => natural.ln(),
        }
    }

    /// The value that a reader sees.
    pub fn natural(&self, inner: f64) -> f64 {
        match self.range {
            Range::Between(..) => inner,
            Range::Floor | Range::Positive => inner.exp(),
        }
    }
}

/// What the sum of a law's terms stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The measured value itself.
    Log,
    /// The odds y / (1 - y) of an error rate y.
    Logit,
}

/// The terms of a law at one point: `log[k]` is the logarithm of term k without its coefficient, and
/// `slope[k][j]` is the derivative of that with respect to inner parameter j.
#[derive(Clone, Debug, Default)]
pub struct Basis {
    /// Logarithms of the terms without their coefficients.
    pub log: [f64; MAX_TERMS],
    /// Their derivatives.
    pub slope: [[f64; MAX_PARAMS]; MAX_TERMS],
}

/// A scaling law: link(y) = sum over terms k of c_k phi_k(x), all positive.
///
/// The first [`Law::terms`] parameters are the coefficients c_k; the others are the *shape*. A new law is one
/// file in `laws/` and one entry in [`laws()`](crate::laws()).
pub trait Law: Sync + std::fmt::Debug {
    /// The name on the command line.
    fn name(&self) -> &'static str;
    /// The formula, as text.
    fn formula(&self) -> &'static str;
    /// The names of the inputs.
    fn inputs(&self) -> &'static [&'static str];
    /// The parameters: coefficients first, in the order of the terms.
    fn params(&self) -> &'static [Param];
    /// How many terms, at most [`MAX_TERMS`].
    fn terms(&self) -> usize;
    /// Whether the sum is the value or its odds.
    fn link(&self) -> Link {
        Link::Log
    }
    /// The terms at the point with logarithms of inputs `log_x`, under inner parameters `theta`. Every entry
    /// of `basis` is 0 on entry at first use; a law writes the same entries at each call.
    fn basis(&self, theta: &[f64], log_x: &[f64], basis: &mut Basis);
    /// As [`Law::basis`], without the coefficients, which are not yet known. It differs only where they enter
    /// a term's shape.
    fn shape_basis(&self, theta: &[f64], log_x: &[f64], basis: &mut Basis) {
        self.basis(theta, log_x, basis);
    }
    /// Whether the terms' shapes are free of the coefficients, so that the law is linear in them. False only
    /// where [`Law::shape_basis`] differs from [`Law::basis`].
    fn linear(&self) -> bool {
        true
    }
    /// Inner values of the shape parameters from which the search starts; the coefficients are solved for.
    fn starts(&self, data: &Data) -> Vec<Vec<f64>>;

    /// The logarithm of the law's value; `gradient` (one entry a parameter) is with respect to the inner
    /// parameters.
    fn log_value(&self, theta: &[f64], log_x: &[f64], basis: &mut Basis, gradient: &mut [f64]) -> f64 {
        self.basis(theta, log_x, basis);
        let terms = self.terms();
        let mut share = [0.0; MAX_TERMS];
        let mut top = f64::NEG_INFINITY;
        for k in 0..terms {
            share[k] = theta[k] + basis.log[k];
            top = top.max(share[k]);
        }
        let mut sum = 0.0;
        for s in &mut share[..terms] {
            *s = (*s - top).exp();
            sum += *s;
        }
        let log_sum = top + sum.ln();
        let (log_value, chain) = match self.link() {
            Link::Log => (log_sum, 1.0),
            // y = u / (1 + u), so ln y = ln u - ln(1 + u) and its derivative by ln u is 1 / (1 + u).
            Link::Logit => (-(-log_sum).exp().ln_1p(), 1.0 / (1.0 + log_sum.exp())),
        };
        for (j, g) in gradient.iter_mut().enumerate() {
            let mut slope = if j < terms { share[j] } else { 0.0 };
            for k in 0..terms {
                slope += share[k] * basis.slope[k][j];
            }
            *g = chain * slope / sum;
        }
        log_value
    }
}

/// The index of a parameter by name.
pub(crate) fn param_index(law: &dyn Law, name: &str) -> Option<usize> {
    law.params().iter().position(|param| param.name == name)
}

/// `count` values from `low` to `high`, both included.
pub(crate) fn linspace(low: f64, high: f64, count: usize) -> impl Iterator<Item = f64> + Clone {
    let step = (high - low) / (count.max(2) - 1) as f64;
    (0..count).map(move |i| low + step * i as f64)
}
