//! The stores that the suite is run on, and lines to be stored.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tempfile::TempDir;
use upshift_engine::store::postgres::PostgresStore;
use upshift_engine::store::sqlite::SqliteStore;
use upshift_engine::store::{Holder, Store};
use upshift_lab::Postgres;
use upshift_model::digest::Digest;
use upshift_model::ids::RunId;
use upshift_model::policy::OnFailedGate;
use upshift_model::record::{Entry, Line, Outcome, RECORD_FORMAT, Record};

use crate::support::{plan, who};

/// Long enough to hold for a test on a machine under load.
pub(crate) const LEASE: Duration = Duration::from_secs(60);

/// One empty store, which can be opened by many.
pub(crate) struct Bed {
    dir: TempDir,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    Sqlite,
    Postgres { address: String },
}

/// The one server of this test program.
pub(crate) fn server() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| {
        Postgres::any().unwrap_or_else(|e| panic!("{e}: {:?}", std::error::Error::source(&e)))
    })
}

impl Bed {
    pub(crate) fn sqlite() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
            kind: Kind::Sqlite,
        }
    }

    pub(crate) fn postgres() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
            kind: Kind::Postgres {
                address: server().database().unwrap(),
            },
        }
    }

    /// The machine's own folder.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Opens the store as one more process of this machine would.
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        self.open_with(self.dir(), LEASE).await
    }

    /// Opens it from a machine whose folder is `dir`, with leases of a length.
    pub(crate) async fn open_with(&self, dir: &Path, lease: Duration) -> Arc<dyn Store> {
        match &self.kind {
            Kind::Sqlite => Arc::new(SqliteStore::open(dir).unwrap()),
            Kind::Postgres { address } => {
                let address = address.parse().unwrap();
                Arc::new(PostgresStore::open(address, None, dir, lease).await.unwrap())
            }
        }
    }

    /// Says something to the database behind the store's back.
    pub(crate) fn sql(&self, sqlite: &str, postgres: &str) {
        match &self.kind {
            Kind::Sqlite => {
                let db = rusqlite::Connection::open(self.dir().join("upshift.db")).unwrap();
                db.execute_batch(sqlite).unwrap();
            }
            Kind::Postgres { address } => {
                server().psql(address, postgres).unwrap();
            }
        }
    }
}

/// Runs a check on every kind of store.
pub(crate) fn on_each(check: impl AsyncFn(&Bed)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    for bed in [Bed::sqlite(), Bed::postgres()] {
        runtime.block_on(check(&bed));
    }
}

/// The first line of a run.
pub(crate) fn opened(run: &str) -> Line {
    let record = Record::Opened {
        plan: Box::new(plan(OnFailedGate::Ask)),
        by: who(),
    };
    line(run, 1, 0, Digest::zero(), record)
}

/// A line that follows another.
pub(crate) fn after(line_before: &Line, epoch: u64) -> Line {
    let entry = line_before.entry();
    let record = Record::Paused { by: who() };
    line(
        entry.run.as_str(),
        entry.seq + 1,
        epoch,
        line_before.digest().clone(),
        record,
    )
}

/// The last line, after another.
pub(crate) fn closed(line_before: &Line, epoch: u64) -> Line {
    let entry = line_before.entry();
    let record = Record::Closed {
        outcome: Outcome::Abandoned,
        left: Vec::new(),
        by: Some(who()),
    };
    line(
        entry.run.as_str(),
        entry.seq + 1,
        epoch,
        line_before.digest().clone(),
        record,
    )
}

pub(crate) fn line(run: &str, seq: u64, epoch: u64, prev: Digest, record: Record) -> Line {
    Line::write(Entry {
        format: RECORD_FORMAT,
        run: RunId::from(run),
        seq,
        epoch,
        at: jiff::Timestamp::UNIX_EPOCH,
        prev,
        record,
    })
}

/// A process of some number.
pub(crate) fn process(pid: u32) -> Holder {
    Holder {
        pid,
        ..crate::support::holder()
    }
}
