//! An endless stream of stories as burn-train wants it: by rounds.

use crate::batch::{Batch, Sequence};
use crate::encode::encode;
use crate::tokenizer::Tokenizer;
use crate::trainer::TrainError;
use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::tensor::Device;
use eightfold_task::{Example, Key};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A story for a key; the same key gives the same story.
pub type Stories = Arc<dyn Fn(Key) -> Example + Send + Sync>;

/// Stories by number: round r of a loader of n items has the stories `r n .. (r + 1) n`.
#[derive(Clone)]
pub(crate) struct Loader {
    pub(crate) tokenizer: Tokenizer,
    pub(crate) context: usize,
    pub(crate) stories: Stories,
    pub(crate) key: Key,
    /// Stories in a round.
    pub(crate) items: usize,
    /// Stories in a batch.
    pub(crate) batch: usize,
    /// The round that the next iterator reads; without one, every iterator reads the same stories.
    pub(crate) round: Option<Arc<AtomicU64>>,
}

impl Loader {
    /// The stories from number `first`.
    pub(crate) fn stories(&self, first: u64, count: usize) -> Result<Arc<Batch>, TrainError> {
        let sequence = |i: u64| {
            let story = (self.stories)(self.key.with(first + i));
            let (prompt, [target]) = encode(&self.tokenizer, self.context, &story.prompt, [&story.target])?;
            Ok(Sequence { prompt, target })
        };
        let sequences = (0..count as u64).map(sequence).collect::<Result<Vec<_>, TrainError>>()?;
        Ok(Arc::new(Batch::new(sequences)))
    }
}

impl DataLoader<Arc<Batch>> for Loader {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Arc<Batch>> + 'a> {
        let round = self.round.as_ref().map_or(0, |round| round.fetch_add(1, Ordering::Relaxed));
        Box::new(Reader { loader: self, first: round * self.items as u64, read: 0 })
    }

    fn num_items(&self) -> usize {
        self.items
    }

    fn to_device(&self, _: &Device) -> Arc<dyn DataLoader<Arc<Batch>>> {
        // A batch holds token numbers, which the network moves itself.
        Arc::new(self.clone())
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Arc<Batch>>> {
        Arc::new(Self { items: end - start, key: self.key.with(start as u64), ..self.clone() })
    }
}

struct Reader<'a> {
    loader: &'a Loader,
    first: u64,
    read: usize,
}

impl Iterator for Reader<'_> {
    type Item = Result<Arc<Batch>, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let count = self.loader.batch.min(self.loader.items - self.read);
        if count == 0 {
            return None;
        }
        let batch = self.loader.stories(self.first + self.read as u64, count);
        self.read += count;
        Some(batch.map_err(DatasetError::new))
    }
}

impl DataLoaderIterator<Arc<Batch>> for Reader<'_> {
    fn progress(&self) -> Progress {
        Progress::new(self.read, self.loader.items, Some("stories".into()))
    }
}
