//! A healthy Flink system, as declared and as seen: Flink 1.18.1 with one job, to become 1.20.5.
//!
//! Everything is known and good; a test changes one thing and looks what becomes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::date;
use upshift_model::digest::Digest;
use upshift_model::endpoint::Endpoint;
use upshift_model::finding::Finding;
use upshift_model::flink::*;
use upshift_model::ids::{Code, SystemName};
use upshift_model::inventory::{self, INVENTORY_FORMAT, Inventory};
use upshift_model::objects::ObjectAccess;
use upshift_model::observed::Gap;
use upshift_model::observed::Observed::{self, Known};
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy};
use upshift_model::span::Millis;
use upshift_model::version::Version;
use upshift_model::waiver::Waiver;
use upshift_planner::knowledge::Knowledge;
use upshift_planner::systems::flink::checks;
use upshift_planner::systems::flink::situation::Situation;

/// A system as declared and as seen.
pub(crate) struct World {
    pub(crate) declaration: Declaration,
    pub(crate) facts: Facts,
    pub(crate) today: jiff::civil::Date,
    pub(crate) now: Timestamp,
    /// Files of changes: read, and empty, so that what is told of a world is not changed by every new row.
    pub(crate) changes: BTreeMap<String, String>,
}

pub(crate) const JAR: &str = "/srv/jars/orders.jar";

impl World {
    /// In place, the file offering nothing else.
    pub(crate) fn in_place() -> Self {
        let mut world = Self::shadow();
        world.declaration.strategy = StrategyWish::InPlace;
        world.declaration.target = release(None);
        world.facts.target = None;
        world.facts.host.ports.clear();
        world
    }

    /// In place, and no snapshot of the job could be read.
    pub(crate) fn unread() -> Self {
        let mut world = Self::in_place();
        let gap = Gap {
            what: "snapshot s3://bucket/savepoint-72a453-1b2c3d".into(),
            reason: "it is not on a file system of this machine".into(),
        };
        world.looked().found = SnapshotFound::Unseen(gap);
        world
    }

    /// A shadow copy on ports of its own.
    pub(crate) fn shadow() -> Self {
        let now = at("2026-11-20T21:04:11Z");
        Self {
            declaration: declaration(),
            facts: facts(now),
            today: date(2026, 11, 20),
            now,
            changes: nothing_changes(),
        }
    }

    /// Onto another cluster that runs already.
    pub(crate) fn running_cluster() -> Self {
        let mut world = Self::shadow();
        world.declaration.target = Target::RunningCluster {
            rest: Endpoint::plain("http://127.0.0.1:8181"),
        };
        world.declaration.strategy = StrategyWish::Auto;
        let mut target = cluster("http://127.0.0.1:8181", "1.20.5");
        target.jobs = Known(Vec::new());
        target.slots_free = Known(4);
        world.facts.target = Some(Known(target));
        let host = &mut world.facts.host;
        (host.target_home, host.target_archive, host.target_conf_entries) = (None, None, None);
        world
    }

    /// The same cluster, another parallelism.
    pub(crate) fn same_cluster() -> Self {
        let mut world = Self::in_place();
        world.declaration.target = Target::SameCluster;
        world.declaration.jobs[0].target.parallelism = Some(3);
        world
    }

    /// The only declared job.
    pub(crate) fn declared(&mut self) -> &mut DeclaredJob {
        &mut self.declaration.jobs[0]
    }

    /// The only running job.
    pub(crate) fn running(&mut self) -> &mut JobFacts {
        match &mut self.facts.source.jobs {
            Known(jobs) => &mut jobs[0],
            Observed::Unknown(gap) => panic!("{gap}"),
        }
    }

    /// The details of the only running job.
    pub(crate) fn details(&mut self) -> &mut JobDetails {
        known(&mut self.running().details)
    }

    /// What was read of its newest savepoint.
    pub(crate) fn snapshot(&mut self) -> &mut SnapshotContents {
        match &mut self.looked().found {
            SnapshotFound::Read(contents) => contents,
            other => panic!("{other:?}"),
        }
    }

