//! The system file of a Fluss cluster: its table, what its keys mean, and the declaration that they make.

use std::path::{Component, Path, PathBuf};

use upshift_model::endpoint::SecretRef;
use upshift_model::fluss::{
    Access, Client, Declaration, DeclaredServer, Identity, Login, ServerId, Staged, Switch, Tiering, Tls,
};
use upshift_model::ids::SystemName;
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy};
use upshift_model::probe::Probe;
use upshift_model::span::Millis;
use upshift_model::version::Version;

use super::file::{AuthTable, BasicTable, EndpointTable, ExpectTable, ProbeTable, WaiveTable};
use super::host::{HostTable, hosts};
use super::problem::{Problem, Problems};
use super::read::{At, Node, Reader, Value};
use super::resolve::{probe, unique, waiver};
use super::section::{SectionDoc, section};
use super::value::{Argument, Name, Sha256};
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
        /// Who logs in to ZooKeeper. Left out: it does not ask.
        optional zookeeper_login: LoginTable,
        /// How connections to ZooKeeper are encrypted. Left out: they are not.
        optional zookeeper_tls: TlsTable,
        /// The release that runs. What servers answer is compared with it.
        required current: Version,
        /// The release that is wanted.
        required target: Version,
        /// Where the wanted release lies on every host: the folder with `lib`. Left out: not looked at.
        optional target_home: PathBuf,
        /// `JAVA_HOME` that the wanted release will run with. Left out: that of the user who is logged in there.
        optional java_home: PathBuf,
        /// A server that upshift replaces. With any, every server of the cluster must be named; without, upshift looks
        /// and judges, and somebody else replaces them.
        fallback("none" => Vec::new()) server: Vec<ServerTable>,
        /// The folder that a copy of the cluster's metadata is written into before the first change. Needed with
        /// servers.
        optional evidence: PathBuf,
        /// How long everything must hold, after all servers were replaced, before a person is asked to accept.
        fallback("\"1m\"" => Millis::from_secs(60)) soak: Millis,
        /// Whether leaders are spread over all tablet servers at the end, where the wanted release can (0.9 on). They do
        /// not move back by themselves.
        fallback("true" => true) spread_leaders: bool,
        /// Questions of your own: whether your applications go on. Asked after every server, before the next one goes,
        /// and all through the soak.
        fallback("none" => Vec::new()) probe: Vec<ProbeTable>,
        /// What happens when a gate fails.
        fallback("\"ask\"" => OnFailedGate::Ask) on_failed_gate: OnFailedGate,
        /// A host that servers run on. Left out: they run on this machine.
        fallback("none" => Vec::new()) host: Vec<HostTable>,
        /// An application that reads or writes, as far as you know of them.
        fallback("none" => Vec::new()) client: Vec<ClientTable>,
        /// Programs that stop and start the tiering service. Left out: you see to it, and the plan says when.
        optional tiering: At<TieringTable>,
        /// Something that is brought to every host of a server before the first one is stopped: the wanted release, jars
        /// of lakes and plugins.
        fallback("none" => Vec::new()) stage: Vec<At<StageTable>>,
        /// A finding that is accepted, with a reason.
        fallback("none" => Vec::new()) waive: Vec<WaiveTable>,
    }
}

section! {
    /// A user of ZooKeeper, by SASL with DIGEST-MD5. One who may read everything below the root is enough. ZooKeeper with
    /// Kerberos is not spoken to.
    LoginTable at "[zookeeper_login]" {
        /// The user's name.
        required user: String,
        /// Reference to the password.
        required password: SecretRef,
    }
}

section! {
    /// ZooKeeper's secure port, whose certificate must name the host as `zookeeper` does.
    TlsTable at "[zookeeper_tls]" {
        /// PEM file of the authority that ZooKeeper's certificates are of; no other is trusted then. Left out: those that
        /// the system trusts.
        optional ca: PathBuf,
        /// PEM file of the certificate that upshift shows, where ZooKeeper wants to see one (`ssl.clientAuth`).
        optional certificate: At<PathBuf>,
        /// PEM file of its private key.
        optional key: At<PathBuf>,
    }
}

section! {
    /// A server that upshift stops and starts. Its process is known by its folder of configuration, and stopped by its
    /// pid; programs are started as they stand here, no shell reads them.
    ServerTable at "[[server]]" {
        /// Its `tablet-server.id`. Left out: the coordinator.
        optional tablet_server: i32,
        /// The folder with its `server.yaml`, as `--configDir` on its command line names it.
        required conf: PathBuf,
        /// The same of the wanted release. Left out: the same folder, and both releases read one file.
        optional target_conf: PathBuf,
        /// Starts the release that runs, for the way back: the program and its arguments. It may stay in the foreground
        /// or leave a process behind.
        required start: At<Vec<Argument>>,
        /// Starts the wanted release.
        required target_start: At<Vec<Argument>>,
    }
}

