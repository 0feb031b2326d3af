//! Backends: whether they were reached, what runs on them, and what their containers are made of.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::{Gap, Observed};
use upshift_model::topic::Topic;
use upshift_model::weka::{Os, Server};

use super::CHECKER;
use crate::systems::weka::codes;
use crate::systems::weka::judge::{self, One, Words, red, servers, yellow};
use crate::systems::weka::situation::Situation;
use crate::systems::weka::systems::{self, Listed};

/// So many seconds a clock may be away.
pub(super) const SKEW: i64 = 60;
/// Connections of NFS that a server takes.
const MOST_CONNECTIONS: u64 = 1024;

pub(super) fn all(s: &Situation<'_>) -> Vec<Finding> {
    let mut found = vec![
        reached(codes::REACHED, "backends", &s.facts.backends, Severity::Red),
        system(s, codes::SYSTEM, "backends", "backend", &s.facts.backends),
        on(s, codes::AGENT, agent_words(), agent),
        on(s, codes::CLOCK, clock_words(), clock),
        on(s, codes::CONTAINERS, containers_words(), containers),
        mounts(s),
        endpoints(s),
        join_secrets(s),
        sensor(s),
        ports(s),
    ];
    found.extend(agent_unit(s));
    found.extend(nfs_connections(s));
    found.extend(smb(s));
    found
}

