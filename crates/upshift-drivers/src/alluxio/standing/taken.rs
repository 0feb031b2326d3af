//! A backup that a running master writes, into a folder of the try's own: what lies there is ours, and never the
//! latest of somebody else's. Where the work is given to a standby, it lies on that one's host.

use std::path::{Path, PathBuf};

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::alluxio::{Place, Site};
use upshift_model::ids::{BindingName, SystemName};
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::{Failure, Intent};
use upshift_model::version::Version;

use super::program::TAIL;
use super::{Look, part, ready};
use crate::alluxio::codes;
use crate::alluxio::far::{Lying, is_full};
use crate::wire::hosts::Detached;
use crate::wire::machines::tail;

/// Where the backup of a try lies, on whichever master's host.
pub(in crate::alluxio) fn folder_of(site: &Site, system: &SystemName, intent: &Intent) -> PathBuf {
    site.backups.join(format!("{system}-{}", intent.key))
}

/// The release's own command.
pub(in crate::alluxio) fn backup_words(
    place: &Place,
    release: &Version,
    folder: &Path,
    options: &[String],
) -> Option<Vec<String>> {
    let home = &place.installation(release)?.home;
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

/// A backup that was found, and where.
struct Written {
    host: String,
    lying: Lying,
    bytes: u64,
    sha256: String,
}

impl Look<'_> {
    pub(super) async fn taken(&self, marked: bool, into: &BindingName) -> Result<Standing, Fault> {
        let Some(intent) = self.intent else {
            return Ok(ready());
        };
        let (server, _) = self.driver.first_master()?;
        let (stands, said) = self.driver.machines.started(&server.host, intent).await?;
        let failed = |what: String| {
            Standing::Failed(Failure {
                code: match is_full(&said) {
                    true => codes::DISK_FULL,
                    false => codes::NO_BACKUP,
                },
                what,
                far_side: Some(tail(&said, TAIL).to_owned()).filter(|said| !said.is_empty()),
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
        let written = match self.written(&folder).await? {
            Ok(written) => written,
            Err(why) => return Ok(failed(why)),
        };
        let shown = written.lying.file.display().to_string();
        if marked && !written.lying.marked {
            return Ok(failed(format!("{shown} has no marker beside it")));
        }
        Ok(Standing::Done(proof(&written, told(&said), into)))
    }

    /// The one backup in a folder of ours, on whichever master's host. A folder that several of them share holds it once.
    async fn written(&self, folder: &Path) -> Result<Result<Written, String>, Fault> {
        let mut found: Vec<Written> = Vec::new();
        for place in self.driver.site.master_places() {
            let far = self.driver.far(&place.host)?;
            for lying in far.backups(folder).await? {
                let Some((bytes, sha256)) = far.digest(&lying.file).await? else {
                    continue;
                };
                let is = |one: &Written| one.lying == lying && one.sha256 == sha256;
                if !found.iter().any(is) {
                    found.push(Written {
                        host: place.host.clone(),
                        lying,
                        bytes,
                        sha256,
                    });
                }
            }
        }
        let several = found.len();
        Ok(match (found.pop(), several) {
            (Some(one), 1) => Ok(one),
            (None, _) => Err("the master wrote no backup".to_owned()),
            (Some(_), _) => Err(format!("{several} backups lie in {}", folder.display())),
        })
    }
}

fn proof(written: &Written, entries: Option<u64>, into: &BindingName) -> Proof {
    let count = entries.map_or_else(
        || "its master told no number of entries".to_owned(),
        |entries| format!("its master told {entries} entries"),
    );
    let shown = written.lying.file.display().to_string();
    let bind = |of: &str, value: String| Binding::Value {
        name: part(into, of),
        value,
    };
    let lies = format!(
        "{shown} on {}, {} bytes, sha256 {}",
        written.host, written.bytes, written.sha256
    );
    let mut proof = Proof::of([lies, count])
        .with(bind("file", shown))
        .with(bind("host", written.host.clone()))
        .with(bind("marked", written.lying.marked.to_string()))
        .with(bind("sha256", written.sha256.clone()));
    if let Some(entries) = entries {
        proof = proof.with(bind("entries", entries.to_string()));
    }
    proof
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
