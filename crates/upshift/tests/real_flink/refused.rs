//! Before the first step: what is seen of a running cluster, and all that is refused with nothing touched.

#![expect(
    clippy::unwrap_used,
    reason = "the parts of one long story are functions, where clippy does not see a test"
)]

use std::fs;

use serde_json::Value;
use upshift_lab::job::UIDS;
use upshift_lab::rest::{Format, Submit};
use upshift_lab::{Job, Scene, Strategy};

use crate::support::{Ran, World, edit, put};

#[test]
fn what_is_seen_of_a_cluster_and_what_is_refused_before_it_is_touched() {
    let mut scene = Scene::new("refused", "1.18.1", "1.20.5", Strategy::InPlace);
    scene.from_archive = true;
    let world = World::set(&scene);
    a_first_file_is_written_and_once_filled_in_it_is_accepted(&world);
    observe_and_diff(&world);
    an_unwritable_savepoint_directory(&world);
    an_edited_plan(&world);
    a_job_that_was_replaced_since_the_plan(&world);
    an_archive_that_is_another(&world);
    a_job_that_the_file_does_not_name(&world);
    assert_eq!(world.stage.old().pids().unwrap().len(), 2);
    // Replaced once, by this story.
    world.prove_exactly_once(world.old_rest(), 2);
}

fn a_first_file_is_written_and_once_filled_in_it_is_accepted(world: &World) {
    let file = world.path("first.toml");
    let path = file.display().to_string();
    let url = world.old_rest().url();
    let init = ["init", "flink", "--rest", &url, "--name", "first", "-o", &path];
    world.upshift(&init).exits(0).says("fill in");
    world.upshift(&init).exits(2).says("UP-CONF-0013");

    let job = world.stage.job();
    let (home, conf) = (
        world.stage.old().home().path(),
        world.stage.old().dir().join("conf"),
    );
    let target = home.with_file_name("1.20.5");
    let lines = [
        ("# [installation]", "[installation]".to_owned()),
        (
            "# current = {",
            format!("current = {{ version = \"1.18.1\", home = {home:?} }}"),
        ),
        (
            "# target = {",
            format!("target = {{ version = \"1.20.5\", home = {target:?} }}"),
        ),
        (
            "# config = ",
            format!(
                "config = {{ current = {conf:?}, target = {:?} }}",
                world.path("first-conf")
            ),
        ),
        ("# jar = ", format!("jar = {:?}", world.stage.jar())),
        ("# args = ", format!("args = {:?}", job.args())),
        ("# uids = ", format!("uids = {UIDS:?}")),
        ("# sink = ", "sink = \"append\"".to_owned()),
    ];
    for (begin, line) in lines {
        let text = fs::read_to_string(&file).unwrap();
        let old = text
            .lines()
            .find(|l| l.starts_with(begin))
            .unwrap_or_else(|| panic!("{begin} in\n{text}"));
        edit(&file, old, &line);
    }
    world.upshift(&["check", &path]).exits(0);
    world.mark("a first file is accepted");
}

fn observe_and_diff(world: &World) {
    let seen = world
        .upshift(&["observe", &world.file(), "--json"])
        .exits(0)
        .json();
    let text = seen.to_string();
    for fact in ["1.18.1", world.stage.job_id(), "refused", "HashMapStateBackend"] {
        assert!(text.contains(fact), "{fact} in {text}");
    }
    let plan = world.plan();
    world
        .upshift(&["diff", &plan])
        .exits(0)
        .says("flink-conf.yaml")
        .says("config.yaml")
        .says("execution.checkpointing.savepoint-dir");
    world.mark("observed, planned, shown as a diff");
}

fn an_unwritable_savepoint_directory(world: &World) {
    // Not even root writes there.
    let good = format!("file://{}", world.path("savepoints").display());
    world.edit(&good, "file:///proc/savepoints");
    world
        .upshift(&["check", &world.file()])
        .exits(3)
        .says("/proc/savepoints")
        .says("RED");
    world.edit("file:///proc/savepoints", &good);
    world.mark("an unwritable savepoint directory is refused");
}

fn an_edited_plan(world: &World) {
    let plan = world.path("up.plan");
    let edited = world.path("edited.plan");
    fs::copy(&plan, &edited).unwrap();
    edit(&edited, "1.20.5", "1.20.6");
    refused(world, &edited.display().to_string(), 2).says("UP-PLAN-0003");
    world.mark("an edited plan is refused");
}

