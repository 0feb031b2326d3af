//! The system file of an Alluxio cluster: its tables, what their keys mean, and the declaration that they make.

use std::path::PathBuf;

use upshift_model::alluxio::{Client, ClientSwitch, Declaration, Lies, Unpersisted, Way, Writers};
use upshift_model::endpoint::Endpoint;
use upshift_model::host::Host;
use upshift_model::ids::SystemName;
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy};
use upshift_model::span::Millis;
use upshift_model::version::Version;

use super::file::{ObjectsTable, WaiveTable};
use super::host::{HostTable, hosts};
use super::problem::{Problem, Problems};
use super::read::{At, Node, Reader, Value};
use super::resolve::{objects, waiver};
use super::section::{SectionDoc, section};
use super::value::{Argument, Name, Url};
use crate::codes;

/// `kind = "alluxio"`, which decides that the file is read by these tables.
pub(super) const KIND: &str = "alluxio";

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
    /// One file describes one Alluxio cluster.
    ClusterTable at "top level" {
        /// What kind of system it is.
        required kind: Kind,
        /// The name under which upshift speaks of it.
        required name: Name,
        /// Where masters answer over HTTP (`alluxio.master.web.port`): all of them.
        required masters: At<Vec<Url>>,
        /// The release that runs. What masters answer is compared with it.
        required current: Version,
        /// The release that is wanted.
        required target: Version,
        /// Where the release that runs lies on every host: the folder with `bin` and `conf`.
        required home: PathBuf,
        /// The same of the wanted release, with its configuration. Where it has no `alluxio-site.properties` yet, that of
        /// the release that runs is carried over.
        required target_home: PathBuf,
        /// A folder for upshift's own backups, on the masters' hosts, for nobody else: not in the journal, not in a tier,
        /// not where daily backups are kept.
        required backups: At<PathBuf>,
        /// How the new release gets the metadata: it reads the old journal, or it starts from a backup. Left out: in
        /// place where the releases allow it.
        optional way: Way,
        /// What becomes of files that exist in workers only: they stay there, since workers are not formatted; or the
        /// upgrade does not begin; or they are persisted before the backup is taken.
        fallback("\"keep\"" => Unpersisted::Keep) unpersisted: Unpersisted,
        /// A folder on the workers' hosts, outside of their tiers, that the tiers are copied to while workers are stopped,
        /// and put back from where blocks are gone before they start. Left out: tiers stay where they are.
        optional save_tiers: PathBuf,
        /// Whether workers are formatted before the wanted release starts them: all that lies in their tiers is given up,
        /// and the plan names it by worker and tier. Only a change of how blocks are stored asks for it. Files that are
        /// in workers only must be persisted before.
        fallback("false" => false) format_workers: bool,
        /// Words behind `worker` when workers are started: how their RAM disk is mounted. Mounting anew empties it.
        fallback("[\"NoMount\"]" => vec![Argument("NoMount".to_owned())]) worker_options: Vec<Argument>,
        /// The log that the wanted release's master writes. Left out: `logs/master.log` in its home.
        optional master_log: PathBuf,
        /// Programs that stop and start whoever writes. Left out: you see to it, and upshift watches.
        optional writers: At<WritersTable>,
        /// How long everything must hold before a person is asked to accept.
        fallback("\"1m\"" => Millis::from_secs(60)) soak: Millis,
        /// What happens when a gate fails.
        fallback("\"ask\"" => OnFailedGate::Ask) on_failed_gate: OnFailedGate,
        /// How mounted S3 stores are looked at. Left out: as `AWS_…` in the environment says.
        optional objects: At<ObjectsTable>,
        /// A host that servers run on. Left out: they run on this machine.
        fallback("none" => Vec::new()) host: Vec<HostTable>,
        /// Where the two releases lie on a host where they lie otherwise than on the others.
        fallback("none" => Vec::new()) place: Vec<PlaceTable>,
        /// An application with a client of Alluxio, as far as you know of them.
        fallback("none" => Vec::new()) client: Vec<ClientTable>,
        /// A finding that is accepted, with a reason.
        fallback("none" => Vec::new()) waive: Vec<WaiveTable>,
    }
}

section! {
    /// Whoever writes to the cluster. Programs are started as they stand here, no shell reads them; each must be
    /// harmless when it is run again.
    WritersTable at "[writers]" {
        /// Stops them, and ends with 0 when they are stopped.
        required stop: Vec<Argument>,
        /// Starts them again.
        required start: Vec<Argument>,
    }
}

section! {
    /// Where the two releases lie on a host where they lie otherwise than on the others.
    PlaceTable at "[[place]]" {
        /// The name of a `[[host]]`.
        required host: At<Name>,
        /// Where the release that runs lies there.
        required home: PathBuf,
        /// Where the wanted one lies there.
        required target_home: PathBuf,
        /// The log that the wanted release's master writes there. Left out: `logs/master.log` in its home.
        optional master_log: PathBuf,
    }
}

section! {
    /// An application with a client of Alluxio. Clients of 1.x and servers of 2.x do not understand each other.
    ClientTable at "[[client]]" {
        /// What you call it.
        required name: Name,
        /// The release of its client.
        required version: Version,
        /// How it gets the wanted release's client. Left out: you see to it.
        optional switch: At<SwitchTable>,
    }
}

