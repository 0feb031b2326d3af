//! Whether a backup can be restored by the wanted release: read whole by upshift's own reader, before anything is
//! stopped.

use std::path::{Path, PathBuf};

use upshift_engine::driver::{Fault, Standing};
use upshift_model::alluxio::{Backup, Criteria, Unchecked, Unfit, unfit};
use upshift_model::ids::BindingName;
use upshift_model::proof::{Binding, Bindings, Proof};
use upshift_model::record::Failure;

use super::{Look, bound_part, part, ready};
use crate::alluxio::machine::refused;
use crate::alluxio::{codes, read_backup};

/// So many files are named.
const NAMED: usize = 10;

/// A backup that an earlier step bound.
pub(in crate::alluxio) struct Source {
    pub(in crate::alluxio) file: PathBuf,
    pub(in crate::alluxio) sha256: String,
    pub(in crate::alluxio) entries: Option<u64>,
    /// Whether its master put a marker beside it.
    pub(in crate::alluxio) marked: bool,
    /// The machine that it lies on, where it is not to be read on this one.
    host: Option<String>,
}

/// What is bound under the name.
pub(in crate::alluxio) fn source(bound: &Bindings, name: &BindingName) -> Result<Source, Fault> {
    let of = |key: &str| bound_part(bound, name, key);
    match (of("file"), of("sha256")) {
        (Some(file), Some(sha256)) => Ok(Source {
            file: file.into(),
            sha256: sha256.to_owned(),
            entries: of("entries").and_then(|entries| entries.parse().ok()),
            marked: of("marked") == Some("true"),
            host: of("host").map(str::to_owned),
        }),
        _ => Err(refused(
            codes::NOT_IN_THE_PLAN,
            format!("no backup is bound as {name}"),
        )),
    }
}

/// Where the copy for the wanted release lies.
pub(in crate::alluxio) fn copy_of(source: &Source) -> PathBuf {
    source.file.with_file_name("rewritten.gz")
}

impl Source {
    /// The machine that it was written on.
    pub(in crate::alluxio) fn host(&self) -> Result<&str, Fault> {
        self.host.as_deref().ok_or_else(|| {
            refused(
                codes::NOT_IN_THE_PLAN,
                format!("on which machine {} lies is not known", self.file.display()),
            )
        })
    }

    /// Reads it whole; another file under its name is refused.
    pub(in crate::alluxio) async fn read(&self) -> Result<Backup, Fault> {
        let backup = read(&self.file).await?;
        match backup.sha256.hex() == self.sha256 {
            true => Ok(backup),
            false => Err(refused(
                codes::OTHER_BACKUP,
                format!(
                    "{} is not the backup that was taken: sha256 {}, expected {}",
                    self.file.display(),
                    backup.sha256.hex(),
                    self.sha256
                ),
            )),
        }
    }
}

pub(super) async fn read(file: &Path) -> Result<Backup, Fault> {
    let path = file.to_owned();
    let read = tokio::task::spawn_blocking(move || read_backup(&path, |_, _| {}));
    match read.await {
        Ok(Ok(backup)) => Ok(backup),
        Ok(Err(error)) => Err(Fault::Refused(Failure {
            code: error.code(),
            what: error.to_string(),
            far_side: None,
        })),
        Err(error) => Err(Fault::Transient(error.to_string())),
    }
}

