//! One case: a system, what goes wrong and where, and what the person is after. Drawn from a seed, or put
//! together by hand.

use upshift_model::alluxio;
use upshift_model::plan::Plan;
use upshift_model::policy::{OnFailedGate, OnLaneFailure};
use upshift_model::span::Millis;
use upshift_model::step::{Effect, Preparation, Releasable, StartWhat, Step, StopWhat};

use crate::kind::Kind;
use crate::mortal::{At, Death};
use crate::person::Wish;
use crate::stage::{Given, known};
use crate::without::Safety;
use upshift_sim::chance::Chance;
use upshift_sim::direct::flink::{Scene, Way};
use upshift_sim::direct::{Fault, Place, Planned, When};

/// Which system is simulated.
#[derive(Debug, Clone)]
pub enum Setting {
    /// A Flink installation.
    Flink(Scene),
    /// Somebody's own Flink installation, with the plan that he has.
    Given(Box<Given>),
    /// Servers with replicas.
    Rolling(upshift_sim::rolling::Shape),
    /// A Fluss cluster.
    Fluss(upshift_sim::fluss::Shape),
    /// An Alluxio cluster.
    Alluxio(upshift_sim::alluxio::Shape),
}

/// What goes wrong.
#[derive(Debug, Clone, Default)]
pub struct Trouble {
    /// At contacts.
    pub planned: Vec<Planned>,
    /// At appends.
    pub deaths: Vec<At>,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Case {
    /// The seed it was drawn from; 0 for one that was not.
    pub seed: u64,
    /// The system.
    pub setting: Setting,
    /// What the person is after.
    pub wish: Wish,
    /// Whether a person says `resume` after a death, or another worker takes over without a word.
    pub resumed_by_hand: bool,
    /// What goes wrong.
    pub trouble: Trouble,
    /// The safety step that is taken out, if one is.
    pub without: Option<Safety>,
}

/// What may be drawn.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only these kinds; all where none is named.
    pub kinds: Vec<Kind>,
    /// Only these faults; all where none is named.
    pub faults: Vec<Fault>,
    /// Without this safety step.
    pub without: Option<Safety>,
}

impl Wanted {
    fn may_be(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// The ways of Flink that may be drawn, and whether the rolling system may be.
    fn kinds(&self) -> (Vec<Way>, bool) {
        let named = Kind::ALL.into_iter().filter(|kind| self.may_be(*kind));
        let ways = named.filter_map(Kind::way).collect();
        (ways, self.may_be(Kind::Rolling))
    }

    /// A system beside Flink and the rolling one, where the seed has one. It is drawn apart, so that what a seed of the
    /// others comes to stays what it was.
    fn other(&self, seed: u64) -> Option<Kind> {
        let others: Vec<Kind> = OTHERS.into_iter().filter(|kind| self.may_be(*kind)).collect();
        let only = self.kinds.iter().all(|kind| OTHERS.contains(kind)) && !self.kinds.is_empty();
        let mut chance = Chance::of(seed ^ APART);
        if others.is_empty() || self.without.is_some() || !(only || chance.percent(OTHERS_PERCENT)) {
            return None;
        }
        chance.one_of(&others).copied()
    }
}

/// Systems that are drawn apart, and how many of a hundred seeds they have where all are drawn.
const OTHERS: [Kind; 2] = [Kind::Fluss, Kind::Alluxio];
const OTHERS_PERCENT: usize = 30;
const APART: u64 = 0x0f1a_5500_a11a_7e4a;

/// A run has at least so many records, so deaths are drawn below it.
const RECORDS: usize = 70;

impl Case {
    /// A case in which nothing goes wrong and the upgrade is accepted.
    pub fn calm(setting: Setting) -> Self {
        Self {
            seed: 0,
            setting,
            wish: Wish::Upgrade,
            resumed_by_hand: true,
            trouble: Trouble::default(),
            without: None,
        }
    }

