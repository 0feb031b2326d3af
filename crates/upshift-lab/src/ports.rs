//! Free ports on the loopback interface.
//!
//! A port is free when it is handed out, not for ever: whoever gets one should use it soon.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

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
    /// Three ports that are free now and differ from each other.
    pub fn free() -> io::Result<Self> {
        Ok(Self::free_two()?.0)
    }

    /// Twice three ports that are free now and all differ.
    pub fn free_two() -> io::Result<(Self, Self)> {
        // Held together, so that the kernel cannot hand out the same one twice.
        let held = [
            listener()?,
            listener()?,
            listener()?,
            listener()?,
            listener()?,
            listener()?,
        ];
        let [a, b, c, d, e, f] = held.each_ref().map(port);
        Ok((
            Self {
                rest: a?,
                rpc: b?,
                blob: c?,
            },
            Self {
                rest: d?,
                rpc: e?,
                blob: f?,
            },
        ))
    }
}

/// A port that is free now.
pub fn free_port() -> io::Result<u16> {
    port(&listener()?)
}

fn listener() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}

fn port(listener: &TcpListener) -> io::Result<u16> {
    Ok(listener.local_addr()?.port())
}
