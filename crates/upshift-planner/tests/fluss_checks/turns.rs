//! The way back of a full stop: closed by a new coordinator that led, open before it is started and after one that never
//! came up.

use upshift_model::fluss::before_stop::{LEADERSHIP, REGISTERED};
use upshift_model::fluss::{Coordinator, Leadership, ServerId};
use upshift_model::inventory::{Facts as Seen, INVENTORY_FORMAT, Inventory};
use upshift_model::record::Baseline;
use upshift_model::run_state::RunState;
use upshift_model::step::Effect;
use upshift_planner::dispatch::{NoWayBack, Offer, left_over, way_back};
use upshift_planner::systems::fluss::repair::{NoRepair, runbook};

use super::plans::{Run, named, order, plan};
use super::*;

/// Its start.
const COORDINATOR: &str = "4.1";

/// A run that stopped the old coordinator and began to start the new one.
fn started(world: &World) -> Run {
    let plan = plan(world);
    let mut run = Run::of(&plan);
    let active = world.system.cluster.active.known().cloned().flatten();
    let noted = BTreeMap::from([
        (REGISTERED.to_owned(), active.expect("one leads").id),
        (
            LEADERSHIP.to_owned(),
            world.system.cluster.leadership().expect("seen").hex().to_owned(),
        ),
    ]);
    for step in plan.steps() {
        match &step.effect {
            Effect::Stop { .. } => run.begin_with(&step.id, Baseline(noted.clone())),
            Effect::Hold { .. } => {}
            _ => run.begin(&step.id),
        }
        if step.id.as_str() == COORDINATOR {
            return run;
        }
        run.done(&step.id);
    }
    panic!("the coordinator is started in the fourth wave")
}

fn looked(world: &World) -> Inventory {
    Inventory {
        format: INVENTORY_FORMAT,
        system: world.declaration.name.clone(),
        taken_at: jiff::Timestamp::UNIX_EPOCH,
        facts: Seen::Fluss(Box::new(world.system.clone())),
        gaps: Vec::new(),
    }
}

pub(crate) fn back(run: &Run, seen: Option<&World>) -> Result<Offer, NoWayBack> {
    let state = RunState::fold(&run.lines).unwrap_or_else(|error| panic!("{error}"));
    let present = seen.map(looked);
    way_back(&state, present.as_ref(), jiff::Timestamp::UNIX_EPOCH)
}

#[test]
fn a_new_coordinator_that_never_registered_closes_no_way_back() {
    let mut world = named("0.6.0", "0.7.0", (0, 6));
    let mut run = started(&world);
    world.system.cluster.active = Observed::Known(None);
    let offer = back(&run, Some(&world)).expect("nobody led since");
    let steps: Vec<_> = offer.plan.steps().collect();
    assert!(matches!(steps[0].effect, Effect::Stop { .. }));
    assert!(steps[0].before.is_empty(), "no cluster is whole without one");

    let closed = |run: &Run, world: Option<&World>, why: &str| {
        let no = back(run, world).expect_err(why);
        assert_eq!(no.code, codes::WAY_BACK);
        assert!(no.what.contains(why), "{}", no.what);
    };
    closed(&run, None, "could not be looked at");
    let mut unseen = named("0.6.0", "0.7.0", (0, 6));
    unseen.system.cluster.active = Observed::Unknown(gap());
    closed(&run, Some(&unseen), "nobody answers");
    let mut other = named("0.6.0", "0.7.0", (0, 6));
    other.system.cluster.active = Observed::Known(Some(Coordinator {
        id: "d".to_owned(),
        format: 2,
        listeners: Vec::new(),
    }));
    closed(&run, Some(&other), "d leads");
    // It led for a moment between two looks: what it wrote tells.
    let led = Leadership {
        leader: Some(1),
        leader_epoch: 1,
        isr: vec![1, 2],
        coordinator_epoch: 0,
        bucket_epoch: 1,
        standby: Vec::new(),
    };
    let mut wrote = named("0.6.0", "0.7.0", (0, 6));
    wrote.system.cluster.active = Observed::Known(None);
    wrote.system.cluster.buckets[0].leadership = Observed::Known(Some(led));
    closed(&run, Some(&wrote), "has been written since");
    run.done(&COORDINATOR.into());
    closed(&run, Some(&world), "it came up and led");
}

