//! Layer normalization over the last axis, forward and backward.

use super::simd::{fma, kernel};

/// Added to the variance, as in burn's `LayerNormConfig`.
pub(crate) const EPSILON: f32 = 1e-5;

/// Lanes of a running sum: the partial sums are added in a fixed order, so a row's result is its own.
const LANES: usize = 16;

#[inline(always)]
fn sum_by(row: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let chunks = row.chunks_exact(LANES);
    for (lane, &x) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane = f(x);
    }
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += f(x);
        }
    }
    lanes.iter().sum()
}

kernel! {
    /// `out = (x - mean) / std * gain + bias` for each row; `stats` gets (mean, 1 / std) of each row.
    pub(crate) fn layer_norm(x: &[f32], gain: &[f32], bias: &[f32], out: &mut [f32], stats: &mut [f32]) {
        let d = gain.len();
        let rows = x.chunks_exact(d).zip(out.chunks_exact_mut(d)).zip(stats.chunks_exact_mut(2));
        for ((x, out), stats) in rows {
            let mean = sum_by(x, |v| v) / d as f32;
            let variance = sum_by(x, |v| (v - mean) * (v - mean)) / d as f32;
            let scale = 1.0 / (variance + EPSILON).sqrt();
            for (((out, x), gain), bias) in out.iter_mut().zip(x).zip(gain).zip(bias) {
                *out = fma::<FMA>((x - mean) * scale, *gain, *bias);
            }
            stats.copy_from_slice(&[mean, scale]);
        }
    }
}

kernel! {
    /// Gradient of [`layer_norm`]: adds to `dx`, `dgain` and `dbias`.
    pub(crate) fn layer_norm_backward(
        x: &[f32], gain: &[f32], stats: &[f32], dout: &[f32],
        dx: &mut [f32], dgain: &mut [f32], dbias: &mut [f32],
    ) {
        let d = gain.len();
        let rows = x.chunks_exact(d).zip(dout.chunks_exact(d)).zip(dx.chunks_exact_mut(d));
        for (((x, dout), dx), stats) in rows.zip(stats.chunks_exact(2)) {
            let (mean, scale) = (stats[0], stats[1]);
            let (mut sums, mut dots) = ([0.0f32; LANES], [0.0f32; LANES]);
            for (i, (((x, dout), gain), (dgain, dbias))) in
                x.iter().zip(dout).zip(gain).zip(dgain.iter_mut().zip(dbias.iter_mut())).enumerate()
            {
                let normal = (x - mean) * scale;
                let pulled = dout * gain;
                sums[i % LANES] += pulled;
                dots[i % LANES] = fma::<FMA>(pulled, normal, dots[i % LANES]);
                *dgain = fma::<FMA>(*dout, normal, *dgain);
                *dbias += dout;
            }
            let (sum, dot) = (sums.iter().sum::<f32>() / d as f32, dots.iter().sum::<f32>() / d as f32);
            for (((dx, x), dout), gain) in dx.iter_mut().zip(x).zip(dout).zip(gain) {
                let normal = (x - mean) * scale;
                *dx += scale * (dout * gain - sum - normal * dot);
            }
        }
    }
}
