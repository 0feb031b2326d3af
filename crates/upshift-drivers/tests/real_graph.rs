//! The operator graphs of the lab's job on real releases: what the probe and a cluster's own plan say, against the
//! savepoint that the cluster wrote.
//!
//! It needs the releases that `cargo xtask fetch needed` puts into the cache, and fails where they are missing.

#![expect(clippy::print_stdout, reason = "shown when it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use upshift_drivers::Clock;
use upshift_drivers::flink::FlinkDriver;
use upshift_drivers::wire::Secrets;
use upshift_engine::driver::Driver as _;
use upshift_formats::Limits;
use upshift_formats::flink::read_metadata;
use upshift_lab::rest::{Format, Submit};
use upshift_lab::{Cache, Cluster, Home, Java, Job, Options, Sandbox, Uids, job_jar};
use upshift_model::endpoint::Endpoint;
use upshift_model::flink::{
    ChainPlace, Declaration, DeclaredInstallation, DeclaredJob, DeclaredSubmission, FormWish, GraphExtent,
    GraphOperator, GraphWay, IdFrom, JobGraph, JobGraphs, RunAs, Sink, StrategyWish, Target,
};
use upshift_model::ids::SystemName;
use upshift_model::inventory::Facts;
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy};
use upshift_model::span::Millis;

/// A release with the job on it.
struct World {
    sandbox: Sandbox,
    java: Java,
    jar: PathBuf,
    home: Home,
    cluster: Cluster,
}

impl World {
    fn on(version: &str) -> Self {
        let cache = Cache::open().expect("a cache");
        let java = Java::fetch(&cache).expect("a Java");
        let jar = job_jar(&cache, &java).expect("the job's jar");
        let home = Home::ready(&cache, version).expect("the release: cargo xtask fetch needed");
        let sandbox = Sandbox::new(&cache, &format!("graph-{version}")).expect("a sandbox");
        let dir = sandbox.path("cluster");
        let cluster = Cluster::start(&home, &java, &dir, &Options::default()).expect("a cluster");
        Self {
            sandbox,
            java,
            jar,
            home,
            cluster,
        }
    }

    fn job(&self, uids: Uids) -> Job {
        let mut job = Job::new(format!("graph-{uids:?}"), self.sandbox.path("out"));
        job.uids = uids;
        job
    }

    /// Ids of the operators of a savepoint of the job, as the running cluster writes it.
    fn operators_on_disk(&self, job: &Job) -> BTreeSet<String> {
        let at = self.cluster.rest();
        let jar = at.upload(&self.jar).expect("an upload");
        let how = Submit {
            args: job.args(),
            ..Submit::default()
        };
        let id = at.submit(&jar, &how).expect("a job");
        at.wait_for_tasks(&id).expect("running tasks");
        let dir = format!("file://{}", self.sandbox.path("savepoints").display());
        let location = at
            .stop_with_savepoint(&id, &dir, Format::Canonical)
            .expect("a savepoint");
        let path = location.strip_prefix("file:").expect("a local savepoint");
        let bytes = std::fs::read(Path::new(path).join("_metadata")).expect("its metadata");
        let snapshot = read_metadata(&bytes, &Limits::default()).expect("metadata that can be read");
        snapshot
            .operators
            .iter()
            .map(|operator| operator.id.to_string())
            .collect()
    }

    fn look(&self, job: &Job, graph: GraphWay) -> JobGraphs {
        let submission = DeclaredSubmission {
            jar: self.jar.clone(),
            entry_class: None,
            args: job.args(),
            parallelism: None,
            max_parallelism: None,
        };
        let declared = declaration(self, job, submission, graph);
        let clock = Clock::by(|| jiff::Timestamp::UNIX_EPOCH);
        let driver = FlinkDriver::for_declaration(&declared, Secrets::none(), clock).expect("a driver");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let seen = runtime.block_on(driver.observe()).expect("a look");
        let Facts::Flink(facts) = seen.facts else {
            panic!("of Flink")
        };
        let graphs = facts.graphs[&job.name].clone();
        println!("{graphs:#?}");
        graphs
    }
}

