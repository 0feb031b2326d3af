//! ZooKeeper's own account of its sessions: which nodes end with one.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::time::Duration;

/// A loaded machine answers within seconds.
const LIMIT: Duration = Duration::from_secs(10);

/// Whether a node is there that ends with its session.
pub(super) fn has(port: u16, node: &str) -> io::Result<bool> {
    let mut zookeeper = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    zookeeper.set_read_timeout(Some(LIMIT))?;
    zookeeper.write_all(b"dump")?;
    let mut told = String::new();
    zookeeper.read_to_string(&mut told)?;
    zookeeper.shutdown(Shutdown::Both).ok();
    match told.contains("phemerals") {
        true => Ok(told.lines().any(|line| line.trim() == node)),
        false => Err(io::Error::other(format!("ZooKeeper tells no sessions: {told:?}"))),
    }
}
