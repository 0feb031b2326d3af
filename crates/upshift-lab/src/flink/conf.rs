//! The configuration folder of a cluster of the lab, in the form that the release reads.
//!
//! It carries nothing over from one release to another: that is upshift's work, and this is what it is tested on.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::Options;
use super::home::Home;
use crate::error::ClusterError;
use crate::ports::Ports;
use crate::process;

/// Packages that programs with anonymous classes need opened on Java 17, in the form the options take.
const OPENS: [&str; 12] = [
    "java.lang",
    "java.lang.reflect",
    "java.io",
    "java.net",
    "java.nio",
    "java.text",
    "java.time",
    "java.util",
    "java.util.concurrent",
    "java.util.concurrent.atomic",
    "java.util.concurrent.locks",
    "sun.nio.ch",
];

/// Writes `conf/` below the cluster's directory.
pub(super) fn write(home: &Home, dir: &Path, ports: Ports, options: &Options) -> Result<(), ClusterError> {
    let conf = dir.join("conf");
    fs::create_dir_all(&conf).map_err(ClusterError::io("make", &conf))?;
    let shipped = home.path().join("conf");
    for entry in fs::read_dir(&shipped).map_err(ClusterError::io("list", &shipped))? {
        let from = entry.map_err(ClusterError::io("list", &shipped))?.path();
        let name = from
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        if name.starts_with("log4j") {
            fs::copy(&from, conf.join(&name)).map_err(ClusterError::io("copy", &from))?;
        }
    }
    let name = file_name(home);
    let files = [
        ("workers", "127.0.0.1\n".to_owned()),
        ("masters", format!("127.0.0.1:{}\n", ports.rest)),
        (name, render(name, &entries(home, dir, ports, options))),
    ];
    for (name, text) in files {
        process::put(&conf.join(name), text.as_bytes())
            .map_err(ClusterError::io("write", conf.join(name)))?;
    }
    Ok(())
}

fn file_name(home: &Home) -> &'static str {
    if home.minor() <= (1, 18) {
        "flink-conf.yaml"
    } else {
        "config.yaml"
    }
}

fn entries(home: &Home, dir: &Path, ports: Ports, options: &Options) -> BTreeMap<String, String> {
    let opens = OPENS
        .iter()
        .map(|p| format!("--add-opens=java.base/{p}=ALL-UNNAMED"));
    let exports = ["java.base/sun.net.util", "java.rmi/sun.rmi.registry"]
        .iter()
        .map(|p| format!("--add-exports={p}=ALL-UNNAMED"));
    let tmp = dir.join("tmp").display().to_string();
    // Flink's own temporary files, and those of what it loads: RocksDB's library, the web server's uploads.
    let below_tmp = format!("-Djava.io.tmpdir={tmp}");
    let java = options.java.iter().cloned();
    let java: Vec<_> = java.chain(exports).chain(opens).chain([below_tmp]).collect();
    let java_key = if home.minor() <= (1, 16) {
        "env.java.opts"
    } else {
        "env.java.opts.all"
    };
    let (checkpoints, savepoints) = if home.minor() < (2, 0) {
        ("state.checkpoints.dir", "state.savepoints.dir")
    } else {
        (
            "execution.checkpointing.dir",
            "execution.checkpointing.savepoint-dir",
        )
    };
    let loopback = "127.0.0.1".to_owned();
    let below = |name: &str| format!("file://{}", dir.join(name).display());
    let mut all: BTreeMap<_, _> = [
        (java_key, java.join(" ")),
        ("jobmanager.rpc.address", loopback.clone()),
        ("jobmanager.bind-host", loopback.clone()),
        ("jobmanager.rpc.port", ports.rpc.to_string()),
        ("jobmanager.memory.process.size", "1024m".to_owned()),
        ("blob.server.port", ports.blob.to_string()),
        ("taskmanager.host", loopback.clone()),
        ("taskmanager.bind-host", loopback.clone()),
        ("taskmanager.memory.process.size", "1400m".to_owned()),
        ("taskmanager.numberOfTaskSlots", options.slots.to_string()),
        ("rest.address", loopback.clone()),
        ("rest.bind-address", loopback),
        ("rest.port", ports.rest.to_string()),
        ("rest.bind-port", ports.rest.to_string()),
        ("io.tmp.dirs", tmp),
        (checkpoints, below("checkpoints")),
        (savepoints, below("savepoints")),
    ]
    .into_iter()
    .map(|(k, v)| (k.to_owned(), v))
    .collect();
    all.extend(options.configuration.clone());
    all
}

/// One key a line. `config.yaml` is real YAML, where quoting is safe; `flink-conf.yaml` keeps quotes as part of a value.
fn render(name: &str, entries: &BTreeMap<String, String>) -> String {
    let quoted = name == "config.yaml";
    let line = |(k, v): (&String, &String)| {
        if quoted {
            format!("{k}: \"{v}\"\n")
        } else {
            format!("{k}: {v}\n")
        }
    };
    entries.iter().map(line).collect()
}
