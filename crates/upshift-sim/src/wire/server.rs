//! The world server: owns the world, serves every cluster's REST API, learns from connections which
//! processes live. Whoever tells the story may look at each contact, hold it, or end it without an answer.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::control::Word;
use super::{clock, http};
use crate::flink::{Answer, Call, Contents, Role, World, Written};

/// When a contact is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It has arrived and nothing has happened.
    Before,
    /// What it asks for has happened, and the answer was not sent.
    After,
}

/// Somebody wants something of a cluster: a request, or a script that starts a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The cluster's release.
    pub release: String,
    /// In a word or two: `stop`, `jobs`, `start task manager`.
    pub what: &'static str,
    /// Whether it changes anything.
    pub changes: bool,
    /// When.
    pub moment: Moment,
}

/// What becomes of a contact.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It goes on.
    Go,
    /// The connection ends without an answer.
    Cut,
    /// It is answered like this, and nothing happens.
    Tell(Answer),
}

type Watch = dyn Fn(&Contact) -> Verdict + Send + Sync;

struct Shared {
    world: Mutex<World>,
    watch: Mutex<Arc<Watch>>,
    over: (Mutex<bool>, Condvar),
    held: Mutex<Vec<TcpStream>>,
}

/// See the module. Ends all its processes when it is dropped.
pub struct Server {
    shared: Arc<Shared>,
    port: u16,
}

/// A world moves on this often though nobody asks.
const TICK: Duration = Duration::from_millis(5);

impl Server {
    /// A server for an empty world.
    ///
    /// # Errors
    /// When it cannot listen.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            world: Mutex::default(),
            watch: Mutex::new(Arc::new(|_: &Contact| Verdict::Go)),
            over: (Mutex::new(false), Condvar::new()),
            held: Mutex::default(),
        });
        let (ticking, hearing) = (Arc::clone(&shared), Arc::clone(&shared));
        std::thread::spawn(move || ticking.tick());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if hearing.is_over() {
                    return;
                }
                let hearing = Arc::clone(&hearing);
                std::thread::spawn(move || hearing.hear(stream));
            }
        });
        Ok(Self { shared, port })
    }

    /// Where scripts and processes say their words.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The world.
    pub fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.shared.world)
    }

    /// The time of this world.
    pub fn now(&self) -> i64 {
        clock::now()
    }

    /// A hand in the world, for a story that changes it while it watches.
    pub fn hand(&self) -> Hand {
        Hand(Arc::clone(&self.shared))
    }

    /// From now on every contact is shown to `watch`, which may take its time.
    pub fn watch(&self, watch: impl Fn(&Contact) -> Verdict + Send + Sync + 'static) {
        *lock(&self.shared.watch) = Arc::new(watch);
    }

    /// The same without a story.
    pub fn watch_nothing(&self) {
        self.watch(|_| Verdict::Go);
    }
}

/// See [`Server::hand`].
#[derive(Clone)]
pub struct Hand(Arc<Shared>);

