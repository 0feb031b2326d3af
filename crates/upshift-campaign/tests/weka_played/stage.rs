//! A played cluster, the plan of its upgrade, and a run of upshift on it with a person at its side.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use futures::future::BoxFuture;
use upshift_campaign::{At, Died, MemoryStore, Mortal, in_virtual_time};
use upshift_drivers::Clock;
use upshift_drivers::weka::{Far as _, WekaDriver, questions};
use upshift_drivers::wire::Secrets;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::{Driver, Fault, Standing};
use upshift_engine::engine::{Ended, Engine};
use upshift_engine::journal::{Journal, open_run, read_run};
use upshift_engine::request::{Ask, Request};
use upshift_engine::store::{Holder, Store};
use upshift_model::digest::Digest;
use upshift_model::ids::{Code, RunId};
use upshift_model::plan::{InventoryStamp, Sealed, Site};
use upshift_model::proof::Proof;
use upshift_model::record::{Answer, Failure, Line, Outcome, Question, Record, Who};
use upshift_model::run_state::{Phase, RunState};
use upshift_model::span::Millis;
use upshift_model::step::Wave;
use upshift_model::version::Version;
use upshift_model::way_back::WayBackOffer;
use upshift_model::weka::{ClientWay, Declaration, Facts, Source};
use upshift_planner::dispatch;
use upshift_planner::knowledge::Library;
use upshift_planner::lint;
use upshift_planner::systems::weka::situation::Situation;
use upshift_sim::direct::{Clockwork, Line as Wire, pass};
use upshift_sim::weka::{Node, Spec, State};

use crate::played::{Cut, Played};

pub(crate) const FROM: &str = "4.2.10";
pub(crate) const BETWEEN: &str = "4.4.26";
pub(crate) const TO: &str = "5.1.25";
const BACKENDS: usize = 3;
const CLIENTS: usize = 3;
/// 2026-02-01.
const BEGINS_AT: i64 = 1_769_904_000_000;
/// A person looks again after a moment.
const MOMENT_MS: u64 = 50;

/// What is to go wrong.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trouble {
    /// Faults of the cluster, each gone when a person resumes after the halt that it made.
    pub(crate) faults: Vec<String>,
    /// Where upshift dies.
    pub(crate) deaths: Vec<At>,
    /// Where the connection is lost.
    pub(crate) cuts: Vec<(u64, Cut)>,
    /// Faults that come up while backends are upgraded.
    pub(crate) late: Vec<String>,
    /// Varies what no document tells.
    pub(crate) seed: u64,
}

impl Trouble {
    /// Lives through it, in virtual time.
    pub(crate) fn lived(self) -> Came {
        // Before the runtime: a plan is made in one of its own.
        let plan = of_all().clone();
        in_virtual_time(live(self, plan))
    }
}

/// What it came to.
#[derive(Debug)]
pub(crate) struct Came {
    pub(crate) state: State,
    pub(crate) outcome: Option<Outcome>,
    /// Records of the journal.
    pub(crate) records: u64,
    pub(crate) calls: (u64, Vec<u64>),
    pub(crate) died: Vec<Died>,
    pub(crate) story: String,
}

fn spec(trouble: &Trouble) -> Spec {
    let nodes = |kind: &str, count: usize, net: usize| {
        let one = |number: usize| Node {
            name: format!("{kind}{number:03}"),
            address: format!("10.0.{net}.{}", number + 1),
        };
        (0..count).map(one).collect()
    };
    Spec {
        version: FROM.to_owned(),
        target: TO.to_owned(),
        backends: nodes("be", BACKENDS, 0),
        clients: nodes("cl", CLIENTS, 1),
        faults: trouble
            .faults
            .iter()
            .cloned()
            .chain(ALWAYS.map(str::to_owned))
            .collect(),
        seed: trouble.seed,
        step_ms: 0,
        conversion_ms: 1_000,
        delay_ms: 0,
    }
}

