//! A backup that the running master writes, into a folder of the try's own: what lies there is ours, and never the
//! latest of somebody else's.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::alluxio::Site;
use upshift_model::digest::Digest;
use upshift_model::ids::{BindingName, SystemName};
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::{Failure, Intent};
use upshift_model::version::Version;

use super::{Look, part, ready};
use crate::alluxio::codes;
use crate::alluxio::fresh::beside;
use crate::alluxio::machine::tail;
use crate::wire::hosts::Detached;

/// Where the backup of a try lies.
pub(in crate::alluxio) fn folder_of(site: &Site, system: &SystemName, intent: &Intent) -> PathBuf {
    site.backups.join(format!("{system}-{}", intent.key))
}

/// The release's own command.
pub(in crate::alluxio) fn backup_words(
    site: &Site,
    release: &Version,
    folder: &Path,
    options: &[String],
) -> Option<Vec<String>> {
    let home = &site.installation(release)?.home;
    let word = |path: PathBuf| path.display().to_string();
    let mut words = vec![
        word(home.join("bin/alluxio")),
        "fsadmin".to_owned(),
        "backup".to_owned(),
        word(folder.to_owned()),
        "--local".to_owned(),
    ];
    words.extend(options.iter().cloned());
    Some(words)
}

impl Look<'_> {
    pub(super) async fn taken(&self, marked: bool, into: &BindingName) -> Result<Standing, Fault> {
        let Some(intent) = self.intent else {
            return Ok(ready());
        };
        let (stands, said) = self.driver.machine.started(intent).await?;
        let failed = |what: String| {
            Standing::Failed(Failure {
                code: codes::NO_BACKUP,
                what,
                far_side: Some(tail(&said)).filter(|said| !said.is_empty()),
            })
        };
        match stands {
            Detached::Never => return Ok(Standing::Ready(intent.baseline.clone())),
            Detached::Running => {
                let progress = progress(&said).unwrap_or("the master writes the backup");
                return Ok(Standing::Underway(Progress::of(progress)));
            }
            // Its exit code says little: what lies there is looked at.
            Detached::Ended(_) => {}
            other => return Ok(failed(format!("the backup command {other}"))),
        }
        let folder = folder_of(&self.driver.site, &self.driver.system, intent);
        let file = match found(&folder) {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(failed("the master wrote no backup".to_owned())),
            Err(error) => return Err(Fault::Transient(format!("{}: {error}", folder.display()))),
        };
        let transient = |error: io::Error| Fault::Transient(format!("{}: {error}", file.display()));
        if marked && !beside(&file, ".complete").try_exists().map_err(transient)? {
            return Ok(failed(format!("{} has no marker beside it", file.display())));
        }
        let (digest, bytes) = digest_of(&file).await.map_err(transient)?;
        let entries = told(&said);
        let count = entries.map_or_else(
            || "its master told no number of entries".to_owned(),
            |entries| format!("its master told {entries} entries"),
        );
        let shown = file.display().to_string();
        let bind = |of: &str, value: String| Binding::Value {
            name: part(into, of),
            value,
        };
        let mut proof = Proof::of([format!("{shown}, {bytes} bytes, sha256 {}", digest.hex()), count])
            .with(bind("file", shown))
            .with(bind("sha256", digest.hex().to_owned()));
        if let Some(entries) = entries {
            proof = proof.with(bind("entries", entries.to_string()));
        }
        Ok(Standing::Done(proof))
    }
}

/// The one backup in a folder of ours.
fn found(folder: &Path) -> io::Result<Option<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut all = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "gz") {
            all.push(path);
        }
    }
    all.sort();
    Ok(all.pop().filter(|_| all.is_empty()))
}

/// `Backup Entry Count : 36`, which 2.2 and later write.
fn told(said: &str) -> Option<u64> {
    let (_, rest) = said.rsplit_once("Backup Entry Count")?;
    let number = rest.trim_start_matches([' ', ':']);
    number.split_whitespace().next()?.parse().ok()
}

/// The last word of progress: lines are parted by carriage returns.
fn progress(said: &str) -> Option<&str> {
    let mut lines = said.split(['\r', '\n']).map(str::trim);
    lines.rfind(|line| line.contains("Backup state"))
}

/// The digest of a file and its bytes.
pub(super) async fn digest_of(file: &Path) -> io::Result<(Digest, u64)> {
    let path = file.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let mut hash = Sha256::new();
        let (mut file, mut bytes) = (File::open(path)?, 0_u64);
        let mut chunk = vec![0; 1 << 20];
        loop {
            let read = file.read(&mut chunk)?;
            if read == 0 {
                return Ok((Digest::from_raw(&hash.finalize()), bytes));
            }
            hash.update(&chunk[..read]);
            bytes += read as u64;
        }
    });
    read.await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::{progress, told};

    #[test]
    fn the_commands_of_all_releases_are_read() {
        let new = "Backup state: Initiating      \r Backup state: Running | Entries processed: 12\r\nBackup Host        : 127.0.0.1\n\
                   Backup URI         : file:///b/x.gz\nBackup Entry Count : 36\n";
        assert_eq!(told(new), Some(36));
        assert_eq!(
            progress(new),
            Some("Backup state: Running | Entries processed: 12")
        );
        let old = "Successfully backed up journal to file:///b/x.gz on master localhost\n";
        assert_eq!((told(old), progress(old)), (None, None));
    }
}
