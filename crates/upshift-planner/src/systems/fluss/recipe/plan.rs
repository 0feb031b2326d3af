//! The plan of an upgrade of a Fluss cluster, whole.

use std::collections::BTreeMap;

use upshift_model::finding::{Finding, Severity};
use upshift_model::fluss::{
    DeclaredServer, Launch, Line, Role, Server, ServerId, ServerProcess, Site, same_release,
};
use upshift_model::host::Reach;
use upshift_model::observed::Gap;
use upshift_model::plan::{self, Direction, PLAN_FORMAT, Plan};
use upshift_model::span::Millis;
use upshift_model::step::{Wave, WaveOutlook, WayBack};
use upshift_model::version::{SystemKind, Version};

use super::carried::carried;
use super::error::PlanError;
use super::order::{Order, order};
use super::outlook::Outlook;
use super::owned::{Owned, by_a_person};
use super::steps::{Hands, Side};
use super::timing;
use super::waves::{self, Way};
use crate::build::number;
use crate::knowledge::{Known, Verdict};
use crate::systems::fluss::checks::least_in_sync;
use crate::systems::fluss::checks::plugins::in_use;
use crate::systems::fluss::codes;
use crate::systems::fluss::sight::takes_over_again;
use crate::systems::fluss::situation::Situation;
use crate::systems::fluss::stops::{started, stopped};
use crate::systems::fluss::touched::Touched;

/// Since this line the coordinator spreads leaders (Rebalance, 1049).
const SPREADS: Line = (0, 9);

/// Lays out the plan. Findings go into it as they are: whether it may be carried out is for the verdict over them.
///
/// # Errors
/// When there is nothing to do, when the system file does not say enough, or when something that steps are made of was
/// not seen.
pub fn plan(s: &Situation<'_>, findings: &[Finding]) -> Result<Plan, PlanError> {
    let ordered = order(s);
    let site = site(s);
    let left = left(s)?;
    let carried = carried(s, &left)?;
    let owned = Owned::of(s);
    let cluster = &s.system.cluster;
    let min_in_sync = least_in_sync(s).map_err(|gap| PlanError::Unseen { gap })?;
    let outlook = Outlook::of(cluster, u32::try_from(min_in_sync).unwrap_or(u32::MAX));
    let numbers = left.iter().filter_map(|id| match id {
        ServerId::TabletServer(id) => Some(*id),
        ServerId::Coordinator => None,
    });
    let tablet_servers: Vec<i32> = numbers.collect();
    let all = s.declaration.servers.iter().filter_map(|server| match server.id {
        ServerId::TabletServer(id) => Some((id, outlook.ok_to_stop(id))),
        ServerId::Coordinator => None,
    });
    let hands = Hands {
        site: &site,
        system: &s.declaration.name,
        ok_to_stop: all.collect(),
        coordinator: match ordered.order {
            Order::CoordinatorFirst => Some(Side::New),
            Order::TabletServersFirst => Some(Side::Old),
            Order::FullStop => None,
        },
        hang: owned.first.iter().cloned().collect(),
        carried: carried.iter().map(|carried| carried.id.component()).collect(),
        not_read: BTreeMap::new(),
        coordinator_led: true,
        stages: true,
    };
    let evidence = s.declaration.evidence.as_deref();
    let spreads = s.to.line() >= SPREADS;
    let way = Way {
        order: ordered.order,
        tablet_servers,
        coordinator: left.contains(&ServerId::Coordinator),
        evidence: evidence.ok_or_else(|| PlanError::NotDeclared {
            servers: vec!["evidence = FOLDER".to_owned()],
        })?,
        outlook: &outlook,
        soak: s.declaration.soak,
        carried,
        owned,
        spread_leaders: spreads && s.declaration.spread_leaders,
        plugins: in_use(s).into_iter().map(str::to_owned).collect(),
    };
    let mut waves = waves::lay_out(&way, &hands);
    let ways_back = fill(&mut waves, s, &way, &hands);
    number(&mut waves, "");
    let (green, shown): (Vec<&Finding>, Vec<&Finding>) = findings
        .iter()
        .partition(|finding| finding.judged() == Some(Severity::Green));
    Ok(Plan {
        format: PLAN_FORMAT,
        direction: Direction::Forward,
        system: s.declaration.name.clone(),
        kind: SystemKind::Fluss,
        from: s.declaration.current.clone(),
        to: s.declaration.target.clone(),
        strategy: ordered.order.strategy(),
        strategy_why: ordered.why.into_iter().chain(leaders_stay(s)).collect(),
        made_at: s.now,
        knowledge: s.library.stamp(Known::Fluss),
        inventory: s.stamp.clone(),
        policy: s.declaration.policy.clone(),
        waivers: lifted(s, findings),
        findings: shown.into_iter().cloned().collect(),
        green: u32::try_from(green.len()).unwrap_or(u32::MAX),
        needs: meanwhile(&way).into_iter().chain(by_a_person(s)).collect(),
        site: plan::Site::Fluss(site.clone()),
        waves,
        ways_back,
    })
}

