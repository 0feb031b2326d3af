//! The vendor's own SDK walks through an upgrade.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use upshift_lab::output::Writing;
use upshift_lab::rest::Format;
use upshift_lab::{
    Cache, Cluster, Generation, Java, Job, Rest, Sandbox, VervericaSdk, check_output, job_jar,
};

use crate::support::{Emulated, MAJOR, MINOR, OLD, cluster};

fn steps(told: &[Value]) -> Vec<&str> {
    told.iter().filter_map(|step| step["step"].as_str()).collect()
}

const WHOLE: [&str; 9] = [
    "running",
    "engine",
    "original",
    "clone",
    "savepoint",
    "stopped",
    "running",
    "first checkpoint",
    "done",
];

#[test]
fn both_generations_of_the_sdk_walk_through_the_protocol_on_paper() {
    let cache = Cache::open().expect("a cache");
    let engines = [OLD, MINOR].map(|engine| ["--engine".to_owned(), format!("{engine}=paper")]);
    let emulated = Emulated::start(&engines.concat());
    for generation in Generation::ALL {
        let sdk = VervericaSdk::ready(&cache, generation).expect("cargo xtask fetch ververica");
        for mode in ["sync", "async"] {
            let name = format!("orders {mode} {}", generation.version());
            let told = emulated.walk(
                &sdk,
                &[mode, &name, "file:///no.jar", MINOR, "native", "--p", "1"],
            );
            assert_eq!(steps(&told), WHOLE, "{name}");
        }
    }
}

/// Stops the job with a savepoint, so that it has written all of its operator state.
pub(crate) fn finish(rest: Rest, name: &str, dir: &Path) {
    let running = rest.running(name).expect("the cluster answers");
    let [id] = running.as_slice() else {
        panic!("one job, and not {running:?}");
    };
    let to = format!("file://{}", dir.display());
    rest.stop_with_savepoint(id, &to, Format::Canonical)
        .expect("a savepoint");
    rest.wait_for_status(id, "FINISHED").expect("an end");
}

#[test]
fn the_sdk_and_then_upshift_upgrade_a_real_job_from_flink_1_17_to_1_20() {
    let cache = Cache::open().expect("a cache");
    let java = Java::ready(&cache).expect("cargo xtask fetch needed");
    let jar = job_jar(&cache, &java).expect("cargo xtask fetch needed");
    let sandbox = Sandbox::new(&cache, "emulated").expect("a sandbox");
    let begun = Instant::now();
    let old = cluster(&cache, &java, "1.17.2", &sandbox.path("old"));
    let new = cluster(&cache, &java, "1.20.5", &sandbox.path("new"));
    println!("two clusters after {:.1} s", begun.elapsed().as_secs_f32());
    let at = |engine: &str, cluster: &Cluster| format!("{engine}=127.0.0.1:{}", cluster.ports().rest);
    let savepoints = format!("file://{}", sandbox.path("savepoints").display());
    let words = [
        "--engine",
        &at(OLD, &old),
        "--engine",
        &at(MAJOR, &new),
        "--savepoints",
        &savepoints,
    ];
    let emulated = Emulated::start(&words.map(str::to_owned));

    for (generation, mode) in [(Generation::New, "async"), (Generation::Old, "sync")] {
        let name = format!("orders-{mode}-{}", generation.version());
        let job = Job::new(&name, sandbox.path(&format!("out-{mode}")));
        let sdk = VervericaSdk::ready(&cache, generation).expect("cargo xtask fetch ververica");
        let jar = format!("file://{}", jar.display());
        let mut words = vec![mode, name.as_str(), &jar, MAJOR, "standard"];
        let args = job.args();
        words.extend(args.iter().map(String::as_str));
        let told = emulated.walk(&sdk, &words);
        assert_eq!(steps(&told), WHOLE, "{name}");
        finish(new.rest(), &name, &sandbox.path("final"));
        let report = check_output(&job.out, Writing::No).expect("the job's output");
        println!("{name} after {:.1} s: {report}", begun.elapsed().as_secs_f32());
        // The walk stops plainly after its savepoint, so what lies between them is written again, by another attempt.
        assert!(report.is_complete(), "{report}");
        assert_eq!(report.jobs().len(), 2, "{report}");
        assert!(report.longest_gap < Duration::from_secs(120), "{report}");
    }
    let left: Vec<_> = std::fs::read_dir(sandbox.path("savepoints"))
        .expect("the folder")
        .flatten()
        .collect();
    assert!(
        left.is_empty(),
        "a savepoint that was deleted has no files: {left:?}"
    );
    let ground = crate::upgrade::Ground {
        clusters: [&old, &new],
        sandbox: &sandbox,
        jar: &jar,
        begun,
    };
    crate::upgrade::back_and_then_all_the_way(&ground);
    crate::upgrade::to_a_minor_version(&ground);
    crate::upgrade::a_jar_that_lacks_an_operator(&ground);
}
