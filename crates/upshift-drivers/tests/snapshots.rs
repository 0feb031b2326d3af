//! Snapshots on this machine: whole ones with the states in their files, and every way to be none.

use std::fs;
use std::path::{Path, PathBuf};

use upshift_drivers::flink::inspect::{
    FileState, HeadersWanted, ReadSnapshot, SnapshotError, check_files, codes, read_snapshot,
};
use upshift_drivers::wire::objects::Objects;
use upshift_drivers::wire::{Secrets, codes as wire};
use upshift_formats::Limits;
use upshift_formats::flink::view::HeaderProblem;
use upshift_model::endpoint::SecretRef;
use upshift_model::ids::Code;
use upshift_model::objects::ObjectAccess;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/flink-savepoints")
        .join(name)
}

fn objects() -> Objects {
    Objects::new(ObjectAccess::default(), Secrets::none())
}

async fn read(place: &Path, wanted: HeadersWanted) -> Result<ReadSnapshot, SnapshotError> {
    read_snapshot(
        &objects(),
        &place.display().to_string(),
        wanted,
        &Limits::default(),
    )
    .await
}

/// The code that a directory with these bytes as its `_metadata` is refused with.
async fn refused(bytes: &[u8]) -> Code {
    let dir = tempfile::tempdir().expect("a scratch folder");
    put(&dir.path().join("_metadata"), bytes);
    read(dir.path(), HeadersWanted::None)
        .await
        .expect_err("no snapshot")
        .code()
}

#[expect(clippy::disallowed_methods, reason = "a scratch file of a test")]
fn put(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).expect("a scratch file");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a kind").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

#[tokio::test]
async fn what_is_no_snapshot_is_told_by_its_own_code() {
    let whole = fs::read(fixture("2.3.0-hashmap-canonical-only-pojo").join("_metadata")).expect("a fixture");
    let with = |place: usize, bytes: &[u8]| {
        let mut changed = whole.clone();
        changed[place..place + bytes.len()].copy_from_slice(bytes);
        changed
    };
    assert_eq!(refused(b"").await, codes::EMPTY);
    assert_eq!(refused(b"PK\x03\x04 and so on").await, codes::FOREIGN);
    assert_eq!(refused(&with(4, &8_i32.to_be_bytes())).await, codes::VERSION);
    assert_eq!(refused(&whole[..whole.len() - 1]).await, codes::TRUNCATED);
    assert_eq!(refused(&[&whole[..], b"x"].concat()).await, codes::DAMAGED);
    assert_eq!(refused(&with(8, &[0xff; 8])).await, codes::DAMAGED);
    assert_eq!(refused(&with(16, &[0x7f; 4])).await, codes::BEYOND_LIMITS);
}

#[tokio::test]
async fn a_place_without_a_snapshot_is_told_with_those_near_it() {
    let nothing = read(Path::new("/no/such/place"), HeadersWanted::None)
        .await
        .expect_err("nothing");
    assert_eq!(nothing.code(), wire::NOTHING_THERE);
    let above = read(&fixture("2.3.0-rocksdb-checkpoint-files"), HeadersWanted::None)
        .await
        .expect_err("a directory above");
    assert_eq!(above.code(), codes::NO_METADATA);
    let SnapshotError::NoMetadata { inside, .. } = above else {
        panic!("{above}")
    };
    assert!(inside[0].to_string().contains("job/chk-"), "{inside:?}");
}

#[tokio::test]
async fn stores_are_refused_before_anything_is_sent() {
    let dir = tempfile::tempdir().expect("a scratch folder");
    let code = async |location: &str, access: ObjectAccess| {
        let objects = Objects::new(access, Secrets::none());
        let read = read_snapshot(&objects, location, HeadersWanted::None, &Limits::default()).await;
        read.expect_err("refused").code()
    };
    let standard = ObjectAccess::default;
    assert_eq!(code("hdfs://nn/sp", standard()).await, wire::STORE_NOT_PROVEN);
    assert_eq!(code("s3:nothing", standard()).await, wire::NOT_A_PLACE);
    let key = SecretRef::Env("NO_SUCH_VARIABLE".into());
    let lacking = ObjectAccess {
        endpoint: Some("http://127.0.0.1:9".into()),
        access_key: Some(key.clone()),
        secret_key: Some(key),
        ..standard()
    };
    assert_eq!(code("s3://bucket/sp", lacking).await, wire::STORE_SETUP);
    let folder = dir.path().join("_metadata");
    fs::create_dir(&folder).expect("a folder");
    let none = code(&dir.path().display().to_string(), standard()).await;
    assert_eq!(none, codes::NO_METADATA);
}

