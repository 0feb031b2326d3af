//! One ZooKeeper, one coordinator and some tablet servers, each in a directory of its own, so that releases mix
//! freely and one process is swapped at a time. It upgrades nothing by itself and asks the servers nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::conf::{self, Role};
use super::detour::Detour;
use super::home::FlussHome;
use super::process::{Launch, Server};
use super::{sessions, shell};
use crate::error::ClusterError;
use crate::java::Java;
use crate::ports::free_port;
use crate::process;
use crate::wait::until;

/// Longer than a session lasts: 10 s, and ZooKeeper looks twice a second; after its own restart it counts anew.
const SESSION_LIMIT: Duration = Duration::from_secs(60);

/// What may differ between clusters of the lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlussOptions {
    /// Tablet servers.
    pub tablet_servers: u32,
    /// `default.replication.factor`.
    pub replicas: u32,
    /// `log.replica.min-in-sync-replicas-number`.
    pub min_in_sync: u32,
    /// Further configuration keys.
    pub configuration: BTreeMap<String, String>,
    /// A tablet server that everybody reaches by a detour, on which a follower can be cut off. From 0.7 on.
    pub detour_to: Option<u32>,
    /// Ports that others are told of a server, where somebody stands between: of a tablet server by its number, of the
    /// coordinator by none. From 0.7 on.
    pub advertised: BTreeMap<Option<u32>, u16>,
    /// Further lines of ZooKeeper's own file.
    pub zookeeper: Vec<String>,
    /// Further arguments of every Java, ZooKeeper's among them.
    pub java: Vec<String>,
}

impl Default for FlussOptions {
    fn default() -> Self {
        Self {
            tablet_servers: 3,
            replicas: 3,
            min_in_sync: 2,
            configuration: BTreeMap::new(),
            detour_to: None,
            advertised: BTreeMap::new(),
            zookeeper: Vec::new(),
            java: Vec::new(),
        }
    }
}

/// A running cluster; killed when dropped.
#[derive(Debug)]
pub struct FlussCluster {
    // Dropped in this order: servers before what they register with.
    tablet_servers: BTreeMap<u32, Server>,
    coordinator: Option<Server>,
    zookeeper: Option<Server>,
    dir: PathBuf,
    java: Java,
    options: FlussOptions,
    zookeeper_port: u16,
    coordinator_port: u16,
    ports: BTreeMap<u32, u16>,
    detour: Option<(u32, Detour)>,
}

impl FlussCluster {
    /// Starts ZooKeeper and all servers below `dir`; each listens when this returns.
    pub fn start(
        home: &FlussHome,
        java: &Java,
        dir: &Path,
        options: &FlussOptions,
    ) -> Result<Self, ClusterError> {
        fs::create_dir_all(dir.join("remote")).map_err(ClusterError::io("make", dir))?;
        let dir = dir.canonicalize().map_err(ClusterError::io("resolve", dir))?;
        let port = || free_port().map_err(ClusterError::io("find free ports for", &dir));
        let zookeeper_port = port()?;
        let ports = (0..options.tablet_servers).map(|id| Ok((id, port()?)));
        let ports = ports.collect::<Result<BTreeMap<_, _>, ClusterError>>()?;
        let detour = options.detour_to.map(|id| Ok((id, Detour::start(ports[&id])?)));
        let detour = detour
            .transpose()
            .map_err(ClusterError::io("make a detour in", &dir))?;
        let mut cluster = Self {
            ports,
            detour,
            coordinator_port: port()?,
            tablet_servers: BTreeMap::new(),
            coordinator: None,
            zookeeper: None,
            dir,
            java: java.clone(),
            options: options.clone(),
            zookeeper_port,
        };
        cluster.start_zookeeper(home)?;
        // All at once: each waits for the others' registrations in any case.
        let coordinator = cluster.spawn(Role::Coordinator, home, cluster.coordinator_port)?;
        for (id, port) in cluster.ports.clone() {
            let server = cluster.spawn(Role::TabletServer(id), home, port)?;
            cluster.tablet_servers.insert(id, server);
        }
        cluster.coordinator.insert(coordinator).wait_until_it_listens()?;
        for server in cluster.tablet_servers.values_mut() {
            server.wait_until_it_listens()?;
        }
        Ok(cluster)
    }

