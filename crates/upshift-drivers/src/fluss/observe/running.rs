//! What a roll must see of a host again and again: the processes of one server, whether it left its mark of an orderly
//! end, and the end of its log where it does not come up. The rest of a host is looked at once, by `host`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use upshift_model::fluss::Role;
use upshift_model::observed::Observed;

use super::host::{Answers, SERVERS, ask, data_folders, options, with_said};
use super::processes;
use crate::fluss::machine::{Found, LogEnd};
use crate::wire::hosts::{Command, Link};

const LAST_WORDS: &str = include_str!("sh/last-words.sh");
const LIMIT: Duration = Duration::from_secs(30);
/// So many bytes of a log, from its end.
const LOG_END: usize = 256 << 10;

/// Processes of servers that are wanted by what they are and by their folder of configuration, each with the release in
/// the name of its jar where that tells one.
pub(in crate::fluss) async fn running(
    link: &Link,
    wanted: impl Fn(Role, &Path) -> bool,
) -> Result<Vec<Found>, String> {
    let text = ask(link, SERVERS, []).await?;
    let told = processes::told(&text).into_iter();
    let servers = told.filter_map(|told| told.server().ok());
    let mut found = Vec::new();
    for server in servers.filter(|server| wanted(server.role, &server.conf)) {
        let folders = server.class_folders().into_iter();
        let asked = folders.map(|at| ("jars", PathBuf::from(at))).collect();
        let jars = Answers::ask(link, asked).await.jars()?;
        found.push(Found {
            pid: server.told.pid,
            started_ticks: server.told.started_ticks,
            jar: server.jar(&jars).known().cloned(),
            log: server.log,
            cwd: server.told.cwd(),
        });
    }
    Ok(found)
}

/// The end of the log of a server, where it is found.
pub(in crate::fluss) async fn end_of_log(link: &Link, role: Role, at: &Path) -> Result<LogEnd, String> {
    let kind = match role {
        Role::Coordinator => "coordinator-server",
        Role::TabletServer => "tablet-server",
    };
    let command = Command::new("sh", LIMIT)
        .args(["-c", LAST_WORDS, "upshift"])
        .arg(at)
        .args([LOG_END.to_string(), kind.to_owned()])
        .keep(LOG_END + 4096);
    let output = link.run(&command).await.map_err(|error| error.to_string())?;
    if !output.success() {
        return Err(output.complaint());
    }
    let bytes = output
        .stdout
        .whole()
        .ok_or("its end is longer than was asked for")?;
    let text = String::from_utf8_lossy(&bytes);
    let (file, text) = text.split_once('\n').ok_or("it was not told where it lies")?;
    Ok(LogEnd {
        file: PathBuf::from(file),
        text: text.to_owned(),
    })
}

/// Where the server with this folder of configuration, started by these words, keeps its data. It is gone by now: where
/// it ran was noted before.
pub(in crate::fluss) async fn data_folders_of(
    link: &Link,
    conf: &Path,
    words: &[String],
    cwd: Option<&Path>,
) -> Result<Vec<PathBuf>, String> {
    let file = match options(link, &conf.join("server.yaml")).await {
        Observed::Known(options) => options,
        Observed::Unknown(gap) => return Err(gap.to_string()),
    };
    let options = with_said(file, &processes::options_of(words));
    let folders = data_folders(Role::TabletServer, Some(&options)).into_iter();
    let whole = |folder: PathBuf| match (folder.is_absolute(), cwd) {
        (true, _) => Ok(folder),
        (false, Some(cwd)) => Ok(cwd.join(folder)),
        (false, None) => Err(format!(
            "{} is named from where the server ran, which was not seen",
            folder.display()
        )),
    };
    folders.map(whole).collect()
}

/// Whether all of these folders that are there hold the mark of an orderly end; none where none is there.
pub(in crate::fluss) async fn clean_mark(link: &Link, folders: Vec<PathBuf>) -> Result<Option<bool>, String> {
    let asked = folders.into_iter().map(|at| ("data", at)).collect();
    let said = Answers::ask(link, asked).await;
    let mut all: Option<bool> = None;
    for part in said.parts()? {
        if part.iter().any(|line| line.word() == "absent") {
            continue;
        }
        if !part.iter().any(|line| line.word() == "seen") {
            return Err("the folder may not be listed".to_owned());
        }
        let marked = part.iter().any(|line| line.word() == "marker");
        all = Some(all.unwrap_or(true) && marked);
    }
    Ok(all)
}
