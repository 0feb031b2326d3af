//! The processes of this machine, as the kernel shows them below `/proc`. Which of them belong to a system is decided
//! by its driver; nothing is stopped here, and processes on other machines are not seen.

use std::io;
use std::path::{Path, PathBuf};

/// A process that runs.
pub(crate) struct Running {
    pub(crate) pid: u32,
    /// Kernel ticks since boot at which it started: with the pid they name one process for ever.
    pub(crate) started_ticks: u64,
    /// Its command line.
    pub(crate) args: Vec<String>,
    dir: PathBuf,
}

impl Running {
    fn look(dir: PathBuf, pid: u32) -> io::Result<Option<Self>> {
        let line = std::fs::read(dir.join("cmdline"))?;
        let words = line.split(|byte| *byte == 0);
        let args = words
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect();
        let stat = stat_of(&dir)?;
        Ok((!stat.is_over()).then_some(Self {
            pid,
            started_ticks: stat.started_ticks,
            args,
            dir,
        }))
    }

    /// A path of its command line, from where it runs.
    ///
    /// # Errors
    /// When the path is relative and nobody may see where that is.
    pub(crate) fn path(&self, named: &str) -> io::Result<PathBuf> {
        let named = Path::new(named);
        if named.is_absolute() {
            return Ok(named.to_owned());
        }
        let cwd = std::fs::read_link(self.dir.join("cwd"));
        let cwd = cwd.map_err(|e| {
            let why = format!(
                "{} is relative, and where it runs cannot be seen: {e}",
                named.display()
            );
            // One that ended meanwhile stays one that ended.
            if has_gone(&e) {
                e
            } else {
                io::Error::new(e.kind(), why)
            }
        })?;
        Ok(cwd.join(named))
    }
}

/// What is known of every process below `/proc` or another root, by pid.
///
/// # Errors
/// When processes are hidden from this user, or one cannot be looked at.
pub(crate) fn all_below<T>(
    proc: &Path,
    know: impl Fn(&Running) -> io::Result<Option<T>>,
) -> io::Result<Vec<T>> {
    // With `hidepid` an ordinary user sees only what is his: then absence proves nothing.
    std::fs::metadata(proc.join("1"))
        .map_err(|e| io::Error::new(e.kind(), format!("{} hides processes: {e}", proc.display())))?;
    let mut pids: Vec<u32> = Vec::new();
    for entry in std::fs::read_dir(proc)? {
        pids.extend(
            entry?
                .file_name()
                .to_str()
                .and_then(|name| name.parse::<u32>().ok()),
        );
    }
    pids.sort_unstable();
    let mut found = Vec::new();
    for pid in pids {
        let seen = Running::look(proc.join(pid.to_string()), pid);
        match seen.and_then(|running| running.map_or(Ok(None), |running| know(&running))) {
            Ok(known) => found.extend(known),
            Err(e) if has_gone(&e) => {}
            Err(e) => return Err(io::Error::new(e.kind(), format!("process {pid}: {e}"))),
        }
    }
    Ok(found)
}

/// Kernel ticks since boot at which the process started: with the pid it names one process for
/// ever. None when there is no such process, or only its unreaped remains.
///
/// # Errors
/// When it cannot be read for another reason.
pub fn started_ticks(pid: u32) -> io::Result<Option<u64>> {
    match stat_of(&Path::new("/proc").join(pid.to_string())) {
        Ok(stat) => Ok((!stat.is_over()).then_some(stat.started_ticks)),
        Err(e) if has_gone(&e) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Whether the process was told to end: a JVM handles the signal in a thread of this name, which lives until the
/// process ends.
pub(crate) fn is_ending(pid: u32) -> bool {
    let tasks = Path::new("/proc").join(pid.to_string()).join("task");
    let Ok(tasks) = std::fs::read_dir(tasks) else {
        return false;
    };
    tasks.flatten().any(|task| {
        std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.trim() == "SIGTERM handler")
    })
}

struct Stat {
    state: char,
    started_ticks: u64,
}

impl Stat {
    const fn is_over(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }
}

fn stat_of(dir: &Path) -> io::Result<Stat> {
    let text = std::fs::read_to_string(dir.join("stat"))?;
    stat(&text).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{} is of an unknown form", dir.display()),
        )
    })
}

/// The second field is the program's name in brackets and may hold blanks and brackets itself; proc(5): the state is
/// field 3, the start time field 22.
fn stat(text: &str) -> Option<Stat> {
    let mut rest = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = rest.next().and_then(|word| word.chars().next())?;
    let started_ticks = rest.nth(18).and_then(|word| word.parse().ok())?;
    Some(Stat { state, started_ticks })
}

/// [`started_ticks`] out of a line of `/proc/PID/stat` of any machine; none of a process that is over.
pub(crate) fn stat_line(text: &str) -> Option<u64> {
    stat(text)
        .filter(|stat| !stat.is_over())
        .map(|stat| stat.started_ticks)
}

fn has_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
        || error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error())
}
