//! The laws of drivers, tried on Fluss' driver before real servers of 0.9.1: each try made twice, once more when it is
//! done, its requests cut, hung, and with a process that dies in it. Somebody stands between upshift and each server.
//!
//! The plan is the planner's for this cluster as it was before its servers were replaced: its first wave, one tablet server,
//! the leaders, and the end. A stop and a start are no requests: they are told twice and once more, and not cut. Tables of
//! upshift's own are made as often as it takes; that none is left in the end is held against a calm run. (The try that made
//! them, sent anew after they were dropped, would make them again: in a plan of the planner a proof stands between.)

#![expect(clippy::print_stdout, reason = "shown when it fails")]

mod between;
#[expect(dead_code, reason = "not every walk is taken here: each takes real time")]
#[path = "../conformance/support.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use tempfile::TempDir;
use upshift_campaign::Wish;
use upshift_campaign::conformance::{Disturbance, Make, Subject, Tried, Walk, refuses, walk};
use upshift_drivers::Clock;
use upshift_drivers::fluss::{FlussDriver, Walk as Road, facts, read_tree};
use upshift_engine::clock::Clock as EngineClock;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::Driver;
use upshift_lab::{Cache, FlussCluster, FlussHome, FlussOptions, Java, Sandbox};
use upshift_model::digest::Digest;
use upshift_model::fluss::{
    Access, Declaration, DeclaredServer, Facts as Metadata, Light, ServerId, System, health,
};
use upshift_model::ids::{ComponentId, StepId, SystemName};
use upshift_model::inventory::{Facts, Inventory};
use upshift_model::observed::Observed;
use upshift_model::plan::{InventoryStamp, Plan, Sealed, Site};
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy};
use upshift_model::record::Failure;
use upshift_model::run_state::RunState;
use upshift_model::span::Millis;
use upshift_model::step::{Effect, StartWhat, Wave};
use upshift_model::way_back::WayBackOffer;
use upshift_planner::dispatch;
use upshift_planner::knowledge::Library;
use upshift_planner::systems::fluss::situation::Situation;

use between::{Port, Watch};
use support::{broken, table};

const RELEASE: &str = "0.9.1-incubating";
const BEFORE: &str = "0.7.0";
/// A cluster is whole within seconds; two loaded cores take their time.
const PATIENCE: Duration = Duration::from_secs(180);

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::builtin);

#[expect(clippy::disallowed_methods, reason = "servers have a clock of their own")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// The cluster, which outlives its walks: each leaves it as it found it.
struct Lab {
    cluster: FlussCluster,
    home: FlussHome,
    watch: Arc<Watch>,
    // Ends every process, and so goes last.
    _sandbox: Sandbox,
}

fn port_of(address: &str) -> u16 {
    let (_, port) = address.rsplit_once(':').expect("HOST:PORT");
    port.parse().expect("a port")
}

impl Lab {
    async fn set(name: &str) -> Self {
        let cache = Cache::open().expect("a cache");
        let java = Java::ready(&cache).expect("Java");
        let home = FlussHome::ready(&cache, RELEASE).expect("Fluss");
        let sandbox = Sandbox::new(&cache, name).expect("a sandbox");
        let watch = Arc::new(Watch::default());
        let ports: BTreeMap<Option<u32>, Port> = [None, Some(0), Some(1)]
            .into_iter()
            .map(|id| (id, Port::open(&watch)))
            .collect();
        let options = FlussOptions {
            tablet_servers: 2,
            replicas: 2,
            min_in_sync: 1,
            advertised: ports.iter().map(|(id, port)| (*id, port.number)).collect(),
            ..FlussOptions::default()
        };
        let cluster =
            FlussCluster::start(&home, &java, &sandbox.path("cluster"), &options).expect("a cluster");
        for (id, port) in &ports {
            port.leads_to(port_of(&match id {
                Some(id) => cluster.tablet_server(*id),
                None => cluster.coordinator(),
            }));
        }
        let lab = Self {
            cluster,
            home,
            watch,
            _sandbox: sandbox,
        };
        lab.until_whole().await;
        lab
    }

