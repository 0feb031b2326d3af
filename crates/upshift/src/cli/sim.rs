//! `upshift sim`: one simulated upgrade with all that happens in it, or many, counted.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::Args as ClapArgs;
use serde::Serialize;
use upshift_campaign::{Kind, Progress, Safety, Tally, Wanted};
use upshift_sim::direct::Fault;

use super::render::Paint;
use super::told;
use crate::app::sim::{self, Lived, Many};
use crate::clock;
use crate::exit::Exit;
use crate::trouble::Stop;

/// Live through simulated upgrades with faults drawn from a seed.
///
/// The plan is made by the planner, carried out by the engine, and the system is a model: nothing real is
/// touched. The same seed gives the same run. Ends with exit code 8 when a run lost, doubled or left something.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The seed, or the first of several [default: drawn from the clock, and printed].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How many seeds from the first on; one is told from beginning to end, more are counted.
    #[arg(long, value_name = "M", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub runs: u64,
    /// Only these kinds: in-place, shadow, running-cluster, job-only, rolling.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub kind: Vec<Kind>,
    /// Only these faults, by name; docs/simulator.md lists them.
    #[arg(long, value_name = "FAULT", value_delimiter = ',')]
    pub faults: Vec<Fault>,
    /// Take a safety step out of the plan, to see the simulator catch it.
    #[arg(long, value_name = "STEP")]
    pub without: Option<Safety>,
    /// Threads [default: one a core].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Keep every N-th journal in the embedded store on disk, and the others in memory.
    #[arg(long, value_name = "N")]
    pub on_disk_every: Option<u64>,
    /// The same facts as JSON.
    #[arg(long)]
    pub json: bool,
}

impl Args {
    fn wanted(&self) -> Wanted {
        Wanted {
            kinds: self.kind.clone(),
            faults: self.faults.clone(),
            without: self.without,
        }
    }

    /// The command that replays a seed.
    fn replay(&self, seed: u64) -> String {
        let mut text = format!("upshift sim --seed {seed}");
        let words = |all: Vec<&str>| all.join(",");
        if !self.kind.is_empty() {
            text += &format!(" --kind {}", words(self.kind.iter().map(|k| k.word()).collect()));
        }
        if !self.faults.is_empty() {
            text += &format!(
                " --faults {}",
                words(self.faults.iter().map(|f| f.word()).collect())
            );
        }
        if let Some(safety) = self.without {
            text += &format!(" --without {safety}");
        }
        text
    }
}

/// Simulates.
///
/// # Errors
/// When output cannot be written, or there is no room for a store on disk.
pub fn run(args: &Args, paint: Paint) -> Result<Exit, Stop> {
    let first = args.seed.unwrap_or_else(drawn);
    match args.runs {
        1 if args.on_disk_every.is_none() => one(args, first, paint),
        _ => many(args, first, paint),
    }
}

/// Small, so that it can be read out.
fn drawn() -> u64 {
    clock::now().subsec_nanosecond().unsigned_abs().into()
}

#[derive(Serialize)]
struct OneView {
    seed: u64,
    replay: String,
    #[serde(flatten)]
    told: told::View,
}

fn one(args: &Args, seed: u64, paint: Paint) -> Result<Exit, Stop> {
    let told = sim::one(seed, &args.wanted());
    match args.json {
        true => super::say_json(&OneView {
            seed,
            replay: args.replay(seed),
            told: told::View::of(&told),
        })?,
        false => super::say(&format!(
            "seed {seed}: {}\n\nagain: {}",
            told::text(&told, paint),
            args.replay(seed)
        ))?,
    }
    Ok(verdict(!told.flaws.is_empty()))
}

/// A state that was lost is what exit code 8 speaks of.
const fn verdict(failing: bool) -> Exit {
    if failing { Exit::Attention } else { Exit::Done }
}

fn many(args: &Args, first: u64, paint: Paint) -> Result<Exit, Stop> {
    let many = Many {
        first,
        runs: args.runs,
        threads: args.threads,
        wanted: args.wanted(),
        on_disk_every: args.on_disk_every,
    };
    let told_at = Mutex::new(Instant::now());
    let lived = sim::many(&many, &|progress| tell_now_and_then(&told_at, progress))?;
    match args.json {
        true => super::say_json(&ManyView::of(args, first, &lived))?,
        false => super::say(&text(args, first, &lived, paint))?,
    }
    Ok(verdict(!lived.tally.failing.is_empty()))
}

