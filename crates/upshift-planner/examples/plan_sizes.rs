//! How long it takes to check and plan a system of a given size, and to search a way through a
//! catalogue of hundreds of rows: one size per run, so that the peak of memory is that size's alone.
//!
//! A measurement that `cargo xtask bench plan` repeats and compares; it judges nothing.

#[path = "../tests/support/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with the tests of checks and plans"
)]
mod support;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;
use upshift_model::flink::{FlinkProcess, FlinkRole, TaskManagerFacts};
use upshift_model::inventory;
use upshift_model::observed::Observed::Known as Seen;
use upshift_planner::knowledge::{Facts, Knowledge, Known, Library, Release};
use upshift_planner::route::{Outcome, Wish, route};
use upshift_planner::systems::flink::situation::Situation;
use upshift_planner::systems::flink::{checks, recipe};

use support::World;

/// Release lines of the catalogue that is searched, each of which takes the line before alone.
const LINES: u32 = 8;
/// Builds of each line.
const BUILDS: u32 = 6;

fn main() -> ExitCode {
    let size = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let Some(instances) = size else {
        usage();
        return ExitCode::from(2);
    };
    let mut world = world(instances, instances / 2);
    // One copy of what was seen, as in the program.
    let mut look = World::shadow().inventory();
    look.facts = inventory::Facts::Flink(std::mem::replace(&mut world.facts, World::shadow().facts));
    let knowledge = Knowledge::builtin();
    let situation = Situation {
        declaration: &world.declaration,
        inventory: &look,
        facts: look.facts.flink().expect("of Flink"),
        knowledge: &knowledge,
        today: world.today,
        now: world.now,
    };
    let at = Instant::now();
    let findings = checks::findings(&situation);
    let checked = at.elapsed();
    let at = Instant::now();
    let plan = recipe::plan(&situation, &findings).expect("a healthy system has a plan");
    let planned = at.elapsed();
    let sealed = plan.seal();
    let at = Instant::now();
    let text = upshift_planner::render::tree(&sealed);
    let rendered = at.elapsed();
    let (rows, hops, routed) = searched();
    let told = json!({
        "instances": instances,
        "jobs": instances / 2,
        "findings": findings.len(),
        "lines": text.lines().count(),
        "rows": rows,
        "hops": hops,
        "check": checked.as_secs_f64(),
        "plan": planned.as_secs_f64(),
        "render": rendered.as_secs_f64(),
        "route": routed.as_secs_f64(),
        "peak_kib": peak(),
    });
    say(&told.to_string());
    ExitCode::SUCCESS
}

/// So many task managers and jobs, all well.
fn world(instances: u32, jobs: u32) -> World {
    let mut world = World::shadow();
    let task_manager = |n: u32| TaskManagerFacts {
        id: format!("127.0.0.1:{n}-ab12cd"),
        slots: 2,
        free: 1,
        physical_memory: None,
    };
    world.facts.source.task_managers = Seen((0..instances).map(task_manager).collect());
    world.facts.source.slots_total = Seen(instances * 2);
    world.facts.source.slots_free = Seen(instances);
    let process = |n: u32| FlinkProcess {
        pid: 5000 + n,
        started_ticks: 77,
        role: FlinkRole::TaskManager,
        conf: "/srv/old/conf".into(),
    };
    if let Seen(processes) = &mut world.facts.host.processes {
        processes.extend((0..instances).map(process));
    }
    let (declared, running) = (world.declaration.jobs[0].clone(), world.running().clone());
    let (graphs, snapshots) = (
        world.facts.graphs["orders"].clone(),
        world.facts.snapshots["orders"].clone(),
    );
    let name = |n: u32| format!("job-{n:05}");
    world.declaration.jobs = (0..jobs)
        .map(|n| upshift_model::flink::DeclaredJob {
            name: name(n),
            ..declared.clone()
        })
        .collect();
    world.facts.source.jobs = Seen(
        (0..jobs)
            .map(|n| upshift_model::flink::JobFacts {
                id: format!("{n:032x}"),
                name: name(n),
                ..running.clone()
            })
            .collect(),
    );
    world.facts.graphs = (0..jobs).map(|n| (name(n), graphs.clone())).collect();
    world.facts.snapshots = (0..jobs).map(|n| (name(n), snapshots.clone())).collect();
    if let upshift_model::flink::Target::Release { installation, .. } = &mut world.declaration.target {
        installation.task_managers = u16::try_from(instances).unwrap_or(u16::MAX);
    }
    world
}

/// Searches from the first line to the last, clients and all; gives rows, hops and time.
fn searched() -> (usize, usize, std::time::Duration) {
    let mut text = String::new();
    for line in 0..LINES {
        for build in 0..BUILDS {
            let ranges = match line {
                0 => String::new(),
                _ => format!(
                    "ranges = [{{ min = \"{0}.0.0\", max = \"{0}.0.{BUILDS}\" }}]\n",
                    69 + line
                ),
            };
            text += &format!(
                "[[release]]\nversion = \"{}.0.{build}\"\nline = \"{}\"\nlabel = \"LTS\"\n{ranges}waived = \"measured\"\nsource = \"made up\"\nconfidence = \"inferred\"\n",
                70 + line,
                70 + line
            );
        }
    }
    let mut library = Library::builtin();
    let files = BTreeMap::from([("weka/releases.toml".to_owned(), text)]);
    library.lay(&files).expect("rows that can be laid");
    let rows = Known::ALL
        .iter()
        .map(|system| library.book(*system).rules.len() + library.book(*system).releases.len())
        .sum();
    let read = |text: &str| Release::parse(Known::Weka, text).expect("a version");
    let wish = Wish {
        from: read("70.0.3"),
        to: read(&format!("{}.0.{}", 69 + LINES, BUILDS - 1)),
        clients: Some(read("70.0.3")),
    };
    let at = Instant::now();
    let outcome = route(&library, &wish, &Facts::default(), false);
    let took = at.elapsed();
    let hops = match outcome {
        Outcome::Found(route) => route.hops.len() - 1,
        Outcome::Blocked(_) => 0,
    };
    (rows, hops, took)
}

/// The most memory that this process has held, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux machine");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1))
        .and_then(|number| number.parse().ok())
        .expect("the kernel tells the peak")
}

#[expect(clippy::print_stdout, reason = "the measurement is this program's output")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "talk goes to standard error")]
fn usage() {
    eprintln!("usage: plan_sizes INSTANCES");
}
