//! The blocks in the tiers of a stopped worker, as a list that is held against the tiers once it runs again; and those
//! among them that are younger than the backup, for a restore loses them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use upshift_engine::driver::{Fault, Standing};
use upshift_formats::alluxio::{BackupLimits, read_backup_with};
use upshift_model::alluxio::Site;
use upshift_model::ids::{BindingName, ComponentId, SystemName};
use upshift_model::proof::{Binding, Bindings, Proof};
use upshift_model::record::{Failure, Intent};

use super::condition::Seen;
use super::{Look, bound_part, folder_of, ready};
use crate::alluxio::codes;
use crate::alluxio::machine::{failure, refused};

/// Where the list of a try lies: here, and on the worker's host.
pub(in crate::alluxio) fn list_file(site: &Site, system: &SystemName, intent: &Intent) -> PathBuf {
    folder_of(site, system, intent).join("blocks")
}

/// How many files there are of no block of the backup.
fn others_file(list: &Path) -> PathBuf {
    list.with_file_name("others")
}

/// Blocks that are younger than everything in the backup.
fn late_file(list: &Path) -> PathBuf {
    list.with_file_name("late")
}

/// Blocks of files in workers only that do not lie there: id, bytes of the file and its name.
fn lacking_file(list: &Path) -> PathBuf {
    list.with_file_name("lacking")
}

/// How many blocks of files that expire lie there: nobody can say for how long.
fn mortal_file(list: &Path) -> PathBuf {
    list.with_file_name("mortal")
}

/// So many late blocks are named.
const NAMED: usize = 5;
/// The container of a block, or of a file or directory: masters give them out one after the other.
const CONTAINER: u32 = 24;

