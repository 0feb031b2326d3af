//! Real clusters of Fluss are upgraded by the real program, there and back, under a load that checks itself.
//!
//! They need the releases that `cargo xtask fetch needed` puts into the cache, and fail where those are missing. Each
//! takes its turn on the machine.

#![expect(
    clippy::print_stdout,
    reason = "what a story prints is captured, and shown when it fails"
)]

#[path = "real_fluss/full_stop.rs"]
mod full_stop;
#[path = "real_fluss/half_way.rs"]
mod half_way;
#[path = "real_fluss/past_the_coordinator.rs"]
mod past_the_coordinator;
#[expect(dead_code, reason = "a terminal that goes away is another story's")]
#[path = "support/ran.rs"]
mod ran;
#[path = "real_fluss/story.rs"]
mod story;
#[path = "real_fluss/trouble.rs"]
mod trouble;

use std::time::Duration;

/// Longer than any command takes on a loaded machine.
const LIMIT: Duration = Duration::from_secs(900);

#[expect(clippy::disallowed_methods, reason = "a story waits on real processes")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}
