//! The servers' processes on the machines where they run: found by what they are and by their folder of configuration,
//! told to end by their pids, started by the words that the plan holds, under a mark that outlives upshift. This machine
//! is one like the others: each is reached by its link.

use std::path::{Path, PathBuf};
use std::time::Duration;

use upshift_engine::driver::Fault;
use upshift_model::fluss::{Launch, Role, Server, ServerId, Site, THIS_MACHINE};
use upshift_model::host::{Host, Reach};
use upshift_model::observed::Observed;
use upshift_model::record::Intent;

use super::expectation::failure;
use super::{codes, observe};
use crate::wire::hosts::{Command, Detached, HostError, Link, Read};
use crate::wire::machines::{self, Ours, tail};

const PLACE: &str = include_str!("sh/place.sh");
/// A look at a file, or a rename.
const LIMIT: Duration = Duration::from_secs(30);
/// Options may hold secrets, until the file has the rights of the old one.
const FOR_ITS_OWNER: u32 = 0o600;
/// The end of what a server wrote before it died.
const TAIL: usize = 2_000;

/// The machines of a site.
#[derive(Debug)]
pub(super) struct Machines(machines::Machines);

/// A process of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) pid: u32,
    pub(super) started_ticks: u64,
    /// The version in the name of its server jar, where its class path names exactly one.
    pub(super) jar: Option<String>,
    /// Its log, or the folder of it, where its command line or its variables tell.
    pub(super) log: Option<PathBuf>,
    /// Where it runs, where that is seen.
    pub(super) cwd: Option<PathBuf>,
}

/// The end of a server's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogEnd {
    pub(super) file: PathBuf,
    pub(super) text: String,
}

impl Machines {
    /// Those of a site, and this one for servers that name none. Nothing is connected yet.
    pub(super) fn of(site: &Site) -> Self {
        let here = Host {
            name: THIS_MACHINE.to_owned(),
            reach: Reach::Local,
        };
        let hosts = site.hosts.iter().cloned().chain([here]);
        let ours = Ours {
            mark: "fluss",
            hosts: codes::HOSTS,
            foreign_process: codes::FOREIGN_PROCESS,
            not_in_the_plan: codes::NOT_IN_THE_PLAN,
        };
        Self(machines::Machines::new(hosts, ours))
    }

    fn link(&self, server: &Server) -> Result<&Link, Fault> {
        self.0.link(host(server))
    }

    /// The link to a host that a plan names.
    pub(super) fn link_to(&self, host: &str) -> Result<&Link, Fault> {
        self.0.link(host)
    }

    /// Processes of a server, of whichever release.
    pub(super) async fn running(&self, server: &Server) -> Result<Vec<Found>, Fault> {
        let link = self.link(server)?;
        let role = role(server.id);
        let its = [&server.old.conf, &server.new.conf];
        let wanted = |is: Role, conf: &Path| is == role && its.iter().any(|its| its.as_path() == conf);
        let found = observe::running(link, wanted).await;
        found.map_err(|why| Fault::Transient(format!("processes on {} cannot be seen: {why}", link.name())))
    }

    /// The end of what a server's own log says.
    pub(super) async fn end_of_log(&self, server: &Server, at: Option<&Path>) -> Observed<LogEnd> {
        let what = format!("the log of {}", server.id);
        let Some(at) = at else {
            return Observed::unknown(
                what,
                "neither its command line nor its variables tell where it lies",
            );
        };
        let link = match self.link(server) {
            Ok(link) => link,
            Err(fault) => return Observed::unknown(what, fault.to_string()),
        };
        match observe::end_of_log(link, role(server.id), at).await {
            Ok(end) => Observed::Known(end),
            Err(why) => Observed::unknown(what, why),
        }
    }

    /// Whether a process is known to have heard that it should end; of one on another machine that is not looked at.
    pub(super) fn is_ending(&self, server: &Server, pid: u32) -> bool {
        self.0.is_ending(host(server), pid)
    }

    /// Tells a process to end; one that has ended by then is no fault, and another that has its pid is left alone.
    pub(super) async fn terminate(&self, server: &Server, pid: u32, ticks: u64) -> Result<(), Fault> {
        let what = server.id.to_string();
        self.0.terminate(host(server), &what, pid, ticks).await
    }

