//! What a fault does to the cluster.

use upshift_model::alluxio::{Preparation, Site};
use upshift_model::step::{Effect, Preparation as Prepared, StartWhat, Step, StopWhat};

use super::standing::server;
use crate::alluxio::{MASTER, Role, Server, WORKER, World};
use crate::direct::Fault;

const RESTARTED_IN: i64 = 2_000;
const MISSED_FOR: i64 = 30_000;
const WRITES_FOR: i64 = 5_000;

pub(super) fn strike(world: &mut World, site: Option<&Site>, step: &Step, fault: Fault) {
    let subject = subject(site, step);
    let leader = (Role::Master, world.leader.unwrap_or(MASTER.1));
    // What upshift has in hand is none of a supervisor's.
    let other = match subject {
        Some((Role::Master, _)) => WORKER,
        Some((Role::Worker, _)) | None => leader,
    };
    match fault {
        Fault::FarSideRestarts => world.dies(other, RESTARTED_IN),
        // A master that is to restore dies of it, and nobody starts it again but upshift.
        Fault::ProcessKilled if restores(step) => {
            if let Some(restoring) = subject {
                world.is_killed(restoring);
            }
        }
        Fault::ProcessKilled if subject.is_none() => world.dies(WORKER, MISSED_FOR),
        Fault::ProcessKilled => world.dies(other, MISSED_FOR),
        Fault::FarSideForgets => world.loses_its_tier(),
        Fault::Stillborn => world.stillborn = true,
        Fault::StateLacking if copies(step) => world.closed_next = true,
        Fault::StateLacking => world.cut_next = true,
        Fault::Stranger => world.stranger = Some((world.now(), world.now() + WRITES_FOR)),
        Fault::WrittenOver => {
            for backup in world.backups.values_mut() {
                backup.tree.pop_first();
                backup.version += 1;
            }
        }
        _ => {}
    }
}

const fn restores(step: &Step) -> bool {
    matches!(
        step.effect,
        Effect::Start {
            what: StartWhat::Restored { .. }
        }
    )
}

const fn copies(step: &Step) -> bool {
    matches!(
        step.effect,
        Effect::Prepare {
            what: Prepared::Alluxio(Preparation::Copy { .. })
        }
    )
}

fn subject(site: Option<&Site>, step: &Step) -> Option<Server> {
    let named = match &step.effect {
        Effect::Stop {
            what: StopWhat::Server { server },
        }
        | Effect::Start {
            what: StartWhat::Server { server, .. } | StartWhat::Restored { server, .. },
        } => server,
        _ => return None,
    };
    server(site?, named).ok()
}
