//! The canary: whether its tables are there, and whether the row of a try is read back over fresh connections.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::fluss::{Facts, Listener};
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Intent};
use upshift_model::span::Millis;
use upshift_model::step::Canary;

use super::Look;
use crate::fluss::expectation::away;
use crate::fluss::lag::{self, Follower, Lag};
use crate::fluss::rpc::{self, Connection, Seen};

/// When the tables were asked for.
const ASKED_AT: &str = "own_now_ms";
/// The highest number of any table before: a coordinator counts up.
const LAST_BEFORE: &str = "last_table";
/// A coordinator elects leaders of a new table within a second. One of 0.7 was seen never to take notice of a table that
/// was made right after another: such tables are dropped and made anew.
const NOTICED_WITHIN_MS: i64 = 15_000;
/// A server that starts anew is away for less than this; one whose session has ended does not come back by itself.
const AWAY_FOR: Millis = Millis::from_secs(15);

/// Since when somebody was seen to be away at every look.
#[derive(Debug, Default)]
pub(in crate::fluss) struct Away(Mutex<Option<Timestamp>>);

impl Away {
    /// How long it has been so by now.
    fn seen(&self, is_away: bool, now: Timestamp) -> Millis {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match is_away {
            true => Millis::between(*since.get_or_insert(now), now),
            false => {
                *since = None;
                Millis(0)
            }
        }
    }

    fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The row of a try: the same for a repeat.
pub(in crate::fluss) fn number_of(intent: &Intent) -> i64 {
    // 60 of 128 bits: a positive number, and no two tries of one run share it but by a chance of 1 in 10^18.
    i64::from_str_radix(&intent.key.as_hex()[..15], 16).expect("a key is hex digits")
}

/// Where a server answers from here: one may have a listener for other servers alone, which is not reached. Where none
/// opens it is the first, and whoever calls it tells why.
pub(in crate::fluss) async fn reachable(listeners: &[Listener]) -> Option<String> {
    let (first, others) = listeners.split_first()?;
    if others.is_empty() {
        return Some(first.address());
    }
    for listener in listeners {
        let address = listener.address();
        if Connection::open(&address).await.is_ok() {
            return Some(address);
        }
    }
    Some(first.address())
}

/// The canary as the servers' own protocol takes it; none where no coordinator leads.
pub(in crate::fluss) async fn place_of(facts: &Facts, canary: &Canary) -> Option<rpc::Canary> {
    let active = facts.active.known()?.as_ref()?;
    Some(rpc::Canary {
        coordinator: reachable(&active.listeners).await?,
        database: canary.name.clone(),
        buckets: canary.parts,
        replicas: canary.copies,
    })
}

/// Tables of a canary, buckets of them with a leader, and how many there should be.
pub(in crate::fluss) fn led_of(facts: &Facts, canary: &Canary) -> (usize, usize, usize) {
    let tables = tables(facts, canary);
    let buckets = facts
        .buckets
        .iter()
        .filter(|bucket| tables.contains(&bucket.id.table));
    let leader = |bucket: &&upshift_model::fluss::BucketFacts| {
        let leadership = bucket.leadership.known().and_then(Option::as_ref);
        leadership.is_some_and(|of| of.leader.is_some())
    };
    let wanted = usize::try_from(canary.parts)
        .unwrap_or(usize::MAX)
        .saturating_mul(2);
    (tables.len(), buckets.filter(leader).count(), wanted)
}

/// Whether both of its tables were made since the try was begun.
pub(in crate::fluss) fn is_made_since(facts: &Facts, canary: &Canary, intent: &Intent) -> bool {
    let tables = tables(facts, canary);
    let last = last_before(intent);
    tables.len() == 2 && last.is_none_or(|last| tables.iter().all(|table| *table > last))
}

fn last_before(intent: &Intent) -> Option<i64> {
    intent.baseline.0.get(LAST_BEFORE)?.parse().ok()
}

fn tables(facts: &Facts, canary: &Canary) -> Vec<i64> {
    let its = facts
        .tables
        .iter()
        .filter(|(_, table)| table.database == canary.name);
    its.map(|(id, _)| *id).collect()
}

impl Look<'_> {
    pub(super) async fn canary_made(&self, canary: &Canary, anew: bool) -> Result<Standing, Fault> {
        let facts = self.whole_facts().await?;
        if let Some(away) = self.somebody_is_away(&facts)? {
            return Ok(away);
        }
        let (tables, led, wanted) = led_of(&facts, canary);
        let now = self.driver.now().as_millisecond();
        let last = self
            .intent
            .and_then(last_before)
            .or_else(|| facts.tables.keys().next_back().copied());
        let again = || {
            let noted = [(ASKED_AT.to_owned(), now.to_string())].into_iter();
            let last = last.map(|last| (LAST_BEFORE.to_owned(), last.to_string()));
            Standing::Ready(Baseline(noted.chain(last).collect()))
        };
        let said = format!("{}: {led} of {wanted} buckets led", canary.name);
        if anew
            && !self
                .intent
                .is_some_and(|intent| is_made_since(&facts, canary, intent))
        {
            return Ok(again());
        }
        match (tables, self.intent) {
            (2, _) if led >= wanted => Ok(Standing::Done(Proof::of([said]))),
            (2, Some(intent)) => {
                let at = intent
                    .baseline
                    .0
                    .get(ASKED_AT)
                    .and_then(|at| at.parse::<i64>().ok());
                Ok(match at.is_none_or(|at| now >= at + NOTICED_WITHIN_MS) {
                    true => again(),
                    false => Standing::Underway(Progress::of(said)),
                })
            }
            _ => Ok(again()),
        }
    }

