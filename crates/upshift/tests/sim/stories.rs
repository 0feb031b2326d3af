//! Upgrades that end as they should, whatever the far side does on the way.

use std::sync::atomic::{AtomicBool, Ordering};

use expect_test::expect;
use upshift_model::record::{Outcome, Record};
use upshift_model::run_state::{Phase, RunState};
use upshift_sim::flink::{JobManner, Restoring, Saving};
use upshift_sim::wire::{Contact, JobEntry, Moment, Scene, Verdict};

use crate::support::Story;

pub(crate) fn outcome(state: &RunState) -> Option<Outcome> {
    match state.phase {
        Phase::Closed { outcome, .. } => Some(outcome),
        _ => None,
    }
}

fn one_of_each() -> Vec<String> {
    let expected = [
        "1 × 1.18.1 savepoint of orders",
        "1 × 1.18.1 stop orders",
        "1 × 1.20.5 delete jar",
        "1 × 1.20.5 job manager started",
        "1 × 1.20.5 run orders",
        "1 × 1.20.5 task manager started",
        "1 × 1.20.5 upload",
    ];
    expected.map(str::to_owned).into()
}

pub(crate) fn quick() -> Scene {
    Scene::new()
        .policy("soak", "\"100ms\"")
        .policy("finalize_after", "\"1ms\"")
}

/// The same with a job that behaves otherwise on the new release.
pub(crate) fn with(restoring: Restoring) -> Scene {
    let mut scene = quick();
    scene.jobs[0].after.restoring = restoring;
    scene
}

/// The same with a job that is seen running first, and is restarted in the soak.
fn with_restarts(cause: &str) -> Scene {
    let restarts = Restoring::Restarts {
        after: 500,
        cause: cause.to_owned(),
    };
    with(restarts).policy("soak", "\"800ms\"")
}

/// The answer to the first such request does not arrive.
fn lose_one(story: &Story, what: &'static str) {
    let lost = AtomicBool::new(false);
    story.stage.server.watch(move |contact: &Contact| {
        let mine = contact.what == what && contact.moment == Moment::After;
        match mine && !lost.swap(true, Ordering::Relaxed) {
            true => Verdict::Cut,
            false => Verdict::Go,
        }
    });
}

#[test]
fn a_lost_answer_is_looked_for_and_nothing_is_asked_twice() {
    for what in ["save", "stop", "upload", "run", "delete jar"] {
        let story = Story::set(&quick());
        story.plan();
        lose_one(&story, what);
        story.upshift(&["apply", "up.plan"]);
        assert_eq!(
            outcome(&story.closed()),
            Some(Outcome::Finalized),
            "{what}: {}",
            story.words()
        );
        assert_eq!(story.effects(), one_of_each(), "{what}: {}", story.words());
        let (lines, _) = story.journal();
        let unsure = |line: &upshift_model::record::Line| {
            matches!(
                &line.entry().record,
                Record::Attempted {
                    outcome: upshift_model::record::AttemptOutcome::Ambiguous(_),
                    ..
                }
            )
        };
        assert_eq!(
            lines.iter().filter(|line| unsure(line)).count(),
            1,
            "{what}: {}",
            story.words()
        );
    }
}

#[test]
fn a_far_side_that_is_busy_for_a_while_is_waited_for() {
    let story = Story::set(&quick());
    story.plan();
    let left = std::sync::atomic::AtomicI32::new(12);
    story.stage.server.watch(move |contact| {
        let busy = contact.release == "1.20.5" && left.fetch_sub(1, Ordering::Relaxed) > 0;
        let body = serde_json::json!({ "errors": ["Service temporarily unavailable due to an ongoing leader election. Please refresh."] });
        match busy && contact.moment == Moment::Before && !contact.what.starts_with("start") {
            true => Verdict::Tell(upshift_sim::flink::Answer { status: 503, body }),
            false => Verdict::Go,
        }
    });
    story.upshift(&["apply", "up.plan"]);
    assert_eq!(
        outcome(&story.closed()),
        Some(Outcome::Finalized),
        "{}",
        story.words()
    );
    assert_eq!(story.effects(), one_of_each());
}

