//! The store on PostgreSQL: the trait, statement by statement.
//!
//! Safety rests on the row of the run: every append is decided by its epoch and number. Leases only
//! decide who may try. The head mark of a run is kept in a file on every machine that wrote to it or
//! listed it: the database cannot vouch for itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use upshift_model::ids::RunId;
use upshift_model::record::{Line, Record};

use super::address::Address;
use super::lease::{Lease, Renewal, millis};
use super::link::{Broken, Link};
use super::statements as sql;
use crate::request::{Pending, Request};
use crate::store::error::StoreError;
use crate::store::head::{self, Head, Syncer};
use crate::store::surface::{Claim, Holder, Note, RunRow, Store};

/// The shared store.
pub struct PostgresStore {
    link: Arc<Link>,
    heads: PathBuf,
    marks: Syncer,
    lease: Duration,
}

/// What a claim keeps alive.
struct Owned {
    lease: Lease,
    _renewal: Renewal,
}

impl PostgresStore {
    /// Opens the store, making its tables where there are none. Head marks go below `dir`. A run that is
    /// claimed is held for `lease` at a time.
    ///
    /// # Errors
    /// When the directory cannot be written, the server cannot be reached, or its tables are of a newer
    /// build.
    pub async fn open(
        address: Address,
        password: Option<&str>,
        dir: &Path,
        lease: Duration,
    ) -> Result<Self, StoreError> {
        let heads = dir.join("heads-shared").join(address.mark());
        std::fs::create_dir_all(&heads).map_err(|e| file_error("creating", &heads, e))?;
        let link = Arc::new(Link::new(address, password, lease).await?);
        Ok(Self {
            link,
            heads,
            marks: Syncer::new(),
            lease,
        })
    }

    fn head_file(&self, run: &RunId) -> PathBuf {
        self.heads.join(run.as_str())
    }

    fn mark_head(&self, line: &Line) -> Result<(), StoreError> {
        let path = self.head_file(&line.entry().run);
        self.marks
            .write(&path, &Head::of(line))
            .map_err(|e| file_error("writing the head mark", &path, e))
    }

    fn known_head(&self, run: &RunId) -> Result<Option<Head>, StoreError> {
        let path = self.head_file(run);
        head::read(&path).map_err(|e| file_error("reading the head mark", &path, e))
    }

