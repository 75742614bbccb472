//! Does the effect of a dose grow with size?

use crate::error::ScalingError;
use crate::symmetric::{Matrix, solve};

/// The coefficient d of y = a + b dose + c ln n + d dose ln n by least squares over `points` (dose, n, y): by how
/// much the effect of one unit of dose on y grows when n grows by a factor of e. With ln error for y, d above 0
/// says that the dose does more harm the more data there are, in proportion to the error.
///
/// # Errors
/// A value that is not finite, a size not above 0, points that do not determine the four coefficients.
pub fn interaction(points: &[(f64, f64, f64)]) -> Result<f64, ScalingError> {
    for (row, &(dose, n, y)) in points.iter().enumerate() {
        let input = |input: &str, value| ScalingError::Input { row, input: input.into(), value };
        if !dose.is_finite() {
            return Err(input("dose", dose));
        }
        if !(n.is_finite() && n > 0.0) {
            return Err(input("n", n));
        }
        if !y.is_finite() {
            return Err(ScalingError::Measured { row, value: y });
        }
    }
    // Around their means the product is least entangled with its factors; d does not depend on it.
    let mean = |of: fn(&(f64, f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / points.len() as f64;
    let (dose, log_n) = (mean(|p| p.0), mean(|p| p.1.ln()));
    let (mut normal, mut right): (Matrix, _) = (Matrix::default(), [0.0; 4]);
    for point in points {
        let (d, l) = (point.0 - dose, point.1.ln() - log_n);
        let row = [1.0, d, l, d * l];
        for i in 0..4 {
            right[i] += row[i] * point.2;
            (0..4).for_each(|j| normal[i][j] += row[i] * row[j]);
        }
    }
    let solved = solve(&normal, &right, 4).map(|coefficients| coefficients[3]);
    solved.ok_or(ScalingError::TooFewPoints { law: "interaction", points: points.len(), free: 4 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_planted_interaction_is_found(
            a in -2.0..2.0f64, b in -2.0..2.0f64, c in -2.0..2.0f64, d in -2.0..2.0f64,
        ) {
            let law = |dose: f64, n: f64| a + b * dose + c * n.ln() + d * dose * n.ln();
            let grid = [0.0, 0.5, 1.0].into_iter().flat_map(|dose| [64.0, 256.0, 512.0].map(|n| (dose, n)));
            let points: Vec<_> = grid.map(|(dose, n)| (dose, n, law(dose, n))).collect();
            prop_assert!((interaction(&points).unwrap() - d).abs() < 1e-9);
        }
    }

    #[test]
    fn the_corners_of_a_square_by_hand() {
        // ln n is 0 and 1: the difference of differences.
        let e = std::f64::consts::E;
        let corners = [(0.0, 1.0, 1.0), (0.0, e, 0.5), (1.0, 1.0, 1.1), (1.0, e, 0.9)];
        assert!((interaction(&corners).unwrap() - ((0.9 - 1.1) - (0.5 - 1.0))).abs() < 1e-12);
    }

    #[test]
    fn one_dose_or_one_size_says_nothing() {
        let one_size: Vec<_> = [0.0, 0.2, 0.4, 0.6].map(|dose| (dose, 64.0, dose)).into();
        assert!(interaction(&one_size).is_err());
        assert!(interaction(&[]).is_err());
        assert!(interaction(&[(0.0, 0.0, 1.0); 5]).is_err());
    }
}
