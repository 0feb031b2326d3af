//! How long the engine waits between two looks, and how long it has waited. The only place of the engine that
//! sleeps.

use std::time::Duration;

use tokio::time::Instant;
use upshift_model::span::Millis;

/// How long what a person wishes goes unread, whatever else is waited for.
pub(crate) const LISTEN_EVERY: Duration = Duration::from_millis(250);

/// Waits that grow while nothing changes and start anew when something does.
#[derive(Debug)]
pub(crate) struct Pace {
    next: Duration,
    first: Duration,
    longest: Duration,
    /// Since something changed.
    waited: Duration,
}

impl Pace {
    /// A stop with savepoint or a restore of a small job takes the server about 0.1 s: looking
    /// every 20 ms adds a tenth to a job's downtime at most.
    const FIRST: Duration = Duration::from_millis(20);
    /// A cluster needs 8 s to come up, a big savepoint minutes: a look costs the job manager one or
    /// two small requests, four a second do no harm.
    const LONGEST: Duration = Duration::from_millis(250);
    /// What has been waited for through minutes or hours is looked at ever more seldom: a look may be a program on
    /// every host. Whatever happens is seen at most a hundredth of the wait later than it could be.
    const SHARE_OF_WAIT: u32 = 100;
    const LONGEST_OF_ALL: Duration = Duration::from_secs(30);
    /// Who has not answered for half a minute is asked every two seconds from then on: no journal is filled with it.
    const LONGEST_REPEAT: Duration = Duration::from_secs(2);
    /// A whole look takes seconds, and asks every server.
    const FIRST_WHOLE: Duration = Duration::from_secs(2);
    const LONGEST_WHOLE: Duration = Duration::from_secs(30);

    pub(crate) const fn new() -> Self {
        Self::between(Self::FIRST, Self::LONGEST)
    }

    /// Between two tries that nobody answers: each stands in the journal.
    pub(crate) const fn of_repeats() -> Self {
        Self::between(Self::FIRST, Self::LONGEST_REPEAT)
    }

    /// For whoever looks at everything each time.
    pub(crate) const fn of_whole_looks() -> Self {
        Self::between(Self::FIRST_WHOLE, Self::LONGEST_WHOLE)
    }

    const fn between(first: Duration, longest: Duration) -> Self {
        Self {
            next: first,
            first,
            longest,
            waited: Duration::ZERO,
        }
    }

    /// Something changed: look often again.
    pub(crate) const fn quicken(&mut self) {
        self.next = self.first;
        self.waited = Duration::ZERO;
    }

    /// How long to wait until the next look.
    pub(crate) fn next(&mut self) -> Duration {
        let share = (self.waited / Self::SHARE_OF_WAIT).min(Self::LONGEST_OF_ALL);
        let next = self.next.max(share);
        self.next = self.next.mul_f64(1.15).min(self.longest);
        self.waited += next;
        next
    }
}

/// How long something has been waited for. By the clock that dates the records, because a wait may have begun in
/// another process; and by one that nobody can set back, so that a wait does not get longer when the first one is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch {
    since: jiff::Timestamp,
    seen: Instant,
}

impl Stopwatch {
    /// For a wait that began at a time that is not in the future.
    pub(crate) fn since(since: jiff::Timestamp) -> Self {
        let seen = Instant::now();
        Self { since, seen }
    }

    /// When the wait began.
    pub(crate) const fn began(&self) -> jiff::Timestamp {
        self.since
    }

    /// How long it has taken by now.
    pub(crate) fn waited(&self, now: jiff::Timestamp) -> Millis {
        let seen = u64::try_from(self.seen.elapsed().as_millis()).unwrap_or(u64::MAX);
        Millis::between(self.since, now).max(Millis(seen))
    }
}

/// One wait.
#[expect(clippy::disallowed_methods, reason = "this module is where the engine waits")]
pub(crate) async fn nap(length: Duration) {
    tokio::time::sleep(length).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(pace: &mut Pace, within: Duration) -> u32 {
        let (mut waited, mut looks) = (Duration::ZERO, 0);
        while waited < within {
            waited += pace.next();
            looks += 1;
        }
        looks
    }

    #[test]
    fn what_is_quickly_over_is_looked_at_often_and_a_long_wait_ever_more_seldom() {
        let mut pace = Pace::new();
        assert_eq!(pace.next(), Duration::from_millis(20));
        let first = looks(&mut pace, Duration::from_secs(20));
        assert!((80..110).contains(&first), "{first} looks in 20 s");
        let hour = looks(&mut pace, Duration::from_secs(3600));
        assert!((400..700).contains(&hour), "{hour} looks in an hour");
        looks(&mut pace, Duration::from_secs(3600));
        assert_eq!(pace.next(), Duration::from_secs(30));
        pace.quicken();
        assert_eq!(pace.next(), Duration::from_millis(20));
    }
}
