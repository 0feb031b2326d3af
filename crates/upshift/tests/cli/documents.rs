//! What the reading commands say to machines.

use upshift_model::inventory::Inventory;
use upshift_model::plan::Sealed;

use crate::server::{serve, with_one_job};
use crate::support::Site;

fn orders() -> Site {
    Site::at(&serve(with_one_job("1.18.1", "orders")))
}

#[test]
fn observe_gives_the_inventory_document() {
    let ran = orders().upshift(&["observe", "orders.toml", "--json"]).exits(0);
    let inventory: Inventory = serde_json::from_str(&ran.out).expect("an inventory");
    assert_eq!((inventory.system.as_str(), ran.err.as_str()), ("orders", ""));
}

#[test]
fn check_gives_verdict_counts_and_findings() {
    let json = orders()
        .rescaled()
        .upshift(&["check", "orders.toml", "--json"])
        .exits(0)
        .json();
    assert_eq!(json["verdict"], "conditional");
    assert_eq!(
        (&json["system"], &json["kind"]),
        (&"orders".into(), &"flink".into())
    );
    assert_eq!(
        (&json["from"], &json["to"], &json["exit"]),
        (&"1.18.1".into(), &"1.18.1".into(), &0.into())
    );
    assert_eq!(json["strategy"], "job-only");
    let findings = json["findings"].as_array().expect("findings");
    assert_eq!(json["counts"]["looked_at"], findings.len());
    let total: u64 = ["red", "yellow", "unknown", "waived", "green"]
        .iter()
        .map(|kind| json["counts"][kind].as_u64().expect("a count"))
        .sum();
    assert_eq!(json["counts"]["looked_at"], total);
    for finding in findings {
        for key in [
            "code",
            "state",
            "subject",
            "title",
            "evidence",
            "remedy",
            "sources",
            "waived_by",
        ] {
            assert!(finding.get(key).is_some(), "{key} in {finding}");
        }
    }
    for stamp in ["inventory", "knowledge"] {
        assert!(json[stamp]["digest"].is_string(), "{stamp}");
    }
}

#[test]
fn a_blocked_check_says_so_in_verdict_and_exit_code() {
    let json = orders()
        .to("1.20.5")
        .upshift(&["check", "orders.toml", "--json"])
        .exits(3)
        .json();
    assert_eq!(
        (&json["verdict"], &json["exit"]),
        (&"unsupported".into(), &3.into())
    );
    assert_eq!(json["strategy"], "in-place");
}

#[test]
fn plan_gives_the_sealed_plan_that_it_writes() {
    let site = orders().rescaled();
    let words = [
        "plan",
        "orders.toml",
        "-o",
        "orders.plan",
        "--exit-code",
        "--json",
    ];
    let json = site.upshift(&words).exits(5).json();
    assert_eq!(
        (&json["exit"], &json["nothing_to_do"]),
        (&5.into(), &false.into())
    );
    let text = std::fs::read_to_string(site.path("orders.plan")).expect("a plan");
    let written = Sealed::from_file(&text).expect("sealed");
    let shown = serde_json::from_value::<Sealed>(json["sealed"].clone()).expect("a plan");
    assert_eq!((shown.plan.steps().count() > 0, shown), (true, written));
}

#[test]
fn nothing_to_do_is_said_to_machines_too() {
    let json = orders()
        .with(crate::support::RECORDED)
        .upshift(&["plan", "orders.toml", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        (&json["nothing_to_do"], &json["sealed"]),
        (&true.into(), &serde_json::Value::Null)
    );
}

#[test]
fn diff_gives_edits_and_drift() {
    let site = orders().to("1.20.5");
    let json = site.upshift(&["diff", "orders.toml", "--json"]).exits(0).json();
    assert_eq!(json["drift"], serde_json::json!([]));
    let carried = &json["configuration"][0];
    assert!(
        carried["from"]
            .as_str()
            .is_some_and(|from| from.ends_with("conf/flink-conf.yaml")),
        "{carried}"
    );
    assert!(
        carried["unified"]
            .as_str()
            .is_some_and(|text| text.contains("+state.backend.type: hashmap"))
    );
    assert!(carried["edits"].as_array().is_some_and(|edits| !edits.is_empty()));
}
