//! This machine: how servers are stopped, which Java and which home the wanted release has.

use upshift_model::finding::{Finding, Severity};
use upshift_model::fluss::Role;
use upshift_model::topic::Topic;

use crate::knowledge::{Known, Release};
use crate::systems::fluss::codes;
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

/// Asked where two servers of one kind run on this machine.
pub(super) fn pid_files(s: &Situation<'_>) -> Vec<Finding> {
    let row = s.row("stop-by-pid");
    let processes = s.system.processes.known().map_or(&[][..], Vec::as_slice);
    [
        (Role::Coordinator, "coordinators"),
        (Role::TabletServer, "tablet servers"),
    ]
    .into_iter()
    .filter_map(|(role, what)| {
        let same: Vec<_> = processes.iter().filter(|process| process.role == role).collect();
        if same.len() < 2 {
            return None;
        }
        let said = same
            .iter()
            .map(|process| format!("pid {} with {}", process.pid, process.conf.display()));
        let topic = Topic::new(codes::PID_FILE, format!("{what} on this machine")).saw_all(said);
        let topic = topic
            .saw(row.text.clone())
            .source(row.source.clone())
            .fix(row.advice.clone());
        Some(topic.yellow("several servers share a pid file, unless each has a folder of its own for it"))
    })
    .collect()
}

pub(super) fn java(s: &Situation<'_>) -> Finding {
    let row = s.row("java-8-of-0.8");
    let needed = if s.to.line() >= (0, 8) {
        JAVA_SINCE_0_8
    } else {
        JAVA_BEFORE
    };
    let topic = Topic::new(codes::JAVA, format!("Java for {}", s.to)).source(row.source);
    match s.system.target_java.as_result() {
        Err(gap) => topic
            .fix("java -version on every host, as the user who starts the servers")
            .unknown(
                gap,
                Severity::Yellow,
                "which Java the wanted release would run on is not known",
            ),
        Ok(feature) if *feature < needed => topic
            .saw(format!(
                "Java {feature} on this machine; {} needs {needed} or later",
                s.to
            ))
            .fix(row.advice)
            .red("this Java is too old for the wanted release"),
        Ok(feature) => topic
            .saw(format!("Java {feature} on this machine"))
            .green("this Java fits the wanted release"),
    }
}

/// Asked where a home is named.
pub(super) fn home(s: &Situation<'_>) -> Option<Finding> {
    let home = s.system.target_home.as_ref()?;
    let path = s.declaration.target_home.as_ref()?;
    let topic = Topic::new(codes::HOME, path.display().to_string());
    Some(match home.as_result() {
        Err(gap) => topic
            .fix("unpack the wanted release there before the first server is stopped")
            .unknown(gap, Severity::Red, "the wanted release is not there as a whole"),
        Ok(version) => {
            let found = Release::parse(Known::Fluss, version).ok();
            let topic = topic.saw(format!("its server jar is of {version}"));
            match found.is_some_and(|found| found == s.to) {
                true => topic.green("the wanted release is there"),
                false => topic
                    .fix("name the home of the wanted release")
                    .refused(format!("another release than {} lies there", s.to)),
            }
        }
    })
}
