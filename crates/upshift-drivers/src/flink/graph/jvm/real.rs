//! A `main` that never comes to `execute`, and one that ends the JVM: in a real JVM, with a real release.
//!
//! It needs what `cargo xtask fetch needed` puts into the cache, and fails where that is missing.

use std::collections::BTreeSet;
use std::path::PathBuf;

use upshift_lab::{Cache, Home, Java, stray_job_jar};

use super::*;

const VERSION: &str = "1.20.5";

struct Lab {
    dir: TempDir,
    jar: PathBuf,
    jvm: Jvm,
}

impl Lab {
    fn open(limit: Duration) -> Self {
        let cache = Cache::open().expect("a cache");
        let java = Java::fetch(&cache).expect("a Java");
        let home = Home::ready(&cache, VERSION).expect("the release: cargo xtask fetch needed");
        let dir = tempfile::tempdir().expect("a scratch folder");
        let jar = stray_job_jar(&cache, &java).expect("the stray job's jar");
        let jvm = Jvm {
            java: JavaFacts {
                feature: 17,
                path: java.home().join("bin/java"),
            },
            home: home.path().to_owned(),
            version: VERSION.parse().expect("a version"),
            limit,
        };
        Self { dir, jar, jvm }
    }

    async fn graph(&self, args: &[&str]) -> Result<Told, String> {
        let submission = DeclaredSubmission {
            jar: self.jar.clone(),
            entry_class: None,
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            parallelism: None,
            max_parallelism: None,
        };
        graph(&self.jvm, &submission, None, true).await
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

#[tokio::test]
async fn a_main_that_ends_the_jvm_is_told_with_how_it_ended() {
    let lab = Lab::open(LIMIT);
    let why = lab.graph(&["exit"]).await.expect_err("no graph");
    for says in [
        "ended before the jar's main called execute",
        "code 3",
        "about to exit",
    ] {
        assert!(why.contains(says), "{says}: {why}");
    }
}

#[tokio::test]
async fn a_main_that_does_not_come_back_is_ended_and_leaves_no_process() {
    let lab = Lab::open(Duration::from_secs(15));
    let pid = lab.path("pid");
    let why = lab
        .graph(&["sleep", pid.to_str().expect("a path")])
        .await
        .expect_err("no graph");
    assert!(why.contains("did not come to execute within 15 s"), "{why}");
    let pid = std::fs::read_to_string(&pid).expect("main was run");
    let alive: BTreeSet<String> = std::fs::read_dir("/proc")
        .expect("/proc")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let gone = !alive.contains(pid.trim()) || is_zombie(pid.trim());
    assert!(gone, "process {pid} lives on");
}

/// Ended, and not yet waited for by whoever inherited it.
fn is_zombie(pid: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    // The name is in parentheses and may hold anything.
    status.is_err()
        || status.is_ok_and(|text| {
            text.rsplit_once(") ")
                .is_some_and(|(_, rest)| rest.starts_with('Z'))
        })
}
