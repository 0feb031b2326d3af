//! An inventory as a tree that a person reads. What was not seen is said to be unknown, with why.

use upshift_model::flink::{
    CheckpointHistory, Checkpointing, ClusterFacts, Deployment, Facts, FlinkRole, HostFacts, JobDetails,
    JobFacts, JobSnapshots, Mode, Provider, SerializerShape, SnapshotFacts, SnapshotFound, SnapshotOperator,
    TaskManagerFacts,
};
use upshift_model::inventory::{self, Inventory};
use upshift_model::observed::{Gap, Observed};

use super::render::Paint;
use super::{alluxio_look, fluss_look, namespace_look, weka_look};

mod graph;

/// The tree.
pub fn tree(seen: &Inventory, verbose: bool, paint: Paint) -> String {
    let facts = match &seen.facts {
        inventory::Facts::Flink(facts) => facts,
        inventory::Facts::Fluss(system) => return fluss_look::tree(seen, system, paint),
        inventory::Facts::Weka(facts) => return weka_look::tree(seen, facts, paint),
        inventory::Facts::Alluxio(facts) => return alluxio_look::tree(seen, facts, paint),
        inventory::Facts::RealtimeCompute(facts) => return namespace_look::tree(seen, facts, paint),
    };
    let mut tree = Tree {
        lines: Vec::new(),
        depth: 0,
        paint,
    };
    let digest = seen.digest();
    tree.line(&format!(
        "{}   seen {}, inventory {}",
        paint.bold(seen.system.as_str()),
        seen.taken_at,
        digest.short()
    ));
    flink(&mut tree, facts, verbose);
    if !seen.gaps.is_empty() {
        tree.line("not seen");
        tree.below(|tree| seen.gaps.iter().for_each(|gap| tree.unknown(gap)));
    }
    tree.lines.join("\n")
}

struct Tree {
    lines: Vec<String>,
    depth: usize,
    paint: Paint,
}

impl Tree {
    fn line(&mut self, text: &str) {
        self.lines.push(format!("{}{text}", "  ".repeat(self.depth)));
    }

    fn below(&mut self, write: impl FnOnce(&mut Self)) {
        self.depth += 1;
        write(self);
        self.depth -= 1;
    }

    fn fact(&mut self, name: &str, value: &str) {
        self.line(&format!("{name:<14} {value}"));
    }

    fn unknown(&mut self, gap: &Gap) {
        let word = self.paint.blue("unknown");
        self.line(&format!("{word}  {gap}"));
    }

    /// A fact that may not have been seen.
    fn seen<T>(&mut self, name: &str, fact: &Observed<T>, say: impl FnOnce(&T) -> String) {
        match fact {
            Observed::Known(value) => self.fact(name, &say(value)),
            Observed::Unknown(gap) => {
                let word = self.paint.blue("unknown");
                self.fact(name, &format!("{word}: {}", gap.reason));
            }
        }
    }
}

fn flink(tree: &mut Tree, facts: &Facts, verbose: bool) {
    cluster(tree, "cluster", &facts.source, verbose);
    match &facts.target {
        None => {}
        Some(Observed::Known(target)) => cluster(tree, "target cluster", target, verbose),
        Some(Observed::Unknown(gap)) => {
            tree.line("target cluster");
            tree.below(|tree| tree.unknown(gap));
        }
    }
    for (job, snapshots) in &facts.snapshots {
        self::snapshots(tree, job, snapshots, verbose);
    }
    for (job, graphs) in &facts.graphs {
        graph::of_job(tree, job, graphs, verbose);
    }
    host(tree, &facts.host);
}

/// What was read of a job's snapshots.
fn snapshots(tree: &mut Tree, job: &str, snapshots: &JobSnapshots, verbose: bool) {
    tree.line(&format!("state of job {job}"));
    tree.below(|tree| {
        for look in &snapshots.looked_at {
            match &look.found {
                SnapshotFound::Read(contents) => {
                    let kind = contents.taken_as.words();
                    let stateful = contents.operators.iter().filter(|operator| operator.stateful);
                    tree.fact(
                        "read",
                        &format!(
                            "{}: {kind} {}, metadata {}, {} in {} of {} operators",
                            look.location,
                            contents.checkpoint_id,
                            contents.version,
                            bytes(contents.state_bytes),
                            stateful.clone().count(),
                            contents.operators.len()
                        ),
                    );
                    tree.below(|tree| stateful.for_each(|operator| self::operator(tree, operator, verbose)));
                }
                SnapshotFound::Spoiled { what } => {
                    tree.fact("damaged", &format!("{}: {what}", look.location))
                }
                SnapshotFound::Unseen(gap) => tree.unknown(gap),
            }
        }
    });
}

