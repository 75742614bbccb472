//! Training end to end on networks of a few thousand weights.

mod device;

use burn::module::Module;
use burn::tensor::Device;
use device::device;
use eightfold_gpt::{
    Budget, Checkpoint, Engine, Gpt, GptConfig, Progress, Sampler, SamplerConfig, Tokenizer, TrainConfig,
    TrainError, Trained, preference, supervised, supervised_steps,
};
use eightfold_loss::{Dpo, DpoNll};
use eightfold_task::{Draw, Example, Key, Pair, Policy, StepExample, Target, WeightedStep};
use std::sync::Mutex;

const LETTERS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

fn tokenizer() -> Tokenizer {
    let mut words = LETTERS.map(String::from).to_vec();
    words.push(":".into());
    Tokenizer::of_words(&words)
}

/// The same network each time, whatever the device: its stream of random numbers is one for the whole process.
fn fresh() -> Gpt {
    initial().to_device(&device())
}

fn initial() -> Gpt {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    let device = Device::flex();
    device.seed(7);
    GptConfig { vocab: tokenizer().vocab(), context: 12, width: 16, heads: 2, layers: 2 }
        .init(&device, Engine::Fused)
}

fn fingerprint(gpt: &Gpt) -> String {
    Checkpoint { gpt: gpt.clone(), tokenizer: tokenizer() }.fingerprint()
}

fn key() -> Key {
    Key::new(0, "training test")
}

/// Every pair of letters, to be copied.
fn copies() -> Vec<Example> {
    let example = |i: usize| {
        let letters = format!("{} {}", LETTERS[i / 8], LETTERS[i % 8]);
        Example { prompt: format!("{letters} :"), target: Target::whole(letters), weight: 1.0 }
    };
    (0..64).map(example).collect()
}

fn config(updates: usize) -> TrainConfig {
    TrainConfig { budget: Budget::Updates(updates), rate: 1e-2, warmup: 5, ..TrainConfig::default() }
}

fn imitate(gpt: &Gpt, examples: &[Example], config: &TrainConfig) -> Result<Trained, TrainError> {
    supervised(gpt, &tokenizer(), examples, config, key(), &mut |_| {})
}

#[test]
fn a_network_learns_to_copy() {
    let mut seen: Vec<Progress> = Vec::new();
    let start = fresh();
    let config = config(100);
    let trained = supervised(&start, &tokenizer(), &copies(), &config, key(), &mut |p| seen.push(p)).unwrap();
    let report = &trained.report;
    // At the start all eleven tokens are about equally likely.
    assert!((seen[0].loss - 11f64.ln()).abs() < 0.1, "{}", seen[0].loss);
    assert!(report.last_loss < 0.1 && report.first_loss > 1.0, "{report:?}");
    assert_eq!((report.updates, seen.len(), seen[99].update), (100, 100, 100));
    // Each example reads its prompt and two tokens of its target.
    assert_eq!((report.tokens, report.reference_tokens, report.accuracy), (100 * 32 * 5, 0, None));
    let checkpoint = Checkpoint { gpt: trained.gpt, tokenizer: tokenizer() };
    let sampler = Sampler::new(&checkpoint, SamplerConfig { temperature: 0.0, max_tokens: 5 });
    let draws: Vec<Draw> = copies().into_iter().map(|e| Draw { prompt: e.prompt, key: key() }).collect();
    let completions = sampler.complete(&draws).unwrap();
    let right =
        completions.iter().zip(copies()).filter(|(c, e)| c.finished && c.text == e.target.text).count();
    assert!(right >= 61, "{right} of 64 copied");
}

#[test]
fn the_same_key_gives_the_same_weights_whatever_the_threads() {
    // 160 sequences of 5 tokens: more than one chunk of work.
    let config = TrainConfig { batch: 160, ..config(3) };
    let examples = [copies(), copies(), copies()].concat();
    let start = fresh();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        fingerprint(&pool.install(|| imitate(&start, &examples, &config)).unwrap().gpt)
    };
    let one = with(1);
    assert_eq!(one, with(2));
    assert_ne!(one, fingerprint(&start));
    let other = supervised(&start, &tokenizer(), &examples, &config, key().with(1), &mut |_| {}).unwrap();
    assert_ne!(one, fingerprint(&other.gpt), "the key decides the order");
}

