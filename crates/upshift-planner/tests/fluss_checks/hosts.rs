//! Servers on machines of their own: where each is found, what the plan says of it, and a restart beside the plan.

use upshift_model::expect::Expectation;
use upshift_model::fluss::{Condition, ServerId};
use upshift_model::gate::Gate;
use upshift_model::host::{Host, Reach, Ssh};
use upshift_model::ids::ComponentId;
use upshift_model::inventory::{Facts as Seen, INVENTORY_FORMAT, Inventory};
use upshift_model::record::{Failure, Halt, HaltKind, Record};
use upshift_model::run_state::RunState;
use upshift_model::step::{Effect, StartWhat, Step, Wave};
use upshift_planner::dispatch;

use super::plans::{Run, named, plan};
use super::*;

fn host(name: &str) -> Host {
    Host {
        name: name.to_owned(),
        reach: Reach::Ssh(Ssh::new(name).expect("a name")),
    }
}

/// A cluster whose servers have machines of their own, with folders of one name on all of them.
fn spread() -> World {
    let mut world = named("0.7.0", "0.9.1-incubating", (0, 7));
    world.declaration.hosts = ["cs", "ts0", "ts1", "ts2"].map(host).to_vec();
    for (at, name) in ["cs", "ts0", "ts1", "ts2"].into_iter().enumerate() {
        let process = world.process(at);
        (process.host, process.conf) = (name.to_owned(), "/etc/fluss".into());
        let declared = &mut world.declaration.servers[at];
        (declared.conf, declared.target_conf) = ("/etc/fluss".into(), "/etc/fluss".into());
    }
    world
}

#[test]
fn each_server_is_stopped_where_it_was_found_though_all_folders_have_one_name() {
    let plan = plan(&spread());
    let site = match &plan.site {
        upshift_model::plan::Site::Fluss(site) => site,
        other => panic!("{other:?}"),
    };
    for (id, wanted) in [
        (ServerId::Coordinator, "cs"),
        (ServerId::TabletServer(0), "ts0"),
        (ServerId::TabletServer(2), "ts2"),
    ] {
        assert_eq!(site.servers[&id.component()].host.as_deref(), Some(wanted));
    }
    let stop = plan
        .steps()
        .find(|step| step.id.as_str() == "2.1")
        .expect("a stop");
    assert_eq!(stop.why[0], "on ts0");
    assert_eq!(stop.by_hand[0], "# on ts0");
}

fn halted(of: &World, step: &str) -> RunState {
    let mut run = Run::up_to(&plan(of), step);
    run.write(Record::Halted {
        step: Some(step.into()),
        halt: Halt {
            kind: HaltKind::Failed,
            failure: Failure {
                code: Code::new("UP-FLUSS-0412"),
                what: "stuck".to_owned(),
                far_side: None,
            },
            state: Vec::new(),
        },
    });
    RunState::fold(&run.lines).unwrap_or_else(|error| panic!("{error}"))
}

fn restart(run: &RunState, server: &str, seen: &World) -> Result<Wave, Failure> {
    let present = Inventory {
        format: INVENTORY_FORMAT,
        system: seen.declaration.name.clone(),
        taken_at: jiff::Timestamp::UNIX_EPOCH,
        facts: Seen::Fluss(Box::new(seen.system.clone())),
        gaps: Vec::new(),
    };
    dispatch::restart(run, &ComponentId::new(server), &present)
}

/// Whether it holds a server to the mark of an orderly end.
fn asks_of_its_end(step: &Step, server: i32) -> bool {
    match &step.effect {
        Effect::Hold {
            gate: Gate::Soak { watch, .. },
        } => *watch == [Expectation::Fluss(Condition::CleanEnd { server })],
        _ => false,
    }
}

fn release(wave: &Wave) -> String {
    let mut releases = wave.steps().filter_map(|step| match &step.effect {
        Effect::Start {
            what: StartWhat::Server { release, .. },
        } => Some(release.to_string()),
        _ => None,
    });
    releases.next().expect("it is started again")
}

#[test]
fn a_coordinator_whose_next_start_closes_the_way_back_is_not_restarted_in_passing() {
    let mut world = named("0.9.1-incubating", "1.0.0", (0, 9));
    let plan = plan(&world);
    let start = plan
        .steps()
        .find(|step| step.id.as_str() == "5.2")
        .expect("its start");
    assert_eq!(start.tries, 1);
    let run = halted(&world, "5.5");
    world.process(0).jar = Observed::Known("1.0.0".to_owned());
    let no = restart(&run, "coordinator", &world).expect_err("its second start");
    assert!(
        no.what.contains("closes the way back to 0.9.1-incubating"),
        "{}",
        no.what
    );
    // Where the way is closed already, nothing is lost.
    world.system.cluster.coordinator_epoch = Observed::Known(Some(1));
    restart(&run, "coordinator", &world).expect("a restart");
}

#[test]
fn a_server_is_restarted_with_the_release_that_it_runs_and_with_no_other() {
    let mut world = spread();
    let run = halted(&world, "3.5");
    let wave = restart(&run, "tablet-server/2", &world).expect("a restart");
    assert_eq!(release(&wave), "0.7.0");
    let ids: Vec<&str> = wave.steps().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["beside.1.1", "beside.1.2", "beside.1.3"]);
    let last = wave.steps().last().expect("a gate");
    assert!(asks_of_its_end(last, 2), "{last:?}");
    let own = wave
        .steps()
        .flat_map(|step| &step.before)
        .find_map(|expectation| match expectation {
            Expectation::Fluss(Condition::Covered { own, .. }) => Some(own.clone()),
            _ => None,
        });
    let own = own.expect("a gate before the stop");
    assert_eq!(
        own.iter().collect::<Vec<_>>(),
        ["upshift_canary", "upshift_canary_made_after"]
    );
    world.process(1).jar = Observed::Known("0.9.1-incubating".to_owned());
    let wave = restart(&run, "tablet-server/0", &world).expect("a restart");
    assert_eq!(release(&wave), "0.9.1-incubating");

    let refused = |world: &World, server: &str| restart(&run, server, world).expect_err("refused").code;
    assert_eq!(refused(&world, "tablet-server/9"), codes::NO_RESTART);
    world.process(2).jar = Observed::Known("0.8.0-incubating".to_owned());
    assert_eq!(refused(&world, "tablet-server/1"), codes::NO_RESTART);
    world.process(2).jar = Observed::Unknown(gap());
    assert_eq!(refused(&world, "tablet-server/1"), codes::NO_RESTART);
    world.system.processes = Observed::Unknown(gap());
    assert_eq!(refused(&world, "coordinator"), codes::NO_RESTART);
}
