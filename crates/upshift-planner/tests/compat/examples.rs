//! The examples of the vendors' pages, and facts that change an answer.

use serde_json::Value;
use upshift_planner::knowledge::realtime_compute::classify;
use upshift_planner::knowledge::{Known, Release, Verdict};

use crate::support::{pair, release, verdict};

fn vectors(text: &str, key: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(text).expect("JSON");
    all[key].as_array().expect("a list").clone()
}

#[test]
fn weka_pairs_are_judged_as_the_vendor_judges_them() {
    let all = vectors(
        include_str!("../../../../fixtures/compat/weka-vectors.json"),
        "path",
    );
    assert_eq!(all.len(), 17);
    for case in all {
        let text = |key: &str| case[key].as_str().expect("text");
        let answer = pair(Known::Weka, text("frm"), text("to"), &[]);
        let expected = match case["direct"].as_bool() {
            Some(true) => Verdict::Supported,
            _ => Verdict::Unsupported,
        };
        assert_eq!(answer.verdict, expected, "{case}: {answer:#?}");
    }
}

#[test]
fn engines_are_classified_as_their_numbers_say() {
    let all = vectors(
        include_str!("../../../../fixtures/compat/realtime-compute-vectors.json"),
        "vectors",
    );
    assert_eq!(all.len(), 16);
    for case in all {
        let text = |key: &str| case[key].as_str().expect("text");
        let read = |key: &str| Release::parse(Known::RealtimeCompute, text(key));
        let (Ok(from), Ok(to)) = (read("from"), read("to")) else {
            assert_eq!(text("kind"), "UNPARSEABLE", "{case}");
            continue;
        };
        let found = serde_json::to_value(classify(&from, &to)).expect("JSON");
        for key in ["kind", "state", "recommended_savepoint_format"] {
            assert_eq!(found[key], case[key], "{key} of {case}");
        }
    }
}

#[test]
fn an_engine_with_a_notice_of_lost_data_is_refused_and_state_across_majors_is_no_promise() {
    let rc = Known::RealtimeCompute;
    assert_eq!(
        verdict(rc, "vvr-6.0.7-flink-1.15", "vvr-8.0.3-flink-1.17", &[]),
        Verdict::Unsupported
    );
    assert_eq!(
        verdict(rc, "vvr-4.0.15-flink-1.13", "vvr-4.0.18-flink-1.13", &[]),
        Verdict::Supported
    );
    let major = ("vvr-4.0.15-flink-1.13", "vvr-6.0.2-flink-1.15");
    assert_eq!(verdict(rc, major.0, major.1, &[]), Verdict::Conditional);
    assert_eq!(
        verdict(rc, major.0, major.1, &["stateful=false"]),
        Verdict::Supported
    );
    let older = pair(rc, "vvr-3.0.3-flink-1.12", "vvr-4.0.8-flink-1.13", &[]);
    assert!(older.rows.iter().any(|row| row.id == "planner-1.13"));
}

#[test]
fn alluxio_journals_decide_at_the_two_borders() {
    let alluxio = Known::Alluxio;
    for (from, to, facts, expected) in [
        ("2.5.0", "2.8.1", &[][..], Verdict::Supported),
        ("1.8.1", "2.8.1", &[], Verdict::Conditional),
        ("1.8.1", "2.8.1", &["way=in-place"], Verdict::Unsupported),
        (
            "1.8.1",
            "2.8.1",
            &["way=backup", "lineage-or-key-value=false"],
            Verdict::Supported,
        ),
        ("1.7.0", "2.8.1", &["way=backup"], Verdict::Unsupported),
        ("2.3.0", "2.4.0", &["journal=ufs"], Verdict::Supported),
        ("2.3.0", "2.4.0", &["journal=embedded"], Verdict::Conditional),
        (
            "2.3.0",
            "2.4.0",
            &["journal=embedded", "way=in-place"],
            Verdict::Unsupported,
        ),
        (
            "2.3.0",
            "2.4.0",
            &["journal=embedded", "way=backup"],
            Verdict::Supported,
        ),
        (
            "2.3.0",
            "2.4.0",
            &["journal=unknown", "way=in-place"],
            Verdict::Unknown,
        ),
        (
            "2.7.3",
            "2.9.6",
            &["way=backup", "root-sync=true"],
            Verdict::Unsupported,
        ),
        (
            "2.7.3",
            "2.9.6",
            &["way=backup", "root-sync=false"],
            Verdict::Supported,
        ),
        ("2.9.6", "313", &[], Verdict::Unsupported),
        ("300", "313", &[], Verdict::Unknown),
        ("2.9.6", "1.8.1", &["way=backup"], Verdict::Unsupported),
        ("2.9.6", "2.7.3", &["way=in-place"], Verdict::Unsupported),
        ("2.5.0", "2.6.1", &["ramdisk-cache=true"], Verdict::Unsupported),
        ("2.6.1", "2.8.1", &["ramdisk-cache=true"], Verdict::Supported),
    ] {
        let answer = pair(alluxio, from, to, facts);
        assert_eq!(answer.verdict, expected, "{from} to {to} {facts:?}: {answer:#?}");
    }
}

