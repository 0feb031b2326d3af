//! What every command shares: global options, and the way text reaches the terminal. Data goes to
//! standard output, talk to standard error; a reader that went away is not an error.

use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;
use upshift_model::flink::StrategyWish;
use upshift_model::span::Millis;

use super::called;
use super::render::Paint;
use crate::codes;
use crate::config;
use crate::trouble::Trouble;

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Where runs are kept [default: $XDG_STATE_HOME/upshift, or ~/.local/state/upshift].
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub state_dir: Option<PathBuf>,
    /// Keep runs in PostgreSQL instead: postgres://USER@HOST/DATABASE?password=env:NAME.
    #[arg(long, global = true, value_name = "URL", help_heading = "Global options")]
    pub store: Option<String>,
    /// Log to standard error: error, warn, info, debug, trace, or a filter such as upshift=debug.
    #[arg(long, global = true, value_name = "LEVEL", help_heading = "Global options")]
    pub log: Option<String>,
    /// When to use colour.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        help_heading = "Global options"
    )]
    pub color: Color,
}

/// A length of time on the command line, as everywhere else: `30s`, `5m`.
pub fn length(text: &str) -> Result<Millis, String> {
    config::length(text).ok_or_else(|| "a length of time such as 10s or 2m was expected".to_owned())
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Global {
    /// Whether what goes to standard output is painted.
    pub fn paint(&self) -> Paint {
        Paint(self.color.on(io::stdout().is_terminal()))
    }

    /// Whether what goes to standard error is painted.
    pub fn paint_talk(&self) -> Paint {
        Paint(self.color.on(io::stderr().is_terminal()))
    }

    /// The directory that runs are kept in.
    ///
    /// # Errors
    /// When none is named and there is no home directory either.
    pub fn state_dir(&self) -> Result<PathBuf, Trouble> {
        let set = |name| {
            std::env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        self.state_dir
            .clone()
            .or_else(|| set("XDG_STATE_HOME").map(|state| state.join("upshift")))
            .or_else(|| set("HOME").map(|home| home.join(".local/state/upshift")))
            .ok_or_else(|| {
                Trouble::usage(
                    codes::USAGE,
                    "there is no place for runs: no --state-dir and no home directory",
                )
                .next("upshift --state-dir DIR …")
            })
    }

    /// Starts the log, where one is asked for.
    ///
    /// # Errors
    /// When the level is none.
    pub fn start_log(&self) -> Result<(), Trouble> {
        let Some(level) = &self.log else { return Ok(()) };
        let filter = EnvFilter::try_new(level).map_err(|error| {
            Trouble::usage(codes::USAGE, format!("--log {level:?} is no level: {error}"))
                .expected("error, warn, info, debug, trace, or a filter such as upshift=debug")
        })?;
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(io::stderr)
            .with_ansi(self.paint_talk().0)
            .init();
        Ok(())
    }
}

impl Color {
    fn on(self, terminal: bool) -> bool {
        match self {
            Self::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty()),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// `--strategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StrategyWord {
    /// Whichever fits, with the reasons.
    Auto,
    /// Stop the old cluster and start the new one in its place.
    InPlace,
    /// Move the jobs to a cluster beside the old one.
    Shadow,
}

impl From<StrategyWord> for StrategyWish {
    fn from(word: StrategyWord) -> Self {
        match word {
            StrategyWord::Auto => Self::Auto,
            StrategyWord::InPlace => Self::InPlace,
            StrategyWord::Shadow => Self::Shadow,
        }
    }
}

/// Prints data: one text, ended by one line break.
///
/// # Errors
/// When standard output cannot be written; that its reader went away is no error.
pub fn say(text: &str) -> io::Result<()> {
    put(io::stdout().lock(), &called::again(text))
}

/// Prints talk: to standard error.
///
/// # Errors
/// When standard error cannot be written; that its reader went away is no error.
pub fn tell(text: &str) -> io::Result<()> {
    put(io::stderr().lock(), &called::again(text))
}

/// Prints a document as JSON.
///
/// # Errors
/// As [`say`].
pub fn say_json<T: serde::Serialize>(document: &T) -> io::Result<()> {
    let text = serde_json::to_string_pretty(document).map_err(io::Error::other)?;
    put(io::stdout().lock(), &text)
}

fn put(mut to: impl Write, text: &str) -> io::Result<()> {
    let line = format!("{}\n", text.trim_end_matches('\n'));
    match to.write_all(line.as_bytes()).and_then(|()| to.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
