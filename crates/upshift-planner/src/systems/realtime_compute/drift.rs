//! Whether the namespace is still the one that a plan was made for. Anything that cannot be seen now counts as a
//! difference.

use upshift_model::realtime_compute::{Facts, Site};

/// Differences, one a line: what the plan says, what is seen now. Empty when the plan may start.
pub fn differences(site: &Site, now: &Facts) -> Vec<String> {
    let mut found = Vec::new();
    for (name, planned) in &site.deployments {
        let Some(seen) = now.deployments.iter().find(|one| one.id == planned.id) else {
            found.push(format!("{name} is in the plan and not there now"));
            continue;
        };
        if seen.name != name.as_str() {
            found.push(format!("{name} is called {} now", seen.name));
        }
        if !seen.engine.eq_ignore_ascii_case(planned.old.as_str()) {
            found.push(format!(
                "{name} runs on {} in the plan, and names {} now",
                planned.old, seen.engine
            ));
        }
        match seen.job.as_result() {
            Ok(Some(job)) if job.id == planned.job && job.state == "RUNNING" => {}
            Ok(Some(job)) => found.push(format!(
                "the job of {name} is {} in the plan, and {}, {}, now",
                planned.job, job.id, job.state
            )),
            Ok(None) => found.push(format!("{name} has a job in the plan, and none now")),
            Err(gap) => found.push(format!("the job of {name} cannot be seen now: {gap}")),
        }
        if let Some(drafted) = &planned.draft {
            match seen.draft.as_result() {
                Ok(Some(draft)) if draft.id == drafted.id && draft.as_deployed => {}
                Ok(_) => found.push(format!("the draft of {name} is another one now, or was edited")),
                Err(gap) => found.push(format!("the draft of {name} cannot be seen now: {gap}")),
            }
        }
        if planned.clone.is_some() {
            match seen.name_taken.as_result() {
                Ok(false) => {}
                Ok(true) => found.push(format!("the name of the copy of {name} is taken now")),
                Err(gap) => found.push(format!(
                    "whether the name of the copy of {name} is free cannot be seen now: {gap}"
                )),
            }
        }
    }
    found
}

/// Where the namespace is.
pub fn address(site: &Site) -> String {
    let service = &site.service;
    format!(
        "{}/{}/{}",
        service.endpoint.url, service.workspace, service.namespace
    )
}
