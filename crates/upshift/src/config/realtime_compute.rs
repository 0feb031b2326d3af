//! The system file of a namespace of Realtime Compute: its tables, what their keys mean, and the declaration that
//! they make.

use std::collections::BTreeMap;
use std::path::PathBuf;

use upshift_model::endpoint::{Endpoint, SecretRef};
use upshift_model::ids::SystemName;
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy, Strategy};
use upshift_model::realtime_compute::{Credentials, Declaration, GraphHome, Program, Select, Service};
use upshift_model::span::Millis;

use super::file::{ObjectsTable, ProbeTable, WaiveTable};
use super::problem::{Problem, Problems};
use super::read::{At, Node, Reader, Value};
use super::resolve::{objects, probe, waiver};
use super::section::{SectionDoc, section};
use super::value::{Name, Url};
use crate::codes;

/// `kind = "realtime-compute"`, which decides that the file is read by these tables.
pub(super) const KIND: &str = "realtime-compute";

/// The word itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind;

impl Value for Kind {
    fn expected() -> String {
        format!("{KIND:?}")
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        match node.value.as_str() {
            Some(KIND) => Some(Self),
            _ => reader.wrong_type::<Self, _>(node),
        }
    }
}

/// How deployments are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way(Strategy);

const WAYS: [(&str, Strategy); 4] = [
    ("clone-and-switch", Strategy::CloneAndSwitch),
    ("in-place", Strategy::InPlace),
    ("double-run", Strategy::DoubleRun),
    ("without-state", Strategy::WithoutState),
];

impl Value for Way {
    fn expected() -> String {
        WAYS.map(|(word, _)| format!("{word:?}")).join(" or ")
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let word = node.value.as_str();
        match WAYS.iter().find(|(known, _)| Some(*known) == word) {
            Some((_, strategy)) => Some(Self(*strategy)),
            None => reader.wrong_type::<Self, _>(node),
        }
    }
}

section! {
    /// One file describes deployments of one namespace.
    NamespaceTable at "top level" {
        /// What kind of system it is.
        required kind: Kind,
        /// The name under which upshift speaks of it.
        required name: Name,
        /// Where the OpenAPI answers: `https://ververica.REGION.aliyuncs.com`, or the address of `upshift emulate`.
        required endpoint: Url,
        /// PEM file of a certificate authority to trust beside the system's own.
        optional ca: PathBuf,
        /// The workspace's id.
        required workspace: String,
        /// The namespace's name.
        required namespace: String,
        /// The engine version that is wanted, as the console writes it.
        required target: String,
        /// What stands behind the name of a clone.
        fallback("\"-upg\"" => "-upg".to_owned()) clone_suffix: String,
        /// The id of the folder that copies of SQL drafts are saved in. Left out: the folder of the original.
        optional clone_folder: String,
        /// Where the access key is. Left out: `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and,
        /// for a temporary key, `ALIBABA_CLOUD_SECURITY_TOKEN`.
        optional credentials: At<CredentialsTable>,
        /// Which deployments are meant: those that fit all that is said. Left out: all of the namespace.
        optional select: At<SelectTable>,
        /// `"clone-and-switch"`: a copy takes the job over, and the original stays until somebody accepts. `"in-place"`:
        /// the engine version of the deployment itself is changed. `"double-run"`: original and copy run at once.
        /// `"without-state"`: the copy starts from nothing.
        fallback("\"clone-and-switch\"" => Way(Strategy::CloneAndSwitch)) strategy: Way,
        /// Deployments that hold no state, by name; they start from nothing. What was seen has to bear it out.
        fallback("none" => Vec::new()) stateless: Vec<String>,
        /// Where sources begin that can begin at a time, of deployments that start from nothing: `2026-11-27T20:00:00Z`.
        optional start_at: At<String>,
        /// What a copy runs in place of what its original does: a jar that was built for the wanted engine.
        fallback("none" => Vec::new()) program: Vec<At<ProgramTable>>,
        /// Lets upshift read which operators the jars of copies have.
        optional graph: At<OperatorsTable>,
        /// So many deployments are moved at a time.
        fallback("1" => 1) width: u32,
        /// How long the first checkpoint on the new engine is waited for before its gate fails.
        fallback("\"10m\"" => Millis::from_secs(600)) first_checkpoint: Millis,
        /// How long everything must hold before a person is asked to accept.
        fallback("\"15m\"" => Millis::from_secs(900)) soak: Millis,
        /// How long the service's lists may lag behind: where an answer was lost, so long is looked for what it was
        /// about before it is asked for again.
        fallback("\"10s\"" => Millis::from_secs(10)) lists_lag: Millis,
        /// The most calls that are sent to the service in a second, over all deployments: what an account may send is
        /// seen in its quota center alone.
        fallback("20" => 20) calls_per_second: u32,
        /// Whether originals are deleted once somebody has said finalize. Otherwise they stay, stopped.
        fallback("false" => false) delete_originals: bool,
        /// Whether savepoints of the run are deleted once somebody has said finalize.
        fallback("false" => false) delete_savepoints: bool,
        /// What happens when a gate fails.
        fallback("\"ask\"" => OnFailedGate::Ask) on_failed_gate: OnFailedGate,
        /// What happens when one deployment of several fails: `"all"`, the others finish the step they are in;
        /// `"park"`, it is left where it is, and the others go on.
        fallback("\"all\"" => OnLaneFailure::All) on_lane_failure: OnLaneFailure,
        /// A way back that the policy takes and that would process again more than this asks first.
        fallback("\"10m\"" => Millis::from_secs(600)) replay_limit: Millis,
        /// The longest time that a job may be down before its gate fails. Left out: no limit.
        optional max_downtime: Millis,
        /// How the store is reached that savepoints and jars lie in: S3, or OSS at its S3 address.
        optional objects: At<ObjectsTable>,
        /// What must hold before, and again while everything is watched.
        fallback("none" => Vec::new()) probe: Vec<ProbeTable>,
        /// A finding that is accepted, with a reason.
        fallback("none" => Vec::new()) waive: Vec<WaiveTable>,
    }
}

