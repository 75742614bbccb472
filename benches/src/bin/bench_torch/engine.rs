//! The engine's side: a process that prepares and measures rows as the driver asks.

use crate::Result;
use crate::data::{COMPARED, RowData, TextTokens, Training, Work};
use crate::export::{sequence_pairs, training_key};
use crate::protocol::{Reply, Request};
use burn::tensor::Device;
use eightfold_gpt::{
    Batch, Budget, Checkpoint, Engine, Gpt, Progress, Sampler, SamplerConfig, Sequence, TrainConfig, device,
    preference, supervised,
};
use eightfold_loss::DpoNll;
use eightfold_task::{Draw, Key, Policy};
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Answers requests on standard input until it ends.
pub(crate) fn serve(device_name: &str) -> Result<()> {
    let device = device(device_name)?;
    while let Some(request) = next()? {
        match request {
            Request::Hello => {
                let versions = format!("{} {}", env!("CARGO_PKG_VERSION"), device_name);
                reply(&Reply { versions, ..Reply::default() })?;
            }
            Request::Prepare { dir } => row(Path::new(&dir), &device)?,
            other => return Err(format!("no row is prepared for {other:?}").into()),
        }
    }
    Ok(())
}

fn next() -> Result<Option<Request>> {
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_str(&line).map_err(|e| format!("{e} in request {line:?}"))?))
}

fn reply(reply: &Reply) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(reply)?)?;
    Ok(out.flush()?)
}

fn row(dir: &Path, device: &Device) -> Result<()> {
    let data = RowData::load(dir)?;
    let checkpoint = Checkpoint::load(dir, device, Engine::Fused)?;
    match &data.work {
        Work::Train { .. } | Work::Preference { .. } => train(&data, &checkpoint),
        Work::Draw { .. } => draw(&data, &checkpoint),
    }
}

/// Training is one call of the library; its observer waits for the driver between measurements.
fn train(data: &RowData, checkpoint: &Checkpoint) -> Result<()> {
    let Checkpoint { gpt, tokenizer } = checkpoint;
    let mut pace = Pace::new(data, gpt);
    let key = training_key();
    match &data.work {
        Work::Train { examples, training, .. } => {
            let config = config(training);
            supervised(gpt, tokenizer, examples, &config, key, &mut |p| pace.tick(p))?;
        }
        Work::Preference { pairs, training, beta, nll, .. } => {
            let (config, loss) = (config(training), DpoNll { beta: *beta, nll: *nll });
            preference(gpt, tokenizer, pairs, &loss, &config, key, &mut |p| pace.tick(p))?;
        }
        Work::Draw { .. } => unreachable!("the caller has seen to it"),
    }
    pace.end()
}

/// A constant rate: no warm-up, and a cosine that ends where it begins.
fn config(training: &Training) -> TrainConfig {
    let &Training { batch, updates, rate, weight_decay, clip, .. } = training;
    TrainConfig { budget: Budget::Updates(updates), batch, rate, warmup: 0, end: 1.0, weight_decay, clip }
}

/// Lets training run for as many updates as the driver asks for.
struct Pace<'a> {
    data: &'a RowData,
    gpt: &'a Gpt,
    losses: Vec<f64>,
    /// Updates until the measurement is over.
    left: usize,
    start: Instant,
    /// Whether the driver has asked for the loss, so that training runs on to it.
    asked: bool,
    error: Option<Box<dyn std::error::Error>>,
}

impl<'a> Pace<'a> {
    fn new(data: &'a RowData, gpt: &'a Gpt) -> Self {
        let start = Instant::now();
        Self { data, gpt, losses: Vec::new(), left: 0, start, asked: false, error: None }
    }

    fn tick(&mut self, progress: Progress) {
        self.losses.push(progress.loss);
        let ready = progress.update == 1;
        // The observer of training cannot fail: what goes wrong here is told at the end.
        if self.error.is_none()
            && let Err(error) = self.wait(ready, progress.update == progress.updates)
        {
            self.error = Some(error);
        }
    }

