//! One step in one line.

use std::path::Path;

use upshift_model::endpoint::Endpoint;
use upshift_model::expect::Expectation;
use upshift_model::flink::Cluster;
use upshift_model::fluss;
use upshift_model::gate::Gate;
use upshift_model::ids::ComponentId;
use upshift_model::plan;
use upshift_model::policy::Policy;
use upshift_model::realtime_compute::Place;
use upshift_model::span::Millis;
use upshift_model::step::{
    Artifact, Change, ConfigEdit, Effect, Preparation, Releasable, StartWhat, StopWhat,
};

use super::{alluxio, expectation, realtime_compute, weka};

/// What an effect of the plan does, in words.
pub fn words(plan: &plan::Plan, effect: &Effect) -> String {
    Names::of(&plan.site, &plan.policy).effect(effect)
}

/// What names in a step stand for.
pub(super) struct Names<'a> {
    site: &'a plan::Site,
    policy: &'a Policy,
}

impl<'a> Names<'a> {
    pub(super) fn of(site: &'a plan::Site, policy: &'a Policy) -> Self {
        Self { site, policy }
    }

    fn cluster(&self, id: &ComponentId) -> Option<&Cluster> {
        self.site.flink()?.clusters.get(id)
    }

    pub(super) fn version(&self, id: &ComponentId) -> String {
        let engine = match self.site.realtime_compute().and_then(|site| site.place(id)) {
            Some(Place::Clone(of)) => Some(&of.new),
            Some(Place::Original(of)) if of.clone.is_some() => Some(&of.old),
            Some(Place::Original(_)) | None => None,
        };
        match (engine, self.cluster(id)) {
            (Some(engine), _) => format!("{id} ({engine})"),
            (None, Some(cluster)) => cluster.version.to_string(),
            (None, None) => id.to_string(),
        }
    }

    pub(super) fn address(&self, id: &ComponentId) -> String {
        self.cluster(id)
            .map(|cluster| &cluster.rest)
            .map_or_else(|| id.to_string(), port)
    }

    pub(super) fn job(&self, id: &ComponentId) -> String {
        self.site
            .flink()
            .and_then(|site| site.jobs.get(id))
            .map_or_else(|| id.to_string(), |job| job.name.clone())
    }

