//! The options that every command which calls a server shares, and the client that they make.

mod batch;
mod progress;
mod prompting;
mod session;
mod withheld;

pub(crate) use batch::{BatchArgs, Next, Others, worse};
pub(crate) use progress::Progress;
pub(crate) use prompting::{Form, Prompter, Prompting};
pub(crate) use session::Session;
pub(crate) use withheld::Withheld;

use anyhow::Context;
use clap::{Args, ValueEnum};
use eightfold_server::{Api, ApiKey, Ask, BackOff, Client, Connection, Continuation, Sampling};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The servers, and how completions are drawn from them.
#[derive(Args)]
pub(crate) struct ServerArgs {
    /// Address of an OpenAI-compatible server, as http://127.0.0.1:8000/v1. Several servers of the same model
    /// take turns.
    #[arg(long, value_name = "URL")]
    server: Vec<String>,
    /// The model's name, as the server knows it. Without --server a folder in the form of Hugging Face, whose model is
    /// run here (if this program was built with the feature `models`).
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    model: String,
    /// Environment variable that holds the API key. A key is never taken from the command line or a file.
    #[arg(long, value_name = "VARIABLE")]
    key_env: Option<String>,
    /// 0 takes the likeliest token.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) temperature: f64,
    /// Mass of the nucleus; the server's choice if absent.
    #[arg(long, value_name = "MASS")]
    top_p: Option<f64>,
    /// Longest completion, in tokens.
    #[arg(long, default_value_t = 512)]
    max_tokens: u32,
    /// A text that ends a completion and does not belong to it. May be repeated; \n is a line break.
    #[arg(long, value_name = "TEXT", value_parser = unescaped)]
    stop: Vec<String>,
    /// Ask for the log-probabilities of the drawn tokens.
    #[arg(long)]
    logprobs: bool,
    /// Send no `seed`.
    #[arg(long)]
    no_seed: bool,
    /// Do not try, before anything is drawn, whether the server honors `seed`.
    #[arg(long)]
    no_seed_check: bool,
    /// A further field of every request, its value as JSON, as top_k=40. It replaces ours of the same name,
    /// and null removes it. May be repeated.
    #[arg(long = "body", value_name = "FIELD=JSON", value_parser = field)]
    body: Vec<(String, Value)>,
    /// How a chat is asked to go on from a prefix.
    #[arg(long = "continue", value_enum, default_value = "flags", value_name = "WAY")]
    way: Way,
    /// Completions of one prompt asked for in one request (`n`). Those of a request share one seed.
    #[arg(long, default_value_t = 1, value_name = "N")]
    choices: usize,
    /// Requests under way at once.
    #[arg(long, default_value_t = 8, value_name = "N")]
    concurrency: usize,
    /// Requests sent in a minute, at most.
    #[arg(long, value_name = "N")]
    per_minute: Option<u32>,
    /// Seconds for a request and its whole response.
    #[arg(long, default_value_t = 600.0, value_name = "SECONDS")]
    timeout: f64,
    /// Failures in a row, of one request or of all servers, after which the run ends.
    #[arg(long, default_value_t = 12, value_name = "N")]
    attempts: u32,
    /// Seconds before a failed attempt is repeated, at first; the time doubles up to a minute.
    #[arg(long, default_value_t = 0.5, value_name = "SECONDS")]
    back_off: f64,
    /// Keeps every raw response, or every completion of a model that is run here; the same command goes on from it.
    /// The command's own file in `.eightfold` by default.
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Root of all seeds.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
}

/// How a chat is asked to go on from a prefix.
#[derive(Clone, Copy, ValueEnum)]
enum Way {
    /// `continue_final_message` and no `add_generation_prompt` (vLLM, SGLang).
    Flags,
    /// The prefix is the last message.
    LastMessage,
    /// The prefix is the last message, and the answer says it again before it goes on (llama.cpp).
    Repeated,
}

impl From<Way> for Continuation {
    fn from(way: Way) -> Self {
        match way {
            Way::Flags => Self::Flags,
            Way::LastMessage => Self::LastMessage,
            Way::Repeated => Self::Repeated,
        }
    }
}

fn unescaped(text: &str) -> Result<String, String> {
    Ok(text.replace("\\n", "\n"))
}

fn field(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("it is FIELD=JSON, as top_k=40")?;
    let value = serde_json::from_str(value).map_err(|error| format!("{value}: not JSON: {error}"))?;
    Ok((name.to_owned(), value))
}

