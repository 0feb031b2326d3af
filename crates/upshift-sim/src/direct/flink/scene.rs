//! A simulated Flink system before its upgrade: the machine as it runs, and the declaration that a person
//! would have written about it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use upshift_model::endpoint::Endpoint;
use upshift_model::flink::*;
use upshift_model::ids::{Code, SystemName};
use upshift_model::objects::ObjectAccess;
use upshift_model::plan::Plan;
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy};
use upshift_model::span::Millis;
use upshift_model::version::Version;
use upshift_model::waiver::Waiver;

use super::face::FlinkFace;
use super::observe::Asked;
use crate::direct::line::Line;
use crate::direct::time::Clockwork;
use crate::flink::{Conf, JobManner, Machine, PARALLELISM, Role};

/// How the upgrade is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The new cluster takes the old one's place.
    InPlace,
    /// The new cluster starts beside the old one.
    Shadow,
    /// The jobs move onto a cluster that runs already.
    RunningCluster,
    /// The cluster stays, the jobs change.
    JobOnly,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::InPlace, Self::Shadow, Self::RunningCluster, Self::JobOnly];

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::InPlace => "in place",
            Self::Shadow => "shadow copy",
            Self::RunningCluster => "running cluster",
            Self::JobOnly => "job only",
        }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Scene {
    /// How.
    pub way: Way,
    /// From and to.
    pub releases: (String, String),
    /// Names of the jobs.
    pub jobs: Vec<String>,
    /// What follows a failed gate.
    pub on_failed_gate: OnFailedGate,
    /// What follows a failed lane.
    pub on_lane_failure: OnLaneFailure,
    /// The soak.
    pub soak: Millis,
    /// Whether the release still has to be unpacked.
    pub unpack: bool,
    /// How long savepoints and starts take, in milliseconds.
    pub takes: (i64, i64),
}

const OLD_REST: &str = "http://127.0.0.1:8081";
const NEW_REST: &str = "http://127.0.0.1:8181";
/// Restart budget of a world: how long processes take to come and to go.
pub(super) const PROCESS_TAKES: (i64, i64) = (6_000, 1_500);

impl Scene {
    /// Three jobs from 1.18.1 to 1.20.5.
    pub fn new(way: Way) -> Self {
        Self {
            way,
            releases: ("1.18.1".to_owned(), "1.20.5".to_owned()),
            jobs: ["orders", "fraud", "billing"].map(str::to_owned).to_vec(),
            on_failed_gate: OnFailedGate::Ask,
            on_lane_failure: OnLaneFailure::All,
            soak: Millis::from_secs(20),
            unpack: false,
            takes: (700, 900),
        }
    }

    /// Id under which job number `n` runs.
    pub fn job_id(n: usize) -> String {
        format!("5eed{n:02}00000000000000000000000000")
    }

    /// The release that the jobs end on when all goes well.
    pub fn wanted(&self) -> &str {
        match self.way {
            Way::JobOnly => &self.releases.0,
            _ => &self.releases.1,
        }
    }

    /// The machine a while after its jobs were started.
    pub fn machine(&self, now: i64) -> Machine {
        let mut machine = Machine::default();
        machine.process_takes = PROCESS_TAKES;
        let began = now - 3_600_000;
        self.cluster(&mut machine, "old", &self.releases.0, 8081, began);
        if self.way == Way::RunningCluster {
            self.cluster(&mut machine, "other", &self.releases.1, 8181, began);
        }
        if !self.unpack {
            let home = PathBuf::from(format!("/srv/flink-{}", self.releases.1));
            machine.homes.insert(home, self.releases.1.clone());
        }
        machine.advance(began + PROCESS_TAKES.0);
        let manner = JobManner {
            starts_in: self.takes.1,
            savepoint_takes: self.takes.0,
            checkpoints_every: 2_000,
            ..JobManner::default()
        };
        for (n, job) in self.jobs.iter().enumerate() {
            for release in [&self.releases.0, &self.releases.1] {
                machine.world.behave(release, job, manner.clone());
            }
            let begun = began + PROCESS_TAKES.0;
            machine
                .world
                .submit("/srv/old/conf", &Self::job_id(n), job, begun);
        }
        machine.advance(now);
        machine.world.count_from_here();
        machine
    }

    fn cluster(&self, machine: &mut Machine, name: &str, release: &str, port: u16, began: i64) {
        let conf = PathBuf::from(format!("/srv/{name}/conf"));
        let slots = (self.jobs.len() * 2).to_string();
        let entries = [
            ("rest.port", port.to_string()),
            ("taskmanager.numberOfTaskSlots", slots),
            ("state.backend.type", "rocksdb".to_owned()),
            ("state.checkpoints.dir", "file:///srv/checkpoints".to_owned()),
        ];
        let entries: BTreeMap<String, String> = entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        let main = Conf {
            file: "flink-conf.yaml".to_owned(),
            entries,
            is_whole: true,
        };
        machine.confs.insert(conf.clone(), main);
        machine
            .homes
            .insert(PathBuf::from(format!("/srv/flink-{release}")), release.to_owned());
        for role in [Role::JobManager, Role::TaskManager] {
            machine.start(role, &conf, release, began);
        }
    }

