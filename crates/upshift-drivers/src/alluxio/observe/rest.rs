//! What a master answers over HTTP: `/api/v1/master/info`, which is there from 1.8 on, and its metrics.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use upshift_engine::driver::Fault;
use upshift_model::alluxio::{Master, MountedStore, Worker};
use upshift_model::digest::Digest;
use upshift_model::observed::Observed;

use crate::wire::http::Http;
use crate::wire::redact_text;

const LIMIT: Duration = Duration::from_secs(20);

/// Options that matter for an upgrade; all others are not kept, for credentials may be among them.
const KEPT: [&str; 21] = [
    "alluxio.home",
    "alluxio.conf.dir",
    "alluxio.logs.dir",
    "alluxio.master.hostname",
    "alluxio.master.backup.directory",
    "alluxio.master.backup.delegation.enabled",
    "alluxio.master.daily.backup.enabled",
    "alluxio.master.daily.backup.files.retained",
    "alluxio.master.embedded.journal.addresses",
    "alluxio.master.journal.folder",
    "alluxio.master.journal.type",
    "alluxio.master.metastore",
    "alluxio.master.metastore.dir",
    "alluxio.master.mount.table.root.ufs",
    "alluxio.master.ttl.checker.interval",
    "alluxio.master.ttl.checker.interval.ms",
    "alluxio.worker.data.folder",
    "alluxio.worker.tieredstore.levels",
    "alluxio.zookeeper.enabled",
    "alluxio.zookeeper.address",
    "java.specification.version",
];

/// Calls of clients that change the tree. Counts of what was changed grow with what is loaded from under-stores, too.
const WRITES: [&str; 10] = [
    "Master.CompleteFileOps",
    "Master.CreateDirectoryOps",
    "Master.CreateFileOps",
    "Master.DeletePathOps",
    "Master.FreeFileOps",
    "Master.MountOps",
    "Master.RenamePathOps",
    "Master.SetAclOps",
    "Master.SetAttributeOps",
    "Master.UnmountOps",
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    version: String,
    start_time_ms: i64,
    mount_points: BTreeMap<String, MountPoint>,
    workers: Vec<WorkerInfo>,
    lost_workers: Vec<WorkerInfo>,
    metrics: BTreeMap<String, Value>,
    configuration: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MountPoint {
    ufs_type: String,
    ufs_uri: String,
    ufs_capacity_bytes: i64,
    shared: bool,
    read_only: bool,
    #[serde(default)]
    properties: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WorkerInfo {
    address: Address,
    state: String,
    last_contact_sec: Option<u64>,
    #[serde(default)]
    capacity_bytes_on_tiers: BTreeMap<String, u64>,
    #[serde(default)]
    used_bytes_on_tiers: BTreeMap<String, u64>,
    block_count: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    host: String,
    rpc_port: u32,
}

#[derive(Debug, Deserialize)]
struct Metrics {
    gauges: BTreeMap<String, Gauge>,
}

#[derive(Debug, Deserialize)]
struct Gauge {
    value: Value,
}

/// Asks a master that leads what it is. One that stands by gives no answer, or answers where
/// `alluxio.standby.master.web.enabled` is set, with counts and a time of its own.
pub(in crate::alluxio) async fn ask(http: &Http) -> Result<Master, Fault> {
    let info: Info = http.get("/api/v1/master/info", LIMIT).await?.ok()?.json()?;
    let metrics = http
        .get("/metrics/json/", LIMIT)
        .await
        .and_then(|answer| answer.ok());
    let metrics = metrics.and_then(|answer| answer.json::<Metrics>());
    if let Some(role) = metrics.as_ref().ok().and_then(stands_by) {
        return Err(Fault::Transient(format!(
            "it stands by: its Master.RoleId is {role}"
        )));
    }
    Ok(told(info, metrics))
}

/// The role of a master with an embedded journal that does not lead. The one that leads, and one with another journal, tells
/// 0 or nothing: two masters of 2.9.6 said 0 and 2.
fn stands_by(metrics: &Metrics) -> Option<i64> {
    let role = metrics.gauges.get("Master.RoleId")?.value.as_i64()?;
    (role != 0).then_some(role)
}

fn told(info: Info, metrics: Result<Metrics, Fault>) -> Master {
    let gauge = |names: &[&str]| -> Observed<i64> {
        let what = names[0];
        match &metrics {
            Err(fault) => Observed::unknown(what, fault.to_string()),
            Ok(metrics) => {
                let found = names
                    .iter()
                    .find_map(|name| metrics.gauges.get(*name)?.value.as_i64());
                found.map_or_else(
                    || Observed::unknown(what, "the master does not tell it"),
                    Observed::Known,
                )
            }
        }
    };
    let restored = gauge(&["Master.LastBackupRestoreCount"]);
    let paths = gauge(&["Master.TotalPaths", "Master.PathsTotal"]);
    Master {
        version: info.version,
        started_ms: info.start_time_ms,
        mounts: info.mount_points.into_iter().map(mounted).collect(),
        workers: info.workers.into_iter().map(worker).collect(),
        lost_workers: info
            .lost_workers
            .into_iter()
            .map(|lost| lost.address.host)
            .collect(),
        paths: match paths {
            Observed::Known(paths) => u64::try_from(paths).map_or_else(
                |_| Observed::unknown("the count of paths", format!("{paths} is no count")),
                Observed::Known,
            ),
            Observed::Unknown(gap) => Observed::Unknown(gap),
        },
        writes: WRITES
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), info.metrics.get(*name)?.as_u64()?)))
            .collect(),
        // Minus one: nothing was restored.
        restored: restored.known().and_then(|count| u64::try_from(*count).ok()),
        options: info
            .configuration
            .into_iter()
            .filter(|(key, _)| KEPT.contains(&key.as_str()) || is_of_tiers(key))
            .filter_map(|(key, value)| Some((key, words(&value)?)))
            .collect(),
    }
}