    async fn metadata(&self) -> Option<Metadata> {
        let servers = self.cluster.zookeeper();
        let road = Road {
            servers: &servers,
            root: "/fluss",
            door: None,
        };
        let tree = read_tree(road, |_| ()).await.ok()?;
        Some(facts(&tree, servers.clone()))
    }

    async fn until_whole(&self) {
        let began = Instant::now();
        let is_whole = |facts: &Metadata| {
            let there = facts.tablet_servers.known().map_or(0, BTreeMap::len);
            there == 2 && matches!(facts.active.known(), Some(Some(_)))
        };
        while !self.metadata().await.is_some_and(|facts| is_whole(&facts)) {
            assert!(began.elapsed() < PATIENCE, "the cluster never came up");
            let after = tokio::time::Instant::now() + Duration::from_millis(300);
            tokio::time::interval_at(after, PATIENCE).tick().await;
        }
    }

    /// Every start writes its options first.
    fn starts(&self) -> u64 {
        let log = self.cluster.tablet_server_dir(0).join("server.log");
        let log = std::fs::read_to_string(log).unwrap_or_default();
        let begun = log
            .lines()
            .filter(|line| line.contains("property: tablet-server.id"));
        begun.count() as u64
    }

    fn declaration(&self, evidence: PathBuf) -> Declaration {
        let server = |id: ServerId| {
            let (folder, words) = match id {
                ServerId::Coordinator => (
                    self.cluster.coordinator_dir(),
                    self.cluster.coordinator_words(&self.home),
                ),
                ServerId::TabletServer(id) => {
                    let id = u32::try_from(id).expect("two servers");
                    let words = self.cluster.tablet_server_words(id, &self.home);
                    (self.cluster.tablet_server_dir(id), words)
                }
            };
            DeclaredServer {
                id,
                conf: folder.join("conf"),
                target_conf: folder.join("conf"),
                start: words.clone(),
                target_start: words,
            }
        };
        let ids = [ServerId::Coordinator]
            .into_iter()
            .chain((0..2).map(ServerId::TabletServer));
        Declaration {
            name: SystemName::new("laws"),
            zookeeper: self.cluster.zookeeper(),
            root: "/fluss".to_owned(),
            access: Access::default(),
            current: BEFORE.parse().expect("a release"),
            target: RELEASE.parse().expect("a release"),
            hosts: Vec::new(),
            clients: Vec::new(),
            tiering: None,
            target_home: None,
            staged: Vec::new(),
            java_home: None,
            servers: ids.map(server).collect(),
            evidence: Some(evidence),
            probes: Vec::new(),
            spread_leaders: true,
            policy: Policy {
                on_failed_gate: OnFailedGate::Ask,
                on_lane_failure: OnLaneFailure::All,
                replay_limit: Millis::ZERO,
                max_downtime: None,
                keep_restore_points: None,
                notify: Vec::new(),
            },
            soak: Millis(100),
            waivers: Vec::new(),
        }
    }

    async fn plan(&self, evidence: &Path, restarts: bool) -> Sealed {
        let declared = self.declaration(evidence.to_owned());
        let driver = FlussDriver::for_declaration(&declared, Clock::by(now));
        let inventory = driver.observe().await.expect("a look");
        let system = as_it_was(&inventory);
        let stamp = InventoryStamp {
            taken_at: inventory.taken_at,
            digest: Digest::zero(),
        };
        let today = (jiff::civil::date(2026, 11, 28), now());
        let situation = Situation::new(&declared, &system, &LIBRARY, today, stamp).expect("releases");
        let situation = dispatch::Situation::Fluss(Box::new(situation));
        let plan = situation.plan(&situation.findings());
        let plan = plan.unwrap_or_else(|no| panic!("{no:?}"));
        shortened(plan, restarts).seal()
    }
}

