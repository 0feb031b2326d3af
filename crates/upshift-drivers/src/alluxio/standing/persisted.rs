//! Files that were in workers only, written into their under-stores: over once the release's own listing shows none, and
//! not before, whatever its command says.

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::alluxio::{Place, UnpersistedFile};
use upshift_model::proof::Proof;
use upshift_model::record::Failure;
use upshift_model::version::Version;

use super::program::TAIL;
use super::{Look, ready};
use crate::alluxio::codes;
use crate::alluxio::observe::{PROOF, in_workers};
use crate::wire::hosts::Detached;
use crate::wire::machines::tail;

/// So many files are named.
const NAMED: usize = 5;

/// The release's own command, which goes through all directories.
pub(in crate::alluxio) fn persist_words(place: &Place, release: &Version) -> Option<Vec<String>> {
    let program = place.installation(release)?.home.join("bin/alluxio");
    let words = ["fs", "persist", "/"].map(str::to_owned);
    Some(
        std::iter::once(program.display().to_string())
            .chain(words)
            .collect(),
    )
}

impl Look<'_> {
    pub(super) async fn persisted(&self, release: &Version) -> Result<Standing, Fault> {
        let Some(intent) = self.intent else {
            return Ok(ready());
        };
        let (server, place) = self.driver.first_master()?;
        let (stands, said) = self.driver.machines.started(&server.host, intent).await?;
        match stands {
            Detached::Never => return Ok(Standing::Ready(intent.baseline.clone())),
            Detached::Running => {
                let last = said.lines().next_back().unwrap_or("files are being persisted");
                return Ok(Standing::Underway(Progress::of(last)));
            }
            _ => {}
        }
        let home = &place
            .installation(release)
            .ok_or_else(|| self.driver.not_known(self.step))?
            .home;
        let link = self.driver.machines.link(&server.host)?;
        let left = in_workers(link, home, release.as_str(), PROOF).await;
        let left: Vec<UnpersistedFile> = left
            .map_err(Fault::Transient)?
            .into_iter()
            .filter(|file| file.bytes > 0)
            .collect();
        let bytes: u64 = left.iter().map(|file| file.bytes).sum();
        Ok(match left.is_empty() {
            true => Standing::Done(Proof::of(["every file is in an under-store".to_owned()])),
            false => {
                let named = left.iter().take(NAMED).map(|file| file.path.as_str());
                let named: Vec<&str> = named.collect();
                Standing::Failed(Failure {
                    code: codes::IN_WORKERS_ONLY,
                    what: format!(
                        "{} files with {bytes} bytes are in workers only still: {}; the command {stands}",
                        left.len(),
                        named.join(", ")
                    ),
                    far_side: Some(tail(&said, TAIL).to_owned()).filter(|said| !said.is_empty()),
                })
            }
        })
    }
}
