//! The builds of the kernels agree bit for bit, so that records of two processors may stand in one figure; the plain
//! one, which rounds products by themselves, trains as well.

use burn::tensor::Device;
use eightfold_gpt::{
    Budget, Checkpoint, Engine, GptConfig, Sampler, SamplerConfig, Tokenizer, TrainConfig, preference,
    supervised,
};
use eightfold_loss::Dpo;
use eightfold_task::{Draw, Example, Key, Pair, Policy, Target};
use std::process::Command;

/// Set in the process that computes what is compared.
const CHILD: &str = "EIGHTFOLD_TEST_OF_PATHS";

/// Widths and lengths that take every tile and leave a rest of each.
const SHAPES: [(usize, usize, usize); 3] = [(64, 4, 37), (24, 2, 13), (128, 8, 61)];

/// What training, preference and sampling give, bit for bit, and the last loss of training.
fn results((width, heads, words): (usize, usize, usize)) -> (String, f64) {
    let names: Vec<String> = (0..words).map(|i| format!("w{i}")).collect();
    let tokenizer = Tokenizer::of_words(&names);
    let text = |from: usize, count: usize| {
        (0..count).map(|i| names[(from + i * (from + 1)) % words].as_str()).collect::<Vec<_>>().join(" ")
    };
    let device = Device::flex();
    device.seed(3);
    let gpt = GptConfig { vocab: tokenizer.vocab(), context: 64, width, heads, layers: 2 }
        .init(&device, Engine::Fused);
    let examples: Vec<Example> = (0..9)
        .map(|i| Example {
            prompt: text(i, 3 + i),
            target: Target::whole(text(i + 1, 5 + 2 * i)),
            weight: 1.0,
        })
        .collect();
    let config = TrainConfig {
        budget: Budget::Updates(12),
        batch: 5,
        rate: 1e-2,
        warmup: 2,
        ..TrainConfig::default()
    };
    let key = Key::new(0, "paths");
    let trained = supervised(&gpt, &tokenizer, &examples, &config, key, &mut |_| {}).unwrap();
    let pair = |i: usize| Pair {
        prompt: text(i, 4),
        chosen: Target::whole(text(i + 2, 4)),
        rejected: Target::whole(text(i + 3, 6)),
    };
    let pairs: Vec<Pair> = (0..5).map(pair).collect();
    let loss = trained.report.last_loss;
    let dpo =
        preference(&trained.gpt, &tokenizer, &pairs, &Dpo { beta: 0.1 }, &config, key, &mut |_| {}).unwrap();
    let checkpoint = Checkpoint { gpt: dpo.gpt, tokenizer };
    let sampler = Sampler::new(&checkpoint, SamplerConfig { temperature: 1.0, max_tokens: 20 });
    let draws: Vec<Draw> = (0..7).map(|i| Draw { prompt: text(i, 2 + i), key: key.with(i as u64) }).collect();
    let texts: Vec<String> = sampler.complete(&draws).unwrap().into_iter().map(|drawn| drawn.text).collect();
    (format!("{} {:x} {}", checkpoint.fingerprint(), loss.to_bits(), texts.join("/")), loss)
}

/// Does nothing by itself: the other tests run it as a process for each build.
#[test]
fn child() {
    if std::env::var_os(CHILD).is_some() {
        for shape in SHAPES {
            let (bits, loss) = results(shape);
            println!("\nresult {loss} {bits}");
        }
    }
}

/// The results of a build: a line for each shape, the loss and the bits.
fn run(simd: Option<&str>) -> Vec<(f64, String)> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]).env(CHILD, "1").env_remove("EIGHTFOLD_SIMD");
    let output = command.envs(simd.map(|level| ("EIGHTFOLD_SIMD", level))).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let line = |line: &str| {
        let (loss, bits) = line.strip_prefix("result ")?.split_once(' ')?;
        Some((loss.parse().ok()?, bits.to_owned()))
    };
    let found: Vec<(f64, String)> = text.lines().filter_map(line).collect();
    assert_eq!(found.len(), SHAPES.len(), "{text}");
    found
}

/// On a processor without AVX-512 both are the same build, and on one without AVX2 all three.
#[test]
fn vectors_of_eight_and_of_sixteen_give_the_same_bits() {
    assert_eq!(run(None), run(Some("avx2")));
}

#[test]
fn the_plain_build_trains_as_well() {
    for ((plain, _), (vectors, _)) in run(Some("off")).into_iter().zip(run(None)) {
        assert!((plain - vectors).abs() < 1e-3 * vectors, "{plain}, {vectors}");
    }
}
