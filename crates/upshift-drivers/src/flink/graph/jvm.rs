//! A graph by a JVM of our own on this machine: a small class loads the jar with a release's own
//! libraries and lets the release's client code run `main` up to `execute`. Nothing is submitted.
//!
//! It is code of the user's that runs here, so it gets little: an environment of two variables, half a
//! gigabyte of heap, a minute, a directory that is removed afterwards, and no network where the kernel
//! lets an ordinary user cut a program off. It runs with the user's own rights on files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;
use upshift_model::flink::{
    ChainPlace, DeclaredSubmission, GraphExtent, GraphOperator, GraphOrigin, IdFrom, JavaFacts, JobGraph,
};
use upshift_model::version::Version;

use super::read::Told;
use crate::flink::conf::{self, REDACTED};
use crate::wire::{Exec, ExecError, Finished, redact_text};

/// Compiled from `java/GraphProbe.java` for Java 8, by `cargo xtask probe`.
const CLASS: &[u8] = include_bytes!("../../../java/GraphProbe.class");
const CLASS_NAME: &str = "GraphProbe";

/// The lab's job takes 2 s. A `main` that compiles SQL takes some seconds more.
pub(super) const LIMIT: Duration = Duration::from_secs(60);
const HEAP: &str = "-Xmx512m";

/// Packages that Flink's own scripts open for the closure cleaner and for serializers.
const OPENED: [&str; 12] = [
    "java.lang",
    "java.util",
    "java.io",
    "java.net",
    "java.nio",
    "sun.nio.ch",
    "java.lang.reflect",
    "java.text",
    "java.time",
    "java.util.concurrent",
    "java.util.concurrent.atomic",
    "java.util.concurrent.locks",
];

/// Options of the cluster that shape a graph: everything of the pipeline and of SQL, and how classes
/// are found. Paths to more jars are left out: they are paths of the cluster's machines.
const SHAPING: [&str; 5] = [
    "pipeline.",
    "table.",
    "classloader.",
    "execution.runtime-mode",
    "parallelism.default",
];
const NOT_SHAPING: [&str; 2] = ["pipeline.jars", "pipeline.classpaths"];

/// What the probe runs with.
#[derive(Debug)]
pub(super) struct Jvm {
    pub(super) java: JavaFacts,
    pub(super) home: PathBuf,
    pub(super) version: Version,
    /// How long `main` may take to come to `execute`.
    pub(super) limit: Duration,
}

/// The graph of what the submission would start.
pub(super) async fn graph(
    jvm: &Jvm,
    submission: &DeclaredSubmission,
    config: Option<&BTreeMap<String, String>>,
    online: bool,
) -> Result<Told, String> {
    let dir = tempfile::Builder::new()
        .prefix("upshift-graph-")
        .tempdir()
        .map_err(|e| format!("no directory for the probe could be made: {e}"))?;
    let written =
        |e: std::io::Error| format!("the probe could not be written to {}: {e}", dir.path().display());
    put(&dir.path().join(format!("{CLASS_NAME}.class")), CLASS).map_err(written)?;
    put(&dir.path().join("ask"), question(submission, config).as_bytes()).map_err(written)?;
    let offline = !online && can_cut_off().await;
    let finished = exec(jvm, &dir, offline)
        .run()
        .await
        .map_err(|e| hidden(&unfinished(&e), submission))?;
    match std::fs::read_to_string(dir.path().join("answer")) {
        Ok(answer) => told(jvm, &answer, offline).map_err(|why| {
            let cut = if offline {
                "; it had no network: graph = \"probe-online\" gives it one"
            } else {
                ""
            };
            hidden(
                &format!("the jar's main could not be run up to execute{cut}: {why}"),
                submission,
            )
        }),
        // It ended the JVM itself, or the JVM did not come up.
        Err(_) => Err(hidden(&silent(&finished), submission)),
    }
}

/// A file for one process that starts when it is whole, in a directory that nobody else reads.
fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::File::create_new(path)?.write_all(bytes)
}

fn unfinished(error: &ExecError) -> String {
    match error {
        ExecError::TimedOut { limit, .. } => format!(
            "the jar's main did not come to execute within {} s, and its JVM was ended",
            limit.as_secs()
        ),
        ExecError::NotStarted { .. } | ExecError::Lost { .. } => error.to_string(),
    }
}

