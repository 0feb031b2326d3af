//! What the stories on real clusters share: the program with a time limit on every command, a stage that tells what it
//! saw when a story fails, and the looks at a run that the stories judge by.
//!
//! It judges nothing itself; the proof is what the job wrote, read by the lab.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what a story prints is captured, and shown when it fails"
)]

mod chance;
mod ran;
mod world;

pub(crate) use chance::Chance;
pub(crate) use ran::{Ran, Running};
pub(crate) use world::{World, edit, local, put};

use std::time::{Duration, Instant};

/// Longer than any part of a story takes on a loaded machine, short enough to fail while somebody still looks.
pub(crate) const LIMIT: Duration = Duration::from_secs(240);

/// Asks until there is an answer.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < LIMIT, "waited {LIMIT:?} for {what}");
        pause(Duration::from_millis(20));
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a story waits on real processes; the clock of the engine is not at hand outside of it"
)]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}
