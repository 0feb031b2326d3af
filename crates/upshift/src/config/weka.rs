//! The system file of a WEKA cluster: its table, what its keys mean, and the declaration that they make.

use std::path::PathBuf;

use upshift_model::endpoint::{Endpoint, SecretRef};
use upshift_model::host::Ssh;
use upshift_model::ids::SystemName;
use upshift_model::span::Millis;
use upshift_model::version::Version;
use upshift_model::weka::{Declaration, Rest};

use super::file::WaiveTable;
use super::problem::{Problem, Problems};
use super::read::{At, Node, Reader, Value};
use super::resolve::waiver;
use super::section::{SectionDoc, section};
use super::value::{Name, Url};
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
        /// The REST interface. What it lists is read over it and not over the command line, which is asked for the rest.
        optional rest: RestTable,
        /// All that is asked of one server may take so long; then the report goes on without it.
        fallback("\"45s\"" => Millis::from_secs(45)) server_deadline: Millis,
        /// The release that runs. What the cluster answers is compared with it.
        required current: Version,
        /// The release that is wanted.
        required target: Version,
        /// Whether clients are looked at, too, and upgraded after each hop of the backends.
        fallback("false" => false) clients: bool,
        /// So many clients are upgraded at a time.
        fallback("1" => 1) client_batch: u32,
        /// Where packages come from, as `weka version get --from` takes it. Left out: where the cluster asks by itself.
        /// A token has no place here: give it to the cluster's own distribution server.
        optional get_from: At<String>,
        /// So long everything must hold before an upgrade, between its parts, and before a person is asked to accept.
        fallback("\"10s\"" => Millis::from_secs(10)) hold: Millis,
        /// Without any progress for so long while something is waited for, that is said with what is known.
        fallback("\"30m\"" => Millis::from_secs(1800)) no_progress: Millis,
        /// `client-target-version` of other clusters whose filesystems the same clients mount.
        fallback("none" => Vec::new()) other_client_targets: Vec<String>,
        /// A finding that is accepted, with a reason.
        fallback("none" => Vec::new()) waive: Vec<WaiveTable>,
    }
}

section! {
    /// The REST interface of the cluster.
    RestTable at "[rest]" {
        /// Where it answers: `https://be1.example.com:14000`.
        required url: Url,
        /// PEM file of a certificate authority to trust beside the system's own.
        optional ca: PathBuf,
        /// Who logs in. A user who may only read is enough.
        required user: String,
        /// Reference to the password.
        required password: SecretRef,
        /// The organization that is logged in to. Left out: the root one.
        optional organization: String,
    }
}

/// Every table of the file, in the order of the reference.
pub(super) const SECTIONS: &[SectionDoc] = &[WekaTable::SECTION, RestTable::SECTION, WaiveTable::SECTION];

/// The declaration that the table makes.
pub(super) fn resolve(table: WekaTable, problems: &Problems) -> Option<Declaration> {
    let Kind = table.kind;
    let get_from = get_from(table.get_from, problems)?;
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
        rest: table.rest.map(|rest| Rest {
            endpoint: Endpoint {
                ca: rest.ca,
                ..Endpoint::plain(rest.url.0.trim_end_matches('/'))
            },
            user: rest.user,
            password: rest.password,
            organization: rest.organization,
        }),
        server_deadline: table.server_deadline,
        current: table.current,
        target: table.target,
        clients: table.clients,
        client_batch: table.client_batch,
        get_from,
        hold: table.hold,
        no_progress: table.no_progress,
        other_client_targets: table.other_client_targets,
        waivers: table
            .waive
            .into_iter()
            .map(|waive| waiver(waive, problems))
            .collect(),
    })
}

/// What is written into plans and shown: never with a token in it.
fn get_from(from: Option<At<String>>, problems: &Problems) -> Option<Option<String>> {
    let Some(At { it: from, span }) = from else {
        return Some(None);
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || ":/.-_[]".contains(c);
    if !from.is_empty() && !from.starts_with('-') && from.chars().all(plain) {
        return Some(Some(from));
    }
    problems.add(
        Problem::new(
            codes::WRONG_VALUE,
            span,
            "get_from is no plain address (not shown)",
        )
        .expected(
            "HOST:PORT or a URL without a token; put the package on the backend by hand where it takes one",
        ),
    );
    None
}
