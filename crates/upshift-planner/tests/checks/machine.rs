//! The machine: Java, installations, jars, configuration, probes.

use upshift_model::flink::{
    Archive, ArchiveFacts, ConfEntry, FlinkArtifact, HomeFacts, JavaFacts, MissingReference, ProbeExpect,
};
use upshift_model::observed::Observed::{self, Known};
use upshift_planner::systems::flink::codes;

use crate::cases::Outcome::{Blind, Dim, Green, Red, Refused, Yellow};
use crate::cases::{Case, check};
use crate::support::{JAR, World};

fn jar(world: &mut World) -> &mut upshift_model::flink::JarFacts {
    match world.facts.host.jars.get_mut(std::path::Path::new(JAR)) {
        Some(Known(jar)) => jar,
        other => panic!("{other:?}"),
    }
}

fn java(world: &mut World, feature: u32) {
    world.facts.host.target_java = Known(JavaFacts {
        feature,
        path: "/usr/bin/java".into(),
    });
}

/// The target's home is not there; an archive is.
fn archived() -> World {
    let mut world = World::in_place();
    world.facts.host.target_home = Some(Observed::unknown("/srv/flink-1.20.5", "no such directory"));
    let uri = "file:///srv/dist/flink-1.20.5.tgz".to_owned();
    world.target().archive = Some(Archive {
        uri,
        sha512: "9c1f".repeat(32),
    });
    let seen = ArchiveFacts {
        bytes: 480_000_000,
        sha512: "9C1F".repeat(32),
    };
    world.facts.host.target_archive = Some(Known(seen));
    world
}

fn entry(world: &mut World, key: &str, value: &str) {
    let line = u32::try_from(world.conf().entries.len()).expect("few") + 1;
    world.conf().entries.push(ConfEntry {
        key: key.into(),
        value: value.into(),
        line,
    });
}

const JAVA_OF_THE_TARGET: &[Case] = &[
    Case {
        story: "Java 8 for 2.0",
        code: codes::JAVA,
        outcome: Red,
        evidence: "Java 8",
        start: World::in_place,
        change: |w| {
            java(w, 8);
            w.target().version = "2.0.2".parse().expect("a version");
        },
    },
    Case {
        story: "no Java was found",
        code: codes::JAVA,
        outcome: Blind,
        evidence: "java: not found",
        start: World::in_place,
        change: |w| w.facts.host.target_java = Observed::unknown("java", "java: not found"),
    },
    Case {
        story: "a jar of Java 21 on Java 17",
        code: codes::CLASS_VERSION,
        outcome: Refused,
        evidence: "highest class file version 65: Java 21",
        start: World::in_place,
        change: |w| jar(w).class_version = Some(65),
    },
];

#[test]
fn java_of_the_target() {
    check(JAVA_OF_THE_TARGET);
}

