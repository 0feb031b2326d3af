//! What can be done to a cluster, and what should have been known by whoever does it.

use std::collections::BTreeMap;

use super::world::{COORDINATOR, OLDEST, World};

/// What whoever stops a server has looked at before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopAs {
    /// That every bucket keeps so many replicas in sync, and all but this server's are.
    Spared(usize),
    /// That every bucket has one replica in sync beside this server's.
    Covered,
    /// Everything is stopped, and somebody agreed.
    Everything,
}

/// What one sees of a row in a canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CanarySeen {
    /// Every bucket has it.
    Whole,
    /// No bucket has it.
    Missing,
    /// A bucket does not answer, or a replica in sync does not have it yet.
    NotYet,
}

impl World {
    /// SIGTERM to a process. What was asked by somebody who waits for no answer any more takes effect late.
    pub fn terminate(&mut self, n: i32, pid: u32, how: StopAs, asked: i64) {
        let runs = |world: &Self| {
            let process = world.servers.get(&n)?.process.as_ref()?;
            (process.pid == pid && process.ends_at.is_none()).then_some(())
        };
        if runs(self).is_none() {
            return;
        }
        self.judge_stop(n, how, asked);
        let ends = self.now() + self.shape.takes.1;
        if let Some(process) = self
            .servers
            .get_mut(&n)
            .and_then(|server| server.process.as_mut())
        {
            process.ends_at = Some(ends);
        }
        self.count(format!("stop of {}", name(n)));
    }

    fn judge_stop(&mut self, n: i32, how: StopAs, asked: i64) {
        if how == StopAs::Everything {
            return;
        }
        let mut harm = Vec::new();
        for bucket in self.buckets.iter().filter(|bucket| bucket.in_sync.contains(&n)) {
            let others = bucket.in_sync.len() - 1;
            let enough = match how {
                StopAs::Spared(least) => others >= least,
                StopAs::Covered | StopAs::Everything => others >= 1 || bucket.assigned.len() == 1,
            };
            if !enough && Self::was_short(bucket, asked) {
                harm.push(format!(
                    "{} was stopped, which leaves bucket {} of table {} with {others} replicas in sync",
                    name(n),
                    bucket.number,
                    bucket.table
                ));
            }
        }
        let ending = self.servers.iter().find(|(other, server)| {
            let process = server.process.as_ref();
            **other != n && process.is_some_and(|process| process.ends_at.is_some())
        });
        if let Some((other, _)) = ending {
            harm.push(format!(
                "{} was stopped while {} was on its way down",
                name(n),
                name(*other)
            ));
        }
        for what in harm {
            self.harmed(what);
        }
    }

    /// What starts a server is begun, under the mark of a try: a mark that is known starts nothing.
    pub fn start(&mut self, n: i32, release: &str, mark: &str) {
        if !self.starts.insert(mark.to_owned()) {
            return;
        }
        let beside = self.beside(n, release);
        let Some(server) = self.servers.get_mut(&n) else {
            return;
        };
        if server.process.is_some() {
            self.harmed(format!("{} was started beside itself", name(n)));
            return;
        }
        let stays = std::mem::take(&mut server.stays_old);
        let release = if stays {
            server.release.clone()
        } else {
            release.to_owned()
        };
        server.supervised = None;
        let dies = std::mem::take(&mut server.stillborn);
        self.count(format!("start of {} as {release}", name(n)));
        beside.into_iter().for_each(|what| self.harmed(what));
        if !dies {
            self.comes_to_life(n, release, self.now());
        }
    }

    /// Servers of another release that one of this release cannot stand beside: a coordinator and a tablet server, one of
    /// them of 0.6.
    fn beside(&self, n: i32, release: &str) -> Vec<String> {
        let others = self.servers.iter().filter(|(other, _)| {
            let is_coordinator = |n: i32| n == COORDINATOR;
            is_coordinator(**other) != is_coordinator(n)
        });
        let runs = others.filter_map(|(other, server)| Some((other, &server.process.as_ref()?.release)));
        let apart = runs.filter(|(_, of)| *of != release && (*of == OLDEST || release == OLDEST));
        apart
            .map(|(other, of)| {
                format!(
                    "{} was started as {release} beside {} of {of}",
                    name(n),
                    name(*other)
                )
            })
            .collect()
    }

    /// Whether something was begun under a mark.
    pub fn is_started(&self, mark: &str) -> bool {
        self.starts.contains(mark)
    }

