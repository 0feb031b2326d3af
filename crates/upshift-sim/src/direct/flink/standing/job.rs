//! Jobs and their jars.

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::flink::Submission;
use upshift_model::ids::{AttemptKey, BindingName, ComponentId, Slot};
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::step::ForeignId;

use super::super::codes::{self, failure, refused};
use super::super::look::{Left, Look};
use crate::flink::{Cluster, Job, Phase};

type On<'a> = (&'a ComponentId, &'a ComponentId);
type Named<'c> = (&'c String, &'c Job);

/// The file name under which a jar is uploaded.
pub(in super::super) fn upload_name(key: &AttemptKey, submission: &Submission) -> String {
    let name = submission.jar.file_name();
    let name = name.map_or("job.jar".into(), |name| name.to_string_lossy());
    format!("{key}-{name}")
}

pub(super) fn uploaded(
    look: &Look<'_>,
    (job, to): On<'_>,
    into: &BindingName,
    intent: Option<&Intent>,
) -> Result<Standing, Fault> {
    let (_, cluster) = look.cluster(to)?;
    let submission = look.submission(job, to)?;
    let Some(intent) = intent else {
        return Ok(Standing::Ready(Baseline::default()));
    };
    let name = upload_name(&intent.key, submission);
    Ok(match cluster.jars.iter().find(|(_, file)| **file == name) {
        None => Standing::Ready(Baseline::default()),
        Some((id, _)) => {
            let binding = Binding::Value {
                name: into.clone(),
                value: id.clone(),
            };
            Standing::Done(Proof::of([format!("cluster {to} has it as {id}")]).with(binding))
        }
    })
}

pub(super) fn jar_released(look: &Look<'_>, on: &ComponentId, jar: &BindingName) -> Result<Standing, Fault> {
    let Some(id) = look.bound.value(jar) else {
        return Ok(Standing::Done(Proof::of([format!(
            "no jar was uploaded as {jar}"
        )])));
    };
    if look.left_of(on)? != Left::Manager {
        return Ok(Standing::Done(Proof::of([format!("cluster {on} is gone")])));
    }
    let (_, cluster) = look.cluster(on)?;
    Ok(match cluster.jars.contains_key(id) {
        true => Standing::Ready(Baseline::default()),
        false => Standing::Done(Proof::of([format!("cluster {on} has no jar {id}")])),
    })
}

pub(super) fn cancelled(look: &Look<'_>, (job, on): On<'_>, id: &ForeignId) -> Result<Standing, Fault> {
    match (look.left_of(on)?, id) {
        (Left::Nothing, _) => {
            return Ok(Standing::Done(Proof::of([format!("cluster {on} is gone")])));
        }
        (Left::TaskManagers, ForeignId::Bound(name)) if look.bound.value(name).is_none() => {
            return Ok(Standing::Done(Proof::of([format!(
                "no job of this run ran on {on}"
            )])));
        }
        (Left::TaskManagers, _) => {
            let what = format!("cluster {on} has task managers and no job manager");
            return Ok(Standing::Waiting(Progress::of(what)));
        }
        (Left::Manager, _) => {}
    }
    let (_, cluster) = look.cluster(on)?;
    Ok(match find_to_cancel(look, cluster, job, id)? {
        Err(doubled) => Standing::Contradicted(doubled),
        Ok(None) => Standing::Done(Proof::of([format!("no {job} to cancel on cluster {on}")])),
        Ok(Some((id, seen))) if look.phase(seen).is_over() => {
            Standing::Done(Proof::of([format!("job {id} is {}", look.phase(seen).word())]))
        }
        Ok(Some(_)) => Standing::Ready(Baseline::default()),
    })
}

/// The job to cancel, if it is there; without a known id it goes by its name.
pub(in super::super) fn find_to_cancel<'c>(
    look: &Look<'_>,
    cluster: &'c Cluster,
    job: &ComponentId,
    id: &ForeignId,
) -> Result<Result<Option<Named<'c>>, Failure>, Fault> {
    let id = match id {
        ForeignId::Seen(id) => Some(id.as_str()),
        ForeignId::Bound(name) => look.bound.value(name),
    };
    if let Some(id) = id {
        return Ok(Ok(cluster.jobs.get_key_value(id)));
    }
    let planned = look.job(job)?;
    let mut alive = cluster.jobs.iter().filter(|(id, seen)| {
        seen.name == planned.name && !look.phase(seen).is_over() && Some(*id) != planned.running_as.as_ref()
    });
    Ok(match (alive.next(), alive.next()) {
        (Some((one, _)), Some((other, _))) => {
            let what = format!("job {} runs as {one} and as {other}", planned.name);
            Err(failure(codes::DOUBLED_JOB, what))
        }
        (first, _) => Ok(first),
    })
}

pub(super) fn started(
    look: &Look<'_>,
    (job, on): On<'_>,
    from: Option<&Slot>,
    into: &BindingName,
    intent: Option<&Intent>,
) -> Result<Standing, Fault> {
    let (_, cluster) = look.cluster(on)?;
    let name = &look.job(job)?.name;
    let key = intent.map(|intent| intent.key.as_hex());
    let others = cluster
        .jobs
        .iter()
        .filter(|(id, j)| j.name == *name && !look.phase(j).is_over() && Some(id.as_str()) != key);
    if let Some((other, _)) = others.into_iter().next() {
        let what = format!("job {name} is on cluster {on} already, as {other}");
        return Ok(Standing::Contradicted(failure(codes::DOUBLED_JOB, what)));
    }
    if let Some(slot) = from.filter(|slot| look.bound.slot(slot).is_none()) {
        return Err(refused(format!("nothing fills {slot}, which {job} starts from")));
    }
    Ok(match key.and_then(|key| cluster.jobs.get_key_value(key)) {
        None => Standing::Ready(Baseline::default()),
        Some((id, mine)) => submitted(look, id, mine, into),
    })
}

fn submitted(look: &Look<'_>, id: &str, job: &Job, into: &BindingName) -> Standing {
    let phase = look.phase(job);
    let failed = |cause: Option<String>| {
        let what = format!("job {} ({id}) is {} after it was started", job.name, phase.word());
        Standing::Failed(Failure {
            far_side: cause,
            ..failure(codes::JOB_FAILED, what)
        })
    };
    let cause = || {
        let all = job.exceptions(look.now);
        all.first().map(|(_, cause)| (*cause).to_owned())
    };
    match phase {
        Phase::Running => {
            let binding = Binding::Value {
                name: into.clone(),
                value: id.to_owned(),
            };
            Standing::Done(Proof::of([format!("job {id} is RUNNING with all tasks")]).with(binding))
        }
        Phase::Failed | Phase::Restarting => failed(cause()),
        Phase::Canceled => {
            let what = format!("job {} ({id}) is CANCELED, and not by this step", job.name);
            Standing::Contradicted(failure(codes::JOB_GONE, what))
        }
        Phase::Finished => failed(Some("it came to its end by itself".to_owned())),
        Phase::Created => Standing::Underway(Progress::of(format!("job {id} is CREATED"))),
    }
}
