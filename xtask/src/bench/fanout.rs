//! Many hosts, a few commands each: upshift's hosts with a journal, `ansible-core`, and bare OpenSSH with one shared
//! connection for each host, turn by turn over the same real servers. Host keys are checked by all three.
//!
//! A measurement, not a test: a slow machine fails nothing, a command that did not run does.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use futures::StreamExt as _;
use upshift_drivers::wire::hosts::{Command, Hosts, Settings};
use upshift_engine::journal::Journal;
use upshift_lab::{Ansible, Cache, Fabric};
use upshift_model::host::{Host, Reach, Ssh};
use upshift_model::ids::{AttemptKey, StepId};
use upshift_model::record::{AttemptOutcome, Baseline, Intent, Record};

use super::journal;
use crate::workspace::{print, say};

/// Arguments of `bench fanout`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many hosts, each with a server of its own.
    #[arg(long, default_value_t = 50)]
    hosts: usize,
    /// How many commands on each, one after the other.
    #[arg(long, default_value_t = 5)]
    commands: usize,
    /// How often upshift and bare OpenSSH run.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How often Ansible runs.
    #[arg(long, default_value_t = 1)]
    ansible: usize,
    /// Where the journal is kept; a folder that is there.
    #[arg(long, default_value = "target")]
    on: PathBuf,
}

/// A login waits for its turn on busy processors.
const PATIENCE: Duration = Duration::from_secs(120);

/// See the module.
pub(super) fn run(args: &Args) -> Result<()> {
    let fabric = Fabric::start(args.hosts, |_| String::new())?;
    say(&format!("{} hosts answer", fabric.hosts().len()));
    let runtime = tokio::runtime::Runtime::new()?;
    let mut all: Vec<(&str, Vec<Duration>)> = CONTENDERS.iter().map(|name| (*name, Vec::new())).collect();
    let mut took = |which: usize, begun: Instant| {
        let time = begun.elapsed();
        say(&format!("{}: {time:.2?}", CONTENDERS[which]));
        all[which].1.push(time);
    };
    for round in 0..args.rounds {
        let dir = tempfile::Builder::new()
            .prefix("upshift-bench")
            .tempdir_in(&args.on);
        let dir = dir.with_context(|| format!("making a folder in {}", args.on.display()))?;
        let (journal, plan) = runtime.block_on(journal::claimed(dir.path()))?;
        let step = plan.plan.steps().next().context("a step")?.id.clone();
        let begun = Instant::now();
        runtime.block_on(upshift(&fabric, args, Arc::new(journal), &step))?;
        took(0, begun);
        let begun = Instant::now();
        runtime.block_on(bare(&fabric, args))?;
        took(1, begun);
        if round < args.ansible {
            let ansible = Ansible::fetch(&Cache::open()?)?;
            for (which, module) in [(2, "ansible.builtin.command"), (3, "ansible.builtin.raw")] {
                let begun = Instant::now();
                playbook(&ansible, &fabric, args, module)?;
                took(which, begun);
            }
        }
    }
    print(&render(args, all));
    Ok(())
}

const CONTENDERS: [&str; 4] = [
    "upshift, journal on",
    "bare OpenSSH, one connection a host",
    "ansible-core, command",
    "ansible-core, raw",
];

/// Each command with its intent before and its outcome after, as the engine does it.
async fn upshift(fabric: &Fabric, args: &Args, journal: Arc<Journal>, step: &StepId) -> Result<()> {
    let hosts = fabric.hosts().iter().map(|host| {
        Ok(Host {
            name: host.name.clone(),
            reach: Reach::Ssh(Ssh::new(&host.name)?.config(fabric.config())),
        })
    });
    let hosts: Vec<Host> = hosts.collect::<Result<_>>()?;
    let settings = Settings {
        login: PATIENCE,
        ..Settings::default()
    };
    let hosts = Hosts::new(hosts, settings)?;
    let command = Command::new("true", PATIENCE);
    let working = hosts.iter().map(|link| async {
        for _ in 0..args.commands {
            let intent = Intent {
                key: AttemptKey::derive(journal.run(), step, 1),
                attempt: 1,
                baseline: Baseline::default(),
                deadline: jiff::Timestamp::UNIX_EPOCH,
            };
            let step = step.clone();
            journal
                .write(Record::Intent {
                    step: step.clone(),
                    intent,
                })
                .await?;
            let output = link.run(&command).await?;
            ensure!(output.success(), "{}: {}", link.name(), output.complaint());
            let outcome = AttemptOutcome::Sent;
            journal
                .write(Record::Attempted {
                    step,
                    attempt: 1,
                    outcome,
                })
                .await?;
        }
        Ok(())
    });
    let done: Vec<Result<()>> = futures::stream::iter(working)
        .buffer_unordered(args.hosts)
        .collect()
        .await;
    done.into_iter().collect::<Result<()>>()?;
    hosts.close().await.context("ending the connections")
}

