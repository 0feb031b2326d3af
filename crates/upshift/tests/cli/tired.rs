//! What a tired person does: a word without the secret it needs, an empty name, a damaged journal
//! among sound ones, a directory that cannot be used, a system file where a plan belongs.

use std::path::Path;

use upshift_cli::app::journal::runbook;
use upshift_cli::cli::timeline::lines;
use upshift_engine::clock::Clock;
use upshift_engine::journal::{open_run, read_run};
use upshift_engine::store::sqlite::SqliteStore;
use upshift_engine::store::{Holder, Store as _};
use upshift_model::ids::{AttemptKey, RunId};
use upshift_model::plan::Sealed;
use upshift_model::policy::Strategy;
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::{
    Baseline, Entry, Failure, Halt, HaltKind, Intent, Line, Outcome, RECORD_FORMAT, Record, StateSafety, Who,
};
use upshift_model::restore::{RestorePoint, RestorePointKind};
use upshift_model::step::{Effect, StartWhat};

use crate::server::{serve, with_one_job};
use crate::support::{Ran, Site};

const RUN: &str = "01a1fbe5-16ee-714f-823e-16f2248ac20e";
const OVER: &str = "01a1fbe5-0000-714f-823e-16f2248ac20e";

fn site() -> Site {
    let site = Site::at(&serve(with_one_job("1.18.1", "orders"))).rescaled();
    site.upshift(&["plan", "orders.toml", "-o", "orders.plan"])
        .exits(0);
    site
}

fn plan(site: &Site) -> Sealed {
    Sealed::from_file(&std::fs::read_to_string(site.path("orders.plan")).expect("a plan")).expect("a plan")
}

fn ada() -> Who {
    Who {
        name: "ada".to_owned(),
        host: "here".to_owned(),
        why: None,
        ticket: None,
    }
}

/// Opens a run that no process carries on, and closes it where that is asked for.
fn opened(state: &Path, id: &str, system: &str, plan: Sealed, over: bool) {
    let clock = Clock::new(|| jiff::Timestamp::UNIX_EPOCH);
    let work = async {
        let store = SqliteStore::open(state).expect("a store");
        open_run(&store, &clock, &id.into(), system, plan, ada())
            .await
            .expect("opened");
        if over {
            close(&store, &id.into()).await;
        }
    };
    tokio::runtime::Runtime::new().expect("a runtime").block_on(work);
}

async fn close(store: &SqliteStore, run: &RunId) {
    let holder = Holder {
        pid: 1,
        host: "here".to_owned(),
        user: "ada".to_owned(),
        since: jiff::Timestamp::UNIX_EPOCH,
    };
    let claim = store.claim(run, &holder).await.expect("claimed");
    let (_, state) = read_run(store, run).await.expect("readable");
    let line = Line::write(Entry {
        format: RECORD_FORMAT,
        run: run.clone(),
        seq: state.last.seq + 1,
        epoch: claim.epoch,
        at: jiff::Timestamp::UNIX_EPOCH,
        prev: state.last.digest.clone(),
        record: Record::Closed {
            outcome: Outcome::Finalized,
            left: Vec::new(),
            by: None,
        },
    });
    store.append(&line, &[]).await.expect("closed");
}

fn point(location: &str) -> RestorePoint {
    RestorePoint {
        kind: RestorePointKind::SavepointNative,
        location: location.to_owned(),
        taken_of: "7fd443d6ecac392997270d7608af538d".to_owned(),
        triggered_at: jiff::Timestamp::UNIX_EPOCH,
        took: None,
        bytes: None,
        metadata_version: None,
        metadata_digest: None,
    }
}

fn in_state(site: &Site, words: &[&str]) -> Ran {
    let state = site.path("state");
    let mut all = vec!["--state-dir", state.to_str().expect("text")];
    all.extend(words);
    site.upshift(&all)
}

