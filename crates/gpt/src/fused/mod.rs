//! The same network as in [`crate::model`], as three operations with hand-written backward passes over packed
//! rows: embed, block, score. A property test holds them to the plain modules.
//!
//! Nothing is padded, logits are never kept, and rows are the unit of parallelism, so that no result depends
//! on the number of threads. Only the `flex` backend has them; others run the plain modules.

pub(crate) mod adamw;
pub(crate) mod attend;
pub(crate) mod attention;
mod autodiff;
mod block;
mod block_backward;
mod buffer;
pub(crate) mod decode;
mod embed;
pub(crate) mod gated;
mod gelu;
pub(crate) mod head;
mod matmul;
mod norm;
mod ops;
pub(crate) mod packed;
pub(crate) mod packed_backward;
pub(crate) mod pages;
mod rope;
mod rows;
mod scratch;
mod simd;
mod softmax;
mod tile;

pub(crate) use block::{PARAMS, Shape};
pub use buffer::Buffer;
pub(crate) use embed::previous;
pub use head::Scored;
pub(crate) use ops::{BlockParams, block, embed, score};
pub(crate) use rope::Rope;
pub use rows::{Row, Rows};
pub use softmax::tempered;
