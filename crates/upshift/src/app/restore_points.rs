//! Restore points without an upgrade: taken and disposed of by runs of their own, listed from the
//! journals of all runs, verified by reading them.

use std::path::Path;

use upshift_drivers::flink::{referring, savepoint_digest};
use upshift_drivers::wire::objects::Objects;
use upshift_model::flink::fit;
use upshift_model::ids::{RunId, Slot};
use upshift_model::objects::ObjectAccess;
use upshift_model::plan::Sealed;
use upshift_model::record::Outcome;
use upshift_model::restore::RestorePoint;
use upshift_model::run_state::{Phase, RunState};
use upshift_model::span::Millis;
use upshift_model::step::{Effect, Releasable};
use upshift_planner::systems::flink::restore_points::{self, TakeError};

use super::check::{Case, Overrides};
use super::context::Context;
use super::find_run::{self, Found};
use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};
use crate::{codes, secret};

/// A restore point that some run made.
pub struct Known {
    /// The run.
    pub run: RunId,
    /// Its system.
    pub system: String,
    /// The slot it filled.
    pub slot: Slot,
    /// The restore point.
    pub point: RestorePoint,
    /// How the store is reached that it may lie in.
    pub objects: ObjectAccess,
    /// Whether it is kept, and by whom.
    pub keeping: Keeping,
}

/// Whether a restore point is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeping {
    /// An open run may go back to it.
    ByOpenRun,
    /// The policy of its run keeps it until then.
    Until(jiff::Timestamp),
    /// Kept until a person releases it.
    UntilReleased,
    /// The policy's time is over.
    TimeIsOver,
    /// Its files were deleted by a later run.
    Disposed,
}

impl Keeping {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::ByOpenRun => "kept by its open run".to_owned(),
            Self::Until(at) => format!("kept until {}", at.strftime("%Y-%m-%d %H:%M:%S UTC")),
            Self::UntilReleased => "kept until it is released".to_owned(),
            Self::TimeIsOver => "its time is over; its files are still there".to_owned(),
            Self::Disposed => "disposed of".to_owned(),
        }
    }
}

/// Plans a savepoint of the named jobs of a system file; of all its jobs where none is named.
///
/// # Errors
/// With the mistakes of the file, when the system cannot be seen, or a job does not run once.
pub async fn plan_take(file: &Path, jobs: &[String]) -> Result<Sealed, Stop> {
    let case = Case::open(file, Overrides::default()).await?;
    let situation = case.flink()?;
    let named: Vec<String> = match jobs.is_empty() {
        true => situation
            .declaration
            .jobs
            .iter()
            .map(|job| job.name.clone())
            .collect(),
        false => jobs.to_vec(),
    };
    let plan = restore_points::take(&situation, &named).map_err(|error| {
        let exit = match &error {
            TakeError::Unseen { .. } => Exit::Unknown,
            TakeError::NotOne { .. } => Exit::Usage,
        };
        Trouble::new(codes::NO_RESTORE_POINT, exit, error.to_string()).next("upshift observe FILE")
    })?;
    Ok(plan.seal())
}

/// All restore points of all runs, oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn list(context: &Context, system: Option<&str>) -> Result<Vec<Known>, Stop> {
    let runs = find_run::all(context).await?;
    let disposed: Vec<String> = runs.iter().flat_map(|found| deleted(&found.state)).collect();
    let now = context.clock.now();
    let mut known: Vec<Known> = Vec::new();
    for found in &runs {
        let name = found.state.plan.plan.system.as_str();
        if system.is_some_and(|wanted| wanted != name) {
            continue;
        }
        let site = found.state.plan.plan.site.flink();
        for (slot, point) in &found.state.bindings.slots {
            // A run that disposes of a restore point carries the plan of the run that made it, not
            // its journal; so every slot here was filled by its own run.
            known.push(Known {
                run: found.state.run.clone(),
                system: name.to_owned(),
                slot: slot.clone(),
                point: point.clone(),
                objects: site.map(|site| site.objects.clone()).unwrap_or_default(),
                keeping: keeping(found, point, &disposed, now),
            });
        }
    }
    known.sort_by_key(|k| k.point.triggered_at);
    Ok(known)
}

fn deleted(run: &RunState) -> Vec<String> {
    let plans = std::iter::once(&run.plan.plan).chain(run.back.as_ref().map(|back| &back.plan));
    let steps = plans
        .flat_map(|plan| plan.steps())
        .filter(|step| run.is_done(&step.id));
    steps
        .filter_map(|step| match &step.effect {
            Effect::Release {
                what: Releasable::RestorePointFiles { location, .. },
            } => Some(location.clone()),
            Effect::Release {
                what: Releasable::SlotFiles { slot },
            } => run.bindings.slot(slot).map(|point| point.location.clone()),
            _ => None,
        })
        .collect()
}