#[test]
fn a_job_manager_that_forgot_its_triggers_is_not_asked_for_a_second_savepoint() {
    let story = Story::set(&quick());
    story.plan();
    let stage = &story.stage;
    let (conf, home, log) = (stage.path("conf"), stage.path("flink-1.18.1"), stage.path("log"));
    let (sp, done) = (stage.path("sp"), AtomicBool::new(false));
    stage.server.watch(move |contact: &Contact| {
        let mine = contact.what == "stop" && contact.moment == Moment::After;
        if mine && !done.swap(true, Ordering::Relaxed) {
            crate::telling::wait(|| std::fs::read_dir(&sp).unwrap().count() == 2);
            crate::telling::restart_job_manager(&home, &conf, &log);
        }
        Verdict::Go
    });
    story.upshift(&["apply", "up.plan"]);
    assert_eq!(
        outcome(&story.closed()),
        Some(Outcome::Finalized),
        "{}",
        story.words()
    );
    let effects = story.effects();
    assert!(
        effects.contains(&"1 × 1.18.1 stop orders".to_owned()),
        "{effects:?}"
    );
    assert_eq!(story.alive("orders"), ["1.20.5"]);
}

#[test]
fn a_job_that_fails_on_the_new_release_goes_back_by_policy() {
    let cause =
        "org.apache.flink.util.StateMigrationException: The new state serializer must not be incompatible.";
    for restoring in [
        Restoring::Fails(cause.to_owned()),
        Restoring::Refused(
            "java.lang.IllegalStateException: Failed to rollback to checkpoint/savepoint".to_owned(),
        ),
        Restoring::Restarts {
            after: 30,
            cause: cause.to_owned(),
        },
        Restoring::From("file:/somewhere/else".to_owned()),
    ] {
        let story = Story::set(&with(restoring.clone()).policy("on_failed_gate", "\"roll-back\""));
        let ran = story.apply();
        let state = story.closed();
        let told = format!("{restoring:?}: {}\n{}", story.words(), ran.out);
        assert_eq!(outcome(&state), Some(Outcome::RolledBack), "{told}");
        assert_eq!(story.alive("orders"), ["1.18.1"], "{told}");
        let effects = story.effects();
        for once in [
            "1 × 1.18.1 run orders",
            "1 × 1.18.1 stop orders",
            "1 × 1.18.1 job manager started",
        ] {
            assert!(effects.contains(&once.to_owned()), "{once} of {effects:?} {told}");
        }
    }
}

#[test]
fn a_failed_gate_asks_where_a_person_is_to_decide() {
    let cause = "java.lang.RuntimeException: wrong by design";
    let story = Story::set(&with_restarts(cause));
    let ran = story.apply().exits(6).says("wrong by design").says(" answer ");
    assert!(ran.out.contains(" rollback "), "{}", ran.out);
    story.upshift(&["rollback"]).exits(0).says("ROLLED BACK");
    assert_eq!(story.alive("orders"), ["1.18.1"]);
}

#[test]
fn a_person_goes_back_while_a_start_hangs() {
    let story = Story::set(&with(Restoring::Hangs));
    story.plan();
    story.upshift(&["apply", "--detach", "up.plan"]).exits(0);
    story
        .stage
        .wait_for(|_| !story.alive("orders").is_empty() && story.words().contains("attempted 4.2"))
        .unwrap();
    story.upshift(&["rollback"]).exits(0).says("ROLLED BACK");
    assert_eq!(story.alive("orders"), ["1.18.1"], "{}", story.words());
    assert!(
        story.effects().contains(&"1 × 1.20.5 cancel orders".to_owned()),
        "{:?}",
        story.effects()
    );
}

#[test]
fn a_downtime_that_is_too_long_goes_back_or_is_noted_as_decided_beforehand() {
    for (decided, expected, release) in [
        ("\"roll-back\"", Outcome::RolledBack, "1.18.1"),
        ("\"ask\"", Outcome::Finalized, "1.20.5"),
    ] {
        let mut scene = quick()
            .policy("max_downtime", "\"600ms\"")
            .policy("on_failed_gate", decided);
        scene.jobs[0].after.starts_in = 2_000;
        let story = Story::set(&scene);
        story.apply();
        let state = story.closed();
        assert_eq!(outcome(&state), Some(expected), "{decided}: {}", story.words());
        assert_eq!(story.alive("orders"), [release], "{decided}: {}", story.words());
        assert!(story.words().contains("noted"), "{}", story.words());
    }
}

fn three(policy: &str) -> Scene {
    let mut scene = quick().policy("on_lane_failure", policy);
    let mut failing = JobEntry::named("billing");
    failing.after.restoring =
        Restoring::Fails("java.lang.IllegalStateException: no such operator".to_owned());
    scene.jobs = vec![JobEntry::named("orders"), failing, JobEntry::named("shipping")];
    scene
}