#[test]
fn a_word_that_nobody_could_carry_out_for_want_of_a_secret_is_not_left_lying() {
    let site = site();
    let mut sealed = plan(&site);
    let upshift_model::plan::Site::Flink(flink) = &mut sealed.plan.site else {
        panic!("of Flink")
    };
    for cluster in flink.clusters.values_mut() {
        let token = upshift_model::endpoint::SecretRef::Env("UPSHIFT_TEST_NO_SUCH_TOKEN".to_owned());
        cluster.rest.auth = Some(upshift_model::endpoint::Auth::Bearer { token });
    }
    opened(&site.path("state"), RUN, "orders", sealed.plan.seal(), false);
    for word in ["resume", "pause", "abandon"] {
        let ran = in_state(&site, &[word, "orders"]).exits(2);
        assert!(ran.err.starts_with("UP-CONF-0008  "), "{word}: {}", ran.err);
        assert!(ran.err.contains("UPSHIFT_TEST_NO_SUCH_TOKEN"), "{}", ran.err);
    }
    let inbox = tokio::runtime::Runtime::new()
        .expect("a runtime")
        .block_on(async {
            let store = SqliteStore::open(&site.path("state")).expect("a store");
            store.inbox(&RUN.into()).await.expect("an inbox")
        });
    assert!(inbox.is_empty(), "{inbox:?}");
}

#[test]
fn an_empty_name_means_no_run() {
    let site = site();
    opened(&site.path("state"), RUN, "orders", plan(&site), false);
    for words in [
        &["abandon", ""][..],
        &["finalize", ""],
        &["status", ""],
        &["answer", "", "finalize"],
    ] {
        let ran = in_state(&site, words).exits(2);
        assert!(
            ran.err.starts_with("UP-CONF-0012  no run in ") && ran.err.contains("fits \"\""),
            "{words:?}: {}",
            ran.err
        );
    }
}

#[test]
fn a_damaged_journal_stands_in_the_way_of_its_own_run_only() {
    let site = site();
    let state = site.path("state");
    opened(&state, OVER, "another", plan(&site), true);
    opened(&state, RUN, "orders", plan(&site), false);
    let db = rusqlite::Connection::open(state.join("upshift.db")).expect("the store");
    db.execute_batch("DROP TRIGGER entries_stay").expect("changed");
    db.execute(
        "UPDATE entries SET body = replace(body, '\"ada\"', '\"eve\"') WHERE run = ?1",
        [OVER],
    )
    .expect("changed");
    drop(db);

    // 7: nobody carries it on.
    in_state(&site, &["status", RUN]).exits(7).says("going on");
    in_state(&site, &["status", "orders"]).exits(7);
    in_state(&site, &["status"]).exits(7);
    let ran = in_state(&site, &["status", OVER]).exits(8);
    assert!(ran.err.starts_with("UP-STORE-000"), "{}", ran.err);
    let ran = in_state(&site, &["runs"]).exits(8);
    assert!(
        ran.out.contains(RUN) && ran.err.contains(OVER),
        "{}\n{}",
        ran.out,
        ran.err
    );
    let ran = in_state(&site, &["journal", "verify", "--json"]).exits(8);
    assert_eq!(ran.json()[0]["run"], RUN);
    in_state(&site, &["apply", "orders.plan"])
        .exits(2)
        .says("orders has an open run already");
}

#[test]
fn a_run_that_took_a_savepoint_is_not_said_to_be_on_a_new_release() {
    let site = site();
    let mut sealed = plan(&site);
    sealed.plan.strategy = Strategy::RestorePoints;
    opened(&site.path("state"), OVER, "orders", sealed.plan.seal(), true);
    let ran = in_state(&site, &["runs"]).exits(0).says("orders: DONE at ");
    assert!(!ran.out.contains("FINALIZED"), "{}", ran.out);
    // Which day it was, too: a list of runs may go back for months.
    assert!(ran.out.contains("DONE at 19"), "{}", ran.out);
}

#[test]
fn a_state_directory_that_cannot_be_used_is_a_usage_error_and_no_halt() {
    let site = site();
    site.put("state", b"a file");
    let ran = in_state(&site, &["runs"])
        .exits(2)
        .says("--state-dir names another");
    assert!(ran.err.starts_with("UP-STORE-0008  "), "{}", ran.err);
}

#[test]
fn restore_points_of_a_system_that_nobody_knows() {
    let site = site();
    let ran = in_state(&site, &["restore-points", "list", "orders.toml"]).exits(0);
    assert!(
        ran.out.starts_with("no run of a system called \"orders.toml\" "),
        "{}",
        ran.out
    );
}

