//! Tiers of stopped workers: copied whole while nobody writes into them, and put back where blocks are gone; or formatted,
//! where a person gives up what lies in them.

use std::path::Path;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::alluxio::{Role, TierFolder};
use upshift_model::ids::ComponentId;
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Failure};

use super::condition::Seen;
use super::program::TAIL;
use super::{Look, ready};
use crate::alluxio::codes;
use crate::alluxio::machine::failure;
use crate::wire::hosts::Detached;
use crate::wire::machines::tail;

/// Key of a tier in the baseline, by its place.
fn key(tier: &Path) -> String {
    format!("in {}", tier.display())
}

impl Look<'_> {
    /// Told by the tiers themselves: the release's command ends with 0 where it failed.
    pub(super) async fn worker_formatted(&self, id: &ComponentId) -> Result<Standing, Fault> {
        let (server, place) = self.driver.server(id)?;
        let program = match self.intent {
            Some(intent) => Some(self.driver.machines.started(&server.host, intent).await?),
            None => None,
        };
        if matches!(program, Some((Detached::Running, _))) {
            return Ok(Standing::Underway(Progress::of("formatting")));
        }
        let held = self.driver.far(&server.host)?.tally(&place.tiers).await?;
        let each = || place.tiers.iter().zip(&held);
        if held.iter().all(|(files, _)| *files == 0) {
            let facts = each().map(|(tier, _)| {
                let was = self.intent.and_then(|intent| intent.baseline.0.get(&key(tier)));
                let was = was.map_or("nothing", String::as_str);
                format!("{} on {} is empty: {was} lay in it", tier.display(), server.host)
            });
            return Ok(Standing::Done(Proof::of(facts)));
        }
        let Some((stands, said)) = program else {
            let now =
                each().map(|(tier, (files, bytes))| (key(tier), format!("{files} files with {bytes} bytes")));
            return Ok(Standing::Ready(Baseline(now.collect())));
        };
        let left = each().filter(|(_, (files, _))| *files > 0);
        let left: Vec<String> = left
            .map(|(tier, (files, bytes))| {
                format!("{} holds {files} files with {bytes} bytes", tier.display())
            })
            .collect();
        Ok(match (stands, self.intent) {
            (Detached::Never, Some(intent)) => Standing::Ready(intent.baseline.clone()),
            (other, _) => Standing::Failed(Failure {
                code: codes::WORKER_NOT_FORMATTED,
                what: format!("on {}: {}; the command {other}", server.host, left.join(", ")),
                far_side: Some(tail(&said, TAIL).to_owned()).filter(|said| !said.is_empty()),
            }),
        })
    }

    /// Told by the tiers as they are, by what the plan saw in them, and by what the worker tells its master while both run.
    pub(super) async fn tiers_hold(&self, id: &ComponentId, held: &[TierFolder]) -> Result<Seen, Fault> {
        let (server, place) = self.driver.server(id)?;
        // Before the tiers: what a worker caches meanwhile is not missed.
        let told = self.told_blocks(&server.host).await;
        let now = self.driver.far(&server.host)?.tally(&place.tiers).await?;
        let files = |tier: &Path| {
            let mut each = place.tiers.iter().zip(&now);
            each.find(|(path, _)| *path == tier).map(|(_, (files, _))| *files)
        };
        let gone: Vec<String> = held
            .iter()
            .filter(|tier| tier.blocks > 0 && files(&tier.path) == Some(0))
            .map(|tier| {
                format!(
                    "{} held {} files with {} KiB when the plan was made",
                    tier.path.display(),
                    tier.blocks,
                    tier.kib
                )
            })
            .collect();
        let all: u64 = now.iter().map(|(files, _)| *files).sum();
        let bytes: u64 = now.iter().map(|(_, bytes)| *bytes).sum();
        let host = &server.host;
        Ok(match (gone.is_empty(), told) {
            (false, _) => Seen::Bad(failure(
                codes::TIER_EMPTY,
                format!("a tier on {host} holds nothing any more: {}", gone.join("; ")),
            )),
            (true, Some(blocks)) if blocks > 0 && all == 0 => Seen::Bad(failure(
                codes::TIER_EMPTY,
                format!(
                    "the worker on {host} tells its master of {blocks} blocks, and its tiers hold nothing"
                ),
            )),
            (true, Some(blocks)) if blocks > all => Seen::Met(format!(
                "{all} files with {bytes} bytes lie in the tiers on {host}; its worker told of {blocks} blocks"
            )),
            (true, _) => Seen::Met(format!(
                "{all} files with {bytes} bytes lie in the tiers on {host}"
            )),
        })
    }

    /// How many blocks the worker of a host has, as its master tells; none where none answers, does not tell, or names
    /// hosts otherwise.
    async fn told_blocks(&self, host: &str) -> Option<u64> {
        let master = self.driver.master().await.ok()?;
        match master.workers.as_slice() {
            [one] if one.serves() && self.driver.site.of(Role::Worker).count() == 1 => one.blocks,
            several => {
                let mut own = several
                    .iter()
                    .filter(|worker| worker.serves() && worker.host == host);
                let first = own.next()?;
                own.next().is_none().then_some(first.blocks)?
            }
        }
    }

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
                "{shown} on {} holds all {} files with {} bytes of the tiers; their SHA-256 are in {shown}.sha256",
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
