//! Training through the public functions, on tiny models.

mod expected;

use eightfold_gpt::{Budget, SequencePair, TrainConfig};
use eightfold_loss::Dpo;
use eightfold_models::{
    LogpStore, Lora, Model, TrainError, Tuning, WeightedTokens, preference, reference_logps, supervised,
};
use eightfold_task::{Key, Target};
use expected::fixtures;
use serde::Deserialize;
use std::path::Path;

/// `learned.json`, as far as it counts here.
#[derive(Deserialize)]
struct Learned {
    sequences: Vec<Sequence>,
    rate: f64,
    decay: f64,
    clip: f64,
    losses: Vec<f64>,
}

#[derive(Deserialize)]
struct Sequence {
    prompt: Vec<u32>,
    completion: Vec<u32>,
}

fn learned(folder: &Path) -> Learned {
    serde_json::from_str(&std::fs::read_to_string(folder.join("learned.json")).unwrap()).unwrap()
}

/// A constant rate, as PyTorch's optimizer alone has it.
fn constant(rate: f64, batch: usize, updates: usize) -> Tuning {
    let schedule = TrainConfig {
        budget: Budget::Updates(updates),
        batch,
        rate,
        warmup: 0,
        end: 1.0,
        weight_decay: 0.0,
        clip: 1.0,
    };
    Tuning { schedule, micro: batch, ..Tuning::default() }
}

fn model() -> Model {
    Model::open(&fixtures()[1]).unwrap()
}

/// Examples of different lengths and weights, some in parts.
fn examples(n: u32) -> Vec<WeightedTokens> {
    let tokens = |salt: u32, n: u32| (0..n).map(|j| (salt * 31 + j * j * 7 + j) % 320).collect::<Vec<_>>();
    let parts = |i: u32| match i % 3 {
        0 => vec![(tokens(i + 9, 4), 0.0), (tokens(i + 5, 3), 2.0)],
        _ => vec![(tokens(i + 9, 3 + i % 4), 1.0 + i as f32 * 0.1)],
    };
    (0..n).map(|i| WeightedTokens { prompt: tokens(i, 3 + i % 5), parts: parts(i) }).collect()
}

fn pairs(n: u32) -> Vec<SequencePair> {
    let tokens = |salt: u32, n: u32| (0..n).map(|j| (salt * 17 + j * j * 3 + j) % 320).collect::<Vec<_>>();
    (0..n)
        .map(|i| SequencePair {
            prompt: tokens(i, 4),
            chosen: tokens(i + 50, 5),
            rejected: tokens(i + 90, 6),
        })
        .collect()
}

fn train(model: &mut Model, examples: &[WeightedTokens], tuning: &Tuning) -> Vec<f64> {
    let mut losses = Vec::new();
    let report =
        supervised(model, examples, tuning, Key::new(0, "train"), &mut |p| losses.push(p.loss)).unwrap();
    assert_eq!(report.updates, losses.len());
    losses
}

#[test]
fn updates_are_those_of_pytorchs_adamw() {
    for folder in fixtures() {
        let (mut model, learned) = (Model::open(&folder).unwrap(), learned(&folder));
        let examples: Vec<WeightedTokens> = learned
            .sequences
            .into_iter()
            .map(|s| WeightedTokens::whole(s.prompt, s.completion, 1.0))
            .collect();
        let mut tuning = constant(learned.rate, examples.len(), learned.losses.len());
        (tuning.schedule.weight_decay, tuning.schedule.clip) = (learned.decay, learned.clip);
        let losses = train(&mut model, &examples, &tuning);
        let far = losses.iter().zip(&learned.losses).map(|(ours, theirs)| (ours - theirs).abs());
        let far = far.fold(0.0, f64::max);
        println!("{}: losses differ by {far:.1e} at most: {losses:?}", folder.display());
        // Adam divides by the root of the squared gradient, so rounding counts where the gradient is small.
        assert!(far < 1e-4, "{}: {losses:?}, not {:?}", folder.display(), learned.losses);
    }
}

#[test]
fn parts_of_a_batch_have_the_gradient_of_the_whole() {
    let examples = examples(8);
    let logits = |micro: usize| {
        let mut model = model();
        let tuning = Tuning { micro, ..constant(1e-3, 8, 3) };
        let losses = train(&mut model, &examples, &tuning);
        (losses, model.logits(&[5, 6, 7, 8]))
    };
    let (whole_losses, whole) = logits(8);
    for micro in [2, 3] {
        let (losses, parts) = logits(micro);
        for (a, b) in whole_losses.iter().zip(&losses) {
            assert!((a - b).abs() < 1e-5 * a.abs(), "{a} whole, {b} in parts of {micro}");
        }
        // Gradients agree to rounding (a test in `step.rs`); Adam divides by their root mean square, so that where a
        // gradient is small its rounding is a share of the rate, here 1e-3.
        let far = whole.iter().zip(&parts).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(far < 1e-3, "logits {far} apart in parts of {micro}");
    }
}

