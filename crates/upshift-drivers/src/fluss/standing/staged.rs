//! Whether what the wanted release needs lies on a host: before the first stop, and again before each stop and start.

use upshift_engine::driver::{Fault, Standing};
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Failure};

use super::Look;
use crate::fluss::codes;
use crate::fluss::expectation::failure;
use crate::fluss::staging::{Stands, look};

impl Look<'_> {
    pub(super) async fn staged(&self, host: &str) -> Result<Standing, Fault> {
        let all = &self.driver.site.staged;
        let stands = look(self.driver.machines.link_to(host)?, all).await?;
        let mut said = Vec::new();
        for (one, stands) in all.iter().zip(&stands) {
            let to = one.to.display();
            match stands {
                Stands::Other => {
                    let what = match one.archive {
                        true => {
                            format!("{to} on {host} is there already, and was not unpacked from this archive")
                        }
                        false => format!(
                            "{to} on {host} is there already, and is another file: its sha256 is not {}",
                            one.sha256
                        ),
                    };
                    return Ok(Standing::Contradicted(failure(codes::STAGED, what)));
                }
                Stands::Same => said.push(format!("{to} on {host}: sha256 {}", one.sha256)),
                Stands::Absent => return Ok(Standing::Ready(Baseline::default())),
            }
        }
        Ok(Standing::Done(Proof::of(said)))
    }

    /// What is not as it was brought there; none where all is.
    pub(super) async fn unstaged(&self, host: &str) -> Result<Option<Failure>, Fault> {
        let all = &self.driver.site.staged;
        let stands = look(self.driver.machines.link_to(host)?, all).await?;
        let bad = all.iter().zip(stands).find(|(_, stands)| *stands != Stands::Same);
        Ok(bad.map(|(one, stands)| {
            let how = match stands {
                Stands::Absent => "is gone",
                Stands::Same | Stands::Other => "is another one now",
            };
            let to = one.to.display();
            failure(
                codes::STAGED,
                format!("{to} on {host} {how}: a server of the wanted release would come up without it"),
            )
        }))
    }
}
