//! A namespace with a deployment that runs, and a run of upshift on it with a person at its side.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::{Value, json};
use upshift_campaign::MemoryStore;
use upshift_drivers::Clock;
use upshift_drivers::realtime_compute::{
    From, JobState, RealtimeCompute, RealtimeComputeDriver, Start, Wanted, observe,
};
use upshift_drivers::wire::{NoSecret, Secrets};
use upshift_engine::clock::Clock as EngineClock;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::Driver;
use upshift_engine::engine::{Ended, Engine};
use upshift_engine::journal::{Journal, open_run, read_run};
use upshift_engine::request::{Ask, Request};
use upshift_engine::store::{Holder, Store};
use upshift_model::digest::Digest;
use upshift_model::endpoint::{Endpoint, SecretRef};
use upshift_model::ids::{Code, RunId};
use upshift_model::inventory::Facts;
use upshift_model::plan::{InventoryStamp, Plan, Sealed, Site};
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy, Strategy};
use upshift_model::realtime_compute::{Credentials, Declaration, Select, Service};
use upshift_model::record::{Answer, Failure, Line, Question, Record, Who};
use upshift_model::run_state::{Phase, RunState};
use upshift_model::span::Millis;
use upshift_model::waiver::Waiver;
use upshift_model::way_back::WayBackOffer;
use upshift_planner::dispatch;
use upshift_planner::knowledge::Library;
use upshift_planner::lint;
use upshift_planner::systems::realtime_compute::situation::Situation;
use upshift_sim::realtime_compute::{Engine as Offered, Key, Queue, Setup, World};
use upshift_sim::wire::{Emulator, RunsOn};

pub(crate) const OLD: &str = "vvr-8.0.9-flink-1.17";
pub(crate) const NEW: &str = "vvr-8.0.11-flink-1.17";
pub(crate) const MAJOR: &str = "vvr-11.7-jdk11-flink-1.20";

/// See the module.
pub(crate) struct Stage {
    pub(crate) emulator: Emulator,
    pub(crate) client: RealtimeCompute,
    pub(crate) declaration: Declaration,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the emulator has a clock of its own, and compares them"
)]
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

#[expect(clippy::disallowed_methods, reason = "a person looks again after a moment")]
pub(crate) async fn pause() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

fn secrets() -> Secrets {
    Secrets::by(|reference| match reference {
        SecretRef::Env(name) if name == "AK" || name == "SK" => Ok(format!("test{name}")),
        other => Err(NoSecret {
            reference: other.clone(),
            why: "not set".to_owned(),
            absent: true,
        }),
    })
}

pub(crate) fn client(service: &Service) -> RealtimeCompute {
    RealtimeCompute::new(service, secrets(), Clock::by(now)).expect("a client")
}

pub(crate) fn waiver(code: &str, subject: &str) -> Waiver {
    Waiver {
        code: Code::from(code.to_owned()),
        subject: subject.to_owned(),
        reason: "it may come twice".to_owned(),
        by: None,
        ticket: None,
        until: None,
    }
}

fn emulator() -> Emulator {
    let engines = [NEW, OLD, MAJOR];
    let setup = Setup {
        workspace: "ws1".to_owned(),
        namespace: "ns1".to_owned(),
        keys: vec![Key {
            id: "testAK".to_owned(),
            secret: "testSK".to_owned(),
            token: None,
        }],
        engines: engines.map(Offered::stable).to_vec(),
        queues: vec![Queue {
            name: "default-queue".to_owned(),
            cpu: 20.0,
            memory: 80.0,
        }],
        delays: [0; 3],
        origin: 1,
    };
    let paper: BTreeMap<_, _> = engines.map(|engine| (engine.to_owned(), RunsOn::Paper)).into();
    Emulator::start(0, World::new(setup, Vec::new(), None), &paper).expect("a port")
}

fn service(emulator: &Emulator) -> Service {
    let variable = |name: &str| SecretRef::Env(name.to_owned());
    Service {
        endpoint: Endpoint::plain(format!("http://{}", emulator.authority())),
        workspace: "ws1".to_owned(),
        namespace: "ns1".to_owned(),
        credentials: Credentials::References {
            access_key_id: variable("AK"),
            access_key_secret: variable("SK"),
            security_token: None,
        },
    }
}

