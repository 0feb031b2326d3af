//! `cargo xtask weka-parity`: the vendor's own checker and upshift on the same made-up cluster, healthy and with each
//! fault, and what both said, as a table.
//!
//! The checker is not part of the project; its path is given. What it says beyond a healthy run is taken from its own
//! log, where failures stand at DEBUG and warnings at WARNING.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use serde_json::Value;
use upshift_lab::{WekaCluster, WekaOptions};

use crate::workspace::{print, say};

/// Arguments of `weka-parity`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder of the vendor's checker, out of a checkout of its public repository.
    #[arg(long)]
    checker: PathBuf,
    /// The folder of a `python3` with `packaging` and `setuptools` below 81, which the checker needs.
    #[arg(long)]
    python: Option<PathBuf>,
    /// The program.
    #[arg(long, default_value = "target/debug/upshift")]
    upshift: PathBuf,
    /// The checker is ended after so many seconds.
    #[arg(long, default_value_t = 120)]
    deadline: u64,
    /// Only these faults.
    #[arg(long)]
    fault: Vec<String>,
}

/// Releases between which a fault shows.
const OTHERWISE: &[(&str, &str, &str)] = &[
    ("long-stats", "4.2.6.90", "4.2.18.34"),
    ("kernel-symbol", "4.2.6.90", "4.2.18.34"),
    ("agent-unit", "4.4.26", "5.1.25"),
    ("no-ipv6", "4.2.18.34", "4.3.5.105"),
    ("ofed", "4.2.18.34", "4.3.5.105"),
    ("snapshot-buckets", "4.2.18.34", "4.3.5.105"),
    ("nfs-custom-options", "4.2.18.34", "4.3.5.105"),
    ("fake-drives", "4.2.0", "4.2.18.34"),
    ("mixed-network", "4.4.8.76", "4.4.33"),
    ("remote-traces", "5.0.4.401", "5.1.0.605"),
];
const USUAL: (&str, &str) = ("4.4.26", "5.1.25");
/// Faults of clients.
const OF_CLIENTS: [&str; 3] = ["weka-mounted", "iommu", "no-web"];

/// Why the two differ, where they do.
const WHY: &[(&str, &str)] = &[
    ("upgrade-running", "documented; the checker does not look"),
    ("converting", "documented; the checker does not look"),
    ("not-admin", "documented; the checker does not look at the role"),
    ("degraded", "the checker looks at the progress of a rebuild alone"),
    (
        "status-not-ok",
        "the checker shows the state and does not judge it",
    ),
    ("client-down", "the checker's condition never holds"),
    (
        "local-snapshot-upload",
        "the checker looks at the remote store alone",
    ),
    ("nfs-second-group", "the checker looks at the first group alone"),
    ("s3-etcd", "the checker has dropped this check"),
    ("not-mcb", "documented; the checker does not look"),
    ("few-failure-domains", "upshift's own rule"),
    ("aws", "documented; the checker does not look"),
    (
        "opt-full",
        "4 GB are documented; the checker compares with each container's data",
    ),
    ("rpc-statd", "documented; the checker does not look"),
    ("package-missing", "documented; the checker does not look"),
    (
        "own-certificates",
        "the checker reads the file of the machine it runs on, upshift that of every backend",
    ),
    (
        "weak-tls-key",
        "the checker reads the file of the machine it runs on, upshift asks every backend",
    ),
    (
        "no-fallocate",
        "the checker writes a file there; upshift changes nothing and asks for the kind of file system",
    ),
    ("stalled", "the checker has no time limit for a command"),
    ("task-detach", "documented as harmless"),
    (
        "drives-cut-off",
        "one answer that cannot be read ends the checker",
    ),
    (
        "drives-no-json",
        "one answer that cannot be read ends the checker",
    ),
    (
        "snapshot-field-missing",
        "one field that is missing ends the checker",
    ),
    (
        "release-field-missing",
        "one field that is missing ends the checker",
    ),
    ("rebuilding", "documented as a reason not to begin"),
    ("snapshot-upload", "documented as a reason not to begin"),
    ("two-protocols", "documented: the upgrade refuses to start"),
    ("task-upload", "documented as a reason not to begin"),
    ("task-download", "documented as a reason not to begin"),
    ("task-squash", "documented as a reason not to begin"),
    ("task-prefetch", "documented as a reason not to begin"),
    ("backend-down", "documented as a reason not to begin"),
    (
        "old-client",
        "the checker lists clients of other lines; upshift asks the rules for clients",
    ),
    (
        "new-client",
        "the checker lists clients of other lines; upshift asks the rules for clients",
    ),
    (
        "ofed",
        "which releases are taken stands in the checker alone; upshift says that servers differ",
    ),
    ("organizations", "feeds known issues on both sides"),
];

/// What both said of one world.
struct Said {
    upshift: BTreeSet<String>,
    vendor: BTreeSet<String>,
    vendor_end: String,
}

