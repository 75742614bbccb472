//! What a server says: the choices of a response.

use crate::Ending;
use eightfold_task::Completion;
use serde_json::Value;

/// Where servers put what a model thought apart from its answer.
const REASONING: [&str; 2] = ["reasoning_content", "reasoning"];

/// Characters that are shown of a body that is no response.
const SHOWN: usize = 200;

/// One completion as a server gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The text after prompt and prefix.
    pub text: String,
    /// What the model thought apart from it (`reasoning_content` or `reasoning`), where the server says.
    pub reasoning: Option<String>,
    /// Whether a message came without content: the text is empty because nothing was said after the thinking.
    pub null_content: bool,
    /// Why it ended: `stop`, `length` or another word of the server's; `None` if it did not say.
    pub finish_reason: Option<String>,
    /// Tokens drawn, where the server counts them for this choice alone.
    pub tokens: Option<u64>,
    /// Sum of the log-probabilities of the drawn tokens in nats, where they were asked for and given.
    pub logprob: Option<f64>,
    /// The seed that was sent with its request.
    pub seed: Option<u64>,
}

impl Answer {
    /// Whether the model ended the text itself. Where nothing is said, it did.
    pub fn finished(&self) -> bool {
        self.finish_reason.as_deref() != Some("length")
    }

    /// Leaves out a prefix that the server said again before it went on.
    pub(crate) fn leave_out(&mut self, prefix: &str) {
        if self.text.starts_with(prefix) {
            self.text.drain(..prefix.len());
        }
    }

    /// How it ended. A message without content is that, even where it was cut as well.
    pub fn ending(&self) -> Ending {
        match (self.filtered(), self.null_content, self.finished()) {
            (true, _, _) => Ending::Filtered,
            (false, true, _) => Ending::NullContent,
            (false, false, false) => Ending::Cut,
            (false, false, true) => Ending::Whole,
        }
    }

    /// Whether the server withheld it by a filter, which says nothing about the model.
    pub fn filtered(&self) -> bool {
        self.finish_reason.as_deref() == Some("content_filter")
    }
}

impl From<Answer> for Completion {
    fn from(answer: Answer) -> Self {
        let (finished, tokens) = (answer.finished(), answer.tokens.unwrap_or(0) as usize);
        Self { text: answer.text, finished, tokens }
    }
}

/// The choices of a response of either API. Only the texts are required: what stands beside them is read where it
/// has the usual type, and is otherwise taken as not said.
///
/// # Errors
/// What is wrong with it, in a few words: no JSON, an error, no choices with text, or one that the server broke off.
pub(crate) fn choices(response: &str) -> Result<Vec<Answer>, String> {
    let response: Value = serde_json::from_str(response).map_err(|error| not_json(response, &error))?;
    if let Some(error) = response.get("error").filter(|error| says_something(error)) {
        return Err(format!("an error in place of choices: {error}"));
    }
    let choices = response.get("choices").and_then(Value::as_array).filter(|choices| !choices.is_empty());
    let Some(choices) = choices else {
        return Err("no choices".to_owned());
    };
    let mut choices: Vec<(u64, &Value)> = choices.iter().map(|choice| (index(choice), choice)).collect();
    // Servers may answer in order of completion; the index says which choice is which.
    choices.sort_by_key(|(index, _)| *index);
    let counted = response.pointer("/usage/completion_tokens").and_then(Value::as_u64);
    let single = counted.filter(|_| choices.len() == 1);
    choices.into_iter().map(|(index, choice)| answer(index, choice, single)).collect()
}

/// What a body is that is not JSON.
fn not_json(body: &str, error: &serde_json::Error) -> String {
    let start = body.trim_start_matches('\u{feff}').trim_start();
    let shown: String = start.chars().take(SHOWN).collect();
    if ["data:", "event:", ":"].iter().any(|field| start.starts_with(field)) {
        format!("a stream of events in place of one response, as with `stream`: {shown}")
    } else if start.starts_with('<') {
        format!("HTML in place of JSON: {shown}")
    } else {
        format!("no JSON ({error}): {shown}")
    }
}

/// Whether the value of `error` is one: servers also send null, "", {} and false.
fn says_something(error: &Value) -> bool {
    match error {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

/// The number of a choice, which some servers send as a text; 0 if it says none, which keeps the order given.
fn index(choice: &Value) -> u64 {
    let index = choice.get("index");
    index.and_then(|index| index.as_u64().or_else(|| index.as_str()?.parse().ok())).unwrap_or(0)
}

fn answer(index: u64, choice: &Value, tokens: Option<u64>) -> Result<Answer, String> {
    let said = |key: &str| choice.get(key).and_then(Value::as_str).map(str::to_owned);
    let finish_reason = said("finish_reason");
    if finish_reason.as_deref() == Some("abort") {
        return Err(format!("choice {index} was broken off by the server (`abort`)"));
    }
    let message = choice.get("message").filter(|message| message.is_object());
    let reasoning =
        REASONING.iter().find_map(|key| message?.get(*key)?.as_str()).filter(|text| !text.is_empty());
    let text = match (said("text"), message) {
        (Some(text), _) => text,
        // A model that thinks apart may have said nothing when it was cut; `null_content` says so.
        (None, Some(message)) => content(message),
        (None, None) => return Err(format!("choice {index} has neither text nor message")),
    };
    let logprobs = choice.get("logprobs").and_then(logprobs);
    Ok(Answer {
        null_content: message.is_some_and(|message| message.get("content").is_none_or(Value::is_null)),
        reasoning: reasoning.map(str::to_owned),
        text,
        finish_reason,
        tokens: tokens.or(logprobs.as_ref().map(|all| all.len() as u64)),
        logprob: logprobs.map(|all| all.iter().sum()),
        seed: None,
    })
}

/// The text of a message: a string, or the texts of its parts.
fn content(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            parts.iter().filter_map(|part| part.as_str().or_else(|| part.get("text")?.as_str())).collect()
        }
        _ => String::new(),
    }
}

