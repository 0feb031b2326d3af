//! What can be tried by hand where the epoch of a coordinator of 1.0 has closed the way back: an offline repair, printed
//! when somebody asks for it. upshift carries nothing of it out. It was proven on
//! servers of 0.9.1 with epochs set by hand as 1.0 writes them (`crates/upshift-drivers/tests/real_fluss_epochs.rs`).

use upshift_model::fluss::{BucketFacts, BucketId, Facts, Launch, ServerId, Site, System};
use upshift_model::observed::Gap;
use upshift_model::plan::Plan;

/// Why there is nothing to print.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoRepair {
    /// The older release counts epochs, too.
    #[error("{from} counts epochs itself: they do not close the way back to it")]
    CountsItself {
        /// The older release.
        from: String,
    },
    /// No epoch is above zero.
    #[error("no epoch is above zero: they do not close the way back")]
    AllZero,
    /// It could not be seen.
    #[error("which epochs there are is not known: {0}")]
    Unseen(Gap),
}

/// The lines of it: sentences begin with a number, commands are indented.
///
/// # Errors
/// When epochs are not what closes the way, or were not seen: every node that is to be changed must be named.
pub fn runbook(plan: &Plan, site: &Site, present: &System) -> Result<Vec<String>, NoRepair> {
    if (plan.from.major(), plan.from.minor()) >= (1, 0) {
        let from = plan.from.to_string();
        return Err(NoRepair::CountsItself { from });
    }
    let facts = &present.cluster;
    let all_seen = facts.leadership().map_err(NoRepair::Unseen);
    let epoch = facts.highest_coordinator_epoch().map_err(NoRepair::Unseen)?;
    all_seen?;
    if epoch == 0 {
        return Err(NoRepair::AllZero);
    }
    let nodes = nodes(site, facts);
    let root = site.root.trim_end_matches('/');
    let inspect = format!(
        "upshift inspect fluss --zookeeper {} --root {root}",
        site.zookeeper
    );
    let mut said = vec![
        format!("Offline repair: {} after {} with coordinator epoch {epoch}", plan.from, plan.to),
        "Proven on servers of 0.9.1 with epochs set by hand as 1.0 writes them, NOT on data of 1.0. upshift does none of it."
            .to_owned(),
        "Everything is down from 2 to 7. What the wanted release wrote in forms that the older one does not read stays unread."
            .to_owned(),
        "1  stop those who write, and the tiering job".to_owned(),
        "2  stop every tablet server by its pid, and wait for its end: never kill -9; then .fluss_cleanshutdown lies in its data"
            .to_owned(),
    ];
    let places = |launch: fn(&upshift_model::fluss::Server) -> &Launch, role: fn(ServerId) -> bool| {
        let its = site.servers.values().filter(move |server| role(server.id));
        its.map(move |server| (server.host.clone(), server.id, launch(server)))
    };
    let tablet = |id: ServerId| id != ServerId::Coordinator;
    let coordinator = |id: ServerId| id == ServerId::Coordinator;
    let find = |(host, id, launch): (Option<String>, ServerId, &Launch)| {
        let conf = launch.conf.display();
        format!(
            "     {}pgrep -f -- '--configDir {conf}'   # {id}",
            on(host.as_deref())
        )
    };
    let start = |(host, _, launch): (Option<String>, ServerId, &Launch)| {
        format!("     {}{}", on(host.as_deref()), launch.start.join(" "))
    };
    said.extend(places(|server| &server.new, tablet).map(find));
    said.push("3  stop the coordinator in the same way; no coordinator is registered then".to_owned());
    said.extend(places(|server| &server.new, coordinator).map(find));
    said.push("4  keep what there is: the metadata, and a copy of every data.dir beside it".to_owned());
    said.push(format!("     {inspect} --write-dump before-repair.json"));
    said.push("5  in ZooKeeper's own shell, zkCli.sh: set each of these nodes to its own text with \"coordinator_epoch\":0, all else as it stands".to_owned());
    said.push(format!("     set {root}/coordinators/epoch 0"));
    said.extend(nodes);
    said.push(format!("6  start the coordinator of {}", plan.from));
    said.extend(places(|server| &server.old, coordinator).map(start));
    said.push(format!(
        "7  start the tablet servers of {}, all of them: one that ran through it remembers the epoch",
        plan.from
    ));
    said.extend(places(|server| &server.old, tablet).map(start));
    said.push("8  a cluster that does not elect looks green: write into and read from every table over a new connection".to_owned());
    said.push(format!("     {inspect}"));
    Ok(said)
}

fn on(host: Option<&str>) -> String {
    host.map_or_else(String::new, |host| format!("# on {host}: "))
}

/// Buckets that bear an epoch above zero.
fn nodes(site: &Site, facts: &Facts) -> Vec<String> {
    let bears = |bucket: &&BucketFacts| {
        let of = bucket.leadership.known().and_then(Option::as_ref);
        of.is_some_and(|of| of.coordinator_epoch > 0)
    };
    let root = site.root.trim_end_matches('/');
    let path = |BucketId {
                    table,
                    partition,
                    bucket,
                }: BucketId| match partition {
        Some(partition) => format!("{root}/tabletservers/partitions/{partition}/buckets/{bucket}/leader_isr"),
        None => format!("{root}/tabletservers/tables/{table}/buckets/{bucket}/leader_isr"),
    };
    let bearing = facts.buckets.iter().filter(bears);
    bearing
        .map(|bucket| {
            format!(
                "     get {}   # {}",
                path(bucket.id),
                facts.bucket_name(bucket.id)
            )
        })
        .collect()
}
