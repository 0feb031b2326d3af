//! A deployment of the emulated service, with a real Flink below it, moved to a minor version while the answers to
//! creations, savepoints, stops and starts are lost: by upshift, by a careful script on the vendor's SDK that sends
//! again what was not answered, and beside them what the service itself takes to stop a job with a savepoint and start
//! it again. The pause is that of the job's own output; what is there twice is counted in the service afterwards.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use upshift_drivers::Clock;
use upshift_drivers::realtime_compute::{
    Deployment, From, Job as Told, JobState, RealtimeCompute, SavepointOrigin, Start,
};
use upshift_drivers::wire::Secrets;
use upshift_engine::driver::Fault;
use upshift_lab::output::{Report, Writing};
use upshift_lab::rest::Format;
use upshift_lab::{
    Cache, Cluster, Generation, Home, Java, Job, Options, Sandbox, VervericaSdk, check_output, job_jar,
};
use upshift_model::endpoint::{Endpoint, SecretRef};
use upshift_model::realtime_compute::{Credentials, Service};

use super::run::{load_average, release_build};
use crate::fetch;
use crate::workspace::{print, say};

const OLD: &str = "vvr-8.0.9-flink-1.17";
const NEW: &str = "vvr-8.0.11-flink-1.17";
const FLINK: &str = "1.17.2";
/// The aims: nothing twice, and the pause against the service's own and against the script's.
const OF_FLOOR: f64 = 1.1;
const OF_SCRIPT: f64 = 0.8;
const LIMIT: Duration = Duration::from_secs(600);
/// The first answer of the two creating calls is lost to the hand that makes the original.
const LOST: [&str; 4] = [
    "lost-answer@CreateDeployment*2",
    "lost-answer@CreateSavepoint*1",
    "lost-answer@StopJob*1",
    "lost-answer@StartJobWithParams*2",
];

/// Arguments of `bench emulated`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How often each runs, turn by turn.
    #[arg(long, default_value_t = 3)]
    turns: u32,
    /// Milliseconds that a start, a stop and a savepoint of the service take beside their own time.
    #[arg(long, value_names = ["START", "STOP", "SAVEPOINT"], num_args = 3)]
    delays: Vec<u32>,
    /// An upshift that is built already; otherwise a release build is made.
    #[arg(long)]
    program: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contender {
    Floor,
    Script,
    Upshift,
}

impl Contender {
    const ALL: [Self; 3] = [Self::Floor, Self::Script, Self::Upshift];

    const fn name(self) -> &'static str {
        match self {
            Self::Floor => "the service's own stop and start",
            Self::Script => "script on the SDK",
            Self::Upshift => "upshift",
        }
    }
}

struct Measured {
    contender: Contender,
    report: Report,
    /// Deployments, savepoints and jobs beyond the one of each that was wanted.
    doubled: usize,
    load: f64,
}

struct Ground<'a> {
    cluster: &'a Cluster,
    sdk: &'a VervericaSdk,
    jar: &'a Path,
    sandbox: &'a Sandbox,
    program: &'a Path,
    delays: &'a [u32],
}