fn keeping(found: &Found, point: &RestorePoint, disposed: &[String], now: jiff::Timestamp) -> Keeping {
    if disposed.contains(&point.location) {
        return Keeping::Disposed;
    }
    let Phase::Closed { at, outcome, .. } = &found.state.phase else {
        return Keeping::ByOpenRun;
    };
    match (found.state.plan.plan.policy.keep_restore_points, outcome) {
        (Some(keep), Outcome::Finalized | Outcome::RolledBack) => {
            // A time too long to be counted keeps it until a person says otherwise, never less.
            let Ok(keep) = jiff::SignedDuration::try_from(keep.as_duration()) else {
                return Keeping::UntilReleased;
            };
            let end = at.saturating_add(keep);
            match end {
                Ok(end) if end > now => Keeping::Until(end),
                Ok(_) => Keeping::TimeIsOver,
                Err(_) => Keeping::UntilReleased,
            }
        }
        (None, _) | (Some(Millis(_)), Outcome::Abandoned) => Keeping::UntilReleased,
    }
}

/// What reading a restore point showed.
pub struct Reading {
    /// Whether it is complete and still the one that the journal knows; none where it cannot be seen
    /// from here.
    pub whole: Option<bool>,
    /// What was seen.
    pub what: String,
}

/// Reads a restore point and holds it against the journal.
pub async fn verify(known: &Known) -> Reading {
    let said = |whole, what: String| Reading { whole, what };
    let objects = Objects::new(known.objects.clone(), secret::secrets());
    match (
        savepoint_digest(&objects, &known.point.location).await,
        &known.point.metadata_digest,
    ) {
        (Ok(Ok(found)), Some(noted)) if found == *noted => said(
            Some(true),
            format!("complete; its metadata has digest {} as noted", found.short()),
        ),
        (Ok(Ok(found)), Some(noted)) => said(
            Some(false),
            format!(
                "its metadata has digest {}, the journal noted {}",
                found.short(),
                noted.short()
            ),
        ),
        (Ok(Ok(found)), None) => said(
            None,
            format!(
                "complete, digest {}; the journal noted none to compare",
                found.short()
            ),
        ),
        (Ok(Err(why)), _) => said(None, format!("it cannot be seen from this machine: {why}")),
        (Err(failure), _) => said(Some(false), failure.what),
    }
}

/// Plans the disposal of a restore point.
///
/// # Errors
/// When no run knows it, an open run or the policy keeps it, or it is no savepoint of its own.
pub async fn plan_release(context: &Context, location: &str, early: bool) -> Result<Sealed, Stop> {
    let refuse =
        |what: String| Trouble::usage(codes::NO_RESTORE_POINT, what).next("upshift restore-points list");
    let all = list(context, None).await?;
    let known = all
        .iter()
        .find(|k| k.point.location == location)
        .ok_or_else(|| refuse(format!("no run knows a restore point at {location}")))?;
    match &known.keeping {
        Keeping::ByOpenRun => return Err(refuse(format!("run {} may still go back to it", known.run)).into()),
        Keeping::Disposed => return Err(refuse(format!("{location} was disposed of already")).into()),
        Keeping::Until(_) if !early => {
            let what = format!("{location} is {}", known.keeping.words());
            return Err(refuse(what)
                .next(format!("upshift restore-points release {location} --early"))
                .into());
        }
        Keeping::Until(_) | Keeping::UntilReleased | Keeping::TimeIsOver => {}
    }
    if known.point.kind == upshift_model::restore::RestorePointKind::Checkpoint {
        let what = format!("{location} is a checkpoint: its job may share files with later ones");
        return Err(refuse(what).into());
    }
    let Some(digest) = &known.point.metadata_digest else {
        return Err(refuse(format!(
            "{location} was never read, so it cannot be told from another one"
        ))
        .into());
    };
    let others = all.iter().filter(|other| other.keeping != Keeping::Disposed);
    let others: Vec<_> = others.map(|other| other.point.location.clone()).collect();
    let needed = referring(location, others);
    if !needed.found.is_empty() {
        let what = format!("{location} stays: {} needs files of it", needed.found.join(", "));
        let trouble = Trouble::usage(fit::codes::NEEDS_ANOTHER, what);
        return Err(trouble
            .next(format!("upshift explain {}", fit::codes::NEEDS_ANOTHER))
            .into());
    }
    let of = find_run::find(context, Some(known.run.as_str())).await?;
    Ok(restore_points::dispose(&of.state, &known.point, digest, context.clock.now()).seal())
}