/// What the servers, or who uses them, have to bear.
fn meanwhile(way: &Way<'_>) -> Vec<String> {
    match way.order {
        Order::TabletServersFirst | Order::CoordinatorFirst => {
            vec![
                "one JVM at a time is down; the others carry its load".to_owned(),
                "a supervisor that starts a stopped server again by itself is off until the run is over: it would start the release that was stopped"
                    .to_owned(),
            ]
        }
        Order::FullStop => vec![
            format!(
                "every table is away for ~{} with little data, from the first tablet server's stop until the new coordinator leads: much data takes longer to be written out and to be recovered",
                timing::all_away(way.tablet_servers.len())
            ),
            "you stop applications that must not meet a cluster that is away, and look afterwards whether all others make progress: clients may wait for ever"
                .to_owned(),
            "a supervisor that starts servers by itself is off until the run is over".to_owned(),
        ],
    }
}

/// Why no step spreads the leaders at the end.
fn leaders_stay(s: &Situation<'_>) -> Option<String> {
    match (s.to.line() >= SPREADS, s.declaration.spread_leaders) {
        (true, true) => None,
        (true, false) => Some("leaders stay where they went: the system file says so".to_owned()),
        (false, _) => Some(format!(
            "leaders stay where they went: {} has no call that spreads them",
            s.to
        )),
    }
}

fn lifted(s: &Situation<'_>, findings: &[Finding]) -> Vec<upshift_model::waiver::Waiver> {
    let by = |waiver: &&upshift_model::waiver::Waiver| {
        findings.iter().any(|finding| {
            finding.code == waiver.code
                && finding.subject == waiver.subject
                && finding.waived_by.as_ref() == Some(&waiver.words())
        })
    };
    s.declaration.waivers.iter().filter(by).cloned().collect()
}

fn site(s: &Situation<'_>) -> Site {
    let declared = s.declaration;
    let server = |of: &DeclaredServer| {
        let launch = |version: &upshift_model::version::Version,
                      conf: &std::path::PathBuf,
                      start: &Vec<String>| Launch {
            version: version.clone(),
            conf: conf.clone(),
            start: start.clone(),
        };
        let server = Server {
            id: of.id,
            host: host(s, of),
            old: launch(&declared.current, &of.conf, &of.start),
            new: launch(&declared.target, &of.target_conf, &of.target_start),
        };
        (of.id.component(), server)
    };
    Site {
        zookeeper: declared.zookeeper.clone(),
        root: declared.root.clone(),
        access: declared.access.clone(),
        hosts: declared.hosts.clone(),
        target_home: declared.target_home.clone(),
        java_home: declared.java_home.clone(),
        probes: declared.probes.iter().cloned().collect(),
        staged: declared.staged.clone(),
        tiering: declared.tiering.clone(),
        switches: declared
            .clients
            .iter()
            .filter_map(|client| Some((client.name.clone(), client.switch.clone()?)))
            .collect(),
        servers: declared.servers.iter().map(server).collect(),
    }
}

/// Servers that are to be replaced still, tablet servers by number and the coordinator last.
fn left(s: &Situation<'_>) -> Result<Vec<ServerId>, PlanError> {
    let cluster = &s.system.cluster;
    let registered = cluster
        .tablet_servers
        .as_result()
        .map_err(|gap| PlanError::Unseen { gap: gap.clone() })?;
    let mut wanted: Vec<ServerId> = registered.keys().map(|id| ServerId::TabletServer(*id)).collect();
    wanted.push(ServerId::Coordinator);
    let declared: BTreeMap<ServerId, &DeclaredServer> = s
        .declaration
        .servers
        .iter()
        .map(|server| (server.id, server))
        .collect();
    let missing: Vec<String> = wanted
        .iter()
        .filter(|id| !declared.contains_key(id))
        .map(ToString::to_string)
        .collect();
    if !missing.is_empty() {
        return Err(PlanError::NotDeclared { servers: missing });
    }
    // One that is named and not registered is away: the checks say so, and the first gate waits for it.
    let mut all: Vec<ServerId> = declared
        .keys()
        .copied()
        .filter(|id| *id != ServerId::Coordinator)
        .collect();
    all.push(ServerId::Coordinator);
    let processes = s
        .system
        .processes
        .as_result()
        .map_err(|gap: &Gap| PlanError::Unseen { gap: gap.clone() })?;
    let mut left = Vec::new();
    for id in all {
        let of = declared[&id];
        match running(processes, of) {
            None => {
                return Err(PlanError::NoProcess {
                    server: id.to_string(),
                    conf: of.conf.display().to_string(),
                });
            }
            Some(process) if is_of(process, &s.declaration.target) => {}
            Some(_) => left.push(id),
        }
    }
    match left.is_empty() {
        true => Err(PlanError::NothingToDo {
            to: s.declaration.target.clone(),
        }),
        false => Ok(left),
    }
}

