//! Flink's driver, over the wire: stand-in installations with real processes, a world behind their REST API, and a watch
//! that cuts requests.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use expect_test::{Expect, expect};
use futures::future::BoxFuture;
use tempfile::TempDir;
use tokio::sync::Notify;
use upshift_campaign::Wish;
use upshift_campaign::conformance::{Disturbance, Make, Subject, refuses};
use upshift_drivers::Clock;
use upshift_drivers::flink::FlinkDriver;
use upshift_drivers::wire::Secrets;
use upshift_engine::clock::Clock as EngineClock;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::Driver;
use upshift_model::endpoint::Endpoint;
use upshift_model::finding::Finding;
use upshift_model::flink::{Declaration, DeclaredInstallation, Target};
use upshift_model::ids::{ComponentId, StepId};
use upshift_model::plan::{Plan, Sealed};
use upshift_model::record::Failure;
use upshift_model::run_state::RunState;
use upshift_model::span::Millis;
use upshift_model::step::Wave;
use upshift_model::way_back::WayBackOffer;
use upshift_planner::knowledge::Knowledge;
use upshift_planner::systems::flink::situation::Situation;
use upshift_planner::systems::flink::{checks, recipe};
use upshift_planner::{dispatch, lint};
use upshift_sim::direct::flink::{Scene as Simulated, Way};
use upshift_sim::wire::{Contact, Moment, Program, Scene, Stage, Verdict};

use crate::support::{all, broken, table};

#[expect(
    clippy::disallowed_methods,
    reason = "the stand-ins have a clock of their own, and compare them"
)]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// The process that a stand-in's script starts.
#[test]
fn process_of_a_cluster() {
    upshift_sim::wire::run_if_started_by_a_script(std::env::args());
}

#[derive(Default)]
struct Watch {
    state: Mutex<Watched>,
    released: Condvar,
    struck: Notify,
}

#[derive(Default)]
struct Watched {
    planned: Option<(Disturbance, u32)>,
    // The one that goes through, and whose answer does not.
    mute: Option<Disturbance>,
    came: bool,
    hangs: bool,
    changes: u64,
}

impl Watch {
    fn state(&self) -> MutexGuard<'_, Watched> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn verdict(&self, contact: &Contact) -> Verdict {
        let mut state = self.state();
        if !contact.changes {
            return Verdict::Go;
        }
        state.changes += u64::from(contact.moment == Moment::Before);
        // A script is no request: whoever starts it has started it.
        if contact.what.starts_with("start ") {
            return Verdict::Go;
        }
        if contact.moment == Moment::After {
            return match state.mute.take() {
                None => Verdict::Go,
                Some(how) => {
                    state.came = true;
                    if how.kills() {
                        self.struck.notify_one();
                    }
                    Verdict::Cut
                }
            };
        }
        let Some((how, nth)) = state.planned else {
            return Verdict::Go;
        };
        state.planned = Some((how, nth.saturating_sub(1)));
        match (nth, how) {
            (1, Disturbance::CutAfter | Disturbance::DiesAfter) => {
                state.mute = Some(how);
                Verdict::Go
            }
            (1, Disturbance::CutBefore) => {
                state.came = true;
                Verdict::Cut
            }
            (1, Disturbance::Hangs | Disturbance::DiesBefore) => {
                (state.came, state.hangs) = (true, true);
                self.struck.notify_one();
                drop(self.released.wait_while(state, |state| state.hangs));
                Verdict::Cut
            }
            _ => Verdict::Go,
        }
    }
}

struct Cluster {
    stage: Stage,
    dir: TempDir,
    watch: Arc<Watch>,
    plan: Sealed,
}

fn declaration(stage: &Stage) -> Declaration {
    let mut declared = Simulated::new(Way::InPlace).declaration();
    let installed = |of: &mut DeclaredInstallation, release: &str, suffix: &str| {
        let folder = |name: &str| stage.path(&format!("{name}{suffix}"));
        of.home = stage.path(&format!("flink-{release}"));
        of.archive = None;
        (of.conf, of.logs, of.pids) = (folder("conf"), Some(folder("log")), Some(folder("pid")));
        of.java_home = Some(stage.path("java"));
    };
    declared.rest = Endpoint::plain(format!("http://127.0.0.1:{}", stage.rest()));
    installed(declared.current.as_mut().expect("one that runs"), "1.18.1", "");
    let Target::Release { installation, .. } = &mut declared.target else {
        panic!("in place");
    };
    installed(installation, "1.20.5", "-new");
    declared.savepoints = format!("file://{}", stage.path("sp").display());
    declared.probes = Vec::new();
    declared.soak = Millis(100);
    declared.jobs.truncate(1);
    for job in &mut declared.jobs {
        job.uids = ["source", "counter", "tally", "writer"].map(str::to_owned).into();
        for submission in [&mut job.current, &mut job.target] {
            submission.jar = stage.path("jars/job.jar");
            submission.entry_class = None;
            submission.parallelism = None;
            submission.max_parallelism = None;
        }
    }
    declared
}

async fn plan(declared: &Declaration) -> Sealed {
    let driver = FlinkDriver::for_declaration(declared, Secrets::none(), Clock::by(now)).expect("a driver");
    let inventory = driver.observe().await.expect("a look");
    let knowledge = Knowledge::builtin();
    let situation = Situation {
        declaration: declared,
        inventory: &inventory,
        facts: inventory.facts.flink().expect("a look at Flink"),
        knowledge: &knowledge,
        today: jiff::civil::date(2026, 11, 27),
        now: now(),
    };
    let findings = checks::findings(&situation);
    let against = |finding: &&Finding| finding.blocks() || finding.blinds();
    let against: Vec<&Finding> = findings.iter().filter(against).collect();
    assert!(against.is_empty(), "{against:#?}");
    let plan = recipe::plan(&situation, &findings).expect("a plan");
    assert!(lint::lint(&plan).is_empty());
    plan.seal()
}

