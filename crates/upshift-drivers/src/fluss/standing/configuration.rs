//! Whether a server's `server.yaml` for the wanted release is there: written by this run, or by a person beforehand.

use std::path::PathBuf;

use upshift_engine::driver::{Fault, Standing};
use upshift_model::digest::Digest;
use upshift_model::fluss::{Server, server_yaml_of};
use upshift_model::ids::ComponentId;
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::{Baseline, Failure};
use upshift_model::step::Change;

use super::Look;
use crate::fluss::carry_over::{carried_over, of_another_server};
use crate::fluss::codes;
use crate::fluss::driver::FlussDriver;
use crate::fluss::expectation::failure;
use crate::fluss::observe::SERVER_YAML;

/// Both files of a step, as they are now.
pub(in crate::fluss) struct Files {
    pub(in crate::fluss) to: PathBuf,
    pub(in crate::fluss) from: PathBuf,
    /// The old one; none where it is another than the plan was made with.
    old: Option<String>,
    /// What the new one must hold, by the old one.
    pub(in crate::fluss) wanted: Option<String>,
    pub(in crate::fluss) found: Option<String>,
}

impl Files {
    pub(in crate::fluss) async fn read(
        driver: &FlussDriver,
        server: &Server,
        change: &Change,
    ) -> Result<Self, Fault> {
        let Change::CarryOver {
            from,
            from_file,
            from_digest,
            to,
            to_file,
            edits,
        } = change;
        let (from, to) = (from.join(from_file), to.join(to_file));
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let old = driver.machines.read(server, &from).await?;
        let old = old
            .filter(|bytes| Digest::of_bytes(bytes) == *from_digest)
            .map(text);
        Ok(Self {
            wanted: old.as_deref().map(|old| carried_over(old, edits)),
            found: driver.machines.read(server, &to).await?.map(text),
            old,
            from,
            to,
        })
    }
}

impl Look<'_> {
    pub(super) async fn carried_over(&self, id: &ComponentId, change: &Change) -> Result<Standing, Fault> {
        let files = Files::read(self.driver, self.server(id)?, change).await?;
        let (from, to) = (files.from.display(), files.to.display());
        let other = |what: String| Ok(Standing::Contradicted(failure(codes::OTHER_FILE, what)));
        let (Some(old), Some(wanted)) = (&files.old, &files.wanted) else {
            return other(format!("{from} has changed since the plan was made, or is gone"));
        };
        let Some(found) = files.found else {
            return Ok(Standing::Ready(Baseline::default()));
        };
        let said = match of_another_server(old, &found) {
            _ if found == *wanted => {
                format!("{to} holds what {from} does, keys under the names of the wanted release")
            }
            Some(what) => {
                return other(format!("{to} was there already and is not that of {id}: {what}"));
            }
            None => format!("{to} was prepared beforehand and stays as it is"),
        };
        let digest = Digest::of_bytes(found.as_bytes());
        let binding = Binding::Value {
            name: server_yaml_of(id),
            value: digest.hex().to_owned(),
        };
        let proof = Proof::of([said, format!("sha256 {}", digest.hex())]);
        Ok(Standing::Done(proof.with(binding)))
    }

    /// What became of a file that this run wrote or found; none where it is as it was.
    pub(super) async fn changed_since(&self, id: &ComponentId) -> Result<Option<Failure>, Fault> {
        let server = self.server(id)?;
        let file = server.new.conf.join(SERVER_YAML);
        let found = self.driver.machines.read(server, &file).await?;
        let digest = found.map(|bytes| Digest::of_bytes(&bytes));
        let bound = self.bound.value(&server_yaml_of(id));
        let what = match (bound, digest) {
            (Some(bound), Some(digest)) if digest.hex() == bound => return Ok(None),
            (None, _) => "what it held when the run began is not known",
            (Some(_), None) => "it is gone",
            (Some(_), Some(_)) => "somebody has changed it since this run wrote or found it",
        };
        Ok(Some(failure(
            codes::OTHER_FILE,
            format!("{}: {what}; {} is not taken further", file.display(), server.id),
        )))
    }
}
