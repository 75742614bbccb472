//! What training minimizes, whoever learns: a likelihood with signed weights, or a preference; each with an anchor.

use super::error::Impossible;
use super::method::{Anchor, PairLoss};
use eightfold_loss::DpoNll;
use eightfold_task::{Example, Pair, StepExample};

/// What is minimized.
pub enum Objective<'a, S> {
    /// Negative log-likelihood of texts, with weights that may be negative.
    Likelihood(Likelihood<'a>),
    /// A preference loss on pairs.
    Preference(Preference<'a, S>),
}

/// Weighted negative log-likelihood.
pub struct Likelihood<'a> {
    /// The texts.
    pub spans: Spans<'a>,
    /// The first decision of every text under scaled logits, if so.
    pub tempered: Option<Tempered>,
    /// Ratios to the policy that drew the texts, clipped, if so.
    pub clip: Option<Clip<'a>>,
    /// What holds the rest in place.
    pub anchor: Anchor,
}

impl<'a> Likelihood<'a> {
    /// Of texts as they are.
    pub fn of(spans: Spans<'a>) -> Self {
        Self { spans, tempered: None, clip: None, anchor: Anchor::None {} }
    }
}

/// Texts and the weights of their spans. A weight of 0 masks a span, which is then read and not learned; a negative one
/// pushes away from it.
#[derive(Clone, Copy)]
pub enum Spans<'a> {
    /// One weight a text.
    Whole(&'a [Example]),
    /// One weight a step.
    Steps(&'a [StepExample]),
}

impl Spans<'_> {
    /// How many texts.
    pub fn len(&self) -> usize {
        match self {
            Self::Whole(examples) => examples.len(),
            Self::Steps(examples) => examples.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether one of them pushes away.
    fn are_negative(&self) -> bool {
        match self {
            Self::Whole(examples) => examples.iter().any(|example| example.weight < 0.0),
            Self::Steps(examples) => examples.iter().flat_map(|e| &e.steps).any(|step| step.weight < 0.0),
        }
    }
}

/// Scaled logits at the first token of a text, where its decision is, and the weight of the likelihood of the rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tempered {
    /// Factor of the logits, positive.
    pub scale: f64,
    /// Weight of the tokens after it, at least 0.
    pub rest: f64,
}

/// Clipped ratios of a text's probability to what it was when it was drawn.
#[derive(Clone, Copy)]
pub struct Clip<'a> {
    /// Log-probability of each text when it was drawn, in nats.
    pub old: &'a [f64],
    /// Ratios are cut to within this of 1, in (0, 1).
    pub epsilon: f64,
}

/// A preference loss on pairs.
pub struct Preference<'a, S> {
    /// The pairs.
    pub pairs: &'a [Pair],
    /// The loss.
    pub loss: PairLoss,
    /// What holds the rest in place.
    pub anchor: Anchor,
    /// The frozen policy.
    pub reference: Reference<'a, S>,
}

/// Whose log-probabilities a preference is relative to.
pub enum Reference<'a, S> {
    /// Those of the state that training starts from.
    Start,
    /// Those of another state.
    Other(&'a S),
}

/// What most learners train on.
pub enum Plain<'a> {
    /// Likelihood of texts, none of which counts against itself.
    Likelihood(Spans<'a>),
    /// Pairs, held to the state that training starts from.
    Preference(&'a [Pair], DpoNll),
}

impl<S> Objective<'_, S> {
    /// Texts or pairs.
    pub fn items(&self) -> usize {
        match self {
            Self::Likelihood(likelihood) => likelihood.spans.len(),
            Self::Preference(preference) => preference.pairs.len(),
        }
    }

    /// The objective as most learners have it.
    ///
    /// # Errors
    /// What the learner of this name does not train on.
    pub fn plain(&self, learner: &'static str) -> Result<Plain<'_>, Impossible> {
        let impossible = |what| Impossible::Objective { learner, what };
        match self {
            Self::Likelihood(Likelihood { spans, tempered: None, clip: None, anchor: Anchor::None {} }) => {
                if spans.are_negative() {
                    return Err(impossible("texts of negative weight"));
                }
                Ok(Plain::Likelihood(*spans))
            }
            Self::Likelihood(_) => Err(impossible("scaled logits, clipped ratios or an anchor")),
            Self::Preference(preference) => match preference.reference {
                Reference::Start => Ok(Plain::Preference(preference.pairs, preference.dpo(learner)?)),
                Reference::Other(_) => {
                    Err(impossible("pairs whose reference is another state than the start"))
                }
            },
        }
    }
}

impl<S> Preference<'_, S> {
    /// The loss and its anchor as one.
    ///
    /// # Errors
    /// If the anchor is another than the likelihood of chosen sides, which the learner of this name does not have.
    pub fn dpo(&self, learner: &'static str) -> Result<DpoNll, Impossible> {
        let PairLoss::Dpo { beta } = self.loss;
        match self.anchor {
            Anchor::None {} => Ok(DpoNll { beta, nll: 0.0 }),
            Anchor::Chosen { weight } => Ok(DpoNll { beta, nll: weight }),
            Anchor::Masked { .. } | Anchor::Kl { .. } => {
                Err(Impossible::Objective { learner, what: "this anchor" })
            }
        }
    }
}
