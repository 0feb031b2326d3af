//! Reads a backup, judges it, and tells which releases take what is in it.

use std::path::Path;

use upshift_drivers::alluxio::{BackupError, NotWritten, read_backup, read_stored_backup, rewrite_backup};
use upshift_drivers::wire::objects::{ObjectError, Objects, Place, Why};
use upshift_model::alluxio::Backup;
use upshift_model::finding::Finding;
use upshift_model::objects::ObjectAccess;
use upshift_model::verdict::Verdict;
use upshift_planner::knowledge::{Known, Library, NotARelease, Release};
use upshift_planner::systems::alluxio::backup::{Asked, findings};

use crate::config::{self, Declared};
use crate::trouble::{Stop, Trouble};
use crate::{codes, secret};

/// What a person tells beside the file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish<'a> {
    /// The release that is to restore it.
    pub target: Option<&'a str>,
    /// The release that wrote it.
    pub source: Option<&'a str>,
    /// How many entries the backup command told.
    pub entries: Option<u64>,
}

/// What is told of a backup.
#[derive(Debug)]
pub struct BackupAccount {
    /// What is in it.
    pub backup: Backup,
    /// Every finding, green ones included.
    pub findings: Vec<Finding>,
    /// The verdict over them.
    pub verdict: Verdict,
    /// Ranges of releases that take every type of entry in it.
    pub taken_by: Vec<String>,
}

/// Reads and judges; `progress` hears how many bytes of how many were read.
///
/// # Errors
/// When a version is none of Alluxio, or the file cannot be read.
pub fn backup_account(
    path: &Path,
    wish: Wish<'_>,
    library: &Library,
    progress: impl FnMut(u64, u64),
) -> Result<BackupAccount, Stop> {
    let asked = asked(wish)?;
    let backup = read_backup(path, progress).map_err(|error| unreadable(&error))?;
    Ok(judged(backup, &asked, library))
}

/// The same of a backup in a store: streamed, and never whole in memory or on a disk.
///
/// # Errors
/// When a version is none of Alluxio, or the store does not give it.
pub async fn stored_account(
    system: Option<&Path>,
    place: &Place,
    wish: Wish<'_>,
    library: &Library,
    progress: impl FnMut(u64, u64) + Send + 'static,
) -> Result<BackupAccount, Stop> {
    let asked = asked(wish)?;
    let objects = stores(system)?;
    let backup = read_stored_backup(&objects, place, progress).await;
    let backup = backup.map_err(|error| unstored(&error))?;
    Ok(judged(backup, &asked, library))
}

/// Where a backup lies, told from a path or URI.
///
/// # Errors
/// When it is in a store that nobody has tried.
pub fn backup_place(text: &str) -> Result<Place, Stop> {
    Place::parse(text).map_err(|error| unstored(&error).into())
}

/// The stores as a system file says, or as the environment does where there is none.
fn stores(system: Option<&Path>) -> Result<Objects, Stop> {
    let declared = system.map(config::load_any).transpose()?;
    let access = match declared {
        Some(Declared::Alluxio(of)) => of.objects,
        Some(Declared::Flink(of)) => of.objects,
        Some(Declared::RealtimeCompute(of)) => of.objects,
        Some(Declared::Fluss(_) | Declared::Weka(_)) | None => ObjectAccess::default(),
    };
    for reference in access.secrets() {
        secret::read(reference)?;
    }
    Ok(Objects::new(access, secret::secrets()))
}

fn asked(wish: Wish<'_>) -> Result<Asked, Stop> {
    let release = |text: Option<&str>| {
        let release = text.map(|text| Release::parse(Known::Alluxio, text));
        release.transpose().map_err(|error| no_release(&error))
    };
    Ok(Asked {
        target: release(wish.target)?,
        source: release(wish.source)?,
        entries: wish.entries,
    })
}

fn judged(backup: Backup, asked: &Asked, library: &Library) -> BackupAccount {
    let findings = findings(&backup, asked, library);
    let types: Vec<u32> = backup.kinds.iter().map(|kind| kind.number).collect();
    BackupAccount {
        verdict: Verdict::of(&findings),
        taken_by: library.entry_types().takers(&types),
        backup,
        findings,
    }
}

/// Writes a copy without the fingerprints of 1.x beside the original, proven to hold the same.
///
/// # Errors
/// When there is nothing to leave out, the original is damaged, or the copy cannot be written.
pub fn rewrite(account: &BackupAccount, to: &Path) -> Result<Backup, Stop> {
    let of = &account.backup;
    let at = |what: String| {
        let trouble = Trouble::usage(upshift_drivers::alluxio::codes::NOT_REWRITTEN, what);
        trouble.at(to.display().to_string())
    };
    if !of.damage.is_empty() {
        let trouble = at("the backup is damaged: a copy would be, too".to_owned());
        return Err(trouble.next(format!("upshift inspect backup {}", of.path)).into());
    }
    if of.tally.old_fingerprints == 0 {
        return Err(at("the backup has no fingerprint of 1.x: use it as it is".to_owned()).into());
    }
    rewrite_backup(of, to).map_err(|error: NotWritten| at(error.to_string()).into())
}

fn no_release(error: &NotARelease) -> Trouble {
    Trouble::usage(codes::NOT_A_VERSION, error.to_string())
}

fn unstored(error: &ObjectError) -> Trouble {
    let trouble = Trouble::usage(error.code(), error.why.to_string()).at(error.place.clone());
    let mut trouble = match &error.why {
        Why::NotProven { .. } => trouble
            .next("copy it and its .complete to this machine with the store's own tool, and name the copy"),
        Why::Denied | Why::Setup | Why::Failed => trouble.expected(
            "a store that answers and a user who may read there: --system FILE with [objects], or AWS_… keys",
        ),
        Why::NotAPlace(_) | Why::Absent => trouble
            .expected("/path, file:///path or s3://bucket/key of a file that alluxio fsadmin backup made"),
    };
    trouble.far_side.clone_from(&error.said);
    trouble
}

fn unreadable(error: &BackupError) -> Trouble {
    Trouble::usage(error.code(), error.source.to_string())
        .at(error.path.display().to_string())
        .expected("a file that alluxio fsadmin backup made, on this machine")
        .next("copy it here from the host that the command named, with its .complete")
}
