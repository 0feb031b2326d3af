//! What every wave costs: which buckets are led elsewhere for a moment, which are away and for how long, what cannot be
//! made meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::fluss::{BucketFacts, Condition, Facts, Leadership};
use upshift_model::span::Millis;

use super::timing;

/// So many buckets are named; the rest is counted.
const NAMED: usize = 6;

/// What is known beforehand of every tablet server's absence.
pub(super) struct Outlook {
    leads: BTreeMap<i32, Vec<String>>,
    away: BTreeMap<i32, BTreeSet<String>>,
    unwritable: BTreeMap<i32, BTreeSet<String>>,
    not_made: BTreeSet<usize>,
    min_in_sync: u32,
    all: (usize, usize),
}

impl Outlook {
    /// From what was seen; `min_in_sync` replicas must be in sync for a write.
    pub(super) fn of(facts: &Facts, min_in_sync: u32) -> Self {
        let mut outlook = Self {
            leads: BTreeMap::new(),
            away: BTreeMap::new(),
            unwritable: BTreeMap::new(),
            not_made: BTreeSet::new(),
            min_in_sync,
            all: (facts.buckets.len(), facts.tables.len()),
        };
        let servers = facts.tablet_servers.known().map_or(0, BTreeMap::len);
        for bucket in &facts.buckets {
            outlook.add(facts, bucket, servers);
        }
        outlook
    }

    fn add(&mut self, facts: &Facts, bucket: &BucketFacts, servers: usize) {
        let name = facts.bucket_name(bucket.id);
        let copies = bucket.assigned.len();
        if copies >= servers {
            self.not_made.insert(copies);
        }
        let led_by = bucket.leadership.known().and_then(Option::as_ref);
        let led_by = led_by.and_then(|of: &Leadership| of.leader);
        for server in &bucket.assigned {
            if copies == 1 {
                self.away.entry(*server).or_default().insert(name.clone());
            } else if copies <= usize::try_from(self.min_in_sync).unwrap_or(usize::MAX) {
                self.unwritable.entry(*server).or_default().insert(name.clone());
            } else if led_by == Some(*server) {
                self.leads.entry(*server).or_default().push(name.clone());
            }
        }
    }

    /// What must hold before the server may be stopped.
    pub(super) fn ok_to_stop(&self, server: i32) -> Condition {
        let of = |by: &BTreeMap<i32, BTreeSet<String>>| by.get(&server).cloned().unwrap_or_default();
        let mut but = of(&self.away);
        but.extend(of(&self.unwritable));
        Condition::OkToStop {
            server,
            min_in_sync: self.min_in_sync,
            but,
        }
    }

    /// How long data of the server is away; zero where other replicas serve it.
    pub(super) fn downtime(&self, server: i32) -> Millis {
        match self.away.contains_key(&server) || self.unwritable.contains_key(&server) {
            true => timing::AWAY,
            false => Millis::ZERO,
        }
    }

    /// In words, for the step that stops it.
    pub(super) fn of_tablet_server(&self, server: i32) -> Vec<String> {
        let mut said = Vec::new();
        if let Some(leads) = self.leads.get(&server) {
            said.push(format!(
                "led elsewhere for a moment and from then on: {}",
                some(leads.iter())
            ));
        }
        if let Some(away) = self.away.get(&server) {
            said.push(format!(
                "AWAY until it is back, ~{}: {}",
                timing::AWAY,
                some(away.iter())
            ));
        }
        if let Some(unwritable) = self.unwritable.get(&server) {
            said.push(format!(
                "not written to until it is back, ~{}: {}",
                timing::AWAY,
                some(unwritable.iter())
            ));
        }
        if let Some(copies) = self.not_made.first() {
            said.push(format!(
                "tables and partitions of {copies} replicas cannot be made until it is back"
            ));
        }
        said
    }

    /// In words, for the step from which on everything is away.
    pub(super) fn of_everything(&self, tablet_servers: usize) -> Vec<String> {
        let (buckets, tables) = self.all;
        vec![format!(
            "EVERYTHING IS AWAY from here until the new coordinator leads, ~{} with little data: all {buckets} buckets of {tables} tables, for writes, reads and lookups",
            timing::all_away(tablet_servers)
        )]
    }

    /// In words, for the step that stops the coordinator after all others.
    pub(super) fn of_coordinator_after_all(&self) -> Vec<String> {
        vec!["last, since a tablet server whose snapshot no coordinator takes on deletes files of the one before".to_owned()]
    }

    /// In words, for the step that stops the coordinator.
    pub(super) fn of_coordinator(&self) -> Vec<String> {
        vec![
            "tables and partitions cannot be made or changed until the new one leads, 5 to 10 s; reads and writes go on"
                .to_owned(),
            "a tablet server that fails meanwhile keeps the lead of its buckets until then".to_owned(),
        ]
    }
}

fn some<'a>(all: impl ExactSizeIterator<Item = &'a String>) -> String {
    let more = all.len().saturating_sub(NAMED);
    let mut named: Vec<&str> = all.take(NAMED).map(String::as_str).collect();
    let rest = format!("and {more} more");
    if more > 0 {
        named.push(&rest);
    }
    named.join(", ")
}
