//! A release's archive becomes an installation: checked by its digest before anything is unpacked,
//! unpacked beside its place, moved there whole. Whatever goes wrong leaves nothing behind.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha512};
use tar::{Archive as Tar, Entry, EntryType};
use thiserror::Error;
use upshift_engine::driver::Fault;
use upshift_model::endpoint::Endpoint;
use upshift_model::flink::Archive;
use upshift_model::ids::AttemptKey;
use upshift_model::record::Failure;
use upshift_model::version::Version;

use super::{codes, savepoint};
use crate::wire::{DownloadError, Http, Secrets};

/// A download that stands still for so long has ended without saying so.
const STALL: Duration = Duration::from_secs(60);

/// What lies at the place of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Home {
    /// Nothing, or an empty directory.
    Free,
    /// An installation of this release.
    Of(Version),
    /// Something else.
    Other(String),
}

/// Looks at the place of an installation; the release is told by the name of its main jar.
pub(super) fn home_at(home: &Path) -> Home {
    match std::fs::read_dir(home) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Home::Free,
        Err(e) => return Home::Other(e.to_string()),
        Ok(mut entries) => {
            if entries.next().is_none() {
                return Home::Free;
            }
        }
    }
    let jars = std::fs::read_dir(home.join("lib"))
        .into_iter()
        .flatten()
        .flatten();
    let versions = jars.filter_map(|jar| {
        let name = jar.file_name().to_string_lossy().into_owned();
        // `flink-dist-1.20.5.jar`; before 1.15 the Scala line came first: `flink-dist_2.12-1.14.6.jar`.
        name.strip_prefix("flink-dist")?
            .strip_suffix(".jar")?
            .split_once('-')?
            .1
            .parse()
            .ok()
    });
    match versions.collect::<Vec<Version>>().as_slice() {
        [one] => Home::Of(one.clone()),
        [] => Home::Other("it has no lib/flink-dist jar".to_owned()),
        several => Home::Other(format!("it has {} flink-dist jars in lib", several.len())),
    }
}

/// Why an archive did not become an installation.
#[derive(Debug, Error)]
enum UnpackError {
    #[error("{uri} is neither a file: nor an http(s) address")]
    Address { uri: String },
    #[error("{uri} cannot be read: {why}")]
    Unreadable { uri: String, why: io::Error },
    #[error("{uri} has SHA-512 {found}, expected {expected}")]
    Digest {
        uri: String,
        expected: String,
        found: String,
    },
    #[error("{at}: {why}")]
    Write { at: String, why: io::Error },
    #[error("entry {entry:?}: {why}")]
    Entry { entry: String, why: &'static str },
    #[error("not a whole tar.gz: {why}")]
    Damaged { why: io::Error },
    #[error("it holds {found}, expected Flink {expected}")]
    OtherRelease { expected: Version, found: String },
}

impl UnpackError {
    fn into_fault(self, home: &Path) -> Fault {
        let code = match &self {
            Self::Digest { .. } => codes::ARCHIVE_DIGEST,
            Self::Write { .. } => codes::NO_ROOM,
            Self::Address { .. }
            | Self::Unreadable { .. }
            | Self::Entry { .. }
            | Self::Damaged { .. }
            | Self::OtherRelease { .. } => codes::ARCHIVE_UNUSABLE,
        };
        let what = format!("nothing was unpacked to {}: {self}", home.display());
        Fault::Refused(Failure {
            code,
            what,
            far_side: None,
        })
    }
}

/// Makes the installation at `home`.
pub(super) async fn unpack(
    archive: &Archive,
    home: &Path,
    release: &Version,
    key: &AttemptKey,
    secrets: &Secrets,
) -> Result<(), Fault> {
    let work = Workplace::beside(home, key).map_err(|e| e.into_fault(home))?;
    let file = match savepoint::local_path(&archive.uri) {
        Some(path) => File::open(path).map_err(|why| {
            UnpackError::Unreadable {
                uri: archive.uri.clone(),
                why,
            }
            .into_fault(home)
        })?,
        None => work.download(archive, secrets, home).await?,
    };
    let (archive, home, release) = (archive.clone(), home.to_owned(), release.clone());
    let at = home.clone();
    let done = tokio::task::spawn_blocking(move || work.install(&archive, file, &home, &release)).await;
    match done {
        Ok(outcome) => outcome.map_err(|e| e.into_fault(&at)),
        Err(lost) => Err(Fault::Ambiguous(format!(
            "unpacking to {} broke off: {lost}",
            at.display()
        ))),
    }
}

/// Where the archive is downloaded and unpacked: beside the home, on the same file system, under a
/// name of this try. Removed with the value, whatever happened.
#[derive(Debug)]
struct Workplace {
    tree: PathBuf,
    download: PathBuf,
}

impl Workplace {
    fn beside(home: &Path, key: &AttemptKey) -> Result<Self, UnpackError> {
        let parent = home.parent().unwrap_or(Path::new("/"));
        let name = home
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let short = &key.as_hex()[..8];
        let place = Self {
            tree: parent.join(format!(".{name}.upshift-{short}")),
            download: parent.join(format!(".{name}.upshift-{short}.part")),
        };
        std::fs::create_dir_all(parent).map_err(|why| write(parent, why))?;
        // Left by the same try of a process that was killed.
        place.clear().map_err(|why| write(&place.tree, why))?;
        Ok(place)
    }

