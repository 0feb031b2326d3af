//! A directory for one test, its turn on the machine, and a promise: no Java and no upshift that names the directory
//! on its command line outlives it.
//!
//! Two real clusters with a job fill a two-core machine, so sandboxes of all tests, of the demo and of the benchmark
//! take turns, across processes. A test takes one sandbox and no more.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::cache::{Cache, Lock};
use crate::error::FetchError;
use crate::process;

/// Waits for its parent to be gone, then kills what names the directory: a test killed by hand must leave nothing.
const REAPER: &str = r#"
while kill -0 "$WATCHED" 2>/dev/null; do sleep 0.5; done
for p in /proc/[0-9]*; do
  case "$(cat "$p/comm" 2>/dev/null)" in java|upshift*)
    grep -qF "$SANDBOX" "$p/cmdline" 2>/dev/null && kill -9 "${p#/proc/}" ;;
  esac
done
exit 0
"#;

/// See the module.
#[derive(Debug)]
pub struct Sandbox {
    dir: PathBuf,
    reaper: Child,
    _turn: Lock,
}

impl Sandbox {
    /// An empty directory `work/NAME` in the cache; waits for its turn.
    pub fn new(cache: &Cache, name: &str) -> Result<Self, FetchError> {
        let turn = cache.lock("sandbox")?;
        let dir = cache.path(format!("work/{name}"));
        // What an earlier run of the same name left behind, its processes included, is nobody's any more: this one
        // holds the turn.
        end_all(&dir).map_err(FetchError::io("end what runs in", &dir))?;
        match fs::remove_dir_all(&dir) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(FetchError::io("empty", &dir)(e)),
            _ => fs::create_dir_all(&dir).map_err(FetchError::io("make", &dir))?,
        }
        let reaper = Command::new("bash")
            .args(["-c", REAPER])
            .env("WATCHED", std::process::id().to_string())
            .env("SANDBOX", format!("{}/", dir.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Out of the terminal's reach, or the interrupt that ends the test would end the reaper, too.
            .process_group(0)
            .spawn()
            .map_err(FetchError::io("watch over", &dir))?;
        Ok(Self {
            dir,
            reaper,
            _turn: turn,
        })
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The numbers of all Java and upshift processes whose command line names the directory.
    pub fn processes(&self) -> io::Result<Vec<u32>> {
        process::naming(&inside(&self.dir))
    }

    /// A path below the directory.
    pub fn path(&self, below: &str) -> PathBuf {
        self.dir.join(below)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // The next sandbox of this name ends and removes what could not be ended or removed here.
        end_all(&self.dir).ok();
        self.reaper.kill().ok();
        self.reaper.wait().ok();
        if std::thread::panicking() {
            writeln!(
                io::stderr(),
                "the sandbox is kept for inspection: {}",
                self.dir.display()
            )
            .ok();
        } else {
            fs::remove_dir_all(&self.dir).ok();
        }
    }
}

fn end_all(dir: &Path) -> io::Result<()> {
    let pids = process::naming(&inside(dir))?;
    pids.iter().copied().for_each(process::kill);
    match process::gone(&pids, Duration::from_secs(10)) {
        Some(pid) => Err(io::Error::other(format!(
            "process {pid} is still there after it was killed"
        ))),
        None => Ok(()),
    }
}

/// With the slash at its end, so that `work/a` does not count as a part of `work/ab`.
fn inside(dir: &Path) -> PathBuf {
    dir.join("")
}
