//! The system file of a WEKA cluster: its table, what its keys mean, and the declaration that they make.

use std::path::PathBuf;

use upshift_model::endpoint::{Endpoint, SecretRef};
use upshift_model::host::Ssh;
use upshift_model::ids::SystemName;
use upshift_model::span::Millis;
use upshift_model::version::Version;
use upshift_model::weka::{ClientWay, Declaration, Fate, Rest, Source, TaskRule, Window};

use super::file::WaiveTable;
use super::problem::{Problem, Problems};
use super::read::{At, Node, Reader, Value};
use super::resolve::waiver;
use super::section::{SectionDoc, section};
use super::value::{Name, Url};
use crate::codes;

/// `kind = "weka"`, which decides that the file is read by this table.
pub(super) const KIND: &str = "weka";

/// The vendor's site for packages.
const VENDOR: &str = "get.weka.io";

/// What becomes of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// It is waited for.
    Wait,
    /// It is paused.
    Pause,
    /// It is given up.
    Abort,
    /// What it makes is deleted.
    Delete,
}

impl Value for Window {
    fn expected() -> String {
        "a part of the day in UTC such as \"22:00-04:00\"".to_owned()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let Some(text) = node.value.as_str() else {
            return reader.wrong_type::<Self, _>(node);
        };
        let minute = |text: &str| {
            let (hour, minute) = text.split_once(':')?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (hour < 24 && minute < 60).then_some(hour * 60 + minute)
        };
        let ends = text.split_once('-');
        let ends = ends.and_then(|(from, to)| Some((minute(from.trim())?, minute(to.trim())?)));
        match ends.filter(|(from, to)| from != to) {
            Some((from, to)) => Some(Self { from, to }),
            None => reader.wrong_value::<Self, _>(node, &format!("{text:?}")),
        }
    }
}

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
        /// Whether clients go in batches of the vendor's command, or one by one, by commands on each.
        fallback("\"batches\"" => ClientWay::Batches) clients_by: ClientWay,
        /// Clients that are left alone, by their names in the cluster.
        fallback("none" => Vec::new()) leave_clients: Vec<String>,
        /// Clients are begun within this part of the day only; what was begun goes on past its end.
        optional client_window: Window,
        /// Where packages come from, as `weka version get --from` takes it. Left out: where the cluster asks by itself.
        /// A token has no place here: `get_token` refers to it.
        optional get_from: At<String>,
        /// Reference to the token of the vendor's site, which packages are then fetched from: `get.weka.io`, or the host
        /// that `get_from` names.
        optional get_token: SecretRef,
        /// A folder on this machine with `weka-RELEASE.tar` of every release on the way: it is copied to the backend and
        /// installed there.
        optional get_tar: At<PathBuf>,
        /// Whether the package goes to all backends ahead of the upgrade, which is shorter by it.
        fallback("false" => false) distribute: bool,
        /// So long everything must hold before an upgrade, between its parts, and before a person is asked to accept.
        fallback("\"10s\"" => Millis::from_secs(10)) hold: Millis,
        /// Without any progress for so long while something is waited for, that is said with what is known.
        fallback("\"30m\"" => Millis::from_secs(1800)) no_progress: Millis,
        /// `client-target-version` of other clusters whose filesystems the same clients mount.
        fallback("none" => Vec::new()) other_client_targets: Vec<String>,
        /// What becomes of background tasks of a type. Left out: those that an upgrade does not start beside keep it from
        /// being begun.
        fallback("none" => Vec::new()) task: Vec<At<TaskTable>>,
        /// A finding that is accepted, with a reason.
        fallback("none" => Vec::new()) waive: Vec<WaiveTable>,
    }
}

