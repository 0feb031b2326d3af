//! All checks, in the order in which a person asks.

use upshift_model::finding::Finding;

use super::{
    backends, clients, containers, hop, machines, parts, prerequisites, protocols, rooms, settings, state,
    work,
};
use crate::systems::waivers;
use crate::systems::weka::codes;
use crate::systems::weka::situation::Situation;

/// Every finding, green ones included, waivers applied.
pub fn findings(s: &Situation<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(state::all(s));
    found.extend(work::all(s));
    found.extend(parts::all(s));
    found.extend(containers::all(s));
    found.extend(settings::all(s));
    found.extend(protocols::all(s));
    found.extend(prerequisites::all(s));
    found.extend(backends::all(s));
    found.extend(rooms::all(s));
    found.extend(machines::all(s));
    found.extend(clients::all(s));
    let of_the_hop = hop::all(s, &found);
    found.splice(0..0, of_the_hop);
    waivers::apply(found, &s.declaration.waivers, s.today, &codes::IDLE_WAIVER)
}
