//! How completions are drawn: the fields of a request.

use crate::{Ask, ServerError};
use eightfold_exchange::{Message, Prompt};
use eightfold_task::Key;
use serde_json::{Map, Value, json};

/// Seeds lie below this, so that servers that keep them in 32 bits, signed or not, take them unchanged.
const SEEDS: usize = 1 << 31;

/// How a chat is asked to go on from a prefix of the assistant's answer. A server that does not know how
/// starts the answer anew; [`crate::Client::probe`] finds out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Continuation {
    /// The prefix is the last message, with `continue_final_message` true and `add_generation_prompt` false:
    /// the way of vLLM and SGLang.
    #[default]
    Flags,
    /// The prefix is the last message and nothing else is said.
    LastMessage,
    /// As [`Continuation::LastMessage`], but the answer says the prefix again before it goes on, which is left out: the
    /// way of llama.cpp.
    Repeated,
}

/// The fields of every request of a run. Two runs with equal fields send equal requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampling {
    /// The model's name, as the server knows it.
    pub model: String,
    /// At least 0; 0 takes the likeliest token.
    pub temperature: f64,
    /// Mass of the nucleus, in (0, 1]; the server's own choice if absent.
    pub top_p: Option<f64>,
    /// Longest completion, in tokens.
    pub max_tokens: u32,
    /// Texts that end a completion; they do not belong to it.
    pub stop: Vec<String>,
    /// Whether the log-probabilities of the drawn tokens are asked for.
    pub logprobs: bool,
    /// Whether a `seed` is sent, derived from the key of the completion.
    pub seeds: bool,
    /// How a chat goes on from a prefix.
    pub continuation: Continuation,
    /// Fields that are added to the body as they are. They replace ours of the same name; null removes it.
    pub extra: Map<String, Value>,
}

impl Sampling {
    /// The usual fields for a model: temperature 1, up to 512 tokens, with seeds.
    pub fn new(model: impl Into<String>) -> Self {
        Self {
            model: model.into(),
            temperature: 1.0,
            top_p: None,
            max_tokens: 512,
            stop: Vec::new(),
            logprobs: false,
            seeds: true,
            continuation: Continuation::default(),
            extra: Map::new(),
        }
    }

    /// The seed of the completion with this key, below 2^31.
    pub fn seed(key: Key) -> u64 {
        key.with_text("seed").below(SEEDS) as u64
    }

    /// Whether every field is in its range.
    ///
    /// # Errors
    /// If one is not; the error names it.
    pub fn check(&self) -> Result<(), ServerError> {
        let wrong = |field, message: &str| Err(ServerError::Setting { field, message: message.to_owned() });
        if self.model.is_empty() {
            return wrong("model", "is empty");
        }
        if !(self.temperature.is_finite() && self.temperature >= 0.0) {
            return wrong("temperature", "is not a number of at least 0");
        }
        if self.top_p.is_some_and(|p| !(p > 0.0 && p <= 1.0)) {
            return wrong("top_p", "does not lie in (0, 1]");
        }
        if self.max_tokens == 0 {
            return wrong("max_tokens", "is 0");
        }
        Ok(())
    }

    /// The body of a request for `n` choices.
    pub(crate) fn body(&self, ask: &Ask, n: usize) -> Value {
        let mut body = Map::new();
        let mut set = |field: &str, value: Value| body.insert(field.to_owned(), value);
        set("model", json!(self.model));
        set("temperature", json!(self.temperature));
        set("max_tokens", json!(self.max_tokens));
        if let Some(top_p) = self.top_p {
            set("top_p", json!(top_p));
        }
        if !self.stop.is_empty() {
            set("stop", json!(self.stop));
        }
        if n > 1 {
            set("n", json!(n));
        }
        if self.seeds {
            set("seed", json!(Self::seed(ask.key)));
        }
        body.extend(self.prompt_fields(ask));
        for (field, value) in &self.extra {
            match value {
                Value::Null => body.remove(field),
                value => body.insert(field.clone(), value.clone()),
            };
        }
        Value::Object(body)
    }

