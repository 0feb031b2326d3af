//! One ZooKeeper out of the jars of a release, which have its server beside its client. It ends with the sandbox that its
//! folder lies in, whose path is in its command line.

use std::fs::{self, File};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::home::AlluxioHome;
use crate::error::ClusterError;
use crate::java::Java;
use crate::ports::free_port;
use crate::wait::until;

const UP_WITHIN: Duration = Duration::from_secs(120);

/// Starts it below `dir`; gives its port, at which somebody listens when this returns.
pub(super) fn start(java: &Java, home: &AlluxioHome, dir: &Path) -> Result<u16, ClusterError> {
    let failed = || ClusterError::io("start ZooKeeper in", dir);
    fs::create_dir_all(dir).map_err(failed())?;
    let port = free_port().map_err(failed())?;
    let log = dir.join("zookeeper.out");
    let out = File::create(&log).map_err(failed())?;
    let err = out.try_clone().map_err(failed())?;
    let mut child = Command::new(java.home().join("bin/java"))
        .args(["-Xmx128m", "-Dzookeeper.admin.enableServer=false", "-cp"])
        .arg(format!("{}/*", home.jars().display()))
        .arg("org.apache.zookeeper.server.ZooKeeperServerMain")
        .arg(port.to_string())
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .spawn()
        .map_err(failed())?;
    let listens = || -> Result<_, ClusterError> { Ok(TcpStream::connect(("127.0.0.1", port)).ok()) };
    if until(UP_WITHIN, listens)?.is_some() {
        return Ok(port);
    }
    child.kill().map_err(failed())?;
    child.wait().map_err(failed())?;
    Err(ClusterError::Script {
        script: "ZooKeeper".to_owned(),
        status: "nobody listens at its port".to_owned(),
        said: fs::read_to_string(&log).map_err(failed())?,
    })
}
