//! Scaling-law fits at the size of the Chinchilla set: 240 points, two inputs, five parameters.
//!
//! The points are synthetic: the law of Besiroglu et al. (2024) as recalled, at models and budgets of that
//! range, with Laplace noise on the logarithm. The objective is theirs: Huber with delta 1e-3 on log loss.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use eightfold_scaling::{
    Bootstrap, Chinchilla, Objective, Row, SaturatingPowerLaw, Scheme, bootstrap, chinchilla_like, fit,
};
use std::hint::black_box;

const HUBER: Objective = Objective::Huber { delta: 1e-3 };

/// Figure 7's shape: 6 sizes, 3 seeds.
fn figure() -> Vec<Row> {
    let row = |i: usize| {
        let n = 64.0 * 2f64.powi((i / 3) as i32);
        Row { x: vec![n], y: (0.05 + 2.0 * n.powf(-0.3)) * (1.0 + 0.05 * ((i * 7) % 5) as f64), weight: 1.0 }
    };
    (0..18).map(row).collect()
}

fn fits(c: &mut Criterion) {
    let rows = chinchilla_like(240, 1);
    let mut group = c.benchmark_group("fit");
    group.bench_function("chinchilla, 240 points", |b| {
        b.iter(|| fit(&Chinchilla, black_box(&rows), HUBER));
    });
    let figure = figure();
    group.bench_function("saturating, 18 points", |b| {
        b.iter(|| fit(&SaturatingPowerLaw, black_box(&figure), HUBER));
    });
    group.finish();
}

fn refits(c: &mut Criterion) {
    let rows = chinchilla_like(240, 1);
    let whole = fit(&Chinchilla, &rows, HUBER).expect("240 points hold five parameters");
    let mut group = c.benchmark_group("bootstrap");
    let settings = Bootstrap { resamples: 400, ..Bootstrap::default() };
    group.sample_size(10).throughput(Throughput::Elements(400));
    // All threads of rayon's pool: set RAYON_NUM_THREADS=1 for one core.
    group.bench_function("chinchilla, 240 points, 400 resamples", |b| {
        b.iter(|| bootstrap(&whole, black_box(&rows), &Scheme::Points, &settings));
    });
    group.finish();
}

criterion_group!(benches, fits, refits);
criterion_main!(benches);
