//! What a job's jar refers to and the target does not have, and what it was built for: its connectors.
//!
//! A class that the job's own code names will be missed when that code runs. One that only a library in
//! the jar names may belong to a part that nobody uses, so it is told and does not block. What was
//! missing before the upgrade, too, is not told at all.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::{DeclaredJob, FlinkArtifact, JarReferences, MissingReference};
use upshift_model::observed::{Gap, Observed};
use upshift_model::topic::Topic;
use upshift_model::version::Version;

use super::source;
use super::view::{self, View};
use crate::systems::flink::codes;

/// Lines of evidence for the job's own code, and for libraries.
const SHOWN: usize = 20;

/// All findings about what jars refer to.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    view.declared
        .jobs
        .iter()
        .flat_map(|job| of_job(view, job))
        .collect()
}

fn of_job(view: &View<'_>, job: &DeclaredJob) -> Vec<Finding> {
    match view.facts.references.get(&job.name) {
        // Nobody looked: the target has no installation on this machine, and its own look says so.
        None => vec![unseen(job, &not_at_hand())],
        Some(Observed::Unknown(gap)) => vec![unseen(job, gap)],
        Some(Observed::Known(seen)) => {
            let mut found = vec![resolved(view, job, seen)];
            found.extend(view.target_version().map(|version| add_ons(job, seen, version)));
            found
        }
    }
}

fn not_at_hand() -> Gap {
    Gap {
        what: "classes of the target release".into(),
        reason: "no installation of it is declared, so none can be read on this machine".into(),
    }
}

fn unseen(job: &DeclaredJob, gap: &Gap) -> Finding {
    Topic::new(codes::REFERENCES, view::job(&job.name))
        .source(source::CLASS_FILES)
        .fix("declare the target release under [installation], with its home or an archive on this machine; then upshift check again")
        .unknown(gap, Severity::Yellow, "whether the target has what the jar refers to could not be seen")
}

fn resolved(view: &View<'_>, job: &DeclaredJob, seen: &JarReferences) -> Finding {
    let version = view
        .target_version()
        .map_or_else(|| "the target release".to_owned(), |v| format!("Flink {v}"));
    let mut topic = Topic::new(codes::REFERENCES, view::job(&job.name))
        .source(source::CLASS_FILES)
        .saw(format!(
            "{} classes of {} looked through, against {}",
            seen.classes,
            job.target.jar.display(),
            seen.against.display()
        ))
        .saw_all(
            seen.unreadable
                .iter()
                .map(|class| format!("could not be read: {class}")),
        );
    if seen.missing.is_empty() {
        return match seen.unreadable.is_empty() {
            true => topic.green("the target has what the jar refers to"),
            false => topic
                .fix("unzip -t JAR; build the jar again")
                .yellow("classes of the jar cannot be read"),
        };
    }
    let (own, libraries): (Vec<_>, Vec<_>) = seen.missing.iter().partition(|gap| gap.by_job);
    topic = topic
        .saw_all(own.iter().take(SHOWN).map(|gap| line(gap)))
        .saw_all(left_out(own.len()))
        .saw_all(folded(&libraries));
    if seen.more_missing > 0 {
        topic = topic.saw(format!("{} more references are missing", seen.more_missing));
    }
    topic = topic.fix(format!("build the jar against {version}, with connectors for it"));
    topic = in_opt(&seen.missing).into_iter().fold(topic, Topic::fix);
    match own.is_empty() {
        false => topic.red("the job's own code refers to what the target does not have"),
        true => topic.yellow("libraries in the jar refer to what the target does not have"),
    }
}

fn line(gap: &MissingReference) -> String {
    let what = match &gap.member {
        None => gap.class.clone(),
        Some(member) => format!("{}.{member}", gap.class),
    };
    let more = gap.by_all.saturating_sub(gap.by.len() as u64);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{what} is missing: referred to by {}{more}", gap.by.join(", "))
}

fn left_out(own: usize) -> Option<String> {
    (own > SHOWN).then(|| format!("{} more of the job's own code", own - SHOWN))
}

/// One line a package of what is missing for libraries.
fn folded(gaps: &[&MissingReference]) -> Vec<String> {
    let mut packages = BTreeMap::<&str, (BTreeSet<&str>, BTreeSet<&str>)>::new();
    for gap in gaps {
        let (package, name) = gap.class.rsplit_once('.').unwrap_or(("", &gap.class));
        let (names, by) = packages.entry(package).or_default();
        names.insert(name);
        by.extend(gap.by.iter().map(String::as_str));
    }
    let more = packages.len().saturating_sub(SHOWN);
    let lines = packages.iter().take(SHOWN).map(|(package, (names, by))| {
        format!(
            "of {package}, for libraries only: {} (by {})",
            view::listed(names.iter().copied().take(5)),
            view::listed(by.iter().copied().take(3))
        )
    });
    let mut lines: Vec<_> = lines.collect();
    lines.extend((more > 0).then(|| format!("of {more} more packages, for libraries only")));
    lines
}

fn in_opt(gaps: &[MissingReference]) -> Vec<String> {
    let jars: BTreeSet<_> = gaps.iter().filter_map(|gap| gap.in_opt.as_deref()).collect();
    jars.into_iter()
        .map(|jar| {
            format!(
                "what is missing is in opt/{jar} of the release: copy it into its lib, if the job needs it"
            )
        })
        .collect()
}

/// Connectors, formats and file systems in the jar, by the line that they were made for.
fn add_ons(job: &DeclaredJob, seen: &JarReferences, target: &Version) -> Finding {
    let topic = Topic::new(codes::CONNECTOR_LINES, view::job(&job.name)).source(source::CONNECTORS);
    let line = (target.major(), target.minor());
    let all: Vec<&FlinkArtifact> = seen
        .artifacts
        .iter()
        .filter(|artifact| artifact.is_add_on())
        .collect();
    let topic = topic.saw_all(all.iter().map(|artifact| match artifact.line() {
        Some((major, minor)) => format!(
            "{} {}: made for Flink {major}.{minor}",
            artifact.name, artifact.version
        ),
        None => format!(
            "{} {}: its version names no release line",
            artifact.name, artifact.version
        ),
    }));
    let others = || all.iter().filter(|artifact| artifact.line() != Some(line));
    if others().next().is_none() {
        return topic.green("no connector in the jar was made for another release line");
    }
    let wanted = format!(
        "build it with the artifacts of Flink {}.{} or those that name it: VERSION-{}.{}",
        line.0, line.1, line.0, line.1
    );
    topic
        .fix(wanted)
        .yellow("the jar brings connectors of another release line")
}
