//! Two masters that ask ZooKeeper who leads: what the one that leads tells, what the one that stands by does, and what is
//! told once the first was killed.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use upshift_lab::{AlluxioHome, AlluxioHost, Sandbox};

use super::Lab;
use super::cluster::pause;
use super::scene::{Answer, Answers, Scene, ask};
use crate::workspace::say;

const LIMIT: Duration = Duration::from_secs(180);

/// Brings two masters into every state.
pub(super) fn record(lab: &Lab, home: &AlluxioHome) -> Result<Vec<Scene>> {
    let sandbox = Sandbox::new(&lab.cache, "alluxio-told-two")?;
    let hosts = AlluxioHost::by_zookeeper(&lab.java, &lab.classes, sandbox.dir(), 2, home)?;
    let mut homes = Vec::new();
    for host in &hosts {
        homes.push(host.install(home)?);
    }
    hosts[0].script(&homes[0], "alluxio", &["formatMasters"])?;
    for (host, at) in hosts.iter().zip(&homes) {
        say("  alluxio-start.sh -N master");
        host.script(at, "alluxio-start.sh", &["-N", "master"])?;
    }
    let asked = |number: usize| ask(&hosts[number].rest(), sandbox.dir());
    let leads = |number: usize| matches!(asked(number).info, Answer::Said { status: 200, .. });
    until("one leads", || leads(0) || leads(1))?;
    let (first, second) = if leads(0) { (0, 1) } else { (1, 0) };
    let scene = |name, master: Answers| Scene {
        name,
        master,
        command: None,
        log: Vec::new(),
        journal: Vec::new(),
        runs: vec!["master"],
    };
    let mut scenes = vec![scene("leads", asked(first)), scene("stands-by", asked(second))];
    let pid = fs::read_to_string(homes[first].join("logs/master.pid")).context("its pid")?;
    let killed = std::process::Command::new("kill")
        .args(["-KILL", pid.trim()])
        .status()?;
    ensure!(killed.success(), "it could not be killed");
    scenes.push(scene("nobody-leads", asked(second)));
    until("the other one leads", || leads(second))?;
    scenes.push(scene("took-over", asked(second)));
    Ok(scenes)
}

fn until(what: &str, is: impl Fn() -> bool) -> Result<()> {
    let begun = Instant::now();
    while !is() {
        ensure!(begun.elapsed() < LIMIT, "not within {LIMIT:?}: {what}");
        pause(Duration::from_millis(500));
    }
    Ok(())
}
