//! Plans of Fluss: the order, the gates, what each wave costs, and the way back from wherever a run stands.

use expect_test::{Expect, expect};
use upshift_model::expect::Expectation;
use upshift_model::fluss::{Condition, DeclaredServer, ServerId};
use upshift_model::ids::{Code, RunId, StepId};
use upshift_model::plan::Plan;
use upshift_model::policy::Strategy;
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Entry, Intent, Line as Written, Outcome, RECORD_FORMAT, Record, Who};
use upshift_model::run_state::RunState;
use upshift_model::step::{Effect, StartWhat, StopWhat};
use upshift_planner::dispatch::{NoPlan, NoWayBack, Offer, way_back};
use upshift_planner::{lint, render};

use super::turns::back;
use super::*;

/// A world whose file names every server.
pub(crate) fn named(from: &str, to: &str, line: Line) -> World {
    let mut world = world(from, to, line);
    let ids = [ServerId::Coordinator]
        .into_iter()
        .chain((0..3).map(ServerId::TabletServer));
    world.declaration.servers = ids
        .zip(100..)
        .map(|(id, pid)| DeclaredServer {
            id,
            conf: format!("/srv/{pid}").into(),
            target_conf: format!("/srv/{pid}").into(),
            start: vec![format!("/opt/fluss-{from}/start"), pid.to_string()],
            target_start: vec![format!("/opt/fluss-{to}/start"), pid.to_string()],
        })
        .collect();
    world.declaration.evidence = Some("/var/lib/upshift/evidence".into());
    world
}

pub(crate) fn planned(world: &World) -> Result<Plan, NoPlan> {
    let today = (jiff::civil::date(2026, 11, 27), jiff::Timestamp::UNIX_EPOCH);
    let situation =
        Situation::new(&world.declaration, &world.system, &LIBRARY, today, stamp()).expect("releases");
    dispatch::Situation::Fluss(Box::new(situation)).plan(&world.findings())
}

pub(crate) fn plan(world: &World) -> Plan {
    let plan = planned(world).unwrap_or_else(|no| panic!("{no:?}"));
    let flaws: Vec<String> = lint::lint(&plan).iter().map(ToString::to_string).collect();
    assert!(flaws.is_empty(), "{flaws:#?}");
    plan
}

/// The tree without its head and foot.
fn tree(plan: &Plan, expected: Expect) {
    let text = render::tree(&plan.clone().seal());
    let waves: Vec<&str> = text
        .lines()
        .skip(3)
        .take_while(|line| !line.starts_with("needs:"))
        // The expected text is held without the indentation that all of it has in common.
        .map(|line| line.strip_prefix("  ").unwrap_or(line))
        .collect();
    expected.assert_eq(&(waves.join("\n") + "\n"));
}

pub(crate) fn no_plan(world: &World, code: &Code) {
    assert_eq!(planned(world).expect_err("no plan").code, *code);
}

/// The order in which servers are stopped (`-`) and started (`+`).
pub(crate) fn order<'a>(waves: impl IntoIterator<Item = &'a upshift_model::step::Wave>) -> Vec<String> {
    let steps = waves
        .into_iter()
        .flat_map(|wave| &wave.lanes)
        .flat_map(|lane| &lane.steps);
    let said = steps.filter_map(|step| match &step.effect {
        Effect::Stop {
            what: StopWhat::Server { server },
        } => Some(format!("-{server}")),
        Effect::Start {
            what: StartWhat::Server { server, release },
        } => Some(format!("+{server} {release}")),
        _ => None,
    });
    said.collect()
}

