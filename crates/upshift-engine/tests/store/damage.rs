//! What befalls a store from outside: all of it is told, and nothing is silently gone on with.

use std::path::Path;
use std::sync::Arc;

use upshift_engine::codes;
use upshift_engine::store::postgres::PostgresStore;
use upshift_engine::store::sqlite::SqliteStore;
use upshift_engine::store::{Store, StoreError};
use upshift_lab::Postgres;
use upshift_lab::postgres::Settings;
use upshift_model::ids::{Code, RunId};
use upshift_model::record::{Line, Record, Who};

use crate::bed::{Bed, LEASE, after, line, on_each, opened, process};
use crate::support::who;

/// A run of so many lines.
async fn written(store: &Arc<dyn Store>, lines: u64) -> Vec<Line> {
    let run = RunId::from("r");
    let mut all = vec![opened("r")];
    store.open_run("toy", &all[0]).await.unwrap();
    let claim = store.claim(&run, &process(1)).await.unwrap();
    while u64::try_from(all.len()).unwrap() < lines {
        let next = after(all.last().unwrap(), claim.epoch);
        store.append(&next, &[]).await.unwrap();
        all.push(next);
    }
    store.give_up(claim).await.unwrap();
    all
}

/// What the store says to whoever lists runs or reads the journal.
async fn told(store: Result<Arc<dyn Store>, StoreError>) -> Vec<Code> {
    let store = match store {
        Ok(store) => store,
        Err(e) => return vec![e.code()],
    };
    let (listed, read) = (store.list().await, store.read(&"r".into(), 0).await);
    let read = read.map_err(|e| e.code()).map(|lines| {
        upshift_model::run_state::RunState::fold(&lines)
            .err()
            .map(|_| codes::JOURNAL_BROKEN)
    });
    let read = match read {
        Ok(folded) => folded,
        Err(code) => Some(code),
    };
    listed.err().map(|e| e.code()).into_iter().chain(read).collect()
}

fn sqlite(dir: &Path) -> Result<Arc<dyn Store>, StoreError> {
    SqliteStore::open(dir).map(|store| Arc::new(store) as Arc<dyn Store>)
}

/// Everything in one file, as after a process that ended in peace.
fn settle(dir: &Path) {
    let db = rusqlite::Connection::open(dir.join("upshift.db")).unwrap();
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
}

/// A process that has the store open would go on in a file that nobody will ever read.
#[test]
fn a_store_that_is_deleted_or_replaced_under_a_process_stops_it() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for replaced in [false, true] {
        let bed = Bed::sqlite();
        runtime.block_on(async {
            let store = bed.open().await;
            let lines = written(&store, 3).await;
            let claim = store.claim(&"r".into(), &process(1)).await.unwrap();
            store.confirm(&claim).await.unwrap();
            store.inbox(&"r".into()).await.unwrap();

            let path = bed.dir().join("upshift.db");
            if replaced {
                std::fs::copy(&path, path.with_extension("copy")).unwrap();
            }
            std::fs::remove_file(&path).unwrap();
            if replaced {
                std::fs::rename(path.with_extension("copy"), &path).unwrap();
            }

            let next = after(lines.last().unwrap(), claim.epoch);
            for told in [
                store.inbox(&"r".into()).await.map(drop),
                store.confirm(&claim).await,
                store.append(&next, &[]).await,
            ] {
                let error = told.expect_err("the file is another one");
                assert_eq!(error.code(), codes::STORE_UNUSABLE);
                assert!(error.to_string().contains("deleted or replaced"), "{error}");
            }
        });
    }
}

#[test]
fn a_database_file_that_was_cut_deleted_or_emptied_is_told() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for (how, keep) in [("half", Some(2)), ("a page", Some(1)), ("nothing", None)] {
        let bed = Bed::sqlite();
        runtime.block_on(async {
            written(&bed.open().await, 40).await;
            settle(bed.dir());
            let path = bed.dir().join("upshift.db");
            let length = std::fs::metadata(&path).unwrap().len();
            let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
            file.set_len(match keep {
                Some(2) => length / 2,
                Some(_) => 4096,
                None => 0,
            })
            .unwrap();
            let codes = told(sqlite(bed.dir())).await;
            assert!(!codes.is_empty(), "{how}");
            let known = [codes::STORE_UNUSABLE, codes::RECORDS_LOST, codes::NO_SUCH_RUN];
            assert!(codes.iter().all(|c| known.contains(c)), "{how}: {codes:?}");
            // Whoever deletes what is left has an empty store, and is told what it had.
            for name in ["upshift.db", "upshift.db-wal", "upshift.db-shm"] {
                std::fs::remove_file(bed.dir().join(name)).ok();
            }
            assert_eq!(told(sqlite(bed.dir())).await[0], codes::RECORDS_LOST, "{how}");
        });
    }
}

