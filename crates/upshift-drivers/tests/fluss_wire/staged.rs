//! What the wanted release needs, brought to a host: whole or not at all, recognized again, and never in place of something
//! else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use upshift_drivers::Clock;
use upshift_drivers::fluss::{FlussDriver, codes};
use upshift_engine::driver::{Driver as _, Fault, Standing};
use upshift_model::digest::Digest;
use upshift_model::expect::Expectation;
use upshift_model::fluss::{Access, Act, Condition, Launch, Server, ServerId, Site, Staged, THIS_MACHINE};
use upshift_model::ids::{BindingName, SystemName};
use upshift_model::proof::Bindings;
use upshift_model::record::Failure;
use upshift_model::step::{Effect, Preparation, Step};

use super::driver::{intent, step};
use super::zookeeper::zookeeper;

fn put(path: &Path, bytes: &[u8]) -> String {
    let mut file = File::create(path).expect("a file");
    file.write_all(bytes).expect("written");
    Digest::of_bytes(bytes).hex().to_owned()
}

/// A release with one jar as an archive, and a jar of a lake beside it.
fn all(folder: &Path) -> Vec<Staged> {
    let release = folder.join("fluss-0.9.1");
    std::fs::create_dir_all(release.join("lib")).expect("a folder");
    put(&release.join("lib/fluss-server-0.9.1.jar"), b"server");
    let archive = folder.join("fluss.tgz");
    let done = Command::new("tar")
        .arg("-czf")
        .arg(&archive)
        .arg("-C")
        .arg(folder)
        .arg("fluss-0.9.1")
        .status()
        .expect("tar runs");
    assert!(done.success());
    let sha256 = Digest::of_bytes(&std::fs::read(&archive).expect("an archive"))
        .hex()
        .to_owned();
    let home = folder.join("opt/new");
    let jar = folder.join("paimon.jar");
    let of_jar = put(&jar, b"lake");
    vec![
        Staged {
            from: archive,
            to: home.clone(),
            sha256,
            archive: true,
        },
        Staged {
            from: jar,
            to: home.join("plugins/paimon/paimon.jar"),
            sha256: of_jar,
            archive: false,
        },
    ]
}

fn server() -> Server {
    let launch = |version: &str| Launch {
        version: version.parse().expect("a version"),
        conf: "/srv/cs/conf".into(),
        start: Vec::new(),
    };
    Server {
        id: ServerId::Coordinator,
        host: None,
        old: launch("0.7.0"),
        new: launch("0.9.1-incubating"),
    }
}

async fn driver(staged: Vec<Staged>) -> FlussDriver {
    let nodes = vec![
        ("/fluss", vec!["coordinators", "tabletservers"], 0),
        ("/fluss/coordinators", Vec::new(), 0),
        ("/fluss/tabletservers", vec!["ids"], 0),
        ("/fluss/tabletservers/ids", Vec::new(), 0),
    ];
    let site = Site {
        zookeeper: zookeeper(nodes, Arc::default()).await,
        root: "/fluss".to_owned(),
        access: Access::default(),
        hosts: Vec::new(),
        target_home: None,
        java_home: None,
        probes: BTreeMap::new(),
        tiering: None,
        staged,
        switches: BTreeMap::new(),
        servers: BTreeMap::from([(ServerId::Coordinator.component(), server())]),
    };
    let now = jiff::Timestamp::UNIX_EPOCH;
    FlussDriver::for_plan(SystemName::new("lab"), &site, Clock::by(move || now))
}

fn stage() -> Step {
    let host = THIS_MACHINE.to_owned();
    step(Effect::Fluss {
        what: Act::Stage {
            host,
            plugins: BTreeSet::from(["paimon".to_owned()]),
        },
    })
}

/// A step that is held to what lies there.
fn later(folder: &Path) -> Step {
    let host = THIS_MACHINE.to_owned();
    let mut step = step(Effect::Prepare {
        what: Preparation::Evidence {
            folder: folder.join("evidence"),
            into: BindingName::new("evidence/metadata"),
        },
    });
    step.before = vec![Expectation::Fluss(Condition::Staged { host })];
    step
}

async fn stands(driver: &FlussDriver, step: &Step) -> Standing {
    let stands = driver.standing(step, &Bindings::default(), None).await;
    stands.unwrap_or_else(|fault| panic!("{fault}"))
}

async fn tried(driver: &FlussDriver) -> Result<(), Fault> {
    driver.attempt(&stage(), &Bindings::default(), &intent(&[])).await
}

