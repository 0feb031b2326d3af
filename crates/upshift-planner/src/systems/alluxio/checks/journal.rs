//! The masters' journal: what is on disk, against what is configured and what the wanted release reads.

use upshift_model::alluxio::{HostFacts, JournalKind, Role, Way};
use upshift_model::finding::{Finding, Severity};
use upshift_model::topic::Topic;

use super::kept::{nobody, runs};
use crate::systems::alluxio::codes;
use crate::systems::alluxio::situation::{JOURNAL_FOLDER, Situation};
use crate::systems::alluxio::way::way;

pub(super) fn on_disk(s: &Situation<'_>) -> Finding {
    let folder = s.facts.option(JOURNAL_FOLDER).unwrap_or("unknown");
    let row = s.row("embedded-2.3-to-2.4");
    let topic = Topic::new(codes::JOURNAL, format!("journal {folder}")).source(row.source);
    let said = match s.journal_type() {
        Ok(said) => said,
        Err(gap) => {
            return topic.unknown(
                &gap,
                Severity::Red,
                "which kind of journal the running master writes is not known",
            );
        }
    };
    let masters = s.facts.hosts.iter().filter(|host| runs(host, Role::Master));
    let masters: Vec<&HostFacts> = masters.collect();
    let topic = topic.saw(format!("the master says {said}"));
    let (mut kinds, mut gap) = (Vec::new(), nobody(masters.len()));
    for host in &masters {
        match host.journal.as_result() {
            Ok(kind) => kinds.push((*kind, *host)),
            Err(why) => gap = gap.or_else(|| Some(why.clone())),
        }
    }
    let bad = kinds.iter().find_map(|(kind, host)| flaw(s, *kind, said, host));
    if let Some(Flaw { title, fix, saw }) = bad {
        return topic.saw_all(saw).fix(fix).refused(title);
    }
    if let Some(gap) = gap {
        return topic.unknown(
            &gap,
            Severity::Red,
            "what lies in the journal folder is not known",
        );
    }
    match kinds.iter().all(|(kind, _)| *kind == JournalKind::UnderStore) {
        true => topic.green("a journal in the under-store, as configured"),
        false => topic.green("an embedded journal, as configured"),
    }
}

/// Why a journal is none that the wanted release can go on with.
struct Flaw {
    title: &'static str,
    fix: String,
    saw: Vec<String>,
}

fn flaw(s: &Situation<'_>, kind: JournalKind, said: &str, host: &HostFacts) -> Option<Flaw> {
    let embedded = said.eq_ignore_ascii_case("EMBEDDED");
    let row = s.row("embedded-2.3-to-2.4");
    let on = format!("on {}", host.name);
    let (title, fix, saw) = match kind {
        JournalKind::Foreign => (
            "the folder holds more than a journal, or journals of two kinds",
            "upshift inspect journal FOLDER names what does not belong there; move it aside".to_owned(),
            vec![on],
        ),
        JournalKind::Empty => (
            "the folder is empty while its master runs",
            "look at alluxio.master.journal.folder: the running master writes somewhere else".to_owned(),
            vec![on],
        ),
        JournalKind::UnderStore if embedded => (
            "a journal in the under-store lies there, an embedded one is configured",
            "alluxio.master.journal.type says one kind, the folder holds the other: do not restart this master"
                .to_owned(),
            vec![on],
        ),
        JournalKind::Ratis | JournalKind::Copycat if !embedded => (
            "an embedded journal lies there, one in the under-store is configured",
            "alluxio.master.journal.type says one kind, the folder holds the other: do not restart this master"
                .to_owned(),
            vec![on],
        ),
        JournalKind::Copycat if s.to.line() >= (2, 4) && way(s).way == Way::InPlace => (
            "the wanted release does not read this journal",
            row.advice,
            vec![row.text, on],
        ),
        JournalKind::UnderStore | JournalKind::Ratis | JournalKind::Copycat => return None,
    };
    Some(Flaw { title, fix, saw })
}

/// It is moved aside or copied with everything stopped: what keeps it from that is told before.
pub(super) fn movable(s: &Situation<'_>) -> Vec<Finding> {
    let masters = s.facts.hosts.iter().filter(|host| runs(host, Role::Master));
    masters.map(|host| movable_on(s, host)).collect()
}

fn movable_on(s: &Situation<'_>, host: &HostFacts) -> Finding {
    let folder = s.facts.option_on(host, JOURNAL_FOLDER).unwrap_or("unknown");
    let topic = Topic::new(codes::MOVABLE, format!("journal {folder} on {}", host.name)).source(
        "rename(2): a folder that something is mounted on is busy, and the folder around it is written",
    );
    let place = match host.journal_place.as_result() {
        Ok(place) => place,
        Err(gap) => {
            return topic.unknown(
                gap,
                Severity::Red,
                "whether the journal can be moved aside is not known",
            );
        }
    };
    if place.is_mount {
        return topic
            .fix("let alluxio.master.journal.folder name a folder below the mount, while the cluster still runs as it does: stop the masters, move what is in it, start them")
            .refused("the journal folder is itself a mount: it cannot be moved aside, and not be put back");
    }
    if !place.is_writable {
        return topic
            .fix("run upshift, or log in to the host, as the user who may write beside the journal folder")
            .refused("the folder around the journal may not be written");
    }
    if way(s).way != Way::InPlace {
        return topic.green("the journal can be moved aside");
    }
    match host.journal_kib.as_result() {
        Err(gap) => topic.unknown(
            gap,
            Severity::Red,
            "whether there is room for a copy of the journal is not known",
        ),
        Ok(kib) if place.free_kib < *kib => topic
            .saw(format!("{} MiB are free beside it", place.free_kib / 1024))
            .saw(format!("the journal has {} MiB", kib / 1024))
            .fix("make room; or way = \"backup\", which moves the journal and copies nothing")
            .red("there is no room for a copy of the journal beside it"),
        Ok(_) => topic.green("there is room for a copy of the journal beside it"),
    }
}
