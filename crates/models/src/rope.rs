//! Rotary positions (Su et al. 2021) and the ways to stretch them over longer texts. The arithmetic is that of
//! `transformers`, in f32 where it is in f32: at position p an error of the frequency counts p times.

use serde::Deserialize;
use std::f64::consts::PI;

/// `rope_parameters`, or `rope_scaling` of older folders.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct RopeParameters {
    rope_type: Option<String>,
    /// The older name of `rope_type`.
    r#type: Option<String>,
    pub(crate) rope_theta: Option<f64>,
    pub(crate) partial_rotary_factor: Option<f64>,
    factor: Option<f64>,
    original_max_position_embeddings: Option<usize>,
    low_freq_factor: Option<f64>,
    high_freq_factor: Option<f64>,
    attention_factor: Option<f64>,
    beta_fast: Option<f64>,
    beta_slow: Option<f64>,
    mscale: Option<f64>,
    mscale_all_dim: Option<f64>,
    truncate: Option<bool>,
}

/// What positions do to queries and keys.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rope {
    /// Angle that each pair of numbers of a head is turned by, for each position.
    frequencies: Vec<f32>,
    /// Length of the turned numbers, relative to what it was.
    length: f32,
}

/// Cosines and sines of one position.
pub(crate) type Turn = (Vec<f32>, Vec<f32>);

impl Rope {
    /// The positions of heads of `head` numbers, with frequencies from `theta` and a context of `context` tokens.
    ///
    /// `dynamic` stretches positions only where a text is longer than the context, and no text here is: tokens that
    /// were rotated for a short text could not be kept when it grows, nor shared by its continuations.
    ///
    /// # Errors
    /// What is wrong with the parameters.
    pub(crate) fn new(
        parameters: &RopeParameters,
        theta: f64,
        head: usize,
        context: usize,
    ) -> Result<Self, String> {
        let exponent = |i: usize| (2 * i) as f32 / head as f32;
        let plain: Vec<f32> = (0..head / 2).map(|i| theta.powf(f64::from(exponent(i))) as f32).collect();
        let kind = parameters.rope_type.as_deref().or(parameters.r#type.as_deref()).unwrap_or("default");
        let factor = || parameters.factor.ok_or_else(|| format!("the rope type {kind:?} needs a factor"));
        let frequencies = |f: &dyn Fn(f32) -> f32| plain.iter().map(|period| f(1.0 / period)).collect();
        let mut length = 1.0;
        let frequencies = match kind {
            "default" | "dynamic" => frequencies(&|frequency| frequency),
            "linear" => {
                let factor = factor()? as f32;
                frequencies(&|frequency| frequency / factor)
            }
            "llama3" => {
                let llama3 = Llama3::new(parameters, factor()?, context)?;
                frequencies(&|frequency| llama3.stretched(frequency))
            }
            "yarn" => {
                let factor = match parameters.factor {
                    Some(factor) => factor,
                    None => context as f64 / parameters.original(context) as f64,
                };
                length = parameters.attention(factor) as f32;
                parameters.yarn(&plain, theta, factor, context)
            }
            other => {
                return Err(format!(
                    "unknown rope type {other:?}; known are default, linear, dynamic, llama3, yarn"
                ));
            }
        };
        Ok(Self { frequencies, length })
    }

    /// Cosines and sines of a position.
    pub(crate) fn turn(&self, position: usize) -> Turn {
        let of = |f: fn(f64) -> f64| {
            let turned = |frequency: &f32| f(f64::from(position as f32 * frequency)) as f32 * self.length;
            self.frequencies.iter().map(turned).collect()
        };
        (of(f64::cos), of(f64::sin))
    }
}

/// Turns each head of `x [heads * head]`, of which number i and number i + half are a pair.
pub(crate) fn rotate(x: &mut [f32], (cos, sin): &Turn) {
    for head in x.chunks_exact_mut(2 * cos.len()) {
        let (a, b) = head.split_at_mut(cos.len());
        for (((a, b), cos), sin) in a.iter_mut().zip(b).zip(cos).zip(sin) {
            (*a, *b) = (*a * cos - *b * sin, *a * sin + *b * cos);
        }
    }
}

/// The transpose of [`rotate`]: what it does to gradients.
pub(crate) fn rotate_back(x: &mut [f32], (cos, sin): &Turn) {
    for head in x.chunks_exact_mut(2 * cos.len()) {
        let (a, b) = head.split_at_mut(cos.len());
        for (((a, b), cos), sin) in a.iter_mut().zip(b).zip(cos).zip(sin) {
            (*a, *b) = (*a * cos + *b * sin, *b * cos - *a * sin);
        }
    }
}

impl RopeParameters {
    fn original(&self, context: usize) -> usize {
        self.original_max_position_embeddings.unwrap_or(context)
    }

    /// The factor by which YaRN lengthens queries and keys.
    fn attention(&self, factor: f64) -> f64 {
        let scale = |by: f64| if factor <= 1.0 { 1.0 } else { 0.1 * by * factor.ln() + 1.0 };
        match (self.attention_factor, self.mscale, self.mscale_all_dim) {
            (Some(factor), ..) => factor,
            (None, Some(one), Some(all)) if one != 0.0 && all != 0.0 => scale(one) / scale(all),
            _ => scale(1.0),
        }
    }

