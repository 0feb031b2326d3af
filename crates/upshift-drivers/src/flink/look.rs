//! What is to be looked at: the same questions, whether they come from a system file or from a
//! plan's site. Asking them is `observe`'s business.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use upshift_model::endpoint::Endpoint;
use upshift_model::flink::{
    Archive, Declaration, DeclaredInstallation, DeclaredJob, DeclaredSubmission, GraphWay, Installation, Job,
    NEW, OLD, Probe, Site, Target,
};
use upshift_model::ids::{ComponentId, SystemName};
use upshift_model::objects::ObjectAccess;
use upshift_model::version::Version;

/// Everything that one look asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) system: SystemName,
    pub(super) source: Endpoint,
    /// The target's address, where it has one of its own.
    pub(super) target: Option<Endpoint>,
    pub(super) current_home: Option<LookHome>,
    pub(super) target_home: Option<LookHome>,
    /// The release that the declaration wants, where it names one.
    pub(super) target_version: Option<Version>,
    pub(super) savepoints: String,
    /// How the store is reached that snapshots lie in.
    pub(super) objects: ObjectAccess,
    /// Ports that a new cluster beside the old one will need.
    pub(super) ports: BTreeSet<u16>,
    /// Jars, with the entry classes that are named for them.
    pub(super) jars: BTreeMap<PathBuf, BTreeSet<String>>,
    pub(super) probes: BTreeMap<String, Probe>,
    /// Jobs whose operator graphs are wanted.
    pub(super) graphs: Vec<LookGraph>,
    /// Jobs whose snapshots are to be read.
    pub(super) snapshots: Vec<LookSnapshot>,
}

/// A job whose snapshots are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LookSnapshot {
    pub(super) job: String,
    /// Names that the system file gives to operators: uids, and what waivers name.
    pub(super) names: BTreeSet<String>,
    /// The snapshot that a person names; none leaves it to the server's newest.
    pub(super) named: Option<String>,
    /// A snapshot that the job as wanted took elsewhere.
    pub(super) of_wanted: Option<String>,
}

/// A job whose operator graph is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LookGraph {
    pub(super) job: String,
    /// Uids that the system file names.
    pub(super) uids: Vec<String>,
    /// What may be done to learn the rest; none during a run, where no code of a jar is run to look.
    pub(super) way: Option<LookWay>,
}

/// How a graph may be learned from the jar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LookWay {
    pub(super) way: GraphWay,
    /// How the job was submitted.
    pub(super) running: DeclaredSubmission,
    /// How it will be.
    pub(super) wanted: DeclaredSubmission,
}

/// An installation to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LookHome {
    pub(super) home: PathBuf,
    pub(super) archive: Option<Archive>,
    pub(super) conf: PathBuf,
    pub(super) java_home: Option<PathBuf>,
}

impl Look {
    pub(super) fn for_declaration(declared: &Declaration) -> Self {
        let (target, target_home, ports) = match &declared.target {
            Target::Release {
                installation,
                shadow: Some(shadow),
            } => {
                let ports = shadow
                    .rest
                    .port()
                    .into_iter()
                    .chain([shadow.rpc_port, shadow.blob_port])
                    .collect();
                (Some(shadow.rest.clone()), Some(installation.into()), ports)
            }
            Target::Release {
                installation,
                shadow: None,
            } => (None, Some(installation.into()), BTreeSet::new()),
            Target::RunningCluster { rest } => (Some(rest.clone()), None, BTreeSet::new()),
            Target::SameCluster => (None, None, BTreeSet::new()),
        };
        let submissions = declared.jobs.iter().flat_map(|job| [&job.current, &job.target]);
        Self {
            system: declared.name.clone(),
            source: declared.rest.clone(),
            target,
            current_home: declared.current.as_ref().map(Into::into),
            target_home,
            target_version: match &declared.target {
                Target::Release { installation, .. } => Some(installation.version.clone()),
                Target::RunningCluster { .. } | Target::SameCluster => None,
            },
            savepoints: declared.savepoints.clone(),
            objects: declared.objects.clone(),
            ports,
            jars: jars(submissions.map(|s| (&s.jar, s.entry_class.as_ref()))),
            probes: declared.probes.iter().cloned().collect(),
            graphs: declared.jobs.iter().map(LookGraph::of_declared).collect(),
            snapshots: declared
                .jobs
                .iter()
                .filter(|job| !job.stateless)
                .map(|job| LookSnapshot::of_declared(declared, job))
                .collect(),
        }
    }

