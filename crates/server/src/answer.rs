//! What a server says: the choices of a response.

use eightfold_task::Completion;
use serde::Deserialize;
use serde_json::Value;

/// One completion as a server gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The text after prompt and prefix.
    pub text: String,
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
}

impl From<Answer> for Completion {
    fn from(answer: Answer) -> Self {
        let (finished, tokens) = (answer.finished(), answer.tokens.unwrap_or(0) as usize);
        Self { text: answer.text, finished, tokens }
    }
}

/// The choices of a response of either API.
///
/// # Errors
/// What is wrong with it, in a few words: no JSON, or no choices with text.
pub(crate) fn choices(response: &str) -> Result<Vec<Answer>, String> {
    let response: Response = serde_json::from_str(response).map_err(|error| error.to_string())?;
    if let Some(error) = response.error.filter(|error| !error.is_null()) {
        return Err(format!("an error in place of choices: {error}"));
    }
    let mut choices = response.choices;
    if choices.is_empty() {
        return Err("no choices".to_owned());
    }
    // Servers may answer in order of completion; the index says which choice is which.
    choices.sort_by_key(|choice| choice.index);
    let single = (choices.len() == 1).then_some(response.usage).flatten().and_then(|u| u.completion_tokens);
    choices.into_iter().map(|choice| choice.answer(single)).collect()
}

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Usage>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Usage {
    completion_tokens: Option<u64>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: usize,
    text: Option<String>,
    message: Option<Said>,
    finish_reason: Option<String>,
    logprobs: Option<Logprobs>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<String>,
}

/// Of a chat, `content`; of a completion, `token_logprobs`.
#[derive(Deserialize)]
struct Logprobs {
    content: Option<Vec<TokenLogprob>>,
    token_logprobs: Option<Vec<Option<f64>>>,
}

#[derive(Deserialize)]
struct TokenLogprob {
    logprob: f64,
}

impl Logprobs {
    /// Log-probability of each token; `None` if one of them is missing.
    fn tokens(self) -> Option<Vec<f64>> {
        match (self.content, self.token_logprobs) {
            (Some(content), _) => Some(content.into_iter().map(|token| token.logprob).collect()),
            (None, Some(logprobs)) => logprobs.into_iter().collect(),
            (None, None) => None,
        }
    }
}

impl Choice {
    fn answer(self, tokens: Option<u64>) -> Result<Answer, String> {
        let text = match (self.text, self.message) {
            (Some(text), _) => text,
            // A model that thinks apart may have said nothing when it was cut.
            (None, Some(said)) => said.content.unwrap_or_default(),
            (None, None) => return Err(format!("choice {} has neither text nor message", self.index)),
        };
        let logprobs = self.logprobs.and_then(Logprobs::tokens);
        Ok(Answer {
            text,
            finish_reason: self.finish_reason,
            tokens: tokens.or(logprobs.as_ref().map(|all| all.len() as u64)),
            logprob: logprobs.map(|all| all.iter().sum()),
            seed: None,
        })
    }
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
            ("<html>", "expected value"),
            (r#"{"choices": []}"#, "no choices"),
            (r#"{"error": {"message": "busy"}}"#, "busy"),
            (r#"{"choices": [{"index": 3}]}"#, "choice 3 has neither"),
        ] {
            let found = choices(text).unwrap_err();
            assert!(found.contains(why), "{text}: {found}");
        }
    }
}
