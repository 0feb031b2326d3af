//! Whether the world is still the one that a plan of Fluss was made for. Anything that cannot be seen now counts as a
//! difference.

use upshift_model::fluss::{Line, ServerId, Site, System};
use upshift_model::plan::Plan;

/// Differences, one a line: what the plan says, what is seen now. Empty when the plan may start.
pub fn differences(plan: &Plan, site: &Site, now: &System) -> Vec<String> {
    let line = |version: &upshift_model::version::Version| -> Line { (version.major(), version.minor()) };
    // A plan may have been made half-way: then both releases are there.
    let known = [line(&plan.from), line(&plan.to)];
    let mut found: Vec<String> = now
        .answers
        .iter()
        .filter_map(|answer| match answer.line.as_result() {
            Ok(line) if known.contains(line) => None,
            Ok((major, minor)) => Some(format!(
                "the plan leads from {} to {}, {} answers as {major}.{minor} now",
                plan.from, plan.to, answer.server
            )),
            Err(gap) => Some(format!(
                "the release of {} cannot be seen now: {gap}",
                answer.server
            )),
        })
        .collect();
    let answers = |id: ServerId| now.answers.iter().any(|answer| answer.server == id);
    let planned: Vec<ServerId> = site.servers.values().map(|server| server.id).collect();
    found.extend(
        planned
            .iter()
            .filter(|id| !answers(**id))
            .map(|id| format!("{id} is in the plan and not registered now")),
    );
    let unknown = now
        .answers
        .iter()
        .filter(|answer| !planned.contains(&answer.server));
    found.extend(unknown.map(|answer| format!("{} is registered now and not in the plan", answer.server)));
    found
}

/// Where the cluster is registered. The order of ZooKeeper's servers does not matter.
pub fn address(site: &Site) -> String {
    let mut servers: Vec<&str> = site.zookeeper.split(',').map(str::trim).collect();
    servers.sort_unstable();
    format!("{}{}", servers.join(","), site.root.trim_end_matches('/'))
}
