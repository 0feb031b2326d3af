//! The linter refutes every plan from which a safety step was taken out.

use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::ids::StepId;
use upshift_model::plan::Plan;
use upshift_model::span::Millis;
use upshift_model::step::{
    Downtime, Effect, Preparation, Releasable, StartWhat, Step, StopWhat, WaveOutlook, WayBack,
};
use upshift_planner::build;
use upshift_planner::lint::{Rule, lint};

use crate::stories::{all, in_place, planned, shadow};

fn steps(plan: &mut Plan) -> impl Iterator<Item = &mut Step> {
    plan.waves
        .iter_mut()
        .flat_map(|wave| wave.lanes.iter_mut().flat_map(|lane| lane.steps.iter_mut()))
}

/// Takes out every step that `pick` names, and numbers the rest anew.
fn without(plan: &mut Plan, pick: impl Fn(&Effect) -> bool) {
    for wave in &mut plan.waves {
        for lane in &mut wave.lanes {
            lane.steps.retain(|step| !pick(&step.effect));
        }
        wave.lanes.retain(|lane| !lane.steps.is_empty());
    }
    let keep: Vec<bool> = plan.waves.iter().map(|wave| !wave.lanes.is_empty()).collect();
    let mut at = keep.iter();
    plan.ways_back.retain(|_| *at.next().expect("one for each"));
    plan.waves.retain(|wave| !wave.lanes.is_empty());
    build::number(&mut plan.waves, "");
}

/// The rules that the plan breaks.
fn rules(plan: &Plan) -> Vec<Rule> {
    lint(plan).into_iter().map(|flaw| flaw.rule).collect()
}

fn check(plan: &Plan, breaks: impl Fn(&Rule) -> bool) {
    let found = lint(plan);
    let said: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(
        found.iter().any(|flaw| breaks(&flaw.rule)),
        "the linter found {said:#?}"
    );
}

fn is_stop_into(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Stop {
            what: StopWhat::JobInto { .. }
        }
    )
}

fn is_start_job(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Start {
            what: StartWhat::Job { .. }
        }
    )
}

#[test]
fn no_plan_of_the_recipes_has_a_flaw() {
    for (name, world) in all() {
        let said: Vec<String> = lint(&planned(&world)).iter().map(ToString::to_string).collect();
        assert!(said.is_empty(), "{name}: {said:#?}");
    }
}

#[test]
fn a_savepoint_that_nobody_read() {
    // In place, the two jobs may not start from it, and the old cluster may not be stopped on the
    // strength of it; a shadow copy's old cluster neither.
    for (world, flaws) in [(in_place(), 4), (shadow(), 2)] {
        let mut plan = planned(&world);
        without(&mut plan, |effect| match effect {
            Effect::Hold {
                gate: Gate::Soak { watch, .. },
            } => watch.iter().any(|e| matches!(e, Expectation::Fits { .. })),
            _ => false,
        });
        let unread = lint(&plan)
            .into_iter()
            .filter(|flaw| matches!(flaw.rule, Rule::NotVerified { .. }));
        assert_eq!(unread.count(), flaws);
    }
}

#[test]
fn a_job_that_was_never_stopped() {
    let mut plan = planned(&shadow());
    without(&mut plan, is_stop_into);
    check(&plan, |rule| matches!(rule, Rule::StartedTwice { .. }));
    check(&plan, |rule| matches!(rule, Rule::SlotUnfilled { .. }));
}

#[test]
fn a_job_that_is_started_twice() {
    let mut plan = planned(&shadow());
    let lane = plan
        .waves
        .iter_mut()
        .flat_map(|w| &mut w.lanes)
        .find(|l| l.steps.iter().any(|s| is_start_job(&s.effect)));
    let lane = lane.expect("a start");
    let again = lane.steps.last().expect("a step").clone();
    lane.steps.push(again);
    build::number(&mut plan.waves, "");
    check(&plan, |rule| matches!(rule, Rule::StartedTwice { .. }));
}

#[test]
fn a_job_that_stays_down() {
    let mut plan = planned(&shadow());
    without(&mut plan, is_start_job);
    check(&plan, |rule| matches!(rule, Rule::DownForEver { .. }));
}

#[test]
fn a_job_that_is_stopped_without_a_look_which_one_it_is() {
    let mut plan = planned(&in_place());
    let looks = |e: &Expectation| matches!(e, Expectation::JobIs { .. });
    steps(&mut plan).for_each(|step| step.before.retain(|e| !looks(e)));
    check(&plan, |rule| matches!(rule, Rule::NotIdentified { .. }));
}

