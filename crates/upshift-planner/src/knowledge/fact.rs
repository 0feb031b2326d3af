//! What a person says of one system, as facts of a closed set, and conditions over them.
//!
//! Three answers, and a fourth: a condition holds, does not hold, cannot be told although somebody
//! looked, or nobody was asked. There is no expression language: a condition is a list of facts that
//! must all be so.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

use super::flink::When;

const BOOL: &[&str] = &["true", "false"];

macro_rules! facts {
    ($($variant:ident $word:literal $values:expr, $question:literal;)*) => {
        /// Something about one system that rules ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Fact {
            $(#[doc = $question] $variant,)*
        }

        impl Fact {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word on the command line and in files.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The values it may have.
            pub const fn values(self) -> &'static [&'static str] {
                match self { $(Self::$variant => $values,)* }
            }

            /// What is asked.
            pub const fn question(self) -> &'static str {
                match self { $(Self::$variant => $question,)* }
            }
        }
    };
}

facts! {
    Cep "cep" BOOL, "Does the job use the CEP library?";
    ScalaCaseClass "scala-case-class" BOOL, "Does state hold Scala case classes?";
    ScalaTraversable "scala-traversable" BOOL, "Does state hold a Scala TraversableSerializer?";
    BroadcastState "broadcast-state" BOOL, "Is there broadcast state?";
    SemiAsyncRocksdb "semi-async-rocksdb" BOOL, "Was RocksDB state checkpointed in semi-asynchronous mode?";
    ParallelismChange "parallelism-change" BOOL, "Does the parallelism change in the same move?";
    ParallelismIncrease "parallelism-increase" BOOL, "Does the parallelism grow?";
    ChainChange "chain-change" BOOL, "Are operators chained differently?";
    UnalignedCheckpoint "unaligned-checkpoint" BOOL, "Is the restore point an unaligned checkpoint?";
    ChangelogCheckpoint "changelog-checkpoint" BOOL, "Is the restore point a checkpoint of the changelog backend?";
    TableProgram "table-program" BOOL, "Is the job a Table API or SQL program?";
    KryoTypes "kryo-types" BOOL, "Does state hold types that Kryo serializes?";
    CollectionInPojo "collection-in-pojo" BOOL, "Does state hold a POJO with a collection that Kryo serialized?";
    OperatorState "operator-state" BOOL, "Is there operator state?";
    RemovedApi "removed-api" BOOL, "Does the jar use an API that the target no longer has?";
    Uids "uids" &["all", "some", "none"], "How many operators have an explicit uid?";
    JobChanged "job-changed" BOOL, "Does the job's program change in the same move?";
    StateTypeChanged "state-type-changed" BOOL, "Does the type of any state change?";
    InternalTypesChanged "internal-types-changed" BOOL, "Does an operator with internal state (reduce, window, join, co-group, aggregation) get other input or output types?";
    RemovedState "removed-state" BOOL, "Does the new program leave out an operator that has state?";
    DroppedStateAllowed "dropped-state-allowed" BOOL, "May state that no operator takes be dropped (allowNonRestoredState)?";
    MaxParallelismChange "max-parallelism-change" BOOL, "Does the max parallelism change?";
    BackendChange "backend-change" BOOL, "Does the state backend change in the same move?";
    Form "form" &["canonical", "native", "checkpoint"], "In which form is the restore point?";
    Claim "claim" &["no-claim", "claim", "legacy"], "Which claim mode does the restore use?";
    Relocated "relocated" BOOL, "Is the restore point reached under another path than it was written to?";
    Java "java" &["8", "11", "17", "21"], "Which Java will the new release run on?";
    Way "way" &["in-place", "backup"], "Does the new release start on the old journal (in-place) or from a backup?";
    Journal "journal" &["ufs", "embedded"], "Which type is the masters' journal?";
    JournalCheckpoint "journal-checkpoint" BOOL, "Does the journal hold a checkpoint, not only logs?";
    LineageOrKeyValue "lineage-or-key-value" BOOL, "Does the backup hold records of lineage or of the key-value store?";
    LoadJobs "load-jobs" BOOL, "Does the backup hold load jobs?";
    CopyJobs "copy-jobs" BOOL, "Does the backup hold copy jobs?";
    Tables "tables" BOOL, "Does the backup hold records of the table service?";
    RootSync "root-sync" BOOL, "Is alluxio.master.journal.sync.root.after.init.from.backup left on?";
    RamdiskCache "ramdisk-cache" BOOL, "Is the workers' RAM cache to be kept?";
    RootUfsChanged "root-ufs-changed" BOOL, "Is the root under-store another one after the move?";
    UnpersistedFiles "unpersisted-files" BOOL, "Are there files that lie in the cache only?";
    WorkersFormatted "workers-formatted" BOOL, "Are the workers formatted too?";
    ForeignJournalFiles "foreign-journal-files" BOOL, "Does the embedded journal's folder hold anything but raft/?";
    OldFingerprints "old-fingerprints" BOOL, "Does the backup hold fingerprints that 1.8 wrote?";
    JournalTypeSet "journal-type-set" BOOL, "Is alluxio.master.journal.type set?";
    BinariesReplaced "binaries-replaced" BOOL, "Are the binaries replaced already, before the backup?";
    BackupCopied "backup-copied" BOOL, "Do all masters reach the backup under one path?";
    MastersFirst "masters-first" BOOL, "Are masters compared with the backup before workers start?";
    MixedVersions "mixed-versions" BOOL, "Will masters or workers of two releases run at once?";
    EmptyJournal "empty-journal" BOOL, "Is the journal that is restored into freshly formatted?";
    LakeTables "lake-tables" BOOL, "Are there tables with a data lake behind them?";
    Stop "stop" &["rolling", "full"], "Are servers replaced one by one (rolling) or all stopped at once (full)?";
    CoordinatorEpoch "coordinator-epoch" &["zero", "positive"], "What is the coordinator's epoch in ZooKeeper?";
    ChangedSchemas "changed-schemas" BOOL, "Has any table's schema been changed since the upgrade?";
    TableStatistics "table-statistics" BOOL, "Has any table table.statistics.columns set?";
    SeveralDirectories "several-directories" BOOL, "Does data.dirs or remote.data.dirs name more than one directory?";
    SingleReplica "single-replica" BOOL, "Are there buckets with one replica only?";
    Provider "provider" &["standalone", "yarn", "kubernetes", "mesos"], "Who gives the cluster its processes?";
    Mode "mode" &["session", "application", "per-job"], "Is it a session cluster, or one for a single job?";
    HighAvailability "high-availability" &["none", "zookeeper", "kubernetes", "other"], "Which high availability is configured?";
    Backend "backend" &["hashmap", "rocksdb", "forst", "other"], "Which state backend do the jobs use?";
    Python "python" BOOL, "Is the job written in Python, or does it call Python functions?";
    ZookeeperBelow36 "zookeeper-below-3.6" BOOL, "Is ZooKeeper older than 3.6?";
    ReplicasInSync "replicas-in-sync" BOOL, "Are all replicas in sync, each leader among them?";
    Rebalancing "rebalancing" BOOL, "Is a rebalance running?";
    ServerTags "server-tags" BOOL, "Is any server tagged as offline?";
    OrphanTables "orphan-tables" BOOL, "Does a data.dir hold tables that ZooKeeper does not know?";
    NearlyFullDisk "nearly-full-disk" BOOL, "Is any data disk more than 85 % full?";
    WideTables "wide-tables" BOOL, "Has any table or partition more than 4096 buckets?";
    TieringRunning "tiering-running" BOOL, "Does the tiering job run while the coordinator is replaced?";
    KvFormat2 "kv-format-2" BOOL, "Is there a table of KV format 2 with a lake format and a bucket key of its own?";
    NewTableKinds "new-table-kinds" BOOL, "Are there aggregation or auto-increment tables?";
    PartitionKeyTypes "non-string-partition-keys" BOOL, "Has a partitioned Paimon table with deletion vectors a partition key that is no string?";
    OtherConfigChange "other-config-change" BOOL, "Is anything else in the configuration (racks, listeners) changed in the same move?";
    OldCoordinatorStopped "old-coordinator-stopped" BOOL, "Is the old coordinator's node gone before the new one starts?";
    AclAlterOnly "acl-alter-only" BOOL, "Do principals change ACLs with ALTER only?";
    JaasClassNames "jaas-class-names" BOOL, "Do SASL or plugin settings name classes of com.alibaba.fluss?";
    Stateful "stateful" BOOL, "Is state to be carried over?";
    Sql "sql" BOOL, "Is it an SQL deployment?";
    EngineStatus "engine-status" &["stable", "beta", "deprecated", "expired"], "Which status does the platform give the target engine?";
    SavepointForm "savepoint-form" &["native", "standard"], "In which form is the savepoint taken?";
    Drain "drain" BOOL, "Is the job stopped with drain?";
    RestoreStrategy "restore-strategy" &["from-savepoint", "latest-savepoint", "latest-state", "none"], "Which restore strategy starts the new deployment?";
    DependenciesAligned "dependencies-aligned" BOOL, "Are all dependencies of the target's engine version?";
    Mcb "mcb" BOOL, "Does every container serve one function (MCB architecture)?";
    ProtocolsTogether "protocols-together" BOOL, "Does a server serve more than one of NFS, SMB and S3?";
    LegacyNfs "legacy-nfs" BOOL, "Is the legacy NFS protocol in use?";
    NfsLocking "nfs-locking" BOOL, "Do rpc.statd or rpc-statd-notify run on the servers?";
    BlockingTasks "blocking-tasks" BOOL, "Does a task run that has to be waited for or aborted?";
    DataUpgrade "data-upgrade" BOOL, "Is the metadata of the upgrade before still being converted?";
    BackendsUp "backends-up" BOOL, "Are all backend servers up?";
    Rebuilding "rebuilding" BOOL, "Is data being rebuilt?";
    ClusterAdmin "cluster-admin" BOOL, "Is the upgrading user a cluster admin?";
    FreeSpace "free-space" BOOL, "Do the servers have the space that the upgrade needs?";
    EtcdForS3 "etcd-for-s3" BOOL, "Does S3 still keep its keys in ETCD?";
    EqualTargets "equal-targets" BOOL, "Is client-target-version the same on every cluster of a client?";
    CleanFsck "clean-fsck" BOOL, "Has a check of the filesystem ended clean since the last upgrade?";
    CatalogIndex "catalog-index" BOOL, "Is the indexing of the catalog on?";
    DataIntegrityAlert "data-integrity-alert" BOOL, "Is there a DataIntegrity alert?";
    CustomCaFile "custom-ca-file" BOOL, "Does the release's spec set SSL_CERT_FILE?";
    WeakTlsKey "weak-tls-key" BOOL, "Is the cluster's TLS key an RSA key below 2048 bits?";
    MixedBackends "mixed-backends" BOOL, "Do backends run more than one version?";
    UnevenSnapshotBuckets "uneven-snapshot-buckets" BOOL, "Does a snapshot layer have another number of buckets than the cluster?";
    UnsupportedOfed "unsupported-ofed" BOOL, "Has a server an OFED that the target does not support?";
    CatalogTasks "catalog-tasks" BOOL, "Does a CATALOG task run?";
    EqualMachineIds "equal-machine-ids" BOOL, "Do two servers have the same machine id?";
    S3LifecycleBeyond "s3-lifecycle-beyond" BOOL, "Has a bucket more than 10 lifecycle rules, 6 tags or a prefix above 256?";
    NfsCustomOptions "nfs-custom-options" BOOL, "Are custom NFS options set?";
    ConnectX4 "connectx-4" BOOL, "Has a server ConnectX-4 network cards?";
    RemoteTraces "remote-traces" BOOL, "Are traces sent to a remote end?";
    UdpAndDpdk "udp-and-dpdk" BOOL, "Do backend processes use both UDP and DPDK?";
    MixedAcceptedVersions "mixed-accepted-versions" BOOL, "Is clusterInfo.acceptedVersionsPerType.MIXED not empty?";
    SshToAll "ssh-to-all" BOOL, "Is every backend reached by SSH without a password?";
    SupportedOs "supported-os" BOOL, "Is every server's operating system in the target's list?";
    AgentAsUnit "agent-as-unit" BOOL, "Is the agent a systemd unit on RHEL or Rocky 9 and later?";
    ContainersRunning "containers-running" BOOL, "Do all local containers run, none of them disabled?";
    UpgradeContainer "upgrade-container" BOOL, "Is a container named upgrade left over?";
    ClockSkew "clock-skew" BOOL, "Do clocks differ by more than a minute?";
    NoFallocate "no-fallocate" BOOL, "Is there an /opt/weka that cannot fallocate?";
    NoAvx2 "no-avx2" BOOL, "Is there a server without AVX2?";
    NoIpv6 "no-ipv6" BOOL, "Is there a server without IPv6?";
    FolioKernel "folio-kernel" BOOL, "Is there a Rocky kernel with launder_folio?";
    SlowCores "slow-cores" BOOL, "Does a core that WEKA uses run below 1500 MHz?";
    S3Active "s3-active" BOOL, "Is the S3 protocol configured?";
    SmbActive "smb-active" BOOL, "Is the SMB protocol configured?";
    NfsActive "nfs-active" BOOL, "Is the NFS protocol configured?";
    ObjectStores "object-stores" BOOL, "Is a filesystem tiered to an object store?";
    Organizations "organizations" BOOL, "Has the cluster more than one organization?";
    Ldap "ldap" BOOL, "Do users log in by an LDAP directory?";
    OnAws "on-aws" BOOL, "Does the cluster run on AWS?";
    ClientsMounted "clients-mounted-elsewhere" BOOL, "Is something mounted on /weka on a client?";
    PackagePresent "package-present" BOOL, "Is the target's package prepared on every server?";
    UpgradeRunning "upgrade-running" BOOL, "Is an upgrade under way already?";
}

