//! `inspect jar`: what is told of a job's jar, alone and against a real release (`cargo xtask fetch needed`).

use std::path::{Path, PathBuf};

use expect_test::expect;
use upshift_lab::{Cache, Home, Java, old_job_jar};

use crate::support::{Ran, upshift};

struct Lab {
    cache: Cache,
    jar: PathBuf,
}

impl Lab {
    fn open() -> Self {
        let cache = Cache::open().expect("a cache");
        let java = Java::fetch(&cache).expect("a Java");
        let jar = old_job_jar(&cache, &java).expect("the old job's jar");
        Self { cache, jar }
    }

    fn home(&self, version: &str) -> Home {
        Home::ready(&self.cache, version).expect("the release: cargo xtask fetch needed")
    }

    fn inspect(&self, more: &[&str]) -> Ran {
        let jar = self.jar.to_str().expect("a path");
        let words = [&["inspect", "jar", jar], more].concat();
        upshift(Path::new("/"), &words)
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

#[test]
fn a_jar_alone_tells_what_it_was_made_for() {
    let lab = Lab::open();
    let ran = lab.inspect(&[]).exits(0);
    // Path, size and digest are those of the compiler that was at hand.
    let told: Vec<&str> = ran.out.lines().skip(2).collect();
    expect![[r#"
        entry class  com.example.old.OldJob, as its manifest names it
        bytecode     Java 11 at most (class file version 55)
        Flink itself not in the jar
        connectors   none that says so in META-INF/maven
        references   not resolved: --target names a release"#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn references_are_resolved_against_a_home_and_against_an_archive_alike() {
    let lab = Lab::open();
    let home = lab.home("2.3.0");
    let by_home = lab.inspect(&["--target", text(home.path())]).exits(3);
    for says in [
        "references to Flink do not resolve against",
        "org.apache.flink.streaming.api.functions.source.SourceFunction  the job's: com.example.old.OldJob, com.example.old.OldJob$Ones",
    ] {
        assert!(by_home.out.contains(says), "{says}: {}", by_home.out);
    }
    let archive = home.archive(&lab.cache).expect("the release's archive").path;
    let by_archive = lab.inspect(&["--target", text(&archive)]).exits(3);
    let same = |ran: &Ran, at: &Path| ran.out.replace(text(at), "RELEASE");
    assert_eq!(same(&by_home, home.path()), same(&by_archive, &archive));
    let json = lab
        .inspect(&["--target", text(home.path()), "--json"])
        .exits(3)
        .json();
    assert_eq!(json["entry_class"], "com.example.old.OldJob");
    assert_eq!(json["java"], 11);
    let missing = json["references"]["missing"].as_array().expect("a list");
    assert!(missing.iter().all(|gap| gap["by_job"] == true), "{missing:?}");
    lab.inspect(&["--target", text(lab.home("1.20.5").path())])
        .exits(0)
        .says("every reference to Flink resolves");
}

#[test]
fn what_is_no_jar_and_what_is_no_release_is_said() {
    let lab = Lab::open();
    let dir = tempfile::tempdir().expect("a scratch folder");
    let run = |words: &[&str]| upshift(dir.path(), words);
    run(&["inspect", "jar", "none.jar"]).exits(2).says("UP-READ-0021");
    let text_file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    std::fs::copy(text_file, dir.path().join("text.jar")).expect("a file");
    run(&["inspect", "jar", "text.jar"])
        .exits(2)
        .says("UP-READ-0021")
        .says("not a jar");
    let jar = text(&lab.jar);
    run(&["inspect", "jar", jar, "--target", "."])
        .exits(2)
        .says("UP-READ-0022");
    run(&["inspect", "jar", jar, "--target", "text.jar"])
        .exits(2)
        .says("UP-READ-0022");
}
