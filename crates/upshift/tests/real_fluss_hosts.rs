//! `upshift observe` and `upshift check` of a real cluster whose hosts are reached over real OpenSSH servers, and of the
//! same cluster on this machine.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use upshift_lab::{
    Cache, Fabric, FlussCluster, FlussHome, FlussLoad, FlussOptions, Java, LoadOptions, Sandbox,
};

const PATIENCE: Duration = Duration::from_secs(120);

fn json(words: &[&str]) -> Value {
    let ran = Command::new(env!("CARGO_BIN_EXE_upshift"))
        .args(words)
        .output()
        .expect("it starts");
    serde_json::from_slice(&ran.stdout)
        .unwrap_or_else(|e| panic!("{words:?}: {e}: {}", String::from_utf8_lossy(&ran.stderr)))
}

fn system_file(path: &Path, cluster: &FlussCluster, home: &FlussHome, hosts: &str) -> String {
    let text = format!(
        "kind = \"fluss\"\nname = \"lab\"\nzookeeper = {:?}\ncurrent = \"0.7.0\"\n\
         target = \"0.9.1-incubating\"\ntarget_home = {:?}\n{hosts}",
        cluster.zookeeper(),
        home.path()
    );
    let mut file = File::create(path).expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    path.display().to_string()
}

fn finding<'a>(check: &'a Value, code: &str) -> &'a Value {
    let all = check["findings"].as_array().expect("findings");
    all.iter()
        .find(|one| one["code"] == code)
        .unwrap_or_else(|| panic!("no {code}"))
}

fn is_green(finding: &Value) -> bool {
    finding["state"]["judged"]["severity"] == "green"
}

/// What of the servers must be the same however their host is reached.
fn servers(look: &Value) -> Vec<Value> {
    let all = look["facts"]["fluss"]["processes"]["known"]
        .as_array()
        .expect("processes");
    all.iter()
        .map(|one| {
            assert_eq!(one["jar"]["known"], "0.7.0", "{one}");
            assert!(one["java"]["known"].is_u64(), "{one}");
            assert!(
                one["options"]["known"]["zookeeper.address"]["value"].is_string(),
                "{one}"
            );
            assert!(
                one["variables"]["known"]["FLUSS_PLUGINS_DIR"].is_string(),
                "{one}"
            );
            assert_eq!(one["plugins"]["known"], serde_json::json!({}), "{one}");
            let tables = &one["data"][0]["state"]["known"]["tables"];
            assert!(one["role"] == "coordinator" || tables.is_object(), "{one}");
            serde_json::json!([one["pid"], one["started_ticks"], one["role"], one["conf"]])
        })
        .collect()
}

#[test]
fn servers_are_seen_over_ssh_as_they_are_seen_here() -> Result<(), Box<dyn std::error::Error>> {
    let cache = Cache::open()?;
    let java = Java::ready(&cache)?;
    let (old, new) = (
        FlussHome::ready(&cache, "0.7.0")?,
        FlussHome::ready(&cache, "0.9.1-incubating")?,
    );
    let sandbox = Sandbox::new(&cache, "fluss-hosts")?;
    let mut options = FlussOptions {
        tablet_servers: 2,
        replicas: 2,
        min_in_sync: 1,
        ..FlussOptions::default()
    };
    options
        .configuration
        .insert("coordinator.io-pool.size".to_owned(), "4".to_owned());
    let cluster = FlussCluster::start(&old, &java, &sandbox.path("cluster"), &options)?;
    let wish = LoadOptions {
        replicas: 2,
        ..LoadOptions::default()
    };
    let load = FlussLoad::start(&cache, &java, &cluster, &sandbox.path("load"), wish)?;
    let mut fabric = Fabric::start(3, |_| String::new())?;
    fabric.crash(2)?;
    let host = |name: &str| format!("[[host]]\nname = {name:?}\nssh_config = {:?}\n", fabric.config());

    let here = system_file(&sandbox.path("here.toml"), &cluster, &new, "");
    let look = json(&["observe", &here, "--json"]);
    let local = servers(&look);
    assert_eq!(local.len(), 3, "{local:?}");

    // Both hosts are this machine, under two names: each server counts once.
    let hosts = format!("{}{}", host("h0"), host("h1"));
    let there = system_file(&sandbox.path("there.toml"), &cluster, &new, &hosts);
    let look = json(&["observe", &there, "--json"]);
    assert_eq!(servers(&look), local);
    assert_eq!(look["facts"]["fluss"]["processes"]["known"][0]["host"], "h0");
    let check = json(&["check", &there, "--json"]);
    for code in ["UP-FLUSS-0121", "UP-FLUSS-0114", "UP-FLUSS-0119", "UP-FLUSS-0123"] {
        assert!(is_green(finding(&check, code)), "{}", finding(&check, code));
    }
    let old_key = finding(&check, "UP-FLUSS-0113");
    let at = format!("h0:{}/conf/server.yaml:", cluster.coordinator_dir().display());
    assert!(
        old_key["evidence"][0]
            .as_str()
            .is_some_and(|said| said.contains(&at)),
        "{old_key}"
    );
    // The load's own client is found where it runs.
    let clients = finding(&check, "UP-FLUSS-0115")["evidence"].to_string();
    assert!(!clients.contains("fluss-server"), "{clients}");

    let hosts = format!("{hosts}{}", host("h2"));
    let gone = system_file(&sandbox.path("gone.toml"), &cluster, &new, &hosts);
    let look = json(&["observe", &gone, "--json"]);
    assert_eq!(servers(&look), local);
    let told = look["facts"]["fluss"]["hosts"][2]["servers"]["unknown"]["reason"].to_string();
    assert!(told.contains("nothing listens there"), "{told}");
    let check = json(&["check", &gone, "--json"]);
    assert_eq!(
        finding(&check, "UP-FLUSS-0121")["state"]["unknown"]["may_hide"],
        "yellow"
    );

    snapshots_get_an_age(&here);
    let account = load.stop()?;
    assert!(account.is_clean(), "{account}");
    Ok(())
}

/// Within the interval of 10 s that the lab sets.
fn snapshots_get_an_age(here: &str) {
    let began = Instant::now();
    loop {
        let check = json(&["check", here, "--json"]);
        let found = finding(&check, "UP-FLUSS-0125");
        if is_green(found) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{found}");
    }
}
