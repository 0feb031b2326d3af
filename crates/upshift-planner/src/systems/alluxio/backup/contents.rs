//! Whether entries belong together, and what they tell of losses.

use upshift_model::alluxio::{Backup, DamageKind, Unchecked};
use upshift_model::finding::{Finding, Severity};
use upshift_model::ids::Code;
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use super::stream::told;
use super::{Asked, subject};
use crate::systems::alluxio::codes;

const MEASURED: &str = "restores of such backups by masters of 2.7.3 and 2.9.6 (measured)";
/// So many files that would be lost are named in a finding.
const NAMED: usize = 10;

struct Question {
    kind: DamageKind,
    code: Code,
    needs: &'static [Unchecked],
    green: &'static str,
    red: &'static str,
    fix: &'static str,
}

const TAKE_AGAIN: &str = "take the backup again and look at it again, while the old cluster still runs";

const QUESTIONS: [Question; 5] = [
    Question {
        kind: DamageKind::Missing,
        code: codes::RECORDS,
        needs: &[],
        green: "every record is there that a backup must hold",
        red: "records are missing that every backup holds: masters restore it without a word",
        fix: TAKE_AGAIN,
    },
    Question {
        kind: DamageKind::Doubled,
        code: codes::DOUBLED,
        needs: &[Unchecked::Inodes, Unchecked::Names, Unchecked::Blocks],
        green: "nothing is there twice",
        red: "something is there twice",
        fix: TAKE_AGAIN,
    },
    Question {
        kind: DamageKind::NoParent,
        code: codes::PARENTS,
        needs: &[Unchecked::Inodes],
        green: "every file and directory comes behind its parent",
        red: "files or directories lack their parent: a master ends on the first of them",
        fix: "upshift explain UP-ALLUXIO-0312",
    },
    Question {
        kind: DamageKind::UsedIds,
        code: codes::USED_IDS,
        needs: &[],
        green: "ids go on behind all that are in use",
        red: "ids that are in use would be given out again: new files would get the blocks of old ones",
        fix: TAKE_AGAIN,
    },
    Question {
        kind: DamageKind::Mounts,
        code: codes::MOUNTS,
        needs: &[Unchecked::Mounts],
        green: "every mount has its directory, and every mount point its mount",
        red: "mount points and mounts do not belong together",
        fix: "compare with alluxio fs mount on the old cluster, and take the backup again",
    },
];

/// The questions that only a whole stream answers.
pub(super) fn sound(backup: &Backup) -> Vec<Finding> {
    let one = |question: &Question| {
        let topic = Topic::new(question.code.clone(), subject(backup)).source(MEASURED);
        let damage = backup.damage.iter().find(|damage| damage.kind == question.kind);
        match damage {
            Some(damage) => Some(
                told(topic, backup, damage)
                    .fix(question.fix)
                    .refused(question.red),
            ),
            None if question
                .needs
                .iter()
                .any(|needs| backup.unchecked.contains(needs)) =>
            {
                None
            }
            None => Some(topic.green(question.green)),
        }
    };
    QUESTIONS.iter().filter_map(one).collect()
}

/// What did not fit into memory.
pub(super) fn unchecked(backup: &Backup) -> Option<Finding> {
    if backup.unchecked.is_empty() {
        return None;
    }
    let words = backup.unchecked.iter().map(|what| match what {
        Unchecked::Blocks => "whether blocks and files belong together",
        Unchecked::Inodes => "whether every file is there once and behind its parent",
        Unchecked::Names => "whether every name stands once in its directory",
        Unchecked::Mounts => "whether mounts have their directories",
    });
    let words: Vec<&str> = words.collect();
    let may_hide = match backup.unchecked.iter().all(|what| *what == Unchecked::Blocks) {
        true => Severity::Yellow,
        false => Severity::Red,
    };
    let gap = Gap {
        what: words.join("; "),
        reason: format!(
            "{} entries do not fit into the memory that is used for it",
            backup.entries
        ),
    };
    let topic = Topic::new(codes::UNCHECKED, subject(backup));
    let topic =
        topic.fix("restore it into a cluster of the wanted release that holds nothing else, and compare");
    Some(topic.unknown(&gap, may_hide, "some of it is too much to be checked"))
}

