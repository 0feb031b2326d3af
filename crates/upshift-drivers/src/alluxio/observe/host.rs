//! One host, looked at over its link: Alluxio's processes, both releases, their configuration, the journal folder, room,
//! tiers. Nothing is changed there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use upshift_formats::alluxio::{Flavour, flavour};
use upshift_model::alluxio::{
    ClientProcess, HostFacts, JournalKind, JournalPlace, Lies, Master, OptionLine, Process, Role, RootStore,
    StoreFolder, TierFolder, own_or,
};
use upshift_model::digest::Digest;
use upshift_model::observed::Observed;

use super::applications::client;
use super::properties::{read_properties, read_secrets};
use super::rest::tiers_of;
use crate::flink::host::feature;
use crate::wire::hosts::{Command, Link, Read};
use crate::wire::processes::stat_line;
use crate::wire::told_lines::{Line, lines};

const LOOK: &str = include_str!("sh/look.sh");

/// Two calls of `alluxio version`, each of which starts a machine; sizes of folders.
const LIMIT: Duration = Duration::from_secs(120);
const ANSWER: usize = 8 << 20;
const LONGEST_FILE: usize = 1 << 20;
const SITE: &str = "conf/alluxio-site.properties";

/// What is looked for.
pub(super) struct Wanted<'a> {
    pub(super) lies: &'a Lies,
    pub(super) backups: &'a Path,
    pub(super) leader: Option<&'a Master>,
}

/// Folders that the options of a host name.
struct Folders {
    journal: Option<PathBuf>,
    root: Option<PathBuf>,
    tiers: Vec<PathBuf>,
    /// Of mounts other than the root's.
    stores: Vec<PathBuf>,
}

impl Folders {
    fn of(site: Option<&BTreeMap<String, OptionLine>>, leader: Option<&Master>) -> Self {
        let local = |text: &str| {
            let text = text.strip_prefix("file://").unwrap_or(text);
            text.starts_with('/').then(|| PathBuf::from(text))
        };
        let option = |key: &str| own_or(site, leader, key);
        Self {
            journal: option("alluxio.master.journal.folder").and_then(local),
            root: leader.and_then(|master| local(&master.mounts.get("/")?.ufs)),
            stores: leader.map_or_else(Vec::new, stores),
            tiers: tiers_of(option).into_iter().map(PathBuf::from).collect(),
        }
    }
}

/// Between tiers and the folders of mounts.
const STORES: &str = "--";

/// Folders that are mounted beside the root.
fn stores(master: &Master) -> Vec<PathBuf> {
    let others = master.mounts.iter().filter(|(path, _)| path.as_str() != "/");
    others.filter_map(|(_, store)| store.folder()).collect()
}

/// Looks once; what cannot be seen is a gap in its place.
pub(super) async fn look(link: &Link, wanted: &Wanted<'_>) -> HostFacts {
    let lies = wanted.lies;
    let (site, target_site) = futures::join!(
        self::site(link, &lies.home, Absent::Gap),
        self::site(link, &lies.target_home, Absent::Nothing)
    );
    let folders = Folders::of(site.known().map(|site| &site.options), wanted.leader);
    let words = [
        Some(lies.home.clone()),
        Some(lies.target_home.clone()),
        Some(wanted.backups.to_owned()),
        folders.journal.clone(),
        folders.root.clone(),
    ];
    let words = words
        .into_iter()
        .map(Option::unwrap_or_default)
        .chain(folders.tiers.iter().cloned())
        .chain([PathBuf::from(STORES)])
        .chain(folders.stores.iter().cloned());
    let command = Command::new("sh", LIMIT)
        .args(["-c", LOOK, "upshift"])
        .args(words.map(PathBuf::into_os_string))
        .keep(ANSWER);
    let answer = Answer {
        name: link.name(),
        said: ran(link, &command).await,
    };
    HostFacts {
        name: link.name().to_owned(),
        processes: answer.of("Alluxio's processes", |all| Ok(processes(all)?.0)),
        clients: answer.of("clients", |all| Ok(processes(all)?.1)),
        home: answer.of("the release in its home", |all| version(all, "home")),
        target_home: answer.of("the wanted release", |all| version(all, "target")),
        java: answer.of("Java for the wanted release", java),
        site_sha256: made_of(&target_site, &site),
        other_secrets: match (site.known(), target_site.known()) {
            (Some(runs), Some(wanted)) => other_secrets(&runs.secrets, &wanted.secrets),
            _ => BTreeSet::new(),
        },
        site: site.map(|site| site.options),
        target_site: target_site.map(|site| site.options),
        journal: answer.of("the journal folder", |all| {
            journal(all, folders.journal.as_deref())
        }),
        journal_kib: answer.of("the size of the journal", |all| number(all, "journal-kib")),
        journal_place: answer.of("what the journal lies in", journal_place),
        conf: answer.of("the configuration of the release that runs", |all| {
            conf(all, "conf")
        }),
        target_conf: answer.of("the configuration of the wanted release", |all| {
            conf(all, "target-conf")
        }),
        room_kib: answer.of("room for backups", |all| number(all, "room")),
        tiers: answer.of("the tiers", |all| tiers(all, &lies.home)),
        stores: answer.of("the mounted folders", |all| {
            store_folders(all, &folders.stores, wanted.leader.is_some())
        }),
        root_store: folders
            .root
            .as_ref()
            .map(|path| answer.of("the root store", |all| root(all, path))),
    }
}

