//! What the driver needs of the far side, and nothing more: a few questions, and commands that are begun once under a
//! mark. Over the wire it is ssh; whoever plays a cluster in one process answers the same.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::BoxFuture;
use upshift_engine::driver::Fault;
use upshift_model::observed::Observed;
use upshift_model::weka::Cluster;

use super::ask;
use super::frames::Frames;
use super::pulse::Event;
use super::reading;
use crate::wire::hosts::{Command, Detached, HostError, Hosts, Link, Mark, Started};

/// A package has some gigabytes.
const COPY: Duration = Duration::from_secs(4 * 3600);
const READABLE: u32 = 0o600;

/// Answers of programs, by name.
#[derive(Debug, Default)]
pub struct Answers(pub(super) Frames);

impl Answers {
    /// What each said on standard output, and how it ended.
    pub fn of(all: impl IntoIterator<Item = (String, String, i32)>) -> Self {
        let mut frames = Frames::default();
        for (name, out, code) in all {
            frames.say(&name, out, code);
        }
        Self(frames)
    }

    /// The cluster that they tell of.
    pub fn cluster(&self) -> Cluster {
        reading::cluster(&self.0)
    }

    /// What the cluster says has happened in upgrades.
    pub(super) fn events(&self) -> Observed<Vec<Event>> {
        reading::events(&self.0)
    }
}

/// Releases whose package is on a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packages {
    /// Which.
    pub all: Vec<String>,
    /// Whether only whole ones were listed: older releases list copies for clients alone, too.
    pub whole: bool,
}

/// The far side. Servers go by their names in the plan.
pub trait Far: Send + Sync + std::fmt::Debug {
    /// Asks a server these questions about the cluster: names, and the words behind them.
    fn ask<'a>(
        &'a self,
        host: &'a str,
        questions: Vec<(&'static str, &'static str)>,
    ) -> BoxFuture<'a, Result<Answers, Fault>>;
    /// Packages on a server.
    fn packages<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Packages, Fault>>;
    /// What of these units runs or starts with the server, one thing a line, and `.` at the end.
    fn units<'a>(&'a self, host: &'a str, units: Vec<String>) -> BoxFuture<'a, Result<Vec<String>, Fault>>;
    /// What the driver of AWS's network cards says of write combining.
    fn write_combining<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<String, Fault>>;
    /// Commands of upgrades that run on a server, by the names of their marks.
    fn running<'a>(&'a self, host: &'a str, run: &'a str) -> BoxFuture<'a, Result<Vec<String>, Fault>>;
    /// How the command of a mark stands.
    fn look<'a>(&'a self, host: &'a str, mark: Mark) -> BoxFuture<'a, Result<Detached, Fault>>;
    /// The end of what it wrote.
    fn log<'a>(&'a self, host: &'a str, mark: Mark) -> BoxFuture<'a, Result<String, Fault>>;
    /// Begins a command under its mark, once.
    fn start<'a>(&'a self, host: &'a str, mark: Mark, command: Command) -> BoxFuture<'a, Result<(), Fault>>;
    /// Runs a short command that may be run twice: what it said, where it succeeded.
    fn run<'a>(&'a self, host: &'a str, command: Command) -> BoxFuture<'a, Result<Option<String>, Fault>>;
    /// Puts a file of this machine there.
    fn put<'a>(&'a self, host: &'a str, from: &'a Path, to: &'a Path) -> BoxFuture<'a, Result<(), Fault>>;
}

/// Servers over ssh.
#[derive(Debug)]
pub(super) struct Wire {
    hosts: Hosts,
    limit: Duration,
}

impl Wire {
    pub(super) const fn new(hosts: Hosts, limit: Duration) -> Self {
        Self { hosts, limit }
    }

    fn link(&self, host: &str) -> Result<&Link, Fault> {
        let link = self.hosts.get(host);
        link.ok_or_else(|| super::driver::refused(format!("{host} is none of the plan's servers")))
    }

