//! The parts of worlds and learners that others ask for.

#[cfg(feature = "models")]
use super::FolderConfig;
use super::{LearnerConfig, NetworkConfig, StarLearner, WorldConfig};
use eightfold_gpt::TrainConfig;
use eightfold_task::lexicon::LexiconConfig;

impl WorldConfig {
    /// Its name in files and errors.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Lexicon(_) => "lexicon",
            Self::Star(_) => "star",
            Self::Problems(set) => set.form.name(),
        }
    }

    /// The lexicon's dials, if it is one.
    pub fn lexicon(&self) -> Option<&LexiconConfig> {
        match self {
            Self::Lexicon(config) => Some(config),
            Self::Star(_) | Self::Problems(_) => None,
        }
    }

    /// The same, to be turned.
    pub fn lexicon_mut(&mut self) -> Option<&mut LexiconConfig> {
        match self {
            Self::Lexicon(config) => Some(config),
            Self::Star(_) | Self::Problems(_) => None,
        }
    }

    /// Seed of the world itself: what two cells with other values share nothing but the form of.
    pub fn seed(&self) -> u64 {
        self.lexicon().map_or(0, |config| config.seed)
    }
}

impl LearnerConfig {
    /// Its name in errors.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Network(_) => "network",
            Self::Table {} => "table",
            Self::Star(_) => "star",
            #[cfg(feature = "models")]
            Self::Folder(_) => "folder",
        }
    }

    /// The same without the method's own schedule: all of it that what cells share depends on.
    pub fn start(&self) -> Self {
        match self.clone() {
            Self::Network(config) => Self::Network(NetworkConfig { train: None, ..config }),
            Self::Table {} => Self::Table {},
            Self::Star(config) => Self::Star(StarLearner { train: None, ..config }),
            #[cfg(feature = "models")]
            Self::Folder(config) => Self::Folder(FolderConfig { train: None, ..config }),
        }
    }

    /// The small decoder, if it is one.
    pub fn network(&self) -> Option<&NetworkConfig> {
        match self {
            Self::Network(config) => Some(config),
            Self::Table {} | Self::Star(_) => None,
            #[cfg(feature = "models")]
            Self::Folder(_) => None,
        }
    }

    /// The same, to be changed.
    pub fn network_mut(&mut self) -> Option<&mut NetworkConfig> {
        match self {
            Self::Network(config) => Some(config),
            Self::Table {} | Self::Star(_) => None,
            #[cfg(feature = "models")]
            Self::Folder(_) => None,
        }
    }

    /// The star graph's network, if it is one.
    pub fn star(&self) -> Option<&StarLearner> {
        match self {
            Self::Star(config) => Some(config),
            Self::Network(_) | Self::Table {} => None,
            #[cfg(feature = "models")]
            Self::Folder(_) => None,
        }
    }

    /// The same, to be changed.
    pub fn star_mut(&mut self) -> Option<&mut StarLearner> {
        match self {
            Self::Star(config) => Some(config),
            Self::Network(_) | Self::Table {} => None,
            #[cfg(feature = "models")]
            Self::Folder(_) => None,
        }
    }

    /// The schedule of SFT, of learners that train by [`TrainConfig`].
    pub fn sft(&self) -> Option<&TrainConfig> {
        match self {
            Self::Network(config) => Some(&config.sft),
            #[cfg(feature = "models")]
            Self::Folder(config) => Some(&config.sft),
            Self::Table {} | Self::Star(_) => None,
        }
    }

    /// The same, to be changed.
    pub fn sft_mut(&mut self) -> Option<&mut TrainConfig> {
        match self {
            Self::Network(config) => Some(&mut config.sft),
            #[cfg(feature = "models")]
            Self::Folder(config) => Some(&mut config.sft),
            Self::Table {} | Self::Star(_) => None,
        }
    }

    /// The schedule of the method's own training, of learners that train by [`TrainConfig`].
    pub fn train(&self) -> Option<&TrainConfig> {
        match self {
            Self::Network(config) => config.train.as_ref(),
            #[cfg(feature = "models")]
            Self::Folder(config) => config.train.as_ref(),
            Self::Table {} | Self::Star(_) => None,
        }
    }

    /// The same, to be changed.
    pub fn train_mut(&mut self) -> Option<&mut TrainConfig> {
        match self {
            Self::Network(config) => config.train.as_mut(),
            #[cfg(feature = "models")]
            Self::Folder(config) => config.train.as_mut(),
            Self::Table {} | Self::Star(_) => None,
        }
    }
}
