//! The ways to make training data.

use clap::ValueEnum;
use eightfold_exchange::{RowError, SampleRow};
use eightfold_synth::{Choice, ChosenSide, PairRule};

/// How pairs, or examples, are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rule {
    /// After the steps before the first pit, the shortest right continuation against the pit step.
    SharedPrefix,
    /// The same with the first step of that continuation alone.
    SharedPrefixStep,
    /// After the question, a right solution against the wrong one up to its pit.
    FullSolutionVsPit,
    /// After the question, a right solution against a wrong one, at random.
    #[value(alias = "random")]
    Response,
    /// The same, with the right solution that differs most from the wrong one.
    HighestEditDistance,
    /// Examples: right solutions to imitate (rejection sampling).
    Rft,
    /// Examples: the chosen sides of shared-prefix alone.
    ChosenOnly,
}

/// What a rule makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Product {
    /// Pairs at first pits, or their chosen sides alone.
    Steps {
        /// Which.
        rule: PairRule,
        /// Whether the rejected sides are left out.
        chosen_only: bool,
    },
    /// Pairs of whole solutions.
    Responses(Choice),
    /// Examples.
    Positives,
}

impl Rule {
    /// What the rule makes.
    pub(crate) fn product(self) -> Product {
        let shared = |chosen| PairRule::SharedPrefix { chosen };
        let steps = |rule| Product::Steps { rule, chosen_only: false };
        match self {
            Self::SharedPrefix => steps(shared(ChosenSide::Continuation)),
            Self::SharedPrefixStep => steps(shared(ChosenSide::Step)),
            Self::FullSolutionVsPit => steps(PairRule::FullSolutionVsPit),
            Self::ChosenOnly => Product::Steps { rule: shared(ChosenSide::Continuation), chosen_only: true },
            Self::Response => Product::Responses(Choice::Random),
            Self::HighestEditDistance => Product::Responses(Choice::HighestEditDistance),
            Self::Rft => Product::Positives,
        }
    }

    /// The rule's name in options and files.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Whether a row has what the rule needs.
    pub(crate) fn check(self, row: &SampleRow) -> Result<(), RowError> {
        let wrong = !row.is_correct()?;
        if !matches!(self.product(), Product::Steps { .. }) || !wrong {
            return Ok(());
        }
        let missing = |key: &str| RowError::Missing { key: key.into(), hint: "; `eightfold value` adds it" };
        let (values, rollouts) = (row.values.as_ref(), row.rollouts.as_ref());
        values.ok_or_else(|| missing("values"))?;
        let rollouts = rollouts.ok_or_else(|| missing("rollouts"))?;
        let Some(pit) = row.first_pit else { return Ok(()) };
        let steps = row.cut()?.len() as u64;
        if pit >= steps {
            return Err(RowError::value("first_pit", format!("{pit}, and there are {steps} steps")));
        }
        if pit > 0 && !rollouts.iter().any(|rollouts| rollouts.step == pit) {
            return Err(RowError::value(
                "rollouts",
                format!("none from the prefix before the pit, step {pit}"),
            ));
        }
        Ok(())
    }
}
