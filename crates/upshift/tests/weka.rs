//! `upshift observe` and `upshift check` of a WEKA cluster: the real program over real OpenSSH servers, each of which
//! plays one server of a made-up cluster. Every finding is provoked by a fault; several faults share a look.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Output};

use serde_json::Value;
use upshift_lab::{WekaCluster, WekaOptions};
use upshift_model::ids::Code;
use upshift_planner::systems::weka::codes::*;

const BACKENDS: usize = 4;
/// In every secret of the made-up cluster: of joins, of REST.
const CANARY: &str = "canary-";

struct Lab {
    cluster: WekaCluster,
}

impl Lab {
    fn start() -> Self {
        let options = WekaOptions {
            clients: 2,
            ..WekaOptions::healthy(BACKENDS, "4.4.26", "5.1.25")
        };
        Self {
            cluster: WekaCluster::start(options).expect("servers"),
        }
    }

    fn upshift(&self, words: &[&str]) -> Output {
        let program = env!("CARGO_BIN_EXE_upshift");
        let ran = Command::new(program).args(words).output().expect("it starts");
        for stream in [&ran.stdout, &ran.stderr] {
            let text = String::from_utf8_lossy(stream);
            assert!(!text.contains(CANARY), "a secret is shown by {words:?}: {text}");
        }
        ran
    }

    /// The report of the cluster as it is now; `more` is written below its system file.
    fn check(&self, more: &str) -> Report {
        // Only a server that stalls is to run into it, however busy this machine is.
        let deadline = match more.contains("server_deadline") {
            true => "",
            false => "server_deadline = \"10m\"\n",
        };
        let more = format!("{deadline}{more}");
        let file = self.cluster.system_file_with(&more).expect("a file");
        let path = file.to_str().expect("a path");
        let ran = self.upshift(&["check", "--json", path]);
        let text = String::from_utf8_lossy(&ran.stdout).into_owned();
        let json = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&ran.stderr)));
        Report {
            json,
            code: ran.status.code(),
        }
    }

    fn become_like(&mut self, from: &str, to: &str, faults: &[&str]) {
        let faults = faults.iter().map(|&fault| fault.to_owned()).collect();
        let options = WekaOptions {
            faults,
            ..WekaOptions::healthy(BACKENDS, from, to)
        };
        self.cluster.become_like(options).expect("another world");
    }

    /// The cluster with these faults: each of the codes with its word.
    #[track_caller]
    fn provokes(&mut self, from: &str, to: &str, faults: &[&str], expected: &[(Code, &str)]) -> Report {
        self.become_like(from, to, faults);
        let report = self.check("");
        for (code, word) in expected {
            assert_eq!(
                report.word(code.as_str()),
                *word,
                "{code}: {}",
                report.finding(code.as_str())
            );
        }
        report
    }
}

struct Report {
    json: Value,
    code: Option<i32>,
}

impl Report {
    fn finding(&self, code: &str) -> String {
        let all = self.json["findings"].as_array().expect("findings");
        let found = all.iter().find(|finding| finding["code"] == code);
        found.map_or_else(|| "not asked".to_owned(), Value::to_string)
    }

    fn words(&self) -> BTreeMap<String, String> {
        let all = self.json["findings"].as_array().expect("findings");
        let word = |state: &Value| match state["judged"]["severity"].as_str() {
            Some(severity) => severity.to_owned(),
            None => "unknown".to_owned(),
        };
        all.iter()
            .map(|finding| {
                let code = finding["code"].as_str().expect("a code").to_owned();
                (code, word(&finding["state"]))
            })
            .collect()
    }

    fn word(&self, code: &str) -> String {
        self.words()
            .remove(code)
            .unwrap_or_else(|| "not asked".to_owned())
    }

    /// Codes that are not green.
    fn not_green(&self) -> Vec<(String, String)> {
        self.words()
            .into_iter()
            .filter(|(_, word)| word != "green")
            .collect()
    }
}

