//! The ways to make training data, by the names that the program gives them.

use eightfold_exchange::{RowError, SampleRow};
use eightfold_synth::{Choice, ChosenSide, PairRule};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// What a rule makes.
#[derive(Clone, Copy)]
pub(super) enum Product {
    /// Pairs at first pits.
    Steps(PairRule),
    /// The chosen sides of such pairs alone, as examples.
    ChosenOnly(PairRule),
    /// Pairs of whole solutions.
    Responses(Choice),
    /// Right solutions as examples.
    Positives,
}

/// A way, and its name.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) product: Product,
}

const CONTINUATION: PairRule = PairRule::SharedPrefix { chosen: ChosenSide::Continuation };
const STEP: PairRule = PairRule::SharedPrefix { chosen: ChosenSide::Step };

const RULES: [Rule; 7] = [
    Rule { name: "shared-prefix", product: Product::Steps(CONTINUATION) },
    Rule { name: "shared-prefix-step", product: Product::Steps(STEP) },
    Rule { name: "full-solution-vs-pit", product: Product::Steps(PairRule::FullSolutionVsPit) },
    Rule { name: "response", product: Product::Responses(Choice::Random) },
    Rule { name: "highest-edit-distance", product: Product::Responses(Choice::HighestEditDistance) },
    Rule { name: "rft", product: Product::Positives },
    Rule { name: "chosen-only", product: Product::ChosenOnly(CONTINUATION) },
];

impl Rule {
    /// The rule of this name.
    pub(super) fn read(name: &str) -> PyResult<Self> {
        RULES.into_iter().find(|rule| rule.name == name).ok_or_else(|| {
            let names = RULES.map(|rule| format!("`{}`", rule.name)).join(", ");
            PyValueError::new_err(format!("rule: `{name}` is none of {names}"))
        })
    }

    /// Whether pits are wanted.
    pub(super) fn needs_pits(self) -> bool {
        match self.product {
            Product::Steps(_) | Product::ChosenOnly(_) => true,
            Product::Responses(_) | Product::Positives => false,
        }
    }

    /// Whether a row has what the rule needs.
    pub(super) fn check(self, row: &SampleRow) -> Result<(), RowError> {
        let wrong = !row.is_correct()?;
        if !self.needs_pits() || !wrong {
            return Ok(());
        }
        let missing =
            |key: &str| RowError::Missing { key: key.into(), hint: "; `eightfold.values.search` adds it" };
        row.values.as_ref().ok_or_else(|| missing("values"))?;
        let rollouts = row.rollouts.as_ref().ok_or_else(|| missing("rollouts"))?;
        let Some(pit) = row.first_pit else { return Ok(()) };
        let steps = row.cut()?.len() as u64;
        if pit >= steps {
            return Err(RowError::value("first_pit", format!("{pit}, and there are {steps} steps")));
        }
        if pit > 0 && !rollouts.iter().any(|rollouts| rollouts.step == pit) {
            let message = format!("none from the prefix before the pit, step {pit}");
            return Err(RowError::value("rollouts", message));
        }
        Ok(())
    }
}