    fn clear(&self) -> io::Result<()> {
        let gone = |result: io::Result<()>| match result {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
            _ => Ok(()),
        };
        gone(std::fs::remove_dir_all(&self.tree))?;
        gone(std::fs::remove_file(&self.download))
    }

    async fn download(&self, archive: &Archive, secrets: &Secrets, home: &Path) -> Result<File, Fault> {
        let address = || {
            UnpackError::Address {
                uri: archive.uri.clone(),
            }
            .into_fault(home)
        };
        if !archive.uri.starts_with("http://") && !archive.uri.starts_with("https://") {
            return Err(address());
        }
        let http =
            Http::new(&Endpoint::plain(archive.uri.clone()), secrets.clone()).map_err(|_| address())?;
        let open = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&self.download);
        let mut file = open.map_err(|why| write(&self.download, why).into_fault(home))?;
        match http.download("", STALL, |chunk| file.write_all(chunk)).await {
            Ok(()) => Ok(file),
            Err(DownloadError::Wire(fault)) => Err(fault),
            Err(DownloadError::Sink(why)) => Err(write(&self.download, why).into_fault(home)),
        }
    }

    fn install(
        self,
        archive: &Archive,
        mut file: File,
        home: &Path,
        release: &Version,
    ) -> Result<(), UnpackError> {
        let unreadable = |why| UnpackError::Unreadable {
            uri: archive.uri.clone(),
            why,
        };
        file.rewind().map_err(unreadable)?;
        let found = sha512(&mut file).map_err(unreadable)?;
        if !found.eq_ignore_ascii_case(&archive.sha512) {
            let (uri, expected) = (archive.uri.clone(), archive.sha512.clone());
            return Err(UnpackError::Digest { uri, expected, found });
        }
        file.rewind().map_err(unreadable)?;
        std::fs::create_dir(&self.tree).map_err(|why| write(&self.tree, why))?;
        Unpacking::into(&self.tree).all(io::BufReader::with_capacity(1 << 20, file))?;
        match home_at(&self.tree) {
            Home::Of(version) if version == *release => {}
            Home::Of(version) => {
                return Err(UnpackError::OtherRelease {
                    expected: release.clone(),
                    found: format!("Flink {version}"),
                });
            }
            Home::Free => {
                return Err(UnpackError::OtherRelease {
                    expected: release.clone(),
                    found: "nothing".into(),
                });
            }
            Home::Other(found) => {
                return Err(UnpackError::OtherRelease {
                    expected: release.clone(),
                    found,
                });
            }
        }
        self.settle(home)
    }

    /// Durable first, in place second.
    fn settle(&self, home: &Path) -> Result<(), UnpackError> {
        let tree = File::open(&self.tree).map_err(|why| write(&self.tree, why))?;
        rustix::fs::syncfs(&tree).map_err(|e| write(&self.tree, e.into()))?;
        std::fs::rename(&self.tree, home).map_err(|why| write(home, why))?;
        let parent = home.parent().unwrap_or(Path::new("/"));
        File::open(parent)
            .and_then(|dir| dir.sync_all())
            .map_err(|why| write(parent, why))
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if let Err(e) = self.clear() {
            tracing::warn!(place = %self.tree.display(), %e, "what was unpacked could not be removed");
        }
    }
}

fn write(at: &Path, why: io::Error) -> UnpackError {
    UnpackError::Write {
        at: at.display().to_string(),
        why,
    }
}

fn sha512(file: &mut File) -> io::Result<String> {
    use std::fmt::Write as _;
    let mut hasher = Sha512::new();
    let mut chunk = vec![0; 1 << 20];
    loop {
        match file.read(&mut chunk)? {
            0 => break,
            read => hasher.update(&chunk[..read]),
        }
    }
    Ok(hasher
        .finalize()
        .iter()
        .fold(String::with_capacity(128), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
            hex
        }))
}

/// One archive on its way into a tree.
struct Unpacking<'t> {
    tree: &'t Path,
    /// The folder that everything in the archive is below.
    top: Option<String>,
    /// Links made so far: nothing is written through one.
    links: BTreeSet<PathBuf>,
}

