//! upshift's process dies at every record of its journal: before it is durable, and right after. Whoever resumes comes
//! to the same end, with every effect done once.

use std::sync::Arc;

use upshift_campaign::{Death, MemoryStore, Mortal};
use upshift_sim::direct::Line as Wire;

use crate::stage::{Person, Run, Stage};

/// A debug build takes every third place; `cargo test --profile sim` takes all.
const EVERY: usize = if cfg!(debug_assertions) { 3 } else { 1 };

/// The run with a process that dies at this record, and another that carries it on.
async fn dies_at(record: u64, how: Death, person: Person) -> (Stage, Run, usize) {
    let stage = Stage::new().await;
    let plan = stage.plan().await;
    let wire = Arc::new(Wire::with(Vec::new()));
    let inner = Arc::new(MemoryStore::default());
    let mortal = Arc::new(Mortal::new(inner, wire, vec![(record, how)]));
    let run = Run::open_in(
        Arc::clone(&mortal) as Arc<dyn upshift_engine::store::Store>,
        plan,
        person,
    )
    .await;
    let mut processes = 0;
    loop {
        processes += 1;
        let ended = run.process().await;
        if ended.is_some() || processes > 3 {
            return (stage, run, processes);
        }
        assert!(mortal.is_buried(), "it ended without having died");
    }
}

async fn dies_everywhere(person: Person) {
    let (undisturbed, run, _) = dies_at(0, Death::Before, person).await;
    let records = run.lines().await.len() as u64;
    let picture = undisturbed.picture().await;
    let inside = undisturbed.emulator.inside();
    assert!(records > 20, "{records} records");
    let places = (2..=records).flat_map(|record| [(record, Death::Before), (record, Death::After)]);
    for (at, (record, how)) in places.enumerate() {
        if at.is_multiple_of(EVERY) {
            let (stage, run, processes) = dies_at(record, how, person).await;
            let place = format!("{how} {record}: {}", run.story().await);
            // After the last record nobody has to come back.
            assert!(processes == 2 || record == records, "{place}");
            let now = stage.emulator.inside();
            assert_eq!(stage.picture().await, picture, "{place}");
            assert_eq!(
                (now.deployments, now.savepoints, now.jobs),
                (inside.deployments, inside.savepoints, inside.jobs),
                "{place}"
            );
            for action in ["CreateDeployment", "CreateSavepoint", "StartJobWithParams"] {
                assert_eq!(
                    now.asked.get(action),
                    inside.asked.get(action),
                    "{action}, {place}"
                );
            }
        }
    }
}

#[tokio::test]
async fn on_the_way_there() {
    Box::pin(dies_everywhere(Person::Accepts)).await;
}

#[tokio::test]
async fn on_the_way_back() {
    Box::pin(dies_everywhere(Person::GoesBack)).await;
}