#[test]
fn a_write_that_was_torn_is_not_there_and_the_loss_of_a_durable_one_is_told() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let bed = Bed::sqlite();
        let store = bed.open().await;
        let all = written(&store, 10).await;
        // The write-ahead file as a crash leaves it, torn in its last frame: its record is gone, and the
        // head mark, written after the commit, knows that it was durable.
        let copy = tempfile::tempdir().unwrap();
        std::fs::create_dir(copy.path().join("heads")).unwrap();
        for name in ["upshift.db", "upshift.db-wal", "heads/r"] {
            std::fs::copy(bed.dir().join(name), copy.path().join(name)).unwrap();
        }
        assert_eq!(told(sqlite(copy.path())).await, []);
        let wal = copy.path().join("upshift.db-wal");
        std::fs::copy(bed.dir().join("upshift.db-wal"), &wal).unwrap();
        let length = std::fs::metadata(&wal).unwrap().len();
        let file = std::fs::OpenOptions::new().write(true).open(&wal).unwrap();
        std::fs::copy(bed.dir().join("upshift.db"), copy.path().join("upshift.db")).unwrap();
        std::fs::remove_file(copy.path().join("upshift.db-shm")).ok();
        file.set_len(length - 100).unwrap();
        let read = sqlite(copy.path()).unwrap().read(&"r".into(), 0).await;
        match read {
            Err(StoreError::Lost { expected, .. }) => assert_eq!(expected, all.len() as u64),
            // The last frames were of something that is no record.
            Ok(lines) => assert_eq!(lines, all),
            Err(e) => panic!("{e:?}"),
        }
        // Without the file at all.
        for name in ["upshift.db-wal", "upshift.db-shm"] {
            std::fs::remove_file(copy.path().join(name)).ok();
        }
        std::fs::copy(bed.dir().join("upshift.db"), copy.path().join("upshift.db")).unwrap();
        assert!(told(sqlite(copy.path())).await.contains(&codes::RECORDS_LOST));
    });
}

#[test]
fn a_bit_that_flipped_in_a_record_is_told() {
    on_each(async |bed| {
        let store = bed.open().await;
        let all = written(&store, 5).await;
        for (seq, expected) in [(3, codes::JOURNAL_BROKEN), (all.len(), codes::RECORDS_LOST)] {
            let whole = all[seq - 1].text();
            let flipped = whole.replacen("\"ada\"", "\"ade\"", 1);
            assert_ne!(whole, flipped);
            let put = |body: &str| {
                let body = body.replace('\'', "''");
                bed.sql(
                    &format!(
                        "DROP TRIGGER IF EXISTS entries_stay;
                         UPDATE entries SET body = '{body}' WHERE run = 'r' AND seq = {seq};"
                    ),
                    &format!(
                        "ALTER TABLE upshift.entries DISABLE TRIGGER ALL;
                         UPDATE upshift.entries SET body = '{body}' WHERE run = 'r' AND seq = {seq};"
                    ),
                );
            };
            put(&flipped);
            assert_eq!(told(Ok(bed.open().await)).await, [expected], "{seq}");
            put(whole);
            assert_eq!(told(Ok(bed.open().await)).await, []);
        }
    });
}

