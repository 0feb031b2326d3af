//! The steps as literal commands, for a runbook that works without upshift.
//!
//! Request bodies are built for the server's version, as the driver builds them: up to 1.19 a
//! server may refuse a body with a field that it does not know. Secrets appear as the reference to
//! them and never as themselves.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value, json};
use upshift_model::endpoint::{Auth, Endpoint, SecretRef};
use upshift_model::flink::{Archive, Cluster, Installation, ProbeAsk, Submission};
use upshift_model::ids::{BindingName, Slot};
use upshift_model::restore::RestorePointKind;
use upshift_model::step::ConfigEdit;
use upshift_model::version::Version;

/// Where a command finds an id of the far side.
pub(super) enum Id<'a> {
    Literal(&'a str),
    Variable(String),
}

impl Id<'_> {
    fn word(&self) -> String {
        match self {
            Id::Literal(id) => (*id).to_owned(),
            Id::Variable(name) => format!("${name}"),
        }
    }
}

/// The shell variable that stands for a slot or a binding: `S_orders`, `JAR_ORDERS_NEW`.
pub(super) fn slot_variable(slot: &Slot) -> String {
    variable(slot.as_str())
}

/// The shell variable that stands for a binding.
pub(super) fn binding_variable(name: &BindingName) -> String {
    variable(name.as_str())
}

/// The shell variable of a name such as `S/orders` or `id/orders@new`.
pub fn variable(name: &str) -> String {
    let spelt = |c: char| match c {
        _ if c.is_ascii_alphanumeric() => c.to_string(),
        '/' | '@' | '-' => "_".to_owned(),
        // What is left is told apart: two jobs whose names are not ASCII must not share a savepoint.
        _ => format!("_{:x}_", u32::from(c)),
    };
    name.chars().map(spelt).collect()
}

/// Quotes a word for a POSIX shell where it needs it.
pub fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

fn quote_path(path: &Path) -> String {
    quote(&path.display().to_string())
}

/// `curl` with what is needed to be let in.
fn curl(endpoint: &Endpoint) -> String {
    let mut text = "curl -sS".to_owned();
    if let Some(ca) = &endpoint.ca {
        text.push_str(&format!(" --cacert {}", quote_path(ca)));
    }
    let secret = |reference: &SecretRef| match reference {
        SecretRef::Env(name) => format!("${name}"),
        SecretRef::File(path) => format!("$(cat {})", quote_path(path)),
    };
    match &endpoint.auth {
        None => {}
        Some(Auth::Bearer { token }) => {
            text.push_str(&format!(" -H \"Authorization: Bearer {}\"", secret(token)));
        }
        Some(Auth::Basic { user, password }) => {
            text.push_str(&format!(" -u {}:\"{}\"", quote(user), secret(password)));
        }
    }
    text
}

fn url(cluster: &Cluster, path: &str) -> String {
    format!("\"{}{path}\"", cluster.rest.url)
}

/// A JSON body as one shell word, with `$VARIABLES` of ours left to the shell.
fn body(json: &Value, variables: &[&str]) -> String {
    let text = json.to_string().replace('\'', r"'\''");
    let text = variables.iter().fold(text, |text, name| {
        text.replace(&format!("\"${name}\""), &format!("\"'\"${name}\"'\""))
    });
    format!("-H 'Content-Type: application/json' -d '{text}'")
}

fn form_word(form: RestorePointKind) -> &'static str {
    match form {
        RestorePointKind::SavepointNative => "NATIVE",
        RestorePointKind::SavepointCanonical | RestorePointKind::Checkpoint => "CANONICAL",
    }
}

/// A snapshot's metadata begins with Flink's magic number and the version of its format.
pub(super) fn read(slot: &Slot) -> String {
    let name = slot_variable(slot);
    format!("head -c 8 \"${{{name}#file:}}/_metadata\" | od -An -tx1   # 49 60 67 2d, then the version")
}

/// A savepoint of a job that runs on.
pub(super) fn trigger(
    cluster: &Cluster,
    job: &Id<'_>,
    dir: &str,
    form: RestorePointKind,
    into: &Slot,
) -> Vec<String> {
    let json = json!({
        "target-directory": dir, "cancel-job": false, "formatType": form_word(form), "triggerId": "$TRIGGER",
    });
    asynchronous(cluster, job, "savepoints", &json, into)
}

/// A stop with a savepoint.
pub(super) fn stop(
    cluster: &Cluster,
    job: &Id<'_>,
    dir: &str,
    form: RestorePointKind,
    into: &Slot,
) -> Vec<String> {
    let json = json!({
        "targetDirectory": dir, "drain": false, "formatType": form_word(form), "triggerId": "$TRIGGER",
    });
    asynchronous(cluster, job, "stop", &json, into)
}