#[test]
fn a_full_stop_goes_back_as_one_whole_until_the_new_coordinator_is_started() {
    let plan = plan(&named("0.6.0", "0.7.0", (0, 6)));
    // Nothing but the coordinator is stopped, and the others are told apart from it no more.
    for last in ["2.2", "2.4", "3.1", "3.3"] {
        let offer = Run::up_to(&plan, last)
            .back()
            .expect("a way back, without a look");
        assert_eq!(
            order(&offer.plan.waves),
            [
                "-tablet-server/0",
                "-tablet-server/1",
                "-tablet-server/2",
                "-coordinator",
                "+tablet-server/0 0.6.0",
                "+tablet-server/1 0.6.0",
                "+tablet-server/2 0.6.0",
                "+coordinator 0.6.0",
            ],
            "after {last}"
        );
    }
}

#[test]
fn the_repair_names_every_node_that_bears_an_epoch_and_is_called_unproven() {
    let mut world = named("0.9.1-incubating", "1.0.0", (0, 9));
    let plan = plan(&world);
    let upshift_model::plan::Site::Fluss(site) = &plan.site else {
        panic!("{:?}", plan.site)
    };
    assert_eq!(runbook(&plan, site, &world.system), Err(NoRepair::AllZero));
    world.system.cluster.coordinator_epoch = Observed::Known(Some(1));
    if let Observed::Known(Some(of)) = &mut world.system.cluster.buckets[4].leadership {
        of.coordinator_epoch = 1;
    }
    let said = runbook(&plan, site, &world.system)
        .expect("an epoch is above zero")
        .join("\n");
    assert!(said.contains("NOT on data of 1.0"), "{said}");
    let nodes: Vec<&str> = said.lines().filter(|line| line.contains("leader_isr")).collect();
    assert_eq!(
        nodes,
        ["     get /fluss/tabletservers/tables/1/buckets/1/leader_isr   # lab.orders_pk bucket 1"]
    );
    assert!(said.contains("set /fluss/coordinators/epoch 0"), "{said}");
    assert!(said.contains("/opt/fluss-0.9.1-incubating/start 100"), "{said}");
    world.system.cluster.gaps.push(gap());
    assert!(matches!(
        runbook(&plan, site, &world.system),
        Err(NoRepair::Unseen(_))
    ));
}

#[test]
fn what_a_run_that_is_given_up_half_way_leaves_behind_is_listed() {
    let mut world = named("0.7.0", "0.9.1-incubating", (0, 7));
    let plan = plan(&world);
    let left = |run: &Run, world: Option<&World>| {
        let state = RunState::fold(&run.lines).unwrap_or_else(|error| panic!("{error}"));
        left_over(&state, world.map(looked).as_ref())
    };
    let mut run = Run::of(&plan);
    assert_eq!(left(&run, Some(&world)), Vec::<String>::new(), "nothing was done");
    assert_eq!(left(&run, None), Vec::<String>::new());
    for step in plan.steps() {
        match &step.effect {
            Effect::Hold { .. } => {}
            _ => run.begin(&step.id),
        }
        if step.id.as_str() == "3.2" {
            break;
        }
        run.done(&step.id);
    }
    let answers = &mut world.system.answers;
    answers.retain(|answer| answer.server != ServerId::TabletServer(1));
    let first = answers
        .iter_mut()
        .find(|answer| answer.server == ServerId::TabletServer(0));
    first.expect("it answers").line = Observed::Known((0, 9));
    assert_eq!(
        left(&run, Some(&world)),
        [
            "step 3.2 was begun and its end was not seen",
            "tablet server 0 answers as 0.9, 0.7.0 ran before",
            "tablet-server/1 is not registered",
            "the database upshift_canary is upshift's own: drop it with its tables",
        ]
    );
    assert!(left(&run, None)[1].contains("could not be looked at"));
}
