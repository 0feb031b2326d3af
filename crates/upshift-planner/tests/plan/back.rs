//! The way back, from every place where a run can stand.

use upshift_model::digest::Digest;
use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::ids::{Code, Slot};
use upshift_model::inventory::Inventory;
use upshift_model::observed::Observed;
use upshift_model::plan::{Direction, Plan};
use upshift_model::record::{Answer, Failure, Halt, HaltKind, Outcome, Question, Record};
use upshift_model::span::Millis;
use upshift_model::step::{Effect, ForeignId, StartWhat, Step, StopWhat};
use upshift_planner::dispatch::left_over;
use upshift_planner::lint::lint;
use upshift_planner::render;
use upshift_planner::systems::flink::back::{BackError, plan_back, replay};
use upshift_planner::systems::flink::recipe::codes;

use crate::runs::{Journal, Sim, somebody};
use crate::stories::{all, in_place, planned, shadow};
use crate::support::World;

fn is_stop_of_job(step: &Step) -> bool {
    matches!(
        step.effect,
        Effect::Stop {
            what: StopWhat::JobInto { .. }
        }
    )
}

fn is_finalize(step: &Step) -> bool {
    matches!(
        step.effect,
        Effect::Hold {
            gate: Gate::Finalize { .. }
        }
    )
}

fn is_start_of_job(step: &Step) -> bool {
    matches!(
        step.effect,
        Effect::Start {
            what: StartWhat::Job { .. }
        }
    )
}

fn sound(plan: &Plan) {
    let said: Vec<String> = lint(plan).iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "{said:#?}");
}

/// A run of the plan up to the step that `stop_at` names, which is intended and no more.
fn run_to(plan: &Plan, stop_at: impl Fn(&Step) -> bool) -> (Journal, Step) {
    let mut journal = Journal::open(plan);
    for step in plan.steps() {
        journal.intend(step);
        if stop_at(step) {
            return (journal, step.clone());
        }
        journal.finish(step);
    }
    panic!("no such step")
}

/// Whatever the world is, the way back ends where the run began.
fn leads_home(forward: &Plan, back: &Plan, mut world: Sim) {
    sound(back);
    for step in back.steps() {
        world.carry_out(back, step);
    }
    assert_eq!(
        world,
        Sim::before(forward),
        "after {:#?}",
        back.steps().map(|s| &s.effect).collect::<Vec<_>>()
    );
}

#[test]
fn from_every_record_of_every_run_the_way_leads_home() {
    for (name, world) in all() {
        let plan = planned(&world);
        let mut journal = Journal::open(&plan);
        let mut sim = Sim::before(&plan);
        let mut accepted = false;
        for step in plan.steps() {
            journal.intend(step);
            // The try may have taken effect, or not: the way back must serve both.
            let mut after = sim.clone();
            after.carry_out(&plan, step);
            match plan_back(&journal.fold(), None, journal.now()) {
                Ok(back) => {
                    assert!(!is_stop_of_job(step), "{name}: {} is not settled", step.id);
                    leads_home(&plan, &back, sim.clone());
                    leads_home(&plan, &back, after.clone());
                }
                Err(BackError::Unsettled { step: at, .. }) => {
                    assert!(is_stop_of_job(step) && at == step.id, "{name}: {at}");
                }
                Err(error) => assert!(
                    accepted && error == BackError::Accepted,
                    "{name} at {}: {error}",
                    step.id
                ),
            }
            journal.finish(step);
            sim = after;
            accepted |= is_finalize(step);
            match plan_back(&journal.fold(), None, journal.now()) {
                Ok(back) => leads_home(&plan, &back, sim.clone()),
                Err(error) => assert!(
                    accepted && error == BackError::Accepted,
                    "{name} after {}: {error}",
                    step.id
                ),
            }
        }
        assert!(accepted, "{name}");
    }
}

#[test]
fn the_way_back_that_a_plan_shows_is_the_one_that_is_taken() {
    for (name, world) in all() {
        let plan = planned(&world);
        let mut journal = Journal::open(&plan);
        for (at, wave) in plan.waves.iter().enumerate() {
            let steps = wave.lanes.iter().flat_map(|lane| &lane.steps);
            steps.clone().for_each(|step| {
                journal.intend(step);
                journal.finish(step);
            });
            let shown = &plan.ways_back[at];
            match plan_back(&journal.fold(), None, journal.now()) {
                Ok(back) => {
                    let effects = |waves: &[upshift_model::step::Wave]| {
                        let steps = waves
                            .iter()
                            .flat_map(|w| w.lanes.iter().flat_map(|l| l.steps.clone()));
                        steps.map(|step| (step.id, step.effect)).collect::<Vec<_>>()
                    };
                    assert_eq!(effects(shown), effects(&back.waves), "{name}, wave {}", at + 1);
                }
                // Saying the word is the last thing of its wave: until then the way is open.
                Err(error) => assert_eq!(error, BackError::Accepted, "{name}, wave {}", at + 1),
            }
        }
    }
}

