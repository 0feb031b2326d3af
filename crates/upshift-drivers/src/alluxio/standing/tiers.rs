//! Tiers of stopped workers: copied whole while nobody writes into them, and put back where blocks are gone.

use std::path::Path;

use upshift_engine::driver::{Fault, Standing};
use upshift_model::ids::ComponentId;
use upshift_model::proof::Proof;
use upshift_model::record::Baseline;

use super::condition::Seen;
use super::{Look, ready};
use crate::alluxio::codes;
use crate::alluxio::machine::failure;

impl Look<'_> {
    /// Asked before anything is stopped.
    pub(super) async fn tier_room(&self, server: &ComponentId, to: &Path) -> Result<Seen, Fault> {
        let (server, place) = self.driver.server(server)?;
        let against = self.driver.far(&server.host)?.room(to, &place.tiers).await?;
        Ok(match against {
            None => Seen::Met(format!(
                "{} has room for the tiers of {}",
                to.display(),
                server.host
            )),
            Some(why) => Seen::Bad(failure(codes::TIERS, format!("on {}: {why}", server.host))),
        })
    }

    pub(super) async fn tiers_saved(&self, server: &ComponentId, to: &Path) -> Result<Standing, Fault> {
        let (server, place) = self.driver.server(server)?;
        let far = self.driver.far(&server.host)?;
        let Some(saved) = far.saved(to, &place.tiers).await? else {
            return Ok(self
                .intent
                .map_or_else(ready, |intent| Standing::Ready(intent.baseline.clone())));
        };
        let shown = to.display();
        Ok(match (&saved.gone, saved.files == saved.in_tiers) {
            (None, true) => Standing::Done(Proof::of([format!(
                "{shown} on {} holds all {} files with {} bytes of the tiers",
                server.host, saved.files, saved.bytes
            )])),
            (gone, _) => Standing::Contradicted(failure(
                codes::TIERS,
                format!(
                    "{shown} on {} is no copy of the tiers: {} files of {}{}",
                    server.host,
                    saved.files,
                    saved.in_tiers,
                    gone.as_ref()
                        .map_or_else(String::new, |gone| format!(", {gone} is another"))
                ),
            )),
        })
    }

    pub(super) async fn tiers_returned(&self, server: &ComponentId, from: &Path) -> Result<Standing, Fault> {
        let (server, place) = self.driver.server(server)?;
        let far = self.driver.far(&server.host)?;
        let shown = from.display();
        let saved = far.saved(from, &place.tiers).await?;
        Ok(match (saved, self.intent) {
            // A way back from before they were copied has nothing to put back.
            (None, _) => Standing::Done(Proof::of([format!(
                "no tiers were copied to {shown} on {}: they lie where they lay",
                server.host
            )])),
            (Some(saved), _) if saved.gone.is_none() => Standing::Done(Proof::of([format!(
                "all {} files of {shown} lie in the tiers of {}",
                saved.files, server.host
            )])),
            (Some(_), None) => Standing::Ready(Baseline::default()),
            (Some(_), Some(intent)) => Standing::Ready(intent.baseline.clone()),
        })
    }
}
