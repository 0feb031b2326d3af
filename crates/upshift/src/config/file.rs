//! The tables of the system file, one struct each. A key is read by exactly one of them, and what
//! its documentation says here is what the reference says.
//!
//! Nothing is derived here: defaults that depend on other keys are worked out in `resolve`.

use std::path::PathBuf;

use toml::de::DeValue;
use upshift_model::endpoint::{Auth, Endpoint, SecretRef};
use upshift_model::flink::{FormWish, GraphWay, ProbeExpect, RunAs, Sink, StrategyWish};
use upshift_model::policy::{OnFailedGate, OnLaneFailure};
use upshift_model::span::Millis;
use upshift_model::version::{SystemKind, Version};

use super::read::{At, Node, Reader, Value};
use super::section::{KeyDoc, Need, SectionDoc, section};
use super::union::{Address, Milli, Pair, Ratio};
use super::value::{Argument, Name, Sha512, Uri, Url};

section! {
    /// One file describes one system.
    SystemTable at "top level" {
        /// What kind of system it is.
        required kind: SystemKind,
        /// The name under which upshift speaks of it; one open run per name.
        required name: Name,
        /// Where the cluster that runs now answers. Its version is asked, not believed.
        required rest: Address,
        /// Where releases lie on this machine and how processes are started and stopped. Left out
        /// when upshift neither starts nor stops a cluster.
        optional installation: At<InstallationTable>,
        /// Where the new cluster answers when it is started beside the old one.
        optional shadow: At<ShadowTable>,
        /// Another cluster that already runs and takes over the jobs.
        optional target: At<TargetTable>,
        /// Savepoints.
        required state: StateTable,
        /// How the object store is reached that savepoints may be in. Left out: as the environment
        /// says.
        optional objects: At<ObjectsTable>,
        /// A job that moves. Without any, only the cluster is upgraded.
        fallback("none" => Vec::new()) job: Vec<JobTable>,
        /// A question whose answer says whether the jobs do what they are for.
        fallback("none" => Vec::new()) probe: Vec<ProbeTable>,
        /// What is decided beforehand.
        fallback("every key as below" => PolicyTable::default()) policy: PolicyTable,
        /// A finding that is accepted, with a reason.
        fallback("none" => Vec::new()) waive: Vec<WaiveTable>,
        /// Who is told.
        optional notify: NotifyTable,
    }
}

section! {
    /// Where a cluster answers, for every key that takes an address. `rest = "http://…"` is short
    /// for `rest = { url = "http://…" }`.
    EndpointTable at "address { … }" {
        /// The address.
        required url: Url,
        /// PEM file of a certificate authority to trust beside the system's own.
        optional ca: PathBuf,
        /// How to prove who asks.
        optional auth: Auth,
    }
}

section! {
    /// How to prove who asks: exactly one of the two.
    AuthTable at "auth = { … }" {
        /// Reference to a token, sent as `Authorization: Bearer …`.
        optional bearer: SecretRef,
        /// User and password, sent as `Authorization: Basic …`.
        optional basic: BasicTable,
    }
}

section! {
    /// User and password.
    BasicTable at "basic = { … }" {
        /// The user's name.
        required user: String,
        /// Reference to the password.
        required password: SecretRef,
    }
}

section! {
    /// Where releases lie on this machine. Each folder may be given once, or as
    /// `{ current, target }`; a folder given once is the current cluster's, and the target's is
    /// the same with `-VERSION` of the target behind it, so that no two clusters share one.
    InstallationTable at "[installation]" {
        /// The release that runs now, with its home. What runs is compared with it.
        optional current: At<ReleaseTable>,
        /// The release that is wanted. Left out when the release stays and only jobs change.
        optional target: At<ReleaseTable>,
        /// Configuration directory (`FLINK_CONF_DIR`). It is carried over: the target's is written
        /// by upshift and must be absent or empty before. Left out: `conf` in the current home,
        /// and the target's home with `-conf` behind it.
        optional config: Pair<PathBuf>,
        /// Log directory (`FLINK_LOG_DIR`). Left out: the release's scripts decide.
        optional logs: Pair<PathBuf>,
        /// Directory of pid files (`FLINK_PID_DIR`). Left out: the release's scripts decide.
        optional pids: Pair<PathBuf>,
        /// Task managers on this machine.
        fallback("1" => Pair::Same(1)) task_managers: Pair<u16>,
        /// `JAVA_HOME`. Given once, it is that of both. Left out: the release's scripts decide.
        optional java_home: Pair<PathBuf>,
        /// How processes are started and stopped.
        fallback("{ local = {} }" => RunAs::Local) run_as: RunAs,
    }
}

