//! The folder of the control sockets, and who clears it: a small shell that waits for the end of its
//! input. The kernel closes that when upshift ends in whatever way, `kill -9` included; then the shell
//! tells every connection to end and removes the folder.
//!
//! It knows nothing of hosts.

use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

/// `sun_path` holds 108 bytes with the closing zero, and `ssh` binds its socket under a name that is
/// 17 bytes longer first. A folder of a host and the socket in it take `/h12345/m`.
const LONGEST: usize = 108 - 1 - 17 - 9;

/// Without a host each socket is one `ssh -O exit`, a few milliseconds.
const CLEARED: Duration = Duration::from_secs(10);

const SCRIPT: &str = r#"
read -r _
for socket in "$0"/*/m; do
  [ -S "$socket" ] && ssh -F none -S "$socket" -O exit upshift
done
rm -rf "$0"
"#;

/// The folder, as long as upshift lives.
#[derive(Debug)]
pub(super) struct Lifeline {
    dir: PathBuf,
    keeper: Child,
}

impl Lifeline {
    /// Makes the folder, for this user alone, and starts its keeper.
    pub(super) fn cast() -> io::Result<Self> {
        let usual = std::env::temp_dir();
        let name_length = "/upshift-".len() + 6;
        let fits = usual.as_os_str().as_bytes().len() + name_length <= LONGEST;
        let below = if fits { usual.as_path() } else { Path::new("/tmp") };
        let dir = tempfile::Builder::new()
            .prefix("upshift-")
            .tempdir_in(below)?
            .keep();
        let keeper = Command::new("/bin/sh")
            .args(["-c", SCRIPT])
            .arg(&dir)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // The interrupt that ends upshift must not end its keeper.
            .process_group(0)
            .spawn()?;
        Ok(Self { dir, keeper })
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Lets go, and waits until the folder is cleared.
    pub(super) async fn end(mut self) -> io::Result<()> {
        drop(self.keeper.stdin.take());
        match tokio::time::timeout(CLEARED, self.keeper.wait()).await {
            Ok(status) => status.map(|_| ()),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "connections do not end")),
        }
    }
}