/// Log-probability of each token, of a chat in `content`, of a completion in `token_logprobs`; `None` if one of
/// them is missing.
fn logprobs(field: &Value) -> Option<Vec<f64>> {
    if let Some(tokens) = field.get("content").and_then(Value::as_array) {
        return tokens.iter().map(|token| token.get("logprob")?.as_f64()).collect();
    }
    field.get("token_logprobs")?.as_array()?.iter().map(Value::as_f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_apis_are_read() {
        let text = r#"{"choices": [{"text": " 4", "index": 0, "finish_reason": "stop", "logprobs": null}],
            "usage": {"completion_tokens": 2, "prompt_tokens": 9}}"#;
        let answer = &choices(text).unwrap()[0];
        assert_eq!((answer.text.as_str(), answer.tokens, answer.logprob), (" 4", Some(2), None));
        assert!(answer.finished());

        let chat = r#"{"choices": [
            {"index": 1, "message": {"role": "assistant", "content": null}, "finish_reason": "length"},
            {"index": 0, "message": {"content": "4"}, "finish_reason": null,
             "logprobs": {"content": [{"token": "4", "logprob": -0.5}, {"token": "", "logprob": -0.25}]}}],
            "usage": {"completion_tokens": 7}}"#;
        let answers = choices(chat).unwrap();
        assert_eq!((answers[0].text.as_str(), answers[0].tokens), ("4", Some(2)), "in order of index");
        assert_eq!((answers[0].logprob, answers[0].finished()), (Some(-0.75), true));
        assert!(!answers[1].finished());
        assert_eq!((answers[1].text.as_str(), answers[1].tokens), ("", None));
    }

    #[test]
    fn logprobs_of_completions_are_summed_where_whole() {
        let with = |list: &str| {
            let text =
                format!(r#"{{"choices": [{{"text": "a", "logprobs": {{"token_logprobs": {list}}}}}]}}"#);
            choices(&text).unwrap()[0].logprob
        };
        assert_eq!(with("[-1.0, -2.0]"), Some(-3.0));
        assert_eq!(with("[null, -2.0]"), None);
    }

    #[test]
    fn a_response_without_text_says_why() {
        for (text, why) in [
            (r#"{"choices": [{"text": "a"#, "EOF"),
            ("", "EOF"),
            ("<html>", "HTML in place of JSON: <html>"),
            ("data: {\"choices\": []}\n\ndata: [DONE]", "a stream of events"),
            (": ping\n\ndata: {}", "a stream of events"),
            (r#"{"error": "overloaded"}"#, "overloaded"),
            (r#"{"choices": [{"text": "a", "finish_reason": "abort"}]}"#, "`abort`"),
            (r#"{"choices": []}"#, "no choices"),
            (r#"{"error": {"message": "busy"}}"#, "busy"),
            (r#"{"choices": [{"index": 3}]}"#, "choice 3 has neither"),
        ] {
            let found = choices(text).unwrap_err();
            assert!(found.contains(why), "{text}: {found}");
        }
    }

    #[test]
    fn thinking_is_kept_and_a_missing_content_is_said() {
        for key in REASONING {
            let body = |content: &str| {
                format!(r#"{{"choices": [{{"message": {{"content": {content}, "{key}": "hm"}}}}]}}"#)
            };
            let with = &choices(&body(r#""4""#)).unwrap()[0];
            assert_eq!((with.text.as_str(), with.null_content), ("4", false));
            let without = &choices(&body("null")).unwrap()[0];
            assert_eq!((without.text.as_str(), without.null_content), ("", true));
            assert_eq!((with.reasoning.as_deref(), without.reasoning.as_deref()), (Some("hm"), Some("hm")));
        }
        let parts = r#"{"choices": [{"message": {"content": [{"type": "text", "text": "4"}, "2"]}}]}"#;
        assert_eq!(choices(parts).unwrap()[0].text, "42");
    }

    #[test]
    fn side_fields_of_any_type_lose_no_text() {
        let odd =
            ["null", "\"\"", "\"x\"", "-1", "1.5", "true", "[]", "[null, 3]", "{}", r#"{"content": 3}"#];
        for value in odd {
            for side in ["logprobs", "index", "finish_reason", "message"] {
                let body =
                    format!(r#"{{"choices": [{{"text": "4", "{side}": {value}}}], "usage": {value}}}"#);
                assert_eq!(choices(&body).unwrap()[0].text, "4", "{body}");
            }
            for side in ["reasoning", "reasoning_content"] {
                let body =
                    format!(r#"{{"choices": [{{"message": {{"content": "4", "{side}": {value}}}}}]}}"#);
                assert_eq!(choices(&body).unwrap()[0].text, "4", "{body}");
            }
        }
        for empty in ["null", "\"\"", "{}", "[]", "false"] {
            let body = format!(r#"{{"choices": [{{"text": "4"}}], "error": {empty}}}"#);
            assert_eq!(choices(&body).unwrap()[0].text, "4", "{body}");
        }
    }
}
