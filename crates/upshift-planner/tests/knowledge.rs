//! The catalogue against the sources it was written from, and loading against what is wrong.

use std::collections::BTreeMap;

use upshift_model::observed::Observed;
use upshift_model::version::Version;
use upshift_planner::knowledge::flink::{
    ActedUpon, Effect, Ground, KeyStanding, Kind, PairVerdict, Purpose, Serves, Support, When,
};
use upshift_planner::knowledge::{Confidence, Flink, Knowledge, LoadError};

fn v(text: &str) -> Version {
    text.parse().expect("a version")
}

fn with_flink<T>(ask: impl FnOnce(&Flink) -> T) -> T {
    ask(Knowledge::builtin().flink())
}

/// The savepoint table of the Flink 1.11 documentation as printed: a row for what wrote the
/// savepoint, `O` where the column's line resumes it.
const TABLE_OF_1_11: [&str; 11] = [
    "OOO........",
    ".OOOOOOOOOO",
    "..OOOOOOOOO",
    "...OOOOOOOO",
    "....OOOOOOO",
    ".....OOOOOO",
    "......OOOOO",
    ".......OOOO",
    "........OOO",
    ".........OO",
    "..........O",
];

/// Its limitations, by row: line that wrote, first and last version they speak of, condition.
const LIMITS_OF_1_11: [(&str, &str, &str, When); 7] = [
    ("1.1.5", "1.2.0", "1.3.3", When::ParallelismIncrease),
    ("1.2.1", "1.3.0", "1.11.6", When::ParallelismChange),
    ("1.2.1", "1.4.0", "1.11.6", When::Cep),
    ("1.2.1", "1.8.0", "1.11.6", When::ScalaTraversable),
    ("1.3.0", "1.4.0", "1.4.1", When::ScalaCaseClass),
    ("1.5.6", "1.6.0", "1.6.2", When::BroadcastState),
    ("1.5.6", "1.7.0", "1.7.0", When::BroadcastState),
];

/// The table of the documentation after 1.20: rows 1.8 to 1.20, columns 1.17 to 1.20.
const TABLE_AFTER_1_20: [(u32, &str); 13] = [
    (8, "OOOO"),
    (9, "OOOO"),
    (10, "OOOO"),
    (11, "OOOO"),
    (12, "OOOO"),
    (13, "OOOO"),
    (14, "OOOO"),
    (15, "OOOO"),
    (16, "OOOO"),
    (17, "OOOO"),
    (18, ".OOO"),
    (19, "..OO"),
    (20, "...O"),
];

fn offered(verdict: &PairVerdict) -> bool {
    matches!(
        verdict,
        PairVerdict::Supported { .. } | PairVerdict::Conditional { .. }
    )
}

#[test]
fn every_cell_of_the_first_table_is_answered_as_printed() {
    with_flink(|flink| {
        for (row, cells) in TABLE_OF_1_11.iter().enumerate() {
            for (column, cell) in cells.chars().enumerate() {
                let (from, to) = (v(&format!("1.{}", row + 1)), v(&format!("1.{}", column + 1)));
                let verdict = flink.pair(&from, &to);
                assert_eq!(offered(&verdict), cell == 'O', "{from} -> {to}: {verdict:?}");
                assert_eq!(
                    matches!(verdict, PairVerdict::Unsupported { .. }),
                    cell == '.',
                    "{from} -> {to}"
                );
                assert!(!verdict.sources().is_empty(), "{from} -> {to} has no source");
            }
        }
    });
}

#[test]
fn every_limitation_of_the_first_table_speaks_of_its_versions_and_no_others() {
    with_flink(|flink| {
        let bound = |from: &str, to: &str, when| {
            flink
                .pair(&v(from), &v(to))
                .reasons()
                .iter()
                .any(|reason| reason.when == when)
        };
        for (from, first, last, when) in LIMITS_OF_1_11 {
            assert!(bound(from, first, when), "{from} -> {first}: {when:?}");
            assert!(bound(from, last, when), "{from} -> {last}: {when:?}");
        }
        for (from, to, when) in [
            ("1.2.1", "1.2.0", When::ParallelismChange),
            ("1.2.1", "1.3.3", When::Cep),
            ("1.2.1", "1.7.2", When::ScalaTraversable),
            ("1.3.1", "1.4.0", When::ScalaCaseClass),
            ("1.3.0", "1.4.2", When::ScalaCaseClass),
            ("1.5.6", "1.6.3", When::BroadcastState),
            ("1.5.6", "1.7.1", When::BroadcastState),
            ("1.5.6", "1.8.0", When::BroadcastState),
            ("1.6.0", "1.6.1", When::BroadcastState),
        ] {
            assert!(!bound(from, to, when), "{from} -> {to}: {when:?}");
        }
    });
}

