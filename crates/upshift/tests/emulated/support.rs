//! The emulator as a person starts it, what stands before it and below it.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use upshift_lab::{Cache, Cluster, Home, Java, Options, VervericaSdk};

pub(crate) const OLD: &str = "vvr-8.0.9-flink-1.17";
pub(crate) const MINOR: &str = "vvr-8.0.11-flink-1.17";
pub(crate) const MAJOR: &str = "vvr-11.7-jdk11-flink-1.20";

/// The emulator; it ends with this.
pub(crate) struct Emulated {
    child: Child,
    pub(crate) authority: String,
}

impl Emulated {
    pub(crate) fn start(words: &[String]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_upshift"))
            .args([
                "emulate",
                "--json",
                "--workspace",
                "ws1",
                "--namespace",
                "ns1",
                "--cpu",
                "60",
            ])
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut told = child.stdout.take().expect("what it says");
        let mut text = String::new();
        while serde_json::from_str::<Value>(&text).is_err() {
            let mut byte = [0];
            told.read_exact(&mut byte).expect("where it answers");
            text.push(char::from(byte[0]));
        }
        let said: Value = serde_json::from_str(&text).expect("JSON");
        let endpoint = said["endpoint"].as_str().expect("an address");
        Self {
            child,
            authority: endpoint.trim_start_matches("http://").to_owned(),
        }
    }

    /// Walks through an upgrade with the SDK; gives the steps that it told.
    pub(crate) fn walk(&self, sdk: &VervericaSdk, words: &[&str]) -> Vec<Value> {
        let (mode, rest) = words.split_first().expect("a mode");
        let mut walk = sdk.walk().expect("Python");
        walk.args([mode, self.authority.as_str(), "ns1", "ws1"])
            .args(rest);
        let output = walk.output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words:?}: {said}\n{complaint}");
        said.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }
}

impl Drop for Emulated {
    fn drop(&mut self) {
        // It is ours, and nothing else ends it.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A cluster whose jobs leave their last checkpoint when they are cancelled.
pub(crate) fn cluster(cache: &Cache, java: &Java, version: &str, dir: &Path) -> Cluster {
    let home = Home::ready(cache, version).expect("cargo xtask fetch needed");
    let mut options = Options::default();
    let key = "execution.checkpointing.externalized-checkpoint-retention";
    options
        .configuration
        .insert(key.to_owned(), "RETAIN_ON_CANCELLATION".to_owned());
    Cluster::start(&home, java, dir, &options).expect("a cluster")
}
