//! The cells of a run: which sizes, seeds and methods, and with which settings.

use super::cell::{Length, ProblemSet, RealCell, RealMethod};
use super::tuning::RealTuning;
use crate::cell::{Evaluation, Held, Sampling};
use anyhow::{Result, bail};
use clap::ValueEnum;
use eightfold_advantage::{Completer, MonteCarlo, PitRule};
use eightfold_gpt::{Budget, TrainConfig};
use eightfold_models::Tuning;
use eightfold_synth::{PairRule, Rejection, ResponsePairs, StoreSettings};

/// Names of all methods, in the order in which they are drawn.
pub const METHODS: [&str; 7] =
    ["untrained", "untrained-chat", "sft", "rft", "dpo", "step-dpo", "chosen-only"];

/// How much is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RealPreset {
    /// Seconds with a tiny model: whether everything works.
    Smoke,
    /// Hours with 135 million weights on two cores.
    Mini,
    /// For a device: four sizes, three seeds.
    Full,
}

/// What a preset runs, as far as the command line does not say otherwise.
struct Defaults {
    sizes: &'static [usize],
    seeds: u64,
    samples: usize,
    rollouts: usize,
    max_tokens: usize,
    /// Longest answer of a model asked by its chat, which was not taught to be brief.
    chat_tokens: usize,
    evaluation: (usize, usize),
    /// How long SFT and RFT train, and on how many examples at a time.
    imitation: (Budget, usize),
    /// The same of both kinds of DPO, and of the control on their chosen sides.
    preference: (Budget, usize),
    rates: Rates,
}

/// Highest learning rates.
struct Rates {
    sft: f64,
    rft: f64,
    dpo: f64,
    step_dpo: f64,
    chosen_only: f64,
}

impl Rates {
    /// One for imitation, one for preference.
    fn two(imitation: f64, preference: f64) -> Self {
        let [sft, rft] = [imitation; 2];
        let [dpo, step_dpo, chosen_only] = [preference; 3];
        Self { sft, rft, dpo, step_dpo, chosen_only }
    }
}

impl RealPreset {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Mini => "mini",
            Self::Full => "full",
        }
    }

    fn defaults(self) -> Defaults {
        match self {
            Self::Smoke => Defaults {
                sizes: &[4],
                seeds: 1,
                samples: 2,
                rollouts: 2,
                max_tokens: 12,
                chat_tokens: 16,
                evaluation: (4, 2),
                imitation: (Budget::Epochs(2), 4),
                preference: (Budget::Epochs(1), 4),
                rates: Rates::two(1e-3, 1e-3),
            },
            Self::Mini => Defaults {
                sizes: &[64, 256],
                seeds: 3,
                samples: 4,
                rollouts: 4,
                max_tokens: 96,
                chat_tokens: 256,
                evaluation: (200, 4),
                imitation: (Budget::Epochs(3), 8),
                preference: (Budget::Updates(24), 16),
                // The best of three each on SVAMP's validation problems, with SmolLM2-135M-Instruct (LOG.md).
                rates: Rates { sft: 3e-5, rft: 3e-5, dpo: 1e-6, step_dpo: 1e-6, chosen_only: 1e-5 },
            },
            Self::Full => Defaults {
                sizes: &[512, 1024, 2048, 4096],
                seeds: 3,
                samples: 8,
                rollouts: 5,
                max_tokens: 320,
                chat_tokens: 512,
                evaluation: (1319, 8),
                imitation: (Budget::Epochs(3), 32),
                preference: (Budget::Epochs(1), 32),
                rates: Rates::two(2e-5, 1e-6),
            },
        }
    }
}

/// What the command line says of a run beside its preset.
#[derive(Clone, Debug, Default)]
pub struct Sweep {
    /// Training problems.
    pub sizes: Option<Vec<usize>>,
    /// Seeds, from 0.
    pub seeds: Option<u64>,
    /// Names of methods.
    pub methods: Option<Vec<String>>,
    /// Samples of a problem.
    pub samples: Option<usize>,
    /// Rollouts from a prefix; the completer is best of as many.
    pub rollouts: Option<usize>,
    /// Longest completion.
    pub max_tokens: Option<usize>,
    /// Highest learning rate of imitation.
    pub sft_rate: Option<f64>,
    /// Highest learning rate of preference.
    pub dpo_rate: Option<f64>,
}

/// The cells of a run, those of one seed and size together, the untrained model first.
///
/// # Errors
/// If a method is unknown, or there is nothing to run.
pub fn cells(preset: RealPreset, model: &str, problems: &ProblemSet, sweep: &Sweep) -> Result<Vec<RealCell>> {
    let defaults = preset.defaults();
    let sizes = sweep.sizes.clone().unwrap_or_else(|| defaults.sizes.to_vec());
    let seeds = sweep.seeds.unwrap_or(defaults.seeds);
    let methods = sweep.methods.clone().unwrap_or_else(|| METHODS.map(String::from).to_vec());
    if sizes.is_empty() || sizes.contains(&0) || seeds == 0 || methods.is_empty() {
        bail!("--sizes and --seeds are at least 1, and --methods names one at least");
    }
    let (mut cells, cell) = (Vec::new(), |method, size, seed| {
        cell(&defaults, sweep, model.to_owned(), problems.clone(), (method, size, seed))
    });
    let wanted = |name: &str| methods.iter().any(|method| method == name);
    if let Some(unknown) = methods.iter().find(|method| !METHODS.contains(&method.as_str())) {
        bail!("--methods: there is no method `{unknown}`; there are {}", METHODS.join(", "));
    }
    if wanted("untrained") {
        cells.push(cell(RealMethod::Untrained {}, 0, 0));
    }
    if wanted("untrained-chat") {
        let length = Length { max_tokens: defaults.chat_tokens, stop: Vec::new() };
        cells.push(RealCell { length, ..cell(RealMethod::UntrainedChat {}, 0, 0) });
    }
    for seed in 0..seeds {
        for &size in &sizes {
            for name in METHODS.into_iter().skip(2).filter(|name| wanted(name)) {
                cells.push(cell(method(name, &defaults, sweep), size, seed));
            }
        }
    }
    Ok(cells)
}