    /// The case of a seed, without its troubles: those need the plan.
    pub fn draw(seed: u64, wanted: &Wanted) -> (Self, Chance) {
        let mut chance = Chance::of(seed);
        let rolling = chance.percent(30);
        let rolling = wanted.without.map_or(rolling, Safety::is_of_rolling);
        let (ways, may_roll) = wanted.kinds();
        let setting = match wanted.other(seed) {
            Some(Kind::Alluxio) => Setting::Alluxio(upshift_sim::alluxio::Shape::draw(&mut chance)),
            Some(Kind::Fluss) => Setting::Fluss(upshift_sim::fluss::Shape::draw(&mut chance)),
            _ if may_roll && (rolling || ways.is_empty()) => {
                Setting::Rolling(upshift_sim::rolling::Shape::draw(&mut chance))
            }
            _ => Setting::Flink(scene(&mut chance, &ways)),
        };
        let at = 2 + chance.below(RECORDS) as u64;
        let wish = match chance.below(100) {
            0..60 => Wish::Upgrade,
            60..75 => Wish::BackAtTheEnd,
            75..88 => Wish::BackAfter(at),
            88..94 => Wish::AbandonAfter(at),
            _ => Wish::PauseAfter(at),
        };
        let case = Self {
            seed,
            setting,
            wish: if wanted.without.is_some() {
                Wish::Upgrade
            } else {
                wish
            },
            resumed_by_hand: chance.percent(50),
            trouble: Trouble::default(),
            without: wanted.without,
        };
        (case, chance)
    }

    /// The case of a seed for a plan that is given, without its troubles: the person accepts it.
    pub fn draw_given(seed: u64, given: Given) -> (Self, Chance) {
        let mut chance = Chance::of(seed);
        let case = Self {
            seed,
            resumed_by_hand: chance.percent(50),
            ..Self::calm(Setting::Given(Box::new(given)))
        };
        (case, chance)
    }

