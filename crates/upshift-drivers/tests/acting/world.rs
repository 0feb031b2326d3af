//! A site of one job on cluster `old` (and `new` where a test needs it), and the steps on it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use upshift_drivers::Clock;
use upshift_drivers::flink::FlinkDriver;
use upshift_drivers::wire::Secrets;
use upshift_engine::driver::{Driver as _, Fault, Standing};
use upshift_model::digest::Digest;
use upshift_model::endpoint::Endpoint;
use upshift_model::expect::Expectation;
use upshift_model::flink::{Archive, Cluster, Installation, Job, Probe, RunAs, Sink, Site, Submission};
use upshift_model::ids::{AttemptKey, ComponentId, RunId, Slot, StepId, SystemName};
use upshift_model::proof::Bindings;
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::restore::{RestorePoint, RestorePointKind};
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, Step};

/// The job of the recorded answers.
pub(crate) const ID: &str = "5eed0000000000000000000000000001";
/// The server's time when the recorded savepoint was triggered.
pub(crate) const TRIGGERED: i64 = 1_795_227_640_086;

pub(crate) struct World {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) site: Site,
    pub(crate) bound: Bindings,
}

pub(crate) fn old() -> ComponentId {
    ComponentId::new("old")
}

pub(crate) fn job() -> ComponentId {
    ComponentId::new("job/orders")
}

pub(crate) fn slot() -> Slot {
    Slot::new("S/orders")
}

