//! `[[host]]`: a machine that a system's servers run on, and the way to it.

use std::ops::Range;
use std::path::PathBuf;

use upshift_model::host::{Host, NotForSsh, Reach, Ssh};

use super::problem::{Problem, Problems};
use super::read::At;
use super::section::section;
use super::value::Name;
use crate::codes;

section! {
    /// A host that servers run on. It is reached through the system's own `ssh`, with your configuration, agent and
    /// known hosts; `upshift hosts` tries the way.
    HostTable at "[[host]]" {
        /// What upshift calls it.
        required name: At<Name>,
        /// A name, an address, or an alias of your `ssh_config`. Left out: its name.
        optional address: At<String>,
        /// It is this machine: no ssh.
        fallback("false" => false) local: bool,
        /// The user to log in as. Left out: that of your `ssh_config`.
        optional user: At<String>,
        /// The port. Left out: that of your `ssh_config`.
        optional port: u16,
        /// Another file than `~/.ssh/config`.
        optional ssh_config: PathBuf,
    }
}

/// The hosts that the tables name.
pub(super) fn hosts(tables: Vec<HostTable>, problems: &Problems) -> Vec<Host> {
    let mut hosts: Vec<Host> = Vec::new();
    for table in tables {
        let name = table.name.it.0.clone();
        if hosts.iter().any(|host| host.name == name) {
            problems.add(
                Problem::new(
                    codes::WRONG_VALUE,
                    table.name.span.clone(),
                    format!("two hosts are named {name}"),
                )
                .expected("a name of its own for each host"),
            );
        }
        let reach = match table.local {
            true => Some(Reach::Local),
            false => way(table, problems).map(Reach::Ssh),
        };
        hosts.extend(reach.map(|reach| Host { name, reach }));
    }
    hosts
}

/// The way to a host, word by word as ssh may be given it.
fn way(table: HostTable, problems: &Problems) -> Option<Ssh> {
    let refuse = |span: Range<usize>, error: &NotForSsh| {
        problems
            .add(Problem::new(codes::WRONG_VALUE, span, format!("{:?}", error.word)).expected(error.what));
    };
    let (address, span) = match table.address {
        Some(At { it, span }) => (it, span),
        None => (table.name.it.0, table.name.span),
    };
    let mut way = Ssh::new(address).map_err(|error| refuse(span, &error)).ok()?;
    if let Some(At { it, span }) = table.user {
        way = way.user(it).map_err(|error| refuse(span, &error)).ok()?;
    }
    if let Some(port) = table.port {
        way = way.port(port);
    }
    if let Some(file) = table.ssh_config {
        way = way.config(file);
    }
    Some(way)
}
