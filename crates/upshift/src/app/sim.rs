//! Simulated upgrades: one seed with all that happens, or many of them on all cores.
//!
//! Worlds, journals and time are values here. Nothing of the real driver, of a real system or of the store of
//! real runs is reached, and no real run reaches this.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use upshift_campaign::{Batch, MemoryStore, Progress, Tally, Told, Wanted, in_virtual_time, of_seed};

use crate::app::context::store_trouble;
use crate::trouble::Stop;

/// Lives through one seed.
pub fn one(seed: u64, wanted: &Wanted) -> Told {
    apart(|| in_virtual_time(of_seed(seed, wanted, Arc::new(MemoryStore::default()))))
}

/// Does it on a thread of its own: virtual time has a runtime of its own, and the program's is real.
pub fn apart<T: Send>(life: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| match scope.spawn(life).join() {
        Ok(told) => told,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

/// Which seeds, and how many at once.
pub struct Many {
    /// The first.
    pub first: u64,
    /// How many.
    pub runs: u64,
    /// Threads; as many as there are cores where none is said.
    pub threads: Option<usize>,
    /// What may be drawn.
    pub wanted: Wanted,
    /// Every so many runs one is kept by the embedded store on disk.
    pub on_disk_every: Option<u64>,
}

/// What came of them, on how many threads, and how long it took.
pub struct Lived {
    /// Counted.
    pub tally: Tally,
    /// Threads.
    pub threads: usize,
    /// Real time.
    pub took: Duration,
}

/// Lives through many seeds.
///
/// # Errors
/// When there is no room for a store on disk.
pub fn many(many: &Many, progress: &(dyn Fn(Progress) + Sync)) -> Result<Lived, Stop> {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let folder = many.on_disk_every.map(|_| tempfile::tempdir()).transpose()?;
    let threads = many.threads.unwrap_or_else(cores);
    let batch = Batch {
        first: many.first,
        runs: many.runs,
        threads,
        wanted: many.wanted.clone(),
        on_disk: many
            .on_disk_every
            .zip(folder.as_ref().map(|folder| PathBuf::from(folder.path()))),
    };
    let begun = Instant::now();
    let tally = batch.run(progress).map_err(|error| store_trouble(&error))?;
    Ok(Lived {
        tally,
        threads,
        took: begun.elapsed(),
    })
}
