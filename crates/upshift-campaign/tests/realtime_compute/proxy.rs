//! A wire that can be cut: stands before a service, passes every request on, and does to the one it is told what it is
//! told. One request a connection.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use upshift_campaign::conformance::Disturbance;

/// See the module.
pub(crate) struct Proxy {
    shared: Arc<Shared>,
    port: u16,
}

struct Shared {
    target: String,
    planned: Mutex<Planned>,
    released: Condvar,
    struck: Notify,
}

#[derive(Default)]
struct Planned {
    what: Option<(Disturbance, u32)>,
    came: bool,
    hangs: bool,
    // Requests that change something, ever.
    changes: u64,
}

impl Proxy {
    pub(crate) fn before(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            target,
            planned: Mutex::default(),
            released: Condvar::new(),
            struck: Notify::new(),
        });
        let hearing = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // The last one is its end: see `Drop`.
                if Arc::strong_count(&hearing) == 1 {
                    return;
                }
                let shared = Arc::clone(&hearing);
                // Whoever goes away in the middle is his own business.
                std::thread::spawn(move || shared.pass(stream).ok());
            }
        });
        Self { shared, port }
    }

    pub(crate) fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn changes(&self) -> u64 {
        self.shared.planned().changes
    }

    pub(crate) fn disturb(&self, how: Disturbance, nth: u32) {
        let mut planned = self.shared.planned();
        (planned.what, planned.came) = (Some((how, nth)), false);
    }

    pub(crate) async fn struck(&self) {
        self.shared.struck.notified().await;
    }

    pub(crate) fn calm(&self) -> bool {
        let mut planned = self.shared.planned();
        (planned.what, planned.hangs) = (None, false);
        self.shared.released.notify_all();
        std::mem::take(&mut planned.came)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.released.notify_all();
        let port = self.port;
        self.shared = Arc::new(Shared {
            target: String::new(),
            planned: Mutex::default(),
            released: Condvar::new(),
            struck: Notify::new(),
        });
        TcpStream::connect(("127.0.0.1", port)).ok();
    }
}

impl Shared {
    fn planned(&self) -> MutexGuard<'_, Planned> {
        self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What becomes of this one.
    fn due(&self, changes: bool) -> Option<Disturbance> {
        if !changes {
            return None;
        }
        let mut planned = self.planned();
        planned.changes += 1;
        let (how, nth) = planned.what?;
        planned.what = Some((how, nth.saturating_sub(1)));
        if nth != 1 {
            return None;
        }
        planned.came = true;
        Some(how)
    }

    fn pass(&self, mut from: TcpStream) -> io::Result<()> {
        let request = whole(&mut from)?;
        let due = self.due(!request.starts_with(b"GET "));
        match due {
            Some(Disturbance::CutBefore) => return from.shutdown(Shutdown::Both),
            Some(Disturbance::Hangs | Disturbance::DiesBefore) => {
                let mut planned = self.planned();
                planned.hangs = true;
                self.struck.notify_one();
                let hangs = |planned: &mut Planned| planned.hangs;
                drop(self.released.wait_while(planned, hangs));
                return from.shutdown(Shutdown::Both);
            }
            Some(Disturbance::CutAfter | Disturbance::DiesAfter) | None => {}
        }
        let mut to = TcpStream::connect(&self.target)?;
        to.write_all(&request)?;
        let mut answer = Vec::new();
        to.read_to_end(&mut answer)?;
        if let Some(how) = due {
            if how.kills() {
                self.struck.notify_one();
            }
            return from.shutdown(Shutdown::Both);
        }
        from.write_all(&answer)?;
        from.flush()
    }
}

/// A request with its body.
fn whole(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 16 << 10]);
    loop {
        let read = from.read(&mut chunk)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&chunk[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map_or(0, |n| n.trim().parse().unwrap_or(0));
        if bytes.len() >= end + 4 + length {
            return Ok(bytes);
        }
    }
}
