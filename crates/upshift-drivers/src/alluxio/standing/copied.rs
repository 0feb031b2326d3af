//! Backups that are brought here from a master's host, and put onto every master's: each is the one that was taken, by
//! its digest.

use std::path::PathBuf;

use upshift_engine::driver::{Fault, Standing};
use upshift_model::alluxio::{Role, Site, THIS_MACHINE};
use upshift_model::ids::{BindingName, ComponentId, SystemName};
use upshift_model::proof::{Binding, Bindings, Proof};

use super::condition::Seen;
use super::proven::{Source, read};
use super::{Look, part, ready, source};
use crate::alluxio::codes;
use crate::alluxio::machine::{failure, running};

/// Where a backup lies that was fetched.
pub(in crate::alluxio) fn fetched_to(
    site: &Site,
    system: &SystemName,
    of: &Source,
    into: &BindingName,
) -> PathBuf {
    let name = format!("{system}-{}-fetched", &short(of));
    site.backups
        .join(name)
        .join(format!("{}.gz", into.as_str().replace('/', "-")))
}

/// Where the copy on a master's host lies: under one path on all of them.
pub(in crate::alluxio) fn copied_to(site: &Site, system: &SystemName, of: &Source) -> PathBuf {
    let name = format!("{system}-{}-restored", short(of));
    site.backups.join(name).join("backup.gz")
}

fn short(of: &Source) -> &str {
    of.sha256.get(..16).unwrap_or(&of.sha256)
}

impl Look<'_> {
    pub(super) async fn fetched(&self, of: &BindingName, into: &BindingName) -> Result<Standing, Fault> {
        let source = source(self.bound, of)?;
        let to = fetched_to(&self.driver.site, &self.driver.system, &source, into);
        let there = to.try_exists();
        if !there.map_err(|error| Fault::Transient(format!("{}: {error}", to.display())))? {
            return Ok(self
                .intent
                .map_or_else(ready, |intent| Standing::Ready(intent.baseline.clone())));
        }
        let backup = read(&to).await?;
        if backup.sha256.hex() != source.sha256 {
            return Ok(Standing::Contradicted(failure(
                codes::OTHER_BACKUP,
                format!(
                    "{} is not the backup that was taken: sha256 {}, expected {}",
                    to.display(),
                    backup.sha256.hex(),
                    source.sha256
                ),
            )));
        }
        let fact = format!(
            "{} is the one on {}, by its sha256 {}",
            to.display(),
            source.host()?,
            source.sha256
        );
        Ok(Standing::Done(bound(Proof::of([fact]), into, &source, to)))
    }

    pub(super) async fn copied(
        &self,
        of: &BindingName,
        id: &ComponentId,
        into: &BindingName,
    ) -> Result<Standing, Fault> {
        let (server, place) = self.driver.server(id)?;
        let source = source(self.bound, of)?;
        let to = copied_to(&self.driver.site, &self.driver.system, &source);
        let far = self.driver.far(&server.host)?;
        match far.digest(&to).await? {
            Some((_, sha256)) if sha256 == source.sha256 => {}
            // Nothing is there, or the half of an earlier try.
            _ => {
                return Ok(self
                    .intent
                    .map_or_else(ready, |intent| Standing::Ready(intent.baseline.clone())));
            }
        }
        let shown = to.display().to_string();
        let running = running(&self.driver.machines, place).await?;
        let can_read = match running.of(Role::Master).as_slice() {
            [] => None,
            [one, ..] => far.readable(&to, one.pid).await?,
        };
        let readable = match can_read {
            Some(true) => format!("its master can read {shown}"),
            Some(false) => {
                return Ok(Standing::Contradicted(failure(
                    codes::NOT_COPIED,
                    format!(
                        "the master on {} cannot read {shown}: it belongs to another user, or a folder above it is closed",
                        server.host
                    ),
                )));
            }
            None => format!(
                "{shown} belongs to the owner of its folder; whether its master reads it could not be tried"
            ),
        };
        let fact = format!("{shown} on {} has sha256 {}", server.host, source.sha256);
        Ok(Standing::Done(bound(
            Proof::of([fact, readable]),
            into,
            &source,
            to,
        )))
    }
}

impl Look<'_> {
    /// A backup that somebody wrote over after it was proven is seen before the journal is gone.
    pub(super) async fn unaltered(
        &self,
        of: &BindingName,
        on: Option<&ComponentId>,
        bound: &Bindings,
    ) -> Result<Seen, Fault> {
        let source = source(bound, of)?;
        let host = match on {
            Some(id) => self.driver.server(id)?.0.host.as_str(),
            None => THIS_MACHINE,
        };
        let shown = format!("{} on {host}", source.file.display());
        let found = self.driver.far(host)?.digest(&source.file).await?;
        let other = |what: String| Seen::Bad(failure(codes::OTHER_BACKUP, what));
        Ok(match found {
            Some((_, sha256)) if sha256 == source.sha256 => {
                Seen::Met(format!("{shown} is what was proven, by its sha256 {sha256}"))
            }
            Some((_, sha256)) => other(format!(
                "{shown} is not the backup that was proven: sha256 {sha256}, expected {}",
                source.sha256
            )),
            None => other(format!(
                "{shown}, the backup that was proven, is not there any more"
            )),
        })
    }
}

/// The copy under its own name, with what is known of the original.
fn bound(proof: Proof, into: &BindingName, source: &Source, file: PathBuf) -> Proof {
    let bind = |of: &str, value: String| Binding::Value {
        name: part(into, of),
        value,
    };
    let mut proof = proof
        .with(bind("file", file.display().to_string()))
        .with(bind("sha256", source.sha256.clone()));
    if let Some(entries) = source.entries {
        proof = proof.with(bind("entries", entries.to_string()));
    }
    proof
}
