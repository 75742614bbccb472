//! The secret that opens a server.

use crate::ServerError;
use std::fmt;

/// What stands in its place where a text held it.
const HIDDEN: &str = "[API key]";

/// A key that a server asks for. It comes from the environment alone and leaves this process in the header of
/// a request alone: [`Debug`] hides it, and it is taken out of everything that a server says before that is
/// stored or shown.
#[derive(Clone)]
pub struct ApiKey(String);

impl ApiKey {
    /// The key in an environment variable.
    ///
    /// # Errors
    /// If the variable is not set, is empty, or holds what no header can.
    pub fn from_env(name: &str) -> Result<Self, ServerError> {
        let wrong = |message| ServerError::Key { name: name.to_owned(), message };
        let key = std::env::var(name).map_err(|_| wrong("is not set, or is not UTF-8"))?;
        Self::new(key.trim()).map_err(wrong)
    }

    fn new(key: &str) -> Result<Self, &'static str> {
        if key.is_empty() {
            return Err("is empty");
        }
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("holds a character that no key has");
        }
        Ok(Self(key.to_owned()))
    }

    /// The value of the header `authorization`.
    pub(crate) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }

    /// The text without the key.
    pub(crate) fn hide(&self, text: String) -> String {
        if text.contains(&self.0) { text.replace(&self.0, HIDDEN) } else { text }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_shows_nowhere() {
        let key = ApiKey::new("sk-7").unwrap();
        assert_eq!(format!("{key:?}"), HIDDEN);
        assert_eq!(key.hide("wrong key: sk-7.".into()), "wrong key: [API key].");
        assert_eq!(key.hide("fine".into()), "fine");
        assert_eq!(key.header(), "Bearer sk-7");
        assert!(ApiKey::new("").is_err() && ApiKey::new("a\nb").is_err());
    }

    #[test]
    fn a_missing_variable_is_named() {
        let error = ApiKey::from_env("EIGHTFOLD_NO_SUCH_KEY").unwrap_err().to_string();
        assert!(error.contains("EIGHTFOLD_NO_SUCH_KEY") && error.contains("not set"), "{error}");
    }
}
