//! The first system file of a cluster that runs: what can be seen is filled in, and what a cluster
//! cannot tell is left as a commented line that says what belongs there.

use std::fmt::Write as _;

use upshift_model::endpoint::{Auth, Endpoint, SecretRef};
use upshift_model::flink::{
    ClusterFacts, Declaration, Facts, FormWish, HostFacts, JobFacts, StrategyWish, Target,
};
use upshift_model::ids::SystemName;
use upshift_model::inventory::Inventory;
use upshift_model::objects::ObjectAccess;
use upshift_model::observed::Observed;
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy};
use upshift_model::span::Millis;

use super::flink::observe;
use crate::trouble::Stop;

/// Keys under which clusters name their savepoint directory, the newer first.
const SAVEPOINT_KEYS: [&str; 2] = ["execution.checkpointing.savepoint-dir", "state.savepoints.dir"];

/// Looks at the cluster and writes the file for it.
///
/// # Errors
/// When the cluster cannot be seen at all.
pub async fn init(name: &str, rest: &Endpoint) -> Result<String, Stop> {
    let seen = observe(&only_an_address(name, rest)).await?;
    let facts = seen.facts.flink();
    let facts = facts.ok_or_else(|| anyhow::anyhow!("the look is not one at Flink"))?;
    Ok(file(name, rest, (&seen, facts)))
}

