//! What each method is called.

use super::{Author, Imitation, Method, PairState, Point, Preferring, Source, Weights};

impl Method {
    /// Its name in tables, files, random streams and on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Untrained { chat: false } => "untrained",
            Self::Untrained { chat: true } => "untrained-chat",
            Self::Sft {} => "sft",
            Self::Imitate(imitation) => imitation.name(),
            Self::Prefer(preferring) => preferring.name(),
            Self::Online(_) => "online",
        }
    }

    /// The same with the point of supervised training that it goes on from, where that is not its end.
    pub fn label(&self) -> String {
        let point = match self {
            Self::Untrained { .. } | Self::Sft {} => Point::Sft,
            Self::Imitate(imitation) => imitation.start,
            Self::Prefer(preferring) => preferring.start,
            Self::Online(online) => online.start,
        };
        match point {
            Point::Base | Point::Sft => self.name().to_owned(),
            Point::SftAt(updates) => format!("{}-{updates}", self.name()),
        }
    }
}

impl Imitation {
    fn name(&self) -> &'static str {
        match (&self.source, &self.weights) {
            (_, Weights::Tempered { .. }) => "tempered",
            (Source::Samples { .. }, Weights::Filtered { .. }) => "rft-filtered",
            (Source::Samples { .. }, Weights::Advantage { .. }) => "rft-weighted",
            (_, Weights::Filtered { .. }) => "filtered",
            (_, Weights::Advantage { .. }) => "weighted",
            (Source::Given {}, Weights::Equal {}) => "sft-continued",
            (Source::Samples { .. }, Weights::Equal {}) => "rft",
            (Source::SamplesAtBudget { .. }, Weights::Equal {}) => "rft-budget",
            (Source::AllSamples {}, Weights::Equal {}) => "all-samples",
            (Source::OneEach { by: Author::Teacher }, Weights::Equal {}) => "single-teacher",
            (Source::OneEach { by: Author::Policy }, Weights::Equal {}) => "single-policy",
            (Source::Injected { .. }, Weights::Equal {}) => "rft-injected",
            (Source::Chosen(_), Weights::Equal {}) => "chosen-only",
        }
    }
}

impl Preferring {
    fn name(&self) -> &'static str {
        match (self.sides.state, self.limit) {
            (PairState::Question(_), _) => "dpo",
            (PairState::Pit {}, None) => "step-dpo",
            (PairState::Pit {}, Some(_)) => "step-dpo-few",
            (PairState::EveryFirstStep {}, _) => "enumerated",
        }
    }
}
