//! The embedded store: SQLite in WAL mode with `synchronous=FULL`, ownership by a kernel lock, a
//! head mark per run.
//!
//! The lock is `flock` on a file of its own: it dies with the process, so that a resume after a
//! kill waits for nobody. The epoch counts takeovers and fences a process that lost its lock.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use rustix::fs::{FlockOperation, flock};
use upshift_model::ids::RunId;
use upshift_model::record::{Line, Record};

use super::error::StoreError;
use super::head::{self, Head, Syncer};
use super::surface::{Claim, Holder, Note, RunRow, Store};
use crate::pace;
use crate::request::{Pending, Request};

/// The version of the tables.
const STORE_FORMAT: u32 = 1;

const TABLES: &str = "
    CREATE TABLE runs (
        run    TEXT PRIMARY KEY,
        system TEXT NOT NULL,
        open   INTEGER NOT NULL,
        epoch  INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX one_open_run ON runs (system) WHERE open = 1;
    CREATE TABLE entries (
        run  TEXT NOT NULL REFERENCES runs (run),
        seq  INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (run, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE requests (
        id   INTEGER PRIMARY KEY AUTOINCREMENT,
        run  TEXT NOT NULL REFERENCES runs (run),
        body TEXT NOT NULL
    ) STRICT;
    CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'a journal is only appended to'); END;
    CREATE TRIGGER entries_remain BEFORE DELETE ON entries
        BEGIN SELECT RAISE(ABORT, 'a journal is only appended to'); END;
";

/// The embedded store in a directory of its own.
pub struct SqliteStore {
    dir: PathBuf,
    path: PathBuf,
    // One connection: a commit takes a fraction of a millisecond, and appends of one run come one
    // after another anyway.
    connection: Mutex<Connection>,
    // Which file that is: one that was deleted goes on taking what nobody will ever read.
    opened: FileId,
    marks: Syncer,
}

impl SqliteStore {
    /// Opens the store in `dir`, making both where they are absent.
    ///
    /// # Errors
    /// When the directory cannot be written, or the store is damaged or of a newer build.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        for sub in ["locks", "heads", "notes"] {
            let path = dir.join(sub);
            std::fs::create_dir_all(&path).map_err(|e| file_error("creating", &path, e))?;
        }
        // Two processes that switch a fresh database to WAL at once do not wait for one another: SQLite refuses one of
        // them at once, whatever its busy time-out says.
        let turn = dir.join("opening.lock");
        let opening = File::create(&turn).map_err(|e| file_error("locking", &turn, e))?;
        flock(&opening, FlockOperation::LockExclusive).map_err(|e| file_error("locking", &turn, e.into()))?;
        let path = dir.join("upshift.db");
        let db = |doing| move |e: rusqlite::Error| db_error(doing, &dir.join("upshift.db"), e);
        let mut connection = Connection::open(&path).map_err(db("opening the store"))?;
        connection
            .busy_timeout(std::time::Duration::from_secs(10))
            .map_err(db("opening the store"))?;
        let pragma = |name: &str, value: &str| connection.pragma_update(None, name, value);
        pragma("journal_mode", "WAL").map_err(db("opening the store"))?;
        pragma("synchronous", "FULL").map_err(db("opening the store"))?;
        pragma("foreign_keys", "ON").map_err(db("opening the store"))?;
        let tx = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(db("opening the store"))?;
        let found: u32 = tx
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(db("reading the format"))?;
        match found {
            0 => {
                tx.execute_batch(TABLES).map_err(db("making the tables"))?;
                tx.pragma_update(None, "user_version", STORE_FORMAT)
                    .map_err(db("making the tables"))?;
            }
            STORE_FORMAT => {}
            _ => {
                let path = path.display().to_string();
                return Err(StoreError::Newer {
                    path,
                    expected: STORE_FORMAT,
                    found,
                });
            }
        }
        tx.commit().map_err(db("opening the store"))?;
        let opened = file_id(&path).map_err(|e| file_error("looking at", &path, e))?;
        Ok(Self {
            dir: dir.to_owned(),
            opened,
            path,
            connection: Mutex::new(connection),
            marks: Syncer::new(),
        })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic inside a transaction rolls it back; the connection itself stays sound.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file that was opened is still the one of this name.
    fn is_there(&self) -> Result<(), StoreError> {
        let removed = || StoreError::Removed {
            path: self.path.display().to_string(),
        };
        match file_id(&self.path) {
            Ok(found) if found == self.opened => Ok(()),
            Ok(_) => Err(removed()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(removed()),
            Err(e) => Err(file_error("looking at", &self.path, e)),
        }
    }

    fn db(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> StoreError + '_ {
        move |e| db_error(doing, &self.path, e)
    }

    fn side_file(&self, sub: &str, run: &RunId) -> PathBuf {
        self.dir.join(sub).join(run.as_str())
    }

    fn mark_head(&self, line: &Line) -> Result<(), StoreError> {
        let path = self.side_file("heads", &line.entry().run);
        self.marks
            .write(&path, &Head::of(line))
            .map_err(|e| file_error("writing the head mark", &path, e))
    }

    fn open_run_now(&self, system: &str, line: &Line) -> Result<(), StoreError> {
        let entry = line.entry();
        {
            let mut connection = self.connection();
            let tx = begin(&mut connection).map_err(self.db("opening a run"))?;
            let open: Option<String> = tx
                .query_row(
                    "SELECT run FROM runs WHERE system = ?1 AND open = 1",
                    [system],
                    |row| row.get(0),
                )
                .optional()
                .map_err(self.db("looking for an open run"))?;
            if let Some(run) = open {
                return Err(StoreError::Busy {
                    system: system.to_owned(),
                    run: RunId::new(run),
                });
            }
            tx.execute(
                "INSERT INTO runs (run, system, open, epoch) VALUES (?1, ?2, 1, ?3)",
                params![entry.run.as_str(), system, to_sql(entry.epoch)],
            )
            .map_err(self.db("opening a run"))?;
            insert(&tx, line).map_err(self.db("opening a run"))?;
            tx.commit().map_err(self.db("opening a run"))?;
        }
        self.mark_head(line)
    }

    fn append_now(&self, line: &Line, answered: &[i64]) -> Result<(), StoreError> {
        self.is_there()?;
        let entry = line.entry();
        let run = &entry.run;
        {
            let mut connection = self.connection();
            let tx = begin(&mut connection).map_err(self.db("appending"))?;
            let (epoch, last): (i64, i64) = tx
                .query_row(
                    "SELECT epoch, (SELECT COALESCE(MAX(seq), 0) FROM entries WHERE entries.run = runs.run)
                     FROM runs WHERE run = ?1",
                    [run.as_str()],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()
                .map_err(self.db("appending"))?
                .ok_or_else(|| StoreError::NoSuchRun { run: run.clone() })?;
            if epoch != to_sql(entry.epoch) || last + 1 != to_sql(entry.seq) {
                return Err(StoreError::Fenced {
                    run: run.clone(),
                    seq: entry.seq,
                    epoch: entry.epoch,
                });
            }
            insert(&tx, line).map_err(self.db("appending"))?;
            for id in answered {
                tx.execute("DELETE FROM requests WHERE id = ?1", [id])
                    .map_err(self.db("appending"))?;
            }
            if matches!(entry.record, Record::Closed { .. }) {
                tx.execute("UPDATE runs SET open = 0 WHERE run = ?1", [run.as_str()])
                    .map_err(self.db("closing a run"))?;
                tx.execute("DELETE FROM requests WHERE run = ?1", [run.as_str()])
                    .map_err(self.db("closing a run"))?;
            }
            tx.commit().map_err(self.db("appending"))?;
        }
        self.mark_head(line)
    }

    fn read_now(&self, run: &RunId, after: u64) -> Result<Vec<Line>, StoreError> {
        // The mark is read first: a line appended in between makes the store newer than the mark,
        // which is as it should be.
        let path = self.side_file("heads", run);
        let head = head::read(&path).map_err(|e| file_error("reading the head mark", &path, e))?;
        let (rows, last) = self.rows(run, after)?;
        let mut lines = Vec::with_capacity(rows.len());
        for (seq, body) in rows {
            let line = Line::read(body).map_err(|source| StoreError::Line {
                run: run.clone(),
                seq,
                source,
            })?;
            lines.push(line);
        }
        let Some(head) = head else {
            return match last {
                // Killed between the first commit and the first mark.
                0..=1 => Ok(lines),
                found => Err(StoreError::Unmarked {
                    run: run.clone(),
                    found,
                }),
            };
        };
        if head.seq > last {
            return Err(StoreError::Lost {
                run: run.clone(),
                expected: head.seq,
                found: last,
            });
        }
        head.held_against(run, &lines).map(|()| lines)
    }

    fn rows(&self, run: &RunId, after: u64) -> Result<(Vec<(u64, String)>, u64), StoreError> {
        let connection = self.connection();
        let known: Option<i64> = connection
            .query_row("SELECT 1 FROM runs WHERE run = ?1", [run.as_str()], |row| {
                row.get(0)
            })
            .optional()
            .map_err(self.db("reading a journal"))?;
        if known.is_none() {
            return Err(StoreError::NoSuchRun { run: run.clone() });
        }
        let mut query = connection
            .prepare_cached("SELECT seq, body FROM entries WHERE run = ?1 AND seq > ?2 ORDER BY seq")
            .map_err(self.db("reading a journal"))?;
        let rows = query
            .query_map(params![run.as_str(), to_sql(after)], |row| {
                Ok((u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0), row.get(1)?))
            })
            .and_then(Iterator::collect::<Result<Vec<(u64, String)>, _>>)
            .map_err(self.db("reading a journal"))?;
        let last = rows.last().map_or(after, |(seq, _)| *seq);
        Ok((rows, last))
    }

    fn claim_now(&self, run: &RunId, holder: &Holder) -> Result<Claim, StoreError> {
        let path = self.side_file("locks", run);
        let error = |e| file_error("locking", &path, e);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(error)?;
        if let Err(errno) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
            if errno != rustix::io::Errno::WOULDBLOCK {
                return Err(error(errno.into()));
            }
            let holder = read_holder(&mut file).map_err(error)?;
            return Err(StoreError::Held {
                run: run.clone(),
                holder: Box::new(holder),
            });
        }
        let text = serde_json::to_string(holder).map_err(|e| error(e.into()))?;
        file.set_len(0)
            .and_then(|()| file.write_all(text.as_bytes()))
            .map_err(error)?;
        let mut connection = self.connection();
        let tx = begin(&mut connection).map_err(self.db("claiming a run"))?;
        let epoch: i64 = tx
            .query_row(
                "UPDATE runs SET epoch = epoch + 1 WHERE run = ?1 RETURNING epoch",
                [run.as_str()],
                |row| row.get(0),
            )
            .optional()
            .map_err(self.db("claiming a run"))?
            .ok_or_else(|| StoreError::NoSuchRun { run: run.clone() })?;
        tx.commit().map_err(self.db("claiming a run"))?;
        let epoch = u64::try_from(epoch).unwrap_or(0);
        Ok(Claim::new(run.clone(), epoch, OwnedFd::from(file)))
    }

    /// The lock cannot be lost while the process lives; but its file can be deleted, and then
    /// somebody else locks another one.
    fn confirm_now(&self, claim: &Claim) -> Result<(), StoreError> {
        self.is_there()?;
        let epoch: Option<i64> = self
            .connection()
            .prepare_cached("SELECT epoch FROM runs WHERE run = ?1")
            .and_then(|mut query| query.query_row([claim.run.as_str()], |row| row.get(0)).optional())
            .map_err(self.db("confirming a claim"))?;
        match epoch == Some(to_sql(claim.epoch)) {
            true => Ok(()),
            false => Err(claim.fenced()),
        }
    }

    fn holder_now(&self, run: &RunId) -> Result<Option<Holder>, StoreError> {
        let path = self.side_file("locks", run);
        let error = |e| file_error("looking at the lock", &path, e);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(error(e)),
        };
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Ok(()) => Ok(None),
            Err(rustix::io::Errno::WOULDBLOCK) => read_holder(&mut file).map(Some).map_err(error),
            Err(errno) => Err(error(errno.into())),
        }
    }

    fn list_now(&self) -> Result<Vec<RunRow>, StoreError> {
        let connection = self.connection();
        let mut query = connection
            .prepare_cached("SELECT run, system, open FROM runs ORDER BY run")
            .map_err(self.db("listing runs"))?;
        let rows = query
            .query_map([], |row| {
                Ok(RunRow {
                    run: RunId::new(row.get::<_, String>(0)?),
                    system: row.get(1)?,
                    open: row.get(2)?,
                })
            })
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(self.db("listing runs"))?;
        let heads = self.dir.join("heads");
        let missing = head::missing(&heads, |run| rows.iter().any(|row| row.run.as_str() == run));
        match missing.map_err(|e| file_error("reading the head marks in", &heads, e))? {
            Some((run, expected)) => Err(StoreError::Gone {
                run,
                path: self.path.display().to_string(),
                expected,
            }),
            None => Ok(rows),
        }
    }

    fn post_now(&self, run: &RunId, request: &Request) -> Result<(), StoreError> {
        let body = to_json(request, &self.path)?;
        let connection = self.connection();
        let known = connection
            .execute(
                "INSERT INTO requests (run, body) SELECT run, ?2 FROM runs WHERE run = ?1",
                params![run.as_str(), body],
            )
            .map_err(self.db("posting a request"))?;
        match known {
            0 => Err(StoreError::NoSuchRun { run: run.clone() }),
            _ => Ok(()),
        }
    }

    fn inbox_now(&self, run: &RunId) -> Result<Vec<Pending>, StoreError> {
        self.is_there()?;
        let connection = self.connection();
        let mut query = connection
            .prepare_cached("SELECT id, body FROM requests WHERE run = ?1 ORDER BY id")
            .map_err(self.db("reading requests"))?;
        let rows = query
            .query_map([run.as_str()], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(self.db("reading requests"))?;
        rows.into_iter()
            .map(|(id, body)| {
                let request = serde_json::from_str(&body).map_err(|e| StoreError::Database {
                    doing: "reading a request",
                    path: self.path.display().to_string(),
                    source: Box::new(e),
                })?;
                Ok(Pending { id, request })
            })
            .collect()
    }

    fn note_now(&self, run: &RunId, note: &Note) -> Result<(), StoreError> {
        let path = self.side_file("notes", run);
        let error = |e| file_error("writing a note", &path, e);
        let beside = path.with_extension("new");
        let mut file = File::create(&beside).map_err(error)?;
        file.write_all(to_json(note, &path)?.as_bytes()).map_err(error)?;
        // No sync: a note is not durable, it only must not be read by halves.
        std::fs::rename(&beside, &path).map_err(error)
    }

    fn latest_note_now(&self, run: &RunId) -> Result<Option<Note>, StoreError> {
        let path = self.side_file("notes", run);
        let error = |e| file_error("reading a note", &path, e);
        match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .map(Some)
                .map_err(|e| error(e.into())),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(error(e)),
        }
    }
}