/// Writes the list: a size and a path a line, of blocks that the backup knows. What was `said` are sizes and paths of all
/// files in the tiers.
pub(in crate::alluxio) fn list_blocks(said: &str, backup: &Path, to: &Path) -> io::Result<()> {
    let mut here: BTreeMap<u64, &str> = BTreeMap::new();
    let mut files = 0_usize;
    for line in said.lines() {
        let (_, path) = parted(line).ok_or_else(|| malformed(line))?;
        files += 1;
        // A worker deletes what is no number.
        let id = Path::new(path)
            .file_name()
            .and_then(|name| name.to_str()?.parse().ok());
        if let Some(id) = id {
            here.insert(id, line);
        }
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut out = io::BufWriter::new(File::create(to)?);
    let mut failed = None;
    let (mut known, mut mortal) = (0_usize, 0_usize);
    let mut newest = 0;
    let mut lacking = io::BufWriter::new(File::create(lacking_file(to))?);
    read_backup_with(File::open(backup)?, &BackupLimits::default(), |inode| {
        newest = newest.max(inode.id >> CONTAINER);
        for block in inode.blocks() {
            if let Some(line) = here.remove(&block) {
                known += 1;
                if inode.ttl >= 0 {
                    mortal += 1;
                    continue;
                }
                failed = failed.take().or(writeln!(out, "{line}").err());
            } else if inode.is_only_cached() && inode.ttl < 0 {
                let (bytes, name) = (inode.length, String::from_utf8_lossy(inode.name));
                let line = writeln!(lacking, "{block} {bytes} {}", name.escape_debug());
                failed = failed.take().or(line.err());
            }
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    out.flush()?;
    out.get_ref().sync_all()?;
    lacking.flush()?;
    lacking.get_ref().sync_all()?;
    let mut others = File::create(others_file(to))?;
    write!(others, "{}", files - known)?;
    others.sync_all()?;
    let mut expire = File::create(mortal_file(to))?;
    write!(expire, "{mortal}")?;
    expire.sync_all()?;
    let mut late = io::BufWriter::new(File::create(late_file(to))?);
    for line in here.iter().filter(|(id, _)| **id >> CONTAINER > newest) {
        writeln!(late, "{}", line.1)?;
    }
    late.flush()?;
    late.get_ref().sync_all()
}

/// `5 /mnt/ramdisk/alluxioworker/16777216`.
fn parted(line: &str) -> Option<(u64, &str)> {
    let (size, path) = line.split_once(' ')?;
    Some((
        size.parse().ok()?,
        Some(path).filter(|path| path.starts_with('/'))?,
    ))
}

fn malformed(line: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("{line:?} is no size and path of a block"),
    )
}

/// How many blocks and bytes a list names. A line of another form is an error: a list that was damaged proves nothing.
fn counted(text: &str) -> io::Result<(u64, u64)> {
    let (mut blocks, mut bytes) = (0, 0_u64);
    for line in text.lines() {
        let (size, _) = parted(line).ok_or_else(|| malformed(line))?;
        blocks += 1;
        bytes += size;
    }
    Ok((blocks, bytes))
}

impl Look<'_> {
    pub(super) fn listed(&self, into: &BindingName) -> Result<Standing, Fault> {
        let Some(intent) = self.intent else {
            return Ok(ready());
        };
        let file = list_file(&self.driver.site, &self.driver.system, intent);
        let shown = file.display();
        let unseen = |error: io::Error| Fault::Transient(format!("{shown}: {error}"));
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Standing::Ready(intent.baseline.clone()));
            }
            Err(error) => return Err(unseen(error)),
        };
        let others = fs::read_to_string(others_file(&file)).map_err(unseen)?;
        let mortal = fs::read_to_string(mortal_file(&file)).map_err(unseen)?;
        let (blocks, bytes) = match counted(&text) {
            Ok(counted) => counted,
            Err(error) => {
                return Ok(Standing::Contradicted(failure(
                    codes::BLOCKS_UNSEEN,
                    format!("{shown}: {error}"),
                )));
            }
        };
        let mut facts = vec![
            format!("{blocks} blocks with {bytes} bytes lie in the tiers, listed in {shown}"),
            format!("{others} files there are of no block of the backup: workers delete them"),
        ];
        if mortal.trim() != "0" {
            facts.push(format!(
                "{mortal} blocks of files that expire are not on the list: nobody can say how long they are there"
            ));
        }
        Ok(Standing::Done(Proof::of(facts).with(Binding::Value {
            name: into.clone(),
            value: shown.to_string(),
        })))
    }

    /// No block is younger than the backup.
    pub(super) fn nothing_late(&self, of: &BindingName, bound: &Bindings) -> Result<Seen, Fault> {
        let list = bound.value(of).ok_or_else(|| {
            refused(
                codes::NOT_IN_THE_PLAN,
                format!("no list of blocks is bound as {of}"),
            )
        })?;
        let late = late_file(Path::new(list));
        let shown = late.display();
        let text =
            fs::read_to_string(&late).map_err(|error| Fault::Transient(format!("{shown}: {error}")))?;
        let (blocks, bytes) = match counted(&text) {
            Ok(counted) => counted,
            Err(error) => {
                return Ok(Seen::Bad(failure(
                    codes::BLOCKS_UNSEEN,
                    format!("{shown}: {error}"),
                )));
            }
        };
        let named: Vec<&str> = text.lines().take(NAMED).collect();
        Ok(match blocks {
            0 => Seen::Met("no block is younger than the backup".to_owned()),
            _ => Seen::Bad(Failure {
                code: codes::LATE,
                what: format!(
                    "somebody wrote after the backup: {blocks} blocks with {bytes} bytes in the tiers are younger than \
                     everything in it; the old journal knows them, and a restore loses them"
                ),
                far_side: Some(format!(
                    "bytes and path, all of them in {shown}:\n{}",
                    named.join("\n")
                )),
            }),
        })
    }

    /// Every file in workers only lies in a tier: what no list has is in none of them.
    pub(super) fn only_copies(
        &self,
        of: &BindingName,
        lists: &[BindingName],
        bound: &Bindings,
    ) -> Result<Seen, Fault> {
        let count = bound_part(bound, of, "in_workers_only").ok_or_else(|| {
            refused(
                codes::NOT_IN_THE_PLAN,
                format!("nothing is bound of files in workers only as {of}"),
            )
        })?;
        let mut lacking: Option<BTreeMap<u64, String>> = None;
        for name in lists {
            let list = bound.value(name).ok_or_else(|| {
                refused(
                    codes::NOT_IN_THE_PLAN,
                    format!("no list of blocks is bound as {name}"),
                )
            })?;
            let file = lacking_file(Path::new(list));
            let shown = file.display();
            let text =
                fs::read_to_string(&file).map_err(|error| Fault::Transient(format!("{shown}: {error}")))?;
            let lines = text.lines().map(|line| {
                let (id, rest) = line.split_once(' ')?;
                Some((id.parse::<u64>().ok()?, rest.to_owned()))
            });
            let Some(mut own) = lines.collect::<Option<BTreeMap<u64, String>>>() else {
                return Ok(Seen::Bad(failure(
                    codes::BLOCKS_UNSEEN,
                    format!("{shown} has another form"),
                )));
            };
            own.retain(|id, _| lacking.as_ref().is_none_or(|others| others.contains_key(id)));
            lacking = Some(own);
        }
        Ok(match lacking {
            None if count != "0" => Seen::Bad(failure(
                codes::ONLY_COPIES_GONE,
                format!(
                    "{count} files are in workers only, and no worker was stopped here whose tiers could be listed"
                ),
            )),
            Some(lacking) if !lacking.is_empty() => {
                let named: Vec<String> = lacking
                    .iter()
                    .take(NAMED)
                    .map(|(id, file)| format!("block {id} of {file}"))
                    .collect();
                Seen::Bad(Failure {
                    code: codes::ONLY_COPIES_GONE,
                    what: format!(
                        "{} blocks of files that are in workers only lie in no tier of a worker that was stopped: \
                         what they held is gone, or with a worker that is away",
                        lacking.len()
                    ),
                    far_side: Some(format!(
                        "block, bytes and name of the file:\n{}",
                        named.join("\n")
                    )),
                })
            }
            _ => Seen::Met(match count {
                "0" => "every file is in an under-store".to_owned(),
                _ => "every file in workers only lies in a tier".to_owned(),
            }),
        })
    }

    /// Every block of a list lies where it lay.
    pub(super) async fn in_place(
        &self,
        server: &ComponentId,
        of: &BindingName,
        bound: &Bindings,
    ) -> Result<Seen, Fault> {
        let list = bound.value(of).ok_or_else(|| {
            refused(
                codes::NOT_IN_THE_PLAN,
                format!("no list of blocks is bound as {of}"),
            )
        })?;
        let (server, place) = self.driver.server(server)?;
        let text = fs::read_to_string(list).map_err(|error| Fault::Transient(format!("{list}: {error}")))?;
        let wanted = match counted(&text) {
            Ok((blocks, _)) => blocks,
            Err(error) => {
                return Ok(Seen::Bad(failure(
                    codes::BLOCKS_UNSEEN,
                    format!("{list}: {error}"),
                )));
            }
        };
        let far = self.driver.far(&server.host)?;
        let (there, gone) = far.held(Path::new(list), &place.tiers).await?;
        Ok(match gone {
            Some(gone) => Seen::Bad(failure(
                codes::BLOCKS_GONE,
                format!("a block does not lie where it lay: {gone} (bytes and path)"),
            )),
            None if there != wanted => Seen::Bad(failure(
                codes::BLOCKS_UNSEEN,
                format!(
                    "{list} on {} names {there} blocks, {wanted} were listed",
                    server.host
                ),
            )),
            None => Seen::Met(format!("{there} blocks lie where they lay")),
        })
    }
}
