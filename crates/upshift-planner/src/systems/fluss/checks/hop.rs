//! The two releases: whether one may follow the other, in which order servers go, which release each answers, and
//! what lies on the way back.

use upshift_model::finding::{Finding, Severity};
use upshift_model::fluss::{Line, ServerId};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use crate::knowledge::{Answer, Cited, Effect, Known, Release, Truth, Verdict};
use crate::systems::fluss::codes;
use crate::systems::fluss::recipe::{Order, order as ordered};
use crate::systems::fluss::sight::{sight, sight_of};
use crate::systems::fluss::situation::Situation;

/// Whether the wanted release may follow. What must be so of the system itself is asked by other checks.
pub(super) fn allowed(s: &Situation<'_>) -> Finding {
    let seen = sight(&s.system.cluster);
    let answer = Answer::of(s.library.pair(&s.from, &s.to, &seen).rows, Vec::new());
    let topic = cited(Topic::new(codes::HOP, hop(s)), &answer);
    match answer.verdict {
        Verdict::Supported => topic.green("the hop is known"),
        Verdict::Conditional => topic.yellow("the hop is known, with something to read first"),
        Verdict::Unknown => {
            let gap = Gap {
                what: format!("whether {} may follow {}", s.to, s.from),
                reason: "no source that upshift knows speaks of this hop".to_owned(),
            };
            topic
                .fix(format!("upshift route fluss {} {}", s.from, s.to))
                .unknown(&gap, Severity::Red, "nobody knows whether this hop works")
        }
        Verdict::Unsupported => topic
            .fix(format!("upshift route fluss {} {}", s.from, s.to))
            .red("this hop does not work"),
    }
}

fn hop(s: &Situation<'_>) -> String {
    format!("{} → {}", s.from, s.to)
}

/// Rows that weigh something, as evidence, remedies and sources.
fn cited(topic: Topic, answer: &Answer) -> Topic {
    let weighty = |row: &&Cited| row.effect != Effect::Note;
    answer.rows.iter().filter(weighty).fold(topic, |topic, row| {
        let open = match row.truth {
            Truth::NotTold | Truth::CannotTell => {
                let when: Vec<String> = row.when.iter().map(ToString::to_string).collect();
                format!(" (if {})", when.join(" and "))
            }
            Truth::Holds | Truth::DoesNotHold => String::new(),
        };
        let topic = topic
            .saw(format!("{}{open}", row.text))
            .source(row.origin.to_string());
        match row.advice.is_empty() {
            true => topic,
            false => topic.fix(row.advice.clone()),
        }
    })
}

/// In which order servers can be replaced, where the vendor's order does not work.
pub(super) fn order(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::ORDER, hop(s));
    // On the way the coordinator is the old one beside new tablet servers, or the other way round.
    let servers_first = obstacles(s, &s.from, &s.to);
    let coordinator_first = obstacles(s, &s.to, &s.from);
    let saw = |topic: Topic, rows: &[Cited]| {
        rows.iter().fold(topic, |topic, row| {
            topic.saw(row.text.clone()).source(row.origin.to_string())
        })
    };
    match (servers_first.is_empty(), coordinator_first.is_empty()) {
        (true, _) => topic
            .source(s.row("tablet-servers-first").source)
            .green("tablet servers one by one, then the coordinator"),
        (false, true) => saw(topic, &servers_first)
            .fix("the coordinator first, then tablet servers one by one; or stop all servers")
            .yellow("the documented order does not work for this hop"),
        (false, false) => saw(saw(topic, &servers_first), &coordinator_first)
            .fix("stop all servers, then start those of the wanted release")
            .yellow("servers cannot be replaced one by one in this hop"),
    }
}

/// Rows that refuse a coordinator of one release beside tablet servers of another.
pub(in crate::systems::fluss) fn obstacles(
    s: &Situation<'_>,
    coordinator: &Release,
    servers: &Release,
) -> Vec<Cited> {
    let seen = sight(&s.system.cluster);
    let rules = s.library.book(Known::Fluss).rules.iter();
    let rules =
        rules.filter(|rule| rule.speaks_of_beside(coordinator, servers) && rule.effect == Effect::Refuses);
    rules
        .map(|rule| Cited::of(rule, &seen))
        .filter(|row| row.truth != Truth::DoesNotHold)
        .collect()
}

/// Which release every server answers.
pub(super) fn releases(s: &Situation<'_>) -> Finding {
    let mut topic = Topic::new(codes::RELEASES, "servers");
    for (line, servers) in s.system.lines() {
        topic = topic.saw(format!("{} of {}", names(&servers), words(line)));
    }
    let others = |line: &Line| *line != s.from.line() && *line != s.to.line();
    if s.system.lines().keys().any(others) {
        return topic
            .fix("write the release that runs into the system file")
            .refused(format!("servers answer as another release than {}", s.from));
    }
    let ahead = s.from.line() != s.to.line() && s.system.lines().contains_key(&s.to.line());
    let topic = match ahead {
        true => topic.fix("upshift inspect fluss shows how far it is; go on with the servers that are left, or put back those that were replaced"),
        false => topic,
    };
    let unseen = s.system.answers.iter().find_map(|answer| answer.line.gap());
    match unseen {
        None if ahead => topic.yellow("an upgrade is half-way"),
        Some(gap) => topic
            .fix("let the servers be reached from here, by the addresses that they register")
            .unknown(gap, Severity::Red, "not every server says which release it is"),
        None if s.system.answers.is_empty() => {
            let gap = Gap {
                what: "the release that runs".to_owned(),
                reason: "no server is registered".to_owned(),
            };
            topic.unknown(&gap, Severity::Red, "no server says which release it is")
        }
        None => topic.green(format!("every server answers as {} does", words(s.from.line()))),
    }
}

fn words((major, minor): Line) -> String {
    format!("{major}.{minor}")
}

fn names(servers: &[ServerId]) -> String {
    let names: Vec<String> = servers.iter().map(ToString::to_string).collect();
    names.join(", ")
}

/// What lies on the way back once all servers were replaced, and until when they can be put back one by one.
pub(super) fn way_back(s: &Situation<'_>) -> Finding {
    let seen = sight_of(s.system);
    let answer = Answer::of(s.library.pair(&s.to, &s.from, &seen).rows, Vec::new());
    let half_way = s.row(match ordered(s).order {
        Order::FullStop => "full-stop-is-a-way-back",
        Order::TabletServersFirst | Order::CoordinatorFirst => "half-way-is-a-way-back",
    });
    let topic = Topic::new(codes::WAY_BACK, format!("{} → {}", s.to, s.from));
    let topic = cited(topic.saw(half_way.text).source(half_way.source), &answer).fix(half_way.advice);
    match answer.verdict {
        Verdict::Supported => topic.green("there is a way back"),
        Verdict::Conditional => topic.yellow("there is a way back, under conditions"),
        Verdict::Unknown => topic.yellow("no way back is known once the coordinator was replaced"),
        Verdict::Unsupported => topic.yellow("there is no way back once the coordinator was replaced"),
    }
}
