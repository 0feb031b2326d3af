//! The `server.yaml` of each server that reads another one with the wanted release: what becomes of it on the way.

use upshift_model::fluss::{DeclaredServer, ServerId};
use upshift_model::observed::Gap;
use upshift_model::step::Change;

use super::error::PlanError;
use super::plan::running;
use crate::systems::fluss::checks::{CarriedOver, carried_over};
use crate::systems::fluss::situation::Situation;

const SERVER_YAML: &str = "server.yaml";

/// One of them.
pub(super) struct Carried {
    pub(super) id: ServerId,
    pub(super) change: Change,
    /// For whoever approves.
    pub(super) diff: Vec<String>,
}

/// Of servers that are to be replaced still.
///
/// # Errors
/// When a file was not seen.
pub(super) fn carried(s: &Situation<'_>, left: &[ServerId]) -> Result<Vec<Carried>, PlanError> {
    let reads_another = |of: &&DeclaredServer| left.contains(&of.id) && of.target_conf != of.conf;
    let unseen = |gap: &Gap| PlanError::Unseen { gap: gap.clone() };
    let processes = s.system.processes.as_result().map_err(unseen)?;
    let mut all = Vec::new();
    for of in s.declaration.servers.iter().filter(reads_another) {
        let process = running(processes, of).ok_or_else(|| PlanError::NoProcess {
            server: of.id.to_string(),
            conf: of.conf.display().to_string(),
        })?;
        let options = process.options.as_result().map_err(unseen)?;
        let CarriedOver { edits, diff } = carried_over(s, options);
        let change = Change::CarryOver {
            from: of.conf.clone(),
            from_file: SERVER_YAML.to_owned(),
            from_digest: process.file_digest.as_result().map_err(unseen)?.clone(),
            to: of.target_conf.clone(),
            to_file: SERVER_YAML.to_owned(),
            edits,
        };
        all.push(Carried {
            id: of.id,
            change,
            diff,
        });
    }
    Ok(all)
}
