//! The parts of this sampler that other decoder-only networks sample with: matrices packed for few rows, keys and
//! values in pages that forks share, attention over them, and the choice of the next token.
//!
//! Each number that they compute for a text is one chain of operations in one order, whatever is computed beside
//! it and by however many threads.

pub use crate::fused::attend::attend;
pub use crate::fused::gated::{rms_norm, swiglu};
pub use crate::fused::packed::Packed;
pub use crate::fused::pages::{Cache, PAGE, Page};
pub use crate::fused::{Buffer, tempered};
pub use crate::sampler::{Stem, choose, joined, pick};
