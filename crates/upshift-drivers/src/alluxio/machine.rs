//! Alluxio's processes on this machine: found by what they are and by their home, told to end by their pids, started by
//! the releases' own scripts under a mark that outlives upshift.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use upshift_engine::driver::Fault;
use upshift_model::alluxio::{Role, THIS_MACHINE};
use upshift_model::host::{Host, Reach};
use upshift_model::ids::Code;
use upshift_model::record::{Failure, Intent};

use super::codes;
use super::observe::{home_of, role_of};
use crate::wire::hosts::{Command, Detached, Hosts, Link, Mark, Settings, Started};
use crate::wire::processes::{Running, all_below, started_ticks};

/// Starting is detached: this is no limit of it, only a command has to have one.
const START: Duration = Duration::from_secs(60);
/// The end of what a program wrote.
const TAIL: usize = 3_000;
const CONNECT: Duration = Duration::from_secs(2);

/// This machine.
#[derive(Debug)]
pub(super) struct Machine(Hosts);

/// A process of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) pid: u32,
    pub(super) started_ticks: u64,
    pub(super) home: PathBuf,
}

impl Machine {
    pub(super) fn here() -> Self {
        let host = Host {
            name: THIS_MACHINE.to_owned(),
            reach: Reach::Local,
        };
        Self(Hosts::new([host], Settings::default()).expect("one host has one name"))
    }

    pub(super) fn link(&self) -> &Link {
        self.0.get(THIS_MACHINE).expect("it was made with this host")
    }

    /// Processes of a role that belong to one of these homes.
    pub(super) fn running(&self, role: Role, homes: &[&Path]) -> Result<Vec<Found>, Fault> {
        let real: Vec<PathBuf> = homes.iter().map(|home| real(home)).collect();
        let found = all_below(Path::new("/proc"), |running| known(running, role, &real));
        found.map_err(|error| Fault::Transient(format!("processes cannot be seen: {error}")))
    }

    /// A program of one of these homes that starts a server or formats: what it does comes after a look.
    pub(super) fn at_work(&self, homes: &[&Path]) -> Result<Option<u32>, Fault> {
        let real: Vec<PathBuf> = homes.iter().map(|home| real(home)).collect();
        let scripts: Vec<PathBuf> = real
            .iter()
            .map(|home| home.join("bin/alluxio-start.sh"))
            .collect();
        let found = all_below(Path::new("/proc"), |running| {
            let starts = running
                .args
                .iter()
                .any(|arg| scripts.contains(&self::real(Path::new(arg))));
            let formats = running.args.iter().any(|arg| arg == "alluxio.cli.Format")
                && home_of(&running.args).is_some_and(|home| real.contains(&self::real(&home)));
            Ok((starts || formats).then_some(running.pid))
        });
        let found = found.map_err(|error| Fault::Transient(format!("processes cannot be seen: {error}")))?;
        Ok(found.into_iter().next())
    }

    /// Tells a process to end; one that has ended by then is no fault, and another that has its pid is left alone.
    pub(super) fn terminate(&self, pid: u32, ticks: u64) -> Result<(), Fault> {
        let failed = |why: String| {
            refused(
                codes::FOREIGN_PROCESS,
                format!("process {pid} could not be told to end: {why}"),
            )
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

    /// Starts a program once under the mark of the try.
    pub(super) async fn start(&self, words: &[String], intent: &Intent) -> Result<(), Fault> {
        let mark = mark(intent)?;
        let Some((program, args)) = words.split_first() else {
            return Err(refused(
                codes::NOT_IN_THE_PLAN,
                "the plan names no program".to_owned(),
            ));
        };
        let command = Command::new(program, START).args(args);
        match self.link().start(&mark, &command).await {
            Ok(Started::New | Started::Found) => Ok(()),
            Ok(Started::Barred) => Err(refused(codes::NOT_IN_THE_PLAN, format!("mark {mark} is barred"))),
            Err(error) => Err(error.into_fault()),
        }
    }

    /// How the program of a try stands, and what it wrote, to its end.
    pub(super) async fn started(&self, intent: &Intent) -> Result<(Detached, String), Fault> {
        let mark = mark(intent)?;
        let read = |error: crate::wire::hosts::HostError| error.into_read_fault();
        let stands = self.link().look(&mark).await.map_err(read)?;
        if matches!(stands, Detached::Never | Detached::Barred) {
            return Ok((stands, String::new()));
        }
        let log = self.link().log(&mark, 0, 1 << 20).await.map_err(read)?;
        let text = String::from_utf8_lossy(&log.bytes).into_owned();
        Ok((stands, crate::wire::redact_text(text.trim())))
    }
}

/// The last of a text.
pub(super) fn tail(text: &str) -> String {
    let from = text.char_indices().rev().nth(TAIL).map_or(0, |(at, _)| at);
    text[from..].trim().to_owned()
}

/// A path with its links followed, where it is there.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn known(running: &Running, role: Role, homes: &[PathBuf]) -> io::Result<Option<Found>> {
    let is = running.args.iter().any(|arg| role_of(arg) == Some(role));
    if !is {
        return Ok(None);
    }
    let home = home_of(&running.args).map(|home| real(&home));
    Ok(home.filter(|home| homes.contains(home)).map(|home| Found {
        pid: running.pid,
        started_ticks: running.started_ticks,
        home,
    }))
}

/// Whether a process is of this home.
pub(super) fn is_of(found: &Found, home: &Path) -> bool {
    found.home == real(home)
}

/// Whether somebody listens at `host:port`. Anything but a refusal counts as somebody.
pub(super) fn listens(authority: &str) -> bool {
    let Ok(mut addresses) = authority.to_socket_addrs() else {
        return false;
    };
    addresses.any(|address: SocketAddr| {
        !matches!(
            TcpStream::connect_timeout(&address, CONNECT).map_err(|error| error.kind()),
            Err(io::ErrorKind::ConnectionRefused)
        )
    })
}

fn mark(intent: &Intent) -> Result<Mark, Fault> {
    Mark::new("alluxio", intent.key.as_hex(), intent.attempt)
        .map_err(|error| refused(codes::NOT_IN_THE_PLAN, error.to_string()))
}

pub(super) fn refused(code: Code, what: String) -> Fault {
    Fault::Refused(failure(code, what))
}

pub(super) fn failure(code: Code, what: String) -> Failure {
    Failure {
        code,
        what,
        far_side: None,
    }
}
