//! Lives through one case: plan, real engine, store, person, deaths and takeovers, until the run is over; then
//! asks the system what speaks against it. Everything that happens is a function of the case.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};
use upshift_engine::driver::{Driver, Fault as Answer, Standing};
use upshift_engine::engine::{Ended, Engine};
use upshift_engine::journal::{Journal, Listener, open_run, read_run};
use upshift_engine::request::{Ask, Request};
use upshift_engine::store::{Holder, Store, StoreError};
use upshift_model::ids::RunId;
use upshift_model::inventory::Inventory;
use upshift_model::plan::Sealed;
use upshift_model::proof::Bindings;
use upshift_model::record::{Intent, Line as JournalLine, Outcome};
use upshift_model::run_state::RunState;
use upshift_model::step::Step;

use crate::alluxio::Alluxio;
use crate::case::{Case, Setting, Wanted};
use crate::flink::Flink;
use crate::fluss::Fluss;
use crate::memory::MemoryStore;
use crate::mortal::{Died, Mortal};
use crate::person::Person;
use crate::robbery::Robbery;
use crate::rolling::Rolling;
use crate::stage::{Given, Stage};
use crate::system::{End, System, sealed};
use upshift_sim::chance::Chance;
use upshift_sim::direct::{Clockwork, Happened, Line, pass};

/// When simulations begin: a day like any other.
pub const BEGINS_AT: i64 = 1_795_165_200_000;
/// A run that is not over after so many processes will never be.
const PROCESSES: u32 = 30;
/// Nor one that one process has not brought further in three days.
const PATIENCE_MS: u64 = 3 * 86_400_000;
/// Late effects of requests that nobody waits for any more are in the world by then.
pub(crate) const SETTLES_MS: u64 = 300_000;

/// What came of a case.
pub struct Told {
    /// The case.
    pub case: Case,
    /// The system in words.
    pub system: String,
    /// Its outcome; none when it did not come to an end.
    pub outcome: Option<Outcome>,
    /// The journal.
    pub lines: Vec<JournalLine>,
    /// How many processes it took.
    pub processes: u32,
    /// Faults that happened.
    pub happened: Vec<Happened>,
    /// Deaths of upshift's process at an append.
    pub died: Vec<Died>,
    /// How many jobs or instances were upgraded.
    pub subjects: usize,
    /// Everything that speaks against it.
    pub flaws: Vec<String>,
    /// The system before the first step.
    pub before: String,
    /// The system at the end.
    pub picture: String,
}

impl Told {
    /// How it ended, in a word.
    pub const fn ended(&self) -> &'static str {
        match self.outcome {
            Some(Outcome::Finalized) => "finalized",
            Some(Outcome::RolledBack) => "rolled-back",
            Some(Outcome::Abandoned) => "abandoned",
            None => "not-over",
        }
    }

    /// Whether it counts as a whole simulated upgrade: at least three jobs or instances, forty records and
    /// one fault that happened.
    pub const fn is_whole_upgrade(&self) -> bool {
        self.subjects >= 3 && self.lines.len() >= 40 && self.faults() >= 1
    }

    /// How many faults happened, deaths among them.
    pub const fn faults(&self) -> usize {
        self.happened.len() + self.died.len()
    }
}

/// A driver that sees to it that no effect goes out without a durable intent.
struct Witnessed {
    driver: Arc<dyn Driver>,
    store: Arc<Mortal>,
    flaws: Arc<Mutex<Vec<String>>>,
}

impl Driver for Witnessed {
    fn observe(&self) -> BoxFuture<'_, Result<Inventory, Answer>> {
        self.driver.observe()
    }

    fn standing<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: Option<&'a Intent>,
    ) -> BoxFuture<'a, Result<Standing, Answer>> {
        self.driver.standing(step, bound, intent)
    }

    fn attempt<'a>(
        &'a self,
        step: &'a Step,
        bound: &'a Bindings,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Answer>> {
        if !self.store.is_intended(intent.key.as_hex()) {
            let what = format!("step {} was tried without a durable intent", step.id);
            self.flaws
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(what);
        }
        self.driver.attempt(step, bound, intent)
    }
}

