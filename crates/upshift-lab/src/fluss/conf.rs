//! `server.yaml` of a server of the lab, the logging configuration, and ZooKeeper's own.

use std::fmt::Write as _;
use std::path::Path;

use super::cluster::FlussOptions;

/// The cluster's root in ZooKeeper.
pub(super) const ROOT: &str = "/fluss";

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Coordinator,
    TabletServer(u32),
}

/// What goes into a server's files.
pub(super) struct Server<'a> {
    pub(super) role: Role,
    pub(super) line: (u32, u32),
    pub(super) dir: &'a Path,
    pub(super) remote: &'a Path,
    pub(super) zookeeper: u16,
    pub(super) port: u16,
    /// The port that others are told, where it is another.
    pub(super) advertised: Option<u16>,
}

pub(super) fn server_yaml(server: &Server<'_>, options: &FlussOptions) -> String {
    let Server { port, zookeeper, .. } = server;
    let mut text = format!(
        "zookeeper.address: 127.0.0.1:{zookeeper}\n\
         zookeeper.path.root: {ROOT}\n\
         zookeeper.client.session-timeout: 10s\n\
         data.dir: {}\n\
         remote.data.dir: {}\n\
         default.bucket.number: 3\n\
         default.replication.factor: {}\n\
         log.replica.min-in-sync-replicas-number: {}\n\
         kv.snapshot.interval: 10s\n",
        server.dir.join("data").display(),
        server.remote.display(),
        options.replicas,
        options.min_in_sync,
    );
    let mut line = |key: &str, value: &dyn std::fmt::Display| {
        writeln!(text, "{key}: {value}").expect("writing to a string cannot fail");
    };
    match (server.line, server.role) {
        ((0, ..=6), Role::Coordinator) => {
            line("coordinator.host", &"127.0.0.1");
            line("coordinator.port", port);
        }
        ((0, ..=6), Role::TabletServer(_)) => {
            line("tablet-server.host", &"127.0.0.1");
            line("tablet-server.port", port);
        }
        _ => line("bind.listeners", &format!("FLUSS://127.0.0.1:{port}")),
    }
    if let Some(port) = server.advertised {
        line("advertised.listeners", &format!("FLUSS://127.0.0.1:{port}"));
    }
    if let Role::TabletServer(id) = server.role {
        line("tablet-server.id", &id);
    }
    for (key, value) in &options.configuration {
        line(key, value);
    }
    text
}

pub(super) fn zoo_cfg(dir: &Path, port: u16, further: &[String]) -> String {
    let own = format!(
        "tickTime=500\ndataDir={}\nclientPort={port}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n\
         maxClientCnxns=0\n4lw.commands.whitelist=ruok,srvr,dump\n",
        dir.join("data").display()
    );
    further.iter().fold(own, |text, line| text + line + "\n")
}

pub(super) const LOGGING: &str = "rootLogger.level = INFO
rootLogger.appenderRef.file.ref = F
appender.f.name = F
appender.f.type = File
appender.f.fileName = ${sys:log.file}
appender.f.layout.type = PatternLayout
appender.f.layout.pattern = %d{ISO8601} %-5p %-40.40c{1} %m%n
";
