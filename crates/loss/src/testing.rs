//! What the tests of several losses share.

use crate::{Logps, PairLogps, PreferenceLoss};
use burn::tensor::{DType, Device, Tensor, TensorData};

/// The device of every test.
pub(crate) fn autodiff() -> Device {
    Device::flex().autodiff()
}

/// A tensor's numbers as f64, whatever it holds.
pub(crate) fn floats(tensor: Tensor<1>) -> Vec<f64> {
    tensor.into_data_as::<f64>().try_to_vec().expect("numbers convert to f64")
}

/// A vector in double precision.
pub(crate) fn f64_tensor(values: Vec<f64>, device: &Device) -> Tensor<1> {
    let shape = [values.len()];
    Tensor::from_data(TensorData::new(values, shape), (device, DType::F64))
}

/// Log-probabilities in f64 with gradients.
pub(crate) fn logps_of(sums: &[f64], tokens: &[f64], device: &Device) -> Logps {
    Logps {
        sums: f64_tensor(sums.to_vec(), device).require_grad(),
        tokens: f64_tensor(tokens.to_vec(), device),
    }
}

/// The gradient of a scalar with respect to a leaf.
pub(crate) fn gradient(leaf: &Tensor<1>, loss: Tensor<1>) -> Vec<f64> {
    floats(leaf.grad(&loss.backward()).expect("the loss depends on the leaf"))
}

/// Asserts that numbers agree to `tolerance`, relative for those above 1.
#[track_caller]
pub(crate) fn close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (f, e) in found.iter().zip(expected) {
        assert!((f - e).abs() <= tolerance * e.abs().max(1.0), "{found:?} is not {expected:?}");
    }
}

/// A batch of pairs whose sums are leaves.
pub(crate) struct Sides {
    pub(crate) policy: PairLogps,
}

impl Sides {
    /// In single precision, two tokens on each side.
    pub(crate) fn f32<const N: usize>(chosen: [f64; N], rejected: [f64; N]) -> Self {
        Self::new(&chosen, &rejected, DType::F32)
    }

    pub(crate) fn new(chosen: &[f64], rejected: &[f64], dtype: DType) -> Self {
        let device = autodiff();
        let side = |sums: &[f64]| Logps {
            sums: f64_tensor(sums.to_vec(), &device).cast(dtype).detach().require_grad(),
            tokens: f64_tensor(vec![2.0; sums.len()], &device).cast(dtype),
        };
        Self { policy: PairLogps { chosen: side(chosen), rejected: side(rejected) } }
    }

    /// The same sums over other numbers of tokens, alike on both sides.
    pub(crate) fn with_tokens<const N: usize>(mut self, tokens: [f64; N]) -> Self {
        let tokens = f64_tensor(tokens.to_vec(), &autodiff()).cast(self.policy.chosen.sums.dtype());
        self.policy.chosen.tokens = tokens.clone();
        self.policy.rejected.tokens = tokens;
        self
    }

    /// Gradients of the summed losses, chosen and rejected.
    pub(crate) fn gradients(&self, losses: Tensor<1>) -> (Vec<f64>, Vec<f64>) {
        let gradients = losses.sum().backward();
        let of = |leaf: &Tensor<1>| floats(leaf.grad(&gradients).expect("a leaf has a gradient"));
        (of(&self.policy.chosen.sums), of(&self.policy.rejected.sums))
    }
}

/// Holds a loss against its formula: value and gradient of pair `i` as `(loss, d chosen, d rejected)`.
///
/// In f64 to 1e-10, in f32 to 1e-5, and the f64 gradient against finite differences.
pub(crate) fn check_gradients(
    loss: &dyn PreferenceLoss,
    policy: ([f64; 4], [f64; 4]),
    reference: ([f64; 4], [f64; 4]),
    formula: impl Fn(usize) -> (f64, f64, f64),
) {
    let expected: Vec<_> = (0..4).map(formula).collect();
    let column = |pick: fn(&(f64, f64, f64)) -> f64| expected.iter().map(pick).collect::<Vec<_>>();
    for (dtype, tolerance) in [(DType::F64, 1e-10), (DType::F32, 1e-5)] {
        let sides = Sides::new(&policy.0, &policy.1, dtype);
        let frozen = Sides::new(&reference.0, &reference.1, dtype);
        let preference = loss.forward(&sides.policy, &frozen.policy);
        close(&floats(preference.losses.clone()), &column(|row| row.0), tolerance);
        let (chosen, rejected) = sides.gradients(preference.losses);
        close(&chosen, &column(|row| row.1), tolerance);
        close(&rejected, &column(|row| row.2), tolerance);
    }
    let total = |chosen: &[f64], rejected: &[f64]| {
        let sides = Sides::new(chosen, rejected, DType::F64);
        let frozen = Sides::new(&reference.0, &reference.1, DType::F64);
        loss.forward(&sides.policy, &frozen.policy).losses.sum().into_scalar::<f64>()
    };
    for i in 0..4 {
        let moved = |sums: &[f64; 4], h: f64| {
            let mut sums = *sums;
            sums[i] += h;
            sums
        };
        let h = 1e-4;
        let chosen = total(&moved(&policy.0, h), &policy.1) - total(&moved(&policy.0, -h), &policy.1);
        let rejected = total(&policy.0, &moved(&policy.1, h)) - total(&policy.0, &moved(&policy.1, -h));
        close(&[chosen / (2.0 * h), rejected / (2.0 * h)], &[expected[i].1, expected[i].2], 1e-7);
    }
}