    /// Starts ZooKeeper, the first time or again: it keeps what it had.
    pub fn start_zookeeper(&mut self, home: &FlussHome) -> Result<(), ClusterError> {
        let dir = self.dir.join("zk");
        fs::create_dir_all(dir.join("data")).map_err(ClusterError::io("make", &dir))?;
        let file = dir.join("zoo.cfg");
        let text = conf::zoo_cfg(&dir, self.zookeeper_port, &self.options.zookeeper);
        process::put(&file, text.as_bytes()).map_err(ClusterError::io("write", &file))?;
        let server = Server::start(&Launch {
            home,
            java: &self.java,
            dir: &dir,
            main: "shaded.zookeeper3.org.apache.zookeeper.server.quorum.QuorumPeerMain",
            further: &self.options.java,
            args: &[file.display().to_string()],
            port: self.zookeeper_port,
        })?;
        self.zookeeper = Some(server);
        Ok(())
    }

    /// Ends ZooKeeper and waits.
    pub fn stop_zookeeper(&mut self) -> Result<(), ClusterError> {
        self.zookeeper.take().map_or(Ok(()), |mut server| server.stop())
    }

    /// Gives lines to ZooKeeper's own command line, and hands back what it printed.
    pub fn zookeeper_shell(&self, home: &FlussHome, lines: &[String]) -> Result<String, ClusterError> {
        shell::zookeeper(home, &self.java, &self.zookeeper(), lines)
    }

    /// Starts the coordinator, the first time or again, of this or another release.
    pub fn start_coordinator(&mut self, home: &FlussHome) -> Result<(), ClusterError> {
        let server = self.server(Role::Coordinator, home, self.coordinator_port)?;
        self.coordinator = Some(server);
        Ok(())
    }

    /// Starts a tablet server, the first time or again, of this or another release. One that was killed is registered
    /// until its session ends, which is waited for: started before, it gives up.
    pub fn start_tablet_server(&mut self, id: u32, home: &FlussHome) -> Result<(), ClusterError> {
        self.until_not_registered(id)?;
        let server = self.server(Role::TabletServer(id), home, self.ports[&id])?;
        self.tablet_servers.insert(id, server);
        Ok(())
    }

    fn until_not_registered(&self, id: u32) -> Result<(), ClusterError> {
        let node = format!("{}/tabletservers/ids/{id}", conf::ROOT);
        let gone = until(SESSION_LIMIT, || {
            sessions::has(self.zookeeper_port, &node).map(|there| (!there).then_some(()))
        });
        match gone.map_err(ClusterError::io("ask ZooKeeper of", &self.dir))? {
            Some(()) => Ok(()),
            None => Err(ClusterError::StillRegistered {
                node,
                after: SESSION_LIMIT,
            }),
        }
    }

    /// Asks the coordinator to end and waits.
    pub fn stop_coordinator(&mut self) -> Result<(), ClusterError> {
        self.coordinator.take().map_or(Ok(()), |mut server| server.stop())
    }

    /// Asks a tablet server to end and waits.
    pub fn stop_tablet_server(&mut self, id: u32) -> Result<(), ClusterError> {
        self.tablet_servers
            .remove(&id)
            .map_or(Ok(()), |mut server| server.stop())
    }

    /// Kills a tablet server.
    pub fn kill_tablet_server(&mut self, id: u32) -> Result<(), ClusterError> {
        self.tablet_servers
            .remove(&id)
            .map_or(Ok(()), |mut server| server.kill())
    }

    /// Everything gets lost that a follower fetches from the server with the detour, until it is restarted.
    ///
    /// # Panics
    /// Without a detour.
    pub fn cut_a_follower_off(&self, follower: u32) {
        let (_, detour) = self.detour.as_ref().expect("a cluster with a detour");
        detour.cut_off(follower);
    }

    /// How many tablet servers it was started with.
    pub(super) fn tablet_servers(&self) -> u32 {
        self.options.tablet_servers
    }

