//! Flink's processes on this machine, found by their command lines in `/proc`.
//!
//! Which of them belong to a cluster is decided by who asks; nothing is stopped here. Processes on
//! other machines are not seen.

use std::io;
use std::path::Path;

use upshift_model::flink::{FlinkProcess, FlinkRole};

use crate::wire::processes::{Running, all_below, started_ticks};

/// A main class by which a Flink process is recognized.
struct Entry {
    /// Last part of the class name; its package changed between releases.
    class: &'static str,
    role: FlinkRole,
    kind: EntryKind,
}

/// What a main class says of the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Started by scripts, jobs come over REST.
    StandaloneSession,
    /// Started by scripts for one application.
    StandaloneApplication,
    /// Started by YARN.
    Yarn,
    /// Started by Kubernetes.
    Kubernetes,
    /// Started by Mesos.
    Mesos,
    /// A task manager started by scripts.
    TaskManager,
}

const fn entry(class: &'static str, role: FlinkRole, kind: EntryKind) -> Entry {
    Entry { class, role, kind }
}

const ENTRIES: &[Entry] = &[
    entry(
        "StandaloneSessionClusterEntrypoint",
        FlinkRole::JobManager,
        EntryKind::StandaloneSession,
    ),
    entry(
        "StandaloneApplicationClusterEntryPoint",
        FlinkRole::JobManager,
        EntryKind::StandaloneApplication,
    ),
    entry(
        "StandaloneJobClusterEntryPoint",
        FlinkRole::JobManager,
        EntryKind::StandaloneApplication,
    ),
    entry(
        "TaskManagerRunner",
        FlinkRole::TaskManager,
        EntryKind::TaskManager,
    ),
    entry(
        "YarnSessionClusterEntrypoint",
        FlinkRole::JobManager,
        EntryKind::Yarn,
    ),
    entry(
        "YarnApplicationClusterEntryPoint",
        FlinkRole::JobManager,
        EntryKind::Yarn,
    ),
    entry("YarnJobClusterEntrypoint", FlinkRole::JobManager, EntryKind::Yarn),
    entry("YarnTaskExecutorRunner", FlinkRole::TaskManager, EntryKind::Yarn),
    entry(
        "KubernetesSessionClusterEntrypoint",
        FlinkRole::JobManager,
        EntryKind::Kubernetes,
    ),
    entry(
        "KubernetesApplicationClusterEntrypoint",
        FlinkRole::JobManager,
        EntryKind::Kubernetes,
    ),
    entry(
        "KubernetesTaskExecutorRunner",
        FlinkRole::TaskManager,
        EntryKind::Kubernetes,
    ),
    entry(
        "MesosSessionClusterEntrypoint",
        FlinkRole::JobManager,
        EntryKind::Mesos,
    ),
    entry(
        "MesosJobClusterEntrypoint",
        FlinkRole::JobManager,
        EntryKind::Mesos,
    ),
    entry(
        "MesosTaskExecutorRunner",
        FlinkRole::TaskManager,
        EntryKind::Mesos,
    ),
];

/// A process with what its command line tells beside role and configuration directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The process.
    pub process: FlinkProcess,
    /// What its main class says.
    pub kind: EntryKind,
    /// The REST port given on the command line, where one is.
    pub rest_port: Option<u16>,
}

/// All of Flink's processes on this machine, by pid.
///
/// # Errors
/// When `/proc` cannot be read, or hides the processes of other users.
pub fn scan() -> io::Result<Vec<Seen>> {
    scan_below(Path::new("/proc"))
}

/// The same below another root than `/proc`.
///
/// # Errors
/// As for [`scan`].
pub fn scan_below(proc: &Path) -> io::Result<Vec<Seen>> {
    all_below(proc, known)
}

/// Whether the very process still runs.
///
/// # Errors
/// As for [`started_ticks`].
pub fn is_running(process: &FlinkProcess) -> io::Result<bool> {
    Ok(started_ticks(process.pid)? == Some(process.started_ticks))
}

/// Whether both name the same directory, symbolic links resolved where they can be.
pub fn same_directory(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.components().collect());
    real(a) == real(b)
}

