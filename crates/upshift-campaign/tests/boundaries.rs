//! upshift's process dies, loses its lease, or is told to go back, at every record of every kind of upgrade
//! and of every end that it can have: all of them, and none drawn.
//!
//! Whoever takes a run over finds a prefix of its journal and a world that went on, so that a death after
//! record n is the resumption of the prefix of n records.

use std::fmt::Write as _;
use std::sync::Arc;

use upshift_campaign::{
    Case, Death, Kind, MemoryStore, Setting, Told, Wish, in_virtual_time, of_case, robbed,
};
use upshift_model::record::{Outcome, Record};
use upshift_model::step::{Effect, StartWhat};
use upshift_sim::direct::flink::{Scene, Way};
use upshift_sim::direct::{Fault, Place, Planned, When};
use upshift_sim::rolling::Shape;

fn setting(kind: Kind) -> Setting {
    match kind {
        Kind::InPlace => Setting::Flink(Scene::new(Way::InPlace)),
        Kind::Shadow => Setting::Flink(Scene::new(Way::Shadow)),
        Kind::RunningCluster => Setting::Flink(Scene::new(Way::RunningCluster)),
        Kind::JobOnly => Setting::Flink(Scene::new(Way::JobOnly)),
        Kind::Rolling => Setting::Rolling(Shape {
            goes_back_by_itself: true,
            ..Shape::default()
        }),
    }
}

fn told(case: &Case) -> Told {
    in_virtual_time(of_case(case.clone(), Arc::new(MemoryStore::default())))
}

/// An upgrade that is accepted, one that goes back from where every gate held, one whose gate fails, and one
/// that a person gives up half-way.
fn ends(kind: Kind) -> Vec<(Case, Outcome)> {
    let calm = Case::calm(setting(kind));
    let undisturbed = told(&calm);
    let half = undisturbed.lines.len() as u64 / 2;
    let with = |wish| Case { wish, ..calm.clone() };
    let mut fails = calm.clone();
    fails.trouble.planned.push(spoiled_start(&undisturbed, kind));
    vec![
        (calm.clone(), Outcome::Finalized),
        (with(Wish::BackAtTheEnd), Outcome::RolledBack),
        (fails, Outcome::RolledBack),
        (with(Wish::AbandonAfter(half)), Outcome::Abandoned),
    ]
}

