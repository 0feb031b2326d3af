//! How long the engine waits between two looks. The only place of the engine that sleeps.

use std::time::Duration;

/// Waits that grow while nothing changes and start anew when something does.
#[derive(Debug)]
pub(crate) struct Pace {
    next: Duration,
}

impl Pace {
    /// A stop with savepoint or a restore of a small job takes the server about 0.1 s: looking
    /// every 20 ms adds a tenth to a job's downtime at most.
    const FIRST: Duration = Duration::from_millis(20);
    /// A cluster needs 8 s to come up, a big savepoint minutes: a look costs the job manager one or
    /// two small requests, four a second do no harm.
    const LONGEST: Duration = Duration::from_millis(250);

    pub(crate) const fn new() -> Self {
        Self { next: Self::FIRST }
    }

    /// Something changed: look often again.
    pub(crate) const fn quicken(&mut self) {
        self.next = Self::FIRST;
    }

    pub(crate) async fn wait(&mut self) {
        nap(self.next).await;
        self.next = self.next.mul_f64(1.15).min(Self::LONGEST);
    }
}

/// One wait.
#[expect(clippy::disallowed_methods, reason = "this module is where the engine waits")]
pub(crate) async fn nap(length: Duration) {
    tokio::time::sleep(length).await;
}