    async fn open_run_now(&self, system: &str, line: &Line) -> Result<(), StoreError> {
        const DOING: &str = "opening a run";
        let entry = line.entry();
        let (run, epoch) = (entry.run.as_str(), to_sql(entry.epoch));
        let (head, body) = (line.digest().to_string(), line.text());
        let params = [
            text(&run),
            text(&system),
            number(&epoch),
            text(&head),
            text(&body),
        ];
        match self.link.tell(DOING, sql::OPEN, &params).await {
            Ok(_) => self.mark_head(line),
            Err(Broken::Refused(e)) if e.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                match self.open_run_of(system).await? {
                    Some(run) => Err(StoreError::Busy {
                        system: system.to_owned(),
                        run,
                    }),
                    None => Err(self.link.database(DOING, e)),
                }
            }
            Err(broken) => self.settle(line, self.link.error(DOING, broken)).await,
        }
    }

    async fn open_run_of(&self, system: &str) -> Result<Option<RunId>, StoreError> {
        let rows = self
            .link
            .ask("looking for an open run", sql::OPEN_OF, &[text(&system)])
            .await?;
        Ok(rows.first().map(|row| RunId::new(row.get::<_, String>(0))))
    }

    async fn append_now(&self, line: &Line, answered: &[i64]) -> Result<(), StoreError> {
        const DOING: &str = "appending";
        let entry = line.entry();
        let (run, epoch, seq) = (entry.run.as_str(), to_sql(entry.epoch), to_sql(entry.seq));
        let (head, body) = (line.digest().to_string(), line.text());
        let closes = matches!(entry.record, Record::Closed { .. });
        let params = [
            text(&run),
            number(&epoch),
            number(&seq),
            text(&head),
            text(&body),
            (&answered as &(dyn ToSql + Sync), Type::INT8_ARRAY),
            (&closes, Type::BOOL),
        ];
        match self.link.tell(DOING, sql::APPEND, &params).await {
            Ok(rows) if rows.is_empty() => Err(self.fenced(line).await?),
            Ok(_) => self.mark_head(line),
            Err(broken) => self.settle(line, self.link.error(DOING, broken)).await,
        }
    }

    /// After a broken connection: if the line is there, it was written; if it is not, nothing is claimed
    /// to be known, and whoever claims the run next starts from what is there.
    async fn settle(&self, line: &Line, error: StoreError) -> Result<(), StoreError> {
        let (run, seq) = (line.entry().run.as_str(), to_sql(line.entry().seq));
        let found = self
            .link
            .ask("appending", sql::AT, &[text(&run), number(&seq)])
            .await;
        match found {
            Ok(rows) if rows.first().map(|row| row.get::<_, String>(0)).as_deref() == Some(line.text()) => {
                self.mark_head(line)
            }
            _ => Err(error),
        }
    }

    async fn fenced(&self, line: &Line) -> Result<StoreError, StoreError> {
        let entry = line.entry();
        self.read_rows(&entry.run, u64::MAX).await?;
        Ok(StoreError::Fenced {
            run: entry.run.clone(),
            seq: entry.seq,
            epoch: entry.epoch,
        })
    }

    async fn read_rows(&self, run: &RunId, after: u64) -> Result<Vec<Row>, StoreError> {
        let (id, after) = (run.as_str(), to_sql(after));
        let rows = self
            .link
            .ask("reading a journal", sql::READ, &[text(&id), number(&after)])
            .await?;
        match rows.is_empty() {
            true => Err(StoreError::NoSuchRun { run: run.clone() }),
            false => Ok(rows),
        }
    }

    async fn read_now(&self, run: &RunId, after: u64) -> Result<Vec<Line>, StoreError> {
        // Read first: a line appended in between makes the store newer than the mark, as it should be.
        let head = self.known_head(run)?;
        let rows = self.read_rows(run, after).await?;
        let newest = rows.first().map_or(0, |row| from_sql(row.get(0)));
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(seq) = row.get::<_, Option<i64>>(1) else {
                continue;
            };
            let line = Line::read(row.get(2)).map_err(|source| StoreError::Line {
                run: run.clone(),
                seq: from_sql(seq),
                source,
            })?;
            lines.push(line);
        }
        let last = lines.last().map_or(after, |line| line.entry().seq);
        // The run's own row counts the lines, too: lines that were deleted from under it are missed.
        let expected = head.as_ref().map_or(newest, |head| head.seq.max(newest));
        if expected > last {
            return Err(StoreError::Lost {
                run: run.clone(),
                expected,
                found: last,
            });
        }
        match head {
            Some(head) => head.held_against(run, &lines).map(|()| lines),
            None => Ok(lines),
        }
    }

    async fn claim_now(&self, run: &RunId, holder: &Holder) -> Result<Claim, StoreError> {
        const DOING: &str = "claiming a run";
        let (id, length) = (run.as_str(), millis(self.lease));
        let body = serde_json::to_string(holder).map_err(|e| self.link.database(DOING, e))?;
        let params = [text(&id), text(&body), number(&length)];
        // Sent once: a claim whose answer was lost ends by itself.
        let rows = self.link.tell(DOING, sql::CLAIM, &params).await;
        let rows = rows.map_err(|broken| self.link.error(DOING, broken))?;
        let Some(row) = rows.first() else {
            return Err(StoreError::Held {
                run: run.clone(),
                holder: Box::new(self.last_holder(run).await?),
            });
        };
        let lease = Lease {
            link: Arc::clone(&self.link),
            run: run.clone(),
            epoch: row.get(0),
            length: self.lease,
            lost: Arc::new(AtomicBool::new(false)),
        };
        let (epoch, lost) = (from_sql(lease.epoch), Arc::clone(&lease.lost));
        let owned = Owned {
            _renewal: lease.keep(),
            lease,
        };
        Ok(Claim::new(run.clone(), epoch, owned).told_by(lost))
    }

    async fn confirm_now(&self, claim: &Claim) -> Result<(), StoreError> {
        let holds = match claim.proof::<Owned>() {
            Some(owned) => owned.lease.holds().await?,
            None => false,
        };
        match holds {
            true => Ok(()),
            false => Err(claim.fenced()),
        }
    }

    async fn give_up_now(&self, claim: Claim) -> Result<(), StoreError> {
        let (run, epoch) = (claim.run.clone(), to_sql(claim.epoch));
        // No renewal must come after the end.
        drop(claim);
        let id = run.as_str();
        self.link
            .ask("giving a run up", sql::GIVE_UP, &[text(&id), number(&epoch)])
            .await
            .map(|_| ())
    }

    async fn holder_row(&self, run: &RunId) -> Result<(Option<Holder>, bool), StoreError> {
        const DOING: &str = "looking at the lease";
        let id = run.as_str();
        let rows = self.link.ask(DOING, sql::HOLDER, &[text(&id)]).await?;
        let Some(row) = rows.first() else {
            return Err(StoreError::NoSuchRun { run: run.clone() });
        };
        let holder = match row.get::<_, Option<String>>(0) {
            Some(body) => Some(serde_json::from_str(&body).map_err(|e| self.link.database(DOING, e))?),
            None => None,
        };
        Ok((holder, row.get(1)))
    }

    async fn last_holder(&self, run: &RunId) -> Result<Holder, StoreError> {
        let (holder, _) = self.holder_row(run).await?;
        Ok(holder.unwrap_or_else(Holder::just_gone))
    }

    async fn list_now(&self) -> Result<Vec<RunRow>, StoreError> {
        let rows = self.link.ask("listing runs", sql::LIST, &[]).await?;
        let known = |run: &str| rows.iter().any(|row| row.get::<_, &str>(0) == run);
        let missing = head::missing(&self.heads, known);
        if let Some((run, expected)) =
            missing.map_err(|e| file_error("reading the head marks in", &self.heads, e))?
        {
            return Err(StoreError::Gone {
                run,
                path: self.link.name(),
                expected,
            });
        }
        for row in &rows {
            self.notice(
                &RunId::new(row.get::<_, String>(0)),
                from_sql(row.get(3)),
                row.get(4),
            )?;
        }
        let run = |row: Row| RunRow {
            run: RunId::new(row.get::<_, String>(0)),
            system: row.get(1),
            open: row.get(2),
        };
        Ok(rows.into_iter().map(run).collect())
    }

    /// Remembers the newest line that was ever seen of a run, so that this machine misses it when the
    /// database is put back to an older state, even if others wrote it.
    fn notice(&self, run: &RunId, seq: u64, digest: &str) -> Result<(), StoreError> {
        if self.known_head(run)?.is_some_and(|known| known.seq >= seq) {
            return Ok(());
        }
        let Some(head) = Head::new(seq, digest) else {
            return Err(self
                .link
                .database("listing runs", format!("{digest:?} of run {run} is no digest")));
        };
        let path = self.head_file(run);
        self.marks
            .write(&path, &head)
            .map_err(|e| file_error("writing the head mark", &path, e))
    }

    async fn post_now(&self, run: &RunId, request: &Request) -> Result<(), StoreError> {
        const DOING: &str = "posting a request";
        let body = serde_json::to_string(request).map_err(|e| self.link.database(DOING, e))?;
        let id = run.as_str();
        let rows = self.link.tell(DOING, sql::POST, &[text(&id), text(&body)]).await;
        match rows.map_err(|broken| self.link.error(DOING, broken))?.is_empty() {
            true => Err(StoreError::NoSuchRun { run: run.clone() }),
            false => Ok(()),
        }
    }

    async fn inbox_now(&self, run: &RunId) -> Result<Vec<Pending>, StoreError> {
        const DOING: &str = "reading requests";
        let id = run.as_str();
        let rows = self.link.ask(DOING, sql::INBOX, &[text(&id)]).await?;
        rows.into_iter()
            .map(|row| {
                let request = serde_json::from_str(row.get(1)).map_err(|e| self.link.database(DOING, e))?;
                Ok(Pending {
                    id: row.get(0),
                    request,
                })
            })
            .collect()
    }

    async fn note_now(&self, run: &RunId, note: &Note) -> Result<(), StoreError> {
        const DOING: &str = "writing a note";
        let body = serde_json::to_string(note).map_err(|e| self.link.database(DOING, e))?;
        let id = run.as_str();
        let told = self.link.ask(DOING, sql::NOTE, &[text(&id), text(&body)]).await;
        told.map(|_| ())
    }

    async fn latest_note_now(&self, run: &RunId) -> Result<Option<Note>, StoreError> {
        const DOING: &str = "reading a note";
        let id = run.as_str();
        let rows = self.link.ask(DOING, sql::LATEST_NOTE, &[text(&id)]).await?;
        rows.first()
            .map(|row| serde_json::from_str(row.get(0)).map_err(|e| self.link.database(DOING, e)))
            .transpose()
    }
}