pub(crate) fn system_of(setting: &Setting, time: Clockwork) -> Result<Arc<dyn System>, String> {
    let stage = match setting {
        Setting::Flink(scene) => Stage::of_scene(scene.clone()),
        Setting::Given(given) => Stage::of_given((**given).clone()),
        Setting::Rolling(shape) => return Ok(Arc::new(Rolling::set(shape, time))),
        Setting::Alluxio(shape) => return Ok(Arc::new(Alluxio::set(shape, time))),
        Setting::Fluss(shape) => return Ok(Arc::new(Fluss::set(shape, time))),
    };
    Ok(Arc::new(Flink::set(stage, time)?))
}

/// When a simulation begins: a plan that is given, when its inventory was taken.
fn begins_at(setting: &Setting) -> i64 {
    match setting {
        Setting::Given(given) => given.inventory.taken_at.as_millisecond(),
        Setting::Flink(_) | Setting::Rolling(_) | Setting::Fluss(_) | Setting::Alluxio(_) => BEGINS_AT,
    }
}

/// One upgrade, drawn from a seed.
pub async fn of_seed(seed: u64, wanted: &Wanted, store: Arc<dyn Store>) -> Told {
    let (case, chance) = Case::draw(seed, wanted);
    Box::pin(live(case, Some((chance, wanted)), store, None)).await
}

/// One upgrade by a plan that is given, with troubles drawn from a seed.
pub async fn of_given(seed: u64, given: Given, wanted: &Wanted, store: Arc<dyn Store>) -> Told {
    let (case, chance) = Case::draw_given(seed, given);
    Box::pin(live(case, Some((chance, wanted)), store, None)).await
}

/// One upgrade as the case says.
pub async fn of_case(case: Case, store: Arc<dyn Store>) -> Told {
    Box::pin(live(case, None, store, None)).await
}

/// One upgrade as the case says, whose process loses its lease at this record without knowing: another one
/// takes the run over, and both are alive.
pub async fn robbed(case: Case, store: MemoryStore, at: u64) -> Told {
    let kept: Arc<dyn Store> = Arc::new(store.clone());
    Box::pin(live(case, None, kept, Some(Robbery::at(at, store)))).await
}

/// Lives through a case in a paused runtime of its own.
///
/// # Panics
/// When no runtime can be made.
pub fn in_virtual_time<T>(life: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O needs nothing that could be missing");
    runtime.block_on(life)
}

async fn live(
    mut case: Case,
    draws: Option<(Chance, &Wanted)>,
    store: Arc<dyn Store>,
    robbery: Option<Robbery>,
) -> Told {
    let time = Clockwork::begin(begins_at(&case.setting));
    let system = match system_of(&case.setting, time) {
        Ok(system) => system,
        Err(why) => return unplanned(case, None, &why),
    };
    let plan = match system.plan() {
        Ok(plan) => plan,
        Err(why) => return unplanned(case, Some(&*system), &why),
    };
    if let Some((mut chance, wanted)) = draws {
        case.draw_trouble(&mut chance, &plan, system.strikes(), &wanted.faults);
    }
    let plan = match case.without {
        Some(safety) => safety.taken_out_of(&plan),
        None => plan,
    };
    let plan = sealed(plan);
    let run = RunId::new(format!("sim-{:016x}", case.seed));
    let line = Arc::new(Line::with(case.trouble.planned.clone()));
    let deaths = case.trouble.deaths.clone();
    let life = Life {
        store: Arc::new(Mortal::new(Arc::clone(&store), Arc::clone(&line), deaths)),
        line,
        person: Arc::new(Person::with(case.wish)),
        flaws: Arc::default(),
        before: system.picture(),
        system,
        time,
        run,
        resumed_by_hand: case.resumed_by_hand,
        robbery: robbery.map(Arc::new),
        ghosts: tokio::sync::Mutex::default(),
    };
    let (outcome, processes) = Box::pin(life.through(&plan)).await;
    life.lay_ghosts(outcome).await;
    // What was sent and nobody heard of is in the world by now.
    pass(SETTLES_MS).await;
    life.told(case, outcome, processes, &*store).await
}

