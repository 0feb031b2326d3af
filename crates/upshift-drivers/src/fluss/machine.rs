//! The servers' processes on this machine: found by what they are and by their folder of configuration, told to end by
//! their pids, started by the words that the plan holds, under a mark that outlives upshift.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use upshift_engine::driver::Fault;
use upshift_model::fluss::{Launch, Role, Server, ServerId};
use upshift_model::host::{Host, Reach};
use upshift_model::record::{Failure, Intent};

use super::{codes, observe};
use crate::wire::hosts::{Command, Detached, Hosts, Link, Mark, Settings, Started};
use crate::wire::processes::{Running, all_below, started_ticks};

/// Starting is detached: this is no limit of it, only a command has to have one.
const START: Duration = Duration::from_secs(60);
/// The end of what a server wrote before it died.
const TAIL: usize = 2_000;

/// This machine.
#[derive(Debug)]
pub(super) struct Machine(Hosts);

impl Machine {
    pub(super) fn here() -> Self {
        let host = Host {
            name: "this machine".to_owned(),
            reach: Reach::Local,
        };
        Self(Hosts::new([host], Settings::default()).expect("one host has one name"))
    }

    fn link(&self) -> &Link {
        self.0.get("this machine").expect("it was made with this host")
    }

    /// Processes of a server, of whichever release.
    pub(super) fn running(&self, server: &Server) -> Result<Vec<Found>, Fault> {
        let role = match server.id {
            ServerId::Coordinator => Role::Coordinator,
            ServerId::TabletServer(_) => Role::TabletServer,
        };
        let its = [&server.old.conf, &server.new.conf];
        let found = all_below(Path::new("/proc"), |running| known(running, role, &its));
        found.map_err(|error| Fault::Transient(format!("processes cannot be seen: {error}")))
    }

    /// Tells a process to end; one that has ended by then is no fault, and another that has its pid is left alone.
    pub(super) fn terminate(&self, pid: u32, ticks: u64) -> Result<(), Fault> {
        let failed = |why: String| {
            Fault::Refused(Failure {
                code: codes::FOREIGN_PROCESS,
                what: format!("process {pid} could not be told to end: {why}"),
                far_side: None,
            })
        };
        match started_ticks(pid) {
            Ok(Some(now)) if now == ticks => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(failed(error.to_string())),
        }
        match i32::try_from(pid).ok().and_then(Pid::from_raw) {
            Some(pid) => match kill_process(pid, Signal::TERM) {
                Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
                Err(error) => Err(failed(error.to_string())),
            },
            None => Err(failed("no such pid can be".to_owned())),
        }
    }

    /// Starts a server once under the mark of the try.
    pub(super) async fn start(&self, launch: &Launch, intent: &Intent) -> Result<(), Fault> {
        let mark = mark(intent)?;
        let Some((program, args)) = launch.start.split_first() else {
            return Err(refused("the plan names no program that starts it".to_owned()));
        };
        let command = Command::new(program, START).args(args);
        match self.link().start(&mark, &command).await {
            Ok(Started::New | Started::Found) => Ok(()),
            Ok(Started::Barred) => Err(refused(format!("mark {mark} is barred"))),
            Err(error) => Err(error.into_fault()),
        }
    }

    /// How the program of a try stands, and the end of what it wrote.
    pub(super) async fn started(&self, intent: &Intent) -> Result<(Detached, String), Fault> {
        let mark = mark(intent)?;
        let stands = self
            .link()
            .look(&mark)
            .await
            .map_err(|error| error.into_read_fault())?;
        if !matches!(stands, Detached::Ended(_) | Detached::Vanished { .. }) {
            return Ok((stands, String::new()));
        }
        let log = self
            .link()
            .log(&mark, 0, 1 << 20)
            .await
            .map_err(|error| error.into_read_fault())?;
        let text = String::from_utf8_lossy(&log.bytes).into_owned();
        let from = text.char_indices().rev().nth(TAIL).map_or(0, |(at, _)| at);
        Ok((stands, crate::wire::redact_text(text[from..].trim())))
    }
}

/// A process of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) pid: u32,
    pub(super) started_ticks: u64,
    /// The version in the name of its server jar, where its class path names exactly one.
    pub(super) jar: Option<String>,
}

fn known(running: &Running, role: Role, its: &[&PathBuf]) -> io::Result<Option<Found>> {
    let args = &running.args;
    let Some(at) = args.iter().position(|arg| observe::role_of(arg) == Some(role)) else {
        return Ok(None);
    };
    let after = args[at + 1..].windows(2);
    let conf = after
        .filter(|pair| pair[0] == "--configDir" || pair[0] == "-c")
        .map(|pair| running.path(&pair[1]))
        .next()
        .transpose()?;
    Ok(conf.filter(|conf| its.contains(&conf)).map(|_| Found {
        pid: running.pid,
        started_ticks: running.started_ticks,
        jar: jar(&args[..at]),
    }))
}

fn jar(args: &[String]) -> Option<String> {
    let is_class_path = |pair: &&[String]| ["-cp", "-classpath", "--class-path"].contains(&pair[0].as_str());
    let class_path = args.windows(2).find(is_class_path)?;
    let mut versions: Vec<String> = Vec::new();
    for part in class_path[1].split(':') {
        match part.strip_suffix("/*") {
            Some(folder) => {
                let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
                versions.extend(
                    entries.filter_map(|entry| observe::version_of(&entry.file_name().to_string_lossy())),
                );
            }
            None => versions.extend(part.rsplit('/').next().and_then(observe::version_of)),
        }
    }
    versions.sort();
    versions.dedup();
    match versions.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    }
}

fn mark(intent: &Intent) -> Result<Mark, Fault> {
    Mark::new("fluss", intent.key.as_hex(), intent.attempt).map_err(|error| refused(error.to_string()))
}

fn refused(what: String) -> Fault {
    Fault::Refused(Failure {
        code: codes::NOT_IN_THE_PLAN,
        what,
        far_side: None,
    })
}

/// Whether a server left its mark of an orderly end in one of its data folders; none where no folder is known.
pub(super) fn clean_mark(conf: &Path) -> io::Result<Option<bool>> {
    let options = observe::read_options(&std::fs::read_to_string(conf.join("server.yaml"))?);
    let dirs = options.get("data.dirs").or_else(|| options.get("data.dir"));
    let dirs = dirs
        .map(|option| option.value.as_str())
        .unwrap_or("/tmp/fluss-data");
    let dirs: Vec<PathBuf> = dirs.split(',').map(|dir| PathBuf::from(dir.trim())).collect();
    let mut found = None;
    for dir in dirs {
        if dir.try_exists()? {
            let marked = dir.join(".fluss_cleanshutdown").try_exists()?;
            found = Some(found.unwrap_or(true) && marked);
        }
    }
    Ok(found)
}
