//! The far side, played: the made-up cluster's own programs answer, and commands that were begun take their steps with
//! virtual time.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::{BoxFuture, pending};
use tokio::sync::Notify;
use upshift_campaign::conformance::Disturbance;
use upshift_drivers::weka::{Answers, Far, Packages};
use upshift_drivers::wire::hosts::{Command, Detached, Mark};
use upshift_engine::driver::Fault;
use upshift_sim::direct::{Clockwork, pass};
use upshift_sim::weka::{Change, Place, Play, Spec, Stepped, Upgrade, World, play};

/// How long one step of a command takes.
const STEP_MS: i64 = 150;

/// How long the connection waits for an answer.
const LIMIT_MS: u64 = 45_000;

/// When the connection is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Before the far side has heard of the call.
    Before,
    /// After it has done what was asked.
    After,
}

/// The far side.
#[derive(Debug)]
pub(crate) struct Played {
    inner: Mutex<Inner>,
    time: Clockwork,
    struck: Notify,
}

struct Inner {
    world: World,
    spec: Spec,
    commands: BTreeMap<(String, String), Running>,
    calls: u64,
    /// Calls that are cut, by number.
    cuts: BTreeMap<u64, Cut>,
    /// Numbers of calls that began something.
    begins: Vec<u64>,
    /// Faults that come up while backends are upgraded.
    late: Vec<String>,
    /// A server that is not reached meanwhile, in milliseconds since 1970.
    gone: Option<(String, Range<i64>)>,
    /// Calls that would change something.
    changes: u64,
    /// What befalls the so-manieth of them from now on.
    planned: Option<(Disturbance, u32)>,
    came: bool,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inner")
    }
}

struct Running {
    upgrade: Option<Box<Upgrade>>,
    stands: Detached,
    next: i64,
    log: String,
    pid: u32,
}

impl Played {
    pub(crate) fn new(spec: Spec, time: Clockwork) -> Self {
        let world = World::new(spec.clone()).expect("faults that are some");
        Self {
            inner: Mutex::new(Inner {
                world,
                spec,
                commands: BTreeMap::new(),
                calls: 0,
                cuts: BTreeMap::new(),
                begins: Vec::new(),
                late: Vec::new(),
                gone: None,
                changes: 0,
                planned: None,
                came: false,
            }),
            time,
            struck: Notify::new(),
        }
    }

    pub(crate) fn cut(&self, cuts: impl IntoIterator<Item = (u64, Cut)>) {
        self.inner().cuts = cuts.into_iter().collect();
    }

    pub(crate) fn late(&self, faults: Vec<String>) {
        self.inner().late = faults;
    }

    /// A server is not reached for a while.
    pub(crate) fn gone(&self, host: &str, while_: Range<i64>) {
        self.inner().gone = Some((host.to_owned(), while_));
    }

    /// A copy of a release for clients alone is on the first backend.
    pub(crate) fn holds_a_copy(&self, release: &str) {
        let mut inner = self.inner();
        let copies = inner.world.state.client_packages.entry(0).or_default();
        copies.insert(release.to_owned());
    }

    /// The same cluster with other faults; a conversion that would never end does.
    pub(crate) fn faults(&self, faults: &[String]) {
        let mut inner = self.inner();
        inner.becomes(faults.to_vec());
        if inner.world.state.converting_until == u64::MAX {
            inner.world.state.converting_until = inner.world.now_ms;
        }
    }

    /// From now on the call number `nth` that would change something goes like this, once.
    pub(crate) fn disturb(&self, how: Disturbance, nth: u32) {
        let mut inner = self.inner();
        (inner.planned, inner.came) = (Some((how, nth)), false);
    }

    /// Comes back as soon as the disturbance has come.
    pub(crate) async fn struck(&self) {
        self.struck.notified().await;
    }

    /// Ends the disturbance; says whether it came.
    pub(crate) fn calm(&self) -> bool {
        let mut inner = self.inner();
        inner.planned = None;
        std::mem::take(&mut inner.came)
    }

    /// How many calls there were that would change something.
    pub(crate) fn changes(&self) -> u64 {
        self.inner().changes
    }

    /// The cluster, as it is now.
    pub(crate) fn world(&self) -> World {
        self.inner().world.clone()
    }

    /// How many calls there were, and which of them began something.
    pub(crate) fn calls(&self) -> (u64, Vec<u64>) {
        let inner = self.inner();
        (inner.calls, inner.begins.clone())
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.advance(self.time.now());
        inner.comes_up();
        inner
    }