/// A declaration that asks for a look at the address and nothing else.
fn only_an_address(name: &str, rest: &Endpoint) -> Declaration {
    Declaration {
        name: SystemName::new(name),
        rest: rest.clone(),
        current: None,
        target: Target::SameCluster,
        savepoints: String::new(),
        form: FormWish::Auto,
        trial_savepoint: false,
        recent: Millis::ZERO,
        objects: ObjectAccess::default(),
        jobs: Vec::new(),
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

/// The file for what was seen.
fn file(name: &str, rest: &Endpoint, (seen, facts): (&Inventory, &Facts)) -> String {
    let Facts { source, host, .. } = facts;
    let mut file = File(String::new());
    file.line(&format!(
        "# Written by `upshift init` from what ran at {} at {}.",
        rest.url, seen.taken_at
    ));
    file.line(
        "# `fill in` marks what a running cluster cannot tell. `upshift check FILE` says what is missing.",
    );
    file.line("# Every key is explained in docs/reference/system-file.md.");
    file.line("");
    file.line("kind = \"flink\"");
    file.line(&format!("name = {}", quoted(name)));
    file.line(&format!("rest = {}", endpoint(rest)));
    installation(&mut file, source, host);
    state(&mut file, source);
    jobs(&mut file, source);
    file.line("");
    file.line("# fill in: what \"it works\" means; without a probe only Flink itself is asked.");
    for line in PROBE_AND_POLICY {
        file.line(line);
    }
    file.0
}

const PROBE_AND_POLICY: [&str; 12] = [
    "# [[probe]]",
    "# name = \"orders per minute\"",
    "# http = \"http://127.0.0.1:9400/metric/orders_per_minute\"",
    "# expect = { at_least_ratio_of_baseline = 0.9 }",
    "",
    "[policy]",
    "strategy = \"auto\"             # in-place | shadow | auto",
    "soak = \"15m\"                  # how long everything must hold before a person is asked to accept",
    "on_failed_gate = \"ask\"        # ask | roll-back",
    "# max_downtime = \"2m\"",
    "# keep_restore_points = \"7d\"  # left out: until a person releases them",
    "# require_uids = true",
];

struct File(String);

impl File {
    fn line(&mut self, line: &str) {
        writeln!(self.0, "{line}").expect("writing to a string cannot fail");
    }

    fn not_seen<T>(&mut self, fact: &Observed<T>) {
        if let Some(gap) = fact.gap() {
            self.line(&format!("# not seen: {}", gap.to_string().replace('\n', " ")));
        }
    }
}

fn installation(file: &mut File, source: &ClusterFacts, host: &HostFacts) {
    file.line("");
    file.line(
        "# fill in: where the release that runs lies, and the one that is wanted. Leave all of it out when",
    );
    file.line("# somebody else starts and stops the cluster.");
    file.line("# [installation]");
    file.line(&format!(
        "# current = {{ version = {}, home = \"/path/to/flink\" }}",
        quoted(source.version.as_str())
    ));
    file.line(
        "# target = { version = \"…\", home = \"/path/to/new/flink\", archive = \"…\", sha512 = \"…\" }",
    );
    match &host.processes {
        Observed::Known(processes) => {
            let folders: std::collections::BTreeSet<_> =
                processes.iter().map(|process| &process.conf).collect();
            for folder in &folders {
                let folder = quoted(&folder.display().to_string());
                file.line(&format!(
                    "# config = {folder}   # of Flink processes on this machine"
                ));
            }
            if folders.is_empty() {
                file.line("# config = \"/path/to/conf\"   # no Flink process was seen on this machine");
            }
        }
        Observed::Unknown(_) => file.not_seen(&host.processes),
    }
    file.not_seen(&source.task_managers);
    if let Some(managers) = source.task_managers.known() {
        file.line(&format!("# task_managers = {}", managers.len()));
    }
    file.line("");
    file.line("# fill in: where the new cluster answers when it is started beside the old one.");
    file.line("# [shadow]");
    file.line("# rest = \"http://127.0.0.1:8181\"");
    file.line("# rpc_port = 6124");
    file.line("# blob_port = 6125");
}

fn state(file: &mut File, source: &ClusterFacts) {
    file.line("");
    file.line("[state]");
    let named = source
        .config
        .known()
        .and_then(|config| SAVEPOINT_KEYS.iter().find_map(|key| config.get_key_value(*key)));
    match named {
        Some((key, dir)) => file.line(&format!("savepoints = {}   # {key} of the cluster", quoted(dir))),
        None => {
            file.not_seen(&source.config);
            file.line("# fill in: a directory that both clusters reach under one name.");
            file.line("# savepoints = \"file:///path/to/savepoints\"");
        }
    }
}

fn jobs(file: &mut File, source: &ClusterFacts) {
    let Some(jobs) = source.jobs.known() else {
        file.line("");
        return file.not_seen(&source.jobs);
    };
    let over = ["FINISHED", "CANCELED", "FAILED"];
    let running: Vec<&JobFacts> = jobs
        .iter()
        .filter(|job| !over.contains(&job.state.as_str()))
        .collect();
    if running.is_empty() {
        file.line("");
        file.line("# No job runs on the cluster.");
    }
    for job in &running {
        let namesakes = running.iter().filter(|other| other.name == job.name).count();
        self::job(file, job, namesakes);
    }
}

fn job(file: &mut File, job: &JobFacts, namesakes: usize) {
    file.line("");
    if namesakes > 1 {
        file.line(&format!(
            "# {namesakes} jobs have this name; upshift cannot tell them apart. Rename all but one."
        ));
    }
    file.line("[[job]]");
    file.line(&format!(
        "name = {}   # {}, {}",
        quoted(&job.name),
        job.id,
        job.state
    ));
    file.line("# fill in: the jar that it was submitted from; { current = \"…\", target = \"…\" } where the new one differs.");
    file.line("# jar = \"/path/to/job.jar\"");
    file.line("# fill in: how it was submitted. Left out: the jar's own main class, no arguments.");
    file.line("# entry_class = \"com.example.Job\"");
    file.line("# args = []");
    match &job.details {
        Observed::Known(details) => {
            let widest = details.vertices.iter().map(|vertex| vertex.parallelism).max();
            if let Some(parallelism) = widest {
                file.line(&format!(
                    "# parallelism = {parallelism}   # the widest vertex now; left out, the job decides"
                ));
            }
            let max = details
                .vertices
                .iter()
                .filter_map(|vertex| vertex.max_parallelism)
                .max();
            if let Some(max) = max {
                file.line(&format!("# max_parallelism = {max}   # as the state was written"));
            }
        }
        Observed::Unknown(_) => file.not_seen(&job.details),
    }
    file.line("# fill in: the uids in its code, and what its sinks make of a record that comes twice.");
    file.line("# uids = [\"source\", \"sink\"]");
    file.line("# sink = \"idempotent\"   # idempotent | transactional | append");
}

fn endpoint(rest: &Endpoint) -> String {
    let mut keys = vec![format!("url = {}", quoted(&rest.url))];
    keys.extend(
        rest.ca
            .as_ref()
            .map(|ca| format!("ca = {}", quoted(&ca.display().to_string()))),
    );
    let reference = |reference: &SecretRef| quoted(&reference.to_string());
    keys.extend(rest.auth.as_ref().map(|auth| match auth {
        Auth::Bearer { token } => format!("auth = {{ bearer = {} }}", reference(token)),
        Auth::Basic { user, password } => {
            format!(
                "auth = {{ basic = {{ user = {}, password = {} }} }}",
                quoted(user),
                reference(password)
            )
        }
    }));
    if keys.len() == 1 {
        quoted(&rest.url)
    } else {
        format!("{{ {} }}", keys.join(", "))
    }
}

/// The text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
