//! The ways to make training data.

use eightfold_exchange::{RowError, SampleRow};
use eightfold_synth::{Choice, ChosenSide, PairRule};
use std::str::FromStr;

/// How pairs, or examples, are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// After the steps before the first pit, the shortest right continuation against the pit step.
    SharedPrefix,
    /// The same with the first step of that continuation alone.
    SharedPrefixStep,
    /// After the question, a right solution against the wrong one up to its pit.
    FullSolutionVsPit,
    /// After the question, a right solution against a wrong one, at random.
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
    /// All rules.
    pub const ALL: [Self; 7] = [
        Self::SharedPrefix,
        Self::SharedPrefixStep,
        Self::FullSolutionVsPit,
        Self::Response,
        Self::HighestEditDistance,
        Self::Rft,
        Self::ChosenOnly,
    ];

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
    pub fn name(self) -> &'static str {
        match self {
            Self::SharedPrefix => "shared-prefix",
            Self::SharedPrefixStep => "shared-prefix-step",
            Self::FullSolutionVsPit => "full-solution-vs-pit",
            Self::Response => "response",
            Self::HighestEditDistance => "highest-edit-distance",
            Self::Rft => "rft",
            Self::ChosenOnly => "chosen-only",
        }
    }

    /// What it makes, in one sentence.
    pub fn about(self) -> &'static str {
        match self {
            Self::SharedPrefix => {
                "After the steps before the first pit, the shortest right continuation against the pit step"
            }
            Self::SharedPrefixStep => "The same with the first step of that continuation alone",
            Self::FullSolutionVsPit => {
                "After the question, a right solution against the wrong one up to its pit"
            }
            Self::Response => "After the question, a right solution against a wrong one, at random",
            Self::HighestEditDistance => {
                "The same, with the right solution that differs most from the wrong one"
            }
            Self::Rft => "Examples: right solutions to imitate (rejection sampling)",
            Self::ChosenOnly => "Examples: the chosen sides of shared-prefix alone",
        }
    }

    /// Whether it makes pairs; else it makes examples.
    pub fn makes_pairs(self) -> bool {
        match self.product() {
            Product::Steps { chosen_only, .. } => !chosen_only,
            Product::Responses(_) => true,
            Product::Positives => false,
        }
    }

    /// Whether it needs first pits.
    pub(crate) fn needs_pits(self) -> bool {
        matches!(self.product(), Product::Steps { .. })
    }

    /// Whether a row has what the rule needs.
    ///
    /// # Errors
    /// The first key that is missing or does not fit.
    pub fn check(self, row: &SampleRow) -> Result<(), RowError> {
        let wrong = !row.is_correct()?;
        if !self.needs_pits() || !wrong {
            return Ok(());
        }
        let missing = |key: &str| RowError::Missing {
            key: key.into(),
            hint: "; `eightfold value` adds it, and `eightfold.values.search` in Python",
        };
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

impl FromStr for Rule {
    type Err = UnknownRule;

    fn from_str(name: &str) -> Result<Self, UnknownRule> {
        let found = Self::ALL.into_iter().find(|rule| rule.name() == name);
        found.ok_or_else(|| UnknownRule { name: name.to_owned() })
    }
}

/// A name that no rule has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is none of {}", Rule::ALL.map(|rule| format!("`{}`", rule.name())).join(", "))]
pub struct UnknownRule {
    /// The name.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_names_of_their_own() {
        for rule in Rule::ALL {
            assert_eq!(rule.name().parse(), Ok(rule));
        }
        assert!("shared".parse::<Rule>().unwrap_err().to_string().contains("`shared-prefix`"));
    }
}
