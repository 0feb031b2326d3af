//! The servers' processes on the machines where they run: found by what they are and by their folder of configuration,
//! told to end by their pids, started by the words that the plan holds, under a mark that outlives upshift. This machine
//! is one like the others: each is reached by its link.

use std::path::{Path, PathBuf};
use std::time::Duration;

use upshift_engine::driver::Fault;
use upshift_model::fluss::{Launch, Role, Server, ServerId, Site, THIS_MACHINE};
use upshift_model::host::{Host, Reach};
use upshift_model::record::{Failure, Intent};

use super::{codes, observe};
use crate::wire::hosts::{Command, Detached, Hosts, Link, Mark, Settings, SetupError, Started};
use crate::wire::processes::is_ending;

const TERMINATE: &str = include_str!("sh/terminate.sh");
/// A signal and a look at two files.
const LIMIT: Duration = Duration::from_secs(30);
/// Starting is detached: this is no limit of it, only a command has to have one.
const START: Duration = Duration::from_secs(60);
/// The end of what a server wrote before it died.
const TAIL: usize = 2_000;

/// The machines of a site.
#[derive(Debug)]
pub(super) struct Machines(Result<Hosts, SetupError>);

/// A process of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) pid: u32,
    pub(super) started_ticks: u64,
    /// The version in the name of its server jar, where its class path names exactly one.
    pub(super) jar: Option<String>,
}

impl Machines {
    /// Those of a site, and this one for servers that name none. Nothing is connected yet.
    pub(super) fn of(site: &Site) -> Self {
        let here = Host {
            name: THIS_MACHINE.to_owned(),
            reach: Reach::Local,
        };
        let hosts = site.hosts.iter().cloned().chain([here]);
        Self(Hosts::new(hosts, Settings::default()))
    }

    fn link(&self, server: &Server) -> Result<&Link, Fault> {
        let name = server.host.as_deref().unwrap_or(THIS_MACHINE);
        let unknown = |what: String| {
            Fault::Refused(Failure {
                code: codes::HOSTS,
                what,
                far_side: None,
            })
        };
        let hosts = self.0.as_ref().map_err(|error| unknown(error.to_string()))?;
        hosts
            .get(name)
            .ok_or_else(|| unknown(format!("the plan has no host {name}")))
    }

    /// Processes of a server, of whichever release.
    pub(super) async fn running(&self, server: &Server) -> Result<Vec<Found>, Fault> {
        let link = self.link(server)?;
        let role = match server.id {
            ServerId::Coordinator => Role::Coordinator,
            ServerId::TabletServer(_) => Role::TabletServer,
        };
        let its = [&server.old.conf, &server.new.conf];
        let wanted = |is: Role, conf: &Path| is == role && its.iter().any(|its| its.as_path() == conf);
        let found = observe::running(link, wanted).await;
        found.map_err(|why| Fault::Transient(format!("processes on {} cannot be seen: {why}", link.name())))
    }

    /// Whether a process is known to have heard that it should end; of one on another machine that is not looked at.
    pub(super) fn is_ending(&self, server: &Server, pid: u32) -> bool {
        let is_here = self
            .link(server)
            .is_ok_and(|link| link.host().reach == Reach::Local);
        is_here && is_ending(pid)
    }

    /// Tells a process to end; one that has ended by then is no fault, and another that has its pid is left alone.
    pub(super) async fn terminate(&self, server: &Server, pid: u32, ticks: u64) -> Result<(), Fault> {
        let link = self.link(server)?;
        let command = Command::new("sh", LIMIT)
            .args(["-c", TERMINATE, "upshift"])
            .args([pid.to_string(), ticks.to_string()]);
        let output = link.run(&command).await.map_err(|error| error.into_fault())?;
        match output.success() {
            true => Ok(()),
            false => Err(Fault::Refused(Failure {
                code: codes::FOREIGN_PROCESS,
                what: format!("process {pid} of {} could not be told to end", server.id),
                far_side: Some(output.complaint()),
            })),
        }
    }

    /// Starts a server once under the mark of the try.
    pub(super) async fn start(&self, server: &Server, launch: &Launch, intent: &Intent) -> Result<(), Fault> {
        let mark = mark(intent)?;
        let Some((program, args)) = launch.start.split_first() else {
            return Err(refused("the plan names no program that starts it".to_owned()));
        };
        let command = Command::new(program, START).args(args);
        match self.link(server)?.start(&mark, &command).await {
            Ok(Started::New | Started::Found) => Ok(()),
            Ok(Started::Barred) => Err(refused(format!("mark {mark} is barred"))),
            Err(error) => Err(error.into_fault()),
        }
    }

    /// How the program of a try stands, and the end of what it wrote.
    pub(super) async fn started(
        &self,
        server: &Server,
        intent: &Intent,
    ) -> Result<(Detached, String), Fault> {
        let mark = mark(intent)?;
        let link = self.link(server)?;
        let stands = link.look(&mark).await.map_err(|error| error.into_read_fault())?;
        if !matches!(stands, Detached::Ended(_) | Detached::Vanished { .. }) {
            return Ok((stands, String::new()));
        }
        let log = link.log(&mark, 0, 1 << 20).await;
        let log = log.map_err(|error| error.into_read_fault())?;
        let text = String::from_utf8_lossy(&log.bytes).into_owned();
        let from = text.char_indices().rev().nth(TAIL).map_or(0, |(at, _)| at);
        Ok((stands, crate::wire::redact_text(text[from..].trim())))
    }

    /// Whether a server left its mark of an orderly end in all of its data folders; none where no folder is there.
    pub(super) async fn clean_mark(&self, server: &Server) -> Result<Option<bool>, String> {
        let link = self.link(server).map_err(|fault| fault.to_string())?;
        let folders: Vec<PathBuf> = observe::data_folders_of(link, &server.old.conf).await?;
        observe::clean_mark(link, folders).await
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
