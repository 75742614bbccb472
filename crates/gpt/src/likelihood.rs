//! How likely a network finds a text, token by token.

use crate::batch::{Batch, Segmented};
use crate::checkpoint::Checkpoint;
use crate::encode::encode;
use crate::trainer::TrainError;
use eightfold_task::Target;
use std::sync::Arc;

/// Texts read together.
const BATCH: usize = 64;

/// Log-probability, in nats, of each token of each target after its prompt, the end of text included where the
/// target ends.
///
/// # Errors
/// If a text has a word that the vocabulary lacks, no prompt, or more tokens than the context and one.
pub fn token_logps(checkpoint: &Checkpoint, texts: &[(String, Target)]) -> Result<Vec<Vec<f64>>, TrainError> {
    let Checkpoint { gpt, tokenizer } = checkpoint;
    let row = |(prompt, target): &(String, Target)| {
        let (prompt, [target]) = encode(tokenizer, gpt.config().context, prompt, [target])?;
        Ok(Segmented { prompt, segments: target.into_iter().map(|token| vec![token]).collect() })
    };
    let rows = texts.iter().map(row).collect::<Result<Vec<_>, TrainError>>()?;
    let mut out = Vec::with_capacity(rows.len());
    for rows in rows.chunks(BATCH) {
        let mut sums = sums(checkpoint, Batch::segments(rows)).into_iter();
        out.extend(rows.iter().map(|row| sums.by_ref().take(row.segments.len()).collect()));
    }
    Ok(out)
}

/// Log-probability, in nats, of each of `words` as the next word after each prompt.
///
/// # Errors
/// As [`token_logps`], or if a word is not one token.
pub fn next_logps(
    checkpoint: &Checkpoint,
    prompts: &[String],
    words: &[&str],
) -> Result<Vec<Vec<f64>>, TrainError> {
    let Checkpoint { gpt, tokenizer } = checkpoint;
    let tokens = |prompt: &String| {
        let next = Target::part(words.first().copied().unwrap_or_default());
        Ok(encode(tokenizer, gpt.config().context, prompt, [&next])?.0)
    };
    let prompts = prompts.iter().map(tokens).collect::<Result<Vec<_>, TrainError>>()?;
    let words = words.iter().map(|word| tokenizer.encode(word)).collect::<Result<Vec<_>, _>>()?.concat();
    let mut out = Vec::with_capacity(prompts.len());
    for prompts in prompts.chunks(BATCH) {
        let sums = sums(checkpoint, Batch::choices(prompts, &words));
        out.extend(sums.chunks(words.len().max(1)).map(<[f64]>::to_vec));
    }
    Ok(out)
}

fn sums(checkpoint: &Checkpoint, batch: Batch) -> Vec<f64> {
    let sums = checkpoint.gpt.logps(&Arc::new(batch)).sums;
    sums.into_data().iter::<f64>().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Sequence;
    use crate::testing::checkpoint;

    #[test]
    fn tokens_add_up_to_the_whole_text() {
        let checkpoint = checkpoint();
        let texts = [("a b".into(), Target::whole("c d a")), ("c".into(), Target::part("a"))];
        let tokens = token_logps(&checkpoint, &texts).unwrap();
        assert_eq!(tokens.iter().map(Vec::len).collect::<Vec<_>>(), [4, 1]);
        let whole = |prompt: &str, target: &str, ends: bool| {
            let mut target = checkpoint.tokenizer.encode(target).unwrap();
            target.extend(ends.then_some(checkpoint.tokenizer.end()));
            let prompt = checkpoint.tokenizer.encode(prompt).unwrap();
            sums(&checkpoint, Batch::new(vec![Sequence { prompt, target }]))[0]
        };
        assert!((tokens[0].iter().sum::<f64>() - whole("a b", "c d a", true)).abs() < 1e-5);
        assert!((tokens[1][0] - whole("c", "a", false)).abs() < 1e-6);
    }

    #[test]
    fn the_words_that_can_follow_share_one() {
        let checkpoint = checkpoint();
        let all: Vec<String> = (0..checkpoint.tokenizer.vocab() as u32)
            .filter_map(|id| checkpoint.tokenizer.word(id).map(str::to_owned))
            .filter(|word| word.len() == 1)
            .collect();
        let words: Vec<&str> = all.iter().map(String::as_str).collect();
        let prompts = ["a".to_owned(), "b c d".to_owned()];
        for logps in next_logps(&checkpoint, &prompts, &words).unwrap() {
            let total: f64 = logps.iter().map(|l| l.exp()).sum();
            // Padding and the end of text have the rest.
            assert!(logps.len() == 10 && total < 1.0 && total > 0.1, "{total}");
        }
        assert!(next_logps(&checkpoint, &["z".to_owned()], &["a"]).is_err());
    }
}
