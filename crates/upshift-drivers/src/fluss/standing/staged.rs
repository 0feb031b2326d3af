//! Whether what the wanted release needs lies on a host: before the first stop, and again before each stop and start.

use std::collections::BTreeSet;
use std::path::Path;

use upshift_engine::driver::{Fault, Standing};
use upshift_model::fluss::same_release;
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Failure};

use super::Look;
use crate::fluss::codes;
use crate::fluss::expectation::failure;
use crate::fluss::observe::home_at;
use crate::fluss::staging::{Stands, look};

impl Look<'_> {
    pub(super) async fn staged(&self, host: &str, plugins: &BTreeSet<String>) -> Result<Standing, Fault> {
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
        for one in all.iter().filter(|one| one.archive) {
            match self.looked_into(host, &one.to, plugins).await? {
                Ok(fact) => said.push(fact),
                Err(what) => {
                    let what = format!(
                        "{} on {host}, as its archive was unpacked, {what}",
                        one.to.display()
                    );
                    return Ok(Standing::Contradicted(failure(codes::STAGED, what)));
                }
            }
        }
        Ok(Standing::Done(Proof::of(said)))
    }

    /// Whether servers of the wanted release would come up from what was unpacked; else what they would miss. Nobody could
    /// look into it before.
    async fn looked_into(
        &self,
        host: &str,
        at: &Path,
        plugins: &BTreeSet<String>,
    ) -> Result<Result<String, String>, Fault> {
        let home = home_at(self.driver.machines.link_to(host)?, at).await;
        let home = home.map_err(|why| {
            Fault::Transient(format!(
                "what was unpacked on {host} could not be looked into: {why}"
            ))
        })?;
        let home = match home.as_result() {
            Ok(home) => home,
            Err(gap) => return Ok(Err(format!("is no release: {}", gap.reason))),
        };
        let jar = match home.server_jar.as_result() {
            Ok(jar) => jar,
            Err(gap) => return Ok(Err(format!("has not one server jar: {}", gap.reason))),
        };
        let mut wanted = self
            .driver
            .site
            .servers
            .values()
            .map(|server| &server.new.version);
        if let Some(other) = wanted.find(|wanted| !same_release(jar, wanted.as_str())) {
            return Ok(Err(format!("is of release {jar}, and {other} is wanted")));
        }
        if let Some((empty, _)) = home.plugins.iter().find(|(_, jars)| **jars == 0) {
            return Ok(Err(format!(
                "has plugins/{empty} with no jar in it, which ends every server at its start"
            )));
        }
        let lacking = plugins.iter().filter(|name| !home.plugins.contains_key(*name));
        let lacking: Vec<String> = lacking.map(|name| format!("plugins/{name}")).collect();
        if !lacking.is_empty() {
            let lacking = lacking.join(", ");
            return Ok(Err(format!(
                "has no {lacking}, which the cluster uses; [[stage]] names no jar of it either"
            )));
        }
        Ok(Ok(format!(
            "{} on {host} is of release {jar}, with {} jars",
            at.display(),
            home.jars.len()
        )))
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
