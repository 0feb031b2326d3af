//! Who listens on this machine's ports, as the kernel tells it: no connection is tried, which would
//! show up in the log of whoever listens.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

/// Ports on which anything of this network namespace listens, on whichever address.
///
/// # Errors
/// When the kernel's tables cannot be read.
pub fn listening() -> io::Result<BTreeSet<u16>> {
    let mut ports = listening_in(Path::new("/proc/net/tcp"))?;
    match listening_in(Path::new("/proc/net/tcp6")) {
        Ok(more) => ports.extend(more),
        // A kernel without IPv6 has no such table.
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(e),
    }
    Ok(ports)
}

fn listening_in(table: &Path) -> io::Result<BTreeSet<u16>> {
    /// `TCP_LISTEN` in the kernel's `tcp_states.h`, as the table prints it.
    const LISTEN: &str = "0A";
    let text = std::fs::read_to_string(table)?;
    Ok(text
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut fields = line.split_ascii_whitespace();
            let local = fields.nth(1)?;
            let state = fields.nth(1)?;
            let port = local.rsplit_once(':')?.1;
            (state == LISTEN)
                .then(|| u16::from_str_radix(port, 16).ok())
                .flatten()
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_busy_while_somebody_listens() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(listening().unwrap().contains(&port));
        drop(listener);
        assert!(!listening().unwrap().contains(&port));
    }
}
