//! The parts of a method that others ask for.

use super::{Imitation, Method, PairLoss, PairSide, PairState, Preferring, Sides, Source, Weights};
use eightfold_advantage::Completer;
use eightfold_synth::{Rejection, ResponsePairs};

impl Method {
    /// Whether it trains anything.
    pub fn trains(&self) -> bool {
        match self {
            Self::Untrained { .. } => false,
            Self::Sft {} | Self::Imitate(_) | Self::Prefer(_) | Self::Online(_) => true,
        }
    }

    /// Whether it learns from samples.
    pub fn samples(&self) -> bool {
        match self {
            Self::Untrained { .. } | Self::Sft {} => false,
            Self::Imitate(imitation) => !matches!(imitation.source, Source::Given {}),
            Self::Prefer(preferring) => !matches!(preferring.sides.state, PairState::EveryFirstStep {}),
            Self::Online(_) => true,
        }
    }

    /// Its imitation, if it is one.
    pub fn imitation_mut(&mut self) -> Option<&mut Imitation> {
        match self {
            Self::Imitate(imitation) => Some(imitation),
            Self::Untrained { .. } | Self::Sft {} | Self::Prefer(_) | Self::Online(_) => None,
        }
    }

    /// Its training on pairs, if it is one.
    pub fn preferring_mut(&mut self) -> Option<&mut Preferring> {
        match self {
            Self::Prefer(preferring) => Some(preferring),
            Self::Untrained { .. } | Self::Sft {} | Self::Imitate(_) | Self::Online(_) => None,
        }
    }
}

impl Imitation {
    /// Which verified samples are kept, where the source has some.
    pub fn rejection(&self) -> Option<Rejection> {
        match self.source {
            Source::Samples { rejection }
            | Source::SamplesAtBudget { rejection }
            | Source::Injected { rejection, .. } => Some(rejection),
            Source::Given {} | Source::AllSamples {} | Source::OneEach { .. } | Source::Chosen(_) => None,
        }
    }

    /// The same, to be changed.
    pub fn rejection_mut(&mut self) -> Option<&mut Rejection> {
        match &mut self.source {
            Source::Samples { rejection }
            | Source::SamplesAtBudget { rejection }
            | Source::Injected { rejection, .. } => Some(rejection),
            Source::Given {} | Source::AllSamples {} | Source::OneEach { .. } | Source::Chosen(_) => None,
        }
    }

    /// Whose advantages weight its steps.
    pub fn completer(&self) -> Option<Completer> {
        match self.weights {
            Weights::Filtered { completer, .. } | Weights::Advantage { completer, .. } => Some(completer),
            Weights::Equal {} | Weights::Tempered { .. } => None,
        }
    }
}

impl Preferring {
    /// Strength of the pull towards the reference.
    pub fn beta_mut(&mut self) -> &mut f64 {
        match &mut self.loss {
            PairLoss::Dpo { beta } => beta,
        }
    }
}

impl Sides {
    /// Whole solutions against whole solutions.
    pub fn solutions(pairs: ResponsePairs) -> Self {
        Self { state: PairState::Question(pairs), chosen: PairSide::Solution, rejected: PairSide::Solution }
    }

    /// A verified continuation against the pit: Theorem 6.1's form.
    pub fn at_pit() -> Self {
        Self { state: PairState::Pit {}, chosen: PairSide::Continuation, rejected: PairSide::Step }
    }
}