    /// Starts a server once under the mark of the try.
    pub(super) async fn start(&self, server: &Server, launch: &Launch, intent: &Intent) -> Result<(), Fault> {
        self.0.start(host(server), &launch.start, intent).await
    }

    /// Runs a program of the operator's own once under the mark of the try, on this machine.
    pub(super) async fn run(&self, words: &[String], intent: &Intent) -> Result<(), Fault> {
        self.0.start(THIS_MACHINE, words, intent).await
    }

    /// How it stands, and the end of what it wrote.
    pub(super) async fn ran(&self, intent: &Intent) -> Result<(Detached, String), Fault> {
        let (stands, said) = self.0.started(THIS_MACHINE, intent).await?;
        Ok((stands, tail(&said, TAIL).to_owned()))
    }

    /// How the program of a try stands, and the end of what it wrote where it is over.
    pub(super) async fn started(
        &self,
        server: &Server,
        intent: &Intent,
    ) -> Result<(Detached, String), Fault> {
        let (stands, said) = self.0.started(host(server), intent).await?;
        let is_over = matches!(stands, Detached::Ended(_) | Detached::Vanished { .. });
        let said = if is_over {
            tail(&said, TAIL).to_owned()
        } else {
            String::new()
        };
        Ok((stands, said))
    }

    /// A file on the machine of a server; none where it is not there.
    pub(super) async fn read(&self, server: &Server, file: &Path) -> Result<Option<Vec<u8>>, Fault> {
        let found = self.link(server)?.read(file, observe::LONGEST_FILE, LIMIT).await;
        match found.map_err(HostError::into_read_fault)? {
            Read::Absent => Ok(None),
            Read::There { bytes, size } if size == bytes.len() as u64 => Ok(Some(bytes)),
            Read::There { size, .. } => Err(Fault::Refused(failure(
                codes::OTHER_FILE,
                format!("{} has {size} bytes: that is no server.yaml", file.display()),
            ))),
        }
    }

    /// Puts a file whole where none is, with owner and rights of another; the same for its folder, where that is not there
    /// either. What came to lie there meanwhile stays.
    pub(super) async fn put_new(
        &self,
        server: &Server,
        bytes: Vec<u8>,
        to: &Path,
        like: &Path,
    ) -> Result<(), Fault> {
        let link = self.link(server)?;
        let folder = |of: &Path| of.parent().unwrap_or(of).to_owned();
        placed(link, "folder", [folder(to), folder(like)]).await?;
        let mut part = to.as_os_str().to_owned();
        part.push(".upshift-new");
        let part = PathBuf::from(part);
        let put = link.put(bytes, &part, FOR_ITS_OWNER, LIMIT).await;
        put.map_err(HostError::into_fault)?;
        placed(link, "file", [part, to.to_owned(), like.to_owned()]).await
    }

    /// Whether a server left its mark of an orderly end in all of its data folders; none where no folder is there.
    pub(super) async fn clean_mark(
        &self,
        server: &Server,
        cwd: Option<&Path>,
    ) -> Result<Option<bool>, String> {
        let link = self.link(server).map_err(|fault| fault.to_string())?;
        let Launch { conf, start, .. } = &server.old;
        let folders: Vec<PathBuf> = observe::data_folders_of(link, conf, start, cwd).await?;
        observe::clean_mark(link, folders).await
    }
}

/// Done again it does the same.
async fn placed<const N: usize>(link: &Link, what: &str, words: [PathBuf; N]) -> Result<(), Fault> {
    let command = Command::new("sh", LIMIT).args(["-c", PLACE, "upshift", what]);
    let done = link
        .run(&command.args(words))
        .await
        .map_err(HostError::into_fault)?;
    match done.success() {
        true => Ok(()),
        false => Err(Fault::Refused(failure(codes::OTHER_FILE, done.complaint()))),
    }
}

fn host(server: &Server) -> &str {
    server.host.as_deref().unwrap_or(THIS_MACHINE)
}

const fn role(id: ServerId) -> Role {
    match id {
        ServerId::Coordinator => Role::Coordinator,
        ServerId::TabletServer(_) => Role::TabletServer,
    }
}
