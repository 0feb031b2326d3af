//! How many calls are sent in a second, over everything that this process does with a namespace, and how long the
//! service wants to be left alone. What the quota of an account is, this API does not say.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A budget of calls. Up to a second's worth may be sent at once.
#[derive(Debug)]
pub(super) struct Pace {
    every: Duration,
    /// When the next call would be due if all were evenly spaced.
    due: Mutex<Option<Instant>>,
}

/// Calls that may come before they are due.
const BURST: Duration = Duration::from_secs(1);
/// No answer of the service holds everything longer than this; the call itself says that it was shed.
const LONGEST_REST: Duration = Duration::from_secs(60);

impl Pace {
    pub(super) fn of(calls_per_second: u32) -> Self {
        Self {
            every: Duration::from_secs(1) / calls_per_second.max(1),
            due: Mutex::default(),
        }
    }

    /// When the next call may be sent; takes its place in the row.
    fn take(&self, now: Instant) -> Instant {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = due.map_or(now, |due| due.max(now));
        *due = Some(mine + self.every);
        mine.checked_sub(BURST).map_or(now, |early| early.max(now))
    }

    /// Waits for its turn.
    pub(super) async fn turn(&self) {
        let at = self.take(Instant::now());
        tokio::time::sleep_until(at).await;
    }

    /// The service wants to be left alone: nobody calls before.
    pub(super) fn rest(&self, wait: Duration) {
        let until = Instant::now() + wait.min(LONGEST_REST) + BURST;
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        *due = Some(due.map_or(until, |due| due.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_s_worth_goes_at_once_and_the_rest_is_spaced() {
        let (pace, now) = (Pace::of(10), Instant::now());
        let waits: Vec<u128> = (0..14).map(|_| (pace.take(now) - now).as_millis()).collect();
        assert_eq!(waits[..11], [0; 11]);
        assert_eq!(waits[11..], [100, 200, 300]);
    }

    #[tokio::test]
    async fn nobody_calls_while_the_service_wants_to_be_left_alone() {
        let pace = Pace::of(10);
        pace.rest(Duration::from_secs(5));
        let now = Instant::now();
        let wait = pace.take(now) - now;
        assert!(wait > Duration::from_secs(4), "{wait:?}");
    }
}
