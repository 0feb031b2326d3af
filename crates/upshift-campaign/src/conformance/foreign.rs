//! Effects of every system, a sample of each: whoever cannot carry one out says so, with a code, and changes nothing.

use std::path::PathBuf;

use upshift_engine::driver::Fault;
use upshift_model::alluxio;
use upshift_model::ids::{AttemptKey, Code, RunId, StepId};
use upshift_model::proof::Bindings;
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::restore::RestorePointKind;
use upshift_model::span::Millis;
use upshift_model::step::{
    Artifact, Canary, Downtime, Effect, ForeignId, Preparation, Releasable, StartWhat, Step, StopWhat,
};
use upshift_model::version::Version;
use upshift_model::weka;

use super::law::{Breach, Law};
use super::subject::Subject;

const NOBODY: &str = "nobody";

fn version() -> Version {
    "1.2.3".parse().expect("a version")
}

fn canary() -> Canary {
    Canary {
        name: "canary".to_owned(),
        parts: 1,
        copies: 1,
    }
}

const fn prepare(what: alluxio::Preparation) -> Effect {
    Effect::Prepare {
        what: Preparation::Alluxio(what),
    }
}

/// A sample of every effect that one system knows and others do not, by a name.
pub fn strangers() -> Vec<(&'static str, Effect)> {
    [jobs(), services(), servers(), clusters()].concat()
}

/// Of Flink, and of services that run it.
fn jobs() -> Vec<(&'static str, Effect)> {
    let (form, into) = (RestorePointKind::SavepointNative, "slot");
    vec![
        (
            "take a restore point",
            Effect::TakeRestorePoint {
                of: NOBODY.into(),
                on: NOBODY.into(),
                form,
                into: into.into(),
            },
        ),
        (
            "stop a job",
            Effect::Stop {
                what: StopWhat::JobInto {
                    job: NOBODY.into(),
                    on: NOBODY.into(),
                    form,
                    into: into.into(),
                },
            },
        ),
        (
            "start a job",
            Effect::Start {
                what: StartWhat::Job {
                    job: NOBODY.into(),
                    on: NOBODY.into(),
                    jar: None,
                    from: None,
                    may_drop_state: false,
                    into: into.into(),
                },
            },
        ),
        (
            "upload a jar",
            Effect::Transfer {
                what: Artifact::Jar {
                    job: NOBODY.into(),
                    to: NOBODY.into(),
                },
                into: into.into(),
            },
        ),
        (
            "start a cluster",
            Effect::Start {
                what: StartWhat::Cluster {
                    cluster: NOBODY.into(),
                    release: version(),
                    slots: 1,
                },
            },
        ),
    ]
}

/// Of managed services.
fn services() -> Vec<(&'static str, Effect)> {
    vec![
        (
            "clone",
            Effect::Prepare {
                what: Preparation::Clone {
                    of: NOBODY.into(),
                    to: "copy".into(),
                    into: "copy".into(),
                },
            },
        ),
        (
            "name another release",
            Effect::Prepare {
                what: Preparation::Release {
                    component: NOBODY.into(),
                    from: version(),
                    to: version(),
                },
            },
        ),
        (
            "delete a deployment",
            Effect::Release {
                what: Releasable::Deployment {
                    deployment: NOBODY.into(),
                    id: ForeignId::Seen("d".to_owned()),
                },
            },
        ),
    ]
}

/// Of servers with replicas.
fn servers() -> Vec<(&'static str, Effect)> {
    vec![
        (
            "stop a server",
            Effect::Stop {
                what: StopWhat::Server {
                    server: NOBODY.into(),
                },
            },
        ),
        (
            "start a server",
            Effect::Start {
                what: StartWhat::Server {
                    server: NOBODY.into(),
                    release: version(),
                },
            },
        ),
        (
            "make a canary",
            Effect::Prepare {
                what: Preparation::Canary {
                    what: canary(),
                    anew: false,
                },
            },
        ),
        ("prove", Effect::Prove { what: canary() }),
        (
            "drop a canary",
            Effect::Release {
                what: Releasable::Canary { what: canary() },
            },
        ),
        (
            "dump metadata",
            Effect::Prepare {
                what: Preparation::Evidence {
                    folder: PathBuf::from("/nowhere"),
                    into: "dump".into(),
                },
            },
        ),
    ]
}

/// Of clusters with a journal of their own, and of those that upgrade themselves.
fn clusters() -> Vec<(&'static str, Effect)> {
    let release = version();
    vec![
        (
            "watch a tree",
            prepare(alluxio::Preparation::Watch { into: "seen".into() }),
        ),
        (
            "format a journal",
            prepare(alluxio::Preparation::Format {
                server: NOBODY.into(),
                release: release.clone(),
            }),
        ),
        (
            "restore a backup",
            Effect::Start {
                what: StartWhat::Restored {
                    server: NOBODY.into(),
                    release: release.clone(),
                    from: "backup".into(),
                },
            },
        ),
        (
            "stage a package",
            Effect::Weka {
                what: weka::Act::Stage {
                    release: release.clone(),
                },
            },
        ),
        (
            "upgrade backends",
            Effect::Weka {
                what: weka::Act::Backends { release },
            },
        ),
    ]
}

fn step(effect: Effect) -> Step {
    Step {
        id: StepId::from("foreign"),
        effect,
        before: Vec::new(),
        after: Vec::new(),
        why: Vec::new(),
        usual: None,
        give_up: Millis::from_secs(60),
        tries: 1,
        downtime: Downtime::None,
        by_hand: Vec::new(),
    }
}

/// Puts every stranger before the driver but those that its system knows, by name: each is refused with a code, by the
/// look and by the try, and nothing happens.
pub async fn refuses(subject: &dyn Subject, known: &[&str]) -> Vec<Breach> {
    let driver = subject.driver();
    let bound = Bindings::default();
    let mut breaches = Vec::new();
    for (name, effect) in strangers() {
        if known.contains(&name) {
            continue;
        }
        let step = step(effect);
        let intent = Intent {
            key: AttemptKey::derive(&RunId::new("foreign"), &step.id, 1),
            attempt: 1,
            baseline: Baseline::default(),
            deadline: subject.clock().now(),
        };
        let before = subject.touched();
        let looked = driver.standing(&step, &bound, None).await;
        let tried = driver.attempt(&step, &bound, &intent).await;
        let after = subject.touched();
        let mut breach = |what: String| {
            breaches.push(Breach {
                law: Law::ForeignIsRefused,
                step: None,
                what: format!("{name}: {what}"),
            });
        };
        match looked {
            Err(Fault::Refused(failure)) if has_code(&failure) => {}
            other => breach(format!("the look says {other:?}")),
        }
        match tried {
            Err(Fault::Refused(failure)) if has_code(&failure) => {}
            other => breach(format!("the try says {other:?}")),
        }
        if before != after {
            breach(format!("before: {before}; after: {after}"));
        }
    }
    breaches
}

fn has_code(failure: &Failure) -> bool {
    failure.code != Code::from(String::new()) && !failure.what.is_empty()
}
