//! Snapshots in S3: read from a real server that checks signatures, by ranges, with the keys that references lead to.

use std::path::{Path, PathBuf};

use upshift_drivers::Clock;
use upshift_drivers::flink::FlinkDriver;
use upshift_drivers::flink::inspect::{FileState, HeadersWanted, check_files, codes, read_snapshot};
use upshift_drivers::wire::objects::{Objects, Place, Presence};
use upshift_drivers::wire::{NoSecret, Secrets, codes as wire};
use upshift_engine::driver::{Driver as _, Standing};
use upshift_formats::Limits;
use upshift_lab::{Cache, S3Server};
use upshift_model::endpoint::SecretRef;
use upshift_model::expect::{Expectation, FitCriteria};
use upshift_model::ids::{Code, SystemName};
use upshift_model::objects::ObjectAccess;
use upshift_model::proof::Binding;
use upshift_model::restore::RestorePointKind;
use upshift_model::step::{Effect, Step, StopWhat};

#[path = "acting/server.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with the tests of acting")]
mod server;
#[path = "acting/world.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with the tests of acting")]
mod world;

use server::{Server, ok, unknown};
use world::{ID, TRIGGERED, World, contradicted, intent, job, jobs, old, ready, slot, step, upload};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/flink-savepoints")
        .join(name)
}

/// The server with one snapshot, below `sp/one`.
fn server(name: &str) -> S3Server {
    let cache = Cache::open().expect("a cache");
    S3Server::start(&cache, "bucket", "sp/one", &fixture(name)).expect("an S3 server")
}

fn access(server: &S3Server) -> ObjectAccess {
    ObjectAccess {
        endpoint: Some(server.endpoint.clone()),
        region: Some("eu-central-1".to_owned()),
        access_key: Some(SecretRef::Env("KEY".to_owned())),
        secret_key: Some(SecretRef::File("/word".into())),
        ..ObjectAccess::default()
    }
}

/// The server's key and this secret.
fn secrets(server: &S3Server, word: &str) -> Secrets {
    let (key, word) = (server.access_key.clone(), word.to_owned());
    Secrets::by(move |reference| match reference {
        SecretRef::Env(name) if name == "KEY" => Ok(key.clone()),
        SecretRef::File(path) if path == Path::new("/word") => Ok(word.clone()),
        other => Err(NoSecret {
            reference: other.clone(),
            why: "nobody put it there".to_owned(),
            absent: false,
        }),
    })
}

