//! One try of a step: one arm an effect, each of which asks for exactly one change. What came of it is for `standing`
//! to see.

use std::fs;
use std::path::{Path, PathBuf};

use upshift_engine::driver::Fault;
use upshift_model::alluxio::{Preparation, THIS_MACHINE};
use upshift_model::ids::{BindingName, Code, ComponentId};
use upshift_model::proof::Bindings;
use upshift_model::record::Intent;
use upshift_model::step::{Artifact, Change, Effect, Preparation as Prepared, StartWhat, Step, StopWhat};
use upshift_model::version::Version;

use super::driver::AlluxioDriver;
use super::far::{beside, is_full};
use super::fresh::{ensure_fresh, format_words, format_worker_words, journal_of};
use super::machine::refused;
use super::standing::{
    backup_words, copied_to, copy_of, fetched_to, folder_of, list_blocks, list_file, persist_words, source,
    start_words, told,
};
use super::{codes, configure, rewrite_backup};

pub(super) async fn attempt(
    driver: &AlluxioDriver,
    step: &Step,
    bound: &Bindings,
    intent: &Intent,
) -> Result<(), Fault> {
    match &step.effect {
        Effect::Stop {
            what: StopWhat::Server { server },
        } => stop(driver, step, server, intent).await,
        Effect::Stop {
            what: StopWhat::Writers { by },
        }
        | Effect::Start {
            what: StartWhat::Writers { by },
        } => driver.machines.start(THIS_MACHINE, by, intent).await,
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
            let (_, place) = driver.server(server)?;
            ensure_fresh(driver, place, release, intent).await?;
            let file = source(bound, from)?.file;
            start(driver, step, (server, release), Some(&file), intent).await
        }
        Effect::Prepare {
            what: Prepared::Alluxio(what),
        } => prepare(driver, step, what, bound, intent).await,
        Effect::Transfer {
            what: Artifact::Folder { of, from, to, keep },
            ..
        } => {
            let (server, _) = driver.server(of)?;
            driver.far(&server.host)?.bring(from, to, *keep).await
        }
        Effect::Configure {
            component,
            change:
                Change::CarryOver {
                    from,
                    from_file,
                    to,
                    to_file,
                    edits,
                    ..
                },
        } => {
            let (server, _) = driver.server(component)?;
            let far = driver.far(&server.host)?;
            configure::write(far, &from.join(from_file), &to.join(to_file), edits).await
        }
        _ => Err(driver.not_known(step)),
    }
}

async fn stop(
    driver: &AlluxioDriver,
    step: &Step,
    server: &ComponentId,
    intent: &Intent,
) -> Result<(), Fault> {
    let (server, _) = driver.server(server)?;
    let (pid, ticks) = told(intent).ok_or_else(|| driver.not_known(step))?;
    let what = server.id.to_string();
    driver.machines.terminate(&server.host, &what, pid, ticks).await
}