fn contradicted(stands: Standing) -> Failure {
    match stands {
        Standing::Contradicted(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_archive_is_unpacked_and_a_jar_put_beside_it_once_and_held_to_afterwards() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = all(folder.path());
    let driver = driver(all.clone()).await;
    assert!(matches!(stands(&driver, &stage()).await, Standing::Ready(_)));
    for _ in 0..2 {
        tried(&driver).await.unwrap_or_else(|fault| panic!("{fault}"));
    }
    let Standing::Done(proof) = stands(&driver, &stage()).await else {
        panic!("both lie there")
    };
    assert_eq!(proof.facts.len(), 3, "{proof:?}");
    assert!(
        proof.facts[2].contains("is of release 0.9.1, with 2 jars"),
        "{proof:?}"
    );
    let home = folder.path().join("opt/new");
    assert!(home.join("lib/fluss-server-0.9.1.jar").is_file());
    let left = std::fs::read_dir(folder.path().join("opt"))
        .expect("a folder")
        .count();
    assert_eq!(left, 1, "nothing is left beside it");
    let left = std::fs::read_dir(home.join("plugins/paimon"))
        .expect("a folder")
        .count();
    assert_eq!(left, 1, "nothing is left beside it");

    let later = later(folder.path());
    assert!(matches!(stands(&driver, &later).await, Standing::Ready(_)));
    let jar = home.join("plugins/paimon/paimon.jar");
    put(&jar, b"another");
    let failure = contradicted(stands(&driver, &later).await);
    assert_eq!(failure.code, codes::STAGED);
    assert!(failure.what.contains("is another one now"), "{}", failure.what);
    std::fs::remove_file(&jar).expect("removed");
    let failure = contradicted(stands(&driver, &later).await);
    assert!(failure.what.contains("is gone"), "{}", failure.what);
}

#[tokio::test]
async fn what_lies_in_the_way_stays_and_a_file_of_another_digest_goes_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut all = all(folder.path());
    let home = folder.path().join("opt/new");
    std::fs::create_dir_all(home.join("lib")).expect("a folder");
    let driver_of_both = driver(all.clone()).await;
    let failure = contradicted(stands(&driver_of_both, &stage()).await);
    assert!(
        failure.what.contains("was not unpacked from this archive"),
        "{}",
        failure.what
    );

    // The release lies there already, and the archive is left out of the file.
    let jar = all.pop().expect("a jar");
    std::fs::create_dir_all(home.join("plugins/paimon")).expect("a folder");
    put(&jar.to, b"older");
    let driver_of_one = driver(vec![jar.clone()]).await;
    let failure = contradicted(stands(&driver_of_one, &stage()).await);
    assert!(failure.what.contains("is another file"), "{}", failure.what);
    tried(&driver_of_one)
        .await
        .unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(std::fs::read(&jar.to).expect("a file"), b"older");

    std::fs::remove_file(&jar.to).expect("removed");
    put(&jar.from, b"broken on the way");
    let Err(Fault::Refused(failure)) = tried(&driver_of_one).await else {
        panic!("it has another digest")
    };
    assert_eq!(failure.code, codes::STAGED);
    assert!(failure.what.contains("goes nowhere"), "{}", failure.what);
    assert!(!jar.to.exists());
}

/// Nobody could look into an archive before: what would keep servers from starting is told before any is stopped.
#[tokio::test]
async fn what_was_unpacked_is_looked_into() {
    let says = async |change: &dyn Fn(&Path), wanted: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let all = all(folder.path());
        let driver = driver(all).await;
        tried(&driver).await.unwrap_or_else(|fault| panic!("{fault}"));
        let home = folder.path().join("opt/new");
        change(&home);
        let failure = contradicted(stands(&driver, &stage()).await);
        assert_eq!(failure.code, codes::STAGED);
        assert!(failure.what.contains(wanted), "{}", failure.what);
    };
    let rename = |home: &Path| {
        let jar = |release: &str| home.join(format!("lib/fluss-server-{release}.jar"));
        std::fs::rename(jar("0.9.1"), jar("0.8.0-incubating")).expect("renamed");
    };
    let wanted = "is of release 0.8.0-incubating, and 0.9.1-incubating is wanted";
    says(&rename, wanted).await;
    let empty = |home: &Path| std::fs::create_dir(home.join("plugins/iceberg")).expect("a folder");
    says(&empty, "has plugins/iceberg with no jar in it").await;
    let lib = |home: &Path| std::fs::remove_dir_all(home.join("lib")).expect("removed");
    says(&lib, "is no release: ").await;

    let folder = tempfile::tempdir().expect("a folder");
    let mut only = all(folder.path());
    only.truncate(1);
    let driver = driver(only).await;
    tried(&driver).await.unwrap_or_else(|fault| panic!("{fault}"));
    let failure = contradicted(stands(&driver, &stage()).await);
    assert!(failure.what.contains("has no plugins/paimon"), "{}", failure.what);
}