    /// The snapshot of it that was looked at.
    pub(crate) fn looked(&mut self) -> &mut SnapshotLook {
        &mut self
            .facts
            .snapshots
            .get_mut("orders")
            .expect("looked at")
            .looked_at[0]
    }

    /// How the only running job checkpoints.
    pub(crate) fn checkpointing(&mut self) -> &mut Checkpointing {
        known(&mut self.details().checkpointing)
    }

    /// What came of its checkpoints.
    pub(crate) fn checkpoints(&mut self) -> &mut CheckpointHistory {
        known(&mut self.details().checkpoints)
    }

    /// The wanted release's installation.
    pub(crate) fn target(&mut self) -> &mut DeclaredInstallation {
        match &mut self.declaration.target {
            Target::Release { installation, .. } => installation,
            other => panic!("{other:?}"),
        }
    }

    /// The configuration file of the running release.
    pub(crate) fn conf(&mut self) -> &mut ConfFacts {
        known(self.facts.host.current_conf.as_mut().expect("looked at"))
    }

    /// Adds a waiver without an end.
    pub(crate) fn waive(&mut self, code: &str, subject: &str) {
        let code = Code::from(code.to_owned());
        let reason = "seen by the owner".to_owned();
        self.declaration.waivers.push(Waiver {
            code,
            subject: subject.into(),
            reason,
            by: None,
            ticket: None,
            until: None,
        });
    }

    /// The inventory that would be stored.
    pub(crate) fn inventory(&self) -> Inventory {
        Inventory {
            format: INVENTORY_FORMAT,
            system: self.declaration.name.clone(),
            taken_at: self.now,
            facts: inventory::Facts::Flink(self.facts.clone()),
            gaps: Vec::new(),
        }
    }

