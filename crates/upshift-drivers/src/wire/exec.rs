//! Local programs: arguments without a shell, a time limit, a limit on output, and a process group
//! of their own that ends with the limit. What a program's answer means is the caller's business.
//!
//! Only this machine so far; programs on other machines will get a struct beside this one.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

/// Output kept of each stream; what comes after it is read and dropped, so that the program does
/// not block on a full pipe. Versions, probe answers and a script's complaints are a few lines.
const KEPT: usize = 256 << 10;

/// A program to run.
#[derive(Debug, Clone)]
pub struct Exec {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables to set; all others are inherited.
    pub env: BTreeMap<OsString, OsString>,
    /// Variables to take out.
    pub without: Vec<OsString>,
    /// Working directory; none inherits.
    pub dir: Option<PathBuf>,
    /// Killed with its whole process group after this long.
    pub limit: Duration,
}

/// A program that came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output, as far as it was kept.
    pub stdout: String,
    /// Standard error, as far as it was kept.
    pub stderr: String,
}

/// Why there is no exit code.
#[derive(Debug, Error)]
pub enum ExecError {
    /// It could not be started: certainly nothing happened.
    #[error("{} could not be started: {why}", .program.display())]
    NotStarted {
        /// The program.
        program: PathBuf,
        /// Why.
        why: String,
    },
    /// It did not end in time and was killed; what it did until then is not known.
    #[error("{} did not end within {} s and was killed", .program.display(), .limit.as_secs_f32())]
    TimedOut {
        /// The program.
        program: PathBuf,
        /// The limit.
        limit: Duration,
    },
    /// It was started, and then lost.
    #[error("{} was started, but could not be followed: {why}", .program.display())]
    Lost {
        /// The program.
        program: PathBuf,
        /// Why.
        why: String,
    },
}

impl Exec {
    /// `program` with `args`.
    pub fn new<A: Into<OsString>>(
        program: impl Into<PathBuf>,
        args: impl IntoIterator<Item = A>,
        limit: Duration,
    ) -> Self {
        Self {
            program: program.into(),
            args: args.into_iter().map(Into::into).collect(),
            env: BTreeMap::new(),
            without: Vec::new(),
            dir: None,
            limit,
        }
    }

    /// The same with one more variable.
    pub fn with(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// Runs it to its end. Processes that it leaves behind on purpose (daemons) live on, whether
    /// they keep its output open or not.
    ///
    /// # Errors
    /// See [`ExecError`]; an exit code other than 0 is no error here.
    pub async fn run(&self) -> Result<Finished, ExecError> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .envs(&self.env)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true);
        for name in &self.without {
            command.env_remove(name);
        }
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        let mut child = command.spawn().map_err(|e| ExecError::NotStarted {
            program: self.program.clone(),
            why: e.to_string(),
        })?;
        let group = child.id();
        let (stdout, stderr) = (Output::of(child.stdout.take()), Output::of(child.stderr.take()));
        let status = match tokio::time::timeout(self.limit, child.wait()).await {
            Ok(Ok(status)) => status,
            Ok(Err(e)) => {
                return Err(ExecError::Lost {
                    program: self.program.clone(),
                    why: e.to_string(),
                });
            }
            Err(_) => {
                kill_group(group);
                // Reaps the child; it was sent SIGKILL and cannot refuse.
                if let Err(e) = child.wait().await {
                    return Err(ExecError::Lost {
                        program: self.program.clone(),
                        why: e.to_string(),
                    });
                }
                return Err(ExecError::TimedOut {
                    program: self.program.clone(),
                    limit: self.limit,
                });
            }
        };
        Ok(Finished {
            code: status.code(),
            stdout: stdout.text().await,
            stderr: stderr.text().await,
        })
    }
}

impl Finished {
    /// Whether the exit code is 0.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }

    /// Exit code or signal, and the last lines that it wrote, for a message.
    pub fn complaint(&self) -> String {
        let ended = self.code.map_or("was ended by a signal".to_owned(), |code| {
            format!("ended with code {code}")
        });
        let said = [self.stderr.trim(), self.stdout.trim()]
            .into_iter()
            .find(|text| !text.is_empty());
        match said {
            Some(text) => {
                let lines: Vec<&str> = text.lines().collect();
                format!("{ended}: {}", lines[lines.len().saturating_sub(3)..].join(" / "))
            }
            None => format!("{ended} and said nothing"),
        }
    }
}

fn kill_group(leader: Option<u32>) {
    let pid = leader
        .and_then(|id| i32::try_from(id).ok())
        .and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid
        && let Err(e) = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL)
    {
        tracing::warn!(pid = pid.as_raw_nonzero().get(), %e, "a process group could not be killed");
    }
}

/// Collects a stream in the background. A daemon that a script leaves behind may keep the pipe open
/// for ever, so once the program has ended only what is there by then is waited for.
struct Output {
    task: tokio::task::JoinHandle<()>,
    kept: std::sync::Arc<std::sync::Mutex<Vec<u8>>>,
}

/// After the program's end its output is in the pipe already; the reader only needs to be scheduled.
const DRAIN: Duration = Duration::from_millis(200);

impl Output {
    fn of(stream: Option<impl AsyncRead + Unpin + Send + 'static>) -> Self {
        let kept = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let into = kept.clone();
        let task = tokio::spawn(async move {
            let Some(mut stream) = stream else { return };
            let mut chunk = vec![0; 8 << 10];
            while let Ok(read @ 1..) = stream.read(&mut chunk).await {
                let mut kept = into.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let room = KEPT.saturating_sub(kept.len()).min(read);
                kept.extend_from_slice(&chunk[..room]);
            }
        });
        Self { task, kept }
    }

    async fn text(mut self) -> String {
        if tokio::time::timeout(DRAIN, &mut self.task).await.is_err() {
            self.task.abort();
        }
        let kept = self
            .kept
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        String::from_utf8_lossy(&kept).into_owned()
    }
}
