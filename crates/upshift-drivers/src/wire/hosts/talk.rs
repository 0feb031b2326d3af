//! The talk with a program: feeding it, listening, noticing that it is over; and what it means.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::command::{Command, Input, Output};
use super::error::Trouble;
use super::spoken::{Ended, Stream};

/// After a program's end its output is on the way; when nothing came for so long, and the stream is
/// still open, a process that was left behind holds it.
const QUIET: Duration = Duration::from_secs(2);

/// A program that says nothing for long is not asked about more often than this.
const LONGEST_QUIET: Duration = Duration::from_secs(60);

/// What was heard of a program.
#[derive(Debug)]
pub(super) struct Talk {
    stdout: Stream,
    stderr: Stream,
    left_open: bool,
    ended: Ended,
}

impl Talk {
    /// What it means. A program that did not begin certainly did nothing.
    pub(super) fn judge(self, command: &Command) -> Result<Output, Trouble> {
        let begun = self.stdout.begun() || self.stderr.begun();
        let ended = self.ended;
        if !begun {
            let words = [self.stderr.preamble(), self.stdout.preamble()];
            let said = words.into_iter().find(|text| !text.is_empty());
            let said = said.unwrap_or_else(|| format!("the shell {ended} and said nothing"));
            return Err(match ended {
                Ended::Code(126 | 127) => Trouble::NotStarted { why: said },
                Ended::Code(_) => Trouble::NoShell { said },
                Ended::Signal(_) => Trouble::Lost { why: said },
            });
        }
        let output = Output {
            ended,
            stdout: self.stdout.kept(),
            stderr: self.stderr.kept(),
            left_open: self.left_open,
        };
        match command.uses_sudo().then(|| sudo_said_no(&output)).flatten() {
            Some(said) => Err(Trouble::SudoRefused { said }),
            None => Ok(output),
        }
    }
}

/// `sudo` ends with 1 and speaks for itself when it refuses; a program that it ran may do the same, but
/// does not call itself sudo.
fn sudo_said_no(output: &Output) -> Option<String> {
    let own = |line: &str| {
        line.starts_with("sudo: ")
            || line.contains(" is not in the sudoers file")
            || line.contains(" is not allowed to execute ")
            || line.contains(" may not run sudo ")
    };
    let text = output.stderr.text();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next()?;
    let alone = output.ended == Ended::Code(1) && output.stdout.whole().is_some_and(|out| out.is_empty());
    (alone && own(first) && lines.all(own)).then(|| first.to_owned())
}

