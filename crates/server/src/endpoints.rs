//! Several servers of one model: whose turn it is, and who is put aside.

use crate::pause::{BackOff, sleep_until};
use crate::{Fault, ServerError};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row after which an endpoint that can be reached is put aside all the same.
const PATIENCE: u32 = 3;

/// How long a worker waits before it looks again whether an endpoint is free.
const LOOK: Duration = Duration::from_millis(100);

/// The endpoints of a client. They take turns. One that cannot be reached, or that fails again and again, is
/// put aside for a time that doubles; then one request tries it, and the others come back when that succeeds.
pub(crate) struct Endpoints {
    urls: Vec<String>,
    states: Mutex<States>,
    back_off: BackOff,
}

struct States {
    turn: usize,
    each: Vec<State>,
}

#[derive(Clone, Default)]
struct State {
    /// Failures in a row.
    failures: u32,
    /// When the last of them was noticed.
    failed: Option<Instant>,
    /// Free from then on.
    until: Option<Instant>,
    /// Whether it is free for one request only, which tries it.
    aside: bool,
    /// What it said last.
    message: String,
}

impl Endpoints {
    /// `urls` has one at least.
    pub(crate) fn new(urls: Vec<String>, back_off: BackOff) -> Self {
        let states = States { turn: 0, each: vec![State::default(); urls.len()] };
        Self { urls, states: Mutex::new(states), back_off }
    }

    pub(crate) fn url(&self, endpoint: usize) -> &str {
        &self.urls[endpoint]
    }

    /// The next free endpoint; waits until there is one.
    pub(crate) fn pick(&self, stop: &AtomicBool) -> Result<usize, ServerError> {
        loop {
            let now = Instant::now();
            let free = match self.lock().pick(now, self.back_off) {
                Ok(endpoint) => return Ok(endpoint),
                Err(free) => free,
            };
            sleep_until(free.min(now + LOOK), stop)?;
        }
    }

    /// Notes that a request which was sent at `sent` succeeded. True if the endpoint had been put aside.
    pub(crate) fn succeeded(&self, endpoint: usize, sent: Instant) -> bool {
        let state = &mut self.lock().each[endpoint];
        // A success from before the last failure says nothing about now.
        if state.failed.is_some_and(|failed| sent < failed) {
            return false;
        }
        std::mem::take(state).aside
    }

    /// Notes that a request which was sent at `sent` failed. True if the endpoint is put aside by this.
    pub(crate) fn failed(
        &self,
        endpoint: usize,
        sent: Instant,
        fault: Fault,
        wait: Option<Duration>,
        message: &str,
    ) -> bool {
        let now = Instant::now();
        let state = &mut self.lock().each[endpoint];
        // Requests that were under way together fail together, which is one failure.
        if state.failed.is_none_or(|failed| sent >= failed) {
            state.failures += 1;
            state.failed = Some(now);
        }
        message.clone_into(&mut state.message);
        let hold = now + wait.unwrap_or_default().max(self.back_off.after(state.failures));
        let before = state.aside;
        match fault {
            Fault::Busy => state.until = Some(hold),
            Fault::Unreachable => (state.aside, state.until) = (true, Some(hold)),
            _ if state.failures >= PATIENCE => (state.aside, state.until) = (true, Some(hold)),
            _ => {}
        }
        state.aside && !before
    }

    /// If every endpoint failed so often in a row: what the first of them said.
    pub(crate) fn exhausted(&self, attempts: u32) -> Option<String> {
        let states = self.lock();
        let all = states.each.iter().all(|state| state.failures >= attempts);
        all.then(|| format!("{}: {}", self.urls[0], states.each[0].message))
    }

    fn lock(&self) -> MutexGuard<'_, States> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl States {
    /// The next endpoint that is free now, or when the first one will be.
    fn pick(&mut self, now: Instant, back_off: BackOff) -> Result<usize, Instant> {
        let count = self.each.len();
        for step in 0..count {
            let endpoint = (self.turn + step) % count;
            let state = &mut self.each[endpoint];
            if state.until.is_none_or(|until| until <= now) {
                if state.aside {
                    // This request tries it; the others wait for what comes of that.
                    state.until = Some(now + back_off.after(state.failures));
                }
                self.turn = endpoint + 1;
                return Ok(endpoint);
            }
        }
        Err(self.each.iter().filter_map(|state| state.until).min().unwrap_or(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> Endpoints {
        let back_off = BackOff { first: Duration::from_secs(100), longest: Duration::from_secs(1000) };
        Endpoints::new(vec!["a".into(), "b".into()], back_off)
    }

    fn pick(endpoints: &Endpoints, now: Instant) -> Option<usize> {
        endpoints.lock().pick(now, endpoints.back_off).ok()
    }

    #[test]
    fn endpoints_take_turns() {
        let (endpoints, now) = (two(), Instant::now());
        let picked: Vec<_> = (0..4).map(|_| pick(&endpoints, now)).collect();
        assert_eq!(picked, [Some(0), Some(1), Some(0), Some(1)]);
    }

    #[test]
    fn a_dead_endpoint_is_put_aside_and_tried_by_one_request() {
        let (endpoints, now) = (two(), Instant::now());
        assert!(endpoints.failed(0, now, Fault::Unreachable, None, "refused"));
        assert!((0..4).all(|_| pick(&endpoints, now) == Some(1)));
        let later = now + Duration::from_secs(150);
        let picked: Vec<_> = (0..4).map(|_| pick(&endpoints, later)).collect();
        assert_eq!(picked.iter().filter(|p| **p == Some(0)).count(), 1);
        assert!(endpoints.succeeded(0, later), "it is back");
        assert!((0..2).any(|_| pick(&endpoints, later) == Some(0)));
    }

    #[test]
    fn requests_that_fail_together_count_once() {
        let (endpoints, sent) = (two(), Instant::now());
        (0..8).for_each(|_| {
            endpoints.failed(0, sent, Fault::Server, None, "500");
        });
        assert_eq!(pick(&endpoints, sent), Some(0), "a first failure puts nobody aside");
        for _ in 0..2 {
            endpoints.failed(0, Instant::now(), Fault::Server, None, "500");
        }
        assert!((0..4).all(|_| pick(&endpoints, Instant::now()) == Some(1)));
    }

    #[test]
    fn a_busy_endpoint_says_when_to_come_back() {
        let (endpoints, now) = (two(), Instant::now());
        let wait = Some(Duration::from_secs(700));
        assert!(!endpoints.failed(0, now, Fault::Busy, wait, "429"));
        assert!(!endpoints.succeeded(0, now), "sent before it was busy");
        assert!((0..4).all(|_| pick(&endpoints, now + Duration::from_secs(600)) == Some(1)));
        assert!((0..2).any(|_| pick(&endpoints, now + Duration::from_secs(900)) == Some(0)));
    }

    #[test]
    fn all_must_fail_before_hope_is_lost() {
        let endpoints = two();
        for _ in 0..3 {
            endpoints.failed(0, Instant::now(), Fault::Unreachable, None, "refused");
        }
        assert_eq!(endpoints.exhausted(3), None);
        for _ in 0..3 {
            endpoints.failed(1, Instant::now(), Fault::Unreachable, None, "refused");
        }
        assert_eq!(endpoints.exhausted(3).as_deref(), Some("a: refused"));
    }
}
