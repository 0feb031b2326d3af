//! Which release runs, which ones lie on the hosts, and the Java of the wanted one.

use upshift_model::alluxio::HostFacts;
use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::{Gap, Observed};
use upshift_model::topic::Topic;

use crate::knowledge::{Known, Release};
use crate::systems::alluxio::codes;
use crate::systems::alluxio::situation::Situation;

pub(super) fn running(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::RELEASE, "masters").source("GET /api/v1/master/info");
    let master = match s.leader() {
        Ok(master) => master,
        Err(gap) => {
            return topic
                .fix("look at the masters' processes and at alluxio.master.web.port")
                .unknown(&gap, Severity::Red, "which release runs is not known");
        }
    };
    let answers = s.facts.masters.iter().filter_map(|master| master.told.known());
    let others = answers.filter(|other| other.version != master.version);
    let others: Vec<String> = others
        .map(|other| format!("another master is of {}", other.version))
        .collect();
    let topic = topic.saw(format!("the master answers as {}", master.version));
    if !others.is_empty() {
        return topic
            .saw_all(others)
            .fix("bring all masters to one release first")
            .refused("masters of several releases run");
    }
    let mixed: Vec<String> = loaded(s)
        .filter(|(release, _)| !is(release, &s.from))
        .map(|(_, said)| said)
        .collect();
    if !mixed.is_empty() {
        return topic
            .saw_all(mixed)
            .fix("bring all servers to one release first: stop it, and start it from the home of the release that runs")
            .refused("servers of several releases run");
    }
    match is(&master.version, &s.from) {
        true => topic.green("the release that runs is the one that the system file names"),
        false => topic
            .fix(format!("current = \"{}\" in the system file", master.version))
            .refused(format!("{} was said to run", s.from)),
    }
}

/// Releases of the jars that servers have open, in words: of those that run from the home, whose files may have been
/// replaced under them. Servers of another home may be another cluster's.
fn loaded<'a>(s: &'a Situation<'a>) -> impl Iterator<Item = (&'a str, String)> {
    s.facts.hosts.iter().flat_map(move |host| {
        let all = host.processes.known().into_iter().flatten();
        let home = s.declaration.on(&host.name).home;
        let ours = all.filter(move |process| process.home.as_ref() == Some(&home));
        ours.flat_map(move |process| {
            process.releases.iter().map(move |release| {
                let said = format!(
                    "a {} with pid {} on {} has jars of {release} loaded",
                    process.role.words(),
                    process.pid,
                    host.name
                );
                (release.as_str(), said)
            })
        })
    })
}

fn is(said: &str, wanted: &Release) -> bool {
    Release::parse(Known::Alluxio, said).is_ok_and(|release| release == *wanted)
}

/// What hosts say of one thing: those that are otherwise, and the first gap.
fn hosts<'a, T>(
    s: &Situation<'a>,
    of: impl Fn(&'a HostFacts) -> &'a Observed<T>,
    is_good: impl Fn(&T) -> bool,
    words: impl Fn(&T) -> String,
) -> (Vec<String>, Vec<String>, Option<Gap>)
where
    T: 'a,
{
    let (mut good, mut bad, mut gap) = (Vec::new(), Vec::new(), None);
    for host in &s.facts.hosts {
        match of(host).as_result() {
            Ok(fact) if is_good(fact) => good.push(format!("{} on {}", words(fact), host.name)),
            Ok(fact) => bad.push(format!("{} on {}", words(fact), host.name)),
            Err(why) => gap = gap.or_else(|| Some(why.clone())),
        }
    }
    (good, bad, gap)
}

pub(super) fn binaries(s: &Situation<'_>) -> Finding {
    let row = s.row("backup-before-binaries");
    let topic = Topic::new(codes::BINARIES, s.declaration.home.display().to_string()).source(row.source);
    let (good, bad, gap) = hosts(s, |host| &host.home, |said| is(said, &s.from), Clone::clone);
    match (bad.is_empty(), gap) {
        (false, _) => topic
            .saw_all(bad)
            .saw(row.text)
            .fix("put the binaries of the release that runs back, then take the backup")
            .refused("the installed binaries are not those that run: too late for the backup"),
        (true, Some(gap)) => topic
            .fix("name the folder with bin/alluxio of the release that runs")
            .unknown(&gap, Severity::Red, "which binaries are installed is not known"),
        (true, None) => topic
            .saw_all(good)
            .green("the installed binaries are those that run"),
    }
}

pub(super) fn target_home(s: &Situation<'_>) -> Finding {
    let home = &s.declaration.target_home;
    let topic = Topic::new(codes::TARGET_HOME, home.display().to_string());
    if *home == s.declaration.home {
        return topic
            .fix("unpack the wanted release into a folder of its own: the way back needs the old one")
            .refused("the wanted release is to lie where the one lies that runs");
    }
    let (good, bad, gap) = hosts(s, |host| &host.target_home, |said| is(said, &s.to), Clone::clone);
    match (bad.is_empty(), gap) {
        (false, _) => topic
            .saw_all(bad)
            .fix("name the folder of the wanted release")
            .refused(format!("another release than {} lies there", s.to)),
        (true, Some(gap)) => topic
            .fix("unpack the wanted release there on every host, with its conf/alluxio-env.sh")
            .unknown(&gap, Severity::Red, "the wanted release is not there as a whole"),
        (true, None) => topic.saw_all(good).green("the wanted release is there"),
    }
}

pub(super) fn java(s: &Situation<'_>) -> Finding {
    let fits: &[u32] = match s.to.line() {
        line if line < (2, 4) => &[8],
        _ => &[8, 11],
    };
    let row = s.row(if s.to.line() < (2, 4) {
        "java-2.0"
    } else {
        "java-2.4"
    });
    let topic = Topic::new(codes::JAVA, format!("Java for {}", s.to)).source(row.source);
    let words = |feature: &u32| format!("Java {feature}");
    let (good, bad, gap) = hosts(s, |host| &host.java, |feature| fits.contains(feature), words);
    match (bad.is_empty(), gap) {
        (false, _) => topic
            .saw_all(bad)
            .saw(row.text)
            .fix("JAVA_HOME in conf/alluxio-env.sh of the wanted release")
            .red("the release's scripts do not start with this Java"),
        (true, Some(gap)) => topic
            .fix("JAVA_HOME in conf/alluxio-env.sh of the wanted release")
            .unknown(
                &gap,
                Severity::Yellow,
                "which Java the wanted release would run on is not known",
            ),
        (true, None) => topic.saw_all(good).green("this Java fits the wanted release"),
    }
}
