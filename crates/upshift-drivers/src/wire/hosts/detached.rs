//! Commands that do not die with their connection: started on the far side under a durable mark, with
//! exit status and log kept there, found again by whoever knows the mark.
//!
//! The far side needs a POSIX shell, `/proc`, and a home of the user with hard links. Everything of a
//! mark lies in `~/.upshift/detached/RUN/STEP.tryN`. Who takes the mark is decided there by `ln`, which
//! one of any number of racing starts wins; who has won writes down its process, when it began and the
//! boot of the machine, and that is on the disk before the command begins.

use std::fmt;
use std::time::Duration;

use super::command::Command;
use super::error::{HostError, Trouble};
use super::link::Link;
use super::mark::Mark;

const COMMON: &str = include_str!("sh/mark.sh");
const START: &str = include_str!("sh/start.sh");
const RUNNER: &str = include_str!("sh/runner.sh");
const LOOK: &str = include_str!("sh/look.sh");
const LOG: &str = include_str!("sh/log.sh");
const BAR: &str = include_str!("sh/bar.sh");
const FORGET: &str = include_str!("sh/forget.sh");

/// Each of these scripts is a few calls of the kernel and one flush to disk, which a busy disk delays.
const LIMIT: Duration = Duration::from_secs(30);

/// What a start did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// The command runs now.
    New,
    /// An earlier or a racing start had the mark; look how it stands.
    Found,
    /// Somebody barred the mark: it was not started and never will be.
    Barred,
}

/// How the command of a mark stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detached {
    /// It was not started.
    Never,
    /// It was not started and never will be under this mark.
    Barred,
    /// It runs.
    Running,
    /// It ended with this status. A shell that waited for it tells signal N as 128 + N.
    Ended(i32),
    /// It was started, does not run, and left no status: what it did is not known.
    Vanished {
        /// The machine was started anew since; otherwise it was killed.
        rebooted: bool,
    },
}

/// A piece of what a command has written so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// How the command stood right before the piece was read.
    pub stands: Detached,
    /// The piece.
    pub bytes: Vec<u8>,
    /// Where the next piece begins.
    pub next: u64,
    /// Bytes written so far.
    pub size: u64,
}

impl fmt::Display for Detached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("was not started"),
            Self::Barred => f.write_str("was not started and never will be"),
            Self::Running => f.write_str("is running"),
            Self::Ended(status) => write!(f, "ended with status {status}"),
            Self::Vanished { rebooted: true } => {
                f.write_str("was cut off by a restart of its machine; what it did is not known")
            }
            Self::Vanished { rebooted: false } => f.write_str("was killed; what it did is not known"),
        }
    }
}

impl Link {
    /// Starts `command` under `mark`, once: a second start finds the first, on this day and after a
    /// crash, and of racing ones one runs. The command's own time limit does not hold; it reads nothing.
    ///
    /// # Errors
    /// When it cannot be started, or nobody knows whether it was; then start again or look.
    pub async fn start(&self, mark: &Mark, command: &Command) -> Result<Started, HostError> {
        let script = command.silent_script();
        let script = script.map_err(|why| self.error(Trouble::NotStarted { why }))?;
        let length = script.len().to_string();
        let start = marked(START, mark).args([length.as_str(), RUNNER]).input(script);
        match self.word_of(&start).await?.0.as_str() {
            "started" => Ok(Started::New),
            "found" => Ok(Started::Found),
            "barred" => Ok(Started::Barred),
            "other" => Err(self.error(Trouble::MarkTaken {
                mark: mark.to_string(),
            })),
            word => Err(self.strange(word)),
        }
    }

    /// How the command of `mark` stands. Changes nothing.
    ///
    /// # Errors
    /// When the host cannot be asked.
    pub async fn look(&self, mark: &Mark) -> Result<Detached, HostError> {
        let (word, _) = self.word_of(&marked(LOOK, mark)).await?;
        self.stands(&word)
    }

    /// What the command of `mark` has written from byte `from` on, at most `most` bytes of it.
    ///
    /// # Errors
    /// When the host cannot be asked.
    pub async fn log(&self, mark: &Mark, from: u64, most: usize) -> Result<Log, HostError> {
        let ask = marked(LOG, mark)
            .args([from.saturating_add(1).to_string(), most.to_string()])
            .keep(most.saturating_add(256));
        let (word, rest) = self.word_of(&ask).await?;
        let stands = self.stands(&word)?;
        let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        let size = String::from_utf8_lossy(&rest[..end]).trim().to_owned();
        let size = size.parse().map_err(|_| self.strange(&size))?;
        let bytes = rest.get(end + 1..).unwrap_or_default().to_vec();
        Ok(Log {
            stands,
            next: from + bytes.len() as u64,
            bytes,
            size,
        })
    }

    /// Takes the mark so that nothing is ever started under it, unless something was already: how it
    /// stands then. For whoever must be certain that a start that got no answer does not happen later.
    ///
    /// # Errors
    /// When the host cannot be asked.
    pub async fn bar(&self, mark: &Mark) -> Result<Detached, HostError> {
        let (word, _) = self.word_of(&marked(BAR, mark)).await?;
        self.stands(&word)
    }

    /// Removes the mark with status and log. False when its command still runs: then nothing is removed.
    ///
    /// # Errors
    /// When the host cannot be asked.
    pub async fn forget(&self, mark: &Mark) -> Result<bool, HostError> {
        let (word, _) = self.word_of(&marked(FORGET, mark)).await?;
        match word.as_str() {
            "gone" => Ok(true),
            "running" => Ok(false),
            word => Err(self.strange(word)),
        }
    }

    /// First line of what a script of ours prints, and the rest.
    async fn word_of(&self, command: &Command) -> Result<(String, Vec<u8>), HostError> {
        let output = self.run(command).await?;
        if !output.success() {
            return Err(self.error(Trouble::NotStarted {
                why: output.complaint(),
            }));
        }
        let Some(said) = output.stdout.whole() else {
            return Err(self.strange("too much"));
        };
        let end = said.iter().position(|b| *b == b'\n').unwrap_or(said.len());
        let word = String::from_utf8_lossy(&said[..end]).trim().to_owned();
        Ok((word, said.get(end + 1..).unwrap_or_default().to_vec()))
    }

    fn stands(&self, word: &str) -> Result<Detached, HostError> {
        Ok(match word {
            "never" => Detached::Never,
            "barred" => Detached::Barred,
            "running" => Detached::Running,
            "rebooted" => Detached::Vanished { rebooted: true },
            "killed" => Detached::Vanished { rebooted: false },
            word => {
                let status = word.strip_prefix("ended ").and_then(|status| status.parse().ok());
                Detached::Ended(status.ok_or_else(|| self.strange(word))?)
            }
        })
    }

    fn strange(&self, word: &str) -> HostError {
        self.error(Trouble::NoShell {
            said: format!("unexpected answer {word:?}"),
        })
    }
}

fn marked(script: &str, mark: &Mark) -> Command {
    Command::new("sh", LIMIT)
        .args(["-c".to_owned(), format!("{COMMON}{script}")])
        .args(["upshift", mark.run(), &mark.folder()])
}
