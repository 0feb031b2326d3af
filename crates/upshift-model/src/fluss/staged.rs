//! What is brought to the hosts before the first server is stopped: the wanted release's archive, and jars beside it that
//! the archive has not.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    /// The file on upshift's own machine.
    pub from: PathBuf,
    /// Where it is to lie on every host: a file, or the folder that an archive becomes.
    pub to: PathBuf,
    /// The file's SHA-256, in hexadecimal.
    pub sha256: String,
    /// Whether it is an archive, which is unpacked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archive: bool,
}