/// See the module.
pub(super) fn run(args: &Args) -> Result<()> {
    let cache = Cache::open()?;
    fetch::needed(&cache, &[FLINK])?;
    let program = match &args.program {
        // It is run in the sandbox, from where a relative path leads elsewhere.
        Some(program) => program
            .canonicalize()
            .with_context(|| format!("--program {}", program.display()))?,
        None => release_build()?,
    };
    let java = Java::ready(&cache)?;
    let jar = job_jar(&cache, &java)?;
    let sandbox = Sandbox::new(&cache, "bench-emulated")?;
    let options = Options::default();
    let home = Home::ready(&cache, FLINK)?;
    let cluster = Cluster::start(&home, &java, &sandbox.path("cluster"), &options)?;
    let ground = Ground {
        cluster: &cluster,
        sdk: &VervericaSdk::fetch(&cache, Generation::New)?,
        jar: &jar,
        sandbox: &sandbox,
        program: &program,
        delays: &args.delays,
    };
    let mut all = Vec::new();
    for turn in 1..=args.turns {
        for contender in Contender::ALL {
            let name = format!("{}-{turn}", contender.name().replace([' ', '\''], "-"));
            let measured = ground
                .measure(contender, &name)
                .with_context(|| format!("{}, turn {turn}", contender.name()))?;
            say(&format!(
                "{}, turn {turn}: {}",
                contender.name(),
                words(&measured)
            ));
            all.push(measured);
        }
    }
    print(&render(&all));
    ensure!(
        all.iter().all(|one| one.report.is_complete()),
        "records were lost, wrong or doubled"
    );
    Ok(())
}

impl Ground<'_> {
    fn measure(&self, contender: Contender, name: &str) -> Result<Measured> {
        let faults: &[&str] = if contender == Contender::Floor { &[] } else { &LOST };
        let emulated = Emulated::start(self, name, faults)?;
        let job = Job::new(name, self.sandbox.path(&format!("out-{name}")));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let client = client(&emulated.authority)?;
        let deployment = runtime.block_on(deploy(&client, self.jar, &job))?;
        pause(Duration::from_secs(6));
        match contender {
            Contender::Upshift => self.upshift(&emulated.authority, name)?,
            Contender::Floor => self.by_sdk("floor", &emulated.authority, name)?,
            Contender::Script => self.by_sdk("script", &emulated.authority, name)?,
        }
        let doubled = match contender {
            Contender::Floor => 0,
            _ => runtime.block_on(doubled(&client, &deployment, &format!("{name}-upg")))?,
        };
        pause(Duration::from_secs(2));
        let rest = self.cluster.rest();
        let running = rest.running(name)?;
        let [id] = running.as_slice() else {
            bail!("one job of {name}, and not {running:?}");
        };
        let to = format!("file://{}", self.sandbox.path(&format!("end-{name}")).display());
        rest.stop_with_savepoint(id, &to, Format::Canonical)?;
        rest.wait_for_status(id, "FINISHED")?;
        Ok(Measured {
            contender,
            report: check_output(&job.out, Writing::No)?,
            doubled,
            load: load_average()?,
        })
    }

    fn by_sdk(&self, mode: &str, authority: &str, name: &str) -> Result<()> {
        let mut command = self.sdk.contenders()?;
        command.args([mode, authority, "ns1", "ws1", name, NEW]);
        let ended = command.output().context("running Python")?;
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        ensure!(ended.status.success(), "{mode}: {said}");
        if !said.is_empty() {
            say(said.trim_end());
        }
        Ok(())
    }

    fn upshift(&self, authority: &str, name: &str) -> Result<()> {
        let file = self.sandbox.path(&format!("{name}.toml"));
        let text = format!(
            "kind = \"realtime-compute\"\nname = \"{name}\"\nendpoint = \"http://{authority}\"\nworkspace = \"ws1\"\n\
             namespace = \"ns1\"\ntarget = \"{NEW}\"\nsoak = \"1s\"\n[select]\nnames = [\"{name}\"]\n"
        );
        File::create(&file)?.write_all(text.as_bytes())?;
        let plan = self.sandbox.path(&format!("{name}.plan"));
        let (file, plan) = (file.display().to_string(), plan.display().to_string());
        self.command(&["plan", &file, "-o", &plan], &[0])?;
        // 6: it waits for somebody to accept.
        self.command(&["apply", &plan], &[6])
    }

    fn command(&self, words: &[&str], codes: &[i32]) -> Result<()> {
        let mut command = Command::new(self.program);
        command
            .arg("--state-dir")
            .arg(self.sandbox.path("state"))
            .args(words)
            .current_dir(self.sandbox.dir())
            .env("HOME", self.sandbox.dir())
            .env("ALIBABA_CLOUD_ACCESS_KEY_ID", "testAK")
            .env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "testSK");
        let ended = command.output().context("running upshift")?;
        let said = [ended.stdout, ended.stderr].concat();
        let code = ended.status.code().unwrap_or(-1);
        ensure!(
            codes.contains(&code),
            "{words:?} ended with {code}: {}",
            String::from_utf8_lossy(&said)
        );
        Ok(())
    }
}

