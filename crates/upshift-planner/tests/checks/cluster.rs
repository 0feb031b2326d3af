//! Releases, deployment, automation, and the state that the cluster keeps.

use upshift_model::flink::fit::codes as fit;
use upshift_model::flink::{FormWish, Mode, Provider, StrategyWish};
use upshift_model::observed::Observed::{self, Known};
use upshift_planner::systems::flink::codes;

use crate::cases::Outcome::{Blind, Dim, Green, Red, Refused, Yellow};
use crate::cases::{Case, check};
use crate::support::World;

fn version(text: &str) -> upshift_model::version::Version {
    text.parse().expect("a version")
}

fn deployment(world: &mut World) -> &mut upshift_model::flink::Deployment {
    match &mut world.facts.source.deployment {
        Known(deployment) => deployment,
        Observed::Unknown(gap) => panic!("{gap}"),
    }
}

fn config(world: &mut World) -> &mut std::collections::BTreeMap<String, String> {
    match &mut world.facts.source.config {
        Known(config) => config,
        Observed::Unknown(gap) => panic!("{gap}"),
    }
}

const RELEASES: &[Case] = &[
    Case {
        story: "the target is older than what runs",
        code: codes::DIRECTION,
        outcome: Refused,
        evidence: "1.20.5 runs, 1.18.1 is wanted",
        start: World::in_place,
        change: |w| {
            w.facts.source.version = version("1.20.5");
            w.target().version = version("1.18.1");
        },
    },
    Case {
        story: "what runs is too old",
        code: codes::TOO_OLD,
        outcome: Refused,
        evidence: "1.14.6",
        start: World::in_place,
        change: |w| w.facts.source.version = version("1.14.6"),
    },
    Case {
        story: "the catalogue does not know the wanted line",
        code: codes::LINE_UNKNOWN,
        outcome: Blind,
        evidence: "2.9",
        start: World::in_place,
        change: |w| w.target().version = version("2.9.0"),
    },
    Case {
        story: "1.x to 2.x is promised by nobody",
        code: codes::PAIR,
        outcome: Yellow,
        evidence: "not guaranteed between 1.x and 2.x",
        start: World::in_place,
        change: |w| w.target().version = version("2.3.0"),
    },
    Case {
        story: "1.x to 2.x fails where a POJO holds a collection, and nobody can tell before the trial savepoint",
        code: fit::COLLECTION_IN_POJO,
        outcome: Dim,
        evidence: "StateMigrationException",
        start: World::unread,
        change: |w| w.target().version = version("2.3.0"),
    },
    Case {
        story: "the job is a SQL program",
        code: codes::PAIR_CONDITION,
        outcome: Yellow,
        evidence: "Calc[3]",
        start: World::in_place,
        change: |w| w.details().vertices[1].name = "Calc[3] -> Sink: out".into(),
    },
    Case {
        story: "another release runs than the file says",
        code: codes::CURRENT_VERSION,
        outcome: Refused,
        evidence: "the file says 1.18.1, the cluster says 1.19.3",
        start: World::in_place,
        change: |w| w.facts.source.version = version("1.19.3"),
    },
    Case {
        story: "a vendor's build runs",
        code: codes::VENDOR_BUILD,
        outcome: Yellow,
        evidence: "amzn-1",
        start: World::in_place,
        change: |w| w.facts.source.version = version("1.18.1-amzn-1"),
    },
    Case {
        story: "the target cluster does not answer",
        code: codes::TARGET_CLUSTER,
        outcome: Blind,
        evidence: "connection refused",
        start: World::running_cluster,
        change: |w| w.facts.target = Some(Observed::unknown("cluster", "connection refused")),
    },
    Case {
        story: "nothing is asked for that does not run already",
        code: codes::NOTHING_CHANGES,
        outcome: Yellow,
        evidence: "asks for what runs",
        start: World::same_cluster,
        change: |w| w.declared().target.parallelism = Some(2),
    },
    Case {
        story: "the catalogue is more than half a year old",
        code: codes::CATALOGUE_AGE,
        outcome: Yellow,
        evidence: "",
        start: World::in_place,
        change: |w| w.today = jiff::civil::date(2031, 1, 1),
    },
];

#[test]
fn releases() {
    check(RELEASES);
}

