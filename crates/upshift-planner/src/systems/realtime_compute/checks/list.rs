//! All checks, in the order in which a person asks.

use upshift_model::finding::Finding;

use super::{engine, job, libraries, place, state, way};
use crate::systems::realtime_compute::codes;
use crate::systems::realtime_compute::situation::Situation;
use crate::systems::{probes, waivers};

/// Every finding, green ones included, waivers applied.
pub fn findings(situation: &Situation<'_>) -> Vec<Finding> {
    let mut found = vec![place::selected(situation), engine::offered(situation)];
    for deployment in &situation.facts.deployments {
        found.extend([
            engine::change(situation, deployment),
            engine::form(situation, deployment),
            state::newest(situation, deployment),
            job::runs(situation, deployment),
            job::checkpoints(deployment),
            libraries::aligned(situation, deployment),
            place::room(situation, deployment),
            place::alerts(deployment),
        ]);
        found.extend(place::name(situation, deployment));
        found.extend(way::twice(situation, deployment));
        found.extend(way::given_up(situation, deployment));
        found.extend(way::stateless(situation, deployment));
        found.extend(way::draft(situation, deployment));
        found.extend(engine::one_way(situation, deployment));
        found.extend(engine::sql(situation, deployment));
        found.extend(state::contents(situation, deployment));
        found.extend(state::generations(deployment));
        found.extend(place::expert(situation, deployment));
        found.extend(place::changed(deployment));
    }
    let of = probes::Codes {
        none: codes::NO_PROBES,
        blind: codes::PROBE_BLIND,
        fails: codes::PROBE_FAILS,
    };
    let (declared, answers) = (&situation.declaration.probes, &situation.facts.probes);
    found.extend(probes::check(declared, answers, &of));
    waivers::apply(
        found,
        &situation.declaration.waivers,
        situation.today,
        &codes::IDLE_WAIVER,
    )
}
