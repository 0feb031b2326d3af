//! The servers of ZooKeeper: their release, and whether each serves.

use upshift_model::finding::{Finding, Severity};
use upshift_model::fluss::{Keeper, KeeperState};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use crate::systems::fluss::codes;
use crate::systems::fluss::sight::OLDEST_ZOOKEEPER;
use crate::systems::fluss::situation::Situation;

/// All of them.
pub(super) fn keepers(s: &Situation<'_>) -> Finding {
    let row = s.row("zookeeper-3.6");
    let all = &s.system.keepers;
    let known = |one: &Keeper| {
        let state = one.state.known()?;
        Some(format!("{}: {}", one.address, state.words()))
    };
    let topic = Topic::new(codes::ZOOKEEPER, "ZooKeeper")
        .source(row.source)
        .saw_all(all.iter().filter_map(known));
    let states: Vec<&KeeperState> = all.iter().filter_map(|one| one.state.known()).collect();
    let modes: Vec<&str> = states
        .iter()
        .filter_map(|state| match state {
            KeeperState::Serves { mode, .. } => Some(mode.as_str()),
            KeeperState::DoesNotServe => None,
        })
        .collect();
    if states
        .iter()
        .any(|state| state.line().is_some_and(|line| line < OLDEST_ZOOKEEPER))
    {
        return topic
            .saw(row.text)
            .fix("upgrade ZooKeeper first")
            .red("this ZooKeeper is too old");
    }
    if modes.contains(&"read-only") {
        return topic
            .fix("bring back what its quorum lacks")
            .red("ZooKeeper has no quorum: it can be read and not written");
    }
    if states.contains(&&KeeperState::DoesNotServe) {
        return topic
            .saw("the next one that is lost may take the quorum with it, and with it every election")
            .fix(
                "start it, or look in its log for why it finds no quorum, before the first server is stopped",
            )
            .yellow("a server of ZooKeeper does not serve");
    }
    if all.len() > 1 && modes.contains(&"standalone") {
        return topic
            .saw("servers of one quorum are leader, follower or observer")
            .fix("name one address where both are the same server; else see which of them the cluster is registered in")
            .yellow("several addresses of ZooKeeper are named, and one of them stands alone");
    }
    let nobody = Gap {
        what: "the release of ZooKeeper".to_owned(),
        reason: "it was not asked".to_owned(),
    };
    let gap = all.iter().find_map(|one| one.state.gap());
    match gap.or(all.is_empty().then_some(&nobody)) {
        Some(gap) => topic
            .fix("echo srvr | nc HOST PORT on a host of ZooKeeper tells version and mode; 4lw.commands.whitelist in zoo.cfg holds srvr unless somebody took it out")
            .fix("one that does not answer at all: start it before the first server is stopped")
            .unknown(
                gap,
                Severity::Yellow,
                "not every server of ZooKeeper says which release it is and whether it serves",
            ),
        None => topic.green("ZooKeeper is of a release that Fluss takes, and every server of it serves"),
    }
}
