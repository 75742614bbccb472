//! Texts that end a completion.

use crate::text::BEFORE;
use crate::{Text, TextError};

/// What `tokens` say before the first of the `stop` texts, if the last of them completes one.
///
/// # Errors
/// What the tokenizer reports.
pub(super) fn stopped(
    text: &Text,
    before: &[u32],
    tokens: &[u32],
    stop: &[String],
) -> Result<Option<String>, TextError> {
    let Some(longest) = stop.iter().map(String::len).max() else { return Ok(None) };
    // A token that is seen has a byte at least, so a stop text lies within as many tokens as it has bytes. Most
    // tokens complete none, and the whole text is not looked at again.
    let near = &tokens[tokens.len().saturating_sub(longest + BEFORE)..];
    let near = text.continuation(if near.len() == tokens.len() { before } else { &[] }, near)?;
    if !stop.iter().any(|stop| near.contains(stop)) {
        return Ok(None);
    }
    let whole = text.continuation(before, tokens)?;
    let first = stop.iter().filter_map(|stop| whole.find(stop)).min();
    Ok(first.map(|end| whole[..end].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_text_ends_where_the_first_stop_text_begins() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/qwen2");
        let text = Text::open(&folder, 320).unwrap();
        let stop = ["\n\n", "of them", "é!"].map(String::from);
        let cases = [
            ("Ada has two eggs\n", None),
            ("Ada has two\n\n", Some("Ada has two")),
            ("Ada has two of them", Some("Ada has two ")),
            ("She buys café!", Some("She buys caf")),
            ("of them", Some("")),
        ];
        for (said, want) in cases {
            let tokens = text.encode(said, false).unwrap();
            let found: Vec<_> =
                (1..=tokens.len()).map(|n| stopped(&text, &[], &tokens[..n], &stop).unwrap()).collect();
            assert_eq!(found.last().unwrap().as_deref(), want, "{said:?}");
            assert!(
                found[..found.len() - 1].iter().all(Option::is_none),
                "{said:?}: the last token completes it"
            );
        }
        assert_eq!(stopped(&text, &[], &[5, 6], &[]).unwrap(), None);
    }
}