fn asynchronous(cluster: &Cluster, job: &Id<'_>, verb: &str, json: &Value, into: &Slot) -> Vec<String> {
    let curl = curl(&cluster.rest);
    let (job, slot) = (job.word(), slot_variable(into));
    let status = url(cluster, &format!("/jobs/{job}/savepoints/$TRIGGER"));
    vec![
        "TRIGGER=$(openssl rand -hex 16)".to_owned(),
        format!(
            "{curl} -X POST {} {}",
            body(json, &["TRIGGER"]),
            url(cluster, &format!("/jobs/{job}/{verb}"))
        ),
        format!(
            "until ANSWER=$({curl} {status}) && echo \"$ANSWER\" | grep -q COMPLETED; do sleep 0.2; done"
        ),
        "echo \"$ANSWER\"   # failure-cause in it means that it failed".to_owned(),
        format!("{slot}=$(echo \"$ANSWER\" | sed -n 's/.*\"location\":\"\\([^\"]*\\)\".*/\\1/p')"),
    ]
}

/// The newest retained checkpoint of a job.
pub(super) fn adopt(cluster: &Cluster, job: &Id<'_>, into: &Slot) -> Vec<String> {
    let path = format!("/jobs/{}/checkpoints", job.word());
    vec![
        format!(
            "{} {}   # latest.completed.external_path",
            curl(&cluster.rest),
            url(cluster, &path)
        ),
        format!("{}=<that path>", slot_variable(into)),
    ]
}

/// A job is cancelled.
pub(super) fn cancel(cluster: &Cluster, job: &Id<'_>) -> Vec<String> {
    let path = format!("/jobs/{}?mode=cancel", job.word());
    vec![format!(
        "{} -X PATCH {}",
        curl(&cluster.rest),
        url(cluster, &path)
    )]
}

/// A jar is uploaded.
pub(super) fn upload(cluster: &Cluster, jar: &Path, into: &BindingName) -> Vec<String> {
    let file = quote(&format!("jarfile=@{}", jar.display()));
    let take_id = r#"sed -n 's/.*"filename":"[^"]*\/\([^"\/]*\)".*/\1/p'"#;
    let at = url(cluster, "/jars/upload");
    vec![format!(
        "{}=$({} -X POST -F {file} {at} | {take_id})",
        binding_variable(into),
        curl(&cluster.rest)
    )]
}

/// An uploaded jar is deleted.
pub(super) fn delete_jar(cluster: &Cluster, jar: &BindingName) -> Vec<String> {
    let path = format!("/jars/${}", binding_variable(jar));
    vec![format!(
        "{} -X DELETE {}",
        curl(&cluster.rest),
        url(cluster, &path)
    )]
}

/// What a submission is made of.
pub(super) struct Run<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) submission: &'a Submission,
    pub(super) jar: &'a BindingName,
    pub(super) from: Option<&'a Slot>,
    pub(super) may_drop_state: bool,
    pub(super) into: &'a BindingName,
}

/// Since which release `flinkConfiguration` may be in the body of a submission.
pub(crate) fn takes_configuration(version: &Version) -> bool {
    (version.major(), version.minor()) >= (1, 18)
}

/// A job is submitted.
pub(super) fn run(run: &Run<'_>) -> Vec<String> {
    let (id, jar) = (binding_variable(run.into), binding_variable(run.jar));
    let version = &run.cluster.version;
    let mut fields = Map::new();
    let mut set = |key: &str, value: Value| fields.insert(key.to_owned(), value);
    set("jobId", json!(format!("${id}")));
    set("programArgsList", json!(run.submission.args));
    set("allowNonRestoredState", json!(run.may_drop_state));
    if let Some(class) = &run.submission.entry_class {
        set("entryClass", json!(class));
    }
    if let Some(parallelism) = run.submission.parallelism {
        set("parallelism", json!(parallelism));
    }
    let mut variables = vec![id.as_str()];
    let slot = run.from.map(slot_variable);
    if let Some(slot) = &slot {
        set("savepointPath", json!(format!("${slot}")));
        let mode = if (version.major(), version.minor()) >= (1, 20) {
            "claimMode"
        } else {
            "restoreMode"
        };
        set(mode, json!("NO_CLAIM"));
        variables.push(slot);
    }
    if takes_configuration(version) && !run.submission.configuration.is_empty() {
        set("flinkConfiguration", json!(run.submission.configuration));
    }
    let at = url(run.cluster, &format!("/jars/${jar}/run"));
    let json = Value::Object(fields);
    vec![
        format!("{id}=$(openssl rand -hex 16)"),
        format!(
            "{} -X POST {} {at}",
            curl(&run.cluster.rest),
            body(&json, &variables)
        ),
        format!(
            "until {} {} | grep RUNNING; do sleep 0.2; done",
            curl(&run.cluster.rest),
            url(run.cluster, &format!("/jobs/${id}/status"))
        ),
    ]
}

/// What a person looks at during a soak.
pub(super) fn watch(cluster: &Cluster, jobs: &[BindingName]) -> Vec<String> {
    let curl = curl(&cluster.rest);
    let mut lines = vec![format!("{curl} {}", url(cluster, "/overview"))];
    for job in jobs {
        let id = binding_variable(job);
        for what in ["status", "checkpoints", "exceptions"] {
            lines.push(format!("{curl} {}", url(cluster, &format!("/jobs/${id}/{what}"))));
        }
    }
    lines
}