section! {
    /// A release, for `current` and `target`.
    ReleaseTable at "[installation] current, target" {
        /// The version.
        required version: Version,
        /// `FLINK_HOME`. Left out for the target: beside the current home, as `flink-VERSION`.
        optional home: PathBuf,
        /// What the home is unpacked from when it is not there: a URI (`file:`, `http:`, `https:`)
        /// or a path.
        optional archive: At<Uri>,
        /// SHA-512 of the archive; it must be there when `archive` is.
        optional sha512: At<Sha512>,
    }
}

section! {
    /// How processes are started and stopped.
    RunAsTable at "run_as = { … }" {
        /// On this machine, with the release's own scripts, as the user who runs upshift.
        optional local: Empty,
        /// On other machines. Not carried out yet, and refused.
        optional ssh: At<Anything>,
    }
}

section! {
    /// A cluster of the target release that is started beside the old one, so that a job is down
    /// only while it moves.
    ShadowTable at "[shadow]" {
        /// Where it answers.
        required rest: Address,
        /// `jobmanager.rpc.port` of the new cluster.
        required rpc_port: u16,
        /// `blob.server.port` of the new cluster.
        required blob_port: u16,
    }
}

section! {
    /// Another cluster that already runs. Instead of `[installation] target`.
    TargetTable at "[target]" {
        /// Where it answers.
        required rest: Address,
    }
}

section! {
    /// Savepoints.
    StateTable at "[state]" {
        /// Directory that savepoints are written below; both clusters must reach it under this name.
        required savepoints: Uri,
        /// Form of the savepoints: readable by every state backend, or that of the backend that
        /// writes it, or by the rule, with the reason in the plan.
        fallback("\"auto\"" => FormWish::Auto) format: FormWish,
        /// Take a savepoint without stopping first, and read it, before anything is stopped.
        fallback("true" => true) trial_savepoint: bool,
        /// A restore point younger than this counts as recent.
        fallback("\"1d\"" => Millis::from_secs(86_400)) recent: Millis,
    }
}

section! {
    /// How the object store behind `s3:` and `s3a:` is reached. What is left out is found where the
    /// store's own tools look: `AWS_…` in the environment, a web identity, the container, the
    /// instance. Profile files below `~/.aws` are not read.
    ObjectsTable at "[objects]" {
        /// Address of the store. Left out: that of AWS.
        optional endpoint: Url,
        /// Region that requests are signed for.
        optional region: String,
        /// Reference to the access key; `secret_key` must be there too.
        optional access_key: SecretRef,
        /// Reference to the secret key; `access_key` must be there too.
        optional secret_key: SecretRef,
        /// Reference to the session token of temporary credentials.
        optional session_token: SecretRef,
        /// PEM file of a certificate authority to trust beside the system's own.
        optional ca: PathBuf,
        /// The bucket is part of the host name instead of the path.
        fallback("false" => false) bucket_in_host: bool,
    }
}

