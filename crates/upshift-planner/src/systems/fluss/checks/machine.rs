//! Hosts: how servers are stopped there, which Java and which home the wanted release has.

use std::collections::BTreeMap;

use upshift_model::finding::{Finding, Severity};
use upshift_model::fluss::{HostFacts, Role, ServerProcess};
use upshift_model::observed::{Gap, Observed};
use upshift_model::topic::Topic;

use super::plugins::staged_archive;
use super::processes::{called, seen};
use crate::knowledge::{Known, Release};
use crate::systems::fluss::codes;
use crate::systems::fluss::recipe::running;
use crate::systems::fluss::situation::Situation;

/// Feature number of the oldest Java that the binaries of 0.8 and later run on.
const JAVA_SINCE_0_8: u32 = 11;
const JAVA_BEFORE: u32 = 8;

pub(super) fn stop_script(s: &Situation<'_>) -> Finding {
    let row = s.row("kill-after-10s");
    let topic = Topic::new(codes::STOP_SCRIPT, format!("scripts of {}", s.from)).source(row.source);
    match s.from.line() <= (0, 8) {
        true => topic
            .saw(row.text)
            .fix(row.advice)
            .yellow("the release's own stop script kills after 10 s"),
        false => topic.green("the release's own stop script waits for 120 s"),
    }
}

/// Asked where two servers of one kind run on one host.
pub(super) fn pid_files(s: &Situation<'_>) -> Vec<Finding> {
    let row = s.row("stop-by-pid");
    let mut together: BTreeMap<(&str, Role), Vec<&ServerProcess>> = BTreeMap::new();
    for process in seen(s) {
        let key = (process.host.as_str(), process.role);
        together.entry(key).or_default().push(process);
    }
    together.retain(|_, same| same.len() > 1);
    let findings = together.into_iter().map(|((host, role), same)| {
        let what = match role {
            Role::Coordinator => "coordinators",
            Role::TabletServer => "tablet servers",
        };
        let files: Vec<Result<String, &Gap>> = same.iter().map(|process| pid_file(process)).collect();
        let said = same.iter().zip(&files).map(|(process, file)| {
            let file = file.as_ref().map_or("unknown", String::as_str);
            format!(
                "pid {} with {}: pid file {file}",
                process.pid,
                process.conf.display()
            )
        });
        let topic = Topic::new(codes::PID_FILE, format!("{what} on {host}"))
            .saw_all(said)
            .source(row.source.clone());
        let known: Vec<&String> = files.iter().flatten().collect();
        let mut own = known.clone();
        own.sort();
        own.dedup();
        let gap = files.iter().find_map(|file| file.as_ref().err());
        match (own.len() < known.len(), gap) {
            (true, _) => topic
                .saw(row.text.clone())
                .fix(row.advice.clone())
                .yellow("several servers share a pid file: their stop script ends the last one started"),
            (false, Some(gap)) => topic.saw(row.text.clone()).fix(row.advice.clone()).unknown(
                gap,
                Severity::Yellow,
                "whether servers share a pid file is not known",
            ),
            (false, None) => topic.green("each server has a pid file of its own"),
        }
    });
    findings.collect()
}

/// Where a server's scripts keep its pid, as `config.sh` and `fluss-daemon.sh` decide it.
fn pid_file(process: &ServerProcess) -> Result<String, &Gap> {
    let variables = process.variables.as_result()?;
    let options = process.options.as_result()?;
    let variable = |name: &str| variables.get(name).map(String::as_str);
    let option = options.get("env.pid.dir").map(|option| option.value.as_str());
    let dir = variable("FLUSS_PID_DIR").or(option).unwrap_or("/tmp");
    let ident = variable("FLUSS_IDENT_STRING")
        .or_else(|| variable("USER"))
        .unwrap_or_default();
    let daemon = match process.role {
        Role::Coordinator => "coordinator-server",
        Role::TabletServer => "tablet-server",
    };
    Ok(format!(
        "{}/fluss-{ident}-{daemon}.pid",
        dir.trim_end_matches('/')
    ))
}

