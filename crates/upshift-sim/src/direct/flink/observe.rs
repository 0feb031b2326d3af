//! The inventory that the simulated machine yields: the facts that the real driver would see.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use upshift_engine::driver::Fault;
use upshift_model::digest::Digest;
use upshift_model::endpoint::Endpoint;
use upshift_model::flink::*;
use upshift_model::ids::{ComponentId, SystemName};
use upshift_model::inventory::{self, INVENTORY_FORMAT, Inventory};
use upshift_model::observed::Observed::{self, Known};
use upshift_model::span::Millis;
use upshift_model::version::Version;

use super::contents;
use crate::flink::{self as world, Machine, PARALLELISM, Role, checkpoint_location};

/// What one look asks for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    system: SystemName,
    source: Endpoint,
    target: Option<Endpoint>,
    current: Option<(PathBuf, PathBuf)>,
    wanted: Option<(PathBuf, PathBuf)>,
    ports: BTreeSet<u16>,
    /// With their digests, where a plan says which these are: nobody changes files here.
    jars: BTreeMap<PathBuf, Option<Digest>>,
    probes: BTreeSet<String>,
    jobs: BTreeSet<String>,
    archive: Option<String>,
}

impl Asked {
    pub(super) fn by_declaration(declared: &Declaration) -> Self {
        let (target, wanted, ports) = match &declared.target {
            Target::Release { installation, shadow } => {
                let ports = shadow
                    .iter()
                    .flat_map(|s| s.rest.port().into_iter().chain([s.rpc_port, s.blob_port]))
                    .collect();
                let at = (installation.home.clone(), installation.conf.clone());
                (shadow.as_ref().map(|s| s.rest.clone()), Some(at), ports)
            }
            Target::RunningCluster { rest } => (Some(rest.clone()), None, BTreeSet::new()),
            Target::SameCluster => (None, None, BTreeSet::new()),
        };
        let submissions = declared.jobs.iter().flat_map(|job| [&job.current, &job.target]);
        Self {
            system: declared.name.clone(),
            source: declared.rest.clone(),
            target,
            current: declared
                .current
                .as_ref()
                .map(|i| (i.home.clone(), i.conf.clone())),
            wanted,
            ports,
            jars: submissions.map(|s| (s.jar.clone(), None)).collect(),
            probes: declared.probes.iter().map(|(name, _)| name.clone()).collect(),
            jobs: declared.jobs.iter().map(|job| job.name.clone()).collect(),
            archive: match &declared.target {
                Target::Release { installation, .. } => {
                    installation.archive.as_ref().map(|a| a.sha512.clone())
                }
                Target::RunningCluster { .. } | Target::SameCluster => None,
            },
        }
    }

    /// The same questions for a plan's site; none where it has no old cluster.
    pub(super) fn by_site(system: SystemName, site: &Site) -> Option<Self> {
        let old = site.clusters.get(&ComponentId::new(OLD))?;
        let new = site.clusters.get(&ComponentId::new(NEW));
        let target = new.filter(|new| new.rest.authority() != old.rest.authority());
        let at = |c: &Cluster| c.installation.as_ref().map(|i| (i.home.clone(), i.conf.clone()));
        let submissions = site.jobs.values().flat_map(|job| job.submissions.values());
        Some(Self {
            system,
            source: old.rest.clone(),
            target: target.map(|new| new.rest.clone()),
            current: at(old),
            wanted: new.and_then(at),
            ports: target.and_then(|new| new.rest.port()).into_iter().collect(),
            jars: submissions
                .map(|s| (s.jar.clone(), Some(s.jar_sha256.clone())))
                .collect(),
            probes: site.probes.keys().cloned().collect(),
            jobs: site.jobs.values().map(|job| job.name.clone()).collect(),
            archive: new.and_then(|c| Some(c.installation.as_ref()?.archive.as_ref()?.sha512.clone())),
        })
    }
}

pub(super) fn observe(machine: &Machine, asked: &Asked, now: i64) -> Result<Inventory, Fault> {
    let source = cluster(machine, &asked.source, now).map_err(Fault::Transient)?;
    let target = asked
        .target
        .as_ref()
        .map(|rest| match cluster(machine, rest, now) {
            Ok(facts) => Known(facts),
            Err(why) => Observed::unknown(format!("cluster at {}", rest.url), why),
        });
    Ok(Inventory {
        format: INVENTORY_FORMAT,
        system: asked.system.clone(),
        taken_at: stamp(now),
        facts: inventory::Facts::Flink(Facts {
            source,
            target,
            host: host(machine, asked),
            graphs: asked
                .jobs
                .iter()
                .map(|job| (job.clone(), contents::graphs()))
                .collect(),
            references: BTreeMap::new(),
            snapshots: snapshots(machine, asked),
        }),
        gaps: Vec::new(),
    })
}

