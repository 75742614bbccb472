//! What training a model folder costs: processor time and peak memory of an update, one update for each line of standard
//! input. `training.py` asks this and PyTorch with PEFT in turn, on the same batch:
//!
//! ```sh
//! cargo build --release -p eightfold-models --example training
//! python3 crates/models/examples/training.py DIR --method full --threads 1
//! ```
//!
//! Arguments: DIR full|lora keep|recompute MICRO PROMPT LENGTH..., one length in tokens for each example, of which the
//! first PROMPT are read and not learned.

mod measured;

use eightfold_gpt::{Budget, TrainConfig};
use eightfold_models::{Lora, Model, Tuning, WeightedTokens, supervised};
use eightfold_task::Key;
use measured::{peak, processor};
use std::time::Instant;

/// Waits for a line; whether there was one.
fn asked() -> bool {
    std::io::stdin().read_line(&mut String::new()).is_ok_and(|bytes| bytes > 0)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, method, keep, micro, prompt, lengths @ ..] = &args[..] else {
        return Err("usage: training DIR full|lora keep|recompute MICRO PROMPT LENGTH...".into());
    };
    let mut model = Model::open(folder.as_ref())?;
    let (vocab, prompt): (usize, usize) = (model.config().vocab, prompt.parse()?);
    let example = |(i, length): (usize, &String)| {
        let token = |j: usize| ((i * 7919 + j * j * 31 + j * 977 + 5) % vocab) as u32;
        let tokens: Vec<u32> = (0..length.parse::<usize>()?).map(token).collect();
        let (prompt, completion) =
            tokens.split_at_checked(prompt).ok_or("a length is shorter than PROMPT")?;
        Ok(WeightedTokens::whole(prompt.to_vec(), completion.to_vec(), 1.0))
    };
    let examples: Vec<WeightedTokens> =
        lengths.iter().enumerate().map(example).collect::<Result<_, Box<dyn std::error::Error>>>()?;
    let schedule = TrainConfig {
        budget: Budget::Updates(1_000_000),
        batch: examples.len(),
        rate: 1e-5,
        warmup: 0,
        end: 1.0,
        weight_decay: 0.0,
        clip: 1.0,
    };
    let lora = (method == "lora").then(Lora::default);
    let tuning =
        Tuning { schedule, micro: micro.parse()?, recompute: keep == "recompute", lora, ..Tuning::default() };
    println!("ready {:.0}", peak());
    if !asked() {
        return Ok(());
    }
    let (mut start, mut before) = (Instant::now(), processor());
    supervised(&mut model, &examples, &tuning, Key::new(0, "training"), &mut |progress| {
        let (wall, cpu) = (start.elapsed().as_secs_f64(), processor() - before);
        println!("{:.5} {wall:.3} {cpu:.2} {:.0}", progress.loss, peak());
        if !asked() {
            std::process::exit(0);
        }
        (start, before) = (Instant::now(), processor());
    })?;
    Ok(())
}