const DEPLOYMENTS_THAT_ARE_NOT_CARRIED_OUT_YET_ARE_REFUSED_BY_NAME: &[Case] = &[
    Case {
        story: "YARN",
        code: codes::PROVIDER,
        outcome: Refused,
        evidence: "",
        start: World::in_place,
        change: |w| deployment(w).provider = Provider::Yarn,
    },
    Case {
        story: "Kubernetes",
        code: codes::PROVIDER,
        outcome: Refused,
        evidence: "",
        start: World::in_place,
        change: |w| deployment(w).provider = Provider::Kubernetes,
    },
    Case {
        story: "Mesos",
        code: codes::PROVIDER,
        outcome: Refused,
        evidence: "",
        start: World::in_place,
        change: |w| deployment(w).provider = Provider::Mesos,
    },
    Case {
        story: "the deployment was not seen",
        code: codes::PROVIDER,
        outcome: Blind,
        evidence: "403",
        start: World::in_place,
        change: |w| w.facts.source.deployment = Observed::unknown("deployment", "403 Forbidden"),
    },
    Case {
        story: "an application cluster",
        code: codes::APPLICATION_MODE,
        outcome: Refused,
        evidence: "",
        start: World::in_place,
        change: |w| deployment(w).mode = Mode::Application,
    },
    Case {
        story: "high availability is on",
        code: codes::HIGH_AVAILABILITY,
        outcome: Refused,
        evidence: "zookeeper",
        start: World::in_place,
        change: |w| deployment(w).high_availability = Some("zookeeper".into()),
    },
    Case {
        story: "jars may not be submitted",
        code: codes::WEB_SUBMIT,
        outcome: Refused,
        evidence: "features.web-submit is false",
        start: World::in_place,
        change: |w| w.facts.source.web_submit = Known(false),
    },
    Case {
        story: "jars may not be submitted to the cluster that is left",
        code: codes::WEB_SUBMIT,
        outcome: Yellow,
        evidence: "features.web-submit is false",
        start: World::running_cluster,
        change: |w| w.facts.source.web_submit = Known(false),
    },
];

#[test]
fn deployments_that_are_not_carried_out_yet_are_refused_by_name() {
    check(DEPLOYMENTS_THAT_ARE_NOT_CARRIED_OUT_YET_ARE_REFUSED_BY_NAME);
}

const PROCESSES_THAT_COULD_NOT_BE_STOPPED: &[Case] = &[
    Case {
        story: "the processes belong to another configuration",
        code: codes::PROCESSES,
        outcome: Red,
        evidence: "no job manager with --configDir /srv/elsewhere",
        start: World::in_place,
        change: |w| w.declaration.current.as_mut().expect("declared").conf = "/srv/elsewhere".into(),
    },
    Case {
        story: "the same beside a shadow copy",
        code: codes::PROCESSES,
        outcome: Yellow,
        evidence: "pid 4001",
        start: World::shadow,
        change: |w| w.declaration.current.as_mut().expect("declared").conf = "/srv/elsewhere".into(),
    },
    Case {
        story: "a task manager runs elsewhere",
        code: codes::ELSEWHERE,
        outcome: Red,
        evidence: "2 registered, 1 of them on this machine",
        start: World::in_place,
        change: |w| {
            let Known(managers) = &mut w.facts.source.task_managers else {
                panic!("known")
            };
            managers.push(managers[0].clone());
        },
    },
    Case {
        story: "nobody says where the running release lies",
        code: codes::NO_CURRENT_INSTALLATION,
        outcome: Refused,
        evidence: "",
        start: World::in_place,
        change: |w| w.declaration.current = None,
    },
];

#[test]
fn processes_that_could_not_be_stopped() {
    check(PROCESSES_THAT_COULD_NOT_BE_STOPPED);
}

const AUTOMATION: &[Case] = &[
    Case {
        story: "the autoscaler is on",
        code: codes::OPERATOR,
        outcome: Red,
        evidence: "job.autoscaler.enabled: true",
        start: World::in_place,
        change: |w| {
            config(w).insert("job.autoscaler.enabled".into(), "true".into());
        },
    },
    Case {
        story: "the autoscaler is configured and off",
        code: codes::OPERATOR,
        outcome: Green,
        evidence: "",
        start: World::in_place,
        change: |w| {
            config(w).insert("job.autoscaler.enabled".into(), "false".into());
        },
    },
    Case {
        story: "reactive mode",
        code: codes::REACTIVE,
        outcome: Yellow,
        evidence: "scheduler-mode: reactive",
        start: World::in_place,
        change: |w| {
            config(w).insert("scheduler-mode".into(), "REACTIVE".into());
        },
    },
    Case {
        story: "the adaptive scheduler",
        code: codes::REACTIVE,
        outcome: Yellow,
        evidence: "lower parallelism",
        start: World::in_place,
        change: |w| {
            config(w).insert("jobmanager.scheduler".into(), "adaptive".into());
        },
    },
];

