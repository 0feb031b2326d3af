//! What goes on around the servers: rebalancing, tags, tables that are made meanwhile, lakes.

use std::collections::BTreeMap;

use upshift_model::finding::{Finding, Severity};
use upshift_model::fluss::ServerTag;
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use super::processes::{missing, seen};
use super::some;
use crate::systems::fluss::codes;
use crate::systems::fluss::situation::Situation;

/// More buckets in one table or partition than 1.0 allows by default.
const WIDE: u32 = 4096;

pub(super) fn rebalance(s: &Situation<'_>) -> Finding {
    let row = s.row("no-roll-during-rebalance");
    let topic = Topic::new(codes::REBALANCE, "cluster").source(row.source);
    match s.system.cluster.rebalance.as_result() {
        Err(gap) => topic.unknown(gap, Severity::Red, "whether a rebalance runs is not known"),
        Ok(Some(rebalance)) if rebalance.is_open() => topic
            .saw(rebalance.to_string())
            .fix("wait until it is over, or cancel it")
            .red("a rebalance is not over"),
        Ok(_) => topic.green("no rebalance runs"),
    }
}

pub(super) fn tags(s: &Situation<'_>) -> Finding {
    let row = s.row("leftover-tags");
    let topic = Topic::new(codes::TAGS, "servers").source(row.source);
    match s.system.cluster.tags.as_result() {
        Err(gap) => topic.unknown(gap, Severity::Yellow, "whether servers are tagged is not known"),
        Ok(tags) if tags.is_empty() => topic.green("no server is tagged"),
        Ok(tags) => removed(tags, topic)
            .saw_all(
                tags.iter()
                    .map(|(server, tag)| format!("tablet server {server}: {tag}")),
            )
            .saw(row.text)
            .saw("no server is stopped while one is tagged")
            .fix(row.advice)
            .red("servers are tagged to be emptied"),
    }
}

/// With the call that takes each tag away.
fn removed(tags: &BTreeMap<i32, ServerTag>, topic: Topic) -> Topic {
    let known = tags.iter().filter(|(_, tag)| !matches!(tag, ServerTag::Other(_)));
    known.fold(topic, |topic, (server, tag)| {
        topic.fix(format!(
            "CALL sys.remove_server_tag('{server}', '{tag}');   -- in the catalog of Flink SQL"
        ))
    })
}

/// Whether servers ask who connects, or who may make a table: upshift tells them nothing of itself. Up to 0.6 none did.
pub(super) fn login(s: &Situation<'_>) -> Option<Finding> {
    if s.from.line() < (0, 7) && s.to.line() < (0, 7) {
        return None;
    }
    let row = s.row("listeners");
    let topic = Topic::new(codes::LOGIN, "servers").source(row.source);
    let mut asked = Vec::new();
    for process in seen(s) {
        for (key, option) in process.options.known().into_iter().flatten() {
            let value = option.value.to_ascii_lowercase();
            let asks = match key.as_str() {
                "security.protocol.map" => value.contains("sasl"),
                "authorizer.enabled" => value == "true",
                _ => false,
            };
            asked.extend(asks.then(|| format!("{}: {key}: {}", process.place(option), option.value)));
        }
    }
    asked.extend(
        (s.system.cluster.acls.known() == Some(&true))
            .then(|| "access control lists are in ZooKeeper".to_owned()),
    );
    let unread = seen(s).iter().find_map(|process| process.options.gap()).cloned();
    let gap = missing(s)
        .or(unread)
        .or_else(|| s.system.cluster.acls.gap().cloned());
    let fix = "where a listener lets everybody in that upshift reaches, and everybody may make databases and tables there, waive this";
    Some(match (asked.is_empty(), gap) {
        (false, _) => topic
            .saw_all(some(asked))
            .saw("upshift logs in at no server: its tables are not made where a login or a right is asked for, and the run halts before the first server is stopped")
            .fix(fix)
            .red("servers ask who connects, and upshift does not log in"),
        (true, Some(gap)) => topic
            .fix("look at security.protocol.map and authorizer.enabled in every server.yaml")
            .unknown(&gap, Severity::Yellow, "whether servers ask who connects is not known"),
        (true, None) => topic.green("servers ask nobody who connects"),
    })
}

pub(super) fn new_tables(s: &Situation<'_>) -> Finding {
    let facts = &s.system.cluster;
    let row = s.row("create-table-while-a-server-is-away");
    let topic = Topic::new(codes::NEW_TABLES, "tables").source(row.source);
    let servers = match facts.tablet_servers.as_result() {
        Ok(servers) => servers.len(),
        Err(gap) => return topic.unknown(gap, Severity::Yellow, "how many servers there are is not known"),
    };
    let most = facts
        .buckets
        .iter()
        .map(|bucket| bucket.assigned.len())
        .max()
        .unwrap_or(0);
    let one = s.row("one-coordinator");
    let topic = topic.saw(one.text).source(one.source);
    let due = due(s);
    let topic = match due.is_empty() {
        true => topic,
        false => topic.saw(format!(
            "partitions come due by themselves: {}",
            some(due).join(", ")
        )),
    };
    match most >= servers && servers > 0 {
        true => topic
            .saw(format!(
                "tables have up to {most} replicas on {servers} tablet servers"
            ))
            .saw(row.text)
            .fix("make no tables and let no partitions come due during the roll, or add a server first")
            .yellow("tables and partitions cannot be made during the whole roll"),
        false => topic.yellow("tables cannot be made while the coordinator is replaced"),
    }
}

