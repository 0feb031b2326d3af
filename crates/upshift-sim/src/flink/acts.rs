//! What can be done to a cluster over REST, whoever asks: the wire face after reading a body, the direct
//! face as it is.

use super::job::{Job, Phase};
use super::manner::{Restoring, Saving};
use super::state::Lineage;
use super::trigger::{Contents, Trigger, Written, path, uri};
use super::world::World;

/// A job that is submitted.
#[derive(Debug, Clone, Copy)]
pub struct Submission<'a> {
    /// Id of the uploaded jar.
    pub jar: &'a str,
    /// Id that the job is to have.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Where it is restored from.
    pub from: Option<&'a str>,
}

/// A savepoint that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct SavepointAsked<'a> {
    /// Id of the job.
    pub job: &'a str,
    /// Id under which it is asked for.
    pub trigger: &'a str,
    /// The directory below which it is written.
    pub root: &'a str,
    /// Whether the job stops with it.
    pub stops: bool,
}

/// Why a jar was not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRun {
    /// No such jar.
    NoJar,
    /// The job's id is taken.
    Duplicate,
    /// For this cause.
    Cause(String),
}

impl NotRun {
    /// The cause as the server words it.
    pub fn cause(&self) -> String {
        match self {
            Self::NoJar => "the jar is not in the upload folder".to_owned(),
            Self::Duplicate => "org.apache.flink.runtime.client.DuplicateJobSubmissionException: \
                                Job has already been submitted."
                .to_owned(),
            Self::Cause(cause) => cause.clone(),
        }
    }
}

impl World {
    /// Takes a jar in; gives the server's id of it.
    pub fn upload(&mut self, conf: &str, name: &str) -> String {
        let (cluster, release) = self.here(conf);
        cluster.uploads += 1;
        let id = format!("00000000-0000-4000-8000-{:012x}_{name}", cluster.uploads);
        cluster.jars.insert(id.clone(), name.to_owned());
        self.count(format!("{release} upload"));
        id
    }

    /// Deletes an uploaded jar; whether it was there.
    pub fn delete_jar(&mut self, conf: &str, id: &str) -> bool {
        let (cluster, release) = self.here(conf);
        let there = cluster.jars.remove(id).is_some();
        if there {
            self.count(format!("{release} delete jar"));
        }
        there
    }

    /// Runs a jar.
    ///
    /// # Errors
    /// When the server would not.
    pub fn run(&mut self, conf: &str, submission: &Submission<'_>, now: i64) -> Result<(), NotRun> {
        let Submission { jar, id, name, from } = *submission;
        let (cluster, release) = self.here(conf);
        if !cluster.jars.contains_key(jar) {
            return Err(NotRun::NoJar);
        }
        if cluster.jobs.contains_key(id) {
            return Err(NotRun::Duplicate);
        }
        let manner = self.manner(&release, name);
        if let Restoring::Refused(cause) = &manner.restoring {
            return Err(NotRun::Cause(cause.clone()));
        }
        let mut from = from.map(uri);
        if let Some(point) = &from
            && !self.snapshots.get(point).is_some_and(super::Snapshot::is_whole)
        {
            let cause = "java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory";
            return Err(NotRun::Cause(format!("{cause} '{point}' on file system 'file'.")));
        }
        if let Restoring::From(other) = &manner.restoring {
            from = Some(other.clone());
        }
        let restored = from.as_ref().and_then(|point| self.snapshots.get(point));
        let job = Job {
            name: name.to_owned(),
            submitted_at: now,
            state: restored.map_or_else(
                || Lineage::nothing(name, self.graph_of(name)),
                |snapshot| snapshot.state.clone(),
            ),
            restored_from: from,
            manner,
            over: None,
            saved: None,
        };
        self.judge_start(&release, id, &job);
        self.here(conf).0.jobs.insert(id.to_owned(), job);
        self.count(format!("{release} run {name}"));
        Ok(())
    }

    /// Asks for a savepoint. A trigger that is known is not started again, and that a job is unknown is found
    /// out later only.
    pub fn save(&mut self, conf: &str, asked: &SavepointAsked<'_>, now: i64) {
        let (cluster, release) = self.here(conf);
        if cluster.triggers.contains_key(asked.trigger) {
            return;
        }
        let known = cluster
            .jobs
            .get(asked.job)
            .map(|found| (found.name.clone(), found.manner.clone()));
        let takes = known.as_ref().map_or(Some(0), |(_, manner)| match manner.saving {
            Saving::Hangs => None,
            _ => Some(manner.savepoint_takes),
        });
        let trigger = Trigger {
            job: asked.job.to_owned(),
            stops: asked.stops,
            root: asked.root.to_owned(),
            asked_at: now,
            ends_at: takes.map(|ms| now + ms),
            result: None,
        };
        cluster.triggers.insert(asked.trigger.to_owned(), trigger);
        let name = known.map_or_else(|| asked.job.to_owned(), |(name, _)| name);
        let what = if asked.stops { "stop" } else { "savepoint of" };
        self.count(format!("{release} {what} {name}"));
    }

    /// Cancels a job; gives the checkpoint that it leaves, if it leaves one.
    ///
    /// # Errors
    /// With nothing where the job is not known, with its state where it is over.
    pub fn cancel(
        &mut self,
        conf: &str,
        id: &str,
        now: i64,
    ) -> Result<Option<Written>, Option<&'static str>> {
        let (cluster, release) = self.here(conf);
        let Some(job) = cluster.jobs.get(id) else {
            return Err(None);
        };
        let (name, phase) = (job.name.clone(), job.phase(now));
        if matches!(phase, Phase::Finished | Phase::Canceled | Phase::Failed) {
            return Err(Some(phase.word()));
        }
        let kept = cluster.cancel(id, now);
        let job = cluster.jobs.get(id).cloned();
        if let Some(job) = &job {
            self.ended(job, now, true);
        }
        if let Some(kept) = &kept {
            self.note(kept);
        }
        self.count(format!("{release} cancel {name}"));
        Ok(kept)
    }

    /// Disposes of a savepoint: the request's id, and the files that went.
    pub fn dispose(&mut self, conf: &str, location: &str) -> (String, Option<Written>) {
        let there = self
            .snapshots
            .get(location)
            .is_some_and(|snapshot| snapshot.contents != Contents::Gone);
        let gone = there.then(|| Written {
            dir: path(location),
            contents: Contents::Gone,
            of: None,
        });
        if let Some(gone) = &gone {
            self.note(gone);
        }
        let (cluster, release) = self.here(conf);
        let request = format!("{:032x}", cluster.disposals.len() + 1);
        let text = format!("org.apache.flink.util.FlinkException: Could not dispose savepoint {location}.");
        cluster
            .disposals
            .insert(request.clone(), if there { Ok(()) } else { Err(text) });
        self.count(format!("{release} dispose"));
        (request, gone)
    }
}