fn unplanned(case: Case, system: Option<&dyn System>, why: &str) -> Told {
    Told {
        case,
        system: system.map(System::words).unwrap_or_default(),
        outcome: None,
        lines: Vec::new(),
        processes: 0,
        happened: Vec::new(),
        died: Vec::new(),
        subjects: system.map_or(0, System::subjects),
        flaws: vec![format!("no plan: {why}")],
        before: String::new(),
        picture: system.map(System::picture).unwrap_or_default(),
    }
}

struct Life {
    store: Arc<Mortal>,
    line: Arc<Line>,
    person: Arc<Person>,
    flaws: Arc<Mutex<Vec<String>>>,
    before: String,
    system: Arc<dyn System>,
    time: Clockwork,
    run: RunId,
    resumed_by_hand: bool,
    robbery: Option<Arc<Robbery>>,
    // Processes that lost the run and do not know it.
    ghosts: tokio::sync::Mutex<FuturesUnordered<Carried>>,
}

/// A process at work on its run.
type Carried = Pin<Box<dyn Future<Output = Result<Ended, StoreError>>>>;

/// Why a process came to its end.
enum Departure {
    Closed(Outcome),
    Halted,
    Died,
    Robbed,
    Stuck,
    Broken(StoreError),
}

impl Life {
    fn flaw(&self, what: String) {
        let mut flaws = self.flaws.lock().unwrap_or_else(PoisonError::into_inner);
        if !flaws.contains(&what) {
            flaws.push(what);
        }
    }

    async fn through(&self, plan: &Sealed) -> (Option<Outcome>, u32) {
        let key = self.system.key(&plan.plan);
        let clock = self.time.clock();
        let opened = open_run(&*self.store, &clock, &self.run, &key, plan.clone(), Person::who()).await;
        if let Err(error) = opened {
            self.flaw(format!("the run was not opened: {error}"));
            return (None, 0);
        }
        for process in 1..=PROCESSES {
            let departure = self.process(plan, process).await;
            let died = match departure {
                Departure::Closed(outcome) => return (Some(outcome), process),
                Departure::Halted => false,
                // Whoever took the run goes on without a word.
                Departure::Robbed => continue,
                Departure::Died => true,
                Departure::Stuck => {
                    self.flaw("the run goes on for ever".to_owned());
                    return (None, process);
                }
                Departure::Broken(error) => {
                    self.flaw(format!("the engine gave up: {error}"));
                    return (None, process);
                }
            };
            pass(5_000).await;
            if let Err(error) = self.speak(died).await {
                self.flaw(format!("the journal cannot be read: {error}"));
                return (None, process);
            }
        }
        self.flaw(format!("the run is not over after {PROCESSES} processes"));
        (None, PROCESSES)
    }

    /// The person looks at what nobody carries on.
    async fn speak(&self, died: bool) -> Result<(), StoreError> {
        let (_, state) = read_run(&*self.store, &self.run).await?;
        let word = self.person.finds(&state, died).or_else(|| {
            (died && self.resumed_by_hand).then(|| Request {
                ask: Ask::Resume,
                by: Person::who(),
            })
        });
        match word {
            Some(word) => self.store.post(&self.run, &word).await,
            None => Ok(()),
        }
    }

