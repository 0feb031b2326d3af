//! Probes of the operator's, and what a halt says of where the state of each job is.

use expect_test::expect;
use upshift_drivers::realtime_compute::only;
use upshift_engine::request::Ask;
use upshift_model::expect::Expectation;
use upshift_model::flink::{Probe, ProbeAsk, ProbeExpect};
use upshift_model::policy::{OnFailedGate, OnLaneFailure};
use upshift_model::record::{Answer, Record};
use upshift_model::run_state::Phase;
use upshift_model::span::Millis;
use upshift_model::step::Step;

use crate::stage::{OLD, Person, Run, Stage, pause};
use crate::telling::{goes, goes_on, to_major};

/// Metadata of version 5.
const NEWER: &[u8] =
    include_bytes!("../../../../fixtures/flink-savepoints/2.0.2-hashmap-canonical-base-uids/_metadata");

/// A file that a probe prints.
fn probe(file: &std::path::Path, expect: ProbeExpect) -> (String, Probe) {
    let ask = ProbeAsk::Command(vec!["cat".to_owned(), file.display().to_string()]);
    let probe = Probe {
        ask,
        expect,
        timeout: Millis::from_secs(10),
    };
    ("records a minute".to_owned(), probe)
}

fn write(file: &std::path::Path, text: &str) {
    use std::io::Write as _;
    let opened = std::fs::File::options()
        .create(true)
        .write(true)
        .truncate(true)
        .open(file);
    opened
        .expect("a file")
        .write_all(text.as_bytes())
        .expect("written");
}

#[tokio::test]
async fn probes_are_asked_before_and_held_against_it_after() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rate");
    write(&file, "1000");
    let mut stage = Stage::new().await;
    stage.declaration.policy.on_failed_gate = OnFailedGate::Ask;
    let ratio = ProbeExpect::AtLeastRatioOfBaselineMilli(900);
    stage.declaration.probes = vec![probe(&file, ratio)];
    let plan = stage.plan().await;
    let run = Run::open(plan, Person::Accepts).await;
    // It drops once the baseline is taken.
    let drops = async {
        while run
            .state()
            .await
            .bindings
            .value(&"probe/records a minute".into())
            .is_none()
        {
            pause().await;
        }
        write(&file, "500");
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = run.process() => {}
        () = drops => {}
    }
    let story = run.story().await;
    let failed = "3.a.1 done\nasks: the gate failed: UP-RC-0312: probe \"records a minute\": 500, expected at least 900 (0.9 of 1000 before)\ngoes back\n";
    assert!(story.contains(failed) && story.contains("RolledBack"), "{story}");
    let picture = stage.picture().await;
    assert!(
        picture.contains("orders vvr-8.0.9-flink-1.17: RUNNING FINISHED"),
        "{picture}"
    );
    // And one that holds all the way.
    write(&file, "1000");
    let (_stage, run) = goes(&[], Person::Accepts, |stage| {
        stage.declaration.probes = vec![probe(&file, ProbeExpect::AtLeastRatioOfBaselineMilli(900))];
    })
    .await;
    let story = run.story().await;
    assert!(
        story.contains("3.b.1 done") && story.contains("Finalized"),
        "{story}"
    );
}

#[tokio::test]
async fn a_probe_that_cannot_be_asked_begins_nothing() {
    let nowhere = std::path::Path::new("/no/such/file");
    let (stage, run) = goes(&[], Person::Accepts, |stage| {
        stage.declaration.probes = vec![probe(nowhere, ProbeExpect::Success)];
    })
    .await;
    let story = run.story().await;
    assert!(story.contains("UP-RC-0312") && !story.contains("2.1"), "{story}");
    drop(stage);
    let (_stage, run) = goes(&[], Person::Accepts, |stage| {
        let (name, mut probe) = probe(nowhere, ProbeExpect::Success);
        probe.ask = ProbeAsk::Command(vec!["/no/such/program".to_owned()]);
        stage.declaration.probes = vec![(name, probe)];
    })
    .await;
    let story = run.story().await;
    assert!(story.contains("UP-RC-0313") && !story.contains("2.1"), "{story}");
}

/// What the last halt says of the state.
async fn state_of(run: &Run) -> String {
    let lines = run.lines().await;
    let halts = lines.iter().rev().filter_map(|line| match &line.entry().record {
        Record::Halted { halt, .. } => Some(halt.clone()),
        _ => None,
    });
    let halt = halts.into_iter().next().expect("a halt");
    let told = halt.state.iter().map(|one| {
        let at: Vec<_> = one
            .at
            .split(' ')
            .map(|word| if word.starts_with("paper:") { "PLACE" } else { word })
            .collect();
        format!(
            "{} {}: {}\n",
            one.job,
            if one.safe { "safe" } else { "NOT SAFE" },
            at.join(" ")
        )
    });
    told.collect()
}

