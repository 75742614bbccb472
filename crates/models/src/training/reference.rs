//! Log-probabilities under the reference, computed once and kept.

use super::TrainError;
use super::Tuning;
use super::preference::check_pairs;
use super::step::logps;
use crate::Model;
use crate::plain::PlainNetwork;
use eightfold_gpt::{Batch, SequencePair};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Names what a log-probability is of: the model's configuration and weights, the prompt and the completion.
type Name = [u8; 16];

/// A file of log-probabilities, each named by the content that it belongs to. A killed run loses those in flight; a line
/// that is not whole or does not agree with its checksum is not believed, and computed again.
#[derive(Debug)]
pub struct LogpStore {
    path: PathBuf,
    file: File,
    found: HashMap<Name, f32>,
}

/// Name, log-probability and checksum, as hexadecimal digits.
fn line(name: &Name, logp: f32) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let content = hex(name) + &hex(&logp.to_be_bytes());
    let sum = hex(&blake3::hash(content.as_bytes()).as_bytes()[..4]);
    content + &sum
}

fn parsed(text: &[u8]) -> Option<(Name, f32)> {
    let digits = std::str::from_utf8(text).ok()?.get(..40)?;
    let byte = |at: usize| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok();
    let bytes = (0..20).map(byte).collect::<Option<Vec<u8>>>()?;
    let (name, logp) = (*bytes.first_chunk()?, f32::from_be_bytes(*bytes.last_chunk()?));
    (line(&name, logp).as_bytes() == text).then_some((name, logp))
}

impl LogpStore {
    /// Opens a file, or begins it.
    ///
    /// # Errors
    /// If it can be neither read nor written.
    pub fn open(path: &Path) -> Result<Self, TrainError> {
        let failed = |source| TrainError::Store { path: path.to_owned(), source };
        let open = || -> std::io::Result<(File, Vec<u8>)> {
            let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            // A line that a killed run began is written over.
            let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            file.set_len(whole as u64)?;
            Ok((file, bytes))
        };
        let (file, bytes) = open().map_err(failed)?;
        let found = bytes.split(|byte| *byte == b'\n').filter_map(parsed).collect();
        Ok(Self { path: path.to_owned(), file, found })
    }

    fn put(&mut self, new: &[(Name, f32)]) -> Result<(), TrainError> {
        let text: String = new.iter().map(|(name, logp)| line(name, *logp) + "\n").collect();
        let failed = |source| TrainError::Store { path: self.path.clone(), source };
        self.file.write_all(text.as_bytes()).map_err(failed)?;
        self.found.extend(new.iter().copied());
        Ok(())
    }
}

/// The names of both sides of a pair, under a model with this fingerprint.
fn names(model: &blake3::Hash, pair: &SequencePair) -> [Name; 2] {
    [&pair.chosen, &pair.rejected].map(|completion| {
        let mut hasher = blake3::Hasher::new();
        hasher.update(model.as_bytes());
        for tokens in [&pair.prompt, completion] {
            hasher.update(&(tokens.len() as u64).to_le_bytes());
            tokens.iter().for_each(|token| {
                hasher.update(&token.to_le_bytes());
            });
        }
        *hasher.finalize().as_bytes().first_chunk().expect("a hash has 32 bytes")
    })
}

impl Model {
    /// Names the configuration and the weights, as they are now, and whether kernels of our `own` read them: other
    /// devices add in another order.
    fn fingerprint(&self, own: bool) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(if own { b"" } else { b"plain" });
        hasher.update(format!("{:?}", self.config).as_bytes());
        for tensor in self.network.weights.tensors(&self.config) {
            hasher.update(tensor.name.as_bytes());
            tensor.each(|row| {
                let bytes: Vec<u8> = row.iter().flat_map(|x| x.to_le_bytes()).collect();
                hasher.update(&bytes);
            });
        }
        hasher.finalize()
    }
}

/// Log-probabilities, in nats, of the chosen and the rejected side of each pair under the model as it is; those in the
/// store are not computed again. Of `tuning`, `micro` pairs are in memory at once, and `device` computes. `watch` hears how
/// many pairs are done.
///
/// # Errors
/// If a pair does not fit the model, there is no such device, or the store cannot be written.
pub fn reference_logps(
    model: &Model,
    pairs: &[SequencePair],
    tuning: &Tuning,
    mut store: Option<&mut LogpStore>,
    watch: &mut dyn FnMut(usize),
) -> Result<Vec<[f32; 2]>, TrainError> {
    check_pairs(model, pairs)?;
    let plain = PlainNetwork::elsewhere(&model.network, &tuning.device)?;
    let names: Option<Vec<[Name; 2]>> = store.is_some().then(|| {
        let model = model.fingerprint(plain.is_none());
        pairs.iter().map(|pair| names(&model, pair)).collect()
    });
    let mut out = Vec::with_capacity(pairs.len());
    let micro = tuning.micro.max(1);
    for from in (0..pairs.len()).step_by(micro) {
        let part = from..pairs.len().min(from + micro);
        let known = store.as_ref().zip(names.as_ref()).and_then(|(store, names)| {
            let side = |name: &Name| store.found.get(name).copied();
            let pair = |[chosen, rejected]: &[Name; 2]| Some([side(chosen)?, side(rejected)?]);
            names[part.clone()].iter().map(pair).collect::<Option<Vec<_>>>()
        });
        let logps = match known {
            Some(known) => known,
            None => {
                let batch = Batch::pairs(&pairs[part.clone()]);
                let sums = plain.as_ref().map_or_else(|| logps(&model.network, &batch), |p| p.logps(&batch));
                let logps: Vec<[f32; 2]> = (0..part.len()).map(|i| [sums[i], sums[part.len() + i]]).collect();
                if let Some((store, names)) = store.as_mut().zip(names.as_ref()) {
                    let names = names[part].as_flattened().iter().copied();
                    store.put(&names.zip(logps.as_flattened().iter().copied()).collect::<Vec<_>>())?;
                }
                logps
            }
        };
        out.extend(logps);
        watch(out.len());
    }
    Ok(out)
}
