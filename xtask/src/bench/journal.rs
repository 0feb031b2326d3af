//! A journal that measurements write into: of a run that is owned and never carried out.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use upshift_engine::clock::Clock;
use upshift_engine::journal::{Journal, open_run};
use upshift_engine::store::sqlite::SqliteStore;
use upshift_engine::store::{Holder, Store};
use upshift_model::ids::RunId;
use upshift_model::plan::Sealed;
use upshift_model::record::Who;

use crate::workspace::root;

/// A run that is owned, of a plan of the usual size.
pub(super) async fn claimed(dir: &Path) -> Result<(Journal, Sealed)> {
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(dir)?);
    let file = root().join("fixtures/formats/plan-1.json");
    let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let plan = Sealed::from_file(&text)?;
    let (clock, run) = (
        Clock::new(now),
        RunId::from("01a1fbe5-16ee-714f-823e-16f2248ac20e"),
    );
    let by = Who {
        name: "bench".to_owned(),
        host: "here".to_owned(),
        why: None,
        ticket: None,
    };
    open_run(&*store, &clock, &run, "bench", plan.clone(), by).await?;
    let holder = Holder {
        pid: std::process::id(),
        host: "here".to_owned(),
        user: "bench".to_owned(),
        since: now(),
    };
    let journal = Journal::claim(store, clock, &run, &holder, Arc::new(|_, _| {})).await?;
    Ok((journal, plan))
}

/// The time does not matter here.
fn now() -> jiff::Timestamp {
    jiff::Timestamp::UNIX_EPOCH
}
