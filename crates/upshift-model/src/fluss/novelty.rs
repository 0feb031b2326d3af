//! What a table may have that a release before does not read: asked of what was seen of it, here and now.

use serde::{Deserialize, Serialize};

use super::facts::{Facts, TableFacts};

/// More buckets in one table or partition than 1.0 allows by default.
const WIDE: u32 = 4096;

/// One such thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Novelty {
    /// A lake is behind it.
    LakeTables,
    /// Its schema was changed.
    ChangedSchemas,
    /// Its batches bear statistics.
    TableStatistics,
    /// It has more buckets than are allowed by default.
    WideTables,
    /// It has the second format of keys in a store.
    KvFormat2,
    /// It sums up, or counts by itself.
    NewTableKinds,
}

impl Novelty {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::LakeTables,
        Self::ChangedSchemas,
        Self::TableStatistics,
        Self::WideTables,
        Self::KvFormat2,
        Self::NewTableKinds,
    ];

    /// Its name in the catalogue.
    pub const fn word(self) -> &'static str {
        match self {
            Self::LakeTables => "lake-tables",
            Self::ChangedSchemas => "changed-schemas",
            Self::TableStatistics => "table-statistics",
            Self::WideTables => "wide-tables",
            Self::KvFormat2 => "kv-format-2",
            Self::NewTableKinds => "new-table-kinds",
        }
    }

    /// Whether a table has it; none where that was not seen.
    pub fn is_in(self, table: &TableFacts) -> Option<bool> {
        match self {
            Self::LakeTables => has_lake(table),
            Self::ChangedSchemas => table.schemas.known().map(|count| *count > 1),
            Self::TableStatistics => Some(table.properties.contains_key("table.statistics.columns")),
            Self::WideTables => Some(table.buckets > WIDE),
            Self::KvFormat2 => own_kv_format(table),
            Self::NewTableKinds => new_kind(table),
        }
    }

    /// Whether any table has it: yes where one has, no only where all were seen not to have.
    pub fn is_anywhere(self, facts: &Facts) -> Option<bool> {
        let answers: Vec<Option<bool>> = facts.tables.values().map(|table| self.is_in(table)).collect();
        let seen = facts.gaps.is_empty() && !answers.contains(&None);
        match (answers.contains(&Some(true)), seen) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }
}

fn has_lake(table: &TableFacts) -> Option<bool> {
    match (table.lake.enabled, table.lake.node.known()) {
        (true, _) => Some(true),
        (false, Some(node)) => Some(node.is_some()),
        (false, None) => None,
    }
}

fn own_kv_format(table: &TableFacts) -> Option<bool> {
    let second = table
        .properties
        .get("table.kv.format-version")
        .is_some_and(|format| format == "2");
    if !second || table.lake.format.is_none() {
        return Some(false);
    }
    table.primary_key.known().map(|key| *key != table.bucket_key)
}

fn new_kind(table: &TableFacts) -> Option<bool> {
    let engine = table.properties.get("table.merge-engine");
    match engine.is_some_and(|engine| engine.eq_ignore_ascii_case("aggregation")) {
        true => Some(true),
        false => table.auto_increment.known().copied(),
    }
}
