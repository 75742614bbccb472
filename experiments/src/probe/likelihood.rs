//! How likely the base finds the teacher's solutions and the policy's own, of the same problems.

use super::Subject;
use crate::pipeline::{BaseLikelihood, Learner, Point, SourceLikelihood};
use anyhow::{Result, ensure};
use eightfold_synth::{Keep, Rejection};
use eightfold_task::lexicon::{CONNECTIVES, Operation, Story, replay};
use eightfold_task::{Example, Problem, Target};
use std::collections::HashMap;

/// Lower end, in nats, and number of the histogram's bins, which end at 0; what is less likely counts in the first.
pub const BINS: (f64, usize) = (-60.0, 24);

impl SourceLikelihood {
    /// The whole log-probability, in nats a solution.
    pub fn total(&self) -> f64 {
        self.phrasing + self.readings + self.copying
    }
}

pub(super) fn measure<L: Learner>(subject: &Subject<'_, L>) -> Result<BaseLikelihood> {
    let drawn = subject.trial.rollouts(Point::Sft)?;
    let store = &drawn.store;
    // As drawn: a problem's solution is drawn as often as the policy writes it.
    let one = Rejection { keep: Keep::AsDrawn, cap: Some(1) };
    let own = one.examples(store.traces(), subject.trial.cell.seed);
    let teacher: HashMap<&str, &Example> =
        subject.trial.given.iter().map(|e| (e.prompt.as_str(), e)).collect();
    let teacher: Vec<&Example> = own.iter().filter_map(|e| teacher.get(e.prompt.as_str()).copied()).collect();
    ensure!(teacher.len() == own.len(), "a sample belongs to no synthetic problem");
    ensure!(!own.is_empty(), "no problem has a verified sample");
    let base = subject.trial.learner.base()?;
    let own: Vec<&Example> = own.iter().collect();
    Ok(BaseLikelihood {
        problems: own.len(),
        teacher: source(subject, &base, &teacher)?,
        own: source(subject, &base, &own)?,
    })
}

fn source<L: Learner>(
    subject: &Subject<'_, L>,
    base: &L::State,
    examples: &[&Example],
) -> Result<SourceLikelihood> {
    let texts: Vec<(String, Target)> =
        examples.iter().map(|e| (e.prompt.clone(), e.target.clone())).collect();
    let mut out = SourceLikelihood { histogram: vec![0; BINS.1], ..SourceLikelihood::default() };
    let (mut steps, mut readings) = (0, 0);
    for (example, logps) in examples.iter().zip(subject.distributions()?.token_logps(base, &texts)?) {
        let kinds = kinds(&example.target.text);
        ensure!(logps.len() == kinds.len() + 1, "a token of the text is not a token of the network");
        // The end of text comes last and is form, like what is copied.
        for (kind, logp) in kinds.iter().chain([&Kind::Copied]).zip(&logps) {
            *match kind {
                Kind::Opening | Kind::Connective => &mut out.phrasing,
                Kind::Reading => &mut out.readings,
                Kind::Copied => &mut out.copying,
            } += logp;
        }
        let total: f64 = logps.iter().sum();
        out.histogram[bin(total)] += 1;
        out.tokens += logps.len() as f64;
        out.phrased += kinds.iter().filter(|kind| **kind == Kind::Connective).count() as f64;
        steps += kinds.iter().filter(|kind| matches!(kind, Kind::Opening | Kind::Connective)).count();
        let question = example.prompt.trim_end();
        let story = Story::parse(subject.lexicon()?, &Problem::new(question, "").question)?;
        let replay = replay(subject.lexicon()?, &story, &example.target.text);
        readings += replay.readings.len();
        out.misread += replay.readings.iter().filter(|reading| !reading.right).count() as f64;
    }
    let count = examples.len() as f64;
    for mean in [&mut out.phrasing, &mut out.readings, &mut out.copying, &mut out.tokens] {
        *mean /= count;
    }
    out.phrased /= (steps as f64).max(1.0);
    out.misread /= (readings as f64).max(1.0);
    Ok(out)
}

fn bin(total: f64) -> usize {
    let (low, bins) = BINS;
    let place = (total - low) / -low * bins as f64;
    (place.max(0.0) as usize).min(bins - 1)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The first token of a step without a connective.
    Opening,
    Connective,
    Reading,
    Copied,
}

/// The kind of each token of a solution.
fn kinds(text: &str) -> Vec<Kind> {
    let mut kinds = Vec::new();
    for line in text.lines() {
        for (i, token) in line.split_whitespace().enumerate() {
            kinds.push(match token {
                _ if CONNECTIVES.contains(&token) => Kind::Connective,
                _ if Operation::from_token(token).is_some() => Kind::Reading,
                _ if i == 0 && token != "answer" => Kind::Opening,
                _ => Kind::Copied,
            });
        }
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_one_opening() {
        use Kind::*;
        let found = kinds("Ann is Ann 7 .\nso Bob daxes Ann 7 +2 Bob 9 .\nanswer Bob 9");
        let mut expected = vec![Opening, Copied, Copied, Copied, Copied];
        expected.extend([Connective, Copied, Copied, Copied, Copied, Reading, Copied, Copied, Copied]);
        expected.extend([Copied; 3]);
        assert_eq!(found, expected);
    }

    #[test]
    fn bins_cover_every_log_probability() {
        assert_eq!([-1e9, -60.0, -57.4, -0.1, 0.0].map(bin), [0, 0, 1, 23, 23]);
    }
}
