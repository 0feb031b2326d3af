//! Ports for stand-in servers, below the range from which the kernel takes ports for connections, so
//! that one is still free when a cluster comes back to it.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Linux takes the local ports of connections from 32768 on.
const FIRST: u32 = 12_000;
const COUNT: u32 = 8_000;

static TAKEN: AtomicU32 = AtomicU32::new(0);

/// A port that is free now, and that this process was not given before.
///
/// # Errors
/// When there is none.
pub fn free_port() -> io::Result<u16> {
    let begin = std::process::id().wrapping_mul(7919);
    for _ in 0..COUNT {
        let step = TAKEN.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + begin.wrapping_add(step) % COUNT;
        let port = u16::try_from(port).expect("12000 and 8000 make less than 65536");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AddrInUse,
        "no free port between 12000 and 20000",
    ))
}
