//! How a chore that leaves servers standing learns that it is to clear up: its input ends, or somebody ends it.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Ends with the input (Ctrl-D), with Ctrl-C, or with SIGTERM.
pub fn wait() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .context("a runtime that hears signals")?;
    let (at_its_end, ended) = oneshot::channel();
    // A thread of its own: a read from a terminal cannot be interrupted, and nobody waits for it.
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        let read = std::io::stdin().read_to_end(&mut rest).map(drop);
        // Whoever does not listen any more was told by a signal.
        at_its_end.send(read).ok();
    });
    runtime.block_on(async {
        let mut terminated = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
        tokio::select! {
            read = ended => read.context("the reader of standard input is gone")?.context("reading standard input"),
            interrupted = tokio::signal::ctrl_c() => interrupted.context("listening for SIGINT"),
            _ = terminated.recv() => Ok(()),
        }
    })
}
