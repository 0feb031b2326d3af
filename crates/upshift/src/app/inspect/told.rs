//! What a person is told of a snapshot that could not be read.

use upshift_drivers::flink::inspect::{Defect, FileCheck, SnapshotError};
use upshift_drivers::wire::objects::{ObjectError, Why};
use upshift_formats::FormatError;

use crate::exit::Exit;
use crate::trouble::Trouble;

/// The trouble of a snapshot: damage blocks, what was not seen is unknown, and a place without a snapshot is a
/// mistake of the command line.
pub(super) fn trouble(location: &str, error: &SnapshotError) -> Trouble {
    let exit = match error {
        _ if error.is_damage() => Exit::Blocked,
        _ if error.is_unseen() => Exit::Unknown,
        _ => Exit::Usage,
    };
    let trouble = Trouble::new(error.code(), exit, what(error)).at(place(location, error));
    match error {
        SnapshotError::Bytes(error) => of_bytes(trouble, error),
        SnapshotError::NoMetadata { inside, .. } => {
            let trouble = trouble.expected("the directory of a snapshot, with its _metadata");
            let inside = inside
                .iter()
                .map(|place| format!("upshift inspect savepoint {place}"));
            inside.fold(trouble, Trouble::next)
        }
        SnapshotError::Format { size, defect, .. } => of_format(trouble, *size, defect),
    }
}

fn place(location: &str, error: &SnapshotError) -> String {
    match error {
        SnapshotError::Bytes(error) => error.place.clone(),
        SnapshotError::NoMetadata { directory, .. } => directory.to_string(),
        SnapshotError::Format { file, .. } if file.name().is_empty() => location.to_owned(),
        SnapshotError::Format { file, .. } => file.to_string(),
    }
}

fn what(error: &SnapshotError) -> String {
    match error {
        SnapshotError::Bytes(error) => error.why.to_string(),
        SnapshotError::NoMetadata { .. } => "no _metadata in this directory".to_owned(),
        SnapshotError::Format { defect, .. } => match defect {
            Defect::Empty => "an empty file".to_owned(),
            Defect::Read(FormatError::Magic { at: 0, found, .. }) => {
                format!("not the metadata of a Flink snapshot: it begins with {found:#010x}")
            }
            Defect::Read(FormatError::Version { at: 4, found, .. }) if *found > 7 => {
                format!("metadata version {found}, newer than this upshift reads")
            }
            Defect::Read(FormatError::Version { at: 4, found, .. }) => {
                format!("metadata version {found}, which this upshift does not read")
            }
            Defect::Read(error @ FormatError::Truncated { .. }) => format!("it ends too early: {error}"),
            Defect::Read(error) => error.to_string(),
        },
    }
}

fn of_bytes(trouble: Trouble, error: &ObjectError) -> Trouble {
    let mut trouble = match &error.why {
        Why::NotProven { .. } => trouble.next("copy the snapshot to a local directory, and name that"),
        Why::NotAPlace(_) => trouble.expected("/path, file:///path or s3://bucket/key"),
        Why::Denied => {
            trouble.expected("a user who may read there; for S3, [objects] of a system file, or AWS_… keys")
        }
        Why::Setup => trouble.expected("an [objects] section whose endpoint, ca and references can be used"),
        Why::Absent => trouble.expected("the directory of a snapshot, or its _metadata"),
        Why::Failed => trouble.expected("a file system or store that answers"),
    };
    trouble.far_side.clone_from(&error.said);
    trouble
}

fn of_format(trouble: Trouble, size: u64, defect: &Defect) -> Trouble {
    let trouble = trouble.expected(match defect {
        Defect::Read(FormatError::Version { at: 4, .. }) => "metadata version 2 to 7".to_owned(),
        Defect::Read(FormatError::Magic { at: 0, expected, .. }) => {
            format!("{expected:#010x}, the start of Flink's _metadata")
        }
        Defect::Empty | Defect::Read(_) => "the metadata of a Flink snapshot, whole".to_owned(),
    });
    match defect {
        Defect::Empty | Defect::Read(FormatError::Truncated { .. }) => trouble.next(format!(
            "compare its size, {size} bytes, with the original's, and copy it again"
        )),
        Defect::Read(_) => trouble.next("compare its checksum with the original's, and copy it again"),
    }
}

/// How a command ends that looked at files.
pub fn exit_of(checks: &[FileCheck]) -> Exit {
    use upshift_drivers::flink::inspect::FileState::{Missing, There, Unseen, Whole, WrongSize};
    let exits = checks.iter().map(|check| match check.state {
        Whole(_) | There(_) => Exit::Done,
        Missing | WrongSize { .. } => Exit::Blocked,
        Unseen(_) => Exit::Unknown,
    });
    // What is certainly missing comes before what was not seen.
    let all: Vec<Exit> = exits.collect();
    match (all.contains(&Exit::Blocked), all.contains(&Exit::Unknown)) {
        (true, _) => Exit::Blocked,
        (false, true) => Exit::Unknown,
        (false, false) => Exit::Done,
    }
}
