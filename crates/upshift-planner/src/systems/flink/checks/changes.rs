//! What changes between the two releases and bites this system: one finding for each that does, what
//! cannot be decided in one finding with counts.
//!
//! Changes that do not bite are not shown: `upshift notes` shows all of them. Nothing is known here
//! that a row does not say.

use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use super::view::View;
use crate::knowledge::changes::{Act, Notes, Told, Way, Weight};
use crate::knowledge::{Known, Release};
use crate::systems::flink::{codes, sight};

/// Names of rows that a folded finding lists before it only counts.
const LISTED: usize = 6;
/// The subject of what is folded.
const ALL: &str = "changes on the way";

/// All findings about changes on the way.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    let Some(to) = view.target_version() else {
        return Vec::new();
    };
    let from = &view.facts.source.version;
    let read = |text: &str| Release::parse(Known::Flink, text).ok();
    let (Some(from), Some(to)) = (read(from.as_str()), read(to.as_str())) else {
        return Vec::new();
    };
    let changes = view.situation.knowledge.changes();
    let seen = sight::sight(view.declared, view.facts);
    let notes = changes.notes(&from, &to, &[], &seen);
    if notes.way != Way::Up {
        return Vec::new();
    }
    let looks_different = |told: &&Told<'_>| told.change.act >= Act::LooksDifferent;
    let weighty = notes
        .bites
        .iter()
        .filter(|told| told.change.weight != Weight::Note);
    let (told, folded): (Vec<_>, Vec<_>) =
        weighty.partition(|told| told.change.weight == Weight::Red || !looks_different(told));
    let mut found: Vec<Finding> = told.into_iter().map(bites).collect();
    if !folded.is_empty() {
        found.push(different(&folded));
    }
    found.extend(undecided(&notes, &from, &to));
    found.extend(notes.unread.iter().map(unread));
    if found.is_empty() {
        found.push(none(&notes, &from, &to));
    }
    found
}

fn bites(told: &Told<'_>) -> Finding {
    let change = told.change;
    let code = match change.weight {
        Weight::Red => codes::CHANGE_RED,
        Weight::Yellow | Weight::Note => codes::CHANGE_YELLOW,
    };
    let topic = Topic::new(code, format!("change {}", change.id))
        .saw(format!(
            "since {}, {}: {}",
            change.since,
            change.area.word(),
            change.text
        ))
        .saw_all(told.because.iter().map(|one| one.because.clone()))
        .fix(&change.advice)
        .source(change.origin.to_string());
    let topic = match &change.provoked {
        Some(provoked) => topic.saw(format!("tried: {provoked}")),
        None => topic,
    };
    match change.weight {
        Weight::Red => topic
            .red("a change on the way stops a job or the cluster, or loses state, unless it is dealt with"),
        Weight::Yellow | Weight::Note => topic.yellow(format!(
            "a change on the way asks for something {}",
            when(change.act)
        )),
    }
}

const fn when(act: Act) -> &'static str {
    match act {
        Act::Before => "before the upgrade",
        Act::During => "during the upgrade",
        Act::After => "after the upgrade",
        Act::LooksDifferent | Act::GoodToKnow => "to be known",
    }
}

fn different(folded: &[&Told<'_>]) -> Finding {
    let lines = folded.iter().take(LISTED).map(|told| {
        format!(
            "{} (since {}): {}",
            told.change.id, told.change.since, told.change.text
        )
    });
    let more = folded.len().saturating_sub(LISTED);
    let mut topic = Topic::new(codes::CHANGE_YELLOW, ALL).saw_all(lines);
    if more > 0 {
        topic = topic.saw(format!(
            "and {more} more: upshift notes flink FROM TO --system FILE"
        ));
    }
    topic
        .fix("tell whoever watches the cluster; look through alerts, dashboards and scripts that rely on it")
        .yellow(format!("{} things will look different", folded.len()))
}

/// One finding for all that hangs on what was not seen: it blocks nothing, because what a jar refers
/// to fails when the job is loaded, with the state untouched. What may lose state and hangs on
/// something else is one finding of its own, and is not passed over.
fn undecided(notes: &Notes<'_>, from: &Release, to: &Release) -> Vec<Finding> {
    let weighty: Vec<&Told<'_>> = notes
        .open
        .iter()
        .filter(|told| told.change.weight != Weight::Note)
        .collect();
    let (grave, rest): (Vec<&Told<'_>>, Vec<&Told<'_>>) =
        weighty.into_iter().partition(|told| is_grave(told));
    let mut found = Vec::new();
    if !rest.is_empty() {
        let topic = counted(Topic::new(codes::CHANGE_UNDECIDED, ALL), &rest, from, to);
        let title = format!(
            "whether {} changes on the way bite could not be decided",
            rest.len()
        );
        found.push(topic.unknown(&gap(&rest), Severity::Yellow, title));
    }
    found.extend(grave.into_iter().map(|told| {
        let change = told.change;
        let topic = Topic::new(codes::CHANGE_UNDECIDED_RED, format!("change {}", change.id))
            .saw(format!(
                "since {}, {}: {}",
                change.since,
                change.area.word(),
                change.text
            ))
            .fix(&change.advice)
            .source(change.origin.to_string());
        topic.unknown(
            &gap(&[told]),
            Severity::Red,
            "whether a change that may lose state bites could not be decided",
        )
    }));
    found
}

/// What may lose state, and is not about the jar alone.
fn is_grave(told: &Told<'_>) -> bool {
    let of_jar = told
        .change
        .when
        .iter()
        .any(crate::knowledge::changes::Need::is_about_jar);
    told.change.weight == Weight::Red && !of_jar
}

fn counted(topic: Topic, rest: &[&Told<'_>], from: &Release, to: &Release) -> Topic {
    let red: Vec<&str> = rest
        .iter()
        .filter(|told| told.change.weight == Weight::Red)
        .map(|told| told.change.id.as_str())
        .collect();
    let topic = match red.is_empty() {
        true => topic,
        false => topic.saw(format!(
            "{} of them would stop a job that they concern: {}",
            red.len(),
            super::view::listed(red.into_iter())
        )),
    };
    topic.fix(format!(
        "upshift notes flink {from} {to} --system FILE shows each of them with how to find out"
    ))
}

fn gap(those: &[&Told<'_>]) -> Gap {
    let reasons: std::collections::BTreeSet<&str> = those
        .iter()
        .flat_map(|told| &told.because)
        .map(|one| {
            one.because
                .rsplit_once(": ")
                .map_or(one.because.as_str(), |(_, why)| why)
        })
        .collect();
    Gap {
        what: format!("what {} changes ask for", those.len()),
        reason: super::view::listed(reasons.into_iter()),
    }
}

fn unread(release: &Release) -> Finding {
    let gap = Gap {
        what: format!("the release notes of {release}"),
        reason: "nobody has read them for the catalogue".into(),
    };
    Topic::new(codes::CHANGE_UNDECIDED, format!("notes of {release}"))
        .fix(format!(
            "read the vendor's release notes of {release}, or look for a newer release of upshift"
        ))
        .unknown(
            &gap,
            Severity::Yellow,
            "what changed with the target is not known",
        )
}

fn none(notes: &Notes<'_>, from: &Release, to: &Release) -> Finding {
    Topic::new(codes::CHANGE_YELLOW, ALL)
        .saw(format!(
            "{from} to {to}: {} changes were ruled out by what was seen",
            notes.folded.len()
        ))
        .green("no change on the way that is known bites this system")
}
