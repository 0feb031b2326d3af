//! Files that appear whole or not at all.

use std::io::Write as _;
use std::path::Path;

use crate::codes;
use crate::trouble::Trouble;

/// What happens to a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Present {
    /// It is replaced.
    Replace,
    /// It stays, and writing is refused.
    Keep,
}

/// Writes `text` beside `path`, syncs it, and renames it into its place.
///
/// # Errors
/// When the file is there already and is to be kept, or cannot be written.
pub fn write(path: &Path, text: &str, present: Present) -> Result<(), Trouble> {
    let failed = |error: &std::io::Error| {
        Trouble::usage(codes::OUTPUT, format!("cannot be written: {error}"))
            .at(path.display().to_string())
            .expected("a file in a directory that this user can write")
    };
    let dir = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(dir).map_err(|error| failed(&error))?;
    file.write_all(text.as_bytes())
        .and_then(|()| readable(file.as_file()))
        .and_then(|()| file.as_file().sync_all())
        .map_err(|error| failed(&error))?;
    let placed = match present {
        Present::Replace => file.persist(path).map(drop),
        Present::Keep => file.persist_noclobber(path).map(drop),
    };
    placed.map_err(|error| match (present, error.error.kind()) {
        (Present::Keep, std::io::ErrorKind::AlreadyExists) => {
            Trouble::usage(codes::OUTPUT, "is there already, and is not overwritten")
                .at(path.display().to_string())
                .next("name another file, or move this one away")
        }
        _ => failed(&error.error),
    })?;
    std::fs::File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(|error| failed(&error))
}

/// A temporary file is private to its user; a plan is made to be read and approved by others.
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_or_kept_as_asked_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().expect("a scratch folder");
        let path = dir.path().join("orders.toml");
        write(&path, "a", Present::Keep).expect("written");
        write(&path, "b", Present::Replace).expect("replaced");
        let trouble = write(&path, "c", Present::Keep).expect_err("kept");
        assert_eq!(trouble.code, codes::OUTPUT);
        assert_eq!(std::fs::read_to_string(&path).expect("readable"), "b");
        assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 1);
        assert!(write(&dir.path().join("no/such/file"), "d", Present::Replace).is_err());
    }
}
