//! One try of a step: one arm an effect, each of which asks for exactly one change, under the mark of the try. What came
//! of it is for `standing` to see.

use upshift_engine::driver::Fault;
use upshift_model::ids::{ComponentId, Slot};
use upshift_model::proof::Bindings;
use upshift_model::realtime_compute as work;
use upshift_model::record::Intent;
use upshift_model::step::{Effect, Preparation, Releasable, StartWhat, Step, StopWhat};

use super::calls::{From, Start, Stop};
use super::client::refused;
use super::codes;
use super::documents::only;
use super::documents::running;
use super::driver::RealtimeComputeDriver;
use super::mark::Mark;
use super::standing::{jobs_before, savepoint_of};

pub(super) async fn attempt(
    driver: &RealtimeComputeDriver,
    step: &Step,
    bound: &Bindings,
    intent: &Intent,
) -> Result<(), Fault> {
    let client = &driver.client;
    match &step.effect {
        Effect::Prepare { what } => prepare(driver, step, what, bound, intent).await,
        Effect::TakeRestorePoint { of, .. } => {
            let deployed = driver.deployed(of)?;
            let mark = Mark::of(&intent.key);
            // The service takes as many as are asked for: one that bears the mark is this very try's.
            if client.savepoint_marked(&deployed.id, &mark).await?.is_some() {
                return Ok(());
            }
            let description = mark.description();
            let asked = client.create_savepoint(&deployed.id, deployed.native, &description);
            asked.await.map(drop)
        }
        Effect::Stop {
            what: StopWhat::JobInto { job, .. },
        } => {
            let id = &driver.deployed(job)?.job;
            client.stop_job(id, Stop::WithSavepoint).await.map(drop)
        }
        Effect::Stop {
            what: StopWhat::JobCancel { on, id, .. },
        } => {
            for job in super::standing::live(driver, on, id, bound).await? {
                client.stop_job(&job.job_id, Stop::Plainly).await?;
            }
            Ok(())
        }
        Effect::Start {
            what: StartWhat::Job { on, from, .. },
        } => {
            let start = start(driver, on, from.as_ref(), bound).await?;
            let before = jobs_before(intent).ok_or_else(|| {
                let what = format!("the intent of step {} names no jobs before it", step.id);
                refused(codes::NOT_IN_THE_PLAN, what)
            })?;
            let jobs = client.jobs(&start.deployment).await?;
            // A start bears no mark, and another one after the job is over would start another job.
            if jobs.iter().any(|job| start.made(job, &before)) {
                return Ok(());
            }
            client.start_job(&start).await.map(drop)
        }
        Effect::Release { what } => release(driver, step, what, bound).await,
        _ => Err(driver.not_known(step)),
    }
}

async fn prepare(
    driver: &RealtimeComputeDriver,
    step: &Step,
    what: &Preparation,
    bound: &Bindings,
    intent: &Intent,
) -> Result<(), Fault> {
    let client = &driver.client;
    match what {
        Preparation::Clone { of, to, .. } => match &driver.deployed(of)?.draft {
            Some(drafted) => {
                let draft = drafted_as(to, bound)?;
                let ticket = client.deploy_draft(draft, &drafted.queue).await?;
                driver.keep_ticket(intent, ticket);
                Ok(())
            }
            None => copy(driver, of, to, intent).await,
        },
        Preparation::RealtimeCompute(work::Preparation::SaveAs { of, to, .. }) => {
            save_as(driver, of, to, intent).await
        }
        Preparation::RealtimeCompute(work::Preparation::Validate { of, draft }) => {
            let no = || refused(codes::NOT_IN_THE_PLAN, format!("nothing is bound as {draft}"));
            let draft = bound.value(draft).ok_or_else(no)?;
            let drafted = driver.deployed(of)?.draft.as_ref();
            let drafted = drafted.ok_or_else(|| driver.not_known(step))?;
            let ticket = client.validate_draft(draft, &drafted.queue).await?;
            driver.keep_ticket(intent, ticket);
            Ok(())
        }
        Preparation::Release { component, to, .. } => {
            let id = &driver.deployed(component)?.id;
            let change = only("engineVersion", to.as_str());
            client.update_deployment(id, change).await.map(drop)
        }
        _ => Err(driver.not_known(step)),
    }
}

