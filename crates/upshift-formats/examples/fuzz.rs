//! Runs one fuzz target for so many seconds: `fuzz READER SECONDS [FIRST]`. `cargo xtask fuzz` calls it.

#[path = "../tests/fuzzing/mod.rs"]
mod fuzzing;

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use fuzzing::{READERS, Target};

/// Executions between two looks at the clock.
const ROUND: u64 = 1_000;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize| words.get(place).and_then(|word| word.parse::<u64>().ok());
    let target = words.first().and_then(|reader| Target::of(reader));
    let (Some(target), Some(seconds)) = (target, number(1)) else {
        say(&format!(
            "fuzz READER SECONDS [FIRST]; readers are {}",
            READERS.join(", ")
        ));
        return ExitCode::from(2);
    };
    let first = number(2).unwrap_or(0);
    let (start, limit) = (Instant::now(), Duration::from_secs(seconds));
    let mut done = 0;
    while start.elapsed() < limit {
        for number in first + done..first + done + ROUND {
            let input = target.input(number);
            if catch_unwind(AssertUnwindSafe(|| target.read(&input))).is_err() {
                say(&format!("input {number} of {} makes it panic", words[0]));
                return ExitCode::FAILURE;
            }
        }
        done += ROUND;
    }
    let took = start.elapsed().as_secs_f64();
    say(&format!(
        "{}: {done} executions from {} inputs in {took:.0} s, {:.0} a second, none panicked",
        words[0],
        target.seeds(),
        done as f64 / took
    ));
    ExitCode::SUCCESS
}

fn say(text: &str) {
    // Nobody may be listening any more; the exit code says the same.
    writeln!(std::io::stdout(), "{text}").ok();
}
