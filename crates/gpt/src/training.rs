//! The parts of this engine that other decoder-only networks train with: attention over packed rows, gradients of
//! products, normalization and gating, and the optimizer.
//!
//! Gradients are sums over the rows of a batch in one order, whatever the number of threads.

pub use crate::fused::adamw::{AdamStep, adamw};
pub use crate::fused::attention::{Chunk, Saved, Scratch, attention, attention_backward};
pub use crate::fused::gated::{rms_norm_backward, swiglu_backward};
pub use crate::fused::head::{normalizers, slopes};
pub use crate::fused::packed_backward::{Columns, ColumnsMut};
pub use crate::fused::{Row, Rows, Scored};