section! {
    /// An application that reads or writes. No server tells which clients it has: each of them says that it is
    /// `fluss 0.1.0`. Clients of some releases hang after a server was restarted.
    ClientTable at "[[client]]" {
        /// What you call it.
        required name: Name,
        /// The release of its client.
        required version: Version,
        /// How it gets another one. Left out: you see to it.
        optional switch: At<SwitchTable>,
    }
}

section! {
    /// Programs that give an application another client and start it again. They are run on this machine as they stand
    /// here, no shell reads them; each must be harmless when it is run again.
    SwitchTable at "[client.switch]" {
        /// The release of its client from then on. One of 1.0 is given before the first server goes, where the one of
        /// before may hang; any other after the last one.
        required version: Version,
        /// Gives it, and ends with 0 when the application goes on.
        required program: Vec<Argument>,
        /// The same with the client of before: for the way back.
        required program_back: Vec<Argument>,
    }
}

section! {
    /// The tiering service, a job of Flink's. Programs are run on this machine as they stand here, no shell reads them;
    /// each must be harmless when it is run again.
    TieringTable at "[tiering]" {
        /// Stops it, and ends with 0 when it is stopped.
        required stop: Vec<Argument>,
        /// Starts the one of the release that runs: for the way back.
        required start: Vec<Argument>,
        /// Starts the one of the wanted release.
        required target_start: Vec<Argument>,
    }
}

section! {
    /// A file of this machine that the wanted release needs. It is held against its digest here and there, and nothing
    /// that lies there already is replaced.
    StageTable at "[[stage]]" {
        /// The file on this machine.
        required from: PathBuf,
        /// Where it is to lie on every host, below `target_home`: `plugins/paimon/paimon-bundle.jar`. Left out: it is an
        /// archive (`.tgz`) of the wanted release, which becomes `target_home`.
        optional to: String,
        /// Its SHA-256.
        required sha256: Sha256,
    }
}

/// Every table of the file, in the order of the reference.
pub(super) const SECTIONS: &[SectionDoc] = &[
    FlussTable::SECTION,
    LoginTable::SECTION,
    TlsTable::SECTION,
    ServerTable::SECTION,
    HostTable::SECTION,
    ClientTable::SECTION,
    SwitchTable::SECTION,
    TieringTable::SECTION,
    StageTable::SECTION,
    ProbeTable::SECTION,
    EndpointTable::SECTION,
    AuthTable::SECTION,
    BasicTable::SECTION,
    ExpectTable::SECTION,
    WaiveTable::SECTION,
];

/// Whether this says where ZooKeeper answers: `HOST:PORT`, several with commas between them.
pub fn are_servers(zookeeper: &str) -> bool {
    let is_server = |server: &str| {
        let port = server
            .trim()
            .rsplit_once(':')
            .map(|(host, port)| (host.is_empty(), port.parse::<u16>()));
        matches!(port, Some((false, Ok(_))))
    };
    zookeeper.split(',').all(is_server)
}

/// The declaration that the table makes.
pub(super) fn resolve(table: FlussTable, problems: &Problems) -> Option<Declaration> {
    let Kind = table.kind;
    let At { it: zookeeper, span } = table.zookeeper;
    if !are_servers(&zookeeper) {
        problems.add(
            Problem::new(codes::WRONG_VALUE, span, format!("zookeeper is {zookeeper:?}"))
                .expected("HOST:PORT, several with commas between them; the root has a key of its own"),
        );
        return None;
    }
    let access = access(table.zookeeper_login, table.zookeeper_tls, problems)?;
    let servers = servers(table.server, problems)?;
    if !servers.is_empty() && table.evidence.is_none() {
        problems.add(
            Problem::new(
                codes::CONTRADICTION,
                span,
                "servers are named, and no folder for the evidence",
            )
            .expected(
                "evidence = \"…\", a folder on this machine that a copy of the metadata is written into",
            ),
        );
        return None;
    }
    Some(Declaration {
        name: SystemName::new(table.name.0),
        zookeeper,
        root: table.root,
        access,
        current: table.current,
        target: table.target,
        tiering: table.tiering.and_then(|table| tiering(table, problems)),
        staged: staged(table.stage, table.target_home.as_deref(), problems),
        target_home: table.target_home,
        java_home: table.java_home,
        servers,
        evidence: table.evidence,
        soak: table.soak,
        probes: probes(table.probe, problems),
        spread_leaders: table.spread_leaders,
        policy: Policy {
            on_failed_gate: table.on_failed_gate,
            on_lane_failure: OnLaneFailure::All,
            replay_limit: Millis::ZERO,
            max_downtime: None,
            keep_restore_points: None,
            notify: Vec::new(),
        },
        hosts: hosts(table.host, problems),
        clients: clients(table.client, problems),
        waivers: table
            .waive
            .into_iter()
            .map(|waive| waiver(waive, problems))
            .collect(),
    })
}

