//! What was seen of a cluster, in the words that rows of the catalogue ask for. What was looked for in vain
//! is said to be unknown; what nobody looked for is left out.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::fluss::{Facts, Light, Novelty, ServerProcess, System, health};
use upshift_model::observed::Observed;

use crate::knowledge::{self, Answer, Cited, Effect, Library, Release, Truth};

/// Major and minor number of the oldest ZooKeeper that Fluss takes.
pub(super) const OLDEST_ZOOKEEPER: (u32, u32) = (3, 6);

/// The catalogue's words for what was seen.
pub fn sight(facts: &Facts) -> knowledge::Facts {
    let said = words(facts);
    knowledge::Facts::parse(&said).expect("words of the catalogue: a test of this module says them all")
}

/// Options that name folders of data.
const PLACES: [&str; 2] = ["data.dirs", "remote.data.dirs"];

/// Whether a coordinator of the older release takes over again from a newer one, by the catalogue and what was seen.
pub(super) fn takes_over_again(
    library: &Library,
    (newer, older): (&Release, &Release),
    system: &System,
) -> Answer {
    Answer::of(library.pair(newer, older, &sight_of(system)).rows, Vec::new())
}

/// What a table may have that the older release refuses, each with what the catalogue says of it.
pub(super) fn not_read_by_the_older(
    library: &Library,
    (newer, older): (&Release, &Release),
) -> BTreeMap<Novelty, String> {
    let told = |has: Option<Novelty>| {
        let said = Novelty::ALL.map(|one| say(one.word(), Some(Some(one) == has)));
        knowledge::Facts::parse(&said).expect("words of the catalogue")
    };
    let refuses = |has: Option<Novelty>| -> Vec<Cited> {
        let rows = library.pair(newer, older, &told(has)).rows.into_iter();
        rows.filter(|row| row.effect == Effect::Refuses && row.truth == Truth::Holds)
            .collect()
    };
    let always = refuses(None);
    let of = |novelty: Novelty| {
        let rows = refuses(Some(novelty)).into_iter();
        let mut rows = rows.filter(|row| !always.iter().any(|other| other.id == row.id));
        rows.next().map(|row| (novelty, row.text))
    };
    Novelty::ALL.into_iter().filter_map(of).collect()
}

/// What was seen, with what only the servers' own files tell.
pub(super) fn sight_of(system: &System) -> knowledge::Facts {
    let mut said = words(&system.cluster);
    let is_list = |value: &str| {
        let places = value.split([',', ';']).filter(|one| !one.trim().is_empty());
        places.count() > 1
    };
    let several = |process: &ServerProcess| {
        let mut named = PLACES.iter().filter_map(|key| process.option(key));
        named.any(is_list)
    };
    let word = "several-directories=true".to_owned();
    if !said.contains(&word) && system.processes.known().into_iter().flatten().any(several) {
        said.push(word);
    }
    said.push(say("zookeeper-below-3.6", old_zookeeper(system)));
    knowledge::Facts::parse(&said).expect("words of the catalogue")
}

/// Yes where one server is, no only where all say that they are not.
fn old_zookeeper(system: &System) -> Option<bool> {
    let lines = system.keepers.iter().map(|one| one.state.known()?.line());
    let lines: Vec<Option<(u32, u32)>> = lines.collect();
    let is_old = |line: &Option<(u32, u32)>| line.is_some_and(|line| line < OLDEST_ZOOKEEPER);
    match (
        lines.iter().any(is_old),
        lines.is_empty() || lines.contains(&None),
    ) {
        (true, _) => Some(true),
        (false, true) => None,
        (false, false) => Some(false),
    }
}

