//! The blocks in the tiers of stopped workers, as a list that is held against the tiers once they run again.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use upshift_engine::driver::{Fault, Standing};
use upshift_formats::alluxio::{BackupLimits, read_backup_with};
use upshift_model::alluxio::Site;
use upshift_model::ids::{BindingName, SystemName};
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::Intent;

use super::{Look, ready};

/// Where the list of a try lies.
pub(in crate::alluxio) fn list_file(site: &Site, system: &SystemName, intent: &Intent) -> PathBuf {
    site.backups.join(format!("{system}-{}.blocks", intent.key))
}

/// Writes the list: a size and a path a line, of blocks that the backup knows; the last line counts the others.
pub(in crate::alluxio) fn list_blocks(site: &Site, backup: &Path, to: &Path) -> io::Result<()> {
    let mut here: BTreeMap<u64, (PathBuf, u64)> = BTreeMap::new();
    for tier in &site.tiers {
        let entries = match fs::read_dir(tier) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            // A worker deletes what is no number.
            if let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
                here.insert(id, (entry.path(), entry.metadata()?.len()));
            }
        }
    }
    let all = here.len();
    let part = to.with_extension("partial");
    let mut out = io::BufWriter::new(File::create(&part)?);
    let mut failed = None;
    let mut known = 0_usize;
    read_backup_with(File::open(backup)?, &BackupLimits::default(), |inode| {
        for block in inode.blocks() {
            if let Some((path, size)) = here.remove(&block) {
                known += 1;
                let written = writeln!(out, "{size} {}", path.display());
                failed = failed.take().or(written.err());
            }
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    writeln!(out, "others {}", all - known)?;
    out.flush()?;
    out.get_ref().sync_all()?;
    fs::rename(&part, to)
}

/// Holds a list against the tiers: how many lie where they lay, and the first that does not.
pub(super) fn held(list: &Path) -> io::Result<(u64, Option<String>)> {
    let (mut there, mut gone) = (0, None);
    for line in BufReader::new(File::open(list)?).lines() {
        let line = line?;
        let Some((size, path)) = line.split_once(' ').filter(|(size, _)| *size != "others") else {
            continue;
        };
        let is = fs::metadata(path).map(|facts| facts.len().to_string() == size);
        match is {
            Ok(true) => there += 1,
            Ok(false) | Err(_) => gone = gone.or_else(|| Some(path.to_owned())),
        }
    }
    Ok((there, gone))
}

impl Look<'_> {
    pub(super) fn listed(&self, into: &BindingName) -> Result<Standing, Fault> {
        let Some(intent) = self.intent else {
            return Ok(ready());
        };
        let file = list_file(&self.driver.site, &self.driver.system, intent);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Standing::Ready(intent.baseline.clone()));
            }
            Err(error) => return Err(Fault::Transient(format!("{}: {error}", file.display()))),
        };
        let blocks = text.lines().filter(|line| !line.starts_with("others"));
        let bytes: u64 = blocks
            .clone()
            .filter_map(|line| line.split_once(' ')?.0.parse::<u64>().ok())
            .sum();
        let others = text
            .lines()
            .find_map(|line| line.strip_prefix("others "))
            .unwrap_or("0");
        let facts = [
            format!(
                "{} blocks with {bytes} bytes lie in the tiers, listed in {}",
                blocks.count(),
                file.display()
            ),
            format!("{others} files there are of no block of the backup: workers delete them"),
        ];
        Ok(Standing::Done(Proof::of(facts).with(Binding::Value {
            name: into.clone(),
            value: file.display().to_string(),
        })))
    }
}
