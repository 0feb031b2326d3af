//! Which way is taken for which job, and what is said where none is.

use std::collections::BTreeMap;
use std::path::PathBuf;

use upshift_model::flink::{
    ClusterFacts, DeclaredSubmission, GraphOperator, GraphWay, HostFacts, IdFrom, JobGraph, JobGraphs,
};
use upshift_model::observed::Observed;
use upshift_model::version::Version;

use super::jvm::{self, Jvm};
use super::{declared, plan};
use crate::flink::driver::FlinkDriver;
use crate::flink::host::JavaSearch;
use crate::flink::look::{LookGraph, LookHome, LookWay};

/// What a way may need of the rest of the look.
struct Ground<'a> {
    driver: &'a FlinkDriver,
    source: &'a ClusterFacts,
    host: &'a HostFacts,
}

/// The graphs of all jobs, by name. One after the other: each may be a JVM, and none is in a hurry.
pub(in crate::flink) async fn graphs(
    driver: &FlinkDriver,
    source: &ClusterFacts,
    host: &HostFacts,
) -> BTreeMap<String, JobGraphs> {
    let ground = Ground { driver, source, host };
    let mut all = BTreeMap::new();
    for job in &driver.look.graphs {
        all.insert(job.job.clone(), ground.of_job(job).await);
    }
    all
}

impl Ground<'_> {
    async fn of_job(&self, asked: &LookGraph) -> JobGraphs {
        let what = operators_of(&asked.job);
        let (wanted, running) = match &asked.way {
            None => (
                Observed::unknown(what, "no code of a jar is run to look at it during a run"),
                None,
            ),
            Some(LookWay { way, running, wanted }) => self.by_way(&what, way, running, wanted).await,
        };
        let checked = |graph: Observed<Told>| match graph {
            Observed::Known(told) => told.of(&asked.job, &asked.uids),
            Observed::Unknown(gap) => Observed::Unknown(gap),
        };
        JobGraphs {
            declared: declared::graph(&asked.uids),
            wanted: checked(wanted),
            running: running.map(checked),
        }
    }

    async fn by_way(
        &self,
        what: &str,
        way: &GraphWay,
        running: &DeclaredSubmission,
        wanted: &DeclaredSubmission,
    ) -> (Observed<Told>, Option<Observed<Told>>) {
        let unknown = |why: &str| (Observed::unknown(what, why), None);
        match way {
            GraphWay::Declared => unknown(
                "the jar's main was not run, because nobody asked for it; to find out: graph = \"probe\" in its [[job]] entry",
            ),
            GraphWay::Target => match &self.driver.target {
                Some(client) => {
                    let graph = plan::on_running(client, self.wanted_version(), wanted).await;
                    (
                        graph.map_or_else(|why| Observed::unknown(what, why), Observed::Known),
                        None,
                    )
                }
                None => unknown(
                    "the target cluster takes the place of the one that runs, so it cannot be asked before; to find out: graph = \"probe\" in its [[job]] entry",
                ),
            },
            GraphWay::Probe { online } => {
                // A release that stays has its graphs built by the one installation.
                let look = &self.driver.look;
                let target = look.target_home.as_ref().or(look.current_home.as_ref());
                let wanted = self.probed(what, target, wanted, *online).await;
                let current = look.current_home.as_ref();
                let running = match current {
                    Some(_) => Some(self.probed(what, current, running, *online).await),
                    None => None,
                };
                (wanted, running)
            }
            GraphWay::Scratch(at) => {
                let graph = plan::on_scratch(self.driver, at, self.wanted_version(), wanted).await;
                (
                    graph.map_or_else(|why| Observed::unknown(what, why), Observed::Known),
                    None,
                )
            }
            GraphWay::Production => {
                let client = &self.driver.source;
                let graph = plan::on(client, &self.source.version, wanted).await;
                (
                    graph.map_or_else(|why| Observed::unknown(what, why), Observed::Known),
                    None,
                )
            }
        }
    }

    fn wanted_version(&self) -> Option<&Version> {
        let home = self.host.target_home.as_ref().and_then(Observed::known);
        let declared = &self.driver.look.target_version;
        home.map(|home| &home.version).or(declared.as_ref())
    }

    async fn probed(
        &self,
        what: &str,
        home: Option<&LookHome>,
        submission: &DeclaredSubmission,
        online: bool,
    ) -> Observed<Told> {
        let graph = match self.jvm(home).await {
            Ok(jvm) => jvm::graph(&jvm, submission, self.source.config.known(), online).await,
            Err(why) => Err(why),
        };
        graph.map_or_else(|why| Observed::unknown(what, why), Observed::Known)
    }

    async fn jvm(&self, home: Option<&LookHome>) -> Result<Jvm, String> {
        let Some(home) = home else {
            return Err("no installation is declared whose libraries could be used".to_owned());
        };
        let current = self.driver.look.current_home.as_ref();
        let conf = current.map(|home| home.conf.clone());
        jvm_of(home.home.clone(), home.java_home.clone(), conf).await
    }
}

