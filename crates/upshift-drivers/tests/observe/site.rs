//! Declarations and plans' sites as the tests need them.

use std::collections::BTreeMap;

use upshift_drivers::Clock;
use upshift_drivers::flink::FlinkDriver;
use upshift_drivers::wire::Secrets;
use upshift_model::endpoint::Endpoint;
use upshift_model::flink::{
    Cluster, Declaration, DeclaredInstallation, FormWish, Probe, ProbeAsk, ProbeExpect, RunAs, Site,
    StrategyWish, Target,
};
use upshift_model::objects::ObjectAccess;
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy};
use upshift_model::span::Millis;

pub(crate) const NOON: i64 = 1_795_262_400;

pub(crate) fn clock() -> Clock {
    Clock::by(|| jiff::Timestamp::from_second(NOON).unwrap())
}

pub(crate) fn declaration(rest: &str) -> Declaration {
    Declaration {
        name: "orders".into(),
        rest: Endpoint::plain(rest),
        current: None,
        target: Target::SameCluster,
        savepoints: "s3://bucket/savepoints".to_owned(),
        form: FormWish::Auto,
        trial_savepoint: false,
        recent: Millis::from_secs(600),
        objects: ObjectAccess::default(),
        jobs: Vec::new(),
        probes: Vec::new(),
        strategy: StrategyWish::Auto,
        soak: Millis::from_secs(1),
        finalize_after: None,
        require_uids: false,
        policy: Policy {
            on_failed_gate: OnFailedGate::Ask,
            on_lane_failure: OnLaneFailure::All,
            replay_limit: Millis::ZERO,
            max_downtime: None,
            keep_restore_points: None,
            notify: Vec::new(),
        },
        waivers: Vec::new(),
    }
}

pub(crate) fn installation(
    home: &std::path::Path,
    conf: &std::path::Path,
    version: &str,
) -> DeclaredInstallation {
    DeclaredInstallation {
        version: version.parse().unwrap(),
        home: home.to_owned(),
        archive: None,
        conf: conf.to_owned(),
        logs: None,
        pids: None,
        java_home: None,
        task_managers: 1,
        run_as: RunAs::Local,
    }
}

pub(crate) fn looking(declared: &Declaration) -> FlinkDriver {
    FlinkDriver::for_declaration(declared, Secrets::none(), clock()).unwrap()
}

pub(crate) fn site(rest: &str, version: &str) -> Site {
    let old = Cluster {
        rest: Endpoint::plain(rest),
        version: version.parse().unwrap(),
        installation: None,
    };
    Site {
        clusters: BTreeMap::from([("old".into(), old)]),
        jobs: BTreeMap::new(),
        savepoints: "file:///srv/savepoints".to_owned(),
        objects: upshift_model::objects::ObjectAccess::default(),
        probes: BTreeMap::new(),
    }
}

pub(crate) fn command(words: &[&str], timeout: u64) -> Probe {
    Probe {
        ask: ProbeAsk::Command(words.iter().map(|word| (*word).to_owned()).collect()),
        expect: ProbeExpect::Success,
        timeout: Millis(timeout),
    }
}
