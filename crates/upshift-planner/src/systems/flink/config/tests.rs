//! Stories of carrying a configuration over: lines in, edits and notes out. Real releases are asked
//! elsewhere; here only the rules.

use std::collections::BTreeSet;

use upshift_model::digest::Digest;
use upshift_model::finding::Severity;

use super::*;
use crate::knowledge::Knowledge;

/// A configuration as lines of `key: value`, and the move it makes.
struct Story {
    from: &'static str,
    to: &'static str,
    file: &'static str,
    lines: &'static str,
    java: Result<u32, Gap>,
    ports: Option<Ports>,
}

fn story(from: &'static str, to: &'static str, lines: &'static str) -> Story {
    let file = if from.starts_with("1.1") && !from.starts_with("1.19") {
        "flink-conf.yaml"
    } else {
        "config.yaml"
    };
    Story {
        from,
        to,
        file,
        lines,
        java: Ok(11),
        ports: None,
    }
}

fn v(text: &str) -> Version {
    text.parse().expect("a version")
}

fn conf(file: &str, lines: &str) -> ConfFacts {
    let entry = |(at, line): (usize, &str)| {
        let (key, value) = line.split_once(": ").expect("key: value");
        ConfEntry {
            key: key.to_owned(),
            value: value.to_owned(),
            line: u32::try_from(at + 1).expect("few lines"),
        }
    };
    ConfFacts {
        file: file.to_owned(),
        digest: Digest::zero(),
        entries: lines.lines().enumerate().map(entry).collect(),
        files: BTreeSet::from([file.to_owned()]),
    }
}

impl Story {
    fn tell(&self) -> (Carried, Vec<(String, String)>) {
        let knowledge = Knowledge::builtin();
        let (from, to, conf) = (v(self.from), v(self.to), conf(self.file, self.lines));
        let carried = carry(&Carrying {
            flink: knowledge.flink(),
            from: &from,
            to: &to,
            conf: &conf,
            java: self.java.as_ref().copied(),
            ports: self.ports,
            old_home: Some(Path::new("/opt/flink-1.18.1")),
        })
        .expect("the target is known");
        let after = apply(&conf.entries, &carried.edits);
        (carried, after)
    }
}

/// The entries after the move, one a line.
#[track_caller]
fn becomes(story: &Story, expected: &str) -> Carried {
    let (carried, after) = story.tell();
    let after: Vec<String> = after
        .iter()
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    assert_eq!(after.join("\n"), expected.trim_end(), "{:#?}", carried.notes);
    carried
}

fn said(carried: &Carried) -> Vec<String> {
    carried.notes.iter().map(ToString::to_string).collect()
}

#[test]
fn keys_get_their_names_in_the_new_release() {
    let carried = becomes(
        &story(
            "1.18.1",
            "1.20.5",
            "state.checkpoints.dir: file:///cp\nstate.backend: rocksdb\nstate.backend.incremental: true\nakka.ask.timeout: 30 s\nrest.port: 8081",
        ),
        "execution.checkpointing.dir: file:///cp\nstate.backend.type: rocksdb\nexecution.checkpointing.incremental: true\npekko.ask.timeout: 30 s\nrest.port: 8081",
    );
    assert_eq!(carried.to_file, "config.yaml");
    assert!(said(&carried).contains(&"flink-conf.yaml becomes config.yaml".to_owned()));
    assert!(
        carried
            .notes
            .iter()
            .all(|note| note.severity() == Severity::Green),
        "{:#?}",
        carried.notes
    );
}

#[test]
fn on_the_way_back_keys_get_their_older_names() {
    let carried = becomes(
        &story(
            "1.20.5",
            "1.16.3",
            "execution.checkpointing.dir: file:///cp\nstate.backend.type: rocksdb\nenv.java.opts.all: -Xss1m\npekko.ask.timeout: 30 s",
        ),
        "state.checkpoints.dir: file:///cp\nstate.backend: rocksdb\nenv.java.opts: -Xss1m\nakka.ask.timeout: 30 s",
    );
    assert_eq!(carried.to_file, "flink-conf.yaml");
}