impl Look<'_> {
    pub(super) async fn proven(
        &self,
        of: &BindingName,
        criteria: &Criteria,
        into: &BindingName,
    ) -> Result<Standing, Fault> {
        let source = source(self.bound, of)?;
        let backup = source.read().await?;
        let old = criteria.no_old_fingerprints && backup.tally.old_fingerprints > 0;
        let as_written = Criteria {
            no_old_fingerprints: false,
            ..criteria.clone()
        };
        if let Some(failed) = refuse(&backup, &as_written, source.entries) {
            return Ok(failed);
        }
        if !old {
            return Ok(Standing::Done(told(&backup, into, Vec::new())));
        }
        let copy = copy_of(&source);
        match copy.try_exists() {
            Ok(false) => {
                return Ok(self
                    .intent
                    .map_or_else(ready, |intent| Standing::Ready(intent.baseline.clone())));
            }
            Ok(true) => {}
            Err(error) => return Err(Fault::Transient(format!("{}: {error}", copy.display()))),
        }
        let written = read(&copy).await?;
        // Its master told nothing of this one: it must hold what the original holds.
        let unmarked = Criteria {
            marked: false,
            ..criteria.clone()
        };
        if let Some(failed) = refuse(&written, &unmarked, Some(backup.entries)) {
            return Ok(failed);
        }
        let fact = format!(
            "{} fingerprints of 1.x are left out of {}; {} is kept as it was",
            backup.tally.old_fingerprints,
            copy.display(),
            source.file.display()
        );
        Ok(Standing::Done(told(&written, into, vec![fact])))
    }
}

fn refuse(backup: &Backup, criteria: &Criteria, told: Option<u64>) -> Option<Standing> {
    let found = unfit(backup, criteria, told);
    let first: &Unfit = found.first()?;
    let all: Vec<String> = found
        .iter()
        .map(|unfit| format!("{}: {}", unfit.code, unfit.what))
        .collect();
    Some(Standing::Failed(Failure {
        code: first.code.clone(),
        what: format!("{} cannot be restored: {}", backup.path, first.what),
        far_side: (all.len() > 1).then(|| all.join("\n")),
    }))
}

fn told(backup: &Backup, into: &BindingName, more: Vec<String>) -> Proof {
    let tally = &backup.tally;
    let mut facts = vec![
        format!(
            "{} is whole: {} entries, {} directories, {} files, {} blocks",
            backup.path, backup.entries, tally.directories, tally.files, tally.blocks
        ),
        format!("{} files and directories expire", tally.with_ttl),
        format!(
            "{} files with {} bytes are in workers only",
            backup.cached_files, backup.cached_bytes
        ),
    ];
    if backup.unchecked.contains(&Unchecked::Blocks) {
        facts.push("there are too many blocks to check whether they and files belong together".to_owned());
    }
    let named = backup.cached.iter().take(NAMED);
    facts.extend(named.map(|file| format!("in workers only: {} with {} bytes", file.path, file.bytes)));
    facts.extend(more);
    let bind = |of: &str, value: String| Binding::Value {
        name: part(into, of),
        value,
    };
    Proof::of(facts)
        .with(bind("file", backup.path.clone()))
        .with(bind("sha256", backup.sha256.hex().to_owned()))
        .with(bind("entries", backup.entries.to_string()))
        .with(bind("in_workers_only", backup.cached_files.to_string()))
}

#[cfg(test)]
mod tests {
    use upshift_model::alluxio::{Criteria, Unchecked, codes as of_backups};
    use upshift_model::ids::BindingName;

    use super::{refuse, told};
    use crate::alluxio::read_backup;
    use crate::alluxio::tree::recorded;

    /// What a check calls yellow does not halt a run; what it calls red does.
    #[test]
    fn too_many_blocks_are_no_reason_against_a_restore_and_are_told() {
        let mut backup = read_backup(&recorded("2.7.3-UFS"), |_, _| {}).expect("a backup");
        let criteria = Criteria {
            accepts: (0..100).collect(),
            marked: false,
            cluster_id: true,
            no_old_fingerprints: true,
        };
        backup.unchecked = vec![Unchecked::Blocks];
        assert!(refuse(&backup, &criteria, None).is_none());
        let proof = told(&backup, &BindingName::new("restore"), Vec::new());
        assert!(
            proof.facts.concat().contains("too many blocks to check"),
            "{proof:?}"
        );
        for more in [Unchecked::Names, Unchecked::Inodes, Unchecked::Mounts] {
            backup.unchecked = vec![Unchecked::Blocks, more];
            let failed = format!("{:?}", refuse(&backup, &criteria, None).expect("refused"));
            assert!(failed.contains(of_backups::UNCHECKED.as_str()), "{failed}");
        }
    }
}
