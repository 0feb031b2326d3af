//! Clients of one release, servers of another.

use serde_json::Value;
use upshift_planner::knowledge::{Facts, Known, Verdict};

use crate::support::{LIBRARY, release};

fn client(system: Known, server: &str, client: &str) -> Verdict {
    let (server, client) = (release(system, server), release(system, client));
    LIBRARY.client(&server, &client, &Facts::default()).verdict
}

#[test]
fn weka_clients_may_lag_as_far_as_the_vendor_lets_them() {
    let text = include_str!("../../../../fixtures/compat/weka-vectors.json");
    let all: Value = serde_json::from_str(text).expect("JSON");
    let all = all["client_skew"].as_array().expect("a list");
    assert_eq!(all.len(), 5);
    for case in all {
        let text = |key: &str| case[key].as_str().expect("text");
        let expected = match case["ok"].as_bool() {
            Some(true) => Verdict::Supported,
            _ => Verdict::Unsupported,
        };
        assert_eq!(
            client(Known::Weka, text("backend"), text("client")),
            expected,
            "{case}"
        );
    }
    assert_eq!(
        client(Known::Weka, "4.4.20.116", "4.2.18.34"),
        Verdict::Unsupported
    );
    assert_eq!(client(Known::Weka, "5.0.4", "4.3.5.105"), Verdict::Conditional);
}

#[test]
fn other_systems_say_what_their_tables_say() {
    for (system, server, of, expected) in [
        (Known::Fluss, "0.7.0", "0.8.0", Verdict::Supported),
        (Known::Fluss, "0.8.0", "0.7.0", Verdict::Supported),
        (Known::Fluss, "0.6.0", "0.7.0", Verdict::Unknown),
        (Known::Fluss, "1.0.0", "0.9.1", Verdict::Conditional),
        (Known::Alluxio, "2.9.6", "1.8.1", Verdict::Unsupported),
        (Known::Alluxio, "1.8.1", "2.9.6", Verdict::Unsupported),
        (Known::Alluxio, "2.9.6", "2.1.0", Verdict::Supported),
        (Known::Flink, "1.20.5", "1.18.1", Verdict::Unknown),
    ] {
        assert_eq!(client(system, server, of), expected, "{system} {server} {of}");
    }
}
