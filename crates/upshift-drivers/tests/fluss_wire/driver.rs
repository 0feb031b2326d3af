//! What the driver says of servers whose processes are not as they should be, and what it refuses.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use upshift_drivers::Clock;
use upshift_drivers::fluss::{FlussDriver, codes};
use upshift_engine::driver::{Driver as _, Fault, Standing};
use upshift_model::digest::Digest;
use upshift_model::fluss::{Access, Launch, Server, ServerId, Site};
use upshift_model::host::{Host, Reach};
use upshift_model::ids::{AttemptKey, BindingName, ComponentId, StepId, SystemName};
use upshift_model::proof::Bindings;
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, Preparation, Releasable, StartWhat, Step, StopWhat};

use super::zookeeper::zookeeper;

const LIMIT: Duration = Duration::from_secs(60);

pub(super) fn step(effect: Effect) -> Step {
    Step {
        id: StepId::new("1.1"),
        effect,
        before: Vec::new(),
        after: Vec::new(),
        why: Vec::new(),
        usual: None,
        give_up: Millis::from_secs(1),
        tries: 1,
        downtime: Downtime::None,
        by_hand: Vec::new(),
    }
}

pub(super) fn id() -> ComponentId {
    ServerId::TabletServer(0).component()
}

fn stop() -> Step {
    let what = StopWhat::Server { server: id() };
    step(Effect::Stop { what })
}

pub(super) fn start(release: &str) -> Step {
    step(Effect::Start {
        what: StartWhat::Server {
            server: id(),
            release: release.parse().expect("a version"),
        },
    })
}

pub(super) fn intent(baseline: &[(&str, &str)]) -> Intent {
    // The mark of a start outlives the test: each has one of its own.
    let run = format!("{}-{:?}", std::process::id(), Instant::now());
    let of = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    Intent {
        key: AttemptKey::derive(&run.as_str().into(), &"1.1".into(), 1),
        attempt: 1,
        baseline: Baseline(baseline.iter().map(of).collect()),
        deadline: jiff::Timestamp::UNIX_EPOCH,
    }
}

/// A driver of one tablet server that is started by these words, with a ZooKeeper in which nobody is registered.
async fn driver(conf: &Path, words: &[&str]) -> FlussDriver {
    driver_with(conf, conf, words).await
}

/// The same, of one that runs on that machine.
pub(super) async fn driver_on(conf: &Path, host: Host) -> FlussDriver {
    driver_of(conf, conf, &["true"], Some(host)).await
}

/// The same, of one that reads another folder with the wanted release.
pub(super) async fn driver_with(conf: &Path, target_conf: &Path, words: &[&str]) -> FlussDriver {
    driver_of(conf, target_conf, words, None).await
}

async fn driver_of(conf: &Path, target_conf: &Path, words: &[&str], host: Option<Host>) -> FlussDriver {
    let nodes = vec![
        ("/fluss", vec!["coordinators", "tabletservers"], 0),
        ("/fluss/coordinators", Vec::new(), 0),
        ("/fluss/tabletservers", vec!["ids"], 0),
        ("/fluss/tabletservers/ids", Vec::new(), 0),
    ];
    let zookeeper = zookeeper(nodes, Arc::default()).await;
    let launch = |version: &str, conf: &Path| Launch {
        version: version.parse().expect("a version"),
        conf: conf.to_owned(),
        start: words.iter().map(|word| (*word).to_owned()).collect(),
    };
    let server = Server {
        id: ServerId::TabletServer(0),
        host: host.as_ref().map(|host| host.name.clone()),
        old: launch("0.7.0", conf),
        new: launch("0.9.1-incubating", target_conf),
    };
    let site = Site {
        zookeeper,
        root: "/fluss".to_owned(),
        access: Access::default(),
        hosts: host.into_iter().collect(),
        target_home: None,
        java_home: None,
        probes: BTreeMap::new(),
        tiering: None,
        staged: Vec::new(),
        switches: BTreeMap::new(),
        servers: BTreeMap::from([(id(), server)]),
    };
    let now = jiff::Timestamp::UNIX_EPOCH;
    FlussDriver::for_plan(SystemName::new("lab"), &site, Clock::by(move || now))
}