/// Progress, once in two seconds. That nobody reads it is no reason to end.
fn tell_now_and_then(told_at: &Mutex<Instant>, progress: Progress) {
    let Ok(mut at) = told_at.try_lock() else { return };
    if at.elapsed() < Duration::from_secs(2) {
        return;
    }
    *at = Instant::now();
    let Progress { done, of, failing } = progress;
    super::tell(&format!("{done} of {of} upgrades, {failing} failed")).ok();
}

fn per_minute(runs: u64, took: Duration) -> f64 {
    runs as f64 * 60.0 / took.as_secs_f64().max(1e-9)
}

/// So many failing seeds are told one by one.
const TOLD: usize = 20;

fn text(args: &Args, first: u64, lived: &Lived, paint: Paint) -> String {
    let Lived { tally, threads, took } = lived;
    let mut lines = vec![
        format!(
            "seeds {first} to {}: {} upgrades in {:.1} s on {threads} threads, {:.0} a minute",
            first.wrapping_add(args.runs - 1),
            tally.runs,
            took.as_secs_f64(),
            per_minute(tally.runs, *took)
        ),
        whole(tally),
        format!(
            "kept on disk: {}; in memory: {}",
            tally.on_disk,
            tally.runs - tally.on_disk
        ),
        format!("outcomes: {}", counted(&tally.outcomes)),
        format!("processes of upshift: {}", tally.processes),
        format!("faults that happened: {}", counted(&tally.faults)),
    ];
    match tally.failing.is_empty() {
        true => lines.push(paint.green("nothing lost, nothing doubled, nothing left half done")),
        false => lines.push(paint.red(&format!("{} failed", tally.failing.len()))),
    }
    for failing in tally.failing.iter().take(TOLD) {
        lines.push(format!("seed {}: {}", failing.seed, failing.flaws.join("; ")));
        lines.push(format!("    {}", args.replay(failing.seed)));
    }
    if tally.failing.len() > TOLD {
        let others: Vec<String> = tally.failing[TOLD..].iter().map(|f| f.seed.to_string()).collect();
        lines.push(format!("and seeds {}", others.join(" ")));
    }
    lines.join("\n")
}

fn whole(tally: &Tally) -> String {
    let (records, subjects) = (tally.records(), tally.subjects());
    format!(
        "of at least 3 jobs or instances, 40 records and 1 fault: {} (records: least {}, median {}, most {}; jobs or instances: least {}, most {})",
        tally.whole, records.least, records.median, records.most, subjects.least, subjects.most
    )
}

fn counted(all: &BTreeMap<&'static str, u64>) -> String {
    let words: Vec<String> = all.iter().map(|(word, n)| format!("{word} {n}")).collect();
    words.join(", ")
}

#[derive(Serialize)]
struct ManyView<'a> {
    first: u64,
    runs: u64,
    threads: usize,
    seconds: f64,
    per_minute: f64,
    whole_upgrades: u64,
    records: SpreadView,
    subjects: SpreadView,
    on_disk: u64,
    processes: u64,
    outcomes: &'a BTreeMap<&'static str, u64>,
    faults: &'a BTreeMap<&'static str, u64>,
    failing: Vec<FailingView<'a>>,
}

#[derive(Serialize)]
struct SpreadView {
    least: usize,
    median: usize,
    most: usize,
}

#[derive(Serialize)]
struct FailingView<'a> {
    seed: u64,
    against: &'a [String],
    replay: String,
}

impl From<upshift_campaign::Spread> for SpreadView {
    fn from(spread: upshift_campaign::Spread) -> Self {
        Self {
            least: spread.least,
            median: spread.median,
            most: spread.most,
        }
    }
}

impl<'a> ManyView<'a> {
    fn of(args: &Args, first: u64, lived: &'a Lived) -> Self {
        let tally = &lived.tally;
        let failing = tally.failing.iter().map(|failing| FailingView {
            seed: failing.seed,
            against: &failing.flaws,
            replay: args.replay(failing.seed),
        });
        Self {
            first,
            runs: tally.runs,
            threads: lived.threads,
            seconds: lived.took.as_secs_f64(),
            per_minute: per_minute(tally.runs, lived.took),
            whole_upgrades: tally.whole,
            records: tally.records().into(),
            subjects: tally.subjects().into(),
            on_disk: tally.on_disk,
            processes: tally.processes,
            outcomes: &tally.outcomes,
            faults: &tally.faults,
            failing: failing.collect(),
        }
    }
}
