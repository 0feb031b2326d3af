//! Savepoints, and checkpoints that are adopted. When the server does not know the trigger, everything else
//! that could tell of the savepoint is looked at before a second one is thought of.

use std::collections::BTreeSet;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::digest::Digest;
use upshift_model::ids::{ComponentId, Slot};
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::restore::{RestorePoint, RestorePointKind};
use upshift_model::span::Millis;

use super::super::codes::{self, failure, refused};
use super::super::contents::metadata_version;
use super::super::expectation::digest_of;
use super::super::look::Look;
use crate::flink::{Cluster, Contents, Job, Phase, checkpoint_location, uri};

const JOB: &str = "job";
const JOB_STARTED: &str = "job_started_ms";
const SERVER_NOW: &str = "server_now_ms";
const DIRECTORY: &str = "savepoint/";

/// The id of the job that the try was begun with.
pub(in super::super) fn job_before(intent: &Intent) -> Result<&str, Fault> {
    let named = intent.baseline.0.get(JOB).map(String::as_str);
    named.ok_or_else(|| refused("the intent does not name the job that was there before"))
}

fn number(intent: &Intent, key: &str) -> Option<i64> {
    intent.baseline.0.get(key)?.parse().ok()
}

struct Wanted<'a> {
    look: &'a Look<'a>,
    cluster: &'a Cluster,
    job: &'a str,
    form: RestorePointKind,
    into: &'a Slot,
    stops: bool,
    intent: &'a Intent,
}

pub(super) fn standing(
    look: &Look<'_>,
    (of, on): (&ComponentId, &ComponentId),
    form: RestorePointKind,
    into: &Slot,
    stops: bool,
    intent: Option<&Intent>,
) -> Result<Standing, Fault> {
    let (_, cluster) = look.cluster(on)?;
    let Some(intent) = intent else {
        return not_begun(look, cluster, of, on);
    };
    let wanted = Wanted {
        look,
        cluster,
        job: job_before(intent)?,
        form,
        into,
        stops,
        intent,
    };
    Ok(match cluster.triggers.get(intent.key.as_hex()) {
        None => wanted.by_evidence(),
        Some(trigger) => match &trigger.result {
            None => Standing::Underway(Progress::of("savepoint under way")),
            Some(Ok(location)) => wanted.completed(location, trigger.asked_at, trigger.ends_at),
            Some(Err(cause)) => wanted.failed(cause),
        },
    })
}

fn not_begun(
    look: &Look<'_>,
    cluster: &Cluster,
    of: &ComponentId,
    on: &ComponentId,
) -> Result<Standing, Fault> {
    let name = &look.job(of)?.name;
    let found = match look.known_id(of, on)? {
        Some(id) => cluster.jobs.get_key_value(&id),
        None => cluster
            .jobs
            .iter()
            .find(|(_, j)| j.name == *name && !look.phase(j).is_over()),
    };
    let gone = |what: String| Ok(Standing::Contradicted(failure(codes::JOB_GONE, what)));
    let Some((id, job)) = found else {
        return gone(format!("job {name} is not on cluster {on}"));
    };
    match look.phase(job) {
        Phase::Running => Ok(Standing::Ready(baseline(look, id, job))),
        phase if phase.is_over() => gone(format!("job {name} ({id}) is {}", phase.word())),
        phase => Ok(Standing::Waiting(Progress::of(format!(
            "job {name} is {}",
            phase.word()
        )))),
    }
}

fn baseline(look: &Look<'_>, id: &str, job: &Job) -> Baseline {
    let mut all = Baseline::default();
    let mut put = |key: &str, value: String| all.0.insert(key.to_owned(), value);
    put(JOB, id.to_owned());
    put(JOB_STARTED, job.submitted_at.to_string());
    put(SERVER_NOW, look.now.to_string());
    for location in directories(look, id) {
        put(&format!("{DIRECTORY}{location}"), "there".to_owned());
    }
    all
}

/// Locations of the job's savepoint directories.
fn directories(look: &Look<'_>, job: &str) -> BTreeSet<String> {
    let root = format!("{}/savepoint-", uri(&look.site.savepoints));
    let all = look.machine.world.snapshots().iter();
    all.filter(|(location, s)| {
        s.taken_of == job && s.contents != Contents::Gone && location.starts_with(&root)
    })
    .map(|(location, _)| location.clone())
    .collect()
}

