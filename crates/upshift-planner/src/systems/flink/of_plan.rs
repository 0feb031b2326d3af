//! What a plan and a look hold of Flink. Whoever hands them to this system's modules has chosen by their kind.

use upshift_model::flink::{Facts, Site};
use upshift_model::inventory::Inventory;
use upshift_model::plan::Plan;

const CHOSEN: &str = "`dispatch` hands plans and looks to the modules of their own system";

/// The site of a plan of Flink.
pub(crate) fn site(plan: &Plan) -> &Site {
    plan.site.flink().expect(CHOSEN)
}

/// What a look at Flink saw.
pub(crate) fn facts(seen: &Inventory) -> &Facts {
    seen.facts.flink().expect(CHOSEN)
}