impl Fact {
    /// The fact that a condition on Flink's state asks for; none for the one that always holds.
    pub const fn of_flink(when: When) -> Option<Self> {
        Some(match when {
            When::Always => return None,
            When::Cep => Self::Cep,
            When::ScalaCaseClass => Self::ScalaCaseClass,
            When::ScalaTraversable => Self::ScalaTraversable,
            When::BroadcastState => Self::BroadcastState,
            When::SemiAsyncRocksdb => Self::SemiAsyncRocksdb,
            When::ParallelismChange => Self::ParallelismChange,
            When::ParallelismIncrease => Self::ParallelismIncrease,
            When::ChainChange => Self::ChainChange,
            When::UnalignedCheckpoint => Self::UnalignedCheckpoint,
            When::ChangelogCheckpoint => Self::ChangelogCheckpoint,
            When::TableProgram => Self::TableProgram,
            When::KryoTypes => Self::KryoTypes,
            When::CollectionInPojo => Self::CollectionInPojo,
            When::OperatorState => Self::OperatorState,
            When::RemovedApi => Self::RemovedApi,
        })
    }
}

/// A fact that was given in a form that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotAFact {
    /// No `K=V`.
    #[error("{found:?} is no fact: expected K=V")]
    Form {
        /// The text.
        found: String,
    },
    /// A fact that no rule asks for.
    #[error("no rule asks for {found:?}")]
    Unknown {
        /// The word.
        found: String,
    },
    /// A value that the fact cannot have.
    #[error("{fact} cannot be {found:?}: expected {expected}")]
    Value {
        /// The fact.
        fact: &'static str,
        /// The value.
        found: String,
        /// What it may be.
        expected: String,
    },
    /// One fact with two values.
    #[error("{fact} is given twice")]
    Twice {
        /// The fact.
        fact: String,
    },
}