#[test]
fn carried_there_and_back_a_file_says_the_same() {
    let lines = "jobmanager.rpc.address: localhost\nstate.savepoints.dir: file:///sp\nhigh-availability: zookeeper\nrestart-strategy: fixed-delay";
    let (_, there) = story("1.16.3", "2.3.0", lines).tell();
    let text: String = there
        .iter()
        .map(|(key, value)| format!("{key}: {value}\n"))
        .collect();
    let back = Story {
        from: "2.3.0",
        to: "1.16.3",
        file: "config.yaml",
        lines: Box::leak(text.into_boxed_str()),
        java: Ok(11),
        ports: None,
    };
    becomes(&back, lines);
}

#[test]
fn a_key_under_both_names_counts_under_the_new_one() {
    let carried = becomes(
        &story(
            "1.20.5",
            "2.0.2",
            "state.checkpoints.dir: file:///old\nexecution.checkpointing.dir: file:///new",
        ),
        "execution.checkpointing.dir: file:///new",
    );
    assert!(
        carried.notes.iter().any(
            |n| matches!(n, ConfigNote::Shadowed { key, by } if key == "state.checkpoints.dir" && by == "execution.checkpointing.dir")
        ),
        "{:#?}",
        carried.notes
    );
}

#[test]
fn on_the_way_back_the_name_that_counted_still_counts() {
    becomes(
        &story(
            "1.20.5",
            "1.18.1",
            "state.checkpoints.dir: file:///old\nexecution.checkpointing.dir: file:///new",
        ),
        "state.checkpoints.dir: file:///new",
    );
}

#[test]
fn what_no_release_reads_any_more_is_dropped_and_said_so() {
    let carried = becomes(
        &story(
            "1.20.5",
            "2.3.0",
            "jobmanager.heap.size: 1g\ntaskmanager.network.numberOfBuffers: 2048\nmetrics.reporter.prom.class: a.b.C\nmetrics.reporter.prom.factory.class: a.b.F",
        ),
        "metrics.reporter.prom.factory.class: a.b.F",
    );
    let said = said(&carried).join("\n");
    assert!(said.contains("jobmanager.heap.size (line 1) is dropped: the target does not read it, 1.20 was the last to do so; set jobmanager.memory.heap.size"), "{said}");
    assert!(
        said.contains("taskmanager.network.numberOfBuffers (line 2) is dropped"),
        "{said}"
    );
    assert!(
        said.contains("factory.class, or the reporter stays silent"),
        "{said}"
    );
}

#[test]
fn what_nobody_knows_is_carried_over_and_named() {
    let lines = "team.owner: orders\ns3.access-key: «redacted»\nkubernetes.jobmanager.labels.team: orders\ntaskmanager.compute.numa: false\ncontainerized.master.env.A: b";
    let carried = becomes(&story("1.18.1", "1.18.1", lines), lines);
    let unknown: Vec<&ConfigNote> = carried
        .notes
        .iter()
        .filter(|n| matches!(n, ConfigNote::UnknownKey { .. }))
        .collect();
    assert!(
        matches!(unknown.as_slice(), [ConfigNote::UnknownKey { key, line: 1 }, ..] if key == "team.owner"),
        "{unknown:?}"
    );
    assert!(
        unknown.iter().all(|note| !note.to_string().contains("s3.")),
        "{unknown:?}"
    );
}

#[test]
fn a_key_set_twice_keeps_its_last_value() {
    let carried = becomes(
        &story("1.18.1", "1.20.5", "rest.port: 8081\nrest.port: 8082"),
        "rest.port: 8082",
    );
    assert!(
        said(&carried)
            .contains(&"rest.port is set on lines 1, 2 to different values: the last one counts".to_owned())
    );
    let hidden = becomes(
        &story(
            "1.18.1",
            "1.20.5",
            "s3.secret-key: «redacted»\ns3.secret-key: «redacted»",
        ),
        "s3.secret-key: «redacted»",
    );
    assert!(
        hidden
            .notes
            .iter()
            .any(|n| matches!(n, ConfigNote::Duplicate { differ: true, .. }))
    );
}

#[test]
fn a_backend_that_is_gone_becomes_its_successor() {
    let carried = becomes(
        &story("1.18.1", "2.0.2", "state.backend: filesystem"),
        "state.backend.type: hashmap",
    );
    assert!(
        carried
            .notes
            .iter()
            .any(|n| matches!(n, ConfigNote::ValueGone { .. })),
        "{:?}",
        carried.notes
    );
    becomes(
        &story("1.18.1", "1.20.5", "state.backend: filesystem"),
        "state.backend.type: filesystem",
    );
}