#[test]
fn every_cell_of_the_last_table_is_answered_as_printed() {
    with_flink(|flink| {
        for (row, cells) in TABLE_AFTER_1_20 {
            for (column, cell) in (17u32..).zip(cells.chars()) {
                let (from, to) = (v(&format!("1.{row}.0")), v(&format!("1.{column}.1")));
                let verdict = flink.pair(&from, &to);
                assert_eq!(offered(&verdict), cell == 'O', "{from} -> {to}: {verdict:?}");
                let promised = verdict
                    .reasons()
                    .iter()
                    .all(|reason| reason.ground != Ground::NotPromised);
                assert!(promised, "{from} -> {to}");
            }
        }
    });
}

#[test]
fn a_patch_upgrade_inside_a_line_is_supported_without_a_condition() {
    with_flink(|flink| {
        for (from, to) in [
            ("1.18.0", "1.18.1"),
            ("1.20.1", "1.20.5"),
            ("2.2.0", "2.2.1"),
            ("1.16.0", "1.16.3"),
        ] {
            let verdict = flink.pair(&v(from), &v(to));
            assert!(
                matches!(verdict, PairVerdict::Supported { .. }),
                "{from} -> {to}: {verdict:?}"
            );
        }
    });
}

fn fails(verdict: &PairVerdict, when: When) -> bool {
    verdict
        .reasons()
        .iter()
        .any(|reason| reason.when == when && reason.effect == Effect::Fails)
}

/// Savepoints of 1.14 to 1.20 on 1.18 to 2.3: plain types, a POJO with a List, a plain Kryo type.
#[test]
fn restores_that_were_tried_forwards_are_answered_as_they_went() {
    with_flink(|flink| {
        for from in ["1.14.6", "1.16.3", "1.18.1", "1.20.5"] {
            for to in ["1.18.1", "1.20.5", "2.0.2", "2.3.0"] {
                if v(from) > v(to) {
                    continue;
                }
                let verdict = flink.pair(&v(from), &v(to));
                let to_2 = v(to).major() == 2;
                assert!(offered(&verdict), "{from} -> {to}");
                assert!(
                    !fails(&verdict, When::Always),
                    "{from} -> {to}: plain types were restored"
                );
                assert_eq!(
                    fails(&verdict, When::CollectionInPojo),
                    to_2,
                    "{from} -> {to}: POJO with a List"
                );
                assert!(
                    !fails(&verdict, When::KryoTypes),
                    "{from} -> {to}: a plain Kryo type was restored"
                );
            }
        }
        for (from, to) in [
            ("2.0.2", "2.0.2"),
            ("2.0.2", "2.3.0"),
            ("2.3.0", "2.3.0"),
            ("1.14.6", "1.16.3"),
        ] {
            assert!(offered(&flink.pair(&v(from), &v(to))), "{from} -> {to}");
        }
    });
}

