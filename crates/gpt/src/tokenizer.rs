//! Words to tokens and back. The `tokenizer.json` beside the weights is of the library `tokenizers`, which reads it too;
//! for a vocabulary of words alone its network of dependencies would be compiled for one table.

use crate::CheckpointError;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;

/// A tokenizer with a known end-of-text token.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    /// Words by token.
    words: Vec<String>,
    /// Tokens by word.
    tokens: HashMap<String, u32>,
}

/// Why a text has no tokens.
#[derive(Debug, thiserror::Error)]
#[error("the vocabulary has no token for {word:?}")]
pub struct TokenizerError {
    /// The first word of the text that the vocabulary lacks.
    pub word: String,
}

/// The first two tokens of every vocabulary made here: padding, and end of text.
const SPECIAL: [&str; 2] = ["<pad>", "<eos>"];
const END: u32 = 1;

/// What is read of a `tokenizer.json`.
#[derive(Deserialize)]
struct File {
    model: WordLevel,
}

#[derive(Deserialize)]
struct WordLevel {
    vocab: HashMap<String, u32>,
}

impl Tokenizer {
    /// One token for each word, in this order after padding (0) and end of text (1). Words are what white
    /// space separates; a lone `.` ends a line when tokens are turned back into text.
    ///
    /// # Panics
    /// If a word is empty, holds white space or stands twice.
    pub fn of_words(words: &[String]) -> Self {
        let words: Vec<String> =
            SPECIAL.iter().copied().chain(words.iter().map(String::as_str)).map(str::to_owned).collect();
        let mut tokens = HashMap::with_capacity(words.len());
        for (token, word) in (0..).zip(&words) {
            assert!(!word.is_empty() && !word.contains(char::is_whitespace), "{word:?} is not a word");
            assert!(tokens.insert(word.clone(), token).is_none(), "{word:?} stands twice");
        }
        Self { words, tokens }
    }

    /// Reads a `tokenizer.json` of words, as [`Self::to_json`] writes it.
    ///
    /// # Errors
    /// If the file cannot be read or parsed, its tokens do not begin with padding and end of text, or a number is left
    /// out.
    pub fn from_file(path: &Path) -> Result<Self, CheckpointError> {
        let fail = |message: String| CheckpointError::new(path, message);
        let text = std::fs::read_to_string(path).map_err(|e| fail(e.to_string()))?;
        let file: File = serde_json::from_str(&text).map_err(|e| fail(e.to_string()))?;
        let tokens = file.model.vocab;
        for (id, special) in (0..).zip(SPECIAL) {
            if tokens.get(special) != Some(&id) {
                return Err(fail(format!("no token {special} with number {id}")));
            }
        }
        let mut words = vec![None; tokens.len()];
        for (word, token) in &tokens {
            if let Some(place) = words.get_mut(*token as usize) {
                *place = Some(word.clone());
            }
        }
        let words: Option<Vec<String>> = words.into_iter().collect();
        let words =
            words.ok_or_else(|| fail("the vocabulary is not numbered from 0 without a gap".into()))?;
        Ok(Self { words, tokens })
    }

    /// The `tokenizer.json` of this tokenizer. The order of the vocabulary in it is that of the tokens.
    pub fn to_json(&self) -> String {
        let line = |(token, word): (usize, &String)| {
            format!("      {}: {token}", serde_json::Value::String(word.clone()))
        };
        let vocab: Vec<String> = self.words.iter().enumerate().map(line).collect();
        format!("{HEAD}{}{FOOT}", vocab.join(",\n"))
    }

    /// Tokens of the vocabulary.
    pub fn vocab(&self) -> usize {
        self.words.len()
    }

    /// The end-of-text token.
    pub fn end(&self) -> u32 {
        END
    }

    /// The token of this id, if there is one.
    pub fn word(&self, id: u32) -> Option<&str> {
        self.words.get(id as usize).map(String::as_str)
    }

