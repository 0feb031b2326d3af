//! A plan that asks the target cluster for the graph of a job's jar, before the job stops.

use upshift_model::expect::Expectation;
use upshift_model::flink::GraphWay;
use upshift_model::flink::fit::GraphAsk;
use upshift_model::gate::Gate;
use upshift_model::observed::Observed;
use upshift_model::plan::Plan;
use upshift_model::step::{Effect, Step};

use crate::stories::{planned, shadow, with_second_job};

fn asks(step: &Step) -> bool {
    let Effect::Hold {
        gate: Gate::Soak { watch, .. },
    } = &step.effect
    else {
        return false;
    };
    watch.iter().any(|expectation| match expectation {
        Expectation::Fits { criteria, .. } => matches!(criteria.graph_ask, Some(GraphAsk::Now { .. })),
        _ => false,
    })
}

fn titles(plan: &Plan) -> Vec<&str> {
    plan.waves.iter().map(|wave| wave.title.as_str()).collect()
}

#[test]
fn the_target_is_asked_of_every_job_before_the_first_one_stops() {
    let mut world = shadow();
    with_second_job(&mut world);
    assert!(!titles(&planned(&world)).contains(&"judge"));
    world
        .declaration
        .jobs
        .iter_mut()
        .for_each(|job| job.graph = GraphWay::Target);
    for graphs in world.facts.graphs.values_mut() {
        graphs.wanted = Observed::unknown("operators", "the target does not stand yet");
    }
    let plan = planned(&world);
    assert_eq!(titles(&plan)[..3], ["prepare", "judge", "switch"]);
    let judging = &plan.waves[1];
    assert_eq!(judging.lanes.len(), 2);
    let steps = judging.lanes.iter().flat_map(|lane| &lane.steps);
    assert!(steps.clone().all(asks), "{judging:#?}");
    let asking = plan.steps().filter(|step| asks(step)).count();
    assert_eq!(asking, 2, "no other step runs the jar's main");
}
