//! The operator's own programs in a plan: where they stand, and what the way back does of them.

use upshift_model::fluss::{Act, Client, Part, Switch, Tiering};
use upshift_model::plan::Plan;
use upshift_model::step::{Effect, Step, StopWhat, Wave};
use upshift_planner::lint;

use super::plans::{Run, named, plan};
use super::*;

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn owned(from: &str, to: &str, line: (u32, u32)) -> World {
    let mut world = named(from, to, line);
    world.declaration.tiering = Some(Tiering {
        stop: words(&["/opt/tiering", "stop"]),
        start: words(&["/opt/tiering", "start", "old"]),
        target_start: words(&["/opt/tiering", "start", "new"]),
    });
    let client = |name: &str, version: &str, to: &str| Client {
        name: name.to_owned(),
        version: version.parse().expect("a version"),
        switch: Some(Switch {
            version: to.parse().expect("a version"),
            program: words(&["/opt/give", name, to]),
            program_back: words(&["/opt/give", name, version]),
        }),
    };
    world.declaration.clients = vec![
        client("billing", "0.8.0-incubating", "1.0.0"),
        client("old", "0.6.0", "0.7.0"),
    ];
    if let Some(table) = world.system.cluster.tables.get_mut(&0) {
        table.lake.enabled = true;
    }
    world
}

fn said(step: &Step) -> Option<String> {
    match &step.effect {
        Effect::Fluss {
            what: Act::Run { part },
        } => Some(match part {
            Part::StopTiering => "-tiering".to_owned(),
            Part::StartTiering { wanted } => format!("+tiering {wanted}"),
            Part::Switch { client, back } => format!("{client} {back}"),
        }),
        Effect::Stop {
            what: StopWhat::Server { server },
        } => Some(format!("-{server}")),
        _ => None,
    }
}

fn order(waves: &[Wave]) -> Vec<String> {
    waves.iter().flat_map(Wave::steps).filter_map(said).collect()
}

fn last_of(plan: &Plan, wanted: &str) -> String {
    let step = plan.steps().find(|step| said(step).as_deref() == Some(wanted));
    step.expect("a step").id.as_str().to_owned()
}

#[test]
fn clients_that_hang_come_first_tiering_around_the_coordinator_and_other_clients_last() {
    let world = owned("0.7.0", "0.9.1-incubating", (0, 7));
    let plan = plan(&world);
    assert!(lint::lint(&plan).is_empty(), "{:?}", lint::lint(&plan));
    assert_eq!(
        order(&plan.waves),
        [
            "billing false",
            "-tablet-server/0",
            "-tablet-server/1",
            "-tablet-server/2",
            "-tiering",
            "-coordinator",
            "+tiering true",
            "old false",
        ]
    );
    let gates = plan
        .steps()
        .filter(|step| format!("{:?}", step.effect).contains("LakeAdvanced"));
    assert_eq!(gates.count(), 1, "tiering is back once the lake advances");
    // A crossing of 0.9 with a lake stands in nobody's way where the plan sees to its tiering.
    world.is(&codes::LAKE, Severity::Yellow);
    assert_eq!(plan.needs.len(), 2, "{:?}", plan.needs);
}

#[test]
fn what_was_touched_is_taken_back_and_a_client_that_no_longer_hangs_stays() {
    let world = owned("0.7.0", "0.9.1-incubating", (0, 7));
    let plan = plan(&world);
    let half = Run::up_to(&plan, &last_of(&plan, "-tiering"))
        .back()
        .expect("a way back");
    assert!(lint::lint(&half.plan).is_empty());
    assert_eq!(
        order(&half.plan.waves),
        [
            "-tiering",
            "-tablet-server/2",
            "-tablet-server/1",
            "-tablet-server/0",
            "+tiering false"
        ]
    );
    let early = Run::up_to(&plan, &last_of(&plan, "billing false"))
        .back()
        .expect("a way back");
    assert!(order(&early.plan.waves).is_empty());
}

#[test]
fn to_1_0_tiering_goes_before_the_servers_too_and_a_person_is_told_what_no_program_does() {
    let mut world = owned("0.9.1-incubating", "1.0.0", (0, 9));
    let all = order(&plan(&world).waves);
    assert_eq!(all[..3], ["billing false", "-tiering", "+tiering true"]);
    assert!(
        all.ends_with(&["-tiering", "-coordinator", "+tiering true", "old false"].map(str::to_owned)),
        "{all:?}"
    );
    world.declaration.tiering = None;
    world.declaration.clients[0].switch = None;
    let needs = plan(&world).needs.join("\n");
    assert!(
        needs.contains("you give billing a client of 1.0") && needs.contains("[tiering]"),
        "{needs}"
    );
}
