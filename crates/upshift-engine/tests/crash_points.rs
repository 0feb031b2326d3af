//! A process that dies at any append, before or after it is durable, comes back to the same end with
//! every effect done once.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod support;

use std::sync::Arc;

use support::{Manner, ToyCounsel, World, clock, holder, plan, who};
use upshift_campaign::{At, Death, Mortal};
use upshift_engine::engine::{Ended, Engine};
use upshift_engine::journal::{Journal, open_run, read_run};
use upshift_engine::request::{Ask, Request};
use upshift_engine::store::Store;
use upshift_engine::store::sqlite::SqliteStore;
use upshift_model::ids::RunId;
use upshift_model::policy::OnFailedGate;
use upshift_model::record::{Outcome, Record};
use upshift_sim::direct::Line;

async fn carry_on(store: Arc<dyn Store>, world: &Arc<World>, run: &RunId) -> Result<Ended, String> {
    let listener: upshift_engine::journal::Listener = Arc::new(|_, _| {});
    let journal = Journal::claim(store, clock(), run, &holder(), listener)
        .await
        .map_err(|e| e.to_string())?;
    let driver = Arc::clone(world);
    Engine::new(journal, driver, Arc::new(ToyCounsel::default()))
        .carry_on()
        .await
        .map_err(|e| e.to_string())
}

/// At most one death, then a second process. Tells how many records there are at the end.
async fn live_through(death: Option<At>, manners: &[(&str, Manner)]) -> (Arc<World>, u64, Ended) {
    let dir = tempfile::tempdir().unwrap();
    let world = World::new(manners);
    let run = RunId::from("run");
    let inner = Arc::new(SqliteStore::open(dir.path()).unwrap());
    let dying = Mortal::new(inner, Arc::new(Line::default()), death.into_iter().collect());
    open_run(&dying, &clock(), &run, "toy", plan(OnFailedGate::RollBack), who())
        .await
        .unwrap();
    let first = carry_on(Arc::new(dying), &world, &run).await;
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(dir.path()).unwrap());
    let ended = match first {
        Ok(ended) => ended,
        Err(_) => {
            // As `upshift resume` does.
            let word = Request {
                ask: Ask::Resume,
                by: who(),
            };
            store.post(&run, &word).await.unwrap();
            carry_on(Arc::clone(&store), &world, &run).await.unwrap()
        }
    };
    let (lines, _) = read_run(&*store, &run).await.unwrap();
    for (at, line) in lines.iter().enumerate() {
        if let Record::Attempted { step, attempt, .. } = &line.entry().record {
            let before = &lines[..at];
            let intended = before.iter().any(|l| {
                matches!(&l.entry().record, Record::Intent { step: s, intent } if s == step && intent.attempt == *attempt)
            });
            assert!(intended, "no effect without a durable intent: {step}");
        }
    }
    for pair in lines.windows(2) {
        if matches!(pair[0].entry().record, Record::Halted { .. }) {
            let next = &pair[1].entry().record;
            assert!(
                matches!(next, Record::Turned { .. }),
                "the policy says back, whoever says resume: {}",
                next.word()
            );
        }
    }
    (world, lines.len() as u64, ended)
}

async fn at_every_append(manners: &[(&str, Manner)], outcome: Outcome) {
    let (calm, records, ended) = live_through(None, manners).await;
    assert_eq!(ended, Ended::Closed(outcome));
    for at in 2..=records {
        for how in [Death::Before, Death::After] {
            let (world, _, ended) = live_through(Some((at, how)), manners).await;
            assert_eq!(ended, Ended::Closed(outcome), "death {how:?} record {at}");
            if outcome == Outcome::Finalized {
                assert_eq!(world.effects(), calm.effects(), "death {how:?} record {at}");
            }
            assert!(
                world.effects().values().all(|n| *n == 1),
                "death {how:?} record {at}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_ends_the_same_wherever_the_process_dies() {
    at_every_append(&[("1.a.1", Manner::Slow(2))], Outcome::Finalized).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_for_and_never_sent_again() {
    at_every_append(
        &[("1.a.1", Manner::LosesAnswer), ("1.b.2", Manner::LosesAnswer)],
        Outcome::Finalized,
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_try_that_failed_for_certain_is_followed_by_one_with_a_key_of_its_own() {
    at_every_append(&[("1.b.1", Manner::FailsOnce)], Outcome::Finalized).await;
}

#[tokio::test(start_paused = true)]
async fn a_job_that_does_not_start_takes_the_run_back() {
    at_every_append(&[("1.a.2", Manner::Fails)], Outcome::RolledBack).await;
}
