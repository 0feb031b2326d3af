//! Waiting of a process that only watches, and what it says when there is nobody to wait for.

use std::time::Duration;

use upshift_model::ids::RunId;

use super::context::Context;
use crate::codes;
use crate::exit::Exit;
use crate::trouble::Trouble;

/// One wait.
#[expect(
    clippy::disallowed_methods,
    reason = "a watcher's pause between two reads; it retries nothing"
)]
pub async fn nap(length: Duration) {
    tokio::time::sleep(length).await;
}

/// Nobody carries the run on.
pub fn worker_gone(context: &Context, run: &RunId) -> Trouble {
    let log = context.state_dir.join("logs").join(format!("{run}.log"));
    let mut trouble = Trouble::new(
        codes::WORKER_GONE,
        Exit::Halted,
        format!("no process carries run {run} on; what was recorded stays recorded"),
    )
    .next(format!("upshift resume {run}"));
    trouble.far_side = last_lines(&log);
    trouble
}

/// The end of the worker's log, where it wrote one.
fn last_lines(log: &std::path::Path) -> Option<String> {
    let text = std::fs::read_to_string(log).ok()?;
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines.get(lines.len().saturating_sub(5)..)?.join("\n");
    (!tail.is_empty()).then_some(tail)
}
