//! Alluxio's processes on the machines where they run: found by what they are and by their home. This machine is one like
//! the others.

use std::path::{Path, PathBuf};
use std::time::Duration;

use upshift_engine::driver::Fault;
use upshift_model::alluxio::{Place, Role, Site, THIS_MACHINE};
use upshift_model::host::{Host, Reach};
use upshift_model::ids::Code;
use upshift_model::record::Failure;

use super::codes;
use super::observe::role_of;
use crate::wire::hosts::Command;
use crate::wire::machines::{Machines, Ours};
use crate::wire::processes::stat_line;
use crate::wire::told_lines::{Line, lines};

const RUNNING: &str = include_str!("sh/running.sh");
const LIMIT: Duration = Duration::from_secs(60);
const ANSWER: usize = 4 << 20;

/// A process of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) pid: u32,
    pub(super) started_ticks: u64,
    pub(super) role: Role,
    /// Its home, links followed.
    pub(super) home: PathBuf,
}

/// What runs at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Running {
    /// Servers of its homes.
    pub(super) servers: Vec<Found>,
    /// A program of its homes that starts a server or formats: what it does comes after a look.
    pub(super) at_work: Option<u32>,
    old: PathBuf,
    new: PathBuf,
}

impl Running {
    /// Servers of a role.
    pub(super) fn of(&self, role: Role) -> Vec<Found> {
        let of = self.servers.iter().filter(|server| server.role == role);
        of.cloned().collect()
    }

    /// Whether a process is of this home of the place.
    pub(super) fn is_of(&self, found: &Found, place: &Place, home: &Path) -> bool {
        let real = if home == place.new.home {
            &self.new
        } else {
            &self.old
        };
        found.home == *real
    }
}

pub(super) fn machines(site: &Site) -> Machines {
    let ours = Ours {
        mark: "alluxio",
        hosts: codes::HOSTS,
        foreign_process: codes::FOREIGN_PROCESS,
        not_in_the_plan: codes::NOT_IN_THE_PLAN,
    };
    let here = Host {
        name: THIS_MACHINE.to_owned(),
        reach: Reach::Local,
    };
    // Programs of the system file are run here, whether a server is here or not.
    let named = site
        .hosts
        .iter()
        .filter(|host| host.name != THIS_MACHINE)
        .cloned();
    Machines::new(named.chain([here]), ours)
}

/// Looks at the processes of a place.
pub(super) async fn running(machines: &Machines, place: &Place) -> Result<Running, Fault> {
    let command = Command::new("sh", LIMIT)
        .args(["-c", RUNNING, "upshift"])
        .args([&place.old.home, &place.new.home])
        .keep(ANSWER);
    let output = machines.link(&place.host)?.run(&command).await;
    let output = output.map_err(|error| error.into_read_fault())?;
    let unseen = |why: String| Fault::Transient(format!("processes on {} cannot be seen: {why}", place.host));
    if !output.success() {
        return Err(unseen(output.complaint()));
    }
    let text = output.stdout.whole();
    let text = text.ok_or_else(|| unseen("the answer is longer than wanted".to_owned()))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let all: Vec<Line<'_>> = lines(&text).collect();
    told(&all, place).ok_or_else(|| unseen("the answer has another form".to_owned()))
}

fn told(all: &[Line<'_>], place: &Place) -> Option<Running> {
    let mut homes = all.iter().filter(|line| line.word() == "home");
    let mut home = || homes.next()?.text(1).map(PathBuf::from);
    let (old, new) = (home()?, home()?);
    let ours = [&old, &new, &place.old.home, &place.new.home];
    let mut running = Running {
        servers: Vec::new(),
        at_work: None,
        old: old.clone(),
        new: new.clone(),
    };
    let (mut pid, mut ticks, mut of) = (0, None, None);
    for line in all {
        match line.word() {
            "process" => (pid, ticks, of) = (line.at(1).parse().ok()?, None, None),
            "stat" => ticks = stat_line(&line.text(1)?),
            "of" => of = Some(PathBuf::from(line.text(1)?)),
            "args" => {
                // One that ended meanwhile has no time.
                let Some(ticks) = ticks else { continue };
                let bytes = line.bytes(1)?;
                let args = bytes.split(|byte| *byte == 0);
                let args: Vec<String> = args
                    .map(|arg| String::from_utf8_lossy(arg).into_owned())
                    .collect();
                let is_ours = of.as_ref().is_some_and(|home| ours.contains(&home));
                let starts = args.iter().any(|arg| {
                    let home = arg.strip_suffix("/bin/alluxio-start.sh").map(PathBuf::from);
                    home.is_some_and(|home| ours.contains(&&home))
                });
                let formats = is_ours && args.iter().any(|arg| arg == "alluxio.cli.Format");
                if starts || formats {
                    running.at_work = running.at_work.or(Some(pid));
                }
                let role = args.iter().find_map(|arg| role_of(arg));
                if let (Some(role), true, Some(home)) = (role, is_ours, of.clone()) {
                    running.servers.push(Found {
                        pid,
                        started_ticks: ticks,
                        role,
                        home,
                    });
                }
            }
            _ => {}
        }
    }
    Some(running)
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
