//! The star graph on the ordinary decoder and the ordinary pipeline: pretraining on walks and look-ups, SFT,
//! samples, first pits, per-step DPO, all on text. It prints a table; LOG.md says what it showed.

use anyhow::Result;
use clap::Parser;
use eightfold_advantage::{Completer, MonteCarlo};
use eightfold_gpt::{
    Budget, Checkpoint, Engine, GptConfig, PretrainConfig, Sampler, SamplerConfig, Stories, Tokenizer,
    TrainConfig, device, preference, pretrain, supervised,
};
use eightfold_loss::DpoNll;
use eightfold_segment::Lines;
use eightfold_synth::{Fallback, PairRule, RolloutStore, StoreSettings, draw_samples};
use eightfold_task::stargraph::{StarConfig, StarGraph, vocabulary};
use eightfold_task::{Draw, Example, Key, Policy, Problem, Target};
use eightfold_verifier::ExactMatch;
use std::path::PathBuf;
use std::sync::Arc;

/// Per-step DPO on star graphs with the ordinary decoder.
#[derive(Parser)]
#[command(
    after_help = "Example:\n  cargo run --release -p eightfold-experiments --example star_decoder -- --rounds 10"
)]
struct Args {
    /// Blocks of the network.
    #[arg(long, default_value_t = 2)]
    layers: usize,
    /// Rounds of 9,600 stories that the base is pretrained on.
    #[arg(long, default_value_t = 10)]
    rounds: usize,
    /// Training graphs.
    #[arg(long, value_delimiter = ',', default_value = "400")]
    graphs: Vec<usize>,
    /// SFT updates of the checkpoints.
    #[arg(long, value_delimiter = ',', default_value = "20,400")]
    sft: Vec<usize>,
    /// Updates of per-step DPO.
    #[arg(long, default_value_t = 300)]
    dpo: usize,
    /// Learning rate of both.
    #[arg(long, default_value_t = 1e-3)]
    rate: f64,
    /// Beta of per-step DPO.
    #[arg(long, default_value_t = 0.2)]
    beta: f64,
    /// Weight of the likelihood of the chosen side.
    #[arg(long, default_value_t = 1.0)]
    nll: f64,
    /// Seed of graphs, samples and order.
    #[arg(long, default_value_t = 100)]
    seed: u64,
    /// Folder of the pretrained base.
    #[arg(long)]
    cache: PathBuf,
}

fn train(updates: usize, rate: f64) -> TrainConfig {
    TrainConfig {
        budget: Budget::Updates(updates),
        batch: 64,
        rate,
        warmup: 1,
        end: 1.0,
        weight_decay: 0.0,
        ..TrainConfig::default()
    }
}

fn base(args: &Args, world: &StarConfig) -> Result<Checkpoint> {
    let dir = args.cache.join(format!("star-decoder-{}-{}", args.layers, args.rounds));
    let device = device("flex")?;
    if dir.exists() {
        return Ok(Checkpoint::load(&dir, &device, Engine::Fused)?);
    }
    let tokenizer = Tokenizer::of_words(&vocabulary(world));
    device.seed(0);
    let size = GptConfig { vocab: tokenizer.vocab(), context: 40, width: 64, heads: 4, layers: args.layers };
    let teller = world.clone();
    let stories: Stories = Arc::new(move |key: Key| {
        let rng = &mut key.rng();
        let graph = StarGraph::draw(&teller, rng);
        if key.below(2) == 0 { graph.walk_example(teller.labels, rng) } else { graph.look_up_example(rng) }
    });
    let config = PretrainConfig { rounds: args.rounds, ..PretrainConfig::default() };
    let work = args.cache.join("pretraining");
    let gpt = pretrain(size.init(&device, Engine::Fused), &tokenizer, &stories, &config, &work, None, None)?;
    let checkpoint = Checkpoint { gpt, tokenizer };
    checkpoint.save(&dir, serde_json::Value::Null)?;
    Ok(checkpoint)
}

fn sampler(checkpoint: &Checkpoint, temperature: f64) -> Sampler {
    Sampler::new(checkpoint, SamplerConfig { temperature, max_tokens: 8 })
}

