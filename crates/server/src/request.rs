//! A request by its content, which names it wherever it is sent.

use crate::{Ask, Sampling};
use eightfold_exchange::Prompt;
use eightfold_task::Key;
use std::fmt;

/// The name of a request: a hash of its path, its body and the keys of the completions that it asks for. No
/// address and no API key takes part, so a response is found again through any endpoint.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RequestId([u8; 16]);

impl RequestId {
    /// The name with this text, if it is one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = (text.len() == 32 && text.is_ascii()).then_some(text)?;
        u128::from_str_radix(digits, 16).ok().map(|bits| Self(bits.to_be_bytes()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// One request, ready to be sent.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) id: RequestId,
    /// Below the address of the server.
    pub(crate) path: &'static str,
    /// JSON.
    pub(crate) body: String,
    /// Choices asked for.
    pub(crate) n: usize,
    /// The seed in it.
    pub(crate) seed: Option<u64>,
}

impl Request {
    /// The request for one choice for each of `keys`, which has one at least; the first names the seed.
    pub(crate) fn new(sampling: &Sampling, ask: &Ask, keys: &[Key]) -> Self {
        let path = match *ask.prompt {
            Prompt::Text(_) => "completions",
            Prompt::Messages(_) => "chat/completions",
        };
        let mut value = sampling.body(&Ask { key: keys[0], ..ask.clone() }, keys.len());
        // The order of fields in nested objects may depend on how serde_json was built.
        value.sort_all_objects();
        let (body, seed) = (value.to_string(), value.get("seed").and_then(serde_json::Value::as_u64));
        let keys_text = serde_json::json!(keys).to_string();
        let mut hasher = blake3::Hasher::new();
        for part in [path, &body, &keys_text] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self { id: RequestId(id), path, body, n: keys.len(), seed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_requests_have_equal_names_and_others_others() {
        let root = Key::new(0, "test");
        let ask =
            |text: &str| Ask { prompt: Prompt::Text(text.into()).into(), prefix: String::new(), key: root };
        let sampling = Sampling::new("m");
        let id = |sampling: &Sampling, text: &str, keys: &[Key]| Request::new(sampling, &ask(text), keys).id;
        let first = id(&sampling, "a", &[root]);
        assert!(first == id(&sampling, "a", &[root]));
        assert!(first != id(&sampling, "b", &[root]));
        assert!(first != id(&sampling, "a", &[root.with(1)]));
        assert!(first != id(&sampling, "a", &[root, root.with(1)]));
        assert!(first != id(&Sampling::new("other"), "a", &[root]));
        let seedless = Sampling { seeds: false, ..Sampling::new("m") };
        assert!(
            id(&seedless, "a", &[root]) != id(&seedless, "a", &[root.with(1)]),
            "keys differ without seeds"
        );
        assert!(RequestId::parse(&first.to_string()) == Some(first));
        assert!(RequestId::parse("12").is_none() && RequestId::parse(&"é".repeat(16)).is_none());
    }
}