#[test]
fn a_stop_that_may_have_happened_is_looked_at_first() {
    let world = shadow();
    let plan = planned(&world);
    let (journal, step) = run_to(&plan, is_stop_of_job);
    let error = plan_back(&journal.fold(), None, journal.now()).expect_err("not settled");
    assert_eq!(error.code(), codes::UNSETTLED);
    assert!(error.to_string().contains(step.id.as_str()), "{error}");
    // Seen to run under its old id: it did not leave, and only the new cluster has to go.
    let back =
        plan_back(&journal.fold(), Some(&world.inventory()), journal.now()).expect("settled by a look");
    assert!(!back.steps().any(is_start_of_job));
    leads_home(&plan, &back, {
        let mut sim = Sim::before(&plan);
        sim.clusters.insert("new".into());
        sim
    });
}

#[test]
fn a_job_that_ended_without_a_savepoint_that_can_be_used_goes_back_to_the_trial_and_says_how_far() {
    let world = shadow();
    let plan = planned(&world);
    let (mut journal, step) = run_to(&plan, is_stop_of_job);
    let job = match &step.effect {
        Effect::Stop {
            what: StopWhat::JobInto { job, .. },
        } => job.clone(),
        other => panic!("{other:?}"),
    };
    let mut gone = world.inventory();
    let upshift_model::inventory::Facts::Flink(facts) = &mut gone.facts else {
        panic!("of Flink")
    };
    let Observed::Known(jobs) = &mut facts.source.jobs else {
        panic!("jobs are seen")
    };
    jobs.retain(|seen| format!("job/{}", seen.name) != job.as_str());
    // Not before the stop was given up: its savepoint may still be on its way.
    let early = plan_back(&journal.fold(), Some(&gone), journal.now()).expect_err("not settled");
    assert_eq!(early.code(), codes::UNSETTLED);

    let failure = Failure {
        code: codes::UNSETTLED,
        what: "the job is gone".to_owned(),
        far_side: None,
    };
    let halt = Halt {
        kind: HaltKind::Drift,
        failure,
        state: vec![],
    };
    journal.write(Record::Halted {
        step: Some(step.id),
        halt,
    });
    let run = journal.fold();
    let back = plan_back(&run, Some(&gone), journal.now()).expect("a way back");
    let trial = Slot::new(format!("trial/{}", job.as_str().trim_start_matches("job/")));
    let starts: Vec<_> = back
        .steps()
        .filter(|s| is_start_of_job(s))
        .filter_map(|s| s.effect.needs())
        .collect();
    assert_eq!(starts, [&trial]);
    assert!(!back.waves[0].outlook.replayed.is_empty(), "the amount is said");
    assert!(replay(&run, Some(&gone), journal.now()).is_some());
    assert!(
        plan_back(&run, None, journal.now()).is_err(),
        "without a look nobody knows"
    );
    sound(&back);
}

#[test]
fn a_savepoint_of_the_stop_that_lacks_state_is_not_what_a_job_goes_back_to() {
    let plan = planned(&shadow());
    let reads = |step: &Step| match &step.effect {
        Effect::Hold {
            gate: Gate::Soak { watch, .. },
        } => watch.iter().any(|e| matches!(e, Expectation::Fits { .. })),
        _ => false,
    };
    let read: Vec<&Step> = plan.steps().filter(|step| reads(step)).collect();
    let asked = read.iter().flat_map(|step| match &step.effect {
        Effect::Hold {
            gate: Gate::Soak { watch, .. },
        } => watch.clone(),
        _ => Vec::new(),
    });
    for expected in asked {
        let Expectation::Fits { criteria, .. } = expected else {
            continue;
        };
        assert!(
            !criteria.operators_with_state.is_empty(),
            "the gate knows who had state"
        );
    }
    let from = |code: Code| {
        let (mut journal, step) = run_to(&plan, reads);
        let failure = Failure {
            code,
            what: "it does not fit".to_owned(),
            far_side: None,
        };
        journal.write(Record::Halted {
            step: Some(step.id),
            halt: Halt {
                kind: HaltKind::Gate,
                failure,
                state: vec![],
            },
        });
        let back = plan_back(&journal.fold(), None, journal.now()).expect("a way back");
        sound(&back);
        let start = back
            .steps()
            .find(|s| is_start_of_job(s))
            .expect("it starts")
            .clone();
        start
            .effect
            .needs()
            .map(|slot| slot.to_string())
            .expect("from something")
    };
    let starts_empty = from(Code::new("UP-FLINK-0224"));
    assert!(starts_empty.starts_with("trial/"), "{starts_empty}");
    // What the new release cannot read, the old one wrote.
    let newer = from(Code::new("UP-FLINK-0220"));
    assert!(newer.starts_with("S/"), "{newer}");
}

