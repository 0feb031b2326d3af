//! Whether the new release reads the old journal or starts from a backup, and why.

use upshift_model::alluxio::{JournalKind, Way};
use upshift_model::policy::Strategy;

use super::situation::Situation;
use crate::knowledge::Facts;

/// The way that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Which.
    pub way: Way,
    /// Whether the releases leave no other.
    pub forced: bool,
    /// Why, one reason a line.
    pub why: Vec<String>,
}

/// The way that the releases, the journal and the wish come to.
pub fn way(s: &Situation<'_>) -> Chosen {
    let chosen = |way, forced, why: &str| Chosen {
        way,
        forced,
        why: vec![why.to_owned()],
    };
    if s.leaves_1x() {
        return chosen(Way::Backup, true, "journals of 1.x are not read by 2.x");
    }
    let embedded = is_embedded(s).unwrap_or(true);
    if embedded && s.from.line() < (2, 4) && s.to.line() >= (2, 4) && s.from.number(0) >= 2 {
        return chosen(
            Way::Backup,
            true,
            "embedded journals changed with 2.4.0: a later master does not read the old files",
        );
    }
    match s.declaration.way {
        Some(Way::Backup) => chosen(Way::Backup, false, "by a backup, as the system file says"),
        Some(Way::InPlace) => chosen(Way::InPlace, false, "in place, as the system file says"),
        None => chosen(
            Way::InPlace,
            false,
            "the new release reads the journal of the old one; a backup is taken all the same",
        ),
    }
}

/// The same in the words of plans, and why.
pub fn strategy(s: &Situation<'_>) -> (Strategy, Vec<String>) {
    let chosen = way(s);
    let strategy = match chosen.way {
        Way::InPlace => Strategy::InPlace,
        Way::Backup => Strategy::Backup,
    };
    (strategy, chosen.why)
}

/// Whether the journal is an embedded one: by what is on disk first, then by what the master says.
pub(super) fn is_embedded(s: &Situation<'_>) -> Option<bool> {
    let on_disk = s.facts.hosts.iter().find_map(|host| match host.journal.known()? {
        JournalKind::Ratis | JournalKind::Copycat => Some(true),
        JournalKind::UnderStore => Some(false),
        JournalKind::Empty | JournalKind::Foreign => None,
    });
    on_disk.or_else(|| {
        let said = s.facts.option("alluxio.master.journal.type")?;
        Some(said.eq_ignore_ascii_case("EMBEDDED"))
    })
}

/// What is known of this cluster, in the words that rows of the catalogue ask for.
pub(super) fn sight(s: &Situation<'_>) -> Facts {
    let way = match way(s).way {
        Way::InPlace => "in-place",
        Way::Backup => "backup",
    };
    let journal = match is_embedded(s) {
        Some(true) => "embedded",
        Some(false) => "ufs",
        None => "unknown",
    };
    // Set by the plan before the first start.
    let said = [
        format!("way={way}"),
        format!("journal={journal}"),
        "root-sync=false".to_owned(),
        format!("workers-formatted={}", s.declaration.format_workers),
        "backup-copied=true".to_owned(),
        "masters-first=true".to_owned(),
        "empty-journal=true".to_owned(),
    ];
    Facts::parse(&said).expect("words of the catalogue: a test of the checks says them all")
}
