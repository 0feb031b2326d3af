//! Files on hosts: put whole or not at all with their digest checked on the far side, and read within
//! limits. It needs no more there than a POSIX shell, `sha256sum`, and `tar` for folders.

use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::command::{Command, Input, Output};
use super::error::{HostError, Trouble};
use super::link::Link;

const DIGEST: &str = include_str!("sh/digest.sh");
const PUT: &str = include_str!("sh/put.sh");
const SAME_TREE: &str = include_str!("sh/same-tree.sh");
const PUT_TREE: &str = include_str!("sh/put-tree.sh");
const READ: &str = include_str!("sh/read.sh");

/// What putting did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It is there now.
    Written,
    /// It was there already, with the same bytes.
    Already,
}

/// A file that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// There is none.
    Absent,
    /// Its beginning, or all of it.
    There {
        /// At most as many bytes as were wanted.
        bytes: Vec<u8>,
        /// The file's size.
        size: u64,
    },
}

impl Read {
    /// All of the file, if it is there and was not longer than wanted.
    pub fn whole(self) -> Option<Vec<u8>> {
        match self {
            Self::There { bytes, size } if size == bytes.len() as u64 => Some(bytes),
            _ => None,
        }
    }
}

impl Link {
    /// Puts `bytes` at `to` with these permissions, in place of what was there.
    ///
    /// # Errors
    /// When it is not there afterwards, or nobody knows.
    pub async fn put(
        &self,
        bytes: impl Into<Bytes>,
        to: &Path,
        mode: u32,
        limit: Duration,
    ) -> Result<Put, HostError> {
        let bytes = bytes.into();
        let digest = hex(&Sha256::digest(&bytes));
        self.put_input(Input::Bytes(bytes), digest, to, mode, limit).await
    }

    /// Puts a file of this machine at `to` with these permissions, in place of what was there.
    ///
    /// # Errors
    /// When it is not there afterwards, or nobody knows.
    pub async fn put_file(
        &self,
        from: &Path,
        to: &Path,
        mode: u32,
        limit: Duration,
    ) -> Result<Put, HostError> {
        let path = from.to_owned();
        let digest = aside(move || sha256_of(&path)).await;
        let digest = digest.map_err(|e| self.file(from, e.to_string()))?;
        self.put_input(Input::File(from.to_owned()), digest, to, mode, limit)
            .await
    }

    async fn put_input(
        &self,
        input: Input,
        digest: String,
        to: &Path,
        mode: u32,
        limit: Duration,
    ) -> Result<Put, HostError> {
        let command = |script: &str| {
            script_on(script, limit)
                .arg(to)
                .args([digest.clone(), format!("{mode:o}")])
        };
        if self.answer(&command(DIGEST), to).await?.first == "same" {
            return Ok(Put::Already);
        }
        let mut put = command(PUT);
        put.input = input;
        self.answer(&put, to).await?;
        Ok(Put::Written)
    }

    /// Puts a folder of this machine at `to`, which must not be there or be the same already. Files,
    /// links and permissions are carried; owners are not.
    ///
    /// # Errors
    /// When it is not there afterwards, or nobody knows.
    pub async fn put_tree(&self, from: &Path, to: &Path, limit: Duration) -> Result<Put, HostError> {
        let path = from.to_owned();
        let packed = aside(move || pack(&path)).await;
        let packed = packed.map_err(|e| self.file(from, e.to_string()))?;
        let command = |script: &str| script_on(script, limit).arg(to).arg(packed.entries.to_string());
        let ask = command(SAME_TREE).input(packed.digests.clone());
        match self.answer(&ask, to).await?.first.as_str() {
            "same" => return Ok(Put::Already),
            "absent" => {}
            _ => return Err(self.file(to, "is there already and holds something else".to_owned())),
        }
        let mut put = command(PUT_TREE);
        put.input = Input::File(packed.tar.path().to_owned());
        self.answer(&put, to).await?;
        Ok(Put::Written)
    }

