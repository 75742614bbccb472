//! A language model and problems of the user's: what a run on them is given.

use crate::learners::folder::FolderLearner;
use crate::pipeline::{Cell, FolderConfig, Form, Method, ProblemSet, Stages};
use crate::place::Place;
use crate::worlds::FileWorld;
use crate::worlds::pool::Pool;
use anyhow::{Context, Result, bail};
use eightfold_journal::ContentId;
use eightfold_models::{Model, fingerprint};
use std::path::{Path, PathBuf};

/// A model's folder and a folder of problems.
pub struct Outside {
    folder: PathBuf,
    model: ContentId,
    pool: Pool,
    form: Form,
    lines: Option<usize>,
    /// Whether the model has a chat template.
    pub chat: bool,
    stays: bool,
}

impl Outside {
    /// Names the model's content and reads the problems; with `lines`, those whose solution has at most so many lines
    /// before the answer. `stays` keeps the states of finished cells.
    ///
    /// # Errors
    /// If the model's folder or a file of problems cannot be read.
    pub fn open(folder: &Path, form: Form, data: &Path, lines: Option<usize>, stays: bool) -> Result<Self> {
        // Whatever is wrong with the folder is found now and not after the problems of the first stage.
        let chat = Model::open(folder)?.chat().is_some();
        let (model, pool) = (fingerprint(folder)?, Pool::open(form, data, lines)?);
        Ok(Self { folder: folder.to_owned(), model, pool, form, lines, chat, stays })
    }

    /// Name of the model's content, as cells give it.
    pub fn model(&self) -> String {
        self.model.to_string()
    }

    /// The problems, as cells name them.
    pub fn problems(&self) -> ProblemSet {
        ProblemSet { form: self.form, content: self.pool.content.to_string(), lines: self.lines }
    }

    /// The world of the problems.
    pub fn world(&self) -> FileWorld<'_> {
        FileWorld::new(&self.pool)
    }

    /// The model as a learner.
    ///
    /// # Errors
    /// If the configuration contradicts itself.
    pub fn learner<'a>(&self, config: &FolderConfig, stages: &'a Stages, device: &str) -> Result<FolderLearner<'a>> {
        FolderLearner::new(&self.folder, config, stages, device, self.stays)
    }

    /// Whether a cell can be run.
    ///
    /// # Errors
    /// If there are too few problems for it, or it asks by a template that the model does not have.
    pub fn check(&self, cell: &Cell) -> Result<()> {
        let available = self.pool.train.len();
        if cell.problems > available {
            bail!("`problems` is {}, but there are {available} problems to train on", cell.problems);
        }
        let counts =
            [("problems", cell.evaluation.problems), ("samples", cell.evaluation.samples)];
        if let Some((field, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            bail!("`evaluation.{field}` is 0, but must be at least 1");
        }
        if let Some(sampling) = &cell.sampling {
            if sampling.temperature < 0.0 {
                bail!("`sampling.temperature` is {}, but must be at least 0", sampling.temperature);
            }
            sampling.store.search.check()?;
        }
        if matches!(cell.method, Method::Untrained { chat: true }) && !self.chat {
            bail!("method `untrained-chat` asks by the chat template, and {} has none", self.folder.display());
        }
        Ok(())
    }
}

impl Place {
    /// The user's model and problems, if a cell is one of them.
    pub(crate) fn outside(&self, set: &ProblemSet, folder: &FolderConfig) -> Result<&Outside> {
        let outside = self.outside.as_ref().context("this cell needs a model and problems: --model DIR --data DIR")?;
        if (&folder.model, set) != (&outside.model(), &outside.problems()) {
            bail!("this cell is one of another model or of other problems");
        }
        Ok(outside)
    }
}
