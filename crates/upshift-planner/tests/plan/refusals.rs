//! When there is no plan, and what is said instead.

use upshift_model::flink::{StrategyWish, Target};
use upshift_model::observed::Observed;
use upshift_model::policy::Strategy;
use upshift_planner::systems::flink::recipe::{PlanError, codes};

use crate::stories::{in_place, job_only, plan, planned, running_cluster, shadow};
use crate::support::World;

fn check(world: &World, code: &upshift_model::ids::Code, says: &str) -> PlanError {
    let error = plan(world).expect_err("no plan");
    assert_eq!(error.code(), *code);
    assert!(error.to_string().contains(says), "{error}");
    error
}

#[test]
fn nothing_to_do() {
    let mut world = shadow();
    world.target().version = "1.20.5".parse().expect("a version");
    check(&world, &codes::NOTHING_TO_DO, "1.20.5 runs already");
    let mut world = job_only();
    world.declared().target.parallelism = Some(2);
    check(&world, &codes::NOTHING_TO_DO, "no job differs");
    let mut world = running_cluster();
    world.declaration.target = Target::RunningCluster {
        rest: world.declaration.rest.clone(),
    };
    check(&world, &codes::NOTHING_TO_DO, "127.0.0.1:8081");
    let mut world = running_cluster();
    let moved = world.running().clone();
    let Some(Observed::Known(target)) = &mut world.facts.target else {
        panic!()
    };
    target.jobs = Observed::Known(vec![moved]);
    world.running().state = "FINISHED".to_owned();
    check(&world, &codes::NOTHING_TO_DO, "127.0.0.1:8181, with every job");
}

#[test]
fn what_the_steps_are_made_of_was_not_seen() {
    let mut world = shadow();
    let jar = world.declared().target.jar.clone();
    world
        .facts
        .host
        .jars
        .insert(jar, Observed::unknown("jar orders.jar", "no such file"));
    check(&world, &codes::UNSEEN, "no such file");
    let mut world = shadow();
    world.facts.source.jobs = Observed::unknown("jobs", "no answer");
    check(&world, &codes::UNSEEN, "no answer");
    let mut world = shadow();
    world.facts.host.current_conf = Some(Observed::unknown("configuration", "permission denied"));
    check(&world, &codes::UNSEEN, "permission denied");
    let mut world = running_cluster();
    world.facts.target = Some(Observed::unknown(
        "cluster at 127.0.0.1:8181",
        "connection refused",
    ));
    check(&world, &codes::UNSEEN, "connection refused");
    let mut world = shadow();
    world.facts.host.target_home = Some(Observed::unknown(
        "release in /srv/flink-2.3.0",
        "no such directory",
    ));
    check(&world, &codes::UNSEEN, "no such directory");
}

#[test]
fn a_named_job_does_not_run_exactly_once() {
    let mut world = shadow();
    world.running().state = "FINISHED".to_owned();
    let PlanError::JobNotThere { found: 0, .. } = check(&world, &codes::JOB_NOT_THERE, "orders") else {
        panic!()
    };
    let mut world = shadow();
    let twin = world.running().clone();
    let Observed::Known(jobs) = &mut world.facts.source.jobs else {
        panic!()
    };
    jobs.push(twin);
    let PlanError::JobNotThere { found: 2, .. } = check(&world, &codes::JOB_NOT_THERE, "orders") else {
        panic!()
    };
}

#[test]
fn a_cluster_that_upshift_may_not_stop() {
    let mut world = in_place();
    world.declaration.current = None;
    check(&world, &codes::NOT_OURS_TO_STOP, "1.18.1");
}

#[test]
fn one_configuration_directory_for_both() {
    let mut world = in_place();
    let conf = world.declaration.current.as_ref().expect("declared").conf.clone();
    world.target().conf = conf;
    check(&world, &codes::SHARED_CONF, "/srv/old/conf");
}

#[test]
fn a_shadow_without_an_address() {
    let mut world = in_place();
    world.declaration.strategy = StrategyWish::Shadow;
    check(&world, &codes::NO_SHADOW_ADDRESS, "[shadow]");
}

#[test]
fn auto_takes_the_shadow_only_where_it_fits() {
    let mut world = shadow();
    world.declaration.strategy = StrategyWish::Auto;
    assert_eq!(planned(&world).strategy, Strategy::Shadow);
    for (spoil, why) in [
        (
            (|w| drop(w.facts.host.ports.insert(6223, Observed::Known(true)))) as fn(&mut World),
            "6223",
        ),
        (|w| drop(w.facts.host.ports.remove(&6224)), "6224"),
        (|w| w.target().logs = Some("/srv/old/log".into()), "/srv/old/log"),
        (
            |w| {
                let Observed::Known(config) = &mut w.facts.source.config else {
                    panic!()
                };
                config.insert("jobmanager.memory.process.size".to_owned(), "1600m".to_owned());
                config.insert("taskmanager.memory.process.size".to_owned(), "1728m".to_owned());
                let Observed::Known(managers) = &mut w.facts.source.task_managers else {
                    panic!()
                };
                managers[0].physical_memory = Some(4 << 30);
            },
            "memory",
        ),
    ] {
        let mut world = shadow();
        world.declaration.strategy = StrategyWish::Auto;
        spoil(&mut world);
        let plan = planned(&world);
        assert_eq!(plan.strategy, Strategy::InPlace, "{why}");
        assert!(
            plan.strategy_why.iter().any(|line| line.contains(why)),
            "{:?}",
            plan.strategy_why
        );
    }
}