/// Stores reached with the server's key and this secret.
fn objects(server: &S3Server, word: &str) -> Objects {
    Objects::new(access(server), secrets(server, word))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_in_s3_is_the_same_as_on_this_machine() {
    let name = "1.20.5-hashmap-native-files";
    let server = server(name);
    let objects = objects(&server, &server.secret_key);
    let limits = Limits::default();
    let here = fixture(name).display().to_string();
    let local = read_snapshot(&objects, &here, HeadersWanted::All, &limits)
        .await
        .expect("a local snapshot");
    for location in ["s3://bucket/sp/one", "s3a://bucket/sp/one/_metadata"] {
        let far = read_snapshot(&objects, location, HeadersWanted::All, &limits)
            .await
            .expect("a snapshot in S3");
        assert_eq!(far.snapshot, local.snapshot, "{location}");
        let checks = check_files(&objects, &far, &limits, |_, _| {})
            .await
            .expect("checks");
        assert!(checks.len() >= 2);
        assert!(
            checks.iter().all(|c| matches!(c.state, FileState::Whole(_))),
            "{checks:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_sizes_and_absence_are_those_of_the_store() {
    let name = "1.20.5-hashmap-canonical-only-kryo";
    let server = server(name);
    let objects = objects(&server, &server.secret_key);
    let bytes = std::fs::read(fixture(name).join("_metadata")).expect("a fixture");
    let dir = Place::parse("s3://bucket/sp/one").expect("a place");
    let file = dir.join("_metadata");
    let size = bytes.len() as u64;
    assert_eq!(objects.presence(&file).await, Ok(Presence::File(size)));
    assert_eq!(objects.presence(&dir).await, Ok(Presence::Directory));
    assert_eq!(objects.presence(&dir.join("none")).await, Ok(Presence::Nothing));
    assert_eq!(
        &objects.range(&file, 4..24).await.expect("a range")[..],
        &bytes[4..24]
    );
    let over = objects.range(&file, size - 3..size + 100).await.expect("the end");
    assert_eq!(&over[..], &bytes[bytes.len() - 3..]);
    let none = objects.range(&dir.join("none"), 0..1).await.expect_err("nothing");
    assert_eq!(none.code(), wire::NOTHING_THERE);
    let missing = read_snapshot(
        &objects,
        "s3://bucket/sp",
        HeadersWanted::None,
        &Limits::default(),
    )
    .await;
    assert_eq!(missing.expect_err("no metadata").code(), codes::NO_METADATA);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_told_and_not_shown() {
    let server = server("1.20.5-hashmap-canonical-only-kryo");
    let objects = objects(&server, "hunter2-is-not-the-secret");
    let read = read_snapshot(
        &objects,
        "s3://bucket/sp/one",
        HeadersWanted::None,
        &Limits::default(),
    )
    .await;
    let error = read.expect_err("refused");
    assert_eq!(error.code(), wire::STORE_DENIED, "{error}");
    let shown = format!("{error} {error:?} {objects:?}");
    assert!(
        !shown.contains("hunter2") && !shown.contains(&server.access_key),
        "{shown}"
    );
}

/// A site whose savepoints are in the bucket.
struct Far {
    world: World,
    server: S3Server,
}

impl Far {
    /// With what lies in this directory of the test's data as `savepoint-5eed00-0c6fe017700a`.
    fn holding(rest: &str, kind: &str) -> Self {
        let cache = Cache::open().expect("a cache");
        let data = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/acting/data")
            .join(kind);
        let below = "sp/savepoint-5eed00-0c6fe017700a";
        let server = S3Server::start(&cache, "bucket", below, &data).expect("an S3 server");
        let mut world = World::at(rest);
        world.site.savepoints = "s3://bucket/sp".to_owned();
        world.site.objects = access(&server);
        Self { world, server }
    }

    fn location(&self) -> String {
        format!("{}/savepoint-5eed00-0c6fe017700a", self.world.site.savepoints)
    }

    async fn look(&self, step: &Step, intent: Option<&upshift_model::record::Intent>) -> Standing {
        let now = || jiff::Timestamp::from_millisecond(TRIGGERED + 1_000).expect("a time");
        let secrets = secrets(&self.server, &self.server.secret_key);
        let driver = FlinkDriver::for_plan(SystemName::new("t"), &self.world.site, secrets, Clock::by(now));
        let looked = driver.expect("a driver");
        let looked = looked.standing(step, &self.world.bound, intent).await;
        looked.expect("a look")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_reads_what_it_judges_in_s3() {
    let mut far = Far::holding("http://127.0.0.1:1", "stop");
    let location = far.location();
    far.world.fill(&location);
    let gate = |criteria: FitCriteria| {
        let mut gate = upload();
        gate.before = vec![Expectation::Fits {
            slot: slot(),
            criteria: Box::new(criteria),
        }];
        gate
    };
    let counter = "0da08f51eaa85fc298e176a139b3649a".to_owned();
    let sound = FitCriteria {
        metadata_versions: Some((2, 4)),
        operators_with_state: [counter].into(),
        ..FitCriteria::default()
    };
    assert!(matches!(far.look(&gate(sound), None).await, Standing::Ready(_)));
    let newer = FitCriteria {
        metadata_versions: Some((5, 6)),
        ..FitCriteria::default()
    };
    let standing = far.look(&gate(newer), None).await;
    assert_eq!(contradicted(&standing).code, Code::new("UP-FLINK-0220"));
    far.world.fill("s3://bucket/sp/savepoint-5eed00-gone");
    let standing = far.look(&gate(FitCriteria::default()), None).await;
    assert_eq!(
        contradicted(&standing).code,
        Code::new("UP-FLINK-0303"),
        "{standing:?}"
    );
}

/// The server forgot the trigger of the stop; the bucket shows the savepoint that appeared since.
#[tokio::test(flavor = "multi_thread")]
async fn the_savepoint_of_a_stop_is_found_in_s3_and_read() {
    let server = Server::answering(|asked| match asked.path.as_str() {
        path if path.contains("/savepoints/") => unknown("There is no savepoint operation"),
        "/jobs/overview" => ok(jobs(ID, "FINISHED", 0)),
        path => panic!("unexpected {path}"),
    })
    .await;
    let far = Far::holding(&server.url, "stop");
    let stop = step(Effect::Stop {
        what: StopWhat::JobInto {
            job: job(),
            on: old(),
            form: RestorePointKind::SavepointCanonical,
            into: slot(),
        },
    });
    let facts = [
        ("job", ID.to_owned()),
        ("job_started_ms", "1".to_owned()),
        ("server_now_ms", (TRIGGERED - 20).to_string()),
        ("own_now_ms", (TRIGGERED - 10).to_string()),
    ];
    let facts = facts.map(|(key, value)| (key.to_owned(), value));
    let begun = intent(upshift_model::record::Baseline(facts.into()));
    let standing = far.look(&stop, Some(&begun)).await;
    let Standing::Done(proof) = standing else {
        panic!("expected Done, found {standing:?}")
    };
    let Some(Binding::Restore { point, .. }) = proof.binds.into_iter().next() else {
        panic!("no restore point in the proof")
    };
    assert_eq!(point.location, far.location());
    assert_eq!(point.metadata_version, Some(4));
    let local = far.world.savepoint("same", "stop");
    let objects = objects(&far.server, &far.server.secret_key);
    let digest = upshift_drivers::flink::savepoint_digest(&objects, &local);
    assert_eq!(point.metadata_digest, digest.await.expect("a savepoint").ok());
    let running = Server::answering(|_| ok(jobs(ID, "RUNNING", 2))).await;
    let before = Far::holding(&running.url, "stop");
    let noted = ready(before.look(&stop, None).await);
    assert!(
        noted.0.contains_key("savepoint/savepoint-5eed00-0c6fe017700a"),
        "{noted:?}"
    );
}
