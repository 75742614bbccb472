//! Devices by name.

use burn::tensor::Device;

/// A device that this build does not have.
#[derive(Debug, thiserror::Error)]
#[error("no device {name:?} in this build; there are: {}", NAMES.join(", "))]
pub struct DeviceError {
    /// The name that was asked for.
    pub name: String,
}

/// The devices of this build.
const NAMES: &[&str] = if cfg!(feature = "tch") { &["flex", "tch", "tch-cuda"] } else { &["flex"] };

/// The device of this name: `flex` is pure Rust on the processor; with cargo feature `tch`, `tch` and
/// `tch-cuda` are LibTorch on processor and GPU.
///
/// # Errors
/// If the build has no device of that name.
pub fn device(name: &str) -> Result<Device, DeviceError> {
    match name {
        "flex" => Ok(Device::flex()),
        #[cfg(feature = "tch")]
        // burn 0.22 deprecates its LibTorch backend; it is the last version that has it.
        #[allow(deprecated)]
        "tch" => Ok(Device::libtorch()),
        #[cfg(feature = "tch")]
        #[allow(deprecated)]
        "tch-cuda" => Ok(Device::libtorch_cuda(0)),
        _ => Err(DeviceError { name: name.to_owned() }),
    }
}
