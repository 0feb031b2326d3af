//! The `server.yaml` of servers that read another folder with the wanted release: what the plan shows and does of it.

use upshift_model::expect::Expectation;
use upshift_model::fluss::Condition;
use upshift_model::ids::ComponentId;
use upshift_model::step::{Change, ConfigEdit, Effect, Step};
use upshift_planner::lint;

use super::plans::{named, no_plan, plan};
use super::*;

fn apart() -> World {
    let mut world = named("0.7.0", "0.9.1-incubating", (0, 7));
    for server in &mut world.declaration.servers {
        server.target_conf = format!("/opt/new{}", server.conf.display()).into();
    }
    let pairs = [
        ("tablet-server.id", "1"),
        ("log.replica.min-in-sync-replicas-number", "2"),
        ("client.security.sasl.password", "«redacted»"),
        ("coordinator.io-pool.size", "4"),
    ];
    world.process(2).options = Observed::Known(options(&pairs));
    world
}

fn asks(step: &Step, server: &str) -> bool {
    let wanted = Condition::CarriedOver {
        server: ComponentId::new(server),
    };
    step.before.contains(&Expectation::Fluss(wanted))
}

#[test]
fn every_file_is_brought_there_before_the_first_stop_and_its_diff_is_in_the_plan() {
    let world = apart();
    let plan = plan(&world);
    assert!(lint::lint(&plan).is_empty());
    let carried: Vec<&Step> = plan
        .steps()
        .filter(|step| matches!(step.effect, Effect::Configure { .. }))
        .collect();
    assert_eq!(carried.len(), 4);
    assert!(carried.iter().all(|step| step.id.as_str().starts_with("1.")));
    let of = |server: &str| {
        let its = |step: &&&Step| matches!(&step.effect, Effect::Configure { component, .. } if component.as_str() == server);
        carried.iter().find(its).copied().expect("one of each server")
    };
    let one = of("tablet-server/1");
    let Effect::Configure {
        change: Change::CarryOver { from, to, edits, .. },
        ..
    } = &one.effect
    else {
        panic!("{:?}", one.effect)
    };
    assert_eq!(
        (from.as_path(), to.as_path()),
        ("/srv/102".as_ref(), "/opt/new/srv/102".as_ref())
    );
    assert!(!edits.iter().any(|edit| matches!(edit, ConfigEdit::Set { .. })));
    let said = one.why.join("\n");
    assert!(said.contains("~4: coordinator.io-pool.size: 4"), "{said}");
    for (step, server) in [
        ("3.1", "tablet-server/1"),
        ("3.2", "tablet-server/1"),
        ("5.2", "coordinator"),
    ] {
        let found = plan
            .steps()
            .find(|found| found.id.as_str() == step)
            .expect("a step");
        assert!(asks(found, server), "{found:#?}");
    }
    let back = plan.ways_back.iter().flatten().flat_map(|wave| wave.steps());
    assert!(
        back.into_iter().all(|step| !asks(step, "tablet-server/0")),
        "the old file is read again"
    );
}

#[test]
fn a_file_that_was_not_read_is_not_carried_over() {
    let mut world = apart();
    world.process(2).file_digest = Observed::Unknown(gap());
    no_plan(&world, &codes::UNSEEN);
}
