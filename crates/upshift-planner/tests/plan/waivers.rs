//! Consents that change what a plan does.

use upshift_model::flink::Target;
use upshift_model::ids::ComponentId;
use upshift_model::plan::{self, Plan};
use upshift_model::policy::OnLaneFailure;
use upshift_model::step::{Effect, Releasable, StartWhat, StopWhat, WayBack};
use upshift_model::waiver::Waiver;
use upshift_planner::lint::lint;
use upshift_planner::render;
use upshift_planner::systems::flink::recipe::codes;

use crate::stories::{in_place, planned, shadow, with_second_job};
use crate::support::World;

fn waive(world: &mut World, code: upshift_model::ids::Code, subject: &str) {
    world.declaration.waivers.push(Waiver {
        code,
        subject: subject.to_owned(),
        reason: "agreed with the team".to_owned(),
        by: None,
        ticket: None,
        until: None,
    });
}

fn sound(plan: &Plan) {
    let said: Vec<String> = lint(plan).iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "{said:#?}");
}

fn may_drop(plan: &Plan) -> bool {
    plan.steps().any(|step| {
        matches!(
            step.effect,
            Effect::Start {
                what: StartWhat::Job {
                    may_drop_state: true,
                    ..
                }
            }
        )
    })
}

#[test]
fn state_is_dropped_only_of_operators_that_a_waiver_names() {
    let mut world = shadow();
    assert!(!may_drop(&planned(&world)));
    waive(&mut world, codes::STATE_DROPPED, "operator tally of job another");
    assert!(!may_drop(&planned(&world)));
    waive(&mut world, codes::STATE_DROPPED, "operator tally of job orders");
    let plan = planned(&world);
    assert!(may_drop(&plan));
    assert_eq!(plan.waivers.len(), 1);
    sound(&plan);
    let tree = render::tree(&plan.seal());
    assert!(
        tree.contains("state of tally may be dropped, as waivers name it"),
        "{tree}"
    );
    world
        .declaration
        .waivers
        .iter_mut()
        .for_each(|w| w.until = Some(world.today.yesterday().expect("a day")));
    assert!(!may_drop(&planned(&world)));
}

#[test]
fn a_checkpoint_is_adopted_only_with_the_file_and_a_waiver() {
    let adopts = |plan: &Plan| {
        plan.steps()
            .any(|s| matches!(s.effect, Effect::AdoptCheckpoint { .. }))
    };
    let mut world = shadow();
    waive(&mut world, codes::BY_CHECKPOINT, "job orders");
    assert!(!adopts(&planned(&world)), "the file does not allow it");
    world.declared().may_use_checkpoint = true;
    let plan = planned(&world);
    assert!(adopts(&plan));
    assert!(
        !plan
            .steps()
            .any(|s| matches!(s.effect, Effect::TakeRestorePoint { .. }))
    );
    sound(&plan);
    world.declaration.waivers.clear();
    assert!(!adopts(&planned(&world)), "nobody agreed");
}

#[test]
fn a_job_without_state_is_cancelled_and_started_from_nothing() {
    for mut world in [in_place(), shadow()] {
        world.declared().stateless = true;
        let plan = planned(&world);
        sound(&plan);
        let cancels = plan.steps().filter(|s| {
            matches!(
                s.effect,
                Effect::Stop {
                    what: StopWhat::JobCancel { .. }
                }
            )
        });
        assert_eq!(cancels.count(), 1);
        assert!(plan.steps().any(|s| matches!(
            s.effect,
            Effect::Start {
                what: StartWhat::Job { from: None, .. }
            }
        )));
    }
}

#[test]
fn an_old_cluster_that_others_use_is_left_and_it_is_said() {
    let stops_old = |plan: &Plan| {
        plan.steps().any(|s| {
            matches!(
                s.effect,
                Effect::Release {
                    what: Releasable::ClusterProcesses { .. }
                }
            )
        })
    };
    let mut world = shadow();
    assert!(stops_old(&planned(&world)));
    with_second_job(&mut world);
    world.declaration.jobs.pop();
    let plan = planned(&world);
    assert!(!stops_old(&plan));
    assert!(
        plan.strategy_why
            .iter()
            .any(|why| why.contains("it also runs billing")),
        "{:?}",
        plan.strategy_why
    );
    sound(&plan);
}

#[test]
fn without_the_old_jar_the_way_back_closes_at_the_switch() {
    let mut world = in_place();
    let old = world.declaration.jobs[1].current.jar.clone();
    world.facts.host.jars.remove(&old);
    let plan = planned(&world);
    assert_eq!(plan.waves[0].outlook.way_back, WayBack::Free);
    for wave in &plan.waves[1..6] {
        assert_eq!(
            wave.outlook.way_back,
            WayBack::Closed {
                because: codes::OLD_JAR_GONE
            }
        );
    }
    sound(&plan);
    let tree = render::tree(&plan.seal());
    let (line, switch) = (tree.find("point of no return"), tree.find("wave 2  switch"));
    assert!(line < switch && line.is_some(), "{tree}");
}

#[test]
fn without_the_old_installation_the_way_back_closes_when_the_cluster_goes() {
    let mut world = in_place();
    world.facts.host.current_home = None;
    let plan = planned(&world);
    assert!(matches!(plan.waves[1].outlook.way_back, WayBack::Restore { .. }));
    assert_eq!(
        plan.waves[2].outlook.way_back,
        WayBack::Closed {
            because: codes::OLD_INSTALLATION_GONE
        }
    );
    sound(&plan);
}

#[test]
fn uids_and_max_parallelism_go_with_the_submission() {
    let mut world = shadow();
    world.declaration.require_uids = true;
    let plan = planned(&world);
    let plan::Site::Flink(site) = &plan.site else {
        panic!("of Flink")
    };
    let job = &site.jobs[&ComponentId::from("job/orders")];
    let new = &job.submissions[&ComponentId::from("new")].configuration;
    assert_eq!(new["pipeline.auto-generate-uids"], "false");
    assert_eq!(new["pipeline.max-parallelism"], "128");
    let old = &job.submissions[&ComponentId::from("old")].configuration;
    assert!(
        !old.contains_key("pipeline.auto-generate-uids"),
        "the old job may be one without uids"
    );
}

#[test]
fn with_parking_each_job_is_proven_for_itself() {
    let mut world = in_place();
    world.declaration.policy.on_lane_failure = OnLaneFailure::Park;
    let plan = planned(&world);
    sound(&plan);
    let prove = &plan.waves[4];
    let subjects: Vec<_> = prove
        .lanes
        .iter()
        .map(|lane| lane.subject.as_ref().map(ComponentId::as_str))
        .collect();
    assert_eq!(subjects, [Some("job/orders"), Some("job/billing"), None]);
}

#[test]
fn only_jobs_that_differ_are_touched_on_one_cluster() {
    let mut world = World::same_cluster();
    with_second_job(&mut world);
    world.declaration.jobs[0].target = world.declaration.jobs[0].current.clone();
    assert!(matches!(world.declaration.target, Target::SameCluster));
    let plan = planned(&world);
    let plan::Site::Flink(site) = &plan.site else {
        panic!("of Flink")
    };
    assert_eq!(
        site.jobs.keys().map(ComponentId::as_str).collect::<Vec<_>>(),
        ["job/billing"]
    );
}
