//! Which run a person means: by its id, by the beginning of its id, or by the name of its system.

use upshift_engine::journal::read_run;
use upshift_model::ids::RunId;
use upshift_model::record::Line;
use upshift_model::run_state::RunState;

use super::context::{Context, store_trouble};
use crate::codes;
use crate::trouble::{Stop, Trouble};

/// A run with its journal.
pub struct Found {
    /// Its journal.
    pub lines: Vec<Line>,
    /// Where it stands.
    pub state: RunState,
    /// Whether it is open.
    pub open: bool,
}

/// Finds the run that `wanted` names; without it the only open run, or else the newest.
///
/// # Errors
/// When there is none, or more than one fits.
pub async fn find(context: &Context, wanted: Option<&str>) -> Result<Found, Stop> {
    let all = all(context).await?;
    let fits = |found: &Found| match wanted {
        None => true,
        Some(text) => {
            found.state.plan.plan.system.as_str() == text || found.state.run.as_str().starts_with(text)
        }
    };
    let mut fitting: Vec<Found> = all.into_iter().filter(fits).collect();
    let open = fitting.iter().filter(|f| f.open).count();
    match (fitting.len(), open) {
        (0, _) => Err(none(wanted).into()),
        (_, 2..) => Err(several(&fitting).into()),
        (_, 1) => Ok(fitting.remove(fitting.iter().position(|f| f.open).unwrap_or(0))),
        (n, _) => Ok(fitting.remove(n - 1)),
    }
}

/// Finds an open run.
///
/// # Errors
/// When there is none that fits, or more than one.
pub async fn find_open(context: &Context, wanted: Option<&str>) -> Result<Found, Stop> {
    let found = find(context, wanted).await?;
    match found.open {
        true => Ok(found),
        false => {
            let what = format!(
                "run {} of {} is over",
                found.state.run, found.state.plan.plan.system
            );
            Err(Trouble::usage(codes::USAGE, what).next("upshift runs").into())
        }
    }
}

/// All runs, oldest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn all(context: &Context) -> Result<Vec<Found>, Stop> {
    let rows = context.store.list().await.map_err(|e| store_trouble(&e))?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let run: &RunId = &row.run;
        let (lines, state) = read_run(&*context.store, run)
            .await
            .map_err(|e| store_trouble(&e))?;
        found.push(Found {
            lines,
            state,
            open: row.open,
        });
    }
    Ok(found)
}

fn none(wanted: Option<&str>) -> Trouble {
    let what = match wanted {
        Some(text) => format!("no run fits {text:?}"),
        None => "no run was ever started here".to_owned(),
    };
    Trouble::usage(codes::USAGE, what)
        .expected("a run's id, its beginning, or the name of a system")
        .next("upshift runs")
}

fn several(fitting: &[Found]) -> Trouble {
    let trouble = Trouble::usage(codes::USAGE, "several open runs fit").expected("one of them by name");
    fitting.iter().filter(|f| f.open).fold(trouble, |trouble, found| {
        trouble.next(format!("{}  {}", found.state.run, found.state.plan.plan.system))
    })
}
