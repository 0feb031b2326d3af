//! Whether the world is still the one that a plan of Flink was made for. Compares what the plan names with a
//! fresh look; anything that cannot be seen now, and could then, counts as a difference.

use upshift_model::flink::{Facts, OLD, Site};
use upshift_model::ids::ComponentId;
use upshift_model::plan::Plan;
use upshift_model::step::{Change, Effect};

/// Differences, one a line: what the plan says, what is seen now. Empty when the plan may start.
pub fn differences(plan: &Plan, site: &Site, facts: &Facts) -> Vec<String> {
    let mut found = Vec::new();
    if facts.source.version != plan.from {
        found.push(format!(
            "the plan starts from {}, {} answers now",
            plan.from, facts.source.version
        ));
    }
    jobs(site, facts, &mut found);
    jars(site, facts, &mut found);
    configuration(plan, facts, &mut found);
    found
}

fn jobs(site: &Site, facts: &Facts, found: &mut Vec<String>) {
    let seen = match facts.source.jobs.as_result() {
        Ok(jobs) => jobs,
        Err(gap) => return found.push(format!("the jobs cannot be seen now: {gap}")),
    };
    for job in site.jobs.values() {
        let Some(id) = &job.running_as else { continue };
        match seen.iter().find(|j| j.id == *id) {
            None => found.push(format!("job {} ran as {id}; no such job is there now", job.name)),
            Some(now) if now.name != job.name => {
                found.push(format!("job {id} was called {}, now {}", job.name, now.name));
            }
            Some(now) if now.state != "RUNNING" => {
                found.push(format!("job {} was RUNNING, now {}", job.name, now.state));
            }
            Some(_) => {}
        }
    }
}

fn jars(site: &Site, facts: &Facts, found: &mut Vec<String>) {
    let submissions = site.jobs.values().flat_map(|job| job.submissions.values());
    for submission in submissions {
        let jar = submission.jar.display();
        match facts.host.jars.get(&submission.jar).map(|seen| seen.as_result()) {
            Some(Ok(seen)) if seen.sha256 == submission.jar_sha256 => {}
            Some(Ok(seen)) => found.push(format!(
                "{jar} had digest {}, now {}",
                submission.jar_sha256, seen.sha256
            )),
            Some(Err(gap)) => found.push(format!("{jar} cannot be read now: {gap}")),
            None => found.push(format!("{jar} was not looked at")),
        }
    }
    found.sort();
    found.dedup();
}

fn configuration(plan: &Plan, facts: &Facts, found: &mut Vec<String>) {
    for step in plan.steps() {
        let Effect::Configure {
            change:
                Change::CarryOver {
                    from,
                    from_file,
                    from_digest,
                    ..
                },
            ..
        } = &step.effect
        else {
            continue;
        };
        let path = from.join(from_file);
        match facts.host.current_conf.as_ref().map(|seen| seen.as_result()) {
            Some(Ok(seen)) if seen.digest == *from_digest => {}
            Some(Ok(_)) => found.push(format!("{} was changed since the plan was made", path.display())),
            Some(Err(gap)) => found.push(format!("{} cannot be read now: {gap}", path.display())),
            None => found.push(format!("{} was not looked at", path.display())),
        }
    }
}

/// Where the system answers, where the plan says so.
pub fn address(site: &Site) -> Option<String> {
    // Two spellings of this machine are one machine. Names that only a resolver knows to be one stay two.
    let one_name = |authority: &str| match authority.strip_prefix("localhost") {
        Some(port) => format!("127.0.0.1{port}"),
        None => authority.to_owned(),
    };
    let cluster = site.clusters.get(&ComponentId::new(OLD))?;
    Some(one_name(cluster.rest.authority()))
}
