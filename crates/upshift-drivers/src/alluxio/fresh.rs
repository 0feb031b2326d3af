//! Journals: where their moves, copies and returns stand, and the fresh one that a restore begins on. Nothing is ever
//! formatted over, and nothing deleted.

use std::path::Path;
use std::time::Duration;

use upshift_engine::driver::{Fault, Standing};
use upshift_model::alluxio::{JournalFolder, Place, Role};
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Intent};
use upshift_model::version::Version;

use super::codes;
use super::driver::AlluxioDriver;
use super::far::{Far, Holds, beside};
use super::machine::{failure, refused, running};
use crate::wire::hosts::Command;

/// A machine starts, and empties some folders.
const FORMAT: Duration = Duration::from_secs(300);

/// Where a move or a copy stands.
pub(super) async fn moved(far: Far<'_>, from: &Path, to: &Path, keep: bool) -> Result<Standing, Fault> {
    let there = far.holds(from).await? == Holds::Something;
    let arrived = far.holds(to).await? == Holds::Something;
    let verb = if keep { "copied" } else { "moved" };
    let done = format!("{} was {verb} to {}", from.display(), to.display());
    let contradicted = |what: String| Ok(Standing::Contradicted(failure(codes::FOLDER, what)));
    match (there, arrived, keep) {
        (true, false, _) => Ok(Standing::Ready(Baseline::default())),
        (false, true, false) => Ok(Standing::Done(Proof::of([done]))),
        (true, true, true) => {
            let bytes = far.size(to).await?;
            Ok(Standing::Done(Proof::of([format!("{done}, {bytes} bytes")])))
        }
        (true, true, false) => contradicted(format!(
            "{} and {} both hold something",
            from.display(),
            to.display()
        )),
        (false, _, _) => contradicted(format!("{} holds nothing", from.display())),
    }
}

/// Where the old journal's return stands: over once nothing is kept any more.
pub(super) async fn put_back(far: Far<'_>, journal: &Path, kept: &Path) -> Result<Standing, Fault> {
    let is_kept = far.holds(kept).await? == Holds::Something;
    let there = far.holds(journal).await? == Holds::Something;
    Ok(match (is_kept, there) {
        (true, _) => Standing::Ready(Baseline::default()),
        (false, true) => Standing::Done(Proof::of([format!(
            "{} is the journal of before",
            journal.display()
        )])),
        (false, false) => Standing::Contradicted(failure(
            codes::FOLDER,
            format!(
                "neither {} nor {} holds a journal",
                journal.display(),
                kept.display()
            ),
        )),
    })
}

/// Masters only, on this machine only: `formatMasters` of 2.x goes to other hosts, too.
pub(super) fn format_words(place: &Place, release: &Version) -> Option<Vec<String>> {
    let home = &place.installation(release)?.home;
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

/// This machine's worker only: `formatWorkers` goes to other hosts, too.
pub(super) fn format_worker_words(place: &Place, release: &Version) -> Option<Vec<String>> {
    let program = place.installation(release)?.home.join("bin/alluxio");
    Some(vec![program.display().to_string(), "formatWorker".to_owned()])
}

/// The journal of a place, which a plan formats or puts back.
pub(super) fn journal_of(place: &Place) -> Result<&JournalFolder, Fault> {
    place.journal.as_ref().ok_or_else(|| {
        refused(
            codes::NOT_IN_THE_PLAN,
            format!("the plan keeps no journal on {}", place.host),
        )
    })
}

/// A restore that failed half-way left a journal which the next start would take for the tree: it is moved aside, and a
/// fresh one formatted. Where another master's host has the journal, or other masters are up, it is theirs; and so is one
/// folder for all while any other runs, which may be restoring into it before it answers.
pub(super) async fn ensure_fresh(
    driver: &AlluxioDriver,
    place: &Place,
    release: &Version,
    intent: &Intent,
) -> Result<(), Fault> {
    let embedded = driver.site.embedded;
    let Some(journal) = &place.journal else {
        return Ok(());
    };
    let (far, folder) = (driver.far(&place.host)?, &journal.folder);
    if far.is_fresh(folder, embedded).await? {
        return Ok(());
    }
    // Others serve already: what lies here is a member's part of their journal.
    if driver.site.masters.len() > 1 && (driver.master().await.is_ok() || is_shared_by_one(driver).await?) {
        return Ok(());
    }
    if far.holds(folder).await? == Holds::Something {
        let aside = beside(folder, &format!(".failed-{}", intent.key));
        far.bring(folder, &aside, false).await?;
    }
    far.make(folder, &journal.kept).await?;
    let Some(words) = format_words(place, release) else {
        return Err(refused(
            codes::NOT_IN_THE_PLAN,
            format!("{release} is not in the plan"),
        ));
    };
    let command = Command::new(&words[0], FORMAT).args(&words[1..]);
    let output = driver.machines.link(&place.host)?.run(&command).await;
    let output = output.map_err(|error| error.into_fault())?;
    match far.is_fresh(folder, embedded).await? {
        true => Ok(()),
        false => Err(refused(
            codes::NOT_FORMATTED,
            format!("{} is not formatted: {}", folder.display(), output.complaint()),
        )),
    }
}

/// Whether a master runs over the one folder that all masters have. A server that is about to be started runs nowhere.
async fn is_shared_by_one(driver: &AlluxioDriver) -> Result<bool, Fault> {
    if driver.site.embedded {
        return Ok(false);
    }
    for place in driver.site.master_places() {
        if !running(&driver.machines, place)
            .await?
            .of(Role::Master)
            .is_empty()
        {
            return Ok(true);
        }
    }
    Ok(false)
}
