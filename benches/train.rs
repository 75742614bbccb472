//! Rates of training, in tokens read a second, forward and backward, clipping, optimizer and tokenizing included.

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use eightfold_benches::{PROMPT, SOLUTION, medium, small, text, tokenizer};
use eightfold_gpt::{Budget, TrainConfig, TrainReport, Trained, preference, supervised};
use eightfold_loss::DpoNll;
use eightfold_task::{Example, Key, Pair, Target};
use std::time::Duration;

/// Updates in one call: the optimizer starts anew with each.
const UPDATES: usize = 8;

fn config(batch: usize, updates: usize) -> TrainConfig {
    TrainConfig { budget: Budget::Updates(updates), batch, ..TrainConfig::default() }
}

/// Measures a training run that reads as many tokens each time.
fn measure(
    criterion: &mut Criterion,
    name: &str,
    config: TrainConfig,
    run: impl Fn(&TrainConfig) -> Trained,
) {
    let TrainReport { tokens, .. } = run(&config).report;
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat).sample_size(10).measurement_time(Duration::from_secs(5));
    group.throughput(Throughput::Elements(tokens));
    group.bench_function(BenchmarkId::new("batch", config.batch), |bencher| bencher.iter(|| run(&config)));
    group.finish();
}

fn examples(key: Key, count: usize, prompt: usize, target: usize) -> Vec<Example> {
    let example = |i: usize| Example {
        prompt: text(key.with(i as u64), prompt),
        target: Target::whole(text(key.with(i as u64).with(1), target - 1)),
        weight: 1.0,
    };
    (0..count).map(example).collect()
}

/// Stories of figure 7.
fn imitation(criterion: &mut Criterion) {
    let (gpt, tokenizer, key) = (small(), tokenizer(), Key::new(0, "bench"));
    for batch in [32, 64] {
        let examples = examples(key, batch * UPDATES, PROMPT, SOLUTION);
        measure(criterion, "supervised, width 64", config(batch, UPDATES), |config| {
            supervised(&gpt, &tokenizer, &examples, config, key, &mut |_| {}).expect("training works")
        });
    }
}

/// Full rows of 128 tokens.
fn full_rows(criterion: &mut Criterion) {
    let (gpt, tokenizer, key) = (medium(), tokenizer(), Key::new(0, "bench"));
    let examples = examples(key, 64, 1, 128);
    measure(criterion, "supervised, width 128", config(64, 1), |config| {
        supervised(&gpt, &tokenizer, &examples, config, key, &mut |_| {}).expect("training works")
    });
}

/// Pairs as per-step DPO has them: half of the solution in the prompt, a whole rest against one step.
fn pairs(criterion: &mut Criterion) {
    let (gpt, tokenizer, key) = (small(), tokenizer(), Key::new(0, "bench"));
    let (batch, half) = (32, SOLUTION / 2);
    let pair = |i: usize| Pair {
        prompt: text(key.with(i as u64), PROMPT + half),
        chosen: Target::whole(text(key.with(i as u64).with(1), SOLUTION - half - 1)),
        rejected: Target::part(text(key.with(i as u64).with(2), 8)),
    };
    let pairs: Vec<Pair> = (0..batch * UPDATES).map(pair).collect();
    let loss = DpoNll { beta: 0.1, nll: 0.1 };
    measure(criterion, "preference, width 64", config(batch, UPDATES), |config| {
        preference(&gpt, &tokenizer, &pairs, &loss, config, key, &mut |_| {}).expect("training works")
    });
}

criterion_group!(benches, imitation, full_rows, pairs);
criterion_main!(benches);