section! {
    /// What becomes of background tasks of a type, before the first hop.
    TaskTable at "[[task]]" {
        /// The type, as `weka cluster task` lists it.
        required kind: String,
        /// They are waited for, paused until the upgrade is over, or given up; or what they make is deleted, which is how
        /// a download is given up.
        required action: Action,
        /// With `delete`: the filesystem, or the one of the snapshot. Naming it is the consent; a task that is not seen to
        /// make it is left alone.
        optional filesystem: String,
        /// With `delete`: the snapshot. Left out: the whole filesystem is deleted.
        optional snapshot: String,
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
pub(super) const SECTIONS: &[SectionDoc] = &[
    WekaTable::SECTION,
    RestTable::SECTION,
    TaskTable::SECTION,
    WaiveTable::SECTION,
];

/// The declaration that the table makes.
pub(super) fn resolve(table: WekaTable, problems: &Problems) -> Option<Declaration> {
    let Kind = table.kind;
    let source = source((table.get_from, table.get_token, table.get_tar), problems)?;
    let tasks = table.task.into_iter().map(|rule| task(rule, problems));
    let tasks = tasks.collect::<Option<Vec<_>>>()?;
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
        client_way: table.clients_by,
        leave_clients: table.leave_clients,
        client_window: table.client_window,
        source,
        distribute: table.distribute,
        tasks,
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

/// Where packages come from: one of three ways.
fn source(
    (from, token, tar): (Option<At<String>>, Option<SecretRef>, Option<At<PathBuf>>),
    problems: &Problems,
) -> Option<Source> {
    let from = get_from(from, problems)?;
    match (from, token, tar) {
        (from, None, None) => Some(Source::Server { from }),
        (from, Some(token), None) => Some(Source::Vendor {
            site: from.unwrap_or_else(|| VENDOR.to_owned()),
            token,
        }),
        (None, None, Some(tar)) => Some(Source::Tar { folder: tar.it }),
        (_, _, Some(At { span, .. })) => {
            problems.add(
                Problem::new(
                    codes::WRONG_VALUE,
                    span,
                    "get_tar stands beside another place that packages come from",
                )
                .expected("get_tar alone, or get_from and get_token without it"),
            );
            None
        }
    }
}

/// What becomes of tasks of a type, where that is documented for it.
fn task(At { it: table, span }: At<TaskTable>, problems: &Problems) -> Option<TaskRule> {
    let TaskTable {
        kind,
        action,
        filesystem,
        snapshot,
    } = table;
    let downloads = kind.starts_with("STOW_DOWNLOAD");
    // The documentation lets these end or be given up; whether an upgrade starts beside a paused one it does not say.
    let stopping = ["STOW_", "FILESYSTEM_SQUASH", "SNAPSHOT_PREFETCH"];
    let stopping = stopping.iter().any(|begin| kind.starts_with(begin));
    let named = filesystem.is_some() || snapshot.is_some();
    let fate = match (action, filesystem) {
        (Action::Wait, None) if !named => Ok(Fate::Wait),
        (Action::Pause, None) if !named && !stopping => Ok(Fate::Pause),
        (Action::Abort, None) if !named && !downloads => Ok(Fate::Abort),
        (Action::Delete, Some(filesystem)) if downloads => Ok(Fate::Delete { filesystem, snapshot }),
        (Action::Pause, _) if stopping => Err("an upgrade is not known to start beside one that is paused"),
        (Action::Abort, _) if downloads => {
            Err("a download is given up by deleting what it makes, and not by abort")
        }
        (Action::Delete, None) => Err("delete does not name what is deleted"),
        (Action::Delete, Some(_)) => Err("only a download is given up by deleting what it makes"),
        (Action::Wait | Action::Pause | Action::Abort, _) => {
            Err("only delete names a filesystem or a snapshot")
        }
    };
    match fate {
        Ok(fate) => Some(TaskRule { kind, fate }),
        Err(why) => {
            let what = format!("[[task]] of {kind}: {why}");
            problems.add(Problem::new(codes::WRONG_VALUE, span, what).expected(
                "wait; pause for what an upgrade starts beside; abort but for downloads; delete with filesystem, and snapshot, \
                 for downloads",
            ));
            None
        }
    }
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
        .expected("HOST:PORT or a URL without a token; get_token refers to the token"),
    );
    None
}