    /// Where ZooKeeper answers.
    pub fn zookeeper(&self) -> String {
        format!("127.0.0.1:{}", self.zookeeper_port)
    }

    /// Where the coordinator answers.
    pub fn coordinator(&self) -> String {
        format!("127.0.0.1:{}", self.coordinator_port)
    }

    /// Where a tablet server answers.
    pub fn tablet_server(&self, id: u32) -> String {
        let port = self.detour_to(id).unwrap_or(self.ports[&id]);
        format!("127.0.0.1:{port}")
    }

    fn detour_to(&self, id: u32) -> Option<u16> {
        let (_, detour) = self.detour.as_ref().filter(|(of, _)| *of == id)?;
        Some(detour.port())
    }

    /// What a client begins with: the coordinator and every tablet server, so that any of them may be away.
    pub fn bootstrap(&self) -> String {
        let servers = self.ports.keys().map(|id| self.tablet_server(*id));
        servers.chain([self.coordinator()]).collect::<Vec<_>>().join(",")
    }

    /// The folder of a tablet server, with `conf/server.yaml`, `data` and `server.log`.
    pub fn tablet_server_dir(&self, id: u32) -> PathBuf {
        self.dir.join(format!("ts-{id}"))
    }

    /// The folder of the coordinator.
    pub fn coordinator_dir(&self) -> PathBuf {
        self.dir.join("cs")
    }

    /// Number and release of a tablet server that runs.
    pub fn tablet_server_process(&self, id: u32) -> Option<(u32, &str)> {
        self.tablet_servers
            .get(&id)
            .map(|server| (server.pid(), server.version()))
    }

    /// The words that start the coordinator of a release as this lab does, for somebody else who replaces it.
    pub fn coordinator_words(&self, home: &FlussHome) -> Vec<String> {
        self.words(Role::Coordinator, home, self.coordinator_port)
    }

    /// The same of a tablet server.
    pub fn tablet_server_words(&self, id: u32, home: &FlussHome) -> Vec<String> {
        self.words(Role::TabletServer(id), home, self.ports[&id])
    }

    fn words(&self, role: Role, home: &FlussHome, port: u16) -> Vec<String> {
        let (dir, main) = self.place(role);
        let args = ["--configDir".to_owned(), dir.join("conf").display().to_string()];
        let launch = Launch {
            home,
            java: &self.java,
            dir: &dir,
            main,
            further: &self.options.java,
            args: &args,
            port,
        };
        launch.words()
    }

    fn place(&self, role: Role) -> (PathBuf, &'static str) {
        match role {
            Role::Coordinator => (self.coordinator_dir(), "server.coordinator.CoordinatorServer"),
            Role::TabletServer(id) => (self.tablet_server_dir(id), "server.tablet.TabletServer"),
        }
    }

    fn server(&self, role: Role, home: &FlussHome, port: u16) -> Result<Server, ClusterError> {
        let mut server = self.spawn(role, home, port)?;
        server.wait_until_it_listens()?;
        Ok(server)
    }

    fn spawn(&self, role: Role, home: &FlussHome, port: u16) -> Result<Server, ClusterError> {
        let (dir, main) = self.place(role);
        for folder in ["conf", "data"] {
            fs::create_dir_all(dir.join(folder)).map_err(ClusterError::io("make", dir.join(folder)))?;
        }
        let told = |id: Option<u32>| self.options.advertised.get(&id).copied();
        let text = conf::server_yaml(
            &conf::Server {
                role,
                line: home.line(),
                dir: &dir,
                remote: &self.dir.join("remote"),
                zookeeper: self.zookeeper_port,
                port,
                advertised: match role {
                    Role::TabletServer(id) => self.detour_to(id).or_else(|| told(Some(id))),
                    Role::Coordinator => told(None),
                },
            },
            &self.options,
        );
        let file = dir.join("conf/server.yaml");
        process::put(&file, text.as_bytes()).map_err(ClusterError::io("write", &file))?;
        Server::spawn(&Launch {
            home,
            java: &self.java,
            dir: &dir,
            main,
            further: &self.options.java,
            args: &["--configDir".to_owned(), dir.join("conf").display().to_string()],
            port,
        })
    }
}
