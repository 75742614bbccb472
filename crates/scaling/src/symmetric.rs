//! Small symmetric matrices: solve, invert, eigenvalues.

use crate::law::MAX_PARAMS;

/// A square matrix of which the leading part is used.
pub(crate) type Matrix = [[f64; MAX_PARAMS]; MAX_PARAMS];

/// Solves `matrix` x = `right` for the leading `size` unknowns by Cholesky; `None` where it is not positive
/// definite in floating point.
pub(crate) fn solve(matrix: &Matrix, right: &[f64], size: usize) -> Option<[f64; MAX_PARAMS]> {
    let mut lower = [[0.0; MAX_PARAMS]; MAX_PARAMS];
    for i in 0..size {
        for j in 0..=i {
            let inner: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = matrix[i][j] - inner;
            if i == j {
                if !(rest > 1e-14 * matrix[i][i].abs() && rest.is_finite()) {
                    return None;
                }
                lower[i][i] = rest.sqrt();
            } else {
                lower[i][j] = rest / lower[j][j];
            }
        }
    }
    let mut x = [0.0; MAX_PARAMS];
    for i in 0..size {
        let inner: f64 = (0..i).map(|k| lower[i][k] * x[k]).sum();
        x[i] = (right[i] - inner) / lower[i][i];
    }
    for i in (0..size).rev() {
        let inner: f64 = (i + 1..size).map(|k| lower[k][i] * x[k]).sum();
        x[i] = (x[i] - inner) / lower[i][i];
    }
    Some(x)
}

/// The inverse of the leading part; `None` as for [`solve`].
pub(crate) fn invert(matrix: &Matrix, size: usize) -> Option<Matrix> {
    let mut inverse = [[0.0; MAX_PARAMS]; MAX_PARAMS];
    for j in 0..size {
        let mut unit = [0.0; MAX_PARAMS];
        unit[j] = 1.0;
        let column = solve(matrix, &unit, size)?;
        for i in 0..size {
            inverse[i][j] = column[i];
        }
    }
    Some(inverse)
}

/// Eigenvalues of the leading part, ascending (cyclic Jacobi rotations).
pub(crate) fn eigenvalues(matrix: &Matrix, size: usize) -> Vec<f64> {
    let mut a = *matrix;
    for _ in 0..60 {
        let off: f64 =
            (0..size).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i][j].powi(2)).sum();
        if off == 0.0 {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                rotate(&mut a, p, q, size);
            }
        }
    }
    let mut values: Vec<f64> = (0..size).map(|i| a[i][i]).collect();
    values.sort_by(f64::total_cmp);
    values
}

fn rotate(a: &mut Matrix, p: usize, q: usize, size: usize) {
    if a[p][q] == 0.0 {
        return;
    }
    let tau = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let t = tau.signum() / (tau.abs() + (1.0 + tau * tau).sqrt());
    let c = 1.0 / (1.0 + t * t).sqrt();
    let s = t * c;
    for row in a.iter_mut().take(size) {
        let (x, y) = (row[p], row[q]);
        row[p] = c * x - s * y;
        row[q] = s * x + c * y;
    }
    for k in 0..size {
        let (x, y) = (a[p][k], a[q][k]);
        a[p][k] = c * x - s * y;
        a[q][k] = s * x + c * y;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn positive_definite() -> impl Strategy<Value = Matrix> {
        prop::array::uniform4(prop::array::uniform4(-1.0..1.0f64)).prop_map(|half| {
            let mut matrix = [[0.0; MAX_PARAMS]; MAX_PARAMS];
            for i in 0..4 {
                for j in 0..4 {
                    matrix[i][j] = (0..4).map(|k| half[i][k] * half[j][k]).sum();
                }
                matrix[i][i] += 0.05;
            }
            matrix
        })
    }

    proptest! {
        #[test]
        fn a_matrix_times_its_inverse_is_one(matrix in positive_definite()) {
            let inverse = invert(&matrix, 4).unwrap();
            for i in 0..4 {
                for j in 0..4 {
                    let entry: f64 = (0..4).map(|k| matrix[i][k] * inverse[k][j]).sum();
                    let expected = if i == j { 1.0 } else { 0.0 };
                    prop_assert!((entry - expected).abs() < 1e-8);
                }
            }
        }

        #[test]
        fn eigenvalues_add_up_to_the_trace_and_to_the_squared_norm(matrix in positive_definite()) {
            let values = eigenvalues(&matrix, 4);
            let trace: f64 = (0..4).map(|i| matrix[i][i]).sum();
            let norm: f64 = matrix.iter().flatten().map(|x| x * x).sum();
            prop_assert!((values.iter().sum::<f64>() - trace).abs() < 1e-9);
            prop_assert!((values.iter().map(|x| x * x).sum::<f64>() - norm).abs() < 1e-9);
            prop_assert!(values.windows(2).all(|w| w[0] <= w[1]) && values[0] > 0.0);
        }
    }

    #[test]
    fn a_singular_matrix_is_not_solved() {
        let mut matrix = [[0.0; MAX_PARAMS]; MAX_PARAMS];
        matrix[0][..2].copy_from_slice(&[1.0, 1.0]);
        matrix[1][..2].copy_from_slice(&[1.0, 1.0]);
        assert!(solve(&matrix, &[1.0, 1.0], 2).is_none());
        let values = eigenvalues(&matrix, 2);
        assert!(values[0].abs() < 1e-15 && (values[1] - 2.0).abs() < 1e-14);
    }
}
