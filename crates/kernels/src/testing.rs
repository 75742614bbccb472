//! Numbers for tests.

/// Numbers in [-1, 1) that look random; others for each `salt`.
pub(crate) fn numbers(n: usize, salt: u32) -> Vec<f32> {
    (0..n as u32)
        .map(|i| ((i.wrapping_mul(2_654_435_761).wrapping_add(salt) >> 8) as f32 / 8_388_608.0) - 1.0)
        .collect()
}
