//! The scratch cluster of a rehearsal: the new release with the configuration that the upgrade would carry over, and
//! whatever would bring it together with the real cluster changed.

use std::path::Path;

use upshift_model::flink::Installation;
use upshift_model::step::{Change, ConfigEdit};
use upshift_model::version::Version;

use super::Ground;

/// Folders of its own; release and Java are those of the upgrade.
pub(super) fn installation(of: &Installation, folder: &Path) -> Installation {
    Installation {
        conf: folder.join("conf"),
        logs: Some(folder.join("log")),
        pids: Some(folder.join("pid")),
        ..of.clone()
    }
}

/// The configuration: the upgrade's own, then what keeps the cluster apart, then what somebody asked for.
pub(super) fn change(of: &Change, release: &Version, ground: &Ground) -> Change {
    let Change::CarryOver {
        from,
        from_file,
        from_digest,
        to_file,
        edits,
        ..
    } = of;
    let apart = apart(release, ground)
        .into_iter()
        .map(|(key, value, why)| ConfigEdit::Set {
            key: key.to_owned(),
            value,
            why: why.to_owned(),
        });
    let shared = SHARED.iter().map(|key| ConfigEdit::Drop {
        key: (*key).to_owned(),
        why: "a place of the real cluster".to_owned(),
    });
    let asked = ground.set.iter().map(|(key, value)| ConfigEdit::Set {
        key: key.clone(),
        value: value.clone(),
        why: "asked for, for the rehearsal alone".to_owned(),
    });
    Change::CarryOver {
        from: from.clone(),
        from_file: from_file.clone(),
        from_digest: from_digest.clone(),
        to: ground.folder.join("conf"),
        to_file: to_file.clone(),
        edits: edits
            .iter()
            .cloned()
            .chain(shared)
            .chain(apart)
            .chain(asked)
            .collect(),
    }
}

/// Places and ports that the real cluster may use. Without them a cluster keeps to its own temporary folder, takes any
/// port, and archives nothing.
const SHARED: [&str; 16] = [
    "web.upload.dir",
    "web.tmpdir",
    "blob.storage.directory",
    "process.working-dir",
    "process.jobmanager.working-dir",
    "process.taskmanager.working-dir",
    "taskmanager.state.local.root-dirs",
    "state.backend.rocksdb.localdir",
    "state.backend.rocksdb.log.dir",
    "jobmanager.archive.fs.dir",
    "jobmanager.resource-id",
    "taskmanager.resource-id",
    "taskmanager.rpc.bind-port",
    "taskmanager.data.bind-port",
    "metrics.internal.query-service.port",
    "queryable-state.server.ports",
];

type Setting = (&'static str, String, &'static str);

fn apart(release: &Version, ground: &Ground) -> Vec<Setting> {
    const HERE: &str = "the rehearsal stays on this machine";
    const PORT: &str = "a port of its own";
    const ANY: &str = "a fixed one may be taken by the real cluster";
    const ALONE: &str = "it must not take part in the real cluster's election, nor recover its jobs";
    const FOLDER: &str = "what it writes goes with it";
    let [rest, rpc, blob] = ground.ports.map(|port| port.to_string());
    let local = || "127.0.0.1".to_owned();
    // Both were renamed; where the old name is still read, the new one wins.
    let checkpoints = match (release.major(), release.minor()) >= (1, 20) {
        true => "execution.checkpointing.dir",
        false => "state.checkpoints.dir",
    };
    let availability = match (release.major(), release.minor()) >= (1, 17) {
        true => "high-availability.type",
        false => "high-availability",
    };
    vec![
        ("jobmanager.rpc.address", local(), HERE),
        ("jobmanager.bind-host", local(), HERE),
        ("rest.address", local(), HERE),
        ("rest.bind-address", local(), HERE),
        ("taskmanager.host", local(), HERE),
        ("taskmanager.bind-host", local(), HERE),
        ("rest.port", rest.clone(), PORT),
        ("rest.bind-port", rest, PORT),
        ("jobmanager.rpc.port", rpc.clone(), PORT),
        ("jobmanager.rpc.bind-port", rpc, PORT),
        ("blob.server.port", blob, PORT),
        ("taskmanager.rpc.port", "0".to_owned(), ANY),
        ("taskmanager.data.port", "0".to_owned(), ANY),
        (
            "io.tmp.dirs",
            ground.folder.join("tmp").display().to_string(),
            FOLDER,
        ),
        (availability, "NONE".to_owned(), ALONE),
        (
            checkpoints,
            format!("file://{}", ground.folder.join("checkpoints").display()),
            FOLDER,
        ),
    ]
}
