//! What servers tell clients of who leads, held against ZooKeeper. Both change while an election goes on: only what two
//! looks in a row show, with ZooKeeper unchanged between them, is a difference.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use upshift_model::fluss::{
    BothSides, BucketFacts, BucketId, Difference, Facts, Held, Led, Light, Listener, ServerId, Told, health,
};
use upshift_model::observed::Observed;

use crate::fluss::rpc::{RpcError, own_count, who_leads};

/// On servers that are well an election is over, and every server told of it, within less.
const BETWEEN_LOOKS: Duration = Duration::from_secs(3);
/// Leaders that change faster than so many looks can follow are not known.
const LOOKS: usize = 4;
/// For all that one server is asked.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks every registered server, and gives the metadata that it was held against last. `again` reads that anew, where the
/// first look shows a difference.
pub async fn both_sides<F>(mut facts: Facts, again: impl Fn() -> F) -> (Facts, BothSides)
where
    F: Future<Output = Result<Facts, String>>,
{
    let mut both = ask(&facts).await;
    for look in 1.. {
        if agree(&facts, &both) {
            break;
        }
        if look == LOOKS {
            both = unsure(both, "who leads changed from look to look");
            break;
        }
        pause().await;
        let now = match again().await {
            Ok(now) => now,
            Err(why) => {
                both = unsure(both, &format!("ZooKeeper was not seen a second time: {why}"));
                break;
            }
        };
        let said = ask(&now).await;
        let standing = stands(&both, &said);
        facts = now;
        if !agree(&facts, &standing) {
            both = standing;
            break;
        }
        both = said;
    }
    (facts, both)
}

#[expect(
    clippy::disallowed_methods,
    reason = "no retry: what counts is what stands over this while"
)]
async fn pause() {
    tokio::time::sleep(BETWEEN_LOOKS).await;
}

async fn ask(facts: &Facts) -> BothSides {
    let coordinator = facts.active.known().and_then(Option::as_ref);
    let count = async {
        let coordinator = coordinator?;
        let what = "what the coordinator counts";
        let counted = each(&coordinator.listeners, what, |address| async move {
            own_count(&address).await
        });
        match counted.await {
            Observed::Known(count) => count.map(Observed::Known),
            Observed::Unknown(gap) => Some(Observed::Unknown(gap)),
        }
    };
    let all = coordinator.map(|one| (ServerId::Coordinator, &one.listeners));
    let servers = facts.tablet_servers.known().into_iter().flatten();
    let servers = servers.filter_map(|(id, server)| {
        let listeners = &server.known()?.listeners;
        Some((ServerId::TabletServer(*id), listeners))
    });
    let told = all
        .into_iter()
        .chain(servers)
        .map(|(server, listeners)| async move {
            let what = format!("what {server} tells clients");
            let told = each(listeners, &what, |address| async move {
                who_leads(&address, facts).await
            });
            Told {
                server,
                held: told.await.map(|told| held(facts, &told)),
            }
        });
    // The coordinator is asked its two questions one after the other.
    let told = join_all(told).await;
    BothSides {
        told,
        own_count: count.await,
    }
}

/// The first of a server's listeners that answers.
async fn each<T, F>(listeners: &[Listener], what: &str, question: impl Fn(String) -> F) -> Observed<T>
where
    F: Future<Output = Result<T, RpcError>>,
{
    let mut last = Observed::unknown(what, "it is registered without a listener");
    for listener in listeners {
        last = match tokio::time::timeout(PATIENCE, question(listener.address())).await {
            Ok(Ok(told)) => return Observed::Known(told),
            Ok(Err(error)) => Observed::unknown(what, error.to_string()),
            Err(_) => Observed::unknown(what, format!("no answer within {} s", PATIENCE.as_secs())),
        };
    }
    last
}

fn held(facts: &Facts, told: &BTreeMap<BucketId, Led>) -> Held {
    let mut held = Held {
        same: 0,
        silent: Vec::new(),
        others: Vec::new(),
    };
    for bucket in &facts.buckets {
        let Some(metadata) = in_metadata(bucket) else {
            continue;
        };
        match told.get(&bucket.id) {
            None => held.silent.push(bucket.id),
            Some(told) if metadata.agrees(told) => held.same += 1,
            Some(told) => held.others.push(Difference {
                bucket: bucket.id,
                metadata,
                told: told.clone(),
            }),
        }
    }
    held
}

/// None where it was not seen, which is told already.
fn in_metadata(bucket: &BucketFacts) -> Option<Led> {
    let leadership = bucket.leadership.known()?.as_ref();
    let mut assigned = bucket.assigned.clone();
    assigned.sort_unstable();
    Some(Led {
        leader: leadership.and_then(|of| of.leader),
        epoch: leadership.map(|of| of.leader_epoch),
        assigned,
    })
}

fn agree(facts: &Facts, both: &BothSides) -> bool {
    let same = |one: &Told| {
        let held = one.held.known();
        held.is_none_or(|held| held.others.is_empty() && held.silent.is_empty())
    };
    both.told.iter().all(same) && !(both.calls_itself_ill() && health(facts).light == Light::Green)
}

/// What the second of two looks shows as the first one did.
fn stands(first: &BothSides, second: &BothSides) -> BothSides {
    let told = second.told.iter().map(|one| {
        let before = first.told.iter().find(|before| before.server == one.server);
        let before = before.and_then(|before| before.held.known());
        let held = one.held.clone().map(|mut held| {
            held.others
                .retain(|other| before.is_some_and(|before| before.others.contains(other)));
            held.silent
                .retain(|bucket| before.is_some_and(|before| before.silent.contains(bucket)));
            held
        });
        Told {
            server: one.server,
            held,
        }
    });
    BothSides {
        told: told.collect(),
        own_count: second
            .own_count
            .clone()
            .filter(|_| !second.calls_itself_ill() || first.calls_itself_ill()),
    }
}

fn unsure(both: BothSides, why: &str) -> BothSides {
    let told = both.told.into_iter().map(|one| {
        let differs = |held: &Held| !held.others.is_empty() || !held.silent.is_empty();
        let held = match one.held.known().is_some_and(differs) {
            true => Observed::unknown(format!("what {} tells clients", one.server), why),
            false => one.held,
        };
        Told {
            server: one.server,
            held,
        }
    });
    BothSides {
        told: told.collect(),
        own_count: both.own_count,
    }
}
