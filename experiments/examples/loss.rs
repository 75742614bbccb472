//! Another loss on pairs: a hinge, which lets go of a pair once its margin is wide enough.

use eightfold_gpt::{Budget, Engine, GptConfig, Tokenizer, TrainConfig, device, preference};
use eightfold_loss::{PairLogps, Preference, PreferenceLoss};
use eightfold_task::{Key, Pair, Target};

struct Hinge {
    margin: f64,
}

impl PreferenceLoss for Hinge {
    fn forward(&self, policy: &PairLogps, reference: &PairLogps) -> Preference {
        let chosen = policy.chosen.sums.clone() - reference.chosen.sums.clone().without_autodiff();
        let rejected = policy.rejected.sums.clone() - reference.rejected.sums.clone().without_autodiff();
        let short = (chosen.clone() - rejected.clone()).neg().add_scalar(self.margin);
        Preference {
            losses: short.clamp_min(0.0),
            chosen_rewards: chosen.without_autodiff(),
            rejected_rewards: rejected.without_autodiff(),
        }
    }
}

fn main() -> anyhow::Result<()> {
    let words = ["yes", "no", "?"].map(String::from);
    let tokenizer = Tokenizer::of_words(&words);
    let config = GptConfig { vocab: tokenizer.vocab(), context: 8, width: 16, heads: 2, layers: 1 };
    let gpt = config.init(&device("flex")?, Engine::Fused);
    let pair = Pair { prompt: "?".into(), chosen: Target::whole(" yes"), rejected: Target::whole(" no") };
    let settings =
        TrainConfig { budget: Budget::Updates(20), batch: 4, rate: 1e-2, ..TrainConfig::default() };
    let (pairs, loss) = (vec![pair; 4], Hinge { margin: 2.0 });
    let key = Key::new(0, "example");
    preference(&gpt, &tokenizer, &pairs, &loss, &settings, key, &mut |p| println!("loss {:.3}", p.loss))?;
    Ok(())
}
