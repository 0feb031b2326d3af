//! The order of versions is total within a system.

use upshift_planner::knowledge::{Known, Release};

use crate::support::LIBRARY;

/// Every known release, and forms of them that people write.
fn all(system: Known) -> Vec<Release> {
    let mut all = LIBRARY.releases(system);
    let more: &[&str] = match system {
        Known::Flink => &["1.18.1", "1.18-SNAPSHOT", "2.0-rc1", "1.20.5"],
        Known::Fluss => &["0.9.0-SNAPSHOT", "0.9.0-incubating-rc2", "v0.8.0"],
        Known::RealtimeCompute => &[
            "VVR-8.0.9-Flink-1.17",
            "vera-4.5-jdk11-flink-1.20",
            "vvr-8.0.9-flink-1.15",
        ],
        Known::Alluxio => &["v2.9.6", "2.10.0-SNAPSHOT", "2.9", "302"],
        Known::Weka => &["4.4", "4.4.0", "v4.4.6-hcfs", "5.1.0.461-qa-alpha", "4.2.11-4"],
    };
    all.extend(
        more.iter()
            .map(|text| Release::parse(system, text).expect("a version")),
    );
    all
}

#[test]
fn the_order_is_total() {
    for system in Known::ALL {
        let all = all(system);
        for a in &all {
            assert!(a.cmp(a).is_eq());
            for b in &all {
                assert_eq!(a.cmp(b), b.cmp(a).reverse(), "{a} {b}");
                assert_eq!(a == b, a.cmp(b).is_eq(), "{a} {b}");
                for c in all.iter().filter(|c| a <= b && b <= *c) {
                    assert!(a <= c, "{a} {b} {c}");
                }
            }
        }
    }
}
