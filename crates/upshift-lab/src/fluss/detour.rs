//! The way that everybody takes to one tablet server, on which what a chosen follower fetches can get lost. It stands for
//! the defect of Fluss up to 0.7 that a roll has to live with (#1721): a server that calls another one while that is
//! down may keep the dead connection for ever, and never fetches from it again until it is restarted.
//!
//! It changes nothing that it hands on, and answers nothing itself. A call is known by its first bytes: its length (4), kind
//! (2), version (2), number (4), and who fetches as the first field of the message.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;

use crate::ports::free_port;

/// `FETCH_LOG` of Fluss' own protocol, 0.6 to main.
const FETCH_LOG: [u8; 2] = 1015_u16.to_be_bytes();
/// Where the body of a call begins: behind its kind, version and number.
const HEAD: usize = 8;
/// More than a call of the lab holds; a longer one is of another protocol.
const LONGEST: usize = 64 << 20;
/// Nobody's calls get lost.
const NOBODY: i64 = -1;

/// A port that leads to a tablet server. Its threads end with their connections.
#[derive(Debug)]
pub(super) struct Detour {
    port: u16,
    cut_off: Arc<AtomicI64>,
}

impl Detour {
    /// `to` is where the server listens, now or later.
    pub(super) fn start(to: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, free_port()?))?;
        let detour = Self {
            port: listener.local_addr()?.port(),
            cut_off: Arc::new(AtomicI64::new(NOBODY)),
        };
        let cut_off = Arc::clone(&detour.cut_off);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let cut_off = Arc::clone(&cut_off);
                thread::spawn(move || lead(&client, to, &cut_off));
            }
        });
        Ok(detour)
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// From now on everything that this follower fetches gets lost, until a connection ends on which something did.
    pub(super) fn cut_off(&self, follower: u32) {
        self.cut_off.store(i64::from(follower), Ordering::SeqCst);
    }
}

/// A connection that ends on one side ends on the other, however it ended.
fn lead(client: &TcpStream, to: u16, cut_off: &AtomicI64) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, to)) else {
        return;
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            let ended = io::copy(&mut &server, &mut &*client);
            close(client, &server);
            ended.ok()
        });
        let mut lost = None;
        hand_on(client, &server, cut_off, &mut lost).ok();
        close(client, &server);
        if let Some(follower) = lost {
            let is_over = cut_off.compare_exchange(follower, NOBODY, Ordering::SeqCst, Ordering::SeqCst);
            is_over.ok();
        }
    });
}

fn close(client: &TcpStream, server: &TcpStream) {
    for end in [client, server] {
        end.shutdown(Shutdown::Both).ok();
    }
}

/// Call by call, until the client ends; tells whose call got lost.
fn hand_on(
    mut client: &TcpStream,
    mut server: &TcpStream,
    cut_off: &AtomicI64,
    lost: &mut Option<i64>,
) -> io::Result<()> {
    loop {
        let mut length = [0; 4];
        client.read_exact(&mut length)?;
        let mut call = vec![0; (u32::from_be_bytes(length) as usize).min(LONGEST)];
        client.read_exact(&mut call)?;
        let follower = cut_off.load(Ordering::SeqCst);
        if follower != NOBODY && fetched_by(&call) == Some(follower) {
            *lost = Some(follower);
            continue;
        }
        server.write_all(&length)?;
        server.write_all(&call)?;
    }
}

/// The follower that fetches; none of other calls, and of those of clients.
fn fetched_by(call: &[u8]) -> Option<i64> {
    let (head, message) = call.split_at_checked(HEAD)?;
    // Numbers below 128 are one byte, and servers of the lab have such.
    match message {
        [0x08, server @ 0..0x80, ..] if head.starts_with(&FETCH_LOG) => Some(i64::from(*server)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};

    use super::Detour;

    fn call(kind: u16, number: u8, message: &[u8]) -> Vec<u8> {
        let length = u32::try_from(8 + message.len()).expect("short");
        let head = [0, 0, 0, 0, 0, number];
        [&length.to_be_bytes()[..], &kind.to_be_bytes(), &head, message].concat()
    }

    #[test]
    fn what_one_follower_fetches_is_lost_until_it_connects_anew() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let detour = Detour::start(listener.local_addr().expect("a port").port()).expect("a detour");
        let connect = || {
            let client = TcpStream::connect(("127.0.0.1", detour.port())).expect("connected");
            (client, listener.accept().expect("led on").0)
        };
        let (mut client, mut server) = connect();
        let [mine, others] = [[0x08, 2, 0x10, 1], [0x08, 1, 0x10, 1]];
        detour.cut_off(2);
        let of_another = call(1014, 2, &mine);
        for call in [
            &call(1015, 1, &mine),
            &of_another,
            &call(1015, 3, &mine),
            &call(1015, 4, &others),
        ] {
            client.write_all(call).expect("sent");
        }
        let mut seen = vec![0; of_another.len() * 2];
        server.read_exact(&mut seen).expect("handed on");
        assert_eq!(seen, [of_another, call(1015, 4, &others)].concat());
        server.write_all(b"an answer").expect("sent");
        let mut answer = [0; 9];
        client.read_exact(&mut answer).expect("an answer");
        drop(client);
        assert_eq!(server.read(&mut seen).expect("an end"), 0);

        // The end of a connection is told after it was seen.
        let fetch = call(1015, 5, &mine);
        let begun = std::time::Instant::now();
        loop {
            let (mut client, mut server) = connect();
            client.write_all(&fetch).expect("sent");
            drop(client);
            if server.read(&mut seen).expect("readable") > 0 {
                break;
            }
            assert!(begun.elapsed().as_secs() < 20, "it stays cut off");
        }
    }
}
