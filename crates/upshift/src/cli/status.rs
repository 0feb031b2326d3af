//! `upshift status`: where a run stands, what was done, what is being waited for, what to do next.

use clap::Args as ClapArgs;
use serde::Serialize;
use upshift_engine::store::{Holder, Note};
use upshift_model::ids::StepId;
use upshift_model::record::{Line, Record, Who};
use upshift_model::run_state::{Phase, RunState};
use upshift_model::waiver::Waiver;

use super::follow::{self, Until};
use super::{phase, timeline};
use crate::app::context::{Context, store_trouble};
use crate::app::find_run::{self, Found};
use crate::exit::Exit;
use crate::trouble::Stop;

/// Show where a run stands.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The run's id, its beginning, or the system's name; the only open run where it is left out.
    pub run: Option<String>,
    /// Follow the run until it is over.
    #[arg(long)]
    pub watch: bool,
    /// Show everything that was seen at each step.
    #[arg(short, long)]
    pub verbose: bool,
    /// The same facts as JSON.
    #[arg(long, conflicts_with = "watch")]
    pub json: bool,
}

/// Prints the run's timeline and where it stands.
///
/// # Errors
/// When no run fits, or its journal cannot be read.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Stop> {
    let found = find_run::find(context, args.run.as_deref()).await?;
    if args.watch {
        return follow::follow(context, &found.state.run, 0, Until::Over, None).await;
    }
    let run = &found.state.run;
    let holder = context.store.holder(run).await.map_err(|e| store_trouble(&e))?;
    let note = context
        .store
        .latest_note(run)
        .await
        .map_err(|e| store_trouble(&e))?;
    let note = note.filter(|note| holder.is_some() && note.at >= found.state.last.at);
    match args.json {
        true => {
            let view = view(&found, holder.as_ref(), note);
            super::say(&serde_json::to_string_pretty(&view).map_err(anyhow::Error::from)?)?;
        }
        false => super::say(&text(&found, holder.as_ref(), note.as_ref(), args.verbose)?.join("\n"))?,
    }
    // A run that should go on and that nobody carries on is as good as halted, and a watchdog must hear it.
    let going = if holder.is_some() {
        Exit::Done
    } else {
        Exit::Halted
    };
    Ok(follow::end_of(&found.state, Until::NeedsPerson).unwrap_or(going))
}

fn text(
    found: &Found,
    holder: Option<&Holder>,
    note: Option<&Note>,
    verbose: bool,
) -> Result<Vec<String>, Stop> {
    let plan = &found.state.plan.plan;
    let mut text = vec![format!(
        "{}  {} {} → {}, {}   plan {}",
        plan.system,
        plan.kind,
        plan.from,
        plan.to,
        plan.strategy,
        found.state.plan.digest.short()
    )];
    let mut before: Option<RunState> = None;
    for line in &found.lines {
        text.extend(timeline::lines(line, before.as_ref()));
        if verbose {
            text.extend(timeline::facts(line));
        }
        match &mut before {
            Some(state) => state.apply(line).map_err(anyhow::Error::from)?,
            None => before = Some(RunState::fold([line]).map_err(anyhow::Error::from)?),
        }
    }
    text.push(String::new());
    text.push(phase::stands_at(&found.state));
    for lane in note.iter().flat_map(|note| note.lanes.iter()) {
        text.push(format!(
            "  {}  {} (since {})",
            lane.step,
            lane.what,
            timeline::clock_time(lane.since)
        ));
    }
    match (holder, &found.state.phase) {
        (_, Phase::Closed { .. }) => {}
        (Some(h), _) => text.push(format!(
            "  carried on by process {} of {} on {}",
            h.pid, h.user, h.host
        )),
        (None, _) => text.push(format!(
            "  no process carries it on: upshift resume {}",
            found.state.run
        )),
    }
    for (slot, point) in &found.state.bindings.slots {
        text.push(format!(
            "  {slot}: {} {} of {}",
            point.kind.words(),
            point.location,
            point.triggered_at
        ));
    }
    Ok(text)
}

#[derive(Serialize)]
struct View<'a> {
    run: &'a str,
    system: &'a str,
    from: &'a str,
    to: &'a str,
    strategy: String,
    plan: &'a str,
    phase: &'static str,
    stands_at: String,
    open: bool,
    holder: Option<&'a Holder>,
    waiting_for: Option<Note>,
    back: Option<&'a str>,
    opened_by: &'a Who,
    waivers: &'a [Waiver],
    said: Vec<Said<'a>>,
    restore_points: Vec<serde_json::Value>,
    journal: Vec<serde_json::Value>,
}

/// A person's word, or the policy's: who, why and the ticket.
#[derive(Serialize)]
struct Said<'a> {
    at: jiff::Timestamp,
    word: &'static str,
    step: Option<&'a StepId>,
    by: &'a Who,
}

fn said(line: &Line) -> Option<Said<'_>> {
    let entry = line.entry();
    let by = match &entry.record {
        Record::Opened { by, .. }
        | Record::Answered { by, .. }
        | Record::Paused { by }
        | Record::Resumed { by }
        | Record::Aside { by, .. }
        | Record::Turned { by, .. } => by,
        Record::Closed { by, .. } => by.as_ref()?,
        _ => return None,
    };
    Some(Said {
        at: entry.at,
        word: entry.record.word(),
        step: entry.record.step(),
        by,
    })
}

fn view<'a>(found: &'a Found, holder: Option<&'a Holder>, waiting_for: Option<Note>) -> View<'a> {
    let state = &found.state;
    let points = state.bindings.slots.iter();
    View {
        run: state.run.as_str(),
        system: state.plan.plan.system.as_str(),
        from: state.plan.plan.from.as_str(),
        to: state.plan.plan.to.as_str(),
        strategy: state.plan.plan.strategy.to_string(),
        plan: state.plan.digest.hex(),
        phase: phase::word(state),
        stands_at: phase::stands_at(state),
        open: found.open,
        holder,
        waiting_for,
        back: state.back.as_ref().map(|back| back.digest.hex()),
        opened_by: &state.opened_by,
        waivers: &state.plan.plan.waivers,
        said: found.lines.iter().filter_map(said).collect(),
        restore_points: points
            .map(|(slot, p)| serde_json::json!({"slot": slot, "point": p}))
            .collect(),
        journal: found
            .lines
            .iter()
            .map(|line| {
                let entry = line.entry();
                serde_json::json!({"seq": entry.seq, "at": entry.at, "epoch": entry.epoch,
                    "is": entry.record.word(), "step": entry.record.step(), "digest": line.digest()})
            })
            .collect(),
    }
}