#[test]
fn one_of_three_jobs_that_fails_is_parked_and_the_others_go_on() {
    let story = Story::set(&three("\"park\""));
    story.apply();
    let state = story.closed();
    assert_eq!(outcome(&state), Some(Outcome::Finalized), "{}", story.words());
    assert_eq!(state.parked().len(), 1);
    assert_eq!(
        (story.alive("orders"), story.alive("shipping")),
        (vec!["1.20.5".to_owned()], vec!["1.20.5".to_owned()])
    );
    assert_eq!(story.alive("billing"), [""; 0]);
    assert!(story.words().contains("parked"), "{}", story.words());
}

#[test]
fn one_of_three_jobs_that_fails_takes_all_back() {
    let story = Story::set(&three("\"all\"").policy("on_failed_gate", "\"roll-back\""));
    story.apply();
    let state = story.closed();
    assert_eq!(outcome(&state), Some(Outcome::RolledBack), "{}", story.words());
    for job in ["orders", "billing", "shipping"] {
        assert_eq!(story.alive(job), ["1.18.1"], "{job}: {}", story.words());
    }
}

#[test]
fn a_savepoint_that_is_told_and_not_there_stops_everything_before_the_stop() {
    for (saving, told) in [
        (Saving::LacksMetadata, "_metadata"),
        (Saving::IsCutShort, "damaged"),
        (
            Saving::Fails("java.io.IOException: No space left on device".to_owned()),
            "No space left on device",
        ),
    ] {
        let mut scene = quick();
        scene.jobs[0].before.saving = saving.clone();
        let story = Story::set(&scene);
        story.apply().exits(7).says(told).says("state safe: not touched");
        assert_eq!(story.alive("orders"), ["1.18.1"], "{saving:?}");
        assert_eq!(
            story.effects().iter().filter(|e| e.contains("stop")).count(),
            0,
            "{saving:?}"
        );
    }
}

#[test]
fn a_job_that_may_use_its_checkpoint_resumes_from_the_newest() {
    let mut scene = quick();
    scene.jobs[0].keys = "may_use_checkpoint = true".to_owned();
    scene.more =
        "[[waive]]\ncode = \"UP-FLINK-0211\"\nsubject = \"job orders\"\nreason = \"its savepoints hang\"\n"
            .to_owned();
    scene.jobs[0].before = JobManner {
        saving: Saving::Hangs,
        ..JobManner::default()
    };
    let story = Story::set(&scene);
    let ran = story.apply();
    let state = story.closed();
    assert_eq!(
        outcome(&state),
        Some(Outcome::Finalized),
        "{} {}",
        story.words(),
        ran.out
    );
    assert_eq!(story.alive("orders"), ["1.20.5"]);
    let effects = story.effects();
    assert!(
        effects.contains(&"1 × 1.18.1 cancel orders".to_owned()),
        "{effects:?}"
    );
    assert!(!effects.iter().any(|e| e.contains("stop")), "{effects:?}");
}

#[test]
fn people_are_told_of_waits_halts_and_ends() {
    let cause = "java.lang.RuntimeException: wrong by design";
    let mut scene = with_restarts(cause);
    scene.more = "[notify]\ncommand = [\"./tell\"]\n".to_owned();
    let story = Story::set(&scene);
    crate::telling::script(
        &story.dir.path().join("tell"),
        "#!/bin/sh\necho \"$1 $2\" >> told\n",
    );
    story.apply().exits(6);
    story.upshift(&["rollback"]).exits(0);
    let told = || std::fs::read_to_string(story.dir.path().join("told")).unwrap_or_default();
    crate::telling::wait(|| told().lines().count() >= 3);
    assert_eq!(told(), "waiting orders\nrolling-back orders\nended orders\n");
}

#[test]
fn a_person_goes_back_although_the_process_died_while_it_stopped_the_job() {
    for moment in [Moment::Before, Moment::After] {
        let story = Story::set(&quick());
        story.plan();
        let (hit, told) = std::sync::mpsc::channel();
        story.stage.server.watch(move |contact: &Contact| {
            if contact.what != "stop" || contact.moment != moment {
                return Verdict::Go;
            }
            hit.send(()).ok();
            // Until the story lets go of it, which is after the process is dead.
            std::thread::park_timeout(std::time::Duration::from_secs(2));
            Verdict::Cut
        });
        story.upshift(&["apply", "--detach", "up.plan"]).exits(0);
        told.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
        assert_eq!(story.kill_workers(), 1);
        story.stage.server.watch_nothing();
        story.upshift(&["rollback"]).exits(0).says("ROLLED BACK");
        assert_eq!(story.alive("orders"), ["1.18.1"], "{moment:?} {}", story.words());
        let effects = story.effects();
        assert!(
            !effects.iter().any(|e| e.contains("1.20.5")),
            "{moment:?} {effects:?}"
        );
    }
}

