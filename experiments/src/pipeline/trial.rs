//! A cell with its world and its learner: what a method may ask for. What is asked for twice is computed once.

use super::cell::{Cell, RECIPE, Sampling, digest};
use super::error::Impossible;
use super::learner::{Learner, Moment, Phase, Trained, Training};
use super::ledger::{self, Ledger, StageCost};
use super::measuring::Measuring;
use super::method::Point;
use super::metrics::{Data, TrainingCurve};
use super::objective::{Likelihood, Objective, Spans};
use super::stages::{Rollouts, Stages};
use super::world::{Split, World};
use anyhow::Result;
use eightfold_gpt::TrainReport;
use eightfold_harness::OnProgress;
use eightfold_task::{Example, Key, Problem};
use eightfold_verifier::Verifier;
use serde::Serialize;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

/// A cell, ready to be run.
pub struct Trial<'a, L: Learner> {
    /// The cell.
    pub cell: &'a Cell,
    /// Its world.
    pub world: &'a dyn World,
    /// Its learner.
    pub learner: &'a L,
    /// What cells share.
    pub stages: &'a Stages,
    /// Hears what is being done.
    pub on_progress: &'a OnProgress<'a>,
    /// The training problems.
    pub problems: Vec<Problem>,
    /// Their given solutions.
    pub given: Vec<Example>,
    states: Known<Start<L::State>>,
    pub(super) drawn: Known<Rollouts>,
    /// Folders of the states that the method itself trained.
    pub(super) own: RefCell<Vec<PathBuf>>,
    /// Name of the draws that no other cell shares.
    pub(super) draws: String,
}

/// What was computed at a point, to be asked for again.
pub(super) type Known<T> = RefCell<Vec<(Point, Rc<T>)>>;

/// A state on the way of supervised training, and what it took.
struct Start<S> {
    trained: Trained<S>,
    cost: StageCost,
    curve: Option<TrainingCurve>,
}

/// A trained policy, what it was trained on and what that cost.
pub struct Learned<S> {
    /// The policy.
    pub state: S,
    /// How its last training went.
    pub report: TrainReport,
    /// What it was trained on.
    pub data: Data,
    /// What it cost.
    pub cost: Ledger,
    /// What was measured on the way.
    pub curve: Option<TrainingCurve>,
}

impl<S> Learned<S> {
    /// A state that learned nothing.
    pub(super) fn unmoved(state: S) -> Self {
        let (report, data) = (TrainReport::default(), Data::default());
        Self { state, report, data, cost: Ledger::default(), curve: None }
    }
}

impl<'a, L: Learner> Trial<'a, L> {
    /// Draws the problems of a cell and looks up their solutions.
    ///
    /// # Errors
    /// If the world has too few problems.
    pub fn new(
        cell: &'a Cell,
        world: &'a dyn World,
        learner: &'a L,
        stages: &'a Stages,
        on_progress: &'a OnProgress<'a>,
    ) -> Result<Self> {
        let problems = world.problems(Split::Train, cell.problems, cell.seed)?;
        let given = world.given(&problems, cell.seed)?;
        let draws = format!("draws-{}", digest(&cell.id()));
        let (states, drawn, own) = (RefCell::default(), RefCell::default(), RefCell::default());
        Ok(Self { cell, world, learner, stages, on_progress, problems, given, states, drawn, own, draws })
    }