fn cell(
    defaults: &Defaults,
    sweep: &Sweep,
    model: String,
    problems: ProblemSet,
    (method, size, seed): (RealMethod, usize, u64),
) -> RealCell {
    let rollouts = sweep.rollouts.unwrap_or(defaults.rollouts);
    let search = MonteCarlo {
        rollouts,
        completer: Completer::BestOf { k: rollouts },
        pit: PitRule::LowestQ,
        // Every prefix is asked in one call, which reads a solution once, and Q is known of every step.
        early_stop: false,
        ..MonteCarlo::default()
    };
    let samples = sweep.samples.unwrap_or(defaults.samples);
    let store = StoreSettings { samples, negatives: samples, search };
    let sampling = Sampling { temperature: 1.0, store, noise: None };
    let (problems_held, samples_held) = defaults.evaluation;
    RealCell {
        model,
        problems,
        sampling: method.samples().then_some(sampling),
        method,
        size,
        seed,
        sft: tuning(defaults.imitation, sweep.sft_rate.unwrap_or(defaults.rates.sft)),
        length: Length {
            max_tokens: sweep.max_tokens.unwrap_or(defaults.max_tokens),
            stop: vec!["\n\n".into()],
        },
        evaluation: Evaluation { held: Held::Test, problems: problems_held, samples: samples_held },
    }
}

fn method(name: &str, defaults: &Defaults, sweep: &Sweep) -> RealMethod {
    let (beta, nll, rule, rates) = (0.1, 0.1, PairRule::default(), &defaults.rates);
    let preference = |rate: f64| tuning(defaults.preference, sweep.dpo_rate.unwrap_or(rate));
    match name {
        "sft" => RealMethod::Sft {},
        "rft" => {
            let tuning = tuning(defaults.imitation, sweep.sft_rate.unwrap_or(rates.rft));
            RealMethod::Rft { rejection: Rejection::default(), tuning }
        }
        "dpo" => {
            RealMethod::Dpo { pairs: ResponsePairs::default(), beta, nll, tuning: preference(rates.dpo) }
        }
        "step-dpo" => RealMethod::StepDpo { rule, beta, nll, tuning: preference(rates.step_dpo) },
        "chosen-only" => RealMethod::ChosenOnly { rule, tuning: preference(rates.chosen_only) },
        _ => RealMethod::Untrained {},
    }
}

fn tuning((budget, batch): (Budget, usize), rate: f64) -> RealTuning {
    let schedule = TrainConfig { budget, batch, rate, warmup: 5, ..Tuning::default().schedule };
    RealTuning { schedule, micro: 8, recompute: false, lora: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::Configuration;
    use crate::real::data::Form;
    use std::collections::HashSet;

    fn set() -> ProblemSet {
        ProblemSet { form: Form::Gsm8k, content: "c".into(), lines: None }
    }

    #[test]
    fn every_cell_of_a_preset_can_be_run_and_has_a_name_of_its_own() {
        for (preset, count) in [(RealPreset::Smoke, 7), (RealPreset::Mini, 32), (RealPreset::Full, 62)] {
            let cells = cells(preset, "m", &set(), &Sweep::default()).unwrap();
            assert_eq!(cells.len(), count);
            cells.iter().for_each(|cell| cell.check().unwrap());
            assert_eq!(cells.iter().map(RealCell::id).collect::<HashSet<_>>().len(), count);
            assert_eq!(
                cells.iter().map(|cell| cell.method.name()).collect::<HashSet<_>>().len(),
                METHODS.len()
            );
        }
    }

    #[test]
    fn the_command_line_goes_before_the_preset() {
        let sweep = Sweep {
            sizes: Some(vec![8]),
            methods: Some(vec!["step-dpo".into()]),
            seeds: Some(1),
            rollouts: Some(3),
            dpo_rate: Some(2e-6),
            ..Sweep::default()
        };
        let cells = cells(RealPreset::Mini, "m", &set(), &sweep).unwrap();
        let [cell] = &cells[..] else { panic!("one cell") };
        let store = &cell.sampling.as_ref().unwrap().store;
        assert_eq!((cell.size, store.search.rollouts), (8, 3));
        assert_eq!(cell.clone().method.tuning_mut().unwrap().schedule.rate, 2e-6);
        let wrong = Sweep { methods: Some(vec!["ppo".into()]), ..Sweep::default() };
        let message = super::cells(RealPreset::Mini, "m", &set(), &wrong).unwrap_err().to_string();
        assert!(message.starts_with("--methods: there is no method `ppo`"), "{message}");
    }

    #[test]
    fn cells_of_one_start_share_its_checkpoint_and_its_samples() {
        let cells = cells(RealPreset::Mini, "m", &set(), &Sweep::default()).unwrap();
        let of = |name: &str| {
            cells.iter().find(|cell| cell.method.name() == name && cell.size == 64).unwrap().clone()
        };
        let (rft, step) = (of("rft"), of("step-dpo"));
        assert_eq!(rft.sft_name(), of("sft").sft_name());
        assert_eq!(rft.rollouts_name(), step.rollouts_name());
        let other = RealCell { seed: 1, ..rft.clone() };
        assert_ne!(other.sft_name(), rft.sft_name());
        assert_ne!(RealCell { seed: 1, ..step }.rollouts_name(), rft.rollouts_name());
    }
}
