//! The emulated service of Realtime Compute, started as a person starts it: the vendor's own SDK judges it, with real
//! Flink clusters below, and `upshift check` looks at it.

use std::time::Duration;

#[path = "emulated/check.rs"]
mod check;
#[expect(dead_code, reason = "a terminal that goes away is another story's")]
#[path = "support/ran.rs"]
mod ran;
#[path = "emulated/sdk.rs"]
mod sdk;
#[path = "emulated/support.rs"]
mod support;
#[expect(
    clippy::print_stdout,
    reason = "what a story prints is captured, and shown when it fails"
)]
#[path = "emulated/upgrade.rs"]
mod upgrade;

/// Longer than any command takes on a loaded machine.
const LIMIT: Duration = Duration::from_secs(600);

#[expect(clippy::disallowed_methods, reason = "a story waits on real processes")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}