section! {
    /// Where the access key is: a file, or references. Never the key itself.
    CredentialsTable at "[credentials]" {
        /// A credentials file as the vendor's tools write it.
        optional file: PathBuf,
        /// Its section. Left out: `default`.
        optional profile: String,
        /// Reference to the access key's id.
        optional access_key_id: SecretRef,
        /// Reference to its secret.
        optional access_key_secret: SecretRef,
        /// Reference to the token of a temporary key.
        optional security_token: SecretRef,
    }
}

section! {
    /// What a copy runs in place of what its original does.
    ProgramTable at "[[program]]" {
        /// The deployment's name.
        required deployment: String,
        /// Where the jar lies, as the service reads it.
        required jar: String,
        /// The class with `main`. Left out: that of the original.
        optional entry_class: String,
        /// Arguments of `main`, in one line. Left out: those of the original.
        optional args: String,
        /// Additional dependencies. Left out: those of the original.
        optional dependencies: Vec<String>,
    }
}

section! {
    /// Lets upshift read which operators the jars of copies have. It runs `main` up to `execute`, in a JVM on this
    /// machine, with the libraries of an installation of Flink; nothing is submitted.
    OperatorsTable at "[graph]" {
        /// `FLINK_HOME` of a release of the line that the wanted engine is built on.
        required home: PathBuf,
        /// The Java it is run with. Left out: `env.java.home` of the installation, `JAVA_HOME`, or the one on the PATH.
        optional java_home: PathBuf,
        /// Whether `main` may reach the network meanwhile.
        fallback("false" => false) online: bool,
    }
}

section! {
    /// Which deployments are meant.
    SelectTable at "[select]" {
        /// Of these names.
        fallback("any" => Vec::new()) names: Vec<String>,
        /// With this label: `KEY=VALUE`.
        optional label: At<String>,
        /// In this queue.
        optional queue: String,
    }
}

/// Every table of the file, in the order of the reference.
pub(super) const SECTIONS: &[SectionDoc] = &[
    NamespaceTable::SECTION,
    CredentialsTable::SECTION,
    SelectTable::SECTION,
    ProgramTable::SECTION,
    OperatorsTable::SECTION,
    ObjectsTable::SECTION,
    ProbeTable::SECTION,
    WaiveTable::SECTION,
];