impl Store for SqliteStore {
    fn open_run<'a>(&'a self, system: &'a str, line: &'a Line) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.open_run_now(system, line) })
    }

    fn claim<'a>(&'a self, run: &'a RunId, holder: &'a Holder) -> BoxFuture<'a, Result<Claim, StoreError>> {
        Box::pin(async move {
            // Somebody who only asks who holds the run has the lock for a blink: not a holder.
            for _ in 0..20 {
                match self.claim_now(run, holder) {
                    Err(StoreError::Held { .. }) => pace::nap(std::time::Duration::from_millis(10)).await,
                    settled => return settled,
                }
            }
            self.claim_now(run, holder)
        })
    }

    fn confirm<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.confirm_now(claim) })
    }

    fn give_up(&self, claim: Claim) -> BoxFuture<'_, Result<(), StoreError>> {
        // With the claim goes the lock.
        drop(claim);
        Box::pin(async { Ok(()) })
    }

    fn append<'a>(&'a self, line: &'a Line, answered: &'a [i64]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.append_now(line, answered) })
    }

    fn read<'a>(&'a self, run: &'a RunId, after: u64) -> BoxFuture<'a, Result<Vec<Line>, StoreError>> {
        Box::pin(async move { self.read_now(run, after) })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<RunRow>, StoreError>> {
        Box::pin(async move { self.list_now() })
    }

    fn post<'a>(&'a self, run: &'a RunId, request: &'a Request) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.post_now(run, request) })
    }

    fn inbox<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Vec<Pending>, StoreError>> {
        Box::pin(async move { self.inbox_now(run) })
    }

    fn note<'a>(&'a self, run: &'a RunId, note: &'a Note) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.note_now(run, note) })
    }

    fn latest_note<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Option<Note>, StoreError>> {
        Box::pin(async move { self.latest_note_now(run) })
    }

    fn holder<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Option<Holder>, StoreError>> {
        Box::pin(async move {
            // Between taking the lock and writing the name into it a holder has no name yet.
            for _ in 0..20 {
                match self.holder_now(run)? {
                    Some(holder) if holder.pid == 0 => pace::nap(std::time::Duration::from_millis(10)).await,
                    known => return Ok(known),
                }
            }
            self.holder_now(run)
        })
    }
}