/// Whether its jar tells that it is of this release.
fn is_of(process: &ServerProcess, release: &Version) -> bool {
    let jar = process.jar.known();
    jar.is_some_and(|jar| same_release(jar, release.as_str()))
}

/// The host of the file that a server was found on; none: this machine.
fn host(s: &Situation<'_>, of: &DeclaredServer) -> Option<String> {
    let process = running(s.system.processes.known()?, of)?;
    let mut hosts = s.declaration.hosts.iter();
    hosts
        .find(|host| host.name == process.host && host.reach != Reach::Local)
        .map(|host| host.name.clone())
}

/// The process of a server, known by its folder of configuration and what it is; and by its number where that is read:
/// on hosts of their own servers may have folders of one name.
pub(in crate::systems::fluss) fn running<'a>(
    processes: &'a [ServerProcess],
    of: &DeclaredServer,
) -> Option<&'a ServerProcess> {
    let role = match of.id {
        ServerId::Coordinator => Role::Coordinator,
        ServerId::TabletServer(_) => Role::TabletServer,
    };
    let is_its = |process: &&ServerProcess| {
        process.role == role && (process.conf == of.conf || process.conf == of.target_conf)
    };
    let number = |process: &ServerProcess| process.option("tablet-server.id")?.parse::<i32>().ok();
    let is_another = |process: &ServerProcess| match of.id {
        ServerId::TabletServer(id) => number(process).is_some_and(|number| number != id),
        ServerId::Coordinator => false,
    };
    processes
        .iter()
        .filter(is_its)
        .find(|process| !is_another(process))
}

/// Fills in what each wave costs and how one gets back from it; gives the ways back.
fn fill(waves: &mut [Wave], s: &Situation<'_>, way: &Way<'_>, hands: &Hands<'_>) -> Vec<Vec<Wave>> {
    let mut touched = Touched::default();
    let (mut accepted, mut past) = (false, false);
    let way_back = after_the_coordinator(s);
    let mut ways = Vec::new();
    for wave in waves {
        let stopped: Vec<ServerId> = wave
            .lanes
            .iter()
            .flat_map(|lane| &lane.steps)
            .filter_map(|step| stopped(step, hands.site))
            .collect();
        wave.steps().for_each(|step| touched.take(step, hands.site));
        past |= wave
            .steps()
            .any(|step| started(step, hands.site) == Some(ServerId::Coordinator));
        let downtime = match way.order {
            Order::FullStop => all_away(wave, hands.site),
            Order::TabletServersFirst | Order::CoordinatorFirst => {
                stopped.iter().fold(Millis::ZERO, |longest, id| match id {
                    ServerId::TabletServer(id) => longest.max(way.outlook.downtime(*id)),
                    ServerId::Coordinator => longest,
                })
            }
        };
        let (back, open_until) = match (accepted, past) {
            (true, _) => (
                WayBack::Closed {
                    because: codes::ACCEPTED,
                },
                Vec::new(),
            ),
            (false, true) => way_back.clone(),
            (false, false) if way.order == Order::FullStop => {
                (WayBack::Free, vec![s.row("full-stop-is-a-way-back").text])
            }
            (false, false) => (WayBack::Free, vec![s.row("half-way-is-a-way-back").text]),
        };
        ways.push(match back {
            WayBack::Closed { .. } => Vec::new(),
            WayBack::Free | WayBack::Restore { .. } => {
                waves::back(&touched, way.order == Order::FullStop, hands)
            }
        });
        wave.outlook = WaveOutlook {
            downtime: Some(downtime),
            way_back: back,
            replayed: String::new(),
            open_until,
        };
        accepted |= wave.title == "accept";
    }
    ways
}

/// How long everything is away in a wave of a full stop: its tablet servers' stops, and all starts.
fn all_away(wave: &Wave, site: &Site) -> Millis {
    let counts = |step: &&upshift_model::step::Step| {
        matches!(stopped(step, site), Some(ServerId::TabletServer(_))) || started(step, site).is_some()
    };
    let times = wave.steps().filter(counts).filter_map(|step| step.usual);
    Millis(times.map(|time| time.0).sum())
}

/// Whether one gets back once the coordinator was replaced, by the catalogue and what was seen.
fn after_the_coordinator(s: &Situation<'_>) -> (WayBack, Vec<String>) {
    let answer = takes_over_again(s.library, (&s.to, &s.from), s.system);
    match answer.verdict {
        Verdict::Supported | Verdict::Conditional => {
            let rows = answer.rows.iter().map(|row| row.text.clone()).collect();
            (WayBack::Free, rows)
        }
        Verdict::Unknown | Verdict::Unsupported => (
            WayBack::Closed {
                because: codes::WAY_BACK,
            },
            Vec::new(),
        ),
    }
}