#[test]
fn a_value_of_another_type_is_red() {
    let (carried, _) = story(
        "1.19.3",
        "1.20.5",
        "resourcemanager.standalone.start-up-time: -1\nheartbeat.interval: 10000",
    )
    .tell();
    let unfit: Vec<String> = carried
        .notes
        .iter()
        .filter(|n| n.severity() == Severity::Red)
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        unfit,
        [
            "resourcemanager.standalone.start-up-time = -1 cannot be read by the target, which wants a Duration"
        ]
    );
    let (back, _) = story("1.20.5", "1.19.3", "heartbeat.interval: 10 s").tell();
    assert!(
        back.notes
            .iter()
            .any(|n| matches!(n, ConfigNote::Unfit { kind, .. } if kind == "Long"))
    );
}

#[test]
fn white_space_and_quotes_around_a_value_do_not_travel() {
    becomes(
        &story(
            "1.20.5",
            "2.3.0",
            "env.java.opts.all:  -Xss1m\nenv.java.opts.jobmanager: \"-Da=b\"",
        ),
        "env.java.opts.all: -Xss1m\nenv.java.opts.jobmanager: -Da=b",
    );
}

#[test]
fn java_17_is_told_what_the_release_itself_would_tell_it() {
    let mut own = story(
        "1.16.3",
        "2.3.0",
        "env.java.opts: -Xss1m --add-opens java.base/java.lang=ALL-UNNAMED",
    );
    own.java = Ok(17);
    let (carried, after) = own.tell();
    let [(key, value)] = after.as_slice() else {
        panic!("{after:?}")
    };
    assert_eq!(key, "env.java.opts.all");
    assert!(
        value.starts_with("-Xss1m --add-opens java.base/java.lang=ALL-UNNAMED --add-exports="),
        "{value}"
    );
    assert_eq!(
        value.matches("java.base/java.lang=ALL-UNNAMED").count(),
        1,
        "{value}"
    );
    assert!(
        carried
            .notes
            .iter()
            .any(|n| matches!(n, ConfigNote::JavaOptionsAdded { missing: 18, .. })),
        "{:?}",
        carried.notes
    );

    own.java = Ok(11);
    assert!(!said(&own.tell().0).join("").contains("--add-opens"));
    own.java = Err(Gap {
        what: "the target's Java".to_owned(),
        reason: "no java found".to_owned(),
    });
    assert!(
        own.tell()
            .0
            .notes
            .iter()
            .any(|n| matches!(n, ConfigNote::JavaUnknown { .. }))
    );
}

#[test]
fn what_hides_a_secret_is_never_written_anew() {
    let mut hidden = story(
        "1.18.1",
        "1.20.5",
        "env.java.opts.all: -Djavax.net.ssl.keyStorePassword=«redacted»",
    );
    hidden.java = Ok(17);
    let (_, after) = hidden.tell();
    assert_eq!(
        after.first().map(|(_, value)| value.as_str()),
        Some("-Djavax.net.ssl.keyStorePassword=«redacted»")
    );
    assert_eq!(
        after.get(1).map(|(key, _)| key.as_str()),
        Some("env.java.default-opts.all")
    );
    let (carried, _) = hidden.tell();
    assert!(
        carried
            .edits
            .iter()
            .all(|edit| !format!("{edit:?}").contains("redacted"))
    );

    hidden.to = "1.17.2";
    let (carried, _) = hidden.tell();
    assert!(
        carried
            .edits
            .iter()
            .all(|edit| !format!("{edit:?}").contains("redacted"))
    );
    assert!(
        carried
            .notes
            .iter()
            .any(|n| matches!(n, ConfigNote::JavaOptionsByHand { .. }))
    );
}

