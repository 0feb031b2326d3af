//! Processes of Fluss out of what a host answers: servers by their main class, clients by their jars. Nothing is
//! stopped here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use upshift_model::fluss::{ClientProcess, Owner, Role};
use upshift_model::observed::Observed;

use crate::wire::processes::stat_line;
use crate::wire::told_lines::lines;

/// Last parts of the main classes, whose package changed with 0.8.
const CLASSES: [(&str, Role); 2] = [
    (".server.coordinator.CoordinatorServer", Role::Coordinator),
    (".server.tablet.TabletServer", Role::TabletServer),
];
const PACKAGES: [&str; 2] = ["com.alibaba.fluss", "org.apache.fluss"];

/// A process as a host tells of it.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) pid: u32,
    pub(super) started_ticks: u64,
    args: Vec<String>,
    cwd: String,
    pub(super) exe: String,
    /// None where the host does not let us see them.
    pub(super) variables: Option<BTreeMap<String, String>>,
    user: Option<String>,
    /// Its effective user, then all of its groups.
    ids: Option<(u32, Vec<u32>)>,
    login: Option<u32>,
    may_signal: bool,
}

/// A server among them.
pub(super) struct Server {
    pub(super) told: Told,
    pub(super) role: Role,
    /// Its `--configDir`.
    pub(super) conf: PathBuf,
    class_path: Option<String>,
    /// What stands behind `-D` after its main class, which wins over its file.
    pub(super) said: Vec<(String, String)>,
    /// Where its log is written, or the folder of it, as its start script decides it.
    pub(super) log: Option<PathBuf>,
}

/// All that a host told of; those that ended meanwhile are left out.
pub(super) fn told(text: &str) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    let mut login = None;
    for line in lines(text) {
        if line.word() == "login" {
            login = line.at(1).parse().ok();
        }
        if line.word() == "process" {
            all.push(Told {
                pid: line.at(1).parse().unwrap_or(0),
                login,
                ..Told::default()
            });
            continue;
        }
        let Some(one) = all.last_mut() else { continue };
        match line.word() {
            "stat" => one.started_ticks = line.text(1).and_then(|stat| stat_line(&stat)).unwrap_or(0),
            "args" => one.args = words(&line.bytes(1).unwrap_or_default()),
            "cwd" => one.cwd = line.text(1).unwrap_or_default(),
            "exe" => one.exe = line.text(1).unwrap_or_default(),
            "user" => one.user = line.text(1).map(|user| user.trim().to_owned()),
            "uid" => one.ids = line.at(1).parse().ok().map(|uid| (uid, Vec::new())),
            "gid" => {
                let gid: Option<u32> = line.at(1).parse().ok();
                one.ids.iter_mut().for_each(|(_, gids)| gids.extend(gid));
            }
            "signal" => one.may_signal = true,
            "environ" => one.variables = Some(BTreeMap::new()),
            "variable" => {
                let value = line.text(2).filter(|value| !value.is_empty());
                let name = line.at(1).to_owned();
                one.variables
                    .iter_mut()
                    .for_each(|all| all.extend(value.clone().map(|value| (name.clone(), value))));
            }
            _ => {}
        }
    }
    all.retain(|one| one.pid > 0 && one.started_ticks > 0 && !one.args.is_empty());
    all
}

