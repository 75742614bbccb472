//! One attempt: a request over the wire, and the response or what went wrong.

use crate::pause::retry_after;
use crate::{ApiKey, Fault};
use std::io::ErrorKind;
use std::time::{Duration, SystemTime};
use ureq::{Agent, Error, Timeout};

/// Longest response that is read, in bytes.
const MAX_RESPONSE: u64 = 64 << 20;

/// Longest time until a connection stands.
const CONNECT: Duration = Duration::from_secs(10);

/// Characters of a server's error text that are shown.
const SHOWN: usize = 300;

pub(crate) struct Transport {
    agent: Agent,
    key: Option<ApiKey>,
}

/// Why an attempt gave no response with status 200.
pub(crate) enum Failure {
    /// It may be repeated.
    Passing { fault: Fault, wait: Option<Duration>, message: String },
    /// Repeating it is of no use.
    Lasting { status: u16, message: String },
}

impl Transport {
    /// `timeout` is for a whole exchange; `connections` are kept open to each host.
    pub(crate) fn new(key: Option<ApiKey>, timeout: Duration, connections: usize) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .timeout_connect(Some(CONNECT.min(timeout)))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(connections * 4)
            .max_idle_connections_per_host(connections)
            .user_agent(concat!("eightfold/", env!("CARGO_PKG_VERSION")));
        Self { agent: config.build().new_agent(), key }
    }

    /// The body of the response to a body, if its status is 200. It holds no API key.
    pub(crate) fn post(&self, url: &str, body: &str) -> Result<String, Failure> {
        let mut request = self.agent.post(url).header("content-type", "application/json");
        if let Some(key) = &self.key {
            request = request.header("authorization", key.header());
        }
        let mut response = request.send(body).map_err(|error| self.passing(&error))?;
        let status = response.status().as_u16();
        let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let wait = header.and_then(|value| retry_after(value, SystemTime::now()));
        let bytes = response.body_mut().with_config().limit(MAX_RESPONSE).read_to_vec();
        let bytes = bytes.map_err(|error| self.passing(&error))?;
        let text = self.hide(String::from_utf8_lossy(&bytes).into_owned());
        if status == 200 {
            return Ok(text);
        }
        let shown: String = text.chars().take(SHOWN).collect();
        match fault(status, wait) {
            Some(fault) => {
                Err(Failure::Passing { fault, wait, message: format!("status {status}: {shown}") })
            }
            None => Err(Failure::Lasting { status, message: shown }),
        }
    }

    fn passing(&self, error: &Error) -> Failure {
        let fault = match error {
            Error::Timeout(Timeout::Resolve | Timeout::Connect) | Error::HostNotFound => Fault::Unreachable,
            Error::ConnectionFailed => Fault::Unreachable,
            Error::Timeout(_) => Fault::Timeout,
            Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => Fault::Unreachable,
            Error::BodyExceedsLimit(_) => Fault::Broken,
            _ => Fault::Reset,
        };
        Failure::Passing { fault, wait: None, message: self.hide(error.to_string()) }
    }

    fn hide(&self, text: String) -> String {
        match &self.key {
            Some(key) => key.hide(text),
            None => text,
        }
    }
}

/// Whether a status other than 200 may pass.
fn fault(status: u16, wait: Option<Duration>) -> Option<Fault> {
    match status {
        429 => Some(Fault::Busy),
        503 if wait.is_some() => Some(Fault::Busy),
        408 | 425 | 500..=599 => Some(Fault::Server),
        _ => None,
    }
}
