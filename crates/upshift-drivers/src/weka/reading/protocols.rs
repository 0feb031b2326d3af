//! S3, SMB and NFS.

use std::collections::BTreeMap;

use serde_json::Value;
use upshift_model::observed::{Gap, Observed};
use upshift_model::weka::{NfsGroup, NfsPort, Protocols, S3, Smb};

use crate::weka::frames::Frames;
use crate::weka::record::{Record, id_of};

/// What the releases that count them take of one bucket.
const MOST_RULES: usize = 10;
const LONGEST_PREFIX: usize = 256;
const MOST_TAGS: usize = 6;

pub(super) fn protocols(frames: &Frames) -> Protocols {
    Protocols {
        s3: s3(frames),
        smb: smb(frames),
        nfs: frames.list("nfs", "groups of NFS interfaces", group),
        nfs_options: frames.one("nfs-options", "options of NFS", |told| {
            Record(told).text("customNfsOptions")
        }),
        nfs_config: frames.one("nfs-config", "the filesystem for NFS's configuration", |told| {
            // Told as null where there is none.
            let record = Record(told);
            let none = record.at("config_fs").is_some_and(|at| at.0.is_null());
            record.text("config_fs").or_else(|| none.then(String::new))
        }),
    }
}

fn s3(frames: &Frames) -> Observed<Option<S3>> {
    let told = match frames.json("s3", "S3") {
        Err(gap) => return Observed::Unknown(gap),
        Ok(told) => told,
    };
    let record = Record(&told);
    match record.flag("active") {
        None => Observed::unknown("S3", "the answer does not say whether it is active"),
        Some(false) => Observed::Known(None),
        Some(true) => Observed::Known(Some(S3 {
            hosts: record.ids("s3_hosts"),
            mount_options: record.text("mount_options"),
            etcd: match record.at("etcd_cluster_hosts") {
                None => Some(Vec::new()),
                Some(_) => record.ids("etcd_cluster_hosts"),
            },
            ready: states(frames, "s3-status", "the health of S3"),
            lifecycle: None,
        })),
    }
}

fn smb(frames: &Frames) -> Observed<Option<Smb>> {
    match frames.json("smb", "SMB") {
        Err(gap) => Observed::Unknown(gap),
        Ok(told) => {
            let record = Record(&told);
            let hosts = record.ids("sambaHosts");
            let none = told.as_object().is_some_and(serde_json::Map::is_empty)
                || told.is_null()
                || hosts.as_ref().is_some_and(Vec::is_empty);
            Observed::Known((!none).then(|| Smb {
                hosts,
                active: states(frames, "smb-status", "the health of SMB"),
            }))
        }
    }
}

/// A map of containers to yes and no, or a list of records, as releases differ.
fn states(frames: &Frames, name: &str, what: &str) -> Observed<BTreeMap<u64, bool>> {
    let told = match frames.json(name, what) {
        Err(gap) => return Observed::Unknown(gap),
        Ok(told) => told,
    };
    let read: Option<BTreeMap<u64, bool>> = match &told {
        Value::Object(map) => map
            .iter()
            .map(|(id, is)| Some((id_of(id)?, is.as_bool()?)))
            .collect(),
        Value::Array(entries) => entries
            .iter()
            .map(|entry| {
                let record = Record(entry);
                let is = match record.text("service_status") {
                    Some(word) => word == "Ready",
                    None => record.flag("active")?,
                };
                Some((record.id("host_id")?, is))
            })
            .collect(),
        _ => None,
    };
    match read {
        Some(found) => Observed::Known(found),
        None => Observed::unknown(what, "the answer is of another kind than expected"),
    }
}

fn group(told: &Value) -> NfsGroup {
    let record = Record(told);
    let ports = record.entries("ports").map(|ports| {
        let port = |port: &Value| {
            let record = Record(port);
            NfsPort {
                host: record.id("host_id"),
                port: record.text("port"),
                status: record.text("status"),
            }
        };
        ports.iter().map(port).collect()
    });
    NfsGroup {
        name: record.text("name"),
        status: record.text("status"),
        ports,
    }
}

/// Names of buckets.
pub(in crate::weka) fn bucket_names(frames: &Frames) -> Result<Vec<String>, Gap> {
    let what = "buckets";
    let told = frames.json("buckets", what)?;
    let gap = || Gap {
        what: what.to_owned(),
        reason: "the answer is of another kind than expected".to_owned(),
    };
    let entries = told.as_array().ok_or_else(gap)?;
    let names: Option<Vec<String>> = entries.iter().map(|entry| Record(entry).text("name")).collect();
    names.ok_or_else(gap)
}

/// What the rules of each bucket have that is too much.
pub(in crate::weka) fn lifecycle(told: &[(String, String)]) -> Observed<Vec<String>> {
    let what = "rules of buckets' lifecycles";
    let mut found = Vec::new();
    for (bucket, text) in told {
        let Ok(Value::Array(rules)) = serde_json::from_str::<Value>(text) else {
            return Observed::unknown(what, format!("those of bucket {bucket} cannot be read"));
        };
        if rules.len() > MOST_RULES {
            found.push(format!("bucket {bucket} has {} rules", rules.len()));
        }
        let mut tags = 0;
        for rule in rules.iter().map(Record) {
            let prefix = rule.text("prefix").unwrap_or_default();
            if prefix.len() > LONGEST_PREFIX {
                found.push(format!("bucket {bucket} has a prefix of {} bytes", prefix.len()));
            }
            let said = rule.text("tags").unwrap_or_default();
            tags += said.split(['&', ',']).filter(|tag| !tag.is_empty()).count();
        }
        // Those of all rules count together, and a rule may have one itself.
        if tags > MOST_TAGS.max(rules.len()) {
            found.push(format!("bucket {bucket} has {tags} tags"));
        }
    }
    Observed::Known(found)
}
