//! Lives through many seeds and says in one line of JSON how long it took and what came of them: `campaign
//! FIRST RUNS THREADS ON_DISK_EVERY [KIND]...`, where 0 keeps no journal on disk, and no kind is all of them.
//!
//! A measurement that `cargo xtask bench sim` makes and judges; it judges nothing itself.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::json;
use upshift_campaign::{Batch, Kind, Spread, Wanted};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Option<Vec<u64>> = words.iter().take(4).map(|word| word.parse().ok()).collect();
    let kinds: Result<Vec<Kind>, String> = words.iter().skip(4).map(|word| word.parse()).collect();
    let (Some([first, runs, threads, on_disk_every]), Ok(kinds)) = (numbers.as_deref(), kinds) else {
        tell("campaign FIRST RUNS THREADS ON_DISK_EVERY [KIND]...");
        return ExitCode::from(2);
    };
    let wanted = Wanted {
        kinds,
        ..Wanted::default()
    };
    match lived((*first, *runs), *threads, *on_disk_every, wanted) {
        Ok(line) => {
            say(&line);
            ExitCode::SUCCESS
        }
        Err(error) => {
            tell(&error);
            ExitCode::FAILURE
        }
    }
}

fn lived(
    (first, runs): (u64, u64),
    threads: u64,
    on_disk_every: u64,
    wanted: Wanted,
) -> Result<String, String> {
    let dir = tempfile::tempdir().map_err(|error| error.to_string())?;
    let batch = Batch {
        first,
        runs,
        threads: usize::try_from(threads).map_err(|error| error.to_string())?,
        wanted,
        on_disk: (on_disk_every > 0).then(|| (on_disk_every, dir.path().to_owned())),
    };
    let begun = Instant::now();
    let every = runs.div_ceil(20).max(1);
    let tally = batch.run(&|progress| {
        if progress.done.is_multiple_of(every) {
            let took: Duration = begun.elapsed();
            tell(&format!(
                "{} of {runs} in {:.0} s, {} failed",
                progress.done,
                took.as_secs_f64(),
                progress.failing
            ));
        }
    });
    let seconds = begun.elapsed().as_secs_f64();
    let tally = tally.map_err(|error| error.to_string())?;
    let spread = |of: Spread| json!({ "least": of.least, "median": of.median, "most": of.most });
    let failing = tally
        .failing
        .iter()
        .map(|f| json!({ "seed": f.seed, "against": f.flaws }));
    let told = json!({
        "seconds": seconds,
        "runs": tally.runs,
        "whole": tally.whole,
        "on_disk": tally.on_disk,
        "processes": tally.processes,
        "records": spread(tally.records()),
        "subjects": spread(tally.subjects()),
        "faults": spread(tally.faults_a_run()),
        "outcomes": tally.outcomes,
        "by_fault": tally.faults,
        "failing": failing.collect::<Vec<_>>(),
    });
    Ok(told.to_string())
}

#[expect(clippy::print_stdout, reason = "what was measured goes to standard output")]
fn say(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "progress goes to standard error")]
fn tell(line: &str) {
    eprintln!("{line}");
}