fn silent(finished: &Finished) -> String {
    format!(
        "the JVM ended before the jar's main called execute: it {}",
        finished.complaint()
    )
}

fn exec(jvm: &Jvm, dir: &TempDir, offline: bool) -> Exec {
    let at = |name: &str| dir.path().join(name).into_os_string();
    let mut class_path = dir.path().as_os_str().to_owned();
    class_path.push(":");
    class_path.push(jvm.home.join("lib").join("*"));
    let mut args: Vec<OsString> = vec!["-i".into(), variable("PATH"), variable("HOME")];
    if offline {
        args.extend(CUT_OFF.map(OsString::from));
    }
    args.push(jvm.java.path.clone().into_os_string());
    args.extend([HEAP, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"].map(OsString::from));
    args.push(temp_dir(dir.path()));
    if jvm.java.feature > 8 {
        for package in OPENED {
            args.extend([
                "--add-opens".into(),
                format!("java.base/{package}=ALL-UNNAMED").into(),
            ]);
        }
    }
    args.extend([
        "-cp".into(),
        class_path,
        CLASS_NAME.into(),
        at("ask"),
        at("answer"),
    ]);
    let mut exec = Exec::new("env", args, jvm.limit);
    exec.dir = Some(dir.path().to_owned());
    exec
}

fn temp_dir(dir: &Path) -> OsString {
    let mut option = OsString::from("-Djava.io.tmpdir=");
    option.push(dir);
    option
}

fn variable(name: &str) -> OsString {
    let mut pair = OsString::from(format!("{name}="));
    pair.push(std::env::var_os(name).unwrap_or_else(|| "/".into()));
    pair
}

/// A network of its own, without any interface: what a program of `util-linux` does for any user where
/// the kernel allows user namespaces.
const CUT_OFF: [&str; 4] = ["unshare", "--map-root-user", "--net", "--"];

async fn can_cut_off() -> bool {
    let tried = Exec::new(CUT_OFF[0], CUT_OFF[1..].iter().copied().chain(["true"]), LIMIT);
    matches!(tried.run().await, Ok(finished) if finished.success())
}

fn question(submission: &DeclaredSubmission, config: Option<&BTreeMap<String, String>>) -> String {
    let mut lines = String::new();
    let mut line = |key: &str, value: &str| {
        writeln!(lines, "{key} {}", encoded(value)).expect("writing to a string cannot fail");
    };
    line("jar", &submission.jar.to_string_lossy());
    submission
        .entry_class
        .iter()
        .for_each(|class| line("entry", class));
    submission.args.iter().for_each(|arg| line("arg", arg));
    let empty = BTreeMap::new();
    let config = config.unwrap_or(&empty);
    for (key, value) in config.iter().filter(|(key, value)| shapes(key, value)) {
        line("option", &format!("{key}={value}"));
    }
    if let Some(max) = submission.max_parallelism {
        line("option", &format!("pipeline.max-parallelism={max}"));
    }
    let default = config
        .get("parallelism.default")
        .and_then(|text| text.parse().ok());
    line(
        "parallelism",
        &submission.parallelism.or(default).unwrap_or(1).to_string(),
    );
    lines
}

fn shapes(key: &str, value: &str) -> bool {
    SHAPING.iter().any(|start| key.starts_with(start))
        && !NOT_SHAPING.contains(&key)
        && !value.contains(REDACTED)
}

/// As `java.net.URLDecoder` reads it.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => encoded.push(char::from(byte)),
            _ => write!(encoded, "%{byte:02X}").expect("writing to a string cannot fail"),
        }
        encoded
    })
}

