//! RFT's examples with injected steps.

use anyhow::Result;
use eightfold_synth::{Rejection, Trace};
use eightfold_task::lexicon::{Injection, Lexicon, Story};
use eightfold_task::{Example, Key, Target};

/// Examples, and how much was injected into them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct InjectedExamples {
    /// The examples: those of plain RFT in number and order.
    pub(super) examples: Vec<Example>,
    /// Steps that were replaced.
    pub(super) replaced: usize,
    /// Steps on side branches.
    pub(super) side: usize,
}

/// The examples of RFT with steps injected on their side branches. Each solution keeps its answer. A verified
/// solution with a slip stays as it is.
///
/// # Errors
/// If a question is not a story of the lexicon.
pub(super) fn inject<'a>(
    injection: &Injection,
    rejection: &Rejection,
    lexicon: &Lexicon,
    traces: impl IntoIterator<Item = &'a Trace>,
    seed: u64,
) -> Result<InjectedExamples> {
    let mut all = InjectedExamples { examples: Vec::new(), replaced: 0, side: 0 };
    for trace in traces {
        let story = Story::parse(lexicon, &trace.problem.question)?;
        for mut example in rejection.examples([trace], seed) {
            let text = &example.target.text;
            let key = Key::new(seed, "injection").with_text(&trace.problem.question).with_text(text);
            if let Some(injected) = injection.apply(lexicon, &story, text, key) {
                (all.replaced, all.side) = (all.replaced + injected.replaced, all.side + injected.side);
                example.target = Target::whole(injected.text);
            }
            all.examples.push(example);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_synth::draw_samples;
    use eightfold_task::lexicon::{Injected, LexiconConfig, Tabular};
    use eightfold_verifier::{LexiconAnswer, Verifier};

    #[test]
    fn injected_solutions_are_still_verified() {
        let lexicon = Lexicon::new(LexiconConfig::branching()).unwrap();
        let problems = lexicon.problems(40, 0, "train");
        let traces = draw_samples(&Tabular::crowd(&lexicon), &LexiconAnswer, &problems, 8, 0).unwrap();
        let rejection = Rejection::default();
        let plain = rejection.examples(&traces, 3);
        let at = |rate, step| inject(&Injection { rate, step }, &rejection, &lexicon, &traces, 3).unwrap();
        for step in [Injected::Misreading, Injected::Truth] {
            assert_eq!(at(0.0, step).examples, plain);
            let all = at(1.0, step);
            assert!(all.replaced == all.side && all.side > plain.len());
            for (example, plain) in all.examples.iter().zip(&plain) {
                let problem = problems.iter().find(|problem| problem.prompt() == example.prompt).unwrap();
                assert!(LexiconAnswer.verify(problem, &example.target.text).is_correct());
                assert_eq!(example.prompt, plain.prompt);
            }
        }
    }
}
