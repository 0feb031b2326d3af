//! Whether the world is still the one that a plan of WEKA was made for. Anything that cannot be seen now counts as a
//! difference.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use upshift_model::plan::Plan;
use upshift_model::weka::{Facts, Site};

use super::codes;

/// A look that is older is nothing to begin by.
pub const VALID_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Differences, one a line: what the plan says, what is seen now. Empty when the plan may start.
pub fn differences(plan: &Plan, site: &Site, now: &Facts, taken_at: Timestamp) -> Vec<String> {
    let mut found = Vec::new();
    if taken_at.duration_since(plan.inventory.taken_at) > VALID_FOR {
        found.push(format!(
            "the plan was made by a look of {}, which counted for {} h ({})",
            plan.inventory.taken_at,
            VALID_FOR.as_hours(),
            codes::TOO_OLD
        ));
    }
    let Some(status) = now.cluster.status.known() else {
        found.push("the cluster's state cannot be seen now".to_owned());
        return found;
    };
    let mut say = |what: &str, planned: &str, seen: Option<&str>| {
        if seen != Some(planned) {
            let seen = seen.unwrap_or("not to be seen");
            found.push(format!("{what} is {planned} in the plan, and {seen} now"));
        }
    };
    say("the cluster", &site.guid, status.guid.as_deref());
    say("its release", plan.from.as_str(), status.release.as_deref());
    say("the phase of an upgrade", "", status.upgrade_phase.as_deref());
    say("the conversion of metadata", "IDLE", status.conversion.as_deref());
    let seen: BTreeSet<&str> = now
        .cluster
        .backend_containers()
        .filter_map(|container| container.host.as_deref())
        .collect();
    let planned: BTreeSet<&str> = site.backends.keys().map(String::as_str).collect();
    found.extend(
        planned
            .difference(&seen)
            .map(|name| format!("{name} is in the plan and no backend now")),
    );
    found.extend(
        seen.difference(&planned)
            .map(|name| format!("{name} is a backend now and not in the plan")),
    );
    let clients: BTreeSet<u64> = now
        .cluster
        .client_containers()
        .filter_map(|client| client.id)
        .collect();
    let gone = site.clients.iter().filter(|client| !clients.contains(&client.id));
    found.extend(gone.map(|client| {
        format!(
            "client {}, {}, is in the plan and not there now",
            client.id, client.host
        )
    }));
    found
}