#[test]
fn a_start_that_is_believed_unseen() {
    for gone in ["runs", "restored"] {
        let mut plan = planned(&shadow());
        steps(&mut plan)
            .filter(|s| is_start_job(&s.effect))
            .for_each(|step| {
                step.after.retain(|e| match e {
                    Expectation::JobRunning { .. } => gone != "runs",
                    Expectation::RestoredFrom { .. } => gone != "restored",
                    _ => true,
                });
            });
        check(&plan, |rule| matches!(rule, Rule::NotSeenRunning { .. }));
    }
}

#[test]
fn a_cluster_that_stops_under_a_job() {
    let mut plan = planned(&in_place());
    plan.waves.swap(1, 2);
    build::number(&mut plan.waves, "");
    check(&plan, |rule| matches!(rule, Rule::StopsUnderJob { .. }));
}

#[test]
fn a_cluster_that_stops_without_a_look_for_other_jobs() {
    for world in [in_place(), shadow()] {
        let mut plan = planned(&world);
        steps(&mut plan).for_each(|step| {
            step.before
                .retain(|e| !matches!(e, Expectation::NoOtherJobs { .. }))
        });
        check(&plan, |rule| matches!(rule, Rule::NotAlone { .. }));
    }
}

#[test]
fn a_cluster_that_starts_where_another_answers() {
    let mut plan = planned(&in_place());
    without(&mut plan, |e| {
        matches!(
            e,
            Effect::Stop {
                what: StopWhat::Cluster { .. }
            }
        )
    });
    check(&plan, |rule| matches!(rule, Rule::AddressTaken { .. }));
}

#[test]
fn a_job_on_a_cluster_that_nobody_started() {
    let mut plan = planned(&in_place());
    without(&mut plan, |e| {
        matches!(
            e,
            Effect::Start {
                what: StartWhat::Cluster { .. }
            }
        )
    });
    // A cluster that no step starts counts as one that runs; stopping the only one gives it away.
    check(&plan, |rule| {
        matches!(
            rule,
            Rule::LeadsElsewhere { .. } | Rule::ClusterDown { .. } | Rule::OnTheWayBack { .. }
        )
    });
}

#[test]
fn a_jar_that_nobody_uploaded() {
    let mut plan = planned(&shadow());
    without(&mut plan, |e| matches!(e, Effect::Transfer { .. }));
    check(&plan, |rule| matches!(rule, Rule::Unbound { .. }));
}

#[test]
fn a_probe_without_its_value_of_before() {
    let mut plan = planned(&shadow());
    without(&mut plan, |e| {
        matches!(
            e,
            Effect::Prepare {
                what: Preparation::Baseline { .. }
            }
        )
    });
    check(&plan, |rule| matches!(rule, Rule::NoBaseline { .. }));
}

#[test]
fn an_upgrade_that_is_accepted_unproven() {
    let mut plan = planned(&shadow());
    without(&mut plan, |e| {
        matches!(
            e,
            Effect::Hold {
                gate: Gate::Soak { .. }
            }
        )
    });
    check(&plan, |rule| matches!(rule, Rule::NotProven { .. }));
}

#[test]
fn letting_go_before_anybody_accepted() {
    let mut plan = planned(&shadow());
    without(&mut plan, |e| {
        matches!(
            e,
            Effect::Hold {
                gate: Gate::Finalize { .. }
            }
        )
    });
    check(&plan, |rule| matches!(rule, Rule::ReleasedEarly));
}

#[test]
fn a_restore_point_that_is_let_go_early() {
    let mut plan = planned(&shadow());
    let release = plan.steps().find(|s| {
        matches!(
            s.effect,
            Effect::Release {
                what: Releasable::RestorePoint { .. }
            }
        )
    });
    let release = release.expect("one").clone();
    plan.waves[2].lanes[0].steps.push(release);
    build::number(&mut plan.waves, "");
    check(&plan, |rule| matches!(rule, Rule::ReleasedEarly));
    check(&plan, |rule| matches!(rule, Rule::NotClosed { .. }));
}

#[test]
fn state_that_is_forgotten() {
    let mut plan = planned(&shadow());
    for step in steps(&mut plan) {
        if let Effect::Start {
            what: StartWhat::Job { from, .. },
        } = &mut step.effect
        {
            *from = None;
        }
    }
    check(&plan, |rule| matches!(rule, Rule::StateForgotten { .. }));
}

#[test]
fn state_that_may_be_dropped_though_nobody_named_it() {
    let mut plan = planned(&shadow());
    for step in steps(&mut plan) {
        if let Effect::Start {
            what: StartWhat::Job { may_drop_state, .. },
        } = &mut step.effect
        {
            *may_drop_state = true;
        }
    }
    check(&plan, |rule| matches!(rule, Rule::DropsUnnamed { .. }));
}

