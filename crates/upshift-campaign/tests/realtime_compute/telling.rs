//! How a story is told: what goes wrong is set up, the upgrade is carried out, and what was said and what there is in the
//! end is one text.

use expect_test::Expect;

use crate::stage::{MAJOR, Person, Run, Stage, waiver};

pub(crate) async fn told(stage: &Stage, run: &Run, expected: Expect) {
    let text = format!("{}--\n{}\n", run.story().await, stage.picture().await);
    expected.assert_eq(&text);
}

/// Plans, lets something go wrong, and carries it out.
pub(crate) async fn goes(faults: &[&str], person: Person, change: impl FnOnce(&mut Stage)) -> (Stage, Run) {
    goes_on(Stage::new().await, faults, person, change).await
}

/// The same on a stage of its own.
pub(crate) async fn goes_on(
    mut stage: Stage,
    faults: &[&str],
    person: Person,
    change: impl FnOnce(&mut Stage),
) -> (Stage, Run) {
    change(&mut stage);
    let plan = stage.plan().await;
    for fault in faults {
        stage.emulator.inject(fault.parse().expect("a fault"));
    }
    let run = Run::open(plan, person).await;
    run.process().await;
    (stage, run)
}

pub(crate) fn to_major(stage: &mut Stage) {
    MAJOR.clone_into(&mut stage.declaration.target);
    stage
        .declaration
        .waivers
        .push(waiver("UP-RC-0101", "deployment orders"));
}
