//! The emulated service of Realtime Compute, for trying upshift without an account. Jobs and savepoints are
//! real ones on Flink clusters that are there already; nothing of a real service is reached.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::Context as _;
use upshift_sim::realtime_compute::{Engine, Injection, Key, Queue, Setup, World};
use upshift_sim::wire::{Emulator, RunsOn};

use crate::clock;
use crate::trouble::Stop;

/// The one key of an emulated service. It opens nothing else.
pub const KEY: (&str, &str) = ("testAK", "testSK");

/// An engine version and what runs its jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// `vvr-8.0.11-flink-1.17`.
    pub version: String,
    /// The service's word for it.
    pub status: String,
    /// The REST address of a Flink cluster of that line; none is paper.
    pub rest: Option<String>,
}

impl FromStr for Offered {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected VERSION[:STATUS]=HOST:PORT of a Flink cluster, or VERSION=paper".to_owned();
        let (engine, on) = text.split_once('=').ok_or_else(wrong)?;
        let (version, status) = engine.split_once(':').unwrap_or((engine, "STABLE"));
        let rest = on.trim_start_matches("http://").trim_end_matches('/');
        let is_port = |port: &str| port.parse::<u16>().is_ok();
        match (version.is_empty(), rest) {
            (true, _) => Err(wrong()),
            (false, "paper") => Ok(None),
            (false, rest) if rest.rsplit_once(':').is_some_and(|(_, port)| is_port(port)) => Ok(Some(rest)),
            (false, _) => Err(wrong()),
        }
        .map(|rest| Self {
            version: version.to_owned(),
            status: status.to_owned(),
            rest: rest.map(str::to_owned),
        })
    }
}

/// What is emulated.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The port; 0 takes a free one.
    pub port: u16,
    /// The workspace's id.
    pub workspace: String,
    /// The namespace's name.
    pub namespace: String,
    /// The engines; the first is taken by itself.
    pub engines: Vec<Offered>,
    /// Where savepoints go.
    pub savepoints: String,
    /// Cores and gibibytes of the queue `default-queue`.
    pub queue: (f64, f64),
    /// Milliseconds that a start, a stop and a savepoint take beside their own time.
    pub delays: [i64; 3],
    /// What goes wrong.
    pub faults: Vec<Injection>,
    /// What goes wrong by chance.
    pub seed: Option<u64>,
}

/// Starts it.
///
/// # Errors
/// When nobody can listen at the port.
pub fn start(wanted: &Wanted) -> Result<Emulator, Stop> {
    let engine = |one: &Offered| Engine {
        version: one.version.clone(),
        status: one.status.clone(),
    };
    let setup = Setup {
        workspace: wanted.workspace.clone(),
        namespace: wanted.namespace.clone(),
        keys: vec![Key {
            id: KEY.0.to_owned(),
            secret: KEY.1.to_owned(),
            token: None,
        }],
        engines: wanted.engines.iter().map(engine).collect(),
        queues: vec![Queue {
            name: "default-queue".to_owned(),
            cpu: wanted.queue.0,
            memory: wanted.queue.1,
        }],
        delays: wanted.delays,
        origin: origin(),
    };
    let world = World::new(setup, wanted.faults.clone(), wanted.seed);
    let runs_on: BTreeMap<_, _> = wanted
        .engines
        .iter()
        .map(|one| {
            let on = one.rest.clone().map_or(RunsOn::Paper, |rest| RunsOn::Flink {
                rest,
                savepoints: wanted.savepoints.clone(),
            });
            (one.version.clone(), on)
        })
        .collect();
    let listening = Emulator::start(wanted.port, world, &runs_on);
    Ok(listening.with_context(|| format!("listening at 127.0.0.1:{}", wanted.port))?)
}

/// The clusters may remember jobs of an emulator before this one: ids begin with the seconds of its start.
fn origin() -> u32 {
    u32::try_from(clock::now().as_second().rem_euclid(i64::from(u32::MAX))).unwrap_or(0)
}
