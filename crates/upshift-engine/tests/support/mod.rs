//! A toy world whose effects are counted, and a small plan.

use std::collections::BTreeMap;
use std::num::NonZeroU8;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use upshift_engine::clock::Clock;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::{Driver, Fault, Progress, Standing};
use upshift_engine::store::Holder;
use upshift_model::digest::Digest;
use upshift_model::flink;
use upshift_model::gate::Gate;
use upshift_model::ids::{Code, ComponentId, Slot, StepId};
use upshift_model::inventory::Inventory;
use upshift_model::plan::{Direction, InventoryStamp, KnowledgeStamp, PLAN_FORMAT, Plan, Sealed, Site};
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy, Strategy};
use upshift_model::proof::{Binding, Bindings, Proof};
use upshift_model::record::{Baseline, Failure, Intent, Who};
use upshift_model::restore::{RestorePoint, RestorePointKind};
use upshift_model::run_state::RunState;
use upshift_model::span::Millis;
use upshift_model::step::{
    Downtime, Effect, Lane, Releasable, StartWhat, Step, StopWhat, Wave, WaveOutlook, WayBack,
};
use upshift_model::version::SystemKind;
use upshift_model::way_back::WayBackOffer;

/// How the world answers the attempts of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// At once.
    Prompt,
    /// After so many looks.
    Slow(u32),
    /// The effect happens and the answer is lost.
    LosesAnswer,
    /// The first try certainly fails, the second works.
    FailsOnce,
    /// It always fails.
    Fails,
    /// It never comes to an end.
    Hangs,
}

/// What the world knows of one key.
#[derive(Debug, Clone, Default)]
struct Deed {
    looks_left: u32,
    failed: bool,
    hangs: bool,
}

#[derive(Default)]
pub(crate) struct WorldState {
    deeds: BTreeMap<(StepId, String), Deed>,
    /// How often an effect really happened, by step.
    pub(crate) effects: BTreeMap<StepId, u32>,
    pub(crate) samples: BTreeMap<StepId, Vec<Result<Standing, Fault>>>,
}

pub(crate) struct World {
    pub(crate) state: Mutex<WorldState>,
    pub(crate) manners: BTreeMap<StepId, Manner>,
}

impl World {
    pub(crate) fn new(manners: &[(&str, Manner)]) -> Arc<Self> {
        let manners = manners
            .iter()
            .map(|(step, manner)| (StepId::from(*step), *manner))
            .collect();
        Arc::new(Self {
            state: Mutex::new(WorldState::default()),
            manners,
        })
    }

    pub(crate) fn effects(&self) -> BTreeMap<StepId, u32> {
        self.state.lock().unwrap().effects.clone()
    }

    fn manner(&self, step: &Step) -> Manner {
        self.manners.get(&step.id).copied().unwrap_or(Manner::Prompt)
    }

    fn look(&self, step: &Step, intent: Option<&Intent>) -> Result<Standing, Fault> {
        let mut state = self.state.lock().unwrap();
        if let Effect::Hold { .. } = &step.effect {
            let next = state
                .samples
                .get_mut(&step.id)
                .and_then(|s| (!s.is_empty()).then(|| s.remove(0)));
            return next.unwrap_or_else(|| Ok(Standing::Underway(Progress::of("all well"))));
        }
        let Some(intent) = intent else {
            return Ok(Standing::Ready(Baseline::default()));
        };
        let key = (step.id.clone(), intent.key.to_string());
        let Some(deed) = state.deeds.get_mut(&key) else {
            return Ok(Standing::Ready(Baseline::default()));
        };
        if deed.hangs {
            return Ok(Standing::Underway(Progress::of("hanging")));
        }
        if deed.failed {
            return Ok(Standing::Failed(failure("the toy broke")));
        }
        if deed.looks_left > 0 {
            deed.looks_left -= 1;
            return Ok(Standing::Underway(Progress::of(format!(
                "{} looks left",
                deed.looks_left
            ))));
        }
        let mut proof = Proof::of([format!("seen under {}", intent.key)]);
        if let Some(slot) = step.effect.fills() {
            proof = proof.with(Binding::Restore {
                slot: slot.clone(),
                point: point(),
            });
        }
        Ok(Standing::Done(proof))
    }