    /// The catalogue with this world's changes.
    fn knowledge(&self) -> Knowledge {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/flink");
        let names = [
            "catalogue.toml",
            "config.toml",
            "options.tsv",
            "releases.toml",
            "savepoints.toml",
        ];
        let read = |name: &str| {
            let text = std::fs::read_to_string(folder.join(name)).expect("a file of the catalogue");
            (format!("flink/{name}"), text)
        };
        let files = names.into_iter().map(read).chain(self.changes.clone());
        Knowledge::load(&files.collect()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Every finding.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let inventory = self.inventory();
        let knowledge = self.knowledge();
        checks::findings(&Situation {
            declaration: &self.declaration,
            inventory: &inventory,
            facts: &self.facts,
            knowledge: &knowledge,
            today: self.today,
            now: self.now,
        })
    }
}

/// Files of the lines that worlds go to: their notes were read and ask for nothing.
fn nothing_changes() -> BTreeMap<String, String> {
    let lines = (16..=20)
        .map(|minor| format!("1.{minor}"))
        .chain((0..=3).map(|minor| format!("2.{minor}")));
    let file = |line: String| {
        (
            format!("flink/changes/{line}.toml"),
            "date = \"2026-11-27\"\n".to_owned(),
        )
    };
    lines.map(file).collect()
}

fn known<T>(observed: &mut Observed<T>) -> &mut T {
    match observed {
        Known(fact) => fact,
        Observed::Unknown(gap) => panic!("{gap}"),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time stamp")
}

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

fn installation(release: &str, name: &str) -> DeclaredInstallation {
    DeclaredInstallation {
        version: version(release),
        home: PathBuf::from(format!("/srv/flink-{release}")),
        archive: None,
        conf: PathBuf::from(format!("/srv/{name}/conf")),
        logs: Some(PathBuf::from(format!("/srv/{name}/log"))),
        pids: Some(PathBuf::from(format!("/srv/{name}/pid"))),
        java_home: None,
        task_managers: 1,
        run_as: RunAs::Local,
    }
}

fn release(shadow: Option<ShadowPorts>) -> Target {
    Target::Release {
        installation: installation("1.20.5", "new"),
        shadow,
    }
}

fn declaration() -> Declaration {
    let shadow = ShadowPorts {
        rest: Endpoint::plain("http://127.0.0.1:8181"),
        rpc_port: 6223,
        blob_port: 6224,
    };
    Declaration {
        name: SystemName::new("orders"),
        rest: Endpoint::plain("http://127.0.0.1:8081"),
        current: Some(installation("1.18.1", "old")),
        target: release(Some(shadow)),
        savepoints: "file:///srv/savepoints".into(),
        form: FormWish::Auto,
        trial_savepoint: true,
        recent: Millis::from_secs(86_400),
        objects: ObjectAccess::default(),
        jobs: vec![job()],
        probes: vec![("orders per minute".into(), probe())],
        strategy: StrategyWish::Shadow,
        soak: Millis::from_secs(900),
        finalize_after: None,
        require_uids: false,
        policy: Policy {
            on_failed_gate: OnFailedGate::Ask,
            on_lane_failure: OnLaneFailure::All,
            replay_limit: Millis::from_secs(600),
            max_downtime: None,
            keep_restore_points: None,
            notify: Vec::new(),
        },
        waivers: Vec::new(),
    }
}

fn probe() -> Probe {
    Probe {
        ask: ProbeAsk::Command(vec!["/srv/probe.sh".into()]),
        expect: ProbeExpect::AtLeastRatioOfBaselineMilli(900),
        timeout: Millis::from_secs(5),
    }
}

fn job() -> DeclaredJob {
    let submission = DeclaredSubmission {
        jar: PathBuf::from(JAR),
        entry_class: Some("com.example.Orders".into()),
        args: vec!["--parallel".into(), "2".into()],
        parallelism: Some(2),
        max_parallelism: Some(128),
    };
    DeclaredJob {
        name: "orders".into(),
        current: submission.clone(),
        target: submission,
        uids: vec!["source".into(), "counter".into()],
        graph: GraphWay::Declared,
        snapshot: None,
        wanted_snapshot: None,
        sink: Sink::Idempotent,
        may_use_checkpoint: false,
        stateless: false,
        rehearsal_args: None,
        source_retention: Some(Millis::from_secs(7 * 86_400)),
        transaction_timeout: None,
    }
}

fn facts(now: Timestamp) -> Facts {
    let mut source = cluster("http://127.0.0.1:8081", "1.18.1");
    source.jobs = Known(vec![running_job(now)]);
    Facts {
        source,
        target: Some(Observed::unknown(
            "cluster at http://127.0.0.1:8181",
            "connection refused",
        )),
        host: host(),
        graphs: [("orders".to_owned(), graphs())].into(),
        snapshots: [("orders".to_owned(), snapshots())].into(),
        references: [("orders".to_owned(), Known(references()))].into(),
    }
}

fn references() -> JarReferences {
    JarReferences {
        against: PathBuf::from("/srv/flink-1.20.5"),
        compared_with: Some(PathBuf::from("/srv/flink-1.18.1")),
        classes: 42,
        unreadable: Vec::new(),
        missing: Vec::new(),
        more_missing: 0,
        artifacts: Vec::new(),
        bundled: 0,
        of_flink: BTreeSet::new(),
        members_of_flink: BTreeSet::new(),
    }
}

/// Ids of the uids `source` and `counter`.
pub(crate) const SOURCE: &str = "e5a72f353fc1e6bbf3bd96a41384998c";
pub(crate) const COUNTER: &str = "0da08f51eaa85fc298e176a139b3649a";

/// What the declared uids tell, and nothing of the jar.
fn graphs() -> JobGraphs {
    let operators = [(SOURCE, "source"), (COUNTER, "counter")];
    JobGraphs {
        declared: Some(JobGraph {
            origin: GraphOrigin::DeclaredUids,
            extent: GraphExtent::Named,
            operators: operators
                .map(|(id, uid)| GraphOperator {
                    uid: Some(uid.to_owned()),
                    id_from: IdFrom::Uid,
                    ..operator_of_graph(id)
                })
                .into(),
        }),
        wanted: Observed::unknown("operators of the jar of job orders", "nobody asked for it"),
        running: None,
    }
}

/// An operator of which a graph tells nothing but its id.
pub(crate) fn operator_of_graph(id: &str) -> GraphOperator {
    GraphOperator {
        id: id.to_owned(),
        also: None,
        id_from: IdFrom::Untold,
        uid: None,
        name: None,
        parallelism: None,
        max_parallelism: None,
        place: None,
        key_serializer: None,
    }
}

/// A canonical savepoint of 1.18 with a source and a counter.
fn snapshots() -> JobSnapshots {
    let contents = SnapshotContents {
        version: 4,
        checkpoint_id: 8001,
        taken_as: TakenAs::CanonicalSavepoint,
        writers: Some("1.18 to 1.20".into()),
        metadata_bytes: 4_000,
        state_bytes: 105_000_000,
        operators: vec![operator(SOURCE, "source"), operator(COUNTER, "counter")],
        keyed_forms: [KeyedForm::Canonical].into(),
        channel_state: false,
        outside: BTreeMap::new(),
        lacking: Vec::new(),
        lacking_files: 0,
        files_looked_for: 2,
        files_not_looked_for: None,
        oddities: Vec::new(),
    };
    JobSnapshots {
        looked_at: vec![SnapshotLook {
            location: "file:/srv/savepoints/savepoint-72a453-1b2c3d".into(),
            told_by: SnapshotTold::NewestSavepoint,
            found: SnapshotFound::Read(Box::new(contents)),
        }],
        of_wanted: None,
    }
}

/// A serializer that says nothing but its class.
pub(crate) fn plain(class: &str) -> SerializerShape {
    SerializerShape {
        snapshot_class: format!("org.apache.flink.api.common.typeutils.base.{class}${class}Snapshot"),
        kind: SerializerKind::Plain,
    }
}

fn operator(id: &str, uid: &str) -> SnapshotOperator {
    SnapshotOperator {
        id: id.into(),
        name: None,
        uid: RecordedUid::NotRecorded,
        declared: [uid.to_owned()].into(),
        parallelism: 2,
        max_parallelism: 128,
        bytes: 52_500_000,
        stateful: true,
        finished: false,
        coordinator: false,
        operator_state: true,
        operator_headers: [6].into(),
        key: Some(plain("StringSerializer")),
        states: vec![SnapshotState {
            name: "value".into(),
            kind: "VALUE".into(),
            elements: 0,
            serializers: [("VALUE_SERIALIZER".to_owned(), plain("LongSerializer"))].into(),
        }],
        not_all_read: None,
    }
}

fn cluster(rest: &str, release: &str) -> ClusterFacts {
    let config = [
        ("taskmanager.numberOfTaskSlots", "4"),
        ("state.backend.type", "rocksdb"),
    ];
    ClusterFacts {
        rest: rest.into(),
        version: version(release),
        commit: None,
        slots_total: Known(4),
        slots_free: Known(2),
        task_managers: Known(vec![TaskManagerFacts {
            id: "127.0.0.1:41234-ab12cd".into(),
            slots: 4,
            free: 2,
            physical_memory: None,
        }]),
        deployment: Known(Deployment {
            provider: Provider::Standalone,
            mode: Mode::Session,
            high_availability: None,
            evidence: vec!["no key of another provider in its configuration".into()],
        }),
        config: Known(
            config
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        ),
        web_submit: Known(true),
        jobs: Known(Vec::new()),
        jars: Known(BTreeMap::new()),
    }
}

fn running_job(now: Timestamp) -> JobFacts {
    let before = |seconds: i64| {
        Timestamp::from_second(now.as_second() - seconds).expect("well within the range of time stamps")
    };
    let vertex = |id: &str, name: &str| VertexFacts {
        id: id.into(),
        name: name.into(),
        parallelism: 2,
        max_parallelism: Some(128),
        status: "RUNNING".into(),
    };
    let snapshot = |id, age, path: &str| SnapshotFacts {
        id,
        triggered_at: before(age),
        acknowledged_at: Some(before(age - 1)),
        bytes: Some(105_000_000),
        path: Some(path.into()),
    };
    let details = JobDetails {
        vertices: vec![
            vertex("e5a72f353fc1e6bbf3bd96a41384998c", "Source: orders"),
            vertex("0da08f51eaa85fc298e176a139b3649a", "counter -> Sink: out"),
        ],
        restarts: Known(0),
        last_exception_at: Known(None),
        checkpointing: Known(Checkpointing {
            mode: "exactly_once".into(),
            interval: Some(Millis::from_secs(10)),
            timeout: Some(Millis::from_secs(600)),
            unaligned: Some(false),
            state_backend: Some("EmbeddedRocksDBStateBackend".into()),
            changelog: Some(false),
            retained: Some(true),
        }),
        checkpoints: Known(CheckpointHistory {
            completed: 8640,
            failed: 0,
            in_progress: 0,
            restored: 0,
            latest_completed: Some(snapshot(8640, 6, "file:/srv/checkpoints/j/chk-8640")),
            latest_savepoint: Some(snapshot(
                8001,
                7200,
                "file:/srv/savepoints/savepoint-72a453-1b2c3d",
            )),
            latest_failed_at: None,
            restored_from: None,
            restored_at: None,
        }),
    };
    JobFacts {
        id: "72a453b49067bc6ac70207bc19a87cdf".into(),
        name: "orders".into(),
        state: "RUNNING".into(),
        started_at: Some(before(86_400)),
        details: Known(details),
    }
}

fn host() -> HostFacts {
    let process = |pid, role| FlinkProcess {
        pid,
        started_ticks: 77,
        role,
        conf: PathBuf::from("/srv/old/conf"),
    };
    let home = |release: &str| {
        Some(Known(HomeFacts {
            version: version(release),
        }))
    };
    HostFacts {
        processes: Known(vec![
            process(4001, FlinkRole::JobManager),
            process(4002, FlinkRole::TaskManager),
        ]),
        target_java: Known(JavaFacts {
            feature: 11,
            path: PathBuf::from("/usr/bin/java"),
        }),
        current_home: home("1.18.1"),
        target_home: home("1.20.5"),
        target_archive: None,
        current_conf: Some(Known(conf())),
        target_conf_entries: Some(Known(BTreeSet::new())),
        savepoint_dir: Known(DirFacts {
            exists: true,
            writable: true,
            free: 61_000_000_000,
        }),
        target_home_free: Some(Known(61_000_000_000)),
        ports: [8181, 6223, 6224]
            .into_iter()
            .map(|port| (port, Known(false)))
            .collect(),
        jars: [(PathBuf::from(JAR), Known(jar()))].into(),
        probes: [("orders per minute".to_owned(), Known("1212".to_owned()))].into(),
    }
}

fn conf() -> ConfFacts {
    let entry = |key: &str, value: &str, line| ConfEntry {
        key: key.into(),
        value: value.into(),
        line,
    };
    ConfFacts {
        file: "flink-conf.yaml".into(),
        digest: Digest::of_bytes(b"conf"),
        entries: vec![
            entry("taskmanager.numberOfTaskSlots", "4", 1),
            entry("state.backend.type", "rocksdb", 2),
        ],
        files: ["flink-conf.yaml".to_owned(), "log4j.properties".to_owned()].into(),
    }
}

fn jar() -> JarFacts {
    JarFacts {
        sha256: Digest::of_bytes(b"jar"),
        bytes: 4_200_000,
        main_class: None,
        has_entry_class: Some(true),
        class_version: Some(55),
        bundles_flink: false,
    }
}