section! {
    /// A job. What can be different after the upgrade may be given as `{ current, target }`;
    /// `current` must be how the job was really submitted, because the way back needs it.
    JobTable at "[[job]]" {
        /// Its name, as it runs.
        required name: At<String>,
        /// Its jar.
        required jar: Pair<PathBuf>,
        /// The class with `main`. Left out: that of the jar's manifest.
        optional entry_class: Pair<String>,
        /// Arguments of `main`.
        fallback("[]" => Pair::Same(Vec::new())) args: Pair<Vec<Argument>>,
        /// Parallelism. Left out: the job and the cluster decide.
        optional parallelism: Pair<u32>,
        /// Max parallelism; it must be that of the savepoint. Left out: the job decides.
        optional max_parallelism: Pair<u32>,
        /// Operator uids that its author declares.
        fallback("[]" => Vec::new()) uids: Vec<At<String>>,
        /// A savepoint or checkpoint of it that is read, in place of the newest one that the server
        /// knows, to see whether its state fits.
        optional snapshot: Uri,
        /// A snapshot that the job as wanted took elsewhere, on a scratch cluster: it tells which types
        /// of state that job asks for.
        optional wanted_snapshot: Uri,
        /// How the operator ids of the jar may be learned beside the uids declared here. Every way
        /// but `"declared"` runs the jar's `main` up to `execute`: `"probe"` in a JVM on this machine
        /// without network, with the libraries of the wanted release; `"probe-online"` the same with
        /// network; `"target"` on the target cluster, when `check` looks or, where the plan starts it
        /// beside the old one, before the job stops; `{ scratch }` on a cluster of the wanted release
        /// that serves nothing else; `"production"`
        /// in the job manager of the cluster that runs now. Left out: `"declared"`, or `"target"` by
        /// `allow_running_jar_on_target`.
        optional graph: GraphWay,
        /// What its sinks make of a record that comes twice. Left out: treated as `"append"`.
        fallback("undeclared" => Sink::Undeclared) sink: Sink,
        /// May resume from its newest retained checkpoint when it cannot take a savepoint.
        fallback("false" => false) may_use_checkpoint: bool,
        /// Holds no state worth keeping: it is started without a restore point.
        fallback("false" => false) stateless: bool,
        /// Arguments of `main` for `upshift rehearse PLAN --real`: those that keep a second copy of the job
        /// from writing, and from committing offsets, where the real one does. Without them nothing is
        /// rehearsed on real servers.
        optional rehearsal_args: Vec<Argument>,
        /// How far back its source can be read again. It closes the way back.
        optional source_retention: Millis,
        /// Time-out of its sink's transactions. It closes the way back.
        optional transaction_timeout: Millis,
    }
}

section! {
    /// A cluster that may run a jar's `main` to learn the job's graph.
    GraphTable at "graph = { … }" {
        /// Where it answers. It must run the wanted release and should serve nothing else.
        required scratch: Address,
    }
}

section! {
    /// A question whose answer says whether the jobs do what they are for. Asked before the switch
    /// and all through the soak time; exactly one of `http` and `command`.
    ProbeTable at "[[probe]]" {
        /// Its name.
        required name: At<String>,
        /// An address to `GET`; the body is the answer.
        optional http: Endpoint,
        /// A program with its arguments, no shell; what it prints is the answer.
        optional command: Vec<Argument>,
        /// What must come back.
        fallback("\"success\"" => ProbeExpect::Success) expect: ProbeExpect,
        /// Longest time to wait for the answer.
        fallback("\"10s\"" => Millis::from_secs(10)) timeout: Millis,
    }
}

section! {
    /// What a probe must answer: exactly one of these. `"success"` alone stands for status 2xx or
    /// exit code 0.
    ExpectTable at "expect = { … }" {
        /// Exactly this text, without white space around it.
        optional text: String,
        /// A number of at least this.
        optional at_least: Milli,
        /// A number of at most this.
        optional at_most: Milli,
        /// A number of at least this share of the value before the switch.
        optional at_least_ratio_of_baseline: Ratio,
    }
}

section! {
    /// What is decided beforehand. It is part of the plan.
    PolicyTable at "[policy]" {
        /// Stop the old cluster and start the new one in its place, or move the jobs to a cluster
        /// beside it, or whichever fits, with the reasons.
        fallback("\"auto\"" => StrategyWish::Auto) strategy: StrategyWish,
        /// How long everything that is watched must hold before a person is asked to accept.
        fallback("\"15m\"" => Millis::from_secs(900)) soak: Millis,
        /// Accept without a person after so long. Left out: a person must.
        optional finalize_after: Millis,
        /// When a gate fails: wait for a person, or go back by the way that the plan shows.
        fallback("\"ask\"" => OnFailedGate::Ask) on_failed_gate: OnFailedGate,
        /// When one of several jobs fails: stop (or go back) with all, or leave it parked with its
        /// restore point while the others go on.
        fallback("\"all\"" => OnLaneFailure::All) on_lane_failure: OnLaneFailure,
        /// A return by itself that would replay more than this asks first.
        fallback("\"5m\"" => Millis::from_secs(300)) replay_limit: Millis,
        /// Longest time that a job may be down before its gate fails. Left out: no limit.
        optional max_downtime: Millis,
        /// How long restore points are kept after the end. Left out: until a person releases them.
        optional keep_restore_points: Millis,
        /// Submit with automatic operator ids off, so that a job without explicit uids is refused.
        fallback("false" => false) require_uids: bool,
        /// Let the target cluster run a jar's `main` to learn its operator ids: `graph = "target"`
        /// for every job that has no `graph` of its own.
        fallback("false" => false) allow_running_jar_on_target: bool,
    }
}

