//! Files and folders on the machines of a site, asked for and changed over their links by one script. What cannot be seen
//! is a fault, and never something that is not there.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use upshift_engine::driver::Fault;
use upshift_formats::alluxio::{Flavour, flavour};
use upshift_model::digest::Digest;
use upshift_model::ids::Code;
use upshift_model::record::Failure;

use super::codes;
use super::machine::refused;
use crate::wire::hosts::{Command, Link, Output, Read};
use crate::wire::told_lines::lines;

const PLACE: &str = include_str!("sh/place.sh");
/// Folders are copied, and files of many gigabytes read.
const LIMIT: Duration = Duration::from_secs(7_200);
const ANSWER: usize = 16 << 20;
/// So much of a file is fetched at a time.
const PART: usize = 4 << 20;

/// Whether a folder holds anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Absent,
    Nothing,
    Something,
}

/// A copy of tiers, and what of it lies in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Saved {
    pub(super) files: u64,
    pub(super) bytes: u64,
    /// Files that lie in the tiers.
    pub(super) in_tiers: u64,
    /// The first file of the copy that does not lie in its tier, or is of another size there.
    pub(super) gone: Option<String>,
}

/// A backup in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lying {
    pub(super) file: PathBuf,
    pub(super) marked: bool,
}

/// One machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Far<'a>(pub(super) &'a Link);

