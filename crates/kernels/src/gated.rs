//! What Llama-like networks have in place of layer normalization and GELU.

use crate::norm::sum_by;
use crate::simd::{LANES, exp, kernel, total};

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
    /// Gradient of [`rms_norm`], from its input and the gradient of its result: adds to `dx`, and to `dgain`.
    pub fn rms_norm_backward(x: &[f32], gain: &[f32], epsilon: f32, dout: &[f32], dx: &mut [f32], dgain: &mut [f32]) {
        let d = gain.len();
        for ((x, dout), dx) in x.chunks_exact(d).zip(dout.chunks_exact(d)).zip(dx.chunks_exact_mut(d)) {
            let scale = 1.0 / (sum_by(x, |v| v * v) / d as f32 + epsilon).sqrt();
            let mut dots = [0.0; LANES];
            for ((x, dout), (gain, dgain)) in
                x.chunks(LANES).zip(dout.chunks(LANES)).zip(gain.chunks(LANES).zip(dgain.chunks_mut(LANES)))
            {
                for (((dot, x), dout), (gain, dgain)) in dots.iter_mut().zip(x).zip(dout).zip(gain.iter().zip(dgain)) {
                    *dot += dout * gain * x;
                    *dgain += dout * x * scale;
                }
            }
            let pull = total(dots) * scale * scale / d as f32;
            for (((dx, x), dout), gain) in dx.iter_mut().zip(x).zip(dout).zip(gain) {
                *dx += scale * (dout * gain - x * pull);
            }
        }
    }
}

kernel! {
    /// Gradient of [`swiglu`], given that of its result, in place of the gates and values.
    pub fn swiglu_backward(gates_and_values: &mut [f32], f: usize, dout: &[f32]) {
        for (row, dout) in gates_and_values.chunks_exact_mut(2 * f).zip(dout.chunks_exact(f)) {
            let (gates, values) = row.split_at_mut(f);
            for ((gate, value), dout) in gates.iter_mut().zip(values).zip(dout) {
                let open = 1.0 / (1.0 + exp::<FMA>(-*gate));
                let active = *gate * open;
                *gate = dout * *value * open * (1.0 + *gate - active);
                *value = dout * active;
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

    /// The slope of `f` at each number of `x`, in f64.
    fn slopes(x: &[f32], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
        let x: Vec<f64> = x.iter().map(|x| f64::from(*x)).collect();
        let moved = |i: usize, h: f64| {
            let mut x = x.clone();
            x[i] += h;
            f(&x)
        };
        (0..x.len()).map(|i| (moved(i, 1e-5) - moved(i, -1e-5)) / 2e-5).collect()
    }

    fn close(got: &[f32], want: &[f64]) {
        for (got, want) in got.iter().zip(want) {
            assert!((f64::from(*got) - want).abs() < 1e-5 * want.abs().max(1.0), "{got} is not {want}");
        }
    }

    #[test]
    fn gradients_are_finite_differences() {
        let d = 21;
        let number = |i: usize| ((i * 37) % 23) as f32 * 0.2 - 2.1;
        let (x, gain) =
            ((0..2 * d).map(number).collect::<Vec<_>>(), (3..3 + d).map(number).collect::<Vec<_>>());
        let dout: Vec<f32> = (7..7 + 2 * d).map(number).collect();
        let (mut dx, mut dgain) = (vec![0.0; 2 * d], vec![0.0; d]);
        rms_norm_backward(&x, &gain, 1e-5, &dout, &mut dx, &mut dgain);
        let norm = |x: &[f64], gain: &[f64]| {
            let row = |(x, dout): (&[f64], &[f32])| {
                let scale = 1.0 / (x.iter().map(|v| v * v).sum::<f64>() / d as f64 + 1e-5).sqrt();
                x.iter().zip(gain).zip(dout).map(|((x, g), o)| x * g * scale * f64::from(*o)).sum::<f64>()
            };
            x.chunks(d).zip(dout.chunks(d)).map(row).sum::<f64>()
        };
        let wide = |x: &[f32]| x.iter().map(|x| f64::from(*x)).collect::<Vec<_>>();
        close(&dx, &slopes(&x, |x| norm(x, &wide(&gain))));
        close(&dgain, &slopes(&gain, |gain| norm(&wide(&x), gain)));
        let mut got = x.clone();
        swiglu_backward(&mut got, d, &dout[..d]);
        let gated = |x: &[f64]| -> f64 {
            let value = |i: usize| x[i] / (1.0 + (-x[i]).exp()) * x[d + i] * f64::from(dout[i]);
            (0..d).map(value).sum()
        };
        close(&got, &slopes(&x, gated));
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
