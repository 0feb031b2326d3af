//! One command over a connection: through the control socket, with pipes of our own.

use std::borrow::Cow;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::time::{Duration, Instant};

use openssh_mux_client::{Error as MuxError, EstablishedSession, NonZeroByteSlice, Session, SessionStatus};
use tokio::net::unix::pipe;

use super::command::Command;
use super::error::Trouble;
use super::master::Master;
use super::quote::login_line;
use super::spoken::Ended;
use super::talk::{Conversation, Talk};

/// Time to find out what became of a connection, and to tell a program to end.
const ASIDE: Duration = Duration::from_secs(5);

/// Why there is nothing to judge.
pub(super) enum Broken {
    /// The connection had ended before; nothing was sent.
    Gone,
    /// Anything else.
    Trouble(Trouble),
}

impl From<Trouble> for Broken {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// Runs `script` on the far side and collects what it says.
pub(super) async fn run(
    master: &Master,
    script: &[u8],
    nonce: &str,
    command: &Command,
) -> Result<Talk, Broken> {
    let begun = Instant::now();
    let opened = tokio::time::timeout(command.limit, open(master, script)).await;
    let Ok(opened) = opened else {
        return Err(out_of_time(master, command, None).await);
    };
    let (session, pipes) = opened?;
    let conversation = Conversation::new(nonce, command);
    let runs = |pid: i32| async move { !aside(master, gone(pid, command).as_bytes()).await };
    // Only then is it asked how it ended: the client lets go of the connection with the answer, and
    // what of the output is still on its way would be lost.
    let heard = conversation.until_silent(pipes.0, pipes.1, pipes.2, runs).await;
    if heard.is_none() {
        return Err(out_of_time(master, command, conversation.pid()).await);
    }
    let lost = |why: String| Broken::Trouble(Trouble::Lost { why });
    // A program may close its streams long before it ends.
    let left = command.limit.saturating_sub(begun.elapsed()).max(ASIDE);
    match tokio::time::timeout(left, session.wait()).await {
        Ok(Ok(SessionStatus::Exited {
            exit_value: Some(code),
        })) => Ok(conversation.over(Ended::Code(i32::try_from(code).unwrap_or(i32::MAX)))),
        Ok(Ok(SessionStatus::Exited { exit_value: None })) => match breathes(master).await {
            true => Ok(conversation.over(Ended::Signal(None))),
            false => Err(lost("the connection broke".to_owned())),
        },
        Ok(Ok(SessionStatus::TtyAllocFail(_))) => Err(lost("a terminal that nobody asked for".to_owned())),
        Ok(Err((e, _))) => Err(lost(e.to_string())),
        Err(_) => Err(out_of_time(master, command, conversation.pid()).await),
    }
}

/// Tells a program that takes too long to end, where it is known which it is.
async fn out_of_time(master: &Master, command: &Command, pid: Option<i32>) -> Broken {
    let told_to_end = match pid {
        Some(pid) => tell_to_end(master, pid).await,
        None => false,
    };
    Broken::Trouble(Trouble::OutOfTime {
        after: command.limit,
        told_to_end,
    })
}

/// A script that succeeds when the process is certainly gone. That of another user may not be
/// signalled, nor seen where `/proc` hides it.
fn gone(pid: i32, command: &Command) -> String {
    match command.uses_sudo() {
        true => format!("[ -d /proc/1 ] && [ ! -d /proc/{pid} ]"),
        false => format!("! kill -0 {pid} 2>/dev/null"),
    }
}

type Pipes = (pipe::Sender, pipe::Receiver, pipe::Receiver);

async fn open(master: &Master, script: &[u8]) -> Result<(EstablishedSession, Pipes), Broken> {
    let way = master.open().await.map_err(|_| Broken::Gone)?;
    let line = login_line(script);
    let line = NonZeroByteSlice::new(&line).ok_or_else(|| Trouble::NotStarted {
        why: "a zero byte".to_owned(),
    })?;
    let no_pipe = |e: std::io::Error| Trouble::NotStarted { why: e.to_string() };
    let (stdin, far_in) = pipe::pipe().map_err(no_pipe)?;
    let (far_out, stdout) = pipe::pipe().map_err(no_pipe)?;
    let (far_err, stderr) = pipe::pipe().map_err(no_pipe)?;
    let far: [OwnedFd; 3] = [
        far_in.into_blocking_fd().map_err(no_pipe)?,
        far_out.into_blocking_fd().map_err(no_pipe)?,
        far_err.into_blocking_fd().map_err(no_pipe)?,
    ];
    let session = Session::builder()
        .term(Cow::Borrowed(NonZeroByteSlice::new(b"").expect("no zero byte")))
        .cmd(Cow::Borrowed(line))
        .build();
    let fds = [far[0].as_raw_fd(), far[1].as_raw_fd(), far[2].as_raw_fd()];
    match way.open_new_session(&session, &fds).await {
        Ok(session) => Ok((session, (stdin, stdout, stderr))),
        // The host said no to one more session: nothing runs.
        Err(MuxError::RequestFailure(said) | MuxError::PermissionDenied(said)) => Err(Trouble::NoShell {
            said: said.into_string(),
        }
        .into()),
        Err(e) => Err(Trouble::Lost { why: e.to_string() }.into()),
    }
}

/// Whether the connection still carries commands. The protocol of the control socket says nothing when
/// a signal ends a program, and nothing when the connection is lost; this is how they are told apart.
async fn breathes(master: &Master) -> bool {
    aside(master, b"exit 0").await
}

/// Ends the program and what it started: every session of sshd is a process group of its own.
async fn tell_to_end(master: &Master, pid: i32) -> bool {
    let script = format!("kill -TERM -{pid} && {{ sleep 1; kill -KILL -{pid} 2>/dev/null; exit 0; }}");
    aside(master, script.as_bytes()).await
}

async fn aside(master: &Master, script: &[u8]) -> bool {
    let run = async {
        let Ok((session, _pipes)) = open(master, script).await else {
            return false;
        };
        let ended = session.wait().await;
        matches!(ended, Ok(SessionStatus::Exited { exit_value: Some(0) }))
    };
    tokio::time::timeout(ASIDE, run).await.unwrap_or(false)
}
