//! Ownership: one at a time, fenced by epoch and by number.

use std::time::{Duration, Instant};

use upshift_engine::codes;
use upshift_engine::store::StoreError;
use upshift_model::ids::RunId;

use crate::bed::{Kind, LEASE, after, on_each, opened, process};

#[test]
fn one_owner_at_a_time_and_the_next_one_has_the_next_epoch() {
    on_each(async |bed| {
        let (store, other) = (bed.open().await, bed.open().await);
        let run = RunId::from("r");
        store.open_run("toy", &opened("r")).await.unwrap();
        assert_eq!(store.holder(&run).await.unwrap(), None);
        let claim = store.claim(&run, &process(1)).await.unwrap();
        assert_eq!(claim.epoch, 1);
        match other.claim(&run, &process(2)).await.unwrap_err() {
            StoreError::Held { holder, .. } => assert_eq!(holder.pid, 1),
            e => panic!("{e:?}"),
        }
        assert_eq!(other.holder(&run).await.unwrap(), Some(process(1)));
        store.confirm(&claim).await.unwrap();
        store.give_up(claim).await.unwrap();
        assert_eq!(other.holder(&run).await.unwrap(), None);
        assert_eq!(other.claim(&run, &process(2)).await.unwrap().epoch, 2);
    });
}

#[test]
fn of_many_that_claim_at_once_one_wins() {
    on_each(async |bed| {
        let stores = [
            bed.open().await,
            bed.open().await,
            bed.open().await,
            bed.open().await,
        ];
        let run = RunId::from("r");
        stores[0].open_run("toy", &opened("r")).await.unwrap();
        for round in 1..=5 {
            let tries = stores
                .iter()
                .map(async |store| store.claim(&run, &process(1)).await.ok());
            let mut won: Vec<_> = futures::future::join_all(tries)
                .await
                .into_iter()
                .flatten()
                .collect();
            let claim = won.pop().unwrap();
            assert!(won.is_empty());
            assert_eq!(claim.epoch, round);
            stores[0].give_up(claim).await.unwrap();
        }
    });
}

#[test]
fn a_line_that_is_not_the_next_or_of_an_older_epoch_is_refused() {
    on_each(async |bed| {
        let store = bed.open().await;
        let run = RunId::from("r");
        let first = opened("r");
        store.open_run("toy", &first).await.unwrap();
        let claim = store.claim(&run, &process(1)).await.unwrap();
        let second = after(&first, claim.epoch);
        let third = after(&second, claim.epoch);
        let fenced = |e: StoreError| assert_eq!(e.code(), codes::FENCED, "{e:?}");
        fenced(store.append(&third, &[]).await.unwrap_err());
        store.append(&second, &[]).await.unwrap();
        fenced(store.append(&second, &[]).await.unwrap_err());
        let old = claim.epoch;
        store.give_up(claim).await.unwrap();
        let claim = store.claim(&run, &process(2)).await.unwrap();
        fenced(store.append(&after(&second, old), &[]).await.unwrap_err());
        fenced(
            store
                .append(&after(&second, claim.epoch + 1), &[])
                .await
                .unwrap_err(),
        );
        store.append(&after(&second, claim.epoch), &[]).await.unwrap();
    });
}

/// A process that neither lives nor dies: on SQLite its lock is its own until it dies, unless the lock's
/// file is taken from under it; on PostgreSQL its lease runs out.
#[test]
fn an_owner_that_was_overtaken_can_neither_confirm_nor_append() {
    on_each(async |bed| {
        let lease = Duration::from_millis(400);
        let (slow, next) = (bed.open_with(bed.dir(), lease).await, bed.open().await);
        let run = RunId::from("r");
        let first = opened("r");
        slow.open_run("toy", &first).await.unwrap();
        let stale = slow.claim(&run, &process(1)).await.unwrap();
        slow.confirm(&stale).await.unwrap();
        match &bed.kind {
            Kind::Sqlite => std::fs::remove_file(bed.dir().join("locks/r")).unwrap(),
            // As if its renewals had not come.
            Kind::Postgres { .. } => {
                bed.sql("", "UPDATE upshift.runs SET lease_until = now() - interval '1 s'")
            }
        }
        let claim = next.claim(&run, &process(2)).await.unwrap();
        assert_eq!(claim.epoch, 2);
        let fenced = |e: StoreError| assert_eq!(e.code(), codes::FENCED, "{e:?}");
        fenced(slow.confirm(&stale).await.unwrap_err());
        fenced(slow.append(&after(&first, stale.epoch), &[]).await.unwrap_err());
        // What it gives up is not the other's.
        slow.give_up(stale).await.unwrap();
        assert_eq!(next.holder(&run).await.unwrap(), Some(process(2)));
        next.confirm(&claim).await.unwrap();
        next.append(&after(&first, claim.epoch), &[]).await.unwrap();
    });
}

#[expect(clippy::disallowed_methods, reason = "a test waits on a real server")]
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

#[test]
fn a_lease_lasts_while_its_holder_lives_and_runs_out_when_nobody_renews_it() {
    on_each(async |bed| {
        let Kind::Postgres { .. } = &bed.kind else { return };
        // Long enough for renewals to come in time on a busy machine.
        let lease = Duration::from_secs(4);
        let other = bed.open_with(bed.dir(), LEASE).await;
        let run = RunId::from("r");
        other.open_run("toy", &opened("r")).await.unwrap();
        let apart = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let store = bed.open_with(bed.dir(), lease).await;
        // Its renewals live in a runtime of their own, which stands for its process.
        let (id, holder) = (run.clone(), process(1));
        let claim = apart
            .spawn(async move { store.claim(&id, &holder).await })
            .await
            .unwrap()
            .unwrap();
        let begun = Instant::now();
        while begun.elapsed() < lease * 3 / 2 {
            let refused = other.claim(&run, &process(2)).await.unwrap_err();
            assert!(matches!(refused, StoreError::Held { .. }), "{refused:?}");
            a_moment().await;
        }
        apart.shutdown_background();
        let claimed = loop {
            match other.claim(&run, &process(2)).await {
                Ok(claimed) => break claimed,
                Err(StoreError::Held { .. }) if begun.elapsed() < LEASE => a_moment().await,
                Err(e) => panic!("{e:?}"),
            }
        };
        assert_eq!(claimed.epoch, claim.epoch + 1);
    });
}
