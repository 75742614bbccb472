//! The same network as in [`crate::model`], as three operations with hand-written backward passes over packed
//! rows: embed, block, score. A property test holds them to the plain modules.
//!
//! Nothing is padded, logits are never kept, and rows are the unit of parallelism, so that no result depends
//! on the number of threads. Only the `flex` backend has them; others run the plain modules.

mod autodiff;
mod block;
mod block_backward;
pub(crate) mod decode;
mod embed;
mod ops;
mod rope;

pub(crate) use block::{PARAMS, Shape};
pub(crate) use embed::previous;
pub(crate) use ops::{BlockParams, block, embed, score};
pub(crate) use rope::Rope;
