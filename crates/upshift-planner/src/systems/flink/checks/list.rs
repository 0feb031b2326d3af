//! The list of checks, in the order in which their findings are shown.

use upshift_model::finding::Finding;

use super::view::{Live, View};
use super::{
    automation, changes, checkpoints, configuration, deployment, host, jars, jobs, parallelism, probes,
    references, release, restore_points, shadow, snapshots, state, uids, waivers, way_back,
};
use crate::systems::flink::situation::Situation;

type Check = fn(&View<'_>) -> Vec<Finding>;

/// What decides whether the upgrade is possible at all comes first, what concerns the way back last.
const CHECKS: &[Check] = &[
    release::check,
    deployment::check,
    automation::check,
    jobs::check,
    checkpoints::check,
    state::check,
    snapshots::check,
    restore_points::check,
    parallelism::check,
    uids::check,
    jars::check,
    references::check,
    host::check,
    configuration::check,
    shadow::check,
    probes::check,
    changes::check,
    way_back::check,
];

/// Every finding of every check, green ones included, with the waivers of the file applied.
pub fn findings(situation: &Situation<'_>) -> Vec<Finding> {
    let live = Live::of(situation);
    let view = View::new(situation, &live);
    let found = CHECKS.iter().flat_map(|check| check(&view)).collect();
    waivers::apply(found, &situation.declaration.waivers, situation.today)
}