#[test]
fn every_fault_is_found_and_a_healthy_cluster_is_ready() {
    let mut lab = Lab::start();

    let healthy = lab.check("");
    let changes = CHANGES.as_str().to_owned();
    assert_eq!(
        healthy.not_green(),
        [(changes, "yellow".to_owned())],
        "{}",
        healthy.json
    );
    assert_eq!(healthy.code, Some(0));
    let seen = lab.upshift(&[
        "observe",
        "--json",
        lab.cluster.dir().join("system.toml").to_str().expect("a path"),
    ]);
    let seen: Value = serde_json::from_slice(&seen.stdout).expect("JSON");
    let servers = seen["facts"]["weka"]["backends"].as_object().expect("backends");
    assert_eq!(servers.len(), BACKENDS);

    parts_and_settings(&mut lab);
    the_other_way_round(&mut lab);
    servers_of_all_kinds(&mut lab);
    releases_that_are_asked_more(&mut lab);
    what_the_file_says(&mut lab);
}

const PARTS_FAULTS: &[&str] = &[
    "alert",
    "rebuilding",
    "busy-compute",
    "client-target-set",
    "ssd-to-memory",
    "old-client",
    "process-down",
    "snapshot-upload",
    "small-filesystem",
    "drive-inactive@1",
    "drive-unwritable@2",
    "shared-cores@1",
    "traces-off",
    "overrides",
    "catalog-indexing",
    "task-upload",
    "denied-process",
    "same-machine-id@1",
    "s3-not-ready",
    "s3-writecache",
    "s3-lifecycle",
    "s3-etcd",
    "nfs-no-config-filesystem",
    "nfs-port-down",
    "connectx-4@1",
    "two-protocols",
    "mixed-accepted",
    "fsck-issues",
    "aws",
    "backend-down@1",
    "client-down",
    "smb-inactive",
];
const PARTS_FOUND: &[(Code, &str)] = &[
    (ALERTS, "yellow"),
    (REBUILD, "red"),
    (STATUS, "red"),
    (LOAD, "yellow"),
    (CLIENT_TARGET, "yellow"),
    (EQUAL_TARGETS, "green"),
    (SSD_TO_MEMORY, "yellow"),
    (CLIENT_RELEASES, "red"),
    (PROCESSES_UP, "yellow"),
    (SNAPSHOT_UPLOAD, "red"),
    (SMALL_FILESYSTEMS, "yellow"),
    (DRIVES_ACTIVE, "yellow"),
    (DRIVES_WRITABLE, "yellow"),
    (CORES, "yellow"),
    (TRACES, "yellow"),
    (OVERRIDES, "yellow"),
    (CATALOG, "red"),
    (TASKS, "red"),
    (DENIED, "yellow"),
    (MACHINE_IDS, "red"),
    (S3_HEALTH, "yellow"),
    (S3_MOUNT, "yellow"),
    (S3_LIFECYCLE, "red"),
    (ETCD, "red"),
    (NFS_CONFIG, "yellow"),
    (NFS_GROUPS, "yellow"),
    (CONNECTX_4, "red"),
    (PROTOCOLS_APART, "red"),
    (MIXED_ACCEPTED, "red"),
    (FSCK, "red"),
    (AWS, "yellow"),
    (BACKENDS_UP, "red"),
    (CLIENTS_UP, "yellow"),
    (SMB, "yellow"),
    (HOP, "green"),
];

fn parts_and_settings(lab: &mut Lab) {
    let report = lab.provokes("4.4.26", "5.1.25", PARTS_FAULTS, PARTS_FOUND);
    assert_eq!(report.code, Some(3));
}

