//! Whether a backup may be restored: the part of its judgement that a run depends on. Checks say more of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::backup::{Backup, Damage, DamageKind, Marker, Unchecked};
use super::codes;
use crate::ids::Code;

/// What a backup must be before anything is stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criteria {
    /// Types of entries that the wanted release takes.
    pub accepts: BTreeSet<u32>,
    /// Whether a marker must lie beside it.
    pub marked: bool,
    /// Whether it must hold the cluster's id.
    pub cluster_id: bool,
    /// Whether fingerprints of 1.x are not understood.
    pub no_old_fingerprints: bool,
}

/// Why a backup may not be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// The page that explains it.
    pub code: Code,
    /// One line.
    pub what: String,
}

/// The code of a kind of damage.
const fn code_of(kind: DamageKind) -> Code {
    match kind {
        DamageKind::Empty => codes::EMPTY,
        DamageKind::NotGzip => codes::NOT_GZIP,
        DamageKind::CutStream => codes::CUT_STREAM,
        DamageKind::DamagedStream => codes::DAMAGED_STREAM,
        DamageKind::Beyond => codes::BEYOND,
        DamageKind::CutEntry => codes::CUT_ENTRY,
        DamageKind::MalformedEntry => codes::MALFORMED_ENTRY,
        DamageKind::ForeignEntry => codes::FOREIGN_ENTRY,
        DamageKind::Missing => codes::RECORDS,
        DamageKind::Doubled => codes::DOUBLED,
        DamageKind::NoParent => codes::PARENTS,
        DamageKind::UsedIds => codes::USED_IDS,
        DamageKind::Mounts => codes::MOUNTS,
    }
}

/// Everything for which the backup may not be restored. `told` is how many entries its master said that it wrote.
pub fn unfit(backup: &Backup, criteria: &Criteria, told: Option<u64>) -> Vec<Unfit> {
    let mut found: Vec<Unfit> = backup.damage.iter().map(damaged).collect();
    let mut say = |code: Code, what: String| found.push(Unfit { code, what });
    if !backup.whole && backup.damage.is_empty() {
        say(codes::CUT_STREAM, "it could not be read to its end".to_owned());
    }
    // Which blocks belong to which files is no part of the tree: a check calls it yellow, and more than some tens of
    // millions of them would never go anywhere otherwise.
    let weighty = backup.unchecked.iter().filter(|what| **what != Unchecked::Blocks);
    let weighty: Vec<&Unchecked> = weighty.collect();
    if !weighty.is_empty() {
        say(
            codes::UNCHECKED,
            format!("not everything could be checked: {weighty:?}"),
        );
    }
    if let Some(told) = told.filter(|told| *told != backup.entries) {
        say(
            codes::COUNT,
            format!("it holds {} entries, its master wrote {told}", backup.entries),
        );
    }
    if criteria.marked && backup.marker == Marker::Absent {
        say(codes::MARKER, "its marker is not beside it".to_owned());
    }
    let foreign = backup
        .kinds
        .iter()
        .find(|kind| !criteria.accepts.contains(&kind.number));
    if let Some(kind) = foreign {
        say(
            codes::TYPES,
            format!(
                "the release that restores it ends on its {} entries of {}",
                kind.count, kind.name
            ),
        );
    }
    if criteria.cluster_id && backup.whole && backup.cluster.is_none() {
        say(codes::CLUSTER, "it lacks the cluster's id".to_owned());
    }
    if criteria.no_old_fingerprints && backup.tally.old_fingerprints > 0 {
        say(
            codes::FINGERPRINTS,
            format!(
                "{} files have a fingerprint of 1.x",
                backup.tally.old_fingerprints
            ),
        );
    }
    found
}

fn damaged(damage: &Damage) -> Unfit {
    let first = damage.met.first().map_or("", String::as_str);
    Unfit {
        code: code_of(damage.kind),
        what: format!("{first}, {} times in all", damage.times),
    }
}