fn declaration(service: Service) -> Declaration {
    Declaration {
        name: "orders".into(),
        service,
        target: NEW.to_owned(),
        select: Select::default(),
        clone_suffix: "-upg".to_owned(),
        clone_folder: None,
        strategy: Strategy::CloneAndSwitch,
        stateless: Vec::new(),
        start_at: None,
        programs: BTreeMap::new(),
        graph: None,
        width: 1,
        first_checkpoint: Millis::from_secs(20),
        soak: Millis::ZERO,
        lists_lag: Millis(150),
        calls_per_second: 100_000,
        probes: Vec::new(),
        objects: Default::default(),
        delete_originals: true,
        delete_savepoints: true,
        policy: Policy {
            on_failed_gate: OnFailedGate::RollBack,
            on_lane_failure: OnLaneFailure::All,
            replay_limit: Millis::from_secs(3_600),
            max_downtime: None,
            keep_restore_points: None,
            notify: Vec::new(),
        },
        waivers: vec![waiver("UP-RC-0117", "deployment orders")],
    }
}

fn deployment(name: &str, artifact: Value) -> Value {
    json!({
        "name": name, "engineVersion": OLD, "executionMode": "STREAMING", "artifact": artifact,
        "deploymentTarget": { "mode": "PER_JOB", "name": "default-queue" },
    })
}

impl Stage {
    /// One deployment with a job that runs.
    pub(crate) async fn new() -> Self {
        Self::of(&["orders"]).await
    }

    /// One deployment that runs this.
    pub(crate) async fn running(artifact: Value) -> Self {
        let stage = Self::of(&[]).await;
        let made = stage.client.create_deployment(deployment("orders", artifact));
        stage.start(made.await.expect("a deployment").id()).await;
        stage
    }

    /// One deployment that was deployed from a draft in a folder.
    pub(crate) async fn drafted(script: &str) -> Self {
        let stage = Self::of(&[]).await;
        let draft = json!({
            "name": "orders", "parentId": "folder-1", "engineVersion": OLD, "executionMode": "STREAMING",
            "artifact": { "kind": "SQLSCRIPT", "sqlArtifact": { "sqlScript": script } },
        });
        let draft = stage.client.create_draft(draft).await.expect("a draft");
        let ticket = stage
            .client
            .deploy_draft(draft.id(), "default-queue")
            .await
            .expect("a ticket");
        let id = loop {
            let told = stage
                .client
                .deploy_result(&ticket)
                .await
                .expect("an answer")
                .expect("a ticket");
            if told.is_finished() {
                break told.deployment_id.expect("a deployment");
            }
            pause().await;
        };
        stage.start(&id).await;
        stage
    }

    pub(crate) async fn of(names: &[&str]) -> Self {
        let emulator = emulator();
        let declaration = declaration(service(&emulator));
        let client = client(&declaration.service);
        let stage = Self {
            emulator,
            client,
            declaration,
        };
        for name in names {
            stage.add(name).await;
        }
        stage
    }

    async fn add(&self, name: &str) {
        let jar = json!({ "jarUri": "paper.jar", "entryClass": "", "mainArgs": "" });
        let artifact = json!({ "kind": "JAR", "jarArtifact": jar });
        let made = self.client.create_deployment(deployment(name, artifact));
        self.start(made.await.expect("a deployment").id()).await;
    }

    async fn start(&self, deployment: &str) {
        let start = Start {
            deployment: deployment.to_owned(),
            from: From::Nothing { start_at: None },
            queue: None,
        };
        let job = self.client.start_job(&start).await.expect("a start").job_id;
        self.job_is(&job, &JobState::Running).await;
    }

    pub(crate) async fn job_is(&self, id: &str, state: &JobState) {
        for _ in 0..2_000 {
            let job = self.client.job(id).await.expect("an answer").expect("a job");
            if job.status.current_job_status == *state {
                return;
            }
            pause().await;
        }
        panic!("job {id} never became {state}");
    }

    pub(crate) async fn plan(&self) -> Sealed {
        let copy_of = |name: &str| Some(format!("{name}{}", self.declaration.clone_suffix));
        let wanted = Wanted {
            system: &self.declaration.name,
            service: &self.declaration.service,
            select: &self.declaration.select,
            copy_of: &copy_of,
            objects: upshift_drivers::wire::objects::Objects::new(
                self.declaration.objects.clone(),
                secrets(),
            ),
            probes: self.declaration.probes.clone(),
            programs: self.declaration.programs.clone(),
            graph: self.declaration.graph.clone(),
            reads_state: true,
        };
        let seen = observe(&self.client, &wanted, now()).await.expect("a look");
        let Facts::RealtimeCompute(facts) = &seen.facts else {
            panic!("a namespace");
        };
        let library = Library::builtin();
        let stamp = InventoryStamp {
            taken_at: seen.taken_at,
            digest: Digest::of_bytes(b"seen"),
        };
        let today = (jiff::civil::date(2026, 11, 27), now());
        let situation = Situation::new(&self.declaration, facts, &library, today, stamp).expect("an engine");
        let situation = dispatch::Situation::RealtimeCompute(Box::new(situation));
        let plan = situation.plan(&situation.findings()).expect("a plan");
        let flaws: Vec<String> = lint::lint(&plan).iter().map(ToString::to_string).collect();
        assert!(flaws.is_empty(), "{flaws:?}");
        plan.seal()
    }

