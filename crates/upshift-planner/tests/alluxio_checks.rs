//! Checks of Alluxio clusters: every code, provoked; beside them, its plans.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use upshift_model::alluxio::{
    Client, Declaration, Facts, HostFacts, JournalKind, JournalPlace, Master, MasterAnswer, MountedStore,
    OptionLine, Process, Role, RootStore, StoreFolder, THIS_MACHINE, TierFolder, Unpersisted,
    UnpersistedFile, Way, Worker,
};
use upshift_model::digest::Digest;
use upshift_model::endpoint::Endpoint;
use upshift_model::finding::{Finding, FindingState, Severity};
use upshift_model::ids::Code;
use upshift_model::objects::ObjectAccess;
use upshift_model::observed::Observed;
use upshift_model::plan::InventoryStamp;
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy};
use upshift_model::span::Millis;
use upshift_model::waiver::Waiver;
use upshift_planner::knowledge::Library;
use upshift_planner::systems::alluxio::checks;
use upshift_planner::systems::alluxio::codes::*;
use upshift_planner::systems::alluxio::situation::Situation;
use upshift_planner::systems::alluxio::way::way;

#[path = "alluxio_plan/back.rs"]
mod back;
#[path = "alluxio_plan/hosts.rs"]
mod hosts;
#[path = "alluxio_plan/kept.rs"]
mod kept;
#[path = "alluxio_plan/plans.rs"]
mod plans;

/// Read once: it is the whole catalogue.
static LIBRARY: LazyLock<Library> = LazyLock::new(Library::builtin);

struct World {
    declaration: Declaration,
    facts: Facts,
}

fn lines(all: &[(&str, &str)]) -> BTreeMap<String, OptionLine> {
    let line = |(at, (key, value)): (usize, &(&str, &str))| {
        let line = u32::try_from(at + 1).expect("few lines");
        let value = (*value).to_owned();
        ((*key).to_owned(), OptionLine { value, line })
    };
    all.iter().enumerate().map(line).collect()
}

const SITE: [(&str, &str); 4] = [
    ("alluxio.master.mount.table.root.ufs", "/srv/ufs"),
    ("alluxio.master.journal.type", "UFS"),
    ("alluxio.master.hostname", "localhost"),
    ("alluxio.master.journal.folder", "/srv/journal"),
];

/// A folder beside which there is room.
const PLACE: JournalPlace = JournalPlace {
    is_mount: false,
    is_writable: true,
    free_kib: 1_000_000,
};

