//! What each step of a policy is worth to the frozen SFT policy as completer.
//!
//! Two measurements. Whole: the policy writes its own solutions, and Q is taken as they grow. Step by step: the
//! SFT policy's solutions are the prefixes, the policy under study writes one next step, and Q is taken after it;
//! all policies are then compared at the same prefixes, and a step is not credited with what came before it.

use super::Subject;
use crate::pipeline::{Gain, GainSettings, Gains, Learner, Split};
use anyhow::Result;
use eightfold_advantage::Rollouts;
use eightfold_segment::{Lines, Segmenter, Steps};
use eightfold_synth::{Trace, draw_samples};
use eightfold_task::lexicon::{Count, Lexicon, Story, replay, replay_prefix};
use eightfold_task::{Completion, Draw, Key, Policy, Problem};
use eightfold_verifier::Verifier;

/// Shares of a solution's steps at which Q is taken, the answer line not counted.
pub const PROGRESS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

impl Gain {
    fn add(&mut self, q: f64, right: bool) {
        self.steps += 1;
        self.q += q;
        self.right += f64::from(u8::from(right));
    }

    fn mean(self) -> Self {
        let steps = (self.steps as f64).max(1.0);
        Self { q: self.q / steps, right: self.right / steps, ..self }
    }
}

/// A prefix to be valued: a problem and the text so far.
struct Prefix<'a> {
    problem: &'a Problem,
    text: String,
}

pub(super) fn measure<L: Learner>(subject: &Subject<'_, L>, settings: &GainSettings) -> Result<Gains> {
    let (trial, seed) = (subject.trial, subject.trial.cell.seed);
    let problems = trial.world.problems(Split::Probe, settings.problems, 0)?;
    let temperature = trial.cell.sampling.as_ref().map_or(1.0, |sampling| sampling.temperature);
    let completer = trial.policy(&subject.sft, temperature)?;
    let writer = trial.policy(subject.policy, temperature)?;
    let verifier = trial.world.verifier();
    let value = |prefixes: &[Prefix]| values(&*completer, verifier, settings, prefixes, seed);

    let own = draw_samples(&*writer, verifier, &problems, 1, seed)?;
    let progress = progress(&own, &value)?;
    let frozen = draw_samples(&*completer, verifier, &problems, 1, seed)?;
    let [critical, other, critical_marked, other_marked] =
        steps(subject.lexicon()?, &*writer, &frozen, &value, seed)?;
    Ok(Gains { progress, critical, other, critical_marked, other_marked })
}

type Value<'a> = dyn Fn(&[Prefix]) -> Result<Vec<f64>> + 'a;

/// Mean value of growing solutions.
fn progress(traces: &[Trace], value: &Value) -> Result<[f64; 5]> {
    let mut prefixes = Vec::new();
    for trace in traces {
        let steps = Lines.segment(&trace.samples[0].completion.text);
        // The answer line decides; before it there is still something to be won.
        let written = steps.len().saturating_sub(1) as f64;
        prefixes.extend(PROGRESS.map(|share| Prefix {
            problem: &trace.problem,
            text: steps.prefix((share * written).round() as usize).to_owned(),
        }));
    }
    let values = value(&prefixes)?;
    let mean = |i: usize| {
        let at: Vec<f64> = values.iter().skip(i).step_by(PROGRESS.len()).copied().collect();
        at.iter().sum::<f64>() / (at.len() as f64).max(1.0)
    };
    Ok(std::array::from_fn(mean))
}

/// A place in a frozen solution at which the policy under study writes one step.
struct Place<'a> {
    problem: &'a Problem,
    story: Story,
    steps: Steps,
    /// Which step, from 0. Every step is about one person, in the order of the story.
    at: usize,
}

/// The places of frozen solutions without a slip at which a word is read.
fn places<'a>(lexicon: &Lexicon, frozen: &'a [Trace]) -> Result<Vec<Place<'a>>> {
    let mut places = Vec::new();
    for Trace { problem, samples } in frozen {
        let (story, text) = (Story::parse(lexicon, &problem.question)?, &samples[0].completion.text);
        let replay = replay(lexicon, &story, text);
        if replay.is_clean() {
            let place = |at| Place { problem, story: story.clone(), steps: Lines.segment(text), at };
            places.extend(replay.readings.iter().map(|reading| place(reading.step)));
        }
    }
    Ok(places)
}

