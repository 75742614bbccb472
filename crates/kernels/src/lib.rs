//! The arithmetic of decoder-only networks on the processor, which the small network and language models share: products
//! of matrices, attention over packed rows and over pages of keys and values, norms, gates, gradients, the optimizer, and
//! the choice of the next token.
//!
//! Every number that a text's tokens give is one chain of operations in one order, whatever is computed beside it and by
//! however many threads; gradients are sums over the rows of a batch in one order. One body is compiled for AVX-512, for
//! AVX2 and for any processor, and chosen when a process starts (`simd::level`). All `unsafe` code of the workspace is
//! here; elsewhere the lint `unsafe_code` refuses it.
#![allow(unsafe_code)]

pub mod adamw;
pub mod attend;
pub mod attention;
mod buffer;
mod choose;
pub mod elements;
pub mod gated;
pub mod gelu;
pub mod head;
pub mod matmul;
pub mod norm;
mod packed;
mod packed_backward;
mod pages;
mod rows;
mod scratch;
pub mod simd;
mod softmax;
mod stems;
#[cfg(test)]
mod testing;
mod tile;

pub use adamw::{AdamStep, adamw};
pub use attend::attend;
pub use attention::{Chunk, Saved, attention, attention_backward};
pub use buffer::Buffer;
pub use choose::{choose, pick};
pub use gated::{rms_norm, rms_norm_backward, swiglu, swiglu_backward};
pub use head::{Scored, normalizers, slopes};
pub use packed::Packed;
pub use packed_backward::{Columns, ColumnsMut};
pub use pages::{Cache, PAGE, Page, START};
pub use rows::{Row, Rows};
pub use scratch::Scratch;
pub use softmax::tempered;
pub use stems::{Stem, joined};
