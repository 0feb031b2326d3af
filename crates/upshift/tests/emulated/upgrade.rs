//! upshift upgrades a real job from Flink 1.17 to 1.20: once the first checkpoint fails and the policy goes back, then
//! all the way with the process killed in it. And one to a minor version on the same Flink, where nothing is processed
//! twice. The job judges itself.

use std::cell::Cell;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use upshift_drivers::Clock;
use upshift_drivers::realtime_compute::{From, JobState, RealtimeCompute, Start};
use upshift_drivers::wire::Secrets;
use upshift_lab::output::Writing;
use upshift_lab::{Cluster, Job, Sandbox, Variant, check_output};
use upshift_model::endpoint::{Endpoint, SecretRef};
use upshift_model::realtime_compute::{Credentials, Service};

use crate::ran::{Ran, Running};
use crate::sdk::finish;
use crate::support::{Emulated, MAJOR, MINOR, OLD};
use crate::{LIMIT, pause};

/// What both clusters and all stories on them share.
pub(crate) struct Ground<'a> {
    pub(crate) clusters: [&'a Cluster; 2],
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) jar: &'a Path,
    pub(crate) begun: Instant,
}

struct Story<'a> {
    ground: &'a Ground<'a>,
    emulated: Emulated,
    /// The deployment, and the system of the same name.
    name: &'a str,
    target: &'a str,
    /// More of the system file: tables.
    more: String,
    commands: Cell<u32>,
}

fn service(authority: &str) -> Service {
    Service {
        endpoint: Endpoint::plain(format!("http://{authority}")),
        workspace: "ws1".to_owned(),
        namespace: "ns1".to_owned(),
        credentials: Credentials::References {
            access_key_id: SecretRef::Env("AK".to_owned()),
            access_key_secret: SecretRef::Env("SK".to_owned()),
            security_token: None,
        },
    }
}

/// Makes the deployment and starts it, as a person would in the console.
fn deploy(authority: &str, jar: &Path, job: &Job) {
    let secrets = Secrets::by(|reference| match reference {
        SecretRef::Env(name) => Ok(format!("test{name}")),
        other => panic!("{other}"),
    });
    #[expect(clippy::disallowed_methods, reason = "the emulator has a clock of its own")]
    let clock = Clock::by(jiff::Timestamp::now);
    let client = RealtimeCompute::new(&service(authority), secrets, clock).expect("a client");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let made = client.create_deployment(json!({
            "name": job.name, "engineVersion": OLD, "executionMode": "STREAMING",
            "deploymentTarget": { "mode": "PER_JOB", "name": "default-queue" },
            "artifact": { "kind": "JAR", "jarArtifact": {
                "jarUri": format!("file://{}", jar.display()), "entryClass": "", "mainArgs": job.args().join(" "),
            } },
        }));
        let start = Start {
            deployment: made.await.expect("a deployment").id().to_owned(),
            from: From::Nothing { start_at: None },
            queue: None,
        };
        let id = client.start_job(&start).await.expect("a start").job_id;
        let begun = Instant::now();
        loop {
            let seen = client.job(&id).await.expect("an answer").expect("a job");
            match seen.status.current_job_status {
                JobState::Running => return,
                JobState::Starting if begun.elapsed() < LIMIT => pause(Duration::from_millis(200)),
                other => panic!("{other}"),
            }
        }
    });
}