impl<'t> Unpacking<'t> {
    fn into(tree: &'t Path) -> Self {
        Self {
            tree,
            top: None,
            links: BTreeSet::new(),
        }
    }

    fn all(mut self, packed: impl io::Read) -> Result<(), UnpackError> {
        let mut tar = Tar::new(GzDecoder::new(packed));
        for entry in tar.entries().map_err(damaged)? {
            self.one(entry.map_err(damaged)?)?;
        }
        // The digest covers every byte, so what comes after the last entry was meant to be there; an
        // archive that is cut off ends in an error above.
        Ok(())
    }

    fn one(&mut self, mut entry: Entry<'_, impl io::Read>) -> Result<(), UnpackError> {
        let named = entry.path().map_err(damaged)?.into_owned();
        let refuse = |why| UnpackError::Entry {
            entry: named.display().to_string(),
            why,
        };
        let kind = entry.header().entry_type();
        if matches!(kind, EntryType::XGlobalHeader) {
            return Ok(());
        }
        let Some(inside) = self.below_top(&named).map_err(refuse)? else {
            return Ok(());
        };
        if inside.ancestors().any(|part| self.links.contains(part)) {
            return Err(refuse("it lies behind a link"));
        }
        let at = self.tree.join(&inside);
        let failed = |why: io::Error| write(&at, why);
        let parent = at.parent().unwrap_or(self.tree);
        std::fs::create_dir_all(parent).map_err(failed)?;
        match kind {
            EntryType::Directory => std::fs::create_dir_all(&at).map_err(failed),
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                let mode = entry.header().mode().map_err(damaged)?;
                copy_out(&mut entry, &at, mode)
            }
            EntryType::Symlink => {
                let target = entry
                    .link_name()
                    .map_err(damaged)?
                    .ok_or_else(|| refuse("a link to nothing"))?;
                let folder = inside.parent().unwrap_or(Path::new(""));
                if !stays_inside(folder, &target) {
                    return Err(refuse("a link that leads out of the archive"));
                }
                self.links.insert(inside);
                std::os::unix::fs::symlink(&*target, &at).map_err(failed)
            }
            EntryType::Link => {
                let target = entry
                    .link_name()
                    .map_err(damaged)?
                    .ok_or_else(|| refuse("a link to nothing"))?;
                let Some(target) = self.below_top(&target).map_err(refuse)? else {
                    return Err(refuse("a link to the top folder"));
                };
                if target.ancestors().any(|part| self.links.contains(part)) {
                    return Err(refuse("it links to something behind a link"));
                }
                std::fs::hard_link(self.tree.join(target), &at).map_err(failed)
            }
            _ => Err(refuse("neither file, folder nor link")),
        }
    }

    /// The path below the archive's single top folder; none for that folder itself.
    fn below_top(&mut self, named: &Path) -> Result<Option<PathBuf>, &'static str> {
        let mut parts = Vec::new();
        for part in named.components() {
            match part {
                Component::Normal(name) => parts.push(name),
                Component::CurDir => {}
                Component::ParentDir => return Err("it leads out of the archive"),
                Component::RootDir | Component::Prefix(_) => return Err("an absolute path"),
            }
        }
        let Some((top, rest)) = parts.split_first() else {
            return Ok(None);
        };
        let top = top.to_string_lossy().into_owned();
        if *self.top.get_or_insert_with(|| top.clone()) != top {
            return Err("not below the archive's one top folder");
        }
        Ok((!rest.is_empty()).then(|| rest.iter().collect()))
    }
}

/// What cannot be read is the archive's fault, what cannot be written is the disk's.
fn copy_out(from: &mut impl io::Read, at: &Path, mode: u32) -> Result<(), UnpackError> {
    use std::os::unix::fs::OpenOptionsExt as _;
    // Neither set-user-id nor the like comes out of an archive.
    let mut open = File::options();
    let open = open.write(true).create_new(true).mode(mode & 0o777 | 0o600);
    let mut file = open.open(at).map_err(|why| write(at, why))?;
    let mut chunk = [0; 64 << 10];
    loop {
        match from.read(&mut chunk).map_err(damaged)? {
            0 => return Ok(()),
            read => file.write_all(&chunk[..read]).map_err(|why| write(at, why))?,
        }
    }
}

fn damaged(why: io::Error) -> UnpackError {
    UnpackError::Damaged { why }
}

fn stays_inside(folder: &Path, target: &Path) -> bool {
    let mut depth = folder.components().count();
    for part in target.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth == 0 => return false,
            Component::ParentDir => depth -= 1,
            Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    true
}