#[test]
fn downtime_that_nobody_counts() {
    let mut plan = planned(&shadow());
    steps(&mut plan).for_each(|step| step.downtime = Downtime::None);
    assert_eq!(
        rules(&plan)
            .iter()
            .filter(|rule| **rule == Rule::DowntimeUnmarked)
            .count(),
        2
    );
}

#[test]
fn ids_that_are_not_positions() {
    let mut plan = planned(&shadow());
    plan.waves[1].lanes[0].steps[1].id = StepId::new("2.1");
    check(&plan, |rule| *rule == Rule::IdTwice);
    check(&plan, |rule| matches!(rule, Rule::IdNotPosition { .. }));
}

#[test]
fn a_step_that_is_never_tried() {
    for spoil in [
        |step: &mut Step| step.tries = 0,
        |step: &mut Step| step.give_up = Millis::ZERO,
    ] {
        let mut plan = planned(&shadow());
        spoil(&mut plan.waves[0].lanes[0].steps[0]);
        check(&plan, |rule| *rule == Rule::NeverTried);
    }
}

#[test]
fn an_empty_lane() {
    let mut plan = planned(&shadow());
    plan.waves[0].lanes[1].steps.clear();
    check(&plan, |rule| *rule == Rule::EmptyLane { wave: 1 });
}

#[test]
fn one_job_in_two_lanes() {
    let mut plan = planned(&shadow());
    let lane = plan.waves[1].lanes[0].clone();
    plan.waves[1].lanes.push(lane);
    build::number(&mut plan.waves, "");
    check(&plan, |rule| matches!(rule, Rule::TornJob { wave: 2, .. }));
}

#[test]
fn a_way_back_that_is_missing() {
    let mut plan = planned(&in_place());
    plan.ways_back.pop();
    check(&plan, |rule| matches!(rule, Rule::WaysBackMissing { .. }));
    for wave in 1..6 {
        let mut plan = planned(&in_place());
        plan.ways_back[wave].clear();
        check(
            &plan,
            |rule| matches!(rule, Rule::LeadsElsewhere { wave: at, .. } if *at == wave + 1),
        );
    }
}

#[test]
fn a_way_back_that_lacks_any_one_step() {
    for (name, world) in all() {
        let whole = planned(&world);
        for at in 0..whole.waves.len() {
            for (wave, lane, step) in positions(&whole, at) {
                let mut plan = whole.clone();
                let gone = plan.ways_back[at][wave].lanes[lane].steps.remove(step);
                let cleaning = matches!(gone.effect, Effect::Release { .. } | Effect::Hold { .. });
                plan.ways_back[at]
                    .iter_mut()
                    .for_each(|w| w.lanes.retain(|l| !l.steps.is_empty()));
                plan.ways_back[at].retain(|w| !w.lanes.is_empty());
                build::number(&mut plan.ways_back[at], "back.");
                let flaws = lint(&plan);
                assert!(
                    !flaws.is_empty() || cleaning,
                    "{name}: wave {} without {:?}",
                    at + 1,
                    gone.effect
                );
            }
        }
    }
}

fn positions(plan: &Plan, at: usize) -> Vec<(usize, usize, usize)> {
    let mut all = Vec::new();
    for (wave_at, wave) in plan.ways_back[at].iter().enumerate() {
        for (lane_at, lane) in wave.lanes.iter().enumerate() {
            all.extend((0..lane.steps.len()).map(|step| (wave_at, lane_at, step)));
        }
    }
    all
}

#[test]
fn a_way_back_that_says_other_than_it_does() {
    let mut plan = planned(&in_place());
    let outlook = WaveOutlook {
        way_back: WayBack::Free,
        ..plan.waves[1].outlook.clone()
    };
    plan.waves[1].outlook = outlook;
    check(&plan, |rule| matches!(rule, Rule::OtherSlots { wave: 2 }));
}

#[test]
fn a_way_back_that_opens_again() {
    let mut plan = planned(&in_place());
    let closed = plan.waves[6].outlook.way_back.clone();
    plan.waves[2].outlook.way_back = closed;
    plan.ways_back[2].clear();
    check(&plan, |rule| matches!(rule, Rule::OpensAgain { wave: 4 }));
}

#[test]
fn a_component_that_the_site_does_not_have() {
    let mut plan = planned(&shadow());
    let upshift_model::plan::Site::Flink(site) = &mut plan.site else {
        panic!("of Flink")
    };
    site.clusters.retain(|id, _| id.as_str() != "new");
    check(&plan, |rule| matches!(rule, Rule::UnknownComponent { .. }));
}
