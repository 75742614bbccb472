//! How fast a model folder is sampled: tokens a second at some batch size, and peak memory.
//!
//! ```sh
//! cargo run --release -p eightfold-models --example rate -- DIR 16 128        # 16 texts of 128 tokens
//! python3 crates/models/examples/rate.py DIR 16 128                           # the same by transformers
//! ```
//!
//! `RAYON_NUM_THREADS` sets the threads; a fourth argument is the device, in builds with the feature `tch`. Prompts
//! differ, and no text ends early. On Linux the processor time is given too, which other programs on the machine disturb
//! less.

mod measured;

use eightfold_models::{Model, Prompt, Remote, Sampler, Sampling};
use eightfold_task::Key;
use measured::{peak, processor};
use std::ops::ControlFlow;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (folder, batch, tokens, device) = match &args[..] {
        [folder, batch, tokens] => (folder, batch, tokens, "flex"),
        [folder, batch, tokens, device] => (folder, batch, tokens, device.as_str()),
        _ => return Err("usage: rate DIR BATCH TOKENS [DEVICE]".into()),
    };
    let (batch, max_tokens): (usize, usize) = (batch.parse()?, tokens.parse()?);
    let start = Instant::now();
    let model = Model::open(folder.as_ref())?;
    println!("opened in {:.2} s, {:.0} MiB at most", start.elapsed().as_secs_f64(), peak());
    let sampling = Sampling { temperature: 1.0, top_p: 1.0, max_tokens, stop: Vec::new() };
    let remote = Remote::new(&model, device)?;
    let sampler = Sampler::new(&model, sampling).endless().on(remote.as_ref());
    let prompt = |i: usize| {
        let text = format!("Ada has {i} apples and buys {} more. How many has she now?", i + 3);
        Ok(Prompt { tokens: model.text().encode(&text, true)?, key: Key::new(i as u64, "rate") })
    };
    let prompts = (0..batch).map(prompt).collect::<Result<Vec<_>, eightfold_models::TextError>>()?;
    let (start, before) = (Instant::now(), processor());
    let mut drawn = 0;
    sampler.draw(&prompts, &mut |_, sample| {
        drawn += sample.tokens.len();
        ControlFlow::Continue(())
    })?;
    let (wall, cpu) = (start.elapsed().as_secs_f64(), processor() - before);
    println!(
        "{drawn} tokens in {wall:.2} s: {:.1} a second, {:.1} a processor second; {:.0} MiB at most",
        drawn as f64 / wall,
        drawn as f64 / cpu,
        peak()
    );
    Ok(())
}
