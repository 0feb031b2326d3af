//! `check` on real snapshots: what a restore would say of each, said before anything is stopped.
//!
//! The snapshots are those that Flink itself wrote (`fixtures/flink-savepoints`); the server is a recording.

use std::path::{Path, PathBuf};

use crate::server::{serve, with_one_job};
use crate::support::Site;

/// What a restore of a snapshot comes to.
struct Row {
    /// The situation, in the words of docs/flink-state.md.
    story: &'static str,
    /// The snapshot's directory below the fixtures.
    snapshot: &'static str,
    /// The wanted release.
    to: &'static str,
    /// Pieces of the system file, and what stands in their place.
    file: &'static [(&'static str, &'static str)],
    /// Damages a copy of the snapshot.
    damage: Option<fn(&Path)>,
    /// The code and what is found: green, yellow, red, refused, blind or dim.
    found: (&'static str, &'static str),
    /// Text that its evidence or remedy must contain.
    says: &'static str,
}

pub(crate) const UIDS: &str = "uids = [\"source\", \"counter\"]";
pub(crate) const ALL: &str = "uids = [\"source\", \"counter\", \"tally\"]";
const NEW_ARGS: &str = "uids = []\nargs = { current = [], target = [\"--inserted\"] }";
const NO_UIDS: &str = "1.18.1-rocksdb-canonical-base-nouids";
const BASE: &str = "1.18.1-hashmap-canonical-base-uids";

/// A row in which nothing but the snapshot and the release are special.
const PLAIN: Row = Row {
    story: "",
    snapshot: BASE,
    to: "1.20.5",
    file: &[(UIDS, ALL)],
    damage: None,
    found: ("", ""),
    says: "",
};

