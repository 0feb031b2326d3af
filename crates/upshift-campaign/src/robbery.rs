//! A lease that runs out while its process is alive: at a chosen record the store gives the run to the next
//! one who asks, and the process that had it is not told.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;
use upshift_model::ids::RunId;
use upshift_model::record::Line;

use crate::memory::MemoryStore;

/// See the module.
pub(crate) struct Robbery {
    at: u64,
    store: MemoryStore,
    done: AtomicBool,
    due: Notify,
}

impl Robbery {
    pub(crate) fn at(at: u64, store: MemoryStore) -> Self {
        Self {
            at,
            store,
            done: AtomicBool::new(false),
            due: Notify::new(),
        }
    }

    /// Hears a record that has become durable.
    pub(crate) fn hears(&self, line: &Line) {
        if line.entry().seq >= self.at && !self.done.swap(true, Ordering::Relaxed) {
            self.due.notify_one();
        }
    }

    /// Comes back when it has happened to whoever has the run then.
    pub(crate) async fn happens(&self, run: &RunId) {
        self.due.notified().await;
        self.store.steal(run);
    }
}
