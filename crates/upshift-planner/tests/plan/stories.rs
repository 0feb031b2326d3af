//! The four upgrades that the tests of this folder tell.

use std::collections::BTreeMap;
use std::path::PathBuf;

use upshift_model::digest::Digest;
use upshift_model::finding::{Finding, FindingState, Severity};
use upshift_model::flink::{Archive, ArchiveFacts, JarFacts, JobFacts, Sink, Target};
use upshift_model::ids::Code;
use upshift_model::observed::Observed::{self, Known};
use upshift_model::plan::Plan;
use upshift_model::span::Millis;
use upshift_planner::knowledge::Knowledge;
use upshift_planner::systems::flink::recipe::{self, PlanError};
use upshift_planner::systems::flink::situation::Situation;

use crate::support::World;

/// The plan of this world.
pub(crate) fn plan(world: &World) -> Result<Plan, PlanError> {
    let (inventory, knowledge) = (world.inventory(), Knowledge::builtin());
    let situation = Situation {
        declaration: &world.declaration,
        inventory: &inventory,
        facts: &world.facts,
        knowledge: &knowledge,
        today: world.today,
        now: world.now,
    };
    recipe::plan(&situation, &[green(), yellow()])
}

/// Findings of checks that do not change when the checks do.
fn green() -> Finding {
    finding(Severity::Green, "all tasks run")
}

fn yellow() -> Finding {
    finding(Severity::Yellow, "no recent restore point")
}

fn finding(severity: Severity, title: &str) -> Finding {
    Finding {
        code: Code::new("UP-FLINK-0100"),
        state: FindingState::Judged {
            severity,
            waivable: true,
        },
        subject: "job orders".to_owned(),
        title: title.to_owned(),
        evidence: Vec::new(),
        remedy: Vec::new(),
        sources: Vec::new(),
        waived_by: None,
    }
}

/// The plan of a world where there is one.
pub(crate) fn planned(world: &World) -> Plan {
    plan(world).expect("a plan")
}

/// A second job beside the first, with a jar of its own that changes on the way.
pub(crate) fn with_second_job(world: &mut World) {
    let mut declared = world.declaration.jobs[0].clone();
    declared.name = "billing".to_owned();
    declared.current.jar = PathBuf::from("/srv/jars/billing-1.jar");
    declared.target.jar = PathBuf::from("/srv/jars/billing-2.jar");
    declared.sink = Sink::Append;
    declared.source_retention = None;
    world.declaration.jobs.push(declared);
    let second = JobFacts {
        id: "0f0e0d0c0b0a09080706050403020100".to_owned(),
        name: "billing".to_owned(),
        ..world.running().clone()
    };
    let Known(jobs) = &mut world.facts.source.jobs else {
        panic!("jobs are known")
    };
    jobs.push(second);
    let template: JarFacts = world
        .facts
        .host
        .jars
        .values()
        .find_map(|jar| jar.known().cloned())
        .expect("a jar");
    let jars: BTreeMap<PathBuf, Observed<JarFacts>> = ["billing-1", "billing-2"]
        .into_iter()
        .map(|name| {
            let sha256 = Digest::of_bytes(name.as_bytes());
            (
                PathBuf::from(format!("/srv/jars/{name}.jar")),
                Known(JarFacts {
                    sha256,
                    ..template.clone()
                }),
            )
        })
        .collect();
    world.facts.host.jars.extend(jars);
}

/// In place, 1.18.1 to 1.20.5, two jobs, the release still in its archive.
pub(crate) fn in_place() -> World {
    let mut world = World::in_place();
    with_second_job(&mut world);
    world.target().archive = Some(Archive {
        uri: "file:///srv/dist/flink-1.20.5-bin.tgz".to_owned(),
        sha512: "9c1f".repeat(32),
    });
    world.facts.host.target_home = Some(Observed::unknown(
        "release in /srv/flink-1.20.5",
        "no such directory",
    ));
    world.facts.host.target_archive = Some(Known(ArchiveFacts {
        bytes: 480_000_000,
        sha512: "9c1f".repeat(32),
    }));
    world
}

/// A shadow copy, 1.20.5 to 2.3.0.
pub(crate) fn shadow() -> World {
    let mut world = World::shadow();
    let version = |text: &str| text.parse().expect("a version");
    world.facts.source.version = version("1.20.5");
    if let Some(current) = &mut world.declaration.current {
        current.version = version("1.20.5");
        current.home = PathBuf::from("/srv/flink-1.20.5");
    }
    if let Some(Known(home)) = &mut world.facts.host.current_home {
        home.version = version("1.20.5");
    }
    world.conf().file = "config.yaml".to_owned();
    world.target().version = version("2.3.0");
    world.target().home = PathBuf::from("/srv/flink-2.3.0");
    if let Some(Known(home)) = &mut world.facts.host.target_home {
        home.version = version("2.3.0");
    }
    world.declaration.policy.keep_restore_points = Some(Millis::from_secs(7 * 86_400));
    world
}

/// Onto another cluster that runs already.
pub(crate) fn running_cluster() -> World {
    World::running_cluster()
}

/// The same cluster, three instead of two subtasks.
pub(crate) fn job_only() -> World {
    let world = World::same_cluster();
    assert!(matches!(world.declaration.target, Target::SameCluster));
    world
}

/// All four.
pub(crate) fn all() -> Vec<(&'static str, World)> {
    vec![
        ("in place", in_place()),
        ("shadow", shadow()),
        ("running cluster", running_cluster()),
        ("job only", job_only()),
    ]
}