/// Runs the chore.
pub fn run(args: &Args) -> Result<()> {
    let upshift = args.upshift.canonicalize().context("the program: cargo build")?;
    let mut cluster = WekaCluster::start(WekaOptions {
        clients: 1,
        ..WekaOptions::healthy(3, USUAL.0, USUAL.1)
    })?;
    let faults = match args.fault.is_empty() {
        true => WekaCluster::faults()?,
        false => args.fault.clone(),
    };
    print(
        "| fault | the vendor's checker, beyond a healthy run | upshift, beyond a healthy run | where they differ, why |",
    );
    print("|---|---|---|---|");
    let mut healthy: Vec<((&str, &str), Said)> = Vec::new();
    for fault in &faults {
        let pair = OTHERWISE.iter().find(|(known, ..)| known == fault);
        let pair = pair.map_or(USUAL, |(_, from, to)| (*from, *to));
        if !healthy.iter().any(|(known, _)| *known == pair) {
            let said = ask(args, &upshift, &mut cluster, pair, None)?;
            let end = &said.vendor_end;
            let (theirs, ours) = (list(&said.vendor), list(&said.upshift));
            print(&format!(
                "| none, {} to {} | {theirs}; {end} | {ours} | |",
                pair.0, pair.1
            ));
            healthy.push((pair, said));
        }
        let found = healthy.iter().find(|(known, _)| *known == pair);
        let base = &found.context("just asked")?.1;
        say(&format!("{fault}, {} to {}", pair.0, pair.1));
        let said = ask(args, &upshift, &mut cluster, pair, Some(fault))?;
        let why = WHY
            .iter()
            .find(|(known, _)| known == fault)
            .map_or("", |(_, why)| why);
        let new = |said: &BTreeSet<String>, base: &BTreeSet<String>| {
            list(&said.difference(base).cloned().collect())
        };
        let mut theirs = new(&said.vendor, &base.vendor);
        if said.vendor_end != base.vendor_end {
            theirs = format!("{theirs}; **{}**", said.vendor_end);
        }
        let ours = new(&said.upshift, &base.upshift);
        print(&format!("| `{fault}` | {theirs} | {ours} | {why} |"));
    }
    Ok(())
}

fn list(said: &BTreeSet<String>) -> String {
    match said.is_empty() {
        true => "nothing".to_owned(),
        false => said.iter().cloned().collect::<Vec<_>>().join("; "),
    }
}

fn ask(
    args: &Args,
    upshift: &Path,
    cluster: &mut WekaCluster,
    (from, to): (&str, &str),
    fault: Option<&str>,
) -> Result<Said> {
    let named = fault.map(|fault| match OF_CLIENTS.contains(&fault) {
        true => format!("{fault}@c0"),
        false => fault.to_owned(),
    });
    cluster.become_like(WekaOptions {
        faults: named.into_iter().collect(),
        ..WekaOptions::healthy(3, from, to)
    })?;
    let file = cluster.system_file_with("server_deadline = \"30s\"\n")?;
    let output = Command::new(upshift)
        .args(["check", "--json"])
        .arg(&file)
        .stdin(Stdio::null())
        .output()?;
    let report: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let (vendor, vendor_end) = ask_vendor(args, cluster, to)?;
    Ok(Said {
        upshift: ours(&report)?,
        vendor,
        vendor_end,
    })
}

/// The checker in a folder of its own, unchanged, under the deadline.
fn ask_vendor(args: &Args, cluster: &WekaCluster, to: &str) -> Result<(BTreeSet<String>, String)> {
    let dir = tempfile::tempdir()?;
    for entry in std::fs::read_dir(&args.checker)? {
        let path = entry?.path();
        if path.is_file() {
            std::fs::copy(&path, dir.path().join(path.file_name().context("a name")?))?;
        }
    }
    let said = std::fs::File::create_new(dir.path().join("said"))?;
    let mut checker = Command::new("timeout");
    checker
        .args([
            "--kill-after=5",
            &args.deadline.to_string(),
            "python3",
            "weka_upgrade_checker.py",
            "-t",
            to,
        ])
        .current_dir(dir.path())
        .stdin(Stdio::null())
        .stdout(said.try_clone()?)
        .stderr(said);
    for (name, value) in cluster.on_first_backend(args.python.as_deref())? {
        checker.env(name, value);
    }
    let code = checker.status()?.code();
    let read = |name: &str| -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(dir.path().join(name))?).into_owned())
    };
    let broke = read("said")?.lines().any(|line| line.starts_with("Traceback"));
    let end = match (code, broke) {
        (Some(124 | 137) | None, _) => format!("it never ended: stopped after {} s", args.deadline),
        (Some(code), true) => format!("it broke off with a Python error, code {code}"),
        (Some(code), false) => format!("code {code}"),
    };
    Ok((theirs(&read("weka_upgrade_checker.log")?), end))
}

fn ours(report: &Value) -> Result<BTreeSet<String>> {
    let findings = report["findings"].as_array().context("findings")?;
    let bad = findings.iter().filter_map(|finding| {
        let code = finding["code"].as_str()?;
        let word = match finding["state"]["judged"]["severity"].as_str() {
            Some("green") => return None,
            Some(severity) => severity,
            None => "unknown",
        };
        Some(format!("{word} {code}"))
    });
    Ok(bad.collect())
}

/// Warnings and failures of its log, with what differs from run to run left out.
fn theirs(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter_map(|line| {
        let (word, said) = match (line.split_once("root:WARNING:"), line.split_once("root:DEBUG:")) {
            (Some((_, said)), _) => ("warns", said),
            (_, Some((_, said))) => ("fails", said),
            _ => return None,
        };
        let said = said.trim();
        let counts = said.starts_with("Total ");
        let short: String = said.chars().take(90).collect();
        let short = short.replace('|', "/");
        (!said.is_empty() && !counts).then(|| format!("{word}: {}", without_addresses(&short)))
    });
    lines.collect()
}

fn without_addresses(text: &str) -> String {
    let word = |word: &str| {
        let is = word.starts_with("127.") || word.starts_with("'127.");
        if is { "ADDRESS".to_owned() } else { word.to_owned() }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
