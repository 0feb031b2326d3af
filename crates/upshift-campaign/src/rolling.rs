//! Campaigns with the rolling system. There is no planner for it yet: its plans are put together here, in the
//! shared vocabulary, by the rules that such systems share.

use std::collections::BTreeMap;
use std::num::NonZeroU8;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::Driver;
use upshift_model::digest::Digest;
use upshift_model::expect::Expectation;
use upshift_model::flink;
use upshift_model::gate::Gate;
use upshift_model::ids::{ComponentId, SystemName};
use upshift_model::plan::{Direction, InventoryStamp, KnowledgeStamp, PLAN_FORMAT, Plan, Site};
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy, Strategy};
use upshift_model::record::{Failure, Outcome};
use upshift_model::run_state::RunState;
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, Lane, StartWhat, Step, StopWhat, Wave, WaveOutlook, WayBack};
use upshift_model::version::{SystemKind, Version};
use upshift_model::way_back::WayBackOffer;
use upshift_planner::dispatch::unseen;

use crate::system::{End, System};
pub(crate) use upshift_sim::direct::rolling::IN_SYNC;
use upshift_sim::direct::rolling::RollingFace;
use upshift_sim::direct::{Clockwork, Fault, Line};
use upshift_sim::rolling::{Shape, World};

const FROM: &str = "1.18.1";
const TO: &str = "1.20.5";

const STRIKES: &[Fault] = &[
    Fault::FarSideRestarts,
    Fault::ProcessKilled,
    Fault::Stillborn,
    Fault::WrongState,
];

/// See the module.
pub(crate) struct Rolling {
    world: Arc<Mutex<World>>,
    time: Clockwork,
    shape: Shape,
}

fn version(text: &str) -> Version {
    text.parse().expect("a version")
}

fn name(n: usize, shape: &Shape) -> ComponentId {
    match n == shape.servers {
        true => ComponentId::new("coordinator"),
        false => ComponentId::new(format!("server/{n}")),
    }
}

impl Rolling {
    /// Sets the scene. To be called inside a paused runtime.
    pub(crate) fn set(shape: &Shape, time: Clockwork) -> Self {
        Self {
            world: Arc::new(Mutex::new(World::new(shape, FROM, time.now()))),
            time,
            shape: shape.clone(),
        }
    }

    fn face(&self) -> RollingFace {
        RollingFace::new(Arc::clone(&self.world), Arc::new(Line::default()), self.time)
    }

    fn counsel_of(&self) -> RollingCounsel {
        RollingCounsel {
            face: self.face(),
            shape: self.shape.clone(),
            time: self.time,
        }
    }
}

fn step(id: String, effect: Effect) -> Step {
    Step {
        id: id.as_str().into(),
        effect,
        before: Vec::new(),
        after: Vec::new(),
        why: Vec::new(),
        usual: None,
        give_up: Millis::from_secs(180),
        tries: 3,
        downtime: Downtime::None,
        by_hand: Vec::new(),
    }
}

fn in_sync() -> Expectation {
    Expectation::ProbeHolds {
        probe: IN_SYNC.to_owned(),
    }
}

/// The steps that swap one server: not before every replica is in sync, and not left before they are again.
fn swap(n: usize, prefix: &str, to: &str, shape: &Shape) -> Vec<Step> {
    let id = name(n, shape);
    let release = Expectation::ReleaseIs {
        component: id.clone(),
        version: version(to),
    };
    let stop = Step {
        before: vec![in_sync()],
        after: vec![Expectation::Stopped {
            component: id.clone(),
        }],
        ..step(
            format!("{prefix}.1"),
            Effect::Stop {
                what: StopWhat::Cluster { cluster: id.clone() },
            },
        )
    };
    let start = Step {
        after: vec![release.clone()],
        ..step(
            format!("{prefix}.2"),
            Effect::Start {
                what: StartWhat::Cluster {
                    cluster: id,
                    release: version(to),
                    slots: 1,
                },
            },
        )
    };
    let gate = Gate::Soak {
        watch: vec![release, in_sync()],
        hold_for: Millis(500),
        every: Millis(250),
        fail_after: 3,
        blind_for: Millis::from_secs(60),
    };
    let proven = step(format!("{prefix}.3"), Effect::Hold { gate });
    vec![stop, start, proven]
}

