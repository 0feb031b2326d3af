//! Probes before the upgrade, under Flink's codes.

use upshift_model::finding::Finding;

use super::view::View;
use crate::systems::flink::codes;
use crate::systems::probes::{self, Codes};

/// All findings about probes.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    let codes = Codes {
        none: codes::NO_PROBES,
        blind: codes::PROBE_BLIND,
        fails: codes::PROBE_FAILS,
    };
    probes::check(&view.declared.probes, &view.facts.host.probes, &codes)
}