const INSTALLATIONS: &[Case] = &[
    Case {
        story: "the target's home holds another release",
        code: codes::HOME_VERSION,
        outcome: Refused,
        evidence: "Flink 1.19.3 by its flink-dist jar",
        start: World::in_place,
        change: |w| {
            let version = "1.19.3".parse().expect("a version");
            w.facts.host.target_home = Some(Known(HomeFacts { version }));
        },
    },
    Case {
        story: "no home and no archive",
        code: codes::HOME_ABSENT,
        outcome: Refused,
        evidence: "no such directory",
        start: archived,
        change: |w| w.target().archive = None,
    },
    Case {
        story: "the archive is the right one, its digest written in other letters",
        code: codes::ARCHIVE_DIGEST,
        outcome: Green,
        evidence: "480.0 MB",
        start: archived,
        change: |_| {},
    },
    Case {
        story: "the archive is another one",
        code: codes::ARCHIVE_DIGEST,
        outcome: Refused,
        evidence: "expected 0000",
        start: archived,
        change: |w| w.target().archive.as_mut().expect("named").sha512 = "0".repeat(128),
    },
    Case {
        story: "the archive is not there",
        code: codes::ARCHIVE_ABSENT,
        outcome: Refused,
        evidence: "no such file",
        start: archived,
        change: |w| w.facts.host.target_archive = Some(Observed::unknown("archive", "no such file")),
    },
    Case {
        story: "the archive is behind a URL",
        code: codes::ARCHIVE_ABSENT,
        outcome: Dim,
        evidence: "not fetched",
        start: archived,
        change: |w| {
            w.target().archive.as_mut().expect("named").uri = "https://example.org/flink.tgz".into();
            w.facts.host.target_archive = Some(Observed::unknown("archive", "not fetched"));
        },
    },
    Case {
        story: "no room to unpack",
        code: codes::UNPACK_DISK,
        outcome: Red,
        evidence: "960.0 MB wanted",
        start: archived,
        change: |w| w.facts.host.target_home_free = Some(Known(900_000_000)),
    },
    Case {
        story: "the running release's home is gone",
        code: codes::CURRENT_HOME,
        outcome: Yellow,
        evidence: "no such directory",
        start: World::in_place,
        change: |w| {
            w.facts.host.current_home = Some(Observed::unknown("/srv/flink-1.18.1", "no such directory"));
        },
    },
];

#[test]
fn installations() {
    check(INSTALLATIONS);
}

const JARS: &[Case] = &[
    Case {
        story: "the jar is missing",
        code: codes::JAR,
        outcome: Refused,
        evidence: "no such file",
        start: World::in_place,
        change: |w| {
            w.facts
                .host
                .jars
                .insert(JAR.into(), Observed::unknown(JAR, "no such file"));
        },
    },
    Case {
        story: "the entry class is not in it",
        code: codes::ENTRY_CLASS,
        outcome: Refused,
        evidence: "com.example.Orders",
        start: World::in_place,
        change: |w| jar(w).has_entry_class = Some(false),
    },
    Case {
        story: "nothing names an entry class",
        code: codes::ENTRY_CLASS,
        outcome: Refused,
        evidence: "no Main-Class in the manifest",
        start: World::in_place,
        change: |w| w.declared().target.entry_class = None,
    },
    Case {
        story: "Flink is in the jar",
        code: codes::BUNDLED_FLINK,
        outcome: Yellow,
        evidence: "org/apache/flink/streaming/api",
        start: World::in_place,
        change: |w| jar(w).bundles_flink = true,
    },
    Case {
        story: "the running release's jar is gone",
        code: codes::CURRENT_JAR,
        outcome: Yellow,
        evidence: "no such file",
        start: World::in_place,
        change: |w| {
            let old = "/srv/jars/before.jar";
            w.declared().current.jar = old.into();
            w.facts
                .host
                .jars
                .insert(old.into(), Observed::unknown(old, "no such file"));
        },
    },
];

#[test]
fn jars() {
    check(JARS);
}

