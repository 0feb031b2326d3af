//! upshift's process dies, loses its lease, or is told to go back, at every record of every kind of upgrade
//! and of every end that it can have: all of them, and none drawn.
//!
//! A debug build is slow, and takes every seventh of these places, shifted from one end to the next. All of
//! them: `cargo test --profile sim -p upshift-campaign --test boundaries`.
//!
//! Whoever takes a run over finds a prefix of its journal and a world that went on, so that a death after
//! record n is the resumption of the prefix of n records.

#![expect(
    clippy::print_stdout,
    reason = "how many places were taken is shown with --nocapture"
)]

use std::fmt::{self, Write as _};
use std::sync::Arc;

use upshift_campaign::{
    Case, Death, Kind, MemoryStore, Setting, Told, Wish, in_virtual_time, of_case, robbed,
};
use upshift_model::record::{Outcome, Record};
use upshift_model::step::{Effect, Preparation, StartWhat, StopWhat};
use upshift_sim::alluxio::Keeping;
use upshift_sim::direct::flink::{Scene, Way};
use upshift_sim::direct::{Fault, Place, Planned, When};
use upshift_sim::fluss::Hop;
use upshift_sim::rolling::Shape;

const EVERY: usize = if cfg!(debug_assertions) { 7 } else { 1 };

/// Counts places, and what failed at them.
#[derive(Default)]
struct Places {
    all: usize,
    failed: Vec<String>,
}

impl Places {
    /// Whether the next place is looked at in this build.
    const fn next_is_taken(&mut self) -> bool {
        self.all += 1;
        self.all.is_multiple_of(EVERY)
    }

    #[track_caller]
    fn none_failed(&self) {
        println!("{} of {} places taken", self.all / EVERY, self.all);
        assert!(self.all > 40, "there were only {} places", self.all);
        let failed = &self.failed;
        assert!(
            failed.is_empty(),
            "{} of {} failed\n{}",
            failed.len(),
            self.all,
            failed.join("\n")
        );
    }
}

/// What is upgraded.
#[derive(Clone, Copy)]
struct Subject {
    kind: Kind,
    /// Of Alluxio: who keeps the journal.
    keeping: Keeping,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.keeping {
            Keeping::Alone => write!(f, "{}", self.kind),
            keeping => write!(f, "{} {keeping:?}", self.kind),
        }
    }
}

fn setting(of: Subject) -> Setting {
    match of.kind {
        Kind::InPlace => Setting::Flink(Scene::new(Way::InPlace)),
        Kind::Shadow => Setting::Flink(Scene::new(Way::Shadow)),
        Kind::RunningCluster => Setting::Flink(Scene::new(Way::RunningCluster)),
        Kind::JobOnly => Setting::Flink(Scene::new(Way::JobOnly)),
        Kind::Rolling => Setting::Rolling(Shape {
            goes_back_by_itself: true,
            ..Shape::default()
        }),
        Kind::Alluxio => Setting::Alluxio(upshift_sim::alluxio::Shape {
            goes_back_by_itself: true,
            ..match of.keeping {
                Keeping::Alone => upshift_sim::alluxio::Shape::default(),
                keeping => upshift_sim::alluxio::Shape::several(keeping),
            }
        }),
        // The hop that has a way back from everywhere, as long as the new coordinator was started once.
        Kind::Fluss => Setting::Fluss(upshift_sim::fluss::Shape {
            hop: Hop::ZeroNineToOneZero,
            goes_back_by_itself: true,
            ..upshift_sim::fluss::Shape::default()
        }),
    }
}

fn told(case: &Case) -> Told {
    in_virtual_time(of_case(case.clone(), Arc::new(MemoryStore::default())))
}

/// An upgrade that is accepted, one that goes back from where every gate held, one whose gate fails, and one
/// that a person gives up half-way.
fn ends(of: Subject) -> Vec<(Case, Outcome)> {
    let calm = Case::calm(setting(of));
    let undisturbed = told(&calm);
    let half = undisturbed.lines.len() as u64 / 2;
    let with = |wish| Case { wish, ..calm.clone() };
    let mut fails = calm.clone();
    fails.trouble.planned.push(spoiled_start(&undisturbed, of.kind));
    vec![
        (calm.clone(), Outcome::Finalized),
        (with(Wish::BackAtTheEnd), Outcome::RolledBack),
        (fails, Outcome::RolledBack),
        (with(Wish::AbandonAfter(half)), Outcome::Abandoned),
    ]
}

