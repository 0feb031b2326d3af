//! What a person would have written about a simulated cluster.

use upshift_model::alluxio::{Client, Declaration, Unpersisted, Way, Writers};
use upshift_model::endpoint::Endpoint;
use upshift_model::host::{Host, Reach, Ssh};
use upshift_model::ids::{Code, SystemName};
use upshift_model::objects::ObjectAccess;
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy};
use upshift_model::span::Millis;
use upshift_model::waiver::Waiver;

use crate::alluxio::Shape;
use upshift_model::alluxio::THIS_MACHINE;

/// The folder that masters write their journal into.
pub const JOURNAL: &str = "/srv/journal";
pub(super) const OLD_HOME: &str = "/opt/old";
pub(super) const NEW_HOME: &str = "/opt/new";

/// What a master's host is called. One alone is this machine.
pub(super) fn host_name(shape: &Shape, host: usize) -> String {
    match shape.masters {
        0 | 1 => THIS_MACHINE.to_owned(),
        _ => format!("h{host}"),
    }
}

/// Where a master answers.
pub(super) fn address(shape: &Shape, host: usize) -> String {
    match shape.masters {
        0 | 1 => "http://127.0.0.1:19999".to_owned(),
        _ => format!("http://h{host}:19999"),
    }
}

/// The hosts of several masters; one alone needs none.
fn hosts(shape: &Shape) -> Vec<Host> {
    let one = |host: usize| {
        let name = host_name(shape, host);
        Host {
            reach: Reach::Ssh(Ssh::new(name.clone()).expect("a name of a host")),
            name,
        }
    };
    match shape.masters {
        0 | 1 => Vec::new(),
        several => (0..several).map(one).collect(),
    }
}

/// See the module. Findings of these codes and subjects were accepted.
pub fn declaration(shape: &Shape, accepted: &[(&str, &str)]) -> Declaration {
    let (from, to) = shape.releases;
    let version = |text: &str| text.parse().expect("a hop is between releases");
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
        masters: (0..shape.masters)
            .map(|host| Endpoint::plain(address(shape, host)))
            .collect(),
        current: version(from),
        target: version(to),
        home: OLD_HOME.into(),
        target_home: NEW_HOME.into(),
        objects: ObjectAccess::default(),
        backups: "/srv/upshift".into(),
        way: Some(match shape.by_backup {
            true => Way::Backup,
            false => Way::InPlace,
        }),
        unpersisted: Unpersisted::Keep,
        hosts: hosts(shape),
        elsewhere: Vec::new(),
        save_tiers: shape.saves_tiers.then(|| "/srv/saved".into()),
        format_workers: false,
        writers: Some(Writers {
            stop: vec!["/opt/etl/stop".to_owned()],
            start: vec!["/opt/etl/start".to_owned()],
        }),
        worker_options: vec!["NoMount".to_owned()],
        master_log: "/opt/new/logs/master.log".into(),
        clients: vec![Client {
            name: "spark".to_owned(),
            version: version(to),
            switch: None,
        }],
        soak: Millis::from_secs(5),
        policy: Policy {
            on_failed_gate: match shape.goes_back_by_itself {
                true => OnFailedGate::RollBack,
                false => OnFailedGate::Ask,
            },
            on_lane_failure: OnLaneFailure::All,
            replay_limit: Millis::from_secs(3_600),
            max_downtime: None,
            keep_restore_points: None,
            notify: Vec::new(),
        },
        waivers: accepted.collect(),
    }
}
