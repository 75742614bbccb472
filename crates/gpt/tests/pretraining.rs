//! Pretraining through burn-train: a few rounds of a tiny network.

mod device;

use burn::train::logger::{EvaluationProgressLogger, TrainingProgressLogger};
use burn::train::metric::MetricDefinition;
use burn::train::renderer::{
    EvaluationName, MetricState, MetricsRenderer, MetricsRendererEvaluation, MetricsRendererTraining,
};
use device::device;
use eightfold_gpt::{
    Batch, Checkpoint, Engine, Gpt, GptConfig, PretrainConfig, PretrainError, Sequence, Stories, Tokenizer,
    pretrain,
};
use eightfold_task::{Example, Key, Target};
use std::path::Path;
use std::sync::Arc;

/// A renderer that shows nothing.
struct Silent;

impl MetricsRendererTraining for Silent {
    fn update_train(&mut self, _: MetricState) {}
    fn update_valid(&mut self, _: MetricState) {}
}

impl MetricsRendererEvaluation for Silent {
    fn update_test(&mut self, _: EvaluationName, _: MetricState) {}
}

impl TrainingProgressLogger for Silent {
    fn start(&mut self, _: usize, _: usize, _: Option<usize>, _: Option<&str>) {}
    fn update_epoch(&mut self, _: usize) {}
    fn start_split(&mut self, _: &str, _: usize) {}
    fn update_split(&mut self, _: usize) {}
    fn end_split(&mut self) {}
    fn end(&mut self) {}
    fn log_event_training(&mut self, _: String) {}
}

impl EvaluationProgressLogger for Silent {
    fn start_global_progress(&mut self, _: usize) {}
    fn start_test(&mut self, _: &str, _: usize) {}
    fn update_test_progress(&mut self, _: usize) {}
    fn end_test(&mut self) {}
    fn end_global_progress(&mut self) {}
    fn log_event_evaluation(&mut self, _: String) {}
}

impl MetricsRenderer for Silent {
    fn manual_close(&mut self) {}
    fn register_metric(&mut self, _: MetricDefinition) {}
}

const LETTERS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn tokenizer() -> Tokenizer {
    Tokenizer::of_words(&LETTERS.map(String::from))
}

fn fresh(seed: u64) -> Gpt {
    let device = device();
    device.seed(seed);
    GptConfig { vocab: tokenizer().vocab(), context: 12, width: 8, heads: 2, layers: 1 }
        .init(&device, Engine::Fused)
}

/// Three consecutive letters, then the same again.
fn stories() -> Stories {
    Arc::new(|key: Key| {
        let first = key.below(LETTERS.len());
        let letters = [0, 1, 2].map(|i| LETTERS[(first + i) % LETTERS.len()]).join(" ");
        Example { prompt: letters.clone(), target: Target::whole(letters), weight: 1.0 }
    })
}

fn config() -> PretrainConfig {
    PretrainConfig { round: 90, rounds: 3, batch: 16, rate: 2e-2, warmup: 2, ..PretrainConfig::default() }
}

fn run(gpt: Gpt, config: &PretrainConfig, dir: &Path, resume: Option<usize>) -> Result<Gpt, PretrainError> {
    pretrain(gpt, &tokenizer(), &stories(), config, dir, resume, Some(Box::new(Silent)))
}

fn fingerprint(gpt: &Gpt) -> String {
    Checkpoint { gpt: gpt.clone(), tokenizer: tokenizer() }.fingerprint()
}

/// Mean negative log-likelihood of the six stories, in nats a story.
fn cost(gpt: &Gpt) -> f32 {
    let encode = |text: &str| tokenizer().encode(text).unwrap();
    let sequences = (0..)
        .map(|i| stories()(Key::new(i, "cost")))
        .take(12)
        .map(|story| Sequence { prompt: encode(&story.prompt), target: encode(&story.target.text) });
    gpt.logps(&Arc::new(Batch::new(sequences.collect()))).sums.mean().neg().into_scalar()
}

#[test]
fn pretraining_learns_and_can_be_repeated_and_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let start = fresh(5);
    let whole = run(start.clone(), &config(), dir.path(), None).unwrap();
    assert!(cost(&whole) < 0.8 * cost(&start), "{} before, {} after", cost(&start), cost(&whole));

    // The last round again, from a network that is not the one that was trained.
    let resumed = run(fresh(6), &config(), dir.path(), Some(2)).unwrap();
    assert_eq!(fingerprint(&resumed), fingerprint(&whole), "resumed");

    let again = run(start.clone(), &config(), tempfile::tempdir().unwrap().path(), None).unwrap();
    assert_eq!(fingerprint(&again), fingerprint(&whole), "repeated");

    let other = PretrainConfig { seed: 1, rounds: 1, ..config() };
    let once = PretrainConfig { rounds: 1, ..config() };
    let by = |config: &PretrainConfig| {
        fingerprint(&run(start.clone(), config, tempfile::tempdir().unwrap().path(), None).unwrap())
    };
    assert_ne!(by(&once), by(&other), "other stories");
}

#[test]
fn pretraining_that_cannot_work_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let error = |stories: Stories, config: PretrainConfig, resume| {
        let renderer = Some(Box::new(Silent) as Box<dyn MetricsRenderer>);
        pretrain(fresh(5), &tokenizer(), &stories, &config, dir.path(), resume, renderer)
            .expect_err("this cannot work")
            .to_string()
    };
    let saying = |prompt: &'static str, text: &'static str| -> Stories {
        Arc::new(move |_| Example { prompt: prompt.into(), target: Target::whole(text), weight: 1.0 })
    };
    let unknown = "the vocabulary has no token for \"zebra\"";
    assert_eq!(error(saying("a zebra", "b"), config(), None), unknown);
    let long = error(saying("a", "a b c d e f a b c d e f"), config(), None);
    assert!(long.starts_with("a text of 14 tokens does not fit the context of 12"), "{long}");
    for nothing in [
        PretrainConfig { batch: 0, ..config() },
        PretrainConfig { round: 0, ..config() },
        PretrainConfig { rounds: 0, ..config() },
    ] {
        assert_eq!(error(stories(), nothing, None), "`round`, `rounds` and `batch` are at least 1");
    }
    let schedule = error(stories(), PretrainConfig { warmup: 0, ..config() }, None);
    assert!(schedule.starts_with("schedule of the learning rate: "), "{schedule}");
    let missing = error(stories(), config(), Some(7));
    assert!(missing.starts_with("cannot resume after round 7: no "), "{missing}");
    assert!(missing.ends_with("model-7.bpk"), "{missing}");

    // A word that comes up only after training has begun.
    let count = std::sync::atomic::AtomicUsize::new(0);
    let later: Stories = Arc::new(move |key: Key| {
        let told = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut story = stories()(key);
        if told == 150 {
            story.target.text.push_str(" zebra");
        }
        story
    });
    let stopped = error(later, config(), None);
    assert!(stopped.starts_with("pretraining stopped: ") && stopped.contains("zebra"), "{stopped}");
}
