//! Which run a person means: by its id, by the beginning of its id, or by the name of its system.

use upshift_engine::journal::read_run;
use upshift_model::ids::RunId;
use upshift_model::record::Line;
use upshift_model::run_state::RunState;

use super::context::{Context, store_trouble};
use crate::codes;
use crate::trouble::{Stop, Trouble};

/// All runs of a state directory.
pub struct Survey {
    /// Those whose journals can be read, oldest first.
    pub found: Vec<Found>,
    /// Those whose journals cannot, oldest first.
    pub damaged: Vec<Damaged>,
}

/// A run whose journal cannot be read.
pub struct Damaged {
    /// The run.
    pub run: RunId,
    /// Whether it is open.
    pub open: bool,
    /// Why it cannot be read.
    pub trouble: Trouble,
}

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
    if wanted.is_some_and(str::is_empty) {
        return Err(none(context, wanted).into());
    }
    let Survey { found, damaged } = survey(context).await?;
    let fits = |found: &Found| match wanted {
        None => true,
        Some(text) => {
            found.state.plan.plan.system.as_str() == text || found.state.run.as_str().starts_with(text)
        }
    };
    let mut fitting: Vec<Found> = found.into_iter().filter(fits).collect();
    if let Some(trouble) = in_the_way(damaged, wanted, fitting.is_empty()) {
        return Err(trouble.into());
    }
    let open = fitting.iter().filter(|f| f.open).count();
    match (fitting.len(), open) {
        (0, _) => Err(none(context, wanted).into()),
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

/// A damaged journal stands in the way of the run that is meant, and of no other: of the one whose id
/// is named, of an open one whose system cannot be told, and where nothing else fits.
fn in_the_way(damaged: Vec<Damaged>, wanted: Option<&str>, nothing_fits: bool) -> Option<Trouble> {
    let by_id: Vec<&RunId> = damaged
        .iter()
        .map(|d| &d.run)
        .filter(|run| wanted.is_some_and(|text| run.as_str().starts_with(text)))
        .collect();
    let named = by_id.first().map(|run| (*run).clone());
    damaged
        .into_iter()
        .find(|d| nothing_fits || Some(&d.run) == named.as_ref() || (d.open && wanted_by_name(wanted)))
        .map(|d| d.trouble)
}

/// Whether the words are a system's name, or nothing at all. Ids are of hex digits and dashes.
fn wanted_by_name(wanted: Option<&str>) -> bool {
    wanted.is_none_or(|text| text.contains(|c: char| !c.is_ascii_hexdigit() && c != '-'))
}

/// All runs, oldest first.
///
/// # Errors
/// When the store cannot be read, or the journal of one of them.
pub async fn all(context: &Context) -> Result<Vec<Found>, Stop> {
    let Survey { found, damaged } = survey(context).await?;
    match damaged.into_iter().next() {
        Some(damaged) => Err(damaged.trouble.into()),
        None => Ok(found),
    }
}

/// All runs, those that cannot be read apart.
///
/// # Errors
/// When the store cannot be read.
pub async fn survey(context: &Context) -> Result<Survey, Stop> {
    let rows = context.store.list().await.map_err(|e| store_trouble(&e))?;
    let mut survey = Survey {
        found: Vec::with_capacity(rows.len()),
        damaged: Vec::new(),
    };
    for row in rows {
        match read_run(&*context.store, &row.run).await {
            Ok((lines, state)) => survey.found.push(Found {
                lines,
                state,
                open: row.open,
            }),
            Err(error) => survey.damaged.push(Damaged {
                trouble: store_trouble(&error),
                run: row.run,
                open: row.open,
            }),
        }
    }
    Ok(survey)
}

fn none(context: &Context, wanted: Option<&str>) -> Trouble {
    let place = context.whereabouts();
    let what = match wanted {
        Some(text) => format!("no run in {place} fits {text:?}"),
        None => format!("no run was ever started here, in {place}"),
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