fn operator(tree: &mut Tree, operator: &SnapshotOperator, verbose: bool) {
    let name = operator.name.as_deref().unwrap_or_default();
    tree.line(&format!(
        "{}  {name}   {} × at most {}, {}",
        operator.label(),
        operator.parallelism,
        operator.max_parallelism,
        bytes(operator.bytes)
    ));
    tree.below(|tree| {
        for state in operator.states.iter().filter(|_| verbose) {
            let of = state
                .serializers
                .get("VALUE_SERIALIZER")
                .map(SerializerShape::words);
            tree.line(&format!(
                "{} {} {}",
                state.name,
                state.kind,
                of.unwrap_or_default()
            ));
        }
        if let Some(why) = &operator.not_all_read {
            tree.fact("not all read", why);
        }
    });
}

fn cluster(tree: &mut Tree, name: &str, facts: &ClusterFacts, verbose: bool) {
    let commit = facts
        .commit
        .as_ref()
        .map_or_else(String::new, |commit| format!(" (commit {commit})"));
    tree.line(&format!(
        "{name} {}   Flink {}{commit}",
        facts.rest, facts.version
    ));
    tree.below(|tree| {
        tree.seen("deployment", &facts.deployment, deployment);
        if let (true, Some(known)) = (verbose, facts.deployment.known()) {
            tree.below(|tree| known.evidence.iter().for_each(|said| tree.line(said)));
        }
        tree.seen("slots", &facts.slots_total, ToString::to_string);
        tree.seen("free slots", &facts.slots_free, ToString::to_string);
        tree.seen("task managers", &facts.task_managers, |all| all.len().to_string());
        if let (true, Some(all)) = (verbose, facts.task_managers.known()) {
            tree.below(|tree| all.iter().for_each(|one| tree.line(&task_manager(one))));
        }
        tree.seen("jars over REST", &facts.web_submit, |on| yes(*on).to_owned());
        tree.seen("uploaded jars", &facts.jars, |jars| jars.len().to_string());
        tree.seen("configuration", &facts.config, |config| {
            format!("{} keys", config.len())
        });
        if let (true, Some(config)) = (verbose, facts.config.known()) {
            tree.below(|tree| {
                config
                    .iter()
                    .for_each(|(key, value)| tree.line(&format!("{key}: {value}")))
            });
        }
        match &facts.jobs {
            Observed::Known(jobs) if jobs.is_empty() => tree.fact("jobs", "none"),
            Observed::Known(jobs) => jobs.iter().for_each(|job| self::job(tree, job)),
            Observed::Unknown(gap) => tree.unknown(gap),
        }
    });
}

fn deployment(facts: &Deployment) -> String {
    let provider = match facts.provider {
        Provider::Standalone => "standalone",
        Provider::Yarn => "YARN",
        Provider::Kubernetes => "Kubernetes",
        Provider::Mesos => "Mesos",
    };
    let mode = match facts.mode {
        Mode::Session => "session",
        Mode::Application => "application",
    };
    let ha = facts
        .high_availability
        .as_deref()
        .map_or("no high availability".to_owned(), |kind| {
            format!("high availability by {kind}")
        });
    format!("{provider}, {mode}, {ha}")
}

fn task_manager(facts: &TaskManagerFacts) -> String {
    let memory = facts.physical_memory.map_or("unknown".to_owned(), bytes);
    format!(
        "{}  {} of {} slots free, memory of its machine {memory}",
        facts.id, facts.free, facts.slots
    )
}

fn job(tree: &mut Tree, facts: &JobFacts) {
    let since = facts
        .started_at
        .map_or_else(String::new, |at| format!(" since {at}"));
    tree.line(&format!(
        "job {}   {} {}{since}",
        tree.paint.bold(&facts.name),
        facts.id,
        facts.state
    ));
    tree.below(|tree| match &facts.details {
        Observed::Known(known) => details(tree, known),
        Observed::Unknown(gap) => tree.unknown(gap),
    });
}

fn details(tree: &mut Tree, facts: &JobDetails) {
    for vertex in &facts.vertices {
        let max = vertex
            .max_parallelism
            .map_or("unknown".to_owned(), |max| max.to_string());
        let id: String = vertex.id.chars().take(8).collect();
        tree.line(&format!(
            "vertex {id}…  {}   {} × {}, at most {max}",
            vertex.name, vertex.status, vertex.parallelism
        ));
    }
    tree.seen("restarts", &facts.restarts, ToString::to_string);
    tree.seen("exceptions", &facts.last_exception_at, |at| {
        at.map_or("none".to_owned(), |at| format!("newest at {at}"))
    });
    tree.seen("checkpointing", &facts.checkpointing, checkpointing);
    match &facts.checkpoints {
        Observed::Known(known) => history(tree, known),
        Observed::Unknown(gap) => tree.unknown(gap),
    }
}

