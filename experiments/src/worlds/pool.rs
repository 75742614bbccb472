//! Files of problems: which of them are trained on, and which are held out.

use crate::pipeline::Form;
use anyhow::{Context, Result, bail};
use eightfold_journal::ContentId;
use eightfold_task::gsm8k::{self, Worked, without_notes};
use eightfold_task::{Key, Problem, svamp};
use std::path::{Path, PathBuf};

/// The problems of a folder. No problem stands in two parts.
#[derive(Clone, Debug)]
pub struct Pool {
    /// To train on.
    pub train: Vec<Worked>,
    /// To choose settings on: a tenth of what there would be to train on.
    pub validation: Vec<Worked>,
    /// For results.
    pub test: Vec<Worked>,
    /// Names the content of the files.
    pub content: ContentId,
}

impl Pool {
    /// Reads the files of a folder; with `lines`, only problems whose solution has at most so many lines before the
    /// answer.
    ///
    /// # Errors
    /// The first file that is not there, or line that is no such problem.
    pub fn open(form: Form, folder: &Path, lines: Option<usize>) -> Result<Self> {
        let mut pool = match form {
            Form::Gsm8k => Self::gsm8k(folder)?,
            Form::Svamp => Self::svamp(folder)?,
        };
        if let Some(lines) = lines {
            for part in [&mut pool.train, &mut pool.validation, &mut pool.test] {
                // The last line is the answer.
                part.retain(|worked| worked.solution.trim_end().lines().count() <= lines + 1);
            }
        }
        Ok(pool)
    }

    fn gsm8k(folder: &Path) -> Result<Self> {
        let train = find(folder, &["gsm8k_train.jsonl", "train.jsonl"])?;
        let test = find(folder, &["gsm8k_test.jsonl", "test.jsonl"])?;
        let content = content(&[&train, &test])?;
        let plain = |worked: Worked| Worked { solution: without_notes(&worked.solution), ..worked };
        let read = |path: &Path| anyhow::Ok(gsm8k::read(path)?.into_iter().map(plain));
        let (train, validation) = read(&train)?.partition(|worked| share(&worked.problem.question) >= 0.1);
        Ok(Self { train, validation, test: read(&test)?.collect(), content })
    }

    /// All problems of one body, which are variations of each other, fall into one part: 7/10, 1/10 and 2/10.
    fn svamp(folder: &Path) -> Result<Self> {
        let path = find(folder, &["svamp.jsonl", "svamp_1000.jsonl"])?;
        let content = content(&[&path])?;
        let (mut train, mut validation, mut test) = (Vec::new(), Vec::new(), Vec::new());
        for svamp::Varied { worked, body } in svamp::read(&path)?.0 {
            match share(&body) {
                at if at < 0.7 => train.push(worked),
                at if at < 0.8 => validation.push(worked),
                _ => test.push(worked),
            }
        }
        Ok(Self { train, validation, test, content })
    }

    /// The training problems of a seed: `size` of them at random; fewer are the first of more.
    ///
    /// # Errors
    /// If there are not as many.
    pub fn training(&self, size: usize, seed: u64) -> Result<Vec<Worked>> {
        if size > self.train.len() {
            bail!("there are {} problems to train on, fewer than {size}", self.train.len());
        }
        Ok(chosen(&self.train, size, Key::new(seed, "training problems")))
    }

    /// Some of a part that is held out: the same for every cell, and as many as there are where there are fewer.
    pub fn held_out(&self, part: &[Worked], count: usize) -> Vec<Problem> {
        let held = chosen(part, count, Key::new(0, "held-out problems"));
        held.into_iter().map(|worked| worked.problem).collect()
    }
}

/// Some of the problems at random.
fn chosen(all: &[Worked], size: usize, key: Key) -> Vec<Worked> {
    let mut order: Vec<&Worked> = all.iter().collect();
    order.sort_by_cached_key(|worked| key.with_text(&worked.problem.question));
    order.into_iter().take(size).cloned().collect()
}

/// A number in [0, 1) for a text, uniform over texts.
fn share(text: &str) -> f64 {
    Key::new(0, "part").with_text(text).below(1 << 20) as f64 / f64::from(1 << 20)
}

fn find(folder: &Path, names: &[&str]) -> Result<PathBuf> {
    let paths = names.iter().map(|name| folder.join(name));
    let found = paths.into_iter().find(|path| path.exists());
    found.with_context(|| format!("{}: neither {} is there", folder.display(), names.join(" nor ")))
}

fn content(paths: &[&Path]) -> Result<ContentId> {
    let read = |path: &&Path| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    Ok(ContentId::of(paths.iter().map(read).collect::<Result<Vec<_>>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let row = |i: usize| {
            let lines = "1 + 1 = <<1+1=2>>2\\n".repeat(1 + i % 3);
            format!("{{\"question\": \"Of {i}?\", \"answer\": \"{lines}#### {i}\"}}\n")
        };
        std::fs::write(folder.path().join("train.jsonl"), (0..200).map(row).collect::<String>()).unwrap();
        std::fs::write(folder.path().join("gsm8k_test.jsonl"), (200..230).map(row).collect::<String>())
            .unwrap();
        folder
    }

    #[test]
    fn parts_share_no_problem_and_fewer_problems_are_the_first_of_more() {
        let folder = folder();
        let pool = Pool::open(Form::Gsm8k, folder.path(), None).unwrap();
        assert_eq!((pool.train.len() + pool.validation.len(), pool.test.len()), (200, 30));
        assert!(pool.validation.len() > 5 && pool.validation.len() < 50);
        let all: HashSet<&str> = [&pool.train, &pool.validation, &pool.test]
            .into_iter()
            .flatten()
            .map(|worked| worked.problem.question.as_str())
            .collect();
        assert_eq!(all.len(), 230);
        let (few, more) = (pool.training(5, 1).unwrap(), pool.training(20, 1).unwrap());
        assert_eq!(few, more[..5]);
        assert_ne!(few, pool.training(5, 2).unwrap());
        assert!(few[0].solution.starts_with("1 + 1 = 2\n"), "without notes");
        let message = pool.training(500, 0).unwrap_err().to_string();
        assert!(message.contains("fewer than 500"), "{message}");
    }

    #[test]
    fn short_solutions_are_kept_and_a_missing_file_is_named() {
        let folder = folder();
        let short = Pool::open(Form::Gsm8k, folder.path(), Some(1)).unwrap();
        assert!(short.train.iter().chain(&short.test).all(|worked| worked.solution.lines().count() == 2));
        assert_eq!(short.test.len(), 10);
        let message = Pool::open(Form::Svamp, folder.path(), None).unwrap_err().to_string();
        assert!(message.ends_with("neither svamp.jsonl nor svamp_1000.jsonl is there"), "{message}");
    }
}