/// Faults that lie in the way of others, or make the same finding for another reason.
fn the_other_way_round(lab: &mut Lab) {
    let faults = [
        "data-integrity-alert",
        "degraded",
        "local-snapshot-upload",
        "task-quota",
        "task-detach",
        "auto-cores@1",
        "nfs-second-group",
        "fsck-old",
        "not-admin",
        "converting",
        "upgrade-running",
        "mixed-versions@1",
        "hotfix-build",
        "few-failure-domains",
        "not-mcb",
        "new-client",
        "organizations",
    ];
    let report = lab.provokes(
        "4.4.26",
        "5.1.25",
        &faults,
        &[
            (ALERTS, "red"),
            (REBUILD, "red"),
            (SNAPSHOT_UPLOAD, "red"),
            (TASKS, "yellow"),
            (NFS_GROUPS, "yellow"),
            (FSCK, "red"),
            (ROLE, "red"),
            (CONVERSION, "red"),
            (UPGRADING, "red"),
            (SAME_RELEASE, "red"),
            (MARKED, "yellow"),
            (DOMAINS, "yellow"),
            (MCB, "red"),
            (CLIENT_RELEASES, "red"),
            (RELEASE, "green"),
        ],
    );
    assert!(
        !report.finding(TASKS.as_str()).contains("OBS_DETACH"),
        "it stops nothing"
    );
    lab.provokes(
        "4.4.26",
        "5.1.25",
        &["login-expired", "auto-cores@1"],
        &[(LOGIN, "red"), (CORES, "unknown")],
    );
}

const SERVERS_FAULTS: &[&str] = &[
    "system-unsupported@1",
    "agent-down@1",
    "clock-skew@1",
    "data-full@1",
    "opt-full@2",
    "no-fallocate@1",
    "logs-full@1",
    "container-stopped@1",
    "left-over-upgrade@2",
    "local-mount@1",
    "wrong-endpoint@1",
    "other-join-secret@1",
    "no-join-secret@2",
    "traces-full@1",
    "no-avx2@1",
    "kernel-sensor@1",
    "port-closed@1",
    "little-memory@1",
    "slow-cpu@1",
    "smb-patched@1",
    "rpc-statd@1",
    "package-missing@1",
    "own-certificates",
    "weak-tls-key",
    "nfs-connections",
    "weka-mounted@c0",
    "iommu@c0",
    "no-web@c0",
    "agent-down@c0",
    "clock-skew@c0",
    "container-disabled@c0",
    "system-unsupported@c0",
];
const SERVERS_FOUND: &[(Code, &str)] = &[
    (REACHED, "green"),
    (SYSTEM, "red"),
    (AGENT, "red"),
    (CLOCK, "red"),
    (DATA_ROOM, "yellow"),
    (OPT_ROOM, "red"),
    (FALLOCATE, "red"),
    (LOGS_ROOM, "yellow"),
    (CONTAINERS, "red"),
    (MOUNTS, "yellow"),
    (ENDPOINTS, "yellow"),
    (JOIN_SECRETS, "yellow"),
    (TRACES_ROOM, "yellow"),
    (AVX2, "red"),
    (SENSOR, "yellow"),
    (PORTS, "red"),
    (MEMORY, "yellow"),
    (CPU_SPEED, "red"),
    (SMB, "red"),
    (STATD, "yellow"),
    (PACKAGE, "yellow"),
    (OWN_CERTIFICATES, "red"),
    (TLS_KEY, "red"),
    (NFS_CONNECTIONS, "yellow"),
    (CLIENTS_REACHED, "green"),
    (CLIENT_MOUNTED, "red"),
    (CLIENT_IOMMU, "yellow"),
    (CLIENT_WEB, "yellow"),
    (CLIENT_AGENT, "red"),
    (CLIENT_CLOCK, "red"),
    (CLIENT_CONTAINERS, "red"),
    (CLIENT_SYSTEM, "red"),
];