#[test]
fn automation() {
    check(AUTOMATION);
}

const SAVEPOINT_DIRECTORY: &[Case] = &[
    Case {
        story: "it is not there",
        code: codes::SAVEPOINT_DIR,
        outcome: Red,
        evidence: "/srv/savepoints is not there",
        start: World::in_place,
        change: |w| {
            let Known(dir) = &mut w.facts.host.savepoint_dir else {
                panic!("known")
            };
            dir.exists = false;
        },
    },
    Case {
        story: "it is not writable",
        code: codes::SAVEPOINT_DIR,
        outcome: Red,
        evidence: "not writable",
        start: World::in_place,
        change: |w| {
            let Known(dir) = &mut w.facts.host.savepoint_dir else {
                panic!("known")
            };
            dir.writable = false;
        },
    },
    Case {
        story: "it is no absolute path",
        code: codes::SAVEPOINT_DIR,
        outcome: Refused,
        evidence: "savepoints",
        start: World::in_place,
        change: |w| w.declaration.savepoints = "file:savepoints".into(),
    },
    Case {
        story: "it lies in an object store",
        code: codes::SAVEPOINT_STORE,
        outcome: Blind,
        evidence: "upshift reads s3: and writes nothing there",
        start: World::in_place,
        change: |w| w.declaration.savepoints = "s3://bucket/savepoints".into(),
    },
    Case {
        story: "it lies in a store that is not read",
        code: codes::SAVEPOINT_STORE,
        outcome: Blind,
        evidence: "upshift reads file: and s3:, not hdfs:",
        start: World::in_place,
        change: |w| w.declaration.savepoints = "hdfs://namenode/savepoints".into(),
    },
    Case {
        story: "task managers on other machines may not have it",
        code: codes::SAME_PATH,
        outcome: Blind,
        evidence: "on other machines",
        start: World::shadow,
        change: |w| {
            let Known(managers) = &mut w.facts.source.task_managers else {
                panic!("known")
            };
            managers.push(managers[0].clone());
        },
    },
    Case {
        story: "a job manager of another cluster on this machine proves nothing",
        code: codes::SAME_PATH,
        outcome: Blind,
        evidence: "on other machines",
        start: World::shadow,
        change: |w| {
            w.declaration.current.as_mut().expect("declared").conf = "/srv/elsewhere".into();
        },
    },
    Case {
        story: "the cluster stays",
        code: codes::SAME_PATH,
        outcome: Green,
        evidence: "",
        start: World::same_cluster,
        change: |_| {},
    },
    Case {
        story: "there is no room in it",
        code: codes::SAVEPOINT_DISK,
        outcome: Red,
        evidence: "420.0 MB wanted",
        start: World::in_place,
        change: |w| {
            let Known(dir) = &mut w.facts.host.savepoint_dir else {
                panic!("known")
            };
            dir.free = 400_000_000;
        },
    },
    Case {
        story: "there is little room in it",
        code: codes::SAVEPOINT_DISK,
        outcome: Yellow,
        evidence: "800.0 MB free",
        start: World::in_place,
        change: |w| {
            let Known(dir) = &mut w.facts.host.savepoint_dir else {
                panic!("known")
            };
            dir.free = 800_000_000;
        },
    },
    Case {
        story: "nobody knows how large a savepoint will be",
        code: codes::SAVEPOINT_DISK,
        outcome: Dim,
        evidence: "job orders",
        start: World::in_place,
        change: |w| {
            w.checkpoints().latest_completed.as_mut().expect("one").bytes = None;
            w.checkpoints().latest_savepoint = None;
        },
    },
];

#[test]
fn savepoint_directory() {
    check(SAVEPOINT_DIRECTORY);
}

