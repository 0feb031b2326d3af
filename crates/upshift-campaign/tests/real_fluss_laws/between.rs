//! Whoever stands between upshift and the servers: he hands on what both say, and does something to one of the requests
//! that only upshift makes.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::Notify;
use upshift_campaign::conformance::Disturbance;

/// Requests that change something and that no server makes of another: databases, tables, rows, a rebalance.
const CHANGES: [(u16, &str); 7] = [
    (1001, "CreateDatabase"),
    (1002, "DropDatabase"),
    (1005, "CreateTable"),
    (1006, "DropTable"),
    (1014, "ProduceLog"),
    (1016, "PutKv"),
    (1049, "Rebalance"),
];
/// Who asks, as the first message of a connection says.
const HELLO: u16 = 1000;
const UPSHIFT: &[u8] = b"upshift";
/// What was sent comes within less.
const LAST_WORDS: Duration = Duration::from_secs(60);
/// More than a message between servers of the lab holds.
const LONGEST: usize = 64 << 20;

/// What is watched, and what is to be done.
#[derive(Default)]
pub(crate) struct Watch {
    state: Mutex<State>,
    released: Condvar,
    closed: Condvar,
    pub(crate) struck: Notify,
}

#[derive(Default)]
struct State {
    planned: Option<(Disturbance, u32)>,
    came: bool,
    hangs: bool,
    // Requests that came to the servers, by name.
    handed_on: BTreeMap<&'static str, u64>,
    came_by: u64,
    // Connections of upshift that are not over.
    open: u64,
}

/// An open connection of upshift.
struct Open<'a>(&'a Watch);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.state().open -= 1;
        self.0.closed.notify_all();
    }
}

/// What becomes of a request.
enum Verdict {
    Go,
    Cut,
    /// It goes to the server, whose answer gets lost.
    Mute(Disturbance),
}

impl Watch {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn plan(&self, how: Disturbance, nth: u32) {
        let mut state = self.state();
        (state.planned, state.came) = (Some((how, nth)), false);
    }

    pub(crate) fn calm(&self) -> bool {
        let mut state = self.state();
        (state.planned, state.hangs) = (None, false);
        self.released.notify_all();
        std::mem::take(&mut state.came)
    }

    /// Requests that upshift made to change something, whatever became of them. While it calls nobody: what it sent last is
    /// waited for, and nothing else.
    pub(crate) fn asked(&self) -> u64 {
        let is_open = |state: &mut State| state.open > 0;
        let waited = self.closed.wait_timeout_while(self.state(), LAST_WORDS, is_open);
        let (state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!waited.timed_out(), "{} connections stay open", state.open);
        state.came_by
    }

    fn opened(&self) -> Open<'_> {
        self.state().open += 1;
        Open(self)
    }

    pub(crate) fn handed_on(&self, name: &str) -> u64 {
        self.state().handed_on.get(name).copied().unwrap_or_default()
    }

    fn verdict(&self, name: &'static str) -> Verdict {
        let mut state = self.state();
        state.came_by += 1;
        let planned = state.planned;
        if let Some((how, nth)) = planned {
            state.planned = Some((how, nth.saturating_sub(1)));
        }
        match planned {
            Some((how, 1)) if how.has_happened() => {
                *state.handed_on.entry(name).or_default() += 1;
                Verdict::Mute(how)
            }
            Some((Disturbance::CutBefore, 1)) => {
                state.came = true;
                Verdict::Cut
            }
            Some((_, 1)) => {
                (state.came, state.hangs) = (true, true);
                self.struck.notify_one();
                drop(self.released.wait_while(state, |state| state.hangs));
                Verdict::Cut
            }
            _ => {
                *state.handed_on.entry(name).or_default() += 1;
                Verdict::Go
            }
        }
    }

    fn lost(&self, how: Disturbance) {
        self.state().came = true;
        if how.kills() {
            self.struck.notify_one();
        }
    }
}

/// A port that leads to one server. Its threads end with their connections.
pub(crate) struct Port {
    pub(crate) number: u16,
    to: Arc<AtomicU16>,
}

impl Port {
    pub(crate) fn open(watch: &Arc<Watch>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let number = listener.local_addr().expect("it is bound").port();
        let to = Arc::new(AtomicU16::new(0));
        let (leads, watch) = (Arc::clone(&to), Arc::clone(watch));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (to, watch) = (leads.load(Ordering::SeqCst), Arc::clone(&watch));
                thread::spawn(move || lead(&client, to, &watch));
            }
        });
        Self { number, to }
    }

    /// Where the server listens.
    pub(crate) fn leads_to(&self, port: u16) {
        self.to.store(port, Ordering::SeqCst);
    }
}

/// A connection that ends on one side ends on the other, however it ended.
fn lead(client: &TcpStream, to: u16, watch: &Watch) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, to)) else {
        return;
    };
    let lost = AtomicBool::new(false);
    let how = Mutex::new(None);
    thread::scope(|scope| {
        scope.spawn(|| {
            answers(&server, client, &lost, &how, watch).ok();
            close(client, &server);
        });
        requests(client, &server, &lost, &how, watch).ok();
        close(client, &server);
    });
}

fn close(client: &TcpStream, server: &TcpStream) {
    for end in [client, server] {
        end.shutdown(Shutdown::Both).ok();
    }
}

fn message(from: &mut &TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut whole = length.to_vec();
    whole.resize(4 + (u32::from_be_bytes(length) as usize).min(LONGEST), 0);
    from.read_exact(&mut whole[4..])?;
    Ok(whole)
}

fn requests(
    mut client: &TcpStream,
    mut server: &TcpStream,
    lost: &AtomicBool,
    how: &Mutex<Option<Disturbance>>,
    watch: &Watch,
) -> io::Result<()> {
    let names = |request: &[u8]| request.windows(UPSHIFT.len()).any(|word| word == UPSHIFT);
    let mut open = None;
    loop {
        let request = message(&mut client)?;
        let kind = request
            .get(4..6)
            .map(|kind| u16::from_be_bytes([kind[0], kind[1]]));
        if open.is_none() && kind == Some(HELLO) && names(&request) {
            open = Some(watch.opened());
        }
        let changes = CHANGES.iter().find(|(of, _)| Some(*of) == kind);
        match changes.map_or(Verdict::Go, |(_, name)| watch.verdict(name)) {
            Verdict::Go => {}
            Verdict::Cut => return Ok(()),
            Verdict::Mute(by) => {
                *how.lock().unwrap_or_else(PoisonError::into_inner) = Some(by);
                lost.store(true, Ordering::SeqCst);
            }
        }
        server.write_all(&request)?;
    }
}

/// One request is answered before the next one is made: the next answer is the one that gets lost.
fn answers(
    mut server: &TcpStream,
    mut client: &TcpStream,
    lost: &AtomicBool,
    how: &Mutex<Option<Disturbance>>,
    watch: &Watch,
) -> io::Result<()> {
    loop {
        let answer = message(&mut server)?;
        if lost.load(Ordering::SeqCst) {
            let how = how.lock().unwrap_or_else(PoisonError::into_inner).take();
            how.into_iter().for_each(|how| watch.lost(how));
            return Ok(());
        }
        client.write_all(&answer)?;
    }
}