impl Hand {
    /// The world.
    pub fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.0.world)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        *lock(&self.shared.over.0) = true;
        self.shared.over.1.notify_all();
        for stream in lock(&self.shared.held).drain(..) {
            // One that is gone already needs no ending.
            stream.shutdown(Shutdown::Both).ok();
        }
        // Wakes the listener, so that it sees that it is over.
        TcpStream::connect(("127.0.0.1", self.port)).ok();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A story that failed in the middle of a look leaves the world as it was.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn is_over(&self) -> bool {
        *lock(&self.over.0)
    }

    fn tick(&self) {
        let mut over = lock(&self.over.0);
        while !*over {
            let (next, _) = self
                .over
                .1
                .wait_timeout(over, TICK)
                .unwrap_or_else(PoisonError::into_inner);
            over = next;
            let mut world = lock(&self.world);
            let written = world.advance(clock::now());
            write_all(&written);
        }
    }

    fn verdict(&self, contact: &Contact) -> Verdict {
        let watch = Arc::clone(&lock(&self.watch));
        watch(contact)
    }

    /// One connection of a script or a process.
    fn hear(self: &Arc<Self>, stream: TcpStream) {
        let mut line = String::new();
        let Ok(copy) = stream.try_clone() else { return };
        let mut reader = BufReader::new(copy);
        if reader.read_line(&mut line).is_err() {
            return;
        }
        match Word::parse(&line) {
            Some(Word::Script {
                role,
                release,
                started,
            }) => self.script(stream, role, release, started),
            Some(Word::Process {
                role,
                release,
                conf,
                pid,
                config,
            }) => {
                let process = Process {
                    role,
                    release,
                    conf,
                    pid,
                };
                self.process(stream, reader, &process, config);
            }
            None => {}
        }
    }

    fn script(&self, mut stream: TcpStream, role: Role, release: String, started: bool) {
        let contact = Contact {
            release,
            what: match role {
                Role::JobManager => "start job manager",
                Role::TaskManager => "start task manager",
            },
            changes: true,
            moment: if started { Moment::After } else { Moment::Before },
        };
        if self.verdict(&contact) == Verdict::Go {
            // A script that was killed hears nothing.
            stream.write_all(b"go\n").ok();
        }
    }

    fn process(
        self: &Arc<Self>,
        mut stream: TcpStream,
        mut reader: BufReader<TcpStream>,
        process: &Process,
        config: BTreeMap<String, String>,
    ) {
        let Process {
            role,
            release,
            conf,
            pid,
        } = process;
        let Ok(behind) = TcpListener::bind("127.0.0.1:0") else {
            return;
        };
        let Ok(address) = behind.local_addr() else { return };
        lock(&self.held).extend(stream.try_clone());
        lock(&self.world).came_up(*role, conf, release, *pid, config);
        let serving = (*role == Role::JobManager).then(|| {
            let (shared, conf) = (Arc::clone(self), conf.clone());
            std::thread::spawn(move || shared.serve(&behind, &conf))
        });
        if stream
            .write_all(format!("{}\n", address.port()).as_bytes())
            .is_ok()
        {
            let mut rest = Vec::new();
            // Until the process ends, however that is.
            reader.read_to_end(&mut rest).ok();
        }
        lock(&self.world).went_down(*role, conf, *pid, clock::now());
        if serving.is_some() {
            TcpStream::connect(address).ok();
        }
    }

    fn serve(self: &Arc<Self>, listener: &TcpListener, conf: &str) {
        for stream in listener.incoming().flatten() {
            let alive = |c: &crate::flink::Cluster| !c.release.is_empty();
            if !lock(&self.world).clusters().get(conf).is_some_and(alive) {
                return;
            }
            let (shared, conf) = (Arc::clone(self), conf.to_owned());
            std::thread::spawn(move || shared.answer(stream, &conf));
        }
    }

    fn answer(&self, mut stream: TcpStream, conf: &str) {
        let Ok(Some(request)) = http::read(&mut stream) else {
            return;
        };
        let call = Call::parse(&request.method, &request.target, &request.body);
        let release = lock(&self.world).clusters().get(conf).map(|c| c.release.clone());
        let mut contact = Contact {
            release: release.unwrap_or_default(),
            what: call.word(),
            changes: call.changes(),
            moment: Moment::Before,
        };
        let told = match self.verdict(&contact) {
            Verdict::Cut => return,
            Verdict::Tell(answer) => answer,
            Verdict::Go => {
                let told = {
                    let mut world = lock(&self.world);
                    let (told, written) = world.call(conf, &call, clock::now());
                    write_all(&written);
                    told
                };
                contact.moment = Moment::After;
                match self.verdict(&contact) {
                    Verdict::Cut => return,
                    Verdict::Tell(answer) => answer,
                    Verdict::Go => told,
                }
            }
        };
        // A caller that went away is its own business.
        http::write(&mut stream, &told).ok();
    }
}

struct Process {
    role: Role,
    release: String,
    conf: String,
    pid: u32,
}

const STOP: &[u8] = include_bytes!("../../data/stop/_metadata");
const SNAPSHOT: &[u8] = include_bytes!("../../data/savepoint/_metadata");

/// The files that appeared in the world, on the disk.
fn write_all(written: &[Written]) {
    for file in written {
        let done = match file.contents {
            Contents::Gone => std::fs::remove_dir_all(&file.dir),
            Contents::Nothing => std::fs::create_dir_all(&file.dir),
            Contents::Stop => super::installation::put(&file.dir.join("_metadata"), STOP),
            Contents::Snapshot => super::installation::put(&file.dir.join("_metadata"), SNAPSHOT),
            Contents::Half => super::installation::put(&file.dir.join("_metadata"), &STOP[..STOP.len() / 2]),
        };
        if let Err(error) = done {
            panic!("{}: {error}", file.dir.display());
        }
    }
}
