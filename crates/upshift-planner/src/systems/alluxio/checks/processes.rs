//! What runs: masters, workers, and what goes along with them.

use upshift_model::alluxio::{HostFacts, Member, Process, Role, SILENT_SECS};
use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::{Gap, Observed};
use upshift_model::topic::Topic;

use super::some;
use crate::systems::alluxio::codes;
use crate::systems::alluxio::recipe::web_of;
use crate::systems::alluxio::situation::Situation;

/// Whether a process counts on a host: one of the home that another host has counts there. Two names may be one machine.
fn is_of(s: &Situation<'_>, host: &HostFacts, process: &Process) -> bool {
    let own = s.declaration.on(&host.name).home;
    let is = |home: &std::path::Path| process.home.as_deref() == Some(home);
    let elsewhere = s.declaration.elsewhere.iter().any(|lies| is(&lies.home));
    is(&own) || !elsewhere
}

/// Processes of a role with their hosts, and the first gap.
fn running(s: &Situation<'_>, role: Role) -> (Vec<String>, Option<Gap>) {
    let (mut found, mut gap) = (Vec::new(), None);
    for host in &s.facts.hosts {
        match host.processes.as_result() {
            Ok(all) => {
                let of = all
                    .iter()
                    .filter(|process| process.role == role && is_of(s, host, process));
                found.extend(
                    of.map(|process| format!("{} with pid {} on {}", role.words(), process.pid, host.name)),
                );
            }
            Err(why) => gap = gap.or_else(|| Some(why.clone())),
        }
    }
    (found, gap)
}

pub(super) fn masters(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::MASTERS, "masters")
        .source("GET /api/v1/master/info; processes of the hosts; fsadmin journal quorum info");
    let (found, gap) = running(s, Role::Master);
    let named = s.declaration.masters.len();
    let topic = topic.saw_all(some(parts(s)));
    if s.facts.leader().is_none() {
        let gap = s.leader().err().unwrap_or_else(|| Gap {
            what: "the master that leads".to_owned(),
            reason: "none was asked".to_owned(),
        });
        return topic
            .fix("start the masters; a backup needs one that leads")
            .unknown(&gap, Severity::Red, "no master leads, as far as can be seen");
    }
    let answering = s
        .facts
        .masters
        .iter()
        .filter(|master| master.told.known().is_some());
    let answering: Vec<String> = answering
        .map(|master| format!("the master at {} answers", master.address))
        .collect();
    if answering.len() > 1 {
        return topic
            .saw_all(answering)
            .fix("alluxio.standby.master.web.enabled=false on every master, and start the standbys anew")
            .refused("several masters answer, and which one leads is not told");
    }
    if let Some(gap) = gap {
        return topic.unknown(&gap, Severity::Yellow, "not every master's process was seen");
    }
    if found.len() < named {
        return topic
            .saw(format!("{named} masters are named"))
            .fix("start it, or take it out of the system file")
            .red("a master that is named does not run");
    }
    if found.len() > named {
        return topic
            .saw(format!("{named} masters are named"))
            .fix("name every master of the cluster; where it is another cluster's, waive this")
            .red("more masters run than are named");
    }
    match &s.facts.quorum {
        None => topic.green("one master leads, and all that are named run"),
        Some(quorum) => of_quorum(topic, quorum, named),
    }
}

/// Masters with their hosts: which one leads, and which stand by. One that stands by gives no answer before 2.8, and is
/// told from one that is down by its process.
fn parts(s: &Situation<'_>) -> Vec<String> {
    let leads = s.facts.leader_address();
    let several = s.declaration.masters.len() > 1;
    let mut all = Vec::new();
    for host in &s.facts.hosts {
        let processes = host.processes.known().into_iter().flatten();
        for process in processes.filter(|process| process.role == Role::Master && is_of(s, host, process)) {
            let web = web_of(s, host);
            let part = match (several, leads, web.as_ref()) {
                (true, Some(leads), Some(web)) if leads.ends_with(web.authority()) => ", which leads",
                (true, Some(_), Some(_)) => ", which stands by",
                _ => "",
            };
            all.push(format!("master with pid {} on {}{part}", process.pid, host.name));
        }
    }
    all
}

fn of_quorum(topic: Topic, quorum: &Observed<Vec<Member>>, named: usize) -> Finding {
    let members = match quorum.as_result() {
        Ok(members) => members,
        Err(gap) => {
            return topic
                .fix("alluxio fsadmin journal quorum info -domain MASTER")
                .unknown(
                    gap,
                    Severity::Yellow,
                    "how the masters' quorum stands is not known",
                );
        }
    };
    let told = members
        .iter()
        .map(|member| format!("{} {}", member.state, member.address));
    let topic = topic.saw_all(some(told));
    let away = members.iter().any(|member| member.state != "AVAILABLE");
    match (away, members.len() == named) {
        (true, _) => topic
            .fix("start it, and wait until it has caught up; a member that is gone for good is taken out with fsadmin journal quorum remove")
            .red("a member of the masters' quorum is away"),
        (false, false) => topic
            .saw(format!("{named} masters are named"))
            .fix("name every member of the quorum as a master")
            .red("the quorum has other members than the masters that are named"),
        (false, true) => topic.green("one master leads, and the quorum is complete"),
    }
}

pub(super) fn workers(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::WORKERS, "workers").source("GET /api/v1/master/info");
    let master = match s.leader() {
        Ok(master) => master,
        Err(gap) => return topic.unknown(&gap, Severity::Red, "which workers there are is not known"),
    };
    let away = master.workers.iter().filter(|worker| !worker.serves());
    let away = away.map(|worker| match worker.silent_secs {
        Some(secs) if secs >= SILENT_SECS => format!(
            "{}:{} was not heard of for {secs} s; its master calls it {} until it counts as lost",
            worker.host, worker.port, worker.state
        ),
        _ => format!("{}:{} is {}", worker.host, worker.port, worker.state),
    });
    let lost = master
        .lost_workers
        .iter()
        .map(|host| format!("the worker on {host} is lost"));
    let bad: Vec<String> = away.chain(lost).collect();
    let topic = topic.saw(format!("{} workers", master.workers.len()));
    match bad.is_empty() {
        true => topic.green("every worker is in service"),
        false => topic
            .saw_all(some(bad))
            .fix("start them before the upgrade, or accept that their blocks are not there afterwards")
            .red("workers are away: what only they hold cannot be checked"),
    }
}

pub(super) fn others(s: &Situation<'_>) -> Finding {
    let row = s.row("not-rolling");
    let topic = Topic::new(codes::OTHERS, "job masters, job workers and proxies").source(row.source);
    let all = [Role::JobMaster, Role::JobWorker, Role::Proxy];
    let (mut found, mut unseen) = (Vec::new(), None);
    for role in all {
        let (of, gap) = running(s, role);
        found.extend(of);
        unseen = unseen.or(gap);
    }
    let topic = match found.is_empty() {
        true => topic,
        false => topic
            .saw_all(some(found.clone()))
            .saw("they are stopped with the workers and started with the wanted release"),
    };
    match (unseen, found.is_empty()) {
        (Some(gap), _) => topic
            .fix("one that upshift does not see runs on with the old release while all else is stopped")
            .unknown(
                &gap,
                Severity::Yellow,
                "whether others run is not known of every host",
            ),
        (None, true) => topic.green("none runs"),
        (None, false) => topic.green("they go along with the upgrade"),
    }
}
