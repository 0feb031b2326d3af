//! Many seeds at once: threads take one seed after another, each lives through it in virtual time of its own.
//!
//! The order in which seeds end depends on the machine; what comes of each does not.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use upshift_engine::store::Store;
use upshift_engine::store::StoreError;
use upshift_engine::store::sqlite::SqliteStore;

use crate::case::Wanted;
use crate::memory::MemoryStore;
use crate::run::{in_virtual_time, of_seed};
use crate::tally::Tally;

/// Which seeds, and how.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The first seed.
    pub first: u64,
    /// How many.
    pub runs: u64,
    /// On how many threads.
    pub threads: usize,
    /// What may be drawn.
    pub wanted: Wanted,
    /// Every so many seeds one is kept by the embedded store on disk, in a folder that is there; the others
    /// stay in memory.
    pub on_disk: Option<(u64, PathBuf)>,
}

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Seeds that are over.
    pub done: u64,
    /// Of so many.
    pub of: u64,
    /// Those that failed.
    pub failing: u64,
}

#[derive(Default)]
struct Shared {
    next: AtomicU64,
    done: AtomicU64,
    failing: AtomicU64,
    broken: AtomicBool,
}

impl Batch {
    /// Lives through all of it; `progress` is told after each seed, from any thread.
    ///
    /// # Errors
    /// When a store on disk cannot be opened.
    ///
    /// # Panics
    /// When the simulation itself does.
    pub fn run(&self, progress: &(dyn Fn(Progress) + Sync)) -> Result<Tally, StoreError> {
        let shared = Shared::default();
        let mut all = Tally::default();
        std::thread::scope(|scope| {
            let thread = |n| {
                scope.spawn({
                    let shared = &shared;
                    move || self.thread(n, shared, progress)
                })
            };
            let threads: Vec<_> = (0..self.threads.max(1)).map(thread).collect();
            for thread in threads {
                match thread.join() {
                    Ok(tally) => all.absorb(tally?),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            Ok(all)
        })
    }

    fn thread(
        &self,
        number: usize,
        shared: &Shared,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Tally, StoreError> {
        let mut tally = Tally::default();
        let on_disk = match &self.on_disk {
            Some((_, dir)) => match SqliteStore::open(&dir.join(format!("thread-{number}"))) {
                Ok(store) => Some(Arc::new(store)),
                Err(error) => {
                    shared.broken.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            },
            None => None,
        };
        while !shared.broken.load(Ordering::Relaxed) {
            let turn = shared.next.fetch_add(1, Ordering::Relaxed);
            if turn >= self.runs {
                break;
            }
            let seed = self.first.wrapping_add(turn);
            let every = self
                .on_disk
                .as_ref()
                .map_or(u64::MAX, |(every, _)| (*every).max(1));
            let kept = on_disk.as_ref().filter(|_| turn.is_multiple_of(every));
            let store: Arc<dyn Store> = match kept {
                Some(store) => Arc::clone(store) as Arc<dyn Store>,
                None => Arc::new(MemoryStore::default()),
            };
            let told = in_virtual_time(of_seed(seed, &self.wanted, store));
            tally.count(&told, kept.is_some());
            let failing = u64::from(!told.flaws.is_empty());
            progress(Progress {
                done: shared.done.fetch_add(1, Ordering::Relaxed) + 1,
                of: self.runs,
                failing: shared.failing.fetch_add(failing, Ordering::Relaxed) + failing,
            });
        }
        Ok(tally)
    }
}