async fn release(
    driver: &RealtimeComputeDriver,
    step: &Step,
    what: &Releasable,
    bound: &Bindings,
) -> Result<(), Fault> {
    let client = &driver.client;
    match what {
        Releasable::Deployment { deployment, id } => match driver.foreign(deployment, id, bound).await? {
            Some(id) => later(client.delete_deployment(&id).await),
            None => Ok(()),
        },
        Releasable::Draft { draft, id } => {
            let id = match bound.value(id) {
                Some(id) => Some(id.to_owned()),
                None => driver.draft_named(draft).await?,
            };
            match id {
                Some(id) => later(client.delete_draft(&id).await),
                None => Ok(()),
            }
        }
        Releasable::SlotFiles { slot } => match savepoint_of(slot, bound) {
            Some(id) => later(client.delete_savepoint(id).await),
            None => Ok(()),
        },
        _ => Err(driver.not_known(step)),
    }
}

/// For some seconds after a job has ended the service may refuse to delete what belongs to it.
fn later(said: Result<bool, Fault>) -> Result<(), Fault> {
    match said {
        Ok(_) => Ok(()),
        Err(Fault::Refused(no)) if no.code == codes::REFUSED => {
            let why = no.far_side.unwrap_or(no.what);
            Err(Fault::Transient(format!("it cannot be deleted yet: {why}")))
        }
        Err(other) => Err(other),
    }
}

async fn copy(
    driver: &RealtimeComputeDriver,
    of: &ComponentId,
    to: &ComponentId,
    intent: &Intent,
) -> Result<(), Fault> {
    let deployed = driver.deployed(of)?;
    let original = driver.client.deployment(&deployed.id).await?;
    let original = original.ok_or_else(|| refused(codes::NOT_AS_PLANNED, format!("{of} is not there")))?;
    let copy = original.copy_for(to.as_str(), deployed.new.as_str(), &Mark::of(&intent.key));
    let copy = match &deployed.program {
        Some(program) => running(copy, program),
        None => copy,
    };
    driver.client.create_deployment(copy).await.map(drop)
}

/// The draft is read once more: one that was edited meanwhile is not what runs.
async fn save_as(
    driver: &RealtimeComputeDriver,
    of: &ComponentId,
    to: &ComponentId,
    intent: &Intent,
) -> Result<(), Fault> {
    let not = |what: String| refused(codes::NOT_AS_PLANNED, what);
    let deployed = driver.deployed(of)?;
    let drafted = deployed.draft.as_ref();
    let drafted = drafted.ok_or_else(|| not(format!("{of} has no draft in the plan")))?;
    let (draft, original) = futures::try_join!(
        driver.client.draft(&drafted.id),
        driver.client.deployment(&deployed.id)
    )?;
    let draft = draft.ok_or_else(|| not(format!("draft {} of {of} is not there", drafted.id)))?;
    let original = original.ok_or_else(|| not(format!("{of} is not there")))?;
    if !draft.holds(&original) {
        return Err(not(format!(
            "draft {} was edited since {of} was deployed",
            draft.name()
        )));
    }
    let mark = Mark::of(&intent.key);
    let copy = draft.save_as(
        to.as_str(),
        drafted.folder.as_deref(),
        deployed.new.as_str(),
        &mark,
    );
    driver.client.create_draft(copy).await.map(drop)
}

fn drafted_as<'a>(to: &ComponentId, bound: &'a Bindings) -> Result<&'a str, Fault> {
    let id = bound.value(&super::standing::draft_of(to));
    id.ok_or_else(|| refused(codes::NOT_IN_THE_PLAN, format!("no draft {to} is bound")))
}

/// What is asked for when a job is started in a place.
pub(super) async fn start(
    driver: &RealtimeComputeDriver,
    on: &ComponentId,
    from: Option<&Slot>,
    bound: &Bindings,
) -> Result<Start, Fault> {
    let no = |what: String| refused(codes::NOT_IN_THE_PLAN, what);
    let deployment = driver.id_of(on, bound).await?;
    let deployment =
        deployment.ok_or_else(|| refused(codes::NOT_AS_PLANNED, format!("{on} is not there")))?;
    let from = match from {
        Some(slot) => {
            let id = savepoint_of(slot, bound).ok_or_else(|| no(format!("nothing fills {slot}")))?;
            From::Savepoint(id.to_owned())
        }
        None => From::Nothing {
            start_at: driver.deployed(on)?.start_at,
        },
    };
    Ok(Start {
        deployment,
        from,
        queue: None,
    })
}
