//! The masters' journal: what is on disk, against what is configured and what the wanted release reads.

use upshift_model::alluxio::{JournalKind, Way};
use upshift_model::finding::{Finding, Severity};
use upshift_model::topic::Topic;

use crate::systems::alluxio::codes;
use crate::systems::alluxio::situation::Situation;
use crate::systems::alluxio::way::way;

pub(super) fn on_disk(s: &Situation<'_>) -> Finding {
    let folder = s
        .facts
        .option("alluxio.master.journal.folder")
        .unwrap_or("unknown");
    let row = s.row("embedded-2.3-to-2.4");
    let topic = Topic::new(codes::JOURNAL, format!("journal {folder}")).source(row.source);
    let kinds = s.facts.hosts.iter().map(|host| host.journal.as_result());
    let known: Vec<JournalKind> = kinds.clone().filter_map(|kind| kind.ok().copied()).collect();
    let Some(kind) = known.first().copied() else {
        let gap = kinds.filter_map(Result::err).next().cloned();
        let gap = gap.unwrap_or_else(|| upshift_model::observed::Gap {
            what: "the journal folder".to_owned(),
            reason: "no host was looked at".to_owned(),
        });
        return topic.unknown(
            &gap,
            Severity::Red,
            "what lies in the journal folder is not known",
        );
    };
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
    let embedded = said.eq_ignore_ascii_case("EMBEDDED");
    let topic = topic.saw(format!("the master says {said}"));
    match kind {
        JournalKind::Foreign => topic
            .fix("upshift inspect journal FOLDER names what does not belong there; move it aside")
            .refused("the folder holds more than a journal, or journals of two kinds"),
        JournalKind::Empty => topic
            .fix("look at alluxio.master.journal.folder: the running master writes somewhere else")
            .refused("the folder is empty while its master runs"),
        JournalKind::UnderStore if embedded => topic
            .fix("alluxio.master.journal.type says one kind, the folder holds the other: do not restart this master")
            .refused("a journal in the under-store lies there, an embedded one is configured"),
        JournalKind::Ratis | JournalKind::Copycat if !embedded => topic
            .fix("alluxio.master.journal.type says one kind, the folder holds the other: do not restart this master")
            .refused("an embedded journal lies there, one in the under-store is configured"),
        JournalKind::Copycat if s.to.line() >= (2, 4) && way(s).way == Way::InPlace => topic
            .saw(row.text)
            .fix(row.advice)
            .refused("the wanted release does not read this journal"),
        JournalKind::UnderStore => topic.green("a journal in the under-store, as configured"),
        JournalKind::Ratis | JournalKind::Copycat => topic.green("an embedded journal, as configured"),
    }
}
