//! The lab on real Flink, without upshift: what the job does when all goes well, and that its variants go wrong in the
//! way that the tests of upshift rely on.

use upshift_lab::rest::{Format, Submit};
use upshift_lab::{
    Cache, Cluster, Home, Java, Job, Options, Sandbox, Variant, Writing, check_output, job_jar,
};

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[test]
fn one_job_restored_three_ways() -> Outcome {
    let cache = Cache::open()?;
    let java = Java::ready(&cache)?;
    let home = Home::ready(&cache, "1.18.1")?;
    let jar = job_jar(&cache, &java)?;
    let sandbox = Sandbox::new(&cache, "lab-real-flink")?;
    let cluster = Cluster::start(&home, &java, &sandbox.path("cluster"), &Options::default())?;
    let at = cluster.rest();
    let uploaded = at.upload(&jar)?;
    let mut job = Job::new("lab", sandbox.path("out"));
    let submit = |job: &Job, savepoint: Option<&String>| {
        at.submit(
            &uploaded,
            &Submit {
                args: job.args(),
                savepoint: savepoint.cloned(),
                ..Submit::default()
            },
        )
    };

    let first = submit(&job, None)?;
    at.wait_for_tasks(&first)?;
    at.wait_for_checkpoints(&first, 2)?;
    let target = format!("file://{}", sandbox.path("savepoints").display());
    let savepoint = at.stop_with_savepoint(&first, &target, Format::Canonical)?;
    at.wait_for_status(&first, "FINISHED")?;

    job.variant = Variant::Removed;
    let refused = submit(&job, Some(&savepoint)).unwrap_err().to_string();
    assert!(refused.contains("allowNonRestoredState"), "{refused}");

    job.variant = Variant::Retyped;
    let retyped = submit(&job, Some(&savepoint))?;
    at.wait_for_exception(&retyped, "StateMigrationException")?;
    at.cancel(&retyped)?;

    job.variant = Variant::FailsAfterRestore(1);
    let failing = submit(&job, Some(&savepoint))?;
    at.wait_for_exception(&failing, "fails on purpose")?;
    at.cancel(&failing)?;

    // The way back of a rollback: the same savepoint once more, with the job that goes right.
    job.variant = Variant::Base;
    let last = submit(&job, Some(&savepoint))?;
    at.wait_for_checkpoints(&last, 2)?;
    at.stop_with_savepoint(&last, &target, Format::Native)?;
    at.wait_for_status(&last, "FINISHED")?;
    let report = check_output(&job.out, Writing::No)?;
    assert!(report.is_complete() && report.duplicates > 0, "{report}");
    assert_eq!(report.jobs(), [first.as_str(), failing.as_str(), last.as_str()]);

    assert_eq!(cluster.pids()?.len(), 2);
    cluster.stop_processes()?;
    assert_eq!(sandbox.processes()?, [0_u32; 0]);
    Ok(())
}
