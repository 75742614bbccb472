//! What a batch costs: losses as pure functions of log-probabilities.
//!
//! A model gives logits, [`sequence_logps`] turns them into one log-probability for each sequence ([`Logps`]:
//! a sum over the scored tokens, in nats, and how many there are), and a loss turns those into a number.
//! [`weighted_nll`] is SFT, RFT and advantage-weighted RL, which differ in their weights alone. A
//! [`PreferenceLoss`] compares two sequences under the policy and under a frozen reference. DPO on whole
//! responses and DPO on single steps are one loss: what a pair holds is a matter of the data.
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use eightfold_loss::{Dpo, Logps, PairLogps, PreferenceLoss};
//!
//! let device = Device::flex();
//! let logps = |sum: f32| Logps {
//!     sums: Tensor::from_floats([sum], &device),
//!     tokens: Tensor::from_floats([8.0], &device),
//! };
//! let reference = PairLogps { chosen: logps(-4.0), rejected: logps(-3.0) };
//! let policy = PairLogps { chosen: logps(-3.0), rejected: logps(-5.0) };
//! let preference = Dpo { beta: 0.1 }.forward(&policy, &reference);
//! // The chosen side gained a nat, the rejected side lost two: a margin of 3 beta.
//! let margin: f32 = preference.margins().into_scalar();
//! assert!((margin - 0.3).abs() < 1e-6);
//! let loss: f32 = preference.losses.mean().into_scalar();
//! assert!((loss - (1.0 + (-0.3f32).exp()).ln()).abs() < 1e-6);
//! ```
//!
//! Nothing here knows models, text or the meaning of a token, and nothing is random.

mod dpo;
mod dpo_nll;
mod logps;
mod nll;
mod preference;

pub use dpo::Dpo;
pub use dpo_nll::DpoNll;
pub use logps::{Logps, PairLogps, sequence_logps};
pub use nll::{NllReduction, nll_sum, weighted_nll};
pub use preference::{Preference, PreferenceLoss};

#[cfg(test)]
mod testing;
