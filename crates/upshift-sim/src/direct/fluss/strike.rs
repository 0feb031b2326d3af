//! What a fault does to the cluster.

use upshift_model::fluss::Site;
use upshift_model::step::{Effect, StartWhat, Step, StopWhat};

use super::scene::number;
use crate::direct::Fault;
use crate::fluss::World;

const RESTARTED_IN: i64 = 2_000;
/// Longer than a session: it is missed.
const MISSED_FOR: i64 = 40_000;
const BLIND_FOR: i64 = 60_000;

pub(super) fn strike(world: &mut World, site: &Site, step: &Step, fault: Fault) {
    let subject = subject(site, step);
    let numbers: Vec<i32> = world.servers.keys().copied().collect();
    // Beside the server that the step is about, where it is about one.
    let at = subject.and_then(|n| numbers.iter().position(|other| *other == n));
    // Where it is about none, what restarts is the coordinator, and what is missed a tablet server.
    let beside_none = usize::from(fault != Fault::FarSideRestarts);
    let other = numbers[at.map_or(beside_none, |at| (at + 1) % numbers.len())];
    match fault {
        Fault::FarSideRestarts => world.dies(other, RESTARTED_IN),
        Fault::ProcessKilled => world.dies(other, MISSED_FOR),
        Fault::MetadataAway => world.blind_until = world.now() + BLIND_FOR,
        Fault::Stillborn | Fault::NeverRegisters | Fault::WrongState => {
            if let Some(server) = subject.and_then(|n| world.servers.get_mut(&n)) {
                match fault {
                    Fault::Stillborn => server.stillborn = true,
                    Fault::NeverRegisters => server.mute = true,
                    _ => server.stays_old = true,
                }
            }
        }
        Fault::StuckReplica => {
            let servers: Vec<i32> = world.tablet_servers().collect();
            let leader = subject.filter(|n| servers.contains(n)).unwrap_or(servers[0]);
            let follower = servers
                .iter()
                .copied()
                .find(|n| *n != leader && is_old(world, *n));
            // Later releases notice.
            world.dead.extend(follower.map(|follower| (follower, leader)));
        }
        _ => {}
    }
}

fn is_old(world: &World, n: i32) -> bool {
    let release = world.servers.get(&n).map(|server| server.release.as_str());
    matches!(release, Some("0.6.0" | "0.7.0"))
}

fn subject(site: &Site, step: &Step) -> Option<i32> {
    match &step.effect {
        Effect::Stop {
            what: StopWhat::Server { server },
        }
        | Effect::Start {
            what: StartWhat::Server { server, .. },
        } => site.servers.get(server).map(|server| number(server.id)),
        _ => None,
    }
}
