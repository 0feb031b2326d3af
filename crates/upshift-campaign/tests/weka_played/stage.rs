//! A played cluster, the plan of its upgrade, and a run of upshift on it with a person at its side.

use std::collections::BTreeMap;
use std::ops::Range;
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
use upshift_engine::store::{Holder, Note, Store};
use upshift_model::digest::Digest;
use upshift_model::ids::{Code, RunId, StepId};
use upshift_model::plan::{InventoryStamp, Sealed, Site};
use upshift_model::proof::Proof;
use upshift_model::record::{Answer, Failure, Line, Outcome, Question, Record, Who};
use upshift_model::run_state::{Phase, RunState};
use upshift_model::span::Millis;
use upshift_model::step::Wave;
use upshift_model::version::Version;
use upshift_model::way_back::WayBackOffer;
use upshift_model::weka::{ClientWay, Declaration, Facts, Source, Window};
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
pub(crate) const BEGINS_AT: i64 = 1_769_904_000_000;
/// What nobody may be told.
pub(crate) const TOKEN: &str = "canary-token";
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
    /// A server that is not reached, from and to so many milliseconds after the beginning.
    pub(crate) gone: Option<(&'static str, Range<i64>)>,
    /// Whether the first backend has a copy of the first release for clients alone.
    pub(crate) copy: bool,
    /// What the system file says beyond the usual.
    pub(crate) wishes: Wishes,
}

/// What a system file says beyond the usual.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    pub(crate) leave_clients: Vec<String>,
    pub(crate) client_window: Option<Window>,
    pub(crate) by_token: bool,
    /// After so long it is said that nothing moves; half an hour where it is none.
    pub(crate) no_progress: Option<Millis>,
}

impl Trouble {
    /// Whether something is wrong that a plan deals with.
    fn of_plan(&self) -> bool {
        self.faults.iter().any(|fault| is_of_plan(fault))
    }

    /// Lives through it, in virtual time.
    pub(crate) fn lived(self) -> Came {
        // Before the runtime: a plan is made in one of its own.
        let plan = planned(&self);
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
    pub(crate) lines: Vec<Line>,
    /// What was waited for, each thing once.
    pub(crate) waits: Vec<Wait>,
    pub(crate) story: String,
}

/// Something that was waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) since: jiff::Timestamp,
    pub(crate) step: StepId,
    pub(crate) what: String,
}

pub(crate) fn spec(trouble: &Trouble) -> Spec {
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

fn declaration(wishes: &Wishes) -> Declaration {
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
        leave_clients: wishes.leave_clients.clone(),
        client_window: wishes.client_window,
        source: match wishes.by_token {
            true => Source::Vendor {
                site: "get.weka.io".to_owned(),
                token: "env:WEKA_TOKEN".parse().expect("a reference"),
            },
            false => Source::Server { from: None },
        },
        distribute: true,
        tasks: Vec::new(),
        hold: Millis::from_secs(1),
        no_progress: wishes.no_progress.unwrap_or(Millis::from_secs(1_800)),
        other_client_targets: Vec::new(),
        waivers: Vec::new(),
    }
}

/// The plan of all of them: they are alike until something goes wrong.
fn of_all() -> &'static Sealed {
    static PLAN: OnceLock<Sealed> = OnceLock::new();
    PLAN.get_or_init(|| in_virtual_time(plan_of(Trouble::default())))
}

fn planned(trouble: &Trouble) -> Sealed {
    if trouble.wishes == Wishes::default() && !trouble.of_plan() {
        return of_all().clone();
    }
    let faults: Vec<String> = trouble
        .faults
        .iter()
        .filter(|fault| is_of_plan(fault))
        .cloned()
        .collect();
    let wishes = trouble.wishes.clone();
    in_virtual_time(plan_of(Trouble {
        faults,
        wishes,
        ..Trouble::default()
    }))
}

/// The plan for a fresh cluster.
pub(crate) async fn plan_of(trouble: Trouble) -> Sealed {
    let time = Clockwork::begin(BEGINS_AT);
    plan(&Played::new(spec(&trouble), time), time, &trouble.wishes).await
}

/// What a plan deals with.
fn is_of_plan(fault: &str) -> bool {
    fault == "client-target-set"
}