/// The newest snapshot of each job that can be read: a savepoint, or the checkpoint it would leave now.
fn snapshots(machine: &Machine, asked: &Asked) -> BTreeMap<String, JobSnapshots> {
    let look = |name: &String| {
        let written = machine.newest_whole(name).map(|(at, s)| (at.clone(), s.clone()));
        let (location, snapshot) = written.unwrap_or_else(|| {
            let snapshot = world::Snapshot {
                contents: world::Contents::Snapshot,
                state: world::Lineage::whole(name, machine.world.graph_of(name), 0),
                taken_of: String::new(),
                release: "1.18.1".to_owned(),
                written: 1,
            };
            (format!("file:/srv/checkpoints/{name}/chk-1"), snapshot)
        });
        let look = SnapshotLook {
            location,
            told_by: SnapshotTold::NewestCheckpoint,
            found: SnapshotFound::Read(Box::new(contents::contents(&snapshot))),
        };
        let all = JobSnapshots {
            looked_at: vec![look],
            of_wanted: None,
        };
        (name.clone(), all)
    };
    asked.jobs.iter().map(look).collect()
}

fn stamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn cluster(machine: &Machine, rest: &Endpoint, now: i64) -> Result<ClusterFacts, String> {
    let conf = machine.answering(rest);
    let conf = conf.ok_or_else(|| "connection refused".to_owned())?;
    let clusters = machine.world.clusters();
    let seen = clusters
        .get(&*conf.to_string_lossy())
        .ok_or("connection refused")?;
    let version: Version = seen.release.parse().map_err(|e| format!("{e}"))?;
    let (total, free) = (seen.slots(), seen.slots_free(now));
    let managers = seen.task_managers.iter().map(|pid| TaskManagerFacts {
        id: format!("127.0.0.1:{pid}"),
        slots: seen.slots_each(),
        free: seen.slots_each().min(free),
        physical_memory: None,
    });
    let jobs = seen.jobs.iter().map(|(id, job)| job_facts(seen, id, job, now));
    Ok(ClusterFacts {
        rest: rest.url.clone(),
        version,
        commit: None,
        slots_total: Known(total),
        slots_free: Known(free),
        task_managers: Known(managers.collect()),
        deployment: Known(Deployment {
            provider: Provider::Standalone,
            mode: Mode::Session,
            high_availability: None,
            evidence: vec!["no key of another provider in its configuration".to_owned()],
        }),
        config: Known(seen.config.clone()),
        web_submit: Known(true),
        jobs: Known(jobs.collect()),
        jars: Known(seen.jars.clone()),
    })
}

fn job_facts(cluster: &world::Cluster, id: &str, job: &world::Job, now: i64) -> JobFacts {
    let phase = job.phase(now);
    let details = match phase.is_over() {
        true => Observed::unknown(format!("job {}", job.name), "it is over"),
        false => Known(details(cluster, id, job, now)),
    };
    JobFacts {
        id: id.to_owned(),
        name: job.name.clone(),
        state: phase.word().to_owned(),
        started_at: Some(stamp(job.submitted_at)),
        details,
    }
}