fn declaration(world: &World, job: &Job, submission: DeclaredSubmission, graph: GraphWay) -> Declaration {
    Declaration {
        name: SystemName::new("graph"),
        rest: Endpoint::plain(world.cluster.rest().url()),
        current: Some(DeclaredInstallation {
            version: world.home.version().parse().expect("a version"),
            home: world.home.path().to_owned(),
            archive: None,
            conf: world.cluster.dir().join("conf"),
            logs: None,
            pids: None,
            java_home: Some(world.java.home().to_owned()),
            task_managers: 1,
            run_as: RunAs::Local,
        }),
        target: Target::SameCluster,
        savepoints: "file:///srv/savepoints".to_owned(),
        objects: upshift_model::objects::ObjectAccess::default(),
        form: FormWish::Auto,
        trial_savepoint: false,
        recent: Millis::ZERO,
        jobs: vec![DeclaredJob {
            name: job.name.clone(),
            current: submission.clone(),
            target: submission,
            uids: Vec::new(),
            graph,
            snapshot: None,
            wanted_snapshot: None,
            sink: Sink::Append,
            may_use_checkpoint: false,
            stateless: false,
            rehearsal_args: None,
            source_retention: None,
            transaction_timeout: None,
        }],
        probes: Vec::new(),
        strategy: StrategyWish::Auto,
        soak: Millis::ZERO,
        finalize_after: None,
        require_uids: false,
        policy: Policy {
            on_failed_gate: OnFailedGate::Ask,
            on_lane_failure: OnLaneFailure::All,
            replay_limit: Millis::ZERO,
            max_downtime: None,
            keep_restore_points: None,
            notify: Vec::new(),
        },
        waivers: Vec::new(),
    }
}

fn ids<'a>(operators: impl IntoIterator<Item = &'a GraphOperator>) -> BTreeSet<String> {
    operators
        .into_iter()
        .map(|operator| operator.id.clone())
        .collect()
}

fn known(graphs: &JobGraphs) -> &JobGraph {
    graphs.wanted.known().expect("the graph")
}

fn ids_are_those_of_the_savepoint(version: &str) {
    let world = World::on(version);
    for uids in [Uids::All, Uids::None] {
        let job = world.job(uids);
        let on_disk = world.operators_on_disk(&job);

        let graphs = world.look(&job, GraphWay::Probe { online: false });
        let probed = known(&graphs);
        assert_eq!(ids(&probed.operators), on_disk, "{version}, uids {uids:?}");
        assert_eq!(probed.extent, GraphExtent::All);
        let heads = |o: &&GraphOperator| o.place == Some(ChainPlace::Head);
        let by_name: BTreeMap<_, _> = probed.operators.iter().map(|o| (o.name.as_deref(), o)).collect();
        let counter = by_name[&Some("counter")];
        assert_eq!(
            (counter.parallelism, counter.max_parallelism),
            (Some(2), Some(128))
        );
        assert!(
            counter
                .key_serializer
                .as_deref()
                .is_some_and(|class| class.contains("LongSerializer"))
        );
        let (from, uid) = match uids {
            Uids::All => (IdFrom::Uid, Some("counter")),
            Uids::None => (IdFrom::Place, None),
        };
        assert_eq!((counter.id_from, counter.uid.as_deref()), (from, uid));
        assert_eq!(
            graphs.running.as_ref().and_then(|graph| graph.known()),
            Some(probed)
        );

        let plan = world.look(&job, GraphWay::Production);
        let plan = known(&plan);
        assert_eq!(plan.extent, GraphExtent::Heads);
        assert_eq!(
            ids(&plan.operators),
            ids(probed.operators.iter().filter(heads)),
            "{version}"
        );
        let left = world.cluster.rest().get("/jars").expect("the list of jars");
        assert!(!left.to_string().contains("upshift-graph"), "{left}");
    }
}

#[test]
fn ids_on_1_18() {
    ids_are_those_of_the_savepoint("1.18.1");
}

#[test]
fn ids_on_1_20() {
    ids_are_those_of_the_savepoint("1.20.5");
}

#[test]
fn ids_on_2_3() {
    ids_are_those_of_the_savepoint("2.3.0");
}
