//! The two releases: whether one may follow the other, and what changes between them.

use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use crate::knowledge::changes::{Sight, Told, Weight};
use crate::knowledge::{Answer, Effect, Facts, Known, Verdict};
use crate::systems::weka::recipe::{Move, way};
use crate::systems::weka::situation::Situation;
use crate::systems::weka::{codes, judge, sight};

/// Asked last, and told first: what the other checks found are facts that the catalogue asks for.
pub(super) fn all(s: &Situation<'_>, found: &[Finding]) -> Vec<Finding> {
    let words = sight::words(s.cluster(), found);
    vec![allowed(s, &words), changes(s, &words)]
}

/// What must be so of the system itself is asked by other checks.
fn allowed(s: &Situation<'_>, words: &[String]) -> Finding {
    let facts =
        Facts::parse(words).expect("words of the catalogue: the table beside is held against it by a test");
    let answer = Answer::of(s.library.pair(&s.from, &s.to, &facts).rows, Vec::new());
    let weighty = answer.rows.iter().filter(|row| row.effect != Effect::Note);
    let topic = weighty.fold(
        Topic::new(codes::HOP, format!("{} → {}", s.from, s.to)),
        |topic, row| topic.saw(row.text.clone()).source(row.origin.to_string()),
    );
    let route = format!("upshift route weka {} {}", s.from, s.to);
    if answer.verdict >= Verdict::Unknown
        && let Some(hops) = several(s)
    {
        return topic
            .saw(format!("the way: {}", hops.join(" → ")))
            .fix(route)
            .yellow("not in one hop: the releases between are upgraded to first");
    }
    match answer.verdict {
        Verdict::Supported => topic.green("the wanted release takes the one that runs"),
        Verdict::Conditional => topic
            .fix(route)
            .yellow("the wanted release takes the one that runs, with something to read first"),
        Verdict::Unsupported => topic
            .fix(route)
            .red("the wanted release does not take the one that runs"),
        Verdict::Unknown => {
            let gap = Gap {
                what: format!("whether {} takes {}", s.to, s.from),
                reason: "no row of the catalogue names it".to_owned(),
            };
            topic
                .fix(route)
                .unknown(&gap, Severity::Red, "nobody knows whether this hop works")
        }
    }
}

/// The releases of a way of more than one hop.
fn several(s: &Situation<'_>) -> Option<Vec<String>> {
    let (moves, _) = way(s).ok()?;
    let mut hops = vec![s.from.to_string()];
    hops.extend(moves.into_iter().filter_map(|step| match step {
        Move::Backends(release) => Some(release.to_string()),
        Move::Clients(_) => None,
    }));
    (hops.len() > 2).then_some(hops)
}

fn changes(s: &Situation<'_>, words: &[String]) -> Finding {
    let mut seen = Sight::default();
    seen.tell(words)
        .expect("words of the catalogue: the table beside is held against it by a test");
    let known = s.library.releases(Known::Weka);
    let notes = s
        .library
        .changes(Known::Weka)
        .notes(&s.from, &s.to, &known, &seen);
    let topic = Topic::new(codes::CHANGES, format!("{} → {}", s.from, s.to));
    let weighty = |told: &&Told<'_>| told.change.weight != Weight::Note;
    let bites = notes.bites.iter().filter(weighty);
    let bites: Vec<String> = bites.map(|told| told.change.text.clone()).collect();
    let open = notes.open.iter().filter(weighty).count();
    let topic = match open {
        0 => topic,
        _ => topic.saw(format!("{open} more may bite: what decides them cannot be seen")),
    };
    let topic = topic
        .fix(format!("upshift notes weka {} {}", s.from, s.to))
        .source("knowledge/weka/changes");
    match bites.is_empty() && open == 0 {
        true => topic.green("no change between the two that weighs concerns this cluster"),
        false => topic
            .saw_all(judge::some(bites))
            .yellow("changes between the two concern this cluster"),
    }
}
