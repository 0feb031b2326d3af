//! The plan of an upgrade of an Alluxio cluster, whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use upshift_model::alluxio::{Criteria, HostFacts, Installation, Master, Role, Site, Way};
use upshift_model::finding::{Finding, Severity};
use upshift_model::host::Reach as HostReach;
use upshift_model::observed::Gap;
use upshift_model::plan::{self, Direction, PLAN_FORMAT, Plan};
use upshift_model::span::Millis;
use upshift_model::step::{Wave, WaveOutlook, WayBack};
use upshift_model::version::SystemKind;
use upshift_model::waiver::Waiver;

use super::edits;
use super::error::PlanError;
use super::steps::Hands;
use super::waves::{self, Course, Reach};
use crate::build::number;
use crate::knowledge::{Accepted, Known};
use crate::systems::alluxio::codes;
use crate::systems::alluxio::situation::Situation;
use crate::systems::alluxio::way::{is_embedded, strategy, way};

/// Lays out the plan. Findings go into it as they are: whether it may be carried out is for the verdict over them.
///
/// # Errors
/// When there is nothing to do, when the cluster is of a shape that upshift does not upgrade, or when something that
/// steps are made of was not seen.
pub fn plan(s: &Situation<'_>, findings: &[Finding]) -> Result<Plan, PlanError> {
    let chosen = way(s);
    let (strategy, strategy_why) = strategy(s);
    let site = site(s)?;
    let hands = Hands {
        site: &site,
        writers: s.declaration.writers.clone(),
    };
    let course = Course {
        way: chosen.way,
        criteria: criteria(s)?,
        unpersisted: s.declaration.unpersisted,
        change: edits::change(s)?,
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
    if s.declaration.writers.is_none() {
        needs.push(
            "you stop those who write, and start them again: the system file names no [writers]".to_owned(),
        );
    }
    needs
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

fn unseen(what: &str, reason: &str) -> PlanError {
    PlanError::Unseen {
        gap: Gap {
            what: what.to_owned(),
            reason: reason.to_owned(),
        },
    }
}

/// One master and its workers, all of them here.
fn here<'a>(s: &Situation<'a>) -> Result<(&'a HostFacts, &'a Master), PlanError> {
    let not_here = |what: String| Err(PlanError::NotHere { what });
    if s.declaration.masters.len() != 1 {
        return not_here(format!("{} masters are named", s.declaration.masters.len()));
    }
    if let Some(host) = s
        .declaration
        .hosts
        .iter()
        .find(|host| host.reach != HostReach::Local)
    {
        return not_here(format!("{} is another machine", host.name));
    }
    let master = s.leader().map_err(|gap| PlanError::Unseen { gap })?;
    if master.version == s.declaration.target.as_str() {
        return Err(PlanError::NothingToDo {
            to: s.declaration.target.clone(),
        });
    }
    let [host] = s.facts.hosts.as_slice() else {
        return not_here(format!("{} hosts were looked at", s.facts.hosts.len()));
    };
    Ok((host, master))
}

fn site(s: &Situation<'_>) -> Result<Site, PlanError> {
    let (host, master) = here(s)?;
    let declared = s.declaration;
    let not_here = |what: String| PlanError::NotHere { what };
    let processes = host.processes.as_result();
    let processes = processes.map_err(|gap| PlanError::Unseen { gap: gap.clone() })?;
    let ours = processes
        .iter()
        .filter(|process| process.home.as_deref() == Some(declared.home.as_path()));
    let roles: BTreeSet<Role> = ours.map(|process| process.role).collect();
    if !roles.contains(&Role::Master) {
        return Err(not_here(format!(
            "no master runs here from {}",
            declared.home.display()
        )));
    }
    let workers = u32::try_from(master.workers.len()).unwrap_or(u32::MAX);
    if workers > u32::from(roles.contains(&Role::Worker)) {
        return Err(not_here(format!(
            "the master hears of {workers} workers, of which not all run here"
        )));
    }
    let journal = s
        .facts
        .option("alluxio.master.journal.folder")
        .unwrap_or("unknown");
    let journal = journal.strip_prefix("file://").unwrap_or(journal);
    if !journal.starts_with('/') {
        return Err(not_here(format!("the journal is in {journal}")));
    }
    let journal = PathBuf::from(journal.trim_end_matches('/'));
    let tiers = host
        .tiers
        .as_result()
        .map_err(|gap| PlanError::Unseen { gap: gap.clone() })?;
    let embedded =
        is_embedded(s).ok_or_else(|| unseen("the kind of the journal", "neither folder nor master says"))?;
    Ok(Site {
        master: declared.masters[0].clone(),
        kept_journal: kept(&journal, s),
        journal,
        embedded,
        old: Installation {
            version: declared.current.clone(),
            home: declared.home.clone(),
            master_log: declared.home.join("logs/master.log"),
        },
        new: Installation {
            version: declared.target.clone(),
            home: declared.target_home.clone(),
            master_log: declared.master_log.clone(),
        },
        backups: declared.backups.clone(),
        tiers: tiers.iter().map(|tier| tier.path.clone()).collect(),
        root_store: host.root_store.as_ref().and_then(|root| root.known().cloned()),
        mounts: mounts(master),
        roles,
        workers,
        worker_options: declared.worker_options.clone(),
    })
}

fn mounts(master: &Master) -> BTreeMap<String, String> {
    let all = master.mounts.iter();
    all.map(|(path, store)| (path.clone(), store.ufs.clone()))
        .collect()
}

/// `/srv/journal.1.8.1-20261127T2131`: beside the journal, and of this plan alone.
fn kept(journal: &Path, s: &Situation<'_>) -> PathBuf {
    let at = s.now.strftime("%Y%m%dT%H%M%S");
    let mut name = journal.as_os_str().to_owned();
    name.push(format!(".{}-{at}", s.from));
    name.into()
}

/// Fills in what each wave costs and how one gets back from it; gives the ways back.
fn fill(waves: &mut [Wave], hands: &Hands<'_>) -> Vec<Vec<Wave>> {
    let (mut reach, mut accepted, mut down) = (Reach::Nothing, false, false);
    let mut ways = Vec::new();
    for wave in waves {
        reach = match wave.title.as_str() {
            "prepare" => Reach::Prepared,
            "stop" => Reach::Stopped,
            _ => Reach::Switched.max(reach),
        };
        down |= wave.title == "stop";
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
        let downtime = match (down, wave.title.as_str()) {
            (true, "stop" | "switch" | "masters" | "workers") => None,
            _ => Some(Millis::ZERO),
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