/// "Unrecognized checkpoint version number", and "found 6, compatible versions are [5, 4, 3, 2, 1]".
#[test]
fn restores_that_were_tried_backwards_are_answered_as_they_went() {
    with_flink(|flink| {
        for (from, to, written, read) in [
            ("2.0.2", "1.18.1", 5, 4),
            ("2.0.2", "1.20.5", 5, 4),
            ("2.3.0", "1.18.1", 6, 4),
            ("2.3.0", "1.20.5", 6, 4),
            ("2.3.0", "2.0.2", 6, 5),
            ("2.0.2", "1.16.3", 5, 4),
        ] {
            let verdict = flink.pair(&v(from), &v(to));
            assert!(
                matches!(verdict, PairVerdict::Unsupported { .. }),
                "{from} -> {to}: {verdict:?}"
            );
            let ground = Ground::Metadata { written, read };
            assert!(
                verdict.reasons().iter().any(|r| r.ground == ground),
                "{from} -> {to}: {verdict:?}"
            );
        }
        for from in ["1.18.1", "1.20.5"] {
            let verdict = flink.pair(&v(from), &v("1.16.3"));
            assert!(
                fails(&verdict, When::OperatorState),
                "{from} -> 1.16.3: {verdict:?}"
            );
            assert!(matches!(verdict, PairVerdict::Unsupported { .. }));
        }
        let promised = flink.pair(&v("1.20.5"), &v("1.18.1"));
        assert!(
            promised.reasons().iter().all(|r| r.effect == Effect::Risk),
            "it went well: {promised:?}"
        );
        assert!(
            matches!(promised, PairVerdict::Unsupported { .. }),
            "and nobody promises it"
        );
    });
}

#[test]
fn from_1_x_to_2_x_nothing_is_supported_without_a_condition() {
    with_flink(|flink| {
        let verdict = flink.pair(&v("1.20.5"), &v("2.3.0"));
        let grounds: Vec<String> = verdict
            .reasons()
            .iter()
            .map(|reason| reason.ground.to_string())
            .collect();
        assert!(
            grounds.contains(&"state compatibility is not guaranteed between 1.x and 2.x".to_owned()),
            "{grounds:?}"
        );
        assert!(
            grounds.contains(&"the vendor does not promise it".to_owned()),
            "{grounds:?}"
        );
    });
}

#[test]
fn what_no_source_speaks_of_is_unknown() {
    with_flink(|flink| {
        for (from, to) in [
            ("1.20.5", "2.4.0"),
            ("2.3.0", "2.4.0"),
            ("3.0.0", "3.1.0"),
            ("1.5.0", "1.17.0"),
            ("1.11.0", "2.0.0"),
        ] {
            let verdict = flink.pair(&v(from), &v(to));
            assert!(
                matches!(verdict, PairVerdict::Unknown { .. }),
                "{from} -> {to}: {verdict:?}"
            );
        }
        assert_eq!(flink.metadata_versions_read(&v("2.4.0")), None);
        assert_eq!(flink.metadata_version_written(&v("2.4.0")), None);
    });
}

/// Every pair of lines that the catalogue has ever heard of, and some that it has not.
#[test]
fn a_downgrade_is_never_offered() {
    let lines: Vec<Version> = (1..=20)
        .map(|minor| v(&format!("1.{minor}.3")))
        .chain((0..=4).map(|minor| v(&format!("2.{minor}.1"))))
        .chain([v("3.0.0")])
        .collect();
    with_flink(|flink| {
        for (at, from) in lines.iter().enumerate() {
            for to in lines.iter().take(at) {
                let verdict = flink.pair(from, to);
                assert!(
                    matches!(verdict, PairVerdict::Unsupported { .. }),
                    "{from} -> {to}: {verdict:?}"
                );
                assert!(!verdict.reasons().is_empty());
            }
        }
    });
}

#[test]
fn a_pair_that_only_an_experiment_speaks_of_is_never_supported() {
    with_flink(|flink| {
        for (from, to) in [
            ("1.20.5", "2.0.2"),
            ("2.0.2", "2.1.3"),
            ("2.1.3", "2.3.0"),
            ("1.14.6", "1.16.3"),
        ] {
            let verdict = flink.pair(&v(from), &v(to));
            assert!(
                matches!(verdict, PairVerdict::Conditional { .. }),
                "{from} -> {to}: {verdict:?}"
            );
            let said = verdict
                .reasons()
                .iter()
                .find(|r| r.ground == Ground::NotPromised)
                .expect("said so");
            assert_ne!(said.origin.confidence, Confidence::Vendor);
        }
    });
}