fn servers_of_all_kinds(lab: &mut Lab) {
    let report = lab.provokes("4.4.26", "5.1.25", SERVERS_FAULTS, SERVERS_FOUND);
    let secrets = report.finding(JOIN_SECRETS.as_str());
    assert!(secrets.contains("be001: frontend0 has another"), "{secrets}");
    assert!(secrets.contains("be002: frontend0 has none"), "{secrets}");
    // Until when somebody may rely on it.
    let time = |key: &str| {
        report.json["inventory"][key]
            .as_str()
            .expect("a time")
            .parse::<jiff::Timestamp>()
            .expect("a time")
    };
    assert_eq!(
        time("valid_until").duration_since(time("taken_at")).as_hours(),
        24
    );
}

fn releases_that_are_asked_more(lab: &mut Lab) {
    let faults = [
        "long-stats",
        "kernel-symbol@1",
        "kernel-symbol@c0",
        "no-ipv6@1",
        "ofed",
        "snapshot-buckets",
        "nfs-custom-options",
        "agent-unit@2",
    ];
    lab.provokes(
        "4.2.6.90",
        "4.3.5.105",
        &faults,
        &[
            (RETENTION, "yellow"),
            (KERNEL_SYMBOL, "red"),
            (CLIENT_KERNEL, "red"),
            (IPV6, "red"),
            (OFED, "yellow"),
            (SNAPSHOT_BUCKETS, "red"),
            (NFS_OPTIONS, "red"),
            (LEGACY_NFS, "unknown"),
            (RPC_OVERRIDE, "yellow"),
            (AGENT_UNIT, "red"),
            (S3_HEALTH, "green"),
        ],
    );
    lab.provokes(
        "4.2.0",
        "4.2.5",
        &["fake-drives"],
        &[(CONFIGURED_DRIVES, "yellow")],
    );
    let faults = ["mixed-network@1", "kernel-argument@1"];
    lab.provokes(
        "4.4.8.76",
        "4.4.9.50",
        &faults,
        &[(MIXED_NETWORK, "red"), (KERNEL_ARGUMENTS, "red")],
    );
    lab.provokes(
        "5.0.1.101",
        "5.1.0.605",
        &["remote-traces", "system-newer@1"],
        &[(REMOTE_TRACES, "red"), (SYSTEM, "yellow"), (HOP, "yellow")],
    );
    // There is no way back, by no hops.
    lab.provokes("5.1.25", "4.4.26", &[], &[(HOP, "red")]);
}

fn what_the_file_says(lab: &mut Lab) {
    lab.become_like("4.4.25", "5.1.25", &["client-target-set", "alert"]);
    let file = "other_client_targets = [\"4.2.1\"]\n[[waive]]\ncode = \"UP-WEKA-0109\"\nsubject = \"cluster\"\nreason = \
                \"known\"\nby = \"test\"\n[[waive]]\ncode = \"UP-WEKA-0130\"\nsubject = \"cluster\"\nreason = \"known\"\nby = \
                \"test\"\n";
    let report = lab.check(file);
    assert_eq!(report.word(EQUAL_TARGETS.as_str()), "red");
    assert_eq!(report.word(IDLE_WAIVER.as_str()), "yellow");
    assert!(report.finding(ALERTS.as_str()).contains("known"));
    // The world goes on while the file stays as it is.
    let file = lab.cluster.system_file_with("").expect("a file");
    lab.become_like("4.4.26", "5.1.25", &[]);
    let ran = lab.upshift(&["check", file.to_str().expect("a path"), "-v"]);
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(
        text.contains(RELEASE.as_str()) && text.contains("another release runs"),
        "{text}"
    );
    assert_eq!(ran.status.code(), Some(3));
}