impl World {
    /// Cluster `old` answers at `url`.
    pub(crate) fn at(url: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let jar = dir.path().join("orders job.jar");
        put(&jar, b"not really a jar");
        let submission = Submission {
            jar,
            jar_sha256: Digest::of_bytes(b"not really a jar"),
            entry_class: None,
            args: vec!["--rate".to_owned(), "5".to_owned()],
            parallelism: Some(2),
            configuration: BTreeMap::new(),
        };
        let planned = Job {
            name: "orders".to_owned(),
            running_as: Some(ID.to_owned()),
            submissions: [(old(), submission)].into(),
            sink: Sink::Append,
            uids: Vec::new(),
            stateless: false,
            rehearsal_args: None,
        };
        let cluster = Cluster {
            rest: Endpoint::plain(url),
            version: "1.20.5".parse().unwrap(),
            installation: None,
        };
        std::fs::create_dir(dir.path().join("sp")).unwrap();
        let site = Site {
            clusters: [(old(), cluster)].into(),
            jobs: [(job(), planned)].into(),
            savepoints: format!("file://{}/sp", dir.path().display()),
            objects: upshift_model::objects::ObjectAccess::default(),
            probes: BTreeMap::new(),
        };
        Self {
            dir,
            site,
            bound: Bindings::default(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Gives cluster `old` an installation below the test's directory.
    pub(crate) fn install(&mut self, archive: Option<Archive>) -> Installation {
        let installation = Installation {
            home: self.path("home"),
            archive,
            conf: self.path("conf"),
            logs: Some(self.path("log")),
            pids: Some(self.path("pid")),
            java_home: None,
            task_managers: 1,
            run_as: RunAs::Local,
        };
        let cluster = self.site.clusters.get_mut(&old()).unwrap();
        cluster.installation = Some(installation.clone());
        installation
    }

    pub(crate) fn probe(&mut self, probe: Probe) {
        self.site.probes.insert("p".to_owned(), probe);
    }

    /// A savepoint directory with real metadata; gives its URI as Flink writes it.
    pub(crate) fn savepoint(&self, name: &str, kind: &str) -> String {
        let data = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/acting/data")
            .join(kind);
        let to = self.path("sp").join(name);
        std::fs::create_dir_all(&to).unwrap();
        std::fs::copy(data.join("_metadata"), to.join("_metadata")).unwrap();
        format!("file:{}", to.display())
    }

    /// Fills the slot with the savepoint there.
    pub(crate) fn fill(&mut self, location: &str) {
        let point = RestorePoint {
            kind: RestorePointKind::SavepointCanonical,
            location: location.to_owned(),
            taken_of: ID.to_owned(),
            triggered_at: jiff::Timestamp::from_millisecond(TRIGGERED).unwrap(),
            took: None,
            bytes: None,
            metadata_version: None,
            metadata_digest: None,
        };
        self.bound.slots.insert(slot(), point);
    }

    pub(crate) fn driver(&self) -> FlinkDriver {
        let now = || jiff::Timestamp::from_millisecond(TRIGGERED + 1_000).unwrap();
        FlinkDriver::for_plan(SystemName::new("t"), &self.site, Secrets::none(), Clock::by(now)).unwrap()
    }

    pub(crate) async fn look(&self, step: &Step, intent: Option<&Intent>) -> Standing {
        self.driver().standing(step, &self.bound, intent).await.unwrap()
    }

    pub(crate) async fn attempt(&self, step: &Step, intent: &Intent) -> Result<(), Fault> {
        self.driver().attempt(step, &self.bound, intent).await
    }

    /// The answer to one expectation, asked before a step that has nothing else to look at.
    pub(crate) async fn before(&self, expectation: Expectation) -> Standing {
        let mut step = upload();
        step.before = vec![expectation];
        self.look(&step, None).await
    }
}

pub(crate) fn put(path: &Path, bytes: &[u8]) {
    use std::io::Write as _;
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

pub(crate) fn step(effect: Effect) -> Step {
    Step {
        id: StepId::new("2.1"),
        effect,
        before: Vec::new(),
        after: Vec::new(),
        why: Vec::new(),
        usual: None,
        give_up: Millis::from_secs(60),
        tries: 1,
        downtime: Downtime::None,
        by_hand: Vec::new(),
    }
}

pub(crate) fn upload() -> Step {
    let what = upshift_model::step::Artifact::Jar {
        job: job(),
        to: old(),
    };
    step(Effect::Transfer {
        what,
        into: "jar/orders@old".into(),
    })
}

pub(crate) fn intent(baseline: Baseline) -> Intent {
    Intent {
        key: AttemptKey::derive(&RunId::new("r"), &StepId::new("2.1"), 1),
        attempt: 1,
        baseline,
        deadline: jiff::Timestamp::from_millisecond(TRIGGERED).unwrap(),
    }
}

pub(crate) fn ready(standing: Standing) -> Baseline {
    match standing {
        Standing::Ready(baseline) => baseline,
        other => panic!("expected Ready, found {other:?}"),
    }
}

#[track_caller]
pub(crate) fn failed(standing: &Standing) -> &Failure {
    match standing {
        Standing::Failed(failure) => failure,
        other => panic!("expected Failed, found {other:?}"),
    }
}

#[track_caller]
pub(crate) fn contradicted(standing: &Standing) -> &Failure {
    match standing {
        Standing::Contradicted(failure) => failure,
        other => panic!("expected Contradicted, found {other:?}"),
    }
}

#[track_caller]
pub(crate) fn refused(outcome: Result<(), Fault>) -> Failure {
    match outcome {
        Err(Fault::Refused(failure)) => failure,
        other => panic!("expected Refused, found {other:?}"),
    }
}

/// `GET /jobs/overview` of one job.
pub(crate) fn jobs(id: &str, state: &str, running: u32) -> String {
    format!(
        r#"{{"jobs":[{{"jid":"{id}","name":"orders","start-time":1795227633599,"end-time":-1,"duration":6400,
        "state":"{state}","last-modification":1795227640000,"tasks":{{"running":{running},"canceling":0,"canceled":0,
        "total":2,"created":0,"scheduled":0,"deploying":0,"reconciling":0,"finished":0,"initializing":0,"failed":0}}}}]}}"#
    )
}

/// `GET /jobs/:id/checkpoints` with nothing in it but what is given for `latest`.
pub(crate) fn checkpoints(completed: &str, savepoint: &str, restored: &str) -> String {
    format!(
        r#"{{"counts":{{"restored":0,"total":8,"in_progress":0,"completed":7,"failed":0}},"latest":{{"completed":{completed},
        "savepoint":{savepoint},"failed":null,"restored":{restored}}},"history":[]}}"#
    )
}

/// A completed snapshot as the server's statistics name it.
pub(crate) fn snapshot(path: &str, kind: &str, discarded: bool) -> String {
    let is_savepoint = kind != "CHECKPOINT";
    format!(
        r#"{{"className":"completed","id":7,"status":"COMPLETED","is_savepoint":{is_savepoint},"trigger_timestamp":{TRIGGERED},
        "latest_ack_timestamp":{},"checkpointed_size":2401,"state_size":2401,"num_subtasks":2,"num_acknowledged_subtasks":2,
        "checkpoint_type":"{kind}","external_path":"{path}","discarded":{discarded}}}"#,
        TRIGGERED + 44
    )
}
