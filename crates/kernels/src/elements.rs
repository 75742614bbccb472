//! Sums and products, element by element.

use crate::simd::kernel;

kernel! {
    /// Adds the column sums of `x` to `sums`.
    pub fn add_columns(x: &[f32], sums: &mut [f32]) {
        for row in x.chunks_exact(sums.len()) {
            sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
    }
}

kernel! {
    /// `sums += x`, element by element.
    pub fn add(x: &[f32], sums: &mut [f32]) {
        sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += x);
    }
}

kernel! {
    /// `products *= x`, element by element.
    pub fn multiply(x: &[f32], products: &mut [f32]) {
        products.iter_mut().zip(x).for_each(|(product, x)| *product *= x);
    }
}