async fn start(
    driver: &AlluxioDriver,
    step: &Step,
    (server, release): (&ComponentId, &Version),
    backup: Option<&Path>,
    intent: &Intent,
) -> Result<(), Fault> {
    let (server, place) = driver.server(server)?;
    let words = start_words(&driver.site, place, server.role, release, backup);
    let words = words.ok_or_else(|| driver.not_known(step))?;
    driver.machines.start(&server.host, &words, intent).await
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
            // Whichever master writes it finds its folder.
            for place in driver.site.master_places() {
                driver.far(&place.host)?.private(&folder).await?;
            }
            let (server, place) = driver.first_master()?;
            let words = backup_words(place, release, &folder, options);
            let words = words.ok_or_else(|| driver.not_known(step))?;
            driver.machines.start(&server.host, &words, intent).await
        }
        Preparation::Persist { release } => {
            let (server, place) = driver.first_master()?;
            let words = persist_words(place, release).ok_or_else(|| driver.not_known(step))?;
            driver.machines.start(&server.host, &words, intent).await
        }
        Preparation::Fetch { of, into } => fetch(driver, of, into, bound).await,
        Preparation::Copy { of, server, .. } => {
            let (server, _) = driver.server(server)?;
            let source = source(bound, of)?;
            let to = copied_to(&driver.site, &driver.system, &source);
            let far = driver.far(&server.host)?;
            far.private(to.parent().unwrap_or(&to)).await?;
            far.give(&source.file, &to).await
        }
        Preparation::Restorable { of, .. } => {
            let source = source(bound, of)?;
            let backup = source.read().await?;
            rewrite(backup, copy_of(&source)).await
        }
        Preparation::Blocks { server, of, .. } => {
            let (server, place) = driver.server(server)?;
            let far = driver.far(&server.host)?;
            let to = list_file(&driver.site, &driver.system, intent);
            far.private(to.parent().unwrap_or(&to)).await?;
            let said = far.blocks(&place.tiers).await?;
            let failed = |error: std::io::Error| {
                let code = code_of(&error, codes::BLOCKS_UNSEEN);
                refused(code, format!("blocks could not be listed: {error}"))
            };
            // It is there once its host has it, too.
            let made = beside(&to, ".made");
            list_blocks(&said, &source(bound, of)?.file, &made).map_err(failed)?;
            if !driver.site.is_here(&server.host) {
                far.give(&made, &to).await?;
            }
            fs::rename(&made, &to).map_err(failed)
        }
        Preparation::ClassPath { switch, back, .. } => {
            let by = if *back {
                &switch.class_path_back
            } else {
                &switch.class_path
            };
            driver.machines.start(THIS_MACHINE, by, intent).await
        }
        Preparation::Restart { by, .. } => driver.machines.start(THIS_MACHINE, by, intent).await,
        Preparation::SaveTiers { server, to } => {
            let (server, place) = driver.server(server)?;
            driver.far(&server.host)?.save(to, &place.tiers).await
        }
        Preparation::ReturnTiers { server, from } => {
            let (server, place) = driver.server(server)?;
            driver.far(&server.host)?.give_back(from, &place.tiers).await
        }
        Preparation::FormatWorker { server, release, .. } => {
            let (server, place) = driver.server(server)?;
            let words = format_worker_words(place, release).ok_or_else(|| driver.not_known(step))?;
            driver.machines.start(&server.host, &words, intent).await
        }
        Preparation::Format { server, release } => {
            let (server, place) = driver.server(server)?;
            let journal = journal_of(place)?;
            let far = driver.far(&server.host)?;
            far.make(&journal.folder, &journal.kept).await?;
            let words = format_words(place, release).ok_or_else(|| driver.not_known(step))?;
            driver.machines.start(&server.host, &words, intent).await
        }
        Preparation::PutBack {
            server,
            kept,
            journal,
            replaced,
        } => {
            let (server, _) = driver.server(server)?;
            driver.far(&server.host)?.put_back(journal, kept, replaced).await
        }
        Preparation::Watch { .. } | Preparation::JournalEnd { .. } => Err(driver.not_known(step)),
    }
}

/// Brings a backup here, with its marker where it had one.
async fn fetch(
    driver: &AlluxioDriver,
    of: &BindingName,
    into: &BindingName,
    bound: &Bindings,
) -> Result<(), Fault> {
    let source = source(bound, of)?;
    let to = fetched_to(&driver.site, &driver.system, &source, into);
    let failed = |error: std::io::Error| {
        let code = code_of(&error, codes::NOT_COPIED);
        refused(code, format!("{} could not be written: {error}", to.display()))
    };
    make_private(to.parent().unwrap_or(&to)).map_err(failed)?;
    let far = driver.far(source.host()?)?;
    far.fetch(&source.file, &to, &source.sha256).await?;
    if source.marked {
        fs::File::create(beside(&to, ".complete")).map_err(failed)?;
    }
    Ok(())
}

fn code_of(error: &std::io::Error, otherwise: Code) -> Code {
    match error.kind() {
        std::io::ErrorKind::StorageFull => codes::DISK_FULL,
        _ => otherwise,
    }
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

async fn rewrite(backup: upshift_model::alluxio::Backup, to: PathBuf) -> Result<(), Fault> {
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
        Ok(Err(why)) if is_full(&why) => Err(refused(codes::DISK_FULL, why)),
        Ok(Err(why)) => Err(refused(codes::NOT_REWRITTEN, why)),
        Err(error) => Err(Fault::Ambiguous(error.to_string())),
    }
}
