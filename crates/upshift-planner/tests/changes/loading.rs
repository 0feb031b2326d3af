//! Files of changes that cannot be used are refused, and the complaint names file, row and key.

use std::collections::BTreeMap;

use upshift_planner::knowledge::changes::Changes;
use upshift_planner::knowledge::{Known, Library, Release};

const HEAD: &str = "date = \"2026-11-27\"\n";

/// A row that can be used, with these keys replaced (`key = …`), added, or taken away (`-key`).
fn row(edits: &[&str]) -> String {
    let mut keys: BTreeMap<&str, String> = BTreeMap::from([
        ("id", "id = \"one\"".to_owned()),
        ("since", "since = \"1.19\"".to_owned()),
        ("area", "area = \"state\"".to_owned()),
        ("act", "act = \"before\"".to_owned()),
        ("severity", "severity = \"red\"".to_owned()),
        ("text", "text = \"something changes\"".to_owned()),
        ("advice", "advice = \"do something\"".to_owned()),
        ("source", "source = \"the notes\"".to_owned()),
        ("confidence", "confidence = \"vendor\"".to_owned()),
    ]);
    for edit in edits {
        match edit.strip_prefix('-') {
            Some(key) => keys.remove(key),
            None => keys.insert(edit.split(' ').next().unwrap_or(edit), (*edit).to_owned()),
        };
    }
    let lines: Vec<String> = keys.into_values().collect();
    format!("[[change]]\n{}\n", lines.join("\n"))
}

fn refused(text: &str) -> String {
    let files = BTreeMap::from([("flink/changes/1.19.toml".to_owned(), text.to_owned())]);
    Changes::parse(Known::Flink, &files)
        .expect_err("it cannot be used")
        .to_string()
}

#[test]
fn a_row_that_cannot_be_used_is_named_with_its_file_and_key() {
    let cases: [(&[&str], &str, &str); 19] = [
        (&["severty = \"red\""], "severty", "nothing reads it"),
        (&["severity = \"blue\""], "severity", "unknown variant `blue`"),
        (&["-severity"], "severity", "is missing"),
        (&["area = \"weather\""], "area", "unknown variant"),
        (&["act = \"never\""], "act", "unknown variant"),
        (&["since = \"latest\""], "since", "no version of Flink"),
        (&["since = \"1.20\""], "since", "does not belong to the line"),
        (&["until = \"1.18\""], "until", "lies before since"),
        (&["fixed = [\"1.19\"]"], "fixed", "not later than since"),
        (&["-advice"], "advice", "only a note"),
        (&["source = \" \""], "source", "is empty"),
        (&["-confidence"], "confidence", "is missing"),
        (&["id = \"One Two\""], "id", "small letters"),
        (&["added = \"2027-01-01\""], "added", "later than the file's date"),
        (
            &["when = [{ option = [\"a\"], class = [\"b\"] }]"],
            "when",
            "option and class",
        ),
        (
            &["when = [{ class = [\"b\"], below = \"1.0\" }]"],
            "when",
            "class has no key below",
        ),
        (&["when = [{ member = [\"b\"] }]"], "when", "A#method"),
        (
            &["when = [{ fact = \"moon\", is = [\"full\"] }]"],
            "when",
            "no rule asks for \"moon\"",
        ),
        (
            &["when = [{ java = { from = 17, below = 11 } }]"],
            "when",
            "nothing lies from 17",
        ),
    ];
    for (edits, key, why) in cases {
        let said = refused(&format!("{HEAD}{}", row(edits)));
        let place = match edits[0].starts_with("id") {
            true => "flink/changes/1.19.toml: change One Two: key id: ".to_owned(),
            false => format!("flink/changes/1.19.toml: change one: key {key}: "),
        };
        assert!(said.starts_with(&place), "{edits:?}: {said}");
        assert!(said.contains(why), "{edits:?}: {said}");
    }
}

#[test]
fn a_file_that_cannot_be_used_is_named_with_its_key() {
    let good = row(&[]);
    for (text, why) in [
        (good.clone(), "1.19.toml: key date: is missing"),
        (format!("date = \"soon\"\n{good}"), "key date: \"soon\" is no day"),
        (
            format!("{HEAD}colour = 1\n{good}"),
            "key colour: nothing reads it",
        ),
        (
            format!("{HEAD}read_to = \"1.20.1\"\n{good}"),
            "key read_to: 1.20.1 does not belong to the line",
        ),
        (
            format!("{HEAD}read_to = \"all\"\n{good}"),
            "a release of the file's line, or \"nothing\"",
        ),
        (format!("{HEAD}[[change]\n"), "1.19.toml: not TOML"),
        (
            format!("{HEAD}{good}{good}"),
            "change one: key id: is taken already, in 1.19.toml",
        ),
        (
            format!("{HEAD}[[change]]\n"),
            "change number 1: key id: is missing",
        ),
    ] {
        let said = refused(&text);
        assert!(said.contains(why), "{said}");
    }
    let misnamed = BTreeMap::from([("flink/changes/newest.toml".to_owned(), HEAD.to_owned())]);
    let said = Changes::parse(Known::Flink, &misnamed)
        .expect_err("no release line")
        .to_string();
    assert!(said.contains("a file is named after a release line"), "{said}");
}

#[test]
fn an_overlay_may_bring_changes_and_take_no_built_in_one_s_place() {
    let lay = |text: String| {
        let mut library = Library::builtin();
        let files = BTreeMap::from([("flink/changes/measured.toml".to_owned(), text)]);
        library.lay(&files).map(|counts| (library, counts))
    };
    let (library, counts) = lay(format!("{HEAD}{}", row(&["id = \"of-our-own\""]))).expect("it can be laid");
    assert_eq!(counts["flink/changes/measured.toml"], 1);
    assert!(library.changes(Known::Flink).row("of-our-own").is_some());
    let taken = lay(format!("{HEAD}{}", row(&["id = \"java-8-dropped\""])));
    let said = taken.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(said.contains("is taken already, in 2.0.toml"), "{said}");
}

#[test]
fn every_built_in_file_loads() {
    for system in Known::ALL {
        let files = Changes::built_in_files(system);
        let changes = Changes::parse(system, &files).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(changes.sheets().len(), files.len());
    }
}

#[test]
fn a_file_says_how_far_its_line_was_read() {
    let release = |text: &str| Release::parse(Known::Flink, text).expect("a release");
    for (read_to, read) in [
        ("", [true, true, true]),
        ("read_to = \"1.19.1\"\n", [true, true, false]),
        ("read_to = \"1.19.0\"\n", [true, false, false]),
        ("read_to = \"nothing\"\n", [false, false, false]),
    ] {
        let text = format!("{HEAD}{read_to}{}", row(&[]));
        let files = BTreeMap::from([("flink/changes/1.19.toml".to_owned(), text)]);
        let changes = Changes::parse(Known::Flink, &files).expect("it can be used");
        let found = ["1.19.0", "1.19.1", "1.19.2"].map(|text| changes.have_read(&release(text)));
        assert_eq!(found, read, "{read_to}");
    }
}