#[test]
fn formats_are_those_of_the_releases() {
    with_flink(|flink| {
        for (version, written, read, header) in [
            ("1.16.3", 4, (1, 4), 5),
            ("1.17.2", 4, (1, 4), 5),
            ("1.18.1", 4, (1, 4), 6),
            ("1.20.5", 4, (1, 4), 6),
            ("2.0.2", 5, (1, 5), 6),
            ("2.1.3", 6, (1, 6), 6),
            ("2.3.0", 6, (1, 6), 6),
        ] {
            assert_eq!(
                flink.metadata_version_written(&v(version)),
                Some(written),
                "{version}"
            );
            assert_eq!(flink.metadata_versions_read(&v(version)), Some(read), "{version}");
            assert_eq!(flink.operator_header(&v(version)), Some(header), "{version}");
            assert_eq!(flink.keyed_header(&v(version)), Some(6), "{version}");
        }
        for (version, written) in [("1.1.5", 1), ("1.10.3", 2), ("1.11.0", 3), ("1.15.4", 3)] {
            assert_eq!(
                flink.metadata_version_written(&v(version)),
                Some(written),
                "{version}"
            );
        }
    });
}

#[test]
fn java_is_supported_where_a_source_says_so_and_unknown_elsewhere() {
    with_flink(|flink| {
        for (version, java, expected) in [
            ("1.16.3", 8, Some(Support::Supported)),
            ("2.0.2", 8, Some(Support::Unsupported)),
            ("1.16.3", 17, Some(Support::Undeclared)),
            ("1.18.1", 17, Some(Support::Beta)),
            ("2.3.0", 17, Some(Support::Supported)),
            ("2.3.0", 11, Some(Support::Supported)),
            ("2.3.0", 21, Some(Support::Beta)),
            ("1.20.5", 21, None),
            ("2.3.0", 25, None),
            ("2.4.0", 17, None),
        ] {
            match flink.java_supported(&v(version), java) {
                Observed::Known(known) => assert_eq!(Some(known.support), expected, "{version} on {java}"),
                Observed::Unknown(gap) => assert_eq!(expected, None, "{version} on {java}: {gap}"),
            }
        }
    });
}

#[test]
fn only_1_16_to_2_3_are_acted_upon() {
    with_flink(|flink| {
        assert_eq!(
            flink.acted_upon(&v("1.15.4")),
            ActedUpon::TooOld { lowest: v("1.16") }
        );
        assert_eq!(
            flink.acted_upon(&v("2.4.0")),
            ActedUpon::TooNew { highest: v("2.3") }
        );
        for version in ["1.16.0", "1.20.5", "2.3.7"] {
            assert_eq!(flink.acted_upon(&v(version)), ActedUpon::Yes, "{version}");
        }
    });
}

#[test]
fn every_kind_of_snapshot_is_judged_for_every_purpose() {
    with_flink(|flink| {
        let kinds = [
            Kind::Canonical,
            Kind::Native,
            Kind::AlignedCheckpoint,
            Kind::UnalignedCheckpoint,
        ];
        let purposes = [
            Purpose::BackendChange,
            Purpose::Relocation,
            Purpose::SchemaEvolution,
            Purpose::JobUpgrade,
            Purpose::LineUpgrade,
            Purpose::PatchUpgrade,
            Purpose::Rescaling,
        ];
        for kind in kinds {
            for purpose in purposes {
                assert!(
                    flink.snapshot_serves(kind, purpose).known().is_some(),
                    "{kind:?} {purpose:?}"
                );
            }
        }
        let serves = |kind, purpose| {
            flink
                .snapshot_serves(kind, purpose)
                .known()
                .map(|(serves, _)| *serves)
        };
        assert_eq!(serves(Kind::Native, Purpose::BackendChange), Some(Serves::No));
        assert_eq!(serves(Kind::Native, Purpose::LineUpgrade), Some(Serves::Yes));
        assert_eq!(
            serves(Kind::UnalignedCheckpoint, Purpose::LineUpgrade),
            Some(Serves::No)
        );
        assert_eq!(
            serves(Kind::Native, Purpose::SchemaEvolution),
            Some(Serves::Unpromised)
        );
    });
}