fn words(facts: &Facts) -> Vec<String> {
    let whole = facts.gaps.is_empty();
    let of_tables = Novelty::ALL.map(|novelty| say(novelty.word(), novelty.is_anywhere(facts)));
    let mut said = of_tables.to_vec();
    said.extend([
        say("single-replica", single_replica(facts, whole)),
        say("replicas-in-sync", in_sync(facts)),
        say("rebalancing", rebalancing(facts)),
        say("server-tags", facts.tags.known().map(|tags| !tags.is_empty())),
    ]);
    let epoch = match facts.highest_coordinator_epoch() {
        Ok(0) => "zero",
        Ok(_) => "positive",
        Err(_) => "unknown",
    };
    said.push(format!("coordinator-epoch={epoch}"));
    let places: BTreeSet<&String> = facts
        .tables
        .values()
        .filter_map(|t| t.remote_data_dir.as_ref())
        .collect();
    // One place in use says nothing of data.dirs, which only the servers' files name.
    said.extend((places.len() > 1).then(|| "several-directories=true".to_owned()));
    said
}

fn say(fact: &str, is: Option<bool>) -> String {
    match is {
        Some(is) => format!("{fact}={is}"),
        None => format!("{fact}=unknown"),
    }
}

fn single_replica(facts: &Facts, whole: bool) -> Option<bool> {
    let single = facts.buckets.iter().any(|bucket| bucket.assigned.len() < 2);
    (single || whole).then_some(single)
}

fn in_sync(facts: &Facts) -> Option<bool> {
    match health(facts).light {
        Light::Green => Some(true),
        Light::Yellow | Light::Red => Some(false),
        Light::Unknown => None,
    }
}

fn rebalancing(facts: &Facts) -> Option<bool> {
    match &facts.rebalance {
        Observed::Known(rebalance) => Some(rebalance.as_ref().is_some_and(|rebalance| rebalance.is_open())),
        Observed::Unknown(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use upshift_model::fluss::{BucketFacts, BucketId, Facts, Leadership};
    use upshift_model::observed::Observed;

    use super::{sight, words};

    fn facts() -> Facts {
        Facts {
            metadata: String::new(),
            active: Observed::Known(None),
            coordinators: Observed::Known(Vec::new()),
            table_sequence: Observed::Known(None),
            coordinator_epoch: Observed::Known(None),
            tablet_servers: Observed::Known(BTreeMap::new()),
            tables: BTreeMap::new(),
            buckets: Vec::new(),
            dropped: Vec::new(),
            tags: Observed::Known(BTreeMap::new()),
            rebalance: Observed::Known(None),
            dynamic_options: Observed::Known(BTreeSet::new()),
            acls: Observed::Known(false),
            gaps: Vec::new(),
        }
    }

    fn epoch_of(facts: &Facts) -> String {
        words(facts)
            .into_iter()
            .find(|word| word.starts_with("coordinator-epoch="))
            .unwrap()
    }

    #[test]
    fn every_word_is_one_of_the_catalogue() {
        assert_eq!(sight(&facts()).told().count(), words(&facts()).len());
    }

    #[test]
    fn an_epoch_counts_wherever_it_stands_and_what_was_not_seen_is_no_zero() {
        let mut seen = facts();
        assert_eq!(epoch_of(&seen), "coordinator-epoch=zero");
        seen.coordinator_epoch = Observed::Known(Some(1));
        assert_eq!(epoch_of(&seen), "coordinator-epoch=positive");
        seen.coordinator_epoch = Observed::unknown("the coordinator's epoch", "NoAuth");
        assert_eq!(epoch_of(&seen), "coordinator-epoch=unknown");
        seen.buckets.push(BucketFacts {
            id: BucketId {
                table: 1,
                partition: None,
                bucket: 0,
            },
            assigned: vec![0, 1],
            leadership: Observed::Known(Some(Leadership {
                leader: Some(0),
                leader_epoch: 3,
                isr: vec![0, 1],
                coordinator_epoch: 2,
                bucket_epoch: 1,
                standby: Vec::new(),
            })),
            kv_snapshot: Observed::Known(None),
        });
        assert_eq!(epoch_of(&seen), "coordinator-epoch=positive");
    }

    #[test]
    fn a_hole_in_the_list_of_tables_leaves_no_fact_false() {
        let mut seen = facts();
        seen.gaps.push(upshift_model::observed::Gap {
            what: "tables of database lab".to_owned(),
            reason: "NoAuth".to_owned(),
        });
        let said = words(&seen);
        assert!(said.contains(&"lake-tables=unknown".to_owned()), "{said:?}");
        assert!(said.contains(&"single-replica=unknown".to_owned()), "{said:?}");
    }
}