/// `alluxio.worker.tieredstore.level0.dirs.path` and its like.
fn is_of_tiers(key: &str) -> bool {
    key.starts_with("alluxio.worker.tieredstore.level")
        && [".alias", ".dirs.path", ".dirs.mediumtype"]
            .iter()
            .any(|end| key.ends_with(end))
}

/// The folders of all tiers, as options name them: block files lie in them below the data folder.
pub(super) fn tiers_of<'a>(of: impl Fn(&str) -> Option<&'a str>) -> Vec<String> {
    let levels: u32 = of("alluxio.worker.tieredstore.levels")
        .and_then(|levels| levels.parse().ok())
        .unwrap_or(1);
    let data = of("alluxio.worker.data.folder").unwrap_or("/alluxioworker/");
    let mut all = Vec::new();
    for level in 0..levels {
        let dirs = of(&format!("alluxio.worker.tieredstore.level{level}.dirs.path")).unwrap_or("");
        let dirs = dirs.split(',').map(str::trim).filter(|dir| !dir.is_empty());
        all.extend(dirs.map(|dir| format!("{}/{}", dir.trim_end_matches('/'), data.trim_matches('/'))));
    }
    all
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(redact_text(text)),
        other => Some(other.to_string()),
    }
}

fn mounted((path, of): (String, MountPoint)) -> (String, MountedStore) {
    let store = MountedStore {
        ufs: redact_text(&of.ufs_uri),
        kind: of.ufs_type,
        read_only: of.read_only,
        shared: of.shared,
        capacity: of.ufs_capacity_bytes,
        options: of.properties.into_iter().map(|one| option(&path, one)).collect(),
    };
    (path, store)
}

/// An option of a mount by its digest, with the mount's path in it, so that equal values of two mounts do not look it.
/// A master of 2.x writes stars in place of a credential.
fn option(path: &str, (key, value): (String, Value)) -> (String, Option<Digest>) {
    let value = match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let hidden = !value.is_empty() && value.bytes().all(|sign| sign == b'*');
    let digest = (!hidden).then(|| Digest::of_document(&[path, key.as_str(), value.as_str()]));
    (key, digest)
}

