//! `upshift rollback`: goes back to where a run started, after saying what that means.

use clap::Args as ClapArgs;
use serde::Serialize;
use upshift_engine::request::Ask;
use upshift_model::inventory::Inventory;
use upshift_model::plan::{Sealed, Site};
use upshift_model::run_state::{Phase, RunState};
use upshift_model::way_back::WayBackOffer;
use upshift_planner::render;
use upshift_planner::systems::flink::recipe::codes::UNSETTLED;
use upshift_planner::systems::fluss::codes::{UNSEEN, WAY_BACK};
use upshift_planner::systems::fluss::repair::runbook;

use super::follow::{self, Until};
use super::speaker::Speaker;
use super::timeline;
use crate::app::context::Context;
use crate::app::{counsel, find_run, run, systems};
use crate::codes;
use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};

/// Go back to where the run started.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The run's id, its beginning, or the system's name; the only open run where it is left out.
    pub run: Option<String>,
    /// Show the way back and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Accept that records are read and written again, into sinks that cannot take them twice, too.
    #[arg(long)]
    pub accept_replay: bool,
    /// Print what can be tried by hand where the epochs of a Fluss cluster have closed the way back. Nothing is done.
    #[arg(long, conflicts_with_all = ["dry_run", "accept_replay"])]
    pub repair: bool,
    /// The way back as JSON: the sealed plan, and what would be replayed.
    #[arg(long, requires = "dry_run")]
    pub json: bool,
    #[command(flatten)]
    /// Who, why and a ticket, for the journal.
    pub speaker: Speaker,
}

#[derive(Serialize)]
struct View<'a> {
    sealed: &'a Sealed,
    amount: &'a str,
    replays_ms: u64,
    doubles: &'a [String],
}

/// Shows the way back, then asks the run to take it.
///
/// # Errors
/// When no open run fits, there is no way back, or it would double records without consent.
pub async fn run(args: &Args, context: &Context) -> Result<Exit, Stop> {
    let found = find_run::find_open(context, args.run.as_deref()).await?;
    let state = &found.state;
    if args.repair {
        return repair(state).await;
    }
    if let Some(back) = &state.back {
        if args.dry_run {
            let view = View {
                sealed: back,
                amount: "",
                replays_ms: 0,
                doubles: &[],
            };
            return show(&view, "the run goes back already", args.json);
        }
        super::say("the run goes back already")?;
    } else if let Some(offer) = the_offer(args, context, state).await? {
        let view = View {
            sealed: &offer.plan.clone().seal(),
            amount: &offer.amount,
            replays_ms: offer.replays.0,
            doubles: &offer.doubles,
        };
        let amount = if offer.amount.is_empty() {
            "nothing is replayed"
        } else {
            &offer.amount
        };
        show(&view, amount, args.json)?;
        if args.dry_run {
            return Ok(Exit::Done);
        }
        if !offer.doubles.is_empty() && offer.replays.0 > 0 && !args.accept_replay {
            let what = format!("going back would write records again: {}", offer.amount);
            return Err(Trouble::new(codes::REPLAY_CONSENT, Exit::Waiting, what)
                .expected(format!(
                    "consent, because the sinks of {} are append or undeclared",
                    offer.doubles.join(", ")
                ))
                .next(format!("upshift rollback {} --accept-replay", state.run))
                .into());
        }
    }
    let word = Ask::RollBack {
        accept_replay: args.accept_replay,
    };
    let worker = run::ask(context, state, word, args.speaker.who()).await?;
    follow::follow_word(context, &state.run, state.last.seq, Until::NeedsPerson, worker).await
}

fn show(view: &View<'_>, amount: &str, json: bool) -> Result<Exit, Stop> {
    match json {
        true => super::say_json(view)?,
        false => {
            super::say(&render::tree(view.sealed))?;
            super::say(amount)?;
        }
    }
    Ok(Exit::Done)
}

/// Prints the offline repair of a Fluss cluster, by a fresh look: it names every node that would be changed.
async fn repair(state: &RunState) -> Result<Exit, Stop> {
    let plan = &state.plan.plan;
    let no = |what: String| Trouble::new(WAY_BACK, Exit::Halted, what);
    let Site::Fluss(site) = &plan.site else {
        return Err(no(format!("there is no offline repair for {}", plan.kind)).into());
    };
    let present = systems::driver(plan)?.observe().await;
    let present = present.map_err(|fault| no(format!("the cluster could not be looked at: {fault}")))?;
    let seen = present
        .facts
        .fluss()
        .ok_or_else(|| no("the look is not of Fluss".to_owned()))?;
    let lines = runbook(plan, site, seen).map_err(|why| no(format!("no offline repair: {why}")))?;
    super::say(&lines.join("\n"))?;
    Ok(Exit::Done)
}

/// How a run stands that cannot go back: as safe as its halt said, and no safer.
fn stands(state: &RunState) -> Exit {
    match &state.phase {
        Phase::Halted { halt, .. } if !timeline::is_safe(halt) => Exit::Attention,
        _ => Exit::Halted,
    }
}

/// From the journal alone where that tells enough. Where a process was killed while it stopped a job, or a coordinator of
/// Fluss was stopped, a look at the system may; where that does not either, the run sees the stop to its end before it goes
/// back, and there is nothing to be shown yet.
async fn the_offer(args: &Args, context: &Context, state: &RunState) -> Result<Option<WayBackOffer>, Stop> {
    let now = context.clock.now();
    let mut seen = None;
    let mut unseen = None;
    let offer = match counsel::offer(state, None, now) {
        Err(unsaid) if [UNSETTLED, WAY_BACK, UNSEEN].contains(&unsaid.code) => {
            match systems::driver(&state.plan.plan)?.observe().await {
                Ok(present) => counsel::offer(state, Some(seen.insert(present)), now),
                Err(fault) => {
                    unseen = Some(fault);
                    Err(unsaid)
                }
            }
        }
        told => told,
    };
    match offer {
        Ok(offer) => Ok(Some(offer)),
        // A run that halted has looked already.
        Err(failure) if failure.code == UNSETTLED && !args.dry_run && state.phase == Phase::Going => {
            super::say("what became of the stop is looked at first, then the run goes back")?;
            Ok(None)
        }
        Err(failure) => {
            let closed = [WAY_BACK, UNSEEN].contains(&failure.code);
            let repaired = closed && may_be_repaired(state, seen.as_ref());
            let by_hand = repaired.then(|| format!("upshift rollback {} --repair", state.run));
            let looked = unseen.map_or_else(String::new, |fault| {
                format!("; a look at the system might have told more, and failed: {fault}")
            });
            let trouble = Trouble::new(failure.code, stands(state), failure.what + &looked);
            let trouble = trouble.next(format!("upshift status {}", state.run));
            Err(by_hand.into_iter().fold(trouble, Trouble::next).into())
        }
    }
}

/// Whether an offline repair may help: epochs are in the way, or it was not seen whether they are.
fn may_be_repaired(state: &RunState, seen: Option<&Inventory>) -> bool {
    let plan = &state.plan.plan;
    match (&plan.site, seen.and_then(|seen| seen.facts.fluss())) {
        (Site::Fluss(site), Some(seen)) => runbook(plan, site, seen).is_ok(),
        _ => true,
    }
}