fn words(bytes: &[u8]) -> Vec<String> {
    let words = bytes.split(|byte| *byte == 0);
    words
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

impl Told {
    /// Whose it is.
    pub(super) fn owner(&self) -> Observed<Owner> {
        match (&self.user, self.is_login()) {
            (Some(user), Some(is_login)) => Observed::Known(Owner {
                user: user.clone(),
                is_login,
                may_signal: self.may_signal,
            }),
            _ => Observed::unknown(
                format!("whose process {} is", self.pid),
                "its status may not be read",
            ),
        }
    }

    /// Whether upshift logs in as its user.
    pub(super) fn is_login(&self) -> Option<bool> {
        let (uid, _) = self.ids.as_ref()?;
        Some(*uid == self.login?)
    }

    /// Whether its user may write in a folder of this owner, group and mode.
    pub(super) fn may_write(&self, (owner, group, mode): (u32, u32, u32)) -> Option<bool> {
        let (uid, gids) = self.ids.as_ref()?;
        let bits = match (*uid == owner, gids.contains(&group)) {
            (true, _) => mode >> 6,
            (false, true) => mode >> 3,
            (false, false) => mode,
        };
        Some(*uid == 0 || bits & 0o3 == 0o3)
    }

    /// A path of its command line or its file, from where it runs; none where that is not seen.
    pub(super) fn path(&self, named: &str) -> Option<PathBuf> {
        match (Path::new(named).is_absolute(), self.cwd.is_empty()) {
            (true, _) => Some(PathBuf::from(named)),
            (false, false) => Some(Path::new(&self.cwd).join(named)),
            (false, true) => None,
        }
    }

    /// Where it runs; none where that is not seen.
    pub(super) fn cwd(&self) -> Option<PathBuf> {
        (!self.cwd.is_empty()).then(|| PathBuf::from(&self.cwd))
    }

    /// The same of a folder; as it is named where that is not seen.
    pub(super) fn path_of(&self, named: PathBuf) -> PathBuf {
        let whole = named.to_str().and_then(|text| self.path(text));
        whole.unwrap_or(named)
    }

    /// The server that it is, if it is one with a folder of configuration.
    pub(super) fn server(self) -> Result<Server, Self> {
        let found = self.args.iter().enumerate();
        let found = found.filter_map(|(at, arg)| Some((at, role_of(arg)?))).next();
        let Some((at, role)) = found else { return Err(self) };
        let conf = self.args[at + 1..]
            .windows(2)
            .find(|pair| pair[0] == "--configDir" || pair[0] == "-c")
            .and_then(|pair| self.path(&pair[1]));
        let class_path = self.args[..at]
            .windows(2)
            .find(|pair| ["-cp", "-classpath", "--class-path"].contains(&pair[0].as_str()))
            .map(|pair| pair[1].clone());
        let log = self.log(&self.args[..at]);
        let said = options_of(&self.args[at + 1..]);
        match conf {
            Some(conf) => Ok(Server {
                log,
                said,
                told: self,
                role,
                conf,
                class_path,
            }),
            None => Err(self),
        }
    }

    /// The file that its logging is told, else the folder that its script writes logs into.
    fn log(&self, of_java: &[String]) -> Option<PathBuf> {
        let told = |name: &str| of_java.iter().rev().find_map(|arg| arg.strip_prefix(name));
        if let Some(named) = told("-Dlog.file=").or_else(|| told("-Dlog.dir=")) {
            return self.path(named);
        }
        let variables = self.variables.as_ref()?;
        match (variables.get("FLUSS_LOG_DIR"), variables.get("FLUSS_HOME")) {
            (Some(dir), _) => self.path(dir),
            (None, Some(home)) => self.path(&format!("{home}/log")),
            (None, None) => None,
        }
    }

    /// The client that it runs with, by the first jar that names one.
    pub(super) fn client(&self) -> Option<ClientProcess> {
        let parts = self.args.iter().flat_map(|arg| arg.split([':', ',']));
        parts
            .filter_map(|part| {
                let jar = part.rsplit('/').next()?;
                Some(ClientProcess {
                    pid: self.pid,
                    jar: jar.to_owned(),
                    version: client_version(jar)?,
                })
            })
            .next()
    }
}

impl Server {
    /// Folders of its class path, whose jars only the host can name.
    pub(super) fn class_folders(&self) -> Vec<&str> {
        let parts = self.class_path.iter().flat_map(|all| all.split(':'));
        parts.filter_map(|part| part.strip_suffix("/*")).collect()
    }

    /// The version of the one `fluss-server-VERSION.jar` on the class path, with the jars that its folders hold.
    pub(super) fn jar(&self, in_folders: &[String]) -> Observed<String> {
        let what = "the server jar on the command line";
        let Some(class_path) = &self.class_path else {
            return Observed::unknown(what, "no class path is on it");
        };
        let named = class_path.split(':').filter_map(|part| part.rsplit('/').next());
        let all = named.chain(in_folders.iter().map(String::as_str));
        one_version(
            what,
            all.filter_map(version_of).collect(),
            "no fluss-server jar is on the class path",
        )
    }

    /// Where its plugins lie, as `config.sh` decides it.
    pub(super) fn plugins_dir(&self) -> Option<PathBuf> {
        let variables = self.told.variables.as_ref()?;
        match (variables.get("FLUSS_PLUGINS_DIR"), variables.get("FLUSS_HOME")) {
            (Some(dir), _) => self.told.path(dir),
            (None, Some(home)) => self.told.path(&format!("{home}/plugins")),
            (None, None) => self.told.path("plugins"),
        }
    }
}

/// The one version among those of server jars.
pub(super) fn one_version(what: &str, mut versions: Vec<String>, none: &str) -> Observed<String> {
    versions.sort();
    versions.dedup();
    match versions.as_slice() {
        [one] => Observed::Known(one.clone()),
        [] => Observed::unknown(what, none),
        several => Observed::unknown(what, format!("there are several: {}", several.join(", "))),
    }
}

/// `-Dkey=value`, or `-D` and `key=value`, as servers take them on their command lines.
pub(in crate::fluss) fn options_of(words: &[String]) -> Vec<(String, String)> {
    let mut said = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let pair = match word.strip_prefix("-D") {
            Some("") => words.next().map(String::as_str),
            Some(pair) => Some(pair),
            None => None,
        };
        let pair = pair.and_then(|pair| pair.split_once('='));
        said.extend(pair.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())));
    }
    said
}