const ALWAYS: [&str; 3] = ["package-missing@0", "package-missing@1", "package-missing@2"];

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

fn declaration() -> Declaration {
    Declaration {
        name: "played".into(),
        entry: vec!["be000".to_owned()],
        ssh_config: None,
        ssh_user: None,
        rest: None,
        server_deadline: Millis::from_secs(45),
        current: version(FROM),
        target: version(TO),
        clients: true,
        client_batch: 2,
        client_way: ClientWay::Batches,
        leave_clients: Vec::new(),
        client_window: None,
        source: Source::Server { from: None },
        distribute: true,
        tasks: Vec::new(),
        hold: Millis::from_secs(1),
        no_progress: Millis::from_secs(1_800),
        other_client_targets: Vec::new(),
        waivers: Vec::new(),
    }
}

/// The plan of all of them: they are alike until something goes wrong.
fn of_all() -> &'static Sealed {
    static PLAN: OnceLock<Sealed> = OnceLock::new();
    PLAN.get_or_init(|| {
        in_virtual_time(async {
            let time = Clockwork::begin(BEGINS_AT);
            plan(&Played::new(spec(&Trouble::default()), time), time).await
        })
    })
}

async fn plan(far: &Played, time: Clockwork) -> Sealed {
    let answers = far.ask("be000", questions()).await.expect("an answer");
    let facts = Facts {
        entry: "be000".to_owned(),
        by_rest: Vec::new(),
        cluster: answers.cluster(),
        // Servers are not asked here.
        backends: BTreeMap::new(),
        clients: None,
    };
    let (declaration, library) = (declaration(), Library::builtin());
    let stamp = InventoryStamp {
        taken_at: time.stamp(),
        digest: Digest::of_bytes(b"seen"),
    };
    let today = (jiff::civil::date(2026, 2, 1), time.stamp());
    let situation = Situation::new(&declaration, &facts, &library, today, stamp).expect("releases");
    let situation = dispatch::Situation::Weka(Box::new(situation));
    let plan = situation.plan(&[]).expect("a plan");
    let flaws: Vec<String> = lint::lint(&plan).iter().map(ToString::to_string).collect();
    assert!(flaws.is_empty(), "{flaws:?}");
    plan.seal()
}

struct Planner;

impl Counsel for Planner {
    fn way_back<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Result<WayBackOffer, Failure>> {
        let now = jiff::Timestamp::UNIX_EPOCH;
        Box::pin(async move { dispatch::way_back(run, None, now).map_err(Failure::from) })
    }

    fn restart<'a>(
        &'a self,
        _: &'a RunState,
        server: &'a upshift_model::ids::ComponentId,
    ) -> BoxFuture<'a, Result<Wave, Failure>> {
        Box::pin(async move { Err(dispatch::unseen(server, "no server is restarted by itself")) })
    }

    /// A look at every server is another story's: see the crate's documentation.
    fn judge<'a>(
        &'a self,
        _: &'a RunState,
        _: (&'a Version, &'a Version),
    ) -> BoxFuture<'a, Result<Standing, Fault>> {
        Box::pin(async move { Ok(Standing::Done(Proof::of(["not looked at here".to_owned()]))) })
    }

    fn left_over<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async move { dispatch::left_over(run, None) })
    }
}

fn who() -> Who {
    Who {
        name: "ada".to_owned(),
        host: "h".to_owned(),
        why: None,
        ticket: None,
    }
}

