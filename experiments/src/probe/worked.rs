//! One wrong solution, step by step: exact values beside those of rollouts, its pit and the pair made from it.

use super::Subject;
use super::readings::table;
use super::wrong::{Wrong, clean};
use crate::pipeline::{Learner, Point, Trial, Worked, WorkedStep};
use anyhow::{Context, Result, bail};
use eightfold_advantage::{AdvantageEstimator, Completer, Episode, Exact, MonteCarlo, PitRule};
use eightfold_synth::{Fallback, PairRule, Record, RolloutStore};
use eightfold_task::Pair;
use eightfold_task::lexicon::{Lexicon, Story, Tabular, replay};
use std::fmt;

impl Worked {
    /// Values after each step, the question first: exact, estimated by rollouts, and the exact value when the
    /// best of `k` draws counts.
    pub fn values(&self) -> Vec<[f64; 3]> {
        let best = Completer::BestOf { k: self.k };
        let values = |exact: f64, successes: usize| {
            [exact, successes as f64 / self.rollouts.max(1) as f64, best.value(exact)]
        };
        let steps = self.steps.iter().map(|step| values(step.exact, step.successes));
        std::iter::once(values(self.start.0, self.start.1)).chain(steps).collect()
    }
}

/// The worked example of figure 6: the first wrong solution of at least five people in which a misreading on a
/// side branch does no harm and a critical one, later, is the pit; where there is none, the first of all.
pub(super) fn pick(lexicon: &Lexicon, wrong: &[Wrong]) -> Result<Option<usize>> {
    for (index, wrong) in wrong.iter().enumerate() {
        let story = Story::parse(lexicon, &wrong.record.trace.problem.question)?;
        let replay = replay(lexicon, &story, wrong.steps.text());
        let harmless = replay.readings.iter().any(|r| !r.right && !r.needed && r.step < wrong.pit);
        if harmless && wrong.critical == Some(wrong.pit) && story.people().len() >= 5 {
            return Ok(Some(index));
        }
    }
    Ok((!wrong.is_empty()).then_some(0))
}

/// Works through one wrong solution with this many rollouts from each prefix.
pub(super) fn work<L: Learner>(
    subject: &Subject<'_, L>,
    wrong: &Wrong,
    table: &Tabular,
    rollouts: usize,
) -> Result<Worked> {
    let (trial, sampling) = (subject.trial, subject.trial.sampling()?);
    let one = Completer::BestOf { k: 1 };
    let problem = &wrong.record.trace.problem;
    let episode = || Episode { problem: problem.clone(), steps: wrong.steps.clone() };
    let exact = Exact { policy: table, completer: one }.estimate(&[episode()])?;
    let exact = exact.first().context("one value for one solution")?;
    let own = MonteCarlo { rollouts, completer: one, pit: PitRule::LowestQ, ..MonteCarlo::default() };
    let search = MonteCarlo { question: true, ..own.in_full() };
    let sampler = trial.policy(&subject.sft, sampling.temperature)?;
    let evidence = search.search(&*sampler, trial.world.verifier(), &[episode()], trial.cell.seed)?;
    let evidence = evidence.first().context("one search for one solution")?;
    let story = Story::parse(subject.lexicon()?, &problem.question)?;
    let replay = replay(subject.lexicon()?, &story, wrong.steps.text());
    let step = |i: usize| WorkedStep {
        text: wrong.steps.step(i).trim_end().to_owned(),
        exact: exact.q(i),
        // The whole solution is wrong: it needs no rollouts.
        successes: evidence.steps.get(i).map_or(0, |rollouts| rollouts.successes()),
        reading: replay.readings.iter().find(|r| r.step == i).map(|r| (r.right, r.needed)),
    };
    Ok(Worked {
        question: problem.question.clone(),
        answer: problem.answer.0.clone(),
        rollouts,
        k: sampling.store.search.completer.draws(),
        start: (exact.question().unwrap_or(0.0), evidence.question.as_ref().map_or(0, |r| r.successes())),
        steps: (0..wrong.steps.len()).map(step).collect(),
        pit: wrong.pit,
        pair: pair(subject, wrong),
    })
}

