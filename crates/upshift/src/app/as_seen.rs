//! The configuration that a plan carries over, entry by entry as a look saw it, and what the wanted release has to offer
//! beside it.

use std::path::Path;

use upshift_model::flink::ConfEntry;
use upshift_model::ids::ComponentId;
use upshift_model::inventory::Inventory;
use upshift_model::plan::{Plan, Site};
use upshift_planner::knowledge::{Known, Library, Release};
use upshift_planner::systems::fluss;

/// In the order of the file; none where it could not be seen.
pub(super) fn entries(
    plan: &Plan,
    seen: &Inventory,
    component: &ComponentId,
    from: &Path,
) -> Option<Vec<ConfEntry>> {
    match &plan.site {
        Site::Fluss(site) => {
            let host = site.servers.get(component)?.host.as_deref();
            let processes = seen.facts.fluss()?.processes.known()?.iter();
            let mut its = processes
                .filter(|process| process.conf == from && host.is_none_or(|host| process.host == host));
            let options = its.next()?.options.known()?.iter();
            let mut entries: Vec<ConfEntry> = options
                .map(|(key, option)| ConfEntry {
                    key: key.clone(),
                    value: option.value.clone(),
                    line: option.line,
                })
                .collect();
            entries.sort_by_key(|entry| entry.line);
            Some(entries)
        }
        _ => {
            let host = &seen.facts.flink()?.host;
            let conf = host.current_conf.as_ref()?.known()?;
            Some(conf.entries.clone())
        }
    }
}

/// Told of Fluss, whose servers say nothing of an option that nobody set.
pub(super) fn offered(plan: &Plan) -> Vec<String> {
    let Site::Fluss(_) = &plan.site else {
        return Vec::new();
    };
    let release =
        |version: &upshift_model::version::Version| Release::parse(Known::Fluss, version.as_str()).ok();
    match release(&plan.from).zip(release(&plan.to)) {
        Some((from, to)) => fluss::checks::new_options(&Library::builtin(), &from, &to),
        None => Vec::new(),
    }
}
