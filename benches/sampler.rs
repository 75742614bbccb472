//! Rates of sampling, in tokens drawn a second, reading the prompts included.

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use eightfold_benches::{PROMPT, SOLUTION, checkpoint, medium, small, text};
use eightfold_gpt::{Gpt, Sampler, SamplerConfig};
use eightfold_task::{Draw, Key, Policy};
use std::time::Duration;

fn sampler(gpt: Gpt, max_tokens: usize) -> Sampler {
    Sampler::new(&checkpoint(gpt), SamplerConfig { temperature: 1.0, max_tokens }).endless()
}

fn measure(criterion: &mut Criterion, name: &str, sampler: &Sampler, draws: &[Draw]) {
    let complete = || sampler.complete(draws).expect("the prompts are of known words");
    let tokens: usize = complete().iter().map(|completion| completion.tokens).sum();
    let mut group = criterion.benchmark_group("sampler");
    group.sampling_mode(SamplingMode::Flat).sample_size(10).measurement_time(Duration::from_secs(5));
    group.throughput(Throughput::Elements(tokens as u64));
    group.bench_function(name, |bencher| bencher.iter(complete));
    group.finish();
}

/// Four solutions of each of 64 problems, at the size of figure 7.
fn solutions(criterion: &mut Criterion) {
    let key = Key::new(0, "solutions");
    let draw = |i: u64| Draw { prompt: text(key.with(i / 4), PROMPT), key: key.with(i).with(1) };
    let draws: Vec<Draw> = (0..256).map(draw).collect();
    measure(criterion, "width 64, 256 draws", &sampler(small(), SOLUTION), &draws);
}

/// A hundred tokens after each of so many prompts, by a network of width 128.
fn batches(criterion: &mut Criterion) {
    let (key, sampler) = (Key::new(0, "batches"), sampler(medium(), 100));
    for batch in [16, 64, 256] {
        let draw = |i: u64| Draw { prompt: text(key.with(i), 8), key: key.with(i).with(1) };
        let draws: Vec<Draw> = (0..batch).map(draw).collect();
        measure(criterion, &format!("width 128, {batch} draws"), &sampler, &draws);
    }
}

criterion_group!(benches, solutions, batches);
criterion_main!(benches);
