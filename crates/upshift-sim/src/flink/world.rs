//! All clusters of a story, what was done to them, and how their jobs behave.
//!
//! Every effect is counted: a story ends by comparing the counts with those of an undisturbed run.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::answers::{self, Answer};
use super::body::{self, text};
use super::call::Call;
use super::cluster::{Cluster, Role};
use super::errors;
use super::job::{Job, Phase};
use super::manner::{JobManner, Restoring, Saving};
use super::trigger::{Contents, Trigger, Written, path, uri};

/// See the module. Clusters go by the configuration directory of their processes.
#[derive(Debug, Default)]
pub struct World {
    clusters: BTreeMap<String, Cluster>,
    manners: BTreeMap<(String, String), JobManner>,
    snapshots: BTreeMap<String, Contents>,
    mute: BTreeSet<String>,
    effects: BTreeMap<String, u32>,
}

impl World {
    /// Says how the job of this name behaves on clusters of this release, from its submission on; one
    /// that is there already changes, too.
    pub fn behave(&mut self, release: &str, job: &str, manner: JobManner) {
        let here = self
            .clusters
            .values_mut()
            .filter(|cluster| cluster.release == release);
        for present in here
            .flat_map(|cluster| cluster.jobs.values_mut())
            .filter(|j| j.name == job)
        {
            present.manner = manner.clone();
        }
        self.manners.insert((release.to_owned(), job.to_owned()), manner);
    }

    /// Task managers of this release, those to come too, do not register.
    pub fn mute_task_managers(&mut self, release: &str) {
        self.mute.insert(release.to_owned());
    }

    /// What was done so far, counted: `1.20.5 run orders` once.
    pub fn effects(&self) -> &BTreeMap<String, u32> {
        &self.effects
    }

    /// Forgets what was counted.
    pub fn count_from_here(&mut self) {
        self.effects.clear();
    }

    /// The clusters whose job manager lives, by configuration directory.
    pub fn clusters(&self) -> &BTreeMap<String, Cluster> {
        &self.clusters
    }

    /// Jobs of the name that are not over: release and id of each.
    pub fn alive(&self, name: &str) -> Vec<(String, String)> {
        let of = |cluster: &Cluster| {
            let jobs = cluster
                .jobs
                .iter()
                .filter(|(_, job)| job.name == name && job.over.is_none());
            jobs.map(|(id, _)| (cluster.release.clone(), id.clone()))
                .collect::<Vec<_>>()
        };
        self.clusters.values().flat_map(of).collect()
    }

    /// A process of a cluster has come up. Task managers find a job manager that comes later.
    pub fn came_up(
        &mut self,
        role: Role,
        conf: &str,
        release: &str,
        pid: u32,
        config: BTreeMap<String, String>,
    ) {
        self.count(format!("{release} {} started", role.words()));
        let cluster = self.clusters.entry(conf.to_owned()).or_default();
        match role {
            Role::JobManager => {
                release.clone_into(&mut cluster.release);
                cluster.config = config;
            }
            Role::TaskManager if self.mute.contains(release) => {}
            Role::TaskManager => cluster.task_managers.push(pid),
        }
    }

    /// A process of a cluster is gone; with a job manager goes all that it remembers.
    pub fn went_down(&mut self, role: Role, conf: &str, pid: u32) {
        let Some(cluster) = self.clusters.get_mut(conf) else {
            return;
        };
        match role {
            Role::JobManager => {
                let left = std::mem::take(&mut cluster.task_managers);
                *cluster = Cluster {
                    task_managers: left,
                    ..Cluster::default()
                };
            }
            Role::TaskManager => cluster.task_managers.retain(|other| *other != pid),
        }
    }

    /// Puts a job on the cluster, as a person did before the story began.
    pub fn submit(&mut self, conf: &str, id: &str, name: &str, now: i64) {
        let Some(cluster) = self.clusters.get_mut(conf) else {
            return;
        };
        let manner = self
            .manners
            .get(&(cluster.release.clone(), name.to_owned()))
            .cloned();
        let job = Job {
            name: name.to_owned(),
            submitted_at: now,
            restored_from: None,
            manner: manner.unwrap_or_default(),
            over: None,
            saved: None,
        };
        cluster.jobs.insert(id.to_owned(), job);
    }

    /// Lets the time pass. Gives the files that appeared.
    pub fn advance(&mut self, now: i64) -> Vec<Written> {
        let written: Vec<Written> = self.clusters.values_mut().flat_map(|c| c.advance(now)).collect();
        for file in &written {
            self.note(file);
        }
        written
    }

    /// Answers a request to the cluster's job manager. Gives the files that appeared or went, too.
    pub fn call(&mut self, conf: &str, call: &Call, now: i64) -> (Answer, Vec<Written>) {
        let mut written = self.advance(now);
        let Some(cluster) = self.clusters.get_mut(conf) else {
            return (errors::not_found(conf), written);
        };
        let answer = match call {
            Call::Upload { name } => self.upload(conf, name),
            Call::DeleteJar(id) => self.delete_jar(conf, id),
            Call::Run { jar, body } => self.run(conf, jar, body, now),
            Call::Stop { job, body } => self.save(conf, job, body, true, now),
            Call::Save { job, body } => self.save(conf, job, body, false, now),
            Call::Dispose { body } => {
                let (answer, gone) = self.dispose(conf, body);
                written.extend(gone);
                answer
            }
            Call::Cancel(id) => {
                let (answer, kept) = self.cancel(conf, id, now);
                written.extend(kept);
                answer
            }
            asks => answers::told(cluster, asks, now),
        };
        (answer, written)
    }

    fn note(&mut self, file: &Written) {
        let location = format!("file:{}", file.dir.display());
        self.snapshots.insert(location, file.contents);
    }

