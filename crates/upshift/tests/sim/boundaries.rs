//! Runs that are killed at every boundary of their journal; see `kill_boundaries`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use upshift_model::record::{Line, Outcome, Record};
use upshift_model::run_state::Phase;
use upshift_sim::flink::Restoring;
use upshift_sim::wire::{Contact, Moment, Scene, Verdict};

use crate::journal::Journal;
use crate::support::Story;

/// Where the process dies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Point {
    /// Everything up to record number so much and one is done, and that record is not durable.
    BeforeRecord(u64),
    /// It asks the far side for a change.
    Change { change: Change, when: When },
}

/// A change that is asked for, the how many-th of its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    release: String,
    what: &'static str,
    nth: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    /// Nothing has happened and nothing will.
    Before,
    /// Nothing has happened yet; it does while nobody looks.
    During,
    /// It is done, and the answer was not given.
    After,
}

const PATIENCE: Duration = Duration::from_secs(30);

/// A run, and where it ends.
struct Case {
    scene: Scene,
    outcome: Outcome,
    release: &'static str,
}

fn forward() -> Case {
    let scene = Scene::new()
        .policy("soak", "\"100ms\"")
        .policy("finalize_after", "\"1ms\"");
    Case {
        scene,
        outcome: Outcome::Finalized,
        release: "1.20.5",
    }
}

/// The job is restarted again and again on the new release, and the policy takes it back.
fn back() -> Case {
    let mut case = forward();
    case.scene = case
        .scene
        .policy("on_failed_gate", "\"roll-back\"")
        .policy("soak", "\"400ms\"");
    // Long enough to be seen running first, short enough to be seen restarted in the soak.
    case.scene.jobs[0].after.restoring = Restoring::Restarts {
        after: 250,
        cause: "java.lang.RuntimeException: wrong by design".to_owned(),
    };
    (case.outcome, case.release) = (Outcome::RolledBack, "1.18.1");
    case
}

/// What an undisturbed run does.
struct Calm {
    effects: Vec<String>,
    records: u64,
    points: BTreeSet<Point>,
}

fn calm(case: &Case) -> Calm {
    let story = Story::set(&case.scene);
    story.plan();
    let (journal, seen) = (Journal::of(story.dir.path()), Arc::new(Mutex::new(Vec::new())));
    let into = Arc::clone(&seen);
    story.stage.server.watch(move |contact| {
        if contact.moment == Moment::Before {
            into.lock().unwrap().push((journal.len(), contact.clone()));
        }
        Verdict::Go
    });
    story.upshift(&["apply", "--detach", "up.plan"]).exits(0);
    story.closed();
    assert_eq!(story.alive("orders"), [case.release], "{}", story.words());
    let (lines, state) = story.journal();
    let contacts = seen.lock().unwrap().clone();
    Calm {
        effects: story.effects(),
        records: state.last.seq,
        points: points(&lines, &contacts),
    }
}

fn points(lines: &[Line], contacts: &[(u64, Contact)]) -> BTreeSet<Point> {
    let records = u64::try_from(lines.len()).unwrap();
    let mut points: BTreeSet<Point> = (1..records).map(Point::BeforeRecord).collect();
    let mut count = BTreeMap::<(String, &str), usize>::new();
    // Between two records where nothing is changed it does not matter when the process dies.
    for (_, contact) in contacts.iter().filter(|(at, contact)| *at > 0 && contact.changes) {
        let (release, what) = (contact.release.clone(), contact.what);
        let nth = count.entry((release.clone(), what)).or_default();
        let change = Change {
            release,
            what,
            nth: *nth,
        };
        *nth += 1;
        let whens = match what.starts_with("start") {
            true => vec![When::Before, When::During, When::After],
            false => vec![When::Before, When::After],
        };
        points.extend(whens.into_iter().map(|when| Point::Change {
            change: change.clone(),
            when,
        }));
    }
    points
}

/// Whether this contact is the one to die at.
fn is_meant(point: &Point, contact: &Contact, records: u64, seen: &AtomicUsize) -> bool {
    match point {
        Point::BeforeRecord(_) => false,
        Point::Change { change, when } => {
            let moment = match when {
                When::Before | When::During => Moment::Before,
                When::After => Moment::After,
            };
            let same = contact.release == change.release && contact.what == change.what;
            let asked = records > 0 && same && contact.moment == moment;
            asked && seen.fetch_add(1, Ordering::Relaxed) == change.nth
        }
    }
}