/// One step of the writer at each place: critical steps, others, and of both those with a word that means
/// something else on side branches.
fn steps(
    lexicon: &Lexicon,
    writer: &dyn Policy,
    frozen: &[Trace],
    value: &Value,
    seed: u64,
) -> Result<[Gain; 4]> {
    let (root, places) = (Key::new(seed, "probe step"), places(lexicon, frozen)?);
    let draw = |Place { problem, steps, at, .. }: &Place| Draw {
        prompt: problem.prompt() + steps.prefix(*at),
        key: root.with_text(&problem.question).with(*at as u64),
    };
    let written = writer.complete(&places.iter().map(draw).collect::<Vec<_>>())?;
    let prefix = |(place, completion): (&Place<'_>, &Completion)| {
        let lines = Lines.segment(&completion.text);
        let step = if lines.is_empty() { "" } else { lines.step(0) };
        format!("{}{step}", place.steps.prefix(place.at))
    };
    let texts: Vec<String> = places.iter().zip(&written).map(prefix).collect();
    let prefixes: Vec<Prefix> = places
        .iter()
        .zip(&texts)
        .map(|(place, text)| Prefix { problem: place.problem, text: text.clone() })
        .collect();
    let mut gains = [Gain::default(); 4];
    for ((Place { story, at, .. }, text), q) in places.iter().zip(&texts).zip(value(&prefixes)?) {
        let replay = replay_prefix(lexicon, story, text);
        let right = replay.readings.iter().any(|r| r.step == *at && r.right);
        let kind = usize::from(!story.needed()[*at]);
        gains[kind].add(q, right);
        if has_two_meanings(lexicon, story, *at) {
            gains[2 + kind].add(q, right);
        }
    }
    Ok(gains.map(Gain::mean))
}

/// Whether the word that defines a person means something else on side branches.
fn has_two_meanings(lexicon: &Lexicon, story: &Story, person: usize) -> bool {
    match story.people()[person].count {
        Count::Given(_) => false,
        Count::Related { word, .. } => {
            let relation = &lexicon.relations()[word];
            relation.meaning(true) != relation.meaning(false)
        }
    }
}

/// Estimated value of each prefix. A prefix that ends in an answer is worth its verdict.
fn values(
    completer: &dyn Policy,
    verifier: &dyn Verifier,
    settings: &GainSettings,
    prefixes: &[Prefix],
    seed: u64,
) -> Result<Vec<f64>> {
    let root = Key::new(seed, "probe rollout");
    let mut draws = Vec::with_capacity(prefixes.len() * settings.rollouts);
    for Prefix { problem, text } in prefixes {
        let (prompt, key) = (problem.prompt() + text, root.with_text(&problem.question).with_text(text));
        draws
            .extend((0..settings.rollouts).map(|i| Draw { prompt: prompt.clone(), key: key.with(i as u64) }));
    }
    let mut completions = completer.complete(&draws)?.into_iter();
    let value = |Prefix { problem, text }: &Prefix| {
        let mut rollouts = Rollouts::default();
        for completion in completions.by_ref().take(settings.rollouts) {
            let whole = format!("{text}{}", completion.text);
            let success = completion.finished && verifier.verify(problem, &whole).is_correct();
            rollouts.draws.push(success.then_some(completion.text));
        }
        rollouts.value(settings.completer)
    };
    Ok(prefixes.iter().map(value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_advantage::Completer;
    use eightfold_task::lexicon::{LexiconConfig, Readings, Tabular};
    use eightfold_verifier::LexiconAnswer;

    /// Measures a tabular writer against a tabular completer, as the probe does with networks.
    fn measured(lexicon: &Lexicon, writer: &Tabular, completer: &Tabular) -> [Gain; 4] {
        let settings = GainSettings { problems: 150, rollouts: 20, completer: Completer::BestOf { k: 1 } };
        let problems = lexicon.problems(settings.problems, 0, "probe");
        let frozen = draw_samples(completer, &LexiconAnswer, &problems, 1, 0).unwrap();
        let value = |prefixes: &[Prefix]| values(completer, &LexiconAnswer, &settings, prefixes, 0);
        steps(lexicon, writer, &frozen, &value, 0).unwrap()
    }

    #[test]
    fn what_is_learned_of_words_shows_in_q_at_critical_steps_alone() {
        let config = LexiconConfig { side_readings: 0.5, ..LexiconConfig::default() };
        let lexicon = Lexicon::new(config).unwrap();
        let truth = |word: usize| -> Readings {
            let mut row = Readings::default();
            row[lexicon.relations()[word].operation.index()] = 1.0;
            row
        };
        let truth = Tabular::new(&lexicon, (0..64).map(truth).collect()).unwrap();
        let crowd = Tabular::crowd(&lexicon);
        let (before, after) = (measured(&lexicon, &crowd, &crowd), measured(&lexicon, &truth, &crowd));
        assert!(before.iter().zip(&after).all(|(b, a)| b.steps == a.steps && a.steps > 40), "{after:?}");
        // A right reading where the answer is at stake; elsewhere Q cannot tell, but for the noise of rollouts.
        assert!(after[0].q - before[0].q > 0.1 && (after[1].q - before[1].q).abs() < 0.03, "{after:?}");
        assert_eq!((after[0].right, after[2].right, after[3].right), (1.0, 1.0, 0.0));
        assert!(after[1].right < 0.9);
    }
}