    /// Deployments, each with its engine and the state of its newest job.
    pub(crate) async fn picture(&self) -> String {
        let mut lines = Vec::new();
        for one in self
            .client
            .deployments(&Default::default())
            .await
            .expect("a list")
        {
            let jobs = self.client.jobs(one.id()).await.expect("jobs");
            let told = jobs.iter().map(|job| job.status.current_job_status.to_string());
            let told: Vec<String> = told.collect();
            lines.push(format!(
                "{} {}: {}",
                one.name(),
                one.engine_version(),
                told.join(" ")
            ));
        }
        lines.sort();
        lines.join("\n")
    }
}

/// What a person does when asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Person {
    Accepts,
    GoesBack,
    /// Says nothing when asked.
    Waits,
}

/// A run, in a store that may die.
pub(crate) struct Run {
    pub(crate) store: Arc<dyn Store>,
    id: RunId,
    plan: Sealed,
    person: Person,
}

/// Whoever plans the way back, by what the driver sees.
pub(crate) struct Planner(pub(crate) Arc<dyn Driver>);

impl Counsel for Planner {
    fn way_back<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Result<WayBackOffer, Failure>> {
        Box::pin(async move {
            let present = self.0.observe().await.ok();
            dispatch::way_back(run, present.as_ref(), now()).map_err(Failure::from)
        })
    }

    fn left_over<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async move {
            let present = self.0.observe().await.ok();
            dispatch::left_over(run, present.as_ref())
        })
    }

    fn restart<'a>(
        &'a self,
        _: &'a RunState,
        server: &'a upshift_model::ids::ComponentId,
    ) -> BoxFuture<'a, Result<upshift_model::step::Wave, Failure>> {
        Box::pin(async move { Err(dispatch::unseen(server, "no deployment is restarted by itself")) })
    }
}

/// A driver for a run of the plan.
pub(crate) fn driver(plan: &Plan) -> Arc<dyn Driver> {
    let Site::RealtimeCompute(site) = &plan.site else {
        panic!("a namespace");
    };
    let (client, system) = (client(&site.service), plan.system.clone());
    Arc::new(RealtimeComputeDriver::for_plan(
        client,
        system,
        site,
        Clock::by(now),
    ))
}

fn who() -> Who {
    Who {
        name: "ada".to_owned(),
        host: "h".to_owned(),
        why: None,
        ticket: None,
    }
}

impl Run {
    pub(crate) async fn open(plan: Sealed, person: Person) -> Self {
        Self::open_in(Arc::new(MemoryStore::default()), plan, person).await
    }

    pub(crate) async fn open_in(store: Arc<dyn Store>, plan: Sealed, person: Person) -> Self {
        let id = RunId::new(format!("run-{}", plan.digest.short()));
        let clock = EngineClock::new(now);
        let key = dispatch::system_key(&plan.plan);
        let opened = open_run(&*store, &clock, &id, &key, plan.clone(), who()).await;
        opened.expect("the run opens");
        Self {
            store,
            id,
            plan,
            person,
        }
    }

    /// A driver of its own, as a process has one.
    pub(crate) fn driver(&self) -> Arc<dyn Driver> {
        driver(&self.plan.plan)
    }

