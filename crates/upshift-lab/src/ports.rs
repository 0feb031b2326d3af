//! Free ports on the loopback interface, below the range from which the kernel takes ports for connections.
//!
//! A port is free when it is handed out, not for ever: below that range only another server could take it, and the same
//! process is never given the same one twice.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Linux takes the local ports of connections from 32768 on.
const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;

static TAKEN: AtomicU32 = AtomicU32::new(0);

/// The three ports of a job manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// REST.
    pub rest: u16,
    /// Remote procedure calls of the task managers.
    pub rpc: u16,
    /// The blob server.
    pub blob: u16,
}

impl Ports {
    /// Three ports that are free now.
    pub fn free() -> io::Result<Self> {
        Ok(Self {
            rest: free_port()?,
            rpc: free_port()?,
            blob: free_port()?,
        })
    }
}

/// A port that is free now.
pub fn free_port() -> io::Result<u16> {
    // Processes begin at different places, so that two that run at once do not race for the same ports.
    let begin = std::process::id().wrapping_mul(7919);
    for _ in 0..COUNT {
        let step = TAKEN.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + begin.wrapping_add(step) % COUNT;
        let port = u16::try_from(port).expect("20000 and 12000 make less than 65536");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AddrInUse,
        "no free port between 20000 and 32000",
    ))
}

#[cfg(test)]
mod tests {
    use super::{COUNT, FIRST, Ports, free_port};

    #[test]
    fn ports_differ_and_lie_below_those_of_connections() {
        let (a, b) = (Ports::free().unwrap(), Ports::free().unwrap());
        let mut all = vec![a.rest, a.rpc, a.blob, b.rest, b.rpc, b.blob, free_port().unwrap()];
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 7);
        assert!(
            all.iter()
                .all(|p| (FIRST..FIRST + COUNT).contains(&u32::from(*p))),
            "{all:?}"
        );
    }
}