/// The declaration that the tables make.
pub(super) fn resolve(table: NamespaceTable, problems: &Problems) -> Option<Declaration> {
    let Kind = table.kind;
    let policy = policy(&table);
    let credentials = match table.credentials {
        None => Some(Credentials::Environment),
        Some(At { it, span }) => {
            let found = credentials(it);
            if found.is_none() {
                problems.add(
                    Problem::new(
                        codes::CONTRADICTION,
                        span,
                        "[credentials] does not say where the key is",
                    )
                    .expected("either file, with or without profile, or access_key_id and access_key_secret"),
                );
            }
            found
        }
    };
    let select = match table.select {
        None => Some(Select::default()),
        Some(At { it, .. }) => select(it, problems),
    };
    let start_at = match table.start_at {
        None => None,
        Some(at) => Some(start_at(&at, problems)?),
    };
    let probes = table
        .probe
        .into_iter()
        .filter_map(|table| probe(table, problems))
        .collect();
    Some(Declaration {
        name: SystemName::new(table.name.0),
        service: Service {
            endpoint: Endpoint {
                ca: table.ca,
                ..Endpoint::plain(table.endpoint.0.trim_end_matches('/'))
            },
            workspace: table.workspace,
            namespace: table.namespace,
            credentials: credentials?,
        },
        target: table.target,
        select: select?,
        clone_suffix: table.clone_suffix,
        clone_folder: table.clone_folder,
        strategy: table.strategy.0,
        stateless: table.stateless,
        start_at,
        programs: programs(table.program, problems),
        graph: table.graph.map(|At { it, .. }| graph(it)),
        width: usize::try_from(table.width).unwrap_or(usize::MAX),
        first_checkpoint: table.first_checkpoint,
        soak: table.soak,
        lists_lag: table.lists_lag,
        calls_per_second: table.calls_per_second.max(1),
        probes,
        objects: objects(table.objects, problems)?,
        delete_originals: table.delete_originals,
        delete_savepoints: table.delete_savepoints,
        policy,
        waivers: table
            .waive
            .into_iter()
            .map(|waive| waiver(waive, problems))
            .collect(),
    })
}

fn graph(table: OperatorsTable) -> GraphHome {
    GraphHome {
        home: table.home,
        java_home: table.java_home,
        online: table.online,
    }
}

/// By the deployment's name; each at most once.
fn programs(tables: Vec<At<ProgramTable>>, problems: &Problems) -> BTreeMap<String, Program> {
    let mut all = BTreeMap::new();
    for At { it, span } in tables {
        let program = Program {
            jar: it.jar,
            entry_class: it.entry_class,
            args: it.args,
            dependencies: it.dependencies,
        };
        if all.insert(it.deployment.clone(), program).is_some() {
            let what = format!("[[program]] is there twice for deployment {:?}", it.deployment);
            let problem = Problem::new(codes::CONTRADICTION, span, what);
            problems.add(problem.expected("one program for each deployment"));
        }
    }
    all
}

fn policy(table: &NamespaceTable) -> Policy {
    Policy {
        on_failed_gate: table.on_failed_gate,
        on_lane_failure: table.on_lane_failure,
        replay_limit: table.replay_limit,
        max_downtime: table.max_downtime,
        keep_restore_points: None,
        notify: Vec::new(),
    }
}

/// Milliseconds since 1970.
fn start_at(At { it, span }: &At<String>, problems: &Problems) -> Option<i64> {
    match it.parse::<jiff::Timestamp>() {
        Ok(at) => Some(at.as_millisecond()),
        Err(error) => {
            let problem = Problem::new(
                codes::WRONG_VALUE,
                span.clone(),
                format!("start_at is {it:?}: {error}"),
            );
            problems.add(problem.expected("a time such as 2026-11-27T20:00:00Z"));
            None
        }
    }
}

fn credentials(table: CredentialsTable) -> Option<Credentials> {
    match (
        table.file,
        table.access_key_id,
        table.access_key_secret,
        table.security_token,
    ) {
        (Some(path), None, None, None) => Some(Credentials::File {
            path,
            profile: table.profile.unwrap_or_else(|| "default".to_owned()),
        }),
        (None, Some(access_key_id), Some(access_key_secret), security_token) if table.profile.is_none() => {
            Some(Credentials::References {
                access_key_id,
                access_key_secret,
                security_token,
            })
        }
        _ => None,
    }
}

fn select(table: SelectTable, problems: &Problems) -> Option<Select> {
    let label = match table.label {
        None => None,
        Some(At { it, span }) => match it.split_once('=') {
            Some((key, value)) if !key.is_empty() => Some((key.to_owned(), value.to_owned())),
            _ => {
                let problem = Problem::new(codes::WRONG_VALUE, span, format!("label is {it:?}"));
                problems.add(problem.expected("KEY=VALUE"));
                return None;
            }
        },
    };
    Some(Select {
        names: table.names,
        label,
        queue: table.queue,
    })
}