fn role_of(arg: &str) -> Option<Role> {
    let (_, role) = CLASSES.iter().find(|(class, _)| {
        let package = arg.strip_suffix(class);
        package.is_some_and(|package| PACKAGES.contains(&package))
    })?;
    Some(*role)
}

/// `fluss-server-0.9.1-incubating.jar`.
pub(super) fn version_of(jar: &str) -> Option<String> {
    let version = jar.strip_prefix("fluss-server-")?.strip_suffix(".jar")?;
    version
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| version.to_owned())
}

/// `fluss-client-1.0.0.jar`, `fluss-flink-1.20-0.9.1-incubating.jar`: the release is what follows the last line of
/// Flink.
fn client_version(jar: &str) -> Option<String> {
    let stem = jar.strip_suffix(".jar")?;
    let rest = match (
        stem.strip_prefix("fluss-client-"),
        stem.strip_prefix("fluss-flink-"),
    ) {
        (Some(version), _) => version,
        (None, Some(rest)) => rest
            .split_once('-')
            .map_or(rest, |(first, rest)| match rest.is_empty() {
                false
                    if first.chars().all(|c| c.is_ascii_digit() || c == '.')
                        && rest.starts_with(|c: char| c.is_ascii_digit()) =>
                {
                    rest
                }
                _ => first,
            }),
        (None, None) => return None,
    };
    rest.starts_with(|c: char| c.is_ascii_digit())
        .then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use upshift_model::fluss::Role;

    use super::{client_version, role_of, told, version_of};

    fn hex(text: &str) -> String {
        text.bytes().map(|byte| format!("{byte:02x}")).collect()
    }

    const STAT: &str = "7 (java) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 9 0 4242 0 0";

    #[test]
    fn a_server_is_told_with_its_folder_and_one_that_ended_meanwhile_is_not() {
        let args = "java\0-Dlog.file=log/ts.log\0-cp\0/l/fluss-server-0.7.0.jar:/m/*\0com.alibaba.fluss.server.tablet.TabletServer\0--configDir\0conf x\0-Ddata.dir=d\0-D\0tablet-server.id=3";
        let text = format!(
            "process 7\nstat {}\nargs {}\ncwd {}\nexe {}\nenviron\nvariable FLUSS_PID_DIR {}\nvariable USER \n\
             process 8\nstat \nargs \n",
            hex(STAT),
            hex(args),
            hex("/srv/it's\n"),
            hex("/jdk/bin/java\n"),
            hex("/run/a b\n"),
        );
        let mut all = told(&text);
        assert_eq!(all.len(), 1);
        let one = all.remove(0).server().expect("a server");
        assert_eq!(
            (one.told.pid, one.told.started_ticks, one.role),
            (7, 4242, Role::TabletServer)
        );
        assert_eq!(one.conf.to_str(), Some("/srv/it's/conf x"));
        assert_eq!(
            one.log.as_deref().and_then(Path::to_str),
            Some("/srv/it's/log/ts.log")
        );
        assert_eq!(one.class_folders(), ["/m"]);
        assert_eq!(one.jar(&[]).known().map(String::as_str), Some("0.7.0"));
        let two = one.jar(&["fluss-server-0.8.0.jar".to_owned()]);
        assert!(two.gap().is_some_and(|gap| gap.reason.contains("0.7.0, 0.8.0")));
        assert_eq!(
            one.said,
            [("data.dir", "d"), ("tablet-server.id", "3")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
        let variables = one.told.variables.expect("seen");
        assert_eq!(variables.len(), 1);
        assert_eq!(variables["FLUSS_PID_DIR"], "/run/a b");
    }

    #[test]
    fn whose_a_process_is_decides_what_it_may_write() {
        let text = format!(
            "login 1000\nprocess 7\nstat {}\nargs {}\nuid 500\ngid 500\ngid 20\nuser {}\nsignal\n",
            hex(STAT),
            hex("java"),
            hex("fluss\n"),
        );
        let one = told(&text).remove(0);
        let owner = one.owner();
        let owner = owner.known().expect("seen");
        assert_eq!(
            (owner.user.as_str(), owner.is_login, owner.may_signal),
            ("fluss", false, true)
        );
        for (folder, may) in [
            ((500, 1, 0o755), true),
            ((500, 500, 0o577), false),
            ((0, 20, 0o770), true),
            ((0, 20, 0o757), false),
            ((0, 0, 0o755), false),
            ((0, 0, 0o777), true),
        ] {
            assert_eq!(one.may_write(folder), Some(may), "{folder:?}");
        }
    }

    #[test]
    fn servers_are_known_by_their_class_in_either_package_and_nothing_else_is() {
        assert_eq!(
            role_of("com.alibaba.fluss.server.tablet.TabletServer"),
            Some(Role::TabletServer)
        );
        assert_eq!(
            role_of("org.apache.fluss.server.coordinator.CoordinatorServer"),
            Some(Role::Coordinator)
        );
        assert_eq!(role_of("example.server.tablet.TabletServer"), None);
        assert_eq!(
            version_of("fluss-server-0.9.1-incubating.jar").as_deref(),
            Some("0.9.1-incubating")
        );
        assert_eq!(version_of("fluss-server-tests.jar"), None);
    }

    #[test]
    fn clients_are_known_by_their_jars() {
        for (jar, version) in [
            ("fluss-client-1.0.0.jar", Some("1.0.0")),
            ("fluss-flink-1.20-0.9.1-incubating.jar", Some("0.9.1-incubating")),
            ("fluss-flink-0.7.0.jar", Some("0.7.0")),
            ("fluss-flink-common.jar", None),
            ("fluss-server-0.7.0.jar", None),
        ] {
            assert_eq!(client_version(jar).as_deref(), version, "{jar}");
        }
    }
}