    /// The cell's sampling.
    ///
    /// # Errors
    /// If it has none.
    pub fn sampling(&self) -> Result<&'a Sampling> {
        let method = self.cell.method.name();
        Ok(self.cell.sampling.as_ref().ok_or(Impossible::Key { method, key: "sampling" })?)
    }

    /// Who judges samples and rollouts.
    ///
    /// # Errors
    /// If the cell has no sampling.
    pub fn verifier(&self) -> Result<Box<dyn Verifier + 'a>> {
        Ok(self.sampling()?.verifier(self.world.verifier(), self.cell.seed))
    }

    /// Root of the random streams of the method's own training.
    pub(super) fn key(&self) -> Key {
        Key::new(self.cell.seed, "train").with_text(self.cell.method.name())
    }

    /// All that the state at a point depends on.
    pub(super) fn start_key(&self, point: Point) -> impl Serialize {
        let Cell { world, learner, problems, seed, .. } = self.cell;
        (RECIPE, point, world.clone(), learner.start(), *problems, *seed)
    }

    /// A state on the way of supervised training.
    ///
    /// # Errors
    /// If there is no base, or training fails.
    pub fn state(&self, point: Point) -> Result<L::State> {
        match point {
            Point::Base => self.learner.base(),
            Point::Sft | Point::SftAt(_) => Ok(self.start(point)?.trained.state.clone()),
        }
    }

    fn start(&self, point: Point) -> Result<Rc<Start<L::State>>> {
        if let Some((_, known)) = self.states.borrow().iter().find(|(known, _)| *known == point) {
            return Ok(known.clone());
        }
        let key = self.start_key(point);
        let name = format!("sft-{}", digest(&("sft", &key)));
        let mut curve = None;
        let (trained, cost) = self.stages.trained(
            self.learner,
            &name,
            || Ok(serde_json::to_value(&key)?),
            || {
                let phase = match point {
                    Point::SftAt(updates) => Phase::SftUntil(updates),
                    Point::Base | Point::Sft => Phase::Sft,
                };
                let base = self.learner.base()?;
                let objective = Objective::Likelihood(Likelihood::of(Spans::Whole(&self.given)));
                let key = Key::new(self.cell.seed, "sft");
                let trained = self.trained(&base, &objective, phase, key, &mut curve)?;
                Ok(trained)
            },
        )?;
        let start = Rc::new(Start { trained, cost, curve });
        self.states.borrow_mut().push((point, start.clone()));
        Ok(start)
    }

    /// Supervised training as the method itself.
    pub(super) fn supervised(&self) -> Result<Learned<L::State>> {
        let start = self.start(Point::Sft)?;
        Ok(Learned {
            state: start.trained.state.clone(),
            report: start.trained.report.clone(),
            data: Data { items: self.given.len(), ..Data::default() },
            cost: Ledger { sft: start.cost, ..Ledger::default() },
            curve: start.curve.clone(),
        })
    }

    /// What the states of supervised training that were asked for cost.
    fn sft_cost(&self) -> StageCost {
        let states = self.states.borrow();
        // A later state of one run has the earlier ones behind it.
        let costs = states.iter().map(|(_, start)| start.cost);
        costs.max_by(|a, b| a.trained.cmp(&b.trained)).unwrap_or_default()
    }

    /// The method's own training. Without an item nothing moves.
    pub(super) fn train(
        &self,
        from: &L::State,
        objective: &Objective<'_, L::State>,
        phase: Phase,
        key: Key,
        data: Data,
        cost: Ledger,
    ) -> Result<Learned<L::State>> {
        let data = Data { items: objective.items(), ..data };
        let mut cost = Ledger { sft: self.sft_cost(), ..cost };
        if objective.items() == 0 {
            let curve = self.unmoved_curve(from)?;
            let report = TrainReport::default();
            return Ok(Learned { state: from.clone(), report, data, cost, curve });
        }
        let mut curve = None;
        let mut train = || self.trained(from, objective, phase, key, &mut curve);
        let everything = self.learner.kept().is_some_and(|kept| kept.everything());
        let (trained, paid) = if everything {
            let name = format!("trained-{}", digest(&("trained", RECIPE, self.cell, key.below(1 << 30))));
            self.own.borrow_mut().push(self.stages.path(&name));
            let made_by = || Ok(serde_json::to_value(self.cell)?);
            self.stages.trained(self.learner, &name, made_by, train)?
        } else {
            train()?
        };
        cost.training = paid;
        Ok(Learned { state: trained.state, report: trained.report, data, cost, curve })
    }

    /// Trains, measures on the way where the learner is measured, and counts what it took.
    fn trained(
        &self,
        from: &L::State,
        objective: &Objective<'_, L::State>,
        phase: Phase,
        key: Key,
        curve: &mut Option<TrainingCurve>,
    ) -> Result<(Trained<L::State>, StageCost)> {
        let start = Instant::now();
        let name = match phase {
            Phase::Sft | Phase::SftUntil(_) => "sft",
            Phase::Method => self.cell.method.name(),
        };
        let training = Training { phase, seed: self.cell.seed, key, name, on_progress: self.on_progress };
        let mut measuring = match phase {
            Phase::SftUntil(_) => None,
            Phase::Sft | Phase::Method => self.measuring()?,
        };
        let mut failure = None;
        let mut observe = |moment: Moment<'_, L::State>| {
            if let (Some(measuring), None) = (&mut measuring, &failure) {
                failure = measuring.hear(moment).err();
            }
        };
        let trained = self.learner.train(from, objective, &training, &mut observe)?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        *curve = measuring.map(|measuring| measuring.curve);
        let seconds = start.elapsed().as_secs_f64();
        let meter = self.learner.meter(from)?;
        let cost = ledger::training(&*meter, objective, &trained.report, self.learner.passes(), seconds)?;
        Ok((trained, cost))
    }

    fn measuring(&self) -> Result<Option<Measuring<'_, L>>> {
        if self.learner.measured().is_none() {
            return Ok(None);
        }
        let evaluation = &self.cell.evaluation;
        let held_out = self.world.problems(evaluation.split, evaluation.problems, 0)?;
        let curve = TrainingCurve::default();
        Ok(Some(Measuring {
            learner: self.learner,
            train: &self.problems,
            held_out,
            curve,
            since: Vec::new(),
        }))
    }

    /// The curve of a training without an item: nothing moves, from the first update to the last.
    fn unmoved_curve(&self, state: &L::State) -> Result<Option<TrainingCurve>> {
        let Some(mut measuring) = self.measuring()? else { return Ok(None) };
        let updates = self.learner.measured().map_or(0, |measured| measured.updates());
        for update in [0, updates] {
            measuring.push(update, state)?;
        }
        // The loss of a margin of 0.
        measuring.curve.loss = vec![std::f64::consts::LN_2; 2];
        Ok(Some(measuring.curve))
    }
}
