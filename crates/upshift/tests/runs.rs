//! Stories of runs at the command line that need no Flink: the real program, over a state directory
//! that holds a journal written by the engine's own store.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::num::NonZeroU8;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use upshift_engine::clock::Clock;
use upshift_engine::journal::{Journal, open_run};
use upshift_engine::store::Holder;
use upshift_engine::store::sqlite::SqliteStore;
use upshift_model::digest::Digest;
use upshift_model::endpoint::Endpoint;
use upshift_model::finding::{Finding, FindingState, Severity};
use upshift_model::flink::{Cluster, OLD, Site};
use upshift_model::gate::Gate;
use upshift_model::ids::Code;
use upshift_model::plan::{self, Direction, InventoryStamp, KnowledgeStamp, PLAN_FORMAT, Plan};
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy, Strategy};
use upshift_model::record::{Record, Who};
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, Lane, Step, Wave, WaveOutlook, WayBack};
use upshift_model::version::SystemKind;

const RUN: &str = "01a1fbe5-16ee-714f-823e-16f2248ac20e";

fn upshift(state: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_upshift"));
    command.arg("--state-dir").arg(state).args(args);
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// One step that waits for a person.
fn wave() -> Wave {
    let step = Step {
        id: "1.1".into(),
        effect: Effect::Hold {
            gate: Gate::Finalize { after: None },
        },
        before: vec![],
        after: vec![],
        why: vec![],
        usual: None,
        give_up: Millis::from_secs(60),
        tries: 1,
        downtime: Downtime::None,
        by_hand: vec!["curl -sS http://127.0.0.1:9/overview".to_owned()],
    };
    let outlook = WaveOutlook {
        downtime: Some(Millis::ZERO),
        way_back: WayBack::Free,
        replayed: String::new(),
        open_until: vec![],
    };
    Wave {
        title: "accept".to_owned(),
        lanes: vec![Lane {
            subject: None,
            steps: vec![step],
        }],
        width: NonZeroU8::MIN,
        on_lane_failure: OnLaneFailure::All,
        outlook,
    }
}

/// A plan of that wave, for a cluster at a port where nobody listens.
fn waiting_plan() -> Plan {
    let old = Cluster {
        rest: Endpoint::plain("http://127.0.0.1:9"),
        version: "1.18.1".parse().unwrap(),
        installation: None,
    };
    Plan {
        format: PLAN_FORMAT,
        direction: Direction::Forward,
        system: "orders".into(),
        kind: SystemKind::Flink,
        from: "1.18.1".parse().unwrap(),
        to: "1.20.5".parse().unwrap(),
        strategy: Strategy::Shadow,
        strategy_why: vec![],
        made_at: jiff::Timestamp::UNIX_EPOCH,
        knowledge: KnowledgeStamp {
            date: jiff::civil::date(2026, 11, 1),
            digest: Digest::zero(),
        },
        inventory: InventoryStamp {
            taken_at: jiff::Timestamp::UNIX_EPOCH,
            digest: Digest::zero(),
        },
        site: plan::Site::Flink(Site {
            clusters: BTreeMap::from([(OLD.into(), old)]),
            jobs: BTreeMap::new(),
            savepoints: "file:///srv/savepoints".to_owned(),
            objects: upshift_model::objects::ObjectAccess::default(),
            probes: BTreeMap::new(),
        }),
        policy: Policy {
            on_failed_gate: OnFailedGate::Ask,
            on_lane_failure: OnLaneFailure::All,
            replay_limit: Millis::from_secs(60),
            max_downtime: None,
            keep_restore_points: None,
            notify: vec![],
        },
        waivers: vec![],
        findings: vec![],
        green: 0,
        needs: vec![],
        waves: vec![wave()],
        ways_back: vec![vec![]],
    }
}

fn ada() -> Who {
    Who {
        name: "ada".to_owned(),
        host: "here".to_owned(),
        why: None,
        ticket: None,
    }
}

/// A state directory with one open run that no process carries on.
async fn orphaned(state: &Path) {
    let store = SqliteStore::open(state).unwrap();
    let clock = Clock::new(|| jiff::Timestamp::UNIX_EPOCH);
    open_run(
        &store,
        &clock,
        &RUN.into(),
        "flink 127.0.0.1:9",
        waiting_plan().seal(),
        ada(),
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn a_run_without_a_process_says_so_and_how_to_go_on() {
    let dir = tempfile::tempdir().unwrap();
    orphaned(dir.path()).await;
    let (code, status, _) = upshift(dir.path(), &["status", "orders"]);
    assert_eq!(code, 7);
    let resume = format!("upshift --state-dir {} resume {RUN}", dir.path().display());
    assert!(
        status.contains(&format!("no process carries it on: {resume}")),
        "{status}"
    );
    let (code, _, said) = upshift(dir.path(), &["status", "--watch"]);
    assert_eq!(code, 7, "{said}");
    assert!(said.contains("UP-RUN-0007") && said.contains(&resume), "{said}");
}

#[tokio::test]
async fn a_resumed_run_waits_for_a_person_and_an_abandoned_one_frees_its_system() {
    let dir = tempfile::tempdir().unwrap();
    orphaned(dir.path()).await;
    let (code, text, said) = upshift(dir.path(), &["resume"]);
    assert_eq!(code, 6, "{text}{said}");
    assert!(text.contains("WAITING FOR A PERSON"), "{text}");

    let (code, _, said) = upshift(dir.path(), &["answer", "orders", "continue"]);
    assert_eq!(code, 2, "{said}");
    let (code, text, _) = upshift(dir.path(), &["runs", "--json"]);
    let runs: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (code, runs[0]["phase"].as_str(), runs[0]["open"].as_bool()),
        (0, Some("waiting"), Some(true))
    );
    assert!(runs[0]["held_by_pid"].is_number(), "{text}");

    let (code, text, said) = upshift(
        dir.path(),
        &["abandon", RUN, "--why", "a story", "--ticket", "OPS-1"],
    );
    assert_eq!(code, 0, "{text}{said}");
    let (_, text, _) = upshift(dir.path(), &["journal", "export", "orders"]);
    assert!(text.contains("OPS-1") && text.lines().count() >= 4, "{text}");
    let (code, _, said) = upshift(dir.path(), &["resume", RUN]);
    assert!(code == 2 && said.contains("is over"), "{said}");
}

#[tokio::test]
async fn the_journal_is_verified_exported_and_spelt_out() {
    let dir = tempfile::tempdir().unwrap();
    orphaned(dir.path()).await;
    let (code, text, _) = upshift(dir.path(), &["journal", "verify"]);
    assert!(code == 0 && text.contains("1 records, whole"), "{text}");
    let (_, text, _) = upshift(dir.path(), &["journal", "runbook", "orders"]);
    assert!(
        text.contains("# 1.1") && text.contains("curl -sS http://127.0.0.1:9/overview"),
        "{text}"
    );

    let db = rusqlite::Connection::open(dir.path().join("upshift.db")).unwrap();
    db.execute_batch("DROP TRIGGER entries_stay").unwrap();
    db.execute(
        "UPDATE entries SET body = replace(body, '\"ada\"', '\"eve\"')",
        [],
    )
    .unwrap();
    let (code, _, said) = upshift(dir.path(), &["journal", "verify", "orders"]);
    assert!(code == 8 && said.contains("UP-STORE-0005"), "{said}");
}

#[tokio::test]
async fn a_clock_that_was_set_back_is_told_by_verify() {
    let dir = tempfile::tempdir().unwrap();
    orphaned(dir.path()).await;
    let store = Arc::new(SqliteStore::open(dir.path()).unwrap());
    let an_hour_before = Clock::new(|| jiff::Timestamp::from_second(-3_600).unwrap());
    let holder = Holder {
        pid: std::process::id(),
        host: "here".to_owned(),
        user: "ada".to_owned(),
        since: jiff::Timestamp::UNIX_EPOCH,
    };
    let journal = Journal::claim(store, an_hour_before, &RUN.into(), &holder, Arc::new(|_, _| {})).await;
    let journal = journal.unwrap();
    journal.write(Record::Paused { by: ada() }).await.unwrap();
    journal.give_up().await.unwrap();
    let (code, text, _) = upshift(dir.path(), &["journal", "verify"]);
    assert!(
        code == 0 && text.contains("a clock was set back before record 2"),
        "{text}"
    );
}

#[test]
fn a_plan_that_its_own_findings_block_is_refused_before_anything_is_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let finding = |state| Finding {
        code: Code::new("UP-FLINK-0112"),
        state,
        subject: "job orders".to_owned(),
        title: "it is red".to_owned(),
        evidence: vec![],
        remedy: vec![],
        sources: vec![],
        waived_by: None,
    };
    let gap = upshift_model::observed::Gap {
        what: "slots".to_owned(),
        reason: "no answer".to_owned(),
    };
    let red = FindingState::Judged {
        severity: Severity::Red,
        waivable: true,
    };
    let blind = FindingState::Unknown {
        gap,
        may_hide: Severity::Red,
    };
    for (state, exit) in [(red, 3), (blind, 4)] {
        let path = dir.path().join("orders.plan");
        let plan = Plan {
            findings: vec![finding(state)],
            ..waiting_plan()
        };
        std::io::Write::write_all(
            &mut std::fs::File::create(&path).unwrap(),
            plan.seal().to_file().as_bytes(),
        )
        .unwrap();
        let (code, _, said) = upshift(dir.path(), &["apply", path.to_str().unwrap()]);
        assert_eq!(code, exit, "{said}");
        assert!(
            said.contains("UP-PLAN-0005") && said.contains("it is red"),
            "{said}"
        );
        let (_, runs, _) = upshift(dir.path(), &["runs"]);
        assert!(runs.contains("no run was ever started here"), "{runs}");
    }
}

#[tokio::test]
async fn only_a_restore_point_that_some_run_knows_can_be_released() {
    let dir = tempfile::tempdir().unwrap();
    orphaned(dir.path()).await;
    let (code, text, _) = upshift(dir.path(), &["restore-points", "list"]);
    assert!(
        code == 0 && text.contains("no run has made a restore point"),
        "{text}"
    );
    let (code, _, said) = upshift(
        dir.path(),
        &["restore-points", "release", "file:/srv/savepoints/x"],
    );
    assert!(code == 2 && said.contains("UP-PLAN-0007"), "{said}");
}

/// Everything below a folder, folders without contents.
fn below(dir: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut all = BTreeMap::from([(dir.to_owned(), None)]);
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(below(&path)),
            false => {
                let bytes = std::fs::read(&path).unwrap();
                all.insert(path, Some(bytes));
            }
        }
    }
    all
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_told_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    std::fs::create_dir(&state).unwrap();
    orphaned(&state).await;
    let mode = |path: &Path, mode| std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let before = below(&state);
    for (path, file) in &before {
        mode(path, if file.is_some() { 0o444 } else { 0o555 });
    }
    mode(dir.path(), 0o755);

    // Permissions bind everybody but root, who therefore lets somebody else try.
    let program = dir.path().join("upshift");
    // By another process: what this one writes may be held open by what another test is about to start, and a program that
    // somebody writes is not run.
    let copied = Command::new("cp")
        .arg(env!("CARGO_BIN_EXE_upshift"))
        .arg(&program)
        .status();
    assert!(copied.unwrap().success());
    for args in [
        &["resume", RUN][..],
        &["runs"][..],
        &["abandon", RUN, "--why", "a story"][..],
    ] {
        let mut command = Command::new(&program);
        if rustix::process::geteuid().is_root() {
            command.uid(65_534).gid(65_534);
        }
        command.arg("--state-dir").arg(&state).args(args);
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains("UP-STORE-0008"), "{args:?}: {said}");
        assert!(said.contains(&state.display().to_string()), "{args:?}: {said}");
    }
    assert!(below(&state) == before, "nothing was written");
    // Or the folder could not be taken away.
    for path in before.keys().filter(|path| path.is_dir()) {
        mode(path, 0o755);
    }
}
