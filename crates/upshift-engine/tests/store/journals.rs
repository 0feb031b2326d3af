//! Opening, appending, reading, listing.

use upshift_engine::store::{RunRow, StoreError};
use upshift_model::ids::RunId;

use crate::bed::{after, closed, on_each, opened, process};

#[test]
fn what_was_appended_is_read_in_order_by_everybody() {
    on_each(async |bed| {
        let (store, other) = (bed.open().await, bed.open().await);
        let run = RunId::from("r");
        let first = opened("r");
        store.open_run("toy", &first).await.unwrap();
        let claim = store.claim(&run, &process(1)).await.unwrap();
        let second = after(&first, claim.epoch);
        let third = after(&second, claim.epoch);
        store.append(&second, &[]).await.unwrap();
        store.append(&third, &[]).await.unwrap();
        assert_eq!(other.read(&run, 0).await.unwrap(), [first, second, third.clone()]);
        assert_eq!(other.read(&run, 2).await.unwrap(), [third]);
        assert_eq!(other.read(&run, 3).await.unwrap(), []);
    });
}

#[test]
fn a_system_has_one_open_run_and_a_closed_one_frees_it() {
    on_each(async |bed| {
        let store = bed.open().await;
        let first = opened("r1");
        store.open_run("toy", &first).await.unwrap();
        match store.open_run("toy", &opened("r2")).await.unwrap_err() {
            StoreError::Busy { system, run } => assert_eq!((system.as_str(), run.as_str()), ("toy", "r1")),
            other => panic!("{other:?}"),
        }
        store.open_run("another", &opened("r3")).await.unwrap();
        let claim = store.claim(&"r1".into(), &process(1)).await.unwrap();
        store.append(&closed(&first, claim.epoch), &[]).await.unwrap();
        store.open_run("toy", &opened("r2")).await.unwrap();
        let row = |run: &str, system: &str, open| RunRow {
            run: run.into(),
            system: system.to_owned(),
            open,
        };
        let all = [
            row("r1", "toy", false),
            row("r2", "toy", true),
            row("r3", "another", true),
        ];
        assert_eq!(bed.open().await.list().await.unwrap(), all);
    });
}

#[test]
fn of_many_that_open_a_run_of_one_system_at_once_one_wins() {
    on_each(async |bed| {
        let stores = [
            bed.open().await,
            bed.open().await,
            bed.open().await,
            bed.open().await,
        ];
        let tries = stores.iter().enumerate().map(async |(n, store)| {
            let line = opened(&format!("r{n}"));
            store.open_run("toy", &line).await
        });
        let ended = futures::future::join_all(tries).await;
        let won = ended.iter().filter(|e| e.is_ok()).count();
        let busy = ended
            .iter()
            .filter(|e| matches!(e, Err(StoreError::Busy { .. })))
            .count();
        assert_eq!((won, busy), (1, 3), "{ended:?}");
    });
}

#[test]
fn a_run_that_is_not_there_is_told_as_such() {
    on_each(async |bed| {
        let store = bed.open().await;
        let run = RunId::from("nobody");
        let is_none = |e: StoreError| assert!(matches!(e, StoreError::NoSuchRun { .. }), "{e:?}");
        is_none(store.read(&run, 0).await.unwrap_err());
        is_none(store.claim(&run, &process(1)).await.unwrap_err());
        let line = after(&opened("nobody"), 1);
        is_none(store.append(&line, &[]).await.unwrap_err());
    });
}

#[test]
fn lines_can_neither_be_changed_nor_deleted() {
    on_each(async |bed| {
        let store = bed.open().await;
        store.open_run("toy", &opened("r")).await.unwrap();
        for change in ["UPDATE entries SET body = ''", "DELETE FROM entries"] {
            let there = change.replace("entries", "upshift.entries");
            let tried = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| bed.sql(change, &there)));
            assert!(tried.is_err(), "{change}");
        }
        assert_eq!(store.read(&"r".into(), 0).await.unwrap(), [opened("r")]);
    });
}
