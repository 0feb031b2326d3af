//! The classes of a release: of its home, or of the archive that it will be unpacked from.
//!
//! Of an archive the jars of `lib` and `opt` are written into a directory of their own, which goes with the
//! value; nothing else is unpacked, and no name of the archive becomes a path.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::{Component, Path, PathBuf};

use flate2::bufread::GzDecoder;
use tempfile::TempDir;

use super::ReferencesError;
use super::classes::Jars;

/// Bytes of all jars that are taken out of an archive; `lib` and `opt` of Flink 2.3 have 0.4 GB.
const MOST: u64 = 4 << 30;

/// A release whose classes can be asked for.
pub(super) struct Release {
    /// Its home, or its archive.
    pub(super) at: PathBuf,
    pub(super) lib: Jars,
    /// What can be put into its `lib`; none where it has no such directory.
    pub(super) opt: Option<Jars>,
    /// Where the jars of an archive lie meanwhile.
    _unpacked: Option<TempDir>,
}

impl Release {
    pub(super) fn open(at: &Path) -> Result<Self, ReferencesError> {
        let unpacked = match at.is_file() {
            true => Some(unpack(at)?),
            false => None,
        };
        let home = unpacked.as_ref().map_or(at, TempDir::path);
        let lib = Jars::below(&home.join("lib"))?;
        let opt = home.join("opt");
        let opt = match opt.is_dir() {
            true => Some(Jars::below(&opt)?),
            false => None,
        };
        Ok(Self {
            at: at.to_owned(),
            lib,
            opt,
            _unpacked: unpacked,
        })
    }
}

/// The jars of the archive's `lib` and `opt`.
fn unpack(archive: &Path) -> Result<TempDir, ReferencesError> {
    let io = |source| ReferencesError::Io {
        at: archive.display().to_string(),
        source,
    };
    let no_release = |why: &str| ReferencesError::NoRelease {
        at: archive.display().to_string(),
        why: why.to_owned(),
    };
    let dir = tempfile::Builder::new()
        .prefix("upshift-lib-")
        .tempdir()
        .map_err(io)?;
    for part in ["lib", "opt"] {
        std::fs::create_dir(dir.path().join(part)).map_err(io)?;
    }
    let file = File::open(archive).map_err(io)?;
    let mut tar = tar::Archive::new(GzDecoder::new(BufReader::with_capacity(1 << 20, file)));
    let (mut bytes, mut jars) = (0_u64, 0_usize);
    for entry in tar.entries().map_err(io)? {
        let mut entry = entry.map_err(io)?;
        let Some(part) = jar_of(&entry.path().map_err(io)?) else {
            continue;
        };
        if !entry.header().entry_type().is_file() {
            continue;
        }
        // The name is ours: what the archive calls it matters only for messages, as the last part of a path.
        let place = dir.path().join(&part);
        let mut jar = File::create_new(&place).map_err(io)?;
        let left = MOST.saturating_sub(bytes);
        let written = io::copy(&mut entry.by_ref().take(left + 1), &mut jar).map_err(io)?;
        bytes += written;
        if written > left {
            return Err(no_release(&format!("its jars have more than {MOST} bytes")));
        }
        jars += 1;
    }
    match jars {
        0 => Err(no_release("it has no jar in a directory lib")),
        _ => Ok(dir),
    }
}

/// `lib/x.jar` of `flink-1.20.5/lib/x.jar`; none for everything else.
fn jar_of(path: &Path) -> Option<PathBuf> {
    let parts: Option<Vec<&str>> = path
        .components()
        .filter(|part| *part != Component::CurDir)
        .map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    match parts?.as_slice() {
        [_, part @ ("lib" | "opt"), name] if name.ends_with(".jar") => Some(Path::new(part).join(name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn archive(entries: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut tar = tar::Builder::new(GzEncoder::new(file.reopen().unwrap(), Compression::fast()));
        for (name, bytes) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, *bytes).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap().flush().unwrap();
        file
    }

    fn empty_jar() -> Vec<u8> {
        let zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn only_the_jars_of_lib_and_opt_leave_the_archive() {
        let jar = empty_jar();
        let file = archive(&[
            ("flink-1.20.5/lib/flink-dist-1.20.5.jar", &jar),
            ("flink-1.20.5/opt/flink-python-1.20.5.jar", &jar),
            ("flink-1.20.5/lib/README", b"x"),
            ("flink-1.20.5/plugins/s3/s3.jar", &jar),
        ]);
        let dir = unpack(file.path()).unwrap();
        let names = |part: &str| -> Vec<String> {
            let entries = std::fs::read_dir(dir.path().join(part)).unwrap();
            entries
                .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
                .collect()
        };
        assert_eq!(names("lib"), ["flink-dist-1.20.5.jar"]);
        assert_eq!(names("opt"), ["flink-python-1.20.5.jar"]);
        assert!(Release::open(file.path()).is_ok());
    }

    #[test]
    fn what_is_no_release_is_said_to_be_none() {
        let file = archive(&[("something/else.jar", b"x")]);
        let error = Release::open(file.path()).err().unwrap().to_string();
        assert!(error.contains("no Flink release"), "{error}");
        assert_eq!(jar_of(Path::new("flink/../lib/x.jar")), None);
        assert_eq!(jar_of(Path::new("/flink/lib/x.jar")), None);
    }
}