#[test]
fn a_person_goes_back_while_the_new_cluster_does_not_come_up() {
    let story = Story::set(&quick());
    story.plan();
    story.stage.server.world().mute_task_managers("1.20.5");
    story.upshift(&["apply", "--detach", "up.plan"]).exits(0);
    story
        .stage
        .wait_for(|_| story.words().contains("attempted 3.2"))
        .unwrap();
    story.upshift(&["rollback"]).exits(0).says("ROLLED BACK");
    assert_eq!(story.alive("orders"), ["1.18.1"], "{}", story.words());
    assert!(!story.effects().iter().any(|e| e.contains("1.20.5 run")));
}

#[test]
fn a_new_cluster_that_ends_right_after_its_start_is_left_again() {
    let story = Story::set(&quick().policy("on_failed_gate", "\"roll-back\""));
    story.plan();
    let conf = story.stage.path("conf-new");
    story.stage.server.watch(move |contact: &Contact| {
        if contact.what == "start job manager"
            && contact.release == "1.20.5"
            && contact.moment == Moment::After
        {
            crate::telling::wait(|| !crate::telling::job_managers(&conf).is_empty());
            crate::telling::kill_job_managers(&conf);
        }
        Verdict::Go
    });
    let ran = story.upshift(&["apply", "up.plan"]);
    let state = story.closed();
    assert_eq!(
        outcome(&state),
        Some(Outcome::RolledBack),
        "{}\n{}",
        story.words(),
        ran.out
    );
    assert_eq!(story.alive("orders"), ["1.18.1"], "{}", story.words());
    assert!(
        ran.out.contains("ended right after it was started"),
        "{}",
        ran.out
    );
}

#[test]
fn a_job_manager_that_takes_the_job_with_it_is_a_halt_that_needs_attention() {
    let mut scene = quick();
    // Time enough to end the job manager before the stop's savepoint is there.
    scene.jobs[0].before.savepoint_takes = 300;
    let story = Story::set(&scene);
    story.plan();
    let stage = &story.stage;
    let (conf, home, log) = (stage.path("conf"), stage.path("flink-1.18.1"), stage.path("log"));
    let done = AtomicBool::new(false);
    stage.server.watch(move |contact: &Contact| {
        let mine = contact.what == "stop" && contact.moment == Moment::After;
        if mine && !done.swap(true, Ordering::Relaxed) {
            crate::telling::restart_job_manager(&home, &conf, &log);
        }
        Verdict::Go
    });
    story
        .upshift(&["apply", "up.plan"])
        .exits(8)
        .says("left no savepoint")
        .says("STATE NOT SEEN TO BE SAFE");
    assert_eq!(story.alive("orders"), [""; 0]);
    assert!(
        !story.effects().iter().any(|e| e.contains("1.20.5")),
        "{:?}",
        story.effects()
    );
}

#[test]
fn the_savepoint_of_a_stop_that_cannot_be_read_is_a_halt_that_needs_attention() {
    for saving in [Saving::LacksMetadata, Saving::IsCutShort] {
        let story = Story::set(&quick());
        story.plan();
        let hand = story.stage.server.hand();
        story.stage.server.watch(move |contact: &Contact| {
            // The one that was tried is whole; the one of the stop is not.
            if contact.what == "stop" && contact.moment == Moment::Before {
                let saving = saving.clone();
                let manner = JobManner {
                    saving,
                    ..JobManner::default()
                };
                hand.world().behave("1.18.1", "orders", manner);
            }
            Verdict::Go
        });
        story
            .upshift(&["apply", "up.plan"])
            .exits(8)
            .says("STATE NOT SEEN TO BE SAFE");
        let (_, state) = story.journal();
        let halted = matches!(&state.phase, Phase::Halted { halt, .. } if halt.failure.code.as_str() == "UP-FLINK-0303");
        assert!(halted, "{:?} {}", state.phase, story.words());
        assert_eq!(story.alive("orders"), [""; 0]);
        assert!(
            !story.effects().iter().any(|e| e.contains("started")),
            "{:?}",
            story.effects()
        );
    }
}

