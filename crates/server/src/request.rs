//! A request by its content, which names it wherever it is sent.

use crate::{Ask, Continuation, Sampling};
use eightfold_exchange::Prompt;
use eightfold_journal::ContentId;
use eightfold_task::Key;

/// One request, ready to be sent.
#[derive(Clone)]
pub(crate) struct Request {
    /// Of its path, its body and the keys of the completions that it asks for. No address and no API key takes part,
    /// so a response is found again through any endpoint.
    pub(crate) id: ContentId,
    /// Below the address of the server.
    pub(crate) path: &'static str,
    /// JSON.
    pub(crate) body: String,
    /// Choices asked for.
    pub(crate) n: usize,
    /// The seed in it.
    pub(crate) seed: Option<u64>,
    /// What its answers say again before they go on, where they do.
    pub(crate) begun: Option<String>,
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
        let id = ContentId::of([path, &body, &keys_text]);
        let chat = matches!(*ask.prompt, Prompt::Messages(_));
        let repeats = chat && sampling.continuation == Continuation::Repeated;
        let begun = repeats.then(|| ask.prefix.clone());
        Self { id, path, body, n: keys.len(), seed, begun }
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
    }
}