    /// One process, until it ends, halts or dies.
    pub(crate) async fn process(&self) -> Option<Ended> {
        let holder = Holder {
            pid: 1,
            host: "h".to_owned(),
            user: "ada".to_owned(),
            since: now(),
        };
        // Lines are durable and told in order; the person hears of a question and answers it once.
        let asked: Arc<Mutex<Option<Ask>>> = Arc::default();
        let (hears, person) = (Arc::clone(&asked), self.person);
        let listener = Arc::new(move |_: &Line, state: &RunState| {
            if let Some(ask) = word(person, state) {
                *hears.lock().expect("a lock") = Some(ask);
            }
        });
        let (_, state) = read_run(&*self.store, &self.id).await.expect("a journal");
        *asked.lock().expect("a lock") = word(person, &state);
        let clock = EngineClock::new(now);
        let claimed = Journal::claim(Arc::clone(&self.store), clock, &self.id, &holder, listener).await;
        let driver = self.driver();
        let engine = Engine::new(
            claimed.expect("a claim"),
            Arc::clone(&driver),
            Arc::new(Planner(driver)),
        );
        let answers = async {
            loop {
                let said = asked.lock().expect("a lock").take();
                if let Some(ask) = said {
                    let request = Request { ask, by: who() };
                    self.store.post(&self.id, &request).await.expect("an inbox");
                }
                pause().await;
            }
        };
        tokio::select! {
            ended = engine.carry_on() => ended.ok(),
            () = answers => None,
        }
    }

    pub(crate) async fn post(&self, ask: Ask) {
        let request = Request { ask, by: who() };
        self.store.post(&self.id, &request).await.expect("an inbox");
    }

    pub(crate) async fn lines(&self) -> Vec<Line> {
        read_run(&*self.store, &self.id).await.expect("a journal").0
    }

    pub(crate) async fn state(&self) -> RunState {
        read_run(&*self.store, &self.id).await.expect("a journal").1
    }

    /// The run as it is told: what went wrong, what was asked, how it ended.
    pub(crate) async fn story(&self) -> String {
        let mut told = Vec::new();
        for line in self.lines().await {
            let failed = |failure: &Failure| {
                let far = failure.far_side.as_ref().map(|far| format!(" ({far})"));
                format!("{}: {}{}", failure.code, failure.what, far.unwrap_or_default())
            };
            told.extend(match &line.entry().record {
                Record::Done { step, .. } => Some(format!("{step} done")),
                Record::Attempted { step, outcome, .. } => match outcome {
                    upshift_model::record::AttemptOutcome::Sent => None,
                    upshift_model::record::AttemptOutcome::Refused(no) => {
                        Some(format!("{step} refused: {}", failed(no)))
                    }
                    upshift_model::record::AttemptOutcome::NotSent(_) => Some(format!("{step} not sent")),
                    upshift_model::record::AttemptOutcome::Ambiguous(_) => Some(format!("{step} no answer")),
                },
                Record::Failed { step, failure, .. } => Some(format!("{step} failed: {}", failed(failure))),
                Record::Halted { halt, .. } => Some(format!("halted: {}", failed(&halt.failure))),
                Record::Asked { question, .. } => Some(match question {
                    Question::Finalize => "asks: finalize?".to_owned(),
                    Question::FailedGate { failure } => format!("asks: the gate failed: {}", failed(failure)),
                    Question::Replay { amount, .. } => format!("asks: go back? {amount}"),
                }),
                Record::Turned { .. } => Some("goes back".to_owned()),
                Record::Closed { outcome, left, .. } => {
                    Some(format!("{outcome:?}; left: {}", left.join("; ")))
                }
                _ => None,
            });
        }
        // How often something is tried until it works is a matter of time.
        told.dedup_by(|again, before| again == before && again.ends_with("not sent"));
        told.into_iter().map(|line| plain(&line) + "\n").collect()
    }
}

fn word(person: Person, state: &RunState) -> Option<Ask> {
    match (&state.phase, person) {
        (
            Phase::Waiting {
                question: Question::Finalize,
                ..
            },
            Person::Accepts,
        ) => Some(Ask::Answer(Answer::Finalize)),
        (Phase::Waiting { .. }, Person::GoesBack | Person::Accepts) => {
            Some(Ask::RollBack { accept_replay: true })
        }
        _ => None,
    }
}

/// Without what differs from one time to the next: ids and addresses.
fn plain(text: &str) -> String {
    let is_id = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    let words = text.split(' ').map(|word| {
        let bare = word.trim_matches(['(', ')', ',', ':', ';', '.']);
        match bare {
            id if is_id(id) => word.replace(id, "ID"),
            paper if paper.starts_with("paper:/") => word.replace(paper, "paper:/…"),
            address if address.starts_with("http://127") => word.replace(address, "ADDRESS"),
            _ => word.to_owned(),
        }
    });
    let mut words: Vec<String> = words.collect();
    // How often Flink has restarted a job by the time that somebody looks differs.
    for at in 1..words.len() {
        if words[at].starts_with("restart") && words[at - 1].parse::<u64>().is_ok() {
            "N".clone_into(&mut words[at - 1]);
        }
    }
    words.join(" ")
}