const ROWS: &[Row] = &[
    Row {
        story: "no uids, the job changes",
        snapshot: NO_UIDS,
        file: &[(UIDS, NEW_ARGS)],
        found: ("UP-FLINK-0251", "blind"),
        says: "of state",
        ..PLAIN
    },
    Row {
        story: "no uids: the lines to paste",
        snapshot: NO_UIDS,
        file: &[(UIDS, NEW_ARGS)],
        found: ("UP-FLINK-0225", "yellow"),
        says: ".setUidHash(\"20ba6b65f97481d5570070de90e4e791\")",
        ..PLAIN
    },
    Row {
        story: "no uids, one operator inserted, allowed",
        snapshot: NO_UIDS,
        file: &[
            (UIDS, NEW_ARGS),
            (
                "[state]",
                "[[waive]]\ncode = \"UP-FLINK-0210\"\nsubject = \"operator gone of job orders\"\nreason = \"tried\"\n[state]",
            ),
        ],
        found: ("UP-FLINK-0226", "refused"),
        says: "1638 of 1638 records wrong",
        ..PLAIN
    },
    Row {
        story: "uids dropped: the job changes, and its file names none",
        file: &[(UIDS, NEW_ARGS)],
        found: ("UP-FLINK-0251", "blind"),
        says: "0da08f51eaa85fc298e176a139b3649a",
        ..PLAIN
    },
    Row {
        story: "stateful operator added",
        file: &[(UIDS, "uids = [\"source\", \"counter\", \"tally\", \"dedupe\"]")],
        found: ("UP-FLINK-0224", "yellow"),
        says: "dedupe",
        ..PLAIN
    },
    Row {
        story: "parallelism 2 to 3",
        file: &[(
            UIDS,
            "uids = [\"source\", \"counter\", \"tally\"]\nparallelism = { current = 2, target = 3 }",
        )],
        found: ("UP-FLINK-0230", "green"),
        says: "parallelism 2 becomes 3",
        ..PLAIN
    },
    Row {
        story: "max parallelism 128 to 256",
        file: &[(
            UIDS,
            "uids = [\"source\", \"counter\", \"tally\"]\nmax_parallelism = { current = 128, target = 256 }",
        )],
        found: ("UP-FLINK-0228", "refused"),
        says: "operator counter (0da08f51eaa85fc298e176a139b3649a): 128 in the snapshot, 256 in the job as wanted",
        ..PLAIN
    },
    Row {
        story: "canonical: rocksdb to hashmap",
        snapshot: NO_UIDS,
        found: ("UP-FLINK-0240", "green"),
        ..PLAIN
    },
    Row {
        story: "native: hashmap to rocksdb",
        snapshot: "1.16.3-hashmap-native-kinds-uids",
        found: ("UP-FLINK-0240", "refused"),
        says: "BackendBuildingException",
        damage: Some(use_rocksdb),
        ..PLAIN
    },
    Row {
        story: "native: rocksdb to hashmap",
        snapshot: "1.18.1-rocksdb-native-base-uids",
        found: ("UP-FLINK-0240", "refused"),
        says: "Unexpected state handle type",
        ..PLAIN
    },
    Row {
        story: "_metadata truncated",
        damage: Some(|dir| change(dir, |bytes| bytes.truncate(bytes.len() / 3))),
        found: ("UP-FLINK-0246", "refused"),
        says: "at byte",
        ..PLAIN
    },
    Row {
        story: "first 4 bytes damaged",
        damage: Some(|dir| change(dir, |bytes| bytes[..4].fill(0))),
        found: ("UP-FLINK-0246", "refused"),
        says: "0x4960672d",
        ..PLAIN
    },
    Row {
        story: "one state file missing",
        snapshot: "1.18.1-rocksdb-native-files",
        damage: Some(lose_a_file),
        found: ("UP-FLINK-0245", "refused"),
        says: "is not there",
        ..PLAIN
    },
    Row {
        story: "savepoint path absent",
        damage: Some(|dir| std::fs::remove_dir_all(dir).expect("a copy")),
        found: ("UP-FLINK-0247", "blind"),
        says: "there is no such directory",
        ..PLAIN
    },
    Row {
        story: "a snapshot of 2.0 on 1.20",
        snapshot: "2.0.2-hashmap-canonical-base-uids",
        found: ("UP-FLINK-0220", "refused"),
        says: "metadata version 5",
        ..PLAIN
    },
    Row {
        story: "a snapshot of 2.3 on 2.0",
        snapshot: "2.3.0-rocksdb-native-base-uids",
        to: "2.0.2",
        found: ("UP-FLINK-0220", "refused"),
        says: "metadata version 6",
        ..PLAIN
    },
    Row {
        story: "a snapshot of 1.18 on 1.17",
        to: "1.17.2",
        found: ("UP-FLINK-0222", "refused"),
        says: "header version 6",
        ..PLAIN
    },
    Row {
        story: "a bean with a list, 1.x to 2.x",
        snapshot: "1.18.1-rocksdb-canonical-kinds-kryo-uids",
        to: "2.3.0",
        found: ("UP-FLINK-0233", "red"),
        says: "field tags: Kryo<java.util.List>",
        ..PLAIN
    },
    Row {
        story: "a type left to Kryo, 1.x to 2.x",
        snapshot: "1.20.5-hashmap-canonical-only-kryo",
        to: "2.3.0",
        found: ("UP-FLINK-0234", "yellow"),
        says: "Kryo<",
        ..PLAIN
    },
    Row {
        story: "Kryo alone holds no collection in a bean",
        snapshot: "1.20.5-hashmap-canonical-only-kryo",
        to: "2.3.0",
        found: ("UP-FLINK-0233", "green"),
        ..PLAIN
    },
    Row {
        story: "a bean of plain fields, 1.x to 2.x",
        snapshot: "1.20.5-hashmap-canonical-only-pojo",
        to: "2.3.0",
        found: ("UP-FLINK-0233", "green"),
        ..PLAIN
    },
    Row {
        story: "a retained incremental checkpoint that was moved",
        snapshot: "1.20.5-rocksdb-checkpoint-files/job",
        found: ("UP-FLINK-0241", "yellow"),
        says: "/shared",
        ..PLAIN
    },
];

