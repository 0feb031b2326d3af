//! What is changed in the configuration on its way to the new release, as the plan carries it.
//!
//! Which key becomes which is decided by [`config`](crate::systems::flink::config), and what is worth
//! a finding by the checks.

use upshift_model::observed::Gap;
use upshift_model::policy::Strategy;
use upshift_model::step::Change;

use super::error::PlanError;
use super::ground::{Ground, Starting};
use crate::systems::flink::config::{self, Carrying, Ports};

/// The change of configuration of a cluster that is started.
pub(super) fn change(ground: &Ground<'_>, starting: &Starting<'_>) -> Result<Change, PlanError> {
    let host = &ground.situation.facts().host;
    let java: Result<u32, &Gap> = host.target_java.as_result().map(|java| java.feature);
    let carried = config::carry(&Carrying {
        flink: ground.situation.knowledge.flink(),
        from: &ground.from,
        to: &ground.to,
        conf: starting.conf,
        java,
        ports: ports(ground, starting),
        old_home: Some(&starting.conf_from.home),
    })?;
    Ok(Change::CarryOver {
        from: starting.conf_from.conf.clone(),
        from_file: starting.conf.file.clone(),
        from_digest: starting.conf.digest.clone(),
        to: starting.installation.conf.clone(),
        to_file: carried.to_file,
        edits: carried.edits,
    })
}

/// Ports of its own, for a cluster that starts beside the old one.
fn ports(ground: &Ground<'_>, starting: &Starting<'_>) -> Option<Ports> {
    let shadow = starting.shadow.filter(|_| ground.strategy == Strategy::Shadow)?;
    Some(Ports {
        rest: shadow.rest.port()?,
        rpc: shadow.rpc_port,
        blob: shadow.blob_port,
    })
}
