//! Texts to the sequences that training reads.

use crate::batch::Segmented;
use crate::tokenizer::Tokenizer;
use crate::trainer::TrainError;
use eightfold_task::{StepExample, Target};

/// The tokens of a prompt and of its targets, the end of text included where a target ends.
///
/// # Errors
/// If there is a word that the vocabulary lacks, the prompt is empty, or a text does not fit the context.
pub(crate) fn encode<const N: usize>(
    tokenizer: &Tokenizer,
    context: usize,
    prompt: &str,
    targets: [&Target; N],
) -> Result<(Vec<u32>, [Vec<u32>; N]), TrainError> {
    let start = |text: &str| text.chars().take(40).collect();
    let read = tokenizer.encode(prompt)?;
    let mut sides = [const { Vec::new() }; N];
    for (side, target) in sides.iter_mut().zip(targets) {
        if read.is_empty() {
            return Err(TrainError::EmptyPrompt { target: start(&target.text) });
        }
        *side = tokenizer.encode(&target.text)?;
        if target.ends {
            side.push(tokenizer.end());
        }
        let tokens = read.len() + side.len();
        // The last token of a target is predicted, never read.
        if tokens > context + usize::from(!side.is_empty()) {
            return Err(TrainError::TooLong { tokens, context, start: start(prompt) });
        }
    }
    Ok((read, sides))
}

/// The tokens of an example in steps, the end of text included in the last step where it belongs there.
///
/// # Errors
/// As [`encode`].
pub(crate) fn encode_steps(
    tokenizer: &Tokenizer,
    context: usize,
    example: &StepExample,
) -> Result<Segmented, TrainError> {
    let whole: String = example.steps.iter().map(|step| step.text.as_str()).collect();
    // Checks the prompt and the length of the whole; steps meet at white space, so their tokens add up to it.
    let target = Target { text: whole, ends: example.ends };
    let (prompt, _) = encode(tokenizer, context, &example.prompt, [&target])?;
    let steps = example.steps.iter().map(|step| tokenizer.encode(&step.text));
    let mut segments = steps.collect::<Result<Vec<_>, _>>()?;
    if let Some(last) = segments.last_mut().filter(|_| example.ends) {
        last.push(tokenizer.end());
    }
    Ok(Segmented { prompt, segments })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(
        prompt: &str,
        target: Target,
        context: usize,
    ) -> Result<(Vec<u32>, [Vec<u32>; 1]), TrainError> {
        let tokenizer = Tokenizer::of_words(&["a", "b", "c"].map(String::from));
        encode(&tokenizer, context, prompt, [&target])
    }

    #[test]
    fn the_end_belongs_to_whole_targets() {
        assert_eq!(encoded("a", Target::whole("b c"), 9).unwrap(), (vec![2], [vec![3, 4, 1]]));
        assert_eq!(encoded("a", Target::part("b c"), 9).unwrap(), (vec![2], [vec![3, 4]]));
    }

    #[test]
    fn one_token_more_than_the_context_is_predicted() {
        assert!(encoded("a a", Target::whole("b"), 3).is_ok());
        let error = encoded("a a", Target::whole("b c"), 3).unwrap_err();
        let TrainError::TooLong { tokens: 5, context: 3, start } = &error else { panic!("{error}") };
        assert_eq!(start, "a a");
        assert!(encoded("a a a", Target::part(""), 3).is_ok());
        assert!(matches!(encoded("a a a a", Target::part(""), 3), Err(TrainError::TooLong { .. })));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let error = encoded("a", Target::whole("b d"), 9).unwrap_err();
        assert_eq!(error.to_string(), "the vocabulary has no token for \"d\"");
        let error = encoded(" ", Target::whole("b"), 9).unwrap_err();
        assert_eq!(error.to_string(), "a prompt is empty; its target begins \"b\"");
    }
}