    /// The tokens of a text.
    ///
    /// # Errors
    /// If the vocabulary lacks a word.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        let token = |word: &str| {
            self.tokens.get(word).copied().ok_or_else(|| TokenizerError { word: word.to_owned() })
        };
        text.split_whitespace().map(token).collect()
    }

    /// The text of some tokens; padding and end of text are left out, and numbers that are no tokens.
    pub fn decode(&self, tokens: &[u32]) -> String {
        let words = tokens.iter().filter(|token| **token > END).filter_map(|token| self.word(*token));
        // A lone point ends a line.
        words.collect::<Vec<&str>>().join(" ").replace(" .", " .\n").replace("\n ", "\n")
    }
}

/// The file before its vocabulary, as the library `tokenizers` writes it.
const HEAD: &str = r###"{
  "version": "1.0",
  "truncation": null,
  "padding": null,
  "added_tokens": [
    {
      "id": 0,
      "content": "<pad>",
      "single_word": false,
      "lstrip": false,
      "rstrip": false,
      "normalized": false,
      "special": true
    },
    {
      "id": 1,
      "content": "<eos>",
      "single_word": false,
      "lstrip": false,
      "rstrip": false,
      "normalized": false,
      "special": true
    }
  ],
  "normalizer": null,
  "pre_tokenizer": {
    "type": "WhitespaceSplit"
  },
  "post_processor": null,
  "decoder": {
    "type": "Sequence",
    "decoders": [
      {
        "type": "WordPiece",
        "prefix": "##",
        "cleanup": false
      },
      {
        "type": "Fuse"
      },
      {
        "type": "Replace",
        "pattern": {
          "String": " ."
        },
        "content": " .\n"
      },
      {
        "type": "Replace",
        "pattern": {
          "String": "\n "
        },
        "content": "\n"
      }
    ]
  },
  "model": {
    "type": "WordLevel",
    "vocab": {
"###;

/// The file after it.
const FOOT: &str = r###"
    },
    "unk_token": "<unk>"
  }
}"###;

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
        assert_eq!(tokenizer().decode(&tokens), text);
        assert_eq!(tokenizer().decode(&tokens[..5]), "Ann is Ann 7 .\n");
        assert_eq!(tokenizer().decode(&[&tokens[..5], &[1]].concat()), "Ann is Ann 7 .\n");
    }

    #[test]
    fn an_unknown_word_is_named() {
        let error = tokenizer().encode("Ann is 8").unwrap_err();
        assert_eq!(error.to_string(), "the vocabulary has no token for \"8\"");
    }

    #[test]
    fn tokens_are_the_same_after_writing_and_reading() {
        let dir = std::env::temp_dir().join(format!("eightfold-tokenizer-{}", std::process::id()));
        std::fs::write(&dir, tokenizer().to_json()).unwrap();
        let read = Tokenizer::from_file(&dir).unwrap();
        std::fs::remove_file(&dir).unwrap();
        assert_eq!(read.encode("Ann is 7").unwrap(), tokenizer().encode("Ann is 7").unwrap());
        assert_eq!((read.end(), read.vocab()), (1, 9));
        assert_eq!(read.to_json(), tokenizer().to_json());
    }

    #[test]
    fn a_committed_vocabulary_is_written_as_it_was() {
        let bases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../experiments/base");
        for base in std::fs::read_dir(bases).unwrap() {
            let path = base.unwrap().path().join("tokenizer.json");
            if let Ok(text) = std::fs::read_to_string(&path) {
                assert_eq!(Tokenizer::from_file(&path).unwrap().to_json() + "\n", text);
            }
        }
    }

    #[test]
    fn a_number_that_is_left_out_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokenizer.json");
        std::fs::write(&path, tokenizer().to_json().replace(": 8", ": 9")).unwrap();
        let error = Tokenizer::from_file(&path).unwrap_err().to_string();
        assert!(error.ends_with("the vocabulary is not numbered from 0 without a gap"), "{error}");
    }
}
