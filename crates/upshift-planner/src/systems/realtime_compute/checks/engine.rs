//! The two engines: what kind of change it is, whether the target is offered, in which form the savepoint is taken,
//! and what nobody can promise.

use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Gap;
use upshift_model::realtime_compute::Deployment;
use upshift_model::topic::Topic;

use crate::knowledge::Product;
use crate::knowledge::realtime_compute::{Change, Form};
use crate::systems::realtime_compute::codes;
use crate::systems::realtime_compute::situation::{Situation, subject};

/// The first release line with today's planner.
const NEW_PLANNER: (u32, u32) = (1, 13);

/// What kind of change it is, and what becomes of state.
pub(super) fn change(s: &Situation<'_>, deployment: &Deployment) -> Finding {
    let topic =
        Topic::new(codes::CHANGE, subject(deployment)).saw(format!("{} → {}", deployment.engine, s.to));
    let cited = |topic: Topic, id: &str| {
        let row = s.row(id);
        let topic = topic.saw(row.text).source(row.source);
        if row.advice.is_empty() {
            topic
        } else {
            topic.fix(row.advice)
        }
    };
    match s.change(deployment).kind {
        Change::Noop => cited(topic, "same-engine").yellow("it runs on the wanted engine already"),
        Change::MinorUpgrade => cited(topic, "minor-version").green("a minor version: its state remains usable"),
        Change::MajorUpgrade if !s.carries(deployment) => {
            cited(topic, "major-without-state").green("a major version, and no state of it goes along")
        }
        Change::MajorUpgrade => cited(cited(topic, "major-version"), "major-without-state")
            .fix("rehearse it on the clone, and waive this finding with the reason why an attempt with state is wanted")
            .red("a major version: nobody promises that its state can be used"),
        Change::MinorDowngrade | Change::MajorDowngrade => cited(topic, "one-way-reading")
            .red("an earlier engine: it may not read what this one has written"),
        Change::CrossLine => cited(topic, "other-line").refused("another line of engines"),
        Change::Unparseable => {
            let gap = Gap {
                what: format!("what {} is", deployment.engine),
                reason: "its name is not in the form of an engine version".to_owned(),
            };
            topic
                .fix("ask the vendor what engine this is; a custom one has no guarantee")
                .unknown(&gap, Severity::Red, "the engine that it runs on is none that is known")
        }
    }
}

/// Whether the service offers the wanted engine, and what it says of it.
pub(super) fn offered(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::OFFERED, format!("engine {}", s.declaration.target));
    let engines = match s.facts.engines.as_result() {
        Ok(engines) => engines,
        Err(gap) => return topic.unknown(gap, Severity::Red, "which engines are offered is not known"),
    };
    let is_it = |version: &str| version.eq_ignore_ascii_case(&s.declaration.target);
    let Some(engine) = engines.iter().find(|engine| is_it(&engine.version)) else {
        let offered: Vec<_> = engines
            .iter()
            .map(|engine| format!("{} {}", engine.version, engine.status))
            .collect();
        return topic
            .saw_all(offered)
            .fix("write one of those that are offered as target")
            .refused("the service does not offer it");
    };
    let topic = topic.saw(format!("the service calls it {}", engine.status));
    let stable = "take an engine that is called STABLE";
    match engine.status.as_str() {
        "STABLE" => topic.green("it is offered as stable"),
        "BETA" => {
            let row = s.row("beta-engine");
            topic
                .source(row.source)
                .fix(stable)
                .red("the service calls it beta: a person has to want it")
        }
        "EXPIRED" => {
            let row = s.row("expired-engine");
            topic
                .source(row.source)
                .fix(stable)
                .refused("the service calls it expired")
        }
        "DEPRECATED" => topic.fix(stable).yellow("the service is about to give it up"),
        _ => topic
            .fix("look what the console says of it")
            .yellow("the service calls it by a word that upshift does not know"),
    }
}

/// The form of the savepoint before the change.
pub(super) fn form(s: &Situation<'_>, deployment: &Deployment) -> Finding {
    let row = s.row("native-form");
    let topic = Topic::new(codes::FORM, subject(deployment)).source(row.source);
    let change = s.change(deployment);
    let native = s.takes_native(deployment);
    let topic = match native {
        Some(true) => topic.saw("its engine takes native savepoints"),
        Some(false) => topic.saw("its engine takes no native savepoints"),
        None => topic.saw("the service does not say whether its engine takes native savepoints"),
    };
    match (change.recommended_savepoint_format, native) {
        (Some(Form::Native), Some(true)) => topic.green("a native savepoint: quick, for a minor version"),
        (Some(Form::Native), Some(false)) => topic
            .fix("the savepoint is taken in standard form: slower and larger")
            .yellow("a native savepoint would do, and the engine takes none"),
        (Some(Form::Native), None) => topic
            .fix("the savepoint is taken in standard form, which every engine from 6 on has")
            .yellow("whether a native savepoint can be taken is not known"),
        (Some(Form::Standard), _) => topic
            .saw(row.text)
            .green("a standard savepoint, for a major version"),
        (Some(Form::Default), _) => topic.green("the engine has one form, and it is not named"),
        (None, _) => topic.green("no savepoint is taken for such a change"),
    }
}

/// The way back: an older engine may not read what a newer one has written.
pub(super) fn one_way(s: &Situation<'_>, deployment: &Deployment) -> Option<Finding> {
    let kind = s.change(deployment).kind;
    if !matches!(kind, Change::MinorUpgrade | Change::MajorUpgrade) {
        return None;
    }
    let (row, back) = (s.row("one-way-reading"), s.row("back-from-old-savepoint"));
    let finding = Topic::new(codes::ONE_WAY, subject(deployment))
        .saw(row.text)
        .saw(back.text)
        .source(row.source)
        .source(back.source)
        .fix("the savepoint before the upgrade is kept until somebody says finalize; what came after it is replayed")
        .yellow("the way back leads to the savepoint before the upgrade, and never to newer state");
    Some(finding)
}

/// What SQL becomes, which nobody outside of the console can ask.
pub(super) fn sql(s: &Situation<'_>, deployment: &Deployment) -> Option<Finding> {
    if deployment.kind != "SQLSCRIPT" || !s.carries(deployment) {
        return None;
    }
    let topic = Topic::new(codes::SQL, subject(deployment));
    let from = s.engine_of(deployment);
    let before = |release: &crate::knowledge::Release| {
        release.product() == Product::Main && release.built_on() < NEW_PLANNER
    };
    if from.as_ref().is_some_and(before) && s.to.built_on() >= NEW_PLANNER {
        let row = s.row("planner-1.13");
        return Some(
            topic
                .saw(row.text)
                .source(row.source)
                .fix(row.advice)
                .yellow("its planner becomes another one"),
        );
    }
    let gap = Gap {
        what: "whether the new engine plans the SQL with the same operators".to_owned(),
        reason:
            "the service's own check of it is in the console alone, and answers unknown for another Flink"
                .to_owned(),
    };
    let hides = match s.change(deployment).kind {
        Change::Noop | Change::MinorUpgrade => Severity::Yellow,
        _ => Severity::Red,
    };
    let topic = topic.fix(
        "validate a copy of the draft on the new engine, and start the clone from a savepoint as a rehearsal",
    );
    Some(topic.unknown(
        &gap,
        hides,
        "whether the new engine can use the state of this SQL is not known",
    ))
}