#[test]
fn a_system_file_where_a_plan_belongs_is_told_how_to_make_one() {
    let ran = site().upshift(&["apply", "orders.toml"]).exits(2);
    assert!(ran.err.starts_with("UP-PLAN-0001  "), "{}", ran.err);
    assert!(
        ran.err.contains("next      upshift plan FILE -o PLAN\n"),
        "{}",
        ran.err
    );
}

#[test]
fn a_system_file_of_another_editor_is_read_as_it_is() {
    let site = site();
    let text = std::fs::read_to_string(site.path("orders.toml")).expect("a file");
    site.put("bom.toml", format!("\u{feff}{text}").as_bytes());
    site.put("crlf.toml", text.replace('\n', "\r\n").as_bytes());
    for file in ["bom.toml", "crlf.toml"] {
        site.upshift(&["check", file]).exits(0);
    }
}

#[test]
fn a_runbook_fills_the_names_that_its_commands_use_and_stops_at_one_that_is_empty() {
    let site = site();
    let state = site.path("state");
    opened(&state, RUN, "orders", plan(&site), false);
    let mut run = tokio::runtime::Runtime::new()
        .expect("a runtime")
        .block_on(async {
            let store = SqliteStore::open(&state).expect("a store");
            read_run(&store, &RUN.into()).await.expect("readable").1
        });
    run.bindings
        .slots
        .insert("S/orders".into(), point("file:/srv/save points/it's"));
    let text = runbook(&run);
    let script = text.lines().take_while(|line| !line.starts_with("\n"));
    let head: Vec<&str> = script.filter(|line| !line.starts_with('#')).take(2).collect();
    assert_eq!(
        head,
        [
            "set -u   # a name that no step has filled stops here",
            "S_orders='file:/srv/save points/it'\\''s'   # S/orders, the native savepoint",
        ]
    );
    assert!(text.contains("$S_orders"), "{text}");
    let told = std::process::Command::new("sh")
        .args(["-c", &format!("{}\nprintf %s \"$S_orders\"", head.join("\n"))])
        .output()
        .expect("a shell");
    assert_eq!(
        String::from_utf8_lossy(&told.stdout),
        "file:/srv/save points/it's"
    );
}

#[test]
fn a_halt_names_jobs_as_people_do_and_only_commands_that_fit() {
    let site = site();
    let state = site.path("state");
    opened(&state, RUN, "orders", plan(&site), false);
    let mut run = tokio::runtime::Runtime::new()
        .expect("a runtime")
        .block_on(async {
            let store = SqliteStore::open(&state).expect("a store");
            read_run(&store, &RUN.into()).await.expect("readable").1
        });
    let halt = Halt {
        kind: HaltKind::Failed,
        failure: Failure {
            code: upshift_cli::codes::UNEXPECTED,
            what: "it did not start".to_owned(),
            far_side: Some("no slots".to_owned()),
        },
        state: vec![StateSafety {
            job: "job/orders".into(),
            safe: true,
            at: "not touched".to_owned(),
        }],
    };
    let line = Line::write(Entry {
        format: RECORD_FORMAT,
        run: RUN.into(),
        seq: 2,
        epoch: 1,
        at: jiff::Timestamp::UNIX_EPOCH,
        prev: run.last.digest.clone(),
        record: Record::Halted { step: None, halt },
    });
    let text = lines(&line, Some(&run)).join("\n");
    assert!(
        text.contains("            orders state safe: not touched"),
        "{text}"
    );
    assert!(text.contains("the system said: no slots"), "{text}");
    assert!(text.contains(&format!(" rollback {RUN} ")), "{text}");
    run.back = Some(std::sync::Arc::new(plan(&site)));
    let text = lines(&line, Some(&run)).join("\n");
    assert!(!text.contains("upshift rollback"), "{text}");
    assert!(text.contains(&format!(" journal runbook {RUN} ")), "{text}");
}

