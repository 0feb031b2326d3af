//! Savepoints: taken beside the running job, or as its last act; and checkpoints that are adopted.
//!
//! The server remembers a trigger for some minutes and not beyond its own end. When it does not know
//! ours, everything else that could tell of the savepoint is looked at before a second one is thought
//! of, and what cannot be told is said to be so.

use std::collections::BTreeSet;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::flink::OLD;
use upshift_model::ids::{BindingName, ComponentId, Slot};
use upshift_model::proof::{Binding, Bindings, Proof};
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::restore::{RestorePoint, RestorePointKind};
use upshift_model::span::Millis;

use super::super::answers::{Checkpoint, Checkpoints, JobState, JobSummary, SavepointStatus};
use super::super::client::FlinkClient;
use super::super::savepoint::{self, OnDisk};
use super::super::{FlinkDriver, codes};
use super::{Look, failure};
use crate::wire::objects::Objects;

/// What becomes of the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    RunsOn,
    Stops,
}

// Keys of the baseline.
const JOB: &str = "job";
const JOB_STARTED: &str = "job_started_ms";
const SERVER_NOW: &str = "server_now_ms";
const OWN_NOW: &str = "own_now_ms";
const DIRECTORY: &str = "savepoint/";

/// A savepoint of a small job takes 0.1 s and one of 100 MB below 1 s. The server caches its
/// statistics for 3 s, so asking for progress earlier would only keep the figures of the finished
/// savepoint from being seen.
const ASK_FOR_PROGRESS_AFTER_MS: i64 = 2_000;

/// The id of the job that the try was begun with.
pub(in super::super) fn job_before(intent: &Intent) -> Result<&str, Fault> {
    text(intent, JOB).ok_or_else(|| {
        super::refused(
            codes::NOT_IN_THE_PLAN,
            "the intent does not name the job that was there before",
        )
    })
}

fn text<'i>(intent: &'i Intent, key: &str) -> Option<&'i str> {
    intent.baseline.0.get(key).map(String::as_str)
}

fn number(intent: &Intent, key: &str) -> Option<i64> {
    text(intent, key)?.parse().ok()
}

/// The id under which the job runs on the cluster, as far as the run knows: what a step bound, or what
/// the inventory saw on the old cluster.
pub(in super::super) fn known_id(
    driver: &FlinkDriver,
    bound: &Bindings,
    job: &ComponentId,
    on: &ComponentId,
) -> Result<Option<String>, Fault> {
    let name = job.as_str().strip_prefix("job/").unwrap_or(job.as_str());
    let binding = BindingName::new(format!("id/{name}@{on}"));
    let seen = driver.job(job)?.running_as.clone();
    Ok(bound
        .value(&binding)
        .map(str::to_owned)
        .or_else(|| seen.filter(|_| on.as_str() == OLD)))
}

/// One savepoint that is looked for.
struct Wanted<'a> {
    objects: &'a Objects,
    client: &'a FlinkClient,
    root: &'a str,
    job: &'a str,
    form: RestorePointKind,
    into: &'a Slot,
    ending: Ending,
    intent: &'a Intent,
}