/// What is started does not work: jobs fail after a while, a server comes up with another release.
fn spoiled_start(undisturbed: &Told, kind: Kind) -> Planned {
    let Record::Opened { plan, .. } = &undisturbed.lines[0].entry().record else {
        panic!("a run begins with its plan");
    };
    let starts = |effect: &Effect| match (effect, kind) {
        (Effect::Start { what }, Kind::Rolling) => matches!(what, StartWhat::Cluster { .. }),
        (Effect::Start { what }, _) => matches!(what, StartWhat::Job { .. }),
        _ => false,
    };
    let step = plan.plan.steps().find(|step| starts(&step.effect));
    Planned {
        fault: match kind {
            Kind::Rolling => Fault::WrongState,
            _ => Fault::Loops,
        },
        place: Place {
            step: step.expect("an upgrade starts something").id.clone(),
            when: When::Look(1),
        },
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

#[track_caller]
fn none(failed: &[String], of: usize) {
    assert!(of > 60, "only {of} places were looked at");
    assert!(
        failed.is_empty(),
        "{} of {of} failed\n{}",
        failed.len(),
        failed.join("\n")
    );
}

/// The system ends where it ends undisturbed. Only where a person gives up in the middle it stays where it
/// happens to be.
fn dies_everywhere(kind: Kind) {
    let (mut failed, mut of) = (Vec::new(), 0);
    for (case, outcome) in ends(kind) {
        let undisturbed = told(&case);
        let picture = (outcome != Outcome::Abandoned).then_some(undisturbed.picture.as_str());
        let flaw = against(&undisturbed, outcome, None);
        assert_eq!(flaw, None, "{kind}, undisturbed, {outcome:?}");
        for record in 2..=undisturbed.lines.len() as u64 {
            for how in [Death::Before, Death::After] {
                let mut case = case.clone();
                case.trouble.deaths.push((record, how));
                // A person says so, or another worker takes over without a word.
                case.resumed_by_hand = record % 2 == 0;
                let told = told(&case);
                of += 1;
                let place = format!("{kind}, {outcome:?}, {how} {record}");
                match told.died.len() {
                    1 => {
                        failed.extend(against(&told, outcome, picture).map(|flaw| format!("{place}: {flaw}")))
                    }
                    other => failed.push(format!("{place}: it died {other} times")),
                }
            }
        }
    }
    none(&failed, of);
}

/// Between two records: before a request leaves, after its effect, while something is waited for.
fn dies_at_every_contact(kind: Kind) {
    let (mut failed, mut of) = (Vec::new(), 0);
    for (case, outcome) in ends(kind).into_iter().take(3) {
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
                let mut case = case.clone();
                let place = Place {
                    step: step.clone(),
                    when,
                };
                case.trouble.planned.push(Planned { fault, place });
                let told = told(&case);
                of += 1;
                let flaw = against(&told, outcome, Some(&undisturbed.picture));
                failed.extend(
                    flaw.map(|flaw| format!("{kind}, {outcome:?}, {fault} {when:?} of {step}: {flaw}")),
                );
            }
        }
    }
    none(&failed, of);
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
fn is_robbed_everywhere(kind: Kind) {
    let (mut failed, mut of) = (Vec::new(), 0);
    for (case, outcome) in ends(kind).into_iter().take(3) {
        let undisturbed = told(&case);
        for record in 2..undisturbed.lines.len() as u64 {
            let told = in_virtual_time(robbed(case.clone(), MemoryStore::default(), record));
            of += 1;
            let flaw = against(&told, outcome, Some(&undisturbed.picture));
            let flaw = flaw.or_else(|| (told.processes < 2).then(|| "nobody took it over".to_owned()));
            failed.extend(flaw.map(|flaw| format!("{kind}, {outcome:?}, robbed at {record}: {flaw}")));
        }
    }
    none(&failed, of);
}

/// Before the acceptance there is a way back from everywhere, and it leads to where it began; after it there
/// is none.
fn goes_back_from_everywhere(kind: Kind) {
    let calm = Case::calm(setting(kind));
    let undisturbed = told(&calm);
    let records = || undisturbed.lines.iter().map(|line| &line.entry().record);
    let asked = records().find_map(|record| match record {
        Record::Asked { step, .. } => Some(step),
        _ => None,
    });
    // The answer alone binds nobody: the step that waited for it is what closes the way back.
    let done = |record: &Record| matches!(record, Record::Done { step, .. } if Some(step) == asked);
    let accepted = records().position(done).expect("a person accepts") as u64 + 1;
    let mut failed = Vec::new();
    for record in 2..=undisturbed.lines.len() as u64 {
        let told = told(&Case {
            wish: Wish::BackAfter(record),
            ..calm.clone()
        });
        let flaw = match record < accepted {
            true => against(&told, Outcome::RolledBack, Some(&told.before)),
            false => against(&told, Outcome::Finalized, Some(&undisturbed.picture)),
        };
        failed.extend(flaw.map(|flaw| format!("{kind}, back after {record} of {accepted}: {flaw}")));
    }
    none(&failed, undisturbed.lines.len());
}

macro_rules! for_each_kind {
    ($($name:ident: $kind:ident),*) => {$(
        mod $name {
            use super::Kind::$kind;

            #[test]
            fn dies_at_every_record_of_every_end() {
                super::dies_everywhere($kind);
            }

            #[test]
            fn dies_at_every_contact_of_every_end() {
                super::dies_at_every_contact($kind);
            }

            #[test]
            fn loses_its_lease_at_every_record() {
                super::is_robbed_everywhere($kind);
            }

            #[test]
            fn has_a_way_back_from_every_record() {
                super::goes_back_from_everywhere($kind);
            }
        }
    )*};
}

for_each_kind! {
    in_place: InPlace,
    shadow: Shadow,
    running_cluster: RunningCluster,
    job_only: JobOnly,
    rolling: Rolling
}
