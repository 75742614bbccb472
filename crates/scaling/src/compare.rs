//! Which law: extrapolation, and an information criterion.

use crate::data::Row;
use crate::error::ScalingError;
use crate::fit::{Fit, fit};
use crate::law::Law;
use crate::objective::Objective;

/// How a law does beyond the points that it was fitted to.
#[derive(Clone, Debug)]
pub struct Extrapolation {
    /// The fit without the largest sizes.
    pub fit: Fit,
    /// Points held out.
    pub held_out: usize,
    /// Root mean square of ln measured - ln predicted over them.
    pub error: f64,
    /// Mean of ln measured - ln predicted over them: above 0 where the law promised too much.
    pub bias: f64,
}

/// Fits without the points of the `largest` largest sizes and predicts them (the test of Alabdulmohsin et al.
/// 2022: a scaling law is judged by extrapolation, not by its fit). The size of a point is the product of its
/// inputs.
///
/// # Errors
/// As [`fit`](crate::fit()), for the points that are left; a measured value of 0 among those held out.
pub fn extrapolate(
    law: &'static dyn Law,
    rows: &[Row],
    objective: Objective,
    largest: usize,
) -> Result<Extrapolation, ScalingError> {
    let size = |row: &Row| row.x.iter().map(|x| x.ln()).sum::<f64>();
    let mut sizes: Vec<f64> = rows.iter().map(size).collect();
    sizes.sort_by(f64::total_cmp);
    // The product of a budget's inputs is one number up to rounding.
    sizes.dedup_by(|a, b| (*a - *b).abs() < 1e-6);
    let Some(kept) = sizes.len().checked_sub(largest).filter(|kept| *kept > 0 && largest > 0) else {
        let (name, must) = ("sizes held out", "at least 1, and fewer than the sizes");
        return Err(ScalingError::Setting { name, value: largest as f64, must });
    };
    let limit = sizes[kept - 1] + 1e-5;
    let (inside, outside): (Vec<Row>, Vec<Row>) = rows.iter().cloned().partition(|row| size(row) < limit);
    let fit = fit(law, &inside, objective)?;
    if let Some(row) = outside.iter().position(|row| row.y == 0.0) {
        return Err(ScalingError::Zero { row });
    }
    let off: Vec<f64> = outside.iter().map(|row| row.y.ln() - fit.predict(&row.x).ln()).collect();
    let count = off.len() as f64;
    let error = (off.iter().map(|r| r * r).sum::<f64>() / count).sqrt();
    Ok(Extrapolation { fit, held_out: off.len(), error, bias: off.iter().sum::<f64>() / count })
}

/// Akaike's criterion with the correction for few points, of a fit by squares on logs: m ln(RSS/m) + 2k +
/// 2k(k+1)/(m-k-1), where k counts the parameters and the variance. Lower is better; differences below about
/// 4 say little. `None` for other objectives, which are no likelihoods of the same data, and with too few
/// points for the correction.
///
/// It takes points as independent; runs that share a seed are not, so it prefers large laws there.
pub fn aicc(fit: &Fit) -> Option<f64> {
    if fit.objective != Objective::LogSquares {
        return None;
    }
    let (m, k) = (fit.points as f64, fit.params.len() as f64 + 1.0);
    let room = m - k - 1.0;
    (room > 0.0).then(|| m * (2.0 * fit.value / m).ln() + 2.0 * k + 2.0 * k * (k + 1.0) / room)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{normal, plant};
    use crate::{PowerLaw, SaturatingPowerLaw};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn rows(floor: f64) -> Vec<Row> {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let sizes = (0..30).map(|i| vec![64.0 * 2f64.powi(i % 10)]);
        plant(&SaturatingPowerLaw, &[floor, 2.0, 0.5], sizes, || 0.03 * normal(&mut rng))
    }

    #[test]
    fn a_straight_line_promises_too_much_where_the_curve_saturates() {
        let rows = rows(0.1);
        let line = extrapolate(&PowerLaw, &rows, Objective::LogSquares, 2).unwrap();
        let curve = extrapolate(&SaturatingPowerLaw, &rows, Objective::LogSquares, 2).unwrap();
        assert_eq!((line.held_out, line.fit.points), (6, 24));
        assert!(line.bias > 0.05 && curve.error < 0.5 * line.error, "{} {}", line.error, curve.error);
        let criterion =
            |law: &'static dyn Law| aicc(&fit(law, &rows, Objective::LogSquares).unwrap()).unwrap();
        assert!(criterion(&SaturatingPowerLaw) + 10.0 < criterion(&PowerLaw));
    }

    #[test]
    fn a_floor_that_is_not_there_costs() {
        let rows = rows(1e-9);
        let criterion =
            |law: &'static dyn Law| aicc(&fit(law, &rows, Objective::LogSquares).unwrap()).unwrap();
        assert!(criterion(&PowerLaw) < criterion(&SaturatingPowerLaw));
    }

    #[test]
    fn the_criterion_by_hand() {
        let mut fit = fit(&PowerLaw, &rows(0.1), Objective::LogSquares).unwrap();
        // m = 30, RSS = 3: 30 ln 0.1 + 6 + 24/26
        fit.value = 1.5;
        assert!((aicc(&fit).unwrap() - (30.0 * 0.1f64.ln() + 6.0 + 24.0 / 26.0)).abs() < 1e-9);
        fit.objective = Objective::Huber { delta: 1e-3 };
        assert_eq!(aicc(&fit), None);
    }

    #[test]
    fn something_must_be_held_out_and_something_kept() {
        let rows = rows(0.1);
        for largest in [0, 10, 99] {
            let refused = extrapolate(&PowerLaw, &rows, Objective::LogSquares, largest);
            assert!(matches!(refused, Err(ScalingError::Setting { .. })));
        }
    }
}
