//! What only plans of Alluxio do and ask for, in words.

use upshift_model::alluxio::{ClientSwitch, Condition, Facet, Preparation, TierFolder, Unpersisted};
use upshift_model::ids::ComponentId;

/// What is made ready.
pub(super) fn preparation(what: &Preparation) -> String {
    match what {
        Preparation::Watch { .. } => "note how many calls have changed the tree".to_owned(),
        Preparation::JournalEnd { into } => format!("note where the masters' journals end → {into}"),
        Preparation::Persist { release } => {
            format!("files that are in workers only: persist them with {release}")
        }
        Preparation::Backup { release, into, .. } => {
            format!("the master of {release} writes a backup → {into}")
        }
        Preparation::Restorable { of, into, criteria } => {
            let rewritten = match criteria.no_old_fingerprints {
                true => ", and write it again without the fingerprints of 1.x",
                false => "",
            };
            format!("read all of {of} and prove that it can be restored{rewritten} → {into}")
        }
        Preparation::Fetch { of, into } => {
            format!("bring {of} here from the host that has it, compared by its digest → {into}")
        }
        Preparation::Copy { of, server, into } => format!(
            "put {of} onto the host of {}, compared by its digest, readable for it → {into}",
            words(server)
        ),
        Preparation::Blocks { server, into, .. } => {
            format!(
                "list the blocks in the tiers of the stopped {} → {into}",
                words(server)
            )
        }
        Preparation::SaveTiers { server, to } => {
            format!(
                "copy the tiers of the stopped {} to {}",
                words(server),
                to.display()
            )
        }
        Preparation::ReturnTiers { server, from } => format!(
            "put back into the tiers of {} what is gone, from {}",
            words(server),
            from.display()
        ),
        Preparation::ClassPath { client, switch, back } => class_path(client, switch, *back),
        Preparation::Restart { client, by } => format!("{client}: start it again: {}", by.join(" ")),
        Preparation::PutBack {
            kept,
            journal,
            replaced,
            ..
        } => format!(
            "put {} back as {}; what lies there by then is kept as {}",
            kept.display(),
            journal.display(),
            replaced.display()
        ),
        Preparation::FormatWorker {
            server,
            release,
            gives_up,
        } => format!(
            "{}: format its tiers for {release}; given up: {}",
            words(server),
            tiers(gives_up)
        ),
        Preparation::Format { release, .. } => {
            format!("format the journal for {release}; workers are not formatted")
        }
    }
}

/// What must be so.
pub(super) fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Quiet { .. } => "nobody has changed the tree since".to_owned(),
        Condition::Persisted {
            unpersisted: Unpersisted::Keep,
            ..
        } => "files that are in workers only are named, and stay there".to_owned(),
        Condition::Persisted {
            unpersisted: Unpersisted::Refuse | Unpersisted::Persist,
            ..
        } => "no file is in workers only".to_owned(),
        Condition::NothingLate { of } => {
            format!("no block of {of} is younger than the backup: a restore would lose it")
        }
        Condition::TiersHold { server, .. } => {
            format!(
                "every tier of {} that held something holds something",
                words(server)
            )
        }
        Condition::OnlyCopies { of, .. } => {
            format!("every file of {of} that is in workers only lies in a tier")
        }
        Condition::NothingWritten { since, of } => {
            format!("no change stands behind {since}: {of} would lack it")
        }
        Condition::Unaltered { of, .. } => format!("{of} is still the file that was proven"),
        Condition::SameTree {
            before,
            after,
            but,
            more,
        } => {
            let all = if *more { "all of the tree" } else { "the tree" };
            let mut text = format!("{after} holds {all} of {before}");
            if !but.is_empty() {
                let named: Vec<&str> = but.iter().copied().map(Facet::words).collect();
                text.push_str(&format!(", but for {}", named.join(", ")));
            }
            text
        }
        Condition::RootStore => "the root store is the one that was seen, and not empty".to_owned(),
        Condition::Configured { server, .. } => {
            format!(
                "the wanted configuration on the host of {} is the one that was seen",
                words(server)
            )
        }
        Condition::Serving { release } => format!("the master answers as {release}, mounts as before"),
        Condition::Workers => "every worker is in service".to_owned(),
        Condition::TierRoom { server, to } => {
            format!(
                "there is room for the tiers of {} in {}",
                words(server),
                to.display()
            )
        }
        Condition::Loaded { client, release, .. } => {
            format!("every process of {client} has the client of {release} loaded")
        }
        Condition::Blocks { of, .. } => format!("every block of {of} lies where it lay"),
    }
}

/// What is given up with tiers.
fn tiers(tiers: &[TierFolder]) -> String {
    let one = |tier: &TierFolder| {
        let path = tier.path.display();
        format!("{path} with {} files, {} KiB", tier.blocks, tier.kib)
    };
    tiers.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn class_path(client: &str, switch: &ClientSwitch, back: bool) -> String {
    let (whose, by) = match back {
        false => ("the wanted client", &switch.class_path),
        true => ("the client of before", &switch.class_path_back),
    };
    format!("{client}: put {whose} on its class path: {}", by.join(" "))
}

/// `master/m1` as a person says it.
fn words(server: &ComponentId) -> String {
    server.as_str().replace(['-', '/'], " ")
}
