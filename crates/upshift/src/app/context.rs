//! What every command about runs needs: the store, the clock, and who is asking.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use upshift_engine::clock::Clock;
use upshift_engine::store::postgres::PostgresStore;
use upshift_engine::store::sqlite::SqliteStore;
use upshift_engine::store::{Holder, Store, StoreError};
use upshift_model::record::Who;
use upshift_model::run_state::RunState;

use super::place::{Place, Wish};
use crate::clock;
use crate::exit::Exit;
use crate::secret;
use crate::trouble::{Stop, Trouble};

/// The store in its directory, and the clock.
pub struct Context {
    /// Where runs are kept.
    pub state_dir: PathBuf,
    /// Which store that is.
    pub place: Place,
    /// The store.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: Clock,
}

impl Context {
    /// Opens the store.
    ///
    /// # Errors
    /// When the directory cannot be written or the store cannot be read.
    pub async fn open(state_dir: &Path, wish: Wish<'_>) -> Result<Self, Stop> {
        let place = Place::of(wish, state_dir)?;
        let store: Arc<dyn Store> = match &place.shared {
            None => Arc::new(SqliteStore::open(state_dir).map_err(|e| not_opened(&e, EMBEDDED))?),
            Some(address) => {
                let password = address.password().map(secret::read).transpose()?;
                let password = password.as_ref().map(secret::Secret::reveal);
                let opened = PostgresStore::open(address.clone(), password, state_dir, place.lease).await;
                Arc::new(opened.map_err(|e| not_opened(&e, SHARED))?)
            }
        };
        Ok(Self {
            state_dir: state_dir.to_owned(),
            place,
            store,
            clock: Clock::new(clock::now),
        })
    }

    /// Where runs are kept, for people.
    pub fn whereabouts(&self) -> String {
        match &self.place.shared {
            Some(address) => address.to_string(),
            None => self.state_dir.display().to_string(),
        }
    }

    /// Whether a process for the run may be started on this machine: a plan names files and processes
    /// of the machine that it was opened on, and a shared store may be asked from any.
    pub fn is_at_home(&self, state: &RunState) -> bool {
        self.place.shared.is_none() || state.opened_by.host == host_name()
    }
}

const EMBEDDED: &str = "a directory that this user can write, on this machine; --state-dir names another";
const SHARED: &str =
    "a PostgreSQL server that answers there, and a user who may make a schema or use `upshift`";

/// The trouble of a store that cannot be opened: nothing was read of any run yet, and nothing done.
fn not_opened(error: &StoreError, expected: &str) -> Trouble {
    let mut trouble = store_trouble(error);
    if matches!(error, StoreError::Database { .. } | StoreError::File { .. }) {
        trouble.exit = Exit::Usage;
        trouble.expected = Some(expected.to_owned());
    }
    trouble
}

/// The trouble of a store that did not do what was asked.
pub fn store_trouble(error: &StoreError) -> Trouble {
    let exit = match error {
        StoreError::Busy { .. } | StoreError::Held { .. } | StoreError::NoSuchRun { .. } => Exit::Usage,
        StoreError::Newer { .. } => Exit::Usage,
        StoreError::Fenced { .. }
        | StoreError::Taken { .. }
        | StoreError::Lost { .. }
        | StoreError::Gone { .. }
        | StoreError::Changed { .. }
        | StoreError::Unmarked { .. }
        | StoreError::Line { .. }
        | StoreError::Broken { .. }
        | StoreError::Removed { .. }
        | StoreError::Database { .. }
        | StoreError::File { .. } => Exit::Attention,
    };
    let mut trouble = Trouble::new(error.code(), exit, error.to_string());
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        trouble.far_side = Some(match trouble.far_side.take() {
            Some(before) => format!("{before}: {cause}"),
            None => cause.to_string(),
        });
        source = cause.source();
    }
    if let StoreError::Line { source, .. } = error
        && source.is_newer()
    {
        trouble.exit = Exit::Usage;
        trouble.expected = Some("the newer upshift that wrote it; nothing was changed".to_owned());
    }
    match error {
        StoreError::Busy { run, .. } => trouble
            .next(format!("upshift status {run}"))
            .next(format!("upshift abandon {run}")),
        StoreError::NoSuchRun { .. } => trouble.next("upshift runs"),
        StoreError::Held { run, .. } => trouble.next(format!("upshift status {run} --watch")),
        _ => trouble.next(format!("upshift explain {}", error.code())),
    }
}

/// Who is asking: the login name of this user on this host.
pub fn who(why: Option<String>, ticket: Option<String>) -> Who {
    Who {
        name: login_name(),
        host: host_name(),
        why,
        ticket,
    }
}

/// Who holds a run in this process.
pub fn holder() -> Holder {
    Holder {
        pid: std::process::id(),
        host: host_name(),
        user: login_name(),
        since: clock::now(),
    }
}

/// This machine's name.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn login_name() -> String {
    let uid = rustix::process::getuid().as_raw();
    let by_uid = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    };
    let passwd = std::fs::read_to_string("/etc/passwd").ok();
    passwd
        .and_then(|text| text.lines().find_map(by_uid))
        .unwrap_or_else(|| format!("uid {uid}"))
}
