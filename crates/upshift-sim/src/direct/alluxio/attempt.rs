//! One try of a step on the simulated cluster: one arm an effect, one change each.

use upshift_engine::driver::Fault;
use upshift_model::alluxio::{Preparation, Site};
use upshift_model::proof::Bindings;
use upshift_model::record::Intent;
use upshift_model::step::{Artifact, Effect, Preparation as Prepared, StartWhat, Step, StopWhat};

use super::codes::{self, failure, refused};
use super::standing::{bound_part, copied_to, copy_of, fetched_to, file_of, pid_before, server};
use crate::alluxio::{Gone, Keeping, Role, World};

/// `whole` is false for a try that is cut off in its middle; `asked` is when it was sent.
pub(super) fn attempt(
    world: &mut World,
    site: &Site,
    bound: &Bindings,
    (step, intent): (&Step, &Intent),
    whole: bool,
    asked: i64,
) -> Result<(), Fault> {
    let mark = intent.key.as_hex();
    match &step.effect {
        Effect::Stop {
            what: StopWhat::Writers { .. },
        } => world.writers(true, mark),
        Effect::Start {
            what: StartWhat::Writers { .. },
        } => world.writers(false, mark),
        Effect::Stop {
            what: StopWhat::Server { server },
        } => {
            let pid = pid_before(intent).ok_or_else(|| refused("no process was noted"))?;
            world.terminate(self::server(site, server)?, pid, asked);
        }
        Effect::Start {
            what: StartWhat::Server { server, release },
        } => world.start(self::server(site, server)?, release.as_str(), None, mark),
        Effect::Start {
            what:
                StartWhat::Restored {
                    server,
                    release,
                    from,
                },
        } => {
            let file = bound_part(bound, from, "file").ok_or_else(|| refused("no backup is bound"))?;
            let server = self::server(site, server)?;
            if !world.is_begun(mark) {
                ensure_fresh(world, site, server.1, mark)?;
            }
            world.start(server, release.as_str(), Some(file), mark);
        }
        Effect::Prepare {
            what: Prepared::Alluxio(what),
        } => return prepare(world, site, bound, what, intent, whole),
        Effect::Transfer {
            what: Artifact::Folder { of, from, to, keep },
            ..
        } => {
            let text = |path: &std::path::Path| path.display().to_string();
            // It is copied beside and moved into place: a part of it is nothing.
            if whole {
                let (_, host) = server(site, of)?;
                folder(world.move_journal(host, &text(from), &text(to), *keep))?;
            }
        }
        Effect::Configure { component, .. } if whole => world.configure(server(site, component)?.1),
        Effect::Configure { .. } => {}
        _ => return Err(refused(format!("step {} has nothing to be tried", step.id))),
    }
    Ok(())
}

fn prepare(
    world: &mut World,
    site: &Site,
    bound: &Bindings,
    what: &Preparation,
    intent: &Intent,
    whole: bool,
) -> Result<(), Fault> {
    match what {
        Preparation::Backup { .. } => {
            // The command runs on by itself: that its master does not answer is seen by what it leaves.
            world.back_up(&file_of(site, intent)).ok();
            world.writes_nothing_more(intent.key.as_hex());
        }
        Preparation::Restorable { of, .. } if whole => {
            let file = bound_part(bound, of, "file").ok_or_else(|| refused("no backup is bound"))?;
            folder(world.rewrite(file, &copy_of(file)))?;
        }
        Preparation::Blocks { of, .. } if whole => {
            let backup = bound_part(bound, of, "file").ok_or_else(|| refused("no backup is bound"))?;
            world.list_blocks(&file_of(site, intent), backup);
        }
        Preparation::Format { server, .. } => {
            world.format(self::server(site, server)?.1, intent.key.as_hex());
        }
        Preparation::PutBack {
            server,
            kept,
            replaced,
            ..
        } => {
            let (_, host) = self::server(site, server)?;
            world.put_back(host, &kept.display().to_string(), &replaced.display().to_string());
        }
        Preparation::Fetch { of, into } if whole => {
            let file = bound_part(bound, of, "file").ok_or_else(|| refused("no backup is bound"))?;
            folder(world.bring(file, &fetched_to(file, into)))?;
        }
        Preparation::Copy { of, server, .. } if whole => {
            let file = bound_part(bound, of, "file").ok_or_else(|| refused("no backup is bound"))?;
            let (_, host) = self::server(site, server)?;
            let to = copied_to(world, host, file);
            folder(world.bring(file, &to))?;
        }
        Preparation::SaveTiers { .. } if whole => world.save_tier(),
        Preparation::ReturnTiers { .. } if whole => world.return_tier(),
        Preparation::Restorable { .. }
        | Preparation::Blocks { .. }
        | Preparation::Fetch { .. }
        | Preparation::Copy { .. }
        | Preparation::SaveTiers { .. }
        | Preparation::ReturnTiers { .. } => {}
        Preparation::Persist { .. }
        | Preparation::FormatWorker { .. }
        | Preparation::ClassPath { .. }
        | Preparation::Restart { .. } => {
            return Err(refused(
                "a cluster of one machine that keeps its files has nothing of the kind",
            ));
        }
        Preparation::Watch { .. } | Preparation::JournalEnd { .. } => {
            return Err(refused("what is only noted is not tried"));
        }
    }
    Ok(())
}

/// A restore that failed half-way left a journal: it is moved aside, and a fresh one formatted. Where others serve
/// already, what lies here is a member's part of theirs; and a folder that is shared is seen to where it is kept, while
/// no master runs over it.
fn ensure_fresh(world: &mut World, site: &Site, host: usize, mark: &str) -> Result<(), Fault> {
    let keeps = site.places.get(host).is_some_and(|place| place.journal.is_some());
    let holds = world
        .journal_of(host)
        .is_some_and(|journal| journal.tree.is_some());
    let is_shared = world.shape.keeping != Keeping::Embedded;
    let runs = || world.processes.keys().any(|(role, _)| *role == Role::Master);
    if !keeps || !holds || (world.shape.masters > 1 && (world.serves() || (is_shared && runs()))) {
        return Ok(());
    }
    let aside = format!("{}.failed-{mark}", world.journal);
    let journal = world.journal.clone();
    folder(world.move_journal(host, &journal, &aside, false))?;
    world.format(host, &format!("{mark}/format"));
    Ok(())
}

fn folder(said: Result<(), Gone>) -> Result<(), Fault> {
    said.map_err(|gone| {
        Fault::Refused(failure(
            codes::FOLDER,
            format!("{gone:?} is not there, or not free"),
        ))
    })
}
