//! Codes of judging WEKA clusters: 01xx of the cluster, 02xx of backends, 03xx of clients, 04xx of what is
//! documented and the vendor's checker does not look at. The last two digits of the first two are the numbers of
//! docs/weka-parity.md.

use upshift_model::ids::Code;

/// Another release runs.
pub const RELEASE: Code = Code::new("UP-WEKA-0102");
/// Nobody is logged in.
pub const LOGIN: Code = Code::new("UP-WEKA-0104");
/// The cluster is not fine.
pub const STATUS: Code = Code::new("UP-WEKA-0105");
/// A build of its own.
pub const MARKED: Code = Code::new("UP-WEKA-0106");
/// Alerts are open.
pub const ALERTS: Code = Code::new("UP-WEKA-0109");
/// Certificates of one's own.
pub const OWN_CERTIFICATES: Code = Code::new("UP-WEKA-0110");
/// The key of the API is short.
pub const TLS_KEY: Code = Code::new("UP-WEKA-0111");
/// Data is not fully protected.
pub const REBUILD: Code = Code::new("UP-WEKA-0112");
/// Backends are not up.
pub const BACKENDS_UP: Code = Code::new("UP-WEKA-0113");
/// Clients are not up.
pub const CLIENTS_UP: Code = Code::new("UP-WEKA-0114");
/// Backends run several releases.
pub const SAME_RELEASE: Code = Code::new("UP-WEKA-0115");
/// Compute processes are busy.
pub const LOAD: Code = Code::new("UP-WEKA-0116");
/// Clients are held at a release.
pub const CLIENT_TARGET: Code = Code::new("UP-WEKA-0117");
/// An override is needed around the upgrade.
pub const RPC_OVERRIDE: Code = Code::new("UP-WEKA-0118");
/// Much SSD for little memory.
pub const SSD_TO_MEMORY: Code = Code::new("UP-WEKA-0119");
/// Clients that the wanted release does not take.
pub const CLIENT_RELEASES: Code = Code::new("UP-WEKA-0120");
/// Processes are not up.
pub const PROCESSES_UP: Code = Code::new("UP-WEKA-0121");
/// A snapshot is being uploaded.
pub const SNAPSHOT_UPLOAD: Code = Code::new("UP-WEKA-0122");
/// A snapshot knows of another number of buckets.
pub const SNAPSHOT_BUCKETS: Code = Code::new("UP-WEKA-0123");
/// Filesystems with next to no room.
pub const SMALL_FILESYSTEMS: Code = Code::new("UP-WEKA-0124");
/// Network drivers differ.
pub const OFED: Code = Code::new("UP-WEKA-0125");
/// Drives are not active.
pub const DRIVES_ACTIVE: Code = Code::new("UP-WEKA-0126");
/// Drives take no writes.
pub const DRIVES_WRITABLE: Code = Code::new("UP-WEKA-0127");
/// Drives that are listed and are none.
pub const CONFIGURED_DRIVES: Code = Code::new("UP-WEKA-0128");
/// Cores are assigned twice, or partly by hand.
pub const CORES: Code = Code::new("UP-WEKA-0129");
/// Traces are off.
pub const TRACES: Code = Code::new("UP-WEKA-0130");
/// Overrides are set.
pub const OVERRIDES: Code = Code::new("UP-WEKA-0131");
/// The catalog is indexed.
pub const CATALOG: Code = Code::new("UP-WEKA-0132");
/// Background tasks.
pub const TASKS: Code = Code::new("UP-WEKA-0133");
/// Processes are denied.
pub const DENIED: Code = Code::new("UP-WEKA-0134");
/// Statistics are kept for long.
pub const RETENTION: Code = Code::new("UP-WEKA-0135");
/// Two servers with one machine id.
pub const MACHINE_IDS: Code = Code::new("UP-WEKA-0136");
/// S3 is not ready.
pub const S3_HEALTH: Code = Code::new("UP-WEKA-0137");
/// S3 is mounted with a write cache.
pub const S3_MOUNT: Code = Code::new("UP-WEKA-0138");
/// More rules than the wanted release takes.
pub const S3_LIFECYCLE: Code = Code::new("UP-WEKA-0139");
/// Options of NFS.
pub const NFS_OPTIONS: Code = Code::new("UP-WEKA-0140");
/// NFS has no filesystem for its configuration.
pub const NFS_CONFIG: Code = Code::new("UP-WEKA-0141");
/// A group of NFS is not fine.
pub const NFS_GROUPS: Code = Code::new("UP-WEKA-0142");
/// ConnectX-4 cards.
pub const CONNECTX_4: Code = Code::new("UP-WEKA-0143");
/// Traces go elsewhere.
pub const REMOTE_TRACES: Code = Code::new("UP-WEKA-0144");
/// A server serves two protocols.
pub const PROTOCOLS_APART: Code = Code::new("UP-WEKA-0146");
/// Processes talk UDP and DPDK.
pub const MIXED_NETWORK: Code = Code::new("UP-WEKA-0147");
/// Whether the wanted release may follow.
pub const HOP: Code = Code::new("UP-WEKA-0148");
/// Changes that will bite.
pub const CHANGES: Code = Code::new("UP-WEKA-0149");
/// Versions were accepted in a mix.
pub const MIXED_ACCEPTED: Code = Code::new("UP-WEKA-0150");
/// No clean check of filesystems since the last upgrade.
pub const FSCK: Code = Code::new("UP-WEKA-0151");
/// Servers were not reached.
pub const REACHED: Code = Code::new("UP-WEKA-0201");
/// The operating system is not listed.
pub const SYSTEM: Code = Code::new("UP-WEKA-0202");
/// The agent is a unit of systemd.
pub const AGENT_UNIT: Code = Code::new("UP-WEKA-0203");
/// More connections of NFS than fit.
pub const NFS_CONNECTIONS: Code = Code::new("UP-WEKA-0204");
/// The agent does not run.
pub const AGENT: Code = Code::new("UP-WEKA-0205");
/// A clock is wrong.
pub const CLOCK: Code = Code::new("UP-WEKA-0206");
/// Little room for data of a container.
pub const DATA_ROOM: Code = Code::new("UP-WEKA-0207");
/// The file system knows no fallocate.
pub const FALLOCATE: Code = Code::new("UP-WEKA-0208");
/// Little room for logs.
pub const LOGS_ROOM: Code = Code::new("UP-WEKA-0209");
/// Containers do not run.
pub const CONTAINERS: Code = Code::new("UP-WEKA-0210");
/// Filesystems are mounted on backends.
pub const MOUNTS: Code = Code::new("UP-WEKA-0211");
/// An address that the cluster does not know.
pub const ENDPOINTS: Code = Code::new("UP-WEKA-0212");
/// Join secrets differ.
pub const JOIN_SECRETS: Code = Code::new("UP-WEKA-0213");
/// Little room for traces.
pub const TRACES_ROOM: Code = Code::new("UP-WEKA-0214");
/// A processor without AVX2.
pub const AVX2: Code = Code::new("UP-WEKA-0215");
/// IPv6 is off.
pub const IPV6: Code = Code::new("UP-WEKA-0216");
/// A kernel that cannot be upgraded on.
pub const KERNEL_SYMBOL: Code = Code::new("UP-WEKA-0217");
/// A sensor in the kernel.
pub const SENSOR: Code = Code::new("UP-WEKA-0218");
/// Ports of the cluster are not reached.
pub const PORTS: Code = Code::new("UP-WEKA-0219");
/// An argument of the kernel that does harm.
pub const KERNEL_ARGUMENTS: Code = Code::new("UP-WEKA-0220");
/// Little memory is left.
pub const MEMORY: Code = Code::new("UP-WEKA-0221");
/// A core is slow.
pub const CPU_SPEED: Code = Code::new("UP-WEKA-0222");
/// SMB is not active, or a patched build.
pub const SMB: Code = Code::new("UP-WEKA-0223");
/// Clients were not reached.
pub const CLIENTS_REACHED: Code = Code::new("UP-WEKA-0301");
/// A client's operating system is not listed.
pub const CLIENT_SYSTEM: Code = Code::new("UP-WEKA-0302");
/// A client's kernel that cannot be upgraded on.
pub const CLIENT_KERNEL: Code = Code::new("UP-WEKA-0303");
/// A client does not reach the download site.
pub const CLIENT_WEB: Code = Code::new("UP-WEKA-0304");
/// A client's clock is wrong.
pub const CLIENT_CLOCK: Code = Code::new("UP-WEKA-0305");
/// Something is mounted on /weka.
pub const CLIENT_MOUNTED: Code = Code::new("UP-WEKA-0306");
/// A client's agent does not run.
pub const CLIENT_AGENT: Code = Code::new("UP-WEKA-0307");
/// A client's containers do not run.
pub const CLIENT_CONTAINERS: Code = Code::new("UP-WEKA-0308");
/// The IOMMU of a client is on.
pub const CLIENT_IOMMU: Code = Code::new("UP-WEKA-0309");
/// The user is no cluster admin.
pub const ROLE: Code = Code::new("UP-WEKA-0401");
/// Not the multi-container architecture.
pub const MCB: Code = Code::new("UP-WEKA-0402");
/// S3 keeps its configuration in etcd.
pub const ETCD: Code = Code::new("UP-WEKA-0403");
/// Whether NFS is the legacy one.
pub const LEGACY_NFS: Code = Code::new("UP-WEKA-0404");
/// Rpc.statd runs.
pub const STATD: Code = Code::new("UP-WEKA-0405");
/// Less than 4 GB below /opt/weka.
pub const OPT_ROOM: Code = Code::new("UP-WEKA-0406");
/// Metadata is still being converted.
pub const CONVERSION: Code = Code::new("UP-WEKA-0407");
/// An upgrade is under way.
pub const UPGRADING: Code = Code::new("UP-WEKA-0408");
/// Client-target-version does not fit.
pub const EQUAL_TARGETS: Code = Code::new("UP-WEKA-0409");
/// The package is not on all servers.
pub const PACKAGE: Code = Code::new("UP-WEKA-0410");
/// A cluster of AWS.
pub const AWS: Code = Code::new("UP-WEKA-0411");
/// Too few failure domains.
pub const DOMAINS: Code = Code::new("UP-WEKA-0412");
/// What is wanted runs already.
pub const NOTHING_TO_DO: Code = Code::new("UP-WEKA-0501");
/// Something that steps are made of was not seen.
pub const UNSEEN: Code = Code::new("UP-WEKA-0502");
/// No way of allowed hops leads to the wanted release.
pub const NO_ROUTE: Code = Code::new("UP-WEKA-0503");
/// Nobody gets back once an upgrade of the backends was begun.
pub const NO_WAY_BACK: Code = Code::new("UP-WEKA-0504");
/// The look that a plan was made by does not count any more.
pub const TOO_OLD: Code = Code::new("UP-WEKA-0505");
/// A waiver has no effect.
pub const IDLE_WAIVER: Code = Code::new("UP-WEKA-0490");