    async fn process(&self, plan: &Sealed, number: u32) -> Departure {
        let holder = Holder {
            pid: number,
            host: "simulated".to_owned(),
            user: "ada".to_owned(),
            since: self.time.stamp(),
        };
        let store: Arc<dyn Store> = Arc::clone(&self.store) as Arc<dyn Store>;
        let claimed = Journal::claim(store, self.time.clock(), &self.run, &holder, self.listener()).await;
        let journal = match claimed {
            Ok(journal) => journal,
            Err(error) => return Departure::Broken(error),
        };
        let driver = Arc::new(Witnessed {
            driver: self.system.driver(&plan.plan, &self.line),
            store: Arc::clone(&self.store),
            flaws: Arc::clone(&self.flaws),
        });
        let engine = Engine::new(journal, driver, self.system.counsel(&plan.plan));
        let mut carrying: Carried = Box::pin(async move { engine.carry_on().await });
        let carried = tokio::select! {
            biased;
            () = self.line.doomed() => None,
            () = self.robbed() => {
                self.ghosts.lock().await.push(carrying);
                return Departure::Robbed;
            }
            carried = &mut carrying => Some(carried),
            () = self.haunted() => return Departure::Stuck,
            () = pass(PATIENCE_MS) => return Departure::Stuck,
        };
        let killed = self.store.is_buried();
        match carried {
            None => Departure::Died,
            Some(Err(_)) if killed => Departure::Died,
            Some(Err(error)) => Departure::Broken(error),
            Some(Ok(Ended::Closed(outcome))) => Departure::Closed(outcome),
            Some(Ok(Ended::Halted)) => Departure::Halted,
        }
    }

    /// Comes back when the lease of the process is taken from it.
    async fn robbed(&self) {
        match &self.robbery {
            Some(robbery) => robbery.happens(&self.run).await,
            None => std::future::pending().await,
        }
    }

    /// Lets the processes that lost the run go on beside the one that has it; never comes back. However they end,
    /// the store and the oracle judge what they did.
    async fn haunted(&self) {
        let mut ghosts = self.ghosts.lock().await;
        while ghosts.next().await.is_some() {}
        std::future::pending().await
    }

    /// Sees those to their end that are still about.
    async fn lay_ghosts(&self, outcome: Option<Outcome>) {
        let mut ghosts = self.ghosts.lock().await;
        while outcome.is_some() && ghosts.next().await.is_some() {}
    }

    /// Hears every record: the rules are looked at, and the person may have something to say.
    fn listener(&self) -> Listener {
        let (system, person) = (Arc::clone(&self.system), Arc::clone(&self.person));
        let (store, run, flaws) = (Arc::clone(&self.store), self.run.clone(), Arc::clone(&self.flaws));
        let robbery = self.robbery.clone();
        Arc::new(move |line: &JournalLine, state: &RunState| {
            if let Some(robbery) = &robbery {
                robbery.hears(line);
            }
            let mut broken = system.rules(state);
            if let Some(word) = person.hears(line, state) {
                match store.post(&run, &word).now_or_never() {
                    Some(Ok(())) => {}
                    Some(Err(error)) => broken.push(format!("a word was not heard: {error}")),
                    None => broken.push("the store makes a person wait".to_owned()),
                }
            }
            let mut flaws = flaws.lock().unwrap_or_else(PoisonError::into_inner);
            for what in broken {
                if !flaws.contains(&what) {
                    flaws.push(what);
                }
            }
        })
    }

    async fn told(self, case: Case, outcome: Option<Outcome>, processes: u32, store: &dyn Store) -> Told {
        let happened = self.line.happened();
        let lines = match read_run(store, &self.run).await {
            Ok((lines, state)) => {
                let end = End {
                    outcome,
                    state: &state,
                    happened: &happened,
                };
                for flaw in self.system.judge(&end) {
                    self.flaw(flaw);
                }
                lines
            }
            Err(error) => {
                self.flaw(format!("the journal cannot be read: {error}"));
                Vec::new()
            }
        };
        let flaws = self.flaws.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Told {
            case,
            system: self.system.words(),
            outcome,
            lines,
            processes,
            happened,
            died: self.store.died(),
            subjects: self.system.subjects(),
            flaws,
            before: self.before,
            picture: self.system.picture(),
        }
    }
}
