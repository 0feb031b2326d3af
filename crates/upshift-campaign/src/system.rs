//! What a campaign needs of a simulated system, whichever it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use upshift_engine::counsel::Counsel;
use upshift_engine::driver::Driver;
use upshift_model::plan::{Plan, Sealed};
use upshift_model::record::Outcome;
use upshift_model::run_state::RunState;

use upshift_sim::direct::{Fault, Happened, Line};

/// A simulated system before its upgrade, and then with it.
pub(crate) trait System: Send + Sync {
    /// In two or three words.
    fn words(&self) -> String;

    /// How many jobs or instances are upgraded.
    fn subjects(&self) -> usize;

    /// The plan that the system would be upgraded by, made by whoever plans for such systems.
    ///
    /// # Errors
    /// When none can be made, or a check or the linter speaks against it.
    fn plan(&self) -> Result<Plan, String>;

    /// The key under which its open runs exclude one another.
    fn key(&self, plan: &Plan) -> String;

    /// The driver for a run of the plan.
    fn driver(&self, plan: &Plan, line: &Arc<Line>) -> Arc<dyn Driver>;

    /// Whoever plans the way back.
    fn counsel(&self, plan: &Plan) -> Arc<dyn Counsel>;

    /// Faults that mean something here, as far as they strike the world.
    fn strikes(&self) -> &'static [Fault];

    /// What must hold at every moment of a run: what speaks against it now.
    fn rules(&self, state: &RunState) -> Vec<String>;

    /// What speaks against the end of a run.
    fn judge(&self, end: &End<'_>) -> Vec<String>;

    /// What was done to it so far, each with how often.
    fn effects(&self) -> BTreeMap<String, u64>;

    /// The whole system in words, such that two systems that are told alike are alike.
    fn picture(&self) -> String;
}

/// How a run ended.
pub(crate) struct End<'a> {
    /// Its outcome; none when it did not come to an end.
    pub outcome: Option<Outcome>,
    /// What its journal says.
    pub state: &'a RunState,
    /// Faults that happened.
    pub happened: &'a [Happened],
}

impl End<'_> {
    /// Whether a fault of the kind happened.
    pub(crate) fn had(&self, fault: Fault) -> bool {
        self.happened.iter().any(|h| h.what.fault == fault)
    }

    /// Whether a request hung, and took effect later, at the step at which the fault happened: what came in
    /// between could not be known when it was sent.
    pub(crate) fn hung_where(&self, fault: Fault) -> bool {
        let at = |fault| move |h: &&Happened| h.what.fault == fault;
        let mut here = self.happened.iter().filter(at(fault));
        here.any(|h| {
            let mut hung = self.happened.iter().filter(at(Fault::HungThenDone));
            hung.any(|other| other.what.place.step == h.what.place.step)
        })
    }
}

/// Steps can be sealed again after they were changed.
pub(crate) fn sealed(plan: Plan) -> Sealed {
    plan.seal()
}
