//! The way back from where a run of Fluss stands: from its plan, its journal and, where one can be had, a fresh look.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::Timestamp;
use thiserror::Error;
use upshift_model::expect::Expectation;
use upshift_model::fluss::{Condition, Novelty, ServerId, Site, System};
use upshift_model::ids::Code;
use upshift_model::plan::Plan;
use upshift_model::policy::Strategy;
use upshift_model::run_state::RunState;
use upshift_model::span::Millis;
use upshift_model::step::WayBack;
use upshift_model::version::Version;

use super::codes;
use super::led::never_led;
use super::recipe::{Hands, Side, back};
use super::sight::{not_read_by_the_older, takes_over_again};
use super::stops::{started, stopped};
use super::touched::Touched;
use crate::dispatch::Offer;
use crate::knowledge::{Effect, Known, Library, Release, Truth, Verdict};
use crate::systems::turning::{Shut, may_turn, plan_of};

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::builtin);

/// Why there is no way back.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BackError {
    /// As of any run.
    #[error(transparent)]
    Shut(#[from] Shut),
    /// The coordinator was replaced, and the older one cannot take over again.
    #[error("the way back is closed since the coordinator was replaced: {why}")]
    PastTheCoordinator {
        /// Why.
        why: String,
    },
    /// Whether it can was not looked at.
    #[error("whether the older coordinator can take over again is not known: {why}")]
    NotLookedAt {
        /// Why.
        why: String,
    },
}

impl BackError {
    /// The page that explains it.
    pub fn code(&self) -> Code {
        match self {
            Self::Shut(Shut::NothingToGoBackFrom { .. }) => codes::NO_WAY_TO_GO_BACK,
            Self::Shut(Shut::Accepted) => codes::ACCEPTED,
            Self::PastTheCoordinator { .. } => codes::WAY_BACK,
            Self::NotLookedAt { .. } => codes::UNSEEN,
        }
    }
}

/// The way back.
///
/// # Errors
/// When there is none.
pub fn offer(
    run: &RunState,
    site: &Site,
    present: Option<&System>,
    now: Timestamp,
) -> Result<Offer, BackError> {
    may_turn(run)?;
    let forward = &run.plan.plan;
    let mut touched = Touched::default();
    forward
        .steps()
        .filter(|step| run.is_begun(&step.id))
        .for_each(|step| touched.take(step, site));
    let led = never_led(run, site, present).err();
    if let (true, Some(led)) = (touched.servers.contains(&ServerId::Coordinator), &led) {
        past_the_coordinator(forward, site, present, led)?;
    }
    let all_at_once = forward.strategy == Strategy::FullStop;
    if all_at_once && !touched.servers.is_empty() {
        // A tablet server that goes on beside another coordinator may wait for an answer of the one before for ever.
        touched.servers = forward.steps().filter_map(|step| stopped(step, site)).collect();
    }
    let first = forward.steps().find_map(|step| stopped(step, site));
    let hands = Hands {
        site,
        coordinator: match first {
            _ if all_at_once => None,
            Some(ServerId::Coordinator) => Some(Side::New),
            Some(ServerId::TabletServer(_)) | None => Some(Side::Old),
        },
        carried: BTreeSet::new(),
        hang: BTreeSet::new(),
        stages: false,
        coordinator_led: led.is_some(),
        not_read: not_read(forward),
        system: &forward.system,
        ok_to_stop: forward
            .steps()
            .flat_map(|step| &step.before)
            .filter_map(ok_to_stop)
            .collect(),
    };
    let begun = forward.steps().any(|step| run.is_begun(&step.id));
    let waves = if begun {
        back(&touched, all_at_once, &hands)
    } else {
        Vec::new()
    };
    let plan = plan_of(run, waves, now);
    Ok(Offer {
        plan,
        replays: Millis::ZERO,
        amount: String::new(),
        doubles: Vec::new(),
    })
}

fn ok_to_stop(expectation: &Expectation) -> Option<(i32, Condition)> {
    match expectation {
        Expectation::Fluss(condition @ Condition::OkToStop { server, .. }) => {
            Some((*server, condition.clone()))
        }
        _ => None,
    }
}

/// By what the plan said, and by the epochs as they are now: either alone misses cases.
fn past_the_coordinator(
    forward: &Plan,
    site: &Site,
    present: Option<&System>,
    led: &str,
) -> Result<(), BackError> {
    let of_coordinator = forward.waves.iter().find(|wave| {
        let mut steps = wave.lanes.iter().flat_map(|lane| &lane.steps);
        steps.any(|step| started(step, site) == Some(ServerId::Coordinator))
    });
    let closed = |why: String| Err(BackError::PastTheCoordinator { why });
    if of_coordinator.is_some_and(|wave| matches!(wave.outlook.way_back, WayBack::Closed { .. })) {
        return closed(format!(
            "the plan said so beforehand, and of the new one it is known that {led}"
        ));
    }
    // Only the new one makes what the older one does not read: what the plan saw says nothing of it.
    let Some(present) = present else {
        return Err(BackError::NotLookedAt {
            why: "neither its epoch nor the tables that were made or changed since were looked at".to_owned(),
        });
    };
    // A coordinator of before 1.0 runs at epoch 0, and tablet servers ignore one below what they saw.
    if (forward.from.major(), forward.from.minor()) >= (1, 0) {
        return written_since(forward, present);
    }
    match present.cluster.highest_coordinator_epoch() {
        Ok(0) => written_since(forward, present),
        Ok(epoch) => closed(format!("/coordinators/epoch or a bucket bears epoch {epoch}")),
        Err(gap) => closed(format!("its epoch is not known: {gap}")),
    }
}

fn releases(forward: &Plan) -> Result<(Release, Release), BackError> {
    let release = |version: &Version| {
        Release::parse(Known::Fluss, version.as_str()).map_err(|error| BackError::NotLookedAt {
            why: error.to_string(),
        })
    };
    Ok((release(&forward.to)?, release(&forward.from)?))
}

/// What is asked of tables once more right before the coordinator is taken back.
fn not_read(forward: &Plan) -> BTreeMap<Novelty, String> {
    let ends = releases(forward);
    ends.map_or_else(
        |_| BTreeMap::new(),
        |(to, from)| not_read_by_the_older(&LIBRARY, (&to, &from)),
    )
}

/// What the wanted release wrote since that the older one does not read: a schema that was changed, a kind of table that
/// it does not know. The plan could not see it, since only a coordinator of the wanted release writes it.
fn written_since(forward: &Plan, present: &System) -> Result<(), BackError> {
    let (to, from) = releases(forward)?;
    let answer = takes_over_again(&LIBRARY, (&to, &from), present);
    let texts = |truth: Truth| -> String {
        let rows = answer.rows.iter();
        let rows = rows.filter(|row| row.effect == Effect::Refuses && row.truth == truth);
        rows.map(|row| row.text.as_str()).collect::<Vec<_>>().join("; ")
    };
    match answer.verdict {
        Verdict::Supported | Verdict::Conditional => Ok(()),
        Verdict::Unsupported => Err(BackError::PastTheCoordinator {
            why: texts(Truth::Holds),
        }),
        Verdict::Unknown => Err(BackError::NotLookedAt {
            why: format!("it was not seen whether this is so: {}", texts(Truth::CannotTell)),
        }),
    }
}
