//! One host, looked at over its link: the servers and clients that run there, their files and folders, Java, and the
//! wanted release. Nothing is changed there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::join_all;
use upshift_model::digest::Digest;
use upshift_model::fluss::{ClientProcess, DataFolder, DataState, Home, OptionLine, Role, ServerProcess};
use upshift_model::observed::Observed;

use super::processes::{self, Server};
use super::remote;
use super::yaml::{read_options, shown};
use crate::flink::host::feature;
use crate::wire::hosts::{Command, Link, Read};
use crate::wire::told_lines::{Line, lines};

pub(super) const SERVERS: &str = include_str!("sh/servers.sh");
const LOOK: &str = include_str!("sh/look.sh");
const HOME: &str = include_str!("sh/home.sh");

/// A look at processes and files is a handful of calls; digests of a release are of some hundred megabytes.
const LIMIT: Duration = Duration::from_secs(30);
/// Class paths may be long, and in hexadecimal twice so.
const ANSWER: usize = 8 << 20;
pub(in crate::fluss) const LONGEST_FILE: usize = 1 << 20;
/// The home of Java that a server's own file names.
const JAVA_HOME: &str = "env.java.home";
pub(in crate::fluss) const SERVER_YAML: &str = "server.yaml";
/// Without the key: `data.dir` of `ConfigOptions`.
const DATA_DIR: &str = "/tmp/fluss-data";

/// What one host was found to be.
pub(super) struct Seen {
    /// Which boot of which machine it was: one machine may have two names.
    pub(super) boot: Option<String>,
    pub(super) servers: Observed<Vec<ServerProcess>>,
    pub(super) clients: Observed<Vec<ClientProcess>>,
    pub(super) java: Observed<u32>,
    pub(super) java_homes: BTreeMap<PathBuf, Observed<u32>>,
    pub(super) target_home: Option<Observed<Home>>,
    pub(super) target_confs: BTreeMap<PathBuf, Observed<bool>>,
}

impl Seen {
    /// A host that could not be looked at.
    pub(super) fn nothing(name: &str, why: &str, wanted: &Wanted) -> Self {
        Self {
            boot: None,
            servers: Observed::unknown(format!("Fluss's processes on {name}"), why),
            clients: Observed::unknown(format!("clients on {name}"), why),
            java: Observed::unknown(format!("Java for the wanted release on {name}"), why),
            java_homes: BTreeMap::new(),
            target_confs: wanted
                .target_confs
                .iter()
                .map(|conf| (conf.clone(), Observed::unknown(conf_what(conf, name), why)))
                .collect(),
            target_home: wanted
                .target_home
                .as_ref()
                .map(|_| Observed::unknown(format!("the wanted release on {name}"), why)),
        }
    }
}

/// What is looked for beside processes.
#[derive(Clone)]
pub(super) struct Wanted {
    pub(super) java_home: Option<PathBuf>,
    /// Those that words of a start name for themselves.
    pub(super) other_java_homes: BTreeSet<PathBuf>,
    pub(super) target_home: Option<PathBuf>,
    /// Folders that servers of it read their configuration from.
    pub(super) target_confs: BTreeSet<PathBuf>,
}

fn conf_what(conf: &Path, host: &str) -> String {
    format!("log4j.properties in {} on {host}", conf.display())
}

/// Looks once; what cannot be seen is a gap in its place.
pub(super) async fn look(link: &Link, wanted: &Wanted) -> Seen {
    let (running, (java, target_home), target_confs) =
        futures::join!(running(link), release(link, wanted), target_confs(link, wanted));
    let (boot, servers, clients) = match running {
        Ok(Running {
            boot,
            servers,
            clients,
        }) => (boot, Observed::Known(servers), Observed::Known(clients)),
        Err(why) => {
            let name = link.name();
            (
                None,
                Observed::unknown(format!("Fluss's processes on {name}"), why.clone()),
                Observed::unknown(format!("clients on {name}"), why),
            )
        }
    };
    let java_homes = java_homes(link, wanted, servers.known().map_or(&[], Vec::as_slice)).await;
    Seen {
        boot,
        servers,
        clients,
        java,
        java_homes,
        target_home,
        target_confs,
    }
}

