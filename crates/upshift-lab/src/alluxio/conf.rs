//! What an installation is configured with: a master and a worker on the loopback interface, a local under-store; several
//! masters keep an embedded journal together.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::home::AlluxioHome;

/// Where the servers of a host listen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ports {
    pub(super) master_rpc: u16,
    pub(super) master_web: u16,
    pub(super) embedded: u16,
    pub(super) worker_rpc: u16,
    pub(super) worker_data: u16,
    pub(super) worker_web: u16,
}

/// What masters of several hosts share: the under-store below one folder, and where all of them listen.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) dir: PathBuf,
    pub(super) masters: Vec<Ports>,
    /// Where ZooKeeper listens: the journal is below the folder then.
    pub(super) zookeeper: Option<u16>,
}

pub(super) const LOGGING: &str = "log4j.rootLogger=INFO, C
log4j.appender.C=org.apache.log4j.ConsoleAppender
log4j.appender.C.Target=System.err
log4j.appender.C.layout=org.apache.log4j.PatternLayout
log4j.appender.C.layout.ConversionPattern=%d{ISO8601} %-5p %c{1} - %m%n
";

/// `alluxio-site.properties` as this release reads it, over folders that all releases of a host share.
pub(super) fn site(home: &AlluxioHome, host: &Path, ports: Ports, shared: Option<&Shared>) -> String {
    let stores = shared.map_or(host, |shared| shared.dir.as_path());
    let store = |name: &str| stores.join(name).display().to_string();
    let at = |name: &str| host.join(name).display().to_string();
    let mut text = String::new();
    let mut set = |key: &str, value: &str| {
        writeln!(text, "alluxio.{key}={value}").expect("writing to a string cannot fail");
    };
    set("work.dir", &at("work"));
    set("master.hostname", "localhost");
    set("master.backup.directory", &at("backups"));
    let shares = shared.is_some_and(|shared| shared.zookeeper.is_some());
    let journal = if shares { store("journal") } else { at("journal") };
    set("master.journal.folder", &journal);
    set("master.web.port", &ports.master_web.to_string());
    set("master.worker.connect.wait.time", "1sec");
    set("worker.hostname", "localhost");
    set("worker.web.port", &ports.worker_web.to_string());
    set("worker.tieredstore.levels", "1");
    set("worker.tieredstore.level0.alias", "MEM");
    set("worker.tieredstore.level0.dirs.path", &at("tier0"));
    set("worker.tieredstore.level0.dirs.quota", "64MB");
    set("user.block.size.bytes.default", "1MB");
    set("user.file.writetype.default", "CACHE_THROUGH");
    if home.is_2x() {
        set("master.rpc.port", &ports.master_rpc.to_string());
        set("master.mount.table.root.ufs", &store("ufs"));
        match shared {
            None => set("master.journal.type", "UFS"),
            Some(Shared {
                zookeeper: Some(port),
                ..
            }) => {
                set("master.journal.type", "UFS");
                set("zookeeper.enabled", "true");
                set("zookeeper.address", &format!("localhost:{port}"));
                // Whoever led is believed to lead for as long: a minute by default.
                set("zookeeper.session.timeout", "12sec");
                // A worker that is away counts as lost: after five minutes by default.
                set("master.worker.timeout", "20sec");
            }
            Some(shared) => {
                set("master.journal.type", "EMBEDDED");
                let embedded = all(shared, |ports| ports.embedded);
                set("master.embedded.journal.addresses", &embedded);
                set("master.rpc.addresses", &all(shared, |ports| ports.master_rpc));
                // A standby writes the backups.
                set("master.backup.delegation.enabled", "true");
            }
        }
        set("master.embedded.journal.port", &ports.embedded.to_string());
        set("master.metastore", "HEAP");
        set("master.metastore.dir", &at("metastore"));
        set("master.update.check.enabled", "false");
        set("web.ui.enabled", "false");
        set("worker.rpc.port", &ports.worker_rpc.to_string());
        set("worker.ramdisk.size", "64MB");
    } else {
        set("master.port", &ports.master_rpc.to_string());
        set("underfs.address", &at("ufs"));
        set("master.startup.consistency.check.enabled", "false");
        set("web.resources", &at("web"));
        set("web.temp.path", &at("web"));
        set("worker.port", &ports.worker_rpc.to_string());
        set("worker.data.port", &ports.worker_data.to_string());
        set("worker.memory.size", "64MB");
    }
    text
}

/// `localhost:1,localhost:2`.
fn all(shared: &Shared, port: fn(&Ports) -> u16) -> String {
    let of = shared
        .masters
        .iter()
        .map(|ports| format!("localhost:{}", port(ports)));
    of.collect::<Vec<_>>().join(",")
}
