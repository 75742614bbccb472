//! Figures of the paper and ablations: two collections on one harness, which differ in where their records and
//! drawings are kept.

use crate::figure::Preset;
use std::path::{Path, PathBuf};

/// Which collection a figure belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collection {
    /// The figures of the paper: the full preset is the evidence, and is committed.
    Figures,
    /// The ablations: the quick preset is committed; what it shows is the direction of a change.
    Ablations,
}

impl Collection {
    /// What is typed after `just` for one of the collection.
    pub(crate) fn recipe(self, name: &str) -> String {
        match self {
            Self::Figures => name.into(),
            Self::Ablations => format!("ablate {name}"),
        }
    }

    /// The preset whose records and drawings are committed.
    fn committed(self) -> Preset {
        match self {
            Self::Figures => Preset::Full,
            Self::Ablations => Preset::Quick,
        }
    }

    /// The folder of records; `cache` is where those that are not committed are, or the folder that was asked for.
    pub(crate) fn records(self, preset: Preset, root: &Path, cache: &Path, asked: bool) -> PathBuf {
        match self {
            _ if asked || preset != self.committed() => cache.join("records"),
            Self::Figures => root.join("experiments/results"),
            Self::Ablations => root.join("experiments/results/ablations"),
        }
    }

    /// The folder of drawings.
    pub(crate) fn drawings(self, preset: Preset, root: &Path) -> PathBuf {
        let figures = root.join("paper-figures");
        let parent = if preset == self.committed() { figures } else { figures.join("quick") };
        match self {
            Self::Figures => parent,
            Self::Ablations => parent.join("ablations"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_collection_commits_one_preset() {
        let (root, cache) = (Path::new("r"), Path::new("c"));
        let drawings = |collection: Collection, preset| collection.drawings(preset, root);
        assert_eq!(drawings(Collection::Figures, Preset::Full), root.join("paper-figures"));
        assert_eq!(drawings(Collection::Figures, Preset::Quick), root.join("paper-figures/quick"));
        assert_eq!(drawings(Collection::Ablations, Preset::Quick), root.join("paper-figures/ablations"));
        assert_eq!(
            drawings(Collection::Ablations, Preset::Smoke),
            root.join("paper-figures/quick/ablations")
        );
        let records = |collection: Collection, preset, asked| collection.records(preset, root, cache, asked);
        assert_eq!(records(Collection::Figures, Preset::Full, false), root.join("experiments/results"));
        assert_eq!(records(Collection::Figures, Preset::Quick, false), cache.join("records"));
        assert_eq!(
            records(Collection::Ablations, Preset::Quick, false),
            root.join("experiments/results/ablations")
        );
        assert_eq!(records(Collection::Ablations, Preset::Quick, true), cache.join("records"));
    }
}
