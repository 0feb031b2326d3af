//! The machines of a site, for all drivers: this one is like the others, each is reached by its link. Programs are started
//! there once, under the mark of a try that outlives upshift; processes are told to end by their pids.
//!
//! Which process is whose, and what a program's end means, is the driver's business.

use std::time::Duration;

use upshift_engine::driver::Fault;
use upshift_model::host::{Host, Reach};
use upshift_model::ids::Code;
use upshift_model::record::{Failure, Intent};

use super::hosts::{Command, Detached, Hosts, Link, Mark, Settings, SetupError, Started};
use super::processes::is_ending;

const TERMINATE: &str = include_str!("sh/terminate.sh");
/// A signal and a look at two files.
const LIMIT: Duration = Duration::from_secs(30);
/// Starting is detached: this is no limit of it, only a command has to have one.
const START: Duration = Duration::from_secs(60);
/// Most of what a program wrote that is read.
const LOG: usize = 1 << 20;

/// What a driver's marks are called, and the pages of what can go wrong here.
#[derive(Debug)]
pub(crate) struct Ours {
    /// The first word of its marks.
    pub(crate) mark: &'static str,
    /// Hosts that the plan cannot be carried out on.
    pub(crate) hosts: Code,
    /// A process that could not be told to end.
    pub(crate) foreign_process: Code,
    /// Something that the plan does not have.
    pub(crate) not_in_the_plan: Code,
}

/// The machines of a site.
#[derive(Debug)]
pub(crate) struct Machines {
    hosts: Result<Hosts, SetupError>,
    ours: Ours,
}

impl Machines {
    /// Nothing is connected yet.
    pub(crate) fn new(hosts: impl IntoIterator<Item = Host>, ours: Ours) -> Self {
        Self {
            hosts: Hosts::new(hosts, Settings::default()),
            ours,
        }
    }

    /// The link to a machine.
    pub(crate) fn link(&self, host: &str) -> Result<&Link, Fault> {
        let unknown = |what: String| refused(&self.ours.hosts, what, None);
        let hosts = self.hosts.as_ref().map_err(|error| unknown(error.to_string()))?;
        hosts
            .get(host)
            .ok_or_else(|| unknown(format!("the plan has no host {host}")))
    }

    /// Whether a process is known to have heard that it should end; of one on another machine that is not looked at.
    pub(crate) fn is_ending(&self, host: &str, pid: u32) -> bool {
        let is_here = self
            .link(host)
            .is_ok_and(|link| link.host().reach == Reach::Local);
        is_here && is_ending(pid)
    }

    /// Tells a process to end; one that has ended by then is no fault, and another that has its pid is left alone.
    pub(crate) async fn terminate(&self, host: &str, what: &str, pid: u32, ticks: u64) -> Result<(), Fault> {
        let command = Command::new("sh", LIMIT)
            .args(["-c", TERMINATE, "upshift"])
            .args([pid.to_string(), ticks.to_string()]);
        let output = self.link(host)?.run(&command).await;
        let output = output.map_err(|error| error.into_fault())?;
        match output.success() {
            true => Ok(()),
            false => Err(refused(
                &self.ours.foreign_process,
                format!("process {pid} of {what} could not be told to end"),
                Some(output.complaint()),
            )),
        }
    }

    /// Starts a program once under the mark of the try.
    pub(crate) async fn start(&self, host: &str, words: &[String], intent: &Intent) -> Result<(), Fault> {
        let refused = |what: String| refused(&self.ours.not_in_the_plan, what, None);
        let mark = self.mark(intent)?;
        let Some((program, args)) = words.split_first() else {
            return Err(refused("the plan names no program".to_owned()));
        };
        let command = Command::new(program, START).args(args);
        match self.link(host)?.start(&mark, &command).await {
            Ok(Started::New | Started::Found) => Ok(()),
            Ok(Started::Barred) => Err(refused(format!("mark {mark} is barred"))),
            Err(error) => Err(error.into_fault()),
        }
    }

    /// How the program of a try stands, and what it wrote, without what is secret.
    pub(crate) async fn started(&self, host: &str, intent: &Intent) -> Result<(Detached, String), Fault> {
        let mark = self.mark(intent)?;
        let link = self.link(host)?;
        let stands = link.look(&mark).await.map_err(|error| error.into_read_fault())?;
        if matches!(stands, Detached::Never | Detached::Barred) {
            return Ok((stands, String::new()));
        }
        let log = link.log(&mark, 0, LOG).await;
        let log = log.map_err(|error| error.into_read_fault())?;
        let text = String::from_utf8_lossy(&log.bytes).into_owned();
        Ok((stands, super::redact_text(text.trim())))
    }

    fn mark(&self, intent: &Intent) -> Result<Mark, Fault> {
        Mark::new(self.ours.mark, intent.key.as_hex(), intent.attempt)
            .map_err(|error| refused(&self.ours.not_in_the_plan, error.to_string(), None))
    }
}

/// The last of a text, at most so many characters.
pub(crate) fn tail(text: &str, most: usize) -> &str {
    let from = text.char_indices().rev().nth(most).map_or(0, |(at, _)| at);
    text[from..].trim()
}

fn refused(code: &Code, what: String, far_side: Option<String>) -> Fault {
    Fault::Refused(Failure {
        code: code.clone(),
        what,
        far_side,
    })
}