fn staged(tables: Vec<At<StageTable>>, home: Option<&Path>, problems: &Problems) -> Vec<Staged> {
    let mut all: Vec<Staged> = Vec::new();
    for At { it, span } in tables {
        let Some(home) = home else {
            let problem = Problem::new(
                codes::CONTRADICTION,
                span,
                "something is staged, and no target_home is named",
            );
            problems.add(
                problem.expected(
                    "target_home = \"…\", where the wanted release lies or is to lie on every host",
                ),
            );
            continue;
        };
        let is_below = |to: &str| {
            let parts = Path::new(to).components();
            let mut parts = parts.peekable();
            parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
        };
        if it.to.as_deref().is_some_and(|to| !is_below(to)) {
            let problem = Problem::new(codes::WRONG_VALUE, span, "to is no path below target_home");
            problems.add(problem.expected("such as plugins/paimon/paimon-bundle.jar"));
            continue;
        }
        let to = it.to.as_ref().map_or_else(|| home.to_owned(), |to| home.join(to));
        if all.iter().any(|one| one.to == to) {
            let what = format!("{} is staged twice", to.display());
            problems
                .add(Problem::new(codes::CONTRADICTION, span, what).expected("one [[stage]] for each place"));
            continue;
        }
        all.push(Staged {
            from: it.from,
            archive: it.to.is_none(),
            to,
            sha256: it.sha256.0,
        });
    }
    // The release first: jars lie in it.
    all.sort_by_key(|one| !one.archive);
    all
}

fn access(login: Option<LoginTable>, tls: Option<TlsTable>, problems: &Problems) -> Option<Access> {
    let login = login.map(|login| Login {
        user: login.user,
        password: login.password,
    });
    let Some(TlsTable { ca, certificate, key }) = tls else {
        return Some(Access { login, tls: None });
    };
    let identity = match (certificate, key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some(Identity {
            certificate: certificate.it,
            key: key.it,
        }),
        (Some(At { span, .. }), None) | (None, Some(At { span, .. })) => {
            problems.add(
                Problem::new(
                    codes::CONTRADICTION,
                    span,
                    "a certificate and its key go together, and only one of them is named",
                )
                .expected("certificate = \"…\" and key = \"…\", or neither"),
            );
            return None;
        }
    };
    let tls = Some(Tls { ca, identity });
    Some(Access { login, tls })
}

fn clients(tables: Vec<ClientTable>, problems: &Problems) -> Vec<Client> {
    let client = |table: ClientTable| Client {
        name: table.name.0,
        version: table.version,
        switch: table.switch.and_then(|table| switch(table, problems)),
    };
    tables.into_iter().map(client).collect()
}

/// Programs without a word are no programs.
fn switch(At { it, span }: At<SwitchTable>, problems: &Problems) -> Option<Switch> {
    let programs = are_programs("switch", [&it.program, &it.program_back], span, problems);
    programs.then(|| Switch {
        version: it.version,
        program: words(it.program),
        program_back: words(it.program_back),
    })
}

fn tiering(At { it, span }: At<TieringTable>, problems: &Problems) -> Option<Tiering> {
    let programs = are_programs("tiering", [&it.stop, &it.start, &it.target_start], span, problems);
    programs.then(|| Tiering {
        stop: words(it.stop),
        start: words(it.start),
        target_start: words(it.target_start),
    })
}

fn are_programs<const N: usize>(
    of: &str,
    programs: [&Vec<Argument>; N],
    span: std::ops::Range<usize>,
    problems: &Problems,
) -> bool {
    let fine = programs.into_iter().all(|program| !program.is_empty());
    if !fine {
        problems.add(
            Problem::new(codes::WRONG_VALUE, span, format!("{of} names no program"))
                .expected("a program and its arguments under each key"),
        );
    }
    fine
}

fn words(words: Vec<Argument>) -> Vec<String> {
    words.into_iter().map(|word| word.0).collect()
}

fn probes(tables: Vec<ProbeTable>, problems: &Problems) -> Vec<(String, Probe)> {
    unique("probe", tables.iter().map(|probe| &probe.name), problems);
    tables
        .into_iter()
        .filter_map(|table| probe(table, problems))
        .collect()
}

fn servers(tables: Vec<ServerTable>, problems: &Problems) -> Option<Vec<DeclaredServer>> {
    let mut servers: Vec<DeclaredServer> = Vec::new();
    let mut fine = true;
    for table in tables {
        let At { it: start, span } = table.start;
        let At { it: target_start, .. } = table.target_start;
        let id = table
            .tablet_server
            .map_or(ServerId::Coordinator, ServerId::TabletServer);
        let (start, target_start) = (words(start), words(target_start));
        if start.is_empty() || target_start.is_empty() {
            fine = false;
            problems.add(
                Problem::new(
                    codes::WRONG_VALUE,
                    span.clone(),
                    format!("{id} is started by no program"),
                )
                .expected("a program and its arguments"),
            );
        }
        if servers.iter().any(|known| known.id == id) {
            fine = false;
            problems.add(
                Problem::new(codes::CONTRADICTION, span, format!("{id} is named twice"))
                    .expected("one [[server]] for each server"),
            );
        }
        servers.push(DeclaredServer {
            id,
            target_conf: table.target_conf.unwrap_or_else(|| table.conf.clone()),
            conf: table.conf,
            start,
            target_start,
        });
    }
    fine.then_some(servers)
}