#[test]
fn fluss_is_upgraded_release_by_release_and_goes_back_only_while_the_epoch_is_zero() {
    let fluss = Known::Fluss;
    for (from, to, facts, expected) in [
        ("0.7.0", "0.8.0-incubating", &[][..], Verdict::Supported),
        (
            "0.8.0",
            "0.9.1-incubating",
            &["lake-tables=false"],
            Verdict::Supported,
        ),
        ("0.8.0", "0.9.1", &[], Verdict::Conditional),
        ("0.6.0", "0.7.0", &[], Verdict::Conditional),
        ("0.9.1", "1.0.0", &["lake-tables=false"], Verdict::Supported),
        (
            "0.9.1",
            "1.0.0",
            &["lake-tables=false", "single-replica=true"],
            Verdict::Unsupported,
        ),
        (
            "1.0.0",
            "0.9.1",
            &["coordinator-epoch=zero"],
            Verdict::Conditional,
        ),
        (
            "1.0.0",
            "0.9.1",
            &["coordinator-epoch=positive"],
            Verdict::Unsupported,
        ),
        ("1.0.0", "0.9.1", &["coordinator-epoch=unknown"], Verdict::Unknown),
        ("0.9.1", "0.8.0", &["lake-tables=true"], Verdict::Unsupported),
        ("0.5.0", "0.7.0", &[], Verdict::Unknown),
    ] {
        let answer = pair(fluss, from, to, facts);
        assert_eq!(answer.verdict, expected, "{from} to {to} {facts:?}: {answer:#?}");
    }
    let crossing = pair(fluss, "0.7.0", "0.8.0", &[]);
    assert!(crossing.rows.iter().any(|row| row.id == "auto-compaction-off"));
}

#[test]
fn flink_is_answered_from_the_savepoint_tables_and_what_was_told() {
    let flink = Known::Flink;
    for (from, to, facts, expected) in [
        (
            "1.5",
            "1.6.2",
            &["broadcast-state=true"][..],
            Verdict::Unsupported,
        ),
        ("1.1", "1.4", &[], Verdict::Unsupported),
        ("1.20", "1.18", &[], Verdict::Unsupported),
        ("7.1", "7.2", &[], Verdict::Unknown),
    ] {
        let answer = pair(flink, from, to, facts);
        assert_eq!(answer.verdict, expected, "{from} to {to} {facts:?}: {answer:#?}");
    }
    let open = pair(flink, "1.20.5", "2.3.0", &[]);
    assert_eq!(open.verdict, Verdict::Conditional);
    assert!(
        open.open
            .iter()
            .any(|open| open.how == "--fact collection-in-pojo=true|false")
    );
    let broken = pair(flink, "1.20.5", "2.3.0", &["collection-in-pojo=true"]);
    assert_eq!(broken.verdict, Verdict::Unsupported);
}

#[test]
fn needs_count_once_they_are_told() {
    let needs = |facts: &[&str]| verdict(Known::Weka, "4.4.6", "5.0.1.101", facts);
    assert_eq!(needs(&[]), Verdict::Supported);
    assert_eq!(needs(&["mcb=true", "legacy-nfs=false"]), Verdict::Supported);
    assert_eq!(needs(&["legacy-nfs=true"]), Verdict::Unsupported);
    assert_eq!(needs(&["blocking-tasks=unknown"]), Verdict::Unknown);
}

#[test]
fn a_target_that_no_row_names_is_never_supported() {
    assert_eq!(verdict(Known::Weka, "5.0.4.401", "5.1.99", &[]), Verdict::Unknown);
    assert_eq!(
        verdict(Known::Weka, "4.2.18.34", "5.0.99", &[]),
        Verdict::Unsupported
    );
    let marked = pair(Known::Weka, "5.0.4.401-hotfix", "5.1.25", &[]);
    assert_eq!(marked.verdict, Verdict::Conditional);
    assert_eq!(release(Known::Weka, "5.0.4.401-hotfix").mark(), Some("hotfix"));
}

