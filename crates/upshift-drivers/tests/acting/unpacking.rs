//! Archives that are not what they should be, and what is left of them: nothing.

use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha512};
use tar::{Builder, EntryType, Header};
use upshift_engine::driver::Standing;
use upshift_model::flink::Archive;
use upshift_model::ids::Code;
use upshift_model::record::{Baseline, Failure};
use upshift_model::step::{Effect, Preparation, Step};

use crate::server::{Reply, Server};
use crate::world::{World, contradicted, intent, old, put, ready, refused, step};

fn unpack() -> Step {
    step(Effect::Prepare {
        what: Preparation::Unpack { component: old() },
    })
}

/// One entry: name, kind, and content or target of the link.
type Item<'a> = (&'a str, EntryType, &'a str);

const JAR: Item<'_> = (
    "flink-1.20.5/lib/flink-dist-1.20.5.jar",
    EntryType::Regular,
    "jar",
);

fn packed(items: &[Item<'_>]) -> Vec<u8> {
    let mut tar = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, kind, content) in items {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o755);
        // Written as it is: the crate's own setter refuses the very names that are tried here.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        let link = matches!(kind, EntryType::Symlink | EntryType::Link);
        if link {
            header.as_gnu_mut().unwrap().linkname[..content.len()].copy_from_slice(content.as_bytes());
        }
        let data = if link { "" } else { content };
        header.set_size(data.len() as u64);
        header.set_cksum();
        tar.append(&header, data.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn sha512(bytes: &[u8]) -> String {
    Sha512::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn with(bytes: &[u8]) -> World {
    let mut world = World::at("http://127.0.0.1:1");
    put(&world.path("flink.tgz"), bytes);
    let uri = format!("file://{}", world.path("flink.tgz").display());
    world.install(Some(Archive {
        uri,
        sha512: sha512(bytes),
    }));
    world
}

/// Names below the test's directory, hidden ones too.
fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<_> = entries
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

async fn attacked(items: &[Item<'_>]) -> Failure {
    let world = with(&packed(items));
    let before = names(world.dir.path());
    let failure = refused(world.attempt(&unpack(), &intent(Baseline::default())).await);
    assert_eq!(names(world.dir.path()), before, "something was left behind");
    failure
}

#[tokio::test]
async fn an_archive_becomes_an_installation_without_its_top_folder() {
    let items = [
        ("flink-1.20.5/", EntryType::Directory, ""),
        JAR,
        ("flink-1.20.5/bin/jobmanager.sh", EntryType::Regular, "#!/bin/sh"),
        (
            "flink-1.20.5/lib/dist.jar",
            EntryType::Symlink,
            "flink-dist-1.20.5.jar",
        ),
    ];
    let world = with(&packed(&items));
    assert_eq!(ready(world.look(&unpack(), None).await), Baseline::default());
    let begun = intent(Baseline::default());
    // Left by the same try of a process that was killed.
    let leftover = format!(".home.upshift-{}", &begun.key.as_hex()[..8]);
    put(&world.path(&leftover).join("lib/flink-dist-1.0.0.jar"), b"half");
    world.attempt(&unpack(), &begun).await.unwrap();
    assert!(matches!(
        world.look(&unpack(), Some(&begun)).await,
        Standing::Done(_)
    ));
    assert_eq!(names(&world.path("home")), ["bin", "lib"]);
    assert_eq!(
        names(&world.path("home/lib")),
        ["dist.jar", "flink-dist-1.20.5.jar"]
    );
    assert_eq!(
        names(world.dir.path()),
        ["flink.tgz", "home", "orders job.jar", "sp"]
    );
}

#[tokio::test]
async fn an_archive_is_fetched_and_checked_before_it_is_unpacked() {
    let bytes = packed(&[JAR]);
    let served = bytes.clone();
    let server = Server::answering(move |_| Reply::Bytes(served.clone())).await;
    let mut world = World::at("http://127.0.0.1:1");
    let uri = format!("{}/flink-1.20.5-bin.tgz", server.url);
    world.install(Some(Archive {
        uri: uri.clone(),
        sha512: "0".repeat(128),
    }));
    let failure = refused(world.attempt(&unpack(), &intent(Baseline::default())).await);
    assert_eq!(failure.code, Code::new("UP-FLINK-0306"));
    assert_eq!(names(world.dir.path()), ["orders job.jar", "sp"]);

    world.install(Some(Archive {
        uri,
        sha512: sha512(&bytes),
    }));
    world
        .attempt(&unpack(), &intent(Baseline::default()))
        .await
        .unwrap();
    assert_eq!(names(world.dir.path()), ["home", "orders job.jar", "sp"]);
}

#[tokio::test]
async fn nothing_gets_out_of_an_archive() {
    let file = EntryType::Regular;
    let attacks: [(&str, Vec<Item<'_>>); 9] = [
        ("leads out", vec![("flink-1.20.5/../../escape", file, "x")]),
        ("absolute", vec![("/flink-1.20.5/x", file, "x")]),
        (
            "link that leads out",
            vec![("flink-1.20.5/l", EntryType::Symlink, "../../etc")],
        ),
        (
            "link that leads out",
            vec![("flink-1.20.5/l", EntryType::Symlink, "/etc/passwd")],
        ),
        (
            "behind a link",
            vec![
                ("flink-1.20.5/l", EntryType::Symlink, "lib"),
                ("flink-1.20.5/l/x", file, "x"),
            ],
        ),
        (
            "leads out",
            vec![(
                "flink-1.20.5/h",
                EntryType::Link,
                "flink-1.20.5/../../../etc/passwd",
            )],
        ),
        (
            "absolute",
            vec![("flink-1.20.5/h", EntryType::Link, "/etc/passwd")],
        ),
        (
            "one top folder",
            vec![("flink-1.20.5/a", file, "x"), ("other/b", file, "x")],
        ),
        ("neither file", vec![("flink-1.20.5/pipe", EntryType::Fifo, "")]),
    ];
    for (said, mut items) in attacks {
        items.push(JAR);
        let failure = attacked(&items).await;
        assert_eq!(failure.code, Code::new("UP-FLINK-0307"), "{said}");
        assert!(failure.what.contains(said), "{said}: {}", failure.what);
    }
}

#[tokio::test]
async fn an_archive_of_something_else_or_cut_off_is_refused() {
    let other = attacked(&[(
        "flink-1.18.1/lib/flink-dist-1.18.1.jar",
        EntryType::Regular,
        "jar",
    )])
    .await;
    assert_eq!(other.code, Code::new("UP-FLINK-0307"));
    assert!(
        other
            .what
            .contains("it holds Flink 1.18.1, expected Flink 1.20.5"),
        "{}",
        other.what
    );

    let whole = packed(&[
        JAR,
        ("flink-1.20.5/big", EntryType::Regular, &"x".repeat(100_000)),
    ]);
    let world = with(&whole[..whole.len() / 2]);
    let failure = refused(world.attempt(&unpack(), &intent(Baseline::default())).await);
    assert_eq!(failure.code, Code::new("UP-FLINK-0307"));
}

#[tokio::test]
async fn what_lies_where_the_installation_belongs_is_not_touched() {
    let world = with(&packed(&[JAR]));
    put(&world.path("home/lib/flink-dist-1.19.3.jar"), b"jar");
    assert_eq!(
        contradicted(&world.look(&unpack(), None).await).code,
        Code::new("UP-FLINK-0309")
    );
    std::fs::remove_file(world.path("home/lib/flink-dist-1.19.3.jar")).unwrap();
    assert_eq!(
        contradicted(&world.look(&unpack(), None).await).code,
        Code::new("UP-FLINK-0309")
    );
}
