//! Where the servers are and how hard they may be worked: nothing here has an influence on results, `choices`
//! apart.

use crate::{ApiKey, BackOff, ServerError};
use std::time::Duration;

/// How a client reaches its servers.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Addresses of servers of the same model, as `http://127.0.0.1:8000/v1`. Where there is no path, `/v1`
    /// is added.
    pub endpoints: Vec<String>,
    /// The key that they ask for.
    pub key: Option<ApiKey>,
    /// Requests under way at once, over all endpoints.
    pub concurrency: usize,
    /// Requests sent in a minute, over all endpoints, at most.
    pub per_minute: Option<u32>,
    /// Completions of one prompt that are asked for in one request (`n`). At 1 each completion has a seed of
    /// its own; above, those of a request share one, and its number belongs to the name of the request.
    pub choices: usize,
    /// Longest time for a request and its whole response.
    pub timeout: Duration,
    /// Failures in a row, of a request or of every endpoint, after which hope is lost.
    pub attempts: u32,
    /// Times between attempts.
    pub back_off: BackOff,
}

impl Connection {
    /// The usual settings for one server: eight requests at once, one choice each, up to ten minutes, twelve
    /// attempts.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoints: vec![endpoint.into()],
            key: None,
            concurrency: 8,
            per_minute: None,
            choices: 1,
            timeout: Duration::from_secs(600),
            attempts: 12,
            back_off: BackOff::default(),
        }
    }

    /// The addresses without trailing slashes and with a path.
    ///
    /// # Errors
    /// If a setting is out of its range, or an address is none.
    pub(crate) fn check(&self) -> Result<Vec<String>, ServerError> {
        let wrong = |field, message: &str| ServerError::Setting { field, message: message.to_owned() };
        for (field, value) in [("concurrency", self.concurrency), ("choices", self.choices)] {
            if value == 0 {
                return Err(wrong(field, "is 0"));
            }
        }
        if self.attempts == 0 || self.per_minute == Some(0) {
            return Err(wrong(if self.attempts == 0 { "attempts" } else { "per_minute" }, "is 0"));
        }
        if self.endpoints.is_empty() {
            return Err(wrong("endpoints", "names no server"));
        }
        self.endpoints.iter().map(|url| address(url).map_err(|why| wrong("endpoints", &why))).collect()
    }
}

fn address(url: &str) -> Result<String, String> {
    let url = url.trim().trim_end_matches('/');
    let rest = match url.split_once("://") {
        Some(("http", rest)) => rest,
        Some(("https", rest)) if cfg!(feature = "tls") => rest,
        Some(("https", _)) => return Err(format!("names `{url}`, but this program was built without TLS")),
        _ => return Err(format!("names `{url}`, which starts with neither http:// nor https://")),
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if host.contains('@') || url.contains(['?', '#']) {
        // Not repeated here: it may hold a secret.
        return Err("holds an address with a user or a query; keys come from the environment alone".into());
    }
    if host.is_empty() || url.parse::<ureq::http::Uri>().is_err() {
        return Err(format!("names `{url}`, which is no address"));
    }
    Ok(if path.is_empty() { format!("{url}/v1") } else { url.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_completed() {
        assert_eq!(address("http://a:1").unwrap(), "http://a:1/v1");
        assert_eq!(address(" http://a:1/api/v2/ ").unwrap(), "http://a:1/api/v2");
        #[cfg(feature = "tls")]
        assert_eq!(address("https://a").unwrap(), "https://a/v1");
    }

    #[test]
    fn wrong_addresses_are_refused_and_secrets_not_repeated() {
        for url in ["a:1", "ftp://a", "http://", "http://a b"] {
            assert!(address(url).unwrap_err().contains(url), "{url}");
        }
        for url in ["http://me:secret@a/v1", "http://a/v1?key=secret"] {
            assert!(!address(url).unwrap_err().contains("secret"));
        }
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let wrong = |change: fn(&mut Connection)| {
            let mut connection = Connection::new("http://a");
            change(&mut connection);
            connection.check().unwrap_err().to_string()
        };
        assert!(wrong(|c| c.concurrency = 0).contains("`concurrency`"));
        assert!(wrong(|c| c.choices = 0).contains("`choices`"));
        assert!(wrong(|c| c.attempts = 0).contains("`attempts`"));
        assert!(wrong(|c| c.per_minute = Some(0)).contains("`per_minute`"));
        assert!(wrong(|c| c.endpoints.clear()).contains("`endpoints`"));
    }
}