fn worker(of: WorkerInfo) -> Worker {
    let used = of.used_bytes_on_tiers;
    let tier = |(medium, capacity): (String, u64)| {
        let used = used.get(&medium).copied().unwrap_or(0);
        (medium, (used, capacity))
    };
    Worker {
        host: of.address.host,
        port: of.address.rpc_port,
        state: of.state,
        silent_secs: of.last_contact_sec,
        tiers: of.capacity_bytes_on_tiers.into_iter().map(tier).collect(),
        blocks: of.block_count,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;
    use upshift_model::alluxio::MountTerms;

    use super::*;

    fn body(release: &str, name: &str) -> Value {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/alluxio/rest");
        let text = std::fs::read(dir.join(format!("{release}-master-{name}.json"))).expect("a fixture");
        let call: Value = serde_json::from_slice(&text).expect("JSON");
        call["body"].clone()
    }

    fn information(release: &str) -> Info {
        serde_json::from_value(body(release, "info")).expect("an answer of a master")
    }

    fn recorded(release: &str) -> Master {
        let metrics = serde_json::from_value(body(release, "metrics")).expect("metrics");
        told(information(release), Ok(metrics))
    }

    #[test]
    fn what_is_no_count_is_unknown_and_not_none() {
        let paths = |value: Value| {
            let gauges = serde_json::json!({ "gauges": { "Master.TotalPaths": { "value": value } } });
            let metrics = serde_json::from_value(gauges).expect("metrics");
            told(information("2.9.6"), Ok(metrics)).paths
        };
        assert_eq!(paths(serde_json::json!(15)).known(), Some(&15));
        for other in [serde_json::json!(-1), serde_json::json!("15"), Value::Null] {
            assert_eq!(paths(other.clone()).known(), None, "{other}");
        }
    }

    #[test]
    fn options_of_mounts_are_kept_by_their_digests_and_what_a_master_hides_by_name() {
        let of = |properties: Value| {
            let point = serde_json::json!({
                "ufsType": "s3", "ufsUri": "s3://lake/", "ufsCapacityBytes": -1, "shared": false, "readOnly": false,
                "properties": properties,
            });
            let point = serde_json::from_value(point).expect("a mount");
            mounted(("/lake".to_owned(), point)).1
        };
        let terms = |properties: Value| MountTerms::of(&of(properties));
        let was = terms(serde_json::json!({ "aws.secretKey": "hunter2", "region": "eu" }));
        assert!(!format!("{was:?}").contains("hunter2"));
        let differ = |now: Value| was.differences(&terms(now));
        assert_eq!(
            differ(serde_json::json!({ "aws.secretKey": "******", "region": "eu" })),
            [] as [&str; 0]
        );
        assert_eq!(
            differ(serde_json::json!({ "aws.secretKey": "hunter3" })),
            ["with another value of aws.secretKey", "without the option region"]
        );
        let read_only = MountTerms {
            read_only: true,
            ..was.clone()
        };
        assert_eq!(read_only.differences(&was), ["not read-only, it was read-only"]);
    }

    #[test]
    fn masters_of_every_release_tell_their_mounts_workers_and_counts() {
        for release in ["1.8.1", "2.3.0", "2.5.0", "2.7.3", "2.9.6"] {
            let master = recorded(release);
            assert_eq!(master.version, release);
            let mounts: Vec<&str> = master.mounts.keys().map(String::as_str).collect();
            assert_eq!(mounts, ["/", "/mnt", "/ro"], "{release}");
            assert!(master.mounts["/ro"].read_only, "{release}");
            assert_eq!(master.paths.known(), Some(&15), "{release}");
            assert_eq!(master.workers.len(), 1, "{release}");
            let state = master.workers[0].state.as_str();
            assert!(["In Service", "ACTIVE"].contains(&state), "{release}: {state}");
            assert_eq!(
                master.workers[0].tiers["MEM"],
                (7_000_006, 268_435_456),
                "{release}"
            );
            assert_eq!(master.restored, None, "{release}: nothing was restored");
            assert_eq!(
                tiers_of(|key| master.options.get(key).map(String::as_str)),
                ["/srv/alluxio/tier0/alluxioworker"],
                "{release}"
            );
            assert_eq!(
                master.options["alluxio.master.journal.folder"],
                "/srv/alluxio/journal0"
            );
        }
    }
}
