//! Replicas: whether all are in sync now, and which buckets cannot do without the server that is being replaced.

use std::collections::BTreeMap;

use upshift_model::finding::{Finding, Severity};
use upshift_model::fluss::{self, BucketFacts, Light};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use super::processes::missing;
use super::some;
use crate::systems::fluss::codes;
use crate::systems::fluss::situation::Situation;

const MIN_IN_SYNC: &str = "log.replica.min-in-sync-replicas-number";

/// Whether the cluster is healthy.
pub(super) fn health(s: &Situation<'_>) -> Finding {
    let facts = &s.system.cluster;
    let health = fluss::health(facts);
    let counts = health.counts;
    let mut topic = Topic::new(codes::HEALTH, "cluster").saw(format!(
        "{} of {} buckets led, {} of {} replicas in sync",
        counts.led, counts.buckets, counts.in_sync, counts.replicas
    ));
    topic = topic.saw_all(some(
        health.reasons.iter().map(|reason| reason.words(facts)).collect(),
    ));
    let leaders = fluss::stuck_leaders(facts);
    topic = topic.saw_all(leaders.iter().map(|leader| leader.words(facts)));
    let row = s.row("replicas-not-in-sync");
    let topic = topic.source(row.source).fix(row.advice);
    match health.light {
        Light::Green if counts.buckets == 0 => topic
            .fix("make a table and write into it, so that the upgrade can be seen to work")
            .yellow("there are no tables: green says nothing"),
        Light::Green => topic.green("every replica is in sync, every bucket is led"),
        Light::Yellow => topic.red("replicas are not in sync"),
        Light::Red => topic.red("the cluster is not led as a whole"),
        Light::Unknown => {
            let unseen = health.reasons.iter().find_map(|reason| match reason {
                fluss::Reason::Unseen(gap) => Some(gap.clone()),
                _ => None,
            });
            let gap = unseen.unwrap_or_else(|| Gap {
                what: "the cluster's health".to_owned(),
                reason: "not all of it was seen".to_owned(),
            });
            topic.unknown(&gap, Severity::Red, "the cluster's health is not known")
        }
    }
}

/// Buckets with one replica: away while their server is replaced.
pub(super) fn single(s: &Situation<'_>) -> Finding {
    let facts = &s.system.cluster;
    let topic = Topic::new(codes::SINGLE_REPLICA, "buckets");
    let mut by_server: BTreeMap<i32, Vec<String>> = BTreeMap::new();
    for bucket in facts.buckets.iter().filter(|bucket| bucket.assigned.len() == 1) {
        by_server
            .entry(bucket.assigned[0])
            .or_default()
            .push(facts.bucket_name(bucket.id));
    }
    if by_server.is_empty() {
        return match facts.gaps.first() {
            Some(gap) => topic.unknown(gap, Severity::Red, "not every bucket was seen"),
            None => topic.green("every bucket has two replicas or more"),
        };
    }
    let row = s.row("single-replica");
    let said = by_server.into_iter().map(|(server, buckets)| {
        let count = buckets.len();
        format!(
            "tablet server {server} alone holds {count}: {}",
            some(buckets).join(", ")
        )
    });
    topic
        .saw_all(said)
        .saw("each is away from its server's stop until it is back: 8 s were measured with little data (6 s to stop, 2 s to start)")
        .source(row.source)
        .fix(row.advice)
        .red("buckets with one replica are away while their server is replaced")
}

/// Buckets that have no more replicas than must be in sync: not written to while one is away.
pub(super) fn min_in_sync(s: &Situation<'_>) -> Finding {
    let facts = &s.system.cluster;
    let topic = Topic::new(codes::MIN_IN_SYNC, "buckets")
        .source("Fluss options, log.replica.min-in-sync-replicas-number; its default is 1");
    let least = match least_in_sync(s) {
        Ok(least) => least,
        Err(gap) => {
            return topic
                .fix(format!(
                    "look at {MIN_IN_SYNC} in every server.yaml: it must be below the replicas of every table"
                ))
                .unknown(
                    &gap,
                    Severity::Red,
                    "how many replicas must be in sync is not known",
                );
        }
    };
    let tight = |bucket: &&BucketFacts| bucket.assigned.len() > 1 && bucket.assigned.len() <= least;
    let tight: Vec<String> = facts
        .buckets
        .iter()
        .filter(tight)
        .map(|bucket| facts.bucket_name(bucket.id))
        .collect();
    let topic = topic.saw(format!("{MIN_IN_SYNC} is {least} at most"));
    match tight.is_empty() {
        true => topic.green("every bucket can be written to while one server is away"),
        false => topic
            .saw(format!("{}: {}", count(tight.len()), some(tight).join(", ")))
            .fix(format!(
                "lower {MIN_IN_SYNC}, or raise the replicas of these tables"
            ))
            .red("buckets cannot be written to while one of their servers is away"),
    }
}

/// The highest number that any tablet server's file or command line asks for, with the release that runs or the wanted one.
pub(in crate::systems::fluss) fn least_in_sync(s: &Situation<'_>) -> Result<usize, Gap> {
    let processes = s.system.processes.as_result().map_err(Gap::clone)?;
    let gap = |reason: &str| Gap {
        what: MIN_IN_SYNC.to_owned(),
        reason: reason.to_owned(),
    };
    let servers: Vec<_> = processes
        .iter()
        .filter(|one| one.role == fluss::Role::TabletServer)
        .collect();
    let registered = s.system.cluster.tablet_servers.known().map_or(0, BTreeMap::len);
    if servers.len() < registered {
        return Err(missing(s).unwrap_or_else(|| gap("not every tablet server's process was seen")));
    }
    let mut least = 1;
    let named = format!("-D{MIN_IN_SYNC}=");
    let words = s
        .declaration
        .servers
        .iter()
        .flat_map(|server| &server.target_start);
    let mut values: Vec<&str> = words
        .filter_map(|word| word.strip_prefix(named.as_str()))
        .collect();
    for server in servers {
        server.options.as_result().map_err(Gap::clone)?;
        values.extend(server.option(MIN_IN_SYNC));
    }
    for value in values {
        let value: usize = value
            .parse()
            .map_err(|_| gap(&format!("{value:?} is no number")))?;
        least = least.max(value);
    }
    Ok(least)
}

fn count(buckets: usize) -> String {
    if buckets == 1 {
        "1 bucket".to_owned()
    } else {
        format!("{buckets} buckets")
    }
}
