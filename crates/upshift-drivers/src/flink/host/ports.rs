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
    Ok(listeners(&std::fs::read_to_string(table)?))
}

fn listeners(table: &str) -> BTreeSet<u16> {
    /// `TCP_LISTEN` in the kernel's `tcp_states.h`, as the table prints it.
    const LISTEN: &str = "0A";
    let listener = |line: &str| {
        let mut fields = line.split_ascii_whitespace();
        let local = fields.nth(1)?;
        let state = fields.nth(1)?;
        let port = local.rsplit_once(':')?.1;
        (state == LISTEN)
            .then(|| u16::from_str_radix(port, 16).ok())
            .flatten()
    };
    table.lines().skip(1).filter_map(listener).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_is_told_from_who_is_connected() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n\
                     \x20  0: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n\
                     \x20  1: 0100007F:D431 0100007F:1F91 01 00000000:00000000 00:00000000 00000000     0\n\
                     \x20  2: 0100007F:1F92 0100007F:D432 06 00000000:00000000 03:00000BB8 00000000     0\n";
        assert_eq!(listeners(table), BTreeSet::from([8081]));
        let v6 = "  sl  local_address\n   0: 0000000000000000FFFF00000100007F:1F90 00:0000 0A 0\n";
        assert_eq!(listeners(v6), BTreeSet::from([8080]));
    }

    #[test]
    fn a_port_of_this_very_process_is_seen() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(listening().unwrap().contains(&port));
    }
}
