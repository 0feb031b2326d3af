//! The stand-in for a process of Flink. It carries the real one's main class and `--configDir` on its
//! command line, listens where its configuration says, and passes every byte on to the world server;
//! when either of the two ends, so does the other's view of it.
//!
//! It is started from a test program: such a program is what is built whenever tests are run.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;

use super::control::{self, Word};
use crate::flink::Role;

const MANAGER: &str = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";
const WORKER: &str = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";

/// The main class of a role.
pub(super) const fn class(role: Role) -> &'static str {
    match role {
        Role::JobManager => MANAGER,
        Role::TaskManager => WORKER,
    }
}

/// Does nothing, unless these are the arguments that a stand-in's script gave: then it is that process
/// until it is told to end.
///
/// # Panics
/// When the process cannot do its work: its output is its log.
pub fn run_if_started_by_a_script(args: impl IntoIterator<Item = String>) {
    let args: Vec<String> = args.into_iter().collect();
    let role = [Role::JobManager, Role::TaskManager]
        .into_iter()
        .find(|role| args.iter().any(|arg| arg == class(*role)));
    let Some(role) = role else { return };
    let value = |name: &str| {
        let pair = args.windows(2).find(|pair| pair[0] == name);
        pair.map(|pair| pair[1].clone())
            .unwrap_or_else(|| panic!("the script gives {name}"))
    };
    let server = value("--world").parse().expect("the script gives a port");
    let ended = live(role, &value("--release"), &value("--configDir"), server);
    if let Err(error) = ended {
        panic!("ERROR {} could not live: {error}", role.words());
    }
}

fn live(role: Role, release: &str, conf: &str, server: u16) -> io::Result<()> {
    let config = configuration(Path::new(conf))?;
    let listener = match role {
        Role::TaskManager => None,
        Role::JobManager => Some(TcpListener::bind(("127.0.0.1", rest_port(&config)?))?),
    };
    let word = Word::Process {
        role,
        release: release.to_owned(),
        conf: conf.to_owned(),
        pid: std::process::id(),
        config,
    };
    let (mut held, answer) = control::say(server, &word)?;
    if let Some(listener) = listener {
        let behind: u16 = answer
            .parse()
            .map_err(|_| io::Error::other(format!("told {answer:?}")))?;
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                std::thread::spawn(move || pass_on(client, behind));
            }
        });
    }
    // The server says nothing more: this ends when it does.
    let mut rest = Vec::new();
    match held.read_to_end(&mut rest) {
        Err(e) if e.kind() != io::ErrorKind::ConnectionReset => Err(e),
        _ => Ok(()),
    }
}

/// Both ways until one side has said all; a connection that breaks is broken for both.
fn pass_on(client: TcpStream, behind: u16) {
    let copied = TcpStream::connect(("127.0.0.1", behind)).and_then(|server| {
        let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
        std::thread::spawn(move || {
            let ended = io::copy(&mut from, &mut to).and_then(|_| to.shutdown(Shutdown::Write));
            ended.is_ok()
        });
        let (mut from, mut to) = (server, client.try_clone()?);
        io::copy(&mut from, &mut to)
    });
    // Whatever came of it, the caller is not left waiting.
    let closed = client.shutdown(Shutdown::Both);
    drop((copied, closed));
}

fn rest_port(config: &BTreeMap<String, String>) -> io::Result<u16> {
    let told = config.get("rest.port").and_then(|port| port.parse().ok());
    told.ok_or_else(|| io::Error::other("the configuration has no rest.port"))
}

/// The main file, of flat keys: `flink-conf.yaml` up to 1.18, `config.yaml` as upshift writes it.
fn configuration(conf: &Path) -> io::Result<BTreeMap<String, String>> {
    let files = ["config.yaml", "flink-conf.yaml"].map(|name| conf.join(name));
    let file = files.iter().find(|file| file.exists()).unwrap_or(&files[0]);
    let text = std::fs::read_to_string(file)?;
    let entry = |line: &str| {
        let (key, value) = line.split_once(": ")?;
        let value = value.trim().trim_matches(['"', '\'']);
        (!key.starts_with('#')).then(|| (key.trim().to_owned(), value.to_owned()))
    };
    Ok(text.lines().filter_map(entry).collect())
}
