//! The processes of a cluster on this machine: started by the release's own scripts, so that they are
//! what its operators know, and told to end by their pids, since the scripts end whichever process was
//! started last. Waits for nothing but the scripts themselves.

use std::collections::BTreeMap;
use std::io::{Read as _, Seek as _};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, UNIX_EPOCH};

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpStream;
use tokio::process::Command;
use upshift_engine::driver::Fault;
use upshift_model::endpoint::Endpoint;
use upshift_model::flink::{FlinkProcess, FlinkRole, Installation};
use upshift_model::record::Failure;

use super::cause::last_cause;
use super::{codes, process};
use crate::wire::redact_text;

/// A script starts a JVM to compute memory sizes before the real one: 1 to 2 s, on a loaded machine
/// ten times that.
const SCRIPT: Duration = Duration::from_secs(60);

/// A local port answers at once; an address elsewhere within a round trip.
const CONNECT: Duration = Duration::from_secs(2);

/// The scripts: what they are called, and the name they give to pid and log files.
const fn script(role: FlinkRole) -> (&'static str, &'static str) {
    match role {
        FlinkRole::JobManager => ("jobmanager.sh", "standalonesession"),
        FlinkRole::TaskManager => ("taskmanager.sh", "taskexecutor"),
    }
}

/// The word for people.
pub(super) const fn word(role: FlinkRole) -> &'static str {
    match role {
        FlinkRole::JobManager => "job manager",
        FlinkRole::TaskManager => "task manager",
    }
}

/// Whether anything accepts connections at the address. Cheaper than a request: one that is refused is
/// known at once and needs no repetition.
pub(super) async fn listens(rest: &Endpoint) -> bool {
    let authority = rest.authority();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let address = match (host.rsplit_once(':'), rest.port()) {
        (Some((_, port)), _) if !port.ends_with(']') => host.to_owned(),
        (_, Some(port)) => format!("{host}:{port}"),
        (_, None) => return false,
    };
    matches!(
        tokio::time::timeout(CONNECT, TcpStream::connect(address)).await,
        Ok(Ok(_))
    )
}

/// Flink's processes that were started with this configuration directory.
pub(super) fn processes(conf: &Path) -> Result<Vec<FlinkProcess>, Fault> {
    let all = process::scan().map_err(|e| Fault::Transient(format!("processes cannot be seen: {e}")))?;
    let here = all.into_iter().map(|seen| seen.process);
    Ok(here.filter(|p| process::same_directory(&p.conf, conf)).collect())
}

/// Tells each process to end. One that has ended by then is no fault.
pub(super) fn terminate(processes: &[FlinkProcess]) -> Result<(), Fault> {
    let failed = |pid: u32, why: String| {
        let what = format!("process {pid} could not be told to end: {why}");
        Err(Fault::Refused(Failure {
            code: codes::FOREIGN_PROCESS,
            what,
            far_side: None,
        }))
    };
    for target in processes {
        // The pid may have gone to another process since.
        match process::is_running(target) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(e) => return failed(target.pid, e.to_string()),
        }
        let pid = i32::try_from(target.pid).ok().and_then(Pid::from_raw);
        match pid.map(|pid| kill_process(pid, Signal::TERM)) {
            Some(Ok(()) | Err(rustix::io::Errno::SRCH)) => {}
            Some(Err(e)) => return failed(target.pid, e.to_string()),
            None => return failed(target.pid, "no such pid can be".to_owned()),
        }
    }
    Ok(())
}

/// Whether the process was told to end.
pub(super) fn is_ending(target: &FlinkProcess) -> bool {
    crate::wire::processes::is_ending(target.pid)
}

