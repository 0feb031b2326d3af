//! How servers, tables and buckets are called in sentences.

use std::fmt;

use super::facts::{BucketId, Facts, Listener, Rebalance, RebalanceStatus, ServerTag};

impl Listener {
    /// `host:7000`, as one connects to it.
    pub fn address(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.name, self.address())
    }
}

impl fmt::Display for ServerTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PermanentOffline => f.write_str("PERMANENT_OFFLINE"),
            Self::TemporaryOffline => f.write_str("TEMPORARY_OFFLINE"),
            Self::Other(tag) => write!(f, "an unknown tag {tag}"),
        }
    }
}

impl fmt::Display for Rebalance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = match self.status {
            RebalanceStatus::NotStarted => "has not begun",
            RebalanceStatus::Running => "runs",
            RebalanceStatus::Failed => "failed",
            RebalanceStatus::Completed => "is completed",
            RebalanceStatus::Cancelled => "was cancelled",
            RebalanceStatus::TimedOut => "timed out",
            RebalanceStatus::Other(status) => {
                return write!(f, "rebalance {} has unknown status {status}", self.id);
            }
        };
        write!(f, "rebalance {} {status}", self.id)
    }
}

impl Facts {
    /// Where a tablet server answers, all of it; none where it is not registered.
    pub fn listeners_of(&self, tablet_server: i32) -> Option<&[Listener]> {
        let server = self.tablet_servers.known()?.get(&tablet_server)?.known()?;
        (!server.listeners.is_empty()).then_some(server.listeners.as_slice())
    }

    /// `lab.orders`, or `table 7` where its registration was not seen.
    pub fn table_name(&self, table: i64) -> String {
        match self.tables.get(&table) {
            Some(facts) => format!("{}.{}", facts.database, facts.name),
            None => format!("table {table}"),
        }
    }

    /// `lab.orders bucket 2`, `lab.orders partition 2026 bucket 0`.
    pub fn bucket_name(&self, id: BucketId) -> String {
        let table = self.table_name(id.table);
        let Some(partition) = id.partition else {
            return format!("{table} bucket {}", id.bucket);
        };
        let partitions = self
            .tables
            .get(&id.table)
            .and_then(|table| table.partitions.known());
        let name = partitions.and_then(|all| all.iter().find(|(_, number)| **number == partition));
        match name {
            Some((name, _)) => format!("{table} partition {name} bucket {}", id.bucket),
            None => format!("{table} partition {partition} bucket {}", id.bucket),
        }
    }
}