    /// Reads at most `most` bytes of a file.
    ///
    /// # Errors
    /// When it cannot be read; not when it is not there.
    pub async fn read(&self, path: &Path, most: usize, limit: Duration) -> Result<Read, HostError> {
        let ask = script_on(READ, limit)
            .arg(path)
            .arg(most.to_string())
            .keep(most.saturating_add(64));
        let answer = self.answer(&ask, path).await?;
        if answer.first == "absent" {
            return Ok(Read::Absent);
        }
        let size = answer.first.parse();
        let size = size.map_err(|_| self.file(path, format!("unexpected answer {:?}", answer.first)))?;
        Ok(Read::There {
            bytes: answer.rest,
            size,
        })
    }

    async fn answer(&self, command: &Command, of: &Path) -> Result<Answer, HostError> {
        let output = self.run(command).await?;
        if !output.success() {
            return Err(self.file(of, reason(&output)));
        }
        let said = output.stdout.whole();
        let said = said.ok_or_else(|| self.file(of, "the answer is longer than wanted".to_owned()))?;
        let end = said.iter().position(|b| *b == b'\n').unwrap_or(said.len());
        Ok(Answer {
            first: String::from_utf8_lossy(&said[..end]).trim().to_owned(),
            rest: said.get(end + 1..).unwrap_or_default().to_vec(),
        })
    }

    fn file(&self, path: &Path, why: String) -> HostError {
        self.error(Trouble::File {
            path: path.display().to_string(),
            why,
        })
    }
}

struct Answer {
    first: String,
    rest: Vec<u8>,
}

/// What the far side's tools complained of.
fn reason(output: &Output) -> String {
    let text = output.stderr.text();
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.map_or_else(|| output.ended.to_string(), |line| line.trim().to_owned())
}

fn script_on(script: &str, limit: Duration) -> Command {
    Command::new("sh", limit).args(["-c", script, "upshift"])
}

/// A folder, packed: the tar of `tree` and `digests`, and what it holds.
struct Packed {
    tar: tempfile::NamedTempFile,
    digests: Vec<u8>,
    /// Files and links.
    entries: usize,
}

fn pack(from: &Path) -> io::Result<Packed> {
    let mut paths = Vec::new();
    walk(from, Path::new("."), &mut paths)?;
    let mut digests = String::new();
    for path in &paths {
        if std::fs::symlink_metadata(from.join(path))?.is_symlink() {
            continue;
        }
        let name = path.to_str().filter(|name| !name.contains(['\n', '\\', '\r']));
        let name = name.ok_or_else(|| {
            io::Error::other(format!(
                "{path:?}: a name with a line break or backslash cannot be checked"
            ))
        })?;
        writeln!(digests, "{}  {name}", sha256_of(&from.join(path))?).map_err(io::Error::other)?;
    }
    let mut tar = tempfile::NamedTempFile::new()?;
    let mut packer = tar::Builder::new(&mut tar);
    packer.follow_symlinks(false);
    packer.append_dir_all("tree", from)?;
    let mut header = tar::Header::new_gnu();
    header.set_size(digests.len() as u64);
    header.set_mode(0o600);
    packer.append_data(&mut header, "digests", digests.as_bytes())?;
    packer.finish()?;
    drop(packer);
    Ok(Packed {
        tar,
        digests: digests.into_bytes(),
        entries: paths.len(),
    })
}

fn walk(root: &Path, below: &Path, into: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(root.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(root, &path, into)?;
        } else if kind.is_file() || kind.is_symlink() {
            into.push(path);
        } else {
            return Err(io::Error::other(format!(
                "{} is neither a file nor a folder nor a link",
                path.display()
            )));
        }
    }
    Ok(())
}

/// SHA-256 of a file of this machine, part by part.
pub(crate) fn sha256_of(path: &Path) -> io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 1 << 20];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hex(&hash.finalize())),
            n => hash.update(&chunk[..n]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Away from the threads that answer others.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}