/// A talk that goes on.
#[derive(Debug)]
pub(super) struct Conversation<'a> {
    command: &'a Command,
    stdout: Mutex<Stream>,
    stderr: Mutex<Stream>,
    heard: AtomicU64,
    left_open: AtomicBool,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(nonce: &str, command: &'a Command) -> Self {
        let stream = || Mutex::new(Stream::new(nonce, command.keep));
        Self {
            command,
            stdout: stream(),
            stderr: stream(),
            heard: AtomicU64::new(0),
            left_open: AtomicBool::new(false),
        }
    }

    /// What was said, now that it is known how it ended.
    pub(super) fn over(self, ended: Ended) -> Talk {
        let stream = |half: Mutex<Stream>| half.into_inner().unwrap_or_else(PoisonError::into_inner);
        Talk {
            stdout: stream(self.stdout),
            stderr: stream(self.stderr),
            left_open: self.left_open.into_inner(),
            ended,
        }
    }

    /// The process of the program, once it began.
    pub(super) fn pid(&self) -> Option<i32> {
        self.stderr.lock().unwrap_or_else(PoisonError::into_inner).pid()
    }

    /// Until the program has ended and its streams are at their end; none when its time was over first.
    pub(super) async fn until_it_ends<E>(
        &self,
        stdin: impl AsyncWrite + Unpin,
        stdout: impl AsyncRead + Unpin,
        stderr: impl AsyncRead + Unpin,
        ended: impl Future<Output = E>,
    ) -> Option<E> {
        let listening = self.listen_to(stdout, stderr);
        let feeding = feed(stdin, &self.command.input);
        tokio::pin!(listening, feeding, ended);
        let (mut silent, mut fed) = (false, false);
        let end = async {
            loop {
                tokio::select! {
                    end = &mut ended => return end,
                    () = &mut listening, if !silent => silent = true,
                    () = &mut feeding, if !fed => fed = true,
                }
            }
        };
        let end = tokio::time::timeout(self.command.limit, end).await.ok()?;
        while !silent && !self.left_open.load(Ordering::Relaxed) {
            let before = self.heard.load(Ordering::Relaxed);
            match tokio::time::timeout(QUIET, &mut listening).await {
                Ok(()) => silent = true,
                Err(_) => self
                    .left_open
                    .store(before == self.heard.load(Ordering::Relaxed), Ordering::Relaxed),
            }
        }
        Some(end)
    }

    /// Until both streams are at their end; none when its time was over first. Where a stream stays
    /// open and nothing comes, `runs` says whether the program is still there.
    pub(super) async fn until_silent<F: Future<Output = bool>>(
        &self,
        stdin: impl AsyncWrite + Unpin,
        stdout: impl AsyncRead + Unpin,
        stderr: impl AsyncRead + Unpin,
        runs: impl Fn(i32) -> F,
    ) -> Option<()> {
        let listening = self.listen_to(stdout, stderr);
        let feeding = feed(stdin, &self.command.input);
        tokio::pin!(listening);
        let silence = async {
            let mut quiet = QUIET;
            loop {
                let before = self.heard.load(Ordering::Relaxed);
                if tokio::time::timeout(quiet, &mut listening).await.is_ok() {
                    return;
                }
                if before != self.heard.load(Ordering::Relaxed) {
                    quiet = QUIET;
                    continue;
                }
                if let Some(pid) = self.pid()
                    && !runs(pid).await
                {
                    return self.left_open.store(true, Ordering::Relaxed);
                }
                quiet = (quiet * 2).min(LONGEST_QUIET);
            }
        };
        let both = async {
            tokio::pin!(silence, feeding);
            tokio::select! {
                () = &mut silence => {}
                () = &mut feeding => silence.await,
            }
        };
        tokio::time::timeout(self.command.limit, both).await.ok()
    }

    async fn listen_to(&self, stdout: impl AsyncRead + Unpin, stderr: impl AsyncRead + Unpin) {
        let halves = [&self.stdout, &self.stderr];
        futures::future::join(self.listen(stdout, halves[0]), self.listen(stderr, halves[1])).await;
    }

    async fn listen(&self, mut from: impl AsyncRead + Unpin, into: &Mutex<Stream>) {
        let mut chunk = vec![0; 16 << 10];
        // A stream that breaks ends; how the program ended is told by its status.
        while let Ok(n @ 1..) = from.read(&mut chunk).await {
            into.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(&chunk[..n]);
            self.heard.fetch_add(n as u64, Ordering::Relaxed);
        }
    }
}

/// Hands over the input and closes it. A program that does not read all of it is not wrong; where it
/// matters that everything arrived, the far side counts.
async fn feed(mut into: impl AsyncWrite + Unpin, input: &Input) {
    let written = match input {
        Input::Nothing => Ok(()),
        Input::Bytes(bytes) => into.write_all(bytes).await,
        Input::File(path) => match tokio::fs::File::open(path).await {
            Ok(mut file) => tokio::io::copy(&mut file, &mut into).await.map(|_| ()),
            Err(e) => Err(e),
        },
    };
    if let Err(e) = written {
        tracing::debug!(%e, "a program did not read all of its input");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::hosts::kept::Kept;

    fn output(code: i32, stdout: &str, stderr: &str) -> Output {
        let kept = |text: &str| {
            let mut kept = Kept::up_to(1000);
            kept.push(text.as_bytes());
            kept
        };
        Output {
            ended: Ended::Code(code),
            stdout: kept(stdout),
            stderr: kept(stderr),
            left_open: false,
        }
    }

    /// Words of sudo 1.9.13, and of older ones where it is said.
    #[test]
    fn a_refusal_of_sudo_is_told_from_what_a_program_says() {
        for said in [
            "sudo: a password is required\n",
            "sudo: a terminal is required to read the password; either use the -S option to read from standard \
             input or configure an askpass helper\nsudo: a password is required\n",
            "sudo: sorry, you must have a tty to run sudo\n",
            "fluss is not in the sudoers file.  This incident will be reported.\n",
            "Sorry, user fluss is not allowed to execute '/bin/id' as root on h1.\n",
        ] {
            assert!(sudo_said_no(&output(1, "", said)).is_some(), "{said}");
        }
        assert!(sudo_said_no(&output(1, "", "weka: not logged in\n")).is_none());
        assert!(sudo_said_no(&output(1, "out", "sudo: a password is required\n")).is_none());
        assert!(sudo_said_no(&output(2, "", "sudo: x\n")).is_none());
        assert!(sudo_said_no(&output(1, "", "")).is_none());
    }
}
