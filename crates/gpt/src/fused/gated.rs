//! What Llama-like networks have in place of layer normalization and GELU.

use super::norm::sum_by;
use super::simd::{LANES, exp, kernel};

kernel! {
    /// Root-mean-square normalization (Zhang and Sennrich 2019): `out = x / sqrt(mean(x^2) + epsilon) * gain` for each
    /// row as long as `gain`.
    pub fn rms_norm(x: &[f32], gain: &[f32], epsilon: f32, out: &mut [f32]) {
        let d = gain.len();
        for (x, out) in x.chunks_exact(d).zip(out.chunks_exact_mut(d)) {
            let scale = 1.0 / (sum_by(x, |v| v * v) / d as f32 + epsilon).sqrt();
            for ((out, x), gain) in out.iter_mut().zip(x).zip(gain) {
                *out = x * scale * gain;
            }
        }
    }
}

kernel! {
    /// SwiGLU (Shazeer 2020): from rows of `f` gates and as many values, `out = gate * sigmoid(gate) * value`.
    pub fn swiglu(gates_and_values: &[f32], f: usize, out: &mut [f32]) {
        for (row, out) in gates_and_values.chunks_exact(2 * f).zip(out.chunks_exact_mut(f)) {
            let (gates, values) = row.split_at(f);
            let ((gates, g), (values, v)) = (gates.as_chunks::<LANES>(), values.as_chunks::<LANES>());
            let (out, rest) = out.as_chunks_mut::<LANES>();
            for ((out, gates), values) in out.iter_mut().zip(gates).zip(values) {
                for lane in 0..LANES {
                    out[lane] = gates[lane] / (1.0 + exp::<FMA>(-gates[lane])) * values[lane];
                }
            }
            for ((out, gate), value) in rest.iter_mut().zip(g).zip(v) {
                *out = gate / (1.0 + exp::<FMA>(-gate)) * value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_norm_of_the_gain() {
        let x: Vec<f32> = (0..63).map(|i| ((i * 37) % 23) as f32 * 0.3 - 2.0).collect();
        let gain: Vec<f32> = (0..21).map(|i| 0.5 + i as f32 * 0.1).collect();
        let mut out = vec![f32::NAN; 63];
        rms_norm(&x, &gain, 1e-5, &mut out);
        for (x, out) in x.chunks(21).zip(out.chunks(21)) {
            let mean = x.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / 21.0;
            for ((x, out), gain) in x.iter().zip(out).zip(&gain) {
                let want = f64::from(*x) / (mean + 1e-5).sqrt() * f64::from(*gain);
                assert!((f64::from(*out) - want).abs() < 1e-6 * want.abs().max(1.0));
            }
        }
    }

    #[test]
    fn swiglu_is_its_definition() {
        for f in [3, 16, 37] {
            let x: Vec<f32> = (0..4 * f).map(|i| ((i * 37) % 101) as f32 * 0.2 - 10.0).collect();
            let mut out = vec![f32::NAN; 2 * f];
            swiglu(&x, f, &mut out);
            for (row, out) in x.chunks(2 * f).zip(out.chunks(f)) {
                for (i, out) in out.iter().enumerate() {
                    let (gate, value) = (f64::from(row[i]), f64::from(row[f + i]));
                    let want = gate / (1.0 + (-gate).exp()) * value;
                    assert!((f64::from(*out) - want).abs() < 1e-6 * want.abs().max(1.0));
                }
            }
        }
    }
}
