//! The client: completions from servers, each request answered once and its response kept.

use crate::answer::choices;
use crate::endpoints::Endpoints;
use crate::pause::{Pace, sleep_until};
use crate::request::Request;
use crate::transport::{Failure, Transport};
use crate::{Answer, Ask, Connection, Event, Fault, Refusal, Sampling, ServerError};
use eightfold_journal::Journal;
use eightfold_task::Key;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
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
    watch: Box<dyn Fn(&Event) + Send + Sync>,
}

/// Asks that one request is for: neighbors of the same prompt and prefix. Equal groups are sent once.
struct Group {
    /// Where each equal group begins.
    starts: Vec<usize>,
    len: usize,
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
        Ok(Self { sampling, connection, endpoints, transport, pace, journal, watch })
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
    /// As [`Client::draw`]; also if nothing but refusals came of it, or of the first `attempts` requests.
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
        let (good, refused) = (AtomicBool::new(false), AtomicUsize::new(0));
        let hopeless = || {
            let refused = 1 + refused.fetch_add(1, Ordering::Relaxed);
            !good.load(Ordering::Relaxed) && refused >= groups.len().min(self.connection.attempts as usize)
        };
        let (sender, receiver) = mpsc::channel();
        let work = |sender: mpsc::Sender<_>| {
            while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
                let start = group.starts[0];
                let answers = match self.answer(&asks[start..start + group.len], &stop) {
                    Ok(answers) => {
                        good.store(true, Ordering::Relaxed);
                        Ok(Ok(answers))
                    }
                    Err(ServerError::Refused { url, status, message })
                        if pass_over && Refusal::of_one_prompt(status) && !hopeless() =>
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
                if let Ok(answer) = &drawn {
                    (self.watch)(&Event::Completed { ending: answer.ending() });
                }
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
            answers.iter_mut().for_each(|answer| answer.seed = request.seed);
            answers
        };
        if let Some(answers) = self.journal.get(request.id)?.and_then(|stored| choices(&stored).ok()) {
            (self.watch)(&Event::Replayed);
            return Ok(with_seed(answers));
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
        self.journal.append(request.id, &response)?;
        if self.endpoints.succeeded(endpoint, sent) {
            (self.watch)(&Event::Back { url: url.clone() });
        }
        // A broken response is one request's bad luck; the endpoint did answer.
        Ok(choices(&response)
            .inspect(|answers| {
                let tokens = answers.iter().filter_map(|answer| answer.tokens).sum();
                (self.watch)(&Event::Answered { tokens });
            })
            .map_err(|message| self.failed(Fault::Broken, format!("{url}: {}: {message}", Fault::Broken))))
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

/// Neighbors of the same prompt and prefix, up to `choices` at once, equal groups together.
fn groups(asks: &[Ask], choices: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<&[Ask], usize> = HashMap::new();
    let same = |a: &Ask, b: &Ask| a.prompt == b.prompt && a.prefix == b.prefix;
    let mut start = 0;
    for run in asks.chunk_by(same) {
        for part in run.chunks(choices) {
            let group = *known.entry(part).or_insert(groups.len());
            match groups.get_mut(group) {
                Some(group) => group.starts.push(start),
                None => groups.push(Group { starts: vec![start], len: part.len() }),
            }
            start += part.len();
        }
    }
    groups
}

/// What a worker sends: a group, and its answers.
type Done<'a> = (&'a Group, Result<Result<Vec<Answer>, Refusal>, ServerError>);

/// Hands answers on in order. After a failure those that were under way are waited for.
fn deliver(
    receiver: mpsc::Receiver<Done>,
    take: &mut dyn FnMut(usize, Result<Answer, Refusal>) -> io::Result<()>,
) -> Result<(), ServerError> {
    let (mut waiting, mut next, mut failure) = (BTreeMap::new(), 0, None);
    for (group, answers) in receiver {
        match answers {
            Ok(answers) => {
                for start in &group.starts {
                    waiting.extend((0..group.len).map(|i| {
                        let drawn = answers.as_ref().map(|answers| answers[i].clone());
                        (start + i, drawn.map_err(Clone::clone))
                    }));
                }
            }
            // The first failure is the cause; requests that stopped because of it say nothing.
            Err(ServerError::Stopped) => {}
            Err(error) => failure = failure.or(Some(error)),
        }
        while let Some(answer) = waiting.remove(&next) {
            take(next, answer)?;
            next += 1;
        }
    }
    failure.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_exchange::Prompt;

    fn ask(prompt: &str, number: u64) -> Ask {
        let key = Key::new(0, "test").with(number);
        Ask { prompt: Prompt::Text(prompt.into()).into(), prefix: String::new(), key }
    }

    #[test]
    fn neighbors_of_one_prompt_share_a_request() {
        let asks = [ask("a", 0), ask("a", 1), ask("a", 2), ask("b", 0), ask("a", 3)];
        let shape = |choices| {
            let groups = groups(&asks, choices);
            groups.iter().map(|group| (group.starts.clone(), group.len)).collect::<Vec<_>>()
        };
        assert_eq!(shape(2), [(vec![0], 2), (vec![2], 1), (vec![3], 1), (vec![4], 1)]);
        assert_eq!(shape(1).len(), 5);
    }

    #[test]
    fn equal_asks_are_sent_once() {
        let asks = [ask("a", 0), ask("b", 0), ask("a", 0), ask("a", 1)];
        let groups = groups(&asks, 1);
        assert_eq!(groups[0].starts, [0, 2]);
        assert_eq!(groups.len(), 3);
    }

    #[test]
    fn answers_are_handed_on_in_order() {
        let answer = |text: &str| choices(&format!(r#"{{"choices": [{{"text": "{text}"}}]}}"#)).unwrap();
        let all = [0, 1, 2].map(|start| Group { starts: vec![start], len: 1 });
        let (sender, receiver) = mpsc::channel();
        for (i, text) in [(2, "c"), (0, "a"), (1, "b")] {
            sender.send((&all[i], Ok(Ok(answer(text))))).unwrap();
        }
        drop(sender);
        let mut taken = Vec::new();
        deliver(receiver, &mut |i, answer| {
            taken.push((i, answer.unwrap().text));
            Ok(())
        })
        .unwrap();
        assert_eq!(taken, [(0, "a".into()), (1, "b".into()), (2, "c".into())]);
    }
}
