//! Which server a step stops, or starts.

use upshift_model::fluss::{ServerId, Site};
use upshift_model::step::{Effect, StartWhat, Step, StopWhat};

/// None where it stops none.
pub(super) fn stopped(step: &Step, site: &Site) -> Option<ServerId> {
    match &step.effect {
        Effect::Stop {
            what: StopWhat::Server { server },
        } => site.servers.get(server).map(|server| server.id),
        _ => None,
    }
}

/// None where it starts none.
pub(super) fn started(step: &Step, site: &Site) -> Option<ServerId> {
    match &step.effect {
        Effect::Start {
            what: StartWhat::Server { server, .. },
        } => site.servers.get(server).map(|server| server.id),
        _ => None,
    }
}
