//! Everything that can be wrong, by name.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident $word:literal,)*) => {
        /// Something that is wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fault {
            $($(#[$doc])* $name,)*
        }

        impl Fault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

faults! {
    /// An upgrade is under way.
    UpgradeRunning "upgrade-running",
    /// Metadata is still being converted after the last upgrade.
    Converting "converting",
    /// The user is no cluster admin.
    NotAdmin "not-admin",
    /// The login is over.
    LoginExpired "login-expired",
    /// An alert.
    Alert "alert",
    /// An alert about the integrity of data.
    DataIntegrity "data-integrity-alert",
    /// A rebuild goes on.
    Rebuilding "rebuilding",
    /// Data has lost one copy, and no rebuild goes on.
    Degraded "degraded",
    /// The cluster's own state is not fine.
    StatusNotOk "status-not-ok",
    /// A server is down.
    BackendDown "backend-down",
    /// A client is down.
    ClientDown "client-down",
    /// A backend runs another release.
    MixedVersions "mixed-versions",
    /// Builds of a release that was made for one customer.
    Hotfix "hotfix-build",
    /// Compute processes are busy.
    BusyCompute "busy-compute",
    /// Clients are held at a version.
    ClientTarget "client-target-set",
    /// Much more SSD than memory.
    LittleMemoryForSsd "ssd-to-memory",
    /// A client two lines behind.
    OldClient "old-client",
    /// A client that is newer than the cluster.
    NewClient "new-client",
    /// A process is down.
    ProcessDown "process-down",
    /// A snapshot goes up to an object store.
    SnapshotUpload "snapshot-upload",
    /// A snapshot goes to the local object store.
    LocalSnapshotUpload "local-snapshot-upload",
    /// A snapshot knows of another number of buckets.
    SnapshotBuckets "snapshot-buckets",
    /// A filesystem with next to no room.
    SmallFilesystem "small-filesystem",
    /// Network drivers that are too old.
    Ofed "ofed",
    /// A drive is not active.
    DriveInactive "drive-inactive",
    /// A drive takes no writes.
    DriveUnwritable "drive-unwritable",
    /// Drives that are listed and are none.
    FakeDrives "fake-drives",
    /// Two containers of a server share a core.
    SharedCores "shared-cores",
    /// Some cores are assigned by hand, some are not.
    AutoCores "auto-cores",
    /// Traces are off.
    TracesOff "traces-off",
    /// Traces go to another place.
    RemoteTraces "remote-traces",
    /// Somebody set an override.
    Overrides "overrides",
    /// The catalog is indexed.
    Catalog "catalog-indexing",
    /// A task that uploads.
    TaskUpload "task-upload",
    /// A task that downloads a filesystem.
    TaskDownload "task-download",
    /// A task that squashes a filesystem.
    TaskSquash "task-squash",
    /// A task that prefetches.
    TaskPrefetch "task-prefetch",
    /// A task that takes an object store away.
    TaskDetach "task-detach",
    /// A task of the catalog.
    TaskCatalog "task-catalog",
    /// A task of another kind.
    TaskQuota "task-quota",
    /// A process that is denied.
    DeniedProcess "denied-process",
    /// Statistics are kept for long.
    LongStats "long-stats",
    /// Two servers with one machine id.
    SameMachine "same-machine-id",
    /// S3 is not ready on a server.
    S3NotReady "s3-not-ready",
    /// S3 is mounted with a write cache.
    S3WriteCache "s3-writecache",
    /// A bucket with more rules than the target takes.
    S3Lifecycle "s3-lifecycle",
    /// S3 keeps its configuration in etcd.
    S3Etcd "s3-etcd",
    /// Options of NFS that the target does not know.
    NfsOptions "nfs-custom-options",
    /// NFS has no filesystem for its configuration.
    NfsNoConfig "nfs-no-config-filesystem",
    /// A port of NFS is down.
    NfsPortDown "nfs-port-down",
    /// The second group of NFS is not fine.
    NfsSecondGroup "nfs-second-group",
    /// Old network cards.
    ConnectX4 "connectx-4",
    /// More than one organization.
    Organizations "organizations",
    /// A server with two protocols.
    TwoProtocols "two-protocols",
    /// Some processes talk UDP, some DPDK.
    MixedNetwork "mixed-network",
    /// Versions that were accepted in a mix.
    MixedAccepted "mixed-accepted",
    /// The last check of filesystems found something.
    FsckIssues "fsck-issues",
    /// The last check of filesystems is older than the last upgrade.
    FsckOld "fsck-old",
    /// One container for everything, as before MCB.
    NotMcb "not-mcb",
    /// Too few failure domains to take one away.
    FewDomains "few-failure-domains",
    /// A server of AWS.
    Aws "aws",
    /// A server's system is not on the list.
    SystemUnsupported "system-unsupported",
    /// A server's system is newer than the list.
    SystemNewer "system-newer",
    /// The agent is a unit of systemd where it must not be.
    AgentUnit "agent-unit",
    /// More connections of NFS than the others could take.
    NfsConnections "nfs-connections",
    /// The agent does not run.
    AgentDown "agent-down",
    /// The clock is wrong.
    ClockSkew "clock-skew",
    /// Too little room for a container's data.
    DataFull "data-full",
    /// Less than 4 GB below `/opt/weka`.
    OptFull "opt-full",
    /// The filesystem knows no `fallocate`.
    NoFallocate "no-fallocate",
    /// Little room for logs.
    LogsFull "logs-full",
    /// A container is stopped.
    ContainerStopped "container-stopped",
    /// A container is disabled.
    ContainerDisabled "container-disabled",
    /// A container of an upgrade that ended badly.
    LeftOver "left-over-upgrade",
    /// A filesystem is mounted on a backend.
    LocalMount "local-mount",
    /// A container with an address that the cluster does not know.
    WrongEndpoint "wrong-endpoint",
    /// A container with another join secret.
    OtherSecret "other-join-secret",
    /// A container without a join secret.
    NoSecret "no-join-secret",
    /// Little room for traces.
    TracesFull "traces-full",
    /// A processor without AVX2.
    NoAvx2 "no-avx2",
    /// No IPv6.
    NoIpv6 "no-ipv6",
    /// A kernel that the release cannot be upgraded on.
    KernelSymbol "kernel-symbol",
    /// A sensor in the kernel.
    Sensor "kernel-sensor",
    /// A port does not answer.
    PortClosed "port-closed",
    /// An argument of the kernel that is known to do harm.
    KernelArgument "kernel-argument",
    /// Little memory.
    LittleMemory "little-memory",
    /// A slow processor.
    SlowCpu "slow-cpu",
    /// SMB is not active on a server.
    SmbInactive "smb-inactive",
    /// SMB runs a patched build.
    SmbPatched "smb-patched",
    /// `rpc.statd` runs.
    RpcStatd "rpc-statd",
    /// The target's package is not there.
    NoPackage "package-missing",
    /// A certificate of one's own for the cloud.
    OwnCertificates "own-certificates",
    /// A short key.
    WeakKey "weak-tls-key",
    /// Something is mounted on `/weka`.
    WekaMounted "weka-mounted",
    /// The IOMMU is on.
    Iommu "iommu",
    /// The download site is not reached.
    NoWeb "no-web",
    /// The vendor's site asks for a token.
    TokenAsked "token-asked",
    /// A unit of `rpc.statd` does not end when it is told to.
    UnitStays "unit-stays",
    /// Write combining of AWS's network cards is not on after an upgrade.
    NoWriteCombining "no-write-combining",
    /// There is no S3.
    NoS3 "no-s3",
    /// No package can be fetched.
    FetchFails "fetch-fails",
    /// A server cannot make an upgrade ready.
    NduPrepareFails "ndu-prepare-fails",
    /// A container with drives does not come up while it is upgraded.
    NduDrivesFails "ndu-drives-fails",
    /// A container that computes does not come up while it is upgraded.
    NduComputesFails "ndu-computes-fails",
    /// A container of a frontend does not come up while it is upgraded.
    NduFrontendsFails "ndu-frontends-fails",
    /// An upgrade stands still.
    NduStalls "ndu-stalls",
    /// The conversion after an upgrade never ends.
    ConversionStalls "conversion-stalls",
    /// A client does not come up while it is upgraded.
    ClientFails "client-fails",
    /// The REST interface answers half of what it is asked.
    RestHalf "rest-half",
    /// The server takes the login and says no more.
    Stalled "stalled",
    /// The connection is lost in mid-command.
    LostConnection "lost-connection",
    /// The list of drives is cut off.
    DrivesCut "drives-cut-off",
    /// Snapshots lack a field.
    SnapshotField "snapshot-field-missing",
    /// Containers lack their release.
    ReleaseField "release-field-missing",
    /// The list of drives is no JSON.
    DrivesNoJson "drives-no-json",
}

/// No fault has this name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no fault is called {0:?}")]
pub struct NoSuchFault(pub String);

impl FromStr for Fault {
    type Err = NoSuchFault;

    fn from_str(word: &str) -> Result<Self, NoSuchFault> {
        let found = Self::ALL.iter().find(|fault| fault.word() == word);
        found.copied().ok_or_else(|| NoSuchFault(word.to_owned()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
