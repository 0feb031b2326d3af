//! Fluss servers on this machine, found by their command lines in `/proc`, with their `server.yaml`. Nothing is
//! stopped here; processes on other machines are not seen.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use upshift_model::fluss::{OptionLine, Role, ServerProcess};
use upshift_model::observed::Observed;

use crate::fluss::conceal::is_sensitive;
use crate::wire::REDACTED;
use crate::wire::processes::{Running, all_below};

/// Last parts of the main classes, whose package changed with 0.8.
const CLASSES: [(&str, Role); 2] = [
    (".server.coordinator.CoordinatorServer", Role::Coordinator),
    (".server.tablet.TabletServer", Role::TabletServer),
];
const PACKAGES: [&str; 2] = ["com.alibaba.fluss", "org.apache.fluss"];

/// All servers on this machine, by pid.
pub(super) fn scan() -> Observed<Vec<ServerProcess>> {
    match all_below(Path::new("/proc"), known) {
        Ok(found) => Observed::Known(found),
        Err(error) => Observed::unknown("Fluss's processes on this machine", error.to_string()),
    }
}

fn known(running: &Running) -> io::Result<Option<ServerProcess>> {
    let args = &running.args;
    let Some((at, role)) = args
        .iter()
        .enumerate()
        .find_map(|(at, arg)| Some((at, role_of(arg)?)))
    else {
        return Ok(None);
    };
    let after = &args[at + 1..];
    let conf = after
        .windows(2)
        .find(|pair| pair[0] == "--configDir" || pair[0] == "-c")
        .map(|pair| pair[1].as_str());
    let Some(conf) = conf else { return Ok(None) };
    let conf = running.path(conf)?;
    Ok(Some(ServerProcess {
        pid: running.pid,
        started_ticks: running.started_ticks,
        role,
        jar: jar(&args[..at]),
        options: options(&conf.join("server.yaml")),
        conf,
    }))
}

fn role_of(arg: &str) -> Option<Role> {
    let (_, role) = CLASSES.iter().find(|(class, _)| {
        let package = arg.strip_suffix(class);
        package.is_some_and(|package| PACKAGES.contains(&package))
    })?;
    Some(*role)
}

/// The version of the one `fluss-server-VERSION.jar` on the class path.
fn jar(args: &[String]) -> Observed<String> {
    let what = "the server jar on the command line";
    let class_path = args
        .windows(2)
        .find(|pair| ["-cp", "-classpath", "--class-path"].contains(&pair[0].as_str()));
    let Some(class_path) = class_path.map(|pair| pair[1].as_str()) else {
        return Observed::unknown(what, "no class path is on it");
    };
    let mut versions: Vec<String> = Vec::new();
    for part in class_path.split(':') {
        match part.strip_suffix("/*") {
            Some(folder) => versions.extend(server_jars(Path::new(folder))),
            None => versions.extend(version_of(Path::new(part))),
        }
    }
    versions.sort();
    versions.dedup();
    match versions.as_slice() {
        [one] => Observed::Known(one.clone()),
        [] => Observed::unknown(what, "no fluss-server jar is on the class path"),
        several => Observed::unknown(what, format!("there are several: {}", several.join(", "))),
    }
}

/// Versions of the server jars in a folder; none where it cannot be listed.
pub(super) fn server_jars(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries
        .filter_map(|entry| version_of(&entry.ok()?.path()))
        .collect()
}

fn version_of(jar: &Path) -> Option<String> {
    let name = jar.file_name()?.to_str()?;
    let version = name.strip_prefix("fluss-server-")?.strip_suffix(".jar")?;
    version
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| version.to_owned())
}

fn options(file: &Path) -> Observed<BTreeMap<String, OptionLine>> {
    match std::fs::read_to_string(file) {
        Ok(text) => Observed::Known(read_options(&text)),
        Err(error) => Observed::unknown(format!("{}", file.display()), error.to_string()),
    }
}

/// `server.yaml` by the rules of Fluss's own reader (`GlobalConfiguration` of 0.9.1): a `#` starts a comment
/// wherever it stands, key and value are parted at the first `: `, a line without both is passed over, and of a key
/// that comes twice the last counts.
fn read_options(text: &str) -> BTreeMap<String, OptionLine> {
    let mut options = BTreeMap::new();
    for (line, text) in (1_u32..).zip(text.lines()) {
        let text = text.split('#').next().unwrap_or_default();
        let Some((key, value)) = text
            .split_once(": ")
            .map(|(key, value)| (key.trim(), value.trim()))
        else {
            continue;
        };
        if key.is_empty() || value.is_empty() {
            continue;
        }
        let value = if is_sensitive(key) { REDACTED } else { value };
        let value = value.to_owned();
        options.insert(key.to_owned(), OptionLine { value, line });
    }
    options
}

#[cfg(test)]
mod tests {
    use upshift_model::fluss::Role;

    use super::{read_options, role_of, version_of};

    #[test]
    fn options_are_read_as_fluss_reads_them() {
        let read = read_options(
            "a: 1\n# b: 2\n c.d : x: y # tail\nno-space:1\nempty: \na: 3\ns3.secret-key: hunter2\n",
        );
        let said: Vec<_> = read
            .iter()
            .map(|(key, option)| (key.as_str(), option.value.as_str(), option.line))
            .collect();
        assert_eq!(
            said,
            [
                ("a", "3", 6),
                ("c.d", "x: y", 3),
                ("s3.secret-key", "«redacted»", 7)
            ]
        );
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
            version_of("/l/fluss-server-0.9.1-incubating.jar".as_ref()).as_deref(),
            Some("0.9.1-incubating")
        );
        assert_eq!(version_of("/l/fluss-server-tests.jar".as_ref()), None);
    }
}