fn checkpointing(facts: &Checkpointing) -> String {
    let every = facts
        .interval
        .map_or("not periodic".to_owned(), |interval| format!("every {interval}"));
    let flag = |known: Option<bool>, on: &str, off: &str, name: &str| match known {
        Some(true) => on.to_owned(),
        Some(false) => off.to_owned(),
        None => format!("{name} unknown"),
    };
    [
        facts.mode.clone(),
        every,
        flag(facts.unaligned, "unaligned", "aligned", "alignment"),
        facts
            .state_backend
            .clone()
            .map_or("backend unknown".to_owned(), |name| format!("backend {name}")),
        flag(facts.changelog, "with changelog", "no changelog", "changelog"),
        flag(
            facts.retained,
            "kept after cancellation",
            "deleted with cancellation",
            "retention",
        ),
    ]
    .join(", ")
}

fn history(tree: &mut Tree, facts: &CheckpointHistory) {
    tree.fact(
        "checkpoints",
        &format!(
            "{} completed, {} failed, {} in progress, {} restores",
            facts.completed, facts.failed, facts.in_progress, facts.restored
        ),
    );
    tree.below(|tree| {
        for (name, snapshot) in [
            ("newest", &facts.latest_completed),
            ("savepoint", &facts.latest_savepoint),
        ] {
            if let Some(snapshot) = snapshot {
                tree.fact(name, &self::snapshot(snapshot));
            }
        }
        if let Some(at) = facts.latest_failed_at {
            tree.fact("newest failed", &at.to_string());
        }
        if let Some(path) = &facts.restored_from {
            let at = facts
                .restored_at
                .map_or_else(String::new, |at| format!(" at {at}"));
            tree.fact("restored from", &format!("{path}{at}"));
        }
    });
}

fn snapshot(facts: &SnapshotFacts) -> String {
    let size = facts.bytes.map_or("size unknown".to_owned(), bytes);
    let path = facts
        .path
        .as_ref()
        .map_or_else(String::new, |path| format!(", {path}"));
    format!("{} triggered {}, {size}{path}", facts.id, facts.triggered_at)
}

fn host(tree: &mut Tree, facts: &HostFacts) {
    tree.line("this machine");
    tree.below(|tree| {
        match &facts.processes {
            Observed::Known(all) if all.is_empty() => tree.fact("processes", "none of Flink"),
            Observed::Known(all) => all.iter().for_each(|process| {
                let role = match process.role {
                    FlinkRole::JobManager => "job manager",
                    FlinkRole::TaskManager => "task manager",
                };
                tree.fact(
                    role,
                    &format!("pid {}, configuration {}", process.pid, process.conf.display()),
                );
            }),
            Observed::Unknown(gap) => tree.unknown(gap),
        }
        tree.seen("java", &facts.target_java, |java| {
            format!("{} at {}", java.feature, java.path.display())
        });
        for (name, home) in [
            ("current home", &facts.current_home),
            ("target home", &facts.target_home),
        ] {
            if let Some(home) = home {
                tree.seen(name, home, |home| format!("Flink {}", home.version));
            }
        }
        if let Some(archive) = &facts.target_archive {
            tree.seen("archive", archive, |archive| {
                format!("{}, sha512 {}", bytes(archive.bytes), archive.sha512)
            });
        }
        if let Some(conf) = &facts.current_conf {
            tree.seen("configuration", conf, |conf| {
                format!("{}, {} entries", conf.file, conf.entries.len())
            });
        }
        tree.seen("savepoints", &facts.savepoint_dir, |dir| {
            match (dir.exists, dir.writable) {
                (false, _) => "directory is not there".to_owned(),
                (true, false) => "directory cannot be written by this user".to_owned(),
                (true, true) => format!("directory can be written, {} free", bytes(dir.free)),
            }
        });
        if let Some(free) = &facts.target_home_free {
            tree.seen("for the release", free, |free| format!("{} free", bytes(*free)));
        }
        for (port, taken) in &facts.ports {
            tree.seen(&format!("port {port}"), taken, |taken| {
                if *taken { "taken" } else { "free" }.to_owned()
            });
        }
        for (path, jar) in &facts.jars {
            tree.seen("jar", jar, |jar| {
                format!("{}   {}, sha256 {}", path.display(), bytes(jar.bytes), jar.sha256)
            });
        }
        for (name, answer) in &facts.probes {
            tree.seen("probe", answer, |answer| format!("{name}: {}", answer.trim()));
        }
    });
}

const fn yes(on: bool) -> &'static str {
    if on { "yes" } else { "no" }
}

/// `4 kB`, `1.2 GB`, in powers of ten.
pub(super) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut size = count;
    let mut rest = 0;
    let mut unit = 0;
    while size >= 1000 && unit + 1 < UNITS.len() {
        rest = size % 1000 / 100;
        size /= 1000;
        unit += 1;
    }
    match (unit, size, rest) {
        (1.., ..10, 1..) => format!("{size}.{rest} {}", UNITS[unit]),
        _ => format!("{size} {}", UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_read_as_people_say_them() {
        for (count, said) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1 kB"),
            (4_210, "4.2 kB"),
            (61_000_000_000, "61 GB"),
        ] {
            assert_eq!(bytes(count), said);
        }
    }
}