impl Store for PostgresStore {
    fn open_run<'a>(&'a self, system: &'a str, line: &'a Line) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.open_run_now(system, line))
    }

    fn claim<'a>(&'a self, run: &'a RunId, holder: &'a Holder) -> BoxFuture<'a, Result<Claim, StoreError>> {
        Box::pin(self.claim_now(run, holder))
    }

    fn confirm<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.confirm_now(claim))
    }

    fn give_up(&self, claim: Claim) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.give_up_now(claim))
    }

    fn append<'a>(&'a self, line: &'a Line, answered: &'a [i64]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.append_now(line, answered))
    }

    fn read<'a>(&'a self, run: &'a RunId, after: u64) -> BoxFuture<'a, Result<Vec<Line>, StoreError>> {
        Box::pin(self.read_now(run, after))
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<RunRow>, StoreError>> {
        Box::pin(self.list_now())
    }

    fn post<'a>(&'a self, run: &'a RunId, request: &'a Request) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.post_now(run, request))
    }

    fn inbox<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Vec<Pending>, StoreError>> {
        Box::pin(self.inbox_now(run))
    }

    fn note<'a>(&'a self, run: &'a RunId, note: &'a Note) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.note_now(run, note))
    }

    fn latest_note<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Option<Note>, StoreError>> {
        Box::pin(self.latest_note_now(run))
    }

    fn holder<'a>(&'a self, run: &'a RunId) -> BoxFuture<'a, Result<Option<Holder>, StoreError>> {
        Box::pin(async move {
            let (holder, live) = self.holder_row(run).await?;
            Ok(holder.filter(|_| live))
        })
    }
}

fn text<T: ToSql + Sync>(value: &T) -> (&(dyn ToSql + Sync), Type) {
    (value, Type::TEXT)
}

fn number(value: &i64) -> (&(dyn ToSql + Sync), Type) {
    (value, Type::INT8)
}

/// PostgreSQL's integers are signed; sequence numbers and epochs stay far below the border.
fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn from_sql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn file_error(doing: &'static str, path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File {
        doing,
        path: path.display().to_string(),
        source,
    }
}