#[test]
fn what_a_restore_would_say_is_said_before_the_stop() {
    let complaints: Vec<String> = ROWS.iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

fn complaint(row: &Row) -> Option<String> {
    let mut site = Site::at(&serve(with_one_job("1.18.1", "orders"))).to(row.to);
    for (old, new) in row.file {
        site = site.but(old, new);
    }
    let copy = site.path("snapshot");
    copy_of(row.snapshot, &copy);
    if let Some(damage) = row.damage {
        damage(&copy);
    }
    let ran = site.upshift(&["check", "orders.toml", "--json", "--savepoint", "snapshot"]);
    let seen = ran.json();
    let of_code = seen["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|finding| finding["code"] == row.found.0);
    let of_code: Vec<_> = of_code.collect();
    let good = of_code
        .iter()
        .any(|finding| outcome(finding) == row.found.1 && finding.to_string().contains(&escaped(row.says)));
    let stops = !["red", "refused", "blind"].contains(&row.found.1) || [3, 4].contains(&ran.code);
    (!good || !stops).then(|| {
        format!(
            "{}: wanted {:?} {:?}, exit {}: {of_code:#?}",
            row.story, row.found, row.says, ran.code
        )
    })
}

/// Text as it stands in JSON.
fn escaped(text: &str) -> String {
    text.replace('"', "\\\"")
}

pub(crate) fn outcome(finding: &serde_json::Value) -> &'static str {
    let judged = &finding["state"]["judged"];
    match (judged["severity"].as_str(), judged["waivable"].as_bool()) {
        (Some("green"), _) => "green",
        (Some("yellow"), _) => "yellow",
        (Some("red"), Some(true)) => "red",
        (Some("red"), _) => "refused",
        (None, _) if finding["state"]["unknown"]["may_hide"] == "red" => "blind",
        _ => "dim",
    }
}

/// A checkpoint lies below its job's directory.
pub(crate) fn copy_of(fixture: &str, to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/flink-savepoints")
        .join(fixture);
    let from = match from.join("_metadata").is_file() {
        true => from,
        false => checkpoint_in(&from),
    };
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(&from).expect("a fixture") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
}

fn checkpoint_in(job: &Path) -> PathBuf {
    let mut entries = std::fs::read_dir(job)
        .expect("a fixture")
        .map(|entry| entry.expect("an entry").path());
    entries
        .find(|path| path.join("_metadata").is_file())
        .expect("a checkpoint")
}

pub(crate) fn change(directory: &Path, change: fn(&mut Vec<u8>)) {
    let path = directory.join("_metadata");
    let mut bytes = std::fs::read(&path).expect("metadata");
    change(&mut bytes);
    put(&path, &bytes);
}

fn put(path: &Path, bytes: &[u8]) {
    let mut file = std::fs::File::create(path).expect("a file");
    std::io::Write::write_all(&mut file, bytes).expect("written");
}

/// Every state file has a name of Flink's making; those of the fixture's own have an ending.
pub(crate) fn lose_a_file(directory: &Path) {
    let mut entries = std::fs::read_dir(directory)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    let state = entries.find(|path| path.extension().is_none() && !path.ends_with("_metadata"));
    std::fs::remove_file(state.expect("a state file")).expect("removed");
}

fn use_rocksdb(directory: &Path) {
    let conf = directory.with_file_name("conf").join("flink-conf.yaml");
    let text = std::fs::read_to_string(&conf).expect("configuration");
    put(
        &conf,
        text.replace("state.backend: hashmap", "state.backend: rocksdb")
            .as_bytes(),
    );
}

#[test]
fn a_savepoint_of_no_named_job_is_an_error() {
    let site = Site::at(&serve(with_one_job("1.18.1", "orders"))).to("1.20.5");
    let more = "[[job]]\nname = \"billing\"\njar = \"jars/orders.jar\"\n";
    let site = site.with(more);
    site.upshift(&["check", "orders.toml", "--savepoint", "sp"])
        .exits(2)
        .says("does not say of which job it is")
        .says("orders, billing");
    site.upshift(&["check", "orders.toml", "--savepoint", "orders=sp"])
        .says("UP-FLINK-0246");
}

#[test]
fn observe_shows_what_was_read_of_a_jobs_state() {
    let site = Site::at(&serve(with_one_job("1.18.1", "orders"))).to("1.20.5");
    copy_of(BASE, &site.path("snapshot"));
    let site = site.but(UIDS, &format!("{ALL}\nsnapshot = \"snapshot\""));
    let ran = site.upshift(&["observe", "orders.toml", "-v"]).exits(0);
    for line in [
        "state of job orders\n",
        "canonical savepoint ",
        "metadata 4, ",
        "    counter     2 × at most 128, ",
        "operators of job orders\n  declared       3 by uid, as the system file names them\n",
        "    0da08f51eaa85fc298e176a139b3649a  uid counter\n",
        "  jar as wanted  unknown: the jar's main was not run, because nobody asked for it",
    ] {
        assert!(ran.out.contains(line), "{line:?} in\n{}", ran.out);
    }
    assert!(ran.out.contains(" VALUE Long\n"), "{}", ran.out);
}