/// What was said of one system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<Fact, Option<&'static str>>);

impl Facts {
    /// Reads `K=V` texts; the value `unknown` says that somebody looked and could not tell.
    pub fn parse<T: AsRef<str>>(texts: &[T]) -> Result<Self, NotAFact> {
        let mut all = Self::default();
        for text in texts {
            let text = text.as_ref();
            let (key, value) = text.split_once('=').ok_or_else(|| NotAFact::Form {
                found: text.to_owned(),
            })?;
            let fact: Fact = key.parse()?;
            let told = match value {
                "unknown" => None,
                value => Some(fact.value(value)?),
            };
            if all.0.insert(fact, told).is_some() {
                return Err(NotAFact::Twice {
                    fact: fact.word().to_owned(),
                });
            }
        }
        Ok(all)
    }

    /// What was said of one fact; none where nobody was asked, a none inside where somebody looked and
    /// could not tell.
    pub fn of(&self, fact: Fact) -> Option<Option<&'static str>> {
        self.0.get(&fact).copied()
    }

    /// Says one more fact, over what was said of it before; none says that somebody looked and could
    /// not tell.
    pub(super) fn say(&mut self, fact: Fact, value: Option<&'static str>) {
        self.0.insert(fact, value);
    }

    /// All that was said; a fact without a value was looked at in vain.
    pub fn told(&self) -> impl Iterator<Item = (Fact, Option<&'static str>)> {
        self.0.iter().map(|(fact, value)| (*fact, *value))
    }
}

