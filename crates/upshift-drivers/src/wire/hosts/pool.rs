//! All hosts of a system: one connection each, bounded work over all of them.

use std::collections::BTreeMap;
use std::future::Future;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use thiserror::Error;
use tokio::sync::{Mutex, Semaphore};
use upshift_model::host::{Host, Ssh};

use super::error::{HostError, Trouble};
use super::lifeline::Lifeline;
use super::link::Link;
use super::master::Master;

/// Limits that hold for all hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Time for a login. A person who has to touch a key needs some of it.
    pub login: Duration,
    /// Time for all that [`Hosts::each`] does on one host; none: the commands' own limits.
    pub per_host: Option<Duration>,
    /// Hosts that [`Hosts::each`] works on at a time.
    pub hosts_at_once: usize,
    /// Logins at a time: each costs a key exchange on this machine's processors.
    pub logins_at_once: usize,
    /// Commands at a time on one host; sshd allows 10 sessions a connection unless told otherwise.
    pub commands_at_once: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            login: Duration::from_secs(10),
            per_host: None,
            hosts_at_once: 64,
            logins_at_once: 16,
            commands_at_once: 8,
        }
    }
}

/// Hosts that cannot be told apart.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("two hosts are named {0}")]
pub struct SetupError(pub String);

/// The hosts. Connections end with it, however it ends.
#[derive(Debug)]
pub struct Hosts {
    links: BTreeMap<String, Link>,
    common: Arc<Common>,
}

/// What all links share.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) settings: Settings,
    pub(super) nonce: String,
    logins: Semaphore,
    lifeline: Mutex<Option<Lifeline>>,
}

impl Hosts {
    /// These hosts. Nothing is connected yet.
    ///
    /// # Errors
    /// When two have one name.
    pub fn new(hosts: impl IntoIterator<Item = Host>, settings: Settings) -> Result<Self, SetupError> {
        let common = Arc::new(Common {
            // Only has to differ from what a login shell prints by itself.
            nonce: format!("upshift-{:016x}", RandomState::new().build_hasher().finish()),
            logins: Semaphore::new(settings.logins_at_once),
            lifeline: Mutex::default(),
            settings,
        });
        let mut links = BTreeMap::new();
        for host in hosts {
            let name = host.name.clone();
            if links
                .insert(name.clone(), Link::new(host, common.clone()))
                .is_some()
            {
                return Err(SetupError(name));
            }
        }
        Ok(Self { links, common })
    }

    /// The host of this name.
    pub fn get(&self, name: &str) -> Option<&Link> {
        self.links.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Link> {
        self.links.values()
    }

    /// Does the same on every host, on several at a time. A host that fails or is out of time costs
    /// the others nothing; answers are by host's name.
    pub async fn each<T, F, Fut>(&self, work: F) -> BTreeMap<String, Result<T, HostError>>
    where
        F: Fn(Link) -> Fut,
        Fut: Future<Output = Result<T, HostError>>,
    {
        let limit = self.common.settings.per_host;
        let one = |link: Link| {
            let working = work(link.clone());
            async move {
                let name = link.name().to_owned();
                let answer = match limit {
                    None => working.await,
                    Some(limit) => match tokio::time::timeout(limit, working).await {
                        Ok(answer) => answer,
                        Err(_) => Err(link.error(Trouble::OutOfTime {
                            after: limit,
                            told_to_end: false,
                        })),
                    },
                };
                (name, answer)
            }
        };
        let all = futures::stream::iter(self.links.values().cloned().map(one));
        all.buffer_unordered(self.common.settings.hosts_at_once)
            .collect()
            .await
    }

    /// Ends all connections and waits until they are gone.
    ///
    /// # Errors
    /// When what holds the connections cannot be cleared away.
    pub async fn close(self) -> io::Result<()> {
        futures::future::join_all(self.links.values().map(Link::hang_up)).await;
        match self.common.lifeline.lock().await.take() {
            Some(lifeline) => lifeline.end().await,
            None => Ok(()),
        }
    }
}

impl Common {
    pub(super) async fn connect(&self, way: &Ssh) -> Result<Master, Trouble> {
        let dir = self
            .dir()
            .await
            .map_err(|e| Trouble::NoSsh { why: e.to_string() })?;
        let _turn = self.logins.acquire().await.expect("never closed");
        Master::launch(way, &dir, self.settings.login).await
    }

    async fn dir(&self) -> io::Result<PathBuf> {
        let mut lifeline = self.lifeline.lock().await;
        let there = match lifeline.take() {
            Some(there) => there,
            None => Lifeline::cast()?,
        };
        let dir = there.dir().to_owned();
        *lifeline = Some(there);
        Ok(dir)
    }
}
