//! Devices by name.

use burn::tensor::Device;

/// Why there is no device of a name.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// This build does not have it.
    #[error("no device {name:?} in this build; there are: {}", NAMES.join(", "))]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// This machine does not have it.
    #[error("there is no device {name:?} on this machine: LibTorch finds no GPU")]
    Absent {
        /// The name that was asked for.
        name: String,
    },
}

/// The devices of this build.
const NAMES: &[&str] = if cfg!(feature = "tch") { &["flex", "tch", "tch-cuda"] } else { &["flex"] };

/// The device of this name: `flex` is pure Rust on the processor; with cargo feature `tch`, `tch` and
/// `tch-cuda` are LibTorch on processor and GPU.
///
/// # Errors
/// If the build or the machine has no device of that name.
pub fn device(name: &str) -> Result<Device, DeviceError> {
    match name {
        "flex" => Ok(Device::flex()),
        #[cfg(feature = "tch")]
        // burn 0.22 deprecates its LibTorch backend; it is the last version that has it.
        #[allow(deprecated)]
        "tch" => Ok(Device::libtorch()),
        #[cfg(feature = "tch")]
        "tch-cuda" => cuda(),
        _ => Err(DeviceError::Unknown { name: name.to_owned() }),
    }
}

/// The first GPU. Without this check a missing one is a panic at the first tensor.
#[cfg(feature = "tch")]
fn cuda() -> Result<Device, DeviceError> {
    // What burn lists of LibTorch is its GPUs; the processor is not among them.
    if Device::enumerate(burn::tensor::DeviceType::LibTorch).is_empty() {
        return Err(DeviceError::Absent { name: "tch-cuda".to_owned() });
    }
    #[allow(deprecated)]
    Ok(Device::libtorch_cuda(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_not_there_is_named() {
        let message = |name| device(name).unwrap_err().to_string();
        assert!(message("abacus").starts_with("no device \"abacus\" in this build; there are: flex"));
        #[cfg(not(feature = "tch"))]
        assert_eq!(message("tch"), "no device \"tch\" in this build; there are: flex");
        #[cfg(feature = "tch")]
        match device("tch-cuda") {
            Ok(gpu) => assert!(burn::tensor::Tensor::<1>::ones([3], &gpu).sum().into_scalar::<f32>() == 3.0),
            Err(error) => assert_eq!(
                error.to_string(),
                "there is no device \"tch-cuda\" on this machine: LibTorch finds no GPU"
            ),
        }
    }
}
