//! The client: completions from servers, each request answered once and its response kept.

use crate::answer::choices;
use crate::deliver::deliver;
use crate::endpoints::Endpoints;
use crate::groups::{Group, groups};
use crate::pause::{Pace, sleep_until};
use crate::refusal::Refused;
use crate::request::Request;
use crate::transport::{Failure, Transport};
use crate::{Answer, Ask, Connection, Event, Fault, Refusal, Sampling, ServerError};
use eightfold_journal::{ContentId, Journal};
use eightfold_task::Key;
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Instant;

/// Draws completions from the servers of a model. Every raw response is in the journal before it is parsed,
/// and a request whose response is there is not sent: a run that was killed is resumed by running it again.
pub struct Client {
    pub(crate) sampling: Sampling,
    connection: Connection,
    endpoints: Endpoints,
    transport: Transport,
    pace: Pace,
    journal: Journal,
    /// Whether any of what was drawn was answered: then a refusal speaks of its prompt, not of every prompt.
    good: AtomicBool,
    /// Requests that a batch refused. They are not sent again.
    refusals: Mutex<HashMap<ContentId, Refusal>>,
    watch: Box<dyn Fn(&Event) + Send + Sync>,
}

impl Client {
    /// A client that keeps its journal in a file. `watch` is told what happens, from several threads.
    ///
    /// # Errors
    /// If a setting is out of its range, or the journal cannot be had. No server is called.
    pub fn open(
        connection: Connection,
        sampling: Sampling,
        journal: &Path,
        watch: Box<dyn Fn(&Event) + Send + Sync>,
    ) -> Result<Self, ServerError> {
        sampling.check()?;
        let endpoints = Endpoints::new(connection.check()?, connection.back_off);
        let transport = Transport::new(connection.key.clone(), connection.timeout, connection.concurrency);
        let (pace, journal) = (Pace::new(connection.per_minute), Journal::open(journal)?);
        let (good, refusals) = (AtomicBool::new(false), Mutex::default());
        Ok(Self { sampling, connection, endpoints, transport, pace, journal, good, refusals, watch })
    }

    /// The fields of its requests.
    pub fn sampling(&self) -> &Sampling {
        &self.sampling
    }

    /// Requests with a response in the journal.
    pub fn stored(&self) -> usize {
        self.journal.stored()
    }

    /// Lines of the journal that were damaged when it was opened. Their requests are sent again.
    pub fn damaged(&self) -> usize {
        self.journal.damaged()
    }

    /// Draws one completion for each ask and hands them to `take` with their numbers, in order, as they come.
    ///
    /// # Errors
    /// If a server refuses a request, no attempt succeeds, the journal cannot be written, or `take` fails.
    /// What was under way is waited for, and its responses are stored.
    pub fn draw(
        &self,
        asks: &[Ask],
        take: &mut dyn FnMut(usize, Answer) -> io::Result<()>,
    ) -> Result<(), ServerError> {
        self.draw_by(asks, false, &mut |number, drawn| match drawn {
            Ok(answer) => take(number, answer),
            Err(refusal) => Err(io::Error::other(refusal.to_string())),
        })
    }

    /// As [`Client::draw`], but a prompt that the server refuses is handed to `take` as such and the others go on.
    ///
    /// # Errors
    /// As [`Client::draw`]; also if nothing but refusals came of it, or of as many prompts as it has `attempts`, and nothing
    /// that this client drew before was answered.
    pub fn draw_each(
        &self,
        asks: &[Ask],
        take: &mut dyn FnMut(usize, Result<Answer, Refusal>) -> io::Result<()>,
    ) -> Result<(), ServerError> {
        self.draw_by(asks, true, take)
    }

    fn draw_by(
        &self,
        asks: &[Ask],
        pass_over: bool,
        take: &mut dyn FnMut(usize, Result<Answer, Refusal>) -> io::Result<()>,
    ) -> Result<(), ServerError> {
        (self.watch)(&Event::Wanted { completions: asks.len() });
        let groups = groups(asks, self.connection.choices);
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let good = &self.good;
        let prompts = groups.iter().map(|group| &asks[group.starts[0]].prompt);
        let refused = Refused::new(prompts, self.connection.attempts as usize);
        let hopeless =
            |group: &Group| refused.note(&asks[group.starts[0]].prompt) && !good.load(Ordering::Relaxed);
        let (sender, receiver) = mpsc::channel();
        let work = |sender: mpsc::Sender<_>| {
            while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                let answers = match self.answer(&asks[group.asks()], &stop) {
                    Ok(answers) => {
                        good.store(true, Ordering::Relaxed);
                        Ok(Ok(answers))
                    }
                    Err(ServerError::Refused { url, status, message })
                        if pass_over && Refusal::of_one_prompt(status) && !hopeless(group) =>
                    {
                        Ok(Err(Refusal { url, status, message }))
                    }
                    Err(error) => Err(error),
                };
                stop.fetch_or(answers.is_err(), Ordering::Relaxed);
                // Nobody listens any more once `take` has failed; the response is in the journal.
                let _ = sender.send((group, answers));
                if stop.load(Ordering::Relaxed) {
                    return;
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.connection.concurrency.min(groups.len()) {
                let sender = sender.clone();
                scope.spawn(|| work(sender));
            }
            drop(sender);
            let taken = deliver(receiver, &mut |number, drawn| {
                (self.watch)(&match &drawn {
                    Ok(answer) => Event::Completed { ending: answer.ending() },
                    Err(_) => Event::Refused,
                });
                take(number, drawn)
            });
            stop.store(true, Ordering::Relaxed);
            taken
        })
    }