pub(super) fn java(s: &Situation<'_>) -> Finding {
    let row = s.row("java-8-of-0.8");
    let needed = if s.to.line() >= (0, 8) {
        JAVA_SINCE_0_8
    } else {
        JAVA_BEFORE
    };
    let topic = Topic::new(codes::JAVA, format!("Java for {}", s.to)).source(row.source);
    let known = s
        .system
        .hosts
        .iter()
        .filter_map(|host| Some((host, *host.java.known()?)));
    let said = known
        .clone()
        .map(|(host, feature)| format!("Java {feature} on {}", host.name));
    let running = seen(s).iter().filter_map(|process| {
        let feature = process.java.known()?;
        Some(format!("{} runs on Java {feature}", called(process)))
    });
    let topic = topic.saw_all(said).saw_all(running);
    let own = own_homes(s);
    let topic = topic.saw_all(
        own.iter()
            .filter_map(|own| Some(format!("{}: Java {}", own.said, own.java.known()?))),
    );
    // Where every server names one of its own, nothing runs on the host's.
    let is_used = |host: &&HostFacts| {
        let mut there = seen(s)
            .iter()
            .filter(|process| process.host == host.name)
            .peekable();
        there.peek().is_none() || there.any(|process| !own.iter().any(|own| own.is_of(process)))
    };
    let used = s.system.hosts.iter().filter(is_used).map(|host| &host.java);
    let all: Vec<&Observed<u32>> = used.chain(own.iter().map(|own| &own.java)).collect();
    let old = all
        .iter()
        .any(|java| java.known().is_some_and(|feature| *feature < needed));
    let gap = all.iter().find_map(|java| java.gap());
    match (old, gap) {
        (true, _) => topic
            .saw(format!("{} needs {needed} or later", s.to))
            .fix(row.advice)
            .red("this Java is too old for the wanted release"),
        (false, Some(gap)) => topic
            .fix("java -version on every host, as the user who starts the servers")
            .unknown(
                gap,
                Severity::Yellow,
                "which Java the wanted release would run on is not known",
            ),
        (false, None) => topic.green("this Java fits the wanted release"),
    }
}

/// A home of Java that a server's own file or start names: it wins over `java_home` and the login's.
struct OwnHome {
    host: String,
    pid: u32,
    said: String,
    java: Observed<u32>,
}

impl OwnHome {
    fn is_of(&self, process: &ServerProcess) -> bool {
        (self.host.as_str(), self.pid) == (process.host.as_str(), process.pid)
    }
}

fn own_homes(s: &Situation<'_>) -> Vec<OwnHome> {
    const IN_THE_FILE: &str = "env.java.home";
    let of = |process: &ServerProcess| {
        let declared = s.declaration.servers.iter();
        let mut declared = declared.filter(|of| running(std::slice::from_ref(process), of).is_some());
        let words = declared
            .next()
            .map(|of| of.target_start.as_slice())
            .unwrap_or_default();
        let word = words
            .iter()
            .rev()
            .find_map(|word| word.strip_prefix("JAVA_HOME="));
        let (by, home) = match (process.option(IN_THE_FILE), word) {
            (Some(home), _) => (IN_THE_FILE, home),
            (None, word) => ("JAVA_HOME of its target_start", word?),
        };
        let home = std::path::Path::new(home);
        let host = s.system.hosts.iter().find(|host| host.name == process.host);
        let java = match host.and_then(|host| host.java_homes.get(home)) {
            Some(java) => java.clone(),
            None => Observed::unknown(format!("the Java in {}", home.display()), "it was not looked at"),
        };
        Some(OwnHome {
            host: process.host.clone(),
            pid: process.pid,
            said: format!("{} names {} as {by}", called(process), home.display()),
            java,
        })
    };
    seen(s).iter().filter_map(of).collect()
}

