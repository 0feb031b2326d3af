//! Snapshots in S3: read from a real server that checks signatures, by ranges, with the keys that references lead to.

use std::path::{Path, PathBuf};

use upshift_drivers::flink::inspect::{FileState, HeadersWanted, check_files, codes, read_snapshot};
use upshift_drivers::wire::objects::{Objects, Place, Presence};
use upshift_drivers::wire::{NoSecret, Secrets, codes as wire};
use upshift_formats::Limits;
use upshift_lab::{Cache, S3Server};
use upshift_model::endpoint::SecretRef;
use upshift_model::objects::ObjectAccess;

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

/// Stores reached with the server's key and this secret.
fn objects(server: &S3Server, word: &str) -> Objects {
    let access = ObjectAccess {
        endpoint: Some(server.endpoint.clone()),
        region: Some("eu-central-1".to_owned()),
        access_key: Some(SecretRef::Env("KEY".to_owned())),
        secret_key: Some(SecretRef::File("/word".into())),
        ..ObjectAccess::default()
    };
    let (key, word) = (server.access_key.clone(), word.to_owned());
    let secrets = Secrets::by(move |reference| match reference {
        SecretRef::Env(name) if name == "KEY" => Ok(key.clone()),
        SecretRef::File(path) if path == Path::new("/word") => Ok(word.clone()),
        other => Err(NoSecret {
            reference: other.clone(),
            why: "nobody put it there".to_owned(),
        }),
    });
    Objects::new(access, secrets)
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
