//! Hand-run check against real clusters; not part of the project.
#![allow(missing_docs, clippy::all, clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used, clippy::allow_attributes)]
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use upshift_drivers::flink::{Clock, FlinkDriver};
use upshift_drivers::wire::Secrets;
use upshift_engine::driver::{Driver, Fault, Standing};
use upshift_model::digest::Digest;
use upshift_model::endpoint::Endpoint;
use upshift_model::expect::{Expectation, FitCriteria};
use upshift_model::flink::*;
use upshift_model::ids::*;
use upshift_model::proof::Bindings;
use upshift_model::record::Intent;
use upshift_model::restore::RestorePointKind;
use upshift_model::span::Millis;
use upshift_model::step::*;
use upshift_model::gate::Gate;

fn c(s: &str) -> ComponentId { ComponentId::new(s) }

struct Hand { driver: FlinkDriver, bound: Bindings, run: RunId, n: u32 }

impl Hand {
    async fn go(&mut self, name: &str, effect: Effect, before: Vec<Expectation>, after: Vec<Expectation>) -> bool {
        self.n += 1;
        let step = Step { id: StepId::new(format!("{}", self.n)), effect, before, after, why: vec![], usual: None, give_up: Millis(120_000), tries: 1, downtime: Downtime::None, by_hand: vec![] };
        let t = Instant::now();
        let mut intent: Option<Intent> = None;
        let mut said = String::new();
        let mut pace = 20.0f64;
        let mut looks = 0;
        let mut tried = 0;
        loop {
            looks += 1;
            let l = Instant::now();
            let s = self.driver.standing(&step, &self.bound, intent.as_ref()).await;
            let took = l.elapsed();
            match s {
                Ok(Standing::Done(proof)) => {
                    println!("[{:6} ms] {name}: DONE after {looks} looks, {tried} tries (last look {took:?})", t.elapsed().as_millis());
                    for f in &proof.facts { println!("            - {f}"); }
                    self.bound.absorb(&proof);
                    return true;
                }
                Ok(Standing::Ready(baseline)) => {
                    tried += 1;
                    if tried < 4 { println!("[{:6} ms] {name}: ready ({took:?}) {:?}", t.elapsed().as_millis(), baseline.0.keys().take(3).collect::<Vec<_>>()); }
                    let key = AttemptKey::derive(&self.run, &step.id, 1);
                    let i = Intent { key, attempt: 1, baseline, deadline: jiff::Timestamp::now() };
                    let a = Instant::now();
                    let r = self.driver.attempt(&step, &self.bound, &i).await;
                    if tried < 4 { println!("[{:6} ms] {name}: attempt {:?} took {:?}", t.elapsed().as_millis(), r, a.elapsed()); }
                    intent = Some(i);
                    if let Err(Fault::Refused(_)) = r { println!("REFUSED {r:?}"); return false; }
                    pace = 20.0;
                }
                Ok(Standing::Underway(p)) | Ok(Standing::Waiting(p)) => {
                    if said != p.what { said = p.what.clone(); println!("[{:6} ms] {name}: {} {:?} (look {took:?})", t.elapsed().as_millis(), p.what, p.numbers); pace = 20.0; }
                    tokio::time::sleep(Duration::from_millis(pace as u64)).await;
                    pace = (pace * 1.15).min(250.0);
                }
                other => { println!("[{:6} ms] {name}: {other:?} (look {took:?})", t.elapsed().as_millis()); if matches!(other, Err(Fault::Transient(_))) && t.elapsed() < Duration::from_secs(60) { tokio::time::sleep(Duration::from_millis(200)).await; continue; } return false; }
            }
            if t.elapsed() > Duration::from_secs(100) { println!("{name}: GIVEN UP"); return false; }
        }
    }
}

fn inst(dir: &str, v: &str) -> Installation {
    Installation { home: PathBuf::from(format!("/work/lab/flink-{v}")), archive: None, conf: PathBuf::from(format!("{dir}/conf")), logs: Some(format!("{dir}/log").into()), pids: Some(format!("{dir}/pid").into()), java_home: None, task_managers: 1, run_as: RunAs::Local }
}

