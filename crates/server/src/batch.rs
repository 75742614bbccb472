//! Batches: requests in a file that a server works off in its own time, and the answers that it wrote.
//!
//! A line of a request has the form of OpenAI's Batch API, which `vllm run-batch` reads too; its `custom_id` is the name
//! of the request, under which the journal keeps the answer.

use crate::groups::groups;
use crate::request::Request;
use crate::{Ask, Client, Refusal, ServerError};
use eightfold_journal::ContentId;
use eightfold_task::Key;
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::io::{self, Write};

/// Characters that are shown of what a server said.
const SHOWN: usize = 200;

/// The requests that some asks make, by name: those with a response, and those without.
#[derive(Debug, Default)]
pub struct Requests {
    ids: HashSet<ContentId>,
    missing: usize,
}

impl Requests {
    /// Requests without a response.
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// All requests.
    pub fn all(&self) -> usize {
        self.ids.len()
    }
}

/// What a line of answers was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchLine {
    /// An answer, which is in the journal now.
    Stored,
    /// An answer to a request that has one already.
    Known,
    /// The server will not answer this prompt.
    Refused,
    /// No answer, for a reason that may pass: the request is still without one.
    Failed {
        /// What the line says.
        message: String,
    },
    /// An answer to no request of these asks.
    Foreign,
}

impl Client {
    /// The requests that these asks make.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn requests(&self, asks: &[Ask]) -> Result<Requests, ServerError> {
        let mut all = Requests::default();
        self.each_missing(asks, &mut all, &mut |_| Ok(()))?;
        Ok(all)
    }

    /// Whether nothing has to be sent for these asks.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn is_complete(&self, asks: &[Ask]) -> Result<bool, ServerError> {
        for group in groups(asks, self.choices()) {
            if self.missing(&asks[group.asks()], &mut HashSet::new())?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes a line for each request that has neither a response nor a refusal, each once.
    ///
    /// # Errors
    /// If the journal cannot be read, or `out` not be written.
    pub fn write_batch(&self, asks: &[Ask], out: &mut dyn Write) -> Result<usize, ServerError> {
        let mut all = Requests::default();
        self.each_missing(asks, &mut all, &mut |Request { id, path, body, .. }| {
            writeln!(out, r#"{{"custom_id":"{id}","method":"POST","url":"/v1/{path}","body":{body}}}"#)
        })?;
        Ok(all.missing)
    }

    /// Takes a line of answers, of an output file or a file of errors. `requests` are those that it may be of, `from`
    /// names its file where a refusal is told.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn take_batch(
        &self,
        requests: &Requests,
        line: &Map<String, Value>,
        from: &str,
    ) -> Result<BatchLine, ServerError> {
        let id = line.get("custom_id").and_then(Value::as_str).and_then(ContentId::parse);
        let Some(id) = id.filter(|id| requests.ids.contains(id)) else { return Ok(BatchLine::Foreign) };
        if self.stored_choices(id)?.is_some() {
            return Ok(BatchLine::Known);
        }
        let response = line.get("response").filter(|response| response.is_object());
        let status = status(line);
        // Some servers write the body where others have it inside.
        let body = response
            .and_then(|response| response.get("body").or_else(|| response.get("choices").map(|_| response)));
        let message = said(line, body);
        match (status, body) {
            (None | Some(200), Some(body)) if !body.is_null() => {
                self.keep(id, &body.to_string()).map(|kept| match kept {
                    Ok(_) => BatchLine::Stored,
                    Err(message) => BatchLine::Failed { message },
                })
            }
            (Some(status), _) if Refusal::of_one_prompt(status) => {
                self.refuse(id, Refusal { url: from.to_owned(), status, message });
                Ok(BatchLine::Refused)
            }
            (Some(status), _) => Ok(BatchLine::Failed { message: format!("status {status}: {message}") }),
            (None, _) => Ok(BatchLine::Failed { message }),
        }
    }

    /// Goes through the requests of some asks, and hands on those without response and refusal.
    fn each_missing(
        &self,
        asks: &[Ask],
        all: &mut Requests,
        each: &mut dyn FnMut(&Request) -> io::Result<()>,
    ) -> Result<(), ServerError> {
        for group in groups(asks, self.choices()) {
            if let Some(request) = self.missing(&asks[group.asks()], &mut all.ids)? {
                all.missing += 1;
                each(&request)?;
            }
        }
        Ok(())
    }

    /// The request without response and refusal among those of some asks of one prompt. All that come before it, and it
    /// too, are added to `ids`.
    fn missing(&self, asks: &[Ask], ids: &mut HashSet<ContentId>) -> Result<Option<Request>, ServerError> {
        let keys: Vec<Key> = asks.iter().map(|ask| ask.key).collect();
        let mut given = 0;
        // A response with fewer choices than asked for leaves the rest to a request of its own.
        while given < keys.len() {
            let request = Request::new(&self.sampling, &asks[0], &keys[given..]);
            ids.insert(request.id);
            match self.stored_choices(request.id)? {
                Some(choices) => given += choices.len(),
                None => return Ok(Some(request).filter(|request| self.refusal(request.id).is_none())),
            }
        }
        Ok(None)
    }
}

/// The status of a line: that of the response, or a number that stands as the code of the error.
fn status(line: &Map<String, Value>) -> Option<u16> {
    let response = line.get("response").and_then(|response| response.get("status_code"));
    let code = |error: &Value| error.get("code").filter(|code| code.is_number()).cloned();
    let error = line.get("error").and_then(|error| code(error).or_else(|| code(error.get("error")?)));
    let status = response.cloned().filter(Value::is_number).or(error)?;
    u16::try_from(status.as_u64()?).ok()
}

/// What a line without an answer says: the error in its body or its own, shortened.
fn said(line: &Map<String, Value>, body: Option<&Value>) -> String {
    let own = line.get("error").filter(|error| !error.is_null());
    let error = body.filter(|body| !body.is_null()).or(own);
    let error = error.map(|error| error.get("error").filter(|inner| inner.is_object()).unwrap_or(error));
    let text = match error {
        Some(error) => error.get("message").and_then(Value::as_str).map_or(error.to_string(), str::to_owned),
        None => "neither a response nor an error".to_owned(),
    };
    text.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_status_and_the_words_of_an_error_are_found_where_servers_put_them() {
        for (line, found, words) in [
            (
                json!({"response": {"status_code": 400, "body": {"error": {"message": "too long"}}}}),
                Some(400),
                "too long",
            ),
            (
                json!({"response": {"status_code": 400, "body": null}, "error": {"message": "too long", "code": 400}}),
                Some(400),
                "too long",
            ),
            (json!({"response": null, "error": {"error": {"message": "no", "code": 422}}}), Some(422), "no"),
            (json!({"response": null, "error": {"code": "batch_expired", "message": "late"}}), None, "late"),
            (json!({"response": {"status_code": 500}, "error": "down"}), Some(500), "\"down\""),
            (json!({}), None, "neither"),
        ] {
            let line = line.as_object().unwrap();
            let body = line.get("response").and_then(|response| response.get("body"));
            assert_eq!(status(line), found, "{line:?}");
            assert!(said(line, body).contains(words), "{line:?}");
        }
    }
}
