//! Whether servers of the wanted release will be started with the configuration that the plan means: also where the plan
//! changes nothing in it.

use upshift_engine::driver::Fault;
use upshift_model::ids::ComponentId;

use super::Look;
use super::condition::Seen;
use crate::alluxio::codes;
use crate::alluxio::configure::{Made, made};
use crate::alluxio::machine::failure;

impl Look<'_> {
    pub(super) async fn configured(&self, id: &ComponentId, is_made: bool) -> Result<Seen, Fault> {
        let (server, place) = self.driver.server(id)?;
        let Some(pinned) = &place.pinned else {
            return Ok(Seen::Met("the plan does not pin the configuration".to_owned()));
        };
        let far = self.driver.far(&server.host)?;
        let bad = |what: String| {
            let what = format!("{what} on {}", server.host);
            Ok(Seen::Bad(failure(codes::CONFIGURATION, what)))
        };
        let file = pinned.file.display();
        match made(far, &pinned.made_of, &pinned.sha256, &pinned.file, &pinned.edits).await? {
            Made::Yes => Ok(Seen::Met(format!("{file} is the one that the plan means"))),
            Made::NotYet if is_made => bad(format!("{file} lacks what the plan sets in it")),
            Made::NotYet => Ok(Seen::Met(format!(
                "{} is the one that was seen when the plan was made",
                pinned.made_of.display()
            ))),
            Made::Other(what) => bad(what),
        }
    }
}
