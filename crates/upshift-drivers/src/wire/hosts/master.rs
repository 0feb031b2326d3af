//! One connection to a host: an `ssh` of the system's own that goes into the background once it is
//! logged in and answers on a control socket.
//!
//! It is started here and not by the `openssh` crate, which leaves the process behind when a login is
//! given up, and cannot tell a refused command from a lost one (decision 0024).

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use openssh_mux_client::Connection;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;
use upshift_model::host::Ssh;

use super::complaint::judge;
use super::error::Trouble;

/// A connection that nobody uses ends by itself after so many seconds, should upshift and the keeper of
/// its folder both be gone.
const QUIETLY: [&str; 2] = ["LogLevel=INFO", "ControlPersist=600"];

/// To learn why there is none.
const AT_LENGTH: [&str; 2] = ["LogLevel=DEBUG1", "ControlPersist=no"];

/// A connection that was there when it was last used.
#[derive(Debug)]
pub(super) struct Master {
    socket: PathBuf,
}

impl Master {
    /// Logs in to a host within `limit`.
    ///
    /// `ssh` says the fingerprint of an unknown key only when it talks more, and what the `ssh` to a
    /// jump host says is heard only of a connection that does not stay. Both are asked for after a
    /// failure.
    pub(super) async fn launch(way: &Ssh, below: &Path, limit: Duration) -> Result<Self, Trouble> {
        let first = match Self::launch_with(way, below, limit, &QUIETLY).await {
            Err(first) if worth_another_look(&first) => first,
            other => return other,
        };
        match Self::launch_with(way, below, limit, &AT_LENGTH).await {
            Err(Trouble::Silent { .. }) => Err(first),
            other => other,
        }
    }

    async fn launch_with(way: &Ssh, below: &Path, limit: Duration, manner: &[&str]) -> Result<Self, Trouble> {
        let no_ssh = |e: io::Error| Trouble::NoSsh { why: e.to_string() };
        let dir = tempfile::Builder::new()
            .prefix("h")
            .rand_bytes(5)
            .tempdir_in(below)
            .map_err(no_ssh)?
            .keep();
        let socket = dir.join("m");
        let log = dir.join("log");
        let mut ssh = Command::new("ssh");
        ssh.args(["-f", "-N", "-M", "-S"])
            .arg(&socket)
            .arg("-E")
            .arg(&log);
        for option in options(limit, manner) {
            ssh.args(["-o", &option]);
        }
        if let Some(file) = way.config_file() {
            ssh.arg("-F").arg(file);
        }
        if let Some(user) = way.wanted_user() {
            ssh.args(["-l", user]);
        }
        if let Some(port) = way.wanted_port() {
            ssh.args(["-p", &port.to_string()]);
        }
        ssh.args(["--", way.address()]);
        let errors = dir.join("errors");
        ssh.stdin(Stdio::null())
            .stdout(Stdio::null())
            // A file and no pipe: the connection in the background would hold the pipe open.
            .stderr(File::create(&errors).map_err(no_ssh)?)
            .env("LC_ALL", "C")
            // `BatchMode` does not reach the `ssh` of a jump host: let nothing ask at a terminal.
            .env("SSH_ASKPASS", "false")
            .env("SSH_ASKPASS_REQUIRE", "force")
            .kill_on_drop(true);
        // `ssh` has a limit of its own for the first part of the way; this one is for the rest.
        let status = tokio::time::timeout(limit + Duration::from_secs(1), ssh.status()).await;
        match status {
            Err(_) => Err(Trouble::Silent { after: limit }),
            Ok(Err(e)) => Err(no_ssh(e)),
            Ok(Ok(status)) if status.success() => Ok(Self { socket }),
            Ok(Ok(_)) => {
                let said = [&errors, &log].map(|file| std::fs::read(file).ok());
                let said: Vec<u8> = said.into_iter().flatten().flatten().collect();
                Err(judge(&String::from_utf8_lossy(&said), limit))
            }
        }
    }

    /// A way in for one command; an error means that the connection is gone and nothing was sent.
    pub(super) async fn open(&self) -> Result<Connection, openssh_mux_client::Error> {
        Connection::connect(&self.socket).await
    }

    /// Ends the connection. One that is gone already is fine.
    pub(super) async fn end(&self) {
        let Ok(mut way) = self.open().await else { return };
        let Ok(number) = way.send_alive_check().await else {
            return;
        };
        let pid = i32::try_from(number.get()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid
            && let Err(e) = kill_process(pid, Signal::TERM)
        {
            tracing::debug!(%e, pid = number.get(), "a connection had ended already");
        }
    }
}

/// What is asked of `ssh` against the user's configuration; a host that falls silent is given up after three
/// unanswered questions, 15 s apart. All that concerns who one is and how one
/// gets there stays as configured.
fn options(limit: Duration, manner: &[&str]) -> Vec<String> {
    let seconds = limit.as_secs().max(1);
    let fixed = [
        "BatchMode=yes",
        // Neither `accept-new` nor `no` of the configuration: a key is accepted by a person.
        "StrictHostKeyChecking=yes",
        "ConnectionAttempts=1",
        "ServerAliveInterval=15",
        "ServerAliveCountMax=3",
        // Forwardings, commands and terminals that the configuration wants for people.
        "ClearAllForwardings=yes",
        "ForwardX11=no",
        "PermitLocalCommand=no",
        "RemoteCommand=none",
        "RequestTTY=no",
    ];
    let all = fixed.iter().chain(manner).map(|&option| option.to_owned());
    all.chain([format!("ConnectTimeout={seconds}")]).collect()
}

/// Whether there is more to learn: the fingerprint, or what a jump host's `ssh` said.
fn worth_another_look(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::KeyUnknown(_) => true,
        // So `ssh` calls the far end of a command that carries its connection.
        Trouble::NoWay { said } | Trouble::SshFailed { said } => said.contains("UNKNOWN port"),
        _ => false,
    }
}
