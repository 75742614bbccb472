//! Figures of the paper and ablations: two collections on one harness, which differ in where their records and
//! drawings are kept.

use crate::preset::Preset;
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

/// Where records are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf {
    /// Folder of single files, of runs that go on.
    pub files: PathBuf,
    /// Folder of committed files that they are gathered into, where they are committed.
    pub archive: Option<PathBuf>,
}

impl Shelf {
    /// The part of the shelf for another place than the figures' own.
    pub(crate) fn elsewhere(self) -> Self {
        let part = |folder: PathBuf| folder.join("elsewhere");
        Self { files: part(self.files), archive: self.archive.map(part) }
    }
}

impl Collection {
    /// What is typed after `just` for one of the collection.
    pub(crate) fn recipe(self, name: &str) -> String {
        match self {
            Self::Figures => name.into(),
            Self::Ablations => format!("ablate {name}"),
        }
    }

    /// Where records are; `cache` is where those are that are not committed, or the folder that was asked for.
    /// Records of the full preset are in one place, since cells of an ablation may be cells of a figure.
    pub fn records(self, preset: Preset, root: &Path, cache: &Path, asked: bool) -> Shelf {
        let files = cache.join("records");
        let results = root.join("experiments/results");
        match (preset, self) {
            _ if asked => Shelf { files, archive: None },
            (Preset::Full, _) => Shelf { files: files.join("full"), archive: Some(results) },
            (Preset::Quick | Preset::Standard, Self::Ablations) => {
                Shelf { files: files.join("ablations"), archive: Some(results.join("ablations")) }
            }
            (Preset::Quick | Preset::Standard, Self::Figures) | (Preset::Smoke, _) => {
                Shelf { files, archive: None }
            }
        }
    }

    /// The folder of drawings.
    pub fn drawings(self, preset: Preset, root: &Path) -> PathBuf {
        let figures = root.join("paper-figures");
        match (preset, self) {
            (Preset::Full, Self::Figures) => figures,
            (Preset::Quick | Preset::Standard | Preset::Full, Self::Ablations) => figures.join("ablations"),
            (Preset::Smoke | Preset::Quick, Self::Figures) => figures.join("quick"),
            (Preset::Standard, Self::Figures) => figures.join("standard"),
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
        let records = |collection: Collection, preset| collection.records(preset, root, cache, false);
        let shelf = |files: &str, archive: Option<&str>| Shelf {
            files: cache.join(files),
            archive: archive.map(|folder| root.join(folder)),
        };
        for collection in [Collection::Figures, Collection::Ablations] {
            assert_eq!(records(collection, Preset::Full), shelf("records/full", Some("experiments/results")));
        }
        assert_eq!(records(Collection::Figures, Preset::Quick), shelf("records", None));
        let ablations = shelf("records/ablations", Some("experiments/results/ablations"));
        assert_eq!(records(Collection::Ablations, Preset::Quick), ablations);
        let asked = Collection::Ablations.records(Preset::Quick, root, cache, true);
        assert_eq!(asked, shelf("records", None));
    }
}