#[test]
fn records_of_a_newer_build_are_refused_as_such() {
    on_each(async |bed| {
        let store = bed.open().await;
        let first = opened("r");
        for (old, new) in [
            ("{\"format\":1,\"run\"", "{\"format\":2,\"run\""),
            (
                "{\"format\":1,\"direction\"",
                "{\"format\":2,\"engine\":true,\"direction\"",
            ),
        ] {
            let newer = first.text().replacen(old, new, 1);
            assert_ne!(newer, first.text(), "{old}");
            let refused = Line::read(newer.clone()).unwrap_err();
            assert!(refused.is_newer(), "{refused}");
        }
        store.open_run("toy", &first).await.unwrap();
        let newer = first
            .text()
            .replacen("{\"format\":1,", "{\"format\":2,", 1)
            .replace('\'', "''");
        bed.sql(
            &format!("DROP TRIGGER entries_stay; UPDATE entries SET body = '{newer}';"),
            &format!(
                "ALTER TABLE upshift.entries DISABLE TRIGGER ALL; UPDATE upshift.entries SET body = '{newer}';"
            ),
        );
        assert_eq!(told(Ok(bed.open().await)).await, [codes::STORE_NEWER]);
    });
}

#[test]
fn a_shared_database_that_was_put_back_is_told_by_every_machine_that_saw_more() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let bed = Bed::postgres();
        let (writer, watcher, stranger) = (
            bed.open().await,
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
        );
        let all = written(&writer, 8).await;
        // It only lists, as daemons do.
        bed.open_with(watcher.path(), LEASE).await.list().await.unwrap();
        bed.sql(
            "",
            "ALTER TABLE upshift.entries DISABLE TRIGGER ALL; DELETE FROM upshift.entries WHERE seq > 5",
        );
        let fifth = all[4].digest();
        bed.sql("", &format!("UPDATE upshift.runs SET seq = 5, head = '{fifth}'"));
        for dir in [bed.dir(), watcher.path()] {
            let codes = told(Ok(bed.open_with(dir, LEASE).await)).await;
            assert_eq!(codes, [codes::RECORDS_LOST]);
        }
        // Whoever never saw it cannot know.
        assert_eq!(told(Ok(bed.open_with(stranger.path(), LEASE).await)).await, []);
        bed.sql("", "DELETE FROM upshift.entries; DELETE FROM upshift.runs");
        let codes = told(Ok(bed.open_with(watcher.path(), LEASE).await)).await;
        assert_eq!(codes[0], codes::RECORDS_LOST);
    });
}

#[test]
fn a_server_that_was_killed_comes_back_with_every_record_and_the_store_with_it() {
    let server = Postgres::start(&Settings::default()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let dir = tempfile::tempdir().unwrap();
        let address = server.database().unwrap().parse().unwrap();
        let store = PostgresStore::open(address, None, dir.path(), LEASE)
            .await
            .unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        let all = written(&store, 5).await;
        server.crash(&Settings::default()).unwrap();
        assert_eq!(store.read(&"r".into(), 0).await.unwrap(), all);
        let claim = store.claim(&"r".into(), &process(2)).await.unwrap();
        store.append(&after(&all[4], claim.epoch), &[]).await.unwrap();
    });
}

#[test]
fn a_full_disk_of_the_server_is_told_and_leaves_the_journal_whole() {
    let settings = Settings {
        file_limit: Some(3 * 1024),
        ..Settings::default()
    };
    let server = Postgres::start(&settings).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let dir = tempfile::tempdir().unwrap();
        let address = server.database().unwrap().parse().unwrap();
        let store = PostgresStore::open(address, None, dir.path(), LEASE)
            .await
            .unwrap();
        let mut last = opened("r");
        store.open_run("toy", &last).await.unwrap();
        let claim = store.claim(&"r".into(), &process(1)).await.unwrap();
        let refused = loop {
            assert!(last.entry().seq < 400, "the disk never filled");
            let next = heavy(&last, claim.epoch);
            match store.append(&next, &[]).await {
                Ok(()) => last = next,
                Err(e) => break e,
            }
        };
        assert_eq!(refused.code(), codes::STORE_UNUSABLE, "{refused:?}");
        let lines = store.read(&"r".into(), 0).await.unwrap();
        assert_eq!(lines.last(), Some(&last));
    });
}

/// A record that does not get smaller by compression.
fn heavy(before: &Line, epoch: u64) -> Line {
    let entry = before.entry();
    let mut why = String::new();
    let mut digest = before.digest().clone();
    while why.len() < 100_000 {
        digest = upshift_model::digest::Digest::of_bytes(digest.hex().as_bytes());
        why.push_str(digest.hex());
    }
    let by = Who {
        why: Some(why),
        ..who()
    };
    let (seq, prev) = (entry.seq + 1, before.digest().clone());
    line(entry.run.as_str(), seq, epoch, prev, Record::Paused { by })
}
