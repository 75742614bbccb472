//! Rates of training at the size of figure 7, in tokens read a second, forward and backward, clipping,
//! optimizer and tokenizing included.

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use eightfold_gpt::{
    Budget, Engine, Gpt, GptConfig, Tokenizer, TrainConfig, TrainReport, Trained, device, preference,
    supervised,
};
use eightfold_loss::DpoNll;
use eightfold_task::{Example, Key, Pair, Target};
use std::time::Duration;

const VOCAB: usize = 128;
const PROMPT: usize = 23;
/// The end of text included.
const TARGET: usize = 41;
/// Updates in one call: the optimizer starts anew with each.
const UPDATES: usize = 8;

fn tokenizer() -> Tokenizer {
    Tokenizer::of_words(&(2..VOCAB).map(|i| format!("w{i}")).collect::<Vec<_>>())
}

fn network() -> Gpt {
    let device = device("flex").expect("every build has it");
    device.seed(0);
    GptConfig { vocab: VOCAB, context: 96, width: 64, heads: 4, layers: 3 }.init(&device, Engine::Fused)
}

fn text(key: Key, words: usize) -> String {
    let word = |i: usize| format!("w{}", 2 + key.with(i as u64).below(VOCAB - 2));
    (0..words).map(word).collect::<Vec<_>>().join(" ")
}

fn config(batch: usize) -> TrainConfig {
    TrainConfig { budget: Budget::Updates(UPDATES), batch, ..TrainConfig::default() }
}

/// Measures a training run that reads as many tokens each time.
fn measure(criterion: &mut Criterion, name: &str, batch: usize, run: impl Fn(&TrainConfig) -> Trained) {
    let config = config(batch);
    let TrainReport { tokens, .. } = run(&config).report;
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat).sample_size(10).measurement_time(Duration::from_secs(8));
    group.throughput(Throughput::Elements(tokens));
    group.bench_function(BenchmarkId::new("batch", batch), |bencher| bencher.iter(|| run(&config)));
    group.finish();
}

fn imitation(criterion: &mut Criterion) {
    let (gpt, tokenizer, key) = (network(), tokenizer(), Key::new(0, "bench"));
    for batch in [32, 64] {
        let example = |i: usize| Example {
            prompt: text(key.with(i as u64), PROMPT),
            target: Target::whole(text(key.with(i as u64).with(1), TARGET - 1)),
            weight: 1.0,
        };
        let examples: Vec<Example> = (0..batch * UPDATES).map(example).collect();
        measure(criterion, "supervised", batch, |config| {
            supervised(&gpt, &tokenizer, &examples, config, key, &mut |_| {}).expect("training works")
        });
    }
}

/// Pairs as per-step DPO has them: half of the solution in the prompt, a whole rest against one step.
fn pairs(criterion: &mut Criterion) {
    let (gpt, tokenizer, key) = (network(), tokenizer(), Key::new(0, "bench"));
    let (batch, half) = (32, TARGET / 2);
    let pair = |i: usize| Pair {
        prompt: text(key.with(i as u64), PROMPT + half),
        chosen: Target::whole(text(key.with(i as u64).with(1), TARGET - half - 1)),
        rejected: Target::part(text(key.with(i as u64).with(2), 8)),
    };
    let pairs: Vec<Pair> = (0..batch * UPDATES).map(pair).collect();
    let loss = DpoNll { beta: 0.1, nll: 0.1 };
    measure(criterion, "preference", batch, |config| {
        preference(&gpt, &tokenizer, &pairs, &loss, config, key, &mut |_| {}).expect("training works")
    });
}

criterion_group!(benches, imitation, pairs);
criterion_main!(benches);