impl Far<'_> {
    fn command<'w>(what: &str, words: impl IntoIterator<Item = &'w Path>) -> Command {
        Command::new("sh", LIMIT)
            .args(["-c", PLACE, "upshift", what])
            .args(words.into_iter().map(|word| word.as_os_str().to_owned()))
            .keep(ANSWER)
    }

    fn unseen(self, why: impl std::fmt::Display) -> Fault {
        Fault::Transient(format!("{}: {why}", self.0.name()))
    }

    async fn ran(self, command: &Command) -> Result<Vec<u8>, Fault> {
        let output = self
            .0
            .run(command)
            .await
            .map_err(|error| error.into_read_fault())?;
        if !output.success() {
            return Err(self.unseen(output.complaint()));
        }
        let whole = output.stdout.whole();
        whole.ok_or_else(|| self.unseen("the answer is longer than wanted"))
    }

    async fn asked(self, command: &Command) -> Result<String, Fault> {
        let bytes = self.ran(command).await?;
        String::from_utf8(bytes).map_err(|_| self.other_form())
    }

    fn other_form(self) -> Fault {
        self.unseen("the answer has another form")
    }

    async fn did(self, command: &Command, failed: &str) -> Result<(), Fault> {
        self.did_or(command, failed, codes::FOLDER).await
    }

    async fn did_or(self, command: &Command, failed: &str, code: Code) -> Result<(), Fault> {
        let output: Output = self.0.run(command).await.map_err(|error| error.into_fault())?;
        match output.success() {
            true => Ok(()),
            false => {
                let complaint = output.complaint();
                let code = if is_full(&complaint) {
                    codes::DISK_FULL
                } else {
                    code
                };
                Err(refused(code, format!("{}: {failed}: {complaint}", self.0.name())))
            }
        }
    }

    /// Whether a folder holds anything.
    pub(super) async fn holds(self, folder: &Path) -> Result<Holds, Fault> {
        match self.asked(&Self::command("look", [folder])).await?.trim() {
            "absent" => Ok(Holds::Absent),
            "empty" => Ok(Holds::Nothing),
            "holds" => Ok(Holds::Something),
            _ => Err(self.other_form()),
        }
    }

    /// Bytes of everything in a folder.
    pub(super) async fn size(self, folder: &Path) -> Result<u64, Fault> {
        let said = self.asked(&Self::command("size", [folder])).await?;
        said.trim().parse().map_err(|_| self.other_form())
    }

    /// All names below a folder; none where it is not there.
    pub(super) async fn names(self, folder: &Path) -> Result<Option<Vec<String>>, Fault> {
        let said = self.asked(&Self::command("names", [folder])).await?;
        let mut names = said.lines();
        match names.next() {
            Some("there") => Ok(Some(names.map(str::to_owned).collect())),
            Some("absent") => Ok(None),
            _ => Err(self.other_form()),
        }
    }

    /// A file, whole; none where it is longer than wanted.
    pub(super) async fn whole(self, file: &Path, most: usize) -> Result<Option<Vec<u8>>, Fault> {
        let mut whole = Vec::new();
        loop {
            let words = [
                file.as_os_str().to_owned(),
                whole.len().to_string().into(),
                PART.to_string().into(),
            ];
            let command = Self::command("part", []).args::<OsString>(words);
            let bytes = self.ran(&command).await?;
            if bytes.is_empty() {
                return Ok(Some(whole));
            }
            whole.extend(bytes);
            if whole.len() > most {
                return Ok(None);
            }
        }
    }

    /// Whether a journal was formatted and holds nothing else. An embedded one is empty then.
    pub(super) async fn is_fresh(self, journal: &Path, embedded: bool) -> Result<bool, Fault> {
        let Some(names) = self.names(journal).await? else {
            return Ok(false);
        };
        Ok(match flavour(names.iter().map(String::as_str)) {
            Flavour::UnderStore {
                formatted,
                checkpoints,
                ..
            } => formatted && !checkpoints && !names.iter().any(|name| name.contains("/v1/logs/")),
            Flavour::Empty => embedded,
            Flavour::Ratis | Flavour::Copycat | Flavour::Foreign { .. } => false,
        })
    }

    /// Moves a folder, or copies it.
    pub(super) async fn bring(self, from: &Path, to: &Path, keep: bool) -> Result<(), Fault> {
        let what = if keep { "copy" } else { "move" };
        let failed = format!("{} could not be brought to {}", from.display(), to.display());
        self.did(&Self::command(what, [from, to]), &failed).await
    }

    /// Puts the old journal back; what the new release wrote is kept beside it.
    pub(super) async fn put_back(self, journal: &Path, kept: &Path, replaced: &Path) -> Result<(), Fault> {
        let failed = format!(
            "{} could not be put back as {}",
            kept.display(),
            journal.display()
        );
        self.did(&Self::command("back", [journal, kept, replaced]), &failed)
            .await
    }

    /// An empty folder in place of a journal that was moved away, as its owner had it.
    pub(super) async fn make(self, journal: &Path, like: &Path) -> Result<(), Fault> {
        let failed = format!("{} could not be made", journal.display());
        self.did(&Self::command("make", [journal, like]), &failed).await
    }

    /// Backups hold credentials of mounts: a folder for its owner alone, who is that of the folder above it.
    pub(super) async fn private(self, folder: &Path) -> Result<(), Fault> {
        let failed = format!("{} could not be made", folder.display());
        self.did(&Self::command("private", [folder]), &failed).await
    }

    /// Puts a text in a file's place, with owner and rights of another; the file as it was is kept beside it.
    pub(super) async fn replace(self, text: &str, file: &Path, like: &Path) -> Result<(), Fault> {
        let part = beside(file, ".upshift-new");
        let put = self.0.put(text.as_bytes().to_vec(), &part, 0o600, LIMIT);
        put.await.map_err(|error| full(error.into_fault()))?;
        let failed = format!("{} could not be written", file.display());
        self.did(&Self::command("become", [part.as_path(), file, like]), &failed)
            .await
    }

    /// Puts a file of this machine there, its digest checked on the far side, for the owner of the folder that it lies in.
    pub(super) async fn give(self, from: &Path, to: &Path) -> Result<(), Fault> {
        let put = self.0.put_file(from, to, 0o600, LIMIT).await;
        put.map_err(|error| full(error.into_fault()))?;
        let folder = to.parent().unwrap_or(to);
        let failed = format!("{} could not be given to the owner of its folder", to.display());
        self.did(&Self::command("own", [to, folder]), &failed).await
    }

    /// The backups in a folder.
    pub(super) async fn backups(self, folder: &Path) -> Result<Vec<Lying>, Fault> {
        let said = self.asked(&Self::command("backups", [folder])).await?;
        let all = lines(&said).map(|line| {
            let marked = match line.word() {
                "marked" => true,
                "plain" => false,
                _ => return None,
            };
            let file = PathBuf::from(line.text(1)?);
            Some(Lying { file, marked })
        });
        all.collect::<Option<_>>().ok_or_else(|| self.other_form())
    }

    /// The bytes of a file and its digest; none where it is not there.
    pub(super) async fn digest(self, file: &Path) -> Result<Option<(u64, String)>, Fault> {
        let said = self.asked(&Self::command("digest", [file])).await?;
        let said = said.trim();
        if said == "absent" {
            return Ok(None);
        }
        let parsed = said.split_once(' ').and_then(|(bytes, digest)| {
            let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
            Some((bytes.parse().ok()?, is_digest.then(|| digest.to_owned())?))
        });
        parsed.map(Some).ok_or_else(|| self.other_form())
    }

    /// Brings a file here, part by part; it appears whole with the digest that is expected, or not at all.
    pub(super) async fn fetch(self, file: &Path, to: &Path, sha256: &str) -> Result<(), Fault> {
        let failed = |error: io::Error| {
            let full = error.kind() == io::ErrorKind::StorageFull;
            let code = if full { codes::DISK_FULL } else { codes::NOT_COPIED };
            refused(code, format!("{}: {error}", to.display()))
        };
        let part = beside(to, ".partial");
        let mut out = std::fs::File::create(&part).map_err(failed)?;
        let (mut hash, mut have) = (Sha256::new(), 0_u64);
        loop {
            let words = [
                file.as_os_str().to_owned(),
                have.to_string().into(),
                PART.to_string().into(),
            ];
            let command = Self::command("part", []).args::<OsString>(words);
            let bytes = self.ran(&command).await?;
            if bytes.is_empty() {
                break;
            }
            hash.update(&bytes);
            out.write_all(&bytes).map_err(failed)?;
            have += bytes.len() as u64;
        }
        out.sync_all().map_err(failed)?;
        let found = Digest::from_raw(&hash.finalize());
        if found.hex() != sha256 {
            return Err(refused(
                codes::OTHER_BACKUP,
                format!(
                    "{} on {} arrived with sha256 {}, expected {sha256}",
                    file.display(),
                    self.0.name(),
                    found.hex()
                ),
            ));
        }
        std::fs::rename(&part, to).map_err(failed)
    }

    /// A log's size, and what stands in it behind `from`; none where it is not there.
    pub(super) async fn log(self, log: &Path, from: u64, most: u64) -> Result<Option<(u64, String)>, Fault> {
        let command = Self::command("log", [log]).args([from.to_string(), most.to_string()]);
        let bytes = self.ran(&command).await?;
        let text = String::from_utf8_lossy(&bytes);
        let (first, rest) = text.split_once('\n').ok_or_else(|| self.other_form())?;
        if first == "absent" {
            return Ok(None);
        }
        let size = first.parse().map_err(|_| self.other_form())?;
        Ok(Some((size, rest.to_owned())))
    }

    /// The device of a folder and whether it holds anything; none where it is not there.
    pub(super) async fn root(self, folder: &Path) -> Result<Option<(u64, bool)>, Fault> {
        let said = self.asked(&Self::command("root", [folder])).await?;
        match said.trim().split_once(' ') {
            None if said.trim() == "absent" => Ok(None),
            Some((device, word @ ("holds" | "empty"))) => {
                let device = device.parse().map_err(|_| self.other_form())?;
                Ok(Some((device, word == "holds")))
            }
            _ => Err(self.other_form()),
        }
    }

    /// Whether a process can read a file; none where that cannot be tried from here.
    pub(super) async fn readable(self, file: &Path, pid: u32) -> Result<Option<bool>, Fault> {
        let command = Self::command("readable", [file]).arg(pid.to_string());
        match self.asked(&command).await?.trim() {
            "yes" => Ok(Some(true)),
            "no" => Ok(Some(false)),
            "unknown" => Ok(None),
            "gone" => Err(self.unseen(format!("process {pid} ended meanwhile"))),
            _ => Err(self.other_form()),
        }
    }

    /// Block files in tiers: size and path a line.
    pub(super) async fn blocks(self, tiers: &[PathBuf]) -> Result<String, Fault> {
        let tiers = tiers.iter().map(PathBuf::as_path);
        let command = Self::command("blocks", tiers).keep(BLOCKS);
        self.asked(&command).await
    }

    /// Files and bytes in each of the tiers; of one that is not there none.
    pub(super) async fn tally(self, tiers: &[PathBuf]) -> Result<Vec<(u64, u64)>, Fault> {
        let said = self
            .asked(&Self::command("tally", tiers.iter().map(PathBuf::as_path)))
            .await?;
        let line = |line: &str| {
            let (files, bytes) = line.split_once(' ')?;
            Some((files.parse().ok()?, bytes.parse().ok()?))
        };
        let all: Option<Vec<(u64, u64)>> = said.lines().map(line).collect();
        all.filter(|all| all.len() == tiers.len())
            .ok_or_else(|| self.other_form())
    }

    /// How many files of a list lie in the tiers, and the first that does not.
    pub(super) async fn held(self, list: &Path, tiers: &[PathBuf]) -> Result<(u64, Option<String>), Fault> {
        let tiers = tiers.iter().map(PathBuf::as_path);
        let command = Self::command("held", std::iter::once(list).chain(tiers));
        let said = self.asked(&command).await?;
        let (count, gone) = said.split_once('\n').ok_or_else(|| self.other_form())?;
        let count = count.trim().parse().map_err(|_| self.other_form())?;
        let gone = gone.trim_end_matches('\n');
        Ok((count, (!gone.is_empty()).then(|| gone.to_owned())))
    }

    /// What stands against a copy of tiers there; none where nothing does.
    pub(super) async fn room(self, to: &Path, tiers: &[PathBuf]) -> Result<Option<String>, Fault> {
        let tiers = tiers.iter().map(PathBuf::as_path);
        let said = self
            .asked(&Self::command("room", std::iter::once(to).chain(tiers)))
            .await?;
        let words: Vec<&str> = said.split_whitespace().collect();
        match words.as_slice() {
            ["inside", tier] => Ok(Some(format!("{} lies in the tier {tier}", to.display()))),
            ["holds"] => Ok(Some(format!("{} holds something", to.display()))),
            ["free", free, "need", need] => {
                let number = |word: &str| word.parse::<u64>().map_err(|_| self.other_form());
                let (free, need) = (number(free)?, number(need)?);
                Ok((free <= need)
                    .then(|| format!("{free} KiB are free for {}, {need} are needed", to.display())))
            }
            _ => Err(self.other_form()),
        }
    }

    /// Copies tiers, held against the digests of what lies in them; the copy appears whole or not at all.
    pub(super) async fn save(self, to: &Path, tiers: &[PathBuf]) -> Result<(), Fault> {
        let tiers = tiers.iter().map(PathBuf::as_path);
        let failed = format!("the tiers could not be copied to {}", to.display());
        let command = Self::command("save", std::iter::once(to).chain(tiers));
        self.did_or(&command, &failed, codes::TIERS).await
    }

    /// Puts back into tiers what they do not hold of their copy, each file held against its digest.
    pub(super) async fn give_back(self, from: &Path, tiers: &[PathBuf]) -> Result<(), Fault> {
        let tiers = tiers.iter().map(PathBuf::as_path);
        let failed = format!("{} could not be put back into the tiers", from.display());
        let command = Self::command("return", std::iter::once(from).chain(tiers));
        self.did_or(&command, &failed, codes::TIERS).await
    }

    /// How a copy of tiers stands to them; none where there is no copy.
    pub(super) async fn saved(self, copy: &Path, tiers: &[PathBuf]) -> Result<Option<Saved>, Fault> {
        let tiers = tiers.iter().map(PathBuf::as_path);
        let said = self
            .asked(&Self::command("saved", std::iter::once(copy).chain(tiers)))
            .await?;
        let (first, gone) = said.split_once('\n').ok_or_else(|| self.other_form())?;
        if first == "absent" {
            return Ok(None);
        }
        let numbers: Option<Vec<u64>> = first.split(' ').map(|word| word.parse().ok()).collect();
        let gone = Some(gone.trim_end_matches('\n').to_owned()).filter(|gone| !gone.is_empty());
        match numbers.as_deref() {
            Some([files, bytes, in_tiers]) => Ok(Some(Saved {
                files: *files,
                bytes: *bytes,
                in_tiers: *in_tiers,
                gone,
            })),
            _ => Err(self.other_form()),
        }
    }

    /// The ports at which a process listens; none where its open files may not be seen.
    pub(super) async fn ports(self, pid: u32) -> Result<BTreeSet<u16>, Fault> {
        self.told_ports(&Self::command("ports", []).arg(pid.to_string()))
            .await
    }

    /// The ports at which somebody listens.
    pub(super) async fn listening(self) -> Result<BTreeSet<u16>, Fault> {
        self.told_ports(&Self::command("listening", [])).await
    }

    async fn told_ports(self, command: &Command) -> Result<BTreeSet<u16>, Fault> {
        let said = self.asked(command).await?;
        let ports = said.lines().map(|port| u16::from_str_radix(port, 16).ok());
        ports.collect::<Option<_>>().ok_or_else(|| self.other_form())
    }

    /// Java's processes with this in their command line, and the names of the jars that each has open.
    pub(super) async fn loaded(self, process: &str) -> Result<Vec<(u32, Vec<String>)>, Fault> {
        let said = self.asked(&Self::command("loaded", []).arg(process)).await?;
        let mut all: Vec<(u32, Vec<String>)> = Vec::new();
        for line in said.lines() {
            match (line.split_once(' '), all.last_mut()) {
                (Some(("process", pid)), _) => {
                    all.push((pid.parse().map_err(|_| self.other_form())?, Vec::new()));
                }
                (Some(("jar", jar)), Some((_, jars))) => jars.push(jar.to_owned()),
                _ => return Err(self.other_form()),
            }
        }
        Ok(all)
    }

    /// A short file, whole; none where it is not there.
    pub(super) async fn text(self, file: &Path) -> Result<Option<String>, Fault> {
        let read = self.0.read(file, 1 << 20, LIMIT).await;
        match read.map_err(|error| error.into_read_fault())? {
            Read::Absent => Ok(None),
            read @ Read::There { .. } => {
                let bytes = read.whole();
                let bytes = bytes.ok_or_else(|| self.unseen(format!("{} is too long", file.display())))?;
                let text = String::from_utf8(bytes);
                text.map(Some)
                    .map_err(|_| self.unseen(format!("{} is no text", file.display())))
            }
        }
    }
}

