//! Drawing on a device without kernels of ours, by plain burn operations: LibTorch on processor and GPU.
//!
//! Completions are drawn in waves. The prompts of a wave end in one column, shorter ones are filled up before their
//! start, and each is read once whatever the number of its completions; then all are extended by a column at a time, and
//! a finished one leaves. Logits come back to the processor, where tokens are drawn as from kernels, each completion from
//! its own stream.

use super::{Growth, Prompt, Sample, Sampler};
use crate::model::PIECE;
use crate::plain::{Frame, Past, PlainNetwork, download, numbers};
use crate::text::BEFORE;
use crate::{Model, TextError};
use burn::tensor::{Device, Tensor};
use eightfold_gpt::DeviceError;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Completions of a wave: a device wants many, and each needs room for its keys and values.
const WIDE: usize = 128;

/// The network of a model on a device without kernels of ours, to be sampled there. It stays as it was copied, whatever the
/// model learns.
pub struct Remote(PlainNetwork);

impl Remote {
    /// Copies the network of a model to a device ([`eightfold_gpt::device`]). There is none for `flex`, which is the
    /// processor with kernels of ours.
    ///
    /// # Errors
    /// If this build or this machine does not have the device.
    pub fn new(model: &Model, device: &str) -> Result<Option<Self>, DeviceError> {
        Ok(PlainNetwork::elsewhere(&model.network, device)?.map(Self))
    }
}

/// Texts that end in one column.
struct Wave {
    /// Columns before each text's start.
    starts: Vec<usize>,
    /// Columns that were read.
    columns: usize,
    /// Of each block.
    past: Vec<Past>,
}

/// A prompt and the numbers of its completions.
type Asked<'a> = (&'a [u32], Vec<usize>);

impl PlainNetwork {
    /// Reads prompts: the wave, and logits of the token after each, `[prompts, vocab]`.
    fn begin(&self, prompts: &[Asked]) -> (Wave, Vec<f32>) {
        let columns = prompts.iter().map(|(tokens, _)| tokens.len()).max().unwrap_or(0);
        let starts: Vec<usize> = prompts.iter().map(|(tokens, _)| columns - tokens.len()).collect();
        let mut wave = Wave { starts, columns: 0, past: vec![Past::default(); self.blocks.len()] };
        let mut logits = Vec::new();
        for from in (0..columns).step_by(PIECE) {
            let to = columns.min(from + PIECE);
            let piece = prompts.iter().zip(&wave.starts).flat_map(|((tokens, _), start)| {
                (from..to).map(|at| at.checked_sub(*start).map_or(0, |at| tokens[at]))
            });
            let piece: Vec<u32> = piece.collect();
            let last = self.read(&mut wave, &piece);
            if to == columns {
                logits = download(&self.logits(last, self.last()));
            }
        }
        (wave, logits)
    }

    /// Reads some columns, `tokens [rows length]`: the hidden states of the last, `[rows, width]`.
    fn read(&self, wave: &mut Wave, tokens: &[u32]) -> Tensor<2> {
        let (rows, width) = (wave.starts.len(), self.config.width);
        let length = tokens.len() / rows;
        let frame = Frame::ending(&wave.starts, wave.columns, tokens, &self.config, &self.device);
        let mut x = self.embedding.clone().select(0, frame.tokens.clone());
        for (block, past) in self.blocks.iter().zip(&mut wave.past) {
            x = block.read(x, &frame, Some(past));
        }
        wave.columns += length;
        x.reshape([rows, length, width]).narrow(1, length - 1, 1).reshape([rows, width])
    }
}

impl Wave {
    /// These rows alone; one may come several times.
    fn select(&mut self, rows: &[usize], device: &Device) {
        let numbers = numbers(rows.iter().copied(), device);
        self.starts = rows.iter().map(|row| self.starts[*row]).collect();
        self.past.iter_mut().for_each(|past| past.select(&numbers));
    }

    /// Tokens of a row that were read.
    fn read(&self, row: usize) -> usize {
        self.columns - self.starts[row]
    }
}

/// Prompts in waves of at most [`WIDE`] completions. Neighbors are about as long, so that little is filled up.
fn waves(prompts: &[Prompt]) -> Vec<Vec<Asked<'_>>> {
    let mut numbers: BTreeMap<(usize, &[u32]), Vec<usize>> = BTreeMap::new();
    for (number, Prompt { tokens, .. }) in prompts.iter().enumerate() {
        numbers.entry((tokens.len(), tokens)).or_default().push(number);
    }
    let (mut waves, mut room) = (Vec::new(), 0);
    for ((_, tokens), mut numbers) in numbers {
        while !numbers.is_empty() {
            if room == 0 {
                waves.push(Vec::new());
                room = WIDE;
            }
            let later = numbers.split_off(numbers.len().min(room));
            room -= numbers.len();
            waves.last_mut().expect("there is a wave").push((tokens, numbers));
            numbers = later;
        }
    }
    waves
}