#[tokio::test]
async fn the_states_of_large_operators_are_read_from_the_start_of_their_files() {
    let place = fixture("1.20.5-hashmap-native-files");
    let unread = read(&place, HeadersWanted::None).await.expect("a snapshot");
    let names = |read: &ReadSnapshot| -> Vec<String> {
        let states = read.snapshot.operators.iter().flat_map(|o| &o.states);
        states.map(|state| state.name.clone()).collect()
    };
    assert!(!names(&unread).iter().any(|name| name == "blob"), "{unread:?}");
    let first = read(&place, HeadersWanted::FirstOfEach)
        .await
        .expect("a snapshot");
    assert!(
        names(&first).iter().any(|name| name == "blob"),
        "{:?}",
        names(&first)
    );
    let all = read(&place, HeadersWanted::All).await.expect("a snapshot");
    assert!(all.snapshot.operators.iter().all(|o| o.headers.all_read()));
    assert_eq!(names(&all), names(&first));
}

#[tokio::test]
async fn every_file_is_looked_at_and_told_apart() {
    let dir = tempfile::tempdir().expect("a scratch folder");
    copy(&fixture("1.20.5-hashmap-native-files"), dir.path());
    let check = async || {
        let read = read(dir.path(), HeadersWanted::FirstOfEach)
            .await
            .expect("a snapshot");
        let checks = check_files(&objects(), &read, &Limits::default(), |_, _| {}).await;
        (read, checks.expect("checks"))
    };
    let (_, checks) = check().await;
    assert!(
        checks.len() >= 2
            && checks
                .iter()
                .all(|c| matches!(c.state, FileState::Whole(_)) && !c.outside)
    );
    let file = |at: usize| match &checks[at].place {
        Ok(place) => PathBuf::from(place.to_string()),
        Err(why) => panic!("{why}"),
    };
    put(&file(0), b"short");
    fs::remove_file(file(1)).expect("a file");
    let (read, again) = check().await;
    assert_eq!(again[0].state.code(), Some(codes::FILE_SIZE), "{again:?}");
    assert_eq!(again[1].state.code(), Some(codes::FILE_MISSING), "{again:?}");
    let problems = read
        .snapshot
        .operators
        .iter()
        .filter_map(|o| o.headers.problem.as_ref());
    let problems: Vec<_> = problems.collect();
    assert!(
        problems
            .iter()
            .any(|p| matches!(p, HeaderProblem::Unreadable(_) | HeaderProblem::Unopened(_))),
        "{}: {problems:?}",
        codes::HEADER_INCOMPLETE
    );
}

#[tokio::test]
async fn shared_files_of_a_checkpoint_lie_outside_of_it() {
    let place = fixture("1.20.5-rocksdb-checkpoint-files/job/chk-6");
    let read = read(&place, HeadersWanted::FirstOfEach)
        .await
        .expect("a snapshot");
    let checks = check_files(&objects(), &read, &Limits::default(), |_, _| {}).await;
    let checks = checks.expect("checks");
    let outside = checks.iter().filter(|check| check.outside);
    let missing: Vec<_> = outside.map(|check| check.state.clone()).collect();
    assert!(
        !missing.is_empty() && missing.iter().all(|state| *state == FileState::Missing),
        "{checks:?}"
    );
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_told_as_such_and_its_files_are_unseen() {
    let access = ObjectAccess {
        endpoint: Some(format!("http://127.0.0.1:{}", closed_port())),
        region: Some("eu-central-1".into()),
        access_key: Some(SecretRef::Env("KEY".into())),
        secret_key: Some(SecretRef::Env("WORD".into())),
        ..ObjectAccess::default()
    };
    let objects = Objects::new(access, Secrets::by(|_| Ok("hunter2".to_owned())));
    let error = read_snapshot(
        &objects,
        "s3://bucket/sp",
        HeadersWanted::None,
        &Limits::default(),
    )
    .await;
    let error = error.expect_err("no answer");
    assert_eq!(error.code(), wire::STORE_FAILED, "{error}");
    assert!(
        error.is_unseen() && !error.to_string().contains("hunter2"),
        "{error}"
    );
    let unseen = FileState::Unseen(error.to_string());
    assert_eq!(unseen.code(), Some(codes::FILE_UNSEEN));
}

/// A port that was free a moment ago, with nobody behind it.
fn closed_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
