//! Rehearsals on the stand-in: what is refused, and what a process that dies leaves for the next one.

use std::sync::atomic::{AtomicUsize, Ordering};

use upshift_sim::flink::Restoring;
use upshift_sim::wire::{Contact, Moment, Scene, Verdict};

use crate::stories::quick;
use crate::support::{Story, workers};

fn isolated(mut scene: Scene) -> Scene {
    scene.jobs[0].keys = "rehearsal_args = [\"--name\", \"orders\", \"--topic\", \"rehearsed\"]".to_owned();
    scene
}

const REHEARSE: [&str; 5] = ["rehearse", "up.plan", "--real", "--soak", "100ms"];

/// The job runs where it ran, and nothing of the rehearsal is there.
#[track_caller]
fn nothing_is_left(story: &Story) {
    assert_eq!(story.alive("orders"), ["1.18.1"], "{}", story.words());
    assert_eq!(
        std::fs::read_dir(story.stage.path("sp")).unwrap().count(),
        0,
        "{}",
        story.words()
    );
    let folders = std::fs::read_dir(story.stage.path("state/rehearsals")).unwrap();
    assert_eq!(folders.count(), 0, "{}", story.words());
    let clusters = story
        .stage
        .server
        .world()
        .clusters()
        .values()
        .filter(|c| c.release == "1.20.5")
        .count();
    assert_eq!(clusters, 0, "{}", story.words());
}

#[test]
fn without_isolated_sinks_nothing_is_rehearsed_unless_somebody_says_so() {
    let story = Story::set(&quick());
    story.plan();
    story
        .upshift(&REHEARSE)
        .exits(3)
        .says("UP-REH-0001")
        .says("orders");
    assert!(story.effects().is_empty());
    let mut words = REHEARSE.to_vec();
    words.push("--with-real-sinks");
    story.upshift(&words).exits(0).says("REHEARSED");
    nothing_is_left(&story);
}

#[test]
fn a_plan_without_a_job_has_nothing_to_rehearse() {
    let mut scene = quick();
    scene.jobs[0].keys = "stateless = false".to_owned();
    let mut bare = scene.clone();
    bare.jobs.clear();
    let story = Story::set(&bare);
    story.plan();
    story.upshift(&REHEARSE).exits(3).says("UP-REH-0002");
}

#[test]
fn a_rehearsal_that_fails_is_discarded_by_itself() {
    for restoring in [
        Restoring::Fails(
            "org.apache.flink.util.StateMigrationException: must not be incompatible".to_owned(),
        ),
        Restoring::Refused(
            "java.lang.IllegalStateException: Failed to rollback to checkpoint/savepoint".to_owned(),
        ),
        Restoring::From("file:/somewhere/else".to_owned()),
    ] {
        let mut scene = isolated(quick());
        scene.jobs[0].after.restoring = restoring;
        let story = Story::set(&scene);
        story.plan();
        story.upshift(&REHEARSE).exits(3).says("THE REHEARSAL FAILED");
        nothing_is_left(&story);
    }
}

/// Killed at every request that changes anything, before it and after it.
#[test]
fn whatever_a_killed_rehearsal_leaves_the_next_one_clears() {
    for moment in [Moment::Before, Moment::After] {
        let mut nth = 0;
        loop {
            let story = Story::set(&isolated(quick()));
            story.plan();
            let (dir, seen) = (story.dir.path().to_owned(), AtomicUsize::new(0));
            let hit = std::sync::Arc::new(AtomicUsize::new(0));
            let struck = std::sync::Arc::clone(&hit);
            story.stage.server.watch(move |contact: &Contact| {
                if !contact.changes || contact.moment != moment || seen.fetch_add(1, Ordering::Relaxed) != nth
                {
                    return Verdict::Go;
                }
                struck.store(1, Ordering::Relaxed);
                for pid in workers(&dir) {
                    let pid = rustix::process::Pid::from_raw(pid).unwrap();
                    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
                }
                Verdict::Cut
            });
            story.upshift(&REHEARSE);
            if hit.load(Ordering::Relaxed) == 0 {
                assert!(nth > 4, "a rehearsal asks for more changes than {nth}");
                break;
            }
            story.stage.server.watch_nothing();
            story.kill_workers();
            story
                .upshift(&REHEARSE)
                .exits(0)
                .says("was broken off; it is seen to its end first")
                .says("REHEARSED");
            nothing_is_left(&story);
            nth += 1;
        }
    }
}
