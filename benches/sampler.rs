//! Rates of sampling at the size of figure 7, in tokens drawn a second, reading the prompts included.

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use eightfold_gpt::{Checkpoint, Engine, GptConfig, Sampler, SamplerConfig, Tokenizer, device};
use eightfold_task::{Draw, Key, Policy};
use std::time::Duration;

const VOCAB: usize = 128;
const PROMPT: usize = 23;
const SOLUTION: usize = 41;

fn sampler() -> Sampler {
    let device = device("flex").expect("every build has it");
    device.seed(0);
    let config = GptConfig { vocab: VOCAB, context: 96, width: 64, heads: 4, layers: 3 };
    let tokenizer = Tokenizer::of_words(&(2..VOCAB).map(|i| format!("w{i}")).collect::<Vec<_>>());
    let checkpoint = Checkpoint { gpt: config.init(&device, Engine::Fused), tokenizer };
    Sampler::new(&checkpoint, SamplerConfig { temperature: 1.0, max_tokens: SOLUTION })
}

fn text(key: Key, words: usize) -> String {
    let word = |i: usize| format!("w{}", 2 + key.with(i as u64).below(VOCAB - 2));
    (0..words).map(word).collect::<Vec<_>>().join(" ")
}

fn measure(criterion: &mut Criterion, name: &str, draws: &[Draw]) {
    let sampler = sampler();
    let complete = || sampler.complete(draws).expect("the prompts are of known words");
    let tokens: usize = complete().iter().map(|completion| completion.tokens).sum();
    let mut group = criterion.benchmark_group("sampler");
    group.sampling_mode(SamplingMode::Flat).sample_size(10).measurement_time(Duration::from_secs(8));
    group.throughput(Throughput::Elements(tokens as u64));
    group.bench_function(name, |bencher| bencher.iter(complete));
    group.finish();
}

/// Four solutions of each of 64 problems.
fn solutions(criterion: &mut Criterion) {
    let key = Key::new(0, "solutions");
    let draw = |i: u64| Draw { prompt: text(key.with(i / 4), PROMPT), key: key.with(i).with(1) };
    measure(criterion, "256 draws", &(0..256).map(draw).collect::<Vec<_>>());
}

/// Five rollouts from each of six prefixes of 16 solutions: what step values cost.
fn rollouts(criterion: &mut Criterion) {
    let key = Key::new(0, "rollouts");
    let draw = |i: u64| {
        let (solution, prefix, draw) = (i / 30, i / 5 % 6, i % 5);
        let whole = text(key.with(solution), PROMPT + SOLUTION);
        let words: Vec<&str> = whole.split(' ').take(PROMPT + 7 * prefix as usize).collect();
        Draw { prompt: words.join(" "), key: key.with(solution).with(prefix).with(draw) }
    };
    measure(criterion, "rollouts", &(0..480).map(draw).collect::<Vec<_>>());
}

criterion_group!(benches, solutions, rollouts);
criterion_main!(benches);
