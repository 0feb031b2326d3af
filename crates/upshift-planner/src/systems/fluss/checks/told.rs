//! What servers tell clients of who leads, beside what ZooKeeper says.

use upshift_model::finding::{Finding, Severity};
use upshift_model::fluss::{self, Light, Told};
use upshift_model::topic::Topic;

use super::some;
use crate::systems::fluss::codes;
use crate::systems::fluss::situation::Situation;

/// Both sides of every bucket.
pub(super) fn both_sides(s: &Situation<'_>) -> Finding {
    let facts = &s.system.cluster;
    let both = &s.system.both_sides;
    let mut topic = Topic::new(codes::TOLD, "servers")
        .source("GetMetadata of every registered server, beside leader_isr and the assignments in ZooKeeper");
    let same = |one: &Told| one.held.known().map_or(0, |held| held.same);
    let asked = both.told.iter().filter(|one| one.held.known().is_some()).count();
    let least = both.told.iter().map(same).min().unwrap_or(0);
    topic = topic.saw(format!(
        "{asked} servers asked; each tells of {least} or more of {} buckets what ZooKeeper says",
        facts.buckets.len()
    ));
    let count = both.own_count.as_ref().and_then(|count| count.known());
    topic = topic.saw_all(count.map(|count| format!("the coordinator counts by itself: {}", count.words())));
    let differences = both.differences(facts);
    if !differences.is_empty() {
        return topic
            .saw_all(some(differences))
            .saw("so at two looks, with ZooKeeper unchanged between them")
            .fix("see in the log of each server that is named whether it refuses what the coordinator sends (InvalidCoordinatorException, an epoch): upshift explain UP-FLUSS-0128")
            .red("servers tell clients of other leaders than ZooKeeper has");
    }
    if both.calls_itself_ill() && fluss::health(facts).light == Light::Green {
        return topic
            .saw("ZooKeeper has every leader and every replica in sync")
            .fix("wait until leaders that took over have said so; see the log of the coordinator where they never do")
            .red("the coordinator calls the cluster ill that ZooKeeper shows as whole");
    }
    match both.gaps(facts).first() {
        Some(gap) => topic
            .fix("let the servers be reached from here, by the addresses that they register")
            .unknown(
                gap,
                Severity::Yellow,
                "what clients are told of who leads is not known of every server",
            ),
        None => topic.green("servers tell clients of the leaders that ZooKeeper has"),
    }
}
