//! Whole runs of the real program on a played cluster of Alluxio: its servers are processes that do nothing, its scripts do
//! what the releases' scripts do to files, its master answers what was recorded of real ones. What real servers do with a
//! damaged backup, and how long they take, is another test's; here it is seen what upshift does, all the way.

#[path = "../../upshift-drivers/tests/alluxio_driver/damage.rs"]
mod damage;
#[path = "alluxio_played/damaged.rs"]
mod damaged;
#[path = "alluxio_played/late.rs"]
mod late;
#[path = "alluxio_played/lying.rs"]
mod lying;
#[path = "alluxio_played/played.rs"]
mod played;
#[expect(dead_code, reason = "a terminal that goes away is another story's")]
#[path = "support/ran.rs"]
mod ran;
#[path = "alluxio_played/story.rs"]
mod story;

use std::time::Duration;

/// Longer than any command takes on a loaded machine.
const LIMIT: Duration = Duration::from_secs(300);

#[expect(clippy::disallowed_methods, reason = "a story waits on real processes")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}
