//! The file as a file: bytes, gzip, entries behind their lengths, the marker and the number of entries.

use upshift_model::alluxio::{Backup, Damage, DamageKind, Marker};
use upshift_model::finding::{Finding, Severity};
use upshift_model::ids::Code;
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use super::{Asked, subject};
use crate::systems::alluxio::codes;

const MEASURED: &str = "restores of damaged backups by masters of 2.3.0, 2.7.3 and 2.9.6 (measured)";
const AGAIN: &str =
    "take the backup again and look at it again; the old cluster must still run, with its own binaries";

/// Kinds that end the reading or come before any entry.
const OF_THE_STREAM: [(DamageKind, Code, &str); 8] = [
    (DamageKind::Empty, codes::EMPTY, "the file is empty"),
    (
        DamageKind::NotGzip,
        codes::NOT_GZIP,
        "the file is no backup: no gzip stream",
    ),
    (DamageKind::CutStream, codes::CUT_STREAM, "the backup is cut off"),
    (
        DamageKind::DamagedStream,
        codes::DAMAGED_STREAM,
        "the backup is damaged",
    ),
    (
        DamageKind::Beyond,
        codes::BEYOND,
        "something follows the first gzip member, and masters do not read it",
    ),
    (
        DamageKind::CutEntry,
        codes::CUT_ENTRY,
        "the last entry is cut off, and masters take that for the end",
    ),
    (
        DamageKind::MalformedEntry,
        codes::MALFORMED_ENTRY,
        "there is something that is no entry of a backup",
    ),
    (
        DamageKind::ForeignEntry,
        codes::FOREIGN_ENTRY,
        "there are entries that no backup holds",
    ),
];

/// One finding for every kind of damage, or a green one.
pub(super) fn findings(backup: &Backup) -> Vec<Finding> {
    let damage = |kind: DamageKind| backup.damage.iter().find(|damage| damage.kind == kind);
    let mut found: Vec<Finding> = OF_THE_STREAM
        .iter()
        .filter_map(|(kind, code, title)| {
            let damage = damage(*kind)?;
            let topic = told(Topic::new(code.clone(), subject(backup)), backup, damage);
            Some(topic.source(MEASURED).fix(AGAIN).refused(*title))
        })
        .collect();
    if found.is_empty() && backup.whole {
        let topic = Topic::new(codes::DAMAGED_STREAM, subject(backup)).source(MEASURED);
        found.push(topic.green("the file is whole: checksum, size, and every entry to its end"));
    }
    found
}

/// The first defects with their places, and how far the reading went.
pub(super) fn told(topic: Topic, backup: &Backup, damage: &Damage) -> Topic {
    let more = damage.times.saturating_sub(damage.met.len() as u64);
    let mut topic = topic.saw_all(damage.met.iter().cloned());
    if more > 0 {
        topic = topic.saw(format!("and {more} more of the kind"));
    }
    match backup.whole {
        true => topic,
        false => topic.saw(format!("{} entries were read before it", backup.entries)),
    }
}

/// `FILE.complete`, where the release that wrote the backup is known.
pub(super) fn marker(backup: &Backup, asked: &Asked) -> Option<Finding> {
    let topic = Topic::new(codes::MARKER, subject(backup)).source("BackupManager of 2.4.0");
    let writes = asked.source.as_ref().map(|source| source.line() >= (2, 4));
    match (backup.marker, writes) {
        (Marker::There, _) => Some(topic.green("its marker says that a master finished it")),
        (Marker::Absent, Some(false)) => None,
        (Marker::Absent, Some(true)) => Some(
            topic
                .saw(format!("{}.complete is not there", backup.path))
                .fix("look on the host that the backup command named; copy the marker with the file")
                .yellow("no marker says that a master finished it"),
        ),
        (Marker::Absent, None) => Some(
            topic
                .fix("--source VERSION tells which release wrote it: 2.4 and later put FILE.complete beside it")
                .unknown(
                    &Gap {
                        what: "whether a master finished it".to_owned(),
                        reason: "no FILE.complete is there, and which release wrote it was not told".to_owned(),
                    },
                    Severity::Yellow,
                    "no marker says that a master finished it",
                ),
        ),
    }
}

/// The number of entries, where a person knows it.
pub(super) fn count(backup: &Backup, asked: &Asked) -> Option<Finding> {
    let expected = asked.entries?;
    let topic = Topic::new(codes::COUNT, subject(backup))
        .source("output of fsadmin backup since 2.2: Backup Entry Count")
        .saw(format!("{} entries, {expected} expected", backup.entries));
    Some(match backup.entries == expected {
        true => topic.green("it has as many entries as the backup command told"),
        false => topic
            .fix("see that this is the file that the command named, on the host that it named")
            .refused("it has another number of entries than the backup command told"),
    })
}
