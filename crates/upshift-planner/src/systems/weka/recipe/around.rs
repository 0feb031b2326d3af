//! What is done around one hop: the override that the vendor asks for, and what AWS asks for after it.

use std::collections::BTreeSet;

use upshift_model::policy::OnLaneFailure;
use upshift_model::step::Wave;
use upshift_model::version::Version;

use super::error::PlanError;
use super::plan::settled;
use super::site::unseen;
use super::steps;
use crate::build::{lane, wave};
use crate::knowledge::{Known, Release};
use crate::systems::weka::situation::{Situation, needs_override};

/// The key that the vendor names.
pub(super) const KEY: &str = "rpc.exception.version";
/// And the value.
pub(super) const VALUE: &str = "1";

/// Whether this hop takes an override that is not there. One that somebody set stays theirs.
pub(super) fn overrides(s: &Situation<'_>, (from, to): (&Version, &Version)) -> Result<bool, PlanError> {
    let read = |version: &Version| {
        Release::parse(Known::Weka, version.as_str()).map_err(|error| unseen(&error.to_string()))
    };
    if !needs_override(&read(from)?, &read(to)?) {
        return Ok(false);
    }
    let set = s.facts.cluster.inner.overrides.known();
    let set = set.ok_or_else(|| unseen("which overrides are set"))?;
    Ok(!set.iter().any(|one| one.key.as_deref() == Some(KEY)))
}

/// Backends on AWS, one after the other: where write combining is not on, the server's containers are restarted.
pub(super) fn restarts(s: &Situation<'_>, release: &Version) -> Option<Wave> {
    let on_aws = s.facts.cluster.backend_containers();
    let on_aws = on_aws.filter(|container| container.aws == Some(true));
    let hosts: BTreeSet<&str> = on_aws.filter_map(|container| container.host.as_deref()).collect();
    let mut all = Vec::new();
    for host in hosts {
        all.push(steps::restart(host, release));
        all.push(steps::hold(s.declaration.hold, settled(s, release)));
    }
    wave(
        &format!("aws {release}"),
        vec![lane(None, all)],
        1,
        OnLaneFailure::All,
    )
}