/// A check of every backend.
pub(super) fn on(
    s: &Situation<'_>,
    code: upshift_model::ids::Code,
    (words, fix): (Words, &'static str),
    judged: impl Fn(&Server) -> One,
) -> Finding {
    let topic = Topic::new(code, "backends").fix(fix).source(CHECKER);
    servers(topic, words, &s.facts.backends, |_, server| judged(server))
}

/// Those that were not reached, with why.
pub(super) fn reached(
    code: upshift_model::ids::Code,
    subject: &str,
    all: &BTreeMap<String, Observed<Server>>,
    may_hide: Severity,
) -> Finding {
    let gaps: Vec<&Gap> = all.values().filter_map(Observed::gap).collect();
    let topic = Topic::new(code, subject).source(CHECKER);
    match gaps.first() {
        None if all.is_empty() => {
            let gap = Gap {
                what: subject.to_owned(),
                reason: "the cluster names none with an address".to_owned(),
            };
            topic.unknown(&gap, may_hide, "no server is known")
        }
        None => topic.green(format!("all {} were reached, and answered whole", all.len())),
        Some(first) => {
            let rest = gaps[1..].iter().map(|gap| gap.to_string()).collect();
            topic
                .saw_all(judge::some(rest))
                .fix("upshift hosts HOST…, and upshift explain of the code beside each")
                .unknown(
                    first,
                    may_hide,
                    format!("{} of {} were not reached", gaps.len(), all.len()),
                )
        }
    }
}

/// Whether the vendor lists their operating systems.
pub(super) fn system(
    s: &Situation<'_>,
    code: upshift_model::ids::Code,
    subject: &str,
    role: &str,
    all: &BTreeMap<String, Observed<Server>>,
) -> Finding {
    let judged = |os: &Os| systems::listed(&os.id, &os.version, role, &s.to);
    let none = all
        .values()
        .filter_map(Observed::known)
        .filter_map(|server| server.os.known())
        .any(|os| judged(os) == Listed::No);
    let words = Words {
        at: if none { Severity::Red } else { Severity::Yellow },
        bad: "operating systems are not listed for the wanted release",
        good: "every operating system is listed for the wanted release",
    };
    let topic = Topic::new(code, subject)
        .fix("compare with the vendor's list; upgrade the operating system before")
        .source(systems::SOURCE);
    servers(topic, words, all, |_, server| {
        One::seen(&server.os, |os| match judged(os) {
            Listed::Yes => None,
            Listed::Newer => Some(format!("{} {} is newer than what is listed", os.id, os.version)),
            Listed::No => Some(format!("{} {}", os.id, os.version)),
        })
    })
}

pub(super) fn agent_words() -> (Words, &'static str) {
    (
        red("the agent does not run", "the agent runs"),
        "systemctl start weka-agent",
    )
}

pub(super) fn agent(server: &Server) -> One {
    One::seen(&server.agent, |runs| {
        (!runs).then(|| "it does not run".to_owned())
    })
}

pub(super) fn clock_words() -> (Words, &'static str) {
    (
        red("clocks are wrong", "clocks agree with this machine's"),
        "let them follow a time server",
    )
}

pub(super) fn clock(server: &Server) -> One {
    One::seen(&server.clock_ahead, |ahead| {
        let way = if *ahead > 0 { "ahead" } else { "behind" };
        (ahead.abs() > SKEW).then(|| format!("{} s {way}", ahead.abs()))
    })
}

pub(super) fn containers_words() -> (Words, &'static str) {
    (
        red(
            "containers do not run, or one is left over",
            "every container runs",
        ),
        "weka local start, weka local enable; of one that is called upgrade ask the vendor how that upgrade ended",
    )
}

pub(super) fn containers(server: &Server) -> One {
    let all = match server.containers.as_result() {
        Ok(all) => all,
        Err(gap) => return One::Unseen(gap.clone()),
    };
    let mut said = Vec::new();
    for container in all {
        let Some(((name, running), disabled)) = container
            .name
            .as_ref()
            .zip(container.running)
            .zip(container.disabled)
        else {
            return One::of(None::<()>, "the state of a container", |()| None);
        };
        said.extend(
            (name == "upgrade").then(|| "one is called upgrade: an upgrade was not ended".to_owned()),
        );
        said.extend((!running).then(|| format!("{name} does not run")));
        said.extend(disabled.then(|| format!("{name} is disabled")));
    }
    match said.is_empty() {
        true => One::Fine,
        false => One::Bad(said.join("; ")),
    }
}

fn mounts(s: &Situation<'_>) -> Finding {
    let words = yellow(
        "filesystems are mounted on backends",
        "no filesystem is mounted on a backend",
    );
    let words = (words, "unmount them for the time of the upgrade");
    on(s, codes::MOUNTS, words, |server| {
        One::seen(&server.surroundings.mounts, |mounts| {
            (!mounts.is_empty()).then(|| mounts.join(", "))
        })
    })
}

fn endpoints(s: &Situation<'_>) -> Finding {
    let words = yellow(
        "a container names an address that the cluster does not know",
        "containers name addresses of the cluster",
    );
    let known: BTreeSet<&String> = s
        .cluster()
        .backend_containers()
        .filter_map(|container| container.ips.as_ref())
        .flatten()
        .collect();
    let words = (words, "weka local resources; mend the address");
    on(s, codes::ENDPOINTS, words, |server| {
        One::seen(&server.resources, |resources| {
            let strange = resources.iter().flat_map(|(name, own)| {
                let strange = own.ips.iter().filter(|ip| !known.contains(ip));
                strange.map(move |ip| format!("{name} has {ip}"))
            });
            let strange: Vec<String> = strange.collect();
            (!strange.is_empty()).then(|| strange.join("; "))
        })
    })
}

/// What most containers have is taken for right; only what it comes to is known here.
fn join_secrets(s: &Situation<'_>) -> Finding {
    let words = yellow(
        "join secrets are missing or differ",
        "all containers have one join secret",
    );
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    let all = s.facts.backends.values().filter_map(Observed::known);
    for resources in all.filter_map(|server| server.resources.known()) {
        let secrets = resources.values().filter_map(|own| own.secret.known()?.as_ref());
        for secret in secrets {
            *counts.entry(secret).or_default() += 1;
        }
    }
    let usual = counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map(|(secret, _)| secret);
    let words = (words, "have the vendor set it anew");
    on(s, codes::JOIN_SECRETS, words, |server| {
        let resources = match server.resources.as_result() {
            Ok(resources) => resources,
            Err(gap) => return One::Unseen(gap.clone()),
        };
        let mut said = Vec::new();
        for (name, own) in resources {
            match own.secret.as_result() {
                Err(gap) => return One::Unseen(gap.clone()),
                // Where nobody has one the cluster does without.
                Ok(None) if usual.is_none() => {}
                Ok(None) => said.push(format!("{name} has none")),
                Ok(secret) if secret.as_ref() != usual => said.push(format!("{name} has another")),
                Ok(_) => {}
            }
        }
        match said.is_empty() {
            true => One::Fine,
            false => One::Bad(said.join("; ")),
        }
    })
}

fn sensor(s: &Situation<'_>) -> Finding {
    let words = yellow("a sensor of CrowdStrike runs", "no sensor of CrowdStrike runs");
    let words = (words, "exempt WEKA, or stop it for the time of the upgrade");
    on(s, codes::SENSOR, words, |server| {
        One::seen(&server.surroundings.sensor, |is| {
            is.then(|| "falcon-sensor".to_owned())
        })
    })
}

fn ports(s: &Situation<'_>) -> Finding {
    let words = red(
        "ports of the cluster are not reached",
        "ports of the cluster are reached",
    );
    on(s, codes::PORTS, (words, "open them in the firewall"), |server| {
        One::seen(&server.surroundings.ports, |ports| {
            let shut = ports.iter().filter(|(_, answers)| !**answers);
            let shut: Vec<String> = shut.map(|(port, _)| port.to_string()).collect();
            (!shut.is_empty()).then(|| format!("not {}", shut.join(", ")))
        })
    })
}

/// Asked of RHEL and Rocky 9 and later.
fn agent_unit(s: &Situation<'_>) -> Option<Finding> {
    let asked = |server: &Server| {
        server.os.known().is_some_and(|os| {
            let first = os
                .version
                .split('.')
                .next()
                .and_then(|first| first.parse::<u32>().ok());
            ["rhel", "rocky"].contains(&os.id.as_str()) && first.is_some_and(|first| first >= 9)
        })
    };
    let any = s.facts.backends.values().filter_map(Observed::known).any(asked);
    let words = red("the agent is a unit of systemd", "the agent has its script");
    let words = (words, "have the vendor look at it first");
    any.then(|| {
        on(s, codes::AGENT_UNIT, words, |server| match asked(server) {
            false => One::Fine,
            true => One::seen(&server.init_script, |there| {
                (!there).then(|| "/etc/init.d/weka-agent is not there".to_owned())
            }),
        })
    })
}

fn nfs_connections(s: &Situation<'_>) -> Option<Finding> {
    let groups = s.cluster().protocols.nfs.known()?;
    let ports = groups.iter().filter_map(|group| group.ports.as_ref()).flatten();
    let hosts: BTreeSet<&str> = ports.filter_map(|port| s.cluster().host_of(port.host?)).collect();
    if hosts.is_empty() {
        return None;
    }
    let topic = Topic::new(codes::NFS_CONNECTIONS, "NFS")
        .fix("spread clients over more servers, or raise the limit")
        .source(CHECKER);
    let words = yellow(
        "connections of NFS do not fit when one server is away",
        "connections of NFS fit when one server is away",
    );
    let mut counts = Vec::new();
    for host in &hosts {
        let server = s.facts.backends.get(*host).and_then(Observed::known);
        match server.map(|server| server.surroundings.nfs_connections.as_result()) {
            Some(Ok(count)) => counts.push(*count),
            Some(Err(gap)) => return Some(judge::all(topic, words, [One::Unseen(gap.clone())])),
            None => {
                return Some(judge::all(
                    topic,
                    words,
                    [One::of(None::<()>, "connections of NFS", |()| None)],
                ));
            }
        }
    }
    let sum: u64 = counts.iter().sum();
    let rest = counts.len() as u64 - 1;
    let each = sum.checked_div(rest);
    let judged = match each {
        None => One::Bad(format!("one server alone serves, with {sum} connections")),
        Some(each) if each > MOST_CONNECTIONS => One::Bad(format!(
            "{sum} connections on {} servers: {each} each without one",
            counts.len()
        )),
        Some(_) => One::Fine,
    };
    Some(judge::all(topic, words, [judged]))
}

fn smb(s: &Situation<'_>) -> Option<Finding> {
    let smb = s.cluster().protocols.smb.known()?.as_ref()?;
    let patched = |build: &str| {
        build == "3024.3.22.10"
            || s.goes_to("0.1", "4.4.20.116") && ["3024.3.22.7", "3024.3.22.9"].contains(&build)
    };
    let builds: Vec<One> = s
        .facts
        .backends
        .iter()
        .filter_map(|(name, server)| {
            Some(One::seen(&server.known()?.surroundings.smb_build, |build| {
                let build = build.as_deref().filter(|build| patched(build))?;
                Some(format!("{name} runs {build}, which was made for one customer"))
            }))
        })
        .collect();
    let bad = builds.iter().any(|one| matches!(one, One::Bad(_)));
    let active = One::seen(&smb.active, |active| {
        let not = active.iter().filter(|(_, is)| !**is);
        let not: Vec<String> = not
            .map(|(id, _)| s.cluster().host_of(*id).unwrap_or("?").to_owned())
            .collect();
        (!not.is_empty()).then(|| format!("not active on {}", not.join(", ")))
    });
    let words = Words {
        at: if bad { Severity::Red } else { Severity::Yellow },
        bad: "SMB is not active, or a patched build runs",
        good: "SMB is active, and no patched build runs",
    };
    let topic = Topic::new(codes::SMB, "SMB")
        .fix("ask the vendor")
        .source(CHECKER);
    Some(judge::all(topic, words, std::iter::once(active).chain(builds)))
}
