//! Each failure of a managed service, by name: what the driver's client makes of it.

use upshift_drivers::realtime_compute::{
    EngineStatus, Filter, From, JobState, Mark, SavepointState, Start, Stop, codes,
};
use upshift_engine::driver::Fault;
use upshift_model::ids::AttemptKey;
use upshift_sim::realtime_compute::World;

use crate::support::{NEW, client, emulator, job_is, orders, running, savepoint_is, setup, until, world};

fn mark(step: &str) -> Mark {
    Mark::of(&AttemptKey::derive(&"run".into(), &step.into(), 1))
}

fn start(deployment: &str, savepoint: Option<&str>) -> Start {
    Start {
        deployment: deployment.to_owned(),
        from: savepoint.map_or(From::Nothing { start_at: None }, |id| {
            From::Savepoint(id.to_owned())
        }),
        queue: None,
    }
}

#[tokio::test]
async fn a_start_is_taken_and_the_job_fails_on_its_state() {
    for (fault, why) in [
        (
            "incompatible-state",
            "cannot map savepoint state to the new program",
        ),
        (
            "newer-savepoint",
            "Unsupported savepoint version: it was written by a newer engine",
        ),
    ] {
        let service = emulator(world(&[fault]));
        let client = client(&service);
        let (old, _) = running(&client).await;
        let point = client
            .create_savepoint(old.id(), Some(false), "x")
            .await
            .expect("taken on");
        savepoint_is(&client, &point.savepoint_id, SavepointState::Completed).await;
        let clone = client
            .create_deployment(old.copy_for("upg", NEW, &mark("1")))
            .await
            .expect("a clone");
        let job = client
            .start_job(&start(clone.id(), Some(&point.savepoint_id)))
            .await
            .expect("taken on");
        assert_eq!(
            job.status.current_job_status,
            JobState::Starting,
            "the start itself is fine"
        );
        let failed = job_is(&client, &job.job_id, JobState::Failed).await;
        assert_eq!(failed.status.failure.expect("why").message.as_deref(), Some(why));
        let log = client
            .start_log(clone.id())
            .await
            .expect("an answer")
            .expect("a log");
        assert!(log.contains(why), "{log}");
    }
}

#[tokio::test]
async fn a_job_that_runs_by_the_services_word_may_restart_all_the_time() {
    let service = emulator(world(&["restart-loop"]));
    let client = client(&service);
    let (_, job) = running(&client).await;
    let restarts = |job: &Option<upshift_drivers::realtime_compute::Job>| {
        let running = job.as_ref().and_then(|job| job.status.running.clone());
        running.is_some_and(|r| r.observed_flink_job_restarts > Some(2))
    };
    let job = until(|| client.job(&job), restarts).await.expect("a job");
    assert_eq!(job.status.current_job_status, JobState::Running);
    let word = job.status.running.expect("it runs").observed_flink_job_status;
    assert_eq!(word.as_deref(), Some("RESTARTING"));
}

#[tokio::test]
async fn a_savepoint_may_come_to_nothing_and_a_queue_be_full() {
    let service = emulator(world(&["savepoint-fails*1"]));
    let client = client(&service);
    let (old, job) = running(&client).await;
    let point = client
        .create_savepoint(old.id(), Some(true), "x")
        .await
        .expect("taken on");
    let point = savepoint_is(&client, &point.savepoint_id, SavepointState::Failed).await;
    assert!(
        point
            .status
            .failure
            .expect("why")
            .message
            .expect("why")
            .contains("expired")
    );
    job_is(&client, &job, JobState::Running).await;
    // A queue of 20 cores holds ten of two cores and not eleven; one runs already.
    for n in 0..10 {
        let mut more = orders();
        more["name"] = format!("more-{n}").into();
        let more = client.create_deployment(more).await.expect("made");
        let job = client
            .start_job(&start(more.id(), None))
            .await
            .expect("taken on")
            .job_id;
        if n < 9 {
            job_is(&client, &job, JobState::Running).await;
        } else {
            let failed = job_is(&client, &job, JobState::Failed)
                .await
                .status
                .failure
                .expect("why");
            assert_eq!(failed.message.as_deref(), Some("exceeded quota: resourcequota"));
        }
    }
    let queue = &client.deployment_targets().await.expect("queues")[0];
    let used = queue
        .quota
        .as_ref()
        .and_then(|quota| quota.used.as_ref())
        .expect("what is used");
    assert_eq!(
        (used.millicores, used.memory.as_deref()),
        (Some(20_000), Some("80Gi"))
    );
}