impl Look<'_> {
    pub(super) async fn savepoint(
        &self,
        (of, on): (&ComponentId, &ComponentId),
        form: RestorePointKind,
        into: &Slot,
        ending: Ending,
    ) -> Result<Standing, Fault> {
        let (client, _) = self.driver.cluster(on)?;
        let root = self.driver.site()?.savepoints.as_str();
        let Some(intent) = self.intent else {
            return self.not_begun(client, of, on, root).await;
        };
        let job = job_before(intent)?;
        let wanted = Wanted {
            objects: &self.driver.objects,
            client,
            root,
            job,
            form,
            into,
            ending,
            intent,
        };
        match client.savepoint(job, intent.key.as_hex()).await? {
            Some(SavepointStatus::InProgress) => wanted.progress(self.driver).await,
            Some(SavepointStatus::Completed { location }) => wanted.completed(&location).await,
            Some(SavepointStatus::Failed { cause }) => wanted.failed(cause).await,
            None => wanted.by_evidence().await,
        }
    }

    async fn not_begun(
        &self,
        client: &FlinkClient,
        of: &ComponentId,
        on: &ComponentId,
        root: &str,
    ) -> Result<Standing, Fault> {
        let known = known_id(self.driver, self.bound, of, on)?;
        let name = &self.driver.job(of)?.name;
        let jobs = client.jobs().await?;
        let found = find(&jobs, known.as_deref(), name);
        let Some(job) = found else {
            let what = format!("job {name} is not on cluster {on}");
            return Ok(Standing::Contradicted(failure(codes::JOB_GONE, what)));
        };
        match &job.state {
            JobState::Running => Ok(Standing::Ready(self.savepoint_baseline(job, root).await)),
            state if state.is_over() => {
                let what = format!("job {name} ({}) is {state} before upshift stopped it", job.jid);
                Ok(Standing::Contradicted(failure(codes::JOB_GONE, what)))
            }
            state => Ok(Standing::Waiting(Progress::of(format!("job {name} is {state}")))),
        }
    }

    async fn savepoint_baseline(&self, job: &JobSummary, root: &str) -> Baseline {
        let mut baseline = Baseline::default();
        let mut put = |key: &str, value: String| baseline.0.insert(key.to_owned(), value);
        put(JOB, job.jid.clone());
        put(JOB_STARTED, job.start_time.to_string());
        put(SERVER_NOW, (job.start_time + job.duration).to_string());
        put(OWN_NOW, self.driver.now().as_millisecond().to_string());
        let objects = &self.driver.objects;
        for name in savepoint::directories_of(objects, &job.jid, root)
            .await
            .into_iter()
            .flatten()
        {
            put(&format!("{DIRECTORY}{name}"), "there".to_owned());
        }
        baseline
    }

    pub(super) async fn adopted(
        &self,
        of: &ComponentId,
        on: &ComponentId,
        into: &Slot,
    ) -> Result<Standing, Fault> {
        let (client, _) = self.driver.cluster(on)?;
        let name = &self.driver.job(of)?.name;
        let none = |why: &str| {
            let what = format!("job {name} has no retained checkpoint that could be used: {why}");
            Ok(Standing::Contradicted(failure(codes::NO_CHECKPOINT, what)))
        };
        let Some(id) = known_id(self.driver, self.bound, of, on)? else {
            return none("its id is not known");
        };
        match client.job_status(&id).await? {
            None => return none("the server does not know the job any more"),
            // Its newest checkpoint is replaced within one checkpoint interval.
            Some(state) if !state.is_over() => {
                let what = format!("job {name} is {state}; its newest checkpoint counts once it is over");
                return Ok(Standing::Waiting(Progress::of(what)));
            }
            Some(_) => {}
        }
        let newest = client
            .checkpoints(&id)
            .await?
            .and_then(|found| found.latest.completed);
        // A checkpoint that is not retained goes with the job, and the server says so.
        let newest = newest.filter(|checkpoint| checkpoint.discarded != Some(true));
        let Some((checkpoint, location)) = newest.and_then(|c| c.external_path.clone().map(|path| (c, path)))
        else {
            return none("the server names none");
        };
        let (kind, stamps) = (RestorePointKind::Checkpoint, Stamps::of(&checkpoint));
        let objects = &self.driver.objects;
        match filled(objects, into, kind, &id, (location, stamps), Vec::new()).await {
            Ok(proof) => Ok(Standing::Done(proof)),
            Err(missing) => Ok(Standing::Contradicted(missing)),
        }
    }
}

fn find<'j>(jobs: &'j [JobSummary], known: Option<&str>, name: &str) -> Option<&'j JobSummary> {
    match known {
        Some(id) => jobs.iter().find(|job| job.jid == id),
        None => {
            let mut alive = jobs.iter().filter(|job| job.name == name && !job.state.is_over());
            alive.next().filter(|_| alive.next().is_none())
        }
    }
}