/// Shares of fresh graphs whose parent is found and whose walk is an arm.
fn skills(checkpoint: &Checkpoint, world: &StarConfig) -> Result<(f64, f64)> {
    let graphs = StarGraph::draw_set(world, 500, 0, "skills");
    let rng = &mut eightfold_task::stream(0, "skills");
    let greedy = |examples: Vec<Example>| {
        let draw = |e: &Example| Draw { prompt: e.prompt.clone(), key: Key::new(0, "greedy") };
        let draws: Vec<Draw> = examples.iter().map(draw).collect();
        sampler(checkpoint, 0.0).complete(&draws)
    };
    let look_ups: Vec<Example> = graphs.iter().map(|g| g.look_up_example(rng)).collect();
    let found = greedy(look_ups.clone())?;
    let found = found.iter().zip(&look_ups).filter(|(c, e)| c.text == e.target.text).count();
    let walked = greedy(graphs.iter().map(|g| g.walk_example(world.labels, rng)).collect())?;
    let is_arm = |graph: &StarGraph, text: &str| {
        let nodes: Vec<usize> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        matches!(nodes[..], [a, b] if graph.neighbors().any(|n| n == a) && graph.child(a) == Some(b))
    };
    let walked = walked.iter().zip(&graphs).filter(|(c, g)| is_arm(g, &c.text)).count();
    Ok((found as f64 / 500.0, walked as f64 / 500.0))
}

/// Greedy error and share of right first nodes.
fn errors(checkpoint: &Checkpoint, problems: &[Problem]) -> Result<(f64, f64)> {
    let traces = draw_samples(&sampler(checkpoint, 0.0), &ExactMatch, problems, 1, 0)?;
    let right = traces.iter().filter(|t| t.samples[0].verdict.is_correct()).count();
    let first = |text: &str| text.split_whitespace().next().map(str::to_owned);
    let critical =
        traces.iter().filter(|t| first(&t.samples[0].completion.text) == first(&t.problem.answer.0)).count();
    let all = problems.len() as f64;
    Ok((1.0 - right as f64 / all, critical as f64 / all))
}

fn main() -> Result<()> {
    let args = Args::parse();
    let world = StarConfig::default();
    let base = base(&args, &world)?;
    let (look_ups, walks) = skills(&base, &world)?;
    println!("base: look-ups {look_ups:.3}, walks {walks:.3}");
    let held: Vec<Problem> =
        StarGraph::draw_set(&world, 1000, 0, "validation").iter().map(StarGraph::problem).collect();
    println!(
        "| graphs | sft updates | error, first node right | pairs | after per-step DPO |\n|---|---|---|---|---|"
    );
    for &n in &args.graphs {
        let graphs = StarGraph::draw_set(&world, n, args.seed, "train");
        let problems: Vec<Problem> = graphs.iter().map(StarGraph::problem).collect();
        let example = |g: &StarGraph| Example {
            prompt: g.problem().prompt(),
            target: Target::whole(g.solution()),
            weight: 1.0,
        };
        let examples: Vec<Example> = graphs.iter().map(example).collect();
        for &updates in &args.sft {
            let key = Key::new(args.seed, "sft");
            let config = train(updates, args.rate);
            let sft = supervised(&base.gpt, &base.tokenizer, &examples, &config, key, &mut |_| {})?;
            let sft = Checkpoint { gpt: sft.gpt, tokenizer: base.tokenizer.clone() };
            let (error, first) = errors(&sft, &held)?;
            let search =
                MonteCarlo { rollouts: 4, completer: Completer::BestOf { k: 1 }, ..MonteCarlo::default() };
            let settings = StoreSettings { samples: 16, negatives: 16, search };
            let store = RolloutStore::build(
                &settings,
                &sampler(&sft, 1.0),
                &ExactMatch,
                &Lines,
                &problems,
                args.seed,
            )?;
            let set = PairRule::default().pairs(&store, &Lines, &Fallback::new(&examples), args.seed);
            let after = if set.pairs.is_empty() || args.dpo == 0 {
                "no pairs".into()
            } else {
                let loss = DpoNll { beta: args.beta, nll: args.nll };
                let config = train(args.dpo, args.rate);
                let dpo = preference(&sft.gpt, &sft.tokenizer, &set.pairs, &loss, &config, key, &mut |_| {})?;
                let (error, first) =
                    errors(&Checkpoint { gpt: dpo.gpt, tokenizer: sft.tokenizer.clone() }, &held)?;
                format!("{error:.3}, {first:.3}")
            };
            println!(
                "| {n} | {updates} | {error:.3}, {first:.3} | {} (pits {:?}) | {after} |",
                set.pairs.len(),
                set.statistics.pits
            );
        }
    }
    Ok(())
}