/// What is started does not work: jobs fail after a while, a server comes up with another release. Jobs that
/// stay on their release would fail on the way back, too: there a savepoint lacks state.
fn spoiled_start(undisturbed: &Told, kind: Kind) -> Planned {
    let Record::Opened { plan, .. } = &undisturbed.lines[0].entry().record else {
        panic!("a run begins with its plan");
    };
    let (fault, at): (Fault, fn(&Effect) -> bool) = match kind {
        Kind::Rolling | Kind::Fluss => (Fault::WrongState, |effect| {
            matches!(
                effect,
                Effect::Start {
                    what: StartWhat::Cluster { .. } | StartWhat::Server { .. }
                }
            )
        }),
        // A backup that lacks its last entry: nothing is stopped by then.
        Kind::Alluxio => (Fault::StateLacking, |effect| {
            matches!(
                effect,
                Effect::Prepare {
                    what: Preparation::Alluxio(upshift_model::alluxio::Preparation::Backup { .. })
                }
            )
        }),
        Kind::JobOnly => (Fault::StateLacking, |effect| {
            matches!(
                effect,
                Effect::Stop {
                    what: StopWhat::JobInto { .. }
                }
            )
        }),
        Kind::InPlace | Kind::Shadow | Kind::RunningCluster => (Fault::Loops, |effect| {
            matches!(
                effect,
                Effect::Start {
                    what: StartWhat::Job { .. }
                }
            )
        }),
    };
    let step = plan.plan.steps().find(|step| at(&step.effect));
    let step = step.expect("an upgrade stops and starts something").id.clone();
    let when = When::Look(1);
    Planned {
        fault,
        place: Place { step, when },
    }
}

fn against(told: &Told, outcome: Outcome, picture: Option<&str>) -> Option<String> {
    let mut text = told.flaws.join("; ");
    if told.outcome != Some(outcome) {
        let _infallible = write!(text, " it ended {}, expected {outcome:?}", told.ended());
    }
    if let Some(picture) = picture.filter(|picture| *picture != told.picture) {
        let _infallible = write!(
            text,
            " the system is\n    {}\nand not\n    {picture}",
            told.picture
        );
    }
    (!text.is_empty()).then_some(text)
}

/// The system ends where it ends undisturbed. Only where a person gives up in the middle it stays where it
/// happens to be.
fn dies_everywhere(of: Subject) {
    let mut places = Places::default();
    for (case, outcome) in ends(of) {
        let undisturbed = told(&case);
        let picture = (outcome != Outcome::Abandoned).then_some(undisturbed.picture.as_str());
        let flaw = against(&undisturbed, outcome, None);
        assert_eq!(flaw, None, "{of}, undisturbed, {outcome:?}");
        for record in 2..=undisturbed.lines.len() as u64 {
            for how in [Death::Before, Death::After] {
                if !places.next_is_taken() {
                    continue;
                }
                let mut case = case.clone();
                case.trouble.deaths.push((record, how));
                // A person says so, or another worker takes over without a word.
                case.resumed_by_hand = record % 2 == 0;
                let told = told(&case);
                let place = format!("{of}, {outcome:?}, {how} {record}");
                match told.died.len() {
                    1 => places
                        .failed
                        .extend(against(&told, outcome, picture).map(|flaw| format!("{place}: {flaw}"))),
                    other => places.failed.push(format!("{place}: it died {other} times")),
                }
            }
        }
    }
    places.none_failed();
}

/// Between two records: before a request leaves, after its effect, while something is waited for.
fn dies_at_every_contact(of: Subject) {
    let mut places = Places::default();
    for (case, outcome) in ends(of).into_iter().take(3) {
        let undisturbed = told(&case);
        for (step, tried) in steps(&undisturbed) {
            let acts = [
                (Fault::KilledBefore, When::Act(1)),
                (Fault::KilledAfter, When::Act(1)),
            ];
            let looks = [
                (Fault::KilledWaiting, When::Look(1)),
                (Fault::KilledWaiting, When::Look(2)),
            ];
            for (fault, when) in acts.into_iter().filter(|_| tried).chain(looks) {
                if !places.next_is_taken() {
                    continue;
                }
                let mut case = case.clone();
                let place = Place {
                    step: step.clone(),
                    when,
                };
                case.trouble.planned.push(Planned { fault, place });
                let told = told(&case);
                let flaw = against(&told, outcome, Some(&undisturbed.picture));
                places.failed.extend(
                    flaw.map(|flaw| format!("{of}, {outcome:?}, {fault} {when:?} of {step}: {flaw}")),
                );
            }
        }
    }
    places.none_failed();
}