#[test]
fn the_end_of_the_vendors_support_is_told_and_decides_nothing() {
    let answer = pair(Known::Weka, "4.2.18.34", "4.4.26", &[]);
    assert_eq!(answer.verdict, Verdict::Supported);
    let told = answer
        .rows
        .iter()
        .find(|row| row.id == "support-ends")
        .expect("a row");
    assert_eq!(told.text, "the vendor's support of 4.4.26 ends on 2027-06-01");
    assert!(answer.because().is_some_and(|row| row.id == "vendor-range"));
}

#[test]
fn what_a_program_changes_about_its_state_is_answered_once_it_is_told() {
    let told = |facts: &[&str]| verdict(Known::Flink, "1.20.0", "1.20.5", facts);
    for (facts, expected) in [
        (&[][..], Verdict::Supported),
        (&["uids=none", "job-changed=false"], Verdict::Supported),
        (&["uids=none", "job-changed=true"], Verdict::Unsupported),
        (&["uids=some", "job-changed=true"], Verdict::Conditional),
        (&["state-type-changed=true"], Verdict::Unsupported),
        (&["internal-types-changed=true"], Verdict::Unsupported),
        (
            &["removed-state=true", "dropped-state-allowed=true"],
            Verdict::Conditional,
        ),
        (
            &["removed-state=true", "dropped-state-allowed=false"],
            Verdict::Unsupported,
        ),
        (&["max-parallelism-change=true"], Verdict::Unsupported),
        (&["form=native", "backend-change=true"], Verdict::Unsupported),
        (&["form=canonical", "backend-change=true"], Verdict::Supported),
        (&["form=canonical", "relocated=true"], Verdict::Supported),
        (&["form=checkpoint", "relocated=true"], Verdict::Unsupported),
        (&["claim=claim"], Verdict::Conditional),
        (&["claim=no-claim"], Verdict::Supported),
        (&["state-type-changed=unknown"], Verdict::Unknown),
    ] {
        assert_eq!(told(facts), expected, "{facts:?}");
    }
    assert_eq!(
        verdict(Known::Flink, "1.9", "1.10", &["relocated=true"]),
        Verdict::Unsupported
    );
    assert_eq!(
        verdict(Known::Flink, "1.20", "2.0", &["java=8"]),
        Verdict::Unsupported
    );
}

#[test]
fn what_must_be_so_of_a_cluster_is_answered_once_it_is_told() {
    use Verdict::{Conditional, Supported, Unknown, Unsupported};
    let check = |system: Known, pair: &str, told: &[(&str, Verdict)]| {
        let (from, to) = pair.split_once(" to ").expect("two releases");
        for (fact, expected) in told {
            assert_eq!(
                verdict(system, from, to, &[fact]),
                *expected,
                "{system} {pair} {fact}"
            );
        }
    };
    let fluss = [
        ("jaas-class-names=true", Unsupported),
        ("replicas-in-sync=false", Unsupported),
        ("server-tags=true", Conditional),
        ("nearly-full-disk=true", Supported),
    ];
    check(Known::Fluss, "0.7.0 to 0.8.0", &fluss);
    let alluxio = [
        ("root-ufs-changed=true", Unsupported),
        ("mixed-versions=true", Unsupported),
        ("java=17", Unsupported),
    ];
    check(Known::Alluxio, "2.5.0 to 2.8.1", &alluxio);
    check(
        Known::Alluxio,
        "1.6.0 to 1.8.0",
        &[("root-ufs-changed=false", Supported)],
    );
    check(
        Known::Alluxio,
        "1.4.0 to 1.5.0",
        &[("root-ufs-changed=false", Conditional)],
    );
    let weka = [
        ("connectx-4=true", Unsupported),
        ("mixed-backends=unknown", Unknown),
    ];
    check(Known::Weka, "4.4.6 to 5.0.1.101", &weka);
    check(
        Known::Weka,
        "4.2.18.34 to 4.4.26",
        &[("connectx-4=true", Supported)],
    );
    let engines = "vvr-4.0.15-flink-1.13 to vvr-4.0.18-flink-1.13";
    check(Known::RealtimeCompute, engines, &[("drain=true", Unsupported)]);
}