const CONFIGURATION: &[Case] = &[
    Case {
        story: "the configuration was not found",
        code: codes::CONFIG_ABSENT,
        outcome: Refused,
        evidence: "no flink-conf.yaml",
        start: World::in_place,
        change: |w| {
            w.facts.host.current_conf = Some(Observed::unknown("/srv/old/conf", "no flink-conf.yaml"));
        },
    },
    Case {
        story: "a key comes twice",
        code: codes::CONFIG_DUPLICATE,
        outcome: Yellow,
        evidence: "state.backend.type is set on lines 2, 3 to the same value",
        start: World::in_place,
        change: |w| entry(w, "state.backend.type", "rocksdb"),
    },
    Case {
        story: "a key has another name in the target",
        code: codes::CONFIG_RENAMED,
        outcome: Green,
        evidence: "state.savepoints.dir becomes execution.checkpointing.savepoint-dir",
        start: World::in_place,
        change: |w| entry(w, "state.savepoints.dir", "file:///srv/savepoints"),
    },
    Case {
        story: "a key is gone in 2.x",
        code: codes::CONFIG_REMOVED,
        outcome: Yellow,
        evidence: "cluster.evenly-spread-out-slots",
        start: World::in_place,
        change: |w| {
            entry(w, "cluster.evenly-spread-out-slots", "true");
            w.target().version = "2.3.0".parse().expect("a version");
        },
    },
    Case {
        story: "a value is gone in 2.x",
        code: codes::CONFIG_VALUE,
        outcome: Yellow,
        evidence: "state.backend.type = filesystem becomes hashmap",
        start: World::in_place,
        change: |w| {
            w.conf().entries[1].value = "filesystem".into();
            w.target().version = "2.3.0".parse().expect("a version");
        },
    },
    Case {
        story: "a value is of no use to the target",
        code: codes::CONFIG_VALUE,
        outcome: Red,
        evidence: "resourcemanager.standalone.start-up-time = -1 cannot be read",
        start: World::in_place,
        change: |w| {
            entry(w, "resourcemanager.standalone.start-up-time", "-1");
            w.target().version = "2.3.0".parse().expect("a version");
        },
    },
    Case {
        story: "both main files lie in the folder",
        code: codes::CONFIG_FILES,
        outcome: Yellow,
        evidence: "config.yaml is not read",
        start: World::in_place,
        change: |w| {
            w.facts.source.version = "1.19.3".parse().expect("a version");
            w.conf().files.insert("config.yaml".into());
        },
    },
    Case {
        story: "Java 17 has to be told to open its modules",
        code: codes::JAVA_OPTIONS,
        outcome: Green,
        evidence: "--add-opens/--add-exports",
        start: World::in_place,
        change: |w| java(w, 17),
    },
    Case {
        story: "a value names the old installation",
        code: codes::OLD_HOME_NAMED,
        outcome: Yellow,
        evidence: "/srv/flink-1.18.1/plugins",
        start: World::in_place,
        change: |w| {
            entry(
                w,
                "plugin.classloader.parent-first-patterns.additional",
                "/srv/flink-1.18.1/plugins",
            )
        },
    },
    Case {
        story: "beside the old cluster, a port of the file would be wanted by both",
        code: codes::PORTS,
        outcome: Red,
        evidence: "metrics.internal.query-service.port = 9251 would be wanted by both clusters",
        start: World::shadow,
        change: |w| entry(w, "metrics.internal.query-service.port", "9251"),
    },
    Case {
        story: "nothing is changed that would not be shown",
        code: codes::CONFIG,
        outcome: Green,
        evidence: "flink-conf.yaml becomes config.yaml",
        start: World::in_place,
        change: |_| {},
    },
    Case {
        story: "a key that nobody knows",
        code: codes::CONFIG_UNKNOWN,
        outcome: Yellow,
        evidence: "",
        start: World::in_place,
        change: |w| entry(w, "taskmanager.numberOfTaskSlotz", "4"),
    },
    Case {
        story: "the file was edited after the cluster started",
        code: codes::CONFIG_STALE,
        outcome: Yellow,
        evidence: "taskmanager.numberOfTaskSlots: 8 in the file, 4 in the cluster",
        start: World::in_place,
        change: |w| w.conf().entries[0].value = "8".into(),
    },
    Case {
        story: "the folder for the new configuration holds somebody's files",
        code: codes::TARGET_CONF_DIR,
        outcome: Refused,
        evidence: "flink-conf.yaml",
        start: World::in_place,
        change: |w| {
            let names = ["flink-conf.yaml".to_owned()];
            w.facts.host.target_conf_entries = Some(Known(names.into()));
        },
    },
];

#[test]
fn configuration() {
    check(CONFIGURATION);
}

