//! The durable step: an intent and an outcome through the journal, against two bare commits of SQLite with
//! the same settings, in the same run, turn by turn: `durable_step STEPS FOLDER`.
//!
//! A measurement that `cargo xtask bench step` makes, in an optimized build; it judges nothing itself.

#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use upshift_engine::clock::Clock;
use upshift_engine::journal::{Journal, open_run};
use upshift_engine::store::sqlite::SqliteStore;
use upshift_engine::store::{Holder, Store};
use upshift_model::ids::{AttemptKey, RunId};
use upshift_model::plan::Sealed;
use upshift_model::record::{AttemptOutcome, Baseline, Intent, Record, Who};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let (Some(count), Some(on), None) = (words.next(), words.next(), words.next()) else {
        return Err("durable_step STEPS FOLDER".into());
    };
    let count: usize = count.parse()?;
    let dir = tempfile::Builder::new().prefix("upshift-bench").tempdir_in(on)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let (journal, plan) = runtime.block_on(claimed(&dir.path().join("journal")))?;
    let bare = bare(&dir.path().join("bare.db"))?;
    let steps: Vec<_> = plan.plan.steps().map(|step| step.id.clone()).collect();
    let (mut ours, mut theirs, mut turn) = (Vec::new(), Vec::new(), 0_i64);
    for step in steps.iter().cycle().take(count) {
        let intent = Intent {
            key: AttemptKey::derive(journal.run(), step, 1),
            attempt: 1,
            baseline: Baseline::default(),
            deadline: now(),
        };
        let begun = Instant::now();
        let step = step.clone();
        runtime.block_on(journal.write(Record::Intent {
            step: step.clone(),
            intent,
        }))?;
        runtime.block_on(journal.write(Record::Attempted {
            step,
            attempt: 1,
            outcome: AttemptOutcome::Sent,
        }))?;
        ours.push(begun.elapsed());
        let begun = Instant::now();
        for _ in 0..2 {
            turn += 1;
            bare.prepare_cached("INSERT INTO entries (run, seq, body) VALUES (?1, ?2, ?3)")?
                .execute(params!["r", turn, LINE])?;
        }
        theirs.push(begun.elapsed());
    }
    let (ours, theirs) = (Figures::of(ours), Figures::of(theirs));
    println!("durable step through the journal  {ours}");
    println!("two bare commits                  {theirs}");
    let ratio = ours.median.as_secs_f64() / theirs.median.as_secs_f64();
    println!("ratio of the medians              {ratio:.2}");
    Ok(())
}

/// About as long as a record.
const LINE: &str = "{\"format\":1,\"run\":\"01a1fbe5-16ee-714f-823e-16f2248ac20e\",\"seq\":17,\"epoch\":1,\"at\":\"2026-11-01T00:00:00Z\",\
                    \"prev\":\"sha256:1f0c41aa1f0c41aa1f0c41aa1f0c41aa1f0c41aa1f0c41aa1f0c41aa1f0c41aa\",\"record\":{\"is\":\"intent\",\
                    \"step\":\"2.1\",\"intent\":{\"key\":\"1f0c41aa1f0c41aa1f0c41aa1f0c41aa\",\"attempt\":1,\"baseline\":{},\
                    \"deadline\":\"2026-11-01T00:00:00Z\"}}}";

/// The settings of the embedded store.
fn bare(path: &Path) -> Result<Connection> {
    let db = Connection::open(path)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", "ON")?;
    db.execute_batch(
        "CREATE TABLE entries (run TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL,
         PRIMARY KEY (run, seq)) STRICT, WITHOUT ROWID",
    )?;
    Ok(db)
}

/// A run that is owned, of a plan of the usual size.
async fn claimed(dir: &Path) -> Result<(Journal, Sealed)> {
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(dir)?);
    let text = include_str!("../../../fixtures/formats/plan-1.json");
    let plan = Sealed::from_file(text)?;
    let (clock, run) = (
        Clock::new(now),
        RunId::from("01a1fbe5-16ee-714f-823e-16f2248ac20e"),
    );
    let by = Who {
        name: "bench".to_owned(),
        host: "here".to_owned(),
        why: None,
        ticket: None,
    };
    open_run(&*store, &clock, &run, "bench", plan.clone(), by).await?;
    let holder = Holder {
        pid: std::process::id(),
        host: "here".to_owned(),
        user: "bench".to_owned(),
        since: now(),
    };
    let journal = Journal::claim(store, clock, &run, &holder, Arc::new(|_, _| {})).await?;
    Ok((journal, plan))
}

/// The time does not matter here.
fn now() -> jiff::Timestamp {
    jiff::Timestamp::UNIX_EPOCH
}

struct Figures {
    min: Duration,
    median: Duration,
    max: Duration,
}

impl Figures {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        let at = |index: usize| times.get(index).copied().unwrap_or_default();
        Self {
            min: at(0),
            median: at(times.len() / 2),
            max: at(times.len().saturating_sub(1)),
        }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "min {:.2?}  median {:.2?}  max {:.2?}",
            self.min, self.median, self.max
        )
    }
}
