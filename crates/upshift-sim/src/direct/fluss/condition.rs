//! What must be true of the cluster, held against its metadata.

use std::collections::BTreeSet;

use upshift_engine::driver::Fault;
use upshift_model::expect::Expectation;
use upshift_model::fluss::{BucketFacts, Condition, Facts, Light, Server, ServerId, Site, health};
use upshift_model::record::Failure;

use super::codes::{self, failure, refused};

pub(super) enum Seen {
    Met(String),
    NotYet(String),
    Bad(Failure),
}

pub(super) fn evaluate(site: &Site, facts: &Facts, expectation: &Expectation) -> Result<Seen, Fault> {
    let Expectation::Fluss(condition) = expectation else {
        return Err(refused(format!("{expectation:?} is not asked of Fluss")));
    };
    let but = match condition {
        Condition::Settled => return Ok(Seen::Met("no rebalance, no server tagged".to_owned())),
        Condition::CleanEnd { server } => {
            return Err(refused(format!(
                "the end of tablet server {server} is asked of at a gate only"
            )));
        }
        Condition::CarriedOver { server } => {
            return Err(refused(format!(
                "no server.yaml of {server} is carried over here"
            )));
        }
        Condition::Staged { host } => return Err(refused(format!("nothing is brought to {host} here"))),
        Condition::LakeAdvanced => return Err(refused("no table has a lake here")),
        Condition::Registered { servers } => {
            let there = registered(facts);
            let is_away = |server: &&Server| match server.id {
                ServerId::TabletServer(id) => !there.contains(&id),
                ServerId::Coordinator => !matches!(facts.active.known(), Some(Some(_))),
            };
            let its = site.servers.iter().filter(|(id, _)| servers.contains(*id));
            return Ok(match its.map(|(_, server)| server).find(is_away) {
                Some(server) => Seen::Bad(failure(
                    codes::SERVER_AWAY,
                    format!("{} not registered", server.id),
                )),
                None => Seen::Met("those are registered that are still to be stopped".to_owned()),
            });
        }
        Condition::EpochZero => return epoch_zero(facts),
        Condition::NothingNewer { .. } => {
            return Ok(Seen::Met("tables here have nothing that is new".to_owned()));
        }
        Condition::Whole => None,
        Condition::OkToStop { server, .. } | Condition::Covered { server, .. } => Some(*server),
    };
    if let Some(bad) = away(site, facts, but) {
        return Ok(Seen::Bad(bad));
    }
    Ok(match condition {
        Condition::OkToStop {
            server,
            min_in_sync,
            but,
        } => ok_to_stop(
            facts,
            *server,
            usize::try_from(*min_in_sync).unwrap_or(usize::MAX),
            but,
        ),
        Condition::Covered { server, own } => covered(facts, *server, own),
        Condition::Whole
        | Condition::Settled
        | Condition::Registered { .. }
        | Condition::Staged { .. }
        | Condition::CarriedOver { .. }
        | Condition::LakeAdvanced
        | Condition::EpochZero
        | Condition::NothingNewer { .. }
        | Condition::CleanEnd { .. } => whole(facts),
    })
}

fn epoch_zero(facts: &Facts) -> Result<Seen, Fault> {
    let highest = facts.highest_coordinator_epoch();
    match highest.map_err(|gap| Fault::Transient(gap.to_string()))? {
        0 => Ok(Seen::Met("no epoch above zero".to_owned())),
        epoch => Ok(Seen::Bad(failure(
            codes::EPOCH,
            format!("/coordinators/epoch or a bucket bears epoch {epoch}"),
        ))),
    }
}

fn registered(facts: &Facts) -> BTreeSet<i32> {
    let all = facts.tablet_servers.known().into_iter();
    all.flat_map(|all| all.keys().copied()).collect()
}

/// A server of the plan that is not registered; `but` may be.
pub(super) fn away(site: &Site, facts: &Facts, but: Option<i32>) -> Option<Failure> {
    let there = registered(facts);
    let missing = site.servers.values().find(|server| match server.id {
        ServerId::TabletServer(id) => Some(id) != but && !there.contains(&id),
        ServerId::Coordinator => !matches!(facts.active.known(), Some(Some(_))),
    });
    missing.map(|server| failure(codes::SERVER_AWAY, format!("{} not registered", server.id)))
}

fn in_sync(bucket: &BucketFacts, there: &BTreeSet<i32>) -> BTreeSet<i32> {
    let of = bucket.leadership.known().and_then(Option::as_ref);
    let isr = of.into_iter().flat_map(|of| of.isr.iter().copied());
    isr.filter(|id| there.contains(id)).collect()
}

fn whole(facts: &Facts) -> Seen {
    let health = health(facts);
    match (health.light, health.reasons.first()) {
        (Light::Green, _) => Seen::Met("every replica in sync".to_owned()),
        (_, Some(reason)) => Seen::NotYet(reason.words(facts)),
        (_, None) => Seen::NotYet("not whole".to_owned()),
    }
}

fn ok_to_stop(facts: &Facts, server: i32, least: usize, but: &BTreeSet<String>) -> Seen {
    let there = registered(facts);
    for bucket in &facts.buckets {
        let name = facts.bucket_name(bucket.id);
        let isr = in_sync(bucket, &there);
        let others = || bucket.assigned.iter().filter(|id| **id != server);
        if let Some(behind) = others().find(|id| !isr.contains(id)) {
            let what = format!("{name}: the replica on tablet server {behind} is not in sync");
            return Seen::NotYet(what);
        }
        let beside = others().count();
        if bucket.assigned.contains(&server) && beside < least.max(1) && !but.contains(&name) {
            let what = format!("{name} has {beside} replicas beside tablet server {server}");
            return Seen::Bad(failure(codes::NOT_OK_TO_STOP, what));
        }
    }
    Seen::Met(format!("every bucket can do without tablet server {server}"))
}

fn covered(facts: &Facts, server: i32, own: &BTreeSet<String>) -> Seen {
    let there = registered(facts);
    let bare = facts.buckets.iter().find(|bucket| {
        let table = facts.tables.get(&bucket.id.table);
        let is_own = table.is_some_and(|table| own.contains(&table.database));
        let counts = bucket.assigned.contains(&server) && bucket.assigned.len() > 1 && !is_own;
        counts && in_sync(bucket, &there).iter().all(|id| *id == server)
    });
    match bare {
        None => Seen::Met(format!(
            "every bucket has a replica in sync beside tablet server {server}"
        )),
        Some(bucket) => Seen::NotYet(format!(
            "{}: no replica is in sync but the one on tablet server {server}",
            facts.bucket_name(bucket.id)
        )),
    }
}