#[tokio::test]
async fn an_answer_that_is_lost_is_found_by_its_mark_and_nothing_is_doubled() {
    let faults = [
        "CreateDeployment*1",
        "CreateSavepoint*1",
        "StopJob*1",
        "StartJobWithParams*1",
    ];
    let faults: Vec<_> = faults.iter().map(|at| format!("lost-answer@{at}")).collect();
    let faults: Vec<_> = faults.iter().map(String::as_str).collect();
    let service = emulator(world(&faults));
    let client = client(&service);
    let lost = |fault: &Fault| matches!(fault, Fault::Ambiguous(_));

    let mut first = orders();
    first["labels"][Mark::LABEL] = mark("0").as_str().into();
    assert!(lost(&client.create_deployment(first).await.expect_err("lost")));
    let old = client
        .deployment_marked(&mark("0"))
        .await
        .expect("an answer")
        .expect("it was made");
    let begin = start(old.id(), None);
    assert!(lost(&client.start_job(&begin).await.expect_err("lost")));
    let jobs = client.jobs(old.id()).await.expect("jobs");
    let ours: Vec<_> = jobs.iter().filter(|job| begin.made(job, &[])).collect();
    assert_eq!(ours.len(), 1);
    let job = ours[0].job_id.clone();
    job_is(&client, &job, JobState::Running).await;
    let taken = client
        .create_savepoint(old.id(), Some(true), &mark("2").description())
        .await;
    assert!(lost(&taken.expect_err("lost")));
    let point = client
        .savepoint_marked(old.id(), &mark("2"))
        .await
        .expect("an answer")
        .expect("it was taken");
    savepoint_is(&client, &point.savepoint_id, SavepointState::Completed).await;
    assert!(lost(
        &client.stop_job(&job, Stop::Plainly).await.expect_err("lost")
    ));
    job_is(&client, &job, JobState::Cancelled).await;

    let inside = service.inside();
    let asked = |action: &str| inside.asked.get(action).copied().unwrap_or(0);
    for action in [
        "CreateDeployment",
        "CreateSavepoint",
        "StopJob",
        "StartJobWithParams",
    ] {
        assert_eq!(asked(action), 1, "{action}");
    }
    // The checkpoint that the cancelled job left, and the savepoint.
    assert_eq!((inside.deployments, inside.jobs, inside.savepoints), (1, 1, 2));
}

#[tokio::test]
async fn the_gateway_sheds_load_in_three_forms() {
    for (fault, is_ambiguous) in [
        ("throttled*1", false),
        ("throttled-plainly*1", false),
        ("unavailable*1", true),
    ] {
        let service = emulator(world(&[fault]));
        client(&service)
            .deployments(&Filter::default())
            .await
            .expect(fault);
        let action = format!("{}@CreateDeployment*1", fault.trim_end_matches("*1"));
        let service = emulator(world(&[&action]));
        let refused = client(&service)
            .create_deployment(orders())
            .await
            .expect_err(fault);
        assert_eq!(matches!(refused, Fault::Ambiguous(_)), is_ambiguous, "{refused}");
        assert_eq!(service.inside().deployments, 0);
    }
}

#[tokio::test]
async fn the_services_no_has_two_shapes_and_its_words_may_be_new() {
    let service = emulator(world(&["no-as-status"]));
    assert_eq!(client(&service).job("x").await.expect("an answer"), None);
    let refused = client(&service)
        .stop_job("x", Stop::Plainly)
        .await
        .expect_err("no such job");
    assert!(matches!(refused, Fault::Refused(failure) if failure.code == codes::NOT_KNOWN));

    let service = emulator(world(&["new-words"]));
    let client = client(&service);
    let engines = client
        .engine_versions()
        .await
        .expect("engines")
        .engine_version_metadata;
    assert!(
        engines
            .iter()
            .all(|e| e.status == EngineStatus::Other("RECOMMENDED".to_owned()))
    );
    let (old, job) = running(&client).await;
    assert!(old.get("newInTheService").is_some(), "kept for the way back");
    assert!(client.job(&job).await.expect("an answer").is_some());
}

#[tokio::test]
async fn what_was_just_made_is_not_listed_yet_and_what_was_just_cancelled_not_deleted() {
    let service = emulator(world(&["lists-lag", "delete-refused"]));
    let client = client(&service);
    let (old, job) = running(&client).await;
    assert_eq!(
        client
            .deployments(&Filter::default())
            .await
            .expect("a list")
            .len(),
        0
    );
    assert!(
        client.deployment(old.id()).await.expect("an answer").is_some(),
        "by its id it is there"
    );
    client.stop_job(&job, Stop::Plainly).await.expect("taken on");
    job_is(&client, &job, JobState::Cancelled).await;
    let refused = client.delete_deployment(old.id()).await.expect_err("too early");
    assert!(matches!(refused, Fault::Refused(failure) if failure.code == codes::REFUSED));
    let every = Filter::default();
    until(|| client.deployments(&every), |all| all.len() == 1).await;
    let deleted = || async {
        match client.delete_deployment(old.id()).await {
            Err(Fault::Refused(_)) => Ok(false),
            other => other,
        }
    };
    until(deleted, |gone| *gone).await;
}

#[tokio::test]
async fn a_seed_draws_the_same_storm_again() {
    let mut counts = Vec::new();
    for _ in 0..2 {
        let service = emulator(World::new(setup(), Vec::new(), Some(7)));
        let client = client(&service);
        let mut outcome = Vec::new();
        for n in 0..30 {
            let mut one = orders();
            one["name"] = format!("d{n}").into();
            outcome.push(match client.create_deployment(one).await {
                Ok(_) => 'o',
                Err(Fault::Transient(_)) => 't',
                Err(Fault::Ambiguous(_)) => 'a',
                Err(Fault::Refused(_)) => 'r',
            });
        }
        counts.push(outcome.into_iter().collect::<String>());
    }
    assert_eq!(counts[0], counts[1]);
    assert!(
        counts[0].contains('t') && counts[0].contains('a'),
        "{}",
        counts[0]
    );
}