    fn wait(&mut self, ready: bool, over: bool) -> Result<()> {
        if self.left > 0 {
            self.left -= 1;
            if self.left > 0 {
                return Ok(());
            }
            let seconds = self.start.elapsed().as_secs_f64();
            reply(&Reply { seconds, ..Reply::default() })?;
        } else if ready {
            reply(&Reply::default())?;
        } else if self.asked {
            return Ok(());
        }
        if over {
            return Ok(());
        }
        match next()? {
            Some(Request::Measure) => {
                self.left = self.data.steps;
                self.start = Instant::now();
                self.reference();
                Ok(())
            }
            Some(Request::Check) => {
                self.asked = true;
                Ok(())
            }
            other => Err(format!("{other:?} in the middle of training").into()),
        }
    }

    /// What the reference costs for the pairs of this measurement. The library computes it once for a whole
    /// training set; here it is paid as if every pair were used once.
    fn reference(&self) {
        if let Work::Preference { batches, .. } = &self.data.work {
            for batch in &batches[self.losses.len()..][..self.data.steps] {
                let batch = Arc::new(Batch::pairs(&sequence_pairs(batch)));
                std::hint::black_box(self.gpt.logps(&batch).sums.into_data());
            }
        }
    }

    /// The loss that is compared, and the driver's farewell.
    fn end(self) -> Result<()> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if !self.asked && next()? != Some(Request::Check) {
            return Err("training is over, and its loss is not asked for".into());
        }
        reply(&Reply { values: vec![self.losses[COMPARED]], ..Reply::default() })?;
        match next()? {
            Some(Request::Finish) => Ok(()),
            other => Err(format!("{other:?} after training").into()),
        }
    }
}

fn draw(data: &RowData, checkpoint: &Checkpoint) -> Result<()> {
    let Work::Draw { prompts, copies, longest, greedy, .. } = &data.work else {
        unreachable!("the caller has seen to it")
    };
    let sampler = |temperature| Sampler::new(checkpoint, SamplerConfig { temperature, max_tokens: *longest });
    let policy = sampler(1.0);
    let call = |call: u64| -> Result<u64> {
        let key = Key::new(0, "bench draw").with(call);
        let draws = prompts.iter().flat_map(|prompt| std::iter::repeat_n(prompt, *copies));
        let draw = |(i, prompt): (usize, &String)| Draw { prompt: prompt.clone(), key: key.with(i as u64) };
        let draws: Vec<Draw> = draws.enumerate().map(draw).collect();
        Ok(policy.complete(&draws)?.iter().map(|completion| completion.tokens as u64).sum())
    };
    call(0)?;
    reply(&Reply::default())?;
    let mut calls = 1;
    loop {
        match next()? {
            Some(Request::Measure) => {
                let start = Instant::now();
                let tokens = (calls..calls + data.steps as u64).map(call).sum::<Result<u64>>()?;
                let seconds = start.elapsed().as_secs_f64();
                calls += data.steps as u64;
                reply(&Reply { seconds, tokens, ..Reply::default() })?;
            }
            Some(Request::Check) => {
                let values = scores(&checkpoint.gpt, &data.scored);
                let texts = likeliest(&sampler(0.0), checkpoint, &prompts[..*greedy])?;
                reply(&Reply { values, texts, ..Reply::default() })?;
            }
            Some(Request::Finish) => return Ok(()),
            other => return Err(format!("{other:?} while sampling").into()),
        }
    }
}

/// Summed log-probabilities of the targets.
fn scores(gpt: &Gpt, scored: &[TextTokens]) -> Vec<f64> {
    let sequence =
        |(prompt, target): &TextTokens| Sequence { prompt: prompt.clone(), target: target.clone() };
    let batch = Arc::new(Batch::new(scored.iter().map(sequence).collect()));
    gpt.logps(&batch).sums.into_data().iter::<f32>().map(f64::from).collect()
}

/// Completions at temperature 0, in tokens.
fn likeliest(sampler: &Sampler, checkpoint: &Checkpoint, prompts: &[String]) -> Result<Vec<Vec<u32>>> {
    let draw = |prompt: &String| Draw { prompt: prompt.clone(), key: Key::new(0, "greedy") };
    let completions = sampler.complete(&prompts.iter().map(draw).collect::<Vec<_>>())?;
    let tokens = |c: &eightfold_task::Completion| {
        let mut tokens = checkpoint.tokenizer.encode(&c.text)?;
        tokens.extend(c.finished.then(|| checkpoint.tokenizer.end()));
        Ok(tokens)
    };
    completions.iter().map(tokens).collect()
}
