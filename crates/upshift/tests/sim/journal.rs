//! The journal as the one who kills sees it: how many records are durable, and a way to make the process
//! stand still in the middle of its next append.
//!
//! The program itself knows nothing of it: a trigger in the database computes for minutes when the
//! record with a given number is about to be written, and the transaction that holds it never ends.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

/// The database of a story.
pub(crate) struct Journal {
    path: PathBuf,
}

/// So often in a row the database is found locked by a writer that gets nowhere.
const STALLED: u32 = 4;

impl Journal {
    pub(crate) fn of(story: &Path) -> Self {
        Self {
            path: story.join("state/upshift.db"),
        }
    }

    /// Records that are durable; none before there is a database.
    pub(crate) fn len(&self) -> u64 {
        let open = || Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let count =
            |db: Connection| db.query_row("SELECT COUNT(*) FROM entries", [], |row| row.get::<_, i64>(0));
        open().and_then(count).map_or(0, |n| u64::try_from(n).unwrap())
    }

    /// Makes the append of record `seq` last until the process that appends is killed.
    pub(crate) fn stall_at(&self, seq: u64) {
        self.change(&format!(
            "CREATE VIEW long AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 1000000000000)
                 SELECT MAX(x) AS x FROM c;
             CREATE TRIGGER stall BEFORE INSERT ON entries WHEN NEW.seq = {seq}
                 BEGIN SELECT x FROM long; END;"
        ));
    }

    /// Takes that away again.
    pub(crate) fn flow(&self) {
        self.change("DROP TRIGGER stall; DROP VIEW long;");
    }

    /// Waits until a writer stands still although record `after` is the last.
    #[track_caller]
    pub(crate) fn await_stall(&self, after: u64, patience: Duration) {
        let begun = Instant::now();
        let mut db = Connection::open(&self.path).unwrap();
        db.busy_timeout(Duration::ZERO).unwrap();
        let mut seen = 0;
        while seen < STALLED {
            let free = db
                .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
                .and_then(rusqlite::Transaction::rollback)
                .is_ok();
            seen = if free || self.len() != after { 0 } else { seen + 1 };
            assert!(
                begun.elapsed() < patience,
                "record {} is about to be appended",
                after + 1
            );
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    fn change(&self, sql: &str) {
        let db = Connection::open(&self.path).unwrap();
        db.busy_timeout(Duration::from_secs(10)).unwrap();
        db.execute_batch(sql).unwrap();
    }
}