async fn plan(far: &Played, time: Clockwork, wishes: &Wishes) -> Sealed {
    let answers = far.ask("be000", questions()).await.expect("an answer");
    let facts = Facts {
        entry: "be000".to_owned(),
        by_rest: Vec::new(),
        cluster: answers.cluster(),
        // Servers are not asked here.
        backends: BTreeMap::new(),
        clients: None,
    };
    let (declaration, library) = (declaration(wishes), Library::builtin());
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

pub(crate) struct Planner;

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
    if let Some((host, while_)) = trouble.gone {
        far.gone(host, BEGINS_AT + while_.start..BEGINS_AT + while_.end);
    }
    if trouble.copy {
        far.holds_a_copy(BETWEEN);
    }
    let waits: Arc<Mutex<Vec<Wait>>> = Arc::default();
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
        ended = process(&store, &id, &plan, &far, (time, &waits)).await;
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
        waits: std::mem::take(&mut *waits.lock().expect("a lock")),
        story: lines.iter().filter_map(told).collect(),
        lines,
    }
}

/// One process, until it ends, halts or dies.
async fn process(
    store: &Arc<dyn Store>,
    id: &RunId,
    plan: &Sealed,
    far: &Arc<Played>,
    (time, waits): (Clockwork, &Mutex<Vec<Wait>>),
) -> Option<Ended> {
    let holder = Holder {
        pid: 1,
        host: "h".to_owned(),
        user: "ada".to_owned(),
        since: time.stamp(),
    };
    let asked: Arc<Mutex<Option<Answer>>> = Arc::default();
    let hears = Arc::clone(&asked);
    let listener = Arc::new(move |_: &Line, state: &RunState| {
        *hears.lock().expect("a lock") = asks(state);
    });
    let (_, state) = read_run(&**store, id).await.expect("a journal");
    *asked.lock().expect("a lock") = asks(&state);
    let driver = driver(plan, far, time);
    let claimed = Journal::claim(Arc::clone(store), time.clock(), id, &holder, listener).await;
    let engine = Engine::new(claimed.expect("a claim"), Arc::clone(&driver), Arc::new(Planner));
    let answers = async {
        loop {
            let answer = asked.lock().expect("a lock").take();
            if let Some(answer) = answer {
                // A gate that failed is looked into first.
                if answer == Answer::Continue {
                    far.faults(&ALWAYS.map(str::to_owned));
                }
                let request = Request {
                    ask: Ask::Answer(answer),
                    by: who(),
                };
                store.post(id, &request).await.expect("an inbox");
            }
            if let Some(note) = store.latest_note(id).await.expect("a note") {
                hears_of(note, waits, far);
            }
            pass(MOMENT_MS).await;
        }
    };
    tokio::select! {
        ended = engine.carry_on() => ended.ok(),
        () = answers => None,
    }
}

/// What a driver for the plan sees and does is played.
pub(crate) fn driver(plan: &Sealed, far: &Arc<Played>, time: Clockwork) -> Arc<dyn Driver> {
    let Site::Weka(site) = &plan.plan.site else {
        panic!("a cluster");
    };
    Arc::new(WekaDriver::over(
        plan.plan.system.clone(),
        site,
        (&plan.plan.from, &plan.plan.to),
        (
            Secrets::by(|_| Ok(TOKEN.to_owned())),
            Clock::by(move || time.stamp()),
        ),
        Arc::clone(far) as _,
    ))
}

/// A person reads what is waited for. When it is said that nothing moves, the cause is found and goes.
fn hears_of(note: Note, waits: &Mutex<Vec<Wait>>, far: &Played) {
    let mut waits = waits.lock().expect("a lock");
    for lane in note.lanes {
        let known = |wait: &Wait| wait.step == lane.step && wait.what == lane.what;
        if waits.iter().rev().take(4).any(known) {
            continue;
        }
        if lane.what.contains("no progress") {
            far.faults(&ALWAYS.map(str::to_owned));
        }
        waits.push(Wait {
            since: note.at,
            step: lane.step,
            what: lane.what,
        });
    }
}

/// What a person answers to the question that the run asks.
fn asks(state: &RunState) -> Option<Answer> {
    match &state.phase {
        Phase::Waiting {
            question: Question::Finalize,
            ..
        } => Some(Answer::Finalize),
        Phase::Waiting {
            question: Question::FailedGate { .. },
            ..
        } => Some(Answer::Continue),
        _ => None,
    }
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