#[test]
fn a_job_that_somebody_starts_meanwhile_keeps_the_cluster_from_being_stopped() {
    let story = Story::set(&quick());
    story.plan();
    let (conf, hand, now) = (
        story.stage.old_conf(),
        story.stage.server.hand(),
        story.stage.server.now(),
    );
    story.stage.server.watch(move |contact: &Contact| {
        if contact.what == "stop" && contact.moment == Moment::After {
            hand.world()
                .submit(&conf, "0badc0de000000000000000000000000", "stray", now);
        }
        Verdict::Go
    });
    story
        .upshift(&["apply", "up.plan"])
        .exits(7)
        .says("stray")
        .says("state safe");
    let (_, state) = story.journal();
    let halted =
        matches!(&state.phase, Phase::Halted { halt, .. } if halt.failure.code.as_str() == "UP-FLINK-0323");
    assert!(halted, "{:?} {}", state.phase, story.words());
    assert_eq!(story.alive("orders"), [""; 0]);
    assert_eq!(story.alive("stray"), ["1.18.1"]);
}

#[test]
fn the_timeline_of_an_upgrade_with_a_lost_answer() {
    let story = Story::set(&quick());
    story.plan();
    lose_one(&story, "run");
    story.upshift(&["apply", "up.plan"]);
    story.closed();
    expect![[r#"
        opened
        2.1       intent     orders: stop with native savepoint → S/orders
        2.1       attempted
        2.1       done
        2.2       done
        3.1       intent     stop 1.18.1 on :PORT, every process by its pid
        3.1       attempted
        3.1       done
        3.2       intent     start 1.20.5 on :PORT with 4 slots
        3.2       attempted
        3.2       done
        4.1       intent     upload job.jar to 1.20.5 on :PORT
        4.1       attempted
        4.1       done
        4.2       intent     orders: start from S/orders on 1.20.5
        4.2       attempted  no answer
        4.2       done
        5.1       done
        6.1       asked
        6.1       answered
        6.1       done
        7.1       intent     delete the uploaded jar of orders from :PORT
        7.1       attempted
        7.1       done
        7.2       done
        7.3       done
        closed
        ---
        1 × 1.18.1 savepoint of orders
        1 × 1.18.1 stop orders
        1 × 1.20.5 delete jar
        1 × 1.20.5 job manager started
        1 × 1.20.5 run orders
        1 × 1.20.5 task manager started
        1 × 1.20.5 upload
    "#]]
    .assert_eq(&story.timeline());
}

#[test]
fn the_timeline_of_a_way_back_by_policy() {
    let cause =
        "org.apache.flink.util.StateMigrationException: The new state serializer must not be incompatible.";
    let scene = with(Restoring::Fails(cause.to_owned())).policy("on_failed_gate", "\"roll-back\"");
    let story = Story::set(&scene);
    story.apply();
    story.closed();
    expect![[r#"
        opened
        2.1       intent     orders: stop with native savepoint → S/orders
        2.1       attempted
        2.1       done
        2.2       done
        3.1       intent     stop 1.18.1 on :PORT, every process by its pid
        3.1       attempted
        3.1       done
        3.2       intent     start 1.20.5 on :PORT with 4 slots
        3.2       attempted
        3.2       done
        4.1       intent     upload job.jar to 1.20.5 on :PORT
        4.1       attempted
        4.1       done
        4.2       intent     orders: start from S/orders on 1.20.5
        4.2       attempted
        4.2       failed     StateMigrationException: The new state serializer must not be incompatible.
        4.2       halted     StateMigrationException: The new state serializer must not be incompatible.
        turned
        back.1.1  done
        back.2.1  intent     stop 1.20.5 on :PORT, every process by its pid
        back.2.1  attempted
        back.2.1  done
        back.2.2  intent     start 1.18.1 on :PORT with 4 slots
        back.2.2  attempted
        back.2.2  done
        back.3.1  intent     upload job.jar to 1.18.1 on :PORT
        back.3.1  attempted
        back.3.1  done
        back.3.2  intent     orders: start from S/orders on 1.18.1
        back.3.2  attempted
        back.3.2  done
        back.4.1  done
        closed
        ---
        1 × 1.18.1 job manager started
        1 × 1.18.1 run orders
        1 × 1.18.1 savepoint of orders
        1 × 1.18.1 stop orders
        1 × 1.18.1 task manager started
        1 × 1.18.1 upload
        1 × 1.20.5 job manager started
        1 × 1.20.5 run orders
        1 × 1.20.5 task manager started
        1 × 1.20.5 upload
    "#]]
    .assert_eq(&story.timeline());
}
