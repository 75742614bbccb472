//! Completions: those of `transformers` where tokens are the likeliest, and functions of their draw alone.

mod expected;

use eightfold_models::{Model, Prompt, Sample, Sampler, Sampling};
use eightfold_task::{Draw, Key, Policy};
use expected::{Completed, expected, fixtures, real};
use std::ops::ControlFlow;
use std::path::Path;

fn greedy(max_tokens: usize) -> Sampling {
    Sampling { temperature: 0.0, top_p: 1.0, max_tokens, stop: Vec::new() }
}

fn warm() -> Sampling {
    Sampling { temperature: 1.0, top_p: 0.95, ..greedy(24) }
}

fn fixture(name: &str) -> Model {
    Model::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

/// All samples, in the order of the prompts.
fn draw(sampler: &Sampler, prompts: &[Prompt]) -> Vec<Sample> {
    let mut samples = vec![None; prompts.len()];
    sampler
        .draw(prompts, &mut |number, sample| {
            assert!(samples[number].replace(sample).is_none(), "drawn once");
            ControlFlow::Continue(())
        })
        .unwrap();
    samples.into_iter().map(Option::unwrap).collect()
}

/// Prompts of 1 to 60 tokens, some of which begin others, some twice, each with a key of its own.
fn prompts(n: usize) -> Vec<Prompt> {
    let prompt = |i: usize| {
        let tokens = (0..1 + (i * 13) % 60).map(|j| (3 + (j * (i % 5 + 3)) % 300) as u32).collect();
        Prompt { tokens, key: Key::new(i as u64, "prompt") }
    };
    (0..n).map(prompt).collect()
}

fn check(folder: &Path) {
    let (model, expected) = (Model::open(folder).unwrap(), expected(folder));
    let key = Key::new(0, "unused");
    let prompt = |Completed { prompt, .. }: &Completed| Prompt {
        tokens: model.text().encode(prompt, true).unwrap(),
        key,
    };
    let prompts: Vec<Prompt> = expected.completions.iter().map(prompt).collect();
    let sampler = Sampler::new(&model, greedy(expected.max_tokens));
    let sampler = if expected.endless { sampler.endless() } else { sampler };
    let samples = draw(&sampler, &prompts);
    assert_eq!(samples.len(), 20);
    for (sample, Completed { prompt, tokens }) in samples.iter().zip(&expected.completions) {
        assert_eq!(&sample.tokens, tokens, "{}: {prompt:?}", folder.display());
        let ended = tokens.last().is_some_and(|last| model.ends().contains(last));
        assert_eq!(sample.finished, ended, "{prompt:?}");
    }
}

#[test]
fn greedy_completions_are_those_of_transformers() {
    for folder in fixtures() {
        check(&folder);
    }
}

#[test]
fn greedy_completions_of_a_real_model_are_those_of_transformers() {
    if let Some(folder) = real() {
        check(&folder);
    }
}

#[test]
fn a_completion_depends_on_nothing_but_its_prompt_and_key() {
    for name in ["llama-yarn", "qwen3"] {
        let (model, prompts) = (fixture(name), prompts(70));
        let sampler = Sampler::new(&model, warm());
        let all = draw(&sampler, &prompts);
        for i in (0..70).step_by(9) {
            assert_eq!(draw(&sampler, &prompts[i..=i])[0], all[i], "{name}: alone");
        }
        let reversed: Vec<Prompt> = prompts.iter().rev().cloned().collect();
        let mut again = draw(&sampler, &reversed);
        again.reverse();
        assert_eq!(again, all, "{name}: in another order");
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(|| draw(&sampler, &prompts)), all, "{name}: {threads} threads");
        }
        assert!(
            all.iter().any(|sample| sample.tokens.len() < 24) && all.iter().any(|sample| !sample.finished)
        );
    }
}

#[test]
fn a_key_names_its_completion() {
    let model = fixture("qwen2");
    let sampler = Sampler::new(&model, warm());
    let tokens = vec![40, 41, 42];
    let prompt = |key| Prompt { tokens: tokens.clone(), key: Key::new(key, "draw") };
    let samples = draw(&sampler, &(0..20).map(prompt).collect::<Vec<_>>());
    let texts: std::collections::HashSet<&[u32]> = samples.iter().map(|sample| &sample.tokens[..]).collect();
    assert!(texts.len() > 15, "{} different texts of 20", texts.len());
    assert_eq!(draw(&sampler, &[prompt(7), prompt(7)]), [samples[7].clone(), samples[7].clone()]);
}

#[test]
fn a_stop_text_ends_a_completion_and_is_cut_off() {
    let model = fixture("llama-llama3");
    let prompts = prompts(40);
    let whole = draw(&Sampler::new(&model, warm()), &prompts);
    // A letter that half of the texts hold or so.
    let stop = "a".to_owned();
    let stopped = draw(&Sampler::new(&model, Sampling { stop: vec![stop.clone()], ..warm() }), &prompts);
    let mut cut = 0;
    for (whole, stopped) in whole.iter().zip(&stopped) {
        match whole.text.split_once(&stop) {
            Some((before, _)) => {
                assert_eq!((stopped.text.as_str(), stopped.finished), (before, true));
                assert!(whole.tokens.starts_with(&stopped.tokens));
                cut += 1;
            }
            None => assert_eq!(stopped, whole),
        }
    }
    assert!((5..=39).contains(&cut), "{cut} of 40 were stopped");
}

#[test]
fn an_endless_text_has_the_longest_length() {
    let model = fixture("qwen2");
    let samples = draw(&Sampler::new(&model, warm()).endless(), &prompts(30));
    for (sample, prompt) in samples.iter().zip(prompts(30)) {
        let room = model.config().context + 1 - prompt.tokens.len();
        assert_eq!((sample.tokens.len(), sample.finished), (room.min(24), false));
    }
}

#[test]
fn as_a_policy_it_completes_texts() {
    let model = fixture("llama-llama3");
    let sampler = Sampler::new(&model, warm());
    let draws =
        ["Ada has", "Ada has two", ""].map(|prompt| Draw { prompt: prompt.into(), key: Key::new(3, prompt) });
    let completions = sampler.complete(&draws).unwrap();
    for (draw, completion) in draws.iter().zip(completions) {
        let tokens = model.text().encode(&draw.prompt, true).unwrap();
        let mut alone = Vec::new();
        sampler
            .draw(&[Prompt { tokens, key: draw.key }], &mut |_, sample| {
                alone.push(sample);
                ControlFlow::Break(())
            })
            .unwrap();
        let [Sample { text, tokens, finished }] = &alone[..] else { panic!("one sample") };
        assert_eq!(
            (&completion.text, completion.tokens, completion.finished),
            (text, tokens.len(), *finished)
        );
    }
}

#[test]
fn prompts_that_cannot_be_read_are_named() {
    let model = fixture("qwen2");
    let sampler = Sampler::new(&model, warm());
    let error =
        |prompt: String| sampler.complete(&[Draw { prompt, key: Key::new(0, "x") }]).unwrap_err().message;
    assert_eq!(error(String::new()), "a prompt is empty: \"\" ...");
    assert!(error("many ".repeat(100)).starts_with("a prompt of "));
    let nothing = Sampling { max_tokens: 0, ..warm() };
    let samples = draw(&Sampler::new(&model, nothing), &prompts(3));
    assert!(samples.iter().all(|sample| sample.tokens.is_empty() && !sample.finished));
}