#[test]
fn both_engines_train_alike() {
    let losses = |start: Gpt, engine: Engine| {
        let mut losses = Vec::new();
        let watch = &mut |progress: Progress| losses.push(progress.loss);
        supervised(&start.with_engine(engine), &tokenizer(), &copies(), &config(4), key(), watch).unwrap();
        losses
    };
    for (fused, plain) in losses(initial(), Engine::Fused).into_iter().zip(losses(fresh(), Engine::Plain)) {
        assert!((fused - plain).abs() < 1e-3, "{fused} fused, {plain} plain");
    }
}

#[test]
fn an_example_of_weight_0_may_say_anything() {
    let with = |noise: &str| {
        let mut examples = copies();
        for (i, example) in examples.iter_mut().enumerate() {
            if i % 3 == 0 {
                (example.weight, example.target.text) = (0.0, noise.into());
            }
        }
        fingerprint(&imitate(&fresh(), &examples, &config(4)).unwrap().gpt)
    };
    assert_eq!(with("h h"), with("a c"));
}

#[test]
fn training_that_cannot_work_says_why() {
    let gpt = fresh();
    let error = |examples: &[Example], config: &TrainConfig| imitate(&gpt, examples, config).unwrap_err();
    assert_eq!(error(&[], &config(1)).to_string(), "nothing to train on: the set of examples is empty");
    let with = |prompt: &str, text: &str| {
        let mut examples = copies();
        examples.push(Example { prompt: prompt.into(), target: Target::whole(text), weight: 1.0 });
        error(&examples, &config(1)).to_string()
    };
    assert_eq!(with("a zebra :", "a"), "the vocabulary has no token for \"zebra\"");
    assert_eq!(with("a :", "yak a"), "the vocabulary has no token for \"yak\"");
    assert_eq!(with("", "a b"), "a prompt is empty; its target begins \"a b\"");
    let long = with("a b :", &["c"; 10].join(" "));
    assert_eq!(long, "a text of 14 tokens does not fit the context of 12: \"a b :\" ...");
    assert!(matches!(error(&copies(), &TrainConfig { batch: 0, ..config(1) }), TrainError::NoBatch));
    let TrainError::Diverged { update, loss, rate } =
        error(&copies(), &TrainConfig { rate: 1e30, warmup: 0, ..config(9) })
    else {
        panic!("such a rate diverges");
    };
    assert!(update > 0 && !loss.is_finite() && rate == 1e30);
}

#[test]
fn what_fills_the_context_can_be_trained_on() {
    let checkpoint = Checkpoint { gpt: fresh(), tokenizer: tokenizer() };
    let sampler = Sampler::new(&checkpoint, SamplerConfig { temperature: 1.0, max_tokens: 100 });
    let draws: Vec<Draw> =
        (0..50).map(|i| Draw { prompt: "a b :".into(), key: Key::new(i, "context") }).collect();
    let completions = sampler.complete(&draws).unwrap();
    assert!(completions.iter().any(|c| c.tokens == 10), "three tokens of prompt and ten more");
    let example = |c: &eightfold_task::Completion| Example {
        prompt: "a b :".into(),
        target: Target::from(c),
        weight: 1.0,
    };
    let examples: Vec<Example> = completions.iter().map(example).collect();
    imitate(&checkpoint.gpt, &examples, &config(1)).unwrap();
}

/// Prefer the first letter of the prompt to a letter that is not in it.
fn pairs() -> Vec<Pair> {
    let pair = |i: usize| Pair {
        prompt: format!("{} {} :", LETTERS[i / 4], LETTERS[i % 4]),
        chosen: Target::whole(LETTERS[i / 4]),
        rejected: Target::part(format!("{} {}", LETTERS[4 + i % 4], LETTERS[i % 8])),
    };
    (0..16).map(pair).collect()
}