    /// A call that would change something, which may be disturbed.
    async fn change<T>(&self, host: &str, does: impl FnOnce(&mut Inner) -> T) -> Result<T, Fault> {
        let due = {
            let mut inner = self.inner();
            inner.changes += 1;
            let due = inner.planned.take();
            match due {
                Some((how, 1)) => {
                    inner.came = true;
                    Some(how)
                }
                Some((how, nth)) => {
                    inner.planned = Some((how, nth - 1));
                    None
                }
                None => None,
            }
        };
        let Some(how) = due else {
            return self.call(host, does);
        };
        if how.has_happened() {
            self.call(host, does)?;
        }
        self.struck.notify_one();
        match how {
            Disturbance::CutBefore => Err(Fault::Transient("the connection was refused".to_owned())),
            Disturbance::CutAfter => Err(Fault::Ambiguous("the connection was lost".to_owned())),
            // The connection has a limit of its own.
            Disturbance::Hangs => {
                pass(LIMIT_MS).await;
                Err(Fault::Ambiguous("no answer in time".to_owned()))
            }
            Disturbance::DiesBefore | Disturbance::DiesAfter => pending().await,
        }
    }

    /// One call, which may be cut.
    fn call<T>(&self, host: &str, does: impl FnOnce(&mut Inner) -> T) -> Result<T, Fault> {
        let mut inner = self.inner();
        inner.calls += 1;
        let now = self.time.now();
        if let Some((gone, while_)) = &inner.gone
            && gone == host
            && while_.contains(&now)
        {
            return Err(Fault::Transient(format!("{host} is not reached")));
        }
        let number = inner.calls;
        match inner.cuts.get(&number).copied() {
            Some(Cut::Before) => Err(Fault::Transient("the connection was refused".to_owned())),
            Some(Cut::After) => {
                does(&mut inner);
                Err(Fault::Ambiguous("the connection was lost".to_owned()))
            }
            None => Ok(does(&mut inner)),
        }
    }
}

impl Inner {
    fn becomes(&mut self, faults: Vec<String>) {
        self.spec.faults = faults;
        let other = World::new(self.spec.clone()).expect("faults that are some");
        let (state, now) = (self.world.state.clone(), self.world.now_ms);
        self.world = other.after(state, now);
    }

    /// Commands take the steps that are due.
    fn advance(&mut self, now: i64) {
        self.world.now_ms = u64::try_from(now).unwrap_or_default();
        for running in self.commands.values_mut() {
            while let Some(upgrade) = &mut running.upgrade
                && running.next <= now
            {
                running.next += STEP_MS;
                match upgrade.step(&mut self.world) {
                    Stepped::Said(line) => running.log.push_str(&format!("{line}\n")),
                    Stepped::Stalls => break,
                    Stepped::Over(answer) => {
                        running.log.push_str(&answer.stderr);
                        running.stands = Detached::Ended(answer.code);
                        running.upgrade = None;
                    }
                }
            }
        }
    }

    /// While backends are upgraded, what was to come up then does.
    fn comes_up(&mut self) {
        if self.world.state.phase.is_some() && !self.late.is_empty() {
            let late = std::mem::take(&mut self.late);
            let all = self.spec.faults.iter().cloned().chain(late).collect();
            self.becomes(all);
        }
    }

    fn place(&self, host: &str) -> Place {
        self.world.place(host).expect("a server of the cluster")
    }

    fn says(&mut self, host: &str, args: &[String]) -> (String, i32) {
        let place = self.place(host);
        match play(&self.world, place, "weka", args, "", self.world.now_ms / 1_000) {
            Play::Say(answer) => (answer.stdout, answer.code),
            _ => (String::new(), 1),
        }
    }

    fn begins(&mut self, host: &str, mark: &Mark, command: &Command) {
        let key = (host.to_owned(), mark.to_string());
        if self.commands.contains_key(&key) {
            return;
        }
        let words = command.words();
        let number = self.calls;
        self.begins.push(number);
        let pid = u32::try_from(self.commands.len()).expect("few") + 1;
        let place = self.place(host);
        let (program, args) = words.split_first().expect("a program");
        let mut running = Running {
            upgrade: None,
            stands: Detached::Ended(0),
            next: i64::try_from(self.world.now_ms).expect("a time") + STEP_MS,
            log: String::new(),
            pid,
        };
        let lines = match program.as_str() {
            "sh" => script(&args[1..]),
            _ => vec![words.clone()],
        };
        for line in lines {
            let Some(code) = self.one(&line, place, &mut running) else {
                break;
            };
            running.stands = Detached::Ended(code);
            if code != 0 {
                break;
            }
        }
        self.commands.insert(key, running);
    }

    /// One line of a command; none where it is an upgrade that goes on.
    fn one(&mut self, line: &[String], place: Place, running: &mut Running) -> Option<i32> {
        let (program, args) = line.split_first().expect("a program");
        match play(&self.world, place, program, args, "", 0) {
            Play::Change(change) => {
                let answer = Change::make(&change, &mut self.world, place);
                running.log.push_str(&answer.stderr);
                Some(answer.code)
            }
            Play::Upgrade(upgrade) => {
                let alive: Vec<u32> = self.alive();
                let begun = upgrade.begin(&mut self.world, running.pid, |pid| alive.contains(&pid));
                match begun {
                    Ok(()) => {
                        running.upgrade = Some(upgrade);
                        running.stands = Detached::Running;
                        None
                    }
                    Err(answer) => {
                        running.log.push_str(&answer.stderr);
                        Some(answer.code)
                    }
                }
            }
            Play::Say(answer) => {
                running.log.push_str(&answer.stderr);
                Some(answer.code)
            }
            _ => Some(1),
        }
    }

