//! The plan of an upgrade of an Alluxio cluster, whole.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::alluxio::{ClientSwitch, Criteria, JournalKind, TierFolder, Unpersisted, Way};
use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Gap;
use upshift_model::plan::{self, Direction, PLAN_FORMAT, Plan};
use upshift_model::span::Millis;
use upshift_model::step::{Wave, WaveOutlook, WayBack};
use upshift_model::version::SystemKind;
use upshift_model::waiver::Waiver;

use super::error::PlanError;
use super::steps::Hands;
use super::waves::{self, Course, Reach};
use super::{edits, layout};
use crate::build::number;
use crate::knowledge::{Accepted, Known};
use crate::systems::alluxio::codes;
use crate::systems::alluxio::situation::Situation;
use crate::systems::alluxio::way::{strategy, way};

/// Lays out the plan. Findings go into it as they are: whether it may be carried out is for the verdict over them.
///
/// # Errors
/// When there is nothing to do, when the cluster is of a shape that upshift does not upgrade, or when something that
/// steps are made of was not seen.
pub fn plan(s: &Situation<'_>, findings: &[Finding]) -> Result<Plan, PlanError> {
    let chosen = way(s);
    let (strategy, strategy_why) = strategy(s);
    let site = layout::site(s)?;
    let hands = Hands {
        site: &site,
        writers: s.declaration.writers.clone(),
        clients: clients(s),
    };
    let course = Course {
        way: chosen.way,
        criteria: criteria(s)?,
        unpersisted: match (s.declaration.unpersisted, s.declaration.format_workers) {
            // What is there and nowhere else is never formatted away.
            (Unpersisted::Keep, true) => Unpersisted::Refuse,
            (wish, _) => wish,
        },
        tiers: tiers(s),
        gives_up: s.declaration.format_workers.then(|| tiers(s)),
        journals_tell: journals_tell(s),
        changes: edits::changes(&site),
        soak: s.declaration.soak,
    };
    let mut waves = waves::lay_out(course, &hands);
    let ways_back = fill(&mut waves, &hands);
    number(&mut waves, "");
    let (green, shown): (Vec<&Finding>, Vec<&Finding>) = findings
        .iter()
        .partition(|finding| finding.judged() == Some(Severity::Green));
    Ok(Plan {
        format: PLAN_FORMAT,
        direction: Direction::Forward,
        system: s.declaration.name.clone(),
        kind: SystemKind::Alluxio,
        from: s.declaration.current.clone(),
        to: s.declaration.target.clone(),
        strategy,
        strategy_why,
        made_at: s.now,
        knowledge: s.library.stamp(Known::Alluxio),
        inventory: s.stamp.clone(),
        policy: s.declaration.policy.clone(),
        waivers: lifted(s, findings),
        findings: shown.into_iter().cloned().collect(),
        green: u32::try_from(green.len()).unwrap_or(u32::MAX),
        needs: needs(s, chosen.way),
        site: plan::Site::Alluxio(Box::new(site.clone())),
        waves,
        ways_back,
    })
}

fn needs(s: &Situation<'_>, way: Way) -> Vec<String> {
    let mut needs = vec![
        "nobody writes from the first step until the upgrade is proven; nothing can be read while servers are down"
            .to_owned(),
        format!("room for two backups in {}", s.declaration.backups.display()),
    ];
    if way == Way::InPlace {
        needs.push("room for a copy of the journal beside it".to_owned());
    }
    if s.declaration.format_workers {
        needs.push(
            "all that lies in the workers' tiers is given up, there and on a way back: files are read from their stores \
             again"
                .to_owned(),
        );
    }
    if way == Way::Backup && !journals_tell(s) {
        needs.push(
            "nobody makes, renames or deletes a directory while masters are stopped: a journal of 2.3 or earlier does \
             not tell it"
                .to_owned(),
        );
    }
    if s.declaration.writers.is_none() {
        needs.push(
            "you stop those who write, and start them again: the system file names no [writers]".to_owned(),
        );
    }
    needs
}

/// What lies in the tiers of workers, by machine.
fn tiers(s: &Situation<'_>) -> BTreeMap<String, Vec<TierFolder>> {
    // The tiers of a worker that were not seen leave no plan: the layout asks for them.
    let hosts = s.facts.hosts.iter();
    let all = hosts.filter_map(|host| Some((host.name.clone(), host.tiers.known()?.clone())));
    all.collect()
}

/// Journals of Copycat are read by nobody but their masters.
fn journals_tell(s: &Situation<'_>) -> bool {
    let kinds = s.facts.hosts.iter().filter_map(|host| host.journal.known());
    !kinds.into_iter().any(|kind| *kind == JournalKind::Copycat)
}

/// Applications whose client is switched by programs of the system file.
fn clients(s: &Situation<'_>) -> Vec<(String, ClientSwitch)> {
    let all = s.declaration.clients.iter();
    let named = all.filter_map(|client| Some((client.name.clone(), client.switch.clone()?)));
    named.collect()
}

fn lifted(s: &Situation<'_>, findings: &[Finding]) -> Vec<Waiver> {
    let by = |waiver: &&Waiver| {
        findings.iter().any(|finding| {
            finding.code == waiver.code
                && finding.subject == waiver.subject
                && finding.waived_by.as_ref() == Some(&waiver.words())
        })
    };
    s.declaration.waivers.iter().filter(by).cloned().collect()
}

fn criteria(s: &Situation<'_>) -> Result<Criteria, PlanError> {
    let accepts: BTreeSet<u32> = match s.library.entry_types().of(&s.to) {
        Accepted::Known(types) => types.iter().copied().collect(),
        Accepted::Unread => {
            return Err(unseen(
                &format!("which types of entries {} takes", s.to),
                "its classes were not read",
            ));
        }
    };
    Ok(Criteria {
        accepts,
        marked: s.from.line() >= (2, 4),
        cluster_id: s.from.line() >= (2, 1),
        no_old_fingerprints: s.leaves_1x(),
    })
}

pub(super) fn unseen(what: &str, reason: &str) -> PlanError {
    PlanError::Unseen {
        gap: Gap {
            what: what.to_owned(),
            reason: reason.to_owned(),
        },
    }
}

/// Fills in what each wave costs and how one gets back from it; gives the ways back.
fn fill(waves: &mut [Wave], hands: &Hands<'_>) -> Vec<Vec<Wave>> {
    let (mut reach, mut accepted, mut down, mut up) = (Reach::Nothing, false, false, false);
    let mut ways = Vec::new();
    for wave in waves {
        reach = match wave.title.as_str() {
            "prepare" => Reach::Prepared,
            title if title.starts_with("stop") => Reach::Stopped,
            _ => Reach::Switched.max(reach),
        };
        down |= wave.title.starts_with("stop");
        up |= wave.title == "prove";
        let open_until = match wave.title.as_str() {
            "prove" => vec![
                "until those who write are started again: what they write from then on is lost on the way back"
                    .to_owned(),
                "the new leader deletes what has expired, by itself: that is not undone".to_owned(),
            ],
            _ => Vec::new(),
        };
        let way_back = match accepted {
            true => WayBack::Closed {
                because: codes::ACCEPTED,
            },
            false => WayBack::Free,
        };
        ways.push(match accepted {
            true => Vec::new(),
            false => waves::back(reach, hands),
        });
        let downtime = match down && !up {
            true => None,
            false => Some(Millis::ZERO),
        };
        wave.outlook = WaveOutlook {
            downtime,
            way_back,
            replayed: String::new(),
            open_until,
        };
        accepted |= wave.title == "accept";
    }
    ways
}
