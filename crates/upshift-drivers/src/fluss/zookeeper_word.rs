//! What each server of ZooKeeper says of itself, by `srvr`: the one word that servers answer unless somebody forbids it. It
//! asks for no login, and goes through TLS where sessions do.

use std::time::Duration;

use futures::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use upshift_model::fluss::{Keeper, KeeperState};
use upshift_model::observed::Observed;

use super::zookeeper::Walk;
use super::zookeeper_door::Keys;
use super::zookeeper_session::SessionError;

const WORD: &[u8] = b"srvr";
const LIMIT: Duration = Duration::from_secs(10);
/// An answer has some ten lines.
const LONGEST: u64 = 64 << 10;

/// Asks each server that is named.
pub async fn keepers(walk: Walk<'_>) -> Vec<Keeper> {
    let named = walk.servers.split(',').map(str::trim);
    let named = named.filter(|server| !server.is_empty());
    let keys = Keys::of(walk.door);
    let all = named.map(|server| {
        let keys = keys.as_ref();
        async move {
            let what = format!("what ZooKeeper at {server} says of itself");
            let state = match keys {
                Ok(keys) => ask(server, keys).await,
                Err(error) => Err(error.to_string()),
            };
            Keeper {
                address: server.to_owned(),
                state: match state {
                    Ok(state) => Observed::Known(state),
                    Err(why) => Observed::unknown(what, why),
                },
            }
        }
    });
    join_all(all).await
}

async fn ask(server: &str, keys: &Keys<'_>) -> Result<KeeperState, String> {
    let said = async {
        let mut stream = keys.connect(server).await?;
        stream.write_all(WORD).await.map_err(SessionError::wire)?;
        let mut bytes = Vec::new();
        let mut answer = stream.take(LONGEST);
        // Servers close the connection behind their answer, and not all say so first: what came counts.
        match answer.read_to_end(&mut bytes).await {
            Err(error) if bytes.is_empty() => Err(SessionError::wire(error)),
            _ => Ok(bytes),
        }
    };
    match tokio::time::timeout(LIMIT, said).await {
        Ok(Ok(bytes)) => state(&String::from_utf8_lossy(&bytes)),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer to srvr within {} s", LIMIT.as_secs())),
    }
}

fn state(said: &str) -> Result<KeeperState, String> {
    if said.contains("not currently serving requests") {
        return Ok(KeeperState::DoesNotServe);
    }
    let value = |name: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(name))?;
        line.split([',', '-']).next().map(|value| value.trim().to_owned())
    };
    let mode = said.lines().find_map(|line| line.strip_prefix("Mode: "));
    match (value("Zookeeper version: "), mode) {
        (Some(version), Some(mode)) => Ok(KeeperState::Serves {
            version,
            mode: mode.trim().to_owned(),
        }),
        _ => Err(match said.lines().next() {
            Some(first) => format!("it answers srvr with {first:?}"),
            None => "it answers nothing to srvr".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use upshift_model::fluss::KeeperState;

    use super::state;

    #[test]
    fn release_and_mode_are_read_and_what_is_no_answer_is_told() {
        let said = "Zookeeper version: 3.8.3-6ad6d364c7c0bcf0de452d54ebefa3058098ab56, built on 2023-10-05 10:34 UTC\nLatency min/avg/max: 0/0.0/0\nMode: follower\nNode count: 5\n";
        let seen = state(said).expect("an answer");
        assert_eq!(seen.line(), Some((3, 8)));
        assert_eq!(seen.words(), "3.8.3, follower");
        assert_eq!(
            state("This ZooKeeper instance is not currently serving requests\n"),
            Ok(KeeperState::DoesNotServe)
        );
        let forbidden = state("srvr is not executed because it is not in the whitelist.\n");
        assert!(forbidden.is_err_and(|why| why.contains("whitelist")));
        assert!(state("").is_err_and(|why| why.contains("nothing")));
    }
}