#[test]
fn a_stop_that_failed_left_the_job_where_it_was() {
    let plan = planned(&shadow());
    let (mut journal, step) = run_to(&plan, is_stop_of_job);
    let failure = Failure {
        code: codes::UNSETTLED,
        what: "savepoint failed".to_owned(),
        far_side: None,
    };
    journal.write(Record::Failed {
        step: step.id,
        attempt: 1,
        failure,
    });
    let back = plan_back(&journal.fold(), None, journal.now()).expect("a way back");
    assert!(!back.steps().any(is_start_of_job));
    sound(&back);
}

#[test]
fn a_start_that_may_have_happened_is_cancelled_by_the_key_that_was_sent() {
    let plan = planned(&in_place());
    let (journal, step) = run_to(&plan, is_start_of_job);
    let run = journal.fold();
    let key = run.steps[&step.id]
        .intent
        .as_ref()
        .expect("intended")
        .key
        .as_hex()
        .to_owned();
    let back = plan_back(&run, None, journal.now()).expect("a way back");
    let cancelled = back.steps().find_map(|step| match &step.effect {
        Effect::Stop {
            what: StopWhat::JobCancel { id, .. },
        } => Some(id.clone()),
        _ => None,
    });
    assert_eq!(cancelled, Some(ForeignId::Seen(key)));
}

/// The server runs the job's `main` before it knows the job: a start without an answer may be taken after the cancelling
/// found nothing.
#[test]
fn a_cluster_that_may_still_take_a_start_ends_before_the_old_job_is_started() {
    let plan = planned(&shadow());
    let (journal, _) = run_to(&plan, is_start_of_job);
    let back = plan_back(&journal.fold(), None, journal.now()).expect("a way back");
    let place = |wanted: fn(&Step) -> bool| back.steps().position(wanted);
    let ended = place(|step| {
        matches!(
            &step.effect,
            Effect::Stop {
                what: StopWhat::Cluster { .. }
            }
        )
    });
    assert!(
        ended.is_some() && ended < place(is_start_of_job),
        "{}",
        render::tree(&back.clone().seal())
    );
}

#[test]
fn the_amount_that_is_replayed_counts_from_the_savepoint() {
    let plan = planned(&shadow());
    let mut journal = Journal::open(&plan);
    for step in plan.steps().take_while(|step| !is_finalize(step)) {
        journal.intend(step);
        journal.finish(step);
        if is_stop_of_job(step) {
            assert_eq!(
                replay(&journal.fold(), None, journal.now()),
                None,
                "nothing ran since"
            );
        }
    }
    let run = journal.fold();
    let amount = replay(&run, None, journal.now()).expect("an amount");
    let since = run.bindings.slots[&"S/orders".into()].triggered_at;
    assert_eq!(amount, Millis::between(since, journal.now()));
    let back = plan_back(&run, None, journal.now()).expect("a way back");
    assert_eq!(
        back.waves[0].outlook.replayed,
        format!("orders: {amount} of input")
    );
}

