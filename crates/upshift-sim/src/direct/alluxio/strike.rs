//! What a fault does to the cluster.

use upshift_model::step::{Effect, StartWhat, Step, StopWhat};

use crate::alluxio::{Role, World};
use crate::direct::Fault;

const RESTARTED_IN: i64 = 2_000;
const MISSED_FOR: i64 = 30_000;
const WRITES_FOR: i64 = 5_000;

pub(super) fn strike(world: &mut World, step: &Step, fault: Fault) {
    // What upshift has in hand is none of a supervisor's.
    let other = match subject(step) {
        Some(Role::Master) => Role::Worker,
        Some(Role::Worker) | None => Role::Master,
    };
    match fault {
        Fault::FarSideRestarts => world.dies(other, RESTARTED_IN),
        Fault::ProcessKilled => world.dies(other, MISSED_FOR),
        Fault::Stillborn => world.stillborn = true,
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

fn subject(step: &Step) -> Option<Role> {
    let server = match &step.effect {
        Effect::Stop {
            what: StopWhat::Server { server },
        }
        | Effect::Start {
            what: StartWhat::Server { server, .. } | StartWhat::Restored { server, .. },
        } => server,
        _ => return None,
    };
    super::standing::role(server).ok()
}