impl Fact {
    /// The value that a text stands for.
    pub(super) fn value(self, text: &str) -> Result<&'static str, NotAFact> {
        let values = self.values().iter().find(|value| **value == text);
        values.copied().ok_or_else(|| NotAFact::Value {
            fact: self.word(),
            found: text.to_owned(),
            expected: format!("{}, or unknown", self.values().join(", ")),
        })
    }
}

impl FromStr for Fact {
    type Err = NotAFact;

    fn from_str(text: &str) -> Result<Self, NotAFact> {
        let found = Self::ALL.iter().find(|fact| fact.word() == text);
        found.copied().ok_or_else(|| NotAFact::Unknown {
            found: text.to_owned(),
        })
    }
}

/// A fact that has to have one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The fact.
    pub fact: Fact,
    /// Its value.
    pub is: &'static str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    fact: String,
    is: String,
}

impl TryFrom<Raw> for Condition {
    type Error = NotAFact;

    fn try_from(raw: Raw) -> Result<Self, NotAFact> {
        let fact: Fact = raw.fact.parse()?;
        let is = fact.value(&raw.is)?;
        Ok(Self { fact, is })
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::try_from(Raw::deserialize(from)?).map_err(D::Error::custom)
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.fact.word(), self.is)
    }
}

/// Whether conditions hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Truth {
    /// All of them do.
    Holds,
    /// Nobody was asked.
    NotTold,
    /// Somebody looked and could not tell.
    CannotTell,
    /// One of them does not.
    DoesNotHold,
}