#[test]
fn a_closed_way_back_says_why() {
    let world = in_place();
    let plan = planned(&world);
    let (journal, _) = run_to(&plan, is_finalize);
    let run = journal.fold();
    let look = |change: fn(&mut World)| -> Inventory {
        let mut world = in_place();
        change(&mut world);
        world.inventory()
    };
    let closed = |seen: &Inventory| plan_back(&run, Some(seen), journal.now()).expect_err("closed");
    let error = closed(&look(|w| {
        let jar = w.declaration.jobs[1].current.jar.clone();
        w.facts
            .host
            .jars
            .insert(jar, Observed::unknown("billing-1.jar", "no such file"));
    }));
    assert_eq!(error.code(), codes::OLD_JAR_GONE);
    let error = closed(&look(|w| {
        let jar = w.declaration.jobs[1].current.jar.clone();
        let other = w.facts.host.jars[&w.declaration.jobs[0].current.jar].clone();
        w.facts.host.jars.insert(jar, other);
    }));
    assert_eq!(error.code(), codes::OLD_JAR_GONE);
    let error = closed(&look(|w| {
        w.facts.host.current_home = Some(Observed::unknown(
            "release in /srv/flink-1.18.1",
            "no such directory",
        ));
    }));
    assert_eq!(error.code(), codes::OLD_INSTALLATION_GONE);
    plan_back(&run, Some(&world.inventory()), journal.now()).expect("all in hand");
}

#[test]
fn what_is_over_or_goes_back_already_has_no_way_back() {
    let plan = planned(&shadow());
    let (mut journal, _) = run_to(&plan, is_finalize);
    let back = plan_back(&journal.fold(), None, journal.now()).expect("a way back");
    assert!(matches!(&back.direction, Direction::Back { .. }));
    journal.write(Record::Turned {
        plan: Box::new(back.seal()),
        by: somebody(),
    });
    let error = plan_back(&journal.fold(), None, journal.now()).expect_err("goes back already");
    assert_eq!(error.code(), codes::NO_WAY_TO_GO_BACK);
    journal.write(Record::Closed {
        outcome: Outcome::RolledBack,
        left: Vec::new(),
        by: None,
    });
    let error = plan_back(&journal.fold(), None, journal.now()).expect_err("over");
    assert_eq!(error.code(), codes::NO_WAY_TO_GO_BACK);
}

#[test]
fn after_the_word_the_way_back_is_closed() {
    let plan = planned(&shadow());
    let (mut journal, step) = run_to(&plan, is_finalize);
    journal.finish(&step);
    let error = plan_back(&journal.fold(), None, journal.now()).expect_err("accepted");
    assert_eq!(error.code(), codes::ACCEPTED);
}

#[test]
fn the_tree_of_a_way_back() {
    let plan = planned(&in_place());
    let (journal, _) = run_to(&plan, is_finalize);
    let mut back = plan_back(&journal.fold(), None, journal.now()).expect("a way back");
    back.direction = Direction::Back { of: Digest::zero() };
    back.strategy_why.clear();
    let text = render::tree(&crate::trees::sealed(back));
    assert!(text.lines().all(|line| line.chars().count() <= render::WIDTH));
    expect_test::expect_file!["trees/back-in-place.txt"].assert_eq(&text);
}

#[test]
fn a_look_is_only_a_look() {
    let world = in_place();
    let plan = planned(&world);
    let (journal, _) = run_to(&plan, is_start_of_job);
    let run = journal.fold();
    let seen = world.inventory();
    let twice = [(); 2].map(|()| {
        plan_back(&run, Some(&seen), journal.now())
            .expect("a way back")
            .seal()
    });
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn what_is_left_over_is_named_as_people_know_it() {
    let world = shadow();
    let (journal, _) = run_to(&planned(&world), is_start_of_job);
    let left = left_over(&journal.fold(), None).join("\n");
    for id in ["cluster new", "cluster old", "job/"] {
        assert!(!left.contains(id), "{left}");
    }
    assert!(
        left.contains(": processes of 2.3.0 at http://127.0.0.1:8181, started by the run"),
        "{left}"
    );
    assert!(left.contains(": job orders on 2.3.0 at http://"), "{left}");
}

#[test]
fn the_word_that_accepts_closes_the_way_back_before_its_step_is_done() {
    let plan = planned(&shadow());
    let mut journal = Journal::open(&plan);
    for step in plan.steps().take_while(|step| !is_finalize(step)) {
        journal.intend(step);
        journal.finish(step);
    }
    // Nothing is ever sent for a person's word.
    let step = plan.steps().find(|step| is_finalize(step)).expect("it asks");
    let asked = Record::Asked {
        step: step.id.clone(),
        question: Question::Finalize,
    };
    journal.write(asked);
    assert!(plan_back(&journal.fold(), None, journal.now()).is_ok());
    journal.write(Record::Answered {
        step: step.id.clone(),
        answer: Answer::Finalize,
        by: somebody(),
    });
    let error = plan_back(&journal.fold(), None, journal.now()).expect_err("it is accepted");
    assert_eq!(error.code(), codes::ACCEPTED);
}