impl Story<'_> {
    fn file(&self, suffix: &str) -> String {
        let (name, target) = (self.name, self.target);
        let path = self.ground.sandbox.path(&format!("{name}{suffix}.toml"));
        let waive = |code: &str| {
            format!(
                "\n[[waive]]\ncode = \"{code}\"\nsubject = \"deployment {name}\"\nreason = \"tried on a copy\"\n"
            )
        };
        let waivers = match target {
            MAJOR => waive("UP-RC-0101") + &waive("UP-RC-0117"),
            _ => String::new(),
        };
        let text = format!(
            "kind = \"realtime-compute\"\nname = \"{name}\"\nendpoint = \"http://{}\"\nworkspace = \"ws1\"\n\
             namespace = \"ns1\"\ntarget = \"{target}\"\nclone_suffix = \"{suffix}\"\nsoak = \"2s\"\nlists_lag = \"2s\"\n\
             on_failed_gate = \"roll-back\"\ndelete_originals = true\ndelete_savepoints = true\n\
             [select]\nnames = [\"{name}\"]\n{waivers}{more}",
            self.emulated.authority,
            more = self.more,
        );
        let written = std::fs::File::create(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        written.expect("a file");
        path.display().to_string()
    }

    fn program(&self) -> PathBuf {
        self.ground.sandbox.path("upshift")
    }

    fn start(&self, words: &[&str]) -> Running {
        let number = self.commands.replace(self.commands.get() + 1);
        let sandbox = self.ground.sandbox;
        let mut command = Command::new(self.program());
        command
            .arg("--state-dir")
            .arg(sandbox.path("state"))
            .current_dir(sandbox.dir())
            .env("HOME", sandbox.dir())
            .env("NO_COLOR", "1")
            .env("ALIBABA_CLOUD_ACCESS_KEY_ID", "testAK")
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testSK");
        Running::start(command, words, &sandbox.path(&format!("command-{number}")))
    }

    #[track_caller]
    fn upshift(&self, words: &[&str]) -> Ran {
        self.start(words).end()
    }

    fn mark(&self, what: &str) {
        println!("{what} at {:.1} s", self.ground.begun.elapsed().as_secs_f32());
    }

    /// A plan, once the deployment is fit for one: a job that was just started shows no checkpoint yet.
    fn plan(&self, suffix: &str) -> String {
        let (file, begun) = (self.file(suffix), Instant::now());
        let plan = self
            .ground
            .sandbox
            .path(&format!("{}{suffix}.plan", self.name))
            .display()
            .to_string();
        while self.upshift(&["check", &file]).code != 0 {
            assert!(begun.elapsed() < LIMIT, "{}", self.upshift(&["check", &file]));
            pause(Duration::from_millis(500));
        }
        println!("{}", self.upshift(&["plan", &file, "-o", &plan]).exits(0));
        plan
    }

    fn until_begun(&self, step: &str) {
        let begun = Instant::now();
        let is_it = |entry: &Value| entry["is"] == "intent" && entry["step"] == step;
        loop {
            let ran = self.upshift(&["status", "orders", "--json"]);
            let told = if ran.code == 2 { Value::Null } else { ran.json() };
            // An earlier run of the same system was over before this one was opened.
            let begun_it = told["journal"]
                .as_array()
                .is_some_and(|journal| journal.iter().any(is_it));
            if told["open"] == true && begun_it {
                return;
            }
            assert!(begun.elapsed() < LIMIT, "step {step} was never begun");
            pause(Duration::from_millis(20));
        }
    }

    fn kill_worker(&self) {
        let rows = self.upshift(&["runs", "--json"]).json();
        let rows = rows.as_array().expect("a list");
        let row = rows.iter().find(|row| row["open"] == true).expect("an open run");
        let pid = row["held_by_pid"]
            .as_i64()
            .and_then(|pid| i32::try_from(pid).ok());
        let pid = pid
            .and_then(Pid::from_raw)
            .unwrap_or_else(|| panic!("a worker: {row}"));
        kill_process(pid, Signal::KILL).expect("killed");
    }
}

/// See the module.
pub(crate) fn back_and_then_all_the_way(ground: &Ground<'_>) {
    let at = |engine: &str, of: &Cluster| format!("{engine}=127.0.0.1:{}", of.ports().rest);
    let [old, new] = ground.clusters;
    let words = [
        "--engine".to_owned(),
        at(OLD, old),
        "--engine".to_owned(),
        at(MAJOR, new),
        "--savepoints".to_owned(),
        format!("file://{}", ground.sandbox.path("points").display()),
        "--fault".to_owned(),
        "no-checkpoint*1".to_owned(),
    ];
    let story = Story {
        ground,
        emulated: Emulated::start(&words),
        name: "orders",
        target: MAJOR,
        more: String::new(),
        commands: Cell::new(0),
    };
    std::fs::copy(env!("CARGO_BIN_EXE_upshift"), story.program()).expect("the program can be copied");
    let job = Job::new("orders", ground.sandbox.path("out-orders"));
    deploy(&story.emulated.authority, ground.jar, &job);
    story.mark("the deployment runs");

    // The copy shows no checkpoint that completes.
    let plan = story.plan("-first");
    let back = story.upshift(&["apply", &plan]);
    println!("{back}");
    let back = back.says("UP-RC-0309").says("ROLLED BACK");
    assert!(
        back.out.contains("orders-first") || back.err.contains("orders-first"),
        "{back}"
    );
    story.mark("rolled back");

    // All the way, and the process dies while the job is down.
    let plan = story.plan("-upg");
    let follower = story.start(&["apply", &plan]);
    story.until_begun("2.2");
    story.kill_worker();
    story.mark("the process was killed");
    follower.end();
    let resumed = story.upshift(&["resume", "orders"]).exits(6).says(" finalize ");
    println!("{resumed}");
    story.mark("the copy is proven");
    println!(
        "{}",
        story.upshift(&["finalize", "orders"]).exits(0).says("FINALIZED")
    );

    finish(new.rest(), "orders", &ground.sandbox.path("final-orders"));
    let report = check_output(&job.out, Writing::No).expect("the job's output");
    story.mark(&report.to_string());
    // The original, the copy that went back, the original again, the copy that stays: what lies between a savepoint and
    // the stop after it is written by two of them, and by none of them wrongly.
    assert!(report.is_complete(), "{report}");
    assert_eq!(report.jobs().len(), 4, "{report}");
}

