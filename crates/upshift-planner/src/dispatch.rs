//! The one place where the planner chooses by the kind of system: who checks, who lays out a plan, who compares a
//! plan with the world, who plans the way back, who tells what is left over.
//!
//! It only hands on. What is said and done is the systems' own.

mod refusal;

use jiff::Timestamp;
use jiff::civil::Date;
use upshift_model::finding::Finding;
use upshift_model::ids::ComponentId;
use upshift_model::inventory::{Facts, Inventory};
use upshift_model::plan::{InventoryStamp, Plan, Site};
use upshift_model::policy::Strategy;
use upshift_model::record::Failure;
use upshift_model::run_state::RunState;
use upshift_model::step::Wave;
use upshift_model::version::Version;
pub use upshift_model::way_back::WayBackOffer as Offer;

pub use refusal::{NoPlan, NoWayBack, Reason};
use refusal::{no_plan, no_way_back};

use crate::knowledge::Library;
use crate::systems::{alluxio, flink, fluss, realtime_compute, weka};

/// Everything that a judgement may depend on, by kind of system.
#[derive(Debug, Clone)]
pub enum Situation<'a> {
    /// Of Flink.
    Flink(flink::situation::Situation<'a>),
    /// Of Fluss.
    Fluss(Box<fluss::situation::Situation<'a>>),
    /// Of WEKA.
    Weka(Box<weka::situation::Situation<'a>>),
    /// Of Realtime Compute.
    RealtimeCompute(Box<realtime_compute::situation::Situation<'a>>),
    /// Of Alluxio.
    Alluxio(Box<alluxio::situation::Situation<'a>>),
}

/// What a look in the middle of a run comes to, judged for its next hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// Nothing stands in its way.
    Fine(Vec<String>),
    /// Something was not seen that may hide what does.
    Unknown(String),
    /// Something does.
    Red(Failure),
}

impl Situation<'_> {
    /// Asks every check.
    pub fn findings(&self) -> Vec<Finding> {
        match self {
            Self::Flink(situation) => flink::checks::findings(situation),
            Self::Fluss(situation) => fluss::checks::findings(situation),
            Self::Weka(situation) => weka::checks::findings(situation),
            Self::RealtimeCompute(situation) => realtime_compute::checks::findings(situation),
            Self::Alluxio(situation) => alluxio::checks::findings(situation),
        }
    }

    /// How the upgrade would be carried out, and why so.
    pub fn strategy(&self) -> (Strategy, Vec<String>) {
        match self {
            Self::Flink(situation) => flink::strategy::choose(situation),
            Self::Fluss(situation) => {
                let ordered = fluss::recipe::order(situation);
                (ordered.order.strategy(), ordered.why)
            }
            Self::Weka(situation) => {
                let why = weka::recipe::way(situation).map(|(_, why)| why);
                (Strategy::Rolling, why.unwrap_or_else(|no| vec![no.to_string()]))
            }
            Self::Alluxio(situation) => alluxio::way::strategy(situation),
            Self::RealtimeCompute(situation) => (situation.declaration.strategy, Vec::new()),
        }
    }

    /// Lays out the plan.
    ///
    /// # Errors
    /// When there is nothing to do, or no plan can be laid out.
    pub fn plan(&self, findings: &[Finding]) -> Result<Plan, NoPlan> {
        match self {
            Self::Flink(situation) => flink::recipe::plan(situation, findings).map_err(no_plan),
            Self::Fluss(situation) => fluss::recipe::plan(situation, findings).map_err(no_plan),
            Self::Weka(situation) => weka::recipe::plan(situation, findings).map_err(no_plan),
            Self::RealtimeCompute(situation) => {
                realtime_compute::recipe::plan(situation, findings).map_err(no_plan)
            }
            Self::Alluxio(situation) => alluxio::recipe::plan(situation, findings).map_err(no_plan),
        }
    }
}

/// Differences between the world that a plan was made for and a fresh look, one a line. Empty when the plan may
/// start.
pub fn differences(plan: &Plan, now: &Inventory) -> Vec<String> {
    match (&plan.site, &now.facts) {
        (Site::Flink(site), Facts::Flink(facts)) => flink::drift::differences(plan, site, facts),
        (Site::Fluss(site), Facts::Fluss(system)) => fluss::drift::differences(plan, site, system),
        (Site::Weka(site), Facts::Weka(facts)) => weka::drift::differences(plan, site, facts, now.taken_at),
        (Site::Alluxio(site), Facts::Alluxio(facts)) => alluxio::drift::differences(plan, site, facts),
        (Site::RealtimeCompute(site), Facts::RealtimeCompute(facts)) => {
            realtime_compute::drift::differences(site, facts)
        }
        (
            Site::Flink(_) | Site::Fluss(_) | Site::Alluxio(_) | Site::Weka(_) | Site::RealtimeCompute(_),
            _,
        ) => {
            vec![format!("the plan is of {}, the look is not", plan.kind)]
        }
    }
}

/// The plan of a run as if this hop were all of it: by it a look is made before the hop.
pub fn hop(run: &RunState, releases: (&Version, &Version)) -> Plan {
    weka::hop::alone(&run.plan.plan, releases)
}

/// Judges a look for the hop that a plan was narrowed to by [`hop`].
pub fn judge(plan: &Plan, seen: &Inventory, library: &Library, at: (Date, Timestamp)) -> Judged {
    match (&plan.site, &seen.facts) {
        (Site::Weka(site), Facts::Weka(facts)) => {
            let stamp = InventoryStamp {
                taken_at: seen.taken_at,
                digest: seen.digest(),
            };
            weka::hop::judge(plan, site, (facts, stamp), library, at)
        }
        _ => Judged::Unknown(format!("plans of {} are not judged hop by hop", plan.kind)),
    }
}

/// The name under which open runs of a system exclude one another: where it answers.
pub fn system_key(plan: &Plan) -> String {
    let address = match &plan.site {
        Site::Flink(site) => flink::drift::address(site),
        Site::Fluss(site) => Some(fluss::drift::address(site)),
        Site::Alluxio(site) => site.masters.first().map(|master| master.authority().to_owned()),
        Site::Weka(site) => Some(site.guid.clone()),
        Site::RealtimeCompute(site) => Some(realtime_compute::drift::address(site)),
    };
    let address = address.unwrap_or_else(|| plan.system.to_string());
    format!("{} {address}", plan.kind.word())
}

/// The way back from where a run stands. Without `present` the journal alone is believed.
///
/// # Errors
/// When there is none.
pub fn way_back(run: &RunState, present: Option<&Inventory>, now: Timestamp) -> Result<Offer, NoWayBack> {
    match &run.plan.plan.site {
        Site::Flink(_) => flink::back::offer(run, present, now).map_err(no_way_back),
        Site::Alluxio(site) => alluxio::back::offer(run, site, now).map_err(no_way_back),
        Site::Weka(_) => Err(no_way_back_of_weka()),
        Site::Fluss(site) => {
            let seen = present.and_then(|seen| seen.facts.fluss());
            fluss::back::offer(run, site, seen, now).map_err(no_way_back)
        }
        Site::RealtimeCompute(site) => {
            let seen = present.and_then(|seen| seen.facts.realtime_compute());
            realtime_compute::back::offer(run, site, seen, now).map_err(no_way_back)
        }
    }
}

/// Whether systems of this kind can be brought back at all.
pub const fn knows_a_way_back(plan: &Plan) -> bool {
    match plan.site {
        Site::Flink(_) | Site::Fluss(_) | Site::Alluxio(_) | Site::RealtimeCompute(_) => true,
        Site::Weka(_) => false,
    }
}

/// The steps that restart a server of a run with the release that it runs.
///
/// # Errors
/// When it is none of the plan's, or what it runs was not seen.
pub fn restart(run: &RunState, server: &ComponentId, present: &Inventory) -> Result<Wave, Failure> {
    match (&run.plan.plan.site, &present.facts) {
        (Site::Fluss(site), Facts::Fluss(system)) => fluss::recipe::restart(run, site, server, system),
        _ => Err(Failure {
            code: fluss::codes::NO_RESTART,
            what: format!("{server} is no server that is restarted by itself"),
            far_side: None,
        }),
    }
}

/// Why nothing is restarted where nothing can be seen.
pub fn unseen(server: &ComponentId, why: &str) -> Failure {
    Failure {
        code: fluss::codes::NO_RESTART,
        what: format!("{server} is not restarted: which release it runs could not be seen"),
        far_side: Some(why.to_owned()),
    }
}

/// There is nothing to undo: what was fetched disturbs nobody, and what was upgraded stays so.
fn no_way_back_of_weka() -> NoWayBack {
    NoWayBack {
        code: weka::codes::NO_WAY_BACK,
        what: "WEKA knows no way back: before the drives phase there is nothing to undo (upshift abandon), after it an \
               upgrade is only resumed"
            .to_owned(),
    }
}

/// The plan by which a finished run is looked at: where an upgrade is accepted, what it ended on is what there is, and
/// what it began on may be gone.
pub fn at_home(run: &RunState) -> Plan {
    let mut plan = run.plan.plan.clone();
    if run.back.is_none()
        && let Site::Flink(site) = &mut plan.site
    {
        flink::left_over::settle(site);
    }
    plan
}

/// Everything that is not as a finished run would leave it, one thing a line.
pub fn left_over(run: &RunState, present: Option<&Inventory>) -> Vec<String> {
    let seen = present.map(|seen| &seen.facts);
    match &run.plan.plan.site {
        Site::Flink(site) => flink::left_over::left_over(run, site, seen.and_then(Facts::flink)),
        Site::Fluss(site) => fluss::left_over::left_over(run, site, seen.and_then(Facts::fluss)),
        Site::Alluxio(site) => alluxio::left_over::left_over(run, site, seen.and_then(Facts::alluxio)),
        Site::Weka(_) => weka::left_over::left_over(
            run,
            match seen {
                Some(Facts::Weka(facts)) => Some(facts),
                _ => None,
            },
        ),
        Site::RealtimeCompute(site) => {
            realtime_compute::left_over::left_over(run, site, seen.and_then(Facts::realtime_compute))
        }
    }
}