    fn alive(&self) -> Vec<u32> {
        let running = self.commands.values();
        let running = running.filter(|one| one.stands == Detached::Running);
        running.map(|one| one.pid).collect()
    }
}

/// The lines of a script of the driver's, by its name and its words.
fn script(words: &[String]) -> Vec<Vec<String>> {
    let [_, name, rest @ ..] = words else {
        return Vec::new();
    };
    let line = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    match (name.as_str(), rest) {
        ("stage", [release, ..]) => vec![
            line(&["weka", "version", "get", release]),
            line(&["weka", "version", "prepare", release]),
        ],
        ("unset", ids) => ids
            .iter()
            .map(|id| line(&["weka", "debug", "override", "remove", "--id", id]))
            .collect(),
        ("quiet", _) => vec![line(&["systemctl", "disable", "--now", "rpc-statd"])],
        _ => vec![line(&["weka", "nothing", name])],
    }
}

/// The words behind a question: those that the played cluster is asked take no shell.
fn words(question: &str) -> Vec<String> {
    let plain = match question.strip_prefix("either '") {
        Some(rest) => format!("{} --json", rest.split('\'').next().unwrap_or_default()),
        None => question.strip_prefix("w ").unwrap_or(question).replace('\'', ""),
    };
    plain.split_whitespace().map(str::to_owned).collect()
}

impl Far for Played {
    fn ask<'a>(
        &'a self,
        host: &'a str,
        questions: Vec<(&'static str, &'static str)>,
    ) -> BoxFuture<'a, Result<Answers, Fault>> {
        Box::pin(async move {
            self.call(host, |inner| {
                let told = questions.iter().map(|(name, question)| {
                    let (out, code) = inner.says(host, &words(question));
                    ((*name).to_owned(), out, code)
                });
                Answers::of(told.collect::<Vec<_>>())
            })
        })
    }

    fn packages<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Packages, Fault>> {
        Box::pin(async move {
            self.call(host, |inner| {
                let mut list = |words: &[&str]| {
                    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
                    inner.says(host, &words)
                };
                let (whole, code) = list(&["version", "--full"]);
                let text = if code == 0 { whole } else { list(&["version"]).0 };
                let words = text.split_whitespace().filter(|word| *word != "*");
                Packages {
                    all: words.map(str::to_owned).collect(),
                    whole: code == 0,
                }
            })
        })
    }

    fn units<'a>(&'a self, host: &'a str, units: Vec<String>) -> BoxFuture<'a, Result<Vec<String>, Fault>> {
        Box::pin(async move {
            self.call(host, |inner| {
                let place = inner.place(host);
                let mut told: Vec<String> = units
                    .iter()
                    .filter(|unit| {
                        let args = ["is-active".to_owned(), (*unit).clone()];
                        let said = play(&inner.world, place, "systemctl", &args, "", 0);
                        matches!(said, Play::Say(answer) if answer.code == 0)
                    })
                    .map(|unit| format!("{unit} runs"))
                    .collect();
                told.push(".".to_owned());
                told
            })
        })
    }

    fn write_combining<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<String, Fault>> {
        Box::pin(async move { self.call(host, |_| "1".to_owned()) })
    }

    fn running<'a>(&'a self, host: &'a str, run: &'a str) -> BoxFuture<'a, Result<Vec<String>, Fault>> {
        Box::pin(async move {
            self.call(host, |inner| {
                let all = inner.commands.iter();
                let ours = all.filter(|((at, mark), running)| {
                    at == host && mark.starts_with(run) && running.stands == Detached::Running
                });
                ours.map(|((_, mark), _)| mark.clone()).collect()
            })
        })
    }

    fn look<'a>(&'a self, host: &'a str, mark: Mark) -> BoxFuture<'a, Result<Detached, Fault>> {
        Box::pin(async move {
            self.call(host, |inner| {
                let running = inner.commands.get(&(host.to_owned(), mark.to_string()));
                running.map_or(Detached::Never, |running| running.stands)
            })
        })
    }

    fn log<'a>(&'a self, host: &'a str, mark: Mark) -> BoxFuture<'a, Result<String, Fault>> {
        Box::pin(async move {
            self.call(host, |inner| {
                let running = inner.commands.get(&(host.to_owned(), mark.to_string()));
                running.map_or_else(String::new, |running| running.log.clone())
            })
        })
    }

    fn start<'a>(&'a self, host: &'a str, mark: Mark, command: Command) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            self.change(host, |inner| inner.begins(host, &mark, &command))
                .await
        })
    }

    fn run<'a>(&'a self, host: &'a str, _: Command) -> BoxFuture<'a, Result<Option<String>, Fault>> {
        Box::pin(async move { self.change(host, |_| Some("/root".to_owned())).await })
    }

    fn put<'a>(&'a self, host: &'a str, _: &'a Path, _: &'a Path) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move { self.change(host, |_| ()).await })
    }
}
