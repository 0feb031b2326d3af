//! Plans: the order, what each wave costs, and the way back from wherever a run stands.

use expect_test::{Expect, expect};
use upshift_model::digest::Digest;
use upshift_model::ids::{Code, RunId, StepId};
use upshift_model::observed::Observed;
use upshift_model::plan::Plan;
use upshift_model::policy::Strategy;
use upshift_model::proof::{Binding, Proof};
use upshift_model::realtime_compute::{Draft, Point};
use upshift_model::record::{Baseline, Entry, Failure, Intent, Line as Written, RECORD_FORMAT, Record, Who};
use upshift_model::restore::{RestorePoint, RestorePointKind};
use upshift_model::run_state::RunState;
use upshift_model::step::Effect;
use upshift_planner::dispatch::{self, NoPlan, NoWayBack, Offer, way_back};
use upshift_planner::systems::realtime_compute::checks;
use upshift_planner::systems::realtime_compute::codes::*;
use upshift_planner::{lint, render};

use crate::world::{World, unseen, waiver};

const MAJOR: &str = "vvr-11.7-jdk11-flink-1.20";

fn planned(world: &World) -> Result<Plan, NoPlan> {
    world.judged(|situation| {
        let findings = checks::findings(situation);
        dispatch::Situation::RealtimeCompute(Box::new(situation.clone())).plan(&findings)
    })
}

fn plan(world: &World) -> Plan {
    let plan = planned(world).unwrap_or_else(|no| panic!("{no:?}"));
    let flaws: Vec<String> = lint::lint(&plan).iter().map(ToString::to_string).collect();
    assert!(flaws.is_empty(), "{flaws:#?}");
    plan
}

/// The tree without its head.
fn tree(plan: &Plan, expected: Expect) {
    let text = render::tree(&plan.clone().seal());
    let lines = text.lines().enumerate().filter(|(at, _)| *at != 1);
    let text: String = lines.map(|(_, line)| format!("{line}\n")).collect();
    expected.assert_eq(&text);
}

fn major() -> World {
    let mut world = World::new().to(MAJOR);
    world.declaration.waivers = vec![
        waiver(&CHANGE, "deployment orders"),
        waiver(&TWICE, "deployment orders"),
    ];
    world
}