/// Whether the folders that servers of the wanted release will read hold what its scripts log by.
async fn target_confs(link: &Link, wanted: &Wanted) -> BTreeMap<PathBuf, Observed<bool>> {
    if wanted.target_confs.is_empty() {
        return BTreeMap::new();
    }
    let asked = wanted.target_confs.iter().map(|conf| ("conf", conf.clone()));
    let said = Answers::ask(link, asked.collect()).await;
    let confs = wanted.target_confs.iter();
    let told = confs.map(|conf| {
        let what = conf_what(conf, link.name());
        (conf.clone(), said.read("conf", conf, &what, has_log4j))
    });
    told.collect()
}

fn has_log4j(part: &Part<'_>) -> Result<bool, &'static str> {
    let has = |word: &str| part.iter().any(|line| line.word() == word);
    match (has("seen"), has("absent")) {
        (true, _) => Ok(has("log4j")),
        // Only server.yaml will be brought there.
        (false, true) => Ok(false),
        (false, false) => Err("the folder may not be looked into"),
    }
}

/// What a server's own file or its start names: `config.sh` takes `env.java.home` before `JAVA_HOME`.
async fn java_homes(
    link: &Link,
    wanted: &Wanted,
    servers: &[ServerProcess],
) -> BTreeMap<PathBuf, Observed<u32>> {
    let of_files = servers.iter().filter_map(|server| server.option(JAVA_HOME));
    let mut homes: BTreeSet<PathBuf> = of_files.map(PathBuf::from).collect();
    homes.extend(wanted.other_java_homes.iter().cloned());
    let looks = homes.into_iter().map(|home| async move {
        let what = format!("the Java in {} on {}", home.display(), link.name());
        let feature = match ask(link, HOME, [home.clone(), PathBuf::new()]).await {
            Ok(text) => java_told(what, &text),
            Err(why) => Observed::unknown(what, why),
        };
        (home, feature)
    });
    join_all(looks).await.into_iter().collect()
}

struct Running {
    boot: Option<String>,
    servers: Vec<ServerProcess>,
    clients: Vec<ClientProcess>,
}

async fn running(link: &Link) -> Result<Running, String> {
    let text = ask(link, SERVERS, []).await?;
    let (mut found, mut clients) = (Vec::new(), Vec::new());
    for told in processes::told(&text) {
        match told.server() {
            Ok(server) => found.push(server),
            Err(other) => clients.extend(other.client()),
        }
    }
    let servers = join_all(found.into_iter().map(|server| whole(link, server))).await;
    let boot = lines(&text)
        .find(|line| line.word() == "boot")
        .and_then(|line| line.text(1));
    Ok(Running {
        boot,
        servers,
        clients,
    })
}

/// A server with its files and folders.
async fn whole(link: &Link, server: Server) -> ServerProcess {
    let (options, file_digest) = read_server_yaml(link, &server.conf.join(SERVER_YAML)).await;
    let options = options.map(|file| with_said(file, &server.said));
    let folders = data_folders(server.role, options.known()).into_iter();
    let folders: Vec<PathBuf> = folders.map(|at| server.told.path_of(at)).collect();
    let plugins = server.plugins_dir();
    let exe = PathBuf::from(&server.told.exe);
    let mut asked: Vec<(&str, PathBuf)> = vec![("java", exe.clone())];
    let class_folders = server.class_folders().into_iter();
    asked.extend(class_folders.map(|at| ("jars", PathBuf::from(at))));
    asked.extend(plugins.clone().map(|at| ("plugins", at)));
    asked.extend(folders.iter().map(|at| ("data", at.clone())));
    let places = remote::places(options.known());
    asked.extend(remote::folders(&places).map(|at| ("remote", at)));
    let said = Answers::ask(link, asked).await;
    let (remote, owner) = (remote::read(places, &said, &server.told), server.told.owner());
    ServerProcess {
        host: link.name().to_owned(),
        pid: server.told.pid,
        started_ticks: server.told.started_ticks,
        role: server.role,
        jar: match said.jars() {
            Ok(jars) => server.jar(&jars),
            Err(why) => Observed::unknown("the server jar on the command line", why),
        },
        java: said.read("java", &exe, "the Java that it runs on", java_of),
        plugins: match &plugins {
            Some(at) => said.read("plugins", at, "its plugins", plugins_of),
            None => Observed::unknown(
                "its plugins",
                "where they lie is told by its variables, which cannot be seen",
            ),
        },
        data: folders
            .into_iter()
            .map(|path| DataFolder {
                state: match path.is_absolute() {
                    true => said.read("data", &path, &format!("data in {}", path.display()), data_of),
                    false => Observed::unknown(
                        format!("data in {}", path.display()),
                        "the folder is named from where the server runs, which was not seen",
                    ),
                },
                path,
            })
            .collect(),
        variables: match server.told.variables {
            Some(variables) => Observed::Known(variables),
            None => Observed::unknown(
                format!("variables of process {}", server.told.pid),
                "they are its owner's alone",
            ),
        },
        options,
        file_digest,
        remote,
        owner,
        conf: server.conf,
    }
}

/// What stands on the command line wins over the file.
pub(super) fn with_said(
    mut file: BTreeMap<String, OptionLine>,
    said: &[(String, String)],
) -> BTreeMap<String, OptionLine> {
    for (key, value) in said {
        let value = shown(key, value);
        file.insert(key.clone(), OptionLine { value, line: 0 });
    }
    file
}

pub(super) async fn options(link: &Link, file: &Path) -> Observed<BTreeMap<String, OptionLine>> {
    read_server_yaml(link, file).await.0
}

/// Its options, and the digest of all of it.
async fn read_server_yaml(
    link: &Link,
    file: &Path,
) -> (Observed<BTreeMap<String, OptionLine>>, Observed<Digest>) {
    let what = file.display().to_string();
    let unseen = |why: String| {
        (
            Observed::unknown(what.clone(), why.clone()),
            Observed::unknown(what.clone(), why),
        )
    };
    match link.read(file, LONGEST_FILE, LIMIT).await {
        Err(error) => unseen(error.to_string()),
        Ok(Read::Absent) => unseen("it is not there".to_owned()),
        Ok(Read::There { bytes, size }) if size == bytes.len() as u64 => (
            Observed::Known(read_options(&String::from_utf8_lossy(&bytes))),
            Observed::Known(Digest::of_bytes(&bytes)),
        ),
        Ok(Read::There { size, .. }) => unseen(format!("it has {size} bytes")),
    }
}

/// What was asked of files and folders, and the answer, or why there is none.
pub(super) struct Answers {
    asked: Vec<(&'static str, PathBuf)>,
    said: Result<String, String>,
}

impl Answers {
    pub(super) async fn ask(link: &Link, asked: Vec<(&'static str, PathBuf)>) -> Self {
        let words = asked
            .iter()
            .flat_map(|(kind, at)| [PathBuf::from(kind), at.clone()]);
        let said = ask(link, LOOK, words).await;
        Self { asked, said }
    }

    pub(super) fn parts(&self) -> Result<Vec<Part<'_>>, String> {
        self.said.as_deref().map(parts).map_err(Clone::clone)
    }

    pub(super) fn jars(&self) -> Result<Vec<String>, String> {
        let parts = self.parts()?;
        let all = parts.iter().flatten().filter(|line| line.word() == "jar");
        Ok(all.filter_map(|line| line.text(1)).collect())
    }

    pub(super) fn read<T>(
        &self,
        kind: &str,
        at: &Path,
        what: &str,
        read: impl Fn(&Part<'_>) -> Result<T, &'static str>,
    ) -> Observed<T> {
        let place = self
            .asked
            .iter()
            .position(|(asked, path)| *asked == kind && path == at);
        let fact = self.parts().and_then(|parts| {
            let part = place.and_then(|place| parts.get(place));
            let part = part.ok_or_else(|| "its answer is cut".to_owned())?;
            read(part).map_err(str::to_owned)
        });
        match fact {
            Ok(fact) => Observed::Known(fact),
            Err(why) => Observed::unknown(what, why),
        }
    }
}

pub(super) type Part<'a> = Vec<Line<'a>>;

/// An answer of the look, parted where another path begins.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for line in lines(text) {
        match line.word() {
            "at" => parts.push(Vec::new()),
            _ => parts
                .last_mut()
                .into_iter()
                .for_each(|part| part.push(line.clone())),
        }
    }
    parts
}

fn java_of(part: &Part<'_>) -> Result<u32, &'static str> {
    let line = part.iter().find(|line| line.word() == "java");
    let version = line.ok_or("no file `release` beside it says its version")?.at(1);
    feature(&format!("java version {version}")).ok_or("its file `release` has another form")
}

fn plugins_of(part: &Part<'_>) -> Result<BTreeMap<String, usize>, &'static str> {
    if part.iter().any(|line| line.word() == "absent") {
        return Ok(BTreeMap::new());
    }
    if !part.iter().any(|line| line.word() == "seen") {
        return Err("the folder may not be listed");
    }
    let plugins = part.iter().filter(|line| line.word() == "plugin");
    plugins
        .map(|line| Some((line.text(2)?, line.at(1).parse().ok()?)))
        .collect::<Option<_>>()
        .ok_or("the answer has another form")
}

fn data_of(part: &Part<'_>) -> Result<DataState, &'static str> {
    if part.iter().any(|line| line.word() == "absent") {
        return Err("there is no such folder");
    }
    if !part.iter().any(|line| line.word() == "seen") {
        return Err("the folder may not be listed");
    }
    let disk = part.iter().find(|line| line.word() == "disk");
    let number = |place| disk.and_then(|line| line.at(place).parse::<u64>().ok());
    let (Some(size_kib), Some(used_kib)) = (number(1), number(2)) else {
        return Err("df says nothing of it");
    };
    let tables = part.iter().filter(|line| line.word() == "table");
    let tables = tables.filter_map(|line| {
        let path = line.text(1)?;
        let id = path.rsplit_once('-')?.1.parse().ok()?;
        Some((path, id))
    });
    Ok(DataState {
        clean_marker: part.iter().any(|line| line.word() == "marker"),
        size_kib,
        used_kib,
        tables: tables.collect(),
    })
}

/// `data.dirs` of 1.0, else `data.dir`; a coordinator has none.
pub(super) fn data_folders(role: Role, options: Option<&BTreeMap<String, OptionLine>>) -> Vec<PathBuf> {
    let (Role::TabletServer, Some(options)) = (role, options) else {
        return Vec::new();
    };
    let value = |key: &str| options.get(key).map(|option| option.value.as_str());
    let named = value("data.dirs")
        .or_else(|| value("data.dir"))
        .unwrap_or(DATA_DIR);
    let parts = named.split([',', ';']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(PathBuf::from).collect()
}

/// Java and the wanted release as they are there.
async fn release(link: &Link, wanted: &Wanted) -> (Observed<u32>, Option<Observed<Home>>) {
    let name = link.name();
    let word = |path: &Option<PathBuf>| path.clone().unwrap_or_default();
    let said = ask(link, HOME, [word(&wanted.java_home), word(&wanted.target_home)]).await;
    let java_what = format!("Java for the wanted release on {name}");
    let home_what = format!("the wanted release on {name}");
    match said {
        Err(why) => (
            Observed::unknown(java_what, why.clone()),
            wanted
                .target_home
                .as_ref()
                .map(|_| Observed::unknown(home_what, why)),
        ),
        Ok(text) => {
            let java = java_told(java_what, &text);
            (java, wanted.target_home.as_ref().map(|_| home(&home_what, &text)))
        }
    }
}

/// What lies in a release's home; the gap says why it is none.
pub(in crate::fluss) async fn home_at(link: &Link, at: &Path) -> Result<Observed<Home>, String> {
    let text = ask(link, HOME, [PathBuf::new(), at.to_owned()]).await?;
    Ok(home(&at.display().to_string(), &text))
}

/// What a `java -version` said.
fn java_told(what: String, text: &str) -> Observed<u32> {
    let java = lines(text)
        .find(|line| line.word() == "java")
        .and_then(|line| line.text(1));
    let java = java.unwrap_or_default();
    match feature(&java) {
        Some(feature) => Observed::Known(feature),
        None => Observed::unknown(what, java.lines().last().unwrap_or("it says nothing")),
    }
}

fn home(what: &str, text: &str) -> Observed<Home> {
    let mut home = Home {
        server_jar: Observed::unknown(what, "nothing was seen"),
        jars: BTreeMap::new(),
        plugins: BTreeMap::new(),
    };
    for line in lines(text) {
        match line.word() {
            "no" => return Observed::unknown(what, line.text(1).unwrap_or_default()),
            "jar" => home
                .jars
                .extend(line.text(2).map(|path| (path, line.at(1).to_owned()))),
            "plugin" => {
                let Some(plugin) = line.text(2).zip(line.at(1).parse().ok()) else {
                    return Observed::unknown(what, "a plugin's line is not of the form that is known");
                };
                home.plugins.extend([plugin]);
            }
            _ => {}
        }
    }
    let versions = home
        .jars
        .keys()
        .filter_map(|path| processes::version_of(path.strip_prefix("lib/")?));
    let versions = versions.collect();
    home.server_jar = processes::one_version(
        "the server jar of the wanted release",
        versions,
        "there is none in lib",
    );
    Observed::Known(home)
}

/// Runs one of the scripts; its answer, or why there is none.
pub(super) async fn ask(
    link: &Link,
    script: &str,
    words: impl IntoIterator<Item = PathBuf>,
) -> Result<String, String> {
    let command = Command::new("sh", LIMIT).args(["-c", script, "upshift"]);
    let command = command
        .args(words.into_iter().map(PathBuf::into_os_string))
        .keep(ANSWER);
    let output = link.run(&command).await.map_err(|error| error.to_string())?;
    match (output.success(), output.stdout.whole()) {
        (true, Some(bytes)) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        (true, None) => Err("its answer is longer than wanted".to_owned()),
        (false, _) => Err(output.complaint()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::{LOOK, data_of, has_log4j, parts};

    fn looked(kind: &str, at: &Path) -> String {
        let words = ["-c", LOOK, "upshift", kind];
        let output = Command::new("sh").args(words).arg(at).output().expect("a shell");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    #[test]
    fn folders_that_a_server_loads_are_named_and_what_is_left_of_a_key_value_store_is_not() {
        let root = tempfile::tempdir().expect("a folder");
        for below in [
            "lab/orders-0/log-0",
            "lab/orders-0/kv-0/db",
            "lab/days-1/2026-p4/log-2",
            "upshift_canary/canary_kv-2/kv-1/db",
            "lab/empty-3",
        ] {
            std::fs::create_dir_all(root.path().join(below)).expect("a folder");
        }
        let text = looked("data", root.path());
        let state = data_of(&parts(&text)[0]).expect("seen");
        let named: Vec<_> = state
            .tables
            .iter()
            .map(|(path, id)| (path.as_str(), *id))
            .collect();
        assert_eq!(named, [("lab/days-1", 1), ("lab/orders-0", 0)]);
    }

    #[test]
    fn a_folder_of_configuration_is_looked_into_and_one_that_is_not_there_has_nothing() {
        let root = tempfile::tempdir().expect("a folder");
        let has = |at: &Path| has_log4j(&parts(&looked("conf", at))[0]);
        assert_eq!(has(root.path()), Ok(false));
        assert_eq!(has(&root.path().join("new")), Ok(false));
        std::fs::File::create(root.path().join("log4j.properties")).expect("made");
        assert_eq!(has(root.path()), Ok(true));
    }

    #[test]
    fn a_folder_that_is_shared_is_told_with_its_file_system_and_who_may_write_there() {
        let root = tempfile::tempdir().expect("a folder");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o750);
        std::fs::set_permissions(root.path(), mode).expect("set");
        let text = looked("remote", root.path());
        let parts = parts(&text);
        let words: Vec<&str> = parts[0].iter().map(|line| line.word()).collect();
        assert_eq!(words, ["seen", "writable", "disk", "mode"]);
        assert!(
            parts[0][2].at(1).parse::<u64>().is_ok_and(|size| size > 0),
            "{text}"
        );
        assert_eq!(parts[0][3].at(3), "750");
        assert!(looked("remote", &root.path().join("gone")).ends_with("absent\n"));
    }
}