    /// What a person wants.
    pub fn declaration(&self) -> Declaration {
        let installed = |release: &str, name: &str| DeclaredInstallation {
            version: version(release),
            home: PathBuf::from(format!("/srv/flink-{release}")),
            archive: None,
            conf: PathBuf::from(format!("/srv/{name}/conf")),
            logs: Some(PathBuf::from(format!("/srv/{name}/log"))),
            pids: Some(PathBuf::from(format!("/srv/{name}/pid"))),
            java_home: None,
            task_managers: 1,
            run_as: RunAs::Local,
        };
        let mut wanted = installed(&self.releases.1, "new");
        wanted.archive = self.unpack.then(|| Archive {
            uri: "file:///srv/flink.tgz".to_owned(),
            sha512: "0".repeat(128),
        });
        let shadow = ShadowPorts {
            rest: Endpoint::plain(NEW_REST),
            rpc_port: 6223,
            blob_port: 6224,
        };
        let (target, strategy) = match self.way {
            Way::InPlace => (
                Target::Release {
                    installation: wanted,
                    shadow: None,
                },
                StrategyWish::InPlace,
            ),
            Way::Shadow => (
                Target::Release {
                    installation: wanted,
                    shadow: Some(shadow),
                },
                StrategyWish::Shadow,
            ),
            Way::RunningCluster => (
                Target::RunningCluster {
                    rest: Endpoint::plain(NEW_REST),
                },
                StrategyWish::Auto,
            ),
            Way::JobOnly => (Target::SameCluster, StrategyWish::Auto),
        };
        Declaration {
            name: SystemName::new("simulated"),
            rest: Endpoint::plain(OLD_REST),
            current: Some(installed(&self.releases.0, "old")),
            target,
            savepoints: "file:///srv/savepoints".to_owned(),
            form: FormWish::Auto,
            trial_savepoint: true,
            recent: Millis::from_secs(86_400),
            objects: ObjectAccess::default(),
            jobs: self.jobs.iter().map(|name| self.job(name)).collect(),
            probes: vec![("orders per minute".to_owned(), probe())],
            strategy,
            soak: self.soak,
            finalize_after: None,
            require_uids: false,
            policy: self.policy(),
            waivers: self.waivers(),
        }
    }

    fn policy(&self) -> Policy {
        Policy {
            on_failed_gate: self.on_failed_gate,
            on_lane_failure: self.on_lane_failure,
            replay_limit: Millis::from_secs(3_600),
            max_downtime: None,
            keep_restore_points: None,
            notify: Vec::new(),
        }
    }

    /// A cluster on other machines cannot be asked whether it sees the same savepoint directory.
    fn waivers(&self) -> Vec<Waiver> {
        let seen = Waiver {
            code: Code::from("UP-FLINK-0142".to_owned()),
            subject: "savepoint directory".to_owned(),
            reason: "both clusters mount it".to_owned(),
            by: None,
            ticket: None,
            until: None,
        };
        (self.way == Way::RunningCluster)
            .then_some(seen)
            .into_iter()
            .collect()
    }

    fn job(&self, name: &str) -> DeclaredJob {
        let current = DeclaredSubmission {
            jar: PathBuf::from("/srv/jars/job.jar"),
            entry_class: Some("com.example.Job".to_owned()),
            args: vec!["--name".to_owned(), name.to_owned()],
            parallelism: Some(PARALLELISM.0),
            max_parallelism: Some(PARALLELISM.1),
        };
        let mut target = current.clone();
        if self.way == Way::JobOnly {
            target.args.push("--quick".to_owned());
        }
        DeclaredJob {
            name: name.to_owned(),
            current,
            target,
            uids: vec!["source".to_owned(), "counter".to_owned()],
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

    /// A face that only looks, as `upshift plan` has it.
    pub fn looking(&self, machine: &Arc<Mutex<Machine>>, time: Clockwork) -> FlinkFace {
        Self::looking_by(machine, time, &self.declaration())
    }

    /// The same for another declaration.
    pub fn looking_by(
        machine: &Arc<Mutex<Machine>>,
        time: Clockwork,
        declaration: &Declaration,
    ) -> FlinkFace {
        let asked = Asked::by_declaration(declaration);
        let line = Arc::new(Line::default());
        FlinkFace::new(Arc::clone(machine), line, time, None, Arc::new(asked))
    }

    /// A face for a run of the plan; none where its site is of another system, or has no old cluster.
    pub fn acting(
        machine: &Arc<Mutex<Machine>>,
        line: &Arc<Line>,
        time: Clockwork,
        plan: &Plan,
    ) -> Option<FlinkFace> {
        let site = plan.site.flink()?;
        let asked = Asked::by_site(plan.system.clone(), site)?;
        let (machine, line) = (Arc::clone(machine), Arc::clone(line));
        let site = Some(Arc::new(site.clone()));
        Some(FlinkFace::new(machine, line, time, site, Arc::new(asked)))
    }
}

fn probe() -> Probe {
    Probe {
        ask: ProbeAsk::Command(vec!["/srv/probe.sh".to_owned()]),
        expect: ProbeExpect::AtLeastRatioOfBaselineMilli(900),
        timeout: Millis::from_secs(5),
    }
}

fn version(release: &str) -> Version {
    release.parse().expect("a scene names releases that are versions")
}