/// Whether a program says that a disk is full.
pub(super) fn is_full(said: &str) -> bool {
    said.contains("No space left on device")
}

/// A refusal of a full disk has a code of its own, whoever refuses.
fn full(fault: Fault) -> Fault {
    match fault {
        Fault::Refused(failure)
            if is_full(&failure.what) || failure.far_side.as_deref().is_some_and(is_full) =>
        {
            Fault::Refused(Failure {
                code: codes::DISK_FULL,
                ..failure
            })
        }
        other => other,
    }
}

/// Some ten million blocks.
const BLOCKS: usize = 1 << 30;

pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt as _;
    use std::process::Stdio;

    use super::{Fault, PLACE, codes, full, refused};

    #[test]
    fn a_full_disk_is_told_as_one_by_whoever_refuses() {
        let code = |said: &str| match full(refused(codes::NOT_COPIED, said.to_owned())) {
            Fault::Refused(failure) => failure.code,
            other => panic!("{other:?}"),
        };
        let said = "/b/backup.gz: cat: write error: No space left on device";
        assert_eq!(code(said), codes::DISK_FULL);
        assert_eq!(code("/b/backup.gz: Permission denied"), codes::NOT_COPIED);
    }

    /// One user looks, another's master is to read, and neither is root.
    #[test]
    fn a_file_that_is_closed_to_all_but_another_user_cannot_be_read_by_a_master() {
        assert!(
            rustix::process::geteuid().is_root(),
            "it starts processes of two other users, which root alone may do: run this test as root"
        );
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("backup.gz");
        std::fs::File::create(&file).expect("a file");
        let mode = |path: &std::path::Path, mode: u32| {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
            std::fs::set_permissions(path, mode).expect("its rights");
        };
        mode(dir.path(), 0o755);
        let mut master = std::process::Command::new("sleep")
            .arg("600")
            .uid(65_533)
            .stdin(Stdio::null())
            .spawn()
            .expect("it starts");
        let ask = || {
            let output = std::process::Command::new("sh")
                .args(["-c", PLACE, "upshift", "readable"])
                .arg(&file)
                .arg(master.id().to_string())
                .uid(65_534)
                .current_dir("/")
                .output()
                .expect("it runs");
            String::from_utf8(output.stdout).expect("text").trim().to_owned()
        };
        mode(&file, 0o600);
        let closed = ask();
        mode(&file, 0o640);
        let open_to_some = ask();
        std::os::unix::fs::chown(&file, Some(65_533), None).expect("its owner");
        mode(&file, 0o600);
        let own = ask();
        master.kill().and_then(|()| master.wait()).expect("it ends");
        assert_eq!(
            [closed.as_str(), open_to_some.as_str(), own.as_str()],
            ["no", "unknown", "unknown"]
        );
    }
}
