//! Deletes the folder of a scratch cluster, and nothing else: only one whose configuration carries upshift's mark.
//! Processes of it have ended before, by their pids.

use std::io;
use std::path::{Path, PathBuf};

use upshift_engine::driver::{Fault, Standing};
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Failure};

use super::codes;
use super::conf::MARKER;

/// Where the folder is moved first, so that a half-deleted one is still known.
fn aside(folder: &Path) -> PathBuf {
    folder.with_extension("discarded")
}

/// Whether the folder is gone.
pub(super) fn standing(folder: &Path) -> Result<Standing, Fault> {
    let there = |path: &Path| {
        path.try_exists()
            .map_err(|e| Fault::Transient(format!("{}: {e}", path.display())))
    };
    let conf = folder.join("conf");
    Ok(match (there(folder)?, there(&aside(folder))?) {
        (false, false) => Standing::Done(Proof::of([format!("nothing is left of {}", folder.display())])),
        // The mark is written first: where nothing is, its writing was cut off.
        (true, _) if holds_anything(&conf)? && !there(&conf.join(MARKER))? => {
            Standing::Contradicted(Failure {
                code: codes::CONFIGURATION,
                what: format!(
                    "{} is not a folder that upshift made for a rehearsal",
                    folder.display()
                ),
                far_side: None,
            })
        }
        _ => Standing::Ready(Baseline::default()),
    })
}

fn holds_anything(conf: &Path) -> Result<bool, Fault> {
    match std::fs::read_dir(conf) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Fault::Transient(format!("{}: {e}", conf.display()))),
    }
}

/// Moves the folder aside and deletes it.
pub(super) fn attempt(folder: &Path) -> Result<(), Fault> {
    let away = aside(folder);
    let done = match folder.try_exists() {
        Ok(true) => std::fs::rename(folder, &away).and_then(|()| std::fs::remove_dir_all(&away)),
        Ok(false) => std::fs::remove_dir_all(&away),
        Err(e) => Err(e),
    };
    match done {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Fault::Refused(Failure {
            code: codes::CONFIGURATION,
            what: format!("{} could not be deleted: {e}", folder.display()),
            far_side: None,
        })),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_folder_with_the_mark_is_deleted_and_twice_is_once() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("rehearsal");
        let is_done = |seen: Result<Standing, Fault>| matches!(seen, Ok(Standing::Done(_)));
        assert!(is_done(standing(&folder)));
        std::fs::create_dir_all(&folder).unwrap();
        assert_eq!(standing(&folder), Ok(Standing::Ready(Baseline::default())));
        std::fs::create_dir_all(folder.join("conf")).unwrap();
        assert_eq!(standing(&folder), Ok(Standing::Ready(Baseline::default())));
        std::fs::File::create(folder.join("conf").join("config.yaml")).unwrap();
        assert!(matches!(standing(&folder), Ok(Standing::Contradicted(_))));
        std::fs::File::create(folder.join("conf").join(MARKER)).unwrap();
        assert_eq!(standing(&folder), Ok(Standing::Ready(Baseline::default())));
        // Cut off between moving and deleting.
        std::fs::rename(&folder, aside(&folder)).unwrap();
        assert_eq!(standing(&folder), Ok(Standing::Ready(Baseline::default())));
        attempt(&folder).unwrap();
        attempt(&folder).unwrap();
        assert!(is_done(standing(&folder)));
    }
}