/// The pair that per-step DPO makes of this solution.
fn pair<L: Learner>(subject: &Subject<'_, L>, wrong: &Wrong) -> Option<Pair> {
    let record = Record { trace: wrong.record.trace.clone(), searches: vec![wrong.search.clone()] };
    let store = RolloutStore { records: vec![record] };
    let trial = subject.trial;
    let set = PairRule::default().pairs(
        &store,
        trial.world.segmenter(),
        &Fallback::new(&trial.given),
        trial.cell.seed,
    );
    set.pairs.into_iter().next()
}

/// Works through wrong solution `nth`, from 0, of a problem.
///
/// # Errors
/// If there is no such problem or no such wrong solution, or a policy fails.
pub fn explain<L: Learner>(
    trial: &Trial<'_, L>,
    problem: usize,
    nth: usize,
    rollouts: usize,
) -> Result<Worked> {
    let sft = trial.state(Point::Sft)?;
    let subject = Subject { trial, policy: &sft, sft: sft.clone() };
    let drawn = trial.rollouts(Point::Sft)?;
    let (problems, lexicon) = (drawn.store.records.len(), subject.lexicon()?);
    let Some(record) = drawn.store.records.get(problem) else {
        bail!("there is no problem {problem}: {problems} were drawn, from 0")
    };
    let store = RolloutStore { records: vec![record.clone()] };
    let (wrong, slipped) = clean(lexicon, &store)?;
    let Some(wrong) = wrong.get(nth) else {
        bail!(
            "problem {problem} has {} wrong solutions without a slip and {slipped} with one: none is number {nth}, \
             from 0",
            wrong.len()
        )
    };
    let table =
        table(lexicon, subject.distributions()?, &subject.sft, &[(&record.trace.problem, &wrong.steps)])?;
    work(&subject, wrong, table.first().context("one table for one solution")?, rollouts)
}

impl fmt::Display for Worked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "question  {}\nanswer    {}\n", self.question, self.answer)?;
        let wide = self.steps.iter().map(|step| step.text.len()).max().unwrap_or(0).max(10);
        let (k, rollouts) = (self.k, self.rollouts);
        writeln!(f, "{:wide$}                            Q                          advantage", "")?;
        writeln!(
            f,
            "    {:wide$}  {:<20}  exact  rollouts  best of {k}   exact  rollouts",
            "step", "reading"
        )?;
        let values = self.values();
        let q = |v: &[f64; 3]| format!("{:5.3}  {:8.3}  {:9.3}", v[0], v[1], v[2]);
        writeln!(f, "    {:wide$}  {:<20}  {}", "(question)", "", q(&values[0]))?;
        for (i, step) in self.steps.iter().enumerate() {
            let reading = match step.reading {
                None => "",
                Some((true, true)) => "right, critical",
                Some((false, true)) => "wrong, critical",
                Some((true, false)) => "right, side branch",
                Some((false, false)) => "wrong, side branch",
            };
            let [before, after] = [values[i], values[i + 1]];
            let mark = if i == self.pit { "pit" } else { "" };
            writeln!(
                f,
                "{mark:3} {:wide$}  {reading:<20}  {}  {:+6.3}  {:+8.3}",
                step.text,
                q(&after),
                after[0] - before[0],
                after[1] - before[1]
            )?;
        }
        writeln!(
            f,
            "\n{rollouts} rollouts from each prefix; the pit is the first from which {k} of {k} failed."
        )?;
        write_pair(f, self.pair.as_ref())
    }
}

fn write_pair(f: &mut fmt::Formatter<'_>, pair: Option<&Pair>) -> fmt::Result {
    let Some(Pair { prompt, chosen, rejected }) = pair else {
        return writeln!(f, "\nNo pair: no verified continuation is known from before the pit.");
    };
    let side = |text: &str| text.trim_end().replace('\n', "\n          ");
    writeln!(f, "\nprompt    {}", side(prompt))?;
    writeln!(f, "chosen    {}", side(&chosen.text))?;
    writeln!(f, "rejected  {}", side(&rejected.text))
}