    /// Draws what goes wrong: one to three faults, each at a step where it means something.
    pub fn draw_trouble(&mut self, chance: &mut Chance, plan: &Plan, strikes: &[Fault], wanted: &[Fault]) {
        let guarded = self.without.and_then(Safety::guards_against);
        let all: Vec<Fault> = match (guarded, wanted.is_empty()) {
            (Some(fault), true) => vec![fault],
            (_, false) => wanted.to_vec(),
            (None, true) => known(strikes),
        };
        let steps: Vec<&Step> = plan.steps().collect();
        let records = match self.setting {
            Setting::Given(_) => steps.len() * 2,
            Setting::Flink(_) | Setting::Rolling(_) | Setting::Fluss(_) | Setting::Alluxio(_) => RECORDS,
        };
        for _ in 0..1 + chance.below(3) {
            let Some(fault) = chance.one_of(&all).copied() else {
                return;
            };
            match fault {
                Fault::KilledBeforeRecord | Fault::KilledAfterRecord => {
                    let how = match fault {
                        Fault::KilledBeforeRecord => Death::Before,
                        _ => Death::After,
                    };
                    self.trouble.deaths.push((2 + chance.below(records) as u64, how));
                }
                _ => self.trouble.planned.extend(place(chance, fault, &steps)),
            }
        }
    }
}

fn scene(chance: &mut Chance, ways: &[Way]) -> Scene {
    let drawn = chance.below(Way::ALL.len());
    // Of fewer ways the same number takes another one.
    let way = ways.iter().copied().find(|way| *way == Way::ALL[drawn]);
    let way = way.or(ways.get(drawn % ways.len().max(1)).copied());
    let way = way.unwrap_or(Way::ALL[drawn]);
    let names = ["orders", "fraud", "billing", "clicks", "stock"];
    let jobs = 3 + chance.below(2);
    Scene {
        jobs: names[..jobs].iter().map(|name| (*name).to_owned()).collect(),
        on_failed_gate: match chance.percent(50) {
            true => OnFailedGate::RollBack,
            false => OnFailedGate::Ask,
        },
        on_lane_failure: match chance.percent(25) {
            true => OnLaneFailure::Park,
            false => OnLaneFailure::All,
        },
        soak: Millis::from_secs(12),
        unpack: chance.percent(30),
        takes: (100 + chance.below(2_000) as i64, 200 + chance.below(2_000) as i64),
        ..Scene::new(way)
    }
}

/// A place for a fault: a step where it means something.
fn place(chance: &mut Chance, fault: Fault, steps: &[&Step]) -> Option<Planned> {
    // Where no job is started, a server that comes up with the release it had is what is wrong.
    let has_jobs = steps.iter().any(|step| starts_job(step));
    let fits = |step: &&&Step| match fault {
        Fault::WrongState if !has_jobs => starts_cluster(step),
        Fault::KilledAfter | Fault::AnswerLost | Fault::HungThenDone | Fault::CutShort | Fault::Refused => {
            is_sent(step)
        }
        _ => fits(fault, step),
    };
    let all: Vec<&&Step> = steps.iter().filter(fits).collect();
    let step = chance.one_of(&all)?;
    // A gate is looked at again and again, most other steps once before and once after.
    let is_gate = matches!(step.effect, Effect::Hold { .. });
    let looks = is_gate || !is_sent(step) || chance.percent(40);
    let nth = |n: usize| u32::try_from(1 + n % if is_gate { 4 } else { 2 }).unwrap_or(1);
    let when = match fault {
        Fault::Loops | Fault::WrongState | Fault::StateLacking | Fault::WrittenOver => When::Look(1),
        Fault::Stillborn | Fault::NeverRegisters | Fault::StuckReplica => When::Look(1),
        // Before the stop, or between a try that came to nothing and its repeat.
        Fault::Stranger => When::Look(if looks { 2 } else { 1 }),
        Fault::KilledAfter | Fault::AnswerLost | Fault::HungThenDone | Fault::CutShort | Fault::Refused => {
            When::Act(1)
        }
        _ if looks => When::Look(nth(chance.below(4))),
        _ => When::Act(1),
    };
    Some(Planned {
        fault,
        place: Place {
            step: step.id.clone(),
            when,
        },
    })
}

/// Whether anything is sent for the step, and not only looked at or noted down.
const fn is_sent(step: &Step) -> bool {
    !matches!(
        step.effect,
        Effect::Hold { .. }
            | Effect::AdoptCheckpoint { .. }
            | Effect::Prepare {
                what: Preparation::Baseline { .. }
            }
            | Effect::Release {
                what: Releasable::RestorePoint { .. }
            }
    )
}

const fn starts_job(step: &Step) -> bool {
    matches!(
        step.effect,
        Effect::Start {
            what: StartWhat::Job { .. }
        }
    )
}

const fn starts_cluster(step: &Step) -> bool {
    matches!(
        step.effect,
        Effect::Start {
            what: StartWhat::Cluster { .. } | StartWhat::Server { .. } | StartWhat::Restored { .. }
        }
    )
}

/// Whether it is a backup that is taken, or one that is read.
const fn of_a_backup(step: &Step) -> Option<&alluxio::Preparation> {
    match &step.effect {
        Effect::Prepare {
            what: Preparation::Alluxio(what),
        } => Some(what),
        _ => None,
    }
}

pub(crate) fn fits(fault: Fault, step: &Step) -> bool {
    match fault {
        Fault::Loops | Fault::WrongState => starts_job(step),
        Fault::Stillborn if of_a_backup(step).is_some() => matches!(
            of_a_backup(step),
            Some(alluxio::Preparation::Backup { .. } | alluxio::Preparation::Format { .. })
        ),
        Fault::Stillborn | Fault::NeverRegisters => starts_cluster(step),
        Fault::StateLacking if of_a_backup(step).is_some() => matches!(
            of_a_backup(step),
            Some(alluxio::Preparation::Backup { .. } | alluxio::Preparation::Copy { .. })
        ),
        Fault::WrittenOver if of_a_backup(step).is_some() => {
            matches!(of_a_backup(step), Some(alluxio::Preparation::Restorable { .. }))
        }
        Fault::StateLacking => matches!(
            step.effect,
            Effect::Stop {
                what: StopWhat::JobInto { .. }
            }
        ),
        Fault::WrittenOver => matches!(step.effect, Effect::Hold { .. }),
        Fault::Stranger => matches!(
            step.effect,
            Effect::Stop {
                what: StopWhat::Cluster { .. } | StopWhat::Server { .. }
            } | Effect::Release {
                what: Releasable::ClusterProcesses { .. }
            }
        ),
        // What comes after is waited for, and seen to be stuck.
        Fault::StuckReplica => starts_cluster(step),
        // Nobody looks any more at what breaks after the acceptance.
        Fault::FarSideForgets | Fault::ProcessKilled => !matches!(step.effect, Effect::Release { .. }),
        _ => true,
    }
}