/// Whether all conditions hold: one that does not decides, whatever is unknown of the others.
pub(super) fn all_hold(conditions: &[Condition], facts: &Facts) -> Truth {
    let one = |condition: &Condition| match facts.0.get(&condition.fact) {
        None => Truth::NotTold,
        Some(None) => Truth::CannotTell,
        Some(Some(value)) if *value == condition.is => Truth::Holds,
        Some(Some(_)) => Truth::DoesNotHold,
    };
    conditions.iter().map(one).max().unwrap_or(Truth::Holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_hold_decides_and_what_cannot_be_told_is_never_ruled_out() {
        let when = |texts: &[(Fact, &'static str)]| -> Vec<Condition> {
            texts
                .iter()
                .map(|(fact, is)| Condition { fact: *fact, is })
                .collect()
        };
        let both = when(&[(Fact::Journal, "embedded"), (Fact::Way, "in-place")]);
        for (facts, expected) in [
            (&[][..], Truth::NotTold),
            (&["journal=embedded"], Truth::NotTold),
            (&["journal=embedded", "way=unknown"], Truth::CannotTell),
            (&["journal=ufs", "way=unknown"], Truth::DoesNotHold),
            (&["journal=embedded", "way=in-place"], Truth::Holds),
        ] {
            let facts = Facts::parse(facts).expect("facts");
            assert_eq!(all_hold(&both, &facts), expected, "{facts:?}");
        }
        assert_eq!(all_hold(&[], &Facts::default()), Truth::Holds);
    }

    #[test]
    fn facts_that_nobody_asks_for_are_refused() {
        assert!(matches!(
            Facts::parse(&["moon=full"]),
            Err(NotAFact::Unknown { .. })
        ));
        assert!(matches!(Facts::parse(&["journal"]), Err(NotAFact::Form { .. })));
        assert!(matches!(
            Facts::parse(&["journal=paper"]),
            Err(NotAFact::Value { .. })
        ));
        assert!(matches!(
            Facts::parse(&["journal=ufs", "journal=ufs"]),
            Err(NotAFact::Twice { .. })
        ));
    }

    #[test]
    fn every_condition_on_flink_state_has_its_fact() {
        for when in When::ALL {
            assert_eq!(Fact::of_flink(when).is_none(), when == When::Always);
        }
    }
}