#[test]
fn training_lowers_the_loss_fully_and_by_adapters() {
    let examples = examples(6);
    for lora in [None, Some(Lora { rank: 4, alpha: 8.0, ..Lora::default() })] {
        let mut model = model();
        let before = model.logits(&[1, 2, 3]);
        let tuning = Tuning { lora, recompute: false, ..constant(0.01, 6, 30) };
        let losses = train(&mut model, &examples, &tuning);
        assert!(losses[29] < 0.3 * losses[0], "{losses:?}");
        assert_ne!(model.logits(&[1, 2, 3]), before, "what was learned is in the weights");
        // The merged model has the loss that training saw last, or a lower one.
        let again = train(&mut model, &examples, &constant(0.0, 6, 1));
        assert!(again[0] < losses[29] * 1.05, "{again:?} after {losses:?}");
    }
}

#[test]
fn preference_training_tells_the_sides_apart() {
    let (pairs, mut model) = (pairs(6), model());
    let reference =
        reference_logps(&model, &pairs, &Tuning { micro: 4, ..Tuning::default() }, None, &mut |_| {})
            .unwrap();
    let tuning = Tuning { micro: 4, ..constant(0.003, 6, 20) };
    let mut losses = Vec::new();
    let report = preference(
        &mut model,
        &pairs,
        &reference,
        &Dpo { beta: 0.1 },
        &tuning,
        Key::new(0, "pairs"),
        &mut |progress| losses.push(progress.loss),
    )
    .unwrap();
    assert!((losses[0] - 2f64.ln()).abs() < 1e-6, "policy and reference are one at first: {}", losses[0]);
    assert!(losses[19] < 0.4 && report.accuracy == Some(1.0), "{losses:?}, {report:?}");
}

#[test]
fn references_are_computed_once() {
    let (pairs, model) = (pairs(5), model());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logps");
    let two = Tuning { micro: 2, ..Tuning::default() };
    let plain = reference_logps(&model, &pairs, &two, None, &mut |_| {}).unwrap();
    let kept = |model: &Model, path: &Path| {
        let mut store = LogpStore::open(path).unwrap();
        reference_logps(model, &pairs, &two, Some(&mut store), &mut |_| {}).unwrap()
    };
    assert_eq!(kept(&model, &path), plain);
    let whole = std::fs::read(&path).unwrap();
    assert_eq!(kept(&model, &path), plain);
    assert_eq!(std::fs::read(&path).unwrap(), whole, "nothing was computed again");
    // A file that was cut anywhere, or has a damaged line, is made whole again.
    for cut in [0, 10, whole.len() - 1, whole.len() / 2] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        assert_eq!(kept(&model, &path), plain, "cut at {cut}");
        assert_eq!(kept(&model, &path), plain, "cut at {cut}, read again");
    }
    let mut damaged = whole.clone();
    damaged[35] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    assert_eq!(kept(&model, &path), plain);
    // Another model has other numbers.
    let other = Model::open(&fixtures()[3]).unwrap();
    assert_ne!(kept(&other, &path), plain);
}

#[test]
fn what_cannot_be_trained_on_is_named() {
    let mut model = model();
    let mut message = |examples: &[WeightedTokens], tuning: &Tuning| {
        let key = Key::new(0, "train");
        supervised(&mut model, examples, tuning, key, &mut |_| {}).unwrap_err().to_string()
    };
    let (good, tuning) = (examples(2), constant(1e-3, 2, 3));
    let with = |i: usize, example: WeightedTokens| {
        let mut examples = good.clone();
        examples[i] = example;
        examples
    };
    let whole = |prompt: Vec<u32>, completion: Vec<u32>| WeightedTokens::whole(prompt, completion, 1.0);
    assert_eq!(message(&[], &tuning), "nothing to train on: the set of examples is empty");
    assert_eq!(
        message(&with(1, whole(vec![1; 90], vec![2; 8])), &tuning),
        "example 1: a text of 98 tokens does not fit the context of 96"
    );
    assert_eq!(
        message(&with(0, whole(vec![1, 320], vec![2])), &tuning),
        "example 0: token 320 is not in the vocabulary of 320"
    );
    assert!(
        message(&with(0, whole(vec![], vec![2])), &tuning).starts_with("example 0: the prompt has no tokens")
    );
    let negative = WeightedTokens::whole(vec![1], vec![2], f32::NAN);
    assert_eq!(message(&with(1, negative), &tuning), "example 1: a weight is not a number of at least 0");
    assert!(message(&good, &Tuning { micro: 0, ..tuning.clone() }).starts_with("micro: "));
    let lora = Some(Lora { rank: 0, ..Lora::default() });
    assert!(message(&good, &Tuning { lora, ..tuning.clone() }).starts_with("rank: "));
    // A rate that destroys the weights is found at the next update.
    let error = message(&good, &constant(1e30, 2, 5));
    assert!(error.contains("of update 1 is NaN; lower the learning rate"), "{error}");
}

#[test]
fn a_target_ends_with_the_end_of_text() {
    let model = model();
    let part = model.encode_target(&Target::part("12 apples")).unwrap();
    let whole = model.encode_target(&Target::whole("12 apples")).unwrap();
    assert_eq!(whole, [&part[..], &model.ends()[..1]].concat());
    // No beginning of text stands inside of one.
    assert!(!part.contains(&0));
}

#[test]
fn empty_sets_of_pairs_are_refused() {
    let (mut model, key) = (model(), Key::new(0, "pairs"));
    let error = preference(&mut model, &[], &[], &Dpo { beta: 0.1 }, &Tuning::default(), key, &mut |_| {});
    assert!(matches!(error, Err(TrainError::Empty { what: "pairs" })));
}