    /// Leaders are spread over the servers that are in sync.
    ///
    /// # Errors
    /// When no coordinator leads, or one of before 0.9, which never answers to a call that it does not know.
    pub fn spread_leaders(&mut self) -> Result<(), String> {
        let leads = self.servers.get(&COORDINATOR).filter(|server| server.serves());
        let knows = leads.is_some_and(|server| !["0.6.0", "0.7.0"].contains(&server.release.as_str()));
        if !knows || self.is_fenced() {
            return Err("no coordinator answers".to_owned());
        }
        let mut leads: BTreeMap<i32, usize> = BTreeMap::new();
        let mut buckets = std::mem::take(&mut self.buckets);
        for bucket in &mut buckets {
            let able = bucket.assigned.iter().copied();
            let able = able.filter(|n| bucket.in_sync.contains(n) && self.serves(*n));
            let next = able.min_by_key(|n| leads.get(n).copied().unwrap_or(0));
            if next.is_some() && next != bucket.leader {
                self.lost += bucket.is_led_by(next);
            }
            if let Some(leader) = bucket.leader {
                *leads.entry(leader).or_default() += 1;
            }
        }
        self.buckets = buckets;
        self.rebalance = Some(format!("rebalance {}", self.pid()));
        self.count("leaders spread");
        self.looks_again();
        Ok(())
    }

    /// The tables of a canary.
    pub fn canary(&self, database: &str) -> Vec<i64> {
        let its = self.tables.iter().filter(|(_, table)| table.database == database);
        its.map(|(id, _)| *id).collect()
    }

    /// Makes the tables of a canary; those that are there stay.
    ///
    /// # Errors
    /// When no coordinator leads, or too few servers are there.
    pub fn make_canary(&mut self, database: &str, parts: u32, copies: u32) -> Result<(), String> {
        if !self.serves(COORDINATOR) {
            return Err("no coordinator answers".to_owned());
        }
        let copies = usize::try_from(copies).unwrap_or(usize::MAX);
        let there = self.tablet_servers().filter(|n| self.serves(*n)).count();
        if there < copies {
            return Err(format!(
                "replication factor: {copies} larger than available tablet servers: {there}"
            ));
        }
        for table in ["log", "pk"] {
            let is_there = self
                .tables
                .values()
                .any(|of| of.database == database && of.name == table);
            if !is_there {
                self.add_table(database, table, parts, copies);
                self.count(format!("{database}.{table} made"));
            }
        }
        self.looks_again();
        Ok(())
    }

    /// Drops the tables of a canary.
    ///
    /// # Errors
    /// When no coordinator leads.
    pub fn drop_canary(&mut self, database: &str) -> Result<(), String> {
        if !self.serves(COORDINATOR) {
            return Err("no coordinator answers".to_owned());
        }
        for id in self.canary(database) {
            self.tables.remove(&id);
            self.buckets.retain(|bucket| bucket.table != id);
            self.count(format!("{database} dropped"));
        }
        Ok(())
    }

    /// Writes a row into every bucket of a canary.
    ///
    /// # Errors
    /// When a bucket takes none.
    pub fn write_canary(&mut self, database: &str, row: i64) -> Result<(), String> {
        let its = self.canary(database);
        if its.is_empty() {
            return Err("no such table".to_owned());
        }
        let leads = |leader: Option<i32>| leader.is_some_and(|leader| self.acts(leader));
        let mut buckets = self.buckets.iter().filter(|bucket| its.contains(&bucket.table));
        if let Some(bucket) = buckets.find(|bucket| !leads(bucket.leader)) {
            return Err(format!("bucket {} is not led", bucket.number));
        }
        let now = self.now();
        let mut new = false;
        for id in its {
            if let Some(table) = self.tables.get_mut(&id) {
                new |= table.rows.insert(row, now).is_none();
            }
        }
        if new {
            self.count(format!("row in {database}"));
        }
        Ok(())
    }

    /// What one sees of a row in a canary.
    pub fn canary_row(&self, database: &str, row: i64) -> CanarySeen {
        let its = self.canary(database);
        let has = |id: &i64| {
            self.tables
                .get(id)
                .is_some_and(|table| table.rows.contains_key(&row))
        };
        if its.is_empty() || !its.iter().all(has) {
            return CanarySeen::Missing;
        }
        let buckets = self.buckets.iter().filter(|bucket| its.contains(&bucket.table));
        for bucket in buckets {
            let led = bucket.leader.is_some_and(|leader| self.acts(leader));
            let stalls = |n: &i32| bucket.stalled_since.contains_key(n);
            if !led || bucket.in_sync.iter().any(stalls) {
                return CanarySeen::NotYet;
            }
        }
        CanarySeen::Whole
    }
}

/// How a server is called.
pub(super) fn name(n: i32) -> String {
    match n {
        COORDINATOR => "the coordinator".to_owned(),
        n => format!("tablet server {n}"),
    }
}
