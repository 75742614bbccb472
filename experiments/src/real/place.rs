//! Where cells on language models run: the model's folder, the problems, and the stages that cells share.

use super::cell::{ProblemSet, RealCell, RealMethod};
use super::data::{Form, Pool};
use crate::shared::Stages;
use anyhow::{Result, bail};
use eightfold_journal::ContentId;
use eightfold_models::{Model, fingerprint};
use std::path::{Path, PathBuf};

/// A model, problems and a cache.
pub struct RealPlace {
    /// The model's folder.
    pub(super) folder: PathBuf,
    /// Names its content.
    pub(super) model: ContentId,
    /// The problems.
    pub(super) pool: Pool,
    pub(super) stages: Stages,
    form: Form,
    lines: Option<usize>,
    /// Whether the model has a chat template.
    pub(super) chat: bool,
    /// Where models are trained, by [`eightfold_models::Tuning::device`].
    pub(super) device: String,
    /// Whether the checkpoint of a finished cell stays.
    pub(super) keep: bool,
}

impl RealPlace {
    /// Names the model's content and reads the problems.
    ///
    /// # Errors
    /// If the model's folder or a file of problems cannot be read.
    pub fn open(
        folder: &Path,
        (form, data): (Form, &Path),
        lines: Option<usize>,
        cache: &Path,
        device: &str,
        keep: bool,
    ) -> Result<Self> {
        // Names are checked before anything is drawn.
        drop(eightfold_gpt::device(device)?);
        // Whatever is wrong with the folder is found now and not after the problems of the first stage.
        let chat = Model::open(folder)?.chat().is_some();
        Ok(Self {
            folder: folder.to_owned(),
            model: fingerprint(folder)?,
            pool: Pool::open(form, data, lines)?,
            stages: Stages::new(cache),
            form,
            lines,
            chat,
            device: device.to_owned(),
            keep,
        })
    }

    /// Name of the model's content, as cells give it.
    pub fn model(&self) -> String {
        self.model.to_string()
    }

    /// The problems, as cells name them.
    pub fn problems(&self) -> ProblemSet {
        ProblemSet { form: self.form, content: self.pool.content.to_string(), lines: self.lines }
    }

    /// Whether a cell is one of this model and these problems.
    ///
    /// # Errors
    /// If not, or if there are too few problems for it.
    pub(super) fn check(&self, cell: &RealCell) -> Result<()> {
        if (&cell.model, &cell.problems) != (&self.model(), &self.problems()) {
            bail!("{}: the cell is one of another model or of other problems", cell.sft_name());
        }
        let available = self.pool.train.len();
        if cell.size > available {
            bail!("`size` is {}, but there are {available} problems to train on", cell.size);
        }
        if matches!(cell.method, RealMethod::UntrainedChat {}) && !self.chat {
            bail!(
                "method `untrained-chat` asks by the chat template, and {} has none",
                self.folder.display()
            );
        }
        if self.pool.held(&cell.evaluation).is_empty() {
            bail!("no problem is held out");
        }
        Ok(())
    }
}