impl Sampler<'_> {
    /// As [`Sampler::draw`], of prompts that can be read and at least one token.
    pub(super) fn draw_on(
        &self,
        remote: &Remote,
        prompts: &[Prompt],
        take: &mut dyn FnMut(usize, Sample) -> ControlFlow<()>,
    ) -> Result<(), TextError> {
        for asked in waves(prompts) {
            if self.wave(&remote.0, &asked, prompts, take)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Draws all completions of a wave.
    fn wave(
        &self,
        remote: &PlainNetwork,
        asked: &[Asked],
        prompts: &[Prompt],
        take: &mut dyn FnMut(usize, Sample) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, TextError> {
        let (mut wave, mut logits) = remote.begin(asked);
        let (mut growing, mut rows) = (Vec::new(), Vec::new());
        for (row, (tokens, numbers)) in asked.iter().enumerate() {
            let before = &tokens[tokens.len().saturating_sub(BEFORE)..];
            for &number in numbers {
                let (before, rng) = (before.to_vec(), prompts[number].key.rng());
                growing.push(Growth { number, before, tokens: Vec::new(), rng });
                rows.push(row);
            }
        }
        logits = spread(&logits, &rows, self.model.config().vocab);
        wave.select(&rows, &remote.device);
        loop {
            self.silence(&mut logits);
            self.push(growing.iter_mut().collect(), &logits);
            let (mut going, mut rows) = (Vec::with_capacity(growing.len()), Vec::new());
            for (row, text) in growing.into_iter().enumerate() {
                let Some(sample) = self.ended(&text, wave.read(row))? else {
                    going.push(text);
                    rows.push(row);
                    continue;
                };
                if take(text.number, sample).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            if going.is_empty() {
                return Ok(ControlFlow::Continue(()));
            }
            if rows.len() < wave.starts.len() {
                wave.select(&rows, &remote.device);
            }
            growing = going;
            let last = |text: &Growth| *text.tokens.last().expect("one was drawn");
            let states = remote.read(&mut wave, &growing.iter().map(last).collect::<Vec<_>>());
            logits = download(&remote.logits(states, remote.last()));
        }
    }
}

/// Of rows of `length` numbers, these.
fn spread(all: &[f32], rows: &[usize], length: usize) -> Vec<f32> {
    rows.iter().flat_map(|row| &all[row * length..][..length]).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampler::Sampling;
    use crate::training::testing::{ALL, device};
    use eightfold_task::Key;
    use std::path::Path;

    fn model(name: &str) -> Model {
        Model::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
    }

    /// Prompts of 1 to 180 tokens; each third one stands there twice.
    fn prompts() -> Vec<Prompt> {
        let prompt = |i: usize| {
            let tokens = (0..1 + (i / 3 * 53) % 180).map(|j| (3 + (j * (i / 3 + 3)) % 300) as u32).collect();
            Prompt { tokens, key: Key::new(i as u64, "prompt") }
        };
        (0..30).filter(|i| i % 3 < 2).map(prompt).collect()
    }

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

    #[test]
    fn a_device_draws_what_the_kernels_draw() {
        for name in ALL {
            let model = model(name);
            for temperature in [0.0, 1.0] {
                let sampling = Sampling { temperature, top_p: 0.95, max_tokens: 20, stop: vec!["e".into()] };
                let kernels = Sampler::new(&model, sampling.clone());
                let network = Remote(PlainNetwork::new(&model.network, None, &device()));
                let remote = Sampler::new(&model, sampling).on(Some(&network));
                let mut prompts = prompts();
                prompts.retain(|prompt| prompt.tokens.len() < model.config().context);
                assert_eq!(draw(&remote, &prompts), draw(&kernels, &prompts), "{name} at {temperature}");
            }
        }
    }

    #[test]
    fn logits_on_a_device_are_those_of_the_kernels() {
        for name in ALL {
            let model = model(name);
            let remote = PlainNetwork::new(&model.network, None, &device());
            let texts: Vec<Vec<u32>> = prompts().into_iter().map(|prompt| prompt.tokens).collect();
            let asked: Vec<Asked> = texts.iter().map(|tokens| (&tokens[..], vec![0])).collect();
            let (_, logits) = remote.begin(&asked);
            for (found, tokens) in logits.chunks_exact(remote.config.vocab).zip(&texts) {
                let want = model.logits(tokens);
                let want = &want[want.len() - remote.config.vocab..];
                let off = found.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(off < 1e-4, "{name}, {} tokens: {off:.1e}", tokens.len());
            }
        }
    }

    #[test]
    fn waves_hold_every_completion_once_and_no_more_than_fit() {
        let prompt = |length: usize| Prompt { tokens: vec![0; length], key: Key::new(0, "same") };
        let prompts: Vec<Prompt> = (0..900).map(|i| prompt(1 + i * i % 7)).collect();
        let waves = waves(&prompts);
        let mut numbers: Vec<usize> =
            waves.iter().flatten().flat_map(|(_, numbers)| numbers.clone()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..900).collect::<Vec<_>>());
        let sizes: Vec<usize> = waves.iter().map(|wave| wave.iter().map(|(_, n)| n.len()).sum()).collect();
        assert_eq!(sizes, [vec![WIDE; 7], vec![900 - 7 * WIDE]].concat());
    }
}