#[test]
fn a_cluster_beside_the_old_one_gets_ports_of_its_own() {
    let mut beside = story(
        "1.18.1",
        "1.20.5",
        "rest.port: 8081\nrest.bind-port: 8081\njobmanager.rpc.port: 6123\nmetrics.reporter.prom.port: 9249\ntaskmanager.data.port: 0\nmetrics.internal.query-service.port: 9300-9310",
    );
    beside.ports = Some(Ports {
        rest: 8091,
        rpc: 6223,
        blob: 6224,
    });
    let carried = becomes(
        &beside,
        "rest.port: 8091\nrest.bind-port: 8091\njobmanager.rpc.port: 6223\nmetrics.reporter.prom.port: 9249\ntaskmanager.data.port: 0\nmetrics.internal.query-service.port: 9300-9310\nblob.server.port: 6224",
    );
    let shared: Vec<String> = carried
        .notes
        .iter()
        .filter(|n| matches!(n, ConfigNote::PortShared { .. }))
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        shared,
        ["metrics.reporter.prom.port = 9249 would be wanted by both clusters"]
    );
}

#[test]
fn values_that_name_the_old_installation_are_named() {
    let (carried, _) = story(
        "1.18.1",
        "1.20.5",
        "env.java.opts.all: -javaagent:/opt/flink-1.18.1/lib/agent.jar\nio.tmp.dirs: /opt/flink-1.18.10/tmp",
    )
    .tell();
    let named: Vec<&ConfigNote> = carried
        .notes
        .iter()
        .filter(|n| matches!(n, ConfigNote::NamesOldHome { .. }))
        .collect();
    assert!(
        matches!(named.as_slice(), [ConfigNote::NamesOldHome { key, .. }] if key == "env.java.opts.all"),
        "{named:?}"
    );
}

#[test]
fn a_release_that_was_never_read_is_unknown_and_not_empty() {
    let knowledge = Knowledge::builtin();
    let conf = conf("config.yaml", "rest.port: 8081");
    let (from, to) = (v("2.3.0"), v("2.9.0"));
    let carrying = Carrying {
        flink: knowledge.flink(),
        from: &from,
        to: &to,
        conf: &conf,
        java: Ok(17),
        ports: None,
        old_home: None,
    };
    let gap = carry(&carrying).expect_err("unknown");
    assert_eq!(gap.what, "which configuration file Flink 2.9.0 reads");
}

#[test]
fn two_main_files_in_one_folder_are_said() {
    let knowledge = Knowledge::builtin();
    let mut conf = conf("flink-conf.yaml", "rest.port: 8081");
    conf.files.insert("config.yaml".to_owned());
    let (from, to) = (v("1.19.3"), v("2.0.2"));
    let carrying = Carrying {
        flink: knowledge.flink(),
        from: &from,
        to: &to,
        conf: &conf,
        java: Ok(11),
        ports: None,
        old_home: None,
    };
    let carried = carry(&carrying).expect("known");
    assert!(
        said(&carried)
            .contains(&"flink-conf.yaml and config.yaml both lie there: config.yaml is not read".to_owned())
    );
}

#[test]
fn the_diff_shows_entries_before_and_after() {
    let conf = conf(
        "flink-conf.yaml",
        "a.b: 1\nstate.savepoints.dir: file:///sp\nrest.port: 8081\nrest.port: 8082",
    );
    let edits = [ConfigEdit::Rename {
        from: "state.savepoints.dir".to_owned(),
        to: "execution.checkpointing.savepoint-dir".to_owned(),
        why: String::new(),
    }];
    assert_eq!(
        diff_lines(&conf.entries, &edits, "flink-conf.yaml", "config.yaml"),
        "--- flink-conf.yaml\n+++ config.yaml\n@@ -1,4 +1,3 @@\n a.b: 1\n-state.savepoints.dir: file:///sp\n-rest.port: 8081\n+execution.checkpointing.savepoint-dir: file:///sp\n rest.port: 8082\n"
    );
    assert_eq!(diff_lines(&conf.entries[..1], &[], "a", "b"), "");
}

#[test]
fn defaults_that_change_under_a_file_are_listed() {
    let knowledge = Knowledge::builtin();
    let changed = changed_defaults(knowledge.flink(), &v("1.18.1"), &v("1.20.5"), |key| {
        key == "security.ssl.algorithms"
    });
    let keys: Vec<&str> = changed.iter().map(|change| change.key.as_str()).collect();
    assert!(
        keys.contains(&"restart-strategy.exponential-delay.max-backoff"),
        "{keys:?}"
    );
    assert!(!keys.contains(&"security.ssl.algorithms"), "{keys:?}");
    assert!(
        !keys.contains(&"heartbeat.interval"),
        "10000 and 10 s are the same: {keys:?}"
    );
}