/// Device and number of a file.
type FileId = (u64, u64);

fn file_id(path: &Path) -> std::io::Result<FileId> {
    std::fs::metadata(path).map(|about| (about.dev(), about.ino()))
}

fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

fn insert(tx: &Transaction<'_>, line: &Line) -> rusqlite::Result<usize> {
    let entry = line.entry();
    tx.prepare_cached("INSERT INTO entries (run, seq, body) VALUES (?1, ?2, ?3)")?
        .execute(params![entry.run.as_str(), to_sql(entry.seq), line.text()])
}

/// SQLite's integers are signed; sequence numbers and epochs stay far below the border.
fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn read_holder(file: &mut File) -> std::io::Result<Holder> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_string(&mut text)?;
    match text.is_empty() {
        // The lock is held before the name is written into it.
        true => Ok(Holder {
            pid: 0,
            host: "this host".to_owned(),
            user: "somebody who just took it".to_owned(),
            since: jiff::Timestamp::UNIX_EPOCH,
        }),
        false => Ok(serde_json::from_str(&text)?),
    }
}

fn to_json<T: serde::Serialize>(value: &T, path: &Path) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| file_error("writing", path, e.into()))
}

fn db_error(doing: &'static str, path: &Path, source: rusqlite::Error) -> StoreError {
    StoreError::Database {
        doing,
        path: path.display().to_string(),
        source: Box::new(source),
    }
}

fn file_error(doing: &'static str, path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File {
        doing,
        path: path.display().to_string(),
        source,
    }
}
