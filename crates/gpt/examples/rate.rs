//! temporary rate probe
use eightfold_gpt::*;
use eightfold_task::*;
use std::time::Instant;
fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
    let words: Vec<String> = (0..106).map(|i| format!("w{i}")).collect();
    let tok = Tokenizer::of_words(&words);
    let dev = device("flex").unwrap(); dev.seed(1);
    let cfg = GptConfig { vocab: 108, context: 96, width: 64, heads: 4, layers: 3 };
    let gpt = cfg.init(&dev, Engine::Fused);
    let text = |i: usize, n: usize| (0..n).map(|j| format!("w{}", (i*7+j*13)%106)).collect::<Vec<_>>().join(" ");
    let ex: Vec<Example> = (0..320).map(|i| Example { prompt: text(i, 23 + i%5), target: Target::whole(text(i+9, 38+i%7)), weight: 1.0 }).collect();
    let config = TrainConfig { budget: Budget::Epochs(4), ..Default::default() };
    for _ in 0..2 {
    let t = Instant::now();
    let out = supervised(&gpt, &tok, &ex, &config, Key::new(0, "x"), &mut |_| {}).unwrap();
    let s = t.elapsed().as_secs_f64();
    println!("train {} tokens {:.3}s {:.0} tok/s, {:.2} ms/update loss {} -> {}", out.report.tokens, s, out.report.tokens as f64/s, s*1e3/out.report.updates as f64, out.report.first_loss, out.report.last_loss);
    }
    let pairs: Vec<Pair> = (0..320).map(|i| Pair { prompt: text(i, 35+i%5), chosen: Target::whole(text(i+9, 24+i%7)), rejected: Target::part(text(i+3, 8)) }).collect();
    let t = Instant::now();
    let out = preference(&gpt, &tok, &pairs, &eightfold_loss::DpoNll{beta:0.1,nll:0.1}, &config, Key::new(0, "x"), &mut |_| {}).unwrap();
    let s = t.elapsed().as_secs_f64();
    println!("pref {} tokens {:.3}s {:.0} tok/s, {:.2} ms/update", out.report.tokens, s, out.report.tokens as f64/s, s*1e3/out.report.updates as f64);
    let cp = Checkpoint { gpt, tokenizer: tok };
    let sampler = Sampler::new(&cp, SamplerConfig { temperature: 1.0, max_tokens: 45 });
    let draws: Vec<Draw> = (0..1024).map(|i| Draw { prompt: text(i/8, 23), key: Key::new(i as u64, "s") }).collect();
    for _ in 0..2 {
    let t = Instant::now();
    let out = sampler.complete(&draws).unwrap();
    let s = t.elapsed().as_secs_f64(); let n: usize = out.iter().map(|c| c.tokens).sum();
    println!("sample {n} tokens {s:.3}s {:.0} tok/s", n as f64 / s);
    }
    });
}
