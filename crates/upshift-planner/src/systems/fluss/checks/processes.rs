//! Servers' processes: whether each registered server was found on a host, and whether its command line names the
//! release that it answers.

use std::collections::BTreeSet;

use upshift_model::finding::{Finding, Severity};
use upshift_model::fluss::{
    DeclaredServer, Role, ServerAnswer, ServerId, ServerProcess, THIS_MACHINE, same_release,
};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;

use crate::knowledge::{Known, Release};
use crate::systems::fluss::codes;
use crate::systems::fluss::recipe::running;
use crate::systems::fluss::situation::Situation;

/// Programs that start a service as whoever it is to run as.
const CHANGES_USER: [&str; 9] = [
    "systemctl",
    "service",
    "su",
    "sudo",
    "runuser",
    "setpriv",
    "systemd-run",
    "doas",
    "docker",
];

/// The processes that were seen.
pub(super) fn seen<'a>(s: &'a Situation<'_>) -> &'a [ServerProcess] {
    s.system.processes.known().map_or(&[], Vec::as_slice)
}

/// The server that a process is, where its file says.
pub(super) fn server_of(process: &ServerProcess) -> Option<ServerId> {
    match process.role {
        Role::Coordinator => Some(ServerId::Coordinator),
        Role::TabletServer => {
            let id = process.option("tablet-server.id")?.parse().ok()?;
            Some(ServerId::TabletServer(id))
        }
    }
}

/// `pid 12 on ts1`.
pub(super) fn called(process: &ServerProcess) -> String {
    match process.host == THIS_MACHINE {
        true => format!("pid {}", process.pid),
        false => format!("pid {} on {}", process.pid, process.host),
    }
}

/// Every registered server, found by its process.
pub(super) fn found(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::PROCESSES, "servers")
        .source("command lines of the servers, and the calls that each of them answers");
    let mut wrong = Vec::new();
    for answer in &s.system.answers {
        let of = seen(s)
            .iter()
            .filter(|process| server_of(process) == Some(answer.server));
        wrong.extend(of.filter_map(|process| disagrees(answer, process)));
    }
    if !wrong.is_empty() {
        return topic
            .saw_all(wrong)
            .fix("see that each process was started from the home that it should be from")
            .red("a server answers as another release than its command line names");
    }
    let untouchable: Vec<String> = seen(s).iter().filter_map(|process| others(s, process)).collect();
    if !untouchable.is_empty() {
        return topic
            .saw_all(untouchable)
            .fix("log in as the user who runs the servers: `ssh` under [[host]], User in ssh_config; upshift asks for no sudo")
            .red("upshift's login may not end a server");
    }
    let strangers: Vec<String> = seen(s)
        .iter()
        .filter_map(|process| stranger(s, process))
        .collect();
    if !strangers.is_empty() {
        return topic
            .saw_all(strangers)
            .fix("write the release that runs into the system file, as the name of its server jar has it")
            .refused(format!("a server runs neither {} nor {}", s.from, s.to));
    }
    let answering: BTreeSet<ServerId> = s.system.answers.iter().map(|answer| answer.server).collect();
    let declared = s.declaration.servers.iter().map(|server| server.id);
    let away: Vec<String> = declared
        .filter(|id| !answering.contains(id))
        .map(|id| id.to_string())
        .collect();
    if !away.is_empty() && !answering.is_empty() {
        return topic
            .saw_all(away)
            .fix("start it, or take it out of the file where it is gone for good")
            .red("a server that the file names is not registered");
    }
    let coordinators: Vec<String> = seen(s)
        .iter()
        .filter(|one| one.role == Role::Coordinator)
        .map(called)
        .collect();
    if coordinators.len() > 1 && s.from.line() < (1, 0) {
        return topic
            .saw(coordinators.join(", "))
            .saw("up to 0.9 a cluster has one")
            .fix("see which of them leads, and end the other by its pid; one of another cluster names another zookeeper.address or zookeeper.path.root")
            .red("several coordinators of one cluster run");
    }
    as_a_whole(s, topic)
}

