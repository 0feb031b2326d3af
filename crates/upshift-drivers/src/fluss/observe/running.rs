//! What a roll must see of a host again and again: the processes of one server, and whether it left its mark of an
//! orderly end. The rest of a host is looked at once, by `host`.

use std::path::{Path, PathBuf};

use upshift_model::fluss::Role;
use upshift_model::observed::Observed;

use super::host::{Answers, SERVERS, ask, data_folders, options};
use super::processes;
use crate::fluss::machine::Found;
use crate::wire::hosts::Link;

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
        });
    }
    Ok(found)
}

/// Where the server with this folder of configuration keeps its data.
pub(in crate::fluss) async fn data_folders_of(link: &Link, conf: &Path) -> Result<Vec<PathBuf>, String> {
    match options(link, &conf.join("server.yaml")).await {
        Observed::Known(options) => Ok(data_folders(Role::TabletServer, Some(&options))),
        Observed::Unknown(gap) => Err(gap.to_string()),
    }
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
