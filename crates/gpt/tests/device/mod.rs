//! The device that the tests run on: that of `EIGHTFOLD_DEVICE`, `flex` without it.

/// The device.
pub(crate) fn device() -> burn::tensor::Device {
    let name = std::env::var("EIGHTFOLD_DEVICE").unwrap_or_else(|_| "flex".into());
    eightfold_gpt::device(&name).unwrap_or_else(|error| panic!("EIGHTFOLD_DEVICE: {error}"))
}
