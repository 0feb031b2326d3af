//! The two releases: whether one may follow the other, by which way, and what changes between them.

use upshift_model::alluxio::Way;
use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use super::some;
use crate::knowledge::changes::{Sight, Weight};
use crate::knowledge::{Answer, Effect, Known, Verdict};
use crate::systems::alluxio::codes;
use crate::systems::alluxio::situation::Situation;
use crate::systems::alluxio::way::{self, sight};

pub(super) fn allowed(s: &Situation<'_>) -> Finding {
    let answer = Answer::of(s.library.pair(&s.from, &s.to, &sight(s)).rows, Vec::new());
    let weighty = answer.rows.iter().filter(|row| row.effect != Effect::Note);
    let topic = weighty.fold(
        Topic::new(codes::HOP, format!("{} → {}", s.from, s.to)),
        |topic, row| topic.saw(row.text.clone()).source(row.origin.to_string()),
    );
    let route = format!("upshift route alluxio {} {}", s.from, s.to);
    match answer.verdict {
        Verdict::Supported => topic.green("the wanted release follows the one that runs"),
        Verdict::Conditional => topic
            .fix(route)
            .yellow("the wanted release follows the one that runs, with something to read first"),
        Verdict::Unsupported => topic
            .fix(route)
            .refused("the wanted release does not follow the one that runs"),
        Verdict::Unknown => {
            let gap = Gap {
                what: format!("whether {} follows {}", s.to, s.from),
                reason: "no row of the catalogue names it".to_owned(),
            };
            topic
                .fix(route)
                .unknown(&gap, Severity::Red, "nobody knows whether this hop works")
        }
    }
}

pub(super) fn way(s: &Situation<'_>) -> Finding {
    let chosen = way::way(s);
    let topic = Topic::new(codes::WAY, format!("{} → {}", s.from, s.to))
        .saw_all(chosen.why)
        .source(s.row("1-to-2-in-place").source);
    if chosen.forced && s.declaration.way == Some(Way::InPlace) {
        return topic
            .fix("way = \"backup\" in the system file, or leave the key out")
            .refused("this hop goes by a backup only, and the system file says in place");
    }
    match (chosen.way, way::is_embedded(s)) {
        (Way::InPlace, None) => {
            let gap = Gap {
                what: "whether the journal is an embedded one".to_owned(),
                reason: "neither a master nor its folder says so".to_owned(),
            };
            topic.unknown(&gap, Severity::Red, "which way this hop goes is not known")
        }
        (Way::InPlace, Some(_)) => topic.green("in place: the new release reads the old journal"),
        (Way::Backup, _) => topic.green("by a backup: the new release starts from it on a fresh journal"),
    }
}

pub(super) fn changes(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::CHANGES, format!("{} → {}", s.from, s.to));
    let known = s.library.releases(Known::Alluxio);
    let notes = s
        .library
        .changes(Known::Alluxio)
        .notes(&s.from, &s.to, &known, &Sight::default());
    let bites = notes.bites.iter().chain(&notes.open);
    let weighty: Vec<String> = bites
        .filter(|told| told.change.weight != Weight::Note)
        .map(|told| told.change.text.clone())
        .collect();
    let topic = topic
        .fix(format!("upshift notes alluxio {} {}", s.from, s.to))
        .source("knowledge/alluxio/changes");
    match weighty.is_empty() {
        true => topic.green("no change between the two that weighs is known"),
        false => topic
            .saw_all(some(weighty))
            .yellow("changes between the two may concern this cluster"),
    }
}
