//! Text to tokens and back, by the `tokenizers` library and a `tokenizer.json` beside the weights.

use crate::CheckpointError;
use serde_json::json;
use std::path::Path;
use std::str::FromStr;

/// A tokenizer with a known end-of-text token.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    end: u32,
}

/// Why a text has no tokens.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// A word that the vocabulary lacks.
    #[error("the vocabulary has no token for {word:?}")]
    UnknownWord {
        /// The first such word of the text.
        word: String,
    },
    /// Anything else that the library reports.
    #[error("the tokenizer failed: {message}")]
    Library {
        /// The library's words.
        message: String,
    },
}

/// The first two tokens of every vocabulary made here.
const SPECIAL: [&str; 2] = ["<pad>", "<eos>"];

impl Tokenizer {
    /// One token for each word, in this order after padding (0) and end of text (1). Words are what white
    /// space separates; a lone `.` ends a line when tokens are turned back into text.
    ///
    /// # Panics
    /// If a word is empty, holds white space or stands twice.
    pub fn of_words(words: &[String]) -> Self {
        let mut vocab = serde_json::Map::new();
        for (id, word) in SPECIAL.iter().copied().chain(words.iter().map(String::as_str)).enumerate() {
            assert!(!word.is_empty() && !word.contains(char::is_whitespace), "{word:?} is not a word");
            assert!(vocab.insert(word.to_owned(), json!(id)).is_none(), "{word:?} stands twice");
        }
        let special = |id: usize| {
            json!({"id": id, "content": SPECIAL[id], "single_word": false, "lstrip": false, "rstrip": false,
                   "normalized": false, "special": true})
        };
        let replace = |from, to| json!({"type": "Replace", "pattern": {"String": from}, "content": to});
        let decoders = json!([
            {"type": "WordPiece", "prefix": "##", "cleanup": false}, {"type": "Fuse"},
            replace(" .", " .\n"), replace("\n ", "\n")
        ]);
        let whole = json!({
            "version": "1.0", "truncation": null, "padding": null, "normalizer": null, "post_processor": null,
            "added_tokens": [special(0), special(1)],
            "pre_tokenizer": {"type": "WhitespaceSplit"},
            "decoder": {"type": "Sequence", "decoders": decoders},
            "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "<unk>"},
        });
        let inner = tokenizers::Tokenizer::from_str(&whole.to_string()).expect("the description above is valid");
        Self { inner, end: 1 }
    }

    /// Reads a `tokenizer.json` whose end of text is `<eos>`.
    ///
    /// # Errors
    /// If the file cannot be read or parsed, or has no such token.
    pub fn from_file(path: &Path) -> Result<Self, CheckpointError> {
        let fail = |message: String| CheckpointError::new(path, message);
        let inner = tokenizers::Tokenizer::from_file(path).map_err(|e| fail(e.to_string()))?;
        let end = inner.token_to_id(SPECIAL[1]).ok_or_else(|| fail(format!("no token {}", SPECIAL[1])))?;
        Ok(Self { inner, end })
    }

    /// The `tokenizer.json` of this tokenizer. The order of the vocabulary in it is that of the tokens.
    ///
    /// # Errors
    /// If the library cannot write it.
    pub fn to_json(&self) -> Result<String, TokenizerError> {
        self.inner.to_string(true).map_err(|e| TokenizerError::Library { message: e.to_string() })
    }

    /// Tokens of the vocabulary.
    pub fn vocab(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// The end-of-text token.
    pub fn end(&self) -> u32 {
        self.end
    }

    /// The token of this id, if there is one.
    pub fn word(&self, id: u32) -> Option<String> {
        self.inner.id_to_token(id)
    }

    /// The tokens of a text.
    ///
    /// # Errors
    /// If the vocabulary lacks a word.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        match self.inner.encode_fast(text, false) {
            Ok(encoding) => Ok(encoding.get_ids().to_vec()),
            Err(error) => Err(match text.split_whitespace().find(|w| self.inner.token_to_id(w).is_none()) {
                Some(word) => TokenizerError::UnknownWord { word: word.to_owned() },
                None => TokenizerError::Library { message: error.to_string() },
            }),
        }
    }

    /// The text of some tokens; padding and end of text are left out.
    ///
    /// # Errors
    /// If the library cannot decode them.
    pub fn decode(&self, tokens: &[u32]) -> Result<String, TokenizerError> {
        self.inner.decode(tokens, true).map_err(|e| TokenizerError::Library { message: e.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokenizer() -> Tokenizer {
        Tokenizer::of_words(&["Ann", "is", "7", "+2", ".", ";", "answer"].map(String::from))
    }

    #[test]
    fn text_comes_back_with_its_lines() {
        let text = "Ann is Ann 7 .\nAnn is Ann 7 .\nanswer Ann 7";
        let tokens = tokenizer().encode(text).unwrap();
        assert_eq!(tokens.len(), 13);
        assert_eq!(tokenizer().decode(&tokens).unwrap(), text);
        assert_eq!(tokenizer().decode(&tokens[..5]).unwrap(), "Ann is Ann 7 .\n");
        assert_eq!(tokenizer().decode(&[&tokens[..5], &[1]].concat()).unwrap(), "Ann is Ann 7 .\n");
    }

    #[test]
    fn an_unknown_word_is_named() {
        let error = tokenizer().encode("Ann is 8").unwrap_err();
        assert_eq!(error.to_string(), "the vocabulary has no token for \"8\"");
    }

    #[test]
    fn tokens_are_the_same_after_writing_and_reading() {
        let dir = std::env::temp_dir().join(format!("eightfold-tokenizer-{}", std::process::id()));
        std::fs::write(&dir, tokenizer().to_json().unwrap()).unwrap();
        let read = Tokenizer::from_file(&dir).unwrap();
        std::fs::remove_file(&dir).unwrap();
        assert_eq!(read.encode("Ann is 7").unwrap(), tokenizer().encode("Ann is 7").unwrap());
        assert_eq!((read.end(), read.vocab()), (1, 9));
    }
}
