//! One host, as a driver holds it. At most one connection, made when it is first needed and again when
//! it broke; at most so many commands at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, Semaphore};
use upshift_model::host::{Host, Reach, Ssh};

use super::command::{Command, Output};
use super::error::{HostError, Trouble};
use super::master::Master;
use super::pool::Common;
use super::session::Broken;
use super::talk::Talk;
use super::{local, session};

/// A host that commands can be run on. Clones share the connection.
#[derive(Debug, Clone)]
pub struct Link(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    host: Host,
    common: Arc<Common>,
    turns: Semaphore,
    line: Mutex<Line>,
}

/// The connection, and the last time that there was none to be had.
#[derive(Debug, Default)]
struct Line {
    master: Option<Arc<Master>>,
    failed: Option<(Instant, Trouble)>,
}

impl Link {
    pub(super) fn new(host: Host, common: Arc<Common>) -> Self {
        Self(Arc::new(Inner {
            host,
            turns: Semaphore::new(common.settings.commands_at_once),
            line: Mutex::default(),
            common,
        }))
    }

    /// Its name in the system file.
    pub fn name(&self) -> &str {
        &self.0.host.name
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.0.host
    }

    /// Runs a program to its end.
    ///
    /// # Errors
    /// When it was not started, did not end in time, or was lost; not when it ended badly.
    pub async fn run(&self, command: &Command) -> Result<Output, HostError> {
        let nonce = &self.0.common.nonce;
        let script = command.script(nonce);
        let script = script.map_err(|why| self.error(Trouble::NotStarted { why }))?;
        let said = self.say(&script, command).await.map_err(|t| self.error(t))?;
        said.judge(command).map_err(|trouble| self.error(trouble))
    }

    async fn say(&self, script: &[u8], command: &Command) -> Result<Talk, Trouble> {
        let nonce = &self.0.common.nonce;
        let way = match &self.0.host.reach {
            Reach::Local => None,
            Reach::Ssh(way) => Some(way),
        };
        let _turn = self.0.turns.acquire().await.expect("never closed");
        let Some(way) = way else {
            return local::run(script, nonce, command).await;
        };
        let master = self.master(way).await?;
        match session::run(&master, script, nonce, command).await {
            Ok(talk) => Ok(talk),
            Err(Broken::Trouble(trouble)) => Err(trouble),
            // It had ended while nobody used it, and nothing was sent: a new one, once.
            Err(Broken::Gone) => {
                self.drop_line(&master).await;
                let master = self.master(way).await?;
                match session::run(&master, script, nonce, command).await {
                    Ok(talk) => Ok(talk),
                    Err(Broken::Trouble(trouble)) => Err(trouble),
                    Err(Broken::Gone) => Err(Trouble::NoWay {
                        said: "the connection ends as soon as it is made".to_owned(),
                    }),
                }
            }
        }
    }

    /// The connection. Whoever waited while somebody else found out that there is none shares that
    /// answer: a silent host costs its time once, not once for every command.
    async fn master(&self, way: &Ssh) -> Result<Arc<Master>, Trouble> {
        let asked = Instant::now();
        let mut line = self.0.line.lock().await;
        if let Some(master) = &line.master {
            return Ok(master.clone());
        }
        if let Some((when, trouble)) = &line.failed
            && *when >= asked
        {
            return Err(trouble.clone());
        }
        match self.0.common.connect(way).await {
            Ok(master) => {
                let master = Arc::new(master);
                line.master = Some(master.clone());
                Ok(master)
            }
            Err(trouble) => {
                line.failed = Some((Instant::now(), trouble.clone()));
                Err(trouble)
            }
        }
    }

    async fn drop_line(&self, dead: &Arc<Master>) {
        let mut line = self.0.line.lock().await;
        if line
            .master
            .as_ref()
            .is_some_and(|master| Arc::ptr_eq(master, dead))
        {
            line.master = None;
        }
    }

    /// Ends the connection; the next command makes a new one.
    pub async fn hang_up(&self) {
        let master = self.0.line.lock().await.master.take();
        if let Some(master) = master {
            master.end().await;
        }
    }

    /// The error of somebody who waited for it and gave up.
    pub fn out_of_time(&self, after: Duration) -> HostError {
        self.error(Trouble::OutOfTime {
            after,
            told_to_end: false,
        })
    }

    pub(super) fn error(&self, trouble: Trouble) -> HostError {
        HostError::new(self.name(), trouble)
    }
}