    /// The frequencies of YaRN (Peng et al. 2023): fast ones as they were, slow ones divided by the factor, and a ramp
    /// between pairs `low` and `high`.
    fn yarn(&self, periods: &[f32], theta: f64, factor: f64, context: usize) -> Vec<f32> {
        let (dim, original) = (2.0 * periods.len() as f64, self.original(context) as f64);
        let pair = |turns: f64| dim * (original / (turns * 2.0 * PI)).ln() / (2.0 * theta.ln());
        let given = |value: Option<f64>, default: f64| value.filter(|x| *x != 0.0).unwrap_or(default);
        let (mut low, mut high) = (pair(given(self.beta_fast, 32.0)), pair(given(self.beta_slow, 1.0)));
        if self.truncate.unwrap_or(true) {
            (low, high) = (low.floor(), high.ceil());
        }
        (low, high) = (low.max(0.0), high.min(dim - 1.0));
        if low == high {
            high += 0.001;
        }
        let ramp = |i: usize| ((i as f32 - low as f32) / (high - low) as f32).clamp(0.0, 1.0);
        let blended = |(i, period): (usize, &f32)| {
            let kept = 1.0 - ramp(i);
            1.0 / (factor as f32 * period) * (1.0 - kept) + 1.0 / period * kept
        };
        periods.iter().enumerate().map(blended).collect()
    }
}

/// The stretching of Llama 3.1: by wavelength.
struct Llama3 {
    factor: f32,
    low: f32,
    high: f32,
    original: f32,
}

impl Llama3 {
    fn new(parameters: &RopeParameters, factor: f64, context: usize) -> Result<Self, String> {
        let need =
            |value: Option<f64>, key| value.ok_or_else(|| format!("the rope type \"llama3\" needs {key}"));
        Ok(Self {
            factor: factor as f32,
            low: need(parameters.low_freq_factor, "low_freq_factor")? as f32,
            high: need(parameters.high_freq_factor, "high_freq_factor")? as f32,
            original: parameters.original(context) as f32,
        })
    }

    fn stretched(&self, frequency: f32) -> f32 {
        let Self { factor, low, high, original } = *self;
        let wavelength = (2.0 * PI) as f32 / frequency;
        if wavelength < original / high {
            frequency
        } else if wavelength > original / low {
            frequency / factor
        } else {
            let smooth = (original / wavelength - low) / (high - low);
            (1.0 - smooth) * frequency / factor + smooth * frequency
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rope(parameters: serde_json::Value) -> Result<Rope, String> {
        let parameters = serde_json::from_value(parameters).expect("parameters are an object");
        Rope::new(&parameters, 10_000.0, 8, 64)
    }

    #[test]
    fn slow_turns_are_stretched_and_fast_ones_are_not() {
        let plain = rope(json!({})).unwrap().frequencies;
        assert_eq!(plain, [1.0, 0.1, 0.01, 0.001]);
        for kind in [
            json!({"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "beta_fast": 2.0}),
            json!({"rope_type": "llama3", "factor": 4.0, "original_max_position_embeddings": 16,
                   "low_freq_factor": 1.0, "high_freq_factor": 2.0}),
        ] {
            let stretched = rope(kind).unwrap().frequencies;
            assert_eq!(stretched[0], 1.0);
            assert!((stretched[3] - 0.000_25).abs() < 1e-9, "{stretched:?}");
        }
        let linear = rope(json!({"type": "linear", "factor": 4.0})).unwrap().frequencies;
        assert_eq!(linear[..2], [0.25, 0.025]);
    }

    #[test]
    fn only_yarn_changes_lengths() {
        let yarn = |more: serde_json::Value| {
            let mut whole = json!({"rope_type": "yarn", "factor": 4.0});
            whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            rope(whole).unwrap().length
        };
        assert!((yarn(json!({})) - (0.1 * 4f32.ln() + 1.0)).abs() < 1e-6);
        assert_eq!(yarn(json!({"attention_factor": 0.5})), 0.5);
        assert_eq!(yarn(json!({"mscale": 1.0, "mscale_all_dim": 1.0})), 1.0);
        assert_eq!(rope(json!({"rope_type": "dynamic", "factor": 2.0})).unwrap(), rope(json!({})).unwrap());
    }

    #[test]
    fn what_is_wrong_with_parameters_is_said() {
        assert_eq!(
            rope(json!({"rope_type": "linear"})).unwrap_err(),
            "the rope type \"linear\" needs a factor"
        );
        assert!(
            rope(json!({"rope_type": "llama3", "factor": 8.0})).unwrap_err().ends_with("low_freq_factor")
        );
        assert!(
            rope(json!({"rope_type": "longrope"})).unwrap_err().starts_with("unknown rope type \"longrope\"")
        );
    }

    #[test]
    fn turning_keeps_lengths_and_distances() {
        let rope = rope(json!({})).unwrap();
        let numbers: [f32; 16] = std::array::from_fn(|i| ((i * 7) % 5) as f32 - 1.5);
        let at = |position: usize| {
            let mut x = numbers;
            rotate(&mut x, &rope.turn(position));
            x
        };
        let dot = |a: [f32; 16], b: [f32; 16]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        assert_eq!(at(0), numbers);
        assert!((dot(at(30), at(30)) - dot(numbers, numbers)).abs() < 1e-4);
        assert!((dot(at(30), at(27)) - dot(at(8), at(5))).abs() < 1e-4);
        assert!((dot(at(30), at(27)) - dot(at(30), at(28))).abs() > 1e-2);
    }
}