const STATE: &[Case] = &[
    Case {
        story: "the backend changes",
        code: codes::BACKEND,
        outcome: Yellow,
        evidence: "configured now: rocksdb; for the target: hashmap",
        start: World::in_place,
        change: |w| w.conf().entries[1].value = "hashmap".into(),
    },
    Case {
        story: "the backend changes and the file insists on a native savepoint",
        code: codes::BACKEND,
        outcome: Red,
        evidence: "rocksdb",
        start: World::in_place,
        change: |w| {
            w.conf().entries[1].value = "hashmap".into();
            w.declaration.form = FormWish::Native;
        },
    },
    Case {
        story: "no savepoint is read before the stop",
        code: codes::NO_TRIAL,
        outcome: Yellow,
        evidence: "",
        start: World::in_place,
        change: |w| w.declaration.trial_savepoint = false,
    },
    Case {
        story: "no savepoint is known",
        code: codes::NO_RECENT_RESTORE_POINT,
        outcome: Yellow,
        evidence: "knows of none",
        start: World::in_place,
        change: |w| w.checkpoints().latest_savepoint = None,
    },
    Case {
        story: "the newest savepoint is two hours old, and recent means one",
        code: codes::NO_RECENT_RESTORE_POINT,
        outcome: Yellow,
        evidence: "the newest is 2 h old",
        start: World::in_place,
        change: |w| w.declaration.recent = upshift_model::span::Millis::from_secs(3600),
    },
];

#[test]
fn state() {
    check(STATE);
}

const TWO_CLUSTERS_SIDE_BY_SIDE: &[Case] = &[
    Case {
        story: "one pid folder for both",
        code: codes::SHARED_FOLDERS,
        outcome: Red,
        evidence: "both would use /srv/old/pid",
        start: World::shadow,
        change: |w| w.target().pids = Some("/srv/old/pid".into()),
    },
    Case {
        story: "no pid folder for either, so the scripts use one",
        code: codes::SHARED_FOLDERS,
        outcome: Red,
        evidence: "both would use /tmp",
        start: World::shadow,
        change: |w| {
            w.target().pids = None;
            w.declaration.current.as_mut().expect("declared").pids = None;
        },
    },
    Case {
        story: "one log folder for both",
        code: codes::SHARED_FOLDERS,
        outcome: Red,
        evidence: "/srv/old/log",
        start: World::shadow,
        change: |w| w.target().logs = Some("/srv/old/log".into()),
    },
    Case {
        story: "one configuration folder for both, in place",
        code: codes::SHARED_FOLDERS,
        outcome: Refused,
        evidence: "/srv/old/conf",
        start: World::in_place,
        change: |w| w.target().conf = "/srv/old/conf".into(),
    },
    Case {
        story: "one high-availability id and directory for both",
        code: codes::SHARED_HA,
        outcome: Red,
        evidence: "id /orders, directory hdfs:///ha",
        start: World::shadow,
        change: |w| {
            let keys = [
                ("type", "zookeeper"),
                ("cluster-id", "/orders"),
                ("storageDir", "hdfs:///ha"),
            ];
            for (key, value) in keys {
                config(w).insert(format!("high-availability.{key}"), value.into());
            }
        },
    },
    Case {
        story: "a port is taken",
        code: codes::PORTS,
        outcome: Red,
        evidence: "somebody listens",
        start: World::shadow,
        change: |w| {
            w.facts.host.ports.insert(6223, Known(true));
        },
    },
    Case {
        story: "a port is taken, and the planner may go in place instead",
        code: codes::PORTS,
        outcome: Yellow,
        evidence: "somebody listens",
        start: World::shadow,
        change: |w| {
            w.declaration.strategy = StrategyWish::Auto;
            w.facts.host.ports.insert(6223, Known(true));
        },
    },
    Case {
        story: "nobody looked at a port",
        code: codes::PORTS,
        outcome: Blind,
        evidence: "not looked at",
        start: World::shadow,
        change: |w| {
            w.facts.host.ports.remove(&8181);
        },
    },
    Case {
        story: "a shadow copy is asked for without ports",
        code: codes::NO_SHADOW_PORTS,
        outcome: Refused,
        evidence: "",
        start: World::in_place,
        change: |w| w.declaration.strategy = StrategyWish::Shadow,
    },
];

#[test]
fn two_clusters_side_by_side() {
    check(TWO_CLUSTERS_SIDE_BY_SIDE);
}