/// Whether a script of the release is still on its way to starting a process with this configuration
/// directory: started by a process of upshift that is gone, maybe.
pub(super) fn is_launching(conf: &Path) -> Result<bool, Fault> {
    let entries = std::fs::read_dir("/proc").map_err(|e| Fault::Transient(format!("/proc: {e}")))?;
    let variable = b"FLINK_CONF_DIR=";
    Ok(entries.flatten().any(|entry| {
        let Ok(line) = std::fs::read(entry.path().join("cmdline")) else {
            return false;
        };
        let mut args = line.split(|byte| *byte == 0);
        let scripts: [&[u8]; 3] = [b"/jobmanager.sh", b"/taskmanager.sh", b"/flink-daemon.sh"];
        if !args.any(|arg| scripts.iter().any(|script| arg.ends_with(script))) {
            return false;
        }
        let Ok(environment) = std::fs::read(entry.path().join("environ")) else {
            return false;
        };
        let value = environment
            .split(|byte| *byte == 0)
            .find_map(|var| var.strip_prefix(variable));
        value.is_some_and(|dir| process::same_directory(Path::new(&*String::from_utf8_lossy(dir)), conf))
    }))
}

/// Starts one process of each listed role. The scripts, and what they start, live on when upshift
/// ends.
///
/// The job manager's script goes first, all others together after it. A task manager that looks for
/// its job manager too early tries again only after 10 s (`cluster.registration.error-delay`); started
/// side by side it comes about 1 s too early, started after the script 1 s after the job manager is
/// ready (1.18.1 on a quiet machine; a loaded one slows both alike).
pub(super) async fn start(installation: &Installation, roles: &[FlinkRole]) -> Result<(), Fault> {
    for role in [FlinkRole::JobManager, FlinkRole::TaskManager] {
        let wanted = roles.iter().filter(|wanted| **wanted == role);
        for ended in futures::future::join_all(wanted.map(|role| start_one(installation, *role))).await {
            ended?;
        }
    }
    Ok(())
}

async fn start_one(installation: &Installation, role: FlinkRole) -> Result<(), Fault> {
    let path = installation.home.join("bin").join(script(role).0);
    let failed = |what: String, said: Option<String>| {
        Fault::Refused(Failure {
            code: codes::LAUNCH_FAILED,
            what,
            far_side: said,
        })
    };
    let io_failed = |e: std::io::Error| failed(format!("{}: {e}", path.display()), None);
    // Output goes to memory that the script owns, too: a pipe would break, and the script with it,
    // when upshift ends.
    let output = memfd_create("upshift-script", MemfdFlags::CLOEXEC).map_err(|e| io_failed(e.into()))?;
    let output = std::fs::File::from(output);
    let mut child = command(installation, &path, &output)
        .map_err(io_failed)?
        .spawn()
        .map_err(io_failed)?;
    let status = match tokio::time::timeout(SCRIPT, child.wait()).await {
        Ok(status) => status.map_err(|e| Fault::Ambiguous(format!("{}: {e}", path.display())))?,
        Err(_) => {
            let what = format!("{} did not end within {} s", path.display(), SCRIPT.as_secs());
            return Err(Fault::Ambiguous(what));
        }
    };
    match status.success() {
        true => Ok(()),
        false => Err(failed(
            format!("{} ended with {status}", path.display()),
            said(output),
        )),
    }
}

fn command(installation: &Installation, path: &Path, output: &std::fs::File) -> std::io::Result<Command> {
    let both = || output.try_clone().map(|file| Stdio::from(OwnedFd::from(file)));
    let mut command = Command::new(path);
    command
        .arg("start")
        .stdin(Stdio::null())
        .stdout(both()?)
        .stderr(both()?)
        .process_group(0);
    // What an operator's shell may have set for another installation must not leak into this one.
    let of_another = [
        "FLINK_HOME",
        "FLINK_LIB_DIR",
        "FLINK_PLUGINS_DIR",
        "FLINK_OPT_DIR",
        "FLINK_BIN_DIR",
    ];
    for name in of_another
        .into_iter()
        .chain(["_FLINK_HOME_DETERMINED", "FLINK_LOG_DIR", "FLINK_PID_DIR"])
    {
        command.env_remove(name);
    }
    command.env("FLINK_CONF_DIR", &installation.conf);
    for (name, value) in [
        ("FLINK_LOG_DIR", &installation.logs),
        ("FLINK_PID_DIR", &installation.pids),
    ] {
        if let Some(directory) = value {
            // The script makes neither the log folder nor the parents of the pid folder.
            std::fs::create_dir_all(directory)?;
            command.env(name, directory);
        }
    }
    if let Some(java) = &installation.java_home {
        command.env("JAVA_HOME", java);
    }
    Ok(command)
}