/// What main wrote or threw may repeat its arguments: those of sensitive names, and the user part of
/// addresses, are taken out.
fn hidden(text: &str, submission: &DeclaredSubmission) -> String {
    let mut clean = text.to_owned();
    let mut hide = |value: &str| {
        if !value.is_empty() {
            clean = clean.replace(value, REDACTED);
        }
    };
    for (name, next) in submission
        .args
        .iter()
        .zip(submission.args.iter().skip(1).map(Some).chain([None]))
    {
        match name.split_once('=') {
            Some((name, value)) if conf::is_sensitive(name) => hide(value),
            None if conf::is_sensitive(name) => next.into_iter().for_each(|value| hide(value)),
            _ => {}
        }
    }
    redact_text(&clean)
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Answer {
    Built {
        job: Option<String>,
        operators: Vec<Operator>,
    },
    Failed {
        failed: Vec<String>,
    },
}

#[derive(Debug, Deserialize)]
struct Operator {
    id: String,
    head: String,
    also: Option<String>,
    #[serde(default)]
    uid: Option<String>,
    #[serde(default)]
    name: Option<String>,
    /// Absent where the operator is in the job's graph and in none of its chains' configurations.
    parallelism: Option<i64>,
    max_parallelism: Option<i64>,
    #[serde(default)]
    key_serializer: Option<String>,
}

fn told(jvm: &Jvm, answer: &str, offline: bool) -> Result<Told, String> {
    let answer = serde_json::from_str(answer).map_err(|e| format!("its answer cannot be read: {e}"))?;
    let (job, operators) = match answer {
        Answer::Built { job, operators } => (job, operators),
        Answer::Failed { failed } => return Err(useful(&failed)),
    };
    let origin = GraphOrigin::Probe {
        home: jvm.home.clone(),
        version: jvm.version.clone(),
        java: jvm.java.feature,
        offline,
    };
    let operators = operators.into_iter().map(operator).collect();
    Ok(Told {
        job,
        graph: JobGraph {
            origin,
            extent: GraphExtent::All,
            operators,
        },
    })
}

/// The first cause says where it happened, the last one why.
fn useful(causes: &[String]) -> String {
    match causes {
        [] => "it does not say why".to_owned(),
        [only] => only.clone(),
        [first, .., last] => format!("{first}: {last}"),
    }
}

fn operator(found: Operator) -> GraphOperator {
    let positive = |number: Option<i64>| number.and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    let place = match found.head == found.id {
        true => ChainPlace::Head,
        false => ChainPlace::Member { head: found.head },
    };
    GraphOperator {
        id_from: match (&found.uid, found.parallelism) {
            (Some(_), _) => IdFrom::Uid,
            (None, Some(_)) => IdFrom::Place,
            (None, None) => IdFrom::Untold,
        },
        id: found.id,
        also: found.also,
        uid: found.uid,
        name: found.name,
        parallelism: positive(found.parallelism),
        max_parallelism: positive(found.max_parallelism),
        place: Some(place),
        key_serializer: found.key_serializer,
    }
}

#[cfg(test)]
mod real;

#[cfg(test)]
mod tests {
    use super::*;

    fn submission(args: &[&str]) -> DeclaredSubmission {
        DeclaredSubmission {
            jar: "/srv/a b.jar".into(),
            entry_class: None,
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            parallelism: None,
            max_parallelism: Some(128),
        }
    }

    #[test]
    fn the_class_was_made_from_the_source_beside_it() {
        let source = include_bytes!("../../../java/GraphProbe.java");
        let noted = include_str!("../../../java/GraphProbe.java.sha256");
        let found = upshift_model::digest::Digest::of_bytes(source).to_string();
        assert_eq!(found, noted.trim(), "run: cargo xtask probe");
    }

    #[test]
    fn what_shapes_the_graph_is_asked_with() {
        let config = [
            ("parallelism.default", "3"),
            ("pipeline.operator-chaining.enabled", "false"),
            ("pipeline.jars", "file:/x.jar"),
            ("rest.port", "1"),
        ];
        let config = config
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        assert_eq!(
            question(&submission(&["a%b", "ü\n"]), Some(&config)),
            "jar %2Fsrv%2Fa%20b.jar\narg a%25b\narg %C3%BC%0A\noption parallelism.default%3D3\n\
             option pipeline.operator-chaining.enabled%3Dfalse\noption pipeline.max-parallelism%3D128\n\
             parallelism 3\n"
        );
    }

    #[test]
    fn arguments_that_are_secrets_are_not_repeated() {
        let submission = submission(&["--db-password", "hunter22", "--token=abcdef", "--name", "orders"]);
        assert_eq!(
            hidden(
                "orders: cannot log in with hunter22 or abcdef at http://u:p@db/",
                &submission
            ),
            "orders: cannot log in with «redacted» or «redacted» at http://«redacted»@db/"
        );
    }
}