section! {
    /// A finding that a person accepts. It goes into the plan.
    WaiveTable at "[[waive]]" {
        /// The finding's code.
        required code: At<String>,
        /// The finding's subject, literally as `upshift check` prints it.
        required subject: String,
        /// Why it is accepted.
        required reason: String,
        /// Who accepts it.
        optional by: String,
        /// The ticket under which it was accepted.
        optional ticket: String,
        /// The last day on which the waiver holds. Left out: it has no end.
        optional until: jiff::civil::Date,
    }
}

section! {
    /// Who is told when a run halts, waits, fails a gate or ends.
    NotifyTable at "[notify]" {
        /// A program with its arguments, no shell.
        required command: At<Vec<Argument>>,
    }
}

impl Default for PolicyTable {
    fn default() -> Self {
        Self {
            strategy: StrategyWish::Auto,
            soak: Millis::from_secs(900),
            finalize_after: None,
            on_failed_gate: OnFailedGate::Ask,
            on_lane_failure: OnLaneFailure::All,
            replay_limit: Millis::from_secs(300),
            max_downtime: None,
            keep_restore_points: None,
            require_uids: false,
            allow_running_jar_on_target: false,
        }
    }
}

/// One value for each release.
#[derive(Debug, Clone)]
pub(super) struct PairTable<T> {
    pub(super) current: T,
    pub(super) target: T,
}

/// The keys of [`PairTable`]. Their kind of value is that of the key they stand for.
const PAIR: SectionDoc = SectionDoc {
    at: "{ current, target }",
    doc: &[" One value for each release, where a key allows it."],
    keys: &[
        KeyDoc {
            name: "current",
            doc: &[" The value for the release that runs."],
            need: Need::Required,
            expected: as_the_key,
        },
        KeyDoc {
            name: "target",
            doc: &[" The value for the release that is wanted."],
            need: Need::Required,
            expected: as_the_key,
        },
    ],
};

fn as_the_key() -> String {
    "as the key itself".to_owned()
}

impl<T: Value> Value for PairTable<T> {
    fn expected() -> String {
        format!("{{ current, target }}, each {}", T::expected())
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let table = reader.table::<Self>(node, PAIR.keys)?;
        let current = table.required("current", reader);
        let target = table.required("target", reader);
        Some(Self {
            current: current?,
            target: target?,
        })
    }
}

/// A table without keys.
#[derive(Debug, Clone)]
pub(super) struct Empty;

impl Value for Empty {
    fn expected() -> String {
        "{}".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        reader.table::<Self>(node, &[]).map(|_| Self)
    }
}

/// A value that is only there to be refused.
#[derive(Debug, Clone)]
pub(super) struct Anything;

impl Value for Anything {
    fn expected() -> String {
        "nothing".to_owned()
    }

    fn read(node: &Node<'_>, _: &Reader<'_>) -> Option<Self> {
        match node.value {
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => Some(Self),
        }
    }
}

/// Every table of the file, in the order of the reference.
pub(super) const SECTIONS: &[SectionDoc] = &[
    SystemTable::SECTION,
    EndpointTable::SECTION,
    AuthTable::SECTION,
    BasicTable::SECTION,
    InstallationTable::SECTION,
    ReleaseTable::SECTION,
    RunAsTable::SECTION,
    PAIR,
    ShadowTable::SECTION,
    TargetTable::SECTION,
    StateTable::SECTION,
    ObjectsTable::SECTION,
    JobTable::SECTION,
    GraphTable::SECTION,
    ProbeTable::SECTION,
    ExpectTable::SECTION,
    PolicyTable::SECTION,
    WaiveTable::SECTION,
    NotifyTable::SECTION,
];
