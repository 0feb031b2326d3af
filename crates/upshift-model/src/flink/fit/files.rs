//! The files that a snapshot needs: whether they are there, and whether they are its own.

use crate::finding::{Finding, Severity};
use crate::flink::LackingFile;
use crate::words;

use super::codes;
use super::criteria::SnapshotRole;
use super::judge::{Case, RESTORES, SNAPSHOTS};

/// Whether every file is there as long as it must be.
pub(super) fn lacking(case: &Case<'_>) -> Finding {
    let contents = case.contents;
    let topic = case.topic(codes::FILES_LACKING).source(RESTORES);
    if contents.lacking_files > 0 {
        let more = contents.lacking_files - contents.lacking.len() as u64;
        let rest = (more > 0).then(|| format!("and {more} more"));
        let topic = topic
            .saw_all(contents.lacking.iter().map(|file| line(case, file)))
            .saw_all(rest)
            .saw("FileNotFoundException in the state backend, after the job is RUNNING")
            .fix("bring the files back to where they were, under the same names")
            .fix("or use another: upshift restore-points list shows those that upshift knows");
        return match case.role {
            SnapshotRole::Sample => topic.yellow("a snapshot of the job lacks files"),
            SnapshotRole::RestorePoint => topic.refused("the snapshot lacks files"),
        };
    }
    if let Some(gap) = &contents.files_not_looked_for {
        return topic
            .fix("upshift inspect savepoint PATH --files looks for all of them")
            .unknown(
                gap,
                Severity::Yellow,
                "not every file of the snapshot was looked for",
            );
    }
    match contents.files_looked_for {
        0 => topic.green("all state is in the metadata: there are no other files"),
        files => topic
            .saw(format!("{files} files"))
            .green("every file is there as long as it must be"),
    }
}

fn line(case: &Case<'_>, file: &LackingFile) -> String {
    let operators = &case.contents.operators;
    let operator = operators.iter().find(|operator| operator.id == file.operator);
    let operator = operator.map_or_else(|| file.operator.clone(), |known| case.called(known));
    let size = match (file.found, file.wanted) {
        (None, Some(wanted)) => format!("is not there, {} wanted", words::bytes(wanted)),
        (None, None) => "is not there".to_owned(),
        (Some(found), Some(wanted)) => format!("has {found} bytes, {wanted} wanted"),
        (Some(found), None) => format!("has {found} bytes"),
    };
    format!("{} {size} (operator {operator})", file.path)
}

/// Files that are named by absolute path: they stay where they are, and so must the snapshot.
pub(super) fn outside(case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(needs_another(case));
    if case.role == SnapshotRole::RestorePoint {
        found.push(movable(case));
    }
    found
}

fn movable(case: &Case<'_>) -> Finding {
    let topic = case.topic(codes::NOT_MOVABLE).source(SNAPSHOTS);
    let outside = &case.contents.outside;
    if outside.is_empty() {
        return topic.green("the snapshot may be moved or copied as a whole");
    }
    let lines = outside.iter().map(|(directory, files)| {
        format!(
            "{} files, {} in {directory}",
            files.files,
            words::bytes(files.bytes)
        )
    });
    topic
        .saw_all(lines)
        .fix("leave every one of these directories where it is, and see that the target reaches it under the same name")
        .fix("a savepoint has no such references: upshift restore-points take FILE")
        .yellow("the snapshot refers to files by absolute path: it may not be moved")
}

fn needs_another(case: &Case<'_>) -> Option<Finding> {
    let others: Vec<_> = case
        .contents
        .outside
        .iter()
        .filter_map(|(directory, files)| Some((directory, files, files.of_snapshot.as_ref()?)))
        .collect();
    let lines = others.iter().map(|(directory, files, other)| {
        let amount = words::bytes(files.bytes);
        format!(
            "{} files, {amount} in {directory}, of the snapshot {other}",
            files.files
        )
    });
    (!others.is_empty()).then(|| {
        case.topic(codes::NEEDS_ANOTHER)
            .source(SNAPSHOTS)
            .saw_all(lines)
            .saw("`upshift restore-points release` refuses to delete it while this one refers to it")
            .fix("keep it as long as this one is kept")
            .fix("a canonical savepoint refers to nothing else: [state] format = \"canonical\"")
            .yellow("the snapshot needs files of another snapshot")
    })
}