/// What a person would write by hand: log in once, then one `ssh` for each command.
const BARE: &str = r#"
ssh -F "$1" -S "$3" -M -f -N -o BatchMode=yes -o StrictHostKeyChecking=yes "$2" || exit 1
i=0
while [ "$i" -lt "$4" ]; do
  ssh -F "$1" -S "$3" -o BatchMode=yes "$2" true || exit 1
  i=$((i + 1))
done
exec ssh -F "$1" -S "$3" -O exit "$2"
"#;

async fn bare(fabric: &Fabric, args: &Args) -> Result<()> {
    let sockets = sockets(fabric)?;
    let config = fabric.config();
    let working = fabric.hosts().iter().map(|host| {
        let (sockets, config) = (&sockets, &config);
        async move {
            let output = tokio::process::Command::new("sh")
                .args(["-c", BARE, "bare"])
                .arg(config)
                .arg(&host.name)
                .arg(sockets.join(&host.name))
                .arg(args.commands.to_string())
                .stdin(Stdio::null())
                .output()
                .await?;
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            ensure!(output.status.success(), "{}: {said}", host.name);
            Ok(())
        }
    });
    let done: Vec<Result<()>> = futures::stream::iter(working)
        .buffer_unordered(args.hosts)
        .collect()
        .await;
    done.into_iter().collect()
}

/// A short path: a control socket's name may have 90 bytes.
fn sockets(fabric: &Fabric) -> Result<PathBuf> {
    let dir = fabric.dir().join("s");
    fs::create_dir_all(&dir).with_context(|| format!("making {}", dir.display()))?;
    Ok(dir)
}

/// The settings that make Ansible fast: pipelining, connections that stay, a fork for each host, no facts.
fn playbook(ansible: &Ansible, fabric: &Fabric, args: &Args, module: &str) -> Result<()> {
    let dir = fabric.dir().join("ansible");
    fs::create_dir_all(&dir)?;
    let sockets = sockets(fabric)?;
    let config = format!(
        "[defaults]\nforks = {}\nhost_key_checking = True\ngathering = explicit\ninterpreter_python = {}\n\
         home = {}\nnocows = True\n[ssh_connection]\npipelining = True\ncontrol_path_dir = {}\n\
         ssh_args = -F {} -o ControlMaster=auto -o ControlPersist=60s\n",
        args.hosts,
        ansible.interpreter()?,
        dir.display(),
        sockets.display(),
        fabric.config().display()
    );
    let mut tasks = String::new();
    for n in 1..=args.commands {
        writeln!(tasks, "    - name: task {n}\n      {module}: 'true'")
            .context("a string takes everything")?;
    }
    let book = format!("- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}");
    let inventory: String = fabric
        .hosts()
        .iter()
        .map(|host| format!("{}\n", host.name))
        .collect();
    for (name, text) in [
        ("ansible.cfg", &config),
        ("book.yml", &book),
        ("inventory", &inventory),
    ] {
        upshift_lab::sshd::program_file(&dir.join(name), text)?;
    }
    set_mode(&dir.join("inventory"))?;
    let output = ansible
        .playbook()?
        .arg("-i")
        .arg(dir.join("inventory"))
        .arg(dir.join("book.yml"))
        .env("ANSIBLE_CONFIG", dir.join("ansible.cfg"))
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()?;
    end_connections(&sockets)?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let fine = said.matches(&format!(": ok={}", args.commands)).count();
    if !output.status.success() || fine != args.hosts {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!(
            "ansible ran everything on {fine} of {} hosts:\n{said}\n{errors}",
            args.hosts
        );
    }
    Ok(())
}

/// An inventory that may be run would be taken for a program.
fn set_mode(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).map_err(Into::into)
}

/// Not part of what is measured: Ansible leaves its connections to their time.
fn end_connections(sockets: &Path) -> Result<()> {
    for socket in fs::read_dir(sockets)? {
        std::process::Command::new("ssh")
            .args(["-F", "none", "-O", "exit", "-S"])
            .arg(socket?.path())
            .arg("any")
            .stderr(Stdio::null())
            .status()?;
    }
    Ok(())
}

fn render(args: &Args, all: Vec<(&str, Vec<Duration>)>) -> String {
    let mut text = format!("{} hosts, {} commands each\n", args.hosts, args.commands);
    let medians: Vec<Option<f64>> = all.iter().map(|(_, times)| median(times)).collect();
    let ours = medians[0];
    for ((name, times), median) in all.iter().zip(&medians) {
        let (Some(median), Some(ours)) = (median, ours) else {
            continue;
        };
        let least = times.iter().min().map_or(0.0, Duration::as_secs_f64);
        let most = times.iter().max().map_or(0.0, Duration::as_secs_f64);
        let line = format!(
            "{name:<36}  {median:>7.2} s  ({least:.2} to {most:.2} of {})  {:>6.2} x upshift\n",
            times.len(),
            median / ours
        );
        text.push_str(&line);
    }
    text
}

fn median(times: &[Duration]) -> Option<f64> {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() / 2).map(Duration::as_secs_f64)
}