/// A probe is asked.
pub(super) fn ask(probe: &ProbeAsk) -> Vec<String> {
    match probe {
        ProbeAsk::Http(endpoint) => vec![format!("{} {}", curl(endpoint), quote(&endpoint.url))],
        ProbeAsk::Command(words) => vec![words.iter().map(|w| quote(w)).collect::<Vec<_>>().join(" ")],
    }
}

/// A release is unpacked.
pub(super) fn unpack(home: &Path, archive: &Archive) -> Vec<String> {
    let home = quote_path(home);
    let (fetch, file) = match archive.uri.strip_prefix("file://") {
        Some(path) => (None, quote(path)),
        None => {
            let name = archive.uri.rsplit('/').next().unwrap_or("flink.tgz");
            (
                Some(format!("curl -fsSL -o {} {}", quote(name), quote(&archive.uri))),
                quote(name),
            )
        }
    };
    let check = format!("echo '{}  '{file} | sha512sum -c", archive.sha512);
    let unpack = format!("mkdir -p {home} && tar -xzf {file} -C {home} --strip-components=1");
    fetch.into_iter().chain([check, unpack]).collect()
}

/// A configuration directory is carried over; edits of nested keys are for an editor.
pub(super) fn carry_over(from: (&Path, &str), to: (&Path, &str), edits: &[ConfigEdit]) -> Vec<String> {
    let dir = quote_path(to.0);
    let file = quote(&format!("{}/{}", to.0.display(), to.1));
    let mut lines = vec![format!("mkdir -p {dir} && cp -a {}/. {dir}/", quote_path(from.0))];
    if from.1 != to.1 {
        let old = quote(&format!("{}/{}", to.0.display(), from.1));
        lines.push(format!("mv {old} {file}"));
    }
    let pattern = |key: &str| key.replace('.', r"\.");
    for edit in edits {
        lines.push(match edit {
            ConfigEdit::Rename { from, to, .. } => {
                format!("sed -i 's|^{}:|{to}:|' {file}", pattern(from))
            }
            ConfigEdit::Drop { key, .. } => format!("sed -i '/^{}:/d' {file}", pattern(key)),
            ConfigEdit::Set { key, value, .. } => {
                let line = quote(&format!("{key}: {value}"));
                format!("sed -i '/^{}:/d' {file} && echo {line} >> {file}", pattern(key))
            }
        });
    }
    lines
}

fn environment(of: &Installation) -> String {
    let folders = [
        ("FLINK_CONF_DIR", Some(&of.conf)),
        ("FLINK_LOG_DIR", of.logs.as_ref()),
        ("FLINK_PID_DIR", of.pids.as_ref()),
        ("JAVA_HOME", of.java_home.as_ref()),
    ];
    folders.into_iter().fold(String::new(), |mut text, (name, path)| {
        if let Some(path) = path {
            write!(text, "{name}={} ", quote_path(path)).expect("writing to a string cannot fail");
        }
        text
    })
}

/// A cluster is started: job manager and task managers together, for the one does not wait for the
/// other to be asked. The scripts do not make the folders that they write to.
pub(super) fn start_cluster(cluster: &Cluster, of: &Installation, slots: u32) -> Vec<String> {
    let script = |name: &str| {
        let path = quote(&format!("{}/bin/{name}", of.home.display()));
        format!("{}{path} start", environment(of))
    };
    let folders: Vec<String> = [&of.logs, &of.pids]
        .into_iter()
        .flatten()
        .map(|path| quote_path(path))
        .collect();
    let folders = (!folders.is_empty()).then(|| format!("mkdir -p {}", folders.join(" ")));
    let (curl, overview) = (curl(&cluster.rest), url(cluster, "/overview"));
    let come_up = format!("until {curl} {overview} | grep '\"slots-total\":{slots}'; do sleep 0.5; done");
    folders
        .into_iter()
        .chain([script("jobmanager.sh")])
        .chain((0..of.task_managers).map(|_| script("taskmanager.sh")))
        .chain([come_up])
        .collect()
}

/// All processes of a cluster end, found by their configuration directory.
pub(super) fn stop_cluster(of: &Installation) -> Vec<String> {
    let conf = of.conf.display().to_string().replace('.', "[.]");
    let pattern = quote(&format!("--configDir {conf}( |$)"));
    vec![
        format!("kill $(pgrep -f -- {pattern})"),
        format!("while pgrep -f -- {pattern}; do sleep 0.2; done"),
    ]
}

#[cfg(test)]
mod tests {
    use super::variable;

    #[test]
    fn names_become_variables_that_are_told_apart() {
        assert_eq!(variable("S/orders-enrichment"), "S_orders_enrichment");
        assert_eq!(variable("id/orders@new"), "id_orders_new");
        assert_ne!(variable("S/订单"), variable("S/支付"));
        assert_ne!(variable("S/a b"), variable("S/a-b"));
        let odd = variable("S/it's „heute“ $(x)");
        assert!(
            odd.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
            "{odd}"
        );
    }
}