    /// The prompt, and what the two APIs spell differently.
    fn prompt_fields(&self, ask: &Ask) -> Map<String, Value> {
        let mut fields = Map::new();
        let mut set = |field: &str, value: Value| fields.insert(field.to_owned(), value);
        match &*ask.prompt {
            Prompt::Text(text) => {
                set("prompt", json!(format!("{text}{}", ask.prefix)));
                if self.logprobs {
                    set("logprobs", json!(1));
                }
            }
            Prompt::Messages(messages) => {
                set("messages", json!(turns(messages, &ask.prefix)));
                if self.logprobs {
                    set("logprobs", json!(true));
                }
                if !ask.prefix.is_empty() && self.continuation == Continuation::Flags {
                    set("continue_final_message", json!(true));
                    set("add_generation_prompt", json!(false));
                }
            }
        }
        fields
    }
}

fn turns(messages: &[Message], prefix: &str) -> Vec<Message> {
    let mut turns = messages.to_vec();
    if !prefix.is_empty() {
        turns.push(Message::assistant(prefix));
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(prompt: Prompt, prefix: &str) -> Ask {
        Ask { prompt: prompt.into(), prefix: prefix.to_owned(), key: Key::new(0, "test") }
    }

    #[test]
    fn a_text_goes_on_where_the_prefix_ends() {
        let sampling = Sampling { logprobs: true, stop: vec!["\n\n".into()], ..Sampling::new("m") };
        let body = sampling.body(&ask(Prompt::Text("Q\nA:".into()), " 1\n"), 1);
        assert_eq!(body["prompt"], "Q\nA: 1\n");
        assert_eq!((&body["logprobs"], &body["stop"]), (&json!(1), &json!(["\n\n"])));
        assert!(body.get("n").is_none());
        assert!(body["seed"].as_u64().unwrap() < 1 << 31);
    }

    #[test]
    fn a_chat_goes_on_by_its_last_message() {
        let chat = Prompt::Messages(vec![Message::user("Q")]);
        let mut sampling = Sampling { seeds: false, ..Sampling::new("m") };
        let whole = sampling.body(&ask(chat.clone(), ""), 4);
        assert_eq!((whole["messages"].as_array().unwrap().len(), &whole["n"]), (1, &json!(4)));
        assert!(whole.get("continue_final_message").is_none() && whole.get("seed").is_none());
        let flags = sampling.body(&ask(chat.clone(), "1\n"), 1);
        assert_eq!(flags["messages"][1], json!({"role": "assistant", "content": "1\n"}));
        assert_eq!(
            (&flags["continue_final_message"], &flags["add_generation_prompt"]),
            (&json!(true), &json!(false))
        );
        sampling.continuation = Continuation::LastMessage;
        let last = sampling.body(&ask(chat, "1\n"), 1);
        assert!(last.get("continue_final_message").is_none());
        assert_eq!(last["messages"], flags["messages"]);
    }

    #[test]
    fn extra_fields_replace_and_remove() {
        let extra = json!({"max_tokens": null, "max_completion_tokens": 9, "top_k": 5});
        let sampling = Sampling { extra: extra.as_object().unwrap().clone(), ..Sampling::new("m") };
        let body = sampling.body(&ask(Prompt::Text("x".into()), ""), 1);
        assert!(body.get("max_tokens").is_none());
        assert_eq!((&body["max_completion_tokens"], &body["top_k"]), (&json!(9), &json!(5)));
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let wrong = |change: fn(&mut Sampling)| {
            let mut sampling = Sampling::new("m");
            change(&mut sampling);
            sampling.check().unwrap_err().to_string()
        };
        assert!(Sampling::new("m").check().is_ok());
        assert!(wrong(|s| s.temperature = f64::NAN).contains("`temperature`"));
        assert!(wrong(|s| s.top_p = Some(0.0)).contains("`top_p`"));
        assert!(wrong(|s| s.max_tokens = 0).contains("`max_tokens`"));
        assert!(wrong(|s| s.model.clear()).contains("`model`"));
    }
}
