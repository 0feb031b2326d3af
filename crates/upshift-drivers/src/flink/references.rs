//! The references of a job's jar, resolved against the classes of a release: which the upgrade would take
//! away. No class is loaded. What is looked up by name at run time (reflection, services) is not seen.

mod classes;
mod jobs;
mod judge;
mod resolve;

use std::io;
use std::path::Path;

use thiserror::Error;
use upshift_model::flink::JarReferences;
use zip::result::ZipError;

pub(super) use jobs::of_jobs;

use classes::Jars;

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
    /// A file that is no jar.
    #[error("{at} is not a jar: {source}")]
    Zip {
        /// Which.
        at: String,
        /// Why.
        source: ZipError,
    },
}

/// Resolves the references of `jar` against the release in `target`, leaving out what is missing in the
/// release in `current` as well. Of another jar than the one that runs, gaps in Flink's own classes are
/// always told: the running release says nothing of it. `entry_class` tells whose code is the job's own.
///
/// # Errors
/// When a jar cannot be read.
pub fn references(
    jar: &Path,
    entry_class: Option<&str>,
    target: &Path,
    current: Option<&Path>,
    same_jar: bool,
) -> Result<JarReferences, ReferencesError> {
    let mut job = Jars::one(jar)?;
    let mut new = Jars::below(&target.join("lib"))?;
    let opt = target.join("opt");
    let opt = if opt.is_dir() {
        Some(Jars::below(&opt)?)
    } else {
        None
    };
    let mut old = current.map(|home| Jars::below(&home.join("lib"))).transpose()?;
    let seen = judge::look_through(&mut job, &new)?;
    let mut found = resolve::missing(&seen, &mut job, &mut new)?;
    match &mut old {
        Some(old) => {
            let before = resolve::missing(&seen, &mut job, old)?;
            let told = |class: &str| !same_jar && class.starts_with(classes::FLINK);
            found.retain(|gap, _| !before.contains_key(gap) || told(&gap.class));
        }
        None => found.retain(|gap, _| gap.class.starts_with(classes::FLINK)),
    }
    let (missing, more_missing) = judge::told(found, entry_class, opt.as_ref());
    Ok(JarReferences {
        against: target.to_owned(),
        compared_with: current.map(Path::to_owned),
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
