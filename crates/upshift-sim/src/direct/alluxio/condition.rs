//! What must be true of the cluster, held against what its master answers and what lies on its disks.

use upshift_engine::driver::Fault;
use upshift_model::alluxio::{Condition, Master};
use upshift_model::expect::Expectation;
use upshift_model::ids::BindingName;
use upshift_model::proof::Bindings;
use upshift_model::record::Failure;

use super::codes::{self, failure, refused};
use super::observe::master;
use super::standing::bound_part;
use crate::alluxio::{Backup, Role, Tree, World};

pub(super) enum Seen {
    Met(String),
    NotYet(String),
    Bad(Failure),
}

/// The counts of calls as they are, to be bound.
pub(super) fn counts(world: &World) -> Option<String> {
    let memory = world.memory.as_ref()?;
    Some(format!("{} {}", memory.since, memory.writes))
}

pub(super) fn evaluate(world: &World, expectation: &Expectation, bound: &Bindings) -> Result<Seen, Fault> {
    let Expectation::Alluxio(condition) = expectation else {
        return Err(refused(format!("{expectation:?} is not asked of Alluxio")));
    };
    let met = |what: &str| Ok(Seen::Met(what.to_owned()));
    match condition {
        Condition::Loaded { .. } => Err(refused("applications are nobody's here")),
        Condition::TierRoom { .. } => met("there is room for a copy of the tiers"),
        Condition::RootStore => met("it is mounted, with something in it"),
        Condition::Configured { .. } => met("nobody changes a configuration here"),
        Condition::Quiet { since } => {
            let now = counts(world).ok_or_else(codes::away)?;
            match bound.value(since) == Some(now.as_str()) {
                true => met("no call has changed the tree since"),
                false => Ok(Seen::Bad(failure(codes::WRITES, "somebody writes"))),
            }
        }
        Condition::Persisted { of, .. } => Ok(match bound_part(bound, of, "in_workers_only") {
            Some(count) => Seen::Met(format!("{count} files are in workers only, and stay")),
            None => Seen::NotYet("nothing is known of files in workers only".to_owned()),
        }),
        Condition::NothingLate { of } => {
            let late = bound.value(of).and_then(|file| world.late.get(file));
            let late = late.ok_or_else(|| refused(format!("no list of blocks is bound as {of}")))?;
            match late.len() {
                0 => met("no block is younger than the backup"),
                blocks => Ok(Seen::Bad(failure(
                    codes::LATE,
                    format!("{blocks} blocks are younger than the backup"),
                ))),
            }
        }
        Condition::TiersHold { held, .. } => match held.iter().any(|tier| tier.blocks > 0) {
            true if world.tier.is_empty() => Ok(Seen::Bad(failure(
                codes::TIER_EMPTY,
                "a tier holds nothing any more",
            ))),
            _ => met("every tier that held something holds something"),
        },
        Condition::OnlyCopies { of, .. } => {
            let tree = &backup(world, of, bound)?.tree;
            let lacks = |(file, persisted): &(&u64, &bool)| {
                !**persisted && !world.tier.contains(file) && !world.mortal.contains_key(file)
            };
            match tree.iter().find(lacks) {
                None => met("every file in workers only lies in a tier"),
                Some((file, _)) => Ok(Seen::Bad(failure(
                    codes::ONLY_COPIES_GONE,
                    format!("file {file} is in workers only, and lies in no tier"),
                ))),
            }
        }
        Condition::NothingWritten { since, .. } => {
            let noted = bound.value(since).and_then(|noted| noted.parse::<u64>().ok());
            let noted = noted.ok_or_else(|| refused(format!("no end is bound as {since}")))?;
            match world.entries() {
                Some(now) if now == noted => met("nothing stands behind the end that was noted"),
                now => Ok(Seen::Bad(failure(
                    codes::LATE_CHANGES,
                    format!("the journal holds {now:?} entries, {noted} were noted"),
                ))),
            }
        }
        Condition::Unaltered { of, .. } => {
            let proven = bound_part(bound, of, "sha256");
            let now = backup(world, of, bound)?.version.to_string();
            match proven == Some(now.as_str()) {
                true => met("it is what was proven"),
                false => Ok(Seen::Bad(failure(
                    codes::OTHER_BACKUP,
                    "it is another file by now",
                ))),
            }
        }
        Condition::SameTree {
            before, after, more, ..
        } => {
            let (before, after) = (backup(world, before, bound)?, backup(world, after, bound)?);
            let is_in = |tree: &Tree, (file, persisted): (&u64, &bool)| {
                tree.get(file) == Some(persisted) || world.has_expired(*file)
            };
            let kept = before.tree.iter().all(|file| is_in(&after.tree, file));
            let same = kept && (*more || after.tree.iter().all(|file| is_in(&before.tree, file)));
            match same {
                true => met("the same as before"),
                false => Ok(Seen::Bad(failure(codes::OTHER_TREE, "the tree is another"))),
            }
        }
        Condition::Serving { release } => Ok(match master(world) {
            None => Seen::NotYet("the master does not answer".to_owned()),
            Some(master) if master.version == release.as_str() => {
                let runs = |host: &usize| {
                    let process = world.processes.get(&(Role::Master, *host));
                    process.is_some_and(|process| process.release == release.as_str())
                };
                match (0..world.shape.masters).find(|host| !runs(host)) {
                    None => Seen::Met(format!("the master answers as {release}")),
                    Some(host) => Seen::Bad(failure(
                        codes::MASTER_AWAY,
                        format!("no master runs on host {host}"),
                    )),
                }
            }
            Some(master) => {
                let what = format!("the master answers as {}, {release} was wanted", master.version);
                Seen::Bad(failure(codes::OTHER_RELEASE, what))
            }
        }),
        Condition::Workers => Ok(match master(world) {
            Some(master) if master.lost_workers.is_empty() && serving(&master) == 1 => {
                Seen::Met("every worker is in service".to_owned())
            }
            _ => Seen::NotYet("a worker is not in service".to_owned()),
        }),
        Condition::Blocks { of, .. } => {
            let list = bound.value(of).and_then(|file| world.lists.get(file));
            let list = list.ok_or_else(|| refused(format!("no list of blocks is bound as {of}")))?;
            match list.iter().find(|block| !world.tier.contains(block)) {
                None => met("every block lies where it lay"),
                Some(gone) => Ok(Seen::Bad(failure(
                    codes::BLOCKS_GONE,
                    format!("block {gone} is gone"),
                ))),
            }
        }
    }
}

fn serving(master: &Master) -> usize {
    master.workers.iter().filter(|worker| worker.serves()).count()
}

pub(super) fn backup<'w>(
    world: &'w World,
    name: &BindingName,
    bound: &Bindings,
) -> Result<&'w Backup, Fault> {
    let file = bound_part(bound, name, "file");
    let backup = file.and_then(|file| world.backups.get(file));
    backup.ok_or_else(|| refused(format!("no backup is bound as {name}")))
}
