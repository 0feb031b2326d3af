//! What the state of a running job does not survive is said before anything is stopped, from its newest checkpoint; and
//! where a check could not see it, the trial savepoint is judged alike and stops the run under the same code.

#![expect(
    clippy::unwrap_used,
    reason = "the parts of one long story are functions, where clippy does not see a test"
)]

use upshift_lab::job::UIDS;
use upshift_lab::rest::{Format, Submit};
use upshift_lab::{Job, Scene, Strategy, Uids, Variant};

use crate::support::World;

#[test]
fn no_uids_and_an_operator_inserted_are_red_before_the_stop() {
    let mut scene = Scene::new("no-uids", "1.18.1", "1.20.5", Strategy::Shadow);
    scene.target_variant = Variant::Inserted;
    scene.tune = |job| job.uids = Uids::None;
    let world = World::set(&scene);
    world.edit(&format!("uids = {UIDS:?}"), "uids = []");

    // The job changes, and nobody said which operators it has.
    let ran = world.upshift(&["check", &world.file()]).exits(4);
    let (ids, out) = (operators(&ran.out), &ran.out);
    assert_eq!(ids.len(), 3, "source, counter and tally have state: {out}");
    ran.says("UP-FLINK-0251").says("UP-FLINK-0225");
    world.mark("unknown, each operator named with the line to paste");

    // A waiver lets state be dropped: now it could run on wrong state, and no waiver of that is taken.
    let waive = |code: &str, subject: &str| {
        let text = format!("\n[[waive]]\ncode = {code:?}\nsubject = {subject:?}\nreason = \"tried\"\n");
        world.edit("\n[shadow]", &format!("{text}\n[shadow]"));
    };
    waive("UP-FLINK-0251", "job no-uids");
    waive("UP-FLINK-0210", &format!("operator {} of job no-uids", ids[0]));
    waive("UP-FLINK-0226", "job no-uids");
    let ran = world.upshift(&["check", &world.file()]).exits(3);
    ran.says("RED      UP-FLINK-0226")
        .says("1638 of 1638 records wrong")
        .says(&ids[1])
        .says(&ids[2]);
    let plan = world.path("wrong.plan").display().to_string();
    world.upshift(&["plan", &world.file(), "-o", &plan]).exits(3);
    world.upshift(&["apply", &plan]).exits(3);
    assert_eq!(
        world.old_rest().running("no-uids").unwrap(),
        [world.stage.job_id()]
    );
    world.mark("red, and the plan is refused");

    // Only with every operator named it may start.
    for id in &ids[1..] {
        waive("UP-FLINK-0210", &format!("operator {id} of job no-uids"));
    }
    let ran = world.upshift(&["check", &world.file()]).exits(0);
    assert!(!ran.out.contains("RED      UP-FLINK-0226"), "{ran}");

    // Another max parallelism than the state has.
    let job = world.stage.job().name.clone();
    world.edit(
        &format!("name = {job:?}\njar"),
        &format!("name = {job:?}\nmax_parallelism = {{ current = 128, target = 256 }}\njar"),
    );
    world
        .upshift(&["check", &world.file()])
        .exits(3)
        .says("RED      UP-FLINK-0228")
        .says("128 in the snapshot, 256 in the job as wanted");
    world.mark("another max parallelism is red");
    world.prove_exactly_once(world.old_rest(), 1);
}

/// Ids of the operators that the finding about missing uids names.
fn operators(out: &str) -> Vec<String> {
    let pasted = out.lines().filter_map(|line| line.split_once(".setUidHash(\""));
    let mut ids: Vec<_> = pasted
        .filter(|(_, rest)| rest.contains("\")   // "))
        .map(|(_, rest)| rest[..32].to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

#[test]
fn a_bean_with_a_list_is_red_on_the_way_to_2_x_and_the_trial_savepoint_says_so_too() {
    let mut scene = Scene::new("beans", "1.20.5", "2.3.0", Strategy::Shadow);
    scene.target_variant = Variant::Beans;
    scene.tune = |job| job.variant = Variant::Beans;
    let world = World::set(&scene);
    world
        .upshift(&["check", &world.file()])
        .exits(3)
        .says("RED      UP-FLINK-0233")
        .says("state seen, field tags: Kryo<java.util.List>");
    world.mark("red from the newest checkpoint");

    // Told to look at a savepoint of another job, the check finds nothing; the trial savepoint is not fooled.
    let plain = savepoint_of_a_plain_job(&world);
    let plan = world.path("up.plan").display().to_string();
    world
        .upshift(&["plan", &world.file(), "-o", &plan, "--savepoint", &plain])
        .exits(0);
    let halted = world.upshift(&["apply", &plan]).exits(7);
    halted
        .says("UP-FLINK-0233")
        .says("field tags")
        .says("not touched: it runs as it did before");
    assert_eq!(world.old_rest().running("beans").unwrap(), [world.stage.job_id()]);
    world.mark("the trial savepoint stops the run");
    let run = world.status()["run"].as_str().unwrap().to_owned();
    world.upshift(&["abandon", &run]).exits(0).says("ABANDONED");
    world.prove_exactly_once(world.old_rest(), 1);
}

fn savepoint_of_a_plain_job(world: &World) -> String {
    let at = world.old_rest();
    let other = Job::new("plain", world.path("plain"));
    let id = at
        .submit(
            &at.upload(world.stage.jar()).unwrap(),
            &Submit {
                args: other.args(),
                ..Submit::default()
            },
        )
        .unwrap();
    at.wait_for_tasks(&id).unwrap();
    at.wait_for_checkpoints(&id, 1).unwrap();
    let dir = format!("file://{}", world.path("by-hand").display());
    let savepoint = at.stop_with_savepoint(&id, &dir, Format::Canonical).unwrap();
    at.wait_for_status(&id, "FINISHED").unwrap();
    savepoint
}
