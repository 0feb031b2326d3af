//! What lies in the folders of stopped servers is not touched while one of them runs: a supervisor may have started it
//! again, and it writes there, or deletes what its master does not know.

use upshift_engine::driver::{Fault, Standing};
use upshift_model::alluxio::{Place, Preparation, Role};
use upshift_model::ids::ComponentId;
use upshift_model::step::{Artifact, Effect, Preparation as Prepared};

use super::Look;
use crate::alluxio::codes;
use crate::alluxio::machine::{failure, running};

/// Whose folders a step takes in hand.
enum Whose<'a> {
    /// Those of all masters: their journal may be one folder that they share.
    Masters,
    /// A worker's.
    Worker(&'a ComponentId),
}

fn in_hand(effect: &Effect) -> Option<Whose<'_>> {
    match effect {
        Effect::Transfer {
            what: Artifact::Folder { .. },
            ..
        }
        | Effect::Prepare {
            what: Prepared::Alluxio(Preparation::PutBack { .. }),
        } => Some(Whose::Masters),
        Effect::Prepare {
            what:
                Prepared::Alluxio(
                    Preparation::FormatWorker { server, .. }
                    | Preparation::SaveTiers { server, .. }
                    | Preparation::ReturnTiers { server, .. },
                ),
        } => Some(Whose::Worker(server)),
        _ => None,
    }
}

impl Look<'_> {
    /// A server that runs over the folders which the step is about to touch.
    pub(super) async fn in_the_way(&self) -> Result<Option<Standing>, Fault> {
        let (role, places): (Role, Vec<&Place>) = match in_hand(&self.step.effect) {
            None => return Ok(None),
            Some(Whose::Masters) => (Role::Master, self.driver.site.master_places().collect()),
            Some(Whose::Worker(id)) => (Role::Worker, vec![self.driver.server(id)?.1]),
        };
        for place in places {
            if let Some(one) = running(&self.driver.machines, place).await?.of(role).first() {
                return Ok(Some(Standing::Contradicted(failure(
                    codes::FOREIGN_PROCESS,
                    format!(
                        "process {}, a {}, runs on {}: its folders are not touched under it",
                        one.pid,
                        role.words(),
                        place.host
                    ),
                ))));
            }
        }
        Ok(None)
    }
}