/// Asked where a server gets a folder of configuration of its own: only `server.yaml` is brought there.
pub(super) fn logging(s: &Situation<'_>) -> Option<Finding> {
    const FILE: &str = "log4j.properties";
    let tells_itself = |words: &[String]| words.iter().any(|word| word.starts_with("-Dlog4j"));
    let moved = s.declaration.servers.iter();
    let moved = moved.filter(|of| of.conf != of.target_conf && !tells_itself(&of.target_start));
    let (mut without, mut gap, mut any) = (Vec::new(), None, false);
    for of in moved {
        any = true;
        let process = running(seen(s), of);
        let host = process.and_then(|process| s.system.hosts.iter().find(|host| host.name == process.host));
        let at = of.target_conf.join(FILE);
        match host.and_then(|host| host.target_confs.get(&of.target_conf)) {
            Some(Observed::Known(true)) => {}
            Some(Observed::Known(false)) => without.push(format!("{}: {} is not there", of.id, at.display())),
            Some(Observed::Unknown(why)) => gap = gap.or_else(|| Some(why.clone())),
            None => {
                gap = gap.or_else(|| {
                    Some(Gap {
                        what: at.display().to_string(),
                        reason: format!("the host of {} was not looked at", of.id),
                    })
                });
            }
        }
    }
    let topic = Topic::new(codes::LOGGING, "target_conf")
        .source("fluss-daemon.sh: servers log by log4j.properties of the folder that holds server.yaml");
    let fix = "put the wanted release's conf/log4j.properties there, with your own changes: upshift brings server.yaml alone";
    match (without.is_empty(), gap) {
        _ if !any => None,
        (false, _) => Some(
            topic
                .saw_all(without)
                .saw("a server that is started by the release's script then writes no log, and upshift finds none of its errors")
                .fix(fix)
                .yellow("a server of the wanted release would log nothing"),
        ),
        (true, Some(gap)) => Some(topic.fix(fix).unknown(
            &gap,
            Severity::Yellow,
            "whether servers of the wanted release have what they log by is not known",
        )),
        (true, None) => Some(topic.green("what servers of the wanted release log by is there")),
    }
}

/// Asked where a home is named.
pub(super) fn home(s: &Situation<'_>) -> Option<Finding> {
    let path = s.declaration.target_home.as_ref()?;
    let topic = Topic::new(codes::HOME, path.display().to_string());
    let unpack = "unpack the wanted release there, on every host, before the first server is stopped";
    let jar = |host: &HostFacts| match host.target_home.as_ref()?.as_result() {
        Ok(home) => Some((host.name.clone(), home.server_jar.clone())),
        Err(gap) => Some((
            host.name.clone(),
            upshift_model::observed::Observed::Unknown(gap.clone()),
        )),
    };
    let jars: Vec<_> = s.system.hosts.iter().filter_map(jar).collect();
    let of = |version: &String| Release::parse(Known::Fluss, version).ok();
    let known = jars.iter().filter_map(|(host, jar)| Some((host, jar.known()?)));
    let topic = topic.saw_all(
        known
            .clone()
            .map(|(host, version)| format!("on {host} its server jar is of {version}")),
    );
    let another = known
        .clone()
        .any(|(_, version)| of(version).is_none_or(|found| found != s.to));
    Some(match (another, jars.iter().find_map(|(_, jar)| jar.gap())) {
        (true, _) => topic
            .fix("name the home of the wanted release")
            .refused(format!("another release than {} lies there", s.to)),
        (false, Some(_)) if staged_archive(s) => topic
            .saw("its archive is brought there and unpacked before the first server is stopped")
            .green("the wanted release is brought there"),
        (false, Some(gap)) => {
            topic
                .fix(unpack)
                .unknown(gap, Severity::Red, "the wanted release is not there as a whole")
        }
        (false, None) if jars.is_empty() => {
            let gap = Gap {
                what: "the wanted release".to_owned(),
                reason: "no host was looked at".to_owned(),
            };
            topic
                .fix(unpack)
                .unknown(&gap, Severity::Red, "the wanted release is not there as a whole")
        }
        (false, None) => topic.green("the wanted release is there"),
    })
}