/// Writes a run's journal up to the start of the job on the other side, as if all had gone well.
async fn switched(state: &Path, sealed: &Sealed) {
    let store = SqliteStore::open(state).expect("a store");
    let run = RunId::new(RUN);
    let holder = Holder {
        pid: 1,
        host: "here".to_owned(),
        user: "ada".to_owned(),
        since: jiff::Timestamp::UNIX_EPOCH,
    };
    let epoch = store.claim(&run, &holder).await.expect("claimed").epoch;
    for step in sealed.plan.steps() {
        let intent = Intent {
            key: AttemptKey::derive(&run, &step.id, 1),
            attempt: 1,
            baseline: Baseline::default(),
            deadline: jiff::Timestamp::UNIX_EPOCH,
        };
        let id = || step.id.clone();
        for record in [
            Record::Intent { step: id(), intent },
            Record::Done {
                step: id(),
                proof: proof(&step.effect),
            },
        ] {
            append(&store, &run, epoch, record).await;
        }
        if matches!(
            step.effect,
            Effect::Start {
                what: StartWhat::Job { .. }
            }
        ) {
            return;
        }
    }
}

async fn append(store: &SqliteStore, run: &RunId, epoch: u64, record: Record) {
    let (_, so_far) = read_run(store, run).await.expect("readable");
    let line = Line::write(Entry {
        format: RECORD_FORMAT,
        run: run.clone(),
        seq: so_far.last.seq + 1,
        epoch,
        at: jiff::Timestamp::UNIX_EPOCH,
        prev: so_far.last.digest.clone(),
        record,
    });
    store.append(&line, &[]).await.expect("written");
}

/// Writes into the journal that the run goes back by this plan.
async fn turned(state: &Path, plan: Sealed) {
    let store = SqliteStore::open(state).expect("a store");
    let run = RunId::new(RUN);
    let epoch = read_run(&store, &run).await.expect("readable").1.last.epoch;
    let plan = Box::new(plan);
    append(&store, &run, epoch, Record::Turned { plan, by: ada() }).await;
}

fn proof(effect: &Effect) -> Proof {
    let proof = Proof::of(["seen".to_owned()]);
    match effect {
        Effect::Transfer { into, .. }
        | Effect::Start {
            what: StartWhat::Job { into, .. },
        } => proof.with(Binding::Value {
            name: into.clone(),
            value: format!("value of {into}"),
        }),
        effect => match effect.fills() {
            None => proof,
            Some(slot) => proof.with(Binding::Restore {
                slot: slot.clone(),
                point: point("file:/srv/savepoints/savepoint-1"),
            }),
        },
    }
}

#[test]
fn going_back_into_a_sink_that_appends_says_the_amount_and_asks_for_consent() {
    let site = Site::at(&serve(with_one_job("1.18.1", "orders")))
        .but("sink = \"idempotent\"", "sink = \"append\"")
        .rescaled();
    site.upshift(&["plan", "orders.toml", "-o", "orders.plan"])
        .exits(0);
    let state = site.path("state");
    opened(&state, RUN, "orders", plan(&site), false);
    tokio::runtime::Runtime::new()
        .expect("a runtime")
        .block_on(switched(&state, &plan(&site)));
    let shown = in_state(&site, &["rollback", "orders", "--dry-run"]).exits(0);
    assert!(shown.out.contains("replayed: orders: "), "{}", shown.out);
    let json = in_state(&site, &["rollback", "orders", "--dry-run", "--json"])
        .exits(0)
        .json();
    assert!(
        json["amount"].as_str().expect("text").contains("orders: "),
        "{json}"
    );
    assert_eq!(json["doubles"], serde_json::json!(["orders"]));
    let back: Sealed = serde_json::from_value(json["sealed"].clone()).expect("a plan");
    assert_eq!(back.plan.to.as_str(), "1.18.1");
    let ran = in_state(&site, &["rollback", "orders"]).exits(6);
    assert!(
        ran.err
            .starts_with("UP-PLAN-0006  going back would write records again: orders: "),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains(&format!(" rollback {RUN} --accept-replay\n")),
        "{}",
        ran.err
    );
    in_state(&site, &["status", "orders"]).exits(7).says("going on");

    tokio::runtime::Runtime::new()
        .expect("a runtime")
        .block_on(turned(&state, back));
    in_state(&site, &["rollback", "orders", "--dry-run"])
        .exits(0)
        .says("the run goes back already")
        .says("back from plan");
    assert!(!state.join("logs").exists(), "nothing was started for it");
}
