//! The network in plain burn operations, for devices without kernels of ours: LibTorch on processor and GPU. It is read
//! there, trained (`training/plain.rs`) and sampled (`sampler/device.rs`).

mod block;
mod network;

pub(crate) use block::{Frame, Past, PlainBlock};
pub(crate) use network::{PlainNetwork, download, gathered, numbers, rms_norm, upload};
