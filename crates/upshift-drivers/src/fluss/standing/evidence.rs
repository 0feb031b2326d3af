//! A copy of the metadata in a file of its own.

use std::path::{Path, PathBuf};

use upshift_engine::driver::{Fault, Standing};
use upshift_model::digest::Digest;
use upshift_model::ids::{BindingName, SystemName};
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::{Baseline, Intent};

use super::Look;

/// Where the copy of a try lies: its name is the try's, so that a repeat is recognized.
pub(in crate::fluss) fn file_of(folder: &Path, system: &SystemName, intent: &Intent) -> PathBuf {
    folder.join(format!("{system}-{}.json", intent.key))
}

impl Look<'_> {
    pub(super) fn evidence(&self, folder: &Path, into: &BindingName) -> Result<Standing, Fault> {
        let Some(intent) = self.intent else {
            return Ok(Standing::Ready(Baseline::default()));
        };
        let file = file_of(folder, &self.driver.system, intent);
        let bytes = match std::fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Standing::Ready(intent.baseline.clone()));
            }
            Err(error) => return Err(Fault::Transient(format!("{}: {error}", file.display()))),
        };
        let fact = format!(
            "{} holds {} bytes, sha256 {}; values of secret options are left out",
            file.display(),
            bytes.len(),
            Digest::of_bytes(&bytes).hex()
        );
        Ok(Standing::Done(Proof::of([fact]).with(Binding::Value {
            name: into.clone(),
            value: file.display().to_string(),
        })))
    }
}
