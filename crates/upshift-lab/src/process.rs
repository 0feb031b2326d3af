//! Processes by number: is it there, is it one of ours, end it. And files, written whole.
//!
//! It never ends a process by name: a number counts only while the process's command line names a directory that the
//! lab made.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::wait::until;

/// All Java and upshift processes whose command line names this path.
pub(crate) fn naming(path: &Path) -> io::Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        if let Some(pid) = entry?.file_name().to_str().and_then(|n| n.parse().ok())
            && pid != std::process::id()
            && is_lab_program(pid)
            && names(pid, path)
        {
            found.push(pid);
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// A developer's pager or editor on a log is not to be ended.
fn is_lab_program(pid: u32) -> bool {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.trim() == "java" || name.starts_with("upshift")
}

/// Whether the process is there and its command line names this path.
pub(crate) fn names(pid: u32, path: &Path) -> bool {
    // Gone, or somebody else's: either way not ours.
    let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) else {
        return false;
    };
    let path = path.as_os_str().as_encoded_bytes();
    line.windows(path.len()).any(|w| w == path)
}

pub(crate) fn alive(pid: u32) -> bool {
    if id(pid).is_none_or(|p| test_kill_process(p).is_err()) {
        return false;
    }
    // A zombie waits only for its parent to look.
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !state
        .rsplit(')')
        .next()
        .is_some_and(|rest| rest.trim_start().starts_with('Z'))
}

pub(crate) fn terminate(pid: u32) {
    send(pid, Signal::TERM);
}

pub(crate) fn quit(pid: u32) {
    send(pid, Signal::QUIT);
}

pub(crate) fn kill(pid: u32) {
    send(pid, Signal::KILL);
}

/// The children of a process, as the kernel tells them; none of one that is gone.
pub(crate) fn children(pid: u32) -> io::Result<Vec<u32>> {
    match fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")) {
        Ok(text) => Ok(text.split_whitespace().filter_map(|n| n.parse().ok()).collect()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(e),
    }
}

/// All processes that were started with this variable, `NAME=value`.
pub(crate) fn with_variable(line: &str) -> Vec<u32> {
    let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let has = |pid: &u32| {
        // Gone, or somebody else's: either way not ours.
        let all = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        all.split(|b| *b == 0).any(|one| one == line.as_bytes())
    };
    pids.filter(has).collect()
}

fn send(pid: u32, signal: Signal) {
    // The one error possible for a process of our own is that it is already gone, which is what was wanted.
    if let Some(p) = id(pid) {
        kill_process(p, signal).ok();
    }
}

fn id(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

/// Waits until none of them is there; returns the first that still is.
pub(crate) fn gone(pids: &[u32], limit: Duration) -> Option<u32> {
    let left = || pids.iter().copied().find(|p| alive(*p));
    let ended = until::<_, std::convert::Infallible>(limit, || Ok(left().is_none().then_some(())));
    match ended {
        Ok(Some(())) => None,
        Ok(None) => left(),
    }
}

/// Writes a file that nobody else reads yet.
pub(crate) fn put(path: &Path, data: &[u8]) -> io::Result<()> {
    File::create(path)?.write_all(data)
}