    fn act(&self, step: &Step, intent: &Intent) -> Result<(), Fault> {
        let mut state = self.state.lock().unwrap();
        let key = (step.id.clone(), intent.key.to_string());
        // The far side recognizes a repeat by its key.
        if state.deeds.contains_key(&key) {
            return Ok(());
        }
        let manner = self.manner(step);
        let failed = manner == Manner::Fails || (manner == Manner::FailsOnce && intent.attempt == 1);
        let looks_left = if let Manner::Slow(n) = manner { n } else { 0 };
        state.deeds.insert(
            key,
            Deed {
                looks_left,
                failed,
                hangs: manner == Manner::Hangs,
            },
        );
        if !failed {
            *state.effects.entry(step.id.clone()).or_default() += 1;
        }
        match manner {
            Manner::LosesAnswer => Err(Fault::Ambiguous("connection reset".to_owned())),
            _ => Ok(()),
        }
    }
}

impl Driver for World {
    fn observe(&self) -> BoxFuture<'_, Result<Inventory, Fault>> {
        Box::pin(async { Err(Fault::Transient("a toy has no inventory".to_owned())) })
    }

    fn standing<'a>(
        &'a self,
        step: &'a Step,
        _bound: &'a Bindings,
        intent: Option<&'a Intent>,
    ) -> BoxFuture<'a, Result<Standing, Fault>> {
        Box::pin(async move { self.look(step, intent) })
    }

    fn attempt<'a>(
        &'a self,
        step: &'a Step,
        _bound: &'a Bindings,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move { self.act(step, intent) })
    }
}

pub(crate) fn failure(what: &str) -> Failure {
    Failure {
        code: Code::new("UP-FLINK-0301"),
        what: what.to_owned(),
        far_side: None,
    }
}

fn point() -> RestorePoint {
    RestorePoint {
        kind: RestorePointKind::SavepointNative,
        location: "file:/sp/savepoint-1".to_owned(),
        taken_of: "0".repeat(32),
        triggered_at: jiff::Timestamp::UNIX_EPOCH,
        took: None,
        bytes: None,
        metadata_version: None,
        metadata_digest: None,
    }
}

/// Offers a way back of one step, or none.
#[derive(Default)]
pub(crate) struct ToyCounsel {
    pub(crate) knows_no_way: bool,
    pub(crate) doubles: bool,
}

impl Counsel for ToyCounsel {
    fn way_back<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Result<WayBackOffer, Failure>> {
        Box::pin(async move {
            if self.knows_no_way {
                return Err(failure("the old jar is gone"));
            }
            let steps = vec![step("back.1.1", start("job/a", "S/a"), Downtime::Ends)];
            let waves = vec![wave("return", vec![lane(Some("job/a"), steps)])];
            let of = run.plan.digest.clone();
            let plan = Plan {
                direction: Direction::Back { of },
                waves,
                ..run.plan.plan.clone()
            };
            Ok(WayBackOffer {
                plan,
                replays: Millis(500),
                amount: "0.5 s".to_owned(),
                doubles: if self.doubles {
                    vec!["a".to_owned()]
                } else {
                    Vec::new()
                },
            })
        })
    }

    fn restart<'a>(
        &'a self,
        run: &'a RunState,
        server: &'a ComponentId,
    ) -> BoxFuture<'a, Result<Wave, Failure>> {
        Box::pin(async move {
            if self.knows_no_way {
                return Err(failure("it runs nothing that is known"));
            }
            let id = format!("beside.{}.1", run.asides.len() + 1);
            let steps = vec![step(&id, start(server.as_str(), "S/a"), Downtime::None)];
            Ok(wave("restart", vec![lane(None, steps)]))
        })
    }

    fn left_over<'a>(&'a self, _run: &'a RunState) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async { Vec::new() })
    }
}

pub(crate) fn step(id: &str, effect: Effect, downtime: Downtime) -> Step {
    Step {
        id: id.into(),
        effect,
        before: vec![],
        after: vec![],
        why: vec![],
        usual: None,
        give_up: Millis::from_secs(20),
        tries: 2,
        downtime,
        by_hand: vec![],
    }
}

pub(crate) fn start(job: &str, slot: &str) -> Effect {
    Effect::Start {
        what: StartWhat::Job {
            job: job.into(),
            on: "new".into(),
            jar: Some("jar".into()),
            from: Some(slot.into()),
            may_drop_state: false,
            into: "id".into(),
        },
    }
}

pub(crate) fn stop(job: &str, slot: &str) -> Effect {
    Effect::Stop {
        what: StopWhat::JobInto {
            job: job.into(),
            on: "old".into(),
            form: RestorePointKind::SavepointNative,
            into: slot.into(),
        },
    }
}