/// The emulator as a person starts it; it ends with this.
struct Emulated {
    child: Child,
    authority: String,
}

impl Emulated {
    fn start(ground: &Ground<'_>, name: &str, faults: &[&str]) -> Result<Self> {
        let rest = format!("127.0.0.1:{}", ground.cluster.ports().rest);
        let points = format!(
            "file://{}",
            ground.sandbox.path(&format!("points-{name}")).display()
        );
        let mut command = Command::new(ground.program);
        command
            .args([
                "emulate",
                "--json",
                "--workspace",
                "ws1",
                "--namespace",
                "ns1",
                "--cpu",
                "60",
            ])
            .args([
                "--engine",
                &format!("{OLD}={rest}"),
                "--engine",
                &format!("{NEW}={rest}"),
            ])
            .args(["--savepoints", &points]);
        if !ground.delays.is_empty() {
            let delays = ground.delays.iter().map(u32::to_string);
            command.arg("--delays").args(delays);
        }
        for fault in faults {
            command.args(["--fault", fault]);
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("the emulator")?;
        let mut told = child.stdout.take().context("what it says")?;
        let mut text = Vec::new();
        let said: Value = loop {
            let mut byte = [0];
            told.read_exact(&mut byte).context("where it answers")?;
            text.extend(byte);
            if let Ok(said) = serde_json::from_slice(&text) {
                break said;
            }
        };
        let endpoint = said["endpoint"].as_str().context("an address")?;
        let authority = endpoint.trim_start_matches("http://").to_owned();
        Ok(Self { child, authority })
    }
}

impl Drop for Emulated {
    fn drop(&mut self) {
        // It is ours, and nothing else ends it.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn client(authority: &str) -> Result<RealtimeCompute> {
    let secrets = Secrets::by(|reference| match reference {
        SecretRef::Env(name) => Ok(format!("test{name}")),
        other => Err(upshift_drivers::wire::NoSecret {
            reference: other.clone(),
            why: "there is none".to_owned(),
            absent: true,
        }),
    });
    let service = Service {
        endpoint: Endpoint::plain(format!("http://{authority}")),
        workspace: "ws1".to_owned(),
        namespace: "ns1".to_owned(),
        credentials: Credentials::References {
            access_key_id: SecretRef::Env("AK".to_owned()),
            access_key_secret: SecretRef::Env("SK".to_owned()),
            security_token: None,
        },
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "a chore outside the engine signs by the clock"
    )]
    let clock = Clock::by(jiff::Timestamp::now);
    Ok(RealtimeCompute::new(&service, secrets, clock)?)
}

fn said(fault: Fault) -> anyhow::Error {
    anyhow::anyhow!("{fault}")
}

/// What is there, where the answer to its making was lost.
fn made<T>(answer: Result<T, Fault>) -> Result<()> {
    match answer {
        Ok(_) | Err(Fault::Ambiguous(_)) => Ok(()),
        Err(other) => Err(said(other)),
    }
}

/// Makes the original and starts it. Gives its id.
async fn deploy(client: &RealtimeCompute, jar: &Path, job: &Job) -> Result<String> {
    let jar = json!({ "jarUri": format!("file://{}", jar.display()), "entryClass": "", "mainArgs": job.args().join(" ") });
    let fields = json!({
        "name": job.name, "engineVersion": OLD, "executionMode": "STREAMING",
        "deploymentTarget": { "mode": "PER_JOB", "name": "default-queue" },
        "artifact": { "kind": "JAR", "jarArtifact": jar },
    });
    made(client.create_deployment(fields).await)?;
    let there = client.deployments_named(&job.name).await.map_err(said)?;
    let id = there
        .first()
        .map(Deployment::id)
        .context("the original")?
        .to_owned();
    let start = Start {
        deployment: id.clone(),
        from: From::Nothing { start_at: None },
        queue: None,
    };
    made(client.start_job(&start).await)?;
    let begun = Instant::now();
    let runs = |job: &Told| job.status.current_job_status == JobState::Running;
    while !client.jobs(&id).await.map_err(said)?.iter().any(runs) {
        ensure!(begun.elapsed() < LIMIT, "{} never ran", job.name);
        pause(Duration::from_millis(200));
    }
    Ok(id)
}

/// What is there beyond one copy, one savepoint that somebody asked for, and one job of the copy.
async fn doubled(client: &RealtimeCompute, original: &str, copy: &str) -> Result<usize> {
    let copies = client.deployments_named(copy).await.map_err(said)?;
    let asked_for = client.savepoints(original).await.map_err(said)?;
    let asked_for = asked_for
        .iter()
        .filter(|point| point.savepoint_origin == SavepointOrigin::UserRequest);
    let mut jobs = 0;
    for copy in &copies {
        jobs += client.jobs(copy.id()).await.map_err(said)?.len();
    }
    Ok([copies.len(), asked_for.count(), jobs]
        .iter()
        .map(|there| there.saturating_sub(1))
        .sum())
}

fn words(one: &Measured) -> String {
    let report = &one.report;
    format!(
        "pause {:.2} s, {} effects doubled, {} records written twice, load {:.1}",
        report.longest_gap.as_secs_f64(),
        one.doubled,
        report.duplicates,
        one.load
    )
}

fn render(all: &[Measured]) -> String {
    let mut lines =
        vec!["contender                         pause   effects doubled  records twice".to_owned()];
    let middle = |contender: Contender| {
        let of = all.iter().filter(|one| one.contender == contender);
        let mut gaps: Vec<f64> = of.map(|one| one.report.longest_gap.as_secs_f64()).collect();
        gaps.sort_by(f64::total_cmp);
        gaps.get(gaps.len() / 2).copied().unwrap_or(f64::NAN)
    };
    for contender in Contender::ALL {
        let of = || all.iter().filter(|one| one.contender == contender);
        let twice: u64 = of().map(|one| one.report.duplicates).sum();
        let doubled: usize = of().map(|one| one.doubled).sum();
        let name = contender.name();
        lines.push(format!(
            "{name:<32} {:>5.2} s  {doubled:>15}  {twice:>13}",
            middle(contender)
        ));
    }
    let upshift = middle(Contender::Upshift);
    let (floor, script) = (
        upshift / middle(Contender::Floor),
        upshift / middle(Contender::Script),
    );
    let verdict = |holds: bool| if holds { "met" } else { "MISSED" };
    lines.push(format!(
        "upshift / service  {floor:.2}, aim {OF_FLOOR}: {}",
        verdict(floor <= OF_FLOOR)
    ));
    lines.push(format!(
        "upshift / script   {script:.2}, aim {OF_SCRIPT}: {}",
        verdict(script <= OF_SCRIPT)
    ));
    let doubled: usize = all
        .iter()
        .filter(|one| one.contender == Contender::Upshift)
        .map(|one| one.doubled)
        .sum();
    lines.push(format!(
        "upshift doubled    {doubled}, aim 0: {}",
        verdict(doubled == 0)
    ));
    lines.join("\n") + "\n"
}

#[expect(
    clippy::disallowed_methods,
    reason = "a chore outside the engine waits for real processes"
)]
fn pause(time: Duration) {
    thread::sleep(time);
}