/// Both engines are of one Flink line, so one cluster stands for both.
pub(crate) fn to_a_minor_version(ground: &Ground<'_>) {
    let [old, _] = ground.clusters;
    let at = |engine: &str| format!("{engine}=127.0.0.1:{}", old.ports().rest);
    let words = [
        "--engine".to_owned(),
        at(OLD),
        "--engine".to_owned(),
        at(MINOR),
        "--savepoints".to_owned(),
        format!("file://{}", ground.sandbox.path("minor-points").display()),
    ];
    let story = Story {
        ground,
        emulated: Emulated::start(&words),
        name: "payments",
        target: MINOR,
        more: String::new(),
        commands: Cell::new(100),
    };
    let job = Job::new("payments", ground.sandbox.path("out-payments"));
    deploy(&story.emulated.authority, ground.jar, &job);
    let plan = story.plan("-minor");
    println!("{}", story.upshift(&["apply", &plan]).exits(6).says(" finalize "));
    println!(
        "{}",
        story
            .upshift(&["finalize", "payments"])
            .exits(0)
            .says("FINALIZED")
    );
    finish(old.rest(), "payments", &ground.sandbox.path("final-payments"));
    let report = check_output(&job.out, Writing::No).expect("the job's output");
    story.mark(&report.to_string());
    // It stopped with its savepoint, and its successor began there.
    assert!(report.is_exactly_once(), "{report}");
    assert_eq!(report.jobs().len(), 2, "{report}");
}

/// The jar that the copy runs lacks an operator whose state is in the savepoint. Where its operators may be read, that is
/// told before the original stops; where not, the copy fails on its state, and the original goes on.
pub(crate) fn a_jar_that_lacks_an_operator(ground: &Ground<'_>) {
    let [old, _] = ground.clusters;
    let at = |engine: &str| format!("{engine}=127.0.0.1:{}", old.ports().rest);
    let words = [
        "--engine".to_owned(),
        at(OLD),
        "--engine".to_owned(),
        at(MINOR),
        "--savepoints".to_owned(),
        format!("file://{}", ground.sandbox.path("lacking-points").display()),
    ];
    let job = Job::new("returns", ground.sandbox.path("out-returns"));
    let without = Job {
        variant: Variant::Removed,
        ..job.clone()
    };
    let program = format!(
        "[[program]]\ndeployment = \"returns\"\njar = \"file://{}\"\nargs = \"{}\"\n",
        ground.jar.display(),
        without.args().join(" ")
    );
    let mut story = Story {
        ground,
        emulated: Emulated::start(&words),
        name: "returns",
        target: MINOR,
        more: format!("{program}[graph]\nhome = \"{}\"\n", old.home().path().display()),
        commands: Cell::new(200),
    };
    deploy(&story.emulated.authority, ground.jar, &job);
    let before = old.rest().running("returns").expect("the cluster answers");

    // Known before the stop.
    let plan = story.plan("-known");
    let halted = story.upshift(&["apply", &plan]);
    println!("{halted}");
    halted
        .exits(7)
        .says("UP-RC-0314")
        .says("state of an operator would be lost");
    assert_eq!(
        old.rest().running("returns").expect("the cluster answers"),
        before,
        "the original runs on, untouched"
    );
    story
        .upshift(&["rollback", "returns", "--accept-replay"])
        .exits(0)
        .says("ROLLED BACK");
    story.mark("told before the stop");
    // Once there is a savepoint to read, before anything is done.
    let judged = story.upshift(&["check", &story.file("-known")]);
    println!("{judged}");
    judged.exits(3).says("UP-RC-0124");

    // Not known before: the copy itself tells.
    story.more = program;
    let plan = story.plan("-bold");
    let asks = story.upshift(&["apply", &plan]);
    println!("{asks}");
    // Nobody has said that anything may come twice, and how long the copy ran the service does not say: it asks.
    asks.exits(6)
        .says("UP-RC-0306")
        .says("Failed to rollback to checkpoint/savepoint");
    let back = story.upshift(&["rollback", "returns", "--accept-replay"]);
    println!("{back}");
    back.exits(0).says("ROLLED BACK");
    story.mark("rolled back");
    finish(old.rest(), "returns", &ground.sandbox.path("final-returns"));
    let report = check_output(&job.out, Writing::No).expect("the job's output");
    story.mark(&report.to_string());
    // The copy never ran, and the original went on where it had stopped.
    assert!(report.is_exactly_once(), "{report}");
    assert_eq!(report.jobs().len(), 2, "{report}");
}
