//! A namespace as tests want it, and what is asked of it.

use std::sync::OnceLock;

use upshift_model::digest::Digest;
use upshift_model::endpoint::Endpoint;
use upshift_model::finding::Finding;
use upshift_model::ids::Code;
use upshift_model::observed::Observed;
use upshift_model::plan::InventoryStamp;
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy, Strategy};
use upshift_model::realtime_compute::{
    Checkpoints, Credentials, Declaration, Deployment, Engine, Facts, Job, Library as InJar, Point, Queue,
    Room, Select, Service,
};
use upshift_model::span::Millis;
use upshift_model::waiver::Waiver;
use upshift_planner::knowledge::Library;
use upshift_planner::systems::realtime_compute::checks;
use upshift_planner::systems::realtime_compute::situation::Situation;

pub(crate) const NOW: &str = "2026-11-27T12:00:00Z";

pub(crate) struct World {
    pub(crate) declaration: Declaration,
    pub(crate) facts: Facts,
}

pub(crate) fn room(cores: u64) -> Room {
    Room {
        millicores: cores * 1000,
        mebibytes: cores * 4096,
    }
}

pub(crate) fn engine(version: &str, status: &str) -> Engine {
    Engine {
        version: version.to_owned(),
        status: status.to_owned(),
        native: Some(true),
    }
}

impl World {
    /// A minor upgrade of a deployment that is as it should be.
    pub(crate) fn new() -> Self {
        let now: jiff::Timestamp = NOW.parse().expect("a time");
        Self {
            declaration: Declaration {
                name: "orders".into(),
                service: Service {
                    endpoint: Endpoint::plain("https://ververica.example"),
                    workspace: "ws1".to_owned(),
                    namespace: "production".to_owned(),
                    credentials: Credentials::Environment,
                },
                target: "vvr-8.0.11-flink-1.17".to_owned(),
                select: Select::default(),
                clone_suffix: "-upg".to_owned(),
                clone_folder: None,
                strategy: Strategy::CloneAndSwitch,
                stateless: Vec::new(),
                start_at: None,
                programs: Default::default(),
                graph: None,
                width: 1,
                first_checkpoint: Millis::from_secs(600),
                soak: Millis::from_secs(900),
                lists_lag: Millis::from_secs(10),
                calls_per_second: 20,
                probes: Vec::new(),
                objects: Default::default(),
                delete_originals: false,
                delete_savepoints: false,
                policy: Policy {
                    on_failed_gate: OnFailedGate::Ask,
                    on_lane_failure: OnLaneFailure::All,
                    replay_limit: Millis::from_secs(600),
                    max_downtime: None,
                    keep_restore_points: None,
                    notify: Vec::new(),
                },
                waivers: Vec::new(),
            },
            facts: Facts {
                endpoint: "https://ververica.example".to_owned(),
                place: ("ws1".to_owned(), "production".to_owned()),
                engines: Observed::Known(vec![
                    engine("vvr-8.0.9-flink-1.17", "DEPRECATED"),
                    engine("vvr-8.0.11-flink-1.17", "STABLE"),
                    engine("vvr-11.7-jdk11-flink-1.20", "STABLE"),
                    engine("vvr-11.8-jdk11-flink-1.20", "BETA"),
                    engine("vvr-6.0.7-flink-1.15", "EXPIRED"),
                    engine("vvr-8.0.12-flink-1.17", "RECOMMENDED"),
                ]),
                queues: Observed::Known(vec![Queue {
                    name: "default-queue".to_owned(),
                    limit: Some(room(20)),
                    used: Some(room(3)),
                }]),
                deployments: vec![orders(now)],
                probes: Default::default(),
            },
        }
    }

    pub(crate) fn to(mut self, target: &str) -> Self {
        self.declaration.target = target.to_owned();
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Deployment)) -> Self {
        change(&mut self.facts.deployments[0]);
        self
    }

    pub(crate) fn job(self, change: impl FnOnce(&mut Job)) -> Self {
        self.with(|one| {
            let mut job = one.job.known().cloned().flatten().expect("a job");
            change(&mut job);
            one.job = Observed::Known(Some(job));
        })
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        self.judged(checks::findings)
    }

    pub(crate) fn judged<T>(&self, then: impl FnOnce(&Situation<'_>) -> T) -> T {
        static LIBRARY: OnceLock<Library> = OnceLock::new();
        let library = LIBRARY.get_or_init(Library::builtin);
        let now: jiff::Timestamp = NOW.parse().expect("a time");
        let today = "2026-11-27".parse().expect("a day");
        let stamp = InventoryStamp {
            taken_at: now,
            digest: Digest::of_bytes(b"seen"),
        };
        let situation = Situation::new(&self.declaration, &self.facts, library, (today, now), stamp);
        then(&situation.expect("an engine"))
    }

    /// How bad the finding of a code is, and its title.
    pub(crate) fn says(&self, code: &Code) -> String {
        let found = self.findings();
        let one = found.iter().find(|finding| finding.code == *code);
        one.map_or_else(|| "nothing".to_owned(), word)
    }
}

pub(crate) fn word(finding: &Finding) -> String {
    let state = match (finding.judged(), finding.blinds()) {
        (Some(severity), _) if severity.to_string() == "RED" && !finding.waivable() => "REFUSED".to_owned(),
        (Some(severity), _) => severity.to_string(),
        (None, true) => "UNKNOWN (red)".to_owned(),
        (None, false) => "UNKNOWN".to_owned(),
    };
    format!("{state}: {}", finding.title)
}

pub(crate) fn library(version: &str) -> InJar {
    InJar {
        jar: "orders.jar".to_owned(),
        artifact: "com.alibaba.ververica:ververica-connector-kafka".to_owned(),
        version: version.to_owned(),
    }
}

pub(crate) fn waiver(code: &Code, subject: &str) -> Waiver {
    Waiver {
        code: code.clone(),
        subject: subject.to_owned(),
        reason: "tried on a clone".to_owned(),
        by: None,
        ticket: None,
        until: None,
    }
}

pub(crate) fn unseen<T>() -> Observed<T> {
    Observed::unknown("it", "nobody looked")
}

/// A deployment that is as it should be.
fn orders(now: jiff::Timestamp) -> Deployment {
    Deployment {
        id: "d1".to_owned(),
        name: "orders".to_owned(),
        engine: "vvr-8.0.9-flink-1.17".to_owned(),
        kind: "JAR".to_owned(),
        mode: "STREAMING".to_owned(),
        queue: Some("default-queue".to_owned()),
        resource_mode: Some("BASIC".to_owned()),
        changed: Some(false),
        job: Observed::Known(Some(Job {
            id: "j1".to_owned(),
            state: "RUNNING".to_owned(),
            engine: Some("vvr-8.0.9-flink-1.17".to_owned()),
            flink: Some("RUNNING".to_owned()),
            restarts: Some(0),
            room: Some(room(3)),
        })),
        points: Observed::Known(vec![Point {
            id: "s1".to_owned(),
            origin: "USER_REQUEST".to_owned(),
            state: "COMPLETED".to_owned(),
            native: Some(true),
            created_at: Some(now.as_second() - 3600),
        }]),
        checkpoints: Observed::Known(Checkpoints {
            completed: 9,
            failed: 0,
            recent: vec![true; 9],
            latest: None,
        }),
        build: Observed::Known("1.17-vvr-8.0.9".to_owned()),
        name_taken: Observed::Known(false),
        graph: None,
        newest: None,
        libraries: Observed::Known(vec![library("1.17-vvr-8.0.11-4")]),
        draft: Observed::Known(None),
    }
}
