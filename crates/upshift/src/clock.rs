//! The only reader of the wall clock. Everybody else is given a time.

use jiff::Timestamp;

/// The time now, by this machine's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "this module is the one reader of the clock"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}