    fn count(&mut self, what: String) {
        *self.effects.entry(what).or_default() += 1;
    }

    fn here(&mut self, conf: &str) -> (&mut Cluster, String) {
        let cluster = self.clusters.entry(conf.to_owned()).or_default();
        let release = cluster.release.clone();
        (cluster, release)
    }

    fn upload(&mut self, conf: &str, name: &str) -> Answer {
        let (cluster, release) = self.here(conf);
        let id = format!("00000000-0000-4000-8000-{:012x}_{name}", cluster.jars.len() + 1);
        cluster.jars.insert(id.clone(), name.to_owned());
        self.count(format!("{release} upload"));
        let filename = format!("/tmp/flink-web-upload/{id}");
        Answer::of(json!({ "filename": filename, "status": "success" }))
    }

    fn delete_jar(&mut self, conf: &str, id: &str) -> Answer {
        let (cluster, release) = self.here(conf);
        match cluster.jars.remove(id) {
            None => errors::no_jar(id),
            Some(_) => {
                self.count(format!("{release} delete jar"));
                Answer::of(json!({}))
            }
        }
    }

    fn run(&mut self, conf: &str, jar: &str, body: &Value, now: i64) -> Answer {
        let (cluster, release) = self.here(conf);
        if let Some(refused) = body::refused(&body::RUN, &release, body) {
            return refused;
        }
        if !cluster.jars.contains_key(jar) {
            return errors::no_jar(jar);
        }
        let id = text(body, "jobId").unwrap_or("ffffffffffffffffffffffffffffffff");
        if cluster.jobs.contains_key(id) {
            return errors::not_run(
                "org.apache.flink.runtime.client.DuplicateJobSubmissionException: Job has already been submitted.",
            );
        }
        let name = job_name(body);
        let manner = self
            .manners
            .get(&(release.clone(), name.clone()))
            .cloned()
            .unwrap_or_default();
        if let Restoring::Refused(cause) = &manner.restoring {
            return errors::not_run(cause);
        }
        let mut from = text(body, "savepointPath").map(uri);
        if let Some(point) = &from
            && !self.snapshots.get(point).is_some_and(|c| c.is_whole())
        {
            let cause = "java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory";
            return errors::not_run(&format!("{cause} '{point}' on file system 'file'."));
        }
        if let Restoring::From(other) = &manner.restoring {
            from = Some(other.clone());
        }
        let job = Job {
            name: name.clone(),
            submitted_at: now,
            restored_from: from,
            manner,
            over: None,
            saved: None,
        };
        self.here(conf).0.jobs.insert(id.to_owned(), job);
        self.count(format!("{release} run {name}"));
        Answer::of(json!({ "jobid": id }))
    }

    fn save(&mut self, conf: &str, job: &str, body: &Value, stops: bool, now: i64) -> Answer {
        let (cluster, release) = self.here(conf);
        let (shape, root) = match stops {
            true => (&body::STOP, "targetDirectory"),
            false => (&body::SAVEPOINT, "target-directory"),
        };
        if let Some(refused) = body::refused(shape, &release, body) {
            return refused;
        }
        let id = text(body, "triggerId")
            .unwrap_or("eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee")
            .to_owned();
        let known = cluster
            .jobs
            .get(job)
            .map(|found| (found.name.clone(), found.manner.clone()));
        // A trigger that is known is not started again, and an unknown job is found out later only.
        if !cluster.triggers.contains_key(&id) {
            let takes = known.as_ref().map_or(Some(0), |(_, manner)| match manner.saving {
                Saving::Hangs => None,
                _ => Some(manner.savepoint_takes),
            });
            let trigger = Trigger {
                job: job.to_owned(),
                stops,
                root: text(body, root).unwrap_or_default().to_owned(),
                asked_at: now,
                ends_at: takes.map(|ms| now + ms),
                result: None,
            };
            cluster.triggers.insert(id.clone(), trigger);
            let name = known.map_or_else(|| job.to_owned(), |(name, _)| name);
            let what = if stops { "stop" } else { "savepoint of" };
            self.count(format!("{release} {what} {name}"));
        }
        Answer {
            status: 202,
            body: json!({ "request-id": id }),
        }
    }

    fn cancel(&mut self, conf: &str, id: &str, now: i64) -> (Answer, Option<Written>) {
        let (cluster, release) = self.here(conf);
        let Some(job) = cluster.jobs.get(id) else {
            return (errors::no_job(id), None);
        };
        let (name, phase) = (job.name.clone(), job.phase(now));
        if matches!(phase, Phase::Finished | Phase::Canceled | Phase::Failed) {
            return (errors::is_over(phase.word()), None);
        }
        let kept = cluster.cancel(id, now);
        if let Some(kept) = &kept {
            self.note(kept);
        }
        self.count(format!("{release} cancel {name}"));
        (
            Answer {
                status: 202,
                body: json!({}),
            },
            kept,
        )
    }

    fn dispose(&mut self, conf: &str, body: &Value) -> (Answer, Option<Written>) {
        let location = uri(text(body, "savepoint-path").unwrap_or_default());
        let there = self
            .snapshots
            .get(&location)
            .is_some_and(|c| *c != Contents::Gone);
        let gone = there.then(|| Written {
            dir: path(&location),
            contents: Contents::Gone,
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
        (Answer::of(json!({ "request-id": request })), gone)
    }
}

/// The stand-in's jobs are named by their arguments: `--name orders`.
fn job_name(body: &Value) -> String {
    let args = body
        .get("programArgsList")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let args: Vec<&str> = args.filter_map(Value::as_str).collect();
    let named = args.windows(2).find(|pair| pair[0] == "--name");
    named.map_or_else(|| "job".to_owned(), |pair| pair[1].to_owned())
}
