//! What is compared: one row for each thing that figure 7 spends its time on, and two larger networks.

use clap::ValueEnum;
use eightfold_gpt::GptConfig;

/// A row of the table.
pub(crate) struct Row {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// What is done, in the words of the table.
    pub(crate) says: &'static str,
    /// What is done.
    pub(crate) task: Task,
    /// On which network.
    pub(crate) size: Size,
    /// Updates, or calls of the sampler, in one measurement: about a second of the slower side.
    pub(crate) steps: usize,
    /// The ratio to PyTorch eager that is aimed at.
    pub(crate) goal: f64,
    /// What one measurement of both sides costs beside those of other rows: for the time left.
    pub(crate) cost: f64,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Supervised updates.
    Train {
        /// Texts in an update.
        batch: usize,
    },
    /// Updates on step pairs, the reference's forward pass included.
    Preference {
        /// Pairs in an update.
        batch: usize,
    },
    /// Extending as many texts by [`NEW_TOKENS`].
    Sample {
        /// Texts.
        batch: usize,
    },
    /// [`COPIES`] completions of every step prefix of [`SOLUTIONS`] solutions.
    Rollouts,
}

/// Tokens that are drawn for each text of a sampling row.
pub(crate) const NEW_TOKENS: usize = 100;
/// Completions of each prefix.
pub(crate) const COPIES: usize = 5;
/// Solutions whose prefixes are completed.
pub(crate) const SOLUTIONS: usize = 256;

/// The network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// The committed base checkpoint of figure 7, on its lexicon world.
    Figure7,
    /// Width 128, 4 layers, 4 heads; texts of 128 made-up words.
    Middle,
    /// Width 256, 6 layers, 8 heads; texts of 128 made-up words.
    Large,
}

/// Words of the made-up texts, padding and end of text included.
pub(crate) const VOCAB: usize = 128;
/// Their length.
pub(crate) const CONTEXT: usize = 128;

impl Size {
    /// The network of the made-up texts; `None` for figure 7, whose checkpoint is read.
    pub(crate) fn fresh(self) -> Option<GptConfig> {
        let (width, layers, heads) = match self {
            Self::Figure7 => return None,
            Self::Middle => (128, 4, 4),
            Self::Large => (256, 6, 8),
        };
        Some(GptConfig { vocab: VOCAB, context: CONTEXT, width, heads, layers })
    }
}

/// Every row, in the order of the table.
pub(crate) const ROWS: &[Row] = &[
    Row {
        name: "train-64-b32",
        says: "train step, width 64, 3 layers, 32 stories",
        task: Task::Train { batch: 32 },
        size: Size::Figure7,
        steps: 20,
        goal: 2.0,
        cost: 2.0,
    },
    Row {
        name: "train-64-b64",
        says: "train step, width 64, 3 layers, 64 stories",
        task: Task::Train { batch: 64 },
        size: Size::Figure7,
        steps: 20,
        goal: 2.0,
        cost: 4.0,
    },
    Row {
        name: "train-128",
        says: "train step, width 128, 4 layers, 64 x 128 tokens",
        task: Task::Train { batch: 64 },
        size: Size::Middle,
        steps: 4,
        goal: 1.5,
        cost: 8.0,
    },
    Row {
        name: "train-256",
        says: "train step, width 256, 6 layers, 64 x 128 tokens",
        task: Task::Train { batch: 64 },
        size: Size::Large,
        steps: 4,
        goal: 1.3,
        cost: 35.0,
    },
    Row {
        name: "preference-64",
        says: "preference step, width 64, 3 layers, 32 step pairs",
        task: Task::Preference { batch: 32 },
        size: Size::Figure7,
        steps: 20,
        goal: 3.0,
        cost: 5.0,
    },
    Row {
        name: "sample-128-b16",
        says: "100 new tokens, width 128, 4 layers, 16 texts",
        task: Task::Sample { batch: 16 },
        size: Size::Middle,
        steps: 8,
        goal: 3.0,
        cost: 3.0,
    },
    Row {
        name: "sample-128-b64",
        says: "100 new tokens, width 128, 4 layers, 64 texts",
        task: Task::Sample { batch: 64 },
        size: Size::Middle,
        steps: 4,
        goal: 2.5,
        cost: 5.0,
    },
    Row {
        name: "sample-128-b256",
        says: "100 new tokens, width 128, 4 layers, 256 texts",
        task: Task::Sample { batch: 256 },
        size: Size::Middle,
        steps: 2,
        goal: 2.5,
        cost: 7.0,
    },
    Row {
        name: "rollouts-64",
        says: "rollouts, width 64, 3 layers: 5 from every step prefix of 256 solutions",
        task: Task::Rollouts,
        size: Size::Figure7,
        steps: 1,
        goal: 10.0,
        cost: 11.0,
    },
];

/// A row on the command line: its whole name, or how it begins.
pub(crate) fn chosen(names: &[String]) -> Result<Vec<&'static Row>, String> {
    if let Some(name) = names.iter().find(|name| !ROWS.iter().any(|row| row.name.starts_with(*name))) {
        let all: Vec<_> = ROWS.iter().map(|row| row.name).collect();
        return Err(format!("no row is called {name:?}, nor begins so; there are: {}", all.join(", ")));
    }
    let wanted = |row: &&Row| names.is_empty() || names.iter().any(|name| row.name.starts_with(name));
    Ok(ROWS.iter().filter(wanted).collect())
}

/// The sides that can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Against {
    /// PyTorch as it comes.
    Eager,
    /// PyTorch eager, and `torch.compile` for the train steps.
    Compile,
    /// Nothing: the engine alone.
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_chosen_by_its_name_or_its_beginning() {
        let names = |wanted: &[&str]| {
            let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
            chosen(&wanted).map(|rows| rows.iter().map(|row| row.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&[]).unwrap().len(), ROWS.len());
        assert_eq!(names(&["sample-128-b16"]).unwrap(), ["sample-128-b16"]);
        let (one, two, three) = ("sample-128-b16", "sample-128-b64", "sample-128-b256");
        assert_eq!(names(&["roll", "sample"]).unwrap(), [one, two, three, "rollouts-64"]);
        assert!(names(&["train", "gradient"]).unwrap_err().contains("no row is called \"gradient\""));
    }
}