pub(crate) fn lane(subject: Option<&str>, steps: Vec<Step>) -> Lane {
    Lane {
        subject: subject.map(ComponentId::from),
        steps,
    }
}

pub(crate) fn wave(title: &str, lanes: Vec<Lane>) -> Wave {
    Wave {
        title: title.to_owned(),
        lanes,
        width: NonZeroU8::new(2).unwrap(),
        on_lane_failure: OnLaneFailure::All,
        outlook: WaveOutlook {
            downtime: None,
            way_back: WayBack::Free,
            replayed: String::new(),
            open_until: vec![],
        },
    }
}

/// Two jobs moved side by side, a soak, a person's word, a release.
fn waves() -> Vec<Wave> {
    let release = |slot: &str| Effect::Release {
        what: Releasable::RestorePoint {
            slot: Slot::from(slot),
        },
    };
    let moved = |lane_id: &str, job: &str, slot: &str| {
        vec![
            step(&format!("1.{lane_id}.1"), stop(job, slot), Downtime::Begins),
            step(&format!("1.{lane_id}.2"), start(job, slot), Downtime::Ends),
        ]
    };
    let soak = Gate::Soak {
        watch: vec![],
        hold_for: Millis(40),
        every: Millis(10),
        fail_after: 2,
        blind_for: Millis(200),
    };
    vec![
        wave(
            "switch",
            vec![
                lane(Some("job/a"), moved("a", "job/a", "S/a")),
                lane(Some("job/b"), moved("b", "job/b", "S/b")),
            ],
        ),
        wave(
            "prove",
            vec![lane(
                None,
                vec![step("2.1", Effect::Hold { gate: soak }, Downtime::None)],
            )],
        ),
        wave(
            "accept",
            vec![lane(
                None,
                vec![step(
                    "3.1",
                    Effect::Hold {
                        gate: Gate::Finalize {
                            after: Some(Millis(1)),
                        },
                    },
                    Downtime::None,
                )],
            )],
        ),
        wave(
            "release",
            vec![lane(None, vec![step("4.1", release("S/a"), Downtime::None)])],
        ),
    ]
}

/// The plan of those waves.
pub(crate) fn plan(on_failed_gate: OnFailedGate) -> Sealed {
    plan_within(on_failed_gate, None)
}

/// The same with a limit on downtime.
pub(crate) fn plan_within(on_failed_gate: OnFailedGate, max_downtime: Option<Millis>) -> Sealed {
    Plan {
        format: PLAN_FORMAT,
        direction: Direction::Forward,
        system: "toy".into(),
        kind: SystemKind::Flink,
        from: "1.18.1".parse().unwrap(),
        to: "1.20.5".parse().unwrap(),
        strategy: Strategy::Shadow,
        strategy_why: vec![],
        made_at: jiff::Timestamp::UNIX_EPOCH,
        knowledge: KnowledgeStamp {
            date: jiff::civil::date(2026, 11, 1),
            digest: Digest::zero(),
        },
        inventory: InventoryStamp {
            taken_at: jiff::Timestamp::UNIX_EPOCH,
            digest: Digest::zero(),
        },
        site: Site::Flink(flink::Site {
            clusters: BTreeMap::new(),
            jobs: BTreeMap::new(),
            savepoints: "file:///sp".to_owned(),
            objects: upshift_model::objects::ObjectAccess::default(),
            probes: BTreeMap::new(),
        }),
        policy: Policy {
            on_failed_gate,
            on_lane_failure: OnLaneFailure::All,
            replay_limit: Millis::from_secs(60),
            max_downtime,
            keep_restore_points: None,
            notify: vec![],
        },
        waivers: vec![],
        findings: vec![],
        green: 0,
        needs: vec![],
        waves: waves(),
        ways_back: vec![],
    }
    .seal()
}

/// A clock that moves 7 ms each time it is asked, so that no test waits for a real one.
pub(crate) fn clock() -> Clock {
    let ms = AtomicI64::new(0);
    Clock::new(move || jiff::Timestamp::from_millisecond(ms.fetch_add(7, Ordering::SeqCst)).unwrap())
}

pub(crate) fn who() -> Who {
    Who {
        name: "ada".to_owned(),
        host: "here".to_owned(),
        why: None,
        ticket: None,
    }
}

pub(crate) fn holder() -> Holder {
    Holder {
        pid: 1,
        host: "here".to_owned(),
        user: "ada".to_owned(),
        since: jiff::Timestamp::UNIX_EPOCH,
    }
}