#[test]
fn preference_starts_at_ln_2_and_learns_which_side_is_chosen() {
    let train = |config: &TrainConfig, watch: &mut dyn FnMut(Progress)| {
        preference(&fresh(), &tokenizer(), &pairs(), &Dpo { beta: 0.5 }, config, key(), watch).unwrap()
    };
    let ln_2 = std::f64::consts::LN_2;
    let once = train(&config(1), &mut |_| {}).report;
    assert!((once.first_loss - ln_2).abs() < 1e-5 && once.last_loss == once.first_loss, "{once:?}");
    if device() == Device::flex() {
        // Other devices may add in another order where gradients are tracked.
        assert_eq!(once.accuracy, Some(0.0), "at the start no side is ahead");
    }

    // At rate 0 the policy stays the reference, so every update sees the start, in whatever batch.
    let still = TrainConfig { rate: 0.0, batch: 5, ..config(8) };
    train(&still, &mut |progress| assert!((progress.loss - ln_2).abs() < 1e-5));

    let report = train(&config(40), &mut |_| {}).report;
    assert!(report.last_loss < 0.1 && report.accuracy == Some(1.0), "{report:?}");
    assert!(report.reference_tokens > 0 && report.tokens == 40 * report.reference_tokens);
}

#[test]
fn preference_is_the_same_whatever_the_threads() {
    let config = TrainConfig { batch: 160, ..config(3) };
    let pairs: Vec<Pair> = std::iter::repeat_n(pairs(), 10).flatten().collect();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let loss = DpoNll { beta: 0.1, nll: 0.5 };
        let train = || preference(&fresh(), &tokenizer(), &pairs, &loss, &config, key(), &mut |_| {});
        fingerprint(&pool.install(train).unwrap().gpt)
    };
    assert_eq!(with(1), with(2));
}

#[test]
fn preference_that_cannot_work_says_why() {
    let error = |pairs: &[Pair]| {
        let loss = Dpo { beta: 0.1 };
        preference(&fresh(), &tokenizer(), pairs, &loss, &config(1), key(), &mut |_| {}).unwrap_err()
    };
    assert_eq!(error(&[]).to_string(), "nothing to train on: the set of pairs is empty");
    let mut pairs = pairs();
    pairs[3].rejected.text = "a zebra".into();
    assert_eq!(error(&pairs).to_string(), "the vocabulary has no token for \"zebra\"");
    pairs[3].rejected = Target::part(["c"; 11].join(" "));
    assert!(matches!(error(&pairs), TrainError::TooLong { tokens: 14, context: 12, .. }));
}

/// The copies in two steps, the second of which has this weight and, if `last` is given, this letter.
fn copies_in_steps(weight: f64, last: Option<&str>) -> Vec<StepExample> {
    let in_steps = |example: Example| {
        let (first, second) = example.target.text.split_once(' ').unwrap();
        let step = |text: &str, weight| WeightedStep { text: format!("{text} "), weight };
        let steps = vec![step(first, 1.0), step(last.unwrap_or(second), weight)];
        StepExample { prompt: example.prompt, steps, ends: false }
    };
    copies().into_iter().map(in_steps).collect()
}

fn imitate_steps(examples: &[StepExample]) -> Trained {
    supervised_steps(&fresh(), &tokenizer(), examples, &config(20), key(), &mut |_| {}).unwrap()
}

#[test]
fn steps_of_equal_weight_are_a_whole() {
    let whole: Vec<Example> = copies()
        .into_iter()
        .map(|e| Example { target: Target::part(e.target.text), weight: 3.0, ..e })
        .collect();
    let whole = imitate(&fresh(), &whole, &config(20)).unwrap().report;
    let steps = imitate_steps(&copies_in_steps(1.0, None)).report;
    assert!((whole.last_loss - steps.last_loss).abs() < 1e-3, "{whole:?} {steps:?}");
    assert_eq!(whole.tokens, steps.tokens);
}

#[test]
fn a_masked_step_teaches_nothing() {
    let train = |weight, last| fingerprint(&imitate_steps(&copies_in_steps(weight, last)).gpt);
    assert_eq!(train(0.0, None), train(0.0, Some("a")));
    assert_ne!(train(1.0, None), train(1.0, Some("a")));
    assert_ne!(train(1.0, None), train(0.5, None));
}
