//! Who upgrades: upshift, the shell runbook, and the floor, which is the server's own stop and restore by bare REST calls.
//!
//! Each is given a stage and does the whole upgrade; how long the job was down is read from its output afterwards.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use upshift_lab::rest::{Format, Submit};
use upshift_lab::{Cache, Cluster, Home, Options, Ports, Rest, Stage};

use super::case::{Case, Mode};
use crate::workspace::root;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Contender {
    /// `lab/runbook.sh`.
    Runbook,
    /// The program.
    Upshift,
    /// Bare REST calls; a shadow copy only.
    Floor,
}

impl Contender {
    /// Its name in the table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Runbook => "runbook",
            Self::Upshift => "upshift",
            Self::Floor => "floor",
        }
    }

    /// Upgrades; what was started besides and must live on is given back.
    pub(super) fn upgrade(
        self,
        cache: &Cache,
        case: Case,
        stage: &Stage,
        program: &Path,
    ) -> Result<Option<Cluster>> {
        match self {
            Self::Runbook => runbook(cache, case, stage).map(Some),
            Self::Floor => floor(cache, case, stage).map(Some),
            Self::Upshift => upshift(stage, program).map(|()| None),
        }
    }
}

fn runbook(cache: &Cache, case: Case, stage: &Stage) -> Result<Cluster> {
    let new = new_cluster(cache, case, stage)?;
    let (mode, format) = (
        match case.mode {
            Mode::Shadow => "shadow",
            Mode::InPlace => "in-place",
        },
        match case.format() {
            Format::Canonical => "canonical",
            Format::Native => "native",
        },
    );
    let mut script = Command::new(root().join("lab/runbook.sh"));
    script
        .arg(mode)
        .arg(stage.old().home().path())
        .arg(new.home().path());
    script.arg(stage.old().dir()).arg(new.dir());
    script.args([
        stage.old().rest().url(),
        new.rest().url(),
        stage.job_id().to_owned(),
        format.to_owned(),
    ]);
    script
        .arg(savepoints(stage))
        .arg(stage.jar())
        .args(stage.job().args());
    script.env("JAVA_HOME", stage.java().home()).stdin(Stdio::null());
    let output = script.output().context("running lab/runbook.sh")?;
    if !output.status.success() {
        bail!(
            "lab/runbook.sh: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(new)
}

fn floor(cache: &Cache, case: Case, stage: &Stage) -> Result<Cluster> {
    let new = new_cluster(cache, case, stage)?;
    let (old_rest, new_rest) = (stage.old().rest(), new.rest());
    let jar = new_rest.upload(stage.jar())?;
    let savepoint = old_rest.stop_with_savepoint(stage.job_id(), &savepoints(stage), case.format())?;
    let how = Submit {
        args: stage.job().args(),
        savepoint: Some(savepoint),
        ..Submit::default()
    };
    new_rest.submit(&jar, &how)?;
    Ok(new)
}

/// Beside the old one and running, or in its place and only prepared.
fn new_cluster(cache: &Cache, case: Case, stage: &Stage) -> Result<Cluster> {
    let home = Home::ready(cache, case.releases().1)?;
    let at = |ports: Ports| Options {
        ports: Some(ports),
        ..case.cluster()
    };
    let dir = stage.sandbox().path("beside");
    let started = match case.mode {
        Mode::Shadow => Cluster::start(&home, stage.java(), &dir, &at(stage.shadow_ports())),
        Mode::InPlace => Cluster::prepare(&home, stage.java(), &dir, &at(stage.old().ports())),
    };
    Ok(started?)
}

fn savepoints(stage: &Stage) -> String {
    format!("file://{}", stage.sandbox().path("savepoints").display())
}

fn upshift(stage: &Stage, program: &Path) -> Result<()> {
    let plan = stage.sandbox().path("upgrade.plan");
    let file = stage.system_file();
    expect(
        stage.upshift(program).arg("plan").arg(&file).arg("-o").arg(&plan),
        &[0],
    )?;
    // 6: every gate held, and a person is waited for.
    expect(stage.upshift(program).arg("apply").arg(&plan), &[0, 6])
}

fn expect(command: &mut Command, codes: &[i32]) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().context("running upshift")?;
    if output.status.code().is_some_and(|c| codes.contains(&c)) {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    bail!(
        "{command:?}: {}:\n{}",
        output.status,
        String::from_utf8_lossy(&said)
    );
}

/// Where the job answers after the upgrade.
pub(super) fn rest_after(case: Case, stage: &Stage) -> Rest {
    stage.new_rest(case.strategy())
}