/// One server stalls, one refuses, one shows another key, the first one asked is lost in mid-command: what is known of
/// the rest is whole, and it is said what is missing.
#[test]
fn what_fails_costs_its_own_part_and_nothing_else() {
    let mut lab = Lab::start();
    lab.become_like(
        "4.4.26",
        "5.1.25",
        &[
            "lost-connection@0",
            "stalled@2",
            "drives-cut-off",
            "snapshot-field-missing",
            "alert",
        ],
    );
    let fabric = lab.cluster.fabric();
    fabric.crash(3).expect("it ends");
    fabric.crash(4).expect("it ends");
    fabric.change_key(4).expect("a key");
    fabric.revive(4).expect("it starts");
    let report = lab.check("server_deadline = \"45s\"\n");
    let reached = report.finding(REACHED.as_str());
    for part in [
        "be000",
        "be002",
        "be003",
        "UP-HOST-0012",
        "UP-HOST-0005",
        "3 of 4 were not reached",
    ] {
        assert!(reached.contains(part), "{part}: {reached}");
    }
    let clients = report.finding(CLIENTS_REACHED.as_str());
    assert!(clients.contains("UP-HOST-0002"), "{clients}");
    for (code, word) in [
        (REACHED, "unknown"),
        (CLIENTS_REACHED, "unknown"),
        (DRIVES_ACTIVE, "unknown"),
        (SNAPSHOT_UPLOAD, "unknown"),
        (ALERTS, "yellow"),
        (AGENT, "green"),
        (PROCESSES_UP, "green"),
        (CLIENT_AGENT, "green"),
    ] {
        assert_eq!(
            report.word(code.as_str()),
            word,
            "{}",
            report.finding(code.as_str())
        );
    }
    assert_eq!(report.code, Some(4), "what had to be seen was not");

    // None of the backends that the file names.
    for host in 0..2 {
        lab.cluster.fabric().crash(host).expect("it ends");
    }
    let file = lab.cluster.system_file_with("").expect("a file");
    let ran = lab.upshift(&["observe", file.to_str().expect("a path")]);
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(
        said.contains("UP-WEKA-0001") && said.contains("UP-HOST-0005"),
        "{said}"
    );
    assert_eq!(ran.status.code(), Some(4));
}

/// From 6.0 on identifiers are numbers and some commands have other names; unheard-of fields are passed over.
#[test]
fn the_successor_of_the_command_line_is_understood() {
    let options = WekaOptions {
        seed: 1,
        ..WekaOptions::healthy(3, "6.0.1", "6.0.2")
    };
    let lab = Lab {
        cluster: WekaCluster::start(options).expect("servers"),
    };
    let report = lab.check("");
    let known = [HOP, CHANGES, SYSTEM, NFS_CONNECTIONS].map(|code| code.as_str().to_owned());
    let odd: Vec<_> = report
        .not_green()
        .into_iter()
        .filter(|(code, _)| !known.contains(code))
        .collect();
    assert!(odd.is_empty(), "{odd:?}");
}

/// Lists come over REST where the file names it, and are the same; what REST does not answer is asked by the command
/// line, and said. Neither the password nor a token is shown.
#[test]
fn what_rest_lists_is_what_the_command_line_lists() {
    let mut lab = Lab::start();
    let seen = |lab: &Lab, more: &str| -> Value {
        let file = lab.cluster.system_file_with(more).expect("a file");
        let ran = lab.upshift(&["observe", "--json", file.to_str().expect("a path")]);
        serde_json::from_slice(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&ran.stderr)))
    };
    let facts = |look: &Value| look.pointer("/facts/weka").expect("facts").clone();
    let rest = lab.cluster.rest_lines().expect("a server");
    let by_command_line = facts(&seen(&lab, ""));
    let by_rest = facts(&seen(&lab, &rest));
    let lists = [
        "alerts",
        "containers",
        "filesystems",
        "processes",
        "servers",
        "snapshots",
        "tasks",
        "whoami",
    ];
    assert_eq!(by_rest["by_rest"], serde_json::json!(lists));
    assert_eq!(by_command_line["by_rest"], serde_json::json!([]));
    for part in [
        "containers",
        "processes",
        "servers",
        "tasks",
        "filesystems",
        "snapshots",
        "role",
    ] {
        assert_eq!(
            by_rest["cluster"][part], by_command_line["cluster"][part],
            "{part}"
        );
    }

    lab.become_like("4.4.26", "5.1.25", &["rest-half", "alert"]);
    let half = seen(&lab, &rest);
    let gap = half["gaps"].to_string();
    assert!(
        gap.contains("alerts over REST") && gap.contains("the command line was asked"),
        "{gap}"
    );
    let report = lab.check(&rest);
    assert_eq!(report.word(ALERTS.as_str()), "yellow", "{}", report.json);

    let wrong = rest.replace("observer", "nobody");
    let refused = seen(&lab, &wrong);
    let gap = refused["gaps"].to_string();
    assert!(
        gap.contains("UP-WIRE-") || gap.contains("refused the credentials"),
        "{gap}"
    );
    assert_eq!(facts(&refused)["by_rest"], serde_json::json!([]));
}

