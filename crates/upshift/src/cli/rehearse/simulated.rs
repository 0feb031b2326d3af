//! On a simulated system: one fault, faults drawn from a seed, or the calm run and a survey of all.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::Serialize;
use upshift_campaign::{Course, Given, Told};
use upshift_sim::direct::Fault;

use super::survey::{self, Surveyed};
use super::{Args, FaultWord, Paint};
use crate::app::plan_file;
use crate::app::rehearse::{inventory, simulated};
use crate::cli::{say, say_json, tell, told};
use crate::clock;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Simulates.
///
/// # Errors
/// When plan or inventory cannot be used, the fault cannot strike there, or output cannot be written.
pub fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let plan = plan_file::read_to_rehearse(&args.plan)?;
    let inventory = inventory::read(&args.plan, &plan.plan, args.inventory.as_deref())?;
    let given = Given { plan, inventory };
    match (&args.at, args.fault) {
        (Some(at), Some(fault)) => {
            let strike = at.strike(fault, &given)?;
            one(args, &simulated::struck(&given, &strike), None, paint)
        }
        _ if args.seed.is_some() || !args.faults.is_empty() => {
            // Small, so that it can be read out.
            let drawn = || u64::from(clock::now().subsec_nanosecond().unsigned_abs());
            let seed = args.seed.unwrap_or_else(drawn);
            let told = simulated::drawn(&given, seed, &faults(&args.faults));
            one(args, &told, Some(seed), paint)
        }
        _ => all(args, &given, paint),
    }
}

/// None stands for all.
fn faults(words: &[FaultWord]) -> Vec<Fault> {
    let named = words.iter().map(|word| match word {
        FaultWord::All => None,
        FaultWord::One(fault) => Some(*fault),
    });
    named.collect::<Option<Vec<_>>>().unwrap_or_default()
}

#[derive(Serialize)]
struct OneView {
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(flatten)]
    told: told::View,
}

fn one(args: &Args, run: &Told, seed: Option<u64>, paint: Paint) -> Result<Exit, Stop> {
    if args.json {
        let told = told::View::of(run);
        say_json(&OneView { seed, told })?;
    } else {
        let again = seed.map(|seed| format!("\n\nseed {seed}")).unwrap_or_default();
        say(&format!("{}{again}", told::text(run, paint)))?;
    }
    Ok(verdict(run.flaws.is_empty()))
}

/// State that does not survive is what exit code 8 speaks of.
const fn verdict(survives: bool) -> Exit {
    if survives { Exit::Done } else { Exit::Attention }
}

fn all(args: &Args, given: &Given, paint: Paint) -> Result<Exit, Stop> {
    let (calm, back) = (
        simulated::calm(Course::There, given),
        simulated::calm(Course::Back, given),
    );
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let told_at = Mutex::new(Instant::now());
    let struck = simulated::surveyed(
        given,
        (&calm, &back),
        args.threads.unwrap_or_else(cores),
        &|done, of| {
            now_and_then(&told_at, done, of);
        },
    );
    let surveyed = Surveyed {
        file: &args.plan,
        given,
        calm: &calm,
        back: &back,
        struck: &struck,
    };
    match args.json {
        true => say_json(&survey::View::of(&surveyed))?,
        false => say(&survey::text(&surveyed, paint))?,
    }
    Ok(verdict(surveyed.survives()))
}

/// Progress, once in two seconds. That nobody reads it is no reason to end.
fn now_and_then(told_at: &Mutex<Instant>, done: usize, of: usize) {
    let Ok(mut at) = told_at.try_lock() else { return };
    if at.elapsed() < Duration::from_secs(2) {
        return;
    }
    *at = Instant::now();
    tell(&format!("{done} of {of} faults played")).ok();
}
