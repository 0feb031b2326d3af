//! By which hops, and when clients go: from the catalogue, by the search that `upshift route` makes.

use std::collections::BTreeSet;

use upshift_model::version::Version;

use super::error::PlanError;
use crate::knowledge::{Facts, Known, Release};
use crate::route::{Outcome, Wish, route};
use crate::systems::weka::situation::Situation;

/// One move of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// All backends.
    Backends(Version),
    /// Clients that are not of this release yet.
    Clients(Version),
}

/// The moves in order, and why so.
///
/// # Errors
/// When none leads there.
pub fn way(s: &Situation<'_>) -> Result<(Vec<Move>, Vec<String>), PlanError> {
    let wish = Wish {
        from: s.from.clone(),
        to: s.to.clone(),
        clients: oldest_client(s)?,
    };
    match route(s.library, &wish, &Facts::default(), false) {
        Outcome::Found(found) => {
            let moves = found.steps.iter().map(|step| {
                let to = version(&step.to)?;
                Ok(match step.roles == ["clients"] {
                    true => Move::Clients(to),
                    false => Move::Backends(to),
                })
            });
            Ok((moves.collect::<Result<_, PlanError>>()?, found.reasons))
        }
        Outcome::Blocked(blocked) => Err(PlanError::NoRoute {
            from: s.declaration.current.clone(),
            to: s.declaration.target.clone(),
            why: blocked.because.first().map_or_else(
                || "nobody says that it may be done".to_owned(),
                |row| row.text.clone(),
            ),
        }),
    }
}

/// The oldest of the clients that are upgraded: what it may stand beside, the others may, too.
fn oldest_client(s: &Situation<'_>) -> Result<Option<Release>, PlanError> {
    if !s.declaration.clients {
        return Ok(None);
    }
    let mut releases = BTreeSet::new();
    for client in s.facts.cluster.client_containers() {
        let told = client.release.as_deref().ok_or_else(|| PlanError::Unseen {
            what: "the release of every client".to_owned(),
        })?;
        let read = Release::parse(Known::Weka, told).map_err(|error| PlanError::Unseen {
            what: format!("a client's release: {error}"),
        })?;
        releases.insert(read);
    }
    Ok(releases.into_iter().next())
}

fn version(release: &Release) -> Result<Version, PlanError> {
    release.as_str().parse().map_err(|_| PlanError::Unseen {
        what: format!("{} as a version", release.as_str()),
    })
}
