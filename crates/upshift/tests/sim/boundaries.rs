//! See `kill_boundaries`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use upshift_model::record::{Outcome, Record};
use upshift_model::run_state::Phase;
use upshift_sim::wire::{Contact, Moment, Scene, Verdict};

use crate::journal::Journal;
use crate::support::Story;

/// Where the process dies, once `records` records are durable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    records: u64,
    at: At,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    /// At the first thing that it asks of the far side.
    FirstContact,
    /// At change number `nth` that it asks for: nothing has happened, nothing will.
    BeforeChange { nth: usize, what: &'static str },
    /// The same, and what was asked for happens while nobody looks.
    DuringChange { nth: usize, what: &'static str },
    /// The change is done, the answer was not given.
    AfterChange { nth: usize, what: &'static str },
    /// Everything up to the next record is done, and the record is not durable.
    BeforeRecord,
}

const PATIENCE: Duration = Duration::from_secs(30);

fn scene() -> Scene {
    Scene::new()
        .policy("soak", "\"100ms\"")
        .policy("finalize_after", "\"1ms\"")
}

/// What an undisturbed run does.
struct Calm {
    effects: Vec<String>,
    records: u64,
    points: BTreeSet<Point>,
}

fn calm() -> Calm {
    let story = Story::set(&scene());
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
    let records = story.journal().1.last.seq;
    let mut changes = BTreeMap::<u64, usize>::new();
    let mut points: BTreeSet<Point> = (1..records)
        .map(|records| Point {
            records,
            at: At::BeforeRecord,
        })
        .collect();
    for (records, contact) in seen.lock().unwrap().iter().filter(|(records, _)| *records > 0) {
        let mut add = |at| {
            points.insert(Point {
                records: *records,
                at,
            })
        };
        if contact.changes {
            let count = changes.entry(*records).or_default();
            let (nth, what) = (*count, contact.what);
            *count += 1;
            add(At::BeforeChange { nth, what });
            add(At::AfterChange { nth, what });
            if what.starts_with("start") {
                add(At::DuringChange { nth, what });
            }
        } else if !changes.contains_key(records) {
            add(At::FirstContact);
        }
    }
    Calm {
        effects: story.effects(),
        records,
        points,
    }
}

/// Lets the contact at the point wait until the process is dead.
fn hold(story: &Story, point: &Point) -> (mpsc::Receiver<()>, mpsc::Sender<()>) {
    let ((hit, told), (dead, go)) = (mpsc::channel(), mpsc::channel());
    let (journal, go, seen) = (Journal::of(story.dir.path()), Mutex::new(go), AtomicUsize::new(0));
    let goes_on = matches!(point.at, At::DuringChange { .. });
    let point = point.clone();
    let wanted = move |contact: &Contact| {
        let (moment, nth) = match point.at {
            At::FirstContact => return contact.moment == Moment::Before && journal.len() == point.records,
            At::BeforeChange { nth, .. } | At::DuringChange { nth, .. } => (Moment::Before, nth),
            At::AfterChange { nth, .. } => (Moment::After, nth),
            At::BeforeRecord => return false,
        };
        contact.changes
            && contact.moment == moment
            && journal.len() == point.records
            && seen.fetch_add(1, Ordering::Relaxed) == nth
    };
    story.stage.server.watch(move |contact| {
        if !wanted(contact) {
            return Verdict::Go;
        }
        hit.send(()).unwrap();
        // A sender that is gone is a story that is over.
        let over = go.lock().unwrap().recv().is_err();
        if goes_on && !over {
            Verdict::Go
        } else {
            Verdict::Cut
        }
    });
    (told, dead)
}

/// One death and what follows.
fn live_through(point: &Point, calm: &Calm) {
    let story = Story::set(&scene());
    story.plan();
    let journal = Journal::of(story.dir.path());
    let stalls = point.at == At::BeforeRecord;
    if stalls {
        story.upshift(&["runs"]).exits(0);
        journal.stall_at(point.records + 1);
    }
    let (told, dead) = hold(&story, point);
    story.upshift(&["apply", "--detach", "up.plan"]).exits(0);
    match stalls {
        true => journal.await_stall(point.records, PATIENCE),
        false => told
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|_| panic!("{point:?} was not met: {}", story.words())),
    }
    assert_eq!(story.kill_workers(), 1, "{point:?}");
    assert_eq!(journal.len(), point.records, "{point:?}");
    story.stage.server.watch_nothing();
    // The contact that was held is let go, if there is one.
    dead.send(()).ok();
    if stalls {
        journal.flow();
    }

    let resumed = story.upshift(&["resume"]);
    let told = format!("{point:?}\n{}\n{}{}", story.words(), resumed.out, resumed.err);
    assert!([0, 6].contains(&resumed.code), "{} {told}", resumed.code);
    let state = story.closed();
    assert!(
        matches!(
            state.phase,
            Phase::Closed {
                outcome: Outcome::Finalized,
                ..
            }
        ),
        "{told}"
    );
    assert_eq!(story.effects(), calm.effects, "{told}");
    assert_eq!(story.alive("orders"), ["1.20.5"], "{told}");
    let savepoints = std::fs::read_dir(story.stage.path("sp")).unwrap().count();
    assert_eq!(savepoints, 2, "one that was tried and one of the stop: {told}");
    let (lines, _) = story.journal();
    let keys: BTreeSet<_> = lines
        .iter()
        .filter_map(|line| match &line.entry().record {
            Record::Intent { intent, .. } => Some(intent.key.clone()),
            _ => None,
        })
        .collect();
    let steps = state
        .waves()
        .iter()
        .flat_map(|w| w.lanes.iter())
        .flat_map(|l| l.steps.iter())
        .count();
    assert!(
        keys.len() <= steps,
        "no step was tried under a second key: {told}"
    );
}

#[test]
fn the_end_is_the_same_wherever_the_process_is_killed() {
    let begun = Instant::now();
    let calm = calm();
    let todo: Vec<&Point> = calm.points.iter().collect();
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(point) = todo.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let lived = std::panic::catch_unwind(|| live_through(point, &calm));
                    if lived.is_err() {
                        failed.lock().unwrap().push((*point).clone());
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    let (boundaries, deaths) = (calm.records - 1, todo.len());
    println!(
        "{deaths} deaths at {boundaries} boundaries in {:?}",
        begun.elapsed()
    );
    assert!(failed.is_empty(), "{} of {deaths}: {failed:#?}", failed.len());
}
