//! Judging lists: of what a cluster has, and of what each of its servers says.
//!
//! One entry that is bad makes the whole bad; one that cannot be judged makes it unknown, never good.

use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::{Gap, Observed};
use upshift_model::topic::Topic;
use upshift_model::weka::Server;

/// So many are named; the rest is counted.
const NAMED: usize = 12;

/// What one entry comes to.
pub(super) enum One {
    /// Good, or not asked.
    Fine,
    /// Bad, and what was seen.
    Bad(String),
    /// It lacks what it takes to judge.
    Unseen(Gap),
}

impl One {
    /// A field that must be there; the rest is judged by `is_bad`, which says what was seen.
    pub(super) fn of<T>(
        field: Option<T>,
        named: &'static str,
        is_bad: impl FnOnce(T) -> Option<String>,
    ) -> Self {
        match field {
            None => Self::Unseen(Gap {
                what: named.to_owned(),
                reason: "the answer lacks it, or it is of another kind".to_owned(),
            }),
            Some(value) => is_bad(value).map_or(Self::Fine, Self::Bad),
        }
    }

    /// The same of something that was looked for.
    pub(super) fn seen<T>(fact: &Observed<T>, is_bad: impl FnOnce(&T) -> Option<String>) -> Self {
        match fact {
            Observed::Unknown(gap) => Self::Unseen(gap.clone()),
            Observed::Known(value) => is_bad(value).map_or(Self::Fine, Self::Bad),
        }
    }
}

/// How a question is answered: how bad, what is said of the bad and of the good.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    pub(super) at: Severity,
    pub(super) bad: &'static str,
    pub(super) good: &'static str,
}

/// Red where it is bad.
pub(super) const fn red(bad: &'static str, good: &'static str) -> Words {
    Words {
        at: Severity::Red,
        bad,
        good,
    }
}

/// Yellow where it is bad.
pub(super) const fn yellow(bad: &'static str, good: &'static str) -> Words {
    Words {
        at: Severity::Yellow,
        bad,
        good,
    }
}

/// Judges what all entries come to.
pub(super) fn all(topic: Topic, words: Words, entries: impl IntoIterator<Item = One>) -> Finding {
    let mut bad = Vec::new();
    let mut unseen: Option<Gap> = None;
    for entry in entries {
        match entry {
            One::Fine => {}
            One::Bad(said) => bad.push(said),
            One::Unseen(gap) => {
                unseen.get_or_insert(gap);
            }
        }
    }
    match (bad.is_empty(), unseen) {
        (false, _) => topic.saw_all(some(bad)).at(words.at, words.bad),
        (true, Some(gap)) => topic.unknown(&gap, words.at, format!("not known whether {}", words.bad)),
        (true, None) => topic.green(words.good),
    }
}

/// Judges a list of the cluster.
pub(super) fn list<T>(
    topic: Topic,
    words: Words,
    entries: &Observed<Vec<T>>,
    judge: impl Fn(&T) -> One,
) -> Finding {
    match entries {
        Observed::Unknown(gap) => topic.unknown(gap, words.at, format!("not known whether {}", words.bad)),
        Observed::Known(entries) => all(topic, words, entries.iter().map(judge)),
    }
}

/// Judges one fact of the cluster.
pub(super) fn one<T>(
    topic: Topic,
    words: Words,
    fact: &Observed<T>,
    is_bad: impl FnOnce(&T) -> One,
) -> Finding {
    match fact {
        Observed::Unknown(gap) => all(topic, words, [One::Unseen(gap.clone())]),
        Observed::Known(value) => all(topic, words, [is_bad(value)]),
    }
}

/// Judges every server that was reached; those that were not are a finding of their own.
pub(super) fn servers<'a>(
    topic: Topic,
    words: Words,
    servers: impl IntoIterator<Item = (&'a String, &'a Observed<Server>)>,
    judge: impl Fn(&'a str, &'a Server) -> One,
) -> Finding {
    let mut reached = 0;
    let entries: Vec<One> = servers
        .into_iter()
        .filter_map(|(name, server)| {
            let server = server.known()?;
            reached += 1;
            Some(match judge(name, server) {
                One::Bad(said) => One::Bad(format!("{name}: {said}")),
                One::Unseen(gap) => One::Unseen(Gap {
                    what: format!("{} of {name}", gap.what),
                    reason: gap.reason,
                }),
                One::Fine => One::Fine,
            })
        })
        .collect();
    if reached == 0 {
        let gap = Gap {
            what: "servers".to_owned(),
            reason: "none was reached".to_owned(),
        };
        return all(topic, words, [One::Unseen(gap)]);
    }
    all(topic, words, entries)
}

/// The first ones, and how many more.
pub(super) fn some(mut all: Vec<String>) -> Vec<String> {
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    all.extend((more > 0).then(|| format!("and {more} more; --json lists all that was seen")));
    all
}
