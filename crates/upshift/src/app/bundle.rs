//! Everything about one run in one archive, for a colleague or a vendor: what was planned, done and seen,
//! and what the far side logged meanwhile. Secrets are taken out, and what could not be had is said.
//!
//! It changes nothing and asks nothing of the system.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use upshift_drivers::wire::redact_text;
use upshift_model::flink::{Installation, RunAs};
use upshift_model::plan::Plan;
use upshift_model::record::Record;
use upshift_model::run_state::RunState;

use super::context::Context;
use super::find_run::Found;
use super::{journal, systems};
use crate::secret;
use crate::trouble::Stop;

/// The end of a log is what tells; more than this nobody sends around.
const TAIL: u64 = 1 << 20;
const REDACTED: &str = "«redacted»";
/// Words before a value that may be a secret, in logs and configurations of any make.
const TELLING: [&str; 7] = [
    "password",
    "passwd",
    "secret",
    "token",
    "credential",
    "access-key",
    "accesskey",
];

/// A bundle before it is written.
pub struct Bundle {
    run: String,
    files: Vec<(String, String)>,
    cleaner: Cleaner,
    missing: Vec<String>,
}

struct Cleaner {
    secrets: Vec<String>,
    redacted: u32,
}

impl Bundle {
    /// Collects everything about a run.
    ///
    /// # Errors
    /// Never for what cannot be had: that is listed.
    pub fn of(context: &Context, found: &Found) -> Self {
        let plan = &found.state.plan.plan;
        let mut bundle = Self {
            run: found.state.run.to_string(),
            files: Vec::new(),
            cleaner: Cleaner {
                secrets: Vec::new(),
                redacted: 0,
            },
            missing: Vec::new(),
        };
        bundle.learn_secrets(plan);
        bundle.put("plan.json", &found.state.plan.to_file());
        if let Some(back) = &found.state.back {
            bundle.put("plan-back.json", &back.to_file());
        }
        let lines: Vec<&str> = found.lines.iter().map(|line| line.text()).collect();
        bundle.put("journal.jsonl", &format!("{}\n", lines.join("\n")));
        bundle.put("requests.txt", &requests(found));
        bundle.put("findings.txt", &findings(plan));
        bundle.put("runbook.txt", &journal::runbook(&found.state));
        let log = context.state_dir.join("logs").join(format!("{}.log", bundle.run));
        bundle.put_file("upshift.log", &log);
        bundle.put_far_side(plan);
        bundle.put("MANIFEST.txt", &bundle.manifest(&found.state, context));
        bundle
    }

    /// Writes the archive.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, to: File) -> Result<(), Stop> {
        let mut archive = tar::Builder::new(GzEncoder::new(to, Compression::default()));
        for (name, text) in &self.files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o600);
            let name = format!("upshift-{}/{name}", self.run);
            archive.append_data(&mut header, name, text.as_bytes())?;
        }
        archive.into_inner()?.finish()?.sync_all()?;
        Ok(())
    }

    /// What is in it, and what is not.
    pub fn contents(&self) -> (Vec<&str>, &[String]) {
        let names = self.files.iter().map(|(name, _)| name.as_str()).collect();
        (names, &self.missing)
    }

    fn put(&mut self, name: &str, text: &str) {
        let text = self.cleaner.clean(text);
        self.files.push((name.to_owned(), text));
    }

    fn put_file(&mut self, name: &str, path: &Path) {
        match tail(path) {
            Ok(text) => self.put(name, &text),
            Err(e) => self
                .missing
                .push(format!("{name}: {} cannot be read: {e}", path.display())),
        }
    }

    /// Every secret that the plan refers to, so that it is found wherever it stands.
    fn learn_secrets(&mut self, plan: &Plan) {
        for reference in systems::secrets(plan) {
            match secret::read(reference) {
                Ok(secret) => self.cleaner.secrets.push(secret.reveal().to_owned()),
                Err(_) => self.missing.push(format!(
                    "the secret at {reference} cannot be read here, so it was not searched for in these files"
                )),
            }
        }
    }

    fn put_far_side(&mut self, plan: &Plan) {
        let Some(site) = plan.site.flink() else {
            let what = format!("far-side: logs of {} are not collected", plan.kind);
            return self.missing.push(what);
        };
        for (id, cluster) in &site.clusters {
            let Some(installation) = &cluster.installation else {
                self.missing.push(format!(
                    "far-side/{id}: upshift does not know where it is installed"
                ));
                continue;
            };
            if installation.run_as != RunAs::Local {
                self.missing
                    .push(format!("far-side/{id}: its files are on another machine"));
                continue;
            }
            let folder = logs(installation);
            match log_files(&folder) {
                Ok(files) if files.is_empty() => self
                    .missing
                    .push(format!("far-side/{id}: no logs in {}", folder.display())),
                Ok(files) => {
                    for path in files {
                        let name = path
                            .file_name()
                            .unwrap_or_default()
                            .to_string_lossy()
                            .into_owned();
                        self.put_file(&format!("far-side/{id}/{name}"), &path);
                    }
                }
                Err(e) => self
                    .missing
                    .push(format!("far-side/{id}: {} cannot be read: {e}", folder.display())),
            }
        }
    }

    fn manifest(&self, state: &RunState, context: &Context) -> String {
        let plan = &state.plan.plan;
        let system = rustix::system::uname();
        let mut text = format!(
            "run {}\nof {}, {} {} -> {}, plan {}\nhead {}:{}\n\nupshift {}\nknowledge of {} ({})\n{} {} {}\nwritten {}\n",
            state.run,
            plan.system,
            plan.kind,
            plan.from,
            plan.to,
            state.plan.digest,
            state.last.seq,
            state.last.digest,
            env!("CARGO_PKG_VERSION"),
            plan.knowledge.date,
            plan.knowledge.digest.short(),
            system.sysname().to_string_lossy(),
            system.release().to_string_lossy(),
            system.machine().to_string_lossy(),
            context.clock.now(),
        );
        let mut add = |line: &str| writeln!(text, "{line}").expect("writing to a string cannot fail");
        add("\nIn it:");
        self.files.iter().for_each(|(name, _)| add(&format!("  {name}")));
        add(&format!(
            "\nRedacted: {} places, each shown as {REDACTED}: secrets that the plan refers to, users and passwords in \
             addresses, values after words such as password or token. The digests in journal.jsonl are over the text \
             before that.",
            self.cleaner.redacted
        ));
        add("\nNot in it:");
        add(
            "  the inventory the plan was made from: its digest is in the plan, its findings are in findings.txt",
        );
        self.missing.iter().for_each(|line| add(&format!("  {line}")));
        text
    }
}