/// The servers as they were before they were replaced.
fn as_it_was(inventory: &Inventory) -> System {
    let Facts::Fluss(system) = &inventory.facts else {
        panic!("a look at Fluss")
    };
    let mut system = (**system).clone();
    if let Observed::Known(processes) = &mut system.processes {
        for process in processes {
            process.jar = Observed::Known(BEFORE.to_owned());
        }
    }
    system
}

/// Of the servers one is stopped and started, if any, and comes up as what it is.
fn shortened(mut plan: Plan, restarts: bool) -> Plan {
    let stays = |wave: &Wave| match wave.title.as_str() {
        "tablet server 0" => restarts,
        title => ["prepare", "leaders", "prove", "accept", "release"].contains(&title),
    };
    let stay: Vec<bool> = plan.waves.iter().map(stays).collect();
    let mut stayed = stay.iter();
    plan.waves.retain(|_| *stayed.next().expect("as many"));
    let mut stayed = stay.iter();
    plan.ways_back.retain(|_| *stayed.next().expect("as many"));
    let started = plan.steps().filter(|step| {
        matches!(
            step.effect,
            Effect::Start {
                what: StartWhat::Server { .. }
            }
        )
    });
    assert_eq!(started.count(), usize::from(restarts));
    plan
}

/// One walk through it.
struct Walked {
    lab: Arc<Lab>,
    evidence: TempDir,
    plan: Sealed,
    starts: u64,
    rebalances: u64,
}

fn cluster(lab: &Arc<Lab>, restarts: bool) -> Box<Make> {
    let lab = Arc::clone(lab);
    Box::new(move || {
        let lab = Arc::clone(&lab);
        Box::pin(async move {
            let evidence = tempfile::Builder::new().prefix("upshift-laws").tempdir();
            let evidence = evidence.expect("a folder");
            let plan = lab.plan(evidence.path(), restarts).await;
            let (starts, rebalances) = (lab.starts(), lab.watch.handed_on("Rebalance"));
            let walked = Walked {
                lab,
                evidence,
                plan,
                starts,
                rebalances,
            };
            Arc::new(walked) as Arc<dyn Subject>
        })
    })
}

struct Planner(Arc<dyn Driver>);

impl Counsel for Planner {
    fn way_back<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Result<WayBackOffer, Failure>> {
        Box::pin(async move {
            let present = self.0.observe().await.ok();
            dispatch::way_back(run, present.as_ref(), now()).map_err(Failure::from)
        })
    }

    fn restart<'a>(
        &'a self,
        run: &'a RunState,
        server: &'a ComponentId,
    ) -> BoxFuture<'a, Result<Wave, Failure>> {
        Box::pin(async move {
            match self.0.observe().await {
                Ok(present) => dispatch::restart(run, server, &present),
                Err(fault) => Err(dispatch::unseen(server, &fault.to_string())),
            }
        })
    }

    fn left_over<'a>(&'a self, _: &'a RunState) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async { Vec::new() })
    }
}

impl Walked {
    fn copies(&self) -> u64 {
        std::fs::read_dir(self.evidence.path()).map_or(0, |files| files.count() as u64)
    }

    fn started(&self) -> u64 {
        self.lab.starts() - self.starts
    }
}

impl Subject for Walked {
    fn plan(&self) -> &Sealed {
        &self.plan
    }

    fn clock(&self) -> EngineClock {
        EngineClock::new(now)
    }

    fn driver(&self) -> Arc<dyn Driver> {
        let Site::Fluss(site) = &self.plan.plan.site else {
            panic!("a site of Fluss")
        };
        Arc::new(FlussDriver::for_plan(
            self.plan.plan.system.clone(),
            site,
            Clock::by(now),
        ))
    }

    fn counsel(&self) -> Arc<dyn Counsel> {
        Arc::new(Planner(self.driver()))
    }

