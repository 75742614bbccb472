//! Figures of the paper and ablations: two collections on one harness, which differ in where their records and
//! drawings are kept.

use crate::figure::Preset;
use std::path::{Path, PathBuf};

/// Which collection a figure belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collection {
    /// The figures of the paper: the full preset is the evidence, and is committed.
    Figures,
    /// The ablations: the quick preset is committed; it shows the direction of a change. What is drawn of the full
    /// preset takes its place.
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

    /// The folder of records; `cache` is where those that are not committed are, or the folder that was asked for.
    /// Records of the full preset are in one place, since cells of an ablation may be cells of a figure.
    pub fn records(self, preset: Preset, root: &Path, cache: &Path, asked: bool) -> PathBuf {
        let results = root.join("experiments/results");
        match (preset, self) {
            _ if asked => cache.join("records"),
            (Preset::Full, _) => results,
            (Preset::Quick, Self::Ablations) => results.join("ablations"),
            (Preset::Quick, Self::Figures) | (Preset::Smoke, _) => cache.join("records"),
        }
    }

    /// The folder of drawings.
    pub fn drawings(self, preset: Preset, root: &Path) -> PathBuf {
        let figures = root.join("paper-figures");
        match (preset, self) {
            (Preset::Full, Self::Figures) => figures,
            (Preset::Quick | Preset::Full, Self::Ablations) => figures.join("ablations"),
            (Preset::Smoke | Preset::Quick, Self::Figures) => figures.join("quick"),
            (Preset::Smoke, Self::Ablations) => figures.join("quick/ablations"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_committed_has_a_place_of_its_own() {
        let (root, cache) = (Path::new("r"), Path::new("c"));
        let drawings = |collection: Collection, preset| collection.drawings(preset, root);
        assert_eq!(drawings(Collection::Figures, Preset::Full), root.join("paper-figures"));
        assert_eq!(drawings(Collection::Figures, Preset::Quick), root.join("paper-figures/quick"));
        for preset in [Preset::Quick, Preset::Full] {
            assert_eq!(drawings(Collection::Ablations, preset), root.join("paper-figures/ablations"));
        }
        assert_eq!(
            drawings(Collection::Ablations, Preset::Smoke),
            root.join("paper-figures/quick/ablations")
        );
        let records = |collection: Collection, preset, asked| collection.records(preset, root, cache, asked);
        for collection in [Collection::Figures, Collection::Ablations] {
            assert_eq!(records(collection, Preset::Full, false), root.join("experiments/results"));
        }
        assert_eq!(records(Collection::Figures, Preset::Quick, false), cache.join("records"));
        assert_eq!(
            records(Collection::Ablations, Preset::Quick, false),
            root.join("experiments/results/ablations")
        );
        assert_eq!(records(Collection::Ablations, Preset::Quick, true), cache.join("records"));
    }
}