    async fn are_running(link: &Link, run: &str) -> Result<Vec<String>, HostError> {
        let mut found = Vec::new();
        for folder in ask::begun(link, run).await? {
            let named = folder.rsplit_once(".try");
            let mark = named.and_then(|(step, number)| {
                let mark = Mark::new(run, step, number.parse().ok()?).ok()?;
                Some((step, mark))
            });
            if let Some((step, mark)) = mark
                && link.look(&mark).await? == Detached::Running
            {
                found.push(step.to_owned());
            }
        }
        Ok(found)
    }
}

fn read(error: HostError) -> Fault {
    error.into_read_fault()
}

impl Far for Wire {
    fn ask<'a>(
        &'a self,
        host: &'a str,
        questions: Vec<(&'static str, &'static str)>,
    ) -> BoxFuture<'a, Result<Answers, Fault>> {
        Box::pin(async move {
            let link = self.link(host)?;
            let mark = format!("@{:016x}", RandomState::new().build_hasher().finish());
            match tokio::time::timeout(self.limit, ask::questions(link, &mark, &questions)).await {
                Ok(Ok(frames)) => Ok(Answers(frames)),
                Ok(Err(error)) => Err(read(error)),
                Err(_) => Err(read(link.out_of_time(self.limit))),
            }
        })
    }

    fn packages<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Packages, Fault>> {
        Box::pin(async move { ask::packages(self.link(host)?).await.map_err(read) })
    }

    fn units<'a>(&'a self, host: &'a str, units: Vec<String>) -> BoxFuture<'a, Result<Vec<String>, Fault>> {
        Box::pin(async move { ask::units(self.link(host)?, &units).await.map_err(read) })
    }

    fn write_combining<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<String, Fault>> {
        Box::pin(async move { ask::write_combining(self.link(host)?).await.map_err(read) })
    }

    fn running<'a>(&'a self, host: &'a str, run: &'a str) -> BoxFuture<'a, Result<Vec<String>, Fault>> {
        Box::pin(async move { Self::are_running(self.link(host)?, run).await.map_err(read) })
    }

    fn look<'a>(&'a self, host: &'a str, mark: Mark) -> BoxFuture<'a, Result<Detached, Fault>> {
        Box::pin(async move { self.link(host)?.look(&mark).await.map_err(read) })
    }

    fn log<'a>(&'a self, host: &'a str, mark: Mark) -> BoxFuture<'a, Result<String, Fault>> {
        Box::pin(async move {
            let log = self.link(host)?.log(&mark, 0, 1 << 20).await.map_err(read)?;
            Ok(String::from_utf8_lossy(&log.bytes).into_owned())
        })
    }

    fn start<'a>(&'a self, host: &'a str, mark: Mark, command: Command) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            // Whether it was found or begun now is for the next look to say.
            let started: Result<Started, HostError> = self.link(host)?.start(&mark, &command).await;
            started.map(drop).map_err(HostError::into_fault)
        })
    }

    fn run<'a>(&'a self, host: &'a str, command: Command) -> BoxFuture<'a, Result<Option<String>, Fault>> {
        Box::pin(async move {
            let said = self.link(host)?.run(&command).await;
            let said = said.map_err(HostError::into_fault)?;
            Ok(said.success().then(|| said.stdout.text()))
        })
    }

    fn put<'a>(&'a self, host: &'a str, from: &'a Path, to: &'a Path) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let put = self.link(host)?.put_file(from, to, READABLE, COPY).await;
            put.map(drop).map_err(HostError::into_fault)
        })
    }
}

/// So many servers are asked at a time.
const AT_ONCE: usize = 32;

/// Asks several servers at the same time.
pub(super) async fn all<T, F, Fut>(hosts: Vec<String>, work: F) -> BTreeMap<String, Result<T, Fault>>
where
    F: Fn(String) -> Fut,
    Fut: Future<Output = Result<T, Fault>>,
{
    let all = hosts.into_iter().map(|host| {
        let asked = work(host.clone());
        async move { (host, asked.await) }
    });
    futures::stream::iter(all)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}