/// Tables that get a partition by the clock, with its unit.
fn due(s: &Situation<'_>) -> Vec<String> {
    let facts = &s.system.cluster;
    let by_clock = facts.tables.iter().filter(|(_, table)| {
        let enabled = table.properties.get("table.auto-partition.enabled");
        enabled.is_some_and(|value| value.eq_ignore_ascii_case("true"))
    });
    let named = by_clock.map(|(id, table)| {
        let unit = table.properties.get("table.auto-partition.time-unit");
        format!(
            "{} (every {})",
            facts.table_name(*id),
            unit.map_or("DAY", String::as_str)
        )
    });
    named.collect()
}

pub(super) fn lake(s: &Situation<'_>) -> Finding {
    let facts = &s.system.cluster;
    let topic = Topic::new(codes::LAKE, "tables with a lake");
    let with: Vec<String> = facts
        .tables
        .iter()
        .filter(|(_, table)| table.lake.enabled || table.lake.node.known().is_some_and(Option::is_some))
        .map(|(id, _)| facts.table_name(*id))
        .collect();
    let unseen = facts.tables.values().find_map(|table| table.lake.node.gap());
    if with.is_empty() {
        return match unseen.or(facts.gaps.first()) {
            Some(gap) => topic.unknown(gap, Severity::Red, "whether tables have a lake is not known"),
            None => topic.green("no table has a lake behind it"),
        };
    }
    let topic = topic.saw(with.join(", "));
    let crosses = s.from.line() < (0, 9) && s.to.line() >= (0, 9);
    if crosses {
        let row = s.row("tiering-while-crossing-0.9");
        if s.declaration.tiering.is_some() {
            return topic
                .saw(row.text)
                .source(row.source)
                .fix("the plan stops the tiering service before the coordinator goes, and starts that of the wanted release after it")
                .yellow("tables have a lake behind them: tiering is away while the coordinator is replaced");
        }
        let gap = Gap {
            what: "whether the tiering job runs".to_owned(),
            reason: "it is a job of Flink, which this look does not see".to_owned(),
        };
        return topic
            .saw(row.text)
            .source(row.source)
            .fix(row.advice)
            .fix("or name its programs under [tiering]: then the plan does it")
            .unknown(
                &gap,
                Severity::Red,
                "the tiering job must not run while the coordinator is replaced",
            );
    }
    let row = s.row("tiering-restarts");
    topic
        .saw(row.text)
        .source(row.source)
        .fix("restart the tiering job after the coordinator, and see that the lake's snapshots go on")
        .yellow("tables have a lake behind them")
}

/// Asked of a hop over 0.8, where tables have a lake.
pub(super) fn compaction(s: &Situation<'_>) -> Option<Finding> {
    const KEY: &str = "table.datalake.auto-compaction";
    if s.from.line() >= (0, 8) || s.to.line() < (0, 8) {
        return None;
    }
    let facts = &s.system.cluster;
    let silent = facts.tables.iter().filter(|(_, table)| table.lake.enabled);
    let silent = silent.filter(|(_, table)| !table.properties.contains_key(KEY));
    let names: Vec<String> = silent.map(|(id, _)| facts.table_name(*id)).collect();
    let row = s.row("auto-compaction-off");
    let topic = Topic::new(codes::COMPACTION, "tables with a lake").source(row.source);
    Some(match (names.is_empty(), facts.gaps.first()) {
        (false, _) => topic
            .saw_all(some(names))
            .saw(row.text)
            .fix(row.advice)
            .fix("waive this finding for tables that shall go without")
            .yellow("tables are no longer compacted while they are tiered"),
        (true, Some(gap)) => topic.unknown(gap, Severity::Yellow, "not every table was seen"),
        (true, None) => topic.green("no table is tiered without saying whether it is compacted"),
    })
}

/// Asked only of a hop to 1.0.
pub(super) fn wide_tables(s: &Situation<'_>) -> Option<Finding> {
    if s.to.line() < (1, 0) {
        return None;
    }
    let facts = &s.system.cluster;
    let row = s.row("wide-tables-1.0");
    let topic = Topic::new(codes::WIDE_TABLES, "tables").source(row.source);
    let wide: BTreeMap<i64, u32> = facts
        .tables
        .iter()
        .filter(|(_, table)| table.buckets > WIDE)
        .map(|(id, table)| (*id, table.buckets))
        .collect();
    Some(match (wide.is_empty(), facts.gaps.first()) {
        (false, _) => topic
            .saw_all(
                wide.iter()
                    .map(|(id, buckets)| format!("{} has {buckets} buckets", facts.table_name(*id))),
            )
            .saw(row.text)
            .fix(row.advice)
            .yellow("tables have more buckets than 1.0 allows"),
        (true, Some(gap)) => topic.unknown(gap, Severity::Yellow, "not every table was seen"),
        (true, None) => topic.green("no table has more buckets than 1.0 allows"),
    })
}
