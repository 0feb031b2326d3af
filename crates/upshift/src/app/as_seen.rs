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
            Some(in_order(options.map(|(key, of)| (key, &of.value, of.line))))
        }
        Site::Alluxio(site) => {
            let host = &site.servers.iter().find(|server| server.id == *component)?.host;
            let place = site.places.iter().find(|place| place.host == *host)?;
            let its = seen
                .facts
                .alluxio()?
                .hosts
                .iter()
                .find(|seen| seen.name == *host)?;
            // A wanted release that has a file already keeps it.
            let options = match from.starts_with(&place.new.home) {
                true => &its.target_site,
                false => &its.site,
            };
            let options = options.known()?.iter();
            Some(in_order(options.map(|(key, of)| (key, &of.value, of.line))))
        }
        _ => {
            let host = &seen.facts.flink()?.host;
            let conf = host.current_conf.as_ref()?.known()?;
            Some(conf.entries.clone())
        }
    }
}

fn in_order<'a>(options: impl Iterator<Item = (&'a String, &'a String, u32)>) -> Vec<ConfEntry> {
    let entry = |(key, value, line): (&String, &String, u32)| ConfEntry {
        key: key.clone(),
        value: value.clone(),
        line,
    };
    let mut entries: Vec<ConfEntry> = options.map(entry).collect();
    entries.sort_by_key(|entry| entry.line);
    entries
}

/// What stands between a key and its value.
pub(super) fn separator(plan: &Plan) -> &'static str {
    match plan.site {
        Site::Alluxio(_) => "=",
        _ => ": ",
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
