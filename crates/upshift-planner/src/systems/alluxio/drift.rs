//! Whether the world is still the one that a plan of Alluxio was made for. Anything that cannot be seen now counts as a
//! difference.

use upshift_model::alluxio::{Facts, Role, Site};
use upshift_model::plan::Plan;

/// Differences, one a line: what the plan says, what is seen now. Empty when the plan may start.
pub fn differences(plan: &Plan, site: &Site, now: &Facts) -> Vec<String> {
    let mut found = Vec::new();
    match now.leader() {
        None => found.push("no master answers now".to_owned()),
        Some(master) => {
            if master.version != plan.from.as_str() {
                found.push(format!(
                    "the plan leads from {}, the master answers as {} now",
                    plan.from, master.version
                ));
            }
            let journal = master
                .options
                .get("alluxio.master.journal.folder")
                .map(String::as_str);
            let journal =
                journal.map(|text| text.strip_prefix("file://").unwrap_or(text).trim_end_matches('/'));
            if journal.map(std::path::Path::new) != Some(site.journal.as_path()) {
                found.push(format!(
                    "the journal was in {}, it is in {} now",
                    site.journal.display(),
                    journal.unwrap_or("a place that is not told")
                ));
            }
            for (path, ufs) in &site.mounts {
                let is = master.mounts.get(path).map(|store| store.ufs.as_str());
                if is != Some(ufs.as_str()) {
                    found.push(format!(
                        "{path} was mounted from {ufs}, it is from {} now",
                        is.unwrap_or("nothing")
                    ));
                }
            }
        }
    }
    let runs = |role: &Role| {
        let mut all = now
            .hosts
            .iter()
            .filter_map(|host| host.processes.known())
            .flatten();
        all.any(|process| process.role == *role)
    };
    let gone = site.roles.iter().filter(|role| !runs(role));
    found.extend(gone.map(|role| format!("a {} ran when the plan was made, and does not now", role.words())));
    found
}
