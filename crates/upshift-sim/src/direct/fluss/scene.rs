//! What a person would have written about a simulated cluster.

use upshift_model::fluss::{Access, Declaration, DeclaredServer, ServerId};
use upshift_model::ids::{Code, SystemName};
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy};
use upshift_model::span::Millis;
use upshift_model::waiver::Waiver;

use crate::fluss::{COORDINATOR, Shape};

/// Which server of the world it is.
pub(super) const fn number(id: ServerId) -> i32 {
    match id {
        ServerId::Coordinator => COORDINATOR,
        ServerId::TabletServer(n) => n,
    }
}

pub(super) const fn server_id(n: i32) -> ServerId {
    match n {
        COORDINATOR => ServerId::Coordinator,
        n => ServerId::TabletServer(n),
    }
}

/// The folder of a server's configuration, the same for both releases.
pub(super) fn conf(n: i32) -> String {
    format!("/srv/fluss/{n}")
}

/// See the module. Findings of these codes and subjects were accepted.
pub fn declaration(shape: &Shape, accepted: &[(&str, &str)]) -> Declaration {
    let (from, to) = shape.hop.releases();
    let version = |text: &str| text.parse().expect("a hop is between releases");
    let server = |n: i32| DeclaredServer {
        id: server_id(n),
        conf: conf(n).into(),
        target_conf: conf(n).into(),
        start: vec![format!("/opt/fluss-{from}/start"), n.to_string()],
        target_start: vec![format!("/opt/fluss-{to}/start"), n.to_string()],
    };
    let accepted = accepted.iter().map(|(code, subject)| Waiver {
        code: Code::from((*code).to_owned()),
        subject: (*subject).to_owned(),
        reason: "it is so in a simulation".to_owned(),
        by: None,
        ticket: None,
        until: None,
    });
    Declaration {
        name: SystemName::new("simulated"),
        zookeeper: "127.0.0.1:2181".to_owned(),
        root: "/fluss".to_owned(),
        access: Access::default(),
        current: version(from),
        target: version(to),
        hosts: Vec::new(),
        clients: Vec::new(),
        tiering: None,
        target_home: None,
        staged: Vec::new(),
        java_home: None,
        servers: (COORDINATOR..i32::from(shape.servers)).map(server).collect(),
        evidence: Some("/var/lib/upshift/evidence".into()),
        soak: Millis::from_secs(10),
        probes: Vec::new(),
        spread_leaders: true,
        policy: Policy {
            on_failed_gate: match shape.goes_back_by_itself {
                true => OnFailedGate::RollBack,
                false => OnFailedGate::Ask,
            },
            on_lane_failure: OnLaneFailure::All,
            replay_limit: Millis::ZERO,
            max_downtime: None,
            keep_restore_points: None,
            notify: Vec::new(),
        },
        waivers: accepted.collect(),
    }
}