fn wave(title: &str, lanes: Vec<Lane>) -> Wave {
    Wave {
        title: title.to_owned(),
        lanes,
        width: NonZeroU8::MIN,
        on_lane_failure: OnLaneFailure::All,
        outlook: WaveOutlook {
            downtime: Some(Millis::ZERO),
            way_back: WayBack::Free,
            replayed: String::new(),
            open_until: Vec::new(),
        },
    }
}

fn swaps(order: &[usize], prefix: &str, to: &str, shape: &Shape) -> Vec<Wave> {
    let one = |(at, n): (usize, &usize)| {
        let steps = swap(*n, &format!("{prefix}{}", at + 1), to, shape);
        let subject = None;
        wave(
            &format!("swap {}", name(*n, shape)),
            vec![Lane { subject, steps }],
        )
    };
    order.iter().enumerate().map(one).collect()
}

impl Rolling {
    fn forward(&self) -> Plan {
        // Servers first, the coordinator last: an older server never meets a newer coordinator.
        let order: Vec<usize> = (0..=self.shape.servers).collect();
        let mut waves = swaps(&order, "", TO, &self.shape);
        let accept = step(
            format!("{}.1", waves.len() + 1),
            Effect::Hold {
                gate: Gate::Finalize { after: None },
            },
        );
        let accept = Lane {
            subject: None,
            steps: vec![accept],
        };
        waves.push(wave("accept", vec![accept]));
        let stamp = self.time.stamp();
        Plan {
            format: PLAN_FORMAT,
            direction: Direction::Forward,
            system: SystemName::new("simulated"),
            kind: SystemKind::Flink,
            from: version(FROM),
            to: version(TO),
            strategy: Strategy::InPlace,
            strategy_why: Vec::new(),
            made_at: stamp,
            knowledge: KnowledgeStamp {
                date: jiff::civil::date(2026, 11, 1),
                digest: Digest::zero(),
            },
            inventory: InventoryStamp {
                taken_at: stamp,
                digest: Digest::zero(),
            },
            site: Site::Flink(flink::Site {
                clusters: BTreeMap::new(),
                jobs: BTreeMap::new(),
                savepoints: String::new(),
                objects: upshift_model::objects::ObjectAccess::default(),
                probes: BTreeMap::new(),
            }),
            policy: Policy {
                on_failed_gate: match self.shape.goes_back_by_itself {
                    true => OnFailedGate::RollBack,
                    false => OnFailedGate::Ask,
                },
                on_lane_failure: OnLaneFailure::All,
                replay_limit: Millis::from_secs(60),
                max_downtime: None,
                keep_restore_points: None,
                notify: Vec::new(),
            },
            waivers: Vec::new(),
            findings: Vec::new(),
            green: 0,
            needs: Vec::new(),
            waves,
            ways_back: Vec::new(),
        }
    }
}

struct RollingCounsel {
    face: RollingFace,
    shape: Shape,
    time: Clockwork,
}

impl Counsel for RollingCounsel {
    fn way_back<'a>(&'a self, run: &'a RunState) -> BoxFuture<'a, Result<WayBackOffer, Failure>> {
        Box::pin(async move {
            let world = self.face.world();
            let begun = |n: &usize| {
                let id = name(*n, &self.shape);
                let touches = |step: &Step| match &step.effect {
                    Effect::Stop {
                        what: StopWhat::Cluster { cluster },
                    } => *cluster == id,
                    _ => false,
                };
                let begun = run.plan.plan.steps().any(|s| touches(s) && run.is_begun(&s.id));
                begun || world.servers[*n].release != FROM
            };
            // The coordinator first, then the servers as they came last.
            let order: Vec<usize> = (0..=self.shape.servers).rev().filter(begun).collect();
            let of = run.plan.digest.clone();
            let plan = Plan {
                direction: Direction::Back { of },
                waves: swaps_back(&order, &self.shape),
                made_at: self.time.stamp(),
                ..run.plan.plan.clone()
            };
            Ok(WayBackOffer {
                plan,
                replays: Millis::ZERO,
                amount: String::new(),
                doubles: Vec::new(),
            })
        })
    }