    pub(super) async fn canary_seen(&self, canary: &Canary) -> Result<Standing, Fault> {
        let Some(intent) = self.intent else {
            return Ok(Standing::Ready(Baseline::default()));
        };
        let facts = self.whole_facts().await?;
        if let Some(away) = self.somebody_is_away(&facts)? {
            return Ok(away);
        }
        let Some(place) = place_of(&facts, canary).await else {
            return Ok(Standing::Underway(Progress::of("no coordinator leads")));
        };
        match rpc::seen(&place, number_of(intent)).await {
            Ok(Seen::Whole { buckets, leaders }) => self.came_to_all(canary, &facts, buckets, &leaders).await,
            Ok(Seen::Missing) => match self.watch(canary, &facts).await {
                Lag::Stuck(failure) => Ok(Standing::Failed(failure)),
                Lag::Coming(_) => Ok(Standing::Ready(intent.baseline.clone())),
            },
            Err(error) => match self.watch(canary, &facts).await {
                Lag::Stuck(failure) => Ok(Standing::Failed(failure)),
                Lag::Coming(_) => Ok(Standing::Underway(Progress::of(error.to_string()))),
            },
        }
    }

    /// A look that sees nothing says nothing of who is away: after ZooKeeper was gone, every server registers anew.
    async fn whole_facts(&self) -> Result<Facts, Fault> {
        let facts = self.facts().await;
        facts.inspect_err(|_| self.driver.away.forget())
    }

    /// Neither comes to be while a server of the plan is away, and nothing brings it back but a person.
    fn somebody_is_away(&self, facts: &Facts) -> Result<Option<Standing>, Fault> {
        let failure = away(&self.driver.site, facts, None)?;
        let waited = self.driver.away.seen(failure.is_some(), self.driver.now());
        Ok(failure
            .filter(|_| self.intent.is_some())
            .map(|failure| match waited >= AWAY_FOR {
                true => Standing::Failed(failure),
                false => Standing::Underway(Progress::of(failure.what)),
            }))
    }

    /// A row that was acknowledged is on every replica in sync: on all of them where all are.
    async fn came_to_all(
        &self,
        canary: &Canary,
        facts: &Facts,
        buckets: usize,
        leaders: &[i32],
    ) -> Result<Standing, Fault> {
        let followers = self.followers(canary, facts);
        let missing: Vec<Follower> = followers.iter().filter(|one| !one.in_sync).copied().collect();
        if !missing.is_empty() {
            return Ok(
                match self.driver.watch.look(self.driver.now(), facts, &missing).await {
                    Lag::Stuck(failure) => Standing::Failed(failure),
                    Lag::Coming(how) => Standing::Underway(Progress::of(how.unwrap_or_else(|| {
                        format!(
                            "{} of {} replicas of the canary are not in sync",
                            missing.len(),
                            followers.len()
                        )
                    }))),
                },
            );
        }
        let leaders: Vec<String> = leaders.iter().map(ToString::to_string).collect();
        Ok(Standing::Done(Proof::of([
            format!(
                "a row was written into and read from {buckets} buckets of two tables over fresh connections, led by {}",
                leaders.join(", ")
            ),
            format!("it came from its leader to each of {} followers", followers.len()),
        ])))
    }

    /// Every follower of the canary, in sync or not: one that does not fetch is counted in for a while yet.
    async fn watch(&self, canary: &Canary, facts: &Facts) -> Lag {
        let followers = self.followers(canary, facts);
        self.driver.watch.look(self.driver.now(), facts, &followers).await
    }

    fn followers(&self, canary: &Canary, facts: &Facts) -> Vec<Follower> {
        let tables = tables(facts, canary);
        lag::followers(facts, |of| tables.contains(&of.bucket.table))
    }

    pub(super) async fn canary_gone(&self, canary: &Canary) -> Result<Standing, Fault> {
        let facts = self.facts().await?;
        match (tables(&facts, canary).len(), self.intent) {
            (0, _) => Ok(Standing::Done(Proof::of([format!(
                "no table of {} is there",
                canary.name
            )]))),
            (_, Some(intent)) => Ok(Standing::Ready(intent.baseline.clone())),
            (_, None) => Ok(Standing::Ready(Baseline::default())),
        }
    }
}
