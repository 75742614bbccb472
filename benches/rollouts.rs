//! Rates of rollouts at the size of figure 7, in tokens drawn a second: five from every step of a solution, which is
//! read once, against the same draws one prefix at a time.

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use eightfold_benches::{PROMPT, SOLUTION, checkpoint, small, text};
use eightfold_gpt::{Sampler, SamplerConfig};
use eightfold_task::{Draw, Key, Policy};
use std::time::Duration;

const SOLUTIONS: u64 = 64;
const STEPS: u64 = 6;
const K: u64 = 5;
const STEP: usize = 7;

/// The draws from the prefix of so many steps of each solution.
fn draws(steps: u64) -> impl Iterator<Item = Draw> {
    let key = Key::new(0, "rollouts");
    (0..SOLUTIONS * K).map(move |i| {
        let key = key.with(i / K);
        let whole = text(key, PROMPT + SOLUTION);
        let words: Vec<&str> = whole.split(' ').take(PROMPT + STEP * steps as usize).collect();
        Draw { prompt: words.join(" "), key: key.with(steps).with(i % K) }
    })
}

fn rollouts(criterion: &mut Criterion) {
    let config = SamplerConfig { temperature: 1.0, max_tokens: SOLUTION };
    let sampler = Sampler::new(&checkpoint(small()), config);
    let complete = |draws: &[Draw]| sampler.complete(draws).expect("the prompts are of known words");
    let rounds: Vec<Vec<Draw>> = (0..STEPS).map(|steps| draws(steps).collect()).collect();
    let all = rounds.concat();
    let tokens: usize = complete(&all).iter().map(|completion| completion.tokens).sum();
    let mut group = criterion.benchmark_group("rollouts");
    group.sampling_mode(SamplingMode::Flat).sample_size(10).measurement_time(Duration::from_secs(5));
    group.throughput(Throughput::Elements(tokens as u64));
    group.bench_function("all prefixes at once", |bencher| bencher.iter(|| complete(&all)));
    group.bench_function("step by step", |bencher| {
        bencher.iter(|| rounds.iter().map(|round| complete(round).len()).sum::<usize>());
    });
    group.finish();
}

criterion_group!(benches, rollouts);
criterion_main!(benches);
