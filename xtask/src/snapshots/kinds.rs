//! The kinds of snapshots: what the job has in it, how it is configured, what is taken.

use std::collections::BTreeMap;

use upshift_lab::rest::Format;

/// One kind.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its name, a part of the fixture's.
    pub(super) name: &'static str,
    /// What the job has in it, or `sql`.
    pub(super) parts: &'static str,
    pub(super) backend: &'static str,
    /// The first release that can.
    from: (u32, u32),
    /// Configuration of the job beyond what all have.
    settings: &'static [(&'static str, &'static str)],
    pub(super) take: Take,
    /// Whether all state is in files; otherwise what is small stands in the metadata.
    pub(super) files: bool,
}

/// What is taken of the running job.
#[derive(Debug, Clone, Copy)]
pub(super) enum Take {
    /// A savepoint.
    Savepoint(Format),
    /// The checkpoint that is retained when the job is cancelled after so many.
    Checkpoint(usize),
    /// The same of a second job that was restored from the first one's and claims its files: it refers to both.
    Claimed(usize),
}

const ALL: (u32, u32) = (1, 16);
const CANONICAL: Take = Take::Savepoint(Format::Canonical);
const NATIVE: Take = Take::Savepoint(Format::Native);
const AFTER_2: Take = Take::Checkpoint(2);
const AFTER_4: Take = Take::Checkpoint(4);

const UNALIGNED: [(&str, &str); 2] = [
    ("execution.checkpointing.unaligned", "true"),
    ("execution.checkpointing.unaligned.enabled", "true"),
];
const MERGED: (&str, &str) = ("execution.checkpointing.file-merging.enabled", "true");
const CHANGELOG: [(&str, &str); 3] = [
    ("state.changelog.enabled", "true"),
    ("state.changelog.periodic-materialize.enabled", "true"),
    ("state.changelog.periodic-materialize.interval", "1500ms"),
];
const INCREMENTAL: [(&str, &str); 2] = [
    ("state.backend.incremental", "true"),
    ("execution.checkpointing.incremental", "true"),
];

#[rustfmt::skip]
pub(super) const KINDS: &[Kind] = &[
    kind("changelog-hashmap", "plain", "hashmap", ALL, &[CHANGELOG[0], CHANGELOG[1], CHANGELOG[2]], AFTER_4).in_files(),
    kind("changelog-rocksdb", "plain", "rocksdb", ALL, &[CHANGELOG[0], CHANGELOG[1], CHANGELOG[2], INCREMENTAL[0], INCREMENTAL[1]], AFTER_4).in_files(),
    kind("changelog-savepoint", "plain", "rocksdb", ALL, &[CHANGELOG[0], CHANGELOG[1], CHANGELOG[2]], CANONICAL),
    kind("merged-hashmap", "plain,lists", "hashmap", (1, 20), &[MERGED], AFTER_2).in_files(),
    kind("merged-rocksdb", "plain,lists", "rocksdb", (1, 20), &[MERGED, INCREMENTAL[0], INCREMENTAL[1]], AFTER_4).in_files(),
    kind("merged-channels", "plain,slow", "hashmap", (1, 20), &[MERGED, UNALIGNED[0], UNALIGNED[1]], AFTER_2).in_files(),
    kind("channels", "plain,slow", "hashmap", ALL, &[UNALIGNED[0], UNALIGNED[1]], AFTER_2),
    kind("channels-files", "slow", "rocksdb", ALL, &[UNALIGNED[0], UNALIGNED[1]], AFTER_2).in_files(),
    kind("incremental", "plain", "rocksdb", ALL, &[INCREMENTAL[0], INCREMENTAL[1]], Take::Checkpoint(6)).in_files(),
    kind("claimed", "plain", "rocksdb", ALL, &[INCREMENTAL[0], INCREMENTAL[1]], Take::Claimed(3)).in_files(),
    kind("compressed", "plain,lists,compressed", "hashmap", ALL, &[], CANONICAL),
    kind("changelog-compressed", "plain", "hashmap", ALL, &[CHANGELOG[0], CHANGELOG[1], CHANGELOG[2]], AFTER_4),
    kind("hook", "plain,hook", "hashmap", ALL, &[], CANONICAL),
    kind("hook-checkpoint", "hook,lists", "hashmap", ALL, &[], AFTER_2),
    kind("finished", "plain,finished", "hashmap", ALL, &[], Take::Checkpoint(8)),
    kind("ttl-canonical", "ttl", "hashmap", ALL, &[], CANONICAL),
    kind("ttl-native", "ttl", "rocksdb", ALL, &[], NATIVE),
    kind("lists", "lists", "hashmap", ALL, &[], CANONICAL),
    kind("types", "types", "hashmap", ALL, &[], CANONICAL),
    kind("types-rocksdb", "types", "rocksdb", ALL, &[], AFTER_2),
    kind("windows", "windows", "hashmap", ALL, &[], CANONICAL),
    kind("cep", "cep", "rocksdb", ALL, &[], CANONICAL),
    kind("sql", "sql", "hashmap", ALL, &[], CANONICAL),
];

const fn kind(
    name: &'static str,
    parts: &'static str,
    backend: &'static str,
    from: (u32, u32),
    settings: &'static [(&'static str, &'static str)],
    take: Take,
) -> Kind {
    Kind {
        name,
        parts,
        backend,
        from,
        settings,
        take,
        files: false,
    }
}

impl Kind {
    const fn in_files(self) -> Self {
        Self { files: true, ..self }
    }

    pub(super) fn fits(&self, minor: (u32, u32)) -> bool {
        minor >= self.from
    }

    /// Under old and new keys: which one a release reads differs.
    pub(super) fn settings(&self) -> BTreeMap<&'static str, &'static str> {
        let common = [
            ("execution.checkpointing.interval", "1s"),
            (
                "execution.checkpointing.externalized-checkpoint-retention",
                "RETAIN_ON_CANCELLATION",
            ),
            ("state.backend", self.backend),
            ("state.backend.type", self.backend),
        ];
        common.into_iter().chain(self.settings.iter().copied()).collect()
    }
}
