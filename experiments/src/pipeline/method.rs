//! How a learner is improved, as data. Four forms suffice; the arms of figures are presets of them.
//!
//! Each form names apart whose samples it learns from (`sampler`), what it trains (`start`), and, where its loss has
//! one, what it is held to (`reference`).

mod naming;
mod parts;

use eightfold_advantage::Completer;
use eightfold_synth::{Rejection, ResponsePairs};
use eightfold_task::lexicon::Injection;
use serde::{Deserialize, Serialize};

/// How a learner is improved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Method {
    /// Not at all.
    Untrained {
        /// Whether the problem is asked by the learner's chat template.
        chat: bool,
    },
    /// Supervised training on the given solutions; the start of the other forms.
    Sft {},
    /// Supervised training on chosen texts.
    Imitate(Imitation),
    /// Training on pairs.
    Prefer(Preferring),
    /// Rounds of sampling, judging and training, each from the policy of the last.
    Online(Online),
}

/// Which state of the learner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Point {
    /// The base.
    Base,
    /// The end of supervised training.
    Sft,
    /// Supervised training, stopped after so many updates.
    SftAt(usize),
}

/// Supervised training on chosen texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imitation {
    /// Which texts.
    pub source: Source,
    /// How much each of their steps counts.
    pub weights: Weights,
    /// Who draws samples, where the source has some.
    pub sampler: Point,
    /// What is trained.
    pub start: Point,
}

/// Texts to imitate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Source {
    /// The given solutions.
    Given {},
    /// The sampler's verified solutions: RFT.
    Samples {
        /// Which of them.
        rejection: Rejection,
    },
    /// The same, of as many samples as a pit search calls the verifier.
    SamplesAtBudget {
        /// Which of them.
        rejection: Rejection,
    },
    /// All of its distinct samples, wrong ones included.
    AllSamples {},
    /// One solution of each problem with a verified sample.
    OneEach {
        /// Whose.
        by: Author,
    },
    /// Verified solutions with injected steps on their side branches.
    Injected {
        /// Which of the verified samples.
        rejection: Rejection,
        /// Which steps are replaced, and by what.
        injection: Injection,
    },
    /// The chosen sides of pairs alone.
    Chosen(Sides),
}

/// Who wrote a solution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Author {
    /// The teacher, or whoever gave the solutions.
    Teacher,
    /// The sampler.
    Policy,
}

/// How much the steps of a text count.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Weights {
    /// All alike.
    Equal {},
    /// Steps of low advantage are read, and not learned.
    Filtered {
        /// Whose success a value is.
        completer: Completer,
        /// Steps are learned whose advantage is above this, in [-1, 1].
        threshold: f64,
    },
    /// A step of advantage A counts exp(A / beta) (paper Eq. 4).
    Advantage {
        /// Whose success a value is.
        completer: Completer,
        /// Temperature of the weights, positive.
        beta: f64,
        /// No step counts more.
        max: f64,
    },
    /// The first decision under scaled logits.
    Tempered {
        /// Factor of its logits, positive.
        scale: f64,
        /// Weight of the likelihood of what follows it.
        rest: f64,
    },
}

/// Training on pairs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preferring {
    /// What the pairs are.
    pub sides: Sides,
    /// At most this many of them, drawn at random; all without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The loss.
    pub loss: PairLoss,
    /// What holds the rest in place.
    pub anchor: Anchor,
    /// Whose samples and rollouts the pairs are made of.
    pub sampler: Point,
    /// What is trained.
    pub start: Point,
    /// The frozen policy of the loss.
    pub reference: Point,
    /// A second round, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<SecondRound>,
}

/// Where the sides of a pair part, and what each of them is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sides {
    /// Where they part.
    pub state: PairState,
    /// The side to make likelier.
    pub chosen: PairSide,
    /// The side to make less likely.
    pub rejected: PairSide,
}

/// Where the sides of a pair part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PairState {
    /// At the question; how solutions are matched.
    Question(ResponsePairs),
    /// Before the first pit of a wrong solution.
    Pit {},
    /// At the question, for every wrong first step that there is. Nothing is drawn.
    EveryFirstStep {},
}

/// A side of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairSide {
    /// A whole solution.
    Solution,
    /// The rest of one.
    Continuation,
    /// One step.
    Step,
    /// A solution up to and with its pit.
    UpToPit,
}

/// A preference loss.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PairLoss {
    /// DPO (Rafailov et al. 2023).
    Dpo {
        /// Strength of the pull towards the reference, positive.
        beta: f64,
    },
}

/// What holds in place what a loss does not decide.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Anchor {
    /// Nothing.
    None {},
    /// The mean negative log-likelihood of chosen sides (of the star graph's network: after their first node).
    Chosen {
        /// Its weight, at least 0.
        weight: f64,
    },
    /// The negative log-likelihood of given texts with their decisions masked.
    Masked {
        /// Its weight, at least 0.
        weight: f64,
    },
    /// The divergence from the reference.
    Kl {
        /// Its weight, at least 0.
        weight: f64,
    },
}

/// What a second round learns from. It starts at the policy of the first, which is its reference too, and trains as the
/// first did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondRound {
    /// The first round's pairs: its solutions and its estimates.
    Same,
    /// The first round's solutions, with pits and continuations by rollouts of the new policy.
    Redrawn,
    /// Solutions and rollouts of the new policy.
    Fresh,
}

/// Rounds of sampling, judging and training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Online {
    /// How many rounds.
    pub rounds: usize,
    /// Which samples are learned from.
    pub sign: Sign,
    /// What a sample is credited with.
    pub credit: Credit,
    /// What the first round trains.
    pub start: Point,
}

/// Which samples an online round learns from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// Those better than the mean of their problem.
    Positives,
    /// Those worse than it, pushed away.
    Negatives,
    /// Both.
    Both,
}

/// What a sample of an online round is credited with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credit {
    /// The verdict on its answer, less the mean verdict on its problem's samples.
    Outcome,
}
