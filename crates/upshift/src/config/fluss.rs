//! The system file of a Fluss cluster: its table, what its keys mean, and the declaration that they make.

use std::path::PathBuf;

use upshift_model::fluss::Declaration;
use upshift_model::ids::SystemName;
use upshift_model::version::Version;

use super::file::WaiveTable;
use super::problem::{Problem, Problems};
use super::read::{At, Node, Reader, Value};
use super::resolve::waiver;
use super::section::{SectionDoc, section};
use super::value::Name;
use crate::codes;

/// `kind = "fluss"`, which decides that the file is read by this table.
pub(super) const KIND: &str = "fluss";

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
    /// One file describes one Fluss cluster.
    FlussTable at "top level" {
        /// What kind of system it is.
        required kind: Kind,
        /// The name under which upshift speaks of it.
        required name: Name,
        /// Where its ZooKeeper answers: `HOST:PORT`, several with commas between them. It is only read.
        required zookeeper: At<String>,
        /// The cluster's root in ZooKeeper (`zookeeper.path.root`).
        fallback("\"/fluss\"" => "/fluss".to_owned()) root: String,
        /// The release that runs. What servers answer is compared with it.
        required current: Version,
        /// The release that is wanted.
        required target: Version,
        /// Where the wanted release lies on this machine: the folder with `lib`. Left out: not looked at.
        optional target_home: PathBuf,
        /// `JAVA_HOME` that the wanted release will run with. Left out: that of this user.
        optional java_home: PathBuf,
        /// A finding that is accepted, with a reason.
        fallback("none" => Vec::new()) waive: Vec<WaiveTable>,
    }
}

/// Every table of the file, in the order of the reference.
pub(super) const SECTIONS: &[SectionDoc] = &[FlussTable::SECTION, WaiveTable::SECTION];

/// The declaration that the table makes.
pub(super) fn resolve(table: FlussTable, problems: &Problems) -> Option<Declaration> {
    let Kind = table.kind;
    let At { it: zookeeper, span } = table.zookeeper;
    let is_server = |server: &str| {
        let port = server
            .trim()
            .rsplit_once(':')
            .map(|(host, port)| (host.is_empty(), port.parse::<u16>()));
        matches!(port, Some((false, Ok(_))))
    };
    if !zookeeper.split(',').all(is_server) {
        problems.add(
            Problem::new(codes::WRONG_VALUE, span, format!("zookeeper is {zookeeper:?}"))
                .expected("HOST:PORT, several with commas between them; the root has a key of its own"),
        );
        return None;
    }
    Some(Declaration {
        name: SystemName::new(table.name.0),
        zookeeper,
        root: table.root,
        current: table.current,
        target: table.target,
        target_home: table.target_home,
        java_home: table.java_home,
        waivers: table
            .waive
            .into_iter()
            .map(|waive| waiver(waive, problems))
            .collect(),
    })
}
