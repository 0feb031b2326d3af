//! What the reader of snapshots found, in words: the same in `inspect`, in checks and at gates.

use upshift_formats::flink::view::{FileLocation, HeaderFile, HeaderProblem, Oddity, Writers};

/// Why the states of an operator may not all be named.
pub fn problem(problem: &HeaderProblem, file: Option<&HeaderFile>) -> String {
    let place = file.map_or("_metadata", |file| match &file.location {
        FileLocation::Relative(path) | FileLocation::Absolute(path) => path,
    });
    match problem {
        HeaderProblem::UnknownSerializer { at, class } => {
            let class = match class.as_str() {
                "" => "of an unknown class",
                class => class,
            };
            format!(
                "state header in {place}: serializer snapshot {class} at byte {at} is not known; states behind it are not named"
            )
        }
        HeaderProblem::Unreadable(error) => format!("state header in {place}: {error}"),
        HeaderProblem::Unopened(why) => format!("state header in {place}: {why}"),
    }
}

/// The lines that can have written a snapshot: `1.18 to 1.20`.
pub fn writers(writers: Writers) -> String {
    match writers {
        Writers::Between { from, to } if from == to => from.to_owned(),
        Writers::Between { from, to } => format!("{from} to {to}"),
        Writers::LaterThan(last) => format!("later than {last}"),
    }
}

/// What is well-formed and should not be.
pub fn oddity(oddity: &Oddity) -> String {
    match oddity {
        Oddity::OperatorTwice { operator } => {
            format!("operator {operator} is there twice; Flink keeps the last")
        }
        Oddity::SubtaskTwice { operator, index } => {
            format!("operator {operator}: subtask {index} is there twice")
        }
        Oddity::SubtaskBeyondParallelism {
            operator,
            index,
            parallelism,
        } => format!("operator {operator}: subtask {index} is beyond its parallelism of {parallelism}"),
        Oddity::ParallelismAboveMax {
            operator,
            parallelism,
            max_parallelism,
        } => format!("operator {operator}: parallelism {parallelism} is above its max {max_parallelism}"),
    }
}
