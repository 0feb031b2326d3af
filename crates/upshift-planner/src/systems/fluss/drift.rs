//! Whether the world is still the one that a plan of Fluss was made for. Anything that cannot be seen now counts as a
//! difference.

use upshift_model::fluss::{Line, Site, System};
use upshift_model::plan::Plan;

/// Differences, one a line: what the plan says, what is seen now. Empty when the plan may start.
pub fn differences(plan: &Plan, now: &System) -> Vec<String> {
    let from: Line = (plan.from.major(), plan.from.minor());
    let mut found: Vec<String> = now
        .answers
        .iter()
        .filter_map(|answer| match answer.line.as_result() {
            Ok(line) if *line == from => None,
            Ok((major, minor)) => Some(format!(
                "the plan starts from {}, {} answers as {major}.{minor} now",
                plan.from, answer.server
            )),
            Err(gap) => Some(format!(
                "the release of {} cannot be seen now: {gap}",
                answer.server
            )),
        })
        .collect();
    if now.answers.is_empty() {
        found.push("no server is registered now".to_owned());
    }
    found
}

/// Where the cluster is registered. The order of ZooKeeper's servers does not matter.
pub fn address(site: &Site) -> String {
    let mut servers: Vec<&str> = site.zookeeper.split(',').map(str::trim).collect();
    servers.sort_unstable();
    format!("{}{}", servers.join(","), site.root.trim_end_matches('/'))
}