/// Lets the contact at the point wait until the process is dead.
fn hold(story: &Story, point: &Point) -> (mpsc::Receiver<()>, mpsc::Sender<()>) {
    let ((hit, told), (dead, go)) = (mpsc::channel(), mpsc::channel());
    let (journal, go, seen) = (Journal::of(story.dir.path()), Mutex::new(go), AtomicUsize::new(0));
    let point = point.clone();
    story.stage.server.watch(move |contact| {
        if !is_meant(&point, contact, journal.len(), &seen) {
            return Verdict::Go;
        }
        // Both ends may be gone: then the story is over.
        hit.send(()).ok();
        let is_dead = go.lock().unwrap().recv().is_ok();
        let goes_on = matches!(
            point,
            Point::Change {
                when: When::During,
                ..
            }
        );
        if goes_on && is_dead {
            Verdict::Go
        } else {
            Verdict::Cut
        }
    });
    (told, dead)
}

/// Brings the process to the point and kills it there.
fn die(story: &Story, point: &Point) {
    let journal = Journal::of(story.dir.path());
    if let Point::BeforeRecord(after) = point {
        story.upshift(&["runs"]).exits(0);
        journal.stall_at(after + 1);
    }
    let (told, dead) = hold(story, point);
    story.upshift(&["apply", "--detach", "up.plan"]).exits(0);
    match point {
        Point::BeforeRecord(after) => journal.await_stall(*after, PATIENCE),
        Point::Change { .. } => told
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|_| panic!("{point:?} was not met: {}", story.words())),
    }
    assert_eq!(story.kill_workers(), 1, "{point:?}");
    if let Point::BeforeRecord(after) = point {
        assert_eq!(journal.len(), *after, "{point:?}");
    }
    story.stage.server.watch_nothing();
    // The contact that was held is let go, if there is one.
    dead.send(()).ok();
    if matches!(point, Point::BeforeRecord(_)) {
        journal.flow();
    }
}

/// One death and what follows.
fn live_through(point: &Point, case: &Case, calm: &Calm) {
    let story = Story::set(&case.scene);
    story.plan();
    die(&story, point);
    let resumed = story.upshift(&["resume"]);
    let told = || format!("{point:?}\n{}\n{}{}", story.words(), resumed.out, resumed.err);
    assert!([0, 6].contains(&resumed.code), "{} {}", resumed.code, told());
    let state = story.closed();
    let ended = match state.phase {
        Phase::Closed { outcome, .. } => outcome,
        ref other => panic!("{other:?} {}", told()),
    };
    assert_eq!(ended, case.outcome, "{}", told());
    assert_eq!(story.effects(), calm.effects, "{}", told());
    assert_eq!(story.alive("orders"), [case.release], "{}", told());
    let savepoints = std::fs::read_dir(story.stage.path("sp")).unwrap().count();
    assert_eq!(
        savepoints,
        2,
        "one that was tried and one of the stop: {}",
        told()
    );
    let (lines, _) = story.journal();
    let key = |line: &Line| match &line.entry().record {
        Record::Intent { intent, .. } => Some(intent.key.clone()),
        _ => None,
    };
    let keys: BTreeSet<_> = lines.iter().filter_map(key).collect();
    let back = state.back.iter().flat_map(|back| back.plan.steps());
    let steps = state.plan.plan.steps().chain(back).count();
    assert!(
        keys.len() <= steps,
        "no step was tried under a second key: {}",
        told()
    );
}

/// Tells how many deaths there were.
fn at_every_boundary(case: &Case) -> String {
    let begun = Instant::now();
    let calm = calm(case);
    let mut failed = Vec::new();
    for point in &calm.points {
        let lived = std::panic::catch_unwind(|| live_through(point, case, &calm));
        if lived.is_err() {
            failed.push(point);
        }
    }
    let (boundaries, deaths) = (calm.records - 1, calm.points.len());
    assert!(failed.is_empty(), "{} of {deaths}: {failed:#?}", failed.len());
    format!(
        "{deaths} deaths at {boundaries} boundaries in {:?}",
        begun.elapsed()
    )
}

#[test]
fn an_upgrade_ends_the_same_wherever_its_process_is_killed() {
    println!("{}", at_every_boundary(&forward()));
}

#[test]
fn a_way_back_ends_the_same_wherever_its_process_is_killed() {
    println!("{}", at_every_boundary(&back()));
}