/// A program that behaves as the vendor's checker does: it asks each thing anew, shows a secret, counts, and leaves a
/// log beside itself.
const STAND_IN: &str = r#"
import json, subprocess, sys
assert sys.argv[1:3] == ["-t", "5.1.25"], sys.argv
said = json.loads(subprocess.check_output(["weka", "local", "resources", "-C", "drives0", "-J"]))
secret = said["join_secret"][0]
print("Global key secret: " + secret)
with open("weka_upgrade_checker.log", "w") as log:
    log.write("root:INFO:secret " + secret + "\nroot:DEBUG:something fails\n")
print("Total Checks Passed: 12\nTotal Warnings: 3\nTotal Checks Failed: 1", flush=True)
"#;
/// One that a server which stalls holds up for ever, as it does the vendor's.
const STAND_IN_THAT_HANGS: &str = r#"
import subprocess
print("checking", flush=True)
subprocess.check_output(["sleep", "3600"])
"#;

fn put(path: &std::path::Path, text: &str) {
    let mut file = std::fs::File::create_new(path).expect("a new file");
    file.write_all(text.as_bytes()).expect("room");
}

#[test]
fn the_vendors_checker_runs_beside_and_its_log_is_kept_without_secrets() {
    let lab = Lab::start();
    let dir = lab.cluster.dir().join("vendor");
    std::fs::create_dir(&dir).expect("a folder");
    let file = lab
        .cluster
        .system_file_with("server_deadline = \"10m\"\n")
        .expect("a file");
    let check = |log: &str, deadline: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_upshift"));
        command
            .arg("check")
            .arg(&file)
            .args(["--json", "--vendor-deadline", deadline, "--vendor-checker"])
            .arg(&dir)
            .arg("--vendor-log")
            .arg(dir.join(log));
        command.envs(lab.cluster.on_first_backend(None).expect("an environment"));
        let ran = command.output().expect("it starts");
        let text = String::from_utf8_lossy(&ran.stdout).into_owned();
        let report: Value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&ran.stderr)));
        let kept = std::fs::read_to_string(dir.join(log)).expect("its log");
        for shown in [&text, &kept, &String::from_utf8_lossy(&ran.stderr).into_owned()] {
            assert!(!shown.contains(CANARY), "{shown}");
        }
        (report, kept, ran.status.code())
    };
    let program = dir.join("weka_upgrade_checker.py");
    put(&program, STAND_IN);
    let (report, kept, code) = check("log", "2m");
    let vendor = &report["vendor"];
    assert_eq!(
        (
            &vendor["exit"],
            &vendor["passed"],
            &vendor["warned"],
            &vendor["failed"]
        ),
        (&0.into(), &12.into(), &3.into(), &1.into()),
        "{report}"
    );
    assert!(
        kept.contains("something fails") && kept.contains("«redacted»"),
        "{kept}"
    );
    assert_eq!(code, Some(0), "no verdict depends on it: {report}");

    std::fs::remove_file(&program).expect("it is there");
    put(&program, STAND_IN_THAT_HANGS);
    let (report, kept, code) = check("another-log", "15s");
    assert_eq!(report["vendor"]["exit"], Value::Null, "{report}");
    assert!(kept.contains("checking"), "{kept}");
    assert_eq!(code, Some(0));
}
