//! The process that carries one run on: it owns the journal until the run is over or halted.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use upshift_engine::engine::{Ended, Engine};
use upshift_engine::journal::{Journal, Listener, read_run};
use upshift_model::ids::RunId;
use upshift_model::record::{Line, Record};
use upshift_model::run_state::RunState;

use super::context::{Context, holder, store_trouble};
use super::counsel::Planner;
use super::output::Present;
use super::{journal, output, systems};
use crate::trouble::Stop;

/// Leaves the terminal: one that goes away must not take the run with it. It fails only for a process
/// that leads its group already, as `apply` and `resume` start it: no terminal's hang-up reaches that.
pub fn leave_the_terminal() {
    if let Err(e) = rustix::process::setsid() {
        tracing::debug!("already the leader of its group: {e}");
    }
}

/// Owns the run and carries it on.
///
/// # Errors
/// When another process owns it, or its journal cannot be read or written.
pub async fn carry_on(context: &Context, run: &RunId) -> Result<Ended, Stop> {
    let (_, state) = read_run(&*context.store, run)
        .await
        .map_err(|e| store_trouble(&e))?;
    let driver = systems::driver(&state.plan.plan)?;
    write_runbook(&runbook_path(context, run), &state);
    let listener = listener(runbook_path(context, run));
    let owned = Journal::claim(
        Arc::clone(&context.store),
        context.clock.clone(),
        run,
        &holder(),
        listener,
    )
    .await
    .map_err(|e| store_trouble(&e))?;
    let counsel = Arc::new(Planner {
        driver: Arc::clone(&driver),
        clock: context.clock.clone(),
    });
    let engine = Engine::new(owned, driver, counsel);
    let ended = engine.carry_on().await;
    // Whatever stopped it, the next owner need not wait. A claim that cannot be given up ends by itself.
    if let Err(e) = engine.leave().await {
        tracing::warn!("the run could not be given up: {e}");
    }
    Ok(ended.map_err(|e| store_trouble(&e))?)
}

/// Where the remaining steps stand as plain commands, for the day when upshift itself is gone.
fn runbook_path(context: &Context, run: &RunId) -> PathBuf {
    context.state_dir.join("runbooks").join(format!("{run}.txt"))
}

/// A runbook that cannot be written is logged: the run does not depend on it.
fn write_runbook(path: &Path, state: &RunState) {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    if let Err(e) = folder {
        return tracing::warn!(
            "the folder of the runbook {} could not be made: {e}",
            path.display()
        );
    }
    if let Err(trouble) = output::write(path, &journal::runbook(state), Present::Replace) {
        tracing::warn!(
            "the runbook {} could not be written: {}",
            path.display(),
            trouble.what
        );
    }
}

fn listener(runbook: PathBuf) -> Listener {
    Arc::new(move |line: &Line, state: &RunState| {
        if at_a_border(&line.entry().record, state) {
            write_runbook(&runbook, state);
        }
        let record = &line.entry().record;
        tracing::info!(
            seq = line.entry().seq,
            step = record.step().map(ToString::to_string),
            "{}",
            record.word()
        );
        if let Some(event) = event(record) {
            notify(state, event);
        }
    })
}

/// After each wave, and wherever what is left to do has changed as a whole.
fn at_a_border(record: &Record, state: &RunState) -> bool {
    match record {
        Record::Done { step, .. } => {
            let wave = state.waves().iter().find(|wave| {
                wave.lanes
                    .iter()
                    .any(|lane| lane.steps.iter().any(|s| s.id == *step))
            });
            wave.is_some_and(|wave| {
                wave.lanes
                    .iter()
                    .all(|lane| lane.steps.iter().all(|s| state.is_done(&s.id)))
            })
        }
        Record::Halted { .. } | Record::Aside { .. } | Record::Turned { .. } | Record::Closed { .. } => true,
        _ => false,
    }
}

/// What people want to be woken for.
const fn event(record: &Record) -> Option<&'static str> {
    match record {
        Record::Halted { .. } => Some("halted"),
        Record::Asked { .. } => Some("waiting"),
        Record::Noted { .. } | Record::Parked { .. } => Some("failed-gate"),
        Record::Turned { .. } => Some("rolling-back"),
        Record::Closed { .. } => Some("ended"),
        Record::Opened { .. }
        | Record::Intent { .. }
        | Record::Attempted { .. }
        | Record::Done { .. }
        | Record::Failed { .. }
        | Record::Held { .. }
        | Record::Answered { .. }
        | Record::Paused { .. }
        | Record::Aside { .. }
        | Record::Resumed { .. } => None,
    }
}

/// Tells people. A command that cannot be started is logged: the run does not depend on it.
fn notify(state: &RunState, event: &str) {
    let Some((program, args)) = state.plan.plan.policy.notify.split_first() else {
        return;
    };
    let started = Command::new(program)
        .args(args)
        .args([event, state.plan.plan.system.as_str(), state.run.as_str()])
        .stdin(Stdio::null())
        .spawn();
    match started {
        // Reaped apart, so that a slow command holds nothing up.
        Ok(mut child) => {
            std::thread::spawn(move || match child.wait() {
                Ok(status) if !status.success() => tracing::warn!("the notify command ended with {status}"),
                Ok(_) => {}
                Err(e) => tracing::warn!("the notify command could not be waited for: {e}"),
            });
        }
        Err(e) => tracing::warn!("the notify command {program} could not be started: {e}"),
    }
}