section! {
    /// Programs that give an application another client. They are started as they stand here, no shell reads them; each
    /// must be harmless when it is run again. The application is stopped by `[writers]`, or by you.
    SwitchTable at "[client.switch]" {
        /// Puts the wanted release's client on its class path.
        required class_path: Vec<Argument>,
        /// Puts the client of before there again: for the way back.
        required class_path_back: Vec<Argument>,
        /// Starts it again.
        required restart: Vec<Argument>,
        /// A part of the command line of its Java processes, by which they are found on the hosts.
        required process: Argument,
    }
}

/// Every table of the file, in the order of the reference.
pub(super) const SECTIONS: &[SectionDoc] = &[
    ClusterTable::SECTION,
    WritersTable::SECTION,
    HostTable::SECTION,
    PlaceTable::SECTION,
    ClientTable::SECTION,
    SwitchTable::SECTION,
    ObjectsTable::SECTION,
    WaiveTable::SECTION,
];

/// The declaration that the tables make.
pub(super) fn resolve(table: ClusterTable, problems: &Problems) -> Option<Declaration> {
    let Kind = table.kind;
    let At { it: masters, span } = table.masters;
    if masters.is_empty() {
        problems.add(
            Problem::new(codes::WRONG_VALUE, span, "masters names no master")
                .expected("the address of every master's web port, such as http://m1:19999"),
        );
        return None;
    }
    let backups = folder(table.backups, problems)?;
    let writers = match table.writers {
        None => None,
        Some(At { it, span }) if it.stop.is_empty() || it.start.is_empty() => {
            problems.add(
                Problem::new(codes::WRONG_VALUE, span, "[writers] names no program")
                    .expected("a program and its arguments under stop and under start"),
            );
            return None;
        }
        Some(At { it, .. }) => Some(Writers {
            stop: plain(it.stop),
            start: plain(it.start),
        }),
    };
    let client = |client: ClientTable| Client {
        name: client.name.0,
        version: client.version,
        switch: client.switch.and_then(|table| switch(table, problems)),
    };
    let log = table.master_log;
    let hosts = hosts(table.host, problems);
    let elsewhere = elsewhere(table.place, &hosts, problems);
    Some(Declaration {
        name: SystemName::new(table.name.0),
        masters: masters.into_iter().map(|url| Endpoint::plain(url.0)).collect(),
        current: table.current,
        target: table.target,
        master_log: log.unwrap_or_else(|| table.target_home.join("logs/master.log")),
        home: table.home,
        target_home: table.target_home,
        objects: objects(table.objects, problems)?,
        backups,
        way: table.way,
        unpersisted: table.unpersisted,
        hosts,
        elsewhere,
        writers,
        save_tiers: table.save_tiers,
        format_workers: table.format_workers,
        worker_options: plain(table.worker_options),
        clients: table.client.into_iter().map(client).collect(),
        soak: table.soak,
        policy: Policy {
            on_failed_gate: table.on_failed_gate,
            on_lane_failure: OnLaneFailure::All,
            replay_limit: Millis::ZERO,
            max_downtime: None,
            keep_restore_points: None,
            notify: Vec::new(),
        },
        waivers: table
            .waive
            .into_iter()
            .map(|waive| waiver(waive, problems))
            .collect(),
    })
}

/// Backups are written to the masters' own disks and copied from there: a store is no place for them.
fn folder(At { it, span }: At<PathBuf>, problems: &Problems) -> Option<PathBuf> {
    let text = it.to_string_lossy();
    let scheme = text.find(":/").map(|at| &text[..at]);
    let scheme = scheme.and_then(|text| text.rsplit('/').next());
    match scheme {
        Some(scheme) if !scheme.is_empty() => {
            problems.add(
                Problem::new(
                    codes::WRONG_VALUE,
                    span,
                    format!("backups is in a store ({scheme}:), where the masters' backups are not written to"),
                )
                .expected(
                    "a folder on the masters' hosts, such as /var/lib/upshift/lake: the backup is written there, proven, \
                     and copied to every master",
                ),
            );
            None
        }
        _ => Some(it),
    }
}

fn elsewhere(tables: Vec<PlaceTable>, hosts: &[Host], problems: &Problems) -> Vec<Lies> {
    let one = |table: PlaceTable| {
        let At { it: Name(host), span } = table.host;
        if !hosts.iter().any(|named| named.name == host) {
            problems.add(
                Problem::new(codes::WRONG_VALUE, span, format!("no [[host]] is named {host}"))
                    .expected("the name of one of the hosts"),
            );
        }
        let log = table.master_log;
        Lies {
            host,
            master_log: log.unwrap_or_else(|| table.target_home.join("logs/master.log")),
            home: table.home,
            target_home: table.target_home,
        }
    };
    tables.into_iter().map(one).collect()
}

/// Programs without a word are no programs.
fn switch(At { it, span }: At<SwitchTable>, problems: &Problems) -> Option<ClientSwitch> {
    let programs = [&it.class_path, &it.class_path_back, &it.restart];
    if programs.into_iter().any(Vec::is_empty) || it.process.0.is_empty() {
        problems.add(
            Problem::new(codes::WRONG_VALUE, span, "switch names no program, or no process").expected(
                "a program and its arguments under each key, and a part of a command line under process",
            ),
        );
        return None;
    }
    Some(ClientSwitch {
        class_path: plain(it.class_path),
        class_path_back: plain(it.class_path_back),
        restart: plain(it.restart),
        process: it.process.0,
    })
}

fn plain(words: Vec<Argument>) -> Vec<String> {
    words.into_iter().map(|word| word.0).collect()
}