const PROBES: &[Case] = &[
    Case {
        story: "there is none",
        code: codes::NO_PROBES,
        outcome: Yellow,
        evidence: "",
        start: World::in_place,
        change: |w| w.declaration.probes.clear(),
    },
    Case {
        story: "it gives no answer",
        code: codes::PROBE_BLIND,
        outcome: Blind,
        evidence: "exit code 127",
        start: World::in_place,
        change: |w| {
            let gap = Observed::unknown("probe orders per minute", "exit code 127");
            w.facts.host.probes.insert("orders per minute".into(), gap);
        },
    },
    Case {
        story: "its baseline is no number",
        code: codes::PROBE_FAILS,
        outcome: Red,
        evidence: "answered \"OK\"",
        start: World::in_place,
        change: |w| {
            w.facts
                .host
                .probes
                .insert("orders per minute".into(), Known("OK\n".into()));
        },
    },
    Case {
        story: "it is below what is wanted already",
        code: codes::PROBE_FAILS,
        outcome: Red,
        evidence: "answered \"1212\", expected a number of at least 1500.5",
        start: World::in_place,
        change: |w| w.declaration.probes[0].1.expect = ProbeExpect::AtLeastMilli(1_500_500),
    },
];

#[test]
fn probes() {
    check(PROBES);
}

fn references(world: &mut World) -> &mut upshift_model::flink::JarReferences {
    match world.facts.references.get_mut("orders") {
        Some(Known(seen)) => seen,
        other => panic!("{other:?}"),
    }
}

fn missing(by_job: bool) -> MissingReference {
    MissingReference {
        by_job,
        class: "org.apache.flink.api.java.ExecutionEnvironment".into(),
        member: None,
        by: vec!["com.example.Orders".into()],
        by_all: 3,
        in_opt: None,
    }
}

const REFERENCES: &[Case] = &[
    Case {
        story: "the job's own code refers to what is gone",
        code: codes::REFERENCES,
        outcome: Red,
        evidence: "org.apache.flink.api.java.ExecutionEnvironment is missing: referred to by com.example.Orders and 2 more",
        start: World::in_place,
        change: |w| references(w).missing.push(missing(true)),
    },
    Case {
        story: "a library in the jar refers to what is gone",
        code: codes::REFERENCES,
        outcome: Yellow,
        evidence: "of org.apache.flink.api.java, for libraries only: ExecutionEnvironment (by com.example.Orders)",
        start: World::in_place,
        change: |w| references(w).missing.push(missing(false)),
    },
    Case {
        story: "classes of the jar are damaged",
        code: codes::REFERENCES,
        outcome: Yellow,
        evidence: "could not be read: com.example.Bad: expected",
        start: World::in_place,
        change: |w| {
            references(w)
                .unreadable
                .push("com.example.Bad: expected …".into())
        },
    },
    Case {
        story: "the target release is not unpacked yet",
        code: codes::REFERENCES,
        outcome: Dim,
        evidence: "/srv/flink-1.20.5/lib: no such directory",
        start: World::in_place,
        change: |w| {
            let gap = Observed::unknown(
                "what the jar refers to",
                "/srv/flink-1.20.5/lib: no such directory",
            );
            w.facts.references.insert("orders".into(), gap);
        },
    },
    Case {
        story: "no installation is declared",
        code: codes::REFERENCES,
        outcome: Dim,
        evidence: "no installation of it is declared",
        start: World::in_place,
        change: |w| w.facts.references.clear(),
    },
    Case {
        story: "a connector of another line",
        code: codes::CONNECTOR_LINES,
        outcome: Yellow,
        evidence: "flink-connector-kafka 3.0.2-1.18: made for Flink 1.18",
        start: World::in_place,
        change: |w| {
            references(w).artifacts.push(FlinkArtifact {
                name: "flink-connector-kafka".into(),
                version: "3.0.2-1.18".into(),
            });
        },
    },
];

#[test]
fn what_the_jar_refers_to() {
    check(REFERENCES);
}
