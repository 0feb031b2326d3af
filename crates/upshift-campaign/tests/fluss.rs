//! What befalls an upgrade of Fluss in virtual time: a way back that closes while somebody wants to take it, and a server
//! that never registers, which real time has no patience for.

use std::collections::BTreeMap;
use std::sync::Arc;

use upshift_campaign::{Case, MemoryStore, Setting, Told, Wish, in_virtual_time, of_case};
use upshift_model::ids::StepId;
use upshift_model::plan::Plan;
use upshift_model::record::{Outcome, Record};
use upshift_model::step::{Effect, StartWhat, Step, StopWhat};
use upshift_sim::direct::{Fault, Place, Planned, When};
use upshift_sim::fluss::{Hop, Shape};

/// A debug build is slow.
const EVERY: usize = if cfg!(debug_assertions) { 4 } else { 1 };

fn told(case: &Case) -> Told {
    let told = in_virtual_time(of_case(case.clone(), Arc::new(MemoryStore::default())));
    assert!(told.flaws.is_empty(), "{:?}: {:?}", case.wish, told.flaws);
    told
}

fn plan(told: &Told) -> &Plan {
    match &told.lines[0].entry().record {
        Record::Opened { plan, .. } => &plan.plan,
        other => panic!("a run begins with its plan: {other:?}"),
    }
}

fn records(told: &Told) -> impl Iterator<Item = &Record> {
    told.lines.iter().map(|line| &line.entry().record)
}

/// The number of the first record that is so.
fn first(told: &Told, is_it: impl Fn(&Record) -> bool) -> u64 {
    records(told).position(is_it).expect("it is in the journal") as u64 + 1
}

/// A case in which a fault strikes at the first look at a step.
fn struck(calm: &Case, fault: Fault, is_it: impl Fn(&Step) -> bool) -> (Case, StepId) {
    let undisturbed = told(calm);
    let step = plan(&undisturbed).steps().find(|step| is_it(step));
    let step = step.expect("the plan has one").id.clone();
    let mut case = calm.clone();
    let place = Place {
        step: step.clone(),
        when: When::Look(1),
    };
    case.trouble.planned.push(Planned { fault, place });
    (case, step)
}

fn halts(told: &Told) -> Vec<(String, String)> {
    let halted = records(told).filter_map(|record| match record {
        Record::Halted { halt, .. } => Some(&halt.failure),
        _ => None,
    });
    let told = halted.map(|failure| {
        let far_side = failure.far_side.as_deref().unwrap_or_default();
        (failure.code.to_string(), format!("{} {far_side}", failure.what))
    });
    told.collect()
}

/// The new coordinator is started once more while leaders are spread: once it leads again there is no way back. Whoever asked
/// for it before, and was offered one, is stopped right before the coordinator would be taken down.
#[test]
fn a_way_back_that_an_epoch_has_closed_is_taken_from_nowhere() {
    let shape = Shape {
        hop: Hop::ZeroNineToOneZero,
        ..Shape::default()
    };
    let calm = Case::calm(Setting::Fluss(shape));
    let spreads = |step: &Step| matches!(step.effect, Effect::Fluss { .. });
    let (case, step) = struck(&calm, Fault::FarSideRestarts, spreads);
    let restarted = told(&case);
    assert_eq!(restarted.outcome, Some(Outcome::Finalized));
    let begins = first(&restarted, |record| record.step() == Some(&step));
    let accepted = first(&restarted, |record| matches!(record, Record::Answered { .. }));
    assert!(accepted > begins + 4, "{begins} to {accepted}");
    let mut codes = BTreeMap::<String, u32>::new();
    for record in (begins..accepted).step_by(EVERY) {
        let told = told(&Case {
            wish: Wish::BackAfter(record),
            ..case.clone()
        });
        let place = format!("back after {record} of {accepted}");
        // It was told to end before it led again.
        if told.outcome == Some(Outcome::RolledBack) {
            assert_eq!(told.picture, told.before, "{place}");
            *codes.entry("back".to_owned()).or_default() += 1;
            continue;
        }
        let halts = halts(&told);
        let mut refused = halts.iter().filter(|(_, what)| what.contains("bears epoch 1"));
        let (code, _) = refused.next().unwrap_or_else(|| panic!("{place}: {halts:?}"));
        *codes.entry(code.clone()).or_default() += 1;
        // All of it runs the wanted release, and serves; but for a coordinator that came to lead while it was told to end.
        assert!(!told.picture.contains("0.9.1"), "{place}: {}", told.picture);
        let (coordinator, servers) = told.picture.split_once(';').expect("several servers");
        assert!(!servers.contains("does not serve"), "{place}: {}", told.picture);
        let may_be_down = code == "UP-FLUSS-0419";
        assert!(
            may_be_down || coordinator.ends_with(" serves"),
            "{place}: {}",
            told.picture
        );
    }
    println!("{codes:?}");
    let told = |how: &str| codes.contains_key(how);
    assert!(
        told("UP-FLUSS-0419") && told("UP-RUN-0006") && told("back"),
        "{codes:?}"
    );
}

/// Its process lives: it is waited for as long as the step allows, nothing more is taken down, and there is a way back.
#[test]
fn a_server_that_never_registers_halts_the_roll_and_takes_nothing_more_down() {
    let calm = Case::calm(Setting::Fluss(Shape::default()));
    let of = |number: i32| format!("tablet-server/{number}");
    let starts = |step: &Step| match &step.effect {
        Effect::Start {
            what: StartWhat::Server { server, .. },
        } => server.as_str() == of(1),
        _ => false,
    };
    let (case, step) = struck(&calm, Fault::NeverRegisters, starts);
    let told = told(&case);
    let halts = halts(&told);
    let (code, what) = &halts[0];
    assert_eq!(code, "UP-RUN-0003", "{what}");
    assert!(what.contains("not registered yet"), "{what}");
    assert!(records(&told).any(|record| record.step() == Some(&step)));
    let stops = |record: &Record, number: i32| {
        let Record::Intent { step, .. } = record else {
            return false;
        };
        let planned = plan(&told).steps().find(|one| one.id == *step);
        planned.is_some_and(|one| match &one.effect {
            Effect::Stop {
                what: StopWhat::Server { server },
            } => server.as_str() == of(number),
            _ => false,
        })
    };
    assert!(records(&told).any(|record| stops(record, 1)));
    assert!(!records(&told).any(|record| stops(record, 2)), "{what}");
    assert_eq!(told.outcome, Some(Outcome::RolledBack));
    assert_eq!(told.picture, told.before);
}