/// The steps of a run, and whether anything was sent for them.
fn steps(told: &Told) -> Vec<(upshift_model::ids::StepId, bool)> {
    let mut all: Vec<(upshift_model::ids::StepId, bool)> = Vec::new();
    for line in &told.lines {
        let record = &line.entry().record;
        let Some(step) = record.step() else { continue };
        let tried = matches!(record, Record::Intent { .. });
        match all.iter_mut().find(|(known, _)| known == step) {
            Some((_, ever)) => *ever |= tried,
            None => all.push((step.clone(), tried)),
        }
    }
    all
}

/// The lease is taken from a process that is alive and does not know it: it appends nothing more and sends
/// nothing more, and the other one ends as if it had been alone.
fn is_robbed_everywhere(of: Subject) {
    let (mut places, mut taken) = (Places::default(), 0);
    for (case, outcome) in ends(of).into_iter().take(3) {
        let undisturbed = told(&case);
        for record in 2..undisturbed.lines.len() as u64 {
            if !places.next_is_taken() {
                continue;
            }
            let told = in_virtual_time(robbed(case.clone(), MemoryStore::default(), record));
            let flaw = against(&told, outcome, Some(&undisturbed.picture));
            taken += usize::from(told.processes > undisturbed.processes);
            places
                .failed
                .extend(flaw.map(|flaw| format!("{of}, {outcome:?}, robbed at {record}: {flaw}")));
        }
    }
    places.none_failed();
    // A process that writes its last records in one go is over before anybody can take the run.
    assert!(
        taken * 2 > places.all / EVERY,
        "{taken} of {} were taken over",
        places.all
    );
}

/// Before the acceptance there is a way back from everywhere, and it leads to where it began; after it there
/// is none.
fn goes_back_from_everywhere(of: Subject) {
    let calm = Case::calm(setting(of));
    let undisturbed = told(&calm);
    let records = || undisturbed.lines.iter().map(|line| &line.entry().record);
    let accepts = |record: &Record| matches!(record, Record::Answered { .. });
    let accepted = records().position(accepts).expect("a person accepts") as u64 + 1;
    let mut places = Places::default();
    for record in 2..=undisturbed.lines.len() as u64 {
        if !places.next_is_taken() {
            continue;
        }
        let mut told = told(&Case {
            wish: Wish::BackAfter(record),
            ..calm.clone()
        });
        told.picture = without_kept(&told.picture);
        let flaw = match record < accepted {
            true => against(&told, Outcome::RolledBack, Some(&told.before)),
            false => against(
                &told,
                Outcome::Finalized,
                Some(&without_kept(&undisturbed.picture)),
            ),
        };
        places
            .failed
            .extend(flaw.map(|flaw| format!("{of}, back after {record} of {accepted}: {flaw}")));
    }
    places.none_failed();
}

/// A way back of Alluxio moves the new journal aside and keeps it: that is not where it began, and nobody's loss.
fn without_kept(picture: &str) -> String {
    let parts = picture
        .split("; ")
        .map(|part| match part.strip_prefix("journals in ") {
            Some(all) => {
                let left = all.split(", ").filter(|name| !name.ends_with(".replaced"));
                format!("journals in {}", left.collect::<Vec<_>>().join(", "))
            }
            None => part.to_owned(),
        });
    parts.collect::<Vec<_>>().join("; ")
}

macro_rules! for_each_kind {
    ($($name:ident: $kind:ident $keeping:ident),*) => {$(
        mod $name {
            const OF: super::Subject = super::Subject {
                kind: super::Kind::$kind,
                keeping: super::Keeping::$keeping,
            };

            #[test]
            fn dies_at_every_record_of_every_end() {
                super::dies_everywhere(OF);
            }

            #[test]
            fn dies_at_every_contact_of_every_end() {
                super::dies_at_every_contact(OF);
            }

            #[test]
            fn loses_its_lease_at_every_record() {
                super::is_robbed_everywhere(OF);
            }

            #[test]
            fn has_a_way_back_from_every_record() {
                super::goes_back_from_everywhere(OF);
            }
        }
    )*};
}

for_each_kind! {
    in_place: InPlace Alone,
    shadow: Shadow Alone,
    running_cluster: RunningCluster Alone,
    job_only: JobOnly Alone,
    rolling: Rolling Alone,
    alluxio: Alluxio Alone,
    alluxio_with_three_masters: Alluxio Embedded,
    fluss: Fluss Alone
}
