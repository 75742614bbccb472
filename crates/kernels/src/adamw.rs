//! AdamW (Loshchilov and Hutter 2019) in one pass over memory: an update of a large network reads four numbers for each
//! weight and writes three, and nothing else costs.

use crate::simd::kernel;

/// Settings of one update.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamStep {
    /// Learning rate.
    pub rate: f32,
    /// Share of the first moment that stays, in [0, 1).
    pub beta1: f32,
    /// Share of the second moment that stays, in [0, 1).
    pub beta2: f32,
    /// Added to the root of the second moment.
    pub epsilon: f32,
    /// Decoupled weight decay.
    pub decay: f32,
    /// Factor of the gradient: what clipping leaves of it.
    pub scale: f32,
    /// `1 - beta1^t` for update t, from 1.
    pub correction1: f32,
    /// `1 - beta2^t`.
    pub correction2: f32,
}

kernel! {
    /// One update of `weights` by `gradient`, with the moments kept in `first` and `second`.
    pub fn adamw(step: AdamStep, weights: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32]) {
        let AdamStep { rate, beta1, beta2, epsilon, decay, scale, correction1, correction2 } = step;
        let (kept, inverse, root) = (1.0 - rate * decay, rate / correction1, 1.0 / correction2.sqrt());
        let moments = first.iter_mut().zip(second);
        for ((weight, gradient), (first, second)) in weights.iter_mut().zip(gradient).zip(moments) {
            let gradient = gradient * scale;
            *first = beta1 * *first + (1.0 - beta1) * gradient;
            *second = beta2 * *second + (1.0 - beta2) * gradient * gradient;
            *weight = kept * *weight - inverse * *first / (second.sqrt() * root + epsilon);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_are_those_of_the_definition() {
        let (rate, beta1, beta2, epsilon, decay) = (0.01, 0.9, 0.95, 1e-8, 0.1);
        let gradient = |t: i32, i: usize| ((i * 7 + t as usize * 3) % 11) as f64 * 0.1 - 0.5;
        let mut weights: Vec<f32> = (0..37).map(|i| i as f32 * 0.1 - 2.0).collect();
        let (mut first, mut second) = (vec![0.0; 37], vec![0.0; 37]);
        let mut want: Vec<[f64; 3]> = weights.iter().map(|w| [f64::from(*w), 0.0, 0.0]).collect();
        for t in 1..6 {
            let step = AdamStep {
                rate: rate as f32,
                beta1: beta1 as f32,
                beta2: beta2 as f32,
                epsilon: epsilon as f32,
                decay: decay as f32,
                scale: 0.5,
                correction1: (1.0 - f64::powi(beta1, t)) as f32,
                correction2: (1.0 - f64::powi(beta2, t)) as f32,
            };
            let gradients: Vec<f32> = (0..37).map(|i| gradient(t, i) as f32).collect();
            adamw(step, &mut weights, &gradients, &mut first, &mut second);
            for (i, [weight, m, v]) in want.iter_mut().enumerate() {
                let g = 0.5 * gradient(t, i);
                *m = beta1 * *m + (1.0 - beta1) * g;
                *v = beta2 * *v + (1.0 - beta2) * g * g;
                let (m, v) = (*m / (1.0 - f64::powi(beta1, t)), *v / (1.0 - f64::powi(beta2, t)));
                *weight -= rate * decay * *weight + rate * m / (v.sqrt() + epsilon);
            }
        }
        for (got, [want, ..]) in weights.iter().zip(want) {
            assert!((f64::from(*got) - want).abs() < 1e-6, "{got} is not {want}");
        }
    }
}