impl Wanted<'_> {
    fn phase(&self) -> Option<Phase> {
        let job = self.cluster.jobs.get(self.job);
        job.map(|job| self.look.phase(job))
    }

    fn failed(&self, cause: &str) -> Standing {
        let told = |code, what: String| Failure {
            far_side: Some(cause.to_owned()),
            ..failure(code, what)
        };
        match self.phase() {
            Some(phase) if !phase.is_over() => {
                let what = format!("no savepoint of job {} was taken", self.job);
                Standing::Failed(told(codes::SAVEPOINT_FAILED, what))
            }
            _ => {
                let what = format!("job {} is over and the savepoint failed", self.job);
                Standing::Contradicted(told(codes::JOB_GONE, what))
            }
        }
    }

    fn completed(&self, location: &str, asked: i64, done: Option<i64>) -> Standing {
        if self.stops && self.phase().is_some_and(|phase| !phase.is_over()) {
            return Standing::Underway(Progress::of("the savepoint is there, the job is not yet over"));
        }
        let took = done.map(|done| done - asked);
        self.verified(location, asked, took, "the server completed it")
    }

    fn verified(&self, location: &str, asked: i64, took: Option<i64>, fact: &str) -> Standing {
        match filled(
            self.look,
            self.into,
            self.form,
            self.job,
            location,
            (asked, took),
            fact,
        ) {
            Ok(proof) => Standing::Done(proof),
            Err(missing) => Standing::Contradicted(missing),
        }
    }

    /// The server does not know the trigger: the request never arrived, or it was forgotten.
    fn by_evidence(&self) -> Standing {
        let job = self.cluster.jobs.get(self.job);
        let since = number(self.intent, SERVER_NOW).unwrap_or(i64::MAX);
        let same_start = job.map(|job| job.submitted_at) == number(self.intent, JOB_STARTED);
        let saved = job.filter(|_| same_start).and_then(|job| job.saved.as_ref());
        if let Some((asked, done, location, stops)) = saved
            && *asked >= since
            && *stops == self.stops
        {
            let fact = "the server forgot the trigger; its statistics name it";
            return self.verified(location, *asked, Some(done - asked), fact);
        }
        self.by_directories(job)
    }

    fn by_directories(&self, job: Option<&Job>) -> Standing {
        let known: BTreeSet<&str> = self
            .intent
            .baseline
            .0
            .keys()
            .filter_map(|key| key.strip_prefix(DIRECTORY))
            .collect();
        let new: Vec<String> = directories(self.look, self.job)
            .into_iter()
            .filter(|location| !known.contains(location.as_str()))
            .collect();
        let phase = job.map(|job| self.look.phase(job));
        let alive = phase.is_some_and(|phase| !phase.is_over());
        match new.as_slice() {
            [one] => self.found(one, alive),
            [] if phase == Some(Phase::Running) => Standing::Ready(self.intent.baseline.clone()),
            [] if alive => Standing::Waiting(Progress::of("the job is not running")),
            [] => {
                let what = format!("job {} is over or gone and left no savepoint", self.job);
                Standing::Contradicted(failure(codes::JOB_GONE, what))
            }
            several => {
                let what = format!("{} savepoints appeared since the step began", several.len());
                Standing::Contradicted(failure(codes::UNCERTAIN, what))
            }
        }
    }

    /// One complete savepoint appeared: is it ours?
    fn found(&self, location: &str, alive: bool) -> Standing {
        let contents = self
            .look
            .machine
            .world
            .snapshots()
            .get(location)
            .map(|s| s.contents);
        match (self.stops, contents) {
            (true, Some(Contents::Stop)) if alive => Standing::Underway(Progress::of(
                "savepoint of the stop is there, the job is not yet over",
            )),
            (true, Some(Contents::Stop)) | (false, Some(Contents::Snapshot)) => {
                let asked = number(self.intent, SERVER_NOW).unwrap_or(0);
                self.verified(
                    location,
                    asked,
                    None,
                    "the server forgot the trigger; it appeared since",
                )
            }
            _ => {
                let what = format!("a savepoint of another kind appeared at {location}");
                Standing::Contradicted(failure(codes::UNCERTAIN, what))
            }
        }
    }
}

pub(super) fn adopted(
    look: &Look<'_>,
    of: &ComponentId,
    on: &ComponentId,
    into: &Slot,
) -> Result<Standing, Fault> {
    let none = |why: &str| {
        let what = format!("{of} has no retained checkpoint that could be used: {why}");
        Ok(Standing::Contradicted(failure(codes::NO_CHECKPOINT, what)))
    };
    let Some(id) = look.known_id(of, on)? else {
        return none("its id is not known");
    };
    let (_, cluster) = look.cluster(on)?;
    let Some(job) = cluster.jobs.get(&id) else {
        return none("the server does not know the job any more");
    };
    if !look.phase(job).is_over() {
        return Ok(Standing::Waiting(Progress::of(
            "its newest checkpoint counts once it is over",
        )));
    }
    let Some((checkpoint, at)) = job.checkpoint(look.now).filter(|_| job.manner.retained) else {
        return none("the server names none");
    };
    let location = checkpoint_location(&cluster.config, &id, checkpoint);
    let kind = RestorePointKind::Checkpoint;
    Ok(
        match filled(
            look,
            into,
            kind,
            &id,
            &location,
            (at, None),
            "the newest checkpoint",
        ) {
            Ok(proof) => Standing::Done(proof),
            Err(missing) => Standing::Contradicted(missing),
        },
    )
}

fn filled(
    look: &Look<'_>,
    slot: &Slot,
    kind: RestorePointKind,
    job: &str,
    location: &str,
    (asked, took): (i64, Option<i64>),
    fact: &str,
) -> Result<Proof, Failure> {
    let snapshot = look.machine.world.snapshots().get(location);
    let Some(snapshot) = snapshot.filter(|s| s.is_whole()) else {
        let what = format!("{location} is not there or cannot be read");
        return Err(failure(codes::UNREADABLE, what));
    };
    let digest: Digest = digest_of(location, snapshot);
    let point = RestorePoint {
        kind,
        location: location.to_owned(),
        taken_of: job.to_owned(),
        triggered_at: jiff::Timestamp::from_millisecond(asked).unwrap_or(jiff::Timestamp::UNIX_EPOCH),
        took: took.and_then(|ms| u64::try_from(ms).ok()).map(Millis),
        bytes: Some(121_000),
        metadata_version: Some(metadata_version(&snapshot.release)),
        metadata_digest: Some(digest.clone()),
    };
    let facts = [
        fact.to_owned(),
        format!("on disk: {location}, digest {}", digest.short()),
    ];
    Ok(Proof::of(facts).with(Binding::Restore {
        slot: slot.clone(),
        point,
    }))
}
