//! Which store a command uses: the option, or `config.toml` in the state directory, or the embedded one.
//!
//! It opens nothing.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use upshift_engine::store::postgres::{Address, BadAddress};

use crate::codes;
use crate::config;
use crate::exit::Exit;
use crate::trouble::Trouble;

/// How long a run is held at a time where ownership is a lease. Long enough for a pause of the database
/// or of a machine under load, short enough for a takeover that nobody has to wait for.
const LEASE: Duration = Duration::from_secs(15);

/// Shorter ones are lost on a busy machine.
const SHORTEST: Duration = Duration::from_millis(500);

/// What was said on the command line.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish<'a> {
    /// `--store`.
    pub store: Option<&'a str>,
    /// `--lease`.
    pub lease: Option<&'a str>,
}

/// Where runs are kept.
#[derive(Debug, Clone)]
pub struct Place {
    /// The shared store; without one the embedded store in the state directory.
    pub shared: Option<Address>,
    /// The length of a lease there.
    pub lease: Duration,
}

/// `config.toml` of a state directory.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    store: Option<String>,
    lease: Option<String>,
}

impl Place {
    /// What the option says, or else the file.
    ///
    /// # Errors
    /// When the file cannot be read, or what either says cannot be used.
    pub fn of(wish: Wish<'_>, state_dir: &Path) -> Result<Self, Trouble> {
        let path = state_dir.join("config.toml");
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => {
                toml::from_str(&text).map_err(|e| unusable(e.message()).at(path.display().to_string()))?
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => File::default(),
            // A state directory that is no directory is told by the store.
            Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => File::default(),
            Err(e) => return Err(unusable(&e.to_string()).at(path.display().to_string())),
        };
        let store = wish.store.map(str::to_owned).or(file.store);
        let shared = store
            .map(|text| text.parse().map_err(|e| refused(&e)))
            .transpose()?;
        let lease = wish.lease.map(str::to_owned).or(file.lease);
        let lease = lease.map_or(Ok(LEASE), |text| length(&text))?;
        Ok(Self { shared, lease })
    }
}

fn length(text: &str) -> Result<Duration, Trouble> {
    match config::length(text).map(upshift_model::span::Millis::as_duration) {
        Some(length) if length >= SHORTEST => Ok(length),
        _ => Err(unusable(&format!("{text:?} is no length of a lease"))
            .expected("a length of time of 500ms or more, such as 15s")),
    }
}

fn refused(error: &BadAddress) -> Trouble {
    match error {
        BadAddress::LiteralSecret => Trouble::usage(codes::LITERAL_SECRET, error.to_string())
            .expected("a reference: postgres://USER@HOST/DATABASE?password=env:NAME, or password=file:/path"),
        _ => unusable(&error.to_string())
            .expected("postgres://USER@HOST:PORT/DATABASE?password=env:NAME&sslrootcert=/path"),
    }
}

fn unusable(what: &str) -> Trouble {
    Trouble::new(codes::STORE_ADDRESS, Exit::Usage, what)
        .next(format!("upshift explain {}", codes::STORE_ADDRESS))
}
