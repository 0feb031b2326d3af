//! `upshift observe` and `upshift check` on a namespace, in front of the emulator on paper.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use expect_test::expect;
use serde_json::Value;
use upshift_lab::{Cache, Generation, Home, S3Server, VervericaSdk};

use crate::support::{Emulated, MINOR, OLD};

/// Makes a deployment with a job that runs, by the vendor's SDK.
fn with_a_job() -> Emulated {
    with_a_job_of("file:///no.jar")
}

fn with_a_job_of(jar: &str) -> Emulated {
    let engines = [OLD, MINOR].map(|engine| ["--engine".to_owned(), format!("{engine}=paper")]);
    let emulated = Emulated::start(&engines.concat());
    let cache = Cache::open().expect("a cache");
    let sdk = VervericaSdk::ready(&cache, Generation::New).expect("cargo xtask fetch ververica");
    // The walk leaves the clone behind, and upshift looks at that.
    emulated.walk(&sdk, &["sync", "orders", jar, MINOR, "native", "--p", "1"]);
    emulated
}

fn file(dir: &Path, emulated: &Emulated, more: &str) -> String {
    let text = format!(
        "kind = \"realtime-compute\"\nname = \"orders\"\nendpoint = \"http://{}\"\nworkspace = \"ws1\"\n\
         namespace = \"ns1\"\ntarget = \"{MINOR}\"\n{more}",
        emulated.authority
    );
    let path = dir.join("system.toml");
    let written = std::fs::File::create(&path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.expect("a file");
    path.display().to_string()
}

fn upshift(words: &[&str], keys: Option<(&str, &str)>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_upshift"));
    command.args(words).env("NO_COLOR", "1");
    for name in ["ID", "SECRET"] {
        command.env_remove(format!("ALIBABA_CLOUD_ACCESS_KEY_{name}"));
    }
    if let Some((id, secret)) = keys {
        command
            .env("ALIBABA_CLOUD_ACCESS_KEY_ID", id)
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret);
    }
    command.output().expect("it starts")
}

/// Everything that it said, less what differs from one time to the next.
fn said(output: &Output, emulated: &Emulated) -> String {
    let text = String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned();
    let text = text.replace(&emulated.authority, "ADDRESS");
    let is_id = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    text.lines()
        .map(|line| {
            let line = line.split(", in ").next().unwrap_or(line);
            let line = line.split("   seen ").next().unwrap_or(line);
            let words: Vec<_> = line
                .split(' ')
                .map(|word| {
                    if is_id(word.trim_end_matches([':', ','])) {
                        "ID"
                    } else {
                        word
                    }
                })
                .collect();
            words.join(" ") + "\n"
        })
        .collect()
}

