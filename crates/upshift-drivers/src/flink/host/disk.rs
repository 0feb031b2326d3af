//! Directories and room: whether they are there, may be written to, and how much fits.

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access, statvfs};
use upshift_model::flink::DirFacts;

/// The path on this machine that a URI names: `file:/x`, `file:///x`, `file://localhost/x`, or a plain
/// absolute path; none for any other.
pub fn local_path(uri: &str) -> Option<PathBuf> {
    let path = match uri.strip_prefix("file:") {
        None => uri,
        Some(rest) => match rest.strip_prefix("//") {
            None => rest,
            Some(rest) => rest.strip_prefix("localhost").unwrap_or(rest),
        },
    };
    path.starts_with('/').then(|| PathBuf::from(path))
}

/// A directory as this machine sees it. What is asked of one that is not there is asked of its nearest
/// existing parent: whether it could be made, and how much would fit.
///
/// # Errors
/// When not even its parents can be looked at.
pub fn directory(path: &Path) -> io::Result<DirFacts> {
    let there = nearest(path)?;
    // Asked of the kernel, read-only file systems and access lists included; writing a test file
    // would be a change.
    let writable = match access(&there, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => true,
        Err(rustix::io::Errno::ACCESS | rustix::io::Errno::PERM | rustix::io::Errno::ROFS) => false,
        Err(e) => return Err(e.into()),
    };
    Ok(DirFacts {
        exists: path.is_dir(),
        writable: writable && there.is_dir(),
        free: free_bytes(path)?,
    })
}

/// Free bytes, for an ordinary user, of the file system that holds `path` or its nearest existing
/// parent.
///
/// # Errors
/// When it cannot be asked.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let stat = statvfs(nearest(path)?)?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

fn nearest(path: &Path) -> io::Result<PathBuf> {
    for candidate in path.ancestors() {
        match std::fs::metadata(candidate) {
            Ok(_) => return Ok(candidate.to_owned()),
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(e) => return Err(e),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::NotFound,
        format!("{} has no parent that is there", path.display()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_of_this_machine_are_told_from_others() {
        for uri in [
            "file:/srv/sp",
            "file:///srv/sp",
            "file://localhost/srv/sp",
            "/srv/sp",
        ] {
            assert_eq!(local_path(uri), Some(PathBuf::from("/srv/sp")), "{uri}");
        }
        for uri in ["s3://bucket/sp", "hdfs:///sp", "sp", "file:sp", "file://host/sp"] {
            assert_eq!(local_path(uri), None, "{uri}");
        }
    }

    #[test]
    fn a_directory_that_is_not_there_is_judged_by_its_parent() {
        let root = tempfile::tempdir().unwrap();
        let there = directory(root.path()).unwrap();
        assert!(there.exists && there.writable && there.free > 0);
        let absent = directory(&root.path().join("a/b")).unwrap();
        assert!(!absent.exists && absent.writable && absent.free > 0);
        let file = tempfile::NamedTempFile::new().unwrap();
        let below_a_file = directory(&file.path().join("x")).unwrap();
        assert!(!below_a_file.exists && !below_a_file.writable);
    }
}
