//! How many problems are solved by at least one of k samples.

use super::Subject;
use crate::pipeline::{Learner, PassAtK};
use anyhow::Result;
use eightfold_advantage::pass_at_k;
use eightfold_synth::{Trace, draw_samples};

impl PassAtK {
    /// Of the same number of samples for each problem.
    fn of(traces: &[Trace], samples: usize) -> Self {
        let share = |k: usize| {
            let each = traces.iter().map(|trace| pass_at_k(samples, trace.positives().count(), k));
            each.sum::<f64>() / traces.len() as f64
        };
        let ks = std::iter::successors(Some(1), |k| Some(2 * k)).take_while(|k| *k <= samples);
        Self { problems: traces.len(), passed: ks.map(|k| (k, share(k))).collect() }
    }
}

pub(super) fn measure<L: Learner>(
    subject: &Subject<'_, L>,
    problems: usize,
    samples: usize,
) -> Result<PassAtK> {
    let (trial, evaluation) = (subject.trial, &subject.trial.cell.evaluation);
    let mut held_out = trial.world.problems(evaluation.split, evaluation.problems, 0)?;
    held_out.truncate(problems);
    let policy = trial.policy(subject.policy, 1.0)?;
    // Streams of their own: those of seed 0 are the samples of the evaluation.
    let traces = draw_samples(&*policy, trial.world.verifier(), &held_out, samples, 1)?;
    Ok(PassAtK::of(&traces, samples))
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
    use eightfold_verifier::LexiconAnswer;

    #[test]
    fn more_tries_solve_more_and_all_of_them_what_was_solved() {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let problems = lexicon.problems(40, 0, "validation");
        let traces = draw_samples(&Tabular::crowd(&lexicon), &LexiconAnswer, &problems, 8, 0).unwrap();
        let measured = PassAtK::of(&traces, 8);
        let ks: Vec<usize> = measured.passed.iter().map(|(k, _)| *k).collect();
        assert_eq!((measured.problems, ks), (40, vec![1, 2, 4, 8]));
        assert!(measured.passed.windows(2).all(|two| two[0].1 < two[1].1), "{measured:?}");
        let right: usize = traces.iter().map(|trace| trace.positives().count()).sum();
        let solved = traces.iter().filter(|trace| trace.positives().next().is_some()).count();
        assert!((measured.passed[0].1 - right as f64 / 320.0).abs() < 1e-12);
        assert!((measured.passed[3].1 - solved as f64 / 40.0).abs() < 1e-12);
    }
}
