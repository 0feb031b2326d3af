//! The way to hosts, tried as a run would take it: one login each, one look at what is there.
//!
//! It changes nothing on them.

use std::path::PathBuf;
use std::time::Duration;

use upshift_drivers::wire::hosts::{Command, Ended, HostError, Hosts, Link, Settings, Sudo};
use upshift_model::host::{Host, Reach, Ssh};

use crate::codes;
use crate::trouble::{Stop, Trouble};

/// How hosts are reached.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Another user than the configuration's.
    pub user: Option<String>,
    /// Another port than the configuration's.
    pub port: Option<u16>,
    /// Another file than `~/.ssh/config`.
    pub config: Option<PathBuf>,
    /// Time for a login.
    pub login: Duration,
    /// Whether to ask for the rights of root, too.
    pub sudo: bool,
}

/// What a host is like for upshift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Who we are there.
    pub user: String,
    /// Kernel and machine.
    pub system: String,
    /// What is missing, and what cannot be done without it.
    pub lacks: Vec<String>,
    /// The rights of root were asked for and not given.
    pub sudo_refused: bool,
}

/// A host's name and what became of the look.
pub type Looked = (String, Result<Seen, HostError>);

/// Reads the names: `HOST` or `USER@HOST`.
///
/// # Errors
/// When one is no name of a host, or is there twice.
pub fn named(names: &[String], wish: &Wish) -> Result<Hosts, Stop> {
    let mut hosts = Vec::new();
    for name in names {
        let way = way(name, wish).map_err(|error| {
            Trouble::usage(codes::USAGE, format!("host {name:?}: {error}"))
                .expected("HOST or USER@HOST, with an alias of your ssh_config, a name or an address")
                .next("upshift hosts --help")
        })?;
        hosts.push(Host {
            name: name.clone(),
            reach: Reach::Ssh(way),
        });
    }
    let settings = Settings {
        login: wish.login,
        ..Settings::default()
    };
    Hosts::new(hosts, settings).map_err(|error| Trouble::usage(codes::USAGE, error.to_string()).into())
}

fn way(name: &str, wish: &Wish) -> Result<Ssh, upshift_model::host::NotForSsh> {
    let (user, address) = match name.rsplit_once('@') {
        Some((user, address)) => (Some(user.to_owned()), address),
        None => (wish.user.clone(), name),
    };
    let mut way = Ssh::new(address)?;
    if let Some(user) = user {
        way = way.user(user)?;
    }
    if let Some(port) = wish.port {
        way = way.port(port);
    }
    if let Some(file) = &wish.config {
        way = way.config(file);
    }
    Ok(way)
}

/// Logs in everywhere and looks, several at a time; answers by name.
///
/// # Errors
/// When connections cannot be ended.
pub async fn look(hosts: Hosts, sudo: bool) -> Result<Vec<Looked>, Stop> {
    let all = hosts.each(|link| async move { look_at(&link, sudo).await }).await;
    hosts.close().await.map_err(anyhow::Error::from)?;
    Ok(all.into_iter().collect())
}

/// All that is asked, in one round trip.
const LOOK: &str = r#"
id -un
uname -s -r -m
for tool in sha256sum tar setsid cmp ln sync; do command -v "$tool" >/dev/null 2>&1 || echo "lacks $tool"; done
[ -r "/proc/$$/stat" ] && [ -r /proc/sys/kernel/random/boot_id ] || echo lacks /proc
[ -d "$HOME" ] && [ -w "$HOME" ] || echo lacks home
"#;

/// The look is a handful of calls.
const LIMIT: Duration = Duration::from_secs(20);

async fn look_at(link: &Link, sudo: bool) -> Result<Seen, HostError> {
    let output = link.run(&Command::new("sh", LIMIT).args(["-c", LOOK])).await?;
    let text = output.stdout.text();
    let mut lines = text.lines();
    let mut next = || lines.next().unwrap_or("unknown").to_owned();
    let (user, system) = (next(), next());
    let mut lacks: Vec<String> = lines
        .filter_map(|line| line.strip_prefix("lacks "))
        .map(lack)
        .collect();
    if output.ended != Ended::Code(0) && lacks.is_empty() {
        lacks.push(format!("a whole answer: {}", output.complaint()));
    }
    let mut sudo_refused = false;
    if sudo && let Err(error) = link.run(&Command::new("true", LIMIT).sudo(Sudo::Root)).await {
        sudo_refused = true;
        lacks.push(format!("sudo: {} ({})", error.trouble, error.code()));
    }
    Ok(Seen {
        user,
        system,
        lacks,
        sudo_refused,
    })
}

/// What is missing, and what for.
fn lack(what: &str) -> String {
    let needed = match what {
        "sha256sum" => "files are not put without a check of their digest",
        "tar" => "folders cannot be put",
        "home" => return "a home that can be written: long commands cannot be started".to_owned(),
        "setsid" => "long commands stay in the session that started them",
        _ => "long commands cannot be started",
    };
    format!("{what}: {needed}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish() -> Wish {
        Wish {
            user: Some("flink".to_owned()),
            port: None,
            config: None,
            login: Duration::from_secs(1),
            sudo: false,
        }
    }

    #[test]
    fn names_are_hosts_or_refused() {
        assert_eq!(way("h1", &wish()).unwrap().to_string(), "flink@h1");
        assert_eq!(way("me@h1", &wish()).unwrap().to_string(), "me@h1");
        for bad in ["", "-oProxyCommand=id", "a b", "me@", "@h", "h;id"] {
            assert!(way(bad, &wish()).is_err(), "{bad:?}");
        }
    }
}
