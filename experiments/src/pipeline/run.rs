//! The method, on one screen: from a cell to its metrics.

use super::evaluate::evaluate;
use super::learner::{Learner, Phase};
use super::method::{Method, Preferring};
use super::metrics::{Data, Metrics};
use super::objective::{Likelihood, Objective, Preference, Reference};
use super::trial::{Learned, Trial};
use anyhow::Result;

/// Improves the learner of a trial by its cell's method and evaluates it. Everything that can change the result is in the
/// cell. Gives the policy too, for probes.
///
/// # Errors
/// [`super::Impossible`] if world, learner and method do not go together; training that diverges; a cache that cannot be
/// used.
pub fn run<L: Learner>(trial: &Trial<'_, L>) -> Result<(Metrics, L::State)> {
    let learned = learn(trial)?;
    let scores = evaluate(trial.cell, trial.world, trial.learner, &learned.state, trial.on_progress)?;
    let problems = trial.problems.len();
    let refused = problems - trial.given.len();
    let metrics = Metrics {
        error: scores.error,
        error_t1: scores.error_t1,
        pass_k: scores.pass_k,
        faults: scores.faults,
        answers: scores.answers,
        data: Data { problems, refused, ..learned.data },
        cost: super::Ledger { evaluation: scores.cost, ..learned.cost },
        training: learned.report,
        curve: learned.curve,
        probed: None,
    };
    Ok((metrics, learned.state))
}

/// What each method makes of the learner.
fn learn<L: Learner>(trial: &Trial<'_, L>) -> Result<Learned<L::State>> {
    match &trial.cell.method {
        Method::Untrained { .. } => Ok(Learned::unmoved(trial.learner.base()?)),
        Method::Sft {} => trial.supervised(),
        Method::Imitate(imitation) => {
            let texts = trial.texts(imitation)?;
            let start = trial.state(imitation.start)?;
            let mut likelihood = Likelihood::of(texts.spans());
            likelihood.tempered = texts.tempered;
            let objective = Objective::Likelihood(likelihood);
            trial.train(
                &start,
                &objective,
                Phase::Method,
                trial.key(),
                texts.data.clone(),
                texts.cost.clone(),
            )
        }
        Method::Prefer(preferring) => {
            let pairs = trial.pairs(preferring)?;
            let start = trial.state(preferring.start)?;
            let first =
                prefer(trial, preferring, &start, &pairs.pairs, Round { number: 0, ..pairs.round() })?;
            match preferring.second {
                None => Ok(first),
                Some(second) => {
                    let again = trial.second_round(second, preferring, &pairs, &first)?;
                    let mut last = prefer(trial, preferring, &first.state, &again.pairs, again.round())?;
                    last.cost.training = last.cost.training + first.cost.training;
                    Ok(last)
                }
            }
        }
        Method::Online(online) => super::online::learn(trial, online),
    }
}

pub(super) use super::pairs::Round;

/// Trains a state on pairs.
fn prefer<L: Learner>(
    trial: &Trial<'_, L>,
    preferring: &Preferring,
    start: &L::State,
    pairs: &[eightfold_task::Pair],
    round: Round,
) -> Result<Learned<L::State>> {
    let other;
    let reference = if round.number > 0 || preferring.reference == preferring.start {
        Reference::Start
    } else {
        other = trial.state(preferring.reference)?;
        Reference::Other(&other)
    };
    let Preferring { loss, anchor, .. } = *preferring;
    let objective = Objective::Preference(Preference { pairs, loss, anchor, reference });
    let key = if round.number == 0 { trial.key() } else { trial.key().with(round.number) };
    trial.train(start, &objective, Phase::Method, key, round.data, round.cost)
}
