//! Another advantage estimator: every step shares the blame equally, whatever came of it.

use eightfold_advantage::{AdvantageEstimator, Episode, EstimateError, StepValues};
use eightfold_segment::Lines;
use eightfold_synth::draw_samples;
use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
use eightfold_verifier::{LexiconAnswer, Verifier};

/// Values that lead in a straight line from `before` to the verdict.
struct EqualBlame {
    before: f64,
}

impl AdvantageEstimator for EqualBlame {
    fn estimate(&self, episodes: &[Episode]) -> Result<Vec<StepValues>, EstimateError> {
        let values = |episode: &Episode| {
            let (steps, end) =
                (episode.steps.len(), LexiconAnswer.verify(&episode.problem, episode.steps.text()));
            let share = |i: usize| (i + 1) as f64 / steps as f64;
            let q = |i| self.before + share(i) * (end.reward() - self.before);
            StepValues::new(Some(self.before), (0..steps).map(q).collect())
        };
        Ok(episodes.iter().map(values).collect())
    }
}

fn main() -> anyhow::Result<()> {
    let lexicon = Lexicon::new(LexiconConfig::default())?;
    let problems = lexicon.problems(2, 0, "example");
    for trace in draw_samples(&Tabular::crowd(&lexicon), &LexiconAnswer, &problems, 1, 0)? {
        let episode = Episode::new(trace.problem, &trace.samples[0].completion.text, &Lines);
        let values = EqualBlame { before: 0.5 }.estimate(std::slice::from_ref(&episode))?;
        for (i, step) in episode.steps.iter().enumerate() {
            println!("{:+.2}  {}", values[0].advantage(i).unwrap_or(0.0), step.trim_end());
        }
    }
    Ok(())
}