impl Wanted<'_> {
    async fn progress(&self, driver: &FlinkDriver) -> Result<Standing, Fault> {
        let word = match self.ending {
            Ending::RunsOn => "savepoint",
            Ending::Stops => "stop with savepoint",
        };
        let begun = number(self.intent, OWN_NOW).unwrap_or(i64::MAX);
        if driver.now().as_millisecond().saturating_sub(begun) < ASK_FOR_PROGRESS_AFTER_MS {
            return Ok(Standing::Underway(Progress::of(format!("{word} asked for"))));
        }
        let statistics = self.client.checkpoints(self.job).await?;
        let Some(mine) = statistics.as_ref().and_then(|s| self.in_progress(s)) else {
            return Ok(Standing::Underway(Progress::of(format!("{word} under way"))));
        };
        let mut progress = Progress::of(word);
        let mut say = |name: &str, value: Option<u64>| {
            if let Some(value) = value {
                progress.numbers.insert(name.to_owned(), value);
            }
        };
        say("subtasks", mine.num_subtasks.map(u64::from));
        say("acknowledged", mine.num_acknowledged_subtasks.map(u64::from));
        say("bytes", mine.checkpointed_size.or(mine.state_size));
        if let (Some(done), Some(all)) = (mine.num_acknowledged_subtasks, mine.num_subtasks) {
            let size = mine.checkpointed_size.or(mine.state_size);
            let size = size.map_or(String::new(), |bytes| format!("{:.1} MB, ", bytes as f64 / 1e6));
            progress.what = format!("{word}: {size}{done} of {all} subtasks");
        }
        Ok(Standing::Underway(progress))
    }

    /// Ours, as long as nobody else takes savepoints of the job at the very same time.
    fn in_progress<'s>(&self, statistics: &'s Checkpoints) -> Option<&'s Checkpoint> {
        let since = number(self.intent, SERVER_NOW)?;
        let ours = |c: &&Checkpoint| {
            c.is_savepoint && c.status == "IN_PROGRESS" && c.trigger_timestamp >= since && self.fits(c)
        };
        statistics.history.iter().find(ours)
    }

    /// Whether the server's entry is of the kind that was asked for: a stop's savepoint halts the
    /// sources first, any other lets the job process on.
    fn fits(&self, entry: &Checkpoint) -> bool {
        match (entry.checkpoint_type.as_deref(), self.ending) {
            (Some("SYNC_SAVEPOINT"), ending) => ending == Ending::Stops,
            (Some(_), ending) => ending == Ending::RunsOn,
            (None, _) => false,
        }
    }

    async fn failed(&self, cause: String) -> Result<Standing, Fault> {
        let state = self.client.job_status(self.job).await?;
        let told = |code, what| Failure {
            code,
            what,
            far_side: Some(cause.clone()),
        };
        Ok(match state {
            Some(state) if !state.is_over() => {
                let what = format!("no savepoint of job {} was taken; the job is {state}", self.job);
                Standing::Failed(told(codes::SAVEPOINT_FAILED, what))
            }
            gone => {
                let now = gone.map_or("not known to the server".to_owned(), |state| state.to_string());
                let what = format!("job {} is {now} and the savepoint failed", self.job);
                Standing::Contradicted(told(codes::JOB_GONE, what))
            }
        })
    }

    async fn completed(&self, location: &str) -> Result<Standing, Fault> {
        let mut facts = vec![format!(
            "the server completed {} at {location}",
            self.form.words()
        )];
        if self.ending == Ending::Stops {
            match self.client.job_status(self.job).await? {
                Some(state) if !state.is_over() => {
                    let what = format!("savepoint is at {location}, job is {state} and not yet over");
                    return Ok(Standing::Underway(Progress::of(what)));
                }
                Some(state) => facts.push(format!("job {} is {state}", self.job)),
                None => facts.push(format!("the server does not know job {} any more", self.job)),
            }
        }
        let statistics = self.client.checkpoints(self.job).await?;
        let stamps = self.stamps(location, statistics.as_ref());
        self.verified(location, stamps, facts).await
    }

    async fn verified(
        &self,
        location: &str,
        stamps: Option<Stamps>,
        facts: Vec<String>,
    ) -> Result<Standing, Fault> {
        // Earlier than the truth by the time between look and request at most: what is said to be
        // replayed is then never less than what will be.
        let begun = number(self.intent, SERVER_NOW).map(|at| Stamps {
            triggered: at,
            took: None,
        });
        let Some(stamps) = stamps.or(begun) else {
            let what = "the intent does not say when the savepoint was asked for";
            return Err(super::refused(codes::NOT_IN_THE_PLAN, what));
        };
        let place = (location.to_owned(), stamps);
        match filled(self.objects, self.into, self.form, self.job, place, facts).await {
            Ok(proof) => Ok(Standing::Done(proof)),
            Err(missing) => Ok(Standing::Contradicted(missing)),
        }
    }

    /// When it was triggered and how long it took, by the server's own statistics, which may be 3 s
    /// old and then show it as not yet completed or not at all.
    fn stamps(&self, location: &str, statistics: Option<&Checkpoints>) -> Option<Stamps> {
        let statistics = statistics?;
        let here = |c: &&Checkpoint| {
            c.external_path
                .as_deref()
                .is_some_and(|p| savepoint::same_location(p, location))
        };
        let done = statistics
            .latest
            .savepoint
            .iter()
            .chain(&statistics.history)
            .find(here);
        let running = || {
            self.in_progress(statistics).map(|c| Stamps {
                triggered: c.trigger_timestamp,
                took: None,
            })
        };
        done.map(Stamps::of).or_else(running)
    }

    /// The server does not know the trigger: the request never arrived, or it was forgotten.
    async fn by_evidence(&self) -> Result<Standing, Fault> {
        let jobs = self.client.jobs().await?;
        let job = jobs.iter().find(|job| job.jid == self.job);
        let since = number(self.intent, SERVER_NOW);
        // Statistics of a job that was started anew (by a job manager that took over) know nothing of
        // the time before.
        let same_start = job.map(|job| job.start_time) == number(self.intent, JOB_STARTED);
        let statistics = match job {
            Some(_) if same_start => self.client.checkpoints(self.job).await?,
            _ => None,
        };
        if let Some(statistics) = &statistics {
            let told = statistics.latest.savepoint.as_ref();
            let told = told.filter(|c| since.is_some_and(|at| c.trigger_timestamp >= at) && self.fits(c));
            if let Some((entry, location)) = told.and_then(|c| c.external_path.as_ref().map(|path| (c, path)))
            {
                return self.completed_by_statistics(job, entry, location).await;
            }
            if self.in_progress(statistics).is_some() {
                return Ok(Standing::Underway(Progress::of(
                    "savepoint under way, its trigger forgotten",
                )));
            }
        }
        self.by_directories(job, statistics.is_some()).await
    }

    async fn completed_by_statistics(
        &self,
        job: Option<&JobSummary>,
        entry: &Checkpoint,
        location: &str,
    ) -> Result<Standing, Fault> {
        if let (Ending::Stops, Some(job)) = (self.ending, job)
            && !job.state.is_over()
        {
            let what = format!(
                "savepoint is at {location}, job is {} and not yet over",
                job.state
            );
            return Ok(Standing::Underway(Progress::of(what)));
        }
        let facts = vec![format!(
            "the server forgot the trigger; its statistics name {location}"
        )];
        self.verified(location, Some(Stamps::of(entry)), facts).await
    }

    async fn by_directories(&self, job: Option<&JobSummary>, told: bool) -> Result<Standing, Fault> {
        let state = job.map(|job| &job.state);
        let alive = state.is_some_and(|state| !state.is_over());
        let now = state.map_or("not known to the server".to_owned(), ToString::to_string);
        let (complete, begun) = match self.new_directories().await {
            Some(found) => found,
            // Blind on disk: only a server that remembers the whole time since can say that nothing
            // was taken.
            None if told && alive => return Ok(Standing::Ready(self.intent.baseline.clone())),
            None => return Ok(self.uncertain(format!("the trigger is forgotten, the job is {now}"), None)),
        };
        match (complete.as_slice(), begun.as_slice()) {
            ([one], _) => self.found(one, alive, &now).await,
            ([], []) if matches!(state, Some(JobState::Running)) => {
                Ok(Standing::Ready(self.intent.baseline.clone()))
            }
            ([], []) if alive => Ok(Standing::Waiting(Progress::of(format!("job is {now}")))),
            ([], _) if alive => {
                let what = format!(
                    "savepoint {} is begun and not complete, its trigger forgotten",
                    begun.join(", ")
                );
                Ok(Standing::Waiting(Progress::of(what)))
            }
            ([], _) => {
                let what = format!("job {} is {now} and left no savepoint", self.job);
                Ok(Standing::Contradicted(failure(codes::JOB_GONE, what)))
            }
            (several, _) => {
                let what = format!("{} savepoints appeared since the step began", several.len());
                Ok(self.uncertain(what, Some(several.join(", "))))
            }
        }
    }

    /// One complete savepoint appeared: is it ours?
    async fn found(&self, location: &str, alive: bool, now: &str) -> Result<Standing, Fault> {
        let contents = match savepoint::read(self.objects, location).await {
            Ok(OnDisk::Here(contents)) => contents,
            Ok(OnDisk::OutOfSight { why, .. }) => return Ok(self.uncertain(why, None)),
            Err(damaged) => return Ok(Standing::Contradicted(damaged)),
        };
        match (self.ending, contents.is_of_a_stop()) {
            (Ending::Stops, Some(true)) if alive => {
                let what = format!("savepoint of the stop is at {location}, job is {now} and not yet over");
                return Ok(Standing::Underway(Progress::of(what)));
            }
            (Ending::Stops, Some(true)) | (Ending::RunsOn, Some(false)) => {}
            _ => {
                let what = format!("a savepoint of another kind appeared at {location}, the job is {now}");
                return Ok(self.uncertain(what, None));
            }
        }
        let facts = vec![format!(
            "the server forgot the trigger; {location} appeared since the step began"
        )];
        self.verified(location, None, facts).await
    }

    fn uncertain(&self, what: String, far_side: Option<String>) -> Standing {
        let what = format!(
            "whether a savepoint of job {} was taken cannot be told: {what}",
            self.job
        );
        Standing::Contradicted(Failure {
            code: codes::SAVEPOINT_UNCERTAIN,
            what,
            far_side,
        })
    }

    /// URIs of directories that were not there when the step began: with metadata, and without.
    async fn new_directories(&self) -> Option<(Vec<String>, Vec<String>)> {
        let known: BTreeSet<&str> = self
            .intent
            .baseline
            .0
            .keys()
            .filter_map(|key| key.strip_prefix(DIRECTORY))
            .collect();
        let found = savepoint::directories_of(self.objects, self.job, self.root).await?;
        let (mut complete, mut begun) = (Vec::new(), Vec::new());
        for name in found.iter().filter(|name| !known.contains(name.as_str())) {
            let uri = savepoint::below(self.root, name);
            match savepoint::has_metadata(self.objects, self.root, name)
                .await
                .ok()?
            {
                true => complete.push(uri),
                false => begun.push(uri),
            }
        }
        Some((complete, begun))
    }
}

