//! Text to tokens and back, by the folder's `tokenizer.json`.

use crate::{ModelError, TextError};
use std::path::Path;

/// Tokens before a continuation that its text is decoded with: some decoders drop the space before their first token.
pub(crate) const BEFORE: usize = 4;

/// The tokenizer of a model.
#[derive(Clone, Debug)]
pub struct Text(tokenizers::Tokenizer);

impl Text {
    /// Reads `tokenizer.json` in `folder`, for an embedding of `rows` rows.
    pub(crate) fn open(folder: &Path, rows: usize) -> Result<Self, ModelError> {
        let path = folder.join("tokenizer.json");
        let bytes = std::fs::read(&path).map_err(|source| crate::tensors::file(&path, source))?;
        let fail = |message: String| ModelError::Tokenizer { path: path.clone(), message };
        let mut inner = tokenizers::Tokenizer::from_bytes(bytes).map_err(|error| fail(error.to_string()))?;
        let last = inner.get_vocab(true).into_iter().max_by_key(|(_, id)| *id);
        let (token, id) = last.ok_or_else(|| fail("no tokens".to_owned()))?;
        if id as usize >= rows {
            return Err(ModelError::Vocabulary { path, token, id, rows });
        }
        // What was cut or filled up for training is neither here.
        inner.with_padding(None);
        inner.with_truncation(None).map_err(|error| fail(error.to_string()))?;
        Ok(Self(inner))
    }

    /// The tokens of a text. With `special` those are added that the tokenizer puts around a text, as a beginning of
    /// text; special tokens that the text spells out are always recognized.
    ///
    /// # Errors
    /// What the `tokenizers` library reports.
    pub fn encode(&self, text: &str, special: bool) -> Result<Vec<u32>, TextError> {
        Ok(self.0.encode_fast(text, special).map_err(failed)?.get_ids().to_vec())
    }

    /// The text of some tokens, without special ones.
    ///
    /// # Errors
    /// What the `tokenizers` library reports.
    pub fn decode(&self, tokens: &[u32]) -> Result<String, TextError> {
        self.0.decode(tokens, true).map_err(failed)
    }

    /// What `tokens` add to the text of the tokens `before` them.
    ///
    /// # Errors
    /// What the `tokenizers` library reports.
    pub fn continuation(&self, before: &[u32], tokens: &[u32]) -> Result<String, TextError> {
        let before = &before[before.len().saturating_sub(BEFORE)..];
        let (start, whole) = (self.decode(before)?, self.decode(&[before, tokens].concat())?);
        match whole.strip_prefix(&start) {
            Some(text) => Ok(text.to_owned()),
            // The first of the tokens completes a character that `before` had begun.
            None => self.decode(tokens),
        }
    }

    /// The id of a token, by its name.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.0.token_to_id(token)
    }
}

fn failed(error: tokenizers::Error) -> TextError {
    TextError::Tokenizer { message: error.to_string() }
}
