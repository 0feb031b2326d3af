//! What is beside the plan: what somebody else did meanwhile, a savepoint in another form, a job that is not what the plan
//! says.

use expect_test::expect;
use upshift_engine::driver::{Fault, Standing};
use upshift_engine::request::Ask;
use upshift_model::expect::Expectation;
use upshift_model::gate::Gate;
use upshift_model::ids::Code;
use upshift_model::plan::Site;
use upshift_model::step::{Effect, Step};

use crate::stage::{MAJOR, Person, Run, Stage};
use crate::telling::{goes, to_major, told};

#[tokio::test]
async fn what_somebody_else_did_is_told_and_not_repaired() {
    let stage = Stage::new().await;
    let plan = stage.plan().await;
    let all = stage
        .client
        .deployments(&Default::default())
        .await
        .expect("a list");
    // Somebody makes a deployment of the copy's name.
    let mut other = all[0].fields().clone();
    other.insert("name".to_owned(), "orders-upg".into());
    let made = stage
        .client
        .create_deployment(other.into())
        .await
        .expect("a deployment");
    let run = Run::open(plan, Person::Accepts).await;
    run.process().await;
    told(
        &stage,
        &run,
        expect![[r#"
        halted: UP-RC-0302: a deployment orders-upg is there that this run did not make
        --
        orders vvr-8.0.9-flink-1.17: RUNNING
        orders-upg vvr-8.0.9-flink-1.17: 
    "#]],
    )
    .await;
    // It goes away again, and the job is stopped by somebody.
    stage.client.delete_deployment(made.id()).await.expect("gone");
    let job = stage.client.jobs(all[0].id()).await.expect("jobs")[0]
        .job_id
        .clone();
    let how = upshift_drivers::realtime_compute::Stop::Plainly;
    stage.client.stop_job(&job, how).await.expect("a stop");
    stage
        .job_is(&job, &upshift_drivers::realtime_compute::JobState::Cancelled)
        .await;
    run.post(Ask::Resume).await;
    run.process().await;
    told(
        &stage,
        &run,
        expect![[r#"
        halted: UP-RC-0302: a deployment orders-upg is there that this run did not make
        1.1 done
        halted: UP-RC-0303: job ID of orders is CANCELLED
        --
        orders vvr-8.0.9-flink-1.17: CANCELLED
        orders-upg vvr-8.0.11-flink-1.17: 
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_savepoint_in_another_form_than_the_target_needs_is_not_built_upon() {
    let mut stage = Stage::new().await;
    to_major(&mut stage);
    let mut sealed = stage.plan().await;
    let Site::RealtimeCompute(site) = &mut sealed.plan.site else {
        panic!("a namespace");
    };
    // As if the service took native ones whatever is asked for.
    site.deployments
        .values_mut()
        .for_each(|one| one.native = Some(true));
    let run = Run::open(sealed.plan.seal(), Person::Accepts).await;
    run.process().await;
    let story = run.story().await;
    assert!(story.contains("halted: UP-RC-0305"), "{story}");
    assert!(
        stage
            .picture()
            .await
            .contains("orders vvr-8.0.9-flink-1.17: RUNNING"),
        "never touched"
    );
}

/// What a gate says to these.
async fn watched(run: &Run, step: &Step, watch: Vec<Expectation>, elsewhere: bool) -> Code {
    let mut step = step.clone();
    let Effect::Hold {
        gate: Gate::Soak { watch: of, .. },
    } = &mut step.effect
    else {
        panic!("a gate");
    };
    *of = watch;
    let mut bound = run.state().await.bindings;
    if elsewhere {
        bound
            .slots
            .values_mut()
            .for_each(|point| "paper:/elsewhere".clone_into(&mut point.location));
    }
    match run.driver().standing(&step, &bound, None).await {
        Ok(Standing::Failed(failure)) | Err(Fault::Refused(failure)) => failure.code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_a_job_shows_is_held_against_the_plan() {
    let (stage, run) = goes(&[], Person::Accepts, |_| {}).await;
    let plan = stage_plan(&run).await;
    let gate = plan.step(&"2.4".into()).expect("a gate").clone();
    let Effect::Hold {
        gate: Gate::Soak { watch, .. },
    } = &gate.effect
    else {
        panic!("a gate");
    };
    assert_eq!(
        watched(&run, &gate, watch.clone(), true).await.as_str(),
        "UP-RC-0308"
    );
    let mut other = watch.clone();
    for expectation in &mut other {
        if let Expectation::ReleaseIs { version, .. } = expectation {
            *version = MAJOR.parse().expect("an engine");
        }
    }
    assert_eq!(watched(&run, &gate, other, false).await.as_str(), "UP-RC-0310");
    let nobody = vec![Expectation::JobIs {
        cluster: "nobody".into(),
        job: "nobody".into(),
        id: "j".to_owned(),
    }];
    assert_eq!(watched(&run, &gate, nobody, false).await.as_str(), "UP-RC-0301");
    drop(stage);
}

async fn stage_plan(run: &Run) -> upshift_model::plan::Plan {
    run.state().await.plan.plan.clone()
}