/// A JVM with the libraries of an installation.
async fn jvm_of(home: PathBuf, java_home: Option<PathBuf>, conf: Option<PathBuf>) -> Result<Jvm, String> {
    let (installed, configured) = crate::flink::observe::installed(home.clone(), conf).await;
    let version = installed.map_err(|gap| format!("{}: {}", gap.what, gap.reason))?;
    let java = crate::flink::host::target_java(&JavaSearch::here(configured, java_home)).await;
    let java = java.as_result().map_err(ToString::to_string)?.clone();
    Ok(Jvm {
        java,
        home,
        version,
        limit: jvm::LIMIT,
    })
}

/// The graph of a jar that runs elsewhere, by the libraries of an installation on this machine.
pub(crate) async fn of_jar(
    (home, java_home): (PathBuf, Option<PathBuf>),
    submission: &DeclaredSubmission,
    online: bool,
) -> Result<JobGraph, String> {
    let jvm = jvm_of(home, java_home, None).await?;
    let told = jvm::graph(&jvm, submission, None, online).await?;
    Ok(told.graph)
}

fn operators_of(job: &str) -> String {
    format!("operators of the jar of job {job}")
}

/// The graph of this job, where it was made and is the job's.
pub(in crate::flink) fn of_job(made: Result<Told, String>, job: &str, uids: &[String]) -> Observed<JobGraph> {
    match made {
        Ok(told) => told.of(job, uids),
        Err(why) => Observed::unknown(operators_of(job), why),
    }
}

/// A graph, with the name of the job that it is of.
#[derive(Debug)]
pub(in crate::flink) struct Told {
    pub(super) job: Option<String>,
    pub(super) graph: JobGraph,
}

impl Told {
    /// The graph, if it is the job's: a `main` that builds several jobs shows only its first.
    fn of(self, job: &str, uids: &[String]) -> Observed<JobGraph> {
        match self.job {
            Some(other) if other != job => Observed::unknown(
                operators_of(job),
                format!(
                    "the first job that the jar's main builds is called {other:?}; only the first can be read"
                ),
            ),
            _ => Observed::Known(with_uids(self.graph, uids)),
        }
    }
}

/// What the origin does not tell of uids and the system file does: an id that a declared uid makes was
/// made from it.
fn with_uids(mut graph: JobGraph, uids: &[String]) -> JobGraph {
    let declared = declared::graph(uids);
    let named = |operator: &GraphOperator| {
        let known = declared.as_ref()?.operator(&operator.id)?;
        known.uid.clone()
    };
    for operator in &mut graph.operators {
        if let (IdFrom::Untold, Some(uid)) = (operator.id_from, named(operator)) {
            operator.id_from = IdFrom::Uid;
            operator.uid = Some(uid);
        }
    }
    graph
}
