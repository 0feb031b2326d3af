//! The trees that people approve.

use expect_test::expect_file;
use upshift_model::digest::Digest;
use upshift_model::plan::{Plan, PlanFileError, Sealed};
use upshift_planner::render;

use crate::stories::{all, in_place, job_only, planned, running_cluster, shadow};
use crate::support::World;

/// The plan under a seal and a stamp that stay as they are when the catalogue grows.
pub(crate) fn sealed(mut plan: Plan) -> Sealed {
    plan.knowledge.date = jiff::civil::date(2026, 11, 20);
    Sealed {
        digest: Digest::zero(),
        plan,
    }
}

fn check(world: &World, expected: expect_test::ExpectFile) {
    let text = render::tree(&sealed(planned(world)));
    for line in text.lines() {
        assert!(line.chars().count() <= render::WIDTH, "too wide: {line}");
    }
    expected.assert_eq(&text);
}

#[test]
fn two_jobs_in_place() {
    check(&in_place(), expect_file!["trees/in-place.txt"]);
}

#[test]
fn a_shadow_copy_to_the_next_major_release() {
    check(&shadow(), expect_file!["trees/shadow.txt"]);
}

#[test]
fn onto_a_cluster_that_runs_already() {
    check(&running_cluster(), expect_file!["trees/running-cluster.txt"]);
}

#[test]
fn only_the_job() {
    check(&job_only(), expect_file!["trees/job-only.txt"]);
}

#[test]
fn every_step_as_commands() {
    let mut text = String::new();
    for (name, world) in all() {
        let plan = planned(&world);
        let back = plan.ways_back.iter().rev().find(|waves| !waves.is_empty());
        let back = back
            .into_iter()
            .flatten()
            .flat_map(|wave| &wave.lanes)
            .flat_map(|lane| &lane.steps);
        text.push_str(&format!("==== {name} ====\n"));
        for step in plan.steps().chain(back) {
            text.push_str(&format!("# {}\n", step.id));
            step.by_hand
                .iter()
                .for_each(|line| text.push_str(&format!("{line}\n")));
        }
    }
    expect_file!["trees/by-hand.txt"].assert_eq(&text);
}

#[test]
fn the_same_situation_gives_the_same_plan() {
    for (name, world) in all() {
        assert_eq!(planned(&world).seal(), planned(&world).seal(), "{name}");
    }
}

#[test]
fn a_sealed_plan_is_read_back_whole_and_an_edited_one_is_refused() {
    for (name, world) in all() {
        let sealed = planned(&world).seal();
        let file = sealed.to_file();
        assert_eq!(Sealed::from_file(&file).expect("a plan file"), sealed, "{name}");
        let edited = file.replacen("\"tries\": 2", "\"tries\": 9", 1);
        assert_ne!(edited, file);
        assert!(
            matches!(Sealed::from_file(&edited), Err(PlanFileError::Edited { .. })),
            "{name}"
        );
    }
}
