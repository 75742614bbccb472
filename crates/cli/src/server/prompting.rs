//! From a problem to what a server is given.

use crate::jsonl::Lines;
use crate::prompt::{Shot, Template};
use anyhow::Context;
use clap::{Args, ValueEnum};
use eightfold_exchange::{Message, ProblemRow, Prompt, RowError};
use std::path::PathBuf;

/// Which of the two ways of asking.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// The prompt is a text that the model continues.
    Completions,
    /// The prompt is what the user says.
    Chat,
}

/// How prompts are made.
#[derive(Args)]
pub(crate) struct Prompting {
    /// Continue a text (/completions), or answer as a chat (/chat/completions).
    #[arg(long, value_enum, default_value = "completions")]
    api: Form,
    /// Template of the prompt, in the language of Jinja. It sees `question`, `shots`, `id` and `problem` (the
    /// further keys of the row). Without it the prompt is the shots and the question.
    #[arg(long, value_name = "FILE")]
    prompt: Option<PathBuf>,
    /// Worked examples for the prompt: JSON lines with `question`, `solution` and `answer`, as
    /// problems.jsonl.
    #[arg(long, value_name = "FILE")]
    shots: Option<PathBuf>,
    /// Use the first of them only.
    #[arg(long, value_name = "N", requires = "shots")]
    first_shots: Option<usize>,
    /// What the system says before a chat.
    #[arg(long, value_name = "FILE")]
    system: Option<PathBuf>,
}

/// Makes prompts.
pub(crate) struct Prompter {
    form: Form,
    template: Template,
    shots: Vec<Shot>,
    system: Option<String>,
}

impl Prompting {
    /// Reads the files.
    pub(crate) fn load(&self) -> anyhow::Result<Prompter> {
        self.load_or(Template::load(None)?)
    }

    /// Reads the files, with another template where none is named.
    pub(crate) fn load_or(&self, template: Template) -> anyhow::Result<Prompter> {
        anyhow::ensure!(
            self.system.is_none() || self.api == Form::Chat,
            "--system needs --api chat: a text has no system message"
        );
        let read = |path: &PathBuf| std::fs::read_to_string(path).with_context(|| path.display().to_string());
        let mut shots = self.shots()?;
        shots.truncate(self.first_shots.unwrap_or(usize::MAX));
        Ok(Prompter {
            form: self.api,
            template: match &self.prompt {
                Some(path) => Template::load(Some(path))?,
                None => template,
            },
            shots,
            system: self.system.as_ref().map(read).transpose()?.map(|text| text.trim_end().to_owned()),
        })
    }

    fn shots(&self) -> anyhow::Result<Vec<Shot>> {
        let Some(path) = &self.shots else { return Ok(Vec::new()) };
        let (mut lines, mut shots) = (Lines::open(Some(path))?, Vec::new());
        while let Some((number, row)) = lines.next_row()? {
            let shot = row.and_then(|row| {
                let shot = |key: &str| row.text(key);
                let (question, solution, answer) = (shot("question")?, shot("solution")?, shot("answer"));
                // An answer that the template does not show is no loss.
                let answer = match answer {
                    Err(RowError::Missing { .. }) => String::new(),
                    other => other?,
                };
                Ok(Shot { question, solution, answer })
            });
            shots.push(shot.with_context(|| format!("{}:{number}", lines.name()))?);
        }
        Ok(shots)
    }
}

impl Prompter {
    /// The same with another template.
    pub(crate) fn with(&self, template: Template) -> Self {
        Self { form: self.form, template, shots: self.shots.clone(), system: self.system.clone() }
    }

    /// The prompt of a problem.
    pub(crate) fn prompt(&self, problem: &ProblemRow) -> anyhow::Result<Prompt> {
        let text = self.template.render(problem, &self.shots)?;
        Ok(match self.form {
            Form::Completions => Prompt::Text(text),
            Form::Chat => {
                let system = self.system.iter().map(|content| Message::new("system", content.clone()));
                Prompt::Messages(system.chain([Message::user(text.trim_end())]).collect())
            }
        })
    }
}
