//! The laws, one file each.

mod broken;
mod chinchilla;
mod data_constrained;
mod joint;
mod logit;
mod power;
mod saturating;
mod shifted;

pub use broken::BrokenPowerLaw;
pub use chinchilla::Chinchilla;
pub use data_constrained::DataConstrained;
pub use joint::JointFinetuning;
pub use logit::LogitPowerLaw;
pub use power::PowerLaw;
pub use saturating::SaturatingPowerLaw;
pub use shifted::ShiftedPowerLaw;

use crate::law::{Law, Param, Range};

/// Every law: those of one input first, by their number of parameters.
pub fn laws() -> &'static [&'static dyn Law] {
    &[
        &PowerLaw,
        &LogitPowerLaw,
        &SaturatingPowerLaw,
        &ShiftedPowerLaw,
        &BrokenPowerLaw,
        &JointFinetuning,
        &Chinchilla,
        &DataConstrained,
    ]
}

/// The law of this name.
pub fn law_named(name: &str) -> Option<&'static dyn Law> {
    laws().iter().copied().find(|law| law.name() == name)
}

const E: Param = Param { name: "E", meaning: "value with infinite data (irreducible)", range: Range::Floor };
const A: Param = Param { name: "A", meaning: "coefficient of the power of n", range: Range::Positive };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::{Basis, MAX_PARAMS, MAX_TERMS};
    use crate::{Fit, Objective, Row, fit};
    use proptest::prelude::*;

    /// Natural parameters, from numbers in [0, 1], within what a reader would plant.
    fn plausible(law: &dyn Law, unit: &[f64]) -> Vec<f64> {
        let between = |low: f64, high: f64, u: f64| low + (high - low) * u;
        let value = |(param, u): (&Param, &f64)| match param.name {
            "E" => between(0.03, 0.3, *u),
            "A" | "B" if law.inputs().len() == 1 => between(0.5, 5.0, *u),
            "A" | "B" => between(50.0, 500.0, *u),
            "a" | "alpha" | "beta" => between(0.3, 0.7, *u),
            "b" => between(0.9, 1.4, *u),
            "c" | "d" => between(60.0, 400.0, *u),
            "f" => between(0.2, 0.6, *u),
            "RN" | "RD" => between(3.0, 12.0, *u),
            other => panic!("plant something for {other}"),
        };
        law.params().iter().zip(unit).map(value).collect()
    }

    fn inner(law: &dyn Law, natural: &[f64]) -> Vec<f64> {
        law.params().iter().zip(natural).map(|(param, v)| param.inner(*v)).collect()
    }

    /// Inputs at which every parameter of the law has an effect; but RN only where some N is above N_opt.
    fn design(law: &dyn Law) -> Vec<Vec<f64>> {
        let powers = |low: i32, high: i32, base: f64| (low..high).map(move |k| base.powi(k));
        match law.inputs().len() {
            1 => powers(6, 36, std::f64::consts::SQRT_2).map(|n| vec![n]).collect(),
            2 => powers(3, 9, 10.0).flat_map(|n| powers(3, 9, 10.0).map(move |d| vec![n, d])).collect(),
            _ => powers(3, 8, 10.0)
                .flat_map(|n| powers(3, 8, 10.0).map(move |u| (n, u)))
                .flat_map(|(n, u)| [1.0, 3.0, 10.0, 40.0].map(|epochs| vec![n, u * epochs, u]))
                .collect(),
        }
    }

    fn value(law: &dyn Law, theta: &[f64], x: &[f64], gradient: &mut [f64]) -> f64 {
        let log_x: Vec<f64> = x.iter().map(|x| x.ln()).collect();
        law.log_value(theta, &log_x, &mut Basis::default(), gradient)
    }

    #[test]
    fn laws_fit_their_matrices_and_are_found_by_name() {
        for law in laws() {
            assert!(law.params().len() <= MAX_PARAMS && law.terms() <= MAX_TERMS);
            assert!(law.terms() <= law.params().len());
            assert_eq!(law_named(law.name()).map(|found| found.formula()), Some(law.formula()));
        }
        assert!(law_named("power law").is_none());
    }

    #[test]
    fn formulas_by_hand() {
        let at = |law: &dyn Law, natural: &[f64], x: &[f64]| {
            value(law, &inner(law, natural), x, &mut [0.0; MAX_PARAMS][..law.params().len()]).exp()
        };
        let close =
            |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
        close(at(&PowerLaw, &[2.0, 0.5], &[16.0]), 0.5);
        close(at(&SaturatingPowerLaw, &[0.1, 2.0, 0.5], &[16.0]), 0.6);
        close(at(&LogitPowerLaw, &[1.0, 0.5], &[9.0]), 0.25);
        close(at(&ShiftedPowerLaw, &[0.1, 2.0, 0.5, 9.0], &[7.0]), 0.6);
        // 2 * 4^-1 * (1 + (4/4)^2)^(-(3 - 1) / 2) = 0.25
        close(at(&BrokenPowerLaw, &[0.1, 2.0, 1.0, 3.0, 4.0, 0.5], &[4.0]), 0.35);
        close(at(&JointFinetuning, &[0.1, 8.0, 0.5, 0.25], &[4.0, 16.0]), 2.1);
        close(at(&Chinchilla, &[1.0, 2.0, 3.0, 0.5, 1.0], &[4.0, 6.0]), 2.5);
        // alpha = beta and A = B: G = 1, N_opt = U = 100 = N; three epochs with RD = 2 are worth
        // 1 + 2 (1 - e^-1) = 2.264241 of one.
        let repeated = at(&DataConstrained, &[1.0, 2.0, 2.0, 0.5, 0.5, 7.0, 2.0], &[100.0, 300.0, 100.0]);
        close(repeated, 1.0 + 0.2 + 2.0 / (100.0 * (1.0 + 2.0 * (1.0 - (-1.0f64).exp()))).sqrt());
    }

    proptest! {
        #[test]
        fn gradients_are_exact(which in 0..8usize, unit in prop::array::uniform8(0.0..1.0f64), at in 0..1000usize) {
            let law = laws()[which];
            let theta = inner(law, &plausible(law, &unit));
            let points = design(law);
            let x = &points[at % points.len()];
            let mut gradient = vec![0.0; theta.len()];
            value(law, &theta, x, &mut gradient);
            for j in 0..theta.len() {
                let h = 1e-5;
                let moved = |by: f64| {
                    let mut theta = theta.clone();
                    theta[j] += by;
                    value(law, &theta, x, &mut vec![0.0; theta.len()])
                };
                let numeric = (moved(h) - moved(-h)) / (2.0 * h);
                prop_assert!((gradient[j] - numeric).abs() < 1e-6, "{} {j}: {} {numeric}", law.name(), gradient[j]);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn planted_parameters_are_found(which in 0..8usize, unit in prop::array::uniform8(0.0..1.0f64)) {
            let law = laws()[which];
            let planted = plausible(law, &unit);
            let rows = noiseless(law, &planted);
            for objective in [Objective::LogSquares, Objective::Huber { delta: 1e-3 }] {
                recovered(law, &planted, &rows, &fit(law, &rows, objective).unwrap())?;
            }
        }
    }

    /// The values of the law at its design.
    fn noiseless(law: &dyn Law, planted: &[f64]) -> Vec<Row> {
        let theta = inner(law, planted);
        let measured = |x: Vec<f64>| {
            let y = value(law, &theta, &x, &mut vec![0.0; theta.len()]).exp();
            Row { x, y, weight: 1.0 }
        };
        design(law).into_iter().map(measured).collect()
    }

    /// Parameters on which a value depends are found; one on which none depends is said to be weak. Between
    /// the two lies what rounding hides.
    fn recovered(law: &dyn Law, planted: &[f64], rows: &[Row], fit: &Fit) -> Result<(), TestCaseError> {
        let effects = effects(law, planted, rows);
        for (j, param) in law.params().iter().enumerate() {
            let (found, planted, weak) = (fit.params[j], planted[j], fit.weak().contains(&param.name));
            let what = format!("{} {}: {found} for {planted}; {fit:?}", law.name(), param.name);
            if effects[j] == 0.0 {
                prop_assert!(weak, "without effect, not weak: {what}");
            } else if effects[j] > 1e-4 {
                prop_assert!((found / planted - 1.0).abs() < 1e-3 && !weak, "{what}");
            }
        }
        Ok(())
    }

    /// The largest |d ln y / d theta| among the rows, for each parameter.
    fn effects(law: &dyn Law, planted: &[f64], rows: &[Row]) -> Vec<f64> {
        let theta = inner(law, planted);
        let mut largest = vec![0.0f64; theta.len()];
        for row in rows {
            let mut gradient = vec![0.0; theta.len()];
            value(law, &theta, &row.x, &mut gradient);
            for (largest, d) in largest.iter_mut().zip(gradient) {
                *largest = largest.max(d.abs());
            }
        }
        largest
    }

    #[test]
    fn the_decay_of_excess_parameters_is_weak_where_there_is_no_excess() {
        let law: &dyn Law = &DataConstrained;
        let rows = noiseless(law, &[0.03, 424.8, 50.0, 0.3, 0.6, 3.0, 3.0]);
        assert_eq!(fit(law, &rows, Objective::LogSquares).unwrap().weak(), ["RN"]);
    }
}