    fn restart<'a>(
        &'a self,
        _: &'a RunState,
        server: &'a ComponentId,
    ) -> BoxFuture<'a, Result<Wave, Failure>> {
        Box::pin(async move { Err(unseen(server, "nothing is restarted by itself in a simulation")) })
    }

    fn left_over<'a>(&'a self, _: &'a RunState) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async { Vec::new() })
    }
}

/// The same swaps the other way. A server that is down already, or runs the old release, has nothing to wait
/// for: its own replicas are what is short.
fn swaps_back(order: &[usize], shape: &Shape) -> Vec<Wave> {
    let mut waves = swaps(order, "back.", FROM, shape);
    // The server that the way there left half done comes first, so that nothing is short when the next goes.
    if let Some(first) = waves.first_mut() {
        for step in first.lanes.iter_mut().flat_map(|lane| lane.steps.iter_mut()) {
            if matches!(step.effect, Effect::Stop { .. }) {
                step.before.clear();
            }
        }
    }
    waves
}

impl System for Rolling {
    fn words(&self) -> String {
        format!(
            "{} servers with {} buckets of {} replicas, rolling",
            self.shape.servers, self.shape.buckets, self.shape.replicas
        )
    }

    fn subjects(&self) -> usize {
        self.shape.servers + 1
    }

    fn plan(&self) -> Result<Plan, String> {
        Ok(self.forward())
    }

    fn key(&self, plan: &Plan) -> String {
        plan.system.to_string()
    }

    fn driver(&self, _: &Plan, line: &Arc<Line>) -> Arc<dyn Driver> {
        Arc::new(RollingFace::new(
            Arc::clone(&self.world),
            Arc::clone(line),
            self.time,
        ))
    }

    fn counsel(&self, _: &Plan) -> Arc<dyn Counsel> {
        Arc::new(self.counsel_of())
    }

    fn strikes(&self) -> &'static [Fault] {
        STRIKES
    }

    fn rules(&self, _: &RunState) -> Vec<String> {
        let face = self.face();
        let world = face.world();
        let coordinator = &world.servers[world.coordinator()];
        let older = world.servers.iter().any(|s| s.release == FROM);
        let mut flaws: Vec<String> = world.harm.iter().map(|h| h.what.clone()).collect();
        if coordinator.release == TO && older {
            flaws.push("the coordinator is newer than a server".to_owned());
        }
        flaws
    }

    fn judge(&self, end: &End<'_>) -> Vec<String> {
        let face = self.face();
        let world = face.world();
        let mut flaws: Vec<String> = world.harm.iter().map(|h| h.what.clone()).collect();
        let by_itself = [Fault::FarSideRestarts, Fault::ProcessKilled]
            .iter()
            .any(|f| end.had(*f));
        if world.lost > 0 && !by_itself {
            flaws.push(format!(
                "{} records that were taken as written are lost",
                world.lost
            ));
        }
        let wanted = match end.outcome {
            Some(Outcome::Finalized) => Some(TO),
            Some(Outcome::RolledBack) => Some(FROM),
            Some(Outcome::Abandoned) | None => None,
        };
        for (n, server) in world.servers.iter().enumerate() {
            if let Some(wanted) = wanted.filter(|wanted| server.release != *wanted) {
                let id = name(n, &self.shape);
                flaws.push(format!("{id} runs {}, expected {wanted}", server.release));
            }
            if wanted.is_some() && server.up_since.is_none() {
                flaws.push(format!("{} is down", name(n, &self.shape)));
            }
        }
        if wanted.is_some() && !world.short().is_empty() {
            flaws.push(format!("{} buckets are short of replicas", world.short().len()));
        }
        flaws
    }

    fn effects(&self) -> BTreeMap<String, u64> {
        self.face().world().done.clone()
    }

    fn picture(&self) -> String {
        let face = self.face();
        let world = face.world();
        let server = |(n, s): (usize, &upshift_sim::rolling::Server)| {
            let up = if s.up_since.is_some() { "up" } else { "down" };
            format!("{} {} {up}", name(n, &self.shape), s.release)
        };
        let all: Vec<String> = world.servers.iter().enumerate().map(server).collect();
        format!(
            "{}; {} buckets short; {} lost",
            all.join("; "),
            world.short().len(),
            world.lost
        )
    }
}
