//! The server: one request a connection. Work goes to threads of its own, so that an answer never waits
//! for a cluster; jobs are looked at all the time.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;

use super::super::clock;
use super::cluster::{Cluster, RunsOn};
use super::flink::Flink;
use super::paper::Paper;
use crate::realtime_compute::{Answer, Injection, Inside, Look, Report, Request, Told, Work, World};

/// How often jobs are looked at, and how often where there is nothing but paper.
const TICK: Duration = Duration::from_millis(200);
const TICK_ON_PAPER: Duration = Duration::from_millis(10);
/// Largest request.
const LARGEST: usize = 4 << 20;

struct Shared {
    world: Mutex<World>,
    clusters: BTreeMap<String, Arc<dyn Cluster>>,
    over: (Mutex<bool>, Condvar),
    tick: Duration,
}

/// See the module. It ends when it is dropped; jobs stay on their clusters.
pub struct Emulator {
    shared: Arc<Shared>,
    port: u16,
}

impl Emulator {
    /// Serves a namespace at a port of the loopback interface; 0 takes a free one. Every engine of the
    /// namespace runs on something.
    ///
    /// # Errors
    /// When it cannot listen.
    pub fn start(port: u16, world: World, engines: &BTreeMap<String, RunsOn>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let port = listener.local_addr()?.port();
        let cluster = |engine: &str, on: &RunsOn| -> Arc<dyn Cluster> {
            match on {
                RunsOn::Paper => Arc::new(Paper::of(engine)),
                RunsOn::Flink { rest, savepoints } => Arc::new(Flink {
                    rest: rest.clone(),
                    savepoints: savepoints.clone(),
                }),
            }
        };
        let shared = Arc::new(Shared {
            world: Mutex::new(world),
            clusters: engines
                .iter()
                .map(|(engine, on)| (engine.clone(), cluster(engine, on)))
                .collect(),
            over: (Mutex::new(false), Condvar::new()),
            tick: match engines.values().all(|on| matches!(on, RunsOn::Paper)) {
                true => TICK_ON_PAPER,
                false => TICK,
            },
        });
        let (looking, hearing) = (Arc::clone(&shared), Arc::clone(&shared));
        std::thread::spawn(move || looking.look_on());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if *lock(&hearing.over.0) {
                    return;
                }
                let hearing = Arc::clone(&hearing);
                std::thread::spawn(move || hearing.answer(stream));
            }
        });
        Ok(Self { shared, port })
    }

    /// Where it answers: `127.0.0.1:18089`.
    pub fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What there is in it.
    pub fn inside(&self) -> Inside {
        lock(&self.shared.world).inside()
    }

    /// One thing more goes wrong from now on.
    pub fn inject(&self, injection: Injection) {
        lock(&self.shared.world).inject(injection);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        lock(&self.shared.world).heal();
    }

    /// Waits until somebody ends the process.
    pub fn wait(&self) {
        let mut over = lock(&self.shared.over.0);
        while !*over {
            over = self
                .shared
                .over
                .1
                .wait(over)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        *lock(&self.shared.over.0) = true;
        self.shared.over.1.notify_all();
        // Wakes the listener, so that it sees that it is over.
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Waits; false when all is over.
    fn pass(&self, time: Duration) -> bool {
        let over = lock(&self.over.0);
        let (over, _) = self
            .over
            .1
            .wait_timeout_while(over, time, |over| !*over)
            .unwrap_or_else(PoisonError::into_inner);
        !*over
    }

    fn hear(self: &Arc<Self>, report: Report) {
        let works = {
            let mut world = lock(&self.world);
            world.hear(report, clock::now());
            world.take_works()
        };
        self.set_to_work(works);
    }

    fn look_on(self: &Arc<Self>) {
        while self.pass(self.tick) {
            let watched = lock(&self.world).watched();
            for (engine, job) in watched {
                // A cluster that does not answer now is asked again with the next tick.
                let look = self.clusters.get(&engine).map(|cluster| cluster.look(&job));
                if let Some(Ok(Some(look))) = look {
                    self.hear(Report::Seen { job, look });
                }
            }
        }
    }

    fn set_to_work(self: &Arc<Self>, works: Vec<Work>) {
        for work in works {
            let shared = Arc::clone(self);
            std::thread::spawn(move || shared.work(work));
        }
    }

    fn work(self: &Arc<Self>, work: Work) {
        let (engine, delay) = match &work {
            Work::Run(run, delay) => (&run.engine, *delay),
            Work::Save { engine, delay, .. } | Work::Cancel { engine, delay, .. } => (engine, *delay),
            Work::Dispose { engine, .. } => (engine, 0),
        };
        let Some(cluster) = self.clusters.get(engine).map(Arc::clone) else {
            return;
        };
        if delay > 0 && !self.pass(Duration::from_millis(delay.unsigned_abs())) {
            return;
        }
        match work {
            Work::Run(run, _) => {
                if let Err(why) = cluster.run(&run) {
                    self.hear(Report::NotRun { job: run.id, why });
                }
            }
            Work::Save {
                job,
                point,
                native,
                how,
                ..
            } => {
                let result = cluster.save(&job, native, how);
                self.hear(Report::Saved { point, result });
            }
            Work::Cancel { job, .. } => self.cancel(cluster.as_ref(), job),
            // What is left lying about is the cluster's business; the service has forgotten it.
            Work::Dispose { location, .. } => cluster.dispose(&location).unwrap_or(()),
        }
    }

    /// A job that is only just being started is not known yet, so a cancel is tried for a while.
    fn cancel(self: &Arc<Self>, cluster: &dyn Cluster, job: String) {
        for _ in 0..50 {
            if let Ok(kept) = cluster.cancel(&job) {
                let word = "CANCELED".to_owned();
                if let Some(location) = kept {
                    self.hear(Report::Kept {
                        job: job.clone(),
                        location,
                    });
                }
                let look = Look {
                    word,
                    ..Look::default()
                };
                return self.hear(Report::Seen { job, look });
            }
            if !self.pass(TICK) {
                return;
            }
        }
    }

    fn answer(self: &Arc<Self>, mut stream: TcpStream) {
        let Ok(Some(request)) = read(&mut stream) else {
            return;
        };
        let (told, works) = {
            let mut world = lock(&self.world);
            (world.call(&request, clock::now()), world.take_works())
        };
        self.set_to_work(works);
        let answer = match told {
            Told::Answer(answer) => answer,
            Told::Lost => return,
            Told::Flink {
                engine,
                path,
                unchecked,
            } => self.proxied(&engine, &path, unchecked),
        };
        // A caller that went away is its own business.
        write(&mut stream, &answer).ok();
    }

    fn proxied(&self, engine: &str, path: &str, unchecked: bool) -> Answer {
        let told = self.clusters.get(engine).map(|cluster| cluster.get(path));
        let body = match told {
            Some(Ok(text)) if unchecked => json!({
                "requestId": "P", "success": true, "httpCode": 200, "data": failed(&text),
            }),
            Some(Ok(text)) => json!({ "requestId": "P", "success": true, "httpCode": 200, "data": text }),
            Some(Err(why)) => json!({
                "requestId": "P", "success": false, "httpCode": 200,
                "errorCode": "Emulator.NoFlink", "errorMessage": why,
            }),
            None => json!({ "success": false, "errorCode": "990301", "errorMessage": "no such engine" }),
        };
        Answer {
            status: 200,
            headers: Vec::new(),
            body,
        }
    }
}

/// Checkpoints as a job tells them of which none completes.
fn failed(text: &str) -> String {
    let mut told: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    (told["counts"]["completed"], told["counts"]["failed"]) = (json!(0), json!(3));
    (told["latest"]["completed"], told["history"]) = (json!(null), json!([]));
    told.to_string()
}

/// Reads one request; none when the other side closes before it is whole.
fn read(from: &mut TcpStream) -> io::Result<Option<Request>> {
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; 16 << 10]);
    loop {
        let count = from.read(&mut chunk)?;
        if count == 0 || bytes.len() > LARGEST {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk[..count]);
        if let Some(request) = Request::of(&bytes) {
            return Ok(Some(request));
        }
    }
}

fn write(to: &mut TcpStream, answer: &Answer) -> io::Result<()> {
    let body = answer.body.to_string();
    let more: String = answer
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let head = format!(
        "HTTP/1.1 {} Emulated\r\ncontent-type: application/json; charset=utf-8\r\nconnection: close\r\n{more}\
         content-length: {}\r\n\r\n",
        answer.status,
        body.len()
    );
    to.write_all(head.as_bytes())?;
    to.write_all(body.as_bytes())?;
    to.flush()
}
