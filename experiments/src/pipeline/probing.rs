//! What is measured of a policy beside its errors, and the numbers that come of it, as plain data. How they are measured
//! is in the module `probe`.

use eightfold_advantage::Completer;
use eightfold_task::Pair;
use serde::{Deserialize, Serialize};

/// What is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Probe {
    /// How likely the base finds the teacher's solutions and the policy's own (figure 4).
    Likelihood {},
    /// Where the pits of wrong solutions fall, against where the law puts them (figure 6).
    Pits {
        /// Rollouts from each prefix of the worked example.
        rollouts: usize,
    },
    /// What each step of the policy is worth to the SFT policy as completer (figure 8).
    Gains(GainSettings),
    /// Whether the cell's search finds the pits of one that asks every prefix in full (ablation `pit-search`).
    PitAgreement {},
    /// How many held-out problems k samples solve (ablation `pass-k`).
    PassAtK {
        /// Problems, at most.
        problems: usize,
        /// Samples of each.
        samples: usize,
    },
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Probed {
    /// By [`Probe::Likelihood`].
    Likelihood(BaseLikelihood),
    /// By [`Probe::Pits`].
    Pits(Box<Pits>),
    /// By [`Probe::Gains`].
    Gains(Gains),
    /// By [`Probe::PitAgreement`].
    PitAgreement(PitAgreement),
    /// By [`Probe::PassAtK`].
    PassAtK(PassAtK),
}

/// Log-probabilities of both sources under the base, on the problems with a verified sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseLikelihood {
    /// Problems compared.
    pub problems: usize,
    /// The teacher's solutions.
    pub teacher: SourceLikelihood,
    /// One of the policy's verified samples for each problem, as drawn.
    pub own: SourceLikelihood,
}

/// Solutions of one source. Log-probabilities are means over solutions, in nats a solution, and add up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceLikelihood {
    /// Of the tokens that open a step: a connective, or the name itself.
    pub phrasing: f64,
    /// Of the operations.
    pub readings: f64,
    /// Of all other tokens, which are copied, looked up or calculated.
    pub copying: f64,
    /// Tokens a solution, the end of text included.
    pub tokens: f64,
    /// Share of steps that a connective opens.
    pub phrased: f64,
    /// Share of readings that are wrong.
    pub misread: f64,
    /// Solutions by their whole log-probability, in the bins of `probe::likelihood`.
    pub histogram: Vec<usize>,
}

/// Pits of the wrong solutions of two learners on the same problems.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pits {
    /// Of the network; the exact values are those of its readings as a table.
    pub network: Places,
    /// Of the tabular learner, whose exact values are its own.
    pub tabular: Places,
    /// One wrong solution of the network, step by step.
    pub worked: Option<Worked>,
}

/// Where pits fall.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Places {
    /// Wrong solutions looked at: those without a slip.
    pub solutions: usize,
    /// Wrong solutions with a slip, which are left out.
    pub slipped: usize,
    /// Pits found at step 0, 1, ...
    pub observed: Vec<usize>,
    /// Their expected number by the law, and its variance.
    pub expected: Vec<f64>,
    /// See `expected`.
    pub variance: Vec<f64>,
    /// Pits found at the first critical misreading, before it, and after it.
    pub first_critical: [usize; 3],
    /// The same by the law.
    pub first_critical_expected: [f64; 3],
}

/// A wrong solution with what each of its steps was worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worked {
    /// The problem.
    pub question: String,
    /// Its right answer.
    pub answer: String,
    /// Rollouts from each prefix.
    pub rollouts: usize,
    /// Draws of the completer that found the pit.
    pub k: usize,
    /// Probability that one draw from the bare question is right: exact, and rollouts that were.
    pub start: (f64, usize),
    /// The solution.
    pub steps: Vec<WorkedStep>,
    /// Its first pit, from 0.
    pub pit: usize,
    /// The pair that per-step DPO trains on, if there is one.
    pub pair: Option<Pair>,
}

/// One step of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkedStep {
    /// Its text.
    pub text: String,
    /// Probability that one draw from after it is right, exact.
    pub exact: f64,
    /// Rollouts from after it that were right.
    pub successes: usize,
    /// Whether it reads its word rightly, and whether the answer depends on it; absent where it reads none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<(bool, bool)>,
}

/// How steps are valued.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GainSettings {
    /// Held-out problems.
    pub problems: usize,
    /// Rollouts from each prefix, at least as many as the completer draws.
    pub rollouts: usize,
    /// Whose success a value is.
    pub completer: Completer,
}

/// Values of a policy's steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gains {
    /// Mean Q of the policy's own solutions at each share of `probe::gains`.
    pub progress: [f64; 5],
    /// Steps on which the answer depends.
    pub critical: Gain,
    /// Steps on side branches.
    pub other: Gain,
    /// Of the critical steps, those with a word that means something else on side branches.
    pub critical_marked: Gain,
    /// Of the steps on side branches, those.
    pub other_marked: Gain,
}

/// Steps of one kind, written by the policy after prefixes of the SFT policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gain {
    /// How many.
    pub steps: usize,
    /// Mean Q after them.
    pub q: f64,
    /// Share of them that read their word rightly.
    pub right: f64,
}

/// Pits of the cell's own search beside those of the same negatives when every prefix is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PitAgreement {
    /// Negatives that both searched.
    pub searched: usize,
    /// The same pit.
    pub same: usize,
    /// An earlier one.
    pub earlier: usize,
    /// A later one.
    pub later: usize,
}

/// pass@k at temperature 1 on the first of the held-out problems.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassAtK {
    /// Held-out problems.
    pub problems: usize,
    /// For k = 1, 2, 4, ... up to the number of samples: k, and the share of problems, in [0, 1], that at least one
    /// of k samples solves; unbiased (Chen et al. 2021, arXiv 2107.03374).
    pub passed: Vec<(usize, f64)>,
}
