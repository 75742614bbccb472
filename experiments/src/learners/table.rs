//! The tabular learner: one distribution over operations a word in place of a network. Its readings are learned by
//! counts and its errors are exact, so it shows what the data of each method are worth to a learner that never slips.

use crate::pipeline::{
    Drawing, Exact, Impossible, Learner, Meter, Objective, Observer, Operations, Plain, Spans, Trained,
    Training, digest,
};
use anyhow::{Context, Result, bail};
use eightfold_advantage::{AdvantageEstimator, Completer, Episode, Exact as Estimator, StepValues};
use eightfold_gpt::TrainReport;
use eightfold_loss::DpoNll;
use eightfold_task::lexicon::tabular::{PRIOR_WEIGHT, PairSettings};
use eightfold_task::lexicon::{Lexicon, Tabular};
use eightfold_task::{Example, Policy, Problem, StepExample};

/// The tabular learner of a lexicon.
pub struct TableLearner<'a> {
    lexicon: &'a Lexicon,
}

/// A table, and what it has read last: a table forgets nothing, so the same texts again teach it nothing new.
#[derive(Clone)]
pub struct Table<'a> {
    policy: Tabular<'a>,
    read: Option<String>,
}

impl<'a> TableLearner<'a> {
    /// The learner of this lexicon; its base is the crowd.
    pub fn new(lexicon: &'a Lexicon) -> Self {
        Self { lexicon }
    }

    fn imitate(&self, from: &Table<'a>, examples: &[Example]) -> Result<Table<'a>> {
        let read = Some(digest(&examples));
        if read == from.read {
            return Ok(from.clone());
        }
        Ok(Table { policy: from.policy.learn_examples(examples, PRIOR_WEIGHT)?, read })
    }
}

impl<'a> Learner for TableLearner<'a> {
    type State = Table<'a>;

    fn name(&self) -> &'static str {
        "table"
    }

    fn base(&self) -> Result<Table<'a>> {
        Ok(Table { policy: Tabular::crowd(self.lexicon), read: None })
    }

    fn policy<'b>(&'b self, state: &'b Table<'a>, drawing: &Drawing<'b>) -> Result<Box<dyn Policy + 'b>> {
        if drawing.chat {
            bail!(Impossible::Probe { what: "a chat template", holder: self.name() });
        }
        Ok(Box::new(state.policy.clone().at_temperature(drawing.temperature)))
    }

    fn train(
        &self,
        from: &Table<'a>,
        objective: &Objective<'_, Table<'a>>,
        _training: &Training<'_>,
        _observer: &mut Observer<'_, Table<'a>>,
    ) -> Result<Trained<Table<'a>>> {
        let state = match objective.plain(self.name())? {
            Plain::Likelihood(Spans::Whole(examples)) => self.imitate(from, examples)?,
            Plain::Likelihood(Spans::Steps(examples)) => {
                let examples: Vec<Example> = examples.iter().flat_map(StepExample::examples).collect();
                self.imitate(from, &examples)?
            }
            Plain::Preference(pairs, DpoNll { beta, nll }) => {
                let settings = PairSettings { beta, nll, ..PairSettings::default() };
                Table { policy: from.policy.learn_pairs(pairs, &settings)?.policy, read: None }
            }
        };
        Ok(Trained { state, report: TrainReport::default() })
    }

    fn meter<'b>(&'b self, _state: &'b Table<'a>) -> Result<Box<dyn Meter + 'b>> {
        Ok(Box::new(NoMeter))
    }

    fn exact(&self) -> Option<&dyn Exact<Table<'a>>> {
        Some(self)
    }
}

impl<'a> Exact<Table<'a>> for TableLearner<'a> {
    fn errors(&self, state: &Table<'a>, problems: &[Problem]) -> Result<[f64; 2]> {
        let at = |temperature: f64| state.policy.clone().at_temperature(temperature).error(problems);
        Ok([at(0.0)?, at(1.0)?])
    }

    fn values(&self, state: &Table<'a>, temperature: f64, episode: &Episode) -> Result<StepValues> {
        let policy = &state.policy.clone().at_temperature(temperature);
        let exact = Estimator { policy, completer: Completer::BestOf { k: 1 } };
        exact.estimate(std::slice::from_ref(episode))?.pop().context("one value for one solution")
    }
}

/// A table has neither tokens nor operations to count; its words are what white space separates.
struct NoMeter;

impl Meter for NoMeter {
    fn tokens(&self, text: &str) -> Result<usize> {
        Ok(text.split_whitespace().count())
    }

    fn operations(&self) -> Operations {
        Operations::default()
    }
}