/// A process whose command line is that of a tablet server; it ends with its standard input.
pub(super) struct Pretender(Child);

impl Pretender {
    pub(super) fn pid(&self) -> u32 {
        self.0.id()
    }

    fn of(conf: &Path, jar: &str) -> Self {
        let words = [
            "-c",
            "read x",
            "sh",
            "-cp",
            jar,
            "org.apache.fluss.server.tablet.TabletServer",
            "--configDir",
        ];
        let child = Command::new("sh")
            .args(words)
            .arg(conf)
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell starts");
        Self(child)
    }
}

/// The same with a log, in which it says why it does not come up.
pub(super) fn with_a_log(conf: &Path, jar: &str, log: &Path) -> Pretender {
    let words = ["-c", "read x", "sh"];
    let child = Command::new("sh")
        .args(words)
        .arg(format!("-Dlog.file={}", log.display()))
        .args([
            "-cp",
            jar,
            "org.apache.fluss.server.tablet.TabletServer",
            "--configDir",
        ])
        .arg(conf)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell starts");
    Pretender(child)
}

impl Drop for Pretender {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().ok();
    }
}

fn contradicted(standing: Result<Standing, Fault>) -> Failure {
    match standing {
        Ok(Standing::Contradicted(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_step_of_another_system_is_refused_and_not_ignored() {
    let driver = driver(Path::new("/srv/fluss-of-no-test"), &["true"]).await;
    let foreign = step(Effect::Release {
        what: Releasable::RestorePointFiles {
            location: "file:/sp/1".to_owned(),
            sha256: Digest::zero(),
        },
    });
    let bound = Bindings::default();
    let stands = driver.standing(&foreign, &bound, None).await.map(drop);
    let tried = driver.attempt(&foreign, &bound, &intent(&[])).await;
    for said in [stands, tried] {
        let Err(Fault::Refused(failure)) = said else {
            panic!("{said:?}")
        };
        assert_eq!(failure.code, codes::NOT_IN_THE_PLAN);
    }
}

#[tokio::test]
async fn a_process_that_is_not_the_one_that_was_told_to_end_is_nobody_s_to_stop() {
    let dir = tempfile::tempdir().expect("a folder");
    let driver = driver(dir.path(), &["true"]).await;
    let bound = Bindings::default();
    let jar = "/l/fluss-server-0.7.0.jar";
    let one = Pretender::of(dir.path(), jar);
    let ready = driver.standing(&stop(), &bound, None).await;
    let Ok(Standing::Ready(baseline)) = ready else {
        panic!("{ready:?}")
    };
    assert_eq!(baseline.0["pid"], one.0.id().to_string());
    let of_another = intent(&[("pid", "1"), ("started_ticks", "1"), ("own_now_ms", "0")]);
    let failure = contradicted(driver.standing(&stop(), &bound, Some(&of_another)).await);
    assert_eq!(failure.code, codes::FOREIGN_PROCESS);
    let _second = Pretender::of(dir.path(), jar);
    let failure = contradicted(driver.standing(&stop(), &bound, None).await);
    assert_eq!(failure.code, codes::FOREIGN_PROCESS);
}

#[tokio::test]
async fn a_server_of_another_release_than_was_wanted_is_told_by_its_jar() {
    let dir = tempfile::tempdir().expect("a folder");
    let driver = driver(dir.path(), &["true"]).await;
    let _old = Pretender::of(dir.path(), "/l/fluss-server-0.7.0.jar");
    let standing = driver
        .standing(
            &start("0.9.1-incubating"),
            &Bindings::default(),
            Some(&intent(&[])),
        )
        .await;
    assert_eq!(contradicted(standing).code, codes::OTHER_RELEASE);
}

#[tokio::test]
async fn a_plan_without_the_name_of_the_incubator_has_the_server_whose_jar_bears_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let driver = driver(dir.path(), &["true"]).await;
    let _new = Pretender::of(dir.path(), "/l/fluss-server-0.9.1-incubating.jar");
    let standing = driver
        .standing(&start("0.9.1"), &Bindings::default(), Some(&intent(&[])))
        .await;
    assert!(matches!(standing, Ok(Standing::Underway(_))), "{standing:?}");
}

#[tokio::test]
async fn a_server_that_does_not_come_up_is_told_with_its_last_words_and_started_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let words = ["sh", "-c", "echo the plugin folder is empty; exit 3"];
    let driver = driver(dir.path(), &words).await;
    let bound = Bindings::default();
    let step = start("0.9.1-incubating");
    let ready = driver.standing(&step, &bound, None).await;
    assert!(matches!(ready, Ok(Standing::Ready(_))), "{ready:?}");
    let intent = intent(&[]);
    driver.attempt(&step, &bound, &intent).await.expect("started");
    driver
        .attempt(&step, &bound, &intent)
        .await
        .expect("the same start");
    let begun = Instant::now();
    let failure = loop {
        match driver.standing(&step, &bound, Some(&intent)).await {
            Ok(Standing::Failed(failure)) => break failure,
            Ok(Standing::Underway(_)) => assert!(begun.elapsed() < LIMIT, "it never ended"),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(failure.code, codes::SERVER_DIED);
    assert_eq!(failure.far_side.as_deref(), Some("the plugin folder is empty"));
}

pub(super) fn put(path: &Path, text: &str) {
    let mut file = std::fs::File::create(path).expect("a file");
    std::io::Write::write_all(&mut file, text.as_bytes()).expect("written");
}

/// As a server does that was starting while ZooKeeper was away.
#[tokio::test]
async fn a_server_that_lives_and_never_registers_is_told_by_its_own_log_after_a_minute() {
    let dir = tempfile::tempdir().expect("a folder");
    let driver = driver(dir.path(), &["true"]).await;
    let (jar, log) = (
        "/l/fluss-server-0.9.1-incubating.jar",
        dir.path().join("server.log"),
    );
    let fatal = "t ERROR ServerBase Fatal error occurred while running the TabletServer. Shutting it down...";
    put(&log, &format!("{fatal}\nCaused by: KeeperException\n"));
    let one = with_a_log(dir.path(), jar, &log);
    let step = start("0.9.1-incubating");
    let said = async |waited: i64| {
        let mut intent = intent(&[]);
        // It may take a second, and the clock stands still.
        intent.deadline = jiff::Timestamp::from_second(1 - waited).expect("a time");
        match driver.standing(&step, &Bindings::default(), Some(&intent)).await {
            Ok(Standing::Underway(progress)) => progress.what,
            other => panic!("{other:?}"),
        }
    };
    assert!(said(59).await.ends_with("is not registered yet"));
    let what = said(61).await;
    assert!(
        what.contains("Fatal error occurred") && what.contains("KeeperException"),
        "{what}"
    );
    assert!(what.contains(&format!("kill -TERM {}", one.0.id())), "{what}");
    drop(one);

    // Where the log says that it is of this very start, nobody waits any longer. Nor does a try after that.
    let begins = "t INFO GlobalConfiguration Loading configuration property: data.dir, /d";
    put(&log, &format!("{begins}\n{fatal}\nCaused by: KeeperException\n"));
    let one = with_a_log(dir.path(), jar, &log);
    let mut waited = intent(&[]);
    waited.deadline = jiff::Timestamp::from_second(-60).expect("a time");
    for intent in [Some(&waited), None] {
        let failure = match driver.standing(&step, &Bindings::default(), intent).await {
            Ok(Standing::Failed(failure)) => failure,
            other => panic!("{other:?}"),
        };
        assert_eq!(failure.code, codes::SERVER_DIED);
        let kill = format!("kill -TERM {}", one.0.id());
        assert!(
            failure.far_side.as_ref().is_some_and(|said| said.contains(&kill)),
            "{failure:?}"
        );
    }
    drop(one);
    // One that tells nobody where its log lies.
    let _other = Pretender::of(dir.path(), jar);
    let what = said(61).await;
    assert!(what.contains("is not known"), "{what}");
}

#[tokio::test]
async fn a_server_that_dies_is_told_by_its_own_log_too() {
    let dir = tempfile::tempdir().expect("a folder");
    let driver = driver(dir.path(), &["sh", "-c", "echo out of luck; exit 3"]).await;
    let bound = Bindings::default();
    let (step, intent) = (start("0.9.1-incubating"), intent(&[]));
    driver.attempt(&step, &bound, &intent).await.expect("started");
    let log = dir.path().join("server.log");
    let one = with_a_log(dir.path(), "/l/fluss-server-0.9.1-incubating.jar", &log);
    let coming = driver.standing(&step, &bound, Some(&intent)).await;
    assert!(matches!(coming, Ok(Standing::Underway(_))), "{coming:?}");
    let text = "t ERROR ServerBase Could not start the TabletServer.\nCaused by: java.net.BindException\n";
    put(&log, text);
    drop(one);
    let begun = Instant::now();
    let failure = loop {
        match driver.standing(&step, &bound, Some(&intent)).await {
            Ok(Standing::Failed(failure)) => break failure,
            Ok(Standing::Underway(_)) => assert!(begun.elapsed() < LIMIT, "it never ended"),
            other => panic!("{other:?}"),
        }
    };
    let said = failure.far_side.unwrap_or_default();
    for word in ["out of luck", "Could not start the TabletServer", "BindException"] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[tokio::test]
async fn no_canary_is_made_while_a_server_of_the_plan_is_away() {
    let dir = tempfile::tempdir().expect("a folder");
    let driver = driver(dir.path(), &["true"]).await;
    let step = step(Effect::Prepare {
        what: Preparation::Canary {
            what: upshift_model::step::Canary {
                name: "upshift_canary".to_owned(),
                parts: 1,
                copies: 1,
            },
            anew: false,
        },
    });
    let tried = driver.attempt(&step, &Bindings::default(), &intent(&[])).await;
    let Err(Fault::Transient(why)) = tried else {
        panic!("{tried:?}")
    };
    assert!(why.contains("tablet server 0 not registered"), "{why}");
}

#[tokio::test]
async fn evidence_is_written_once_whole_and_found_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let driver = driver(dir.path(), &["true"]).await;
    let bound = Bindings::default();
    let copy = |folder: PathBuf| {
        step(Effect::Prepare {
            what: Preparation::Evidence {
                folder,
                into: BindingName::new("evidence/metadata"),
            },
        })
    };
    let intent = intent(&[]);
    let good = copy(dir.path().join("evidence"));
    driver.attempt(&good, &bound, &intent).await.expect("written");
    let done = driver.standing(&good, &bound, Some(&intent)).await;
    let Ok(Standing::Done(proof)) = done else {
        panic!("{done:?}")
    };
    assert_eq!(proof.binds.len(), 1);

    let file = dir.path().join("a file");
    std::fs::File::create_new(&file).expect("a file");
    let said = driver.attempt(&copy(file), &bound, &intent).await;
    let Err(Fault::Refused(failure)) = said else {
        panic!("{said:?}")
    };
    assert_eq!(failure.code, codes::NO_EVIDENCE);
}

#[tokio::test]
async fn two_hosts_of_one_name_are_refused_before_anything_is_asked() {
    let host = || Host {
        name: "ts1".to_owned(),
        reach: Reach::Local,
    };
    let site = Site {
        zookeeper: "127.0.0.1:1".to_owned(),
        root: "/fluss".to_owned(),
        access: Access::default(),
        hosts: vec![host(), host()],
        servers: BTreeMap::new(),
        target_home: None,
        java_home: None,
        probes: BTreeMap::new(),
        tiering: None,
        staged: Vec::new(),
        switches: BTreeMap::new(),
    };
    let now = jiff::Timestamp::UNIX_EPOCH;
    let driver = FlussDriver::for_plan(SystemName::new("lab"), &site, Clock::by(move || now));
    let Err(Fault::Refused(failure)) = driver.observe().await else {
        panic!("it was looked at")
    };
    assert_eq!(
        (failure.code, failure.what.as_str()),
        (codes::HOSTS, "two hosts are named ts1")
    );
}
