//! The deployments that are moved, and how each of them leaves its old engine.

use upshift_model::ids::ComponentId;
use upshift_model::observed::Gap;
use upshift_model::policy::Strategy;
use upshift_model::realtime_compute::{Deployment, Drafted};
use upshift_model::restore::RestorePointKind;

use super::error::PlanError;
use crate::knowledge::realtime_compute::{Change, Form};
use crate::systems::realtime_compute::situation::Situation;

/// One of them.
pub(super) struct Moving<'a> {
    pub(super) deployment: &'a Deployment,
    /// The deployment's name, and so the job's.
    pub(super) name: ComponentId,
    /// Where it goes: a copy, or itself.
    pub(super) to: ComponentId,
    /// The job that runs.
    pub(super) job: String,
    /// The form of the savepoint before the change.
    pub(super) form: RestorePointKind,
    /// Whether the form is named when a savepoint is asked for: old engines have one.
    pub(super) named: bool,
    pub(super) state: State,
    /// The draft that its copy is made by way of.
    pub(super) draft: Option<Drafted>,
}

/// What becomes of its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// It goes along.
    Carried(Leave),
    /// It is given up: a savepoint is taken for the way back alone.
    GivenUp,
    /// There is none.
    None,
}

/// How the original ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leave {
    /// With a savepoint as its last act: nothing is processed twice.
    Into(RestorePointKind, String),
    /// Plainly, and why so.
    Plainly(String),
    /// It does not, as yet.
    RunsOn,
}

/// Everything that is moved, in the order of the look.
pub(super) fn all<'a>(s: &Situation<'a>) -> Result<Vec<Moving<'a>>, PlanError> {
    let mut all = Vec::new();
    for deployment in &s.facts.deployments {
        if s.change(deployment).kind != Change::Noop {
            all.push(one(s, deployment)?);
        }
    }
    match all.is_empty() {
        true => Err(PlanError::NothingToDo { to: s.to.to_string() }),
        false => Ok(all),
    }
}

fn one<'a>(s: &Situation<'_>, deployment: &'a Deployment) -> Result<Moving<'a>, PlanError> {
    let not = |why: &str| PlanError::NotMoved {
        deployment: deployment.name.clone(),
        why: why.to_owned(),
    };
    if !matches!(deployment.mode.as_str(), "STREAMING" | "STREAM") {
        return Err(not("a job that ends by itself is started anew, and not moved"));
    }
    if !matches!(deployment.kind.as_str(), "JAR" | "PYTHON" | "SQLSCRIPT") {
        return Err(not("upshift copies deployments of jars, Python and SQL"));
    }
    let job = deployment
        .job
        .as_result()
        .map_err(|gap| PlanError::Unseen { gap: gap.clone() })?;
    let job = job
        .as_ref()
        .ok_or_else(|| not("it has no job: there is nothing to move"))?;
    let in_place = s.declaration.strategy == Strategy::InPlace;
    if s.declaration.programs.contains_key(&deployment.name) {
        if in_place {
            return Err(not(
                "[[program]] says what its copy runs, and in place there is no copy",
            ));
        }
        if deployment.kind != "JAR" {
            return Err(not("[[program]] names a jar, and it runs none"));
        }
    }
    let named = s.change(deployment).recommended_savepoint_format != Some(Form::Default);
    let form = form(s, deployment);
    let name = ComponentId::new(&deployment.name);
    Ok(Moving {
        deployment,
        to: match in_place {
            true => name.clone(),
            false => ComponentId::new(format!("{}{}", deployment.name, s.declaration.clone_suffix)),
        },
        name,
        job: job.id.clone(),
        draft: if in_place { None } else { drafted(s, deployment)? },
        form,
        named,
        state: state(s, deployment, form),
    })
}

/// SQL that was deployed from a draft is copied by way of a draft, as the console does it: a deployment without one
/// could not be edited any more.
fn drafted(s: &Situation<'_>, deployment: &Deployment) -> Result<Option<Drafted>, PlanError> {
    if deployment.kind != "SQLSCRIPT" {
        return Ok(None);
    }
    let unseen = |gap: &Gap| PlanError::Unseen { gap: gap.clone() };
    let Some(draft) = deployment.draft.as_result().map_err(unseen)? else {
        return Ok(None);
    };
    let queue = deployment.queue.clone().ok_or_else(|| PlanError::NotMoved {
        deployment: deployment.name.clone(),
        why: "its draft is deployed into the queue of the original, and it names none".to_owned(),
    })?;
    let folder = s.declaration.clone_folder.clone();
    Ok(Some(Drafted {
        id: draft.id.clone(),
        folder,
        queue,
    }))
}

/// Native for a minor version where the engine says that it takes them; standard otherwise, which every engine reads.
fn form(s: &Situation<'_>, deployment: &Deployment) -> RestorePointKind {
    let recommended = s.change(deployment).recommended_savepoint_format;
    match (recommended, s.takes_native(deployment)) {
        (Some(Form::Native), Some(true)) => RestorePointKind::SavepointNative,
        _ => RestorePointKind::SavepointCanonical,
    }
}

fn state(s: &Situation<'_>, deployment: &Deployment, form: RestorePointKind) -> State {
    if s.declaration.stateless.contains(&deployment.name) {
        return State::None;
    }
    State::Carried(match (s.declaration.strategy, s.change(deployment).recommended_savepoint_format) {
        (Strategy::WithoutState, _) => return State::GivenUp,
        (Strategy::DoubleRun, _) => Leave::RunsOn,
        (_, Some(Form::Native)) => Leave::Into(
            form,
            "a minor version reads either form, so whichever the service takes at a stop will do".to_owned(),
        ),
        (_, Some(Form::Default)) => Leave::Into(form, "the engine has one form".to_owned()),
        _ => match form_of_stops(deployment) {
            Some(false) => Leave::Into(
                RestorePointKind::SavepointCanonical,
                "earlier stops of it left savepoints in standard form; the form is read back".to_owned(),
            ),
            Some(true) => Leave::Plainly(
                "plainly: earlier stops of it left native savepoints, which no other major version is promised to read"
                    .to_owned(),
            ),
            None => Leave::Plainly(
                "plainly: nobody can say in which form the service would take the savepoint of a stop".to_owned(),
            ),
        },
    })
}

/// Whether a deployment whose state goes along is stopped without a savepoint of the stop.
pub(in crate::systems::realtime_compute) fn is_stopped_plainly(
    s: &Situation<'_>,
    deployment: &Deployment,
) -> bool {
    matches!(
        state(s, deployment, form(s, deployment)),
        State::Carried(Leave::Plainly(_))
    )
}

/// Whether savepoints of earlier stops were native, where all that are known were of one form.
fn form_of_stops(deployment: &Deployment) -> Option<bool> {
    let points = deployment.points.known()?;
    let mut forms = points
        .iter()
        .filter(|point| point.origin == "STOP_WITH_SAVEPOINT" && point.state == "COMPLETED")
        .map(|point| point.native);
    let first = forms.next()??;
    forms.all(|other| other == Some(first)).then_some(first)
}