fn a_job_that_was_replaced_since_the_plan(world: &World) {
    let at = world.old_rest();
    let plan = world.plan_to("before-replacement.plan");
    let dir = format!("file://{}", world.path("by-hand").display());
    let savepoint = at
        .stop_with_savepoint(world.stage.job_id(), &dir, Format::Canonical)
        .unwrap();
    at.wait_for_status(world.stage.job_id(), "FINISHED").unwrap();
    let again = Submit {
        args: world.stage.job().args(),
        savepoint: Some(savepoint),
        ..Submit::default()
    };
    let id = at.submit(&at.upload(world.stage.jar()).unwrap(), &again).unwrap();
    at.wait_for_tasks(&id).unwrap();
    at.wait_for_checkpoints(&id, 2).unwrap();
    refused(world, &plan, 7)
        .says("UP-PLAN-0004")
        .says("job refused was RUNNING, now FINISHED");
    assert_eq!(at.running("refused").unwrap(), [id.as_str()]);
    world.mark("a job that was replaced since the plan is a drift");
}

/// A wrong digest is red. One that became wrong after the plan is met before anything is unpacked or stopped.
fn an_archive_that_is_another(world: &World) {
    let text = fs::read_to_string(world.stage.system_file()).unwrap();
    let between = |begin: &str| {
        text.split(begin)
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap()
    };
    let (archive, digest) = (between("archive = \"file://"), between("sha512 = \""));
    let other: String = digest.chars().rev().collect();
    world.edit(digest, &other);
    world
        .upshift(&["check", &world.file()])
        .exits(3)
        .says("UP-FLINK-0164")
        .says(digest);
    world.edit(&other, digest);

    let link = world.path("release.tgz");
    std::os::unix::fs::symlink(archive, &link).unwrap();
    world.edit(
        &format!("file://{archive}"),
        &format!("file://{}", link.display()),
    );
    let before = world.old_rest().running("refused").unwrap();
    let plan = world.plan_to("another-archive.plan");
    fs::remove_file(&link).unwrap();
    put(&link, "not the release that was looked at");
    let halted = world.upshift(&["apply", &plan]).exits(7);
    halted
        .says("UP-FLINK-0306")
        .says("not touched: it runs as it did before")
        .says("next: upshift");
    assert_eq!(world.old_rest().running("refused").unwrap(), before);
    assert!(!world.path("unpacked/flink-1.20.5").exists());

    // The run is open until a person closes it, and nobody else may begin one.
    let run = world.status()["run"].as_str().unwrap().to_owned();
    world
        .upshift(&["apply", &plan])
        .exits(2)
        .says(&run)
        .says(" abandon ");
    world.upshift(&["abandon", &run]).exits(0).says("ABANDONED");
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(archive, &link).unwrap();
    world.mark("an archive that is another is refused");
}

/// Red where it is seen before the plan; where it comes later, it is seen again before anything is stopped.
fn a_job_that_the_file_does_not_name(world: &World) {
    let at = world.old_rest();
    let plan = world.plan_to("before-stranger.plan");
    let before = at.running("refused").unwrap();
    let stranger = Job::new("stranger", world.path("stranger"));
    let jar = at.upload(world.stage.jar()).unwrap();
    let id = at
        .submit(
            &jar,
            &Submit {
                args: stranger.args(),
                ..Submit::default()
            },
        )
        .unwrap();
    at.wait_for_tasks(&id).unwrap();
    world
        .upshift(&["check", &world.file()])
        .exits(3)
        .says("stranger")
        .says("RED");
    let halted = world.upshift(&["apply", &plan]).exits(7);
    halted
        .says("UP-FLINK-0323")
        .says("stranger")
        .says("not touched: it runs as it did before");
    assert_eq!(
        (at.running("stranger").unwrap(), at.running("refused").unwrap()),
        (vec![id.clone()], before)
    );
    at.cancel(&id).unwrap();
    let run = world.status()["run"].as_str().unwrap().to_owned();
    world
        .upshift(&["abandon", &run])
        .exits(0)
        .says("ABANDONED")
        .says("left over");
    world.mark("a job that the file does not name blocks");
}

/// Refused with nothing touched: no run, and the same processes.
#[track_caller]
fn refused(world: &World, plan: &str, code: i32) -> Ran {
    let before = world.stage.old().pids().unwrap();
    let ran = world.upshift(&["apply", plan]).exits(code);
    assert_eq!(
        world.upshift(&["runs", "--json"]).json(),
        Value::Array(Vec::new())
    );
    assert_eq!(world.stage.old().pids().unwrap(), before);
    assert!(world.savepoints_on_disk().is_empty());
    ran
}
