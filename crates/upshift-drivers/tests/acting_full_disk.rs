//! A disk that has no room for what is unpacked. In a test program of its own: the limit that stands
//! in for a full disk (no file may grow beyond 64 KiB) holds for the whole process.

#![expect(
    clippy::unwrap_used,
    reason = "what helpers of a test cannot do fails the test"
)]

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sha2::{Digest as _, Sha512};
use tokio::signal::unix::{SignalKind, signal};
use upshift_drivers::Clock;
use upshift_drivers::flink::FlinkDriver;
use upshift_drivers::wire::Secrets;
use upshift_engine::driver::{Driver as _, Fault};
use upshift_model::endpoint::Endpoint;
use upshift_model::flink::{Archive, Cluster, Installation, RunAs, Site};
use upshift_model::ids::{AttemptKey, Code, ComponentId, RunId, StepId, SystemName};
use upshift_model::proof::Bindings;
use upshift_model::record::{Baseline, Intent};
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, Preparation, Step};

fn archive() -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    for (name, size) in [
        ("flink-1.20.5/bin/flink", 10),
        ("flink-1.20.5/lib/flink-dist-1.20.5.jar", 1 << 20),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(size);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, std::io::Read::take(std::io::repeat(0), size))
            .unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn site(dir: &std::path::Path, archive: Archive) -> Site {
    let installation = Installation {
        home: dir.join("home"),
        archive: Some(archive),
        conf: dir.join("conf"),
        logs: None,
        pids: None,
        java_home: None,
        task_managers: 1,
        run_as: RunAs::Local,
    };
    let cluster = Cluster {
        rest: Endpoint::plain("http://127.0.0.1:1"),
        version: "1.20.5".parse().unwrap(),
        installation: Some(installation),
    };
    Site {
        clusters: [(ComponentId::new("old"), cluster)].into(),
        jobs: BTreeMap::new(),
        savepoints: "file:///sp".to_owned(),
        objects: upshift_model::objects::ObjectAccess::default(),
        probes: BTreeMap::new(),
    }
}

#[tokio::test]
async fn a_full_disk_leaves_nothing_half_done() {
    let dir = tempfile::tempdir().unwrap();
    let (file, bytes) = (dir.path().join("flink.tgz"), archive());
    std::fs::File::create(&file).unwrap().write_all(&bytes).unwrap();
    let sha512 = Sha512::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let archive = Archive {
        uri: format!("file://{}", file.display()),
        sha512,
    };
    let now = || jiff::Timestamp::UNIX_EPOCH;
    let site = site(dir.path(), archive);
    let driver = FlinkDriver::for_plan(SystemName::new("t"), &site, Secrets::none(), Clock::by(now)).unwrap();
    let step = Step {
        id: StepId::new("1.1"),
        effect: Effect::Prepare {
            what: Preparation::Unpack {
                component: ComponentId::new("old"),
            },
        },
        before: Vec::new(),
        after: Vec::new(),
        why: Vec::new(),
        usual: None,
        give_up: Millis::from_secs(60),
        tries: 1,
        downtime: Downtime::None,
        by_hand: Vec::new(),
    };
    let key = AttemptKey::derive(&RunId::new("r"), &step.id, 1);
    let intent = Intent {
        key,
        attempt: 1,
        baseline: Baseline::default(),
        deadline: now(),
    };

    // With a handler the kernel reports the limit as an error of the write; without, it kills.
    let _handled = signal(SignalKind::from_raw(25)).unwrap();
    // Only while the attempt runs: the test's own words may go to a file that is longer already.
    let before = getrlimit(Resource::Fsize);
    let tight = Rlimit {
        current: Some(64 << 10),
        maximum: before.maximum,
    };
    setrlimit(Resource::Fsize, tight).unwrap();
    let attempted = driver.attempt(&step, &Bindings::default(), &intent).await;
    setrlimit(Resource::Fsize, before).unwrap();

    match attempted {
        Err(Fault::Refused(failure)) => {
            assert_eq!(failure.code, Code::new("UP-FLINK-0308"), "{}", failure.what)
        }
        other => panic!("expected Refused, found {other:?}"),
    }
    let left: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left, ["flink.tgz"]);
}