fn cluster() -> Box<Make> {
    Box::new(|| {
        Box::pin(async {
            let dir = tempfile::Builder::new().prefix("upshift-laws").tempdir();
            let dir = dir.expect("a folder");
            let mut scene = Scene::new();
            "orders".clone_into(&mut scene.name);
            let program = Program::this("flink::process_of_a_cluster").expect("this program");
            let stage = Stage::set(&scene, dir.path(), &program).expect("a stage");
            let plan = plan(&declaration(&stage)).await;
            let watch = Arc::new(Watch::default());
            let watching = Arc::clone(&watch);
            stage.server.watch(move |contact| watching.verdict(contact));
            stage.server.world().count_from_here();
            let cluster = Cluster {
                stage,
                dir,
                watch,
                plan,
            };
            Arc::new(cluster) as Arc<dyn Subject>
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
        _: &'a RunState,
        server: &'a ComponentId,
    ) -> BoxFuture<'a, Result<Wave, Failure>> {
        Box::pin(async move {
            Err(dispatch::unseen(
                server,
                "nothing of Flink is restarted by itself",
            ))
        })
    }

    fn left_over<'a>(&'a self, _: &'a RunState) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async { Vec::new() })
    }
}

fn driver(plan: &Plan) -> Arc<dyn Driver> {
    let site = plan.site.flink().expect("a site of Flink");
    let driver = FlinkDriver::for_plan(plan.system.clone(), site, Secrets::none(), Clock::by(now));
    Arc::new(driver.expect("a driver"))
}

/// Files below a folder with their sizes.
fn tree(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let of = |entry: std::fs::DirEntry| match entry.path() {
        path if path.is_dir() => tree(&path),
        path => {
            let size = std::fs::metadata(&path).map_or(0, |about| about.len());
            vec![format!("{} of {size}", path.display())]
        }
    };
    let mut all: Vec<String> = entries.flatten().flat_map(of).collect();
    all.sort();
    all
}

impl Subject for Cluster {
    fn plan(&self) -> &Sealed {
        &self.plan
    }

    fn clock(&self) -> EngineClock {
        EngineClock::new(now)
    }

    fn driver(&self) -> Arc<dyn Driver> {
        driver(&self.plan.plan)
    }

    fn counsel(&self) -> Arc<dyn Counsel> {
        Arc::new(Planner(self.driver()))
    }

    fn touched(&self) -> String {
        let changes = self.watch.state().changes;
        let files = ["conf", "conf-new", "flink-1.18.1", "flink-1.20.5", "jars"];
        let files: Vec<String> = files
            .iter()
            .flat_map(|name| tree(&self.dir.path().join(name)))
            .collect();
        format!("{changes} requests that change something; {}", files.join(", "))
    }

    fn effects(&self) -> BTreeMap<String, u64> {
        let world = self.stage.server.world();
        let all = world.effects().iter();
        all.map(|(what, times)| (what.clone(), u64::from(*times)))
            .collect()
    }

    fn picture(&self) -> BoxFuture<'_, String> {
        Box::pin(async {
            let world = self.stage.server.world();
            let alive = world.alive("orders");
            let on: Vec<&str> = alive.iter().map(|(release, _)| release.as_str()).collect();
            format!("orders on {}, {} mishaps", on.join(", "), world.mishaps().len())
        })
    }

    fn disturb(&self, _: &StepId, how: Disturbance, nth: u32) {
        let mut state = self.watch.state();
        (state.planned, state.came) = (Some((how, nth)), false);
    }

    fn struck(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.watch.struck.notified())
    }

    fn calm(&self) -> bool {
        let mut state = self.watch.state();
        (state.planned, state.mute, state.hangs) = (None, None, false);
        self.watch.released.notify_all();
        std::mem::take(&mut state.came)
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(400)
    }

    fn is_virtual(&self) -> bool {
        false
    }

    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }
}

async fn keeps_the_laws(wish: Wish, wanted: &Expect) {
    let all = all(&*cluster(), wish, &Disturbance::ALL).await;
    let broken = broken(&all);
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    wanted.assert_eq(&table(&all));
}

#[tokio::test]
async fn in_place() {
    keeps_the_laws(
        Wish::Upgrade,
        &expect![[r#"
        nothing goes wrong: 0 of 8
        each try twice: 8 of 8
        each try once more when it is done: 8 of 8
        request 1 of each try cut before it happened: 5 of 8
        request 1 of each try cut before the answer: 5 of 8
        request 1 of each try hung: 5 of 8
        request 1 of each try died before it happened: 5 of 8
        request 1 of each try died before the answer: 5 of 8
    "#]],
    )
    .await;
}

#[tokio::test]
async fn in_place_and_back() {
    keeps_the_laws(
        Wish::BackAtTheEnd,
        &expect![[r#"
        nothing goes wrong: 0 of 12
        each try twice: 12 of 12
        each try once more when it is done: 12 of 12
        request 1 of each try cut before it happened: 7 of 12
        request 1 of each try cut before the answer: 7 of 12
        request 1 of each try hung: 7 of 12
        request 1 of each try died before it happened: 7 of 12
        request 1 of each try died before the answer: 7 of 12
    "#]],
    )
    .await;
}

#[tokio::test]
async fn what_is_no_business_of_flink_is_refused() {
    let subject = cluster()().await;
    let known = [
        "take a restore point",
        "stop a job",
        "start a job",
        "upload a jar",
        "start a cluster",
    ];
    let refused = refuses(&*subject, &known).await;
    assert!(refused.is_empty(), "{refused:?}");
}
