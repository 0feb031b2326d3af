//! Rehearsals without `--real`: the plan of the stand-in's system, on a simulated one that is like it. Nothing of the
//! stand-in is asked for anything.

use expect_test::{ExpectFile, expect_file};

use upshift_model::plan::Sealed;
use upshift_sim::wire::Scene;

use crate::clean::Clean;
use crate::stories::quick;
use crate::support::{Ran, Story};

fn planned() -> Story {
    let story = Story::set(&quick());
    story.plan();
    story
}

#[track_caller]
fn told(story: &Story, ran: &Ran, golden: &ExpectFile) {
    golden.assert_eq(&Clean::of(story.dir.path(), story.stage.rest()).text(&ran.out));
}

/// The plan was made without a snapshot of the job to look at, so nothing holds its savepoint against what the job had:
/// that is what the survey is for, and what its exit code says.
#[test]
fn a_survey_tells_what_every_fault_at_every_step_comes_to() {
    let story = Story::set(&Scene::new().policy("soak", "\"60s\""));
    story.plan();
    let ran = story.upshift(&["rehearse", "up.plan"]).exits(8);
    told(&story, &ran, &expect_file!["goldens/survey.txt"]);
    assert!(story.effects().is_empty());
}

#[test]
fn one_fault_at_one_step_is_told_from_beginning_to_end() {
    let story = planned();
    let words = ["rehearse", "up.plan", "--at", "2.1", "--fault", "killed-after"];
    let ran = story.upshift(&words).exits(0);
    told(&story, &ran, &expect_file!["goldens/killed-after-a-stop.txt"]);
    // The same by the step's number, and for programs.
    let plan = std::fs::read_to_string(story.dir.path().join("up.plan")).unwrap();
    let plan = Sealed::from_file(&plan).unwrap().plan;
    let number = (1 + plan.steps().position(|step| step.id.as_str() == "2.1").unwrap()).to_string();
    let words = [
        "rehearse",
        "up.plan",
        "--at",
        &number,
        "--fault",
        "killed-after",
        "--json",
    ];
    let view: serde_json::Value = serde_json::from_str(&story.upshift(&words).exits(0).out).unwrap();
    assert_eq!((&view["survived"], &view["processes"]), (&true.into(), &2.into()));
    assert_eq!(view["drawn"][0], "killed-after at try 1 of step 2.1");
    // One of the way back, which is taken when every gate held.
    let words = [
        "rehearse",
        "up.plan",
        "--at",
        "back.3.2",
        "--fault",
        "killed-after",
    ];
    story
        .upshift(&words)
        .exits(0)
        .says("the person goes back when every gate held")
        .says("killed-after at try 1 of step back.3.2")
        .says("rolled-back after");
}

#[test]
fn a_seed_draws_faults_for_the_plan_and_draws_the_same_again() {
    let story = planned();
    let words = [
        "rehearse",
        "up.plan",
        "--seed",
        "7",
        "--faults",
        "killed-after,answer-lost",
    ];
    let first = story.upshift(&words).exits(0).says("seed 7").says("drawn: ");
    assert_eq!(first.out, story.upshift(&words).exits(0).out);
    story
        .upshift(&["rehearse", "up.plan", "--seed", "7", "--faults", "all"])
        .exits(0)
        .says("state: nothing lost");
}

#[test]
fn without_the_plans_own_inventory_nothing_is_simulated() {
    let story = planned();
    let beside = story.dir.path().join("up.plan.inventory");
    let seen = story.upshift(&["observe", "system.toml", "--json"]).exits(0).out;
    let named = story.dir.path().join("seen.json");
    std::io::Write::write_all(&mut std::fs::File::create(&named).unwrap(), seen.as_bytes()).unwrap();
    // A look at another time is another inventory.
    std::fs::copy(&named, &beside).unwrap();
    let words = ["rehearse", "up.plan", "--at", "2.1", "--fault", "slow"];
    story
        .upshift(&words)
        .exits(2)
        .says("UP-REH-0003")
        .says("is not the one that the plan was made from");
    std::fs::remove_file(&beside).unwrap();
    story.upshift(&words).exits(2).says("UP-REH-0003");
    let mut words = words.to_vec();
    words.extend(["--inventory", "seen.json"]);
    story.upshift(&words).exits(0).says("state: nothing lost");
}

#[test]
fn a_fault_that_cannot_strike_there_is_refused() {
    let story = planned();
    let at =
        |step: &str, fault: &str| story.upshift(&["rehearse", "up.plan", "--at", step, "--fault", fault]);
    at("9.9", "slow")
        .exits(2)
        .says("UP-REH-0004")
        .says("no step \"9.9\"");
    at("2.1", "stillborn")
        .exits(2)
        .says("stillborn means nothing at step 2.1")
        .says("state-lacking");
    at("2.1:never", "slow").exits(2).says("UP-CONF-0012");
}
