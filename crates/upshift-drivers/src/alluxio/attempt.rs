//! One try of a step: one arm an effect, each of which asks for exactly one change. What came of it is for `standing`
//! to see.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;
use std::time::Duration;

use upshift_engine::driver::Fault;
use upshift_model::alluxio::{Preparation, Role, Site};
use upshift_model::ids::ComponentId;
use upshift_model::proof::Bindings;
use upshift_model::record::Intent;
use upshift_model::step::{Artifact, Change, Effect, Preparation as Prepared, StartWhat, Step, StopWhat};
use upshift_model::version::Version;

use super::driver::AlluxioDriver;
use super::fresh::{self, beside, is_fresh, make_folder, move_folder, return_journal};
use super::machine::refused;
use super::standing::{backup_words, copy_of, folder_of, list_blocks, list_file, source, start_words, told};
use super::{codes, configure, rewrite_backup};
use crate::wire::hosts::Command;

/// A machine starts, and empties some folders.
const FORMAT: Duration = Duration::from_secs(300);

pub(super) async fn attempt(
    driver: &AlluxioDriver,
    step: &Step,
    bound: &Bindings,
    intent: &Intent,
) -> Result<(), Fault> {
    match &step.effect {
        Effect::Stop {
            what: StopWhat::Server { .. },
        } => match told(intent) {
            Some((pid, ticks)) => driver.machine.terminate(pid, ticks),
            None => Err(driver.not_known(step)),
        },
        Effect::Stop {
            what: StopWhat::Writers { by },
        }
        | Effect::Start {
            what: StartWhat::Writers { by },
        } => driver.machine.start(by, intent).await,
        Effect::Start {
            what: StartWhat::Server { server, release },
        } => start(driver, step, (server, release), None, intent).await,
        Effect::Start {
            what:
                StartWhat::Restored {
                    server,
                    release,
                    from,
                },
        } => {
            ensure_fresh(driver, release, intent).await?;
            let file = source(bound, from)?.file;
            start(driver, step, (server, release), Some(&file), intent).await
        }
        Effect::Prepare {
            what: Prepared::Alluxio(what),
        } => prepare(driver, step, what, bound, intent).await,
        Effect::Transfer {
            what: Artifact::Folder { from, to, keep },
            ..
        } => move_folder(from, to, *keep),
        Effect::Configure {
            change:
                Change::CarryOver {
                    from,
                    from_file,
                    to,
                    to_file,
                    edits,
                    ..
                },
            ..
        } => configure::write(&from.join(from_file), &to.join(to_file), edits),
        _ => Err(driver.not_known(step)),
    }
}

async fn start(
    driver: &AlluxioDriver,
    step: &Step,
    (server, release): (&ComponentId, &Version),
    backup: Option<&Path>,
    intent: &Intent,
) -> Result<(), Fault> {
    let role: Option<Role> = Site::role(server);
    let words = role.and_then(|role| start_words(&driver.site, role, release, backup));
    let words = words.ok_or_else(|| driver.not_known(step))?;
    driver.machine.start(&words, intent).await
}

async fn prepare(
    driver: &AlluxioDriver,
    step: &Step,
    what: &Preparation,
    bound: &Bindings,
    intent: &Intent,
) -> Result<(), Fault> {
    match what {
        Preparation::Backup { release, options, .. } => {
            let folder = folder_of(&driver.site, &driver.system, intent);
            private_folder(&folder).map_err(|error| {
                refused(
                    codes::NO_BACKUP,
                    format!("{} could not be made: {error}", folder.display()),
                )
            })?;
            let words = backup_words(&driver.site, release, &folder, options);
            let words = words.ok_or_else(|| driver.not_known(step))?;
            driver.machine.start(&words, intent).await
        }
        Preparation::Restorable { of, .. } => {
            let source = source(bound, of)?;
            let backup = source.read().await?;
            let to = copy_of(&source);
            let written = tokio::task::spawn_blocking(move || {
                // A copy that was cut off by a crash lies under another name.
                let partial = beside(&to, ".partial");
                if partial.is_file() {
                    fs::remove_file(&partial).map_err(|error| error.to_string())?;
                }
                rewrite_backup(&backup, &to).map_err(|error| error.to_string())
            });
            match written.await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(why)) => Err(refused(codes::NOT_REWRITTEN, why)),
                Err(error) => Err(Fault::Ambiguous(error.to_string())),
            }
        }
        Preparation::Blocks { of, .. } => {
            let backup = source(bound, of)?.file;
            let to = list_file(&driver.site, &driver.system, intent);
            list_blocks(&driver.site, &backup, &to).map_err(|error| {
                refused(
                    codes::BLOCKS_UNSEEN,
                    format!("blocks could not be listed: {error}"),
                )
            })
        }
        Preparation::Format { release } => {
            make_journal(driver)?;
            let words = format_words(driver, release).ok_or_else(|| driver.not_known(step))?;
            driver.machine.start(&words, intent).await
        }
        Preparation::PutBack {
            kept,
            journal,
            replaced,
        } => return_journal(journal, kept, replaced),
        Preparation::Watch { .. } => Err(driver.not_known(step)),
    }
}

/// Backups hold credentials of mounts: a folder for its owner alone, who is that of the folder above it.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    if let Some(above) = folder.parent() {
        let facts = fs::metadata(above)?;
        chown(folder, Some(facts.uid()), Some(facts.gid()))?;
    }
    Ok(())
}

fn make_journal(driver: &AlluxioDriver) -> Result<(), Fault> {
    let site = &driver.site;
    make_folder(&site.journal, &site.kept_journal).map_err(|error| {
        refused(
            codes::FOLDER,
            format!("{} could not be made: {error}", site.journal.display()),
        )
    })
}

/// Masters only, on this machine only: `formatMasters` of 2.x goes to other hosts, too.
fn format_words(driver: &AlluxioDriver, release: &Version) -> Option<Vec<String>> {
    let home = &driver.site.installation(release)?.home;
    let verb = if release.major() < 2 {
        "formatMasters"
    } else {
        "formatJournal"
    };
    Some(vec![
        home.join("bin/alluxio").display().to_string(),
        verb.to_owned(),
    ])
}

/// A restore that failed half-way left a journal which the next start would take for the tree: it is moved aside, and a
/// fresh one formatted.
async fn ensure_fresh(driver: &AlluxioDriver, release: &Version, intent: &Intent) -> Result<(), Fault> {
    let site = &driver.site;
    if is_fresh(&site.journal, site.embedded)? {
        return Ok(());
    }
    let io = |error: std::io::Error| refused(codes::FOLDER, format!("{}: {error}", site.journal.display()));
    if fresh::holds_something(&site.journal).map_err(io)? {
        let aside = beside(&site.journal, &format!(".failed-{}", intent.key));
        move_folder(&site.journal, &aside, false)?;
    }
    make_journal(driver)?;
    let Some(words) = format_words(driver, release) else {
        return Err(refused(
            codes::NOT_IN_THE_PLAN,
            format!("{release} is not in the plan"),
        ));
    };
    let command = Command::new(&words[0], FORMAT).args(&words[1..]);
    let output = driver
        .machine
        .link()
        .run(&command)
        .await
        .map_err(|error| error.into_fault())?;
    match is_fresh(&site.journal, site.embedded)? {
        true => Ok(()),
        false => Err(refused(
            codes::NOT_FORMATTED,
            format!(
                "{} is not formatted: {}",
                site.journal.display(),
                output.complaint()
            ),
        )),
    }
}
