//! Layer normalization over the last axis, forward and backward.

use crate::simd::{LANES, fma, kernel, total};

/// Added to the variance, as in burn's `LayerNormConfig`.
pub const EPSILON: f32 = 1e-5;

#[inline(always)]
pub(crate) fn sum_by(row: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let (chunks, rest) = row.as_chunks::<LANES>();
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane = f(x);
    }
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += f(x);
        }
    }
    total(lanes)
}

kernel! {
    /// `out = (x - mean) / std * gain + bias` for each row; `stats` gets (mean, 1 / std) of each row.
    pub fn layer_norm(x: &[f32], gain: &[f32], bias: &[f32], out: &mut [f32], stats: &mut [f32]) {
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

/// The sums that a row's gradient needs: of the gradient of its normalized numbers, and of that times them.
struct Sums {
    mean: f32,
    scale: f32,
    sums: [f32; LANES],
    dots: [f32; LANES],
}

impl Sums {
    /// Adds up to [`LANES`] numbers of a row to the sums, and to the gradients of gain and bias.
    #[inline(always)]
    fn add<const FMA: bool>(
        &mut self,
        x: &[f32],
        dout: &[f32],
        gain: &[f32],
        dgain: &mut [f32],
        dbias: &mut [f32],
    ) {
        let Self { mean, scale, sums, dots } = self;
        for (((x, dout), gain), (((sum, dot), dgain), dbias)) in
            x.iter().zip(dout).zip(gain).zip(sums.iter_mut().zip(dots).zip(dgain).zip(dbias))
        {
            let normal = (x - *mean) * *scale;
            let pulled = dout * gain;
            *sum += pulled;
            *dot = fma::<FMA>(pulled, normal, *dot);
            *dgain = fma::<FMA>(*dout, normal, *dgain);
            *dbias += dout;
        }
    }
}

kernel! {
    /// Gradient of [`layer_norm`]: adds to `dx`, `dgain` and `dbias`.
    pub fn layer_norm_backward(
        x: &[f32], gain: &[f32], stats: &[f32], dout: &[f32],
        dx: &mut [f32], dgain: &mut [f32], dbias: &mut [f32],
    ) {
        let d = gain.len();
        let rows = x.chunks_exact(d).zip(dout.chunks_exact(d)).zip(dx.chunks_exact_mut(d));
        for (((x, dout), dx), stats) in rows.zip(stats.chunks_exact(2)) {
            let (mean, scale) = (stats[0], stats[1]);
            let mut lanes = Sums { mean, scale, sums: [0.0; LANES], dots: [0.0; LANES] };
            let ((x16, x1), (dout16, dout1)) = (x.as_chunks::<LANES>(), dout.as_chunks::<LANES>());
            let (gain16, gain1) = gain.as_chunks::<LANES>();
            let (dgain16, dgain1) = dgain.as_chunks_mut::<LANES>();
            let (dbias16, dbias1) = dbias.as_chunks_mut::<LANES>();
            for (((x, dout), gain), (dgain, dbias)) in
                x16.iter().zip(dout16).zip(gain16).zip(dgain16.iter_mut().zip(dbias16))
            {
                lanes.add::<FMA>(x, dout, gain, dgain, dbias);
            }
            lanes.add::<FMA>(x1, dout1, gain1, dgain1, dbias1);
            let Sums { sums, dots, .. } = lanes;
            let (sum, dot) = (total(sums) / d as f32, total(dots) / d as f32);
            for (((dx, x), dout), gain) in dx.iter_mut().zip(x).zip(dout).zip(gain) {
                let normal = (x - mean) * scale;
                *dx += scale * (dout * gain - sum - normal * dot);
            }
        }
    }
}