/// The members of the masters' quorum, as the release's shell tells them.
pub(in crate::alluxio) async fn quorum(link: &Link, home: &Path) -> Result<String, String> {
    let words = ["fsadmin", "journal", "quorum", "info", "-domain", "MASTER"];
    let command = Command::new(home.join("bin/alluxio"), LIMIT).args(words);
    ran(link, &command).await
}

pub(super) async fn ran(link: &Link, command: &Command) -> Result<String, String> {
    let output = link.run(command).await.map_err(|error| error.to_string())?;
    match (output.success(), output.stdout.whole()) {
        (true, Some(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        (true, None) => Err("its answer is longer than wanted".to_owned()),
        (false, _) => Err(output.complaint()),
    }
}

/// What a file that is not there means.
enum Absent {
    Gap,
    Nothing,
}

/// A configuration.
#[derive(Default)]
struct Site {
    options: BTreeMap<String, OptionLine>,
    /// Values that are shown to nobody: they do not leave this look.
    secrets: BTreeMap<String, String>,
    /// The digest of the file; none where it is not there.
    digest: Option<Digest>,
}

/// Options of the root mount begin so; without it they count for all mounts.
const OF_THE_ROOT: &str = "alluxio.master.mount.table.root.option.";

/// Secrets that both configurations name, and not with the same value.
fn other_secrets(runs: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> BTreeSet<String> {
    let differs = |(key, then): (&String, &String)| {
        let of_all = || runs.get(key.strip_prefix(OF_THE_ROOT)?);
        let now = runs.get(key).or_else(of_all)?;
        (now.trim() != then.trim()).then(|| key.clone())
    };
    wanted.iter().filter_map(differs).collect()
}

async fn site(link: &Link, home: &Path, absent: Absent) -> Observed<Site> {
    let file = home.join(SITE);
    let what = file.display().to_string();
    match (link.read(&file, LONGEST_FILE, LIMIT).await, absent) {
        (Err(error), _) => Observed::unknown(what, error.to_string()),
        (Ok(Read::Absent), Absent::Gap) => Observed::unknown(what, "it is not there"),
        (Ok(Read::Absent), Absent::Nothing) => Observed::Known(Site::default()),
        (Ok(Read::There { bytes, size }), _) if size == bytes.len() as u64 => {
            let text = String::from_utf8_lossy(&bytes);
            Observed::Known(Site {
                options: read_properties(&text),
                secrets: read_secrets(&text),
                digest: Some(Digest::of_bytes(&bytes)),
            })
        }
        (Ok(Read::There { size, .. }), _) => Observed::unknown(what, format!("it has {size} bytes")),
    }
}

/// The digest of the file that the wanted release's configuration is made of.
fn made_of(own: &Observed<Site>, old: &Observed<Site>) -> Observed<Digest> {
    let of = |site: &Observed<Site>| match site.as_result().map(|site| &site.digest) {
        Ok(Some(digest)) => Observed::Known(digest.clone()),
        Ok(None) => Observed::unknown("alluxio-site.properties", "it is not there"),
        Err(gap) => Observed::Unknown(gap.clone()),
    };
    // One of comments alone is what a release is shipped with.
    match own.known() {
        Some(site) if site.options.is_empty() => of(old),
        _ => of(own),
    }
}

struct Answer<'a> {
    name: &'a str,
    said: Result<String, String>,
}

impl Answer<'_> {
    fn of<T>(&self, what: &str, read: impl Fn(&[Line<'_>]) -> Result<T, String>) -> Observed<T> {
        let fact = self.said.as_ref().map_err(Clone::clone).and_then(|said| {
            let all: Vec<Line<'_>> = lines(said).collect();
            read(&all)
        });
        match fact {
            Ok(fact) => Observed::Known(fact),
            Err(why) => Observed::unknown(format!("{what} on {}", self.name), why),
        }
    }
}

fn find<'l, 'a>(all: &'l [Line<'a>], word: &str) -> Option<&'l Line<'a>> {
    all.iter().find(|line| line.word() == word)
}

/// A line of another form is no process that is not there: nothing is said of any of them then.
fn processes(all: &[Line<'_>]) -> Result<(Vec<Process>, Vec<ClientProcess>), String> {
    let other_form = || "the answer has another form".to_owned();
    let (mut servers, mut clients) = (Vec::new(), Vec::new());
    let (mut pid, mut ticks, mut releases, mut jars) = (0, 0, Vec::new(), Vec::new());
    for line in all {
        match line.word() {
            "process" => {
                pid = line.at(1).parse().map_err(|_| other_form())?;
                (ticks, releases, jars) = (0, Vec::new(), Vec::new());
            }
            "jar" => jars.push(line.at(1).to_owned()),
            "release" => releases.push(line.at(1).to_owned()),
            "stat" => ticks = line.text(1).and_then(|stat| stat_line(&stat)).unwrap_or(0),
            // A process that ended meanwhile has no time.
            "args" if pid > 0 && ticks > 0 => {
                let bytes = line.bytes(1).ok_or_else(other_form)?;
                let args: Vec<String> = bytes
                    .split(|byte| *byte == 0)
                    .map(|word| String::from_utf8_lossy(word).into_owned())
                    .collect();
                match server(pid, ticks, &args) {
                    Some(server) => servers.push(Process {
                        releases: std::mem::take(&mut releases),
                        ..server
                    }),
                    None => clients.extend(client(pid, &args, &jars)),
                }
            }
            _ => {}
        }
    }
    Ok((servers, clients))
}

/// The role of a main class.
pub(in crate::alluxio) fn role_of(class: &str) -> Option<Role> {
    Some(match class {
        "alluxio.master.AlluxioMaster" => Role::Master,
        "alluxio.worker.AlluxioWorker" => Role::Worker,
        "alluxio.master.AlluxioJobMaster" => Role::JobMaster,
        "alluxio.worker.AlluxioJobWorker" => Role::JobWorker,
        "alluxio.proxy.AlluxioProxy" => Role::Proxy,
        _ => return None,
    })
}

/// The home on a command line.
pub(in crate::alluxio) fn home_of(args: &[String]) -> Option<PathBuf> {
    let mut homes = args.iter().filter_map(|arg| arg.strip_prefix("-Dalluxio.home="));
    homes.next_back().map(PathBuf::from)
}

fn server(pid: u32, started_ticks: u64, args: &[String]) -> Option<Process> {
    let role = args.iter().find_map(|arg| role_of(arg))?;
    Some(Process {
        pid,
        started_ticks,
        role,
        home: home_of(args),
        releases: Vec::new(),
    })
}

fn version(all: &[Line<'_>], word: &str) -> Result<String, String> {
    if find(all, &format!("{word}-absent")).is_some() {
        return Err("there is no bin/alluxio".to_owned());
    }
    let said = find(all, word).and_then(|line| line.text(1)).unwrap_or_default();
    match said.trim() {
        "" => Err("`bin/alluxio version` says nothing".to_owned()),
        said => Ok(said.to_owned()),
    }
}

fn java(all: &[Line<'_>]) -> Result<u32, String> {
    let said = find(all, "java")
        .and_then(|line| line.text(1))
        .unwrap_or_default();
    feature(&said).ok_or_else(|| said.lines().last().unwrap_or("it says nothing").to_owned())
}

fn number(all: &[Line<'_>], word: &str) -> Result<u64, String> {
    let line = find(all, word).ok_or_else(|| "nothing was said of it".to_owned())?;
    line.at(1)
        .parse()
        .map_err(|_| "the answer is no number".to_owned())
}

fn journal(all: &[Line<'_>], folder: Option<&Path>) -> Result<JournalKind, String> {
    if folder.is_none() {
        return Err("no master says where it is, or it is not on a disk".to_owned());
    }
    if find(all, "journal-absent").is_some() {
        return Err("there is no such folder".to_owned());
    }
    let Some(line) = find(all, "journal") else {
        return Err("the folder may not be listed".to_owned());
    };
    let names = line.text(1).ok_or("the answer has another form")?;
    let names = names.lines().map(|name| name.strip_prefix("./").unwrap_or(name));
    Ok(match flavour(names) {
        Flavour::Empty => JournalKind::Empty,
        Flavour::UnderStore { .. } => JournalKind::UnderStore,
        Flavour::Ratis => JournalKind::Ratis,
        Flavour::Copycat => JournalKind::Copycat,
        Flavour::Foreign { .. } => JournalKind::Foreign,
    })
}

fn journal_place(all: &[Line<'_>]) -> Result<JournalPlace, String> {
    let other_form = || "the answer has another form".to_owned();
    let line = find(all, "journal-place").ok_or_else(|| "there is no such folder".to_owned())?;
    let is = |place: usize| match line.at(place) {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(other_form()),
    };
    Ok(JournalPlace {
        is_mount: is(1)?,
        is_writable: is(2)?,
        free_kib: line.at(3).parse().map_err(|_| other_form())?,
    })
}

/// Files of a folder of configuration. One that is not there has none.
fn conf(all: &[Line<'_>], word: &str) -> Result<BTreeMap<String, Option<Digest>>, String> {
    if find(all, &format!("{word}-none")).is_some() {
        return Ok(BTreeMap::new());
    }
    find(all, &format!("{word}-there")).ok_or("the folder may not be entered")?;
    let lines = all.iter().filter(|line| line.word() == word);
    lines
        .map(|line| {
            let digest = match line.at(1) {
                "closed" => None,
                _ => Some(Digest::from_raw(&line.bytes(1).filter(|raw| raw.len() == 32)?)),
            };
            Some((line.text(2)?, digest))
        })
        .collect::<Option<_>>()
        .ok_or_else(|| "the answer has another form".to_owned())
}

/// A folder that may not be listed is none that holds nothing; one that is not there is told where a worker of the home
/// runs.
fn tiers(all: &[Line<'_>], home: &Path) -> Result<Vec<TierFolder>, String> {
    if find(all, "tier-closed").is_some() {
        return Err("a tier may not be listed".to_owned());
    }
    let (servers, _) = processes(all)?;
    let is_own = |server: &Process| server.role == Role::Worker && server.home.as_deref() == Some(home);
    let has_worker = servers.iter().any(is_own);
    let lines = all.iter().filter(|line| line.word() == "tier");
    lines
        .map(|line| {
            Some(TierFolder {
                path: line.text(4)?.into(),
                blocks: line.at(1).parse().ok()?,
                kib: line.at(2).parse().ok()?,
                file_system: line.at(3).to_owned(),
            })
        })
        .filter(|tier| has_worker || !tier.as_ref().is_some_and(TierFolder::is_absent))
        .collect::<Option<_>>()
        .ok_or_else(|| "the answer has another form".to_owned())
}

/// Every folder that was asked for, or none: one that was not told of is no folder that is not there.
fn store_folders(
    all: &[Line<'_>],
    wanted: &[PathBuf],
    mounts_known: bool,
) -> Result<Vec<StoreFolder>, String> {
    if !mounts_known {
        return Err("no master says what is mounted".to_owned());
    }
    let lines = all.iter().filter(|line| line.word() == "store");
    let seen = lines.map(|line| {
        Some(StoreFolder {
            names: match line.at(1) {
                "absent" => None,
                names => Some(names.parse().ok()?),
            },
            path: line.text(2)?.into(),
        })
    });
    let seen: Option<Vec<StoreFolder>> = seen.collect();
    seen.filter(|seen| seen.len() == wanted.len())
        .ok_or_else(|| "a folder may not be listed, or the answer has another form".to_owned())
}

fn root(all: &[Line<'_>], path: &Path) -> Result<RootStore, String> {
    let line = find(all, "root").ok_or_else(|| "there is no such folder".to_owned())?;
    let number = |place: usize| {
        line.at(place)
            .parse()
            .map_err(|_| "the answer has another form".to_owned())
    };
    Ok(RootStore {
        path: path.to_owned(),
        device: number(1)?,
        names: number(2)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_another_form_is_unknown_and_no_host_without_processes() {
        let of = |text: &str| processes(&lines(text).collect::<Vec<_>>()).map(|(servers, _)| servers.len());
        let stat = format!(
            "stat {}\n",
            hex("7 (java) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 99 0 0")
        );
        let args = format!(
            "args {}\n",
            hex("java\0-Dalluxio.home=/opt/old\0alluxio.master.AlluxioMaster\0")
        );
        let loaded = format!("process 7\n{stat}release 2.7.3\nrelease 2.9.6\n{args}process 8\n{stat}{args}");
        let (servers, _) = processes(&lines(&loaded).collect::<Vec<_>>()).expect("processes");
        assert_eq!(servers[0].releases, ["2.7.3", "2.9.6"]);
        assert!(servers[1].releases.is_empty());
        assert_eq!(of("boot 00\n"), Ok(0));
        assert_eq!(of(&format!("process 7\n{stat}{args}")), Ok(1));
        for other in [
            format!("process seven\n{stat}{args}"),
            format!("process\n{stat}{args}"),
            format!("process 7\n{stat}args 6a6\n"),
            format!("process 7\n{stat}args java\n"),
        ] {
            assert_eq!(
                of(&other),
                Err("the answer has another form".to_owned()),
                "{other}"
            );
        }
    }

    #[test]
    fn secrets_are_held_against_each_other_and_only_their_names_are_told() {
        let of = |text: &str| read_secrets(text);
        let runs = of("aws.secretKey=one\naws.accessKeyId=two\nalluxio.a=1\n");
        let root = "alluxio.master.mount.table.root.option.aws.secretKey";
        let wanted = |root_value: &str| {
            of(&format!(
                "aws.accessKeyId=three\n{root}={root_value}\nalluxio.a=2\n"
            ))
        };
        let names = |found: BTreeSet<String>| found.into_iter().collect::<Vec<_>>();
        assert_eq!(names(other_secrets(&runs, &wanted("one"))), ["aws.accessKeyId"]);
        assert_eq!(
            names(other_secrets(&runs, &wanted("other"))),
            [root, "aws.accessKeyId"]
        );
    }

    #[test]
    fn a_journal_that_is_told_in_another_form_is_unknown_and_not_empty() {
        let of = |text: &str| journal(&lines(text).collect::<Vec<_>>(), Some(Path::new("/srv/journal")));
        assert_eq!(of("journal \n"), Ok(JournalKind::Empty));
        assert_eq!(
            of(&format!("journal {}\n", hex("./raft\n"))),
            Ok(JournalKind::Ratis)
        );
        for other in ["journal 2e2\n", "journal ./raft\n"] {
            assert_eq!(
                of(other),
                Err("the answer has another form".to_owned()),
                "{other}"
            );
        }
        assert_eq!(
            of("journal-closed\n"),
            Err("the folder may not be listed".to_owned())
        );
    }

    fn hex(text: &str) -> String {
        text.bytes().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn an_application_is_told_by_what_it_runs_and_the_jar_that_it_has_open() {
        let stat = format!(
            "stat {}\n",
            hex("7 (java) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 99 0 0")
        );
        let args = hex("java\0-Xmx1g\0-cp\0/opt/presto/lib/*\0io.prestosql.server.PrestoServer\0-v\0");
        let text = format!("process 7\n{stat}jar alluxio-shaded-client-2.7.3.jar\nargs {args}\n");
        let (_, clients) = processes(&lines(&text).collect::<Vec<_>>()).expect("processes");
        assert_eq!(clients[0].version, "2.7.3");
        assert_eq!(
            clients[0].application.as_deref(),
            Some("io.prestosql.server.PrestoServer")
        );
    }
}