impl World {
    /// A healthy cluster of one master and one worker.
    fn new(current: &str, target: &str) -> Self {
        let text = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
            pairs.iter().map(own).collect()
        };
        let master = Master {
            version: current.to_owned(),
            started_ms: 0,
            mounts: BTreeMap::from([("/".to_owned(), store("/srv/ufs"))]),
            workers: vec![worker("In Service")],
            lost_workers: Vec::new(),
            paths: Observed::Known(15),
            writes: BTreeMap::new(),
            restored: None,
            options: text(&[
                ("alluxio.master.journal.folder", "/srv/journal"),
                ("alluxio.master.journal.type", "UFS"),
                ("alluxio.master.backup.directory", "/srv/daily"),
            ]),
        };
        Self {
            declaration: declaration(current, target),
            facts: Facts {
                masters: vec![MasterAnswer {
                    address: "http://127.0.0.1:19999".to_owned(),
                    told: Observed::Known(master),
                }],
                hosts: vec![host(current, target)],
                quorum: None,
                unpersisted: Some(Observed::Known(Vec::new())),
                stores: BTreeMap::new(),
            },
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn host(&mut self) -> &mut HostFacts {
        &mut self.facts.hosts[0]
    }

    fn master(&mut self) -> &mut Master {
        match &mut self.facts.masters[0].told {
            Observed::Known(master) => master,
            Observed::Unknown(_) => panic!("it answers"),
        }
    }

    fn ask<T>(&self, ask: impl FnOnce(&Situation<'_>) -> T) -> T {
        let now: jiff::Timestamp = "2026-11-27T12:00:00Z".parse().expect("a time");
        let stamp = InventoryStamp {
            taken_at: now,
            digest: Digest::zero(),
        };
        let today = "2026-11-27".parse().expect("a day");
        let situation =
            Situation::new(&self.declaration, &self.facts, &LIBRARY, (today, now), stamp).expect("versions");
        ask(&situation)
    }

    fn findings(&self) -> Vec<Finding> {
        self.ask(checks::findings)
    }

    /// The finding of a code, which is there once.
    fn one(&self, code: &Code) -> Finding {
        let mut found = self.findings().into_iter();
        found
            .find(|finding| finding.code == *code)
            .unwrap_or_else(|| panic!("{code} is asked"))
    }

    /// Every code that is not plainly green.
    fn said(&self) -> Vec<String> {
        let bad = self
            .findings()
            .into_iter()
            .filter(|f| f.judged() != Some(Severity::Green));
        bad.map(|finding| finding.code.to_string()).collect()
    }
}

fn host(current: &str, target: &str) -> HostFacts {
    let process = |pid, role| Process {
        pid,
        started_ticks: 7,
        role,
        home: Some("/opt/old".into()),
        releases: Vec::new(),
    };
    HostFacts {
        name: THIS_MACHINE.to_owned(),
        processes: Observed::Known(vec![process(10, Role::Master), process(11, Role::Worker)]),
        clients: Observed::Known(Vec::new()),
        home: Observed::Known(current.to_owned()),
        target_home: Observed::Known(target.to_owned()),
        java: Observed::Known(11),
        site: Observed::Known(lines(&SITE)),
        target_site: Observed::Known(lines(&SITE)),
        site_sha256: Observed::Known(Digest::zero()),
        other_secrets: BTreeSet::new(),
        journal: Observed::Known(JournalKind::UnderStore),
        journal_kib: Observed::Known(1_000),
        journal_place: Observed::Known(PLACE),
        conf: Observed::Known(BTreeMap::new()),
        target_conf: Observed::Known(BTreeMap::new()),
        room_kib: Observed::Known(1_000_000),
        tiers: Observed::Known(vec![TierFolder {
            path: "/mnt/ramdisk/alluxioworker".into(),
            blocks: 10,
            kib: 7_000,
            file_system: "tmpfs".to_owned(),
        }]),
        root_store: Some(Observed::Known(RootStore {
            path: "/srv/ufs".into(),
            device: 1,
            names: 5,
        })),
        stores: Observed::Known(Vec::new()),
    }
}

fn declaration(current: &str, target: &str) -> Declaration {
    Declaration {
        name: "lake".into(),
        masters: vec![Endpoint::plain("http://127.0.0.1:19999")],
        current: current.parse().expect("a version"),
        target: target.parse().expect("a version"),
        home: "/opt/old".into(),
        target_home: "/opt/new".into(),
        objects: ObjectAccess::default(),
        backups: "/srv/upshift".into(),
        way: None,
        unpersisted: Unpersisted::Keep,
        hosts: Vec::new(),
        elsewhere: Vec::new(),
        writers: None,
        save_tiers: None,
        format_workers: false,
        worker_options: vec!["NoMount".to_owned()],
        master_log: "/opt/new/logs/master.log".into(),
        clients: vec![Client {
            name: "spark".to_owned(),
            version: target.parse().expect("a version"),
            switch: None,
        }],
        soak: Millis::from_secs(1),
        policy: Policy {
            on_failed_gate: OnFailedGate::Ask,
            on_lane_failure: OnLaneFailure::All,
            replay_limit: Millis::ZERO,
            max_downtime: None,
            keep_restore_points: None,
            notify: Vec::new(),
        },
        waivers: Vec::new(),
    }
}

fn store(ufs: &str) -> MountedStore {
    MountedStore {
        ufs: ufs.to_owned(),
        kind: "local".to_owned(),
        read_only: false,
        shared: false,
        capacity: 1,
        options: BTreeMap::new(),
    }
}

fn worker(state: &str) -> Worker {
    Worker {
        host: "w1".to_owned(),
        port: 29_999,
        state: state.to_owned(),
        silent_secs: Some(1),
        tiers: BTreeMap::from([("MEM".to_owned(), (5, 10))]),
        blocks: Some(10),
    }
}

fn severity(finding: &Finding) -> (Severity, bool) {
    match &finding.state {
        FindingState::Judged { severity, waivable } => (*severity, *waivable),
        FindingState::Unknown { .. } => panic!("{} is unknown", finding.code),
    }
}

fn may_hide(finding: &Finding) -> Severity {
    match &finding.state {
        FindingState::Unknown { may_hide, .. } => *may_hide,
        FindingState::Judged { .. } => panic!("{} is judged: {}", finding.code, finding.title),
    }
}

const REFUSED: (Severity, bool) = (Severity::Red, false);
const RED: (Severity, bool) = (Severity::Red, true);
const YELLOW: (Severity, bool) = (Severity::Yellow, true);
const GREEN: (Severity, bool) = (Severity::Green, false);

#[test]
fn a_healthy_cluster_is_told_what_every_upgrade_means_and_nothing_else() {
    let in_place = World::new("2.7.3", "2.9.6");
    let said = in_place.said();
    for code in [&EXPIRY, &DEFAULT_ACCESS] {
        assert!(said.contains(&code.to_string()), "{code}: {said:?}");
    }
    assert!(!in_place.findings().iter().any(Finding::blocks));
    assert_eq!(in_place.ask(|s| way(s).way), Way::InPlace);

    let by_backup = World::new("1.8.1", "2.9.6");
    let said = by_backup.said();
    for code in [&REWRITE, &ROOT_SYNC, &EXPIRY] {
        assert!(said.contains(&code.to_string()), "{code}: {said:?}");
    }
    assert!(!said.contains(&DEFAULT_ACCESS.to_string()), "{said:?}");
    let blocking: Vec<Finding> = by_backup.findings().into_iter().filter(Finding::blocks).collect();
    assert_eq!(blocking, []);
    assert_eq!(by_backup.ask(|s| way(s).way), Way::Backup);
}

#[test]
fn the_pair_of_releases_decides_whether_and_by_which_way() {
    let one = |from: &str, to: &str, code: &Code| severity(&World::new(from, to).one(code));
    assert_eq!(one("2.9.6", "313", &HOP), REFUSED);
    assert_eq!(one("1.8.0", "2.9.6", &HOP), REFUSED);
    assert_eq!(one("1.8.0", "2.9.6", &BACKED_UP), REFUSED);
    assert_eq!(one("1.8.1", "2.9.6", &BACKED_UP), GREEN);
    let against = World::new("1.8.1", "2.9.6").with(|w| w.declaration.way = Some(Way::InPlace));
    assert_eq!(severity(&against.one(&WAY)), REFUSED);
    let wished = World::new("2.7.3", "2.9.6").with(|w| w.declaration.way = Some(Way::Backup));
    assert_eq!(wished.ask(|s| way(s).way), Way::Backup);
    assert_eq!(severity(&wished.one(&ROOT_SYNC)), YELLOW);
    let blind = World::new("2.7.3", "2.9.6").with(|w| {
        w.host().journal = Observed::unknown("the journal", "closed");
        w.master().options.remove("alluxio.master.journal.type");
    });
    assert_eq!(may_hide(&blind.one(&WAY)), Severity::Red);
    assert!(
        World::new("2.7.3", "2.9.6")
            .findings()
            .iter()
            .any(|finding| finding.code == CHANGES)
    );
}

#[test]
fn an_embedded_journal_of_2_3_is_told_by_its_folder_and_goes_by_a_backup_only() {
    let world = World::new("2.3.0", "2.5.0").with(|w| {
        w.host().journal = Observed::Known(JournalKind::Copycat);
        w.master()
            .options
            .insert("alluxio.master.journal.type".to_owned(), "EMBEDDED".to_owned());
    });
    let chosen = world.ask(way);
    assert_eq!((chosen.way, chosen.forced), (Way::Backup, true));
    let world = world.with(|w| w.declaration.way = Some(Way::InPlace));
    assert_eq!(severity(&world.one(&WAY)), REFUSED);
    // The same releases with a journal in the under-store go in place.
    assert_eq!(World::new("2.3.0", "2.5.0").ask(|s| way(s).way), Way::InPlace);
}

#[test]
fn binaries_that_were_replaced_already_are_too_late_for_a_backup() {
    let replaced = World::new("2.7.3", "2.9.6").with(|w| w.host().home = Observed::Known("2.9.6".to_owned()));
    assert_eq!(severity(&replaced.one(&BINARIES)), REFUSED);
    let unseen = World::new("2.7.3", "2.9.6").with(|w| w.host().home = Observed::unknown("it", "no bin"));
    assert_eq!(may_hide(&unseen.one(&BINARIES)), Severity::Red);
    let other =
        World::new("2.7.3", "2.9.6").with(|w| w.host().target_home = Observed::Known("2.9.0".to_owned()));
    assert_eq!(severity(&other.one(&TARGET_HOME)), REFUSED);
    let same = World::new("2.7.3", "2.9.6").with(|w| w.declaration.target_home = "/opt/old".into());
    assert_eq!(severity(&same.one(&TARGET_HOME)), REFUSED);
    let runs = World::new("2.7.3", "2.9.6").with(|w| w.master().version = "2.6.2".to_owned());
    assert_eq!(severity(&runs.one(&RELEASE)), REFUSED);
    let mixed = World::new("2.7.3", "2.9.6").with(|w| {
        let mut other = w.facts.masters[0].clone();
        if let Observed::Known(master) = &mut other.told {
            master.version = "2.6.2".to_owned();
        }
        w.facts.masters.push(other);
    });
    assert_eq!(severity(&mixed.one(&RELEASE)), REFUSED);
    let java = World::new("2.7.3", "2.9.6").with(|w| w.host().java = Observed::Known(17));
    assert_eq!(severity(&java.one(&JAVA)), RED);
}

#[test]
fn what_runs_is_held_against_what_is_named() {
    let silent = World::new("2.7.3", "2.9.6").with(|w| {
        w.facts.masters[0].told = Observed::unknown("the master", "connection refused");
    });
    for code in [&MASTERS, &RELEASE, &WORKERS, &ROOT_MOUNT, &UNDER_STORES] {
        assert_eq!(may_hide(&silent.one(code)), Severity::Red, "{code}");
    }
    let gone = World::new("2.7.3", "2.9.6").with(|w| w.host().processes = Observed::Known(Vec::new()));
    assert_eq!(severity(&gone.one(&MASTERS)), RED);
    let lost = World::new("2.7.3", "2.9.6").with(|w| w.master().lost_workers.push("w2".to_owned()));
    assert_eq!(severity(&lost.one(&WORKERS)), RED);
    let leaving = World::new("2.7.3", "2.9.6").with(|w| w.master().workers = vec![worker("Decommissioned")]);
    assert_eq!(severity(&leaving.one(&WORKERS)), RED);
    let active = World::new("2.9.3", "2.9.6").with(|w| w.master().workers = vec![worker("ACTIVE")]);
    assert_eq!(severity(&active.one(&WORKERS)), GREEN);
    let proxy = World::new("2.7.3", "2.9.6").with(|w| {
        if let Observed::Known(all) = &mut w.host().processes {
            let mut proxy = all[0].clone();
            proxy.role = Role::Proxy;
            all.push(proxy);
        }
    });
    assert!(!proxy.one(&OTHERS).evidence.is_empty());
}

#[test]
fn the_journal_on_disk_is_held_against_the_configuration() {
    let with = |kind, said: &str| {
        let said = said.to_owned();
        World::new("2.7.3", "2.9.6").with(move |w| {
            w.host().journal = Observed::Known(kind);
            w.master()
                .options
                .insert("alluxio.master.journal.type".to_owned(), said);
        })
    };
    assert_eq!(
        severity(&with(JournalKind::UnderStore, "UFS").one(&JOURNAL)),
        GREEN
    );
    assert_eq!(
        severity(&with(JournalKind::Ratis, "EMBEDDED").one(&JOURNAL)),
        GREEN
    );
    let untold = World::new("2.7.3", "2.9.6").with(|w| {
        w.master().options.remove("alluxio.master.journal.type");
    });
    for code in [&JOURNAL, &JOURNAL_TYPE] {
        assert_eq!(
            may_hide(&untold.one(code)),
            Severity::Red,
            "{code}: it is not taken for UFS"
        );
    }
    for (kind, said) in [
        (JournalKind::UnderStore, "EMBEDDED"),
        (JournalKind::Ratis, "UFS"),
        (JournalKind::Foreign, "UFS"),
        (JournalKind::Empty, "UFS"),
    ] {
        assert_eq!(
            severity(&with(kind, said).one(&JOURNAL)),
            REFUSED,
            "{kind:?} {said}"
        );
    }
}

#[test]
fn the_configuration_of_the_wanted_release_is_read_key_by_key() {
    let site = |all: &[(&str, &str)]| {
        let all = lines(all);
        World::new("1.8.1", "2.9.6").with(|w| w.host().target_site = Observed::Known(all))
    };
    let no_type = site(&SITE[..1]);
    assert_eq!(severity(&no_type.one(&JOURNAL_TYPE)), YELLOW);
    let other_type = site(&[SITE[0], ("alluxio.master.journal.type", "EMBEDDED")]);
    assert_eq!(severity(&other_type.one(&JOURNAL_TYPE)), REFUSED);
    let other_root = site(&[("alluxio.master.mount.table.root.ufs", "/srv/other"), SITE[1]]);
    assert_eq!(severity(&other_root.one(&ROOT_MOUNT)), REFUSED);
    let no_root = site(&SITE[1..]);
    assert_eq!(severity(&no_root.one(&ROOT_MOUNT)), REFUSED);
    let misspelt = site(&[
        SITE[0],
        SITE[1],
        ("alluxio.worker.data.port", "1"),
        ("alluxio.no.such", "2"),
    ]);
    let keys: Vec<String> = misspelt
        .findings()
        .into_iter()
        .filter(|finding| finding.code == UNREAD_KEY)
        .map(|finding| finding.subject)
        .collect();
    assert_eq!(
        keys,
        ["option alluxio.no.such", "option alluxio.worker.data.port"]
    );
    let off = site(&[
        SITE[0],
        SITE[1],
        ("alluxio.master.journal.sync.root.after.init.from.backup", "false"),
    ]);
    assert_eq!(severity(&off.one(&ROOT_SYNC)), GREEN);
    let defaults = World::new("2.5.0", "2.9.6").one(&DEFAULTS);
    assert!(
        defaults
            .evidence
            .iter()
            .any(|line| line.starts_with("alluxio.master.metastore:")),
        "{defaults:?}"
    );
}

#[test]
fn backups_have_a_folder_of_their_own_with_room_that_every_master_reads() {
    let at = |folder: &str| {
        let folder = folder.to_owned();
        World::new("2.7.3", "2.9.6").with(|w| w.declaration.backups = folder.into())
    };
    for folder in [
        "/srv/journal/x",
        "/mnt/ramdisk/alluxioworker/x",
        "/mnt/ramdisk/x",
        "/srv/daily",
    ] {
        assert_eq!(severity(&at(folder).one(&BACKUPS)), REFUSED, "{folder}");
    }
    assert_eq!(severity(&at("/srv/ufs/backups").one(&BACKUPS)), YELLOW);
    let full = World::new("2.7.3", "2.9.6").with(|w| w.host().room_kib = Observed::Known(1_999));
    assert_eq!(severity(&full.one(&BACKUPS)), RED);
    let several = World::new("2.7.3", "2.9.6").with(|w| {
        let host = |name: &str| upshift_model::host::Host {
            name: name.to_owned(),
            reach: upshift_model::host::Reach::Ssh(upshift_model::host::Ssh::new(name).expect("a host")),
        };
        w.declaration.hosts = vec![host("m1"), host("m2")];
        w.declaration.masters.push(Endpoint::plain("http://m2:19999"));
    });
    let copied = several.one(&READABLE);
    assert_eq!(severity(&copied), GREEN);
    assert!(copied.evidence[0].contains("2 masters"), "{copied:?}");
}

#[test]
fn stores_files_and_clients() {
    let empty = World::new("2.7.3", "2.9.6").with(|w| {
        w.host().root_store = Some(Observed::Known(RootStore {
            path: "/srv/ufs".into(),
            device: 1,
            names: 0,
        }));
    });
    assert_eq!(severity(&empty.one(&UNDER_STORES)), RED);
    let cached = World::new("2.7.3", "2.9.6").with(|w| {
        w.facts.unpersisted = Some(Observed::Known(vec![UnpersistedFile {
            path: "/cache only".to_owned(),
            bytes: 700,
        }]));
    });
    let finding = cached.one(&UNPERSISTED);
    assert_eq!(severity(&finding), YELLOW);
    assert_eq!(
        finding.evidence,
        ["1 files with 700 bytes", "/cache only with 700 bytes"]
    );
    let refuse = cached.with(|w| w.declaration.unpersisted = Unpersisted::Refuse);
    assert_eq!(severity(&refuse.one(&UNPERSISTED)), RED);
    let cache = World::new("1.8.1", "2.9.6").one(&CACHE);
    assert!(
        cache.evidence.iter().any(|line| line.contains("saves nothing")),
        "{cache:?}"
    );

    let old = |version: &str, target: &str, from: &str| {
        let version = version.parse().expect("a version");
        World::new(from, target).with(|w| w.declaration.clients[0].version = version)
    };
    assert_eq!(severity(&old("1.8.1", "2.9.6", "1.8.1").one(&CLIENTS)), YELLOW);
    assert_eq!(severity(&old("1.8.1", "2.9.6", "2.7.3").one(&CLIENTS)), RED);
    assert_eq!(severity(&old("2.7.3", "2.9.6", "2.7.3").one(&CLIENTS)), GREEN);
    let nobody = World::new("2.7.3", "2.9.6").with(|w| w.declaration.clients.clear());
    assert_eq!(may_hide(&nobody.one(&CLIENTS)), Severity::Yellow);
}

#[test]
fn a_tier_that_a_worker_counts_on_and_that_holds_nothing_is_red() {
    let tier = |change: fn(&mut TierFolder)| {
        let world = World::new("2.7.3", "2.9.6").with(|w| {
            if let Observed::Known(tiers) = &mut w.host().tiers {
                change(&mut tiers[0]);
            }
        });
        world.one(&CACHE)
    };
    assert_eq!(severity(&tier(|_| ())), GREEN);
    let empty = tier(|tier| tier.blocks = 0);
    assert_eq!(severity(&empty), RED);
    assert!(
        empty
            .evidence
            .iter()
            .any(|line| line.contains("10 blocks, 0 files")),
        "{empty:?}"
    );
    let absent = tier(|tier| tier.file_system = "absent".to_owned());
    assert_eq!(severity(&absent), RED);
    let closed =
        World::new("2.7.3", "2.9.6").with(|w| w.host().tiers = Observed::unknown("the tiers", "closed"));
    assert_eq!(may_hide(&closed.one(&CACHE)), Severity::Yellow);
}

#[test]
fn every_mount_is_looked_at_and_one_that_cannot_be_is_never_green() {
    let mounts = |path: &str, ufs: &str| {
        World::new("2.7.3", "2.9.6").with(|w| {
            w.master().mounts.insert(path.to_owned(), store(ufs));
        })
    };
    let folder = |names: Option<u64>| {
        let seen = StoreFolder {
            path: "/srv/other".into(),
            names,
        };
        mounts("/mnt", "file:///srv/other/").with(|w| w.host().stores = Observed::Known(vec![seen]))
    };
    assert_eq!(severity(&folder(Some(3)).one(&MOUNTED)), GREEN);
    assert_eq!(severity(&folder(Some(0)).one(&MOUNTED)), YELLOW);
    assert_eq!(severity(&folder(None).one(&MOUNTED)), RED);
    // One that nobody told of is none that is there.
    assert_eq!(severity(&mounts("/mnt", "/srv/other").one(&MOUNTED)), RED);
    let unseen = folder(Some(3)).with(|w| w.host().stores = Observed::unknown("folders", "closed"));
    assert_eq!(may_hide(&unseen.one(&MOUNTED)), Severity::Yellow);
    let bucket = |seen: Option<Observed<bool>>| {
        mounts("/s3", "s3://bucket/lake").with(|w| {
            w.facts.stores = seen.into_iter().map(|seen| ("/s3".to_owned(), seen)).collect();
        })
    };
    assert_eq!(
        severity(&bucket(Some(Observed::Known(true))).one(&MOUNTED)),
        GREEN
    );
    assert_eq!(
        severity(&bucket(Some(Observed::Known(false))).one(&MOUNTED)),
        YELLOW
    );
    let denied = Observed::unknown("the store of /s3", "the credentials were refused");
    assert_eq!(may_hide(&bucket(Some(denied)).one(&MOUNTED)), Severity::Yellow);
    assert_eq!(may_hide(&bucket(None).one(&MOUNTED)), Severity::Yellow);
    // The root, too, where it is no folder.
    let root = World::new("2.7.3", "2.9.6").with(|w| {
        w.host().root_store = None;
        w.master().mounts.insert("/".to_owned(), store("s3://lake/root"));
    });
    assert_eq!(may_hide(&root.one(&UNDER_STORES)), Severity::Yellow);
    let seen = root.with(|w| w.facts.stores = BTreeMap::from([("/".to_owned(), Observed::Known(true))]));
    assert_eq!(severity(&seen.one(&UNDER_STORES)), GREEN);
}

#[test]
fn a_waiver_that_names_nothing_is_told() {
    let world = World::new("2.7.3", "2.9.6").with(|w| {
        w.declaration.waivers.push(Waiver {
            code: JAVA,
            subject: "nothing".to_owned(),
            reason: "because".to_owned(),
            by: None,
            ticket: None,
            until: None,
        });
    });
    assert_eq!(severity(&world.one(&IDLE_WAIVER)), YELLOW);
}
