//! All questions asked of one snapshot, and which answers stop a start.

use crate::finding::{Finding, Severity};
use crate::flink::SnapshotContents;
use crate::observed::Gap;
use crate::topic::Topic;
use crate::words;

use super::criteria::{FitCriteria, SnapshotRole};
use super::{beside, codes, files, forms, limits, operators, parallelism, types, uids};

/// Restores tried out with wrong parallelism, wrong backends and wrong ids.
pub(super) const RESTORES: &str =
    "measured: snapshots of Flink 1.14 to 2.3 restored on 1.18.1, 1.20.5, 2.0.2 and 2.3.0";
/// How state finds its operator.
pub(super) const UPGRADING: &str =
    "Flink documentation, 'Upgrading Applications and Flink Versions': Application State Compatibility";
/// What each kind of snapshot can be used for.
pub(super) const SNAPSHOTS: &str = "Flink documentation, 'Checkpoints vs. Savepoints'";

/// One snapshot and what it is held against.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) contents: &'a SnapshotContents,
    pub(super) criteria: &'a FitCriteria,
    pub(super) role: SnapshotRole,
}

impl Case<'_> {
    /// The subject of findings about the whole.
    pub(super) fn subject(&self) -> String {
        subject(self.criteria)
    }

    pub(super) fn topic(&self, code: crate::ids::Code) -> Topic {
        Topic::new(code, self.subject())
    }

    /// An operator as people know it: label, name and id.
    pub(super) fn called(&self, operator: &crate::flink::SnapshotOperator) -> String {
        let known = self.criteria.names.get(&operator.id);
        let name = operator.name.as_ref().or(known);
        match (operator.label(), name) {
            (label, Some(name)) if label == operator.id => format!("{label} ({name})"),
            (label, _) if label == operator.id => label.to_owned(),
            (label, _) => format!("{label} ({})", operator.id),
        }
    }
}

pub(super) fn subject(criteria: &FitCriteria) -> String {
    match criteria.job.as_str() {
        "" => "restore point".to_owned(),
        job => format!("job {job}"),
    }
}

/// Every finding about a snapshot, green ones included. Waivers are not applied.
pub fn judge(contents: &SnapshotContents, criteria: &FitCriteria, role: SnapshotRole) -> Vec<Finding> {
    let case = Case {
        contents,
        criteria,
        role,
    };
    let mut found = vec![metadata(&case)];
    found.extend(operator_header(&case));
    found.push(files::lacking(&case));
    found.extend(not_all_read(&case));
    found.extend(odd(&case));
    found.extend(operators::check(&case));
    found.extend(uids::check(&case));
    found.extend(parallelism::check(&case));
    found.extend(types::check(&case));
    found.extend(limits::check(&case));
    found.extend(forms::check(&case));
    found.extend(files::outside(&case));
    found.extend(beside::check(&case));
    found
}

/// The finding about a snapshot that no release could restore.
pub fn spoiled(location: &str, what: &str, criteria: &FitCriteria, role: SnapshotRole) -> Finding {
    let topic = Topic::new(codes::DAMAGED, subject(criteria))
        .saw(format!("{location}: {what}"))
        .source(RESTORES)
        .fix("use another: upshift restore-points list shows those that upshift knows")
        .fix("take one anew while the job runs: upshift restore-points take FILE");
    match role {
        SnapshotRole::Sample => topic.yellow("a snapshot of the job is damaged"),
        SnapshotRole::RestorePoint => topic.refused("the snapshot is damaged: no release can restore it"),
    }
}

/// The findings that stop a start from the snapshot: red, or hiding something red, and accepted by
/// nobody.
pub fn not_acceptable<'f>(findings: &'f [Finding], criteria: &FitCriteria) -> Vec<&'f Finding> {
    let accepted = |finding: &Finding| {
        let named = criteria
            .accepted
            .iter()
            .any(|accepted| accepted.code == finding.code && accepted.subject == finding.subject);
        finding.waivable() && named
    };
    findings
        .iter()
        .filter(|finding| (finding.blocks() || finding.blinds()) && !accepted(finding))
        .collect()
}

fn metadata(case: &Case<'_>) -> Finding {
    let contents = case.contents;
    let kind = contents.taken_as.words();
    let topic = case.topic(codes::METADATA_VERSION).source(RESTORES).saw(format!(
        "{kind} {} with metadata version {}{}, {} of state, {} operators",
        contents.checkpoint_id,
        contents.version,
        written_by(contents),
        words::bytes(contents.state_bytes),
        contents.operators.len()
    ));
    match case.criteria.metadata_versions {
        None => topic.green("the metadata was read"),
        Some((least, most)) if (least..=most).contains(&contents.version) => topic
            .saw(format!("the target reads {least} to {most}"))
            .green("the target reads this version of the metadata"),
        Some((least, most)) => topic
            .saw(format!("the target reads {least} to {most}: Unrecognized checkpoint version number, when the job is submitted"))
            .fix("start from a snapshot that the older release took itself: upshift restore-points list")
            .refused("the target does not read this version of the metadata"),
    }
}

fn written_by(contents: &SnapshotContents) -> String {
    let writers = contents.writers.as_deref();
    writers.map_or_else(String::new, |lines| format!(" (written by {lines})"))
}

/// The header is met after the job is RUNNING, although the metadata was accepted.
fn operator_header(case: &Case<'_>) -> Option<Finding> {
    let highest = case.criteria.operator_header?;
    let topic = case.topic(codes::OPERATOR_HEADER).source(RESTORES);
    let newer = |version: &i32| i64::from(*version) > i64::from(highest);
    let over: Vec<_> = case
        .contents
        .operators
        .iter()
        .filter_map(|operator| Some((operator, *operator.operator_headers.iter().find(|v| newer(v))?)))
        .collect();
    if over.is_empty() {
        return Some(topic.green("the target reads the headers of operator state"));
    }
    let lines = over
        .iter()
        .map(|(operator, version)| format!("operator {}: header version {version}", case.called(operator)));
    Some(
        topic
            .saw_all(lines)
            .saw(format!(
                "the target reads up to {highest}: VersionMismatchException, after the job is RUNNING"
            ))
            .fix("start from a snapshot that the older release took itself: upshift restore-points list")
            .refused("the target does not read the headers of operator state"),
    )
}

/// What a serializer that the reader does not know hides is not guessed at.
fn not_all_read(case: &Case<'_>) -> Option<Finding> {
    let operators = case.contents.operators.iter();
    let hidden = operators.filter_map(|operator| {
        let why = operator.not_all_read.as_ref()?;
        Some(format!("operator {}: {why}", case.called(operator)))
    });
    let lines: Vec<_> = hidden.collect();
    let gap = Gap {
        what: "states of some operators".to_owned(),
        reason: format!(
            "the headers of {} operators were not read to their end",
            lines.len()
        ),
    };
    (!lines.is_empty()).then(|| {
        case.topic(codes::NOT_ALL_READ)
            .saw_all(lines)
            .fix("upshift inspect savepoint PATH shows what was read and where the reading ended")
            .fix("ask the author of these serializers what they write")
            .unknown(&gap, Severity::Yellow, "not every state of the snapshot is known")
    })
}

fn odd(case: &Case<'_>) -> Option<Finding> {
    let lines = &case.contents.oddities;
    (!lines.is_empty()).then(|| {
        case.topic(codes::ODD)
            .saw_all(lines.iter().cloned())
            .fix("upshift inspect savepoint PATH shows where")
            .fix("try a copy: restore it on a scratch cluster before the upgrade")
            .yellow("the metadata says what no sound snapshot says")
    })
}