    /// None when the site has no old cluster: then there is nothing to compare with.
    pub(super) fn for_site(system: SystemName, site: &Site) -> Option<Self> {
        let old = site.clusters.get(&ComponentId::new(OLD))?;
        let new = site.clusters.get(&ComponentId::new(NEW));
        let target = new.filter(|new| new.rest.authority() != old.rest.authority());
        let submissions = site.jobs.values().flat_map(|job| job.submissions.values());
        let installs =
            |cluster: &upshift_model::flink::Cluster| cluster.installation.as_ref().map(LookHome::from);
        Some(Self {
            system,
            source: old.rest.clone(),
            target: target.map(|new| new.rest.clone()),
            current_home: installs(old),
            target_home: new.and_then(installs),
            target_version: new.map(|new| new.version.clone()),
            savepoints: site.savepoints.clone(),
            objects: site.objects.clone(),
            ports: target
                .filter(|new| new.installation.is_some())
                .and_then(|new| new.rest.port())
                .into_iter()
                .collect(),
            jars: jars(submissions.map(|s| (&s.jar, s.entry_class.as_ref()))),
            probes: site.probes.clone(),
            graphs: site.jobs.values().map(LookGraph::of_planned).collect(),
            // A run reads the restore points that it takes itself.
            snapshots: Vec::new(),
        })
    }
}

impl LookGraph {
    fn of_declared(job: &DeclaredJob) -> Self {
        Self {
            job: job.name.clone(),
            uids: job.uids.clone(),
            way: Some(LookWay {
                way: job.graph.clone(),
                running: job.current.clone(),
                wanted: job.target.clone(),
            }),
        }
    }

    fn of_planned(job: &Job) -> Self {
        Self {
            job: job.name.clone(),
            uids: job.uids.clone(),
            way: None,
        }
    }
}

impl LookSnapshot {
    fn of_declared(declared: &Declaration, job: &DeclaredJob) -> Self {
        let tail = format!(" of job {}", job.name);
        let waived = declared
            .waivers
            .iter()
            .filter_map(|waiver| waiver.subject.strip_prefix("operator ")?.strip_suffix(&tail))
            .map(str::to_owned);
        Self {
            job: job.name.clone(),
            names: job.uids.iter().cloned().chain(waived).collect(),
            named: job.snapshot.clone(),
            of_wanted: job.wanted_snapshot.clone(),
        }
    }
}

impl From<&DeclaredInstallation> for LookHome {
    fn from(declared: &DeclaredInstallation) -> Self {
        Self {
            home: declared.home.clone(),
            archive: declared.archive.clone(),
            conf: declared.conf.clone(),
            java_home: declared.java_home.clone(),
        }
    }
}

impl From<&Installation> for LookHome {
    fn from(planned: &Installation) -> Self {
        Self {
            home: planned.home.clone(),
            archive: planned.archive.clone(),
            conf: planned.conf.clone(),
            java_home: planned.java_home.clone(),
        }
    }
}

fn jars<'a>(
    named: impl Iterator<Item = (&'a PathBuf, Option<&'a String>)>,
) -> BTreeMap<PathBuf, BTreeSet<String>> {
    let mut jars = BTreeMap::<PathBuf, BTreeSet<String>>::new();
    for (jar, entry_class) in named {
        jars.entry(jar.clone()).or_default().extend(entry_class.cloned());
    }
    jars
}