fn known(running: &Running) -> io::Result<Option<Seen>> {
    let Some((at, entry)) = running.args.iter().enumerate().find_map(|(at, arg)| {
        let class = arg.strip_prefix("org.apache.flink.")?.rsplit('.').next()?;
        ENTRIES
            .iter()
            .find(|entry| entry.class == class)
            .map(|entry| (at, entry))
    }) else {
        return Ok(None);
    };
    let args = &running.args[at + 1..];
    let Some(conf) = value_of(args, &["--configDir", "-c"]) else {
        return Ok(None);
    };
    let process = FlinkProcess {
        pid: running.pid,
        started_ticks: running.started_ticks,
        role: entry.role,
        conf: running.path(conf)?,
    };
    Ok(Some(Seen {
        process,
        kind: entry.kind,
        rest_port: rest_port(args),
    }))
}

fn value_of<'a>(args: &'a [String], names: &[&str]) -> Option<&'a str> {
    args.windows(2)
        .find(|pair| names.contains(&pair[0].as_str()))
        .map(|pair| pair[1].as_str())
}

/// `--webui-port 8081` up to 1.20, `-D rest.port=8081` later.
fn rest_port(args: &[String]) -> Option<u16> {
    let dynamic = args
        .windows(2)
        .filter(|pair| pair[0] == "-D")
        .find_map(|pair| pair[1].strip_prefix("rest.port="));
    let glued = args.iter().find_map(|arg| arg.strip_prefix("-Drest.port="));
    value_of(args, &["--webui-port", "-r"])
        .or(dynamic)
        .or(glued)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn process(root: &Path, pid: u32, stat: &str, args: &[&str]) {
        let dir = root.join(pid.to_string());
        std::fs::create_dir_all(&dir).unwrap();
        for (file, text) in [("cmdline", args.join("\0") + "\0"), ("stat", stat.to_owned())] {
            std::io::Write::write_all(
                &mut std::fs::File::create(dir.join(file)).unwrap(),
                text.as_bytes(),
            )
            .unwrap();
        }
    }

    fn stat(pid: u32, state: char, ticks: u64) -> String {
        format!("{pid} (java (x) y) {state} 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 90 0 {ticks} 0 0")
    }

    const SESSION: &str =
        "java -cp a.jar org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";
    const TASKS: &str = "java org.apache.flink.runtime.taskexecutor.TaskManagerRunner";

    fn line(root: &Path, pid: u32, state: char, command: &str) {
        let args: Vec<&str> = command.split(' ').collect();
        process(root, pid, &stat(pid, state, 7000 + u64::from(pid)), &args);
    }

    #[test]
    fn flink_is_recognized_by_main_class_and_configuration_directory() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        line(root, 1, 'S', "/sbin/init");
        line(
            root,
            20,
            'S',
            &format!("{SESSION} -D a=b --configDir /srv/conf --host h --webui-port 8081"),
        );
        line(root, 21, 'S', &format!("{TASKS} --configDir /srv/conf"));
        line(
            root,
            30,
            'S',
            &format!("{SESSION} --configDir /srv/new -D rest.port=8091"),
        );
        line(root, 31, 'Z', &format!("{TASKS} --configDir /srv/dead"));
        line(
            root,
            32,
            'S',
            "vi org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
        );
        let brief = |seen: &Seen| {
            let FlinkProcess {
                pid,
                started_ticks,
                role,
                conf,
            } = &seen.process;
            (
                *pid,
                *started_ticks,
                *role,
                conf.display().to_string(),
                seen.rest_port,
            )
        };
        assert_eq!(
            scan_below(root).unwrap().iter().map(brief).collect::<Vec<_>>(),
            [
                (
                    20,
                    7020,
                    FlinkRole::JobManager,
                    "/srv/conf".to_owned(),
                    Some(8081)
                ),
                (21, 7021, FlinkRole::TaskManager, "/srv/conf".to_owned(), None),
                (30, 7030, FlinkRole::JobManager, "/srv/new".to_owned(), Some(8091)),
            ]
        );
    }

    #[test]
    fn a_proc_that_hides_processes_is_no_proof_of_absence() {
        let root = tempfile::tempdir().unwrap();
        process(root.path(), 20, &stat(20, 'S', 1), &["sh"]);
        assert!(
            scan_below(root.path())
                .unwrap_err()
                .to_string()
                .contains("hides processes")
        );
    }

    #[test]
    fn a_process_is_known_by_pid_and_start() {
        let pid = std::process::id();
        let started_ticks = started_ticks(pid).unwrap().unwrap();
        let me = FlinkProcess {
            pid,
            started_ticks,
            role: FlinkRole::JobManager,
            conf: PathBuf::from("/"),
        };
        assert!(is_running(&me).unwrap());
        assert!(
            !is_running(&FlinkProcess {
                started_ticks: started_ticks + 1,
                ..me
            })
            .unwrap()
        );
    }
}
