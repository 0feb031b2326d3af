//! Virtual time: tokio's paused clock, seen as a time stamp. The one place of the direct faces that waits.

use std::time::Duration;

use upshift_engine::clock::Clock;

/// A clock that begins at a fixed time and goes with tokio's paused clock: what waits for an hour takes no
/// time at all.
#[derive(Debug, Clone, Copy)]
pub struct Clockwork {
    began: tokio::time::Instant,
    at: i64,
}

impl Clockwork {
    /// Begins now, at this time stamp (milliseconds). To be called inside a paused runtime.
    pub fn begin(at: i64) -> Self {
        Self {
            began: tokio::time::Instant::now(),
            at,
        }
    }

    /// The time in milliseconds.
    pub fn now(&self) -> i64 {
        let passed = self.began.elapsed().as_millis();
        self.at + i64::try_from(passed).unwrap_or(i64::MAX - self.at)
    }

    /// The time as a time stamp.
    pub fn stamp(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.now()).unwrap_or(jiff::Timestamp::MAX)
    }

    /// The same for the engine.
    pub fn clock(self) -> Clock {
        Clock::new(move || self.stamp())
    }
}

/// Lets so many milliseconds pass.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where a simulated world lets time pass"
)]
pub async fn pass(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}
