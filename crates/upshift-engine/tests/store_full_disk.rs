//! A disk that has no room for the next record. In a test program of its own: the limit that stands in for
//! a full disk (no file may grow beyond 256 KiB) holds for the whole process.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "support/mod.rs"]
#[expect(dead_code, reason = "the toy world has more than this test uses")]
mod support;

use std::sync::Arc;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::{clock, holder, plan, who};
use tokio::signal::unix::{SignalKind, signal};
use upshift_engine::codes;
use upshift_engine::journal::{Journal, open_run, read_run};
use upshift_engine::store::Store;
use upshift_engine::store::sqlite::SqliteStore;
use upshift_model::ids::RunId;
use upshift_model::policy::OnFailedGate;
use upshift_model::record::{Record, Who};

#[tokio::test]
async fn a_full_disk_is_told_and_leaves_the_journal_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(dir.path()).unwrap());
    let (run, me) = (RunId::from("r"), holder());
    open_run(&*store, &clock(), &run, "toy", plan(OnFailedGate::Ask), who())
        .await
        .unwrap();
    let claim = Journal::claim(Arc::clone(&store), clock(), &run, &me, Arc::new(|_, _| {}));
    let journal = claim.await.unwrap();
    let pause = || Record::Paused {
        by: Who {
            why: Some("x".repeat(20_000)),
            ..who()
        },
    };

    // With a handler the kernel reports the limit as an error of the write; without, it kills.
    let _handled = signal(SignalKind::from_raw(25)).unwrap();
    let before = getrlimit(Resource::Fsize);
    let tight = Rlimit {
        current: Some(256 << 10),
        maximum: before.maximum,
    };
    setrlimit(Resource::Fsize, tight).unwrap();
    let mut written = 1;
    let refused = loop {
        match journal.write(pause()).await {
            Ok(()) => written += 1,
            Err(e) => break e,
        }
        if written > 100 {
            setrlimit(Resource::Fsize, before).unwrap();
            panic!("the disk never filled");
        }
    };
    setrlimit(Resource::Fsize, before).unwrap();

    assert_eq!(refused.code(), codes::STORE_UNUSABLE, "{refused:?}");
    drop((journal, store));
    let store = SqliteStore::open(dir.path()).unwrap();
    let (lines, _) = read_run(&store, &run).await.unwrap();
    assert_eq!(lines.len(), written);
    let claim = Journal::claim(Arc::new(store), clock(), &run, &me, Arc::new(|_, _| {}));
    claim.await.unwrap().write(pause()).await.unwrap();
}
