//! The system file of a WEKA cluster: its table, what its keys mean, and the declaration that they make.

use std::path::PathBuf;

use upshift_model::host::Ssh;
use upshift_model::ids::SystemName;
use upshift_model::span::Millis;
use upshift_model::version::Version;
use upshift_model::weka::Declaration;

use super::file::WaiveTable;
use super::problem::{Problem, Problems};
use super::read::{At, Node, Reader, Value};
use super::resolve::waiver;
use super::section::{SectionDoc, section};
use super::value::Name;
use crate::codes;

/// `kind = "weka"`, which decides that the file is read by this table.
pub(super) const KIND: &str = "weka";

/// The word itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind;

impl Value for Kind {
    fn expected() -> String {
        format!("{KIND:?}")
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        match node.value.as_str() {
            Some(KIND) => Some(Self),
            _ => reader.wrong_type::<Self, _>(node),
        }
    }
}

section! {
    /// One file describes one WEKA cluster.
    WekaTable at "top level" {
        /// What kind of system it is.
        required kind: Kind,
        /// The name under which upshift speaks of it.
        required name: Name,
        /// Backends that are asked about the cluster, in this order; the first that answers is believed. All servers of
        /// the cluster are reached by their addresses, over your own ssh.
        required entry: At<Vec<String>>,
        /// Another file than `~/.ssh/config`.
        optional ssh_config: PathBuf,
        /// Whom to log in as, if not whom the configuration of ssh names.
        optional ssh_user: String,
        /// All that is asked of one server may take so long; then the report goes on without it.
        fallback("\"45s\"" => Millis::from_secs(45)) server_deadline: Millis,
        /// The release that runs. What the cluster answers is compared with it.
        required current: Version,
        /// The release that is wanted.
        required target: Version,
        /// Whether clients are looked at, too.
        fallback("false" => false) clients: bool,
        /// `client-target-version` of other clusters whose filesystems the same clients mount.
        fallback("none" => Vec::new()) other_client_targets: Vec<String>,
        /// A finding that is accepted, with a reason.
        fallback("none" => Vec::new()) waive: Vec<WaiveTable>,
    }
}

/// Every table of the file, in the order of the reference.
pub(super) const SECTIONS: &[SectionDoc] = &[WekaTable::SECTION, WaiveTable::SECTION];

/// The declaration that the table makes.
pub(super) fn resolve(table: WekaTable, problems: &Problems) -> Option<Declaration> {
    let Kind = table.kind;
    let At { it: entry, span } = table.entry;
    let wrong = match entry.is_empty() {
        true => Some("entry names no backend".to_owned()),
        false => entry
            .iter()
            .find_map(|host| Ssh::new(host.as_str()).err())
            .map(|error| format!("entry: {error}")),
    };
    if let Some(what) = wrong {
        problems.add(
            Problem::new(codes::WRONG_VALUE, span, what)
                .expected("names or addresses of backends, as ssh takes them"),
        );
        return None;
    }
    Some(Declaration {
        name: SystemName::new(table.name.0),
        entry,
        ssh_config: table.ssh_config,
        ssh_user: table.ssh_user,
        server_deadline: table.server_deadline,
        current: table.current,
        target: table.target,
        clients: table.clients,
        other_client_targets: table.other_client_targets,
        waivers: table
            .waive
            .into_iter()
            .map(|waive| waiver(waive, problems))
            .collect(),
    })
}
