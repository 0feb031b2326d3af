//! All checks, in the order in which a person asks.

use upshift_model::finding::Finding;

use super::{
    carried, clients, configuration, data, hop, machine, plugins, processes, remote, replicas, surroundings,
    told, zookeeper,
};
use crate::systems::fluss::codes;
use crate::systems::fluss::situation::Situation;
use crate::systems::waivers;

/// Every finding, green ones included, waivers applied.
pub fn findings(situation: &Situation<'_>) -> Vec<Finding> {
    let mut found = vec![
        hop::allowed(situation),
        hop::order(situation),
        hop::releases(situation),
        processes::found(situation),
        hop::way_back(situation),
        replicas::health(situation),
        told::both_sides(situation),
        zookeeper::keepers(situation),
        replicas::single(situation),
        replicas::min_in_sync(situation),
        surroundings::rebalance(situation),
        surroundings::tags(situation),
        clients::clients(situation),
        surroundings::new_tables(situation),
        surroundings::lake(situation),
        data::folders(situation),
        data::snapshots(situation),
        machine::stop_script(situation),
        machine::java(situation),
    ];
    found.extend(surroundings::compaction(situation));
    found.extend(surroundings::wide_tables(situation));
    found.extend(machine::pid_files(situation));
    found.extend(machine::home(situation));
    found.extend(plugins::plugins(situation));
    found.extend(configuration::keys(situation));
    found.extend(configuration::class_names(situation));
    found.extend(configuration::credentials(situation));
    found.extend(machine::logging(situation));
    found.extend(remote::places(situation));
    found.extend(carried::diff(situation));
    found.extend(surroundings::login(situation));
    waivers::apply(
        found,
        &situation.declaration.waivers,
        situation.today,
        &codes::IDLE_WAIVER,
    )
}