/// Whose processes they are and whether all were seen, where nothing else is wrong with one.
fn as_a_whole(s: &Situation<'_>, topic: Topic) -> Finding {
    let jarless = seen(s).iter().find_map(|process| process.jar.gap());
    let ownerless = seen(s).iter().find_map(|process| process.owner.gap());
    let ownerless = ownerless.filter(|_| !s.declaration.servers.is_empty());
    let another: Vec<String> = seen(s)
        .iter()
        .filter_map(|process| of_another_user(s, process))
        .collect();
    match missing(s).or(jarless.cloned()).or(ownerless.cloned()) {
        None if !another.is_empty() => topic
            .saw_all(another)
            .fix("log in as that user, or start it by a program that changes to it (systemctl, runuser)")
            .yellow("a server would be started as another user than it runs as now"),
        Some(gap) => topic
            .fix("name the hosts that servers run on under [[host]]; upshift hosts tries the way to them")
            .fix("a process whose class path holds one fluss-server jar tells its release")
            .unknown(
                &gap,
                Severity::Yellow,
                "not every server's process was seen with its jar",
            ),
        None => topic
            .saw_all(seen(s).iter().map(|process| {
                let jar = process.jar.known().map_or("unknown", String::as_str);
                let name = server_of(process).map_or("a server".to_owned(), |server| server.to_string());
                format!("{name}: {}, jar of {jar}", called(process))
            }))
            .green("each server's process was found, and its jar is of the release that it answers"),
    }
}

/// A way back is given the release of the file: a process of another one would be "put back" to what never ran.
fn stranger(s: &Situation<'_>, process: &ServerProcess) -> Option<String> {
    let jar = process.jar.known()?;
    let ours = [&s.declaration.current, &s.declaration.target];
    let is_ours = ours.iter().any(|version| same_release(jar, version.as_str()));
    (!is_ours).then(|| format!("{} names a jar of {jar}", called(process)))
}

/// A server that the plan would end and that is not upshift's to end.
fn others(s: &Situation<'_>, process: &ServerProcess) -> Option<String> {
    let owner = process.owner.known()?;
    declared(s, process)?;
    (!owner.may_signal).then(|| format!("{} is {}'s", called(process), owner.user))
}

/// A server that upshift's login would start as itself.
fn of_another_user(s: &Situation<'_>, process: &ServerProcess) -> Option<String> {
    let owner = process.owner.known()?;
    let start = &declared(s, process)?.target_start;
    let program = start.first()?.rsplit('/').next()?;
    let is_same = owner.is_login || CHANGES_USER.contains(&program);
    (!is_same).then(|| {
        format!(
            "{} is {}'s, {program} would start it as upshift's login",
            called(process),
            owner.user
        )
    })
}

fn declared<'a>(s: &'a Situation<'_>, process: &ServerProcess) -> Option<&'a DeclaredServer> {
    let mut all = s.declaration.servers.iter();
    all.find(|of| running(std::slice::from_ref(process), of).is_some())
}

fn disagrees(answer: &ServerAnswer, process: &ServerProcess) -> Option<String> {
    let (line, jar) = (answer.line.known()?, process.jar.known()?);
    let named = Release::parse(Known::Fluss, jar).ok()?.line();
    (named != *line).then(|| {
        format!(
            "{} answers as {}.{}, {} names a jar of {jar}",
            answer.server,
            line.0,
            line.1,
            called(process)
        )
    })
}

/// What of the servers' processes was not seen: a host, or a server that runs on none of them.
pub(super) fn missing(s: &Situation<'_>) -> Option<Gap> {
    if let Some(gap) = s.system.processes.gap() {
        return Some(gap.clone());
    }
    if let Some(gap) = s.system.hosts.iter().find_map(|host| host.servers.gap()) {
        return Some(gap.clone());
    }
    let there: BTreeSet<ServerId> = seen(s).iter().filter_map(server_of).collect();
    let nameless = seen(s)
        .iter()
        .filter(|process| server_of(process).is_none())
        .count();
    let away = s
        .system
        .answers
        .iter()
        .filter(|answer| !there.contains(&answer.server));
    let away: Vec<String> = away.map(|answer| answer.server.to_string()).collect();
    (away.len() > nameless).then(|| Gap {
        what: format!("the process of {}", away.join(", ")),
        reason: "it runs on none of the hosts that were looked at".to_owned(),
    })
}
