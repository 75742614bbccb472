//! One solution of each problem: the policy's own, or the teacher's.

use super::method::Author;
use eightfold_synth::{Fallback, Rejection, Trace};
use eightfold_task::Example;

/// One solution of each problem that has a verified sample: for the policy one of those samples, drawn at
/// random, for the teacher the one in `given`. Both authors are given the same problems.
pub(super) fn one_each<'a>(
    by: Author,
    given: &[Example],
    traces: impl IntoIterator<Item = &'a Trace>,
    seed: u64,
) -> Vec<Example> {
    let traces: Vec<&Trace> = traces.into_iter().collect();
    let own = Rejection { cap: Some(1), ..Rejection::default() }.examples(traces.iter().copied(), seed);
    match by {
        Author::Policy => own,
        Author::Teacher => {
            let known = Fallback::new(given);
            let solved = traces.into_iter().filter(|trace| trace.positives().next().is_some());
            let example = |trace: &Trace| {
                let target = known.solution(&trace.problem)?.clone();
                Some(Example { prompt: trace.problem.prompt(), target, weight: 1.0 })
            };
            solved.filter_map(example).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_synth::draw_samples;
    use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular, Teacher};
    use eightfold_verifier::{LexiconAnswer, Verifier};

    #[test]
    fn both_authors_solve_the_same_problems_once() {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let problems = lexicon.problems(60, 0, "train");
        let given = Teacher::new(&lexicon).examples(&problems, 0).unwrap();
        let traces = draw_samples(&Tabular::crowd(&lexicon), &LexiconAnswer, &problems, 4, 0).unwrap();
        let prompts = |by| -> Vec<String> {
            one_each(by, &given, &traces, 0).into_iter().map(|example| example.prompt).collect()
        };
        let (own, teacher) = (prompts(Author::Policy), prompts(Author::Teacher));
        assert_eq!(own, teacher);
        assert!(
            !own.is_empty() && own.len() < problems.len(),
            "{} problems of {} solved",
            own.len(),
            problems.len()
        );
        for example in one_each(Author::Policy, &given, &traces, 0) {
            let problem = problems.iter().find(|problem| problem.prompt() == example.prompt).unwrap();
            assert!(LexiconAnswer.verify(problem, &example.target.text).is_correct());
        }
        for example in one_each(Author::Teacher, &given, &traces, 0) {
            assert!(given.contains(&example));
        }
    }
}
