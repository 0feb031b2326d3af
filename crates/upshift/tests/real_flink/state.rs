//! What the state of a running job does not survive is said before anything is stopped, from its newest checkpoint; and
//! where a check could not see it, the trial savepoint is judged alike and stops the run under the same code.

#![expect(
    clippy::unwrap_used,
    reason = "the parts of one long story are functions, where clippy does not see a test"
)]

use upshift_lab::job::UIDS;
use upshift_lab::rest::{Format, Submit};
use upshift_lab::{Job, Scene, Strategy, Uids, Variant};

use crate::support::{World, put};

const NAME: &str = "no-uids";

#[test]
fn no_uids_and_an_operator_inserted_are_red_before_the_stop() {
    let mut scene = Scene::new(NAME, "1.18.1", "1.20.5", Strategy::Shadow);
    scene.target_variant = Variant::Inserted;
    scene.tune = |job| job.uids = Uids::None;
    let world = World::set(&scene);
    world.edit(&format!("uids = {UIDS:?}"), "uids = []");
    let file = std::fs::read_to_string(world.stage.system_file()).unwrap();

    // The job changes, and nobody said which operators it has.
    let ran = world.upshift(&["check", &world.file()]).exits(4);
    let (ids, out) = (operators(&ran.out), &ran.out);
    assert_eq!(ids.len(), 3, "source, counter and tally have state: {out}");
    ran.says("UP-FLINK-0251").says("UP-FLINK-0225");
    world.mark("unknown, each operator named with the line to paste");
    dropping_state_would_run_on_wrong_state(&world, &ids);
    put(&world.stage.system_file(), &file);
    another_max_parallelism(&world);
    put(&world.stage.system_file(), &file);
    the_jars_own_graph(&world, &ids);
}

/// A waiver lets state be dropped: now it could run on wrong state, and no waiver of that is taken.
fn dropping_state_would_run_on_wrong_state(world: &World, ids: &[String]) {
    let waive = |code: &str, subject: &str| {
        let text = format!("\n[[waive]]\ncode = {code:?}\nsubject = {subject:?}\nreason = \"tried\"\n");
        world.edit("\n[shadow]", &format!("{text}\n[shadow]"));
    };
    let operator = |id: &String| format!("operator {id} of job {NAME}");
    waive("UP-FLINK-0251", "job no-uids");
    waive("UP-FLINK-0210", &operator(&ids[0]));
    waive("UP-FLINK-0226", "job no-uids");
    let ran = world.upshift(&["check", &world.file()]).exits(3);
    ran.says("RED      UP-FLINK-0226")
        .says("1638 of 1638 records wrong")
        .says(&ids[1])
        .says(&ids[2]);
    let plan = world.path("wrong.plan").display().to_string();
    world.upshift(&["plan", &world.file(), "-o", &plan]).exits(3);
    world.upshift(&["apply", &plan]).exits(3);
    assert_eq!(world.old_rest().running(NAME).unwrap(), [world.stage.job_id()]);
    world.mark("red, and the plan is refused");
    // Only with every operator named it may start.
    ids[1..]
        .iter()
        .for_each(|id| waive("UP-FLINK-0210", &operator(id)));
    let ran = world.upshift(&["check", &world.file()]).exits(0);
    assert!(!ran.out.contains("RED      UP-FLINK-0226"), "{ran}");
}

fn another_max_parallelism(world: &World) {
    world.edit(
        &format!("name = {NAME:?}\njar"),
        &format!("name = {NAME:?}\nmax_parallelism = {{ current = 128, target = 256 }}\njar"),
    );
    world
        .upshift(&["check", &world.file()])
        .exits(3)
        .says("RED      UP-FLINK-0228")
        .says("128 in the snapshot, 256 in the job as wanted");
    world.mark("another max parallelism is red");
}

/// Read from the jar, the graph tells which state would be lost; with the printed ids pinned on the operators of the new
/// job it is checked again, and nothing is lost.
fn the_jars_own_graph(world: &World, ids: &[String]) {
    world.edit("uids = []", "uids = []\ngraph = \"probe\"");
    let ran = world.upshift(&["check", &world.file()]).exits(3);
    let lost = ids
        .iter()
        .filter(|id| ran.out.contains(&format!("operator {id} of job {NAME}")));
    assert_eq!(
        lost.count(),
        2,
        "counter and tally are renamed, the source is not: {ran}"
    );
    let ran = ran.says("RED      UP-FLINK-0210").says("by the jar's own graph");
    world.mark("the jar's own graph: red for each operator that is renamed");

    // Pinned where the lines say so; on the source it would lose the coordinator's state.
    let pin = |name: &str, id: &str| format!("{name}={id}");
    let right = [
        pin("counter", &id_of(&ran.out, "counter")),
        pin("tally", &id_of(&ran.out, "tally")),
    ]
    .join(",");
    let source = ids.iter().find(|id| !right.contains(id.as_str())).unwrap();
    let inserted = "\"--variant\", \"inserted\"";
    let (right, wrong) = (
        format!("{inserted}, \"--pin\", {right:?}"),
        format!(
            "{inserted}, \"--pin\", {:?}",
            format!("{right},{}", pin("numbers", source))
        ),
    );
    world.edit(inserted, &wrong);
    world
        .upshift(&["check", &world.file()])
        .exits(3)
        .says("RED      UP-FLINK-0253");
    world.edit(&wrong, &right);
    let plan = world.plan();
    world.upshift(&["apply", &plan]).exits(6);
    world.upshift(&["finalize", NAME]).exits(0).says("FINALIZED");
    world.mark("moved, with an operator inserted and the ids pinned");
    world.prove_exactly_once(world.new_rest(), 2);
}

/// The id of an operator: the graph of the jar that runs names those, too, that are chained.
fn id_of(out: &str, name: &str) -> String {
    let pasted: Vec<_> = out
        .lines()
        .filter_map(|line| line.split_once(".setUidHash(\""))
        .collect();
    let (_, rest) = pasted
        .into_iter()
        .find(|(_, rest)| rest.contains("\")   // ") && rest.contains(name))
        .unwrap_or_else(|| panic!("{name} in {out}"));
    rest[..32].to_owned()
}

/// Ids of the operators that the finding about missing uids names.
fn operators(out: &str) -> Vec<String> {
    let is_id = |word: &&str| word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let named = out.lines().filter(|line| line.ends_with(" of state"));
    let mut ids: Vec<_> = named
        .filter_map(|line| line.split_whitespace().next().filter(is_id).map(str::to_owned))
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