#[tokio::main]
async fn main() {
    let a: Vec<String> = std::env::args().collect();
    // acting_hand OLDV OLDDIR OLDPORT NEWV NEWDIR NEWPORT JAR mode
    let (ov, od, op, nv, nd, np, jar, mode) = (&a[1], &a[2], &a[3], &a[4], &a[5], &a[6], &a[7], &a[8]);
    let jar_sha = Digest::of_bytes(&std::fs::read(jar).unwrap());
    let args: Vec<String> = ["--out", "/tmp/acting/out", "--rate", "200", "--interval", "1000"].map(String::from).to_vec();
    let sub = |_: &str| Submission { jar: jar.into(), jar_sha256: jar_sha.clone(), entry_class: None, args: args.clone(), parallelism: Some(2), configuration: BTreeMap::new() };
    let job = c("job/lab");
    let site = Site {
        clusters: [(c("old"), Cluster { rest: Endpoint::plain(format!("http://127.0.0.1:{op}")), version: ov.parse().unwrap(), installation: Some(inst(od, ov)) }),
                   (c("new"), Cluster { rest: Endpoint::plain(format!("http://127.0.0.1:{np}")), version: nv.parse().unwrap(), installation: Some(inst(nd, nv)) })].into(),
        jobs: [(job.clone(), Job { name: "lab-base-all".into(), running_as: None, submissions: [(c("old"), sub("old")), (c("new"), sub("new"))].into(), sink: Sink::Append, uids: vec![], stateless: false })].into(),
        savepoints: "file:///tmp/acting/sp".into(),
        probes: BTreeMap::new(),
    };
    let driver = FlinkDriver::for_plan(SystemName::new("lab"), &site, Secrets::none(), Clock::by(jiff::Timestamp::now)).unwrap();
    let mut h = Hand { driver, bound: Bindings::default(), run: RunId::new(format!("run-{}", jiff::Timestamp::now())), n: 0 };
    let start = |cl: &str, v: &str| Effect::Start { what: StartWhat::Cluster { cluster: c(cl), release: v.parse().unwrap(), slots: 4 } };
    let stop = |cl: &str| Effect::Stop { what: StopWhat::Cluster { cluster: c(cl) } };
    let upload = |cl: &str| Effect::Transfer { what: Artifact::Jar { job: job.clone(), to: c(cl) }, into: BindingName::new(format!("jar/lab@{cl}")) };
    let run = |cl: &str, from: Option<&str>| Effect::Start { what: StartWhat::Job { job: job.clone(), on: c(cl), jar: BindingName::new(format!("jar/lab@{cl}")), from: from.map(Slot::new), may_drop_state: false, into: BindingName::new(format!("id/lab@{cl}")) } };
    let running = |cl: &str| Expectation::JobRunning { cluster: c(cl), job: job.clone() };
    let restored = |cl: &str| Expectation::RestoredFrom { cluster: c(cl), job: job.clone(), slot: Slot::new("S/lab") };
    let fits = |s: &str| Expectation::Fits { slot: Slot::new(s), criteria: FitCriteria { metadata_versions: Some((2, 6)), ..FitCriteria::default() } };
    let into = |cl: &str| Effect::Stop { what: StopWhat::JobInto { job: job.clone(), on: c(cl), form: RestorePointKind::SavepointCanonical, into: Slot::new("S/lab") } };
    let trial = |cl: &str| Effect::TakeRestorePoint { of: job.clone(), on: c(cl), form: RestorePointKind::SavepointNative, into: Slot::new("trial/lab") };
    let soak = |cl: &str| Effect::Hold { gate: Gate::Soak { watch: vec![running(cl), restored(cl), Expectation::CheckpointCompleted { cluster: c(cl), job: job.clone() }, Expectation::NoRestarts { cluster: c(cl), job: job.clone() }, Expectation::NoExceptions { cluster: c(cl), job: job.clone() }], hold_for: Millis(3000), every: Millis(250), fail_after: 3, blind_for: Millis(10000) } };
    let cancel = |cl: &str| Effect::Stop { what: StopWhat::JobCancel { job: job.clone(), on: c(cl), id: ForeignId::Bound(BindingName::new(format!("id/lab@{cl}"))) } };
    let stopped = |cl: &str| vec![Expectation::Stopped { component: c(cl) }];
    let alone = |cl: &str| vec![Expectation::NoOtherJobs { cluster: c(cl), named: Default::default() }];
    if mode == "startstop" {
        for _ in 0..3 {
            h.go("start new", start("new", nv), vec![], vec![]).await;
            h.go("stop new", stop("new"), alone("new"), stopped("new")).await;
        }
        return;
    }
    if mode == "die" {
        h.go("start new", start("new", nv), vec![], vec![]).await;
        h.go("stop new", stop("new"), alone("new"), stopped("new")).await;
        return;
    }
    let mut ok = h.go("start old", start("old", ov), vec![], vec![]).await;
    if mode == "shadow" { ok &= h.go("start new", start("new", nv), vec![Expectation::PortsFree { ports: vec![np.parse().unwrap()] }], vec![]).await; ok &= h.go("upload new", upload("new"), vec![], vec![]).await; }
    ok &= h.go("upload old", upload("old"), vec![], vec![]).await;
    ok &= h.go("run old", run("old", None), vec![], vec![running("old")]).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    if ok { ok &= h.go("trial", trial("old"), vec![running("old")], vec![fits("trial/lab")]).await; }
    println!("---- switch");
    let t = Instant::now();
    if ok { ok &= h.go("stop into", into("old"), vec![running("old")], vec![fits("S/lab")]).await; }
    if mode == "inplace" && ok {
        ok &= h.go("stop old", stop("old"), alone("old"), stopped("old")).await;
        ok &= h.go("start new", start("new", nv), vec![Expectation::PortsFree { ports: vec![np.parse().unwrap()] }], vec![]).await;
        ok &= h.go("upload new", upload("new"), vec![], vec![]).await;
    }
    if ok { ok &= h.go("run new", run("new", Some("S/lab")), vec![], vec![running("new"), restored("new")]).await; }
    println!("---- switch took {:?}", t.elapsed());
    if ok {
        let step = Step { id: StepId::new("soak"), effect: soak("new"), before: vec![], after: vec![], why: vec![], usual: None, give_up: Millis(1), tries: 1, downtime: Downtime::None, by_hand: vec![] };
        let mut last = String::new();
        for _ in 0..40 { let l = Instant::now(); let s = format!("{:?}", h.driver.standing(&step, &h.bound, None).await); if s != last { println!("soak {s} {:?}", l.elapsed()); last = s; } tokio::time::sleep(Duration::from_millis(250)).await; }
    }
    h.go("cancel new", cancel("new"), vec![], vec![]).await;
    h.go("cancel new again", cancel("new"), vec![], vec![]).await;
    h.go("release jar", Effect::Release { what: Releasable::UploadedJar { cluster: c("new"), jar: BindingName::new("jar/lab@new") } }, vec![], vec![]).await;
    h.go("stop new", stop("new"), alone("new"), stopped("new")).await;
    h.go("stop old", stop("old"), alone("old"), stopped("old")).await;
}