impl ServerArgs {
    /// Opens the journal, `.eightfold/COMMAND.jsonl` where none is named. No server is called, and with a `batch` none
    /// need be named.
    pub(crate) fn open(&self, command: &str, batch: bool) -> anyhow::Result<Session> {
        let offline = self.server.is_empty();
        anyhow::ensure!(
            !offline || batch,
            "--server is needed: the address of an OpenAI-compatible server{}",
            if cfg!(feature = "models") {
                ""
            } else {
                " (a model in a folder needs a build with `--features models`)"
            }
        );
        anyhow::ensure!(
            !self.model.is_empty(),
            "--model is needed: the model's name, as the server knows it"
        );
        let path = self.journal_path(command);
        let progress = Arc::new(Progress::new(command));
        let watch = {
            let progress = progress.clone();
            Box::new(move |event: &_| progress.note(event))
        };
        let client = Client::open(self.connection()?, self.sampling(), &path, watch)?;
        eprintln!("{command}: {} responses in {}", client.stored(), path.display());
        warn_of_damage(client.damaged(), &path, "requests are sent");
        let check_seeds = !self.no_seed_check;
        Ok(Session { client, progress, command: command.to_owned(), seed: self.seed, check_seeds, offline })
    }

    /// The file that keeps what was drawn.
    pub(crate) fn journal_path(&self, command: &str) -> PathBuf {
        let default = || Path::new(".eightfold").join(command).with_extension("jsonl");
        self.journal.clone().unwrap_or_else(default)
    }

    /// The folder of a model that is to be run here: that of `--model`, where no server is named.
    #[cfg(feature = "models")]
    pub(crate) fn folder(&self) -> Option<&Path> {
        (self.server.is_empty() && !self.model.is_empty()).then(|| Path::new(&self.model))
    }

    /// How completions are drawn here.
    #[cfg(feature = "models")]
    pub(crate) fn local_sampling(&self) -> anyhow::Result<eightfold_models::Sampling> {
        let given = [
            ("--logprobs", self.logprobs),
            ("--body", !self.body.is_empty()),
            ("--key-env", self.key_env.is_some()),
            ("--per-minute", self.per_minute.is_some()),
        ];
        if let Some((option, _)) = given.into_iter().find(|(_, given)| *given) {
            anyhow::bail!("{option} needs --server");
        }
        let (temperature, top_p) = (self.temperature, self.top_p.unwrap_or(1.0));
        anyhow::ensure!(temperature >= 0.0, "--temperature {temperature} is below 0");
        anyhow::ensure!(top_p > 0.0 && top_p <= 1.0, "--top-p {top_p} is not in (0, 1]");
        anyhow::ensure!(self.stop.iter().all(|text| !text.is_empty()), "--stop is empty");
        let (max_tokens, stop) = (self.max_tokens as usize, self.stop.clone());
        Ok(eightfold_models::Sampling { temperature, top_p, max_tokens, stop })
    }

    fn connection(&self) -> anyhow::Result<Connection> {
        let seconds = |option: &str, value: f64| {
            let time = Duration::try_from_secs_f64(value).ok().filter(|time| !time.is_zero());
            time.with_context(|| format!("--{option} {value} is no time"))
        };
        Ok(Connection {
            // A batch goes nowhere by itself.
            endpoints: match self.server.as_slice() {
                [] => vec!["http://batch.invalid".to_owned()],
                named => named.to_vec(),
            },
            key: self.key_env.as_deref().map(ApiKey::from_env).transpose()?,
            concurrency: self.concurrency,
            per_minute: self.per_minute,
            choices: self.choices,
            timeout: seconds("timeout", self.timeout)?,
            attempts: self.attempts,
            back_off: BackOff { first: seconds("back-off", self.back_off)?, ..BackOff::default() },
        })
    }

    fn sampling(&self) -> Sampling {
        Sampling {
            temperature: self.temperature,
            top_p: self.top_p,
            max_tokens: self.max_tokens,
            stop: self.stop.clone(),
            logprobs: self.logprobs,
            seeds: !self.no_seed,
            continuation: self.way.into(),
            extra: self.body.iter().cloned().collect::<Map<_, _>>(),
            ..Sampling::new(self.model.clone())
        }
    }
}

/// Tells of damaged lines in a journal, and what becomes of them: `what` again.
pub(crate) fn warn_of_damage(damaged: usize, path: &Path, what: &str) {
    if damaged > 0 {
        eprintln!("{}: {damaged} damaged lines are passed over; their {what} again", path.display());
    }
}

/// Which API a prompt goes to.
pub(crate) fn api(ask: &Ask) -> Api {
    match *ask.prompt {
        eightfold_exchange::Prompt::Text(_) => Api::Completions,
        eightfold_exchange::Prompt::Messages(_) => Api::Chat,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_json() {
        assert_eq!(field("top_k=40"), Ok(("top_k".into(), Value::from(40))));
        assert_eq!(field("a=\"b=c\""), Ok(("a".into(), Value::from("b=c"))));
        assert!(field("top_k").is_err() && field("a=b").unwrap_err().contains("not JSON"));
        assert_eq!(unescaped("a\\nb").unwrap(), "a\nb");
    }
}