#[tokio::test]
async fn a_halt_after_a_plain_stop_says_where_the_state_is() {
    let ask = |stage: &mut Stage| {
        to_major(stage);
        stage.declaration.policy.on_failed_gate = OnFailedGate::Ask;
    };
    let (_stage, run) = goes(&["savepoint-fails"], Person::Accepts, ask).await;
    expect![[r#"
        orders safe: not touched: it runs as it did before
    "#]]
    .assert_eq(&state_of(&run).await);
    let (_stage, run) = goes(&["incompatible-state*1"], Person::Accepts, ask).await;
    expect![[r#"
        orders safe: canonical savepoint PLACE of before its stop: what came after it is processed again
    "#]]
    .assert_eq(&state_of(&run).await);
    // One that was refused: it was about to be sent.
    let (_stage, run) = goes(&["denied@StopJob"], Person::Accepts, ask).await;
    expect![[r#"
        orders safe: canonical savepoint PLACE of before step 2.2, which was to stop it and whose end was not seen
    "#]]
    .assert_eq(&state_of(&run).await);
}

#[tokio::test]
async fn what_a_parked_lane_left_does_not_hold_the_others_back() {
    let mut stage = Stage::of(&["orders", "payments"]).await;
    stage.declaration.policy.on_lane_failure = OnLaneFailure::Park;
    let plan = stage.plan().await;
    stage
        .emulator
        .inject("incompatible-state*1".parse().expect("a fault"));
    let run = Run::open(plan, Person::Waits).await;
    let somebody = async {
        while !matches!(run.state().await.phase, Phase::Waiting { .. }) {
            pause().await;
        }
        // The copy of the parked one is changed by hand before the others are accepted.
        let parked = run
            .state()
            .await
            .parked()
            .into_iter()
            .next()
            .expect("a parked lane");
        let copy = stage
            .client
            .deployments_named(&format!("{parked}-upg"))
            .await
            .expect("a list");
        let changed = stage
            .client
            .update_deployment(copy[0].id(), only("engineVersion", OLD));
        changed.await.expect("a change");
        run.post(Ask::Answer(Answer::Finalize)).await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = run.process() => {}
        () = somebody => {}
    }
    let story = run.story().await;
    assert!(story.contains("Finalized"), "{story}");
    assert!(!story.contains("UP-RC-0310"), "{story}");
}

#[tokio::test]
async fn an_intent_without_what_was_there_before_is_an_error() {
    let (stage, run) = goes_on(Stage::new().await, &["queue-full*1"], Person::Accepts, |stage| {
        stage.declaration.policy.on_failed_gate = OnFailedGate::Ask;
    })
    .await;
    let state = run.state().await;
    let plan = &state.plan.plan;
    for step in ["2.2", "2.3"] {
        let mut intent = state.steps[&step.into()].intent.clone().expect("an intent");
        intent.baseline = upshift_model::record::Baseline::default();
        let step = plan.step(&step.into()).expect("a step");
        let said = run.driver().standing(step, &state.bindings, Some(&intent)).await;
        let said = format!("{said:?}");
        assert!(
            said.contains("UP-RC-0301") && said.contains("does not say which"),
            "{said}"
        );
    }
    drop(stage);
}

/// Where our reader reaches the savepoint, what does not fit is told while the job still runs.
#[tokio::test]
async fn a_savepoint_that_does_not_fit_stops_nothing() {
    let (_stage, run) = goes(&[], Person::Accepts, |_| {}).await;
    let state = run.state().await;
    let stop = state.plan.plan.step(&"2.2".into()).expect("the stop").clone();
    let fits = |one: &Expectation| matches!(one, Expectation::Fits { .. });
    let looked_into = Step {
        before: stop.before.into_iter().filter(fits).collect(),
        ..stop
    };
    assert_eq!(looked_into.before.len(), 1, "the plan asks for it");
    let folder = tempfile::tempdir().expect("a folder");
    let said = async |metadata: Option<&[u8]>| {
        if let Some(bytes) = metadata {
            let mut file = std::fs::File::create(folder.path().join("_metadata")).expect("a file");
            std::io::Write::write_all(&mut file, bytes).expect("written");
        }
        let mut bound = state.bindings.clone();
        let point = bound.slots.get_mut(&"before/orders".into()).expect("a savepoint");
        point.location = match metadata {
            Some(_) => format!("file://{}", folder.path().display()),
            None => "oss://bucket/savepoint-1".to_owned(),
        };
        format!("{:?}", run.driver().standing(&looked_into, &bound, None).await)
    };
    // Out of sight: nothing is known, and the stop may go on.
    assert!(said(None).await.contains("Ready"), "{}", said(None).await);
    // No release reads what begins with other bytes.
    let damaged = said(Some(b"not a savepoint")).await;
    assert!(
        damaged.contains("Failed") && damaged.contains("UP-RC-0314"),
        "{damaged}"
    );
    // One that Flink 2.0 took: what 1.17 does not read.
    let newer = said(Some(NEWER)).await;
    assert!(
        newer.contains("UP-RC-0314") && newer.contains("does not read this version of the metadata"),
        "{newer}"
    );
}