#[test]
fn the_documented_order_where_it_works() {
    tree(
        &plan(&named("0.7.0", "0.9.1-incubating", (0, 7))),
        expect![[r#"
            wave 1  prepare                             no downtime
              1.1     copy what the cluster knows of itself into /var/lib/upshift/evidence
                      evidence of how it was; put back under newer data it would not be consistent
              1.2     make upshift_canary: 3 parts, 3 copies of each
                      while every server is there: with one away, tables of as many replicas cannot be made
              1.3     for 1 s: every server is registered, every replica in sync, every bucket led
              1.4     write into and read from every part of upshift_canary, over fresh connections  ~2 s
              back:     free, 2 steps
              open:     with new tablet servers and the old coordinator every hop from 0.7 on can be taken
                        back server by server

            wave 2  tablet server 0                     no downtime
              2.1     tablet server 0: SIGTERM by its pid, and wait                               ~6 s
                      once every bucket can do without tablet server 0 and keeps 2 replicas in sync, no
                        rebalance, no server tagged
                      led elsewhere for a moment and from then on: lab.orders_log bucket 0, lab.orders_pk
                        bucket 0
                      tables and partitions of 3 replicas cannot be made until it is back
                      0.7 cannot move its leaders before it goes: they are elected elsewhere once it is gone
              2.2     tablet server 0: start 0.9.1-incubating                                     ~7 s
              2.3     make upshift_canary anew: 3 parts, 3 copies of each
                      every server leads a part of a new one, and so does the one that came last
              2.4     write into and read from every part of upshift_canary, over fresh connections  ~2 s
              2.5     for 1 s: every server is registered, every replica in sync, every bucket led
              2.6     wait until tablet server 0 had left .fluss_cleanshutdown when it was stopped
              back:     free, 8 steps

            wave 3  tablet server 1                     no downtime
              3.1     tablet server 1: SIGTERM by its pid, and wait                               ~6 s
                      once every bucket can do without tablet server 1 and keeps 2 replicas in sync, no
                        rebalance, no server tagged
                      led elsewhere for a moment and from then on: lab.orders_log bucket 1, lab.orders_pk
                        bucket 1
                      tables and partitions of 3 replicas cannot be made until it is back
                      0.7 cannot move its leaders before it goes: they are elected elsewhere once it is gone
              3.2     tablet server 1: start 0.9.1-incubating                                     ~7 s
              3.3     make upshift_canary anew: 3 parts, 3 copies of each
                      every server leads a part of a new one, and so does the one that came last
              3.4     write into and read from every part of upshift_canary, over fresh connections  ~2 s
              3.5     for 1 s: every server is registered, every replica in sync, every bucket led
              3.6     wait until tablet server 1 had left .fluss_cleanshutdown when it was stopped
              back:     free, 14 steps

            wave 4  tablet server 2                     no downtime
              4.1     tablet server 2: SIGTERM by its pid, and wait                               ~6 s
                      once every bucket can do without tablet server 2 and keeps 2 replicas in sync, no
                        rebalance, no server tagged
                      led elsewhere for a moment and from then on: lab.orders_log bucket 2, lab.orders_pk
                        bucket 2
                      tables and partitions of 3 replicas cannot be made until it is back
                      0.7 cannot move its leaders before it goes: they are elected elsewhere once it is gone
              4.2     tablet server 2: start 0.9.1-incubating                                     ~7 s
              4.3     make upshift_canary anew: 3 parts, 3 copies of each
                      every server leads a part of a new one, and so does the one that came last
              4.4     write into and read from every part of upshift_canary, over fresh connections  ~2 s
              4.5     for 1 s: every server is registered, every replica in sync, every bucket led
              4.6     wait until tablet server 2 had left .fluss_cleanshutdown when it was stopped
              back:     free, 20 steps

            wave 5  coordinator                         no downtime
              5.1     coordinator: SIGTERM by its pid, and wait                                   ~6 s
                      once every server is registered, every replica in sync, every bucket led, no rebalance,
                        no server tagged
                      tables and partitions cannot be made or changed until the new one leads, 5 to 10 s;
                        reads and writes go on
                      a tablet server that fails meanwhile keeps the lead of its buckets until then
              5.2     coordinator: start 0.9.1-incubating                                         ~7 s
              5.3     make upshift_canary_made_after anew: 1 parts, 3 copies of each
                      the new coordinator makes tables
              5.4     write into and read from every part of upshift_canary, over fresh connections  ~2 s
              5.5     for 1 s: every server is registered, every replica in sync, every bucket led
              back:     free, 25 steps
              open:     upstream promises no way back
                        0.7 takes over again from 0.9, coordinator and all, where none of the new features was
                        used: every acknowledged record was read back

            wave 6  leaders                             no downtime
              6.1     drop upshift_canary_made_after
              6.2     drop upshift_canary
              6.3     spread the leaders over all tablet servers                                  ~2 s
                      once every server is registered, every replica in sync, every bucket led, no rebalance,
                        no server tagged
                      leaders stay where they went, so the server that came last leads least; replicas stay
                        where they are
                      upshift's own tables are away meanwhile: they would be counted, too
              6.4     make upshift_canary: 3 parts, 3 copies of each
                      for the last proof
              back:     free, 25 steps

            wave 7  prove                               no downtime
              7.1     for 60 s: every server is registered, every replica in sync, every bucket led
              7.2     write into and read from every part of upshift_canary, over fresh connections  ~2 s
              back:     free, 25 steps

            wave 8  accept                              no downtime
              8.1     a person says finalize, or rollback
              back:     free, 25 steps

            ──────  point of no return: what follows lets go of the old ──────
            wave 9  release                             no downtime
              9.1     drop upshift_canary_made_after
              9.2     drop upshift_canary
              back:     closed (UP-FLUSS-0202)

        "#]],
    );
}

#[test]
fn out_of_0_6_everything_is_stopped_and_the_plan_says_why_and_for_how_long() {
    let plan = plan(&named("0.6.0", "0.7.0", (0, 6)));
    assert_eq!(plan.strategy, Strategy::FullStop);
    assert!(
        plan.strategy_why[0].starts_with("all servers are stopped"),
        "{:?}",
        plan.strategy_why
    );
    assert!(
        plan.strategy_why.len() > 2,
        "the rows that refuse both orders are named: {:?}",
        plan.strategy_why
    );
    assert!(
        plan.needs[0].contains("every table is away for ~46 s"),
        "{:?}",
        plan.needs
    );
    tree(
        &plan,
        expect![[r#"
            wave 1  prepare                             no downtime
              1.1     copy what the cluster knows of itself into /var/lib/upshift/evidence
                      evidence of how it was; put back under newer data it would not be consistent
              1.2     make upshift_canary: 3 parts, 3 copies of each
                      while every server is there: with one away, tables of as many replicas cannot be made
              1.3     for 1 s: every server is registered, every replica in sync, every bucket led
              1.4     write into and read from every part of upshift_canary, over fresh connections  ~2 s
              back:     free, 2 steps
              open:     a full stop can be taken back until the new coordinator is started: no tablet server
                        of the wanted release leads a bucket before

            wave 2  stop all servers                    down ~18 s
              2.1     for 1 s: every server is registered, every replica in sync, every bucket led
              2.2     tablet server 0: SIGTERM by its pid, and wait                               ~6 s
                      once every server is registered, every replica in sync, every bucket led, no rebalance,
                        no server tagged
                      EVERYTHING IS AWAY from here until the new coordinator leads, ~46 s with little data:
                        all 6 buckets of 2 tables, for writes, reads and lookups
              2.3     tablet server 1: SIGTERM by its pid, and wait                               ~6 s
                      once still registered: coordinator, tablet-server/2
              2.4     tablet server 2: SIGTERM by its pid, and wait                               ~6 s
                      once still registered: coordinator
              2.5     coordinator: SIGTERM by its pid, and wait                                   ~6 s
                      last, since a tablet server whose snapshot no coordinator takes on deletes files of the
                        one before
              back:     free, 13 steps

            wave 3  start tablet servers                down ~21 s
              3.1     tablet server 0: start 0.7.0                                                ~7 s
              3.2     tablet server 1: start 0.7.0                                                ~7 s
              3.3     tablet server 2: start 0.7.0                                                ~7 s
              back:     free, 13 steps

            ──────  point of no return: nobody can go back from here ──────
            wave 4  start the coordinator               down ~7 s
              4.1     coordinator: start 0.7.0                                                    ~7 s
              4.2     for 1 s: every server is registered, every replica in sync, every bucket led
              4.3     make upshift_canary_made_after anew: 1 parts, 3 copies of each
                      the new coordinator makes tables
              4.4     make upshift_canary anew: 3 parts, 3 copies of each
                      every server leads a part of a new one, and so does the one that came last
              4.5     write into and read from every part of upshift_canary, over fresh connections  ~2 s
              4.6     for 1 s: every server is registered, every replica in sync, every bucket led
              back:     closed (UP-FLUSS-0109)

            wave 5  prove                               no downtime
              5.1     for 60 s: every server is registered, every replica in sync, every bucket led
              5.2     write into and read from every part of upshift_canary, over fresh connections  ~2 s
              back:     closed (UP-FLUSS-0109)

            wave 6  accept                              no downtime
              6.1     a person says finalize, or rollback
              back:     closed (UP-FLUSS-0109)

            wave 7  release                             no downtime
              7.1     drop upshift_canary_made_after
              7.2     drop upshift_canary
              back:     closed (UP-FLUSS-0202)

        "#]],
    );
}

#[test]
fn a_tablet_server_that_stayed_is_stopped_beside_a_coordinator_that_is_new_already() {
    let mut world = named("0.6.0", "0.7.0", (0, 6));
    let Observed::Known(processes) = &mut world.system.processes else {
        panic!("they are seen")
    };
    processes[0].jar = Observed::Known("0.7.0".to_owned());
    let plan = plan(&world);
    let order = order(&plan.waves);
    assert_eq!(order[0], "-tablet-server/0");
    assert!(
        order.iter().all(|said| !said.contains("coordinator")),
        "{order:?}"
    );
    let first = plan
        .steps()
        .find(|step| matches!(step.effect, Effect::Stop { .. }));
    let gated = &first.expect("one is stopped").before;
    assert_eq!(gated.len(), 2, "held against the whole cluster: {gated:?}");
}

#[test]
fn buckets_that_a_stop_takes_down_are_named_and_counted_as_downtime() {
    let mut world = named("0.7.0", "0.9.1-incubating", (0, 7));
    world.system.cluster.buckets[0].assigned = vec![1];
    let plan = plan(&world);
    let of = |title: &str| {
        plan.waves
            .iter()
            .find(|wave| wave.title == title)
            .expect("a wave")
    };
    assert_eq!(of("tablet server 0").outlook.downtime, Some(Millis::ZERO));
    assert_eq!(of("tablet server 1").outlook.downtime, Some(Millis::from_secs(8)));
    let said = of("tablet server 1").lanes[0].steps[0].why.join("\n");
    assert!(
        said.contains("AWAY until it is back") && said.contains("lab.orders_log bucket 0"),
        "{said}"
    );
}

#[test]
fn servers_of_the_wanted_release_are_left_alone_and_nothing_to_do_is_said() {
    let mut world = named("0.7.0", "0.9.1-incubating", (0, 7));
    let upgraded = |world: &mut World, at: usize| {
        let Observed::Known(processes) = &mut world.system.processes else {
            panic!("they are seen")
        };
        processes[at].jar = Observed::Known("0.9.1-incubating".to_owned());
    };
    upgraded(&mut world, 1);
    let half = plan(&world);
    assert!(
        order(&half.waves)
            .iter()
            .all(|said| !said.contains("tablet-server/0")),
        "{:?}",
        order(&half.waves)
    );
    (0..4).for_each(|at| upgraded(&mut world, at));
    no_plan(&world, &codes::NOTHING_TO_DO);
}

#[test]
fn no_plan_where_a_server_is_not_named_has_no_process_or_was_not_seen() {
    let mut world = named("0.7.0", "0.9.1-incubating", (0, 7));
    world.declaration.servers.pop();
    no_plan(&world, &codes::NOT_DECLARED);
    let mut world = named("0.7.0", "0.9.1-incubating", (0, 7));
    world.declaration.servers[1].conf = "/elsewhere".into();
    world.declaration.servers[1].target_conf = "/elsewhere".into();
    no_plan(&world, &codes::NO_PROCESS);
    let mut world = named("0.7.0", "0.9.1-incubating", (0, 7));
    world.system.processes = Observed::Unknown(gap());
    no_plan(&world, &codes::UNSEEN);
}

/// A run of a plan: what was begun and done, in order.
pub(crate) struct Run {
    pub(crate) lines: Vec<Written>,
}

impl Run {
    pub(crate) fn of(plan: &Plan) -> Self {
        let mut run = Self { lines: Vec::new() };
        let plan = Box::new(plan.clone().seal());
        run.write(Record::Opened { plan, by: who() });
        run
    }

    pub(crate) fn write(&mut self, record: Record) {
        let prev = self
            .lines
            .last()
            .map_or_else(Digest::zero, |line| line.digest().clone());
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

    pub(crate) fn begin(&mut self, step: &StepId) {
        self.begin_with(step, Baseline::default());
    }

    pub(crate) fn begin_with(&mut self, step: &StepId, baseline: Baseline) {
        self.write(Record::Intent {
            step: step.clone(),
            intent: Intent {
                key: upshift_model::ids::AttemptKey::derive(&RunId::new("r"), step, 1),
                attempt: 1,
                baseline,
                deadline: jiff::Timestamp::UNIX_EPOCH,
            },
        });
    }

    pub(crate) fn done(&mut self, step: &StepId) {
        let (step, proof) = (step.clone(), Proof::default());
        self.write(Record::Done { step, proof });
    }

    /// Everything up to a step, which is begun and no more.
    pub(crate) fn up_to(plan: &Plan, last: &str) -> Self {
        let mut run = Self::of(plan);
        for step in plan.steps() {
            let looks = matches!(step.effect, Effect::Hold { .. });
            if !looks {
                run.begin(&step.id);
            }
            if step.id.as_str() == last {
                return run;
            }
            run.done(&step.id);
        }
        panic!("no step {last}")
    }

    pub(crate) fn back(&self) -> Result<Offer, NoWayBack> {
        let state = RunState::fold(&self.lines).unwrap_or_else(|error| panic!("{error}"));
        way_back(&state, None, jiff::Timestamp::UNIX_EPOCH)
    }

    fn closed(&self, code: &Code) {
        assert_eq!(self.back().expect_err("no way back").code, *code);
    }
}

pub(crate) fn who() -> Who {
    Who {
        name: "ann".to_owned(),
        host: "h".to_owned(),
        why: None,
        ticket: None,
    }
}

#[test]
fn the_way_back_takes_back_what_was_touched_the_last_one_first() {
    let plan = plan(&named("0.7.0", "0.9.1-incubating", (0, 7)));
    let offer = Run::up_to(&plan, "3.1").back().expect("a way back");
    assert!(lint::lint(&offer.plan).is_empty());
    assert_eq!(
        order(&offer.plan.waves),
        [
            "-tablet-server/1",
            "+tablet-server/1 0.7.0",
            "-tablet-server/0",
            "+tablet-server/0 0.7.0"
        ]
    );
    let nothing = Run::of(&plan).back().expect("nothing was begun");
    assert!(nothing.plan.waves.is_empty());
    let run = Run::up_to(&plan, "5.2");
    // What was made since is no business of the plan, so without a look nobody knows.
    run.closed(&codes::UNSEEN);
    let past = back(&run, Some(&named("0.7.0", "0.9.1-incubating", (0, 7)))).expect("0.7 takes over again");
    assert_eq!(
        order(&past.plan.waves)[..4],
        [
            "-coordinator",
            "+coordinator 0.7.0",
            "-tablet-server/2",
            "+tablet-server/2 0.7.0"
        ]
    );
    let last = plan.steps().last().expect("steps").id.clone();
    Run::up_to(&plan, last.as_str()).closed(&codes::ACCEPTED);
    let mut over = Run::of(&plan);
    over.write(Record::Closed {
        outcome: Outcome::Abandoned,
        left: Vec::new(),
        by: None,
    });
    over.closed(&codes::NO_WAY_TO_GO_BACK);
}

/// People leave out what stands behind the releases of the incubator; the names of jars do not.
#[test]
fn a_server_of_the_wanted_release_is_one_with_or_without_the_name_of_the_incubator() {
    let mut world = named("0.7.0", "0.9.1", (0, 7));
    world.process(1).jar = Observed::Known("0.9.1-incubating".to_owned());
    let left = order(&plan(&world).waves);
    assert!(!left.contains(&"-tablet-server/0".to_owned()), "{left:?}");
    assert_eq!(left.len(), 6, "{left:?}");
    for at in [0, 2, 3] {
        world.process(at).jar = Observed::Known("0.9.1-incubating".to_owned());
    }
    no_plan(&world, &codes::NOTHING_TO_DO);
}

#[test]
fn a_coordinator_that_came_makes_tables_of_its_own_there_and_back() {
    let world = named("0.7.0", "0.9.1-incubating", (0, 7));
    let plan = plan(&world);
    let made = |steps: &[upshift_model::step::Step]| {
        let after = steps.iter().skip_while(|step| {
            !matches!(&step.effect, Effect::Start { what: StartWhat::Server { server, .. } } if server.as_str() == "coordinator")
        });
        let made = after.filter_map(|step| match &step.effect {
            Effect::Prepare {
                what: upshift_model::step::Preparation::Canary { anew, .. },
            } => Some(*anew),
            _ => None,
        });
        made.collect::<Vec<bool>>()[0]
    };
    let there: Vec<_> = plan.steps().cloned().collect();
    assert!(
        made(&there),
        "one that is left of an earlier run says nothing of the new one"
    );
    let offer = back(&Run::up_to(&plan, "5.2"), Some(&world)).expect("0.7 takes over again");
    let back: Vec<_> = offer.plan.steps().cloned().collect();
    assert!(
        made(&back),
        "those that are there were led by whom the newer one elected"
    );
}

/// Only a coordinator of the wanted release writes what the older one does not read, so no plan can have seen it.
#[test]
fn what_was_made_since_the_coordinator_came_closes_the_way_back() {
    let mut world = named("0.7.0", "0.9.1-incubating", (0, 7));
    let run = Run::up_to(&plan(&world), "5.4");
    let offer = back(&run, Some(&world)).expect("nothing of the new was used");
    // Somebody may make one between the offer and the step.
    let asked = |step: &upshift_model::step::Step| {
        step.before.iter().find_map(|expectation| match expectation {
            Expectation::Fluss(Condition::NothingNewer { kinds }) => Some(kinds.clone()),
            _ => None,
        })
    };
    let asked: Vec<_> = offer
        .plan
        .steps()
        .map(|step| (step.id.as_str(), asked(step)))
        .filter_map(|(id, kinds)| Some((id, kinds?)))
        .collect();
    let ids: Vec<&str> = asked.iter().map(|(id, _)| *id).collect();
    assert_eq!(
        ids,
        ["back.1.1", "back.1.2"],
        "the coordinator's stop and the older one's start"
    );
    let kinds: Vec<&str> = asked[0].1.keys().map(|kind| kind.word()).collect();
    assert_eq!(
        kinds,
        ["lake-tables", "changed-schemas", "kv-format-2", "new-table-kinds"]
    );
    let table = world.system.cluster.tables.values_mut().next().expect("a table");
    table.schemas = Observed::Known(2);
    let no = back(&run, Some(&world)).expect_err("0.7 reads no changed schema");
    assert_eq!(no.code, codes::WAY_BACK);
    assert!(
        no.what.contains("whose schema was changed under 0.9"),
        "{}",
        no.what
    );
    // What was not seen is neither open nor closed.
    let table = world.system.cluster.tables.values_mut().next().expect("a table");
    table.schemas = Observed::Unknown(gap());
    let no = back(&run, Some(&world)).expect_err("nobody knows");
    assert_eq!(no.code, codes::UNSEEN);
}

#[test]
fn past_a_coordinator_that_counts_its_starts_a_way_back_without_a_look_is_not_known() {
    let world = named("0.9.1-incubating", "1.0.0", (0, 9));
    let run = Run::up_to(&plan(&world), "5.4");
    let no = back(&run, None).expect_err("nobody looked");
    assert_eq!(no.code, codes::UNSEEN);
    back(&run, Some(&world)).expect("its epoch is zero");
}

#[test]
fn a_changed_schema_closes_the_way_back_past_the_coordinator() {
    let mut world = named("0.7.0", "0.9.1-incubating", (0, 7));
    let table = world.system.cluster.tables.values_mut().next().expect("a table");
    table.schemas = Observed::Known(2);
    let plan = plan(&world);
    Run::up_to(&plan, "4.4").back().expect("half-way it is open");
    Run::up_to(&plan, "5.2").closed(&codes::WAY_BACK);
}