#[test]
fn configuration_files_are_read_as_the_releases_read_them() {
    with_flink(|flink| {
        for (version, names, written) in [
            ("1.18.1", &["flink-conf.yaml"][..], "flink-conf.yaml"),
            ("1.19.3", &["flink-conf.yaml", "config.yaml"], "config.yaml"),
            ("1.20.5", &["flink-conf.yaml", "config.yaml"], "config.yaml"),
            ("2.0.2", &["config.yaml"], "config.yaml"),
        ] {
            let file = flink.config_file(&v(version)).expect("known");
            assert_eq!(file.names, names, "{version}");
            assert_eq!(file.written(), written, "{version}");
        }
        assert!(flink.config_file(&v("2.4.0")).is_none());
    });
}

#[test]
fn names_that_changed_are_found_by_both_names() {
    with_flink(|flink| {
        for (old, new, before, after) in [
            (
                "state.checkpoints.dir",
                "execution.checkpointing.dir",
                "1.18.1",
                "1.20.5",
            ),
            (
                "state.savepoints.dir",
                "execution.checkpointing.savepoint-dir",
                "1.18.1",
                "1.20.5",
            ),
            ("restart-strategy", "restart-strategy.type", "1.16.3", "1.17.2"),
            ("state.backend", "state.backend.type", "1.16.3", "1.17.2"),
            (
                "execution.savepoint.path",
                "execution.state-recovery.path",
                "1.18.1",
                "2.0.2",
            ),
            (
                "execution.savepoint-restore-mode",
                "execution.state-recovery.claim-mode",
                "1.18.1",
                "2.3.0",
            ),
            ("env.java.opts", "env.java.opts.all", "1.16.3", "1.17.2"),
        ] {
            assert!(
                matches!(flink.key_standing(&v(before), old), KeyStanding::Option(_)),
                "{old} in {before}"
            );
            match flink.key_standing(&v(after), old) {
                KeyStanding::ReadAs(readers) => {
                    assert_eq!(
                        readers.iter().map(|o| o.key.as_str()).collect::<Vec<_>>(),
                        [new],
                        "{old} in {after}"
                    );
                }
                other => panic!("{old} in {after}: {other:?}"),
            }
        }
    });
}

#[test]
fn the_option_lists_hold_every_key_of_the_releases_own_default_files() {
    let keys = [
        "env.java.opts.all",
        "jobmanager.rpc.address",
        "jobmanager.rpc.port",
        "jobmanager.bind-host",
        "jobmanager.memory.process.size",
        "jobmanager.execution.failover-strategy",
        "taskmanager.bind-host",
        "taskmanager.host",
        "taskmanager.numberOfTaskSlots",
        "taskmanager.memory.process.size",
        "parallelism.default",
        "rest.address",
        "rest.bind-address",
    ];
    with_flink(|flink| {
        for line in flink.options.lines() {
            let count = flink.options.keys(line).count();
            assert!(count > 800, "{line} has only {count} keys");
            for key in keys
                .iter()
                .filter(|key| **key != "env.java.opts.all" || *line >= v("1.17"))
            {
                assert!(
                    matches!(flink.key_standing(line, key), KeyStanding::Option(_)),
                    "{key} in {line}"
                );
            }
        }
    });
}

// ---- loading ----

const HEAD: &str = "date = \"2026-11-21\"\n";