/// Lives through it: processes that die are followed by others, a person accepts at the end, and resumes after a halt
/// once the cause is gone.
async fn live(trouble: Trouble, plan: Sealed) -> Came {
    let time = Clockwork::begin(BEGINS_AT);
    let far = Arc::new(Played::new(spec(&trouble), time));
    far.cut(trouble.cuts);
    far.late(trouble.late);
    let wire = Arc::new(Wire::with(Vec::new()));
    let inner: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let mortal = Arc::new(Mortal::new(inner, wire, trouble.deaths));
    let store = Arc::clone(&mortal) as Arc<dyn Store>;
    let id = RunId::new("run");
    let key = dispatch::system_key(&plan.plan);
    open_run(&*store, &time.clock(), &id, &key, plan.clone(), who())
        .await
        .expect("the run opens");
    let mut processes = 0;
    let mut ended = None;
    // Two deaths, and a halt for each fault, are all that goes wrong at once.
    while processes < 12 {
        processes += 1;
        ended = process(&store, &id, &plan, &far, time).await;
        match ended {
            Some(Ended::Closed(_)) => break,
            Some(Ended::Halted) => {
                far.faults(&ALWAYS.map(str::to_owned));
                let request = Request {
                    ask: Ask::Resume,
                    by: who(),
                };
                store.post(&id, &request).await.expect("an inbox");
            }
            None => {
                mortal.is_buried();
            }
        }
    }
    let (lines, _) = read_run(&*store, &id).await.expect("a journal");
    let (calls, begins) = far.calls();
    Came {
        state: far.world().state,
        outcome: match ended {
            Some(Ended::Closed(outcome)) => Some(outcome),
            _ => None,
        },
        records: lines.len() as u64,
        calls: (calls, begins),
        died: mortal.died(),
        story: lines.iter().filter_map(told).collect(),
    }
}

/// One process, until it ends, halts or dies.
async fn process(
    store: &Arc<dyn Store>,
    id: &RunId,
    plan: &Sealed,
    far: &Arc<Played>,
    time: Clockwork,
) -> Option<Ended> {
    let holder = Holder {
        pid: 1,
        host: "h".to_owned(),
        user: "ada".to_owned(),
        since: time.stamp(),
    };
    let asked: Arc<Mutex<bool>> = Arc::default();
    let hears = Arc::clone(&asked);
    let listener = Arc::new(move |_: &Line, state: &RunState| {
        *hears.lock().expect("a lock") = asks(state);
    });
    let (_, state) = read_run(&**store, id).await.expect("a journal");
    *asked.lock().expect("a lock") = asks(&state);
    let Site::Weka(site) = &plan.plan.site else {
        panic!("a cluster");
    };
    let driver: Arc<dyn Driver> = Arc::new(WekaDriver::over(
        plan.plan.system.clone(),
        site,
        (&plan.plan.from, &plan.plan.to),
        (Secrets::none(), Clock::by(move || time.stamp())),
        Arc::clone(far) as _,
    ));
    let claimed = Journal::claim(Arc::clone(store), time.clock(), id, &holder, listener).await;
    let engine = Engine::new(claimed.expect("a claim"), Arc::clone(&driver), Arc::new(Planner));
    let answers = async {
        loop {
            if std::mem::take(&mut *asked.lock().expect("a lock")) {
                let request = Request {
                    ask: Ask::Answer(Answer::Finalize),
                    by: who(),
                };
                store.post(id, &request).await.expect("an inbox");
            }
            pass(MOMENT_MS).await;
        }
    };
    tokio::select! {
        ended = engine.carry_on() => ended.ok(),
        () = answers => None,
    }
}

fn asks(state: &RunState) -> bool {
    matches!(
        state.phase,
        Phase::Waiting {
            question: Question::Finalize,
            ..
        }
    )
}

fn told(line: &Line) -> Option<String> {
    let named = |code: &Code, what: &str| format!("{code}: {what}\n");
    match &line.entry().record {
        Record::Done { step, .. } => Some(format!("{step} done\n")),
        Record::Failed { step, failure, .. } => {
            Some(format!("{step} failed: {}", named(&failure.code, &failure.what)))
        }
        Record::Halted { halt, .. } => Some(format!(
            "halted: {}",
            named(&halt.failure.code, &halt.failure.what)
        )),
        Record::Asked { .. } => Some("asks\n".to_owned()),
        Record::Closed { outcome, .. } => Some(format!("{outcome:?}\n")),
        _ => None,
    }
}