fn details(cluster: &world::Cluster, id: &str, job: &world::Job, now: i64) -> JobDetails {
    let vertices = job.state.graph.iter().map(|vertex| VertexFacts {
        id: vertex.id.clone(),
        name: vertex.name.clone(),
        parallelism: PARALLELISM.0,
        max_parallelism: Some(PARALLELISM.1),
        status: job.phase(now).word().to_owned(),
    });
    let newest = job.checkpoint(now).map(|(number, at)| SnapshotFacts {
        id: u64::try_from(number).unwrap_or(0),
        triggered_at: stamp(at - 5),
        acknowledged_at: Some(stamp(at)),
        bytes: Some(121_000),
        path: Some(checkpoint_location(&cluster.config, id, number)),
    });
    JobDetails {
        vertices: vertices.collect(),
        restarts: Known(u64::try_from(job.restarts(now)).unwrap_or(0)),
        last_exception_at: Known(job.exceptions(now).first().map(|(at, _)| stamp(*at))),
        checkpointing: Known(Checkpointing {
            mode: "exactly_once".to_owned(),
            interval: u64::try_from(job.manner.checkpoints_every).ok().map(Millis),
            timeout: Some(Millis::from_secs(600)),
            unaligned: Some(job.manner.unaligned),
            state_backend: Some("EmbeddedRocksDBStateBackend".to_owned()),
            changelog: Some(false),
            retained: Some(job.manner.retained),
        }),
        checkpoints: Known(CheckpointHistory {
            completed: newest.as_ref().map_or(0, |n| n.id),
            failed: 0,
            in_progress: 0,
            restored: u64::from(job.restored_from.is_some()),
            latest_completed: newest,
            latest_savepoint: None,
            latest_failed_at: None,
            restored_from: job.restored_from.clone(),
            restored_at: job.restored_from.is_some().then(|| stamp(job.submitted_at)),
        }),
    }
}

fn host(machine: &Machine, asked: &Asked) -> HostFacts {
    let processes = machine.all_processes().iter().map(|p| FlinkProcess {
        pid: p.pid,
        started_ticks: u64::from(p.pid),
        role: match p.role {
            Role::JobManager => FlinkRole::JobManager,
            Role::TaskManager => FlinkRole::TaskManager,
        },
        conf: p.conf.clone(),
    });
    let home = |home: &Path| match machine.homes.get(home).and_then(|release| release.parse().ok()) {
        Some(version) => Known(HomeFacts { version }),
        None => Observed::unknown(home.display().to_string(), "nothing is there"),
    };
    let entries = |conf: &Path| {
        let file = machine.confs.get(conf).map(|conf| conf.file.clone());
        Known(file.into_iter().collect())
    };
    let free = 61_000_000_000;
    HostFacts {
        processes: Known(processes.collect()),
        target_java: Known(JavaFacts {
            feature: 11,
            path: PathBuf::from("/usr/bin/java"),
        }),
        current_home: asked.current.as_ref().map(|(at, _)| home(at)),
        target_home: asked.wanted.as_ref().map(|(at, _)| home(at)),
        target_archive: asked.archive.as_ref().map(|sha512| {
            Known(ArchiveFacts {
                bytes: 310_000_000,
                sha512: sha512.clone(),
            })
        }),
        current_conf: asked.current.as_ref().map(|(_, conf)| conf_facts(machine, conf)),
        target_conf_entries: asked.wanted.as_ref().map(|(_, conf)| entries(conf)),
        savepoint_dir: Known(DirFacts {
            exists: true,
            writable: true,
            free,
        }),
        target_home_free: asked.wanted.as_ref().map(|_| Known(free)),
        ports: asked
            .ports
            .iter()
            .map(|port| (*port, Known(machine.listener(*port).is_some())))
            .collect(),
        jars: asked
            .jars
            .iter()
            .map(|(jar, digest)| (jar.clone(), Known(jar_facts(jar, digest.as_ref()))))
            .collect(),
        probes: asked
            .probes
            .iter()
            .map(|name| (name.clone(), Known("1000".to_owned())))
            .collect(),
    }
}

fn conf_facts(machine: &Machine, at: &Path) -> Observed<ConfFacts> {
    let Some(conf) = machine.confs.get(at) else {
        return Observed::unknown(at.display().to_string(), "nothing is there");
    };
    let entries = conf
        .entries
        .iter()
        .zip(1..)
        .map(|((key, value), line)| ConfEntry {
            key: key.clone(),
            value: value.clone(),
            line,
        });
    Known(ConfFacts {
        file: conf.file.clone(),
        digest: Digest::of_bytes(format!("{:?}", conf.entries).as_bytes()),
        entries: entries.collect(),
        files: [conf.file.clone()].into(),
    })
}

fn jar_facts(jar: &Path, digest: Option<&Digest>) -> JarFacts {
    let likely = || Digest::of_bytes(jar.to_string_lossy().as_bytes());
    JarFacts {
        sha256: digest.cloned().unwrap_or_else(likely),
        bytes: 4_200_000,
        main_class: None,
        has_entry_class: Some(true),
        class_version: Some(55),
        bundles_flink: false,
    }
}