    fn touched(&self) -> String {
        format!(
            "{} requests that change something; {} copies of the metadata",
            self.lab.watch.asked(),
            self.copies()
        )
    }

    /// upshift's own tables are made and dropped as often as it takes: what is left of them is looked at in the end.
    fn effects(&self) -> BTreeMap<String, u64> {
        let rebalances = self.lab.watch.handed_on("Rebalance") - self.rebalances;
        BTreeMap::from([
            ("starts of tablet server 0".to_owned(), self.started()),
            ("rebalances that were asked for".to_owned(), rebalances),
            ("copies of the metadata".to_owned(), self.copies()),
        ])
    }

    fn picture(&self) -> BoxFuture<'_, String> {
        Box::pin(async {
            let facts = self.lab.metadata().await.expect("metadata");
            let servers = facts.tablet_servers.known().map_or(0, BTreeMap::len);
            let green = health(&facts).light == Light::Green;
            let rebalance = facts.rebalance.known().and_then(Option::as_ref);
            format!(
                "{servers} tablet servers, {} tables, green: {green}, a rebalance is open: {}",
                facts.tables.len(),
                rebalance.is_some_and(|one| one.is_open())
            )
        })
    }

    fn disturb(&self, _: &StepId, how: Disturbance, nth: u32) {
        self.lab.watch.plan(how, nth);
    }

    fn struck(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.lab.watch.struck.notified())
    }

    fn calm(&self) -> bool {
        self.lab.watch.calm()
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(120)
    }

    fn is_virtual(&self) -> bool {
        false
    }

    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }
}

/// With how long it took.
async fn walked(make: &Make, one: Walk) -> Tried {
    let began = Instant::now();
    let tried = walk(make, one, Wish::Upgrade).await;
    println!(
        "{one}: {:.1} s, {:?}",
        began.elapsed().as_secs_f64(),
        tried.effects
    );
    tried
}

fn keeps(all: &[Tried]) {
    let broken = broken(all);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[tokio::test]
async fn a_server_is_stopped_and_started_once_however_often_it_is_asked_for() {
    let lab = Arc::new(Lab::set("real-fluss-laws-once").await);
    let make = cluster(&lab, true);
    let calm = walked(&*make, Walk::Calm).await;
    assert_eq!(calm.effects["starts of tablet server 0"], 1);
    assert_eq!(calm.effects["rebalances that were asked for"], 1);
    let mut all = vec![calm.clone()];
    for one in [Walk::Twice, Walk::Again] {
        all.push(walked(&*make, one).await.against(&calm));
    }
    keeps(&all);
    println!("{}", table(&all));
    assert!(all[1..].iter().all(|one| one.tries == 12 && one.struck == 12));
}

#[tokio::test]
async fn requests_are_cut_and_hang_and_upshift_dies_in_them() {
    let lab = Arc::new(Lab::set("real-fluss-laws").await);
    let make = cluster(&lab, false);
    let known = [
        "stop a server",
        "start a server",
        "make a canary",
        "prove",
        "drop a canary",
        "dump metadata",
    ];
    let refused = refuses(&*make().await, &known).await;
    assert!(refused.is_empty(), "{refused:?}");
    let calm = walked(&*make, Walk::Calm).await;
    let mut all = vec![calm.clone()];
    let first = Disturbance::ALL.map(|how| (how, 1));
    // In the middle of a try: the tables are half made, the rows half written.
    let second = [(Disturbance::CutAfter, 2), (Disturbance::DiesBefore, 2)];
    for (how, nth) in first.into_iter().chain(second) {
        all.push(walked(&*make, Walk::Disturbed(how, nth)).await.against(&calm));
    }
    keeps(&all);
    println!("{}", table(&all));
    // The copy of the metadata is no request; the rebalance is one alone.
    assert!(all[1..].iter().all(|one| one.tries == 8 && one.struck >= 5));
}
