//! Settings below `weka debug`, and statistics.

use std::collections::BTreeMap;

use serde_json::Value;
use upshift_model::observed::Observed;
use upshift_model::weka::{Fsck, Inner, Override};

use crate::weka::frames::Frames;
use crate::weka::record::Record;

pub(super) fn inner(frames: &Frames) -> Inner {
    Inner {
        traces: frames.one("traces", "whether traces are written", |told| {
            Record(told).flag("enabled")
        }),
        traces_leave_free: frames.one("traces", "the room that traces leave", |told| {
            Record(told).number("servers_ensure_free.value")
        }),
        remote_traces: frames.one("remote-traces", "whether traces go elsewhere", |told| {
            Record(told).flag("enabled")
        }),
        overrides: frames.list("overrides", "overrides", |told| {
            let record = Record(told);
            Override {
                id: record.id("override_id"),
                key: record.text("key"),
            }
        }),
        denied: frames.list("denied", "the deny list", |told| {
            let record = Record(told);
            let id = record
                .id("node_id")
                .map_or_else(|| "?".to_owned(), |id| id.to_string());
            format!("process {id} on {}", record.text("hostname").unwrap_or_default())
        }),
        catalog: frames.one("catalog", "whether the catalog is indexed", |told| {
            Record(told).flag("indexEnabled")
        }),
        retention: frames.one("retention", "how long statistics are kept", |told| {
            Record(told).number("retention_secs")
        }),
        snapshot_buckets: numbers(frames),
        configured_drives: configured(frames),
        mixed_accepted: mixed(frames),
        fsck: frames.one("fsck", "the last check of filesystems", |told| Fsck {
            issues: plain(told, "issuesCount").and_then(|at| at.0.as_u64()),
            began: plain(told, "startTime").and_then(|at| at.signed("usecs")),
        }),
        last_upgrade: whole(
            frames,
            "last-upgrade",
            "the time of the last upgrade",
            Value::as_i64,
        ),
        first_release: whole(
            frames,
            "first-release",
            "the release that the cluster was made with",
            |told| told.as_str().map(str::to_owned),
        ),
    }
}

/// A value that may be wrapped once more.
fn plain<'a>(told: &'a Value, name: &str) -> Option<Record<'a>> {
    let at = Record(told).at(name)?;
    Some(at.at("__unaligned_value").unwrap_or(at))
}

fn whole<T>(frames: &Frames, name: &str, what: &str, read: impl Fn(&Value) -> Option<T>) -> Observed<T> {
    match frames.one(name, what, read) {
        Observed::Unknown(gap) => Observed::Unknown(gap),
        Observed::Known(Some(found)) => Observed::Known(found),
        Observed::Known(None) => Observed::unknown(what, "the answer is of another kind than expected"),
    }
}

fn numbers(frames: &Frames) -> Observed<Vec<u64>> {
    let what = "numbers of buckets of snapshots";
    whole(frames, "snapshot-buckets", what, |told| {
        told.as_array()?.iter().map(Value::as_u64).collect()
    })
}

fn configured(frames: &Frames) -> Observed<BTreeMap<String, Option<bool>>> {
    whole(frames, "configured-drives", "configured drives", |told| {
        let drives = told.as_object()?.iter();
        Some(drives.map(|(id, drive)| (id.clone(), left_over(drive))).collect())
    })
}

/// Wanted away since the first generation, and never phased out at its size.
fn left_over(drive: &Value) -> Option<bool> {
    let record = Record(drive);
    let first = record.id("lastPhaseOutGeneration")? == 1;
    let sizes = (record.number("lastPhaseOutSizeB")?, record.number("sizeB")?);
    Some(record.text("_targetState.state")? == "INACTIVE" && first && sizes.0 != sizes.1)
}

/// A release that does not know the member accepts none.
fn mixed(frames: &Frames) -> Observed<Vec<String>> {
    whole(frames, "accepted", "accepted versions", |told| {
        let map = told.as_object()?;
        match map.get("MIXED") {
            None => Some(Vec::new()),
            Some(_) => Record(told).texts("MIXED"),
        }
    })
}
