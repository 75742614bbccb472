//! How long to wait: before an attempt is repeated, and between requests.

use crate::ServerError;
use eightfold_journal::ContentId;
use eightfold_task::Key;
use rand::RngExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// Longest time that a server's `Retry-After` is believed for.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);

/// Sleeps are cut into pieces of this length, after each of which a stop is noticed.
const PIECE: Duration = Duration::from_millis(50);

/// Times between attempts: they double from `first` up to `longest`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackOff {
    /// After the first failure.
    pub first: Duration,
    /// At most.
    pub longest: Duration,
}

impl Default for BackOff {
    fn default() -> Self {
        Self { first: Duration::from_millis(500), longest: Duration::from_secs(60) }
    }
}

impl BackOff {
    /// The time after so many failures in a row, without jitter.
    pub(crate) fn after(self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        self.first.saturating_mul(1 << doublings).min(self.longest)
    }

    /// That time, shortened by up to a half, so that requests that failed together do not return together.
    /// The jitter is a function of request and attempt.
    pub(crate) fn jittered(self, failures: u32, id: ContentId) -> Duration {
        let key = Key::new(0, "back-off").with_text(&id.to_string()).with(u64::from(failures));
        self.after(failures).mul_f64(key.rng().random_range(0.5..1.0))
    }
}

/// The time that a `Retry-After` header asks for: seconds or a date.
pub(crate) fn retry_after(header: &str, now: SystemTime) -> Option<Duration> {
    let seconds = header.trim().parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0);
    let asked = match seconds {
        Some(seconds) => Duration::from_secs_f64(seconds.min(LONGEST_ASKED.as_secs_f64())),
        None => httpdate::parse_http_date(header.trim()).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(asked.min(LONGEST_ASKED))
}

/// Sleeps until a time, or until `stop`.
///
/// # Errors
/// [`ServerError::Stopped`] in the second case.
pub(crate) fn sleep_until(until: Instant, stop: &AtomicBool) -> Result<(), ServerError> {
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(ServerError::Stopped);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(PIECE));
    }
}

/// Keeps requests apart, so that no more than so many are sent in a minute.
pub(crate) struct Pace {
    apart: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// At most `per_minute` requests a minute, if given.
    pub(crate) fn new(per_minute: Option<u32>) -> Self {
        let apart = per_minute.map_or(Duration::ZERO, |n| Duration::from_secs(60) / n.max(1));
        Self { apart, next: Mutex::new(None) }
    }

    /// When the caller may send. Each call is given another time.
    pub(crate) fn slot(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = next.map_or(now, |next| next.max(now));
        *next = Some(slot + self.apart);
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_double_up_to_the_longest() {
        let back_off = BackOff { first: Duration::from_secs(1), longest: Duration::from_secs(5) };
        let seconds = |failures| back_off.after(failures).as_secs();
        assert_eq!([1, 2, 3, 4, 99].map(seconds), [1, 2, 4, 5, 5]);
        let id = ContentId::parse(&"1".repeat(32)).unwrap();
        for failures in 1..40 {
            let (whole, jittered) = (back_off.after(failures), back_off.jittered(failures, id));
            assert!(jittered >= whole / 2 && jittered <= whole);
        }
        assert_ne!(back_off.jittered(4, id), back_off.jittered(5, id));
    }

    #[test]
    fn both_forms_of_retry_after_are_read() {
        let now = httpdate::parse_http_date("Fri, 20 Nov 2026 12:00:00 GMT").unwrap();
        let seconds = |header| retry_after(header, now).map(|wait| wait.as_secs_f64());
        assert_eq!(seconds(" 2 "), Some(2.0));
        assert_eq!(seconds("0.25"), Some(0.25));
        assert_eq!(seconds("Fri, 20 Nov 2026 12:00:07 GMT"), Some(7.0));
        assert_eq!(seconds("Fri, 20 Nov 2026 11:00:00 GMT"), Some(0.0));
        assert_eq!(seconds("1e300"), Some(3600.0));
        assert_eq!((seconds("soon"), seconds("-3"), seconds("NaN")), (None, None, None));
    }

    #[test]
    fn slots_are_spread_over_the_minute() {
        let (pace, now) = (Pace::new(Some(120)), Instant::now());
        let slots: Vec<Duration> = (0..4).map(|_| pace.slot(now) - now).collect();
        assert_eq!(slots.iter().map(Duration::as_millis).collect::<Vec<_>>(), [0, 500, 1000, 1500]);
        let late = now + Duration::from_secs(60);
        assert_eq!(pace.slot(late), late, "unused time is not saved up");
        assert_eq!(Pace::new(None).slot(now), now);
    }
}