fn said(mut output: std::fs::File) -> Option<String> {
    let mut text = String::new();
    output.rewind().ok()?;
    output.read_to_string(&mut text).ok()?;
    telling(&text)
}

fn last_lines(text: &str, most: usize) -> Option<String> {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    let tail = lines[lines.len().saturating_sub(most)..].join("\n");
    (!tail.is_empty()).then(|| redact_text(&tail))
}

fn log_directory(installation: &Installation) -> PathBuf {
    installation
        .logs
        .clone()
        .unwrap_or_else(|| installation.home.join("log"))
}

/// The files that catch the output of each process of the role, by name, with a stamp that changes
/// whenever the script starts another one: it makes or empties the file before it starts the process.
pub(super) fn outputs(installation: &Installation, role: FlinkRole) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let middle = format!("-{}-", script(role).1);
    for entry in std::fs::read_dir(log_directory(installation))
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.contains(&middle) || !name.ends_with(".out") {
            continue;
        }
        // A file that is emptied keeps its inode and birth; its change time moves.
        let changed = entry.metadata().and_then(|meta| meta.modified());
        let stamp = changed.ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        found.insert(
            name,
            stamp.map_or_else(String::new, |since| since.as_nanos().to_string()),
        );
    }
    found
}

/// The end of what a process wrote: its log where it came to open one, else its output.
pub(super) fn last_words(installation: &Installation, output: &str) -> Option<String> {
    /// 2.x writes a dump of all threads after the cause, some hundred kilobytes.
    const TAIL: u64 = 2 << 20;
    let directory = log_directory(installation);
    let log = output.strip_suffix(".out").map(|stem| format!("{stem}.log"));
    let tail = |name: &str| {
        let mut file = std::fs::File::open(directory.join(name)).ok()?;
        let length = file.metadata().ok()?.len();
        file.seek(std::io::SeekFrom::Start(length.saturating_sub(TAIL)))
            .ok()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).ok()?;
        telling(&String::from_utf8_lossy(&bytes))
    };
    log.and_then(|log| tail(&log)).or_else(|| tail(output))
}

/// What says why: the cause that the last error of the main class was logged with, or of any class,
/// else that error, else the last lines.
fn telling(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    // A fatal error is followed by a dump of all threads, logged as an error, too.
    let is_error = |line: &&str| line.contains("ERROR") && !line.trim_end().ends_with("Thread dump:");
    // What else goes wrong while the process ends is logged after the reason why it ends.
    let mains = [".ClusterEntrypoint ", ".TaskManagerRunner "];
    let is_main = |line: &&str| is_error(line) && mains.iter().any(|main| line.contains(main));
    let at = lines
        .iter()
        .rposition(is_main)
        .or_else(|| lines.iter().rposition(is_error));
    let Some(at) = at else {
        return last_lines(text, 4);
    };
    // Until the next entry of the log, which begins with its time.
    let is_entry = |line: &&str| line.starts_with(|c: char| c.is_ascii_digit());
    let entry: Vec<&str> = std::iter::once(lines[at])
        .chain(lines[at + 1..].iter().copied().take_while(|line| !is_entry(line)))
        .collect();
    let entry = entry.join("\n");
    Some(match entry.contains("Caused by: ") {
        true => last_cause(&entry),
        false => redact_text(lines[at].trim()),
    })
}