#[test]
fn a_namespace_is_looked_at_and_judged() {
    let emulated = with_a_job();
    let dir = tempfile::tempdir().expect("a folder");
    let path = file(dir.path(), &emulated, "");
    let keys = Some(("testAK", "testSK"));
    let until = Instant::now() + Duration::from_secs(30);
    let seen = loop {
        let seen = upshift(&["observe", &path], keys);
        let text = said(&seen, &emulated);
        if text.contains("RUNNING by Flink") || Instant::now() > until {
            break text;
        }
    };
    expect![[r#"
        orders
        namespace ns1 of workspace ws1 at http://ADDRESS
        engines        vvr-8.0.9-flink-1.17 STABLE, vvr-8.0.11-flink-1.17 STABLE
        queues         default-queue: 2.0 cores and 2048 MiB of 60.0 cores and 245760 MiB
        deployments    1
          orders-upg   JAR STREAMING on vvr-8.0.11-flink-1.17
            job          ID RUNNING, RUNNING by Flink, 0 restarts, 2.0 cores and 2048 MiB
            Flink        1.17-vvr-8.0.11
            checkpoints  1 completed, 0 failed
            state        0
            jars         unknown what its jars were built with: file:///no.jar: there is no such file
    "#]]
    .assert_eq(&seen);
    let judged = upshift(&["check", "-v", &path], keys);
    expect![[r#"
        orders: Realtime Compute vvr-8.0.11-flink-1.17 → vvr-8.0.11-flink-1.17, clone and switch   looked at 14 things, 2 unknown

        YELLOW   UP-RC-0101  it runs on the wanted engine already   deployment orders-upg
                 vvr-8.0.11-flink-1.17 → vvr-8.0.11-flink-1.17
                 nothing changes; but an engine of 11 and later may come back with a later hotfix, which its name does not show
                 source: Realtime Compute documentation, engine version (inferred)
        YELLOW   UP-RC-0107  no state of it is known yet   deployment orders-upg
                 the service knows of no savepoint and no retained checkpoint of it
                 fix: nothing: the upgrade takes one, and goes on only when it is whole
        YELLOW   UP-RC-0121  no probe says what "it works" means   policy
                 RUNNING and checkpointing say nothing of whether the results are right
                 fix: add: [[probe]] name = "records per minute", command = ["./probe.sh"], expect = { at_least_ratio_of_baseline = 0.9 }
        UNKNOWN  UP-RC-0106  what its jars were built with is not known   deployment orders-upg
                 the dependencies of an SQL or DataStream deployment must be of the engine version that is selected
                 what its jars were built with: file:///no.jar: there is no such file
                 fix: get its jars and look: upshift inspect jar JAR; then build it with the libraries of vvr-8.0.11-flink-1.17
                 source: Realtime Compute documentation, 'Upgrade the engine version of a deployment', dependency version alignment (vendor)
        UNKNOWN  UP-RC-0114  whether somebody would be called is not known   deployment orders-upg
                 the alerts on it: they are kept by the monitoring service and not by this API
                 fix: set an alert on failure for the clone, too
        green    UP-RC-0115  the deployments that are meant are there   namespace ns1
                 workspace ws1, everything
                 1 of them
        green    UP-RC-0102  it is offered as stable   engine vvr-8.0.11-flink-1.17
                 the service calls it STABLE
        green    UP-RC-0103  no savepoint is taken for such a change   deployment orders-upg
                 its engine takes native savepoints
                 source: Realtime Compute documentation, 'Upgrade the engine version of a deployment', savepoint format selection (vendor)
        green    UP-RC-0109  it runs, and was never restarted   deployment orders-upg
                 job ID RUNNING by the service, RUNNING by Flink
                 Flink says that it is 1.17-vvr-8.0.11
        green    UP-RC-0108  its checkpoints complete   deployment orders-upg
                 1 completed, 0 failed since it was started
        green    UP-RC-0110  there is room for both at once   deployment orders-upg
                 queue default-queue: 2.000 cores, 2048 MiB used of 60.000 cores, 245760 MiB
                 its job takes 2.000 cores, 2048 MiB
        green    UP-RC-0111  the name of its clone is free   deployment orders-upg
                 its clone is called orders-upg-upg
        green    UP-RC-0113  few savepoints of it are kept   deployment orders-upg
                 0 savepoints, 0 retained checkpoints
        green    UP-RC-0116  its job runs what the deployment says   deployment orders-upg

        Verdict: ready, 3 yellow, 2 unknown or waived to read first.
    "#]].assert_eq(&said(&judged, &emulated));
    assert_eq!(judged.status.code(), Some(0));
    let whole = upshift(&["observe", "--json", &path], keys);
    let text = said(&whole, &emulated);
    assert!(!text.contains("testSK") && !text.contains("testAK"), "{text}");
    let plan = upshift(&["plan", &path, "-o", "/dev/null"], keys);
    assert!(
        said(&plan, &emulated).contains("nothing to do"),
        "{}",
        said(&plan, &emulated)
    );
}

#[test]
fn a_key_that_is_not_there_or_wrong_is_told_and_never_shown() {
    let emulated = Emulated::start(&["--engine".to_owned(), format!("{OLD}=paper")]);
    let dir = tempfile::tempdir().expect("a folder");
    let path = file(dir.path(), &emulated, "[select]\nnames = [\"orders\"]\n");
    let none = upshift(&["check", &path], None);
    assert!(
        said(&none, &emulated).contains("UP-RC-0407"),
        "{}",
        said(&none, &emulated)
    );
    assert_eq!(none.status.code(), Some(2));
    let wrong = upshift(&["check", &path], Some(("testAK", "hunter2")));
    let text = said(&wrong, &emulated);
    assert!(text.contains("UP-RC-0402") && !text.contains("hunter2"), "{text}");
    let absent = upshift(&["check", &path], Some(("testAK", "testSK")));
    let text = said(&absent, &emulated);
    assert!(
        text.contains("UP-RC-0115") && absent.status.code() == Some(3),
        "{text}"
    );
    let half = file(
        dir.path(),
        &emulated,
        "[credentials]\naccess_key_id = \"env:AK\"\n",
    );
    let half = said(&upshift(&["check", &half], None), &emulated);
    assert!(
        half.contains("[credentials] does not say where the key is"),
        "{half}"
    );
}

/// Jars in a store are fetched and opened: what was built for another engine is told, and a jar that the copy runs in its
/// place counts in its place. The store is a real server that checks signatures; Flink's own jars name their versions.
#[test]
fn jars_in_a_store_are_opened_and_compared_with_the_engine() {
    let cache = Cache::open().expect("a cache");
    let dir = tempfile::tempdir().expect("a folder");
    let jars = dir.path().join("jars");
    std::fs::create_dir(&jars).expect("a folder");
    for (release, name) in [("1.17.2", "fits.jar"), ("1.20.5", "other.jar")] {
        let home = Home::ready(&cache, release).expect("cargo xtask fetch needed");
        let jar = home.path().join("lib").join(format!("flink-json-{release}.jar"));
        std::fs::copy(&jar, jars.join(name)).expect("a jar of Flink");
    }
    let server = S3Server::start(&cache, "bucket", "jars", &jars).expect("cargo xtask fetch s3");
    let emulated = with_a_job_of("oss://bucket/jars/other.jar");
    for (name, word) in [("key", &server.access_key), ("word", &server.secret_key)] {
        let written = std::fs::File::create(dir.path().join(name));
        written
            .and_then(|mut file| file.write_all(word.as_bytes()))
            .expect("a file");
    }
    let store = format!(
        "[objects]\nendpoint = \"{}\"\nregion = \"eu-central-1\"\naccess_key = \"file:{at}/key\"\nsecret_key = \"file:{at}/word\"\n",
        server.endpoint,
        at = dir.path().display()
    );
    let libraries = |more: &str| {
        let path = file(dir.path(), &emulated, &format!("{store}{more}"));
        let judged = upshift(&["check", "--json", &path], Some(("testAK", "testSK")));
        let text = String::from_utf8_lossy(&judged.stdout).into_owned();
        assert!(!text.contains(&server.secret_key), "{text}");
        let report: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let all = report["findings"].as_array().into_iter().flatten();
        let found = all.filter(|finding| finding["code"] == "UP-RC-0106");
        found
            .map(|finding| format!("{}: {}\n", finding["title"], finding["evidence"]))
            .collect::<String>()
    };
    expect![[r#"
        "its jars hold libraries of another engine": ["the dependencies of an SQL or DataStream deployment must be of the engine version that is selected","other.jar: org.apache.flink (Flink : Formats : Json) 1.20.5"]
    "#]].assert_eq(&libraries(""));
    let program = "[[program]]\ndeployment = \"orders-upg\"\njar = \"oss://bucket/jars/fits.jar\"\n";
    expect![[r#"
        "its jars were built for the wanted engine": ["fits.jar: org.apache.flink (Flink : Formats : Json) 1.17.2"]
    "#]].assert_eq(&libraries(program));
    let absent = program.replace("fits", "absent");
    expect![[r#"
        "what its jars were built with is not known": ["the dependencies of an SQL or DataStream deployment must be of the engine version that is selected","what its jars were built with: oss://bucket/jars/absent.jar: there is no such file"]
    "#]].assert_eq(&libraries(&absent));
}
