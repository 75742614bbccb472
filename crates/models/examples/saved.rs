//! Trains a model a little by adapters, saves it, and prints what it then makes of some tokens: `saved.py` asks
//! `transformers` the same of the saved folder.
//!
//! Arguments: DIR OUT, a model folder and a place for the new one.

use eightfold_gpt::{Budget, TrainConfig};
use eightfold_models::{Lora, Model, Tuning, WeightedTokens, supervised};
use eightfold_task::Key;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, out] = &args[..] else { return Err("usage: saved DIR OUT".into()) };
    let mut model = Model::open(folder.as_ref())?;
    let vocab = model.config().vocab;
    let tokens: Vec<u32> = (0..24).map(|i| ((i * i * 37 + i * 11 + 3) % vocab) as u32).collect();
    let example = WeightedTokens::whole(tokens[..8].to_vec(), tokens[8..].to_vec(), 1.0);
    let schedule = TrainConfig { budget: Budget::Updates(3), rate: 1e-3, ..Tuning::default().schedule };
    let tuning = Tuning { schedule, lora: Some(Lora::default()), ..Tuning::default() };
    supervised(&mut model, &[example], &tuning, Key::new(0, "saved"), &mut |progress| {
        eprintln!("update {}: loss {:.4}", progress.update, progress.loss);
    })?;
    model.save(out.as_ref())?;
    let tokens: Vec<String> = tokens.iter().map(u32::to_string).collect();
    let logits =
        Model::open(out.as_ref())?.logits(&tokens.iter().map(|t| t.parse()).collect::<Result<Vec<_>, _>>()?);
    let logits: Vec<String> = logits.iter().map(f32::to_string).collect();
    println!("{{\"tokens\": [{}], \"logits\": [{}]}}", tokens.join(", "), logits.join(", "));
    Ok(())
}