impl Cleaner {
    fn clean(&mut self, text: &str) -> String {
        let before = text.matches(REDACTED).count();
        let mut clean = redact_text(text);
        for secret in &self.secrets {
            clean = clean.replace(secret.as_str(), REDACTED);
        }
        let lines: Vec<String> = clean.split('\n').map(without_values).collect();
        let clean = lines.join("\n");
        let found = clean.matches(REDACTED).count().saturating_sub(before);
        self.redacted += u32::try_from(found).unwrap_or(u32::MAX);
        clean
    }
}

/// The line with the values of telling words taken out. A reference to a secret is none and stays.
fn without_values(line: &str) -> String {
    let lower = line.to_ascii_lowercase();
    let mut clean = String::with_capacity(line.len());
    let mut at = 0;
    while let Some(end) = TELLING
        .iter()
        .filter_map(|word| lower[at..].find(word).map(|i| at + i + word.len()))
        .min()
    {
        clean.push_str(&line[at..end]);
        at = end;
        let rest = &line[at..];
        // The rest of the name: `secret-key`, `tokenFile`.
        let name = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.'))
            .unwrap_or(rest.len());
        clean.push_str(&rest[..name]);
        at += name;
        let rest = &line[at..];
        let gap = rest.len() - rest.trim_start_matches(['"', '\'', ' ', '=', ':']).len();
        let (between, value) = rest.split_at(gap);
        let length = value
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '&' | '}' | ')'))
            .unwrap_or(value.len());
        let says = between.contains(['=', ':']) && length > 0;
        let refers = value.starts_with("env:") || value.starts_with("file:") || value.starts_with(REDACTED);
        if says && !refers {
            clean.push_str(between);
            clean.push_str(REDACTED);
            at += gap + length;
        }
    }
    clean.push_str(&line[at..]);
    clean
}

/// The keys under which things were asked for: what a far side's own log is searched for.
fn requests(found: &Found) -> String {
    let mut text = String::from("# record  when  step  try  key\n");
    for line in &found.lines {
        if let Record::Intent { step, intent } = &line.entry().record {
            let (seq, at) = (line.entry().seq, line.entry().at);
            writeln!(text, "{seq}  {at}  {step}  {}  {}", intent.attempt, intent.key)
                .expect("writing to a string cannot fail");
        }
    }
    for (name, value) in &found.state.bindings.values {
        writeln!(text, "{name} = {value}").expect("writing to a string cannot fail");
    }
    text
}

fn findings(plan: &Plan) -> String {
    let mut text = format!("{} checks were green.\n", plan.green);
    for finding in &plan.findings {
        writeln!(text, "{}  {}  {}", finding.code, finding.subject, finding.title)
            .expect("writing to a string cannot fail");
    }
    for waiver in &plan.waivers {
        let (code, subject, words) = (&waiver.code, &waiver.subject, waiver.words());
        writeln!(text, "waived: {code} for {subject}: {words}").expect("writing to a string cannot fail");
    }
    text
}

fn logs(installation: &Installation) -> PathBuf {
    installation
        .logs
        .clone()
        .unwrap_or_else(|| installation.home.join("log"))
}

fn log_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let wanted = path
            .extension()
            .is_some_and(|e| e == "log" || e == "out" || e == "err");
        if wanted && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The end of a file, from the beginning of a line.
fn tail(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(match length > TAIL {
        true => {
            let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
            format!("… the first {} bytes are left out\n{rest}", length - TAIL)
        }
        false => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_telling_words_are_taken_out_and_references_stay() {
        for (text, clean) in [
            ("s3.access-key: AKIA12", "s3.access-key: «redacted»"),
            ("s3.secret-key: AKIA12", "s3.secret-key: «redacted»"),
            ("a password=hunter2&b=c", "a password=«redacted»&b=c"),
            ("{\"password\":\"hunter2\"}", "{\"password\":\"«redacted»\"}"),
            ("{\"password\":\"env:DB\"}", "{\"password\":\"env:DB\"}"),
            ("the token is fine", "the token is fine"),
            ("Token: x, secret: y", "Token: «redacted», secret: «redacted»"),
        ] {
            assert_eq!(without_values(text), clean);
        }
    }

    #[test]
    fn a_secret_that_is_known_is_taken_out_wherever_it_stands() {
        let mut cleaner = Cleaner {
            secrets: vec!["hunter2".to_owned()],
            redacted: 0,
        };
        let clean = cleaner.clean("GET http://up:pw@jm:8081/x hunter2hunter2");
        assert_eq!(clean, "GET http://«redacted»@jm:8081/x «redacted»«redacted»");
        assert_eq!(cleaner.redacted, 3);
    }
}