/// Backups of 2.1 and later hold the id of the cluster, last but for tables: without it the stream ends early.
pub(super) fn cluster(backup: &Backup, asked: &Asked) -> Option<Finding> {
    let topic = Topic::new(codes::CLUSTER, subject(backup)).source("DefaultMetaMaster of 2.1.0");
    let holds = asked.source.as_ref().map(|source| source.line() >= (2, 1));
    match (&backup.cluster, holds) {
        (Some(_), _) => Some(topic.green("the id of the cluster is there")),
        (None, Some(false)) => None,
        (None, Some(true)) => {
            let topic = topic.saw("no entry cluster_info").fix(TAKE_AGAIN);
            Some(topic.refused("the id of the cluster is missing: the entries end early"))
        }
        (None, None) => {
            let gap = Gap {
                what: "whether the last entries are there".to_owned(),
                reason: "there is no id of the cluster, which 2.1 and later write, and which release wrote it was \
                         not told"
                    .to_owned(),
            };
            let topic = topic.fix("--source VERSION tells which release wrote it");
            Some(topic.unknown(
                &gap,
                Severity::Red,
                "the backup is of 2.0 or earlier, or it ends early",
            ))
        }
    }
}

/// Complete files that are not in the under-store.
pub(super) fn cached(backup: &Backup) -> Finding {
    let topic = Topic::new(codes::CACHED, subject(backup))
        .source("Alluxio documentation, 'Upgrading', warning of format; a worker against a formatted master (measured)");
    if backup.cached_files == 0 {
        return topic.green("every complete file is in the under-store");
    }
    let first = backup.cached.iter().take(NAMED);
    let named = first.map(|file| format!("{}  {} bytes in {} blocks", file.path, file.bytes, file.blocks));
    let more = backup.cached_files.saturating_sub(NAMED as u64);
    let mut topic = topic
        .saw(format!(
            "{} files, {} bytes, that no under-store holds",
            backup.cached_files, backup.cached_bytes
        ))
        .saw_all(named);
    if more > 0 {
        topic = topic.saw(format!("and {more} more; --json names up to 1000"));
    }
    topic
        .fix("alluxio fs persist PATH, then take the backup again")
        .fix("or keep the workers' tiers as they are: format masters only (alluxio formatMasters)")
        .yellow("files exist in workers only: formatting workers destroys them")
}

/// Files that are not at rest.
pub(super) fn unfinished(backup: &Backup) -> Vec<Finding> {
    let tally = &backup.tally;
    let mut found = Vec::new();
    for (count, title, fix) in [
        (
            tally.incomplete,
            "files were being written when the backup was taken",
            "stop the writers and take the backup again; what they write later is in no backup",
        ),
        (
            tally.to_be_persisted,
            "files were waiting to be written into the under-store",
            "wait until they are PERSISTED (alluxio fs ls -R /) and take the backup again",
        ),
        (
            tally.lost,
            "files are lost already: no worker has their blocks",
            "bring back the workers that have them before the backup is taken, or delete them",
        ),
    ] {
        if count > 0 {
            let topic = Topic::new(codes::UNFINISHED, subject(backup)).saw(format!("{count} files"));
            found.push(topic.fix(fix).yellow(title));
        }
    }
    found
}

/// Records of blocks that no file lists.
pub(super) fn blocks(backup: &Backup) -> Option<Finding> {
    let tally = &backup.tally;
    if backup.unchecked.contains(&Unchecked::Blocks) {
        return None;
    }
    let topic = Topic::new(codes::BLOCKS, subject(backup)).saw(format!(
        "{} blocks with a record, {} of them of no file; {} blocks of files have none yet",
        tally.blocks, tally.orphan_blocks, tally.unwritten_blocks
    ));
    Some(match tally.orphan_blocks {
        0 => topic.green("every block with a record belongs to a file"),
        _ => topic
            .fix("nothing has to be done: the new master has workers delete such blocks")
            .yellow("some blocks belong to no file"),
    })
}
