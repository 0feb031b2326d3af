//! Waiting until something is so, with a limit.
//!
//! The one place of the lab that sleeps; what is waited for is the caller's business.

use std::time::{Duration, Instant};

/// How often to look. Loopback calls cost well under a millisecond, and the lab measures gaps of a second.
const EVERY: Duration = Duration::from_millis(20);

/// Asks until the answer is `Some`, or gives up with `None` when the time is over.
pub(crate) fn until<T, E>(
    limit: Duration,
    mut ask: impl FnMut() -> Result<Option<T>, E>,
) -> Result<Option<T>, E> {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(Some(answer));
        }
        if start.elapsed() >= limit {
            return Ok(None);
        }
        pause(EVERY);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the lab is synchronous and outside the engine; this is its one wait"
)]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}