    fn jar(&self, job: &ComponentId, on: &ComponentId) -> String {
        let job_of = self.site.flink().and_then(|site| site.jobs.get(job));
        let submission = job_of.and_then(|job| job.submissions.get(on));
        let name = submission
            .and_then(|s| s.jar.file_name())
            .map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| format!("the jar of {}", self.job(job)))
    }

    /// What the step does.
    pub(super) fn effect(&self, effect: &Effect) -> String {
        match effect {
            Effect::TakeRestorePoint { of, form, into, .. } => {
                format!("{}: {} → {into}, and it runs on", self.job(of), form.words())
            }
            Effect::AdoptCheckpoint { of, into, .. } => {
                format!("{}: newest retained checkpoint → {into}", self.job(of))
            }
            Effect::Prepare {
                what: Preparation::Unpack { component },
            } => self.unpack(component),
            Effect::Prepare {
                what: Preparation::Baseline { probe, .. },
            } => {
                format!("probe \"{probe}\": ask for its value of now")
            }
            Effect::Prepare {
                what: Preparation::Evidence { folder, .. },
            } => format!("copy what the cluster knows of itself into {}", folder.display()),
            Effect::Prepare {
                what: Preparation::Clone { of, to, .. },
            } => format!("{of}: make a copy of it, {}, and read it back", self.version(to)),
            Effect::Prepare {
                what: Preparation::Release { component, from, to },
            } => format!("{component}: name {to} as its engine, where it named {from}"),
            Effect::Prepare {
                what: Preparation::Canary { what, anew },
            } => format!(
                "make {}{}: {} parts, {} copies of each",
                what.name,
                if *anew { " anew" } else { "" },
                what.parts,
                what.copies
            ),
            Effect::Prove { what } => format!(
                "write into and read from every part of {}, over fresh connections",
                what.name
            ),
            Effect::Prepare {
                what: what @ (Preparation::Alluxio(_) | Preparation::RealtimeCompute(_)),
            } => of_one_system(what),
            Effect::Weka { what } => weka::act(what),
            Effect::Fluss { what } => fluss_words(what),
            Effect::Configure { change, .. } => carry_over(change),
            Effect::Transfer {
                what: Artifact::Jar { job, to },
                ..
            } => {
                format!(
                    "upload {} to {} on {}",
                    self.jar(job, to),
                    self.version(to),
                    self.address(to)
                )
            }
            Effect::Transfer {
                what: Artifact::Folder { from, to, keep, .. },
                ..
            } => folder_words(from, to, *keep),
            Effect::Stop { what } => self.stop(what),
            Effect::Start { what } => self.start(what),
            Effect::Release { what } => self.release(what),
            Effect::Hold { gate } => gate_words(gate, self),
        }
    }

    fn unpack(&self, component: &ComponentId) -> String {
        let home = self
            .cluster(component)
            .and_then(|cluster| cluster.installation.as_ref());
        let home = home.map_or_else(String::new, |of| format!(" to {}", of.home.display()));
        format!("unpack {}{home}, its digest checked", self.version(component))
    }

    fn stop(&self, what: &StopWhat) -> String {
        match what {
            StopWhat::JobInto { job, form, into, .. } => {
                format!("{}: stop with {} → {into}", self.job(job), form.words())
            }
            StopWhat::JobCancel { job, on, .. } => {
                format!("{}: cancel on {}", self.job(job), self.version(on))
            }
            StopWhat::Server { server } => format!("{}: SIGTERM by its pid, and wait", server_words(server)),
            StopWhat::Writers { by } => format!("stop those who write: {}", by.join(" ")),
            StopWhat::Cluster { cluster } => {
                format!(
                    "stop {} on {}, every process by its pid",
                    self.version(cluster),
                    self.address(cluster)
                )
            }
        }
    }

    fn start(&self, what: &StartWhat) -> String {
        match what {
            StartWhat::Server { server, release } => format!("{}: start {release}", server_words(server)),
            StartWhat::Restored {
                server,
                release,
                from,
            } => format!("{}: start {release} with {from}", server_words(server)),
            StartWhat::Writers { by } => format!("start those who write: {}", by.join(" ")),
            StartWhat::Cluster { cluster, slots, .. } => {
                let slots = if *slots == 1 {
                    "1 slot".to_owned()
                } else {
                    format!("{slots} slots")
                };
                format!(
                    "start {} on {} with {slots}",
                    self.version(cluster),
                    self.address(cluster)
                )
            }
            StartWhat::Job {
                job,
                on,
                from,
                may_drop_state,
                ..
            } => {
                let from = from
                    .as_ref()
                    .map_or_else(|| "from nothing".to_owned(), |slot| format!("from {slot}"));
                let lost = if *may_drop_state {
                    ", dropping the state that waivers name"
                } else {
                    ""
                };
                format!("{}: start {from} on {}{lost}", self.job(job), self.version(on))
            }
        }
    }

    fn release(&self, what: &Releasable) -> String {
        match what {
            Releasable::ClusterProcesses { cluster } => {
                format!(
                    "stop {} on {}, every process by its pid",
                    self.version(cluster),
                    self.address(cluster)
                )
            }
            Releasable::UploadedJar { cluster, jar } => {
                let name = jar.as_str();
                let name = name.strip_prefix("jar/").unwrap_or(name);
                let name = name.rsplit_once('@').map_or(name, |(name, _)| name);
                format!("delete the uploaded jar of {name} from {}", self.address(cluster))
            }
            Releasable::Deployment { deployment, .. } => {
                format!("delete the deployment {}", self.version(deployment))
            }
            Releasable::Draft { draft, .. } => format!("delete the draft {draft}"),
            Releasable::Canary { what } => format!("drop {}", what.name),
            Releasable::RestorePointFiles { location, .. } => format!("delete the files of {location}"),
            Releasable::SlotFiles { slot } => format!("delete the files of {slot}"),
            Releasable::Scratch { folder } => format!("delete {}", folder.display()),
            Releasable::RestorePoint { slot } => match self.policy.keep_restore_points {
                Some(kept) => format!("let go of {slot}: kept {kept} more"),
                None => format!("let go of {slot}: kept until somebody disposes of it"),
            },
        }
    }
}

/// `tablet server 0` of `tablet-server/0`.
fn server_words(server: &ComponentId) -> String {
    server.as_str().replace(['-', '/'], " ")
}

/// `:8081` of a local address, `host:8081` of another.
fn port(endpoint: &Endpoint) -> String {
    let authority = endpoint.authority();
    let local = ["127.0.0.1:", "localhost:", "[::1]:"];
    local
        .iter()
        .find_map(|host| authority.strip_prefix(host))
        .map_or_else(|| authority.to_owned(), |port| format!(":{port}"))
}

/// What is made ready in one kind of system alone.
fn of_one_system(what: &Preparation) -> String {
    match what {
        Preparation::Alluxio(what) => alluxio::preparation(what),
        Preparation::RealtimeCompute(what) => realtime_compute::preparation(what),
        other => format!("{other:?}"),
    }
}

