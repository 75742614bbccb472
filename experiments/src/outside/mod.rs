//! A language model and problems of the user's: what a run on them is given.

mod drawing;
mod preset;
mod rows;

pub use preset::Asked;

use crate::figure::{Drawn, Results};
use crate::learners::folder::FolderLearner;
use crate::pipeline::{Cell, FolderConfig, Form, Method, ProblemSet, Stages};
use crate::worlds::FileWorld;
use crate::worlds::pool::Pool;
use anyhow::{Result, bail};
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

    /// What a drawing from here has to say.
    pub fn note(&self) -> String {
        let name = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        let name = name.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let lines = self
            .lines
            .map_or(String::new(), |lines| format!(", those whose given solution has at most {lines} lines"));
        let problems = self.form.name().to_uppercase();
        format!(
            "{name} on {problems} problems{lines}. Whatever is said of a closed world does not hold of it."
        )
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
    pub fn learner<'a>(
        &self,
        config: &FolderConfig,
        stages: &'a Stages,
        device: &str,
    ) -> Result<FolderLearner<'a>> {
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
        let counts = [("problems", cell.evaluation.problems), ("samples", cell.evaluation.samples)];
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
            bail!(
                "method `untrained-chat` asks by the chat template, and {} has none",
                self.folder.display()
            );
        }
        Ok(())
    }
}

/// Figure 7 on a language model: error against data and against operations, pass at k, and a table that pairs the methods
/// problem by problem.
///
/// # Errors
/// If there is no record.
pub fn draw(results: &Results) -> Result<Drawn> {
    let arms = rows::arms(&results.records);
    let caption = vec![seen(results), NOT_SEEN.into()];
    let csv = rows::csv(&results.records);
    let title = results.elsewhere.split('.').next().unwrap_or_default().to_owned();
    Ok(Drawn {
        chart: drawing::chart(title, &arms, caption),
        csv,
        claims: Vec::new(),
        notes: vec![rows::table(&arms)],
    })
}

/// What a run on real problems cannot show.
const NOT_SEEN: &str = "Not seen: whether the paper's numbers hold. Its models have 7 billion weights, its synthetic \
                        problems are a capable model's, and its sizes go to a hundred thousand. Here the solutions are \
                        those of the file, so more data are more problems of people. Learning rates of the quick preset \
                        were chosen on validation problems of SVAMP with SmolLM2-135M-Instruct; nothing else was tuned.";

/// What the picture shows.
fn seen(results: &Results) -> String {
    let seeds = results.records.iter().map(|record| record.cell.seed).max().unwrap_or(0) + 1;
    let seeds = if seeds == 1 { "1 seed".into() } else { format!("{seeds} seeds") };
    let held_out = results.records.iter().find_map(|record| record.metrics.answers.as_ref());
    format!(
        "Seen: greedy answers and samples at temperature 1 on {} held-out problems; {seeds}. Intervals (95 %) are over \
         these problems, seeds as they are. SFT, samples and rollouts are shared by the methods of one seed and size, and \
         counted in full in each. Operations are those of training, of drawing and of reading prompts, and of the \
         reference's forward pass.",
        held_out.map_or(0, |answers| answers.greedy.len()),
    )
}