#[test]
fn sql_from_a_draft_goes_the_way_of_drafts() {
    let mut world = World::new().with(|one| {
        "SQLSCRIPT".clone_into(&mut one.kind);
        one.draft = Observed::Known(Some(Draft {
            id: "dr1".to_owned(),
            name: "orders".to_owned(),
            folder: Some("f1".to_owned()),
            as_deployed: true,
        }));
    });
    world.declaration.clone_folder = Some("f2".to_owned());
    let plan = plan(&world);
    let text = render::tree(&plan.clone().seal());
    let wave: Vec<&str> = text.lines().skip_while(|line| !line.contains("wave 1")).collect();
    let wave: String = wave
        .iter()
        .take(6)
        .map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line)))
        .collect();
    expect![[r#"
          wave 1  prepare                             no downtime
            1.1     orders: save its draft as orders-upg on the wanted engine, and read it back
            1.2     orders: let the service validate the new draft, and wait for its verdict
            1.3     orders: make a copy of it, orders-upg (vvr-8.0.11-flink-1.17), and read it back
                    by deploying the new draft into default-queue
            back:     free, 2 steps
    "#]]
    .assert_eq(&wave);
    let by_hand: Vec<&String> = plan.waves[0].steps().flat_map(|step| &step.by_hand).collect();
    assert_eq!(by_hand.len(), 3);
    assert!(
        by_hand[0].contains("dr1") && by_hand[0].contains("in f2"),
        "{by_hand:?}"
    );
}

#[test]
fn a_minor_version_stops_with_its_savepoint_and_nothing_is_processed_twice() {
    let mut world = World::new();
    world.declaration.delete_originals = true;
    world.declaration.delete_savepoints = true;
    tree(
        &plan(&world),
        expect![[r#"
            orders: Realtime Compute vvr-8.0.9-flink-1.17 → vvr-8.0.11-flink-1.17, clone and switch

              wave 1  prepare                             no downtime
                1.1     orders: make a copy of it, orders-upg (vvr-8.0.11-flink-1.17), and read it back
                back:     free, 1 step

              wave 2  switch                              downtime not known
                2.1     orders: native savepoint → before/orders, and it runs on
                        recorded before the job is touched: the way back leads here
                2.2     orders: stop with native savepoint → S/orders ↓
                        once before/orders is complete and fits (metadata 1 to 4)
                        nothing is processed twice: the job ends with its savepoint
                        a minor version reads either form, so whichever the service takes at a stop will do
                2.3     orders: start from S/orders on orders-upg (vvr-8.0.11-flink-1.17) ↑
                        then orders runs, restored from S/orders
                2.4     wait until vvr-8.0.11-flink-1.17 answers · the job runs · restored from S · a checkpoint
                          since · no restarts
                back:     restart from S/orders, 3 steps
                replayed: all that the new engine has processed since its start; written twice where the sink
                          does not tell
                open:     until somebody says finalize
                          while the savepoint is there: nobody but its deleter takes it away

              wave 3  prove                               no downtime
                3.1     for 15 m: vvr-8.0.11-flink-1.17 answers · the job runs · restored from S · a checkpoint
                          since · no restarts
                back:     restart from S/orders, 3 steps
                replayed: all that the new engine has processed since its start; written twice where the sink
                          does not tell

              wave 4  accept                              no downtime
                4.1     a person says finalize, or rollback
                back:     restart from S/orders, 3 steps
                replayed: all that the new engine has processed since its start; written twice where the sink
                          does not tell

              ──────  point of no return: what follows lets go of the old ──────
              wave 5  release                             no downtime
                5.1     delete the deployment orders (vvr-8.0.9-flink-1.17)
                        delete_originals in the system file, and somebody has accepted
                5.2     delete the files of before/orders
                5.3     delete the files of S/orders
                back:     closed (UP-RC-0210)

            needs:    no more room than the jobs take now: each is stopped before its successor starts
            why clone and switch: the original stays as it is until somebody accepts
            checks:   12 green, 4 to read
        "#]],
    );
}

#[test]
fn a_major_version_is_stopped_plainly_and_what_that_costs_is_said() {
    tree(
        &plan(&major()),
        expect![[r#"
            orders: Realtime Compute vvr-8.0.9-flink-1.17 → vvr-11.7-jdk11-flink-1.20, clone and switch

              wave 1  prepare                             no downtime
                1.1     orders: make a copy of it, orders-upg (vvr-11.7-jdk11-flink-1.20), and read it back
                back:     free, 1 step

              wave 2  switch                              downtime not known
                2.1     orders: canonical savepoint → before/orders, and it runs on
                        recorded before the job is touched: the way back leads here
                2.2     orders: cancel on orders (vvr-8.0.9-flink-1.17) ↓
                        once before/orders is complete and fits (metadata 1 to 4)
                        plainly: nobody can say in which form the service would take the savepoint of a stop
                        what is processed between before/orders and this stop is processed again, and written
                          twice where the sink does not tell
                2.3     orders: start from before/orders on orders-upg (vvr-11.7-jdk11-flink-1.20) ↑
                        then orders runs, restored from before/orders
                2.4     wait until vvr-11.7-jdk11-flink-1.20 answers · the job runs · restored from before · a
                          checkpoint since · no restarts
                back:     restart from before/orders, 3 steps
                replayed: all since the savepoint before the stop; written twice where the sink does not tell
                open:     until somebody says finalize
                          while the savepoint is there: nobody but its deleter takes it away

              wave 3  prove                               no downtime
                3.1     for 15 m: vvr-11.7-jdk11-flink-1.20 answers · the job runs · restored from before · a
                          checkpoint since · no restarts
                back:     restart from before/orders, 3 steps
                replayed: all since the savepoint before the stop; written twice where the sink does not tell

              wave 4  accept                              no downtime
                4.1     a person says finalize, or rollback
                back:     restart from before/orders, 3 steps
                replayed: all since the savepoint before the stop; written twice where the sink does not tell

            needs:    no more room than the jobs take now: each is stopped before its successor starts
            why clone and switch: the original stays as it is until somebody accepts
            checks:   10 green, 6 to read
            waived:   UP-RC-0101 for deployment orders: tried on a clone
                      UP-RC-0117 for deployment orders: tried on a clone
        "#]],
    );
}

#[test]
fn a_stop_whose_form_is_known_from_earlier_ones_leaves_a_savepoint_that_suits() {
    let with = |forms: &[Option<bool>]| {
        let world = major().with(|one| {
            let point = |native: &Option<bool>| Point {
                id: "s".to_owned(),
                origin: "STOP_WITH_SAVEPOINT".to_owned(),
                state: "COMPLETED".to_owned(),
                native: *native,
                created_at: None,
            };
            one.points = upshift_model::observed::Observed::Known(forms.iter().map(point).collect());
        });
        let waves = plan(&world).waves;
        let stop = waves[1].lanes[0].steps[1].effect.fills().map(ToString::to_string);
        stop.unwrap_or_else(|| "plainly".to_owned())
    };
    assert_eq!(with(&[Some(false), Some(false)]), "S/orders");
    assert_eq!(with(&[Some(false), Some(true)]), "plainly");
    assert_eq!(with(&[Some(true)]), "plainly");
    assert_eq!(with(&[None]), "plainly");
}

#[test]
fn in_place_changes_the_deployment_itself() {
    let mut world = World::new();
    world.declaration.strategy = Strategy::InPlace;
    tree(
        &plan(&world),
        expect![[r#"
            orders: Realtime Compute vvr-8.0.9-flink-1.17 → vvr-8.0.11-flink-1.17, in place

              wave 1  switch                              downtime not known
                1.1     orders: native savepoint → before/orders, and it runs on
                        recorded before the job is touched: the way back leads here
                1.2     orders: stop with native savepoint → S/orders ↓
                        once before/orders is complete and fits (metadata 1 to 4)
                        nothing is processed twice: the job ends with its savepoint
                        a minor version reads either form, so whichever the service takes at a stop will do
                1.3     orders: name vvr-8.0.11-flink-1.17 as its engine, where it named vvr-8.0.9-flink-1.17
                1.4     orders: start from S/orders on orders ↑
                        then orders runs, restored from S/orders
                1.5     wait until vvr-8.0.11-flink-1.17 answers · the job runs · restored from S · a checkpoint
                          since · no restarts
                back:     restart from S/orders, 4 steps
                replayed: all that the new engine has processed since its start; written twice where the sink
                          does not tell
                open:     until somebody says finalize
                          while the savepoint is there: nobody but its deleter takes it away

              wave 2  prove                               no downtime
                2.1     for 15 m: vvr-8.0.11-flink-1.17 answers · the job runs · restored from S · a checkpoint
                          since · no restarts
                back:     restart from S/orders, 4 steps
                replayed: all that the new engine has processed since its start; written twice where the sink
                          does not tell

              wave 3  accept                              no downtime
                3.1     a person says finalize, or rollback
                back:     restart from S/orders, 4 steps
                replayed: all that the new engine has processed since its start; written twice where the sink
                          does not tell

            needs:    no more room than the jobs take now: each is stopped before its successor starts
            why in place: the file asks for it; the deployment itself is changed, and changed back on the way
                        back
            checks:   11 green, 4 to read
        "#]],
    );
}

#[test]
fn a_double_run_stops_the_original_only_when_the_copy_was_accepted() {
    let mut world = World::new();
    world.declaration.strategy = Strategy::DoubleRun;
    world.declaration.waivers = vec![waiver(&TWICE, "deployment orders")];
    tree(
        &plan(&world),
        expect![[r#"
            orders: Realtime Compute vvr-8.0.9-flink-1.17 → vvr-8.0.11-flink-1.17, double run

              wave 1  prepare                             no downtime
                1.1     orders: make a copy of it, orders-upg (vvr-8.0.11-flink-1.17), and read it back
                back:     free, 1 step

              wave 2  switch                              no downtime
                2.1     orders: native savepoint → before/orders, and it runs on
                        recorded before the job is touched: the way back leads here
                2.2     orders: start from before/orders on orders-upg (vvr-8.0.11-flink-1.17) ↑
                        once before/orders is complete and fits (metadata 1 to 4)
                        then orders runs, restored from before/orders
                        beside the original: both write from here on, as the waiver of UP-RC-0117 allows
                2.3     wait until vvr-8.0.11-flink-1.17 answers · the job runs · restored from before · a
                          checkpoint since · no restarts
                back:     free, 1 step
                replayed: nothing: the original runs on
                open:     until somebody says finalize
                          while the savepoint is there: nobody but its deleter takes it away

              wave 3  prove                               no downtime
                3.1     for 15 m: vvr-8.0.11-flink-1.17 answers · the job runs · restored from before · a
                          checkpoint since · no restarts
                back:     free, 1 step
                replayed: nothing: the original runs on

              wave 4  accept                              no downtime
                4.1     a person says finalize, or rollback
                back:     free, 1 step
                replayed: nothing: the original runs on

              ──────  point of no return: nobody can go back from here ──────
              wave 5  release                             no downtime
                5.1     orders: cancel on orders (vvr-8.0.9-flink-1.17)
                        the copy was accepted: one of both is enough
                back:     closed (UP-RC-0210)

            needs:    room in the queue for 1 more jobs beside those that run
            why double run: the file asks for it, and a waiver says that what is written may come twice
            checks:   12 green, 4 to read
            waived:   UP-RC-0117 for deployment orders: tried on a clone
        "#]],
    );
}

#[test]
fn state_that_is_given_up_starts_at_the_time_that_the_file_names() {
    let mut world = World::new().to(MAJOR);
    world.declaration.strategy = Strategy::WithoutState;
    world.declaration.start_at = Some(1_764_273_600_000);
    world.declaration.waivers = vec![waiver(&GIVEN_UP, "deployment orders")];
    tree(
        &plan(&world),
        expect![[r#"
            orders: Realtime Compute vvr-8.0.9-flink-1.17 → vvr-11.7-jdk11-flink-1.20, without state

              wave 1  prepare                             no downtime
                1.1     orders: make a copy of it, orders-upg (vvr-11.7-jdk11-flink-1.20), and read it back
                back:     free, 1 step

              wave 2  switch                              downtime not known
                2.1     orders: canonical savepoint → before/orders, and it runs on
                        recorded before the job is touched: the way back leads here
                2.2     orders: cancel on orders (vvr-8.0.9-flink-1.17) ↓
                        its state is given up, as the waiver of UP-RC-0118 says: nothing of it reaches the new
                          engine
                2.3     orders: start from nothing on orders-upg (vvr-11.7-jdk11-flink-1.20) ↑
                        then orders runs
                        sources that can begin at a time begin at 2025-11-27T20:00:00Z
                2.4     wait until vvr-11.7-jdk11-flink-1.20 answers · the job runs · a checkpoint since · no
                          restarts
                back:     restart from before/orders, 3 steps
                replayed: all since the savepoint before the stop; written twice where the sink does not tell
                open:     until somebody says finalize
                          while the savepoint is there: nobody but its deleter takes it away

              wave 3  prove                               no downtime
                3.1     for 15 m: vvr-11.7-jdk11-flink-1.20 answers · the job runs · a checkpoint since · no
                          restarts
                back:     restart from before/orders, 3 steps
                replayed: all since the savepoint before the stop; written twice where the sink does not tell

              wave 4  accept                              no downtime
                4.1     a person says finalize, or rollback
                back:     restart from before/orders, 3 steps
                replayed: all since the savepoint before the stop; written twice where the sink does not tell

            needs:    no more room than the jobs take now: each is stopped before its successor starts
            why without state: the file asks for it: the vendor's way across major versions
            checks:   11 green, 5 to read
            waived:   UP-RC-0118 for deployment orders: tried on a clone
        "#]],
    );
}

#[test]
fn many_deployments_go_in_lanes_of_a_width() {
    let mut world = World::new();
    let more = ["payments", "returns"].map(|name| {
        let mut one = world.facts.deployments[0].clone();
        one.id = format!("d-{name}");
        name.clone_into(&mut one.name);
        one
    });
    world.facts.deployments.extend(more);
    world.declaration.width = 2;
    let plan = plan(&world);
    let switch = &plan.waves[1];
    assert_eq!((switch.lanes.len(), switch.width.get()), (3, 2));
    let subjects: Vec<String> = switch
        .lanes
        .iter()
        .filter_map(|lane| lane.subject.as_ref().map(ToString::to_string))
        .collect();
    assert_eq!(subjects, ["orders", "payments", "returns"]);
}

#[test]
fn no_plan_where_there_is_nothing_to_do_or_nothing_to_move() {
    let no = |world: World| planned(&world).expect_err("no plan").code;
    assert_eq!(no(World::new().to("vvr-8.0.9-flink-1.17")), NOTHING_TO_DO);
    assert_eq!(no(World::new().with(|one| one.job = unseen())), UNSEEN);
    for (mode, kind) in [("BATCH", "JAR"), ("STREAMING", "CDCYAML")] {
        let world = World::new().with(|one| {
            mode.clone_into(&mut one.mode);
            kind.clone_into(&mut one.kind);
        });
        assert_eq!(no(world), NOT_MOVED);
    }
}

/// A run of a plan: what was begun and done, in order.
struct Run {
    lines: Vec<Written>,
}

impl Run {
    fn of(plan: &Plan) -> Self {
        let mut run = Self { lines: Vec::new() };
        let plan = Box::new(plan.clone().seal());
        let by = Who {
            name: "ann".to_owned(),
            host: "h".to_owned(),
            why: None,
            ticket: None,
        };
        run.write(Record::Opened { plan, by });
        run
    }

    fn write(&mut self, record: Record) {
        let last = self.lines.last();
        let prev = last.map_or_else(Digest::zero, |line| line.digest().clone());
        self.lines.push(Written::write(Entry {
            format: RECORD_FORMAT,
            run: RunId::new("r"),
            seq: self.lines.len() as u64 + 1,
            epoch: 1,
            at: jiff::Timestamp::UNIX_EPOCH,
            prev,
            record,
        }));
    }

    fn begin(&mut self, step: &StepId) {
        let intent = Intent {
            key: upshift_model::ids::AttemptKey::derive(&RunId::new("r"), step, 1),
            attempt: 1,
            baseline: Baseline::default(),
            deadline: jiff::Timestamp::UNIX_EPOCH,
        };
        self.write(Record::Intent {
            step: step.clone(),
            intent,
        });
    }

    /// Everything up to a step, which is begun and no more.
    fn up_to(plan: &Plan, last: &str) -> Self {
        let mut run = Self::of(plan);
        for step in plan.steps() {
            if !matches!(step.effect, Effect::Hold { .. }) {
                run.begin(&step.id);
            }
            if step.id.as_str() == last {
                return run;
            }
            let proof = match step.effect.fills() {
                Some(slot) => Proof::default().with(Binding::Restore {
                    slot: slot.clone(),
                    point: RestorePoint {
                        kind: RestorePointKind::SavepointNative,
                        location: format!("oss://{slot}"),
                        taken_of: "j1".to_owned(),
                        triggered_at: jiff::Timestamp::UNIX_EPOCH,
                        took: None,
                        bytes: None,
                        metadata_version: None,
                        metadata_digest: None,
                    },
                }),
                None => Proof::default(),
            };
            run.write(Record::Done {
                step: step.id.clone(),
                proof,
            });
        }
        run
    }

    fn offer(&self, present: Option<&World>) -> Result<Offer, NoWayBack> {
        let state = RunState::fold(&self.lines).expect("a journal");
        let now = jiff::Timestamp::from_second(90).expect("a time");
        let present = present.map(|world| upshift_model::inventory::Inventory {
            format: upshift_model::inventory::INVENTORY_FORMAT,
            system: "orders".into(),
            taken_at: now,
            facts: upshift_model::inventory::Facts::RealtimeCompute(Box::new(world.facts.clone())),
            gaps: Vec::new(),
        });
        way_back(&state, present.as_ref(), now)
    }

    /// What the way back does, a step a line.
    fn back(&self, present: Option<&World>) -> String {
        let offer = self.offer(present).unwrap_or_else(|no| panic!("{no:?}"));
        let words = |step: &upshift_model::step::Step| render::words(&offer.plan, &step.effect);
        let steps: Vec<String> = offer.plan.steps().map(words).collect();
        let asks = offer.doubles.join(", ");
        format!(
            "{}\nreplays {}: {}; asks for {asks:?}",
            steps.join("\n"),
            offer.replays,
            offer.amount
        )
    }
}

#[test]
fn the_way_back_from_every_step_leads_to_a_savepoint_of_the_old_engine() {
    let world = World::new();
    let forward = plan(&world);
    let mut told = String::new();
    for step in forward.steps() {
        let run = Run::up_to(&forward, step.id.as_str());
        told.push_str(&format!("== in {}\n{}\n", step.id, run.back(None)));
    }
    assert!(!told.contains("LATEST"));
    expect![[r#"
        == in 1.1
        delete the deployment orders-upg (vvr-8.0.11-flink-1.17)
        replays 0 ms: ; asks for ""
        == in 2.1
        delete the deployment orders-upg (vvr-8.0.11-flink-1.17)
        replays 0 ms: ; asks for ""
        == in 2.2
        orders: cancel on orders (vvr-8.0.9-flink-1.17)
        orders: start from before/orders on orders (vvr-8.0.9-flink-1.17)
        wait until vvr-8.0.9-flink-1.17 answers · the job runs · restored from before · a checkpoint since · no restarts
        delete the deployment orders-upg (vvr-8.0.11-flink-1.17)
        replays 90 s: all since the savepoint before the stop; written twice where the sink does not tell; asks for "orders"
        == in 2.3
        orders: cancel on orders-upg (vvr-8.0.11-flink-1.17)
        orders: start from S/orders on orders (vvr-8.0.9-flink-1.17)
        wait until vvr-8.0.9-flink-1.17 answers · the job runs · restored from S · a checkpoint since · no restarts
        replays 90 s: all that the new engine has processed since its start; written twice where the sink does not tell; asks for "orders"
        == in 2.4
        orders: cancel on orders-upg (vvr-8.0.11-flink-1.17)
        orders: start from S/orders on orders (vvr-8.0.9-flink-1.17)
        wait until vvr-8.0.9-flink-1.17 answers · the job runs · restored from S · a checkpoint since · no restarts
        replays 90 s: all that the new engine has processed since its start; written twice where the sink does not tell; asks for "orders"
        == in 3.1
        orders: cancel on orders-upg (vvr-8.0.11-flink-1.17)
        orders: start from S/orders on orders (vvr-8.0.9-flink-1.17)
        wait until vvr-8.0.9-flink-1.17 answers · the job runs · restored from S · a checkpoint since · no restarts
        replays 90 s: all that the new engine has processed since its start; written twice where the sink does not tell; asks for "orders"
        == in 4.1
        orders: cancel on orders-upg (vvr-8.0.11-flink-1.17)
        orders: start from S/orders on orders (vvr-8.0.9-flink-1.17)
        wait until vvr-8.0.9-flink-1.17 answers · the job runs · restored from S · a checkpoint since · no restarts
        replays 90 s: all that the new engine has processed since its start; written twice where the sink does not tell; asks for "orders"
    "#]].assert_eq(&told);
}

#[test]
fn in_place_the_version_is_set_back_first() {
    let mut world = World::new();
    world.declaration.strategy = Strategy::InPlace;
    let run = Run::up_to(&plan(&world), "1.4");
    expect![[r#"
        orders: cancel on orders
        orders: name vvr-8.0.9-flink-1.17 as its engine, where it named vvr-8.0.11-flink-1.17
        orders: start from S/orders on orders
        wait until vvr-8.0.9-flink-1.17 answers · the job runs · restored from S · a checkpoint since · no restarts
        replays 90 s: all that the new engine has processed since its start; written twice where the sink does not tell; asks for "orders""#]].assert_eq(&run.back(None));
}

#[test]
fn a_stop_that_came_to_nothing_while_the_job_is_seen_to_run_leaves_it_running() {
    let world = World::new();
    let mut run = Run::up_to(&plan(&world), "2.2");
    let failure = Failure {
        code: "UP-RC-0304".to_owned().into(),
        what: "it expired".to_owned(),
        far_side: None,
    };
    run.write(Record::Failed {
        step: "2.2".into(),
        attempt: 1,
        failure,
    });
    assert!(!run.back(Some(&world)).contains("start from"));
    // What is not seen is not believed to run.
    assert!(run.back(None).contains("start from before/orders"));
}

#[test]
fn nobody_goes_back_from_what_was_accepted() {
    let mut world = World::new();
    world.declaration.delete_originals = true;
    let run = Run::up_to(&plan(&world), "5.1");
    let code: Code = run.offer(None).expect_err("closed").code;
    assert_eq!(code, ACCEPTED);
    let mut over = Run::up_to(&plan(&world), "1.1");
    over.write(Record::Closed {
        outcome: upshift_model::record::Outcome::Abandoned,
        left: Vec::new(),
        by: None,
    });
    assert_eq!(over.offer(None).expect_err("over").code, NO_WAY_TO_GO_BACK);
}