    /// An answer for each of some asks of one prompt and prefix.
    fn answer(&self, asks: &[Ask], stop: &AtomicBool) -> Result<Vec<Answer>, ServerError> {
        let keys: Vec<Key> = asks.iter().map(|ask| ask.key).collect();
        let mut answers = Vec::with_capacity(keys.len());
        while answers.len() < keys.len() {
            let request = Request::new(&self.sampling, &asks[0], &keys[answers.len()..]);
            let given = self.respond(&request, stop)?;
            if given.len() != request.n {
                (self.watch)(&Event::Choices { asked: request.n, given: given.len() });
            }
            // What is missing is asked for again, under the keys that are left.
            answers.extend(given.into_iter().take(request.n));
        }
        Ok(answers)
    }

    /// The choices of a request: from the journal, or from a server by way of the journal.
    pub(crate) fn respond(&self, request: &Request, stop: &AtomicBool) -> Result<Vec<Answer>, ServerError> {
        let with_seed = |mut answers: Vec<Answer>| {
            for answer in &mut answers {
                answer.seed = request.seed;
                request.begun.iter().for_each(|prefix| answer.leave_out(prefix));
            }
            answers
        };
        if let Some(answers) = self.stored_choices(request.id)? {
            (self.watch)(&Event::Replayed);
            return Ok(with_seed(answers));
        }
        if let Some(Refusal { url, status, message }) = self.refusal(request.id) {
            return Err(ServerError::Refused { url, status, message });
        }
        let mut tries = 0;
        loop {
            let (fault, message) = match self.attempt(request, stop)? {
                Ok(answers) => return Ok(with_seed(answers)),
                Err(failure) => failure,
            };
            // A busy or unreachable endpoint is waited for when the next one is picked.
            let waits = matches!(fault, Fault::Busy | Fault::Unreachable);
            tries += u32::from(!waits);
            self.give_up(tries, &message)?;
            if !waits {
                let pause = self.connection.back_off.jittered(tries, request.id);
                sleep_until(Instant::now() + pause, stop)?;
            }
        }
    }

    /// Sends a request once. A failure that may pass is inside, with a line that says which endpoint and why.
    fn attempt(
        &self,
        request: &Request,
        stop: &AtomicBool,
    ) -> Result<Result<Vec<Answer>, (Fault, String)>, ServerError> {
        let endpoint = self.endpoints.pick(stop)?;
        sleep_until(self.pace.slot(Instant::now()), stop)?;
        let (sent, url) = (Instant::now(), self.endpoints.url(endpoint).to_owned());
        let response = match self.transport.post(&format!("{url}/{}", request.path), &request.body) {
            Ok(response) => response,
            Err(Failure::Lasting { status, message }) => {
                return Err(ServerError::Refused { url, status, message });
            }
            Err(Failure::Passing { fault, wait, message }) => {
                if self.endpoints.failed(endpoint, sent, fault, wait, &message) {
                    (self.watch)(&Event::Aside { url: url.clone() });
                }
                return Ok(Err(self.failed(fault, format!("{url}: {fault}: {message}"))));
            }
        };
        let kept = self.keep(request.id, &response)?;
        if self.endpoints.succeeded(endpoint, sent) {
            (self.watch)(&Event::Back { url: url.clone() });
        }
        // A broken response is one request's bad luck; the endpoint did answer.
        Ok(kept
            .inspect(|answers| {
                let tokens = answers.iter().filter_map(|answer| answer.tokens).sum();
                (self.watch)(&Event::Answered { tokens });
            })
            .map_err(|message| self.failed(Fault::Broken, format!("{url}: {}: {message}", Fault::Broken))))
    }

    /// The choices that the journal has for a request, if any can be used.
    pub(crate) fn stored_choices(&self, id: ContentId) -> Result<Option<Vec<Answer>>, ServerError> {
        Ok(self.journal.get(id)?.and_then(|stored| choices(&stored).ok()))
    }

    /// Stores a response, then reads it; inside, what is wrong with it.
    pub(crate) fn keep(
        &self,
        id: ContentId,
        response: &str,
    ) -> Result<Result<Vec<Answer>, String>, ServerError> {
        self.journal.append(id, response)?;
        Ok(choices(response))
    }

    /// Notes that a request will not be answered.
    pub(crate) fn refuse(&self, id: ContentId, refusal: Refusal) {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).insert(id, refusal);
    }

    /// Why a request will not be answered, if a batch said so.
    pub(crate) fn refusal(&self, id: ContentId) -> Option<Refusal> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Completions of one prompt in one request.
    pub(crate) fn choices(&self) -> usize {
        self.connection.choices
    }

    fn failed(&self, fault: Fault, message: String) -> (Fault, String) {
        (self.watch)(&Event::Failed { fault, message: message.clone() });
        (fault, message)
    }

    fn give_up(&self, tries: u32, last: &str) -> Result<(), ServerError> {
        let attempts = self.connection.attempts;
        let last = if tries >= attempts { Some(last.to_owned()) } else { self.endpoints.exhausted(attempts) };
        last.map_or(Ok(()), |last| Err(ServerError::Exhausted { attempts, last }))
    }
}
