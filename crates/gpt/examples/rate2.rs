//! temporary base
use eightfold_gpt::*;
use eightfold_task::*;
use eightfold_task::lexicon::*;
use std::time::Instant;
fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
    let n: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let lex = Lexicon::new(LexiconConfig::default()).unwrap();
    let tok = Tokenizer::of_words(&lex.vocabulary());
    let crowd = Crowd::new(&lex);
    let dev = device("flex").unwrap(); dev.seed(1);
    let cfg = GptConfig { vocab: tok.vocab(), context: 112, width: 64, heads: 4, layers: 3 };
    let gpt = cfg.init(&dev, Engine::Fused);
    let ex: Vec<Example> = (0..n).map(|i| crowd.example(&mut Key::new(0, "base").with(i as u64).rng())).collect();
    println!("{:?}", ex[0]);
    println!("longest {}", ex.iter().map(|e| tok.encode(&e.prompt).unwrap().len() + tok.encode(&e.target.text).unwrap().len()).max().unwrap());
    let config = TrainConfig { budget: Budget::Epochs(1), batch: 64, rate: 4e-3, warmup: 100, end: 0.0, weight_decay: 0.01, clip: 1.0 };
    let t = Instant::now(); let mut sum = 0.0;
    let out = supervised(&gpt, &tok, &ex, &config, Key::new(0, "x"), &mut |p| { sum += p.loss; if p.update % 250 == 0 { println!("{} {:.4} {:.0}s", p.update, sum/250.0, t.elapsed().as_secs_f64()); sum = 0.0; } }).unwrap();
    let s = t.elapsed().as_secs_f64();
    println!("train {} tokens {:.3}s {:.0} tok/s", out.report.tokens, s, out.report.tokens as f64/s);
    let cp = Checkpoint { gpt: out.gpt, tokenizer: tok };
    cp.save(std::path::Path::new("/tmp/base0"), serde_json::Value::Null).unwrap();
    let sampler = Sampler::new(&cp, SamplerConfig { temperature: 0.0, max_tokens: 70 });
    let problems = lex.problems(1000, 5, "fresh");
    let draws: Vec<Draw> = problems.iter().map(|p| Draw { prompt: p.prompt(), key: Key::new(0, "g") }).collect();
    let outs = sampler.complete(&draws).unwrap();
    let mut clean = 0;
    for (p, o) in problems.iter().zip(&outs) { let st = Story::parse(&lex, &p.question).unwrap(); let r = replay(&lex, &st, &o.text); if r.is_clean() && o.finished { clean += 1 } else if clean % 50 == 0 { println!("{}\n{}", p.question, o.text); } }
    println!("clean {clean}/1000");
    });
}