fn carry_over(change: &Change) -> String {
    let Change::CarryOver {
        to, to_file, edits, ..
    } = change;
    let count = |pick: fn(&ConfigEdit) -> bool| edits.iter().filter(|edit| pick(edit)).count();
    let counted = [
        (count(|e| matches!(e, ConfigEdit::Rename { .. })), "renamed"),
        (count(|e| matches!(e, ConfigEdit::Drop { .. })), "dropped"),
        (count(|e| matches!(e, ConfigEdit::Set { .. })), "set"),
    ];
    let parts: Vec<String> = counted
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    let what = if parts.is_empty() {
        "every key as it is".to_owned()
    } else {
        format!("keys: {}", parts.join(", "))
    };
    format!(
        "carry the configuration over to {}/{to_file}: {what}",
        to.display()
    )
}

fn fluss_words(what: &fluss::Act) -> String {
    match what {
        fluss::Act::SpreadLeaders => "spread the leaders over all tablet servers".to_owned(),
        fluss::Act::Stage { host, .. } => format!("bring what the wanted release needs to {host}"),
        fluss::Act::Run { part } => match part {
            fluss::Part::StopTiering => "stop the tiering service".to_owned(),
            fluss::Part::StartTiering { wanted: true } => {
                "start the tiering service of the wanted release".to_owned()
            }
            fluss::Part::StartTiering { wanted: false } => "start the tiering service of before".to_owned(),
            fluss::Part::Switch { client, back: false } => format!("give {client} its other client"),
            fluss::Part::Switch { client, back: true } => format!("give {client} its client of before"),
        },
    }
}

fn folder_words(from: &Path, to: &Path, keep: bool) -> String {
    let verb = if keep { "copy" } else { "move" };
    format!("{verb} {} to {}", from.display(), to.display())
}

fn gate_words(gate: &Gate, names: &Names<'_>) -> String {
    match gate {
        Gate::Judged { from, to } => format!("look again, and judge everything for {from} → {to}"),
        Gate::Finalize { after: None } if matches!(names.site, plan::Site::Weka(_)) => {
            "a person says finalize".to_owned()
        }
        Gate::Finalize { after: None } => "a person says finalize, or rollback".to_owned(),
        Gate::Finalize { after: Some(after) } => {
            format!("a person says finalize, or rollback; the policy accepts after {after}")
        }
        Gate::Soak { watch, .. } if watch.iter().all(|e| matches!(e, Expectation::Fits { .. })) => {
            let read: Vec<String> = watch
                .iter()
                .filter_map(|e| expectation::words(e, names))
                .collect();
            format!("read it: {}", read.join(", "))
        }
        Gate::Soak { watch, hold_for, .. } if *hold_for == Millis::ZERO => {
            format!("wait until {}", watched(watch))
        }
        Gate::Soak { watch, hold_for, .. } => format!("for {hold_for}: {}", watched(watch)),
    }
}

/// What is watched, jobs counted and not listed one by one.
fn watched(watch: &[Expectation]) -> String {
    let count = |pick: fn(&Expectation) -> bool| watch.iter().filter(|e| pick(e)).count();
    let jobs = count(|e| matches!(e, Expectation::JobRunning { .. }));
    let probes = count(|e| matches!(e, Expectation::ProbeHolds { .. }));
    let mut parts = Vec::new();
    for expectation in watch {
        if let Expectation::ReleaseIs { version, .. } = expectation {
            parts.push(format!("{version} answers"));
        }
    }
    let own = watch.iter().filter_map(|expectation| match expectation {
        Expectation::Fluss(condition) => Some(expectation::condition_words(condition)),
        Expectation::Alluxio(condition) => Some(alluxio::condition(condition)),
        Expectation::Weka(condition) => Some(weka::condition(condition)),
        _ => None,
    });
    parts.extend(own);
    let restored = watch.iter().find_map(|expectation| match expectation {
        Expectation::RestoredFrom { slot, .. } => slot.as_str().split('/').next(),
        _ => None,
    });
    let restored = format!("restored from {}", restored.unwrap_or_default());
    if jobs > 0 {
        let each = if jobs == 1 {
            "the job runs".to_owned()
        } else {
            format!("{jobs} jobs run")
        };
        parts.push(each);
        let words = [
            (
                count(|e| matches!(e, Expectation::RestoredFrom { .. })),
                restored.as_str(),
            ),
            (
                count(|e| matches!(e, Expectation::CheckpointCompleted { .. })),
                "a checkpoint since",
            ),
            (
                count(|e| matches!(e, Expectation::NoRestarts { .. })),
                "no restarts",
            ),
            (
                count(|e| matches!(e, Expectation::NoExceptions { .. })),
                "no exceptions",
            ),
        ];
        parts.extend(
            words
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(_, word)| (*word).to_owned()),
        );
    }
    match probes {
        0 => {}
        1 => parts.push("1 probe".to_owned()),
        more => parts.push(format!("{more} probes")),
    }
    parts.join(" · ")
}
