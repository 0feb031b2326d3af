//! A command on this machine, through the same shell and with the same words as on any other.

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use super::command::Command;
use super::error::Trouble;
use super::spoken::Ended;
use super::talk::{Conversation, Talk};

/// Time between asking a program to end and ending it.
const GRACE: Duration = Duration::from_secs(1);

/// Runs `script` on this machine.
pub(super) async fn run(script: &[u8], nonce: &str, command: &Command) -> Result<Talk, Trouble> {
    let mut shell = tokio::process::Command::new("/bin/sh");
    shell
        .arg("-c")
        .arg(std::ffi::OsStr::from_bytes(script))
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let mut child = shell
        .spawn()
        .map_err(|e| Trouble::NotStarted { why: e.to_string() })?;
    let group = child.id();
    let (Some(stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Trouble::Lost {
            why: "its streams are missing".to_owned(),
        });
    };
    let conversation = Conversation::new(nonce, command);
    let ended = conversation
        .until_it_ends(stdin, stdout, stderr, child.wait())
        .await;
    match ended {
        Some(Ok(status)) => Ok(conversation.over(how(status))),
        Some(Err(e)) => Err(Trouble::Lost { why: e.to_string() }),
        None => {
            signal_group(group, Signal::TERM);
            if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
                signal_group(group, Signal::KILL);
                // Reaps it; SIGKILL cannot be refused.
                if let Err(e) = child.wait().await {
                    return Err(Trouble::Lost { why: e.to_string() });
                }
            }
            Err(Trouble::OutOfTime {
                after: command.limit,
                told_to_end: true,
            })
        }
    }
}

fn how(status: ExitStatus) -> Ended {
    status.code().map_or(Ended::Signal(status.signal()), Ended::Code)
}

fn signal_group(leader: Option<u32>, signal: Signal) {
    let pid = leader
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    if let Some(pid) = pid
        && let Err(e) = kill_process_group(pid, signal)
    {
        tracing::debug!(%e, "a process group had ended already");
    }
}
