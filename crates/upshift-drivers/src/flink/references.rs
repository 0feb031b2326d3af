//! The references of a job's jar, resolved against the classes of a release: which the upgrade would take
//! away. No class is loaded. What is looked up by name at run time (reflection, services) is not seen.

mod classes;
mod contents;
mod jobs;
mod judge;
mod release;
mod resolve;

use std::io;
use std::path::Path;

use thiserror::Error;
use upshift_model::flink::JarReferences;
use zip::result::ZipError;

pub use contents::{JarContents, contents};
pub(super) use jobs::of_jobs;

use classes::Jars;
use release::Release;

/// Why jars could not be read.
#[derive(Debug, Error)]
pub enum ReferencesError {
    /// A file or directory.
    #[error("{at}: {source}")]
    Io {
        /// Which.
        at: String,
        /// Why.
        source: io::Error,
    },
    /// A place that is no release.
    #[error("{at} is no Flink release: {why}")]
    NoRelease {
        /// Which.
        at: String,
        /// What is missing, or too much.
        why: String,
    },
    /// A file that is no jar.
    #[error("{at} is not a jar: {source}")]
    Zip {
        /// Which.
        at: String,
        /// Why.
        source: ZipError,
    },
}

/// A jar whose references are to be resolved.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The jar.
    pub jar: &'a Path,
    /// The class with `main`: it tells whose code is the job's own.
    pub entry_class: Option<&'a str>,
    /// Whether it is the jar that runs now. What is missing there, too, is then left out; of another jar gaps in
    /// Flink's own classes are always told: the running release says nothing of it.
    pub runs_now: bool,
}

/// Resolves the references of a jar against the release in `target`, leaving out what is missing in the release
/// in `current` as well. Either is the home of an installation, or an archive of one.
///
/// # Errors
/// When a jar cannot be read.
pub fn references(
    asked: Asked<'_>,
    target: &Path,
    current: Option<&Path>,
) -> Result<JarReferences, ReferencesError> {
    let mut new = Release::open(target)?;
    let mut old = current.map(Release::open).transpose()?;
    resolved(asked, &mut new, old.as_mut())
}

fn resolved(
    asked: Asked<'_>,
    new: &mut Release,
    mut old: Option<&mut Release>,
) -> Result<JarReferences, ReferencesError> {
    let mut job = Jars::one(asked.jar)?;
    let seen = judge::look_through(&mut job, &new.lib)?;
    let mut found = resolve::missing(&seen, &mut job, &mut new.lib)?;
    match &mut old {
        Some(old) => {
            let before = resolve::missing(&seen, &mut job, &mut old.lib)?;
            let told = |class: &str| !asked.runs_now && class.starts_with(classes::FLINK);
            found.retain(|gap, _| !before.contains_key(gap) || told(&gap.class));
        }
        None => found.retain(|gap, _| gap.class.starts_with(classes::FLINK)),
    }
    let (missing, more_missing) = judge::told(found, asked.entry_class, new.opt.as_ref());
    Ok(JarReferences {
        against: new.at.clone(),
        compared_with: old.map(|old| old.at.clone()),
        classes: seen.looked_through,
        of_flink: judge::of_flink(&seen, &job),
        members_of_flink: judge::members_of_flink(&seen),
        unreadable: seen.unreadable,
        missing,
        more_missing,
        artifacts: job.artifacts()?,
        bundled: seen.bundled,
    })
}
