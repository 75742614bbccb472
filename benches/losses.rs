//! Pairs a second through each preference loss, and sequences a second through likelihood: value and gradient
//! of a batch of 4,096 on `flex`.

use burn::tensor::{Device, Tensor, TensorData};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use eightfold_loss::{
    AdvantageWeighting, ConservativeDpo, Dpo, DpoNll, DpoPositive, Ipo, LengthNormalizedDpo, LogRatio, Logps,
    NllReduction, PairLogps, PreferenceLoss, SimPo, advantage_weighted_nll, weighted_nll,
};

const BATCH: usize = 4096;

fn vector(value: impl Fn(usize) -> f32, device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new((0..BATCH).map(value).collect::<Vec<f32>>(), [BATCH]), device)
}

/// Log-probabilities of sequences of 8 to 39 tokens, about a nat each, spread by `phase`.
fn logps(phase: f32, device: &Device) -> Logps {
    let tokens = |i: usize| (8 + i % 32) as f32;
    Logps {
        sums: vector(|i| -tokens(i) * (1.0 + 0.5 * (i as f32 * phase).sin()), device).require_grad(),
        tokens: vector(tokens, device),
    }
}

fn preference_losses(c: &mut Criterion) {
    let device = Device::flex().autodiff();
    let pair = |a, b| PairLogps { chosen: logps(a, &device), rejected: logps(b, &device) };
    let (policy, reference) = (pair(0.7, 1.3), pair(0.9, 1.1));
    let losses: [(&str, Box<dyn PreferenceLoss>); 8] = [
        ("dpo", Box::new(Dpo { beta: 0.1 })),
        ("conservative_dpo", Box::new(ConservativeDpo { beta: 0.1, smoothing: 0.1 })),
        ("ipo_sum", Box::new(Ipo { tau: 0.1, log_ratio: LogRatio::Sum })),
        ("ipo_mean", Box::new(Ipo { tau: 0.1, log_ratio: LogRatio::Mean })),
        ("dpo_positive", Box::new(DpoPositive { beta: 0.1, lambda: 5.0 })),
        ("dpo_nll", Box::new(DpoNll { beta: 0.1, nll: 0.1 })),
        ("length_normalized_dpo", Box::new(LengthNormalizedDpo { beta: 5.0 })),
        ("simpo", Box::new(SimPo { beta: 2.0, gamma: 0.5 })),
    ];
    let mut group = c.benchmark_group("preference");
    group.throughput(Throughput::Elements(BATCH as u64));
    for (name, loss) in &losses {
        group.bench_function(BenchmarkId::new(*name, BATCH), |b| {
            b.iter(|| loss.forward(&policy, &reference).losses.mean().backward());
        });
    }
    group.finish();
}

fn likelihoods(c: &mut Criterion) {
    let device = Device::flex().autodiff();
    let logps = logps(0.7, &device);
    let weights = vector(|i| 1.0 + (i % 3) as f32, &device);
    let advantages = vector(|i| (i as f32 * 0.3).sin(), &device);
    let mut group = c.benchmark_group("likelihood");
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function(BenchmarkId::new("weighted_nll", BATCH), |b| {
        b.iter(|| weighted_nll(&logps, weights.clone(), NllReduction::Token).backward());
    });
    let clipped = AdvantageWeighting::Clipped { beta: 0.1, max: 20.0 };
    group.bench_function(BenchmarkId::new("advantage_weighted_nll", BATCH), |b| {
        b.iter(|| {
            advantage_weighted_nll(&logps, advantages.clone(), clipped, NllReduction::Batch).backward()
        });
    });
    group.finish();
}

criterion_group!(benches, preference_losses, likelihoods);
criterion_main!(benches);
