//! OpenAI-compatible servers as policies: a [`Client`] that draws completions from the endpoints of a model
//! and keeps every raw response, and a [`ServerPolicy`] over it for everything that draws from a
//! [`Policy`](eightfold_task::Policy).
//!
//! ```
//! use eightfold_exchange::Prompt;
//! use eightfold_server::{Client, Connection, Prompts, Sampling, ServerPolicy};
//! use eightfold_task::Problem;
//!
//! let folder = tempfile::tempdir()?;
//! let connection = Connection::new("http://127.0.0.1:8000");
//! let journal = folder.path().join("journal.jsonl");
//! let client = Client::open(connection, Sampling::new("a-model"), &journal, Box::new(|_| {}))?;
//! let (mut prompts, problem) = (Prompts::default(), Problem::new("What is 2 + 3?", "5"));
//! prompts.insert(&problem, Prompt::Text(format!("Question: {}\nAnswer:", problem.question)));
//! let policy = ServerPolicy::new(&client, &prompts);
//! # let _ = policy;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is promised
//! - **No request is lost and none is stored twice.** A response is appended to the journal before it is
//!   parsed; a request is named by its content ([`Sampling`], prompt, keys), not by where it went. A run that
//!   dies, however it dies, goes on where it was when it is run again, and its result is that of an
//!   undisturbed run.
//! - **Faults that pass are waited out**: status 429 (`Retry-After` is honored), 5xx, time-outs, broken
//!   connections and broken JSON, with times that double and jitter. An endpoint that cannot be reached is
//!   put aside and tried now and then. Faults that last (status 400, 401, 404 and so on) are one error.
//! - **An API key comes from the environment** and is shown and stored nowhere, not even if a server repeats
//!   it.
//! - **Batches go through the same journal**: [`Client::write_batch`] writes the requests that have no response, and
//!   [`Client::take_batch`] stores the answers under their names.
//! - A server that gives fewer choices than asked for is asked for the rest.
//!
//! # What it does not do
//! It does not stream tokens, balance load by measured speed, or tokenize: a prefix that ends inside a token
//! of the model is continued as the server sees it. Whether a chat goes on from a prefix at all is the
//! server's affair: [`Client::probe`] finds out.

mod answer;
mod api_key;
mod ask;
mod batch;
mod client;
mod connection;
mod deliver;
mod endpoints;
mod error;
mod event;
mod groups;
mod pause;
mod policy;
mod probe;
mod refusal;
mod request;
mod sampling;
mod transport;

pub use answer::Answer;
pub use api_key::ApiKey;
pub use ask::Ask;
pub use batch::{BatchLine, Requests};
pub use client::Client;
pub use connection::Connection;
pub use error::ServerError;
pub use event::{Ending, Event, Fault};
pub use pause::BackOff;
pub use policy::{Prompts, ServerPolicy};
pub use probe::{Api, Finding, Outcome};
pub use refusal::Refusal;
pub use sampling::{Continuation, Sampling};