fn files(changes: &[(&str, &str)]) -> BTreeMap<String, String> {
    let base = [
        ("flink/catalogue.toml", HEAD),
        ("flink/config.toml", ""),
        ("flink/options.tsv", "#1.19 1.20\n"),
        ("flink/releases.toml", ""),
        ("flink/savepoints.toml", ""),
    ];
    let all = base.iter().chain(changes);
    all.map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

#[track_caller]
fn refused(name: &str, text: &str) -> LoadError {
    Knowledge::load(&files(&[(name, text)])).expect_err("refused")
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}

const ROW: &str = "source = \"a page\"\nconfidence = \"vendor\"\n";

#[test]
fn an_empty_catalogue_loads_and_knows_nothing() {
    let knowledge = Knowledge::load(&files(&[])).expect("loads");
    let verdict = knowledge.flink().pair(&v("1.18.1"), &v("1.20.5"));
    assert!(matches!(verdict, PairVerdict::Unknown { .. }), "{verdict:?}");
    assert!(knowledge.flink().config_file(&v("1.20")).is_none());
}

#[test]
fn unknown_keys_are_refused_wherever_they_stand() {
    let error = refused(
        "flink/releases.toml",
        &format!("[[metadata]]\nwritten = 4\nwriten = 5\n{ROW}"),
    );
    assert!(chain(&error).contains("writen"), "{}", chain(&error));
    let error = refused("flink/releases.toml", &format!("[[metadta]]\nwritten = 4\n{ROW}"));
    assert!(
        matches!(error, LoadError::UnknownTable { ref key, .. } if key == "metadta"),
        "{error}"
    );
    let error = refused("flink/catalogue.toml", &format!("{HEAD}dat = 1\n"));
    assert!(matches!(error, LoadError::UnknownTable { .. }), "{error}");
    let error = Knowledge::load(&files(&[("flink/extra.toml", "")])).expect_err("refused");
    assert!(matches!(error, LoadError::UnknownFile { .. }), "{error}");
}

#[test]
fn a_row_without_a_source_is_refused() {
    for row in [
        "[[metadata]]\nwritten = 4\n",
        "[[metadata]]\nwritten = 4\nconfidence = \"vendor\"\n",
        "[[metadata]]\nwritten = 4\nsource = \"a page\"\n",
        "[[metadata]]\nwritten = 4\nsource = \" \"\nconfidence = \"vendor\"\n",
    ] {
        assert!(
            matches!(
                refused("flink/releases.toml", row),
                LoadError::NoSource { row: 1, .. }
            ),
            "{row}"
        );
    }
}

#[test]
fn words_outside_of_a_closed_set_are_refused() {
    for (name, row) in [
        (
            "flink/releases.toml",
            "[[metadata]]\nwritten = 4\nsource = \"a\"\nconfidence = \"sure\"\n".to_owned(),
        ),
        (
            "flink/releases.toml",
            format!("[[java]]\nfeature = 17\nsupport = \"perhaps\"\n{ROW}"),
        ),
        (
            "flink/savepoints.toml",
            format!(
                "[[limit]]\nwhen = \"full_moon\"\neffect = \"fails\"\ntext = \"t\"\nadvice = \"a\"\n{ROW}"
            ),
        ),
        (
            "flink/releases.toml",
            format!("[[metadata]]\nwritten = 4\nsince = \"latest\"\n{ROW}"),
        ),
    ] {
        assert!(
            matches!(refused(name, &row), LoadError::Row { row: 1, .. }),
            "{row}"
        );
    }
}

#[test]
fn ranges_that_hold_nothing_are_refused() {
    let row = format!("[[metadata]]\nwritten = 4\nsince = \"1.20\"\nuntil = \"1.18\"\n{ROW}");
    assert!(matches!(
        refused("flink/releases.toml", &row),
        LoadError::ImpossibleRange { .. }
    ));
    for key in ["from", "to"] {
        let other = if key == "from" { "to" } else { "from" };
        let row = format!("[[resume]]\n{key} = [\"1.20\", \"1.18\"]\n{other} = [\"1.18\", \"1.20\"]\n{ROW}");
        assert!(
            matches!(
                refused("flink/savepoints.toml", &row),
                LoadError::ImpossibleRange { .. }
            ),
            "{row}"
        );
    }
}

#[test]
fn two_rows_that_answer_one_question_are_refused() {
    let row =
        |since: &str, written: u32| format!("[[metadata]]\nwritten = {written}\nsince = \"{since}\"\n{ROW}");
    let rows = format!("{}{}", row("1.16", 4), row("2.0", 5));
    assert!(matches!(
        refused("flink/releases.toml", &rows),
        LoadError::Overlap {
            first: 1,
            second: 2,
            ..
        }
    ));
}

#[test]
fn an_option_list_of_another_shape_is_refused() {
    let error = refused("flink/options.tsv", "#1.19 1.20\nkey without columns\n");
    assert!(matches!(error, LoadError::Options { .. }), "{error}");
    let mut missing = files(&[]);
    missing.remove("flink/options.tsv");
    assert!(matches!(
        Knowledge::load(&missing),
        Err(LoadError::MissingFile { .. })
    ));
}