/// Times by the server's clock, in milliseconds.
#[derive(Debug, Clone, Copy)]
struct Stamps {
    triggered: i64,
    took: Option<u64>,
}

impl Stamps {
    fn of(entry: &Checkpoint) -> Self {
        let took = entry
            .latest_ack_timestamp
            .and_then(|ack| u64::try_from(ack - entry.trigger_timestamp).ok());
        Self {
            triggered: entry.trigger_timestamp,
            took,
        }
    }
}

/// The slot filled, once the restore point is seen to be complete.
async fn filled(
    objects: &Objects,
    slot: &Slot,
    kind: RestorePointKind,
    job: &str,
    (location, stamps): (String, Stamps),
    mut facts: Vec<String>,
) -> Result<Proof, Failure> {
    let contents = match savepoint::read(objects, &location).await? {
        OnDisk::Here(contents) => Some(contents),
        OnDisk::OutOfSight { why, .. } => {
            facts.push(format!("not verified on disk: {why}"));
            None
        }
    };
    let triggered_at = jiff::Timestamp::from_millisecond(stamps.triggered).map_err(|e| {
        failure(
            codes::RESTORE_POINT_UNREADABLE,
            format!("the server's time of {location} is none: {e}"),
        )
    })?;
    facts.push(match stamps.took {
        Some(took) => format!(
            "triggered at {triggered_at} by the server's clock, took {}",
            Millis(took)
        ),
        None => format!("triggered at {triggered_at} by the server's clock"),
    });
    if let Some(seen) = &contents {
        let (version, files, bytes) = (seen.snapshot.version, seen.files, seen.bytes);
        let digest = seen.digest.short();
        facts.push(format!(
            "on disk: metadata version {version}, digest {digest}…, {bytes} bytes in {files} files"
        ));
    }
    let point = RestorePoint {
        kind,
        location,
        taken_of: job.to_owned(),
        triggered_at,
        took: stamps.took.map(Millis),
        bytes: contents.as_ref().map(|seen| seen.bytes),
        metadata_version: contents.as_ref().map(|seen| seen.snapshot.version),
        metadata_digest: contents.map(|seen| seen.digest),
    };
    Ok(Proof::of(facts).with(Binding::Restore {
        slot: slot.clone(),
        point,
    }))
}
