//! Routes: the vendors' examples, orders that come out by themselves, and what blocks.

use serde_json::Value;
use upshift_planner::knowledge::{Known, Verdict};
use upshift_planner::route::Outcome;

use crate::support::{found, moves, search};

#[test]
fn weka_goes_by_the_builds_that_the_vendor_goes_by() {
    let text = include_str!("../../../../fixtures/compat/weka-vectors.json");
    let all: Value = serde_json::from_str(text).expect("JSON");
    let all = all["multihop"].as_array().expect("a list");
    assert_eq!(all.len(), 5);
    for case in all {
        let text = |key: &str| case[key].as_str().expect("text");
        let route = found(search(Known::Weka, text("frm"), text("to"), None, &[], false));
        let hops: Vec<&str> = route.hops.iter().map(|hop| hop.as_str()).collect();
        let expected: Vec<&str> = case["hops"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(hops, expected);
    }
}

#[test]
fn weka_clients_are_upgraded_between_the_hops_because_they_would_lag_too_far() {
    let route = found(search(
        Known::Weka,
        "4.2.18.34",
        "5.1.25",
        Some("4.2.18.34"),
        &[],
        false,
    ));
    assert_eq!(
        moves(&route),
        [
            "cluster 4.4.26",
            "clients 4.4.26",
            "cluster 5.1.25",
            "clients 5.1.25"
        ]
    );
    assert_eq!(route.verdict, Verdict::Supported);
    assert!(
        route
            .reasons
            .iter()
            .any(|why| why.contains("clients go to 4.4.26 before cluster goes to 5.1.25")),
        "{:?}",
        route.reasons
    );
    assert!(
        route.reasons.iter().any(|why| why.starts_with("not in one hop")),
        "{:?}",
        route.reasons
    );
}

#[test]
fn weka_without_a_route_says_what_blocks_and_what_would_open_one() {
    for (from, to) in [
        ("4.4.30", "5.1.25"),
        ("4.4.30", "5.1.0.605"),
        ("5.1.25", "4.4.33"),
    ] {
        let Outcome::Blocked(blocked) = search(Known::Weka, from, to, None, &[], false) else {
            panic!("{from} to {to} has a route");
        };
        assert_eq!(blocked.verdict, Verdict::Unsupported);
        assert!(!blocked.because.is_empty());
        assert!(!blocked.opens.is_empty());
    }
    let Outcome::Blocked(skew) = search(Known::Weka, "5.0.1.101", "5.0.4.401", Some("5.1.25"), &[], false)
    else {
        panic!("clients that are newer than their cluster have no route");
    };
    assert!(
        skew.opens
            .iter()
            .any(|open| open.starts_with("clients of another release")),
        "{:?}",
        skew.opens
    );
}

#[test]
fn fluss_moves_tablet_servers_first_but_not_from_0_6() {
    let roll = found(search(
        Known::Fluss,
        "0.8.0",
        "0.9.1",
        None,
        &["lake-tables=false"],
        false,
    ));
    assert_eq!(moves(&roll), ["tablet servers 0.9.1", "coordinator 0.9.1"]);
    let Outcome::Blocked(blocked) = search(Known::Fluss, "0.6.0", "0.7.0", None, &[], false) else {
        panic!("servers of 0.6 do not stand beside those of 0.7");
    };
    assert!(!blocked.because.is_empty(), "{blocked:?}");
    let old = found(search(
        Known::Fluss,
        "0.6.0",
        "0.7.0",
        None,
        &["stop=full"],
        false,
    ));
    assert_eq!(moves(&old), ["tablet servers+coordinator 0.7.0"]);
    let stopped = found(search(
        Known::Fluss,
        "0.6.0",
        "0.9.1",
        None,
        &["stop=full", "lake-tables=false"],
        false,
    ));
    // Nobody knows of a full stop that goes further than one line.
    assert_eq!(stopped.hops[1].to_string(), "0.7.0", "{:?}", stopped.hops);
}

#[test]
fn alluxio_changes_clients_with_the_servers_where_neither_understands_the_other() {
    let facts = ["way=backup", "lineage-or-key-value=false", "root-sync=false"];
    let route = found(search(
        Known::Alluxio,
        "1.8.1",
        "2.9.6",
        Some("1.8.1"),
        &facts,
        false,
    ));
    assert_eq!(moves(&route), ["cluster+clients 2.9.6"]);
    let within = found(search(
        Known::Alluxio,
        "2.5.0",
        "2.8.1",
        Some("2.5.0"),
        &[],
        false,
    ));
    assert_eq!(within.hops.len(), 2);
}

#[test]
fn flink_goes_by_a_release_between_where_the_table_has_an_empty_cell() {
    let route = found(search(Known::Flink, "1.1", "1.11", None, &[], false));
    assert!(route.hops.len() > 2, "{:?}", route.hops);
    assert!(matches!(
        search(Known::Flink, "1.20", "1.18", None, &[], false),
        Outcome::Blocked(_)
    ));
}

#[test]
fn what_nobody_knows_blocks_as_unknown() {
    let Outcome::Blocked(blocked) = search(Known::Fluss, "0.6.0", "0.7.0", Some("0.7.0"), &[], false) else {
        panic!("nothing is known of clients of 0.7 with servers of 0.6");
    };
    assert_eq!(blocked.verdict, Verdict::Unknown);
    let far = found(search(Known::Flink, "1.3", "1.20", None, &[], false));
    assert!(
        far.reasons[0].contains("it is not known whether"),
        "{:?}",
        far.reasons
    );
}

#[test]
fn fluss_goes_by_way_of_the_release_that_upstream_says_nothing_of_skipping() {
    let route = found(search(
        Known::Fluss,
        "0.7.0",
        "0.9.1",
        None,
        &["lake-tables=false"],
        false,
    ));
    let hops: Vec<&str> = route.hops.iter().map(|hop| hop.as_str()).collect();
    assert_eq!(hops, ["0.7.0", "0.8.0-incubating", "0.9.1"]);
    assert_eq!(route.verdict, Verdict::Supported);
}

#[test]
fn clients_that_may_not_be_as_they_are_are_told_and_block_strictly() {
    for clients in ["5.1.25", "4.0.5.39"] {
        let route = found(search(Known::Weka, "4.4.26", "5.1.25", Some(clients), &[], false));
        assert_eq!(route.verdict, Verdict::Conditional);
        assert!(
            route
                .reasons
                .iter()
                .any(|why| why.starts_with("as it stands now it may not be")),
            "{:?}",
            route.reasons
        );
        let Outcome::Blocked(blocked) = search(Known::Weka, "4.4.26", "5.1.25", Some(clients), &[], true)
        else {
            panic!("clients of {clients} pass strictly");
        };
        assert_eq!(blocked.verdict, Verdict::Unsupported);
    }
}

#[test]
fn a_blocked_route_always_says_what_blocks_and_what_would_open_one() {
    for (system, from, to, strict, expected) in [
        (Known::Alluxio, "2.9.6", "313", false, Verdict::Unsupported),
        (Known::Alluxio, "2.3.0", "2.9.6", true, Verdict::Unknown),
        (Known::Weka, "4.2.18.34", "6.0", false, Verdict::Unknown),
        (Known::Flink, "1.20.5", "1.18.1", false, Verdict::Unsupported),
    ] {
        let Outcome::Blocked(blocked) = search(system, from, to, None, &[], strict) else {
            panic!("{system} {from} to {to} has a route");
        };
        assert_eq!(blocked.verdict, expected, "{system} {from} to {to}");
        assert!(
            !blocked.because.is_empty() && !blocked.opens.is_empty(),
            "{blocked:?}"
        );
    }
    let Outcome::Blocked(back) = search(Known::Flink, "1.20.5", "1.18.1", None, &[], false) else {
        panic!("Flink goes back");
    };
    assert_eq!(back.reached.len(), 1, "{:?}", back.reached);
}
