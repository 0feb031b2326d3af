//! One try of a step on the simulated cluster: one arm an effect, one change each.

use upshift_engine::driver::Fault;
use upshift_model::alluxio::{Preparation, Site};
use upshift_model::proof::Bindings;
use upshift_model::record::Intent;
use upshift_model::step::{Artifact, Effect, Preparation as Prepared, StartWhat, Step, StopWhat};

use super::codes::{self, failure, refused};
use super::standing::{bound_part, copy_of, file_of, pid_before, role};
use crate::alluxio::{Gone, World};

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
            world.terminate(role(server)?, pid, asked);
        }
        Effect::Start {
            what: StartWhat::Server { server, release },
        } => world.start(role(server)?, release.as_str(), None, mark),
        Effect::Start {
            what:
                StartWhat::Restored {
                    server,
                    release,
                    from,
                },
        } => {
            let file = bound_part(bound, from, "file").ok_or_else(|| refused("no backup is bound"))?;
            // A restore that failed half-way left a journal: it is moved aside, and a fresh one formatted.
            if !world.is_begun(mark) && world.tree().is_some() {
                let aside = format!("{}.failed-{mark}", world.journal);
                let journal = world.journal.clone();
                folder(world.move_journal(&journal, &aside, false))?;
                world.format(&format!("{mark}/format"));
            }
            world.start(role(server)?, release.as_str(), Some(file), mark);
        }
        Effect::Prepare {
            what: Prepared::Alluxio(what),
        } => return prepare(world, site, bound, what, intent, whole),
        Effect::Transfer {
            what: Artifact::Folder { from, to, keep, .. },
            ..
        } => {
            let text = |path: &std::path::Path| path.display().to_string();
            // It is copied beside and moved into place: a part of it is nothing.
            if whole {
                folder(world.move_journal(&text(from), &text(to), *keep))?;
            }
        }
        Effect::Configure { .. } if whole => world.configure(),
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
        Preparation::Format { .. } => world.format(intent.key.as_hex()),
        Preparation::PutBack { kept, replaced, .. } => {
            folder(world.put_back(&kept.display().to_string(), &replaced.display().to_string()))?;
        }
        Preparation::Restorable { .. } | Preparation::Blocks { .. } => {}
        Preparation::Persist { .. }
        | Preparation::Fetch { .. }
        | Preparation::Copy { .. }
        | Preparation::SaveTiers { .. }
        | Preparation::ReturnTiers { .. }
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

fn folder(said: Result<(), Gone>) -> Result<(), Fault> {
    said.map_err(|gone| {
        Fault::Refused(failure(
            codes::FOLDER,
            format!("{gone:?} is not there, or not free"),
        ))
    })
}
